"""OpFromGraph: one node of the compiled graph unless it is inline, and the same numbers either way."""

import pickle

import numpy as np
import pytest
import torch

import tgraph.tensor as T
from tgraph.config import change_flags
from tgraph.function import function
from tgraph.grad import Rop, grad
from tgraph.loops import scan
from tgraph.modes import Mode
from tgraph.ops.branch import ifelse
from tgraph.ops.from_graph import OpFromGraph
from tgraph.shared import shared

each_way = pytest.mark.parametrize("inline", [False, True])
A, B = np.random.default_rng(0).normal(size=(2, 3, 3))


def names(f):
    return [type(node.op).__name__ for node in f.maker.fgraph.toposort()]


def an_op(inline, **kwargs):
    x, y = T.dmatrices("x", "y")
    w = shared(np.arange(3.0), "w")
    return OpFromGraph([x, y], [T.tanh(T.dot(x, y) + w), (x * y).sum()], inline=inline, **kwargs), w


@pytest.mark.parametrize("mode", ["FAST_RUN", "FAST_COMPILE"])
def test_it_stays_a_node_and_inline_does_not(mode):
    a, b = T.dmatrices("a", "b")
    for inline in (False, True):
        op, _ = an_op(inline)
        f = function([a, b], op(a, b), mode=mode)
        assert names(f).count("OpFromGraph") == (not inline)
        for got, wanted in zip(f(A, B), [np.tanh(A @ B + np.arange(3)), (A * B).sum()], strict=True):
            np.testing.assert_allclose(got, wanted)
    plain = Mode("py", "fast_run").excluding("inline_ofg_expansion")
    assert names(function([a, b], an_op(True)[0](a, b), mode=plain)) == ["OpFromGraph"]


def test_its_graph_is_simplified_once_for_all_nodes():
    x, a, b = T.dvectors("x", "a", "b")
    op = OpFromGraph([x], [T.log(1 + x) * (x / x)])
    f = function([a, b], [op(a), op(b)])
    first, second = (node.op for node in f.maker.fgraph.toposort())
    assert first is second and first is not op
    inside = [str(node.op) for v in first.local_outputs for node in [v.owner]]
    assert "log1p" in inside[0]
    np.testing.assert_allclose(f([3.0], [1e-9]), np.log1p([[3.0], [1e-9]]))


@each_way
def test_gradients_by_differences(inline):
    op, w = an_op(inline)
    a, b = T.dmatrices("a", "b")
    u, v = op(a * 2, b)
    cost = (u**2).sum() + v
    f = function([a, b], [cost, *grad(cost, [a, b, w])])
    value, *slopes = f(A, B)
    for k, (x, slope) in enumerate(zip((A, B, w.get_value()), slopes, strict=True)):
        step = np.random.default_rng(k).normal(size=x.shape) * 1e-6
        w.set_value(w.get_value() + (step if k == 2 else 0))
        moved = f(A + step * (k == 0), B + (step if k == 1 else 0))[0]
        np.testing.assert_allclose(moved - value, (slope * step).sum(), rtol=1e-4, atol=1e-12)
        w.set_value(np.arange(3.0))


@each_way
def test_branches_and_loops_within_and_around(inline):
    c, x = T.lscalar("c"), T.dmatrix("x")
    rows, _ = scan(lambda row, total: total + 2 * row, sequences=x, outputs_info=T.zeros_like(x[0]))
    op = OpFromGraph([c, x], [ifelse(T.gt(c, 0), rows[-1], 3 * x[0])], inline=inline)
    d, a = T.lscalar("d"), T.dmatrix("a")
    f = function([d, a], [op(d, a), grad(op(d, a).sum(), a), ifelse(d, op(d, a).sum(), a.sum())])
    for d_, sums, slope, picked in ((1, 2 * A.sum(0), 2 + 0 * A, 2 * A.sum()), (0, 3 * A[0], [[3]] + 0 * A, A.sum())):
        got = f(d_, A)
        np.testing.assert_allclose(got[0], sums)
        np.testing.assert_allclose(got[1], slope if d_ else np.array([[3.0] * 3, [0] * 3, [0] * 3]))
        np.testing.assert_allclose(got[2], picked)
    whole, _ = scan(lambda row, d: op(d, row.dimshuffle("x", 0)), sequences=a, non_sequences=d)
    g = function([d, a], [whole, grad(whole.sum(), a)])
    assert "OpFromGraph" not in names(g)  # inside the loop, or put in its place there
    np.testing.assert_allclose(g(0, A)[0], 3 * A)
    np.testing.assert_allclose(g(1, A)[1], 2 + 0 * A)


