"""Shapes, patterns and axes: every expression of shape_cases.py against what the real Theano gave."""

import pickle

import numpy as np
import pytest
import shape_replay as replay
import torch

import tgraph.tensor as T
from tgraph.config import change_flags
from tgraph.grad import Rop, grad
from tgraph.lowering import python_engine, script_engine
from tgraph.lowering.to_fx import lower

test_value, test_gradient, test_gradient_is_a_derivative, test_refused_when_built, test_refused_when_run = (
    replay.suite("shape"))


@pytest.mark.parametrize("line", [line for line in replay.cases.lines("known") if line not in replay.RICHER])
def test_known_while_building(line):
    recorded = replay.RECORDED["known"][line]
    if "build" in recorded:
        with pytest.raises(replay.classes(recorded["build"])):
            replay.evaluate(line)
        return
    ours, theirs = replay.evaluate(line), recorded["value"]
    if isinstance(theirs, int):
        assert ours == theirs
    else:
        replay.same(np.asarray(ours), theirs)


def test_known_lengths():
    assert replay.evaluate("T.get_vector_length(t.shape[::-1])") == 3
    assert replay.evaluate("T.get_vector_length(T.concatenate([x.shape, x.shape]))") == 4
    outputs, _ = replay.build("T.reshape(x, T.concatenate([x.shape[1:], x.shape[:1]]))")
    (value,) = replay.run(outputs, "script")
    np.testing.assert_array_equal(value, replay.cases.INPUTS["x"][2].reshape(3, 2))


def program_text(outputs, *inputs):
    return python_engine.source(lower(list(inputs), outputs))


