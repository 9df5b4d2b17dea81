"""Pickle, dill and deepcopy of graphs: identity kept, any depth, user classes, from any thread."""

import copy
import pickle
import threading

import dill
import numpy as np
import pytest

import tgraph.tensor as T
from tgraph.function import function
from tgraph.graph import Apply, Op, toposort
from tgraph.shared import shared

DEEP = 50_000  # tanh and mul each: 100,000 elementwise nodes


class Doubled(Op):
    """A user's op with state."""

    __props__ = ("factor",)

    def __init__(self, factor):
        self.factor = factor

    def make_node(self, x):
        x = T.as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = inputs[0] * self.factor


COPIERS = {
    "pickle": lambda v: pickle.loads(pickle.dumps(v)),
    "pickle-2": lambda v: pickle.loads(pickle.dumps(v, protocol=2)),
    "python-pickle": lambda v: pickle.loads(pickle._dumps(v)),
    "dill": lambda v: dill.loads(dill.dumps(v)),
    "deepcopy": copy.deepcopy,
}
copiers = pytest.mark.parametrize("through", COPIERS.values(), ids=COPIERS)


def chain(n):
    x = T.dvector("x")
    y = x
    for _ in range(n):
        y = T.tanh(y) * 2
    return x, y


@copiers
def test_graph_keeps_identity_names_tags_and_value(through):
    x, w = T.dvector("x"), shared(np.array([1.0, 2.0]), name="w")
    y = Doubled(3)(x * w) + 1
    y.name, x.tag.test_value = "y", np.array([5.0, 6.0])
    x2, w2, y2, y3 = through([x, w, y, y])
    assert y2 is y3
    assert y2 is not y
    assert (x2.name, y2.name, w2.name) == ("x", "y", "w")
    assert x2.type == x.type
    assert x2.tag.test_value.tolist() == [5.0, 6.0]
    nodes = toposort([y2])
    leaves = [v for node in nodes for v in node.inputs if v.owner is None]
    assert any(v is x2 for v in leaves)
    assert any(v is w2 for v in leaves)
    assert all(out.owner is node for node in nodes for out in node.outputs)
    assert function([x2], y2)([1.0, 1.0]).tolist() == [4.0, 7.0]
    w2.set_value(np.array([0.0, 0.0]))
    assert w.get_value().tolist() == [1.0, 2.0]


@copiers
def test_apply_nodes_and_ops(through):
    x = T.dvector("x")
    node = T.exp(x).owner
    twin = through(node)
    assert twin.op == node.op
    assert twin.outputs[0].owner is twin
    assert through(T.exp) == T.exp


@copiers
def test_default_update_that_refers_to_its_own_variable(through):
    s = shared(0.0, name="s")
    s.default_update = s + 1
    t = through(s)
    assert t.default_update.owner.inputs[0] is t
    function([], t)()
    assert (s.get_value(), t.get_value()) == (0.0, 1.0)


@pytest.mark.parametrize("through", [COPIERS[k] for k in ("pickle", "deepcopy")], ids=["pickle", "deepcopy"])
def test_a_hundred_thousand_nodes_from_a_fresh_thread(through):
    x, y = chain(DEEP)
    found = []

    def work():
        x2, y2 = through([x, y])
        found.append((len(toposort([y2])), toposort([y2])[0].inputs[0] is x2))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found[0][0] >= 2 * DEEP
    assert found[0][1]


def test_a_deep_graph_through_dill():
    x, y = chain(5_000)
    x2, y2 = dill.loads(dill.dumps([x, y]))
    assert toposort([y2])[0].inputs[0] is x2


def test_a_failed_pickle_does_not_spoil_the_next():
    x, y = chain(3_000)
    x.tag.bad = lambda: None
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(y)
    del x.tag.bad
    assert len(toposort([pickle.loads(pickle.dumps(y))])) == len(toposort([y]))


def test_states_of_user_classes_are_respected():
    class Kept(type(T.dvector("x"))):
        def __getstate__(self):
            return {**self.__dict__, "seen": True}

    globals()["Kept"] = Kept
    Kept.__qualname__ = "Kept"
    twin = pickle.loads(pickle.dumps(Kept(T.dvector, name="k")))
    assert (twin.name, twin.seen) == ("k", True)
