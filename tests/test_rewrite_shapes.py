"""Sizes come from where they are known, not from running what has them."""

import types

import numpy as np
import pytest

import tgraph.tensor
from tgraph.config import config
from tgraph.function import function
from tgraph.graph import Apply, Op, toposort
from tgraph.operators import as_tensor_variable
from tgraph.ops import nnet
from tgraph.rewrite import rewrite
from tgraph.types import TensorType

T = types.SimpleNamespace(**{**vars(tgraph.tensor), "nnet": nnet})
a, b = (TensorType("float64", (False, False))(n) for n in "ab")
x = TensorType("float64", (False,))("x")
k = TensorType("int64", (False,))("k")
VALUES = {a: np.ones((2, 3)), b: np.ones((3, 4)), x: np.ones(3), k: np.array([1, 0])}

#: a tensor, and the shape that it has for the values above
TENSORS = {
    "elemwise": (T.exp(a) * 2 + x, (2, 3)),
    "dot": (T.dot(a, b), (2, 4)),
    "dot_vector": (T.dot(a, x), (2,)),
    "transpose": (T.exp(a).T, (3, 2)),
    "dimshuffle": (T.exp(a).dimshuffle(1, "x", 0), (3, 1, 2)),
    "sum": (T.exp(a).sum(axis=0), (3,)),
    "keepdims": (a.max(axis=1, keepdims=True), (2, 1)),
    "argmax": (T.argmax(T.exp(a), axis=1), (2,)),
    "softmax": (T.nnet.softmax(a * 2), (2, 3)),
    "nll": (T.log(T.nnet.softmax(a))[T.arange(k.shape[0]), k], (2,)),
    "concatenate": (T.concatenate([a, T.exp(a)], axis=1), (2, 6)),
    "stack": (T.stack([x, T.exp(x)]), (2, 3)),
    "rows": (T.exp(a)[1], (3,)),
    "columns": (T.exp(a)[:, 0], (2,)),
    "reshape": (T.exp(a).reshape((3, 2)), (3, 2)),
    "reshape_to_sizes": (T.exp(a).reshape((a.shape[1], a.shape[0] * 1)), (3, 2)),
    "reshape_to_a_sum": (T.exp(b).reshape((a.shape[0] + 2, b.shape[0])), (4, 3)),
    "rows_of_rows": (T.exp(b)[T.stack([k, k])], (2, 2, 4)),
    "rest": (T.exp(a).reshape((-1, 2)), (3, 2)),
    "rest_by_a_variable": (T.exp(a).reshape((k[0] * -1, k[1] + 2)), (3, 2)),
    "flatten": (T.exp(a).flatten(), (6,)),
    "alloc": (T.alloc(1.0, a.shape[0], 7), (2, 7)),
    "zeros_like": (T.zeros_like(T.dot(a, b)), (2, 4)),
    "set": (T.set_subtensor(T.exp(a)[0], 1.0), (2, 3)),
    "cumsum": (T.cumsum(T.exp(a), axis=0), (2, 3)),
    "sort": (T.sort(T.exp(a), axis=0), (2, 3)),
    "switch": (T.switch(a > 0, a, 0), (2, 3)),
    "picked": (T.exp(a)[:, k], (2, 2)),
}
#: where finding the size needs something of the tensor run
RUN = {"rest": "Reshape", "rest_by_a_variable": "Reshape", "flatten": "Reshape", "picked": "AdvancedSubtensor"}
CHEAP = ("Shape_i", "Shape", "MakeVector", "Elemwise", "Subtensor", "Prod")


@pytest.fixture(autouse=True)
def strict(monkeypatch):
    monkeypatch.setattr(config, "on_opt_error", "raise")


@pytest.mark.parametrize("name", TENSORS)
def test_shape(name):
    tensor, expected = TENSORS[name]
    f = function(list(VALUES), [tensor.shape, tensor.size, tensor.shape[0]], on_unused_input="ignore")
    shape, size, first = f(*VALUES.values())
    assert tuple(shape) == expected
    assert int(size) == int(np.prod(expected))
    assert int(first) == expected[0]
    if name not in RUN:
        used = {type(n.op).__name__ for n in toposort(rewrite([tensor.shape, tensor.shape[0]]))}
        assert used <= set(CHEAP), used


class Doubled(Op):
    """Each row twice: a legacy op that can tell its shape, and counts how often it runs."""

    __props__ = ()
    runs = 0

    def make_node(self, v):
        v = as_tensor_variable(v)
        return Apply(self, [v], [v.type()])

    def perform(self, node, inputs, outputs):
        Doubled.runs += 1
        outputs[0][0] = np.repeat(inputs[0], 2, axis=0)

    def infer_shape(self, node, shapes):
        ((rows, columns),) = shapes
        return [(rows * 2, columns)]


def test_legacy_ops_tell_their_shape():
    Doubled.runs = 0
    f = function([a], Doubled()(T.exp(a)).shape)
    assert tuple(f(np.ones((2, 3)))) == (4, 3)
    assert Doubled.runs == 0


def test_a_legacy_op_that_cannot_tell_is_run():
    class Silent(Doubled):
        def infer_shape(self, node, shapes):
            raise NotImplementedError

    f = function([a], Silent()(a).shape)
    assert tuple(f(np.ones((2, 3)))) == (4, 3)
