"""Makes the demo archive: invented sample material of the kinds that a trade union really keeps."""
