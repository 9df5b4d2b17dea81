"""Neural network functions: every expression of op_cases.py against what the real Theano gave."""

import importlib
import pickle

import numpy as np
import op_replay as replay
import pytest

import tgraph.tensor as T
from tgraph.derivatives import verify_grad
from tgraph.errors import ShapeError
from tgraph.function import function
from tgraph.ops import barriers, cumulative, linalg, nnet, reduce
from tgraph.ops.rows import rows
from tgraph.types import TensorType

# the package shows the function of that name
grad = importlib.import_module("tgraph.grad").grad

test_value, test_gradient, test_refused_when_built, test_refused_when_run = replay.suite("nnet")


# -- what the table cannot say --


def matrix(dtype="float64"):
    return TensorType(dtype, (False, False))("x")


def test_a_vector_becomes_a_row_with_a_warning():
    v = TensorType("float64", (False,))("v")
    for f in (nnet.softmax, nnet.logsoftmax):
        with pytest.warns(UserWarning, match="will not automatically pad x anymore") as found:
            assert f(v).type.broadcastable == (True, False)
        assert [w.filename for w in found] == [__file__]
    with pytest.warns(UserWarning, match="dimension of shape 1"):
        nnet.softmax(TensorType("float64", (False, True))())


def test_only_floats_of_one_or_two_dimensions():
    for wrong in (TensorType("float64", ())(), TensorType("float64", (False,) * 3)(), matrix("int64")):
        with pytest.raises(ShapeError, match=r"x must be 1-d or 2-d tensor of floats"):
            nnet.softmax(wrong)


LABELS = np.array([2, 0], "int32")
RANDOM = np.random.RandomState(3)
SECOND = {
    "softmax_grad": (nnet.softmax_grad, [(2, 3), (2, 3)]),
    "crossentropy_dx": (
        lambda d, s: nnet.crossentropy_softmax_1hot_with_bias_dx(d, s, LABELS),
        [(2,), (2, 3)],
    ),
    "crossentropy_dx_scalar": (
        lambda d, s: nnet.crossentropy_softmax_1hot_with_bias_dx(d, s, LABELS),
        [(), (2, 3)],
    ),
    "categorical_grad": (lambda g, p: nnet.crossentropy_categorical_1hot_grad(g, p, LABELS), [(2,), (2, 3)]),
    "softmax_twice": (lambda x: grad((nnet.softmax(x) ** 2).sum(), x), [(2, 3)]),
    "nll_twice": (lambda x: grad(nnet.crossentropy_softmax_1hot(x, LABELS)[0].sum(), x), [(2, 3)]),
}


@pytest.mark.parametrize("name", SECOND)
def test_gradients_have_gradients(name):
    f, shapes = SECOND[name]
    verify_grad(f, [RANDOM.uniform(0.3, 1.0, shape) for shape in shapes], rng=RANDOM)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_large_logits_cost_what_they_should(dtype):
    x, y = matrix(dtype), TensorType("int32", (False,))("y")
    logits = np.array([[0.0, 1000.0], [-1000.0, 1000.0]], dtype)
    labels = np.array([0, 1], "int32")
    for cost in (
        nnet.crossentropy_softmax_1hot(x, y)[0],
        nnet.categorical_crossentropy(nnet.softmax(x), y),
        -nnet.logsoftmax(x)[T.arange(y.shape[0]), y],
    ):
        np.testing.assert_allclose(function([x, y], cost)(logits, labels), [1000.0, 0.0])
    t = matrix(dtype)
    loss = function([x, t], nnet.sigmoid_binary_crossentropy(x, t))
    np.testing.assert_allclose(
        loss(np.array([[1000.0, -1000.0, 30.0]], dtype), np.array([[0.0, 1.0, 1.0]], dtype)),
        [[1000.0, 1000.0, 9.357623e-14]],
        rtol=1e-6,
    )


def test_empty_batches():
    x, y = matrix(), TensorType("int32", (False,))("y")
    nll, sm = nnet.crossentropy_softmax_1hot(x, y)
    got = function([x, y], [nll, sm, grad(nll.sum(), x)])(np.zeros((0, 3)), np.zeros(0, "int32"))
    assert [g.shape for g in got] == [(0,), (0, 3), (0, 3)]


@pytest.mark.parametrize("labels", [[0, 3], [0, -1]])
def test_labels_out_of_range(labels):
    x, y = matrix(), TensorType("int32", (False,))("y")
    f = function([x, y], nnet.crossentropy_softmax_1hot(x, y)[0])
    with pytest.raises(ValueError, match="y_i value out of bounds"):
        f(np.zeros((2, 3)), np.array(labels, "int32"))


def test_ops_are_values():
    for op in (
        nnet.Softmax(),
        nnet.LogSoftmax(),
        nnet.SoftmaxGrad(),
        nnet.CrossentropySoftmax1HotWithBiasDx(),
        reduce.Sum(0),
        reduce.Sum(axis=1, dtype="float32"),
        reduce.Prod((0, 1)),
        reduce.All(1),
        reduce.Any(),
        reduce.Max(0),
        reduce.CAReduce(rows["maximum"], 0),
        reduce.MaxAndArgmax((1,)),
        linalg.Dot(),
        linalg.TensorDot((1,), (0,)),
        barriers.GradClip(-1, 1),
        cumulative.CumOp(1, "mul"),
    ):
        again = pickle.loads(pickle.dumps(op))
        assert again == op
        assert hash(again) == hash(op)
        assert str(again) == str(op)
    assert reduce.Sum(0) == reduce.Sum((0,)) != reduce.Sum(0, dtype="float64")
    assert barriers.GradClip(-1, 1) != barriers.GradClip(-1, 2)
    texts = {
        "Reduce{maximum}{0}": reduce.CAReduce(rows["maximum"], 0),
        "Reduce{add}{1}": reduce.CAReduce(rows["add"], (1,)),
        "Sum{axis=[0], acc_dtype=None}": reduce.Sum(0),
        "Any": reduce.Any(),
        "All{0}": reduce.All(0),
        "Prod{axis=(0,), dtype=None, acc_dtype=None}": reduce.Prod(0),
        "CumOp{1, add}": cumulative.CumOp(1),
        "MaxAndArgmax{axis=(1,)}": reduce.MaxAndArgmax((1,)),
        "dot": linalg.Dot(),
        "Softmax": nnet.Softmax(),
    }
    assert {text: str(op) for text, op in texts.items()} == {text: text for text in texts}