def test_sizes_are_read_as_ints_without_a_tensor():
    x, t = T.matrix("x"), T.tensor4("t")
    for out, v in [(x.reshape((x.shape[0], -1)), x), (T.zeros((x.shape[0], x.shape[1] * 2 + 1)), x),
                   (t.flatten(2), t), (t.reshape((t.shape[0] * t.shape[1], t.shape[2] // 2, -1)), t),
                   (T.alloc(0.0, *x.shape), x), (x.reshape(x.T.shape), x), (T.arange(x.shape[0]), x),
                   (x.reshape((x.size,)), x), (T.tile(x, (2, 3)), x), (T.repeat(x, 2, 0), x)]:
        text = program_text([out], v)
        assert "_shape_as_tensor" not in text, text
        assert "int(" not in text, text
        assert "tensor(" not in text, text


@pytest.mark.parametrize(("line", "proved"), [
    ("x.reshape((-1,)) + x.flatten()", True),
    ("T.zeros(x.shape) + x", True),
    ("T.ones((x.shape[0], x.shape[1])) * x + x.reshape(x.shape)", True),
    ("t.flatten(2) + t.reshape((t.shape[0], t.shape[1] * t.shape[2]))", True),
    ("t.flatten(3).reshape((t.shape[0], -1)) + t.flatten(2)", True),
    ("T.concatenate([x, y]) + T.zeros((x.shape[0] + y.shape[0], x.shape[1]))", True),
    ("T.alloc(0.0, n) + T.zeros((n,))", True),
    ("x.reshape(y.shape) + y", True),
    ("x.flatten() + y.flatten()", False),
    ("x.reshape((n, -1)) + y.reshape((n, -1))", False),
    ("x.flatten()[2:].reshape((x.shape[0], -1)) + y[:, 2:]", False),
])
def test_equal_sizes_are_proved(line, proved):
    outputs, _ = replay.build(line)
    text = program_text(outputs, *replay.used(outputs))
    assert ("check" not in text) == proved, text


def test_a_size_of_minus_one_proves_nothing():
    """Both entries hold the same symbol, but -1 stands for two different sizes."""
    x, y, n = T.vector("x"), T.vector("y"), T.lscalar("n")
    out = x.reshape((n,)) + y.reshape((n,))
    for engine in (python_engine, script_engine):
        call = engine.build(lower([x, y, n], [out]))
        with pytest.raises(replay.FAILURES):
            call(torch.ones(3, dtype=torch.float64), torch.ones(1, dtype=torch.float64), torch.tensor(-1))


def test_a_join_asked_only_for_its_shape_checks_the_rest():
    x, y = T.matrix("x"), T.matrix("y")
    out = T.zeros(T.concatenate([x, y], axis=1).shape[:1]) + y[:, 0]
    call = python_engine.build(lower([x, y], [out]))
    with pytest.raises(replay.FAILURES):
        call(torch.ones(1, 2, dtype=torch.float64), torch.ones(3, 2, dtype=torch.float64))


def test_a_long_chain_of_sizes():
    x = T.vector("x")
    n = x.shape[0]
    for _ in range(5_000):
        n = n + 1
    call = python_engine.build(lower([x], [T.zeros((n - 5_000,))]))
    assert tuple(call(torch.zeros(3, dtype=torch.float64))[0].shape) == (3,)


@pytest.mark.parametrize("make", [
    lambda: T.Reshape(2), lambda: T.Shape(), lambda: T.Shape_i(1), lambda: T.MakeVector("int64"),
    lambda: T.Rebroadcast((0, True), (1, False)), lambda: T.SpecifyShape(), T.Join, lambda: T.Split(3),
    lambda: T.Alloc(), lambda: T.ARange("int64"), lambda: T.Eye("float32"), lambda: T.RepeatOp(1),
    lambda: T.ExtractDiag(1), lambda: T.AllocDiag(1), lambda: T.Tri("int8"),
])
def test_ops_are_values(make):
    op = make()
    assert op == make()
    assert hash(op) == hash(make())
    assert pickle.loads(pickle.dumps(op)) == op
    assert str(op)


@pytest.mark.parametrize("line", [
    "x.reshape((3, 2))", "x.flatten()", "T.addbroadcast(one, 0)", "T.concatenate([x, y])", "T.stack([s, r])",
    "T.alloc(x, 2, 2, 3)", "T.specify_shape(x, (2, 3))", "T.diagonal(q, 1)", "T.diag(v)", "T.repeat(x, 2, 0)",
    "T.tile(x, (2, 2))", "T.roll(x, 1, 0)", "T.split(x, [1, 2], 2, 1)[1]", "T.join(0, x, x * 2)",
])
def test_directional_derivative(line):
    """All of these are linear: the derivative in direction d is the value at d."""
    (out,), _ = replay.build(line)
    wrt = [v for v in replay.used([out]) if v.type.dtype == "float64"]
    pushed = Rop(out, wrt, [T.constant(replay.cases.INPUTS[v.name][2]) for v in wrt])
    (value,), (there,) = replay.run([pushed], "py"), replay.run([out], "py")
    np.testing.assert_allclose(value, there)


def test_second_derivatives():
    x = T.matrix("x")
    y = T.concatenate([x.reshape((x.shape[1], x.shape[0])).T, T.diag(T.diagonal(x))[:2, :1]], axis=1)
    first = grad((y ** 3).sum(), x)
    second = grad((first ** 2).sum(), x)
    value = replay.cases.INPUTS["x"][2][:, :2]
    call = python_engine.build(lower([x], [second]))
    got = call(torch.tensor(value))[0].numpy()
    # d/dx of sum (3 c x^2)^2 with c = 1, and 2 for the one element that stands in y twice
    factor = np.ones((2, 2))
    factor[0, 0] = 2
    np.testing.assert_allclose(got, 36 * factor ** 2 * value ** 3)


def test_the_constructors():
    assert T.fmatrix("x").type == T.TensorType("float32", (False, False))
    assert isinstance(T.ivector, T.TensorType)
    assert T.dmatrices("x", "y")[1].name == "y"
    assert [v.type.ndim for v in T.scalars(3)] == [0, 0, 0]
    assert T.dmatrices("x").name == "x"
    assert T.row().broadcastable == (True, False)
    assert T.tensor("int8", (True, False), name="q").name == "q"
    for letter, dtype in (("b", "int8"), ("w", "int16"), ("i", "int32"), ("l", "int64"), ("f", "float32"),
                          ("d", "float64"), ("c", "complex64"), ("z", "complex128")):
        for kind in ("scalar", "vector", "row", "col", "matrix", "tensor3", "tensor4", "tensor5"):
            assert getattr(T, letter + kind)().dtype == dtype
    with change_flags(floatX="float32"):
        assert T.matrix().dtype == "float32"
        assert T.zeros((2,)).dtype == "float32"
        assert T.eye(2).dtype == "float32"


def test_what_has_no_length_does_not_iterate():
    with pytest.raises(TypeError, match=r"does not support iteration. Maybe you are using builtin.sum"):
        sum(T.dmatrix("x"))
    with pytest.raises(ValueError, match="length not known"):
        list(T.dvector("v"))
