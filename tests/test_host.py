"""Python functions as ops, as the real `as_op` makes them."""

import pickle

import numpy as np
import pytest

import tgraph as tg
import tgraph.tensor as tt
from tgraph.ops.host import as_op


@as_op([tt.dmatrix, tt.dmatrix], tt.dmatrix)
def product(a, b):
    return a * b


@as_op([tt.dvector], [tt.dvector, tt.dscalar], infer_shape=lambda node, shapes: [shapes[0], ()])
def twice_and_sum(a):
    return a * 2, np.asarray(a.sum())


def test_values_and_shapes():
    x, v = tt.dmatrix("x"), tt.dvector("v")
    assert tg.function([x], product(x, x))([[2.0]]) == [[4.0]]
    double, total = tg.function([v], twice_and_sum(v))([1, 2.0])
    assert double.tolist() == [2, 4]
    assert total == 3
    assert tg.function([v], twice_and_sum(v)[0].shape)([1, 2.0]).tolist() == [2]


def test_names_and_equality():
    assert str(product) == "FromFunctionOp{product}"
    assert product != twice_and_sum
    assert pickle.loads(pickle.dumps(product)) is product


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: as_op(3, tt.dmatrix), TypeError, "itypes has to be a list"),
        (lambda: as_op([tt.dmatrix], [3]), TypeError, "otypes has to be a list"),
        (lambda: as_op([tt.dmatrix], [tt.dvector], infer_shape=3), TypeError, "callable"),
        (lambda: product(tt.dmatrix()), ValueError, "expected 2 inputs but got 1"),
        (lambda: product(tt.fmatrix(), tt.dmatrix()), TypeError, "float32"),
    ],
)
def test_refusals(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_a_function_that_gives_too_much():
    wrong = as_op(tt.dvector, tt.dvector)(lambda a: (a, a))
    v = tt.dvector("v")
    f = tg.function([v], wrong(v))
    with pytest.raises(AssertionError, match="gave 2 outputs"):
        f([1.0])


def test_there_is_no_gradient():
    x = tt.dmatrix("x")
    with pytest.raises((AttributeError, NotImplementedError, TypeError)):
        tg.grad(product(x, x).sum(), x)
