"""Gradients and their arguments: every expression of op_cases.py against what the real Theano gave."""

import importlib

import numpy as np
import op_replay as replay
import pytest

import tgraph.tensor as T
from tgraph.errors import DisconnectedInputError, NullTypeGradError
from tgraph.function import function
from tgraph.graph import Apply, Op
from tgraph.ops import barriers
from tgraph.types import DisconnectedType, NullType, TensorType

# the package shows the function of that name
gradient = importlib.import_module("tgraph.grad")
grad, Lop, Rop, subgraph_grad = gradient.grad, gradient.Lop, gradient.Rop, gradient.subgraph_grad

test_value, test_gradient, test_refused_when_built, _ = replay.suite("gradients")


# -- arguments of grad -----------------------------------------------------------------------------------


def inputs():
    return TensorType("float64", (False,))("v"), TensorType("float64", (False, False))("x")


def test_form_of_the_answer_follows_wrt():
    v, _ = inputs()
    cost = (v**2).sum()
    assert isinstance(grad(cost, [v]), list)
    assert isinstance(grad(cost, (v,)), tuple)
    assert grad(cost, []) == []
    assert not isinstance(grad(cost, v), (list, tuple))
    for wrong in ({v}, (w for w in [v]), "v", 3.0):
        with pytest.raises(TypeError):
            grad(cost, wrong)


def test_gradients_are_named_after_a_named_cost():
    v, _ = inputs()
    cost = (v**2).sum()
    assert grad(cost, v).name is None
    cost.name = "cost"
    assert grad(cost, v).name == "(dcost/dv)"
    assert grad(cost, v, add_names=False).name is None


def test_disconnected_inputs():
    v, x = inputs()
    with pytest.raises(DisconnectedInputError, match="fix:"):
        grad(v.sum(), x)
    with pytest.warns(UserWarning, match="not part of the"):
        zeros = grad(v.sum(), x, disconnected_inputs="warn")
    np.testing.assert_array_equal(zeros.eval({x: np.ones((2, 3))}), np.zeros((2, 3)))
    with pytest.raises(ValueError, match="disconnected_inputs"):
        grad(v.sum(), x, disconnected_inputs="sometimes")


def test_return_disconnected():
    v, x = inputs()

    def ask(kind):
        return grad(v.sum(), [v, x], disconnected_inputs="ignore", return_disconnected=kind)[1]

    assert ask("None") is None
    assert isinstance(ask("Disconnected").type, DisconnectedType)
    assert ask("zero").type.ndim == 2
    with pytest.raises(AssertionError):
        ask("bad")


def test_null_gradients():
    v, _ = inputs()
    cost = barriers.undefined_grad(v).sum()
    with pytest.raises(NullTypeGradError, match="mathematically undefined"):
        grad(cost, v)
    assert isinstance(grad(cost, v, null_gradients="return").type, NullType)
    with pytest.raises(AssertionError):
        grad(cost, v, null_gradients="bad")


def test_known_grads_must_be_variables():
    v, _ = inputs()
    with pytest.raises(TypeError, match="Ambiguous"):
        grad(None, v, known_grads={v * 2: 3})
    with pytest.raises(AssertionError):
        grad(None, v)


def test_known_grads_cut_the_graph_there():
    v, _ = inputs()
    h = v**2
    g = grad((h * 3).sum(), [v, h], known_grads={h: v * 0 + 5.0})
    at_v, at_h = (e.eval({v: [1.0, 2.0]}) for e in g)
    np.testing.assert_allclose(at_v, [10.0, 20.0])
    np.testing.assert_allclose(at_h, [5.0, 5.0])


def test_consider_constant_is_not_looked_behind():
    v, _ = inputs()
    h = v * v
    np.testing.assert_allclose(grad((h * v).sum(), v, consider_constant=[h]).eval({v: [3.0]}), [9.0])


