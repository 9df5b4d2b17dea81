"""Reductions: every expression of op_cases.py against what the real Theano gave."""

import numpy as np
import op_replay as replay
import pytest

import tgraph.tensor as T
from tgraph.function import function
from tgraph.ops import reduce
from tgraph.ops.rows import rows
from tgraph.types import TensorType

test_value, test_gradient, test_refused_when_built, test_refused_when_run = replay.suite("reduce")


def test_empty_reductions_by_any_scalar_op():
    x = TensorType("int8", (False, False))("x")
    for name, expected in (("or_", 0), ("and_", -1), ("xor", 0), ("add", 0), ("mul", 1)):
        f = function([x], reduce.CAReduce(rows[name], 1)(x))
        np.testing.assert_array_equal(f(np.zeros((2, 0), "int8")), np.full(2, expected, "int8"))
    with pytest.raises(ValueError, match="zero-size"):
        function([x], reduce.CAReduce(rows["maximum"], 1)(x))(np.zeros((2, 0), "int8"))


def test_axes_may_be_arrays_and_constants():
    x = TensorType("float64", (False,) * 3)("x")
    value = np.arange(24.0).reshape(2, 3, 4)
    for axis in ([np.array(0), np.array(1)], (np.int64(0), 1), np.array([0, 1]), T.constant([0, 1])):
        for f in (T.max, T.min, T.argmax):
            expected = f(x, axis=(0, 1)).eval({x: value})
            np.testing.assert_array_equal(f(x, axis=axis).eval({x: value}), expected)
    np.testing.assert_array_equal(T.sum(x, axis=[np.array(0), 1]).eval({x: value}), value.sum((0, 1)))
    with pytest.raises(TypeError, match="constant axis"):
        T.max(x, axis=TensorType("int64", ())())


def test_float32_is_summed_in_float64():
    x = TensorType("float32", (False,))("x")
    f = function([x], x.sum())
    assert f(np.array([2**24, 1, 1, 1, 1], "float32")) == 16777220
    assert f(np.full(10**6, 0.1, "float32")) == np.float32(100000.0)
