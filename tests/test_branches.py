"""ifelse: the values, gradients and types of the side that is taken, and nothing computed for the other. What Theano
gave, and what it computed, is in programs/branches.py."""

import pickle

import numpy as np
import pytest
import torch

import tgraph.tensor as T
from tgraph.function import function
from tgraph.grad import grad
from tgraph.loops import scan
from tgraph.ops.branch import ifelse
from tgraph.ops.host import as_op
from tgraph.shared import shared

MODES = ["FAST_COMPILE", "FAST_RUN"]
each_mode = pytest.mark.parametrize("mode", MODES)
CALLS = []


@as_op(itypes=[T.dvector, T.lscalar], otypes=[T.dvector])
def counted(x, which):
    """2 x, and a note of ``which``."""
    CALLS.append(int(which))
    return 2 * x


@each_mode
def test_values_and_gradients_are_those_of_the_side_taken(mode):
    a, b, c = T.dvector("a"), T.dvector("b"), T.lscalar("c")
    y = ifelse(c, (a**2).sum(), (b**3).sum())
    f = function([c, a, b], [y, *grad(y, [a, b])], mode=mode)
    for got, wanted in ((f(1, [1, 2], [3, 4]), [5, [2, 4], [0, 0]]), (f(0, [1, 2], [3, 4]), [91, [0, 0], [27, 48]])):
        for x, z in zip(got, wanted, strict=True):
            np.testing.assert_allclose(x, z)


@each_mode
def test_the_other_side_is_not_computed(mode):
    a, c = T.dvector("a"), T.lscalar("c")
    one, two = T.constant(1, dtype="int64"), T.constant(2, dtype="int64")
    f = function([c, a], ifelse(c, counted(a, one), counted(a + 1, two)), mode=mode)
    CALLS.clear()
    np.testing.assert_array_equal(f(1, [1.0, 2.0]), [2, 4])
    assert CALLS == [1]
    np.testing.assert_array_equal(f(0, [1.0, 2.0]), [4, 6])
    assert CALLS == [1, 2]


@each_mode
def test_several_outputs_and_branches_in_branches(mode):
    a, c, d = T.dscalar("a"), T.lscalar("c"), T.lscalar("d")
    u, v = ifelse(c, [a + 1, a * 2], [a - 1, ifelse(d, a * 10, a * 100)])
    f = function([c, d, a], [u, v], mode=mode)
    assert [float(x) for x in f(1, 0, 3)] == [4, 6]
    assert [float(x) for x in f(0, 1, 3)] == [2, 30]
    assert [float(x) for x in f(0, 0, 3)] == [2, 300]


@each_mode
def test_within_a_loop_and_as_an_update(mode):
    x, total = T.dvector("x"), shared(0.0)
    y, _ = scan(lambda r, s: ifelse(T.gt(r, 0), s + r, s), [x], [T.constant(0.0, dtype="float64")])
    f = function([x], y, updates=[(total, ifelse(T.gt(y[-1], 3), total + 1, total))], mode=mode)
    np.testing.assert_array_equal(f([1, -5, 2, 3]), [1, 1, 3, 6])
    np.testing.assert_array_equal(f([1, -5]), [1, 1])
    assert total.get_value() == 1


def test_an_exported_file_takes_the_side_that_its_condition_says(tmp_path):
    a, c = T.dvector("a"), T.lscalar("c")
    f = function([c, a], ifelse(c, a.sum(), (a * a).sum()))
    f.export(tmp_path / "f.pt")
    module = torch.jit.load(tmp_path / "f.pt")
    values = torch.tensor([2.0, 3.0], dtype=torch.float64)
    assert float(module(torch.tensor(1), values)) == 5
    assert float(module(torch.tensor(0), values)) == 13


def test_pickles():
    a, c = T.dvector("a"), T.lscalar("c")
    f = pickle.loads(pickle.dumps(function([c, a], ifelse(c, a.sum(), (a * a).sum()))))
    assert float(f(1, [2.0, 3.0])) == 5
    assert float(f(0, [2.0, 3.0])) == 13


def test_what_does_not_fit_is_refused():
    with pytest.raises(TypeError):
        ifelse(T.lscalar(), T.dvector(), T.dmatrix())
