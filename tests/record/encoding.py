"""How recorded values are written as JSON: shared by the recorders (Python 3.8) and the tests that read them.

An array is {"dtype": name, "shape": [...], "values": flat list}; complex numbers are [re, im]; an exception
is {"raises": class name, "message": first line}. NaN and Infinity are written as Python's json module writes
them, and floats with all their digits, so that reading gives back the same bits.
"""

import json

import numpy as np


def encode(value):
    """The JSON form of an array, number, string, None, exception, or of a list, tuple or dict of them."""
    if isinstance(value, BaseException):
        lines = str(value).splitlines()
        return {"raises": type(value).__name__, "message": lines[0][:200] if lines else ""}
    if isinstance(value, dict):
        return {str(k): encode(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(v) for v in value]
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float) and not isinstance(value, np.generic):
        return value
    array = np.asarray(value)
    flat = array.ravel()
    if array.dtype.kind == "c":
        values = [[v.real, v.imag] for v in flat.astype("complex128").tolist()]
    elif array.dtype.name == "float32":
        values = [float(str(v)) if np.isfinite(v) else float(v) for v in flat]
    else:
        values = flat.tolist()
    return {"dtype": array.dtype.name, "shape": list(array.shape), "values": values}


def is_array(record):
    return isinstance(record, dict) and set(record) == {"dtype", "shape", "values"}


def is_error(record):
    return isinstance(record, dict) and set(record) == {"raises", "message"}


def decode(record):
    """The numpy array of an encoded one."""
    values = record["values"]
    if record["dtype"].startswith("complex"):
        values = [complex(re, im) for re, im in values]
    return np.array(values, dtype=record["dtype"]).reshape(record["shape"])


def write(path, document, per_line=()):
    """Write `document`: one line for each entry of the dicts named in `per_line`, else one line a top key."""
    with open(path, "w") as out:
        out.write("{\n")
        for i, (key, value) in enumerate(document.items()):
            end = ",\n" if i + 1 < len(document) else "\n"
            if key in per_line:
                rows = [" %s: %s" % (json.dumps(k), json.dumps(v)) for k, v in value.items()]
                out.write("%s: {\n%s\n}%s" % (json.dumps(key), ",\n".join(rows), end))
            else:
                out.write("%s: %s%s" % (json.dumps(key), json.dumps(value), end))
        out.write("}\n")
