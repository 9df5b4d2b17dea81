"""What leaves a loop: the value stays the same, and the loop has the form that is meant."""

import numpy as np
import pytest

import tgraph as tg
import tgraph.tensor as T
from tgraph.graph import toposort
from tgraph.loops import jacobian, scan, until
from tgraph.ops.loop import Scan

x, h, M, W = T.dvector("x"), T.dvector("h"), T.dmatrix("M"), T.dmatrix("W")
R = np.random.default_rng(3)
VALUES = {x: R.normal(size=3), h: R.normal(size=3), M: R.normal(size=(4, 3)), W: R.normal(size=(3, 3)) * 0.5}


def loops_of(f):
    return [node for node in f.maker.fgraph.toposort() if isinstance(node.op, Scan)]


def inner(node):
    return sorted(type(n.op).__name__ for n in toposort(node.op.outputs, node.op.inputs))


def both(outputs):
    """Function with all rewrites; checks it against the one without any."""
    ins = list(VALUES)
    plain = tg.function(ins, outputs, mode=tg.Mode("py", optimizer=None), on_unused_input="ignore")
    f = tg.function(ins, outputs, on_unused_input="ignore")
    for a, b in zip(f(*VALUES.values()), plain(*VALUES.values()), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)
    return f


def test_no_carried_value_no_loop():
    rows, _ = scan(lambda r: T.tanh(r * 2) + h, [M])
    assert not loops_of(both([rows]))


def test_a_product_over_the_sequence_goes_before_the_loop():
    rows, _ = scan(lambda r, a: T.tanh(T.dot(r, W) + T.dot(a, W) + h), [M], [h])
    (node,) = loops_of(both([rows]))
    # one product of the carried value; what is added to it is one row
    assert len(inner(node)) <= 4
    assert len(node.op.inner_seqs(node.op.inputs)) == 1
    assert len(node.op.inner_non_seqs(node.op.inputs)) == 1


def test_gradients_of_weights_are_summed_after_the_loop():
    rows, _ = scan(lambda r, a: T.tanh(T.dot(a, W) + r), [M], [h])
    nodes = loops_of(both([T.grad((rows**2).sum(), W)]))
    assert len(nodes) == 2
    assert all(not any(v.type.ndim == 2 for v in node.op.outputs) for node in nodes)


def test_the_sum_of_a_carried_value():
    """What is summed is the value itself, which is another one in every step."""
    (a, _c), _ = scan(lambda r, a, c, b: (T.tanh(a * r + c), c * 0.5 + b), [M], [h, h], [x])
    both([T.grad(a[-1].sum(), x), T.grad((a**2).sum(), [x, h])[1]])
    # by hand: the slopes of c before each step, 0, 1, 1.5, 1.75
    (a, _c), _ = scan(lambda a, c, b: (a + c, c * 0.5 + b), outputs_info=[h, h], non_sequences=[x], n_steps=4)
    f = tg.function([x, h], T.grad(a[-1].sum(), x))
    np.testing.assert_allclose(f(np.ones(3), np.ones(3)), 1 + 1.5 + 1.75)


def test_the_sum_of_outer_products():
    """The gradient of W is one of vectors that were matrices of one column before."""
    rows, _ = scan(lambda r, a: T.dot(T.outer(T.dot(W, a), r), x), [M], [h])
    both([T.grad((rows**2).sum(), W)])


def test_a_loop_that_stops_keeps_its_rows_inside():
    rows, _ = scan(lambda r: (r * 2, until(r.sum() > 100)), [M])
    assert len(loops_of(both([rows]))) == 1


def test_rows_of_a_jacobian_are_one_matrix():
    y = T.tanh(T.dot(W, x)) ** 2
    assert not loops_of(both([jacobian(y, x)]))
    assert not loops_of(both([jacobian(T.grad(y.sum(), x), x)]))


@pytest.mark.parametrize("last", [-1, np.int64(-1)])
def test_only_the_last_row(last):
    rows, _ = scan(lambda r, a: a + r, [M], [h])
    (node,) = loops_of(both([rows[last]]))
    assert not node.op.rows()


def test_what_nobody_uses_goes():
    (a, _b), _ = scan(lambda r, u, v: (u + r, v * r + u), [M], [h, h])
    (node,) = loops_of(both([a[-1]]))
    assert node.op.n_carries == 1


def test_a_gradient_shares_the_loop_that_it_goes_back_through():
    (a, _b), _ = scan(lambda r, u, v: (T.tanh(v + r), T.tanh(u * r)), [M], [h, h])
    nodes = loops_of(both([a, T.grad((a**2).sum(), h)]))
    assert len(nodes) == 2


@pytest.mark.parametrize("many", [False, True])
def test_rows_of_a_table_are_looked_up_and_gathered_outside(many):
    """As a network reads words: the loop carries no gradient as large as the table."""
    k = T.lmatrix("k") if many else T.lvector("k")
    places = np.array([1, 3, -1, 1, 1, 0])  # one more than once, one from the end
    VALUES[k] = np.stack([places, places[::-1]], axis=1) if many else places
    start = T.zeros((k.shape[1], 3)) if many else h
    rows, _ = scan(lambda i, a, table: T.tanh(T.dot(a, W) + table[i] * x), [k], [start], [M])
    try:
        nodes = loops_of(both([rows, *T.grad((rows**2).sum(), [M, W, x])]))
    finally:
        del VALUES[k]
    assert len(nodes) == 2
    assert not any("Subtensor" in name for node in nodes for name in inner(node))
    largest = (False,) * (2 if many else 1)
    assert all(v.type.ndim <= len(largest) for node in nodes for v in node.op.outputs)


def test_rows_of_a_table_stay_inside_where_no_rows_are_kept():
    k = T.lvector("k")
    VALUES[k] = np.array([1, 0, 2])
    rows, _ = scan(lambda i, a, table: T.tanh(a + T.dot(table[i], x)), [k], [x.sum()], [M])
    try:
        (node,) = loops_of(both([rows[-1]]))
    finally:
        del VALUES[k]
    assert "Subtensor" in inner(node)
