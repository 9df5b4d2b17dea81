"""Sums of float32 in float64, block by block, and the sums of squares that variances are made of."""

import numpy as np
import pytest

import tgraph.tensor as T
from tgraph.function import function
from tgraph.grad import grad
from tgraph.modes import Mode
from tgraph.ops.fused import SumOfSquares
from tgraph.types import TensorType

LINKERS = pytest.mark.parametrize("linker", ["py", "cvm"])
SHAPES = [
    ((7,), 0), ((200_003,), 0), ((300, 700), 0), ((300, 700), 1), ((300, 700), None), ((2, 150_001), 0),
    ((2, 150_001), 1), ((140_000, 2), 0), ((140_000, 2), 1), ((3, 90_000, 2), 1), ((20, 30, 15, 17), (0, 2, 3)),
    ((20, 30, 15, 17), (1, 3)), ((20, 30, 15, 17), (1, 2)), ((20, 30, 15, 17), (0, 1)), ((20, 30, 15, 17), 3),
    ((0, 5), 0), ((5, 0), 0), ((400, 1, 500), 1), ((1, 400, 500), (0, 2)),
]  # fmt: skip


def values(shape, dtype="float32"):
    return (np.random.default_rng(3).normal(size=shape) * 100 + 30).astype(dtype)


def variable(shape, dtype="float32"):
    return TensorType(dtype, (False,) * len(shape))("x")


@LINKERS
@pytest.mark.parametrize(("shape", "axis"), SHAPES)
def test_sums(shape, axis, linker):
    x, data = variable(shape), values(shape)
    f = function([x], [T.sum(x, axis=axis), T.sum(x.T, axis=axis if len(shape) == 2 else None)], mode=Mode(linker))
    for array, wanted in zip(f(data), (data, data.T), strict=True):
        exact = wanted.sum(axis=axis if len(shape) == 2 or wanted is data else None, dtype="float64")
        assert array.dtype == "float32"
        assert array.shape == exact.shape
        np.testing.assert_allclose(array, exact.astype("float32"), rtol=1e-6)
    every_other = data[::2]
    exact = every_other.sum(axis=axis, dtype="float64")
    np.testing.assert_allclose(f(every_other)[0], exact.astype("float32"), rtol=1e-6)


@LINKERS
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("shape", "axis"), [(s, a) for s, a in SHAPES if 0 not in s])
def test_variances(shape, axis, dtype, linker):
    x, data = variable(shape, dtype), values(shape, dtype)
    outs = [T.var(x, axis=axis), T.sum(x**2, axis=axis), T.std(x, axis=axis, keepdims=True)]
    f = function([x], outs, mode=Mode(linker))
    assert sum(isinstance(node.op, SumOfSquares) for node in f.maker.fgraph.toposort()) == 2
    exact = data.astype("float64")
    wanted = [exact.var(axis=axis), (exact**2).sum(axis=axis), exact.std(axis=axis, keepdims=True)]
    for array, w in zip(f(data), wanted, strict=True):
        assert array.dtype == dtype
        assert array.shape == w.shape
        np.testing.assert_allclose(array, w, rtol=2e-5 if dtype == "float32" else 1e-12, atol=1e-5)


@LINKERS
def test_sizes_of_the_centre_are_checked(linker):
    x, m = T.fmatrix("x"), T.fvector("m")
    f = function([x, m], ((x - m.dimshuffle(0, "x")) ** 2).sum(axis=1), mode=Mode(linker))
    assert any(isinstance(node.op, SumOfSquares) for node in f.maker.fgraph.toposort())
    a, b = values((4, 3)), values((4,))
    np.testing.assert_allclose(f(a, b), ((a - b[:, None]) ** 2).sum(axis=1), rtol=1e-5)
    with pytest.raises(ValueError, match=r"mismatch|mis-match"):
        f(a, b[:1])


def test_what_else_is_used_is_not_fused():
    x = T.fmatrix("x")
    d = x - x.mean(axis=1, keepdims=True)
    f = function([x], [(d**2).sum(), d])
    assert [len(n.inputs) for n in f.maker.fgraph.toposort() if isinstance(n.op, SumOfSquares)] == [1]
    f = function([x], [(d**2).sum(), d**2])
    assert not any(isinstance(n.op, SumOfSquares) for n in f.maker.fgraph.toposort())


@LINKERS
def test_gradients_of_a_large_variance(linker):
    x, data = T.fmatrix("x"), values((500, 400))
    f = function([x], grad(T.var(x, axis=0).sum(), x), mode=Mode(linker))
    exact = data.astype("float64")
    np.testing.assert_allclose(f(data), 2 * (exact - exact.mean(0)) / 500, rtol=1e-4, atol=1e-4)


@LINKERS
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
@pytest.mark.parametrize("axis", [0, 1, 2, (0, 2), None])
def test_places_are_those_of_the_first(axis, dtype, linker):
    data = np.random.default_rng(1).integers(0, 3, (40, 50, 60)).astype(dtype)
    if dtype != "int64":
        data[3, 4, 5] = data[3, 5, 4] = data[4, 4, 4] = np.nan
    x = variable(data.shape, dtype)
    f = function(
        [x], [T.argmax(x, axis=axis), T.argmin(x, axis=axis), *T.max_and_argmax(x, axis=axis)], mode=Mode(linker)
    )
    axes = (0, 1, 2) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    kept = [i for i in range(3) if i not in axes]
    flat = data.transpose(kept + list(axes)).reshape([data.shape[i] for i in kept] + [-1])
    top, bottom, values_, places = f(data)
    np.testing.assert_array_equal(top, flat.argmax(-1))
    np.testing.assert_array_equal(bottom, flat.argmin(-1))
    np.testing.assert_array_equal(places, flat.argmax(-1))
    np.testing.assert_array_equal(values_, flat.max(-1))
