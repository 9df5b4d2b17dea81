"""Elementwise calls write over temporaries, and over nothing else."""

import numpy as np
import pytest

import tgraph.tensor as T
from tgraph.function import function
from tgraph.modes import Mode
from tgraph.shared import shared


def calls(f):
    return [(n.op, str(n.target)) for n in f.program.graph.nodes if n.op.startswith("call")]


def written(f):
    return [name for op, name in calls(f) if op == "call_method" and name.endswith("_")]


@pytest.mark.parametrize("linker", ["py", "cvm"])
def test_temporaries_are_reused_and_the_value_is_the_same(linker):
    x = T.dvector("x")
    f = function([x], T.exp(T.tanh(x * 2) + 1) * 3, mode="FAST_RUN")
    assert written(f) == ["tanh_", "add_", "exp_", "mul_"]
    data = np.linspace(-1, 1, 7)
    kept = data.copy()
    np.testing.assert_allclose(f(data), np.exp(np.tanh(data * 2) + 1) * 3, rtol=1e-14)
    np.testing.assert_array_equal(data, kept)


def test_arguments_shared_values_and_constants_are_never_written():
    x, s = T.dvector("x"), shared(np.ones(3), name="s")
    c = T.constant(np.arange(3.0))
    f = function([x], [T.exp(x), T.tanh(s), T.sqrt(c)], updates=[(s, s * 2)])
    assert written(f) == []
    data = np.ones(3)
    for _ in range(2):
        f(data)
    assert data.tolist() == [1, 1, 1]
    assert s.get_value().tolist() == [4, 4, 4]
    assert f(data)[2].tolist() == np.sqrt(np.arange(3.0)).tolist()


def test_a_value_with_two_uses_stays():
    x = T.dvector("x")
    y = x * 2
    f = function([x], [T.exp(y) + y, y])
    data = np.array([0.5, 1.0])
    total, twice = f(data)
    np.testing.assert_allclose(total, np.exp(2 * data) + 2 * data, rtol=1e-14)
    np.testing.assert_array_equal(twice, 2 * data)


def test_a_broadcast_operand_is_not_written():
    x, v = T.dmatrix("x"), T.dvector("v")
    f = function([x, v], (v * 2).dimshuffle("x", 0) + x)
    np.testing.assert_array_equal(f(np.ones((2, 3)), np.ones(3)), np.full((2, 3), 3.0))


def test_another_dtype_is_not_written():
    x, y = T.fvector("x"), T.dvector("y")
    f = function([x, y], (x * np.float32(2)) + y)
    assert f(np.ones(2, "float32"), np.ones(2)).dtype == "float64"


def test_sizes_that_are_not_proved_are_checked_before_anything_is_written():
    x, y = T.dvector("x"), T.dvector("y")
    f = function([x, y], (x * 2) + y)
    with pytest.raises(ValueError, match="Input dimension mis-match"):
        f(np.ones(3), np.ones(1))
    assert f(np.ones(3), np.ones(3)).tolist() == [3, 3, 3]


def test_an_operand_that_is_used_twice_by_one_call():
    x = T.dvector("x")
    y = x + 1
    np.testing.assert_array_equal(function([x], y * y)(np.array([1.0, 2.0])), [4.0, 9.0])
    np.testing.assert_array_equal(function([x], y - y.T)(np.array([1.0, 2.0])), [0.0, 0.0])


@pytest.mark.parametrize("linker", ["py", "cvm"])
def test_comparisons_give_numbers_where_only_those_are_used(linker):
    x, y = T.fmatrix("x"), T.fvector("y")
    h = T.maximum(x, y)
    outs = [
        T.grad((h**2).sum(), x),
        T.gt(x, y).astype("float32"),
        T.le(x, 0.5) * x,
        T.lt(x, y).astype("float64"),
        T.eq(x, y) * x + T.switch(T.eq(x, y), 1, y),
        T.neq(y, y) * y,
        T.ge(y[0], y[1]).astype("float32"),
    ]
    f = function([x, y], outs, mode=Mode(linker))
    a = np.array([[1, np.nan, -0.0], [np.inf, 0.5, 3]], "float32")
    b = np.array([1, np.nan, 0.0], "float32")
    top = np.maximum(a, b)
    with np.errstate(invalid="ignore"):
        wanted = [
            2 * top * (top == a),
            (a > b).astype("float32"),
            (a <= 0.5) * a,
            (a < b).astype("float64"),
            (a == b) * a + np.where(a == b, np.float32(1), b),
            (b != b) * b,
            np.float32(b[0] >= b[1]),
        ]
    for found, w in zip(f(a, b), wanted, strict=True):
        assert found.dtype == w.dtype
        np.testing.assert_array_equal(found, w)
    masks = [n for n in f.program.graph.nodes if "out" in n.kwargs]
    assert len(masks) == 4