@pytest.mark.parametrize(
    ("given", "wrt", "end"),
    [
        # Theano 1.0.5 for a = [1, 2], v = [.5, .25], h = tanh(a * v), cost = sum(h ** 2), start = {h: a}
        ("cost", [0.7268619813835873, 1.4537239627671745], [0.36343099069179363, 0.18171549534589682]),
        ("start", [0.7864477329659274, 3.1457909318637096], [0.3932238664829637, 0.3932238664829637]),
        ("both", [1.5133097143495147, 4.599514894630884], [0.7566548571747573, 0.5749393618288605]),
    ],
)
def test_subgraph_grad(given, wrt, end):
    v, _ = inputs()
    a = TensorType("float64", (False,))("a")
    h = T.tanh(a * v)
    more = {"cost": (h**2).sum(), "start": {h: a}}
    if given != "both":
        more = {given: more[given]}
    for_wrt, for_end = subgraph_grad([v], [a], **more)
    f = function([a, v], for_wrt + for_end, on_unused_input="ignore")
    got = f([1.0, 2.0], [0.5, 0.25])
    np.testing.assert_allclose(got[0], wrt, rtol=1e-12)
    np.testing.assert_allclose(got[1], end, rtol=1e-12)


def test_subgraph_grad_details():
    v, _ = inputs()
    a = TensorType("float64", (False,))("a")
    h = T.tanh(a * v)
    parts = subgraph_grad([v], [a], start={h: a}, cost=(h**2).sum(), details=True)
    by_start, by_cost = function([a, v], [parts[2][0], parts[3][0]])([1.0, 2.0], [0.5, 0.25])
    # the rows "start" and "cost" above
    np.testing.assert_allclose(by_start, [0.7864477329659274, 3.1457909318637096], rtol=1e-12)
    np.testing.assert_allclose(by_cost, [0.7268619813835873, 1.4537239627671745], rtol=1e-12)
    assert subgraph_grad([v], [a], start={h: a}, details=True)[3] is None
    with pytest.raises(AssertionError):
        subgraph_grad([v], [a])


# -- ops with gradients of their own ---------------------------------------------------------------------


class Doubled(Op):
    """2 * x, with a forward derivative that says 5, to see which one is asked; and an integer output."""

    __props__ = ()

    def make_node(self, x):
        x = T.as_tensor_variable(x)
        return Apply(self, [x], [x.type(), TensorType("int64", x.type.broadcastable)()])

    def perform(self, node, inputs, outputs):
        outputs[0][0] = inputs[0] * 2
        outputs[1][0] = inputs[0].astype("int64")

    def grad(self, inputs, gradients):
        return [gradients[0] * 2]

    def R_op(self, inputs, eval_points):
        return [eval_points[0] * 5, None]


def test_own_r_op_is_asked():
    v, _ = inputs()
    np.testing.assert_allclose(Rop(Doubled()(v)[0], v, v).eval({v: [1.0, 2.0]}), [5.0, 10.0])
    np.testing.assert_allclose(Lop(Doubled()(v)[0], v, v).eval({v: [1.0, 2.0]}), [2.0, 4.0])


class NoGradient(Op):
    __props__ = ()

    def make_node(self, x):
        return Apply(self, [x], [x.type()])

    def perform(self, node, inputs, outputs):
        outputs[0][0] = inputs[0].copy()


class Wrong(NoGradient):
    def __init__(self, answer):
        self.answer = answer

    def grad(self, inputs, gradients):
        return self.answer(inputs[0])


def test_op_without_gradient():
    v, _ = inputs()
    with pytest.raises(NullTypeGradError):
        grad(NoGradient()(v).sum(), v)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (lambda x: None, TypeError),
        (lambda x: [None], TypeError),
        (lambda x: x, TypeError),
        (lambda x: [x, x], ValueError),
        (lambda x: [x.sum()], ValueError),
    ],
)
def test_wrong_answers_of_ops_are_told_of(answer, error):
    v, _ = inputs()
    with pytest.raises(error):
        grad(Wrong(answer)(v).sum(), v)


def test_a_chain_of_many_ops():
    v, _ = inputs()
    y = v
    for _ in range(20_000):
        y = y + 1.0
    assert grad(y.sum(), v).type.ndim == 1