def test_the_side_that_is_not_taken_is_not_run():
    c, x = T.lscalar("c"), T.dmatrix("x")
    op = OpFromGraph([c, x], [ifelse(c, T.dot(x, x).sum(), x.sum())])
    f = function([c, x], op(c, x))
    np.testing.assert_allclose(f(0, A[:2]), A[:2].sum())
    with pytest.raises(ValueError, match=r"not aligned|dot"):
        f(1, A[:2])


@each_way
def test_sizes_need_no_values(inline):
    x, n = T.dmatrix("x"), T.lscalar("n")
    a, m = T.dmatrix("a"), T.lscalar("m")
    u, v = OpFromGraph([n, x], [T.alloc(0.0, n, x.shape[0]), T.exp(x)], inline=inline)(m, a)
    f = function([m, a], [u.shape[0], u.shape[1], v.shape[1]])
    assert set(names(f)) <= {"Shape_i"}
    assert [int(s) for s in f(5, A[:2])] == [5, 2, 3]


@each_way
def test_pickles_copies_givens_and_files(inline, tmp_path):
    op, w = an_op(inline)
    a, b = T.dmatrices("a", "b")
    f = function([a, b], op(a, b), updates=[(w, w + 1)])
    g = pickle.loads(pickle.dumps(f))
    h = f.copy(swap={w: shared(np.ones(3), "other")})
    k = function([a, b], op(a, b), givens={w: np.zeros(3)})
    f.export(tmp_path / "model.pt")
    model = torch.jit.load(tmp_path / "model.pt")
    for made, bias in ((f, np.arange(3)), (g, np.arange(3)), (h, 1), (k, 0)):
        np.testing.assert_allclose(made(A, B)[0], np.tanh(A @ B + bias))
    np.testing.assert_allclose(model(torch.tensor(A), torch.tensor(B))[0], np.tanh(A @ B + np.arange(3)))
    assert all(names(made) == names(f) for made in (g, h))


def test_an_error_names_the_line_inside(request):
    x, y = T.dmatrices("x", "y")
    product = T.dot(x, y)
    line = product.owner.place[1]
    a, b = T.dmatrices("a", "b")
    f = function([a, b], OpFromGraph([x, y], [product + 1])(a, b))
    with pytest.raises(ValueError, match=rf"test_from_graph\.py\", line {line}"):
        f(A, B[:2])


def test_test_values_go_through_derivatives():
    with change_flags(compute_test_value="raise"):
        x, a = T.dvector("x"), T.dvector("a")
        x.tag.test_value, a.tag.test_value = np.ones(2), np.array([2.0, 3.0])
        y = OpFromGraph([x], [x**3])(a)
        np.testing.assert_allclose(grad(y.sum(), a).tag.test_value, [12, 27])
        np.testing.assert_allclose(Rop(y, a, a).tag.test_value, [24, 81])


def test_derivatives_as_ops():
    x, y = T.dmatrices("x", "y")
    op = OpFromGraph([x, y], [x * y, 2 * y], name="two")
    lop, rop = op.get_lop_op(), op.get_rop_op()
    ins = [T.dmatrix() for _ in range(6)]
    values = [np.full((2, 2), i + 1.0) for i in range(6)]
    # x, y, x y, 2 y, and the gradients 5 and 6 of these two
    np.testing.assert_allclose(function(ins, lop(*ins), on_unused_input="ignore")(*values)[0], values[1] * 5)
    np.testing.assert_allclose(function(ins, lop(*ins), on_unused_input="ignore")(*values)[1], 5 + 2 * values[5])
    # x, y, and the tangents 3 and 4
    np.testing.assert_allclose(function(ins[:4], rop(*ins[:4]))(*values[:4])[0], 3 * values[1] + 4)
    op.set_lop_overrides(lambda inputs, outputs, gs: [gs[0] * 7, gs[1] * 8])
    a, b = T.dmatrices("a", "b")
    u, v = op(a, b)
    slopes = function([a, b], grad(u.sum() + v.sum(), [a, b]))(A, B)
    np.testing.assert_allclose(slopes, [np.full((3, 3), 7.0), np.full((3, 3), 8.0)])


def test_a_pattern_of_ones_own():
    x, y = T.dvectors("x", "y")
    op = OpFromGraph([x, y], [x * y, y], connection_pattern=[[True, True], [True, True]])
    assert op.connection_pattern(None) == [[True, True], [True, True]]
    assert OpFromGraph([x, y], [x * y, y]).connection_pattern(None) == [[True, False], [True, True]]
