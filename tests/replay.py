"""Replaying what was recorded from Theano: the legacy modules, and comparing a value with its record."""

import importlib
import json
import sys
from pathlib import Path

import numpy as np

import tgraph.compat

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "record"))
encoding = importlib.import_module("encoding")

RTOL = {"float16": 2e-3, "float32": 1e-5, "float64": 1e-10, "complex64": 1e-5, "complex128": 1e-10}


def legacy():
    """The modules (theano, theano.tensor), as an old script gets them."""
    tgraph.compat.install()
    return importlib.import_module("theano"), importlib.import_module("theano.tensor")


def load(name):
    """The recorded document tests/data/<name>."""
    return json.loads((HERE / "data" / name).read_text())


def check(actual, record, where="", exact=False, rtol=None, atol=0.0):
    """Assert that `actual` is what was recorded: dtype, shape and class exactly, floats within rounding."""
    if encoding.is_error(record):
        assert isinstance(actual, BaseException), f"{where}: no {record['raises']}, but {actual!r}"
        names = [c.__name__ for c in type(actual).__mro__]
        assert record["raises"] in names, f"{where}: {actual!r} instead of {record}"
    elif encoding.is_array(record):
        check_array(actual, record, where, exact, rtol, atol)
    elif isinstance(record, dict):
        assert isinstance(actual, dict), f"{where}: {actual!r} is not a dict"
        assert sorted(map(str, actual)) == sorted(record), where
        for key, value in actual.items():
            check(value, record[str(key)], f"{where}.{key}", exact, rtol, atol)
    elif isinstance(record, list):
        assert isinstance(actual, (list, tuple)), f"{where}: {actual!r} is not a list"
        assert len(actual) == len(record), f"{where}: {len(actual)} values, {len(record)} recorded"
        for i, (value, wanted) in enumerate(zip(actual, record, strict=True)):
            check(value, wanted, f"{where}[{i}]", exact, rtol, atol)
    elif isinstance(record, float) and not isinstance(actual, bool):
        np.testing.assert_allclose(actual, record, rtol=1e-10, err_msg=where)
    else:
        same = type(actual) is type(record) and actual == record
        assert same, f"{where}: {actual!r}, recorded {record!r}"


def check_array(actual, record, where, exact, rtol, atol):
    assert isinstance(actual, (np.ndarray, np.generic)), f"{where}: {type(actual)} {actual!r}"
    wanted = encoding.decode(record)
    assert actual.dtype == wanted.dtype, f"{where}: {actual.dtype}, recorded {wanted.dtype}"
    assert actual.shape == wanted.shape, f"{where}: shape {actual.shape}, recorded {wanted.shape}"
    if exact or wanted.dtype.kind in "iub":
        np.testing.assert_array_equal(actual, wanted, err_msg=where)
    else:
        rtol = RTOL[wanted.dtype.name] if rtol is None else rtol
        np.testing.assert_allclose(actual, wanted, rtol=rtol, atol=atol, err_msg=where)
