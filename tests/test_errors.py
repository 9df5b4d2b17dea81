"""Errors at run time: Theano's classes, the failing node with its values, the user's line; nothing is
changed."""

import traceback

import numpy as np
import pytest

import tgraph.tensor as tt
from tgraph.config import config
from tgraph.errors import Explained, ShapeError, explain
from tgraph.function import function
from tgraph.graph import Apply, Op
from tgraph.modes import Mode
from tgraph.shared import shared
from tgraph.types import TensorType

ENGINES = ["py", "cvm", "interpret"]


def tensor(name, ndim=1, dtype="float64"):
    return TensorType(dtype, (False,) * ndim)(name)


x, y, m, i = tensor("x"), tensor("y"), tensor("m", 2), tensor("i", 1, "int64")
a, b = np.ones(2), np.ones(3)


def padded(z):
    """Enough calls for the compiled engine."""
    for _ in range(5):
        z = z + 1.0
    return z


# what, graph, values, class and text that Theano gives
FAILURES = [
    ("add", lambda: x + y, {x: a, y: b}, ValueError, "Input dimension mis-match. (input[0].shape[0] = 2"),
    ("dot", lambda: tt.dot(m, x), {m: np.ones((2, 3)), x: a}, ValueError, ""),
    ("index", lambda: x[5], {x: a}, IndexError, ""),
    (
        "advanced index",
        lambda: x[i],
        {x: a, i: [4]},
        IndexError,
        "index 4 is out of bounds for axis 0 with size 2",
    ),
    ("reshape", lambda: x.reshape((2, 3)), {x: a}, ValueError, ""),
    ("division", lambda: i // 0, {i: [1]}, ZeroDivisionError, ""),
    ("max of nothing", lambda: x.max(), {x: []}, ValueError, "zero-size"),
    ("join", lambda: tt.concatenate([m, m.T], axis=0), {m: np.ones((2, 3))}, ValueError, ""),
]


@pytest.mark.parametrize("linker", ENGINES)
@pytest.mark.parametrize(
    ("graph", "values", "cls", "text"), [f[1:] for f in FAILURES], ids=[f[0] for f in FAILURES]
)
def test_class_and_node(graph, values, cls, text, linker):
    f = function(list(values), padded(graph()), mode=Mode(linker, None))
    with pytest.raises(cls) as caught:
        f(*values.values())
    said = str(caught.value)
    assert text in said
    for part in (
        "Apply node that caused the error: ",
        "Toposort index: ",
        "Inputs types: [",
        "Inputs shapes: [",
        "Inputs strides: [",
        "Inputs values: [",
        "Outputs clients: [[",
        "Backtrace when the node is created",
        "HINT: ",
    ):
        assert part in said, part
    assert f'File "{__file__}", line ' in said


def test_the_details():
    z = x + y  # the line that is shown
    f = function([x, y], z.sum())
    with pytest.raises(ValueError) as caught:
        f(a, np.arange(7.0))
    lines = str(caught.value).splitlines()
    assert "Inputs types: [TensorType(float64, vector), TensorType(float64, vector)]" in lines
    assert "Inputs shapes: [(2,), (7,)]" in lines
    assert "Inputs strides: [(8,), (8,)]" in lines
    assert "Inputs values: [array([1., 1.]), 'not shown']" in lines
    assert "    z = x + y  # the line that is shown" in lines
    chain = "".join(traceback.format_exception(caught.value))
    assert chain.count("z = x + y  # the line that is shown") >= 1
    assert caught.value.__op_instance__.inputs[0].name == "x"


def test_high_verbosity(monkeypatch):
    monkeypatch.setattr(config, "exception_verbosity", "high")
    w = shared(np.ones(4), "w")
    with pytest.raises(ValueError) as caught:
        function([x], x + w)(a)
    said = str(caught.value)
    assert "Debugprint of the apply node: " in said
    assert "Storage map footprint:" in said
    assert " - w, Shared Input, Shape: (4,), ElemSize: 8 Byte(s), TotalSize: 32 Byte(s)" in said
    monkeypatch.setattr(config, "exception_verbosity", "low")


@pytest.mark.parametrize("linker", ENGINES)
def test_a_call_that_raises_changes_nothing(linker):
    s, t = shared(np.zeros(2), "s"), shared(0.0, "t")
    f = function([x], t + 1, updates=[(t, t + 1), (s, padded(s + x))], mode=Mode(linker, None))
    f(a)
    before = s.get_value(), t.get_value()
    with pytest.raises(ValueError):
        f(b)
    np.testing.assert_array_equal(s.get_value(), before[0])
    assert t.get_value() == before[1]
    f(a)
    assert t.get_value() == before[1] + 1


class Picky(Op):
    """A legacy op whose perform raises what the tests want."""

    __props__ = ("what",)

    def __init__(self, what):
        self.what = what

    def make_node(self, v):
        return Apply(self, [v], [v.type()])

    calls = 0

    def perform(self, node, inputs, storage):
        Picky.calls += 1
        if self.what is not None:
            raise self.what
        storage[0][0] = inputs[0]


class TwoArguments(Exception):
    def __init__(self, one, two):
        super().__init__(one, two)


@pytest.mark.parametrize("linker", ENGINES)
def test_ops_of_users(linker):
    mode, Picky.calls = Mode(linker, None), 0
    with pytest.raises(KeyError) as caught:
        function([x], padded(Picky(KeyError("no such"))(x)), mode=mode)(a)
    assert "Apply node that caused the error: Picky{what=KeyError('no such')}(x)" in caught.value.args[0]
    with pytest.raises(TwoArguments) as caught:
        function([x], Picky(TwoArguments(1, 2))(x), mode=mode)(a)
    assert caught.value.args == (1, 2)
    assert Picky.calls == 2  # once for each call: such an op may have effects
    result = function([x], Picky(None)(x), mode=mode)(a)
    assert not np.may_share_memory(result, a)
    with pytest.raises(KeyboardInterrupt):
        function([x], Picky(KeyboardInterrupt())(x), mode=mode)(a)


@pytest.mark.parametrize("linker", ENGINES)
def test_tracebacks_show_the_lines_of_the_user(linker):
    mode = Mode(linker, None)

    def text(f, *args):
        with pytest.raises(Exception) as caught:
            f(*args)
        return "".join(traceback.format_exception(caught.value))

    shown = text(function([x, y], x + y, mode=mode), a, b)
    assert shown.count("Traceback (most recent call last)") == 1
    assert "interpret.py" not in shown
    shown = text(function([x], Picky(KeyError("no such"))(x), mode=mode), a)
    assert shown.count("Traceback (most recent call last)") == 2  # the author of an op sees where it raised
    assert "in perform" in shown.split("The above exception was")[0]
    assert "host.py" not in shown
    assert "interpret.py" not in shown


def test_memory_runs_out():
    n = TensorType("int64", ())("n")
    f = function([n], tt.zeros((n, n)).sum())
    with pytest.raises((MemoryError, ValueError)):
        f(2**40)


def test_the_house_layout():
    text = explain("dot wants two matrices", "train.py:41", "use tensordot")
    assert text == "dot wants two matrices\n  built at  train.py:41\n  fix: use tensordot"
    assert issubclass(ShapeError, ValueError) and issubclass(ShapeError, Explained)
