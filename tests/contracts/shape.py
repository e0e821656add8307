"""Shapes of JSON values, written as they look: {"total": int, "hits": [{"id": UUID}]}."""
import re


class Text:
    """A string that matches a pattern as a whole."""

    def __init__(self, pattern):
        self.pattern = pattern

    def fault(self, value, place):
        if isinstance(value, str) and re.fullmatch(self.pattern, value, re.S):
            return None
        return f"{place}: {value!r} does not match {self.pattern}"


class OneOf:
    """A value that fits one of several shapes."""

    def __init__(self, *shapes):
        self.shapes = shapes

    def fault(self, value, place):
        faults = [fault_of(value, shape, place) for shape in self.shapes]
        return None if None in faults else "; or ".join(faults)


class ByName:
    """An object whose keys are data: every value has the shape."""

    def __init__(self, shape):
        self.shape = shape

    def fault(self, value, place):
        if not isinstance(value, dict):
            return f"{place}: {value!r} is no object"
        faults = (fault_of(one, self.shape, f"{place}.{name}") for name, one in value.items())
        return next(filter(None, faults), None)


UUID = Text(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
SHA256 = Text(r"[0-9a-f]{64}")
INSTANT = Text(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def fault_of(value, shape, place="answer"):
    """Where `value` differs from `shape`, in words; None when it fits. Further keys are allowed."""
    if hasattr(shape, "fault"):
        return shape.fault(value, place)
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return f"{place}: {value!r} is no object"
        for name, part in shape.items():
            if name not in value:
                return f"{place}.{name} is missing"
            if fault := fault_of(value[name], part, f"{place}.{name}"):
                return fault
        return None
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"{place}: {value!r} is no list"
        faults = (fault_of(one, shape[0], f"{place}[{i}]") for i, one in enumerate(value))
        return next(filter(None, faults), None)
    if isinstance(shape, type):
        # In JSON, true is no number; 1 is one where a fraction may stand.
        fits = (isinstance(value, (int, float)) and not isinstance(value, bool) if shape is float
                else type(value) is shape)
        return None if fits else f"{place}: {value!r} is not {shape.__name__}"
    return None if value == shape else f"{place}: {value!r} is not {shape!r}"
