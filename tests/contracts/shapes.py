"""The shapes that clients rely on: each as the design fixes it."""
from shape import INSTANT, OneOf, SHA256, Text, UUID, ByName

NULL_OR_TEXT = OneOf(None, str)

HIT = {"id": UUID, "title": str, "snippet": str, "page": OneOf(None, int), "score": float,
       "url": Text("/m/.*"), "thumbnail_url": NULL_OR_TEXT}

SEARCH = {"total": int, "total_is_exact": bool, "took_ms": float, "hits": [HIT],
          "facets": ByName([{"value": str, "label": str, "count": int}]),
          "did_you_mean": NULL_OR_TEXT, "notice": NULL_OR_TEXT}

FILE = {"name": str, "role": str, "sha256": OneOf(None, SHA256), "size_bytes": int,
        "media_type": Text(".+/.+"), "url": Text("/api/v1/materials/.*")}

MATERIAL = {"id": UUID, "revision": int, "title": str, "description": str, "date": str, "kind": str,
            "language": str, "unit": {"id": UUID, "name": str}, "issuer": str,
            "visibility": Text("public|press|union|branch|unit|private"),
            "state": Text("draft|submitted|approved|published|withdrawn|deleted"),
            "embargo_until": OneOf(None, INSTANT), "page_count": int, "files": [FILE]}

PAGE_TEXT = {"text": str, "raw_text": str, "width": int, "height": int, "trust": int,
             "words": [{"text": str, "x": int, "y": int, "w": int, "h": int, "confidence": int}]}

INGEST = {"batch": UUID, "accepted": int, "duplicates": int, "failed": int, "bytes": int,
          "materials": [{"id": OneOf(None, UUID), "path": Text("/.*"), "sha256": OneOf(None, SHA256),
                         "state": str, "error": NULL_OR_TEXT}]}

RECEIPT = {"id": UUID, "items": [{"path": str, "sha256": OneOf(None, SHA256), "pages": int,
                                  "id": OneOf(None, UUID), "state": str, "reason": str}]}

VERIFY = {"checked": int, "bytes": int,
          "corrupt": [{"kind": Text("blob|record|derivative|index|catalogue|accounts|audit"), "id": str,
                       "path": str, "expected": NULL_OR_TEXT, "found": NULL_OR_TEXT}],
          "missing": list, "mended": list}

PROBLEM = {"type": str, "title": str, "status": int}

SUGGEST = [{"title": str, "url": Text("/m/.*")}]
SESSION = {"csrf_token": Text(".{16,}")}
UNITS = {"units": [{"id": UUID, "code": str, "name": str}]}
ANY = {}
