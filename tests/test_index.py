"""Indexing: every expression of index_cases.py against what the real Theano gave, numpy, and differences."""

import json
import os

import index_cases as cases
import numpy as np
import pytest
from record.encoding import decode

import tgraph.tensor as T
from tgraph.grad import grad
from tgraph.graph import Constant, toposort
from tgraph.graph import inputs as leaves_of
from tgraph.lowering import python_engine, script_engine
from tgraph.lowering.to_fx import lower
from tgraph.types import TensorType
from tgraph.values import to_numpy, to_value

with open(os.path.join(os.path.dirname(__file__), "data", "index.json")) as _file:
    RECORDED = json.load(_file)["cases"]

#: where we go further than the recorded Theano: what numpy gives
RICHER = {
    "v[np.array(2)]", "v[None]", "x[:, None]", "x[None, 1]", "x[1, None]", "x3[:, None, 1]",
    "T.take(v, wide, mode='wrap')", "inc_subtensor(x[:, None], y45[:, None])", "set_subtensor(x[None, 1], y5)",
    "set_subtensor(v[0], s, inplace=True)", "inc_subtensor(x[1:].dimshuffle(0, 'x', 1), s)",
}
#: the recorded class is another, the meaning the same
OTHER_CLASS = {
    "IndexError": (IndexError,), "TypeError": (TypeError,), "ValueError": (ValueError,),
    "RecursionError": (TypeError,), "AssertionError": (Exception,),
}
ENGINES = {"py": python_engine.build, "script": script_engine.build}


def build(expression):
    names, inputs = cases.scope(T, lambda name, dtype, pattern: TensorType(dtype, pattern)(name))
    return eval(expression, names), inputs


def run(outputs, engine="py"):
    used = [v for v in leaves_of(outputs) if v.name in cases.INPUTS]
    program = lower(used, outputs)
    values = [to_value(np.array(cases.INPUTS[v.name][2])) for v in used]
    return [np.array(to_numpy(r)) for r in ENGINES[engine](program)(*values)]


def numpy_value(expression):
    names = {name: np.array(value) for name, (_, _, value) in cases.INPUTS.items()}
    return eval(expression, dict(names, np=np, T=np))


def by_group(*groups):
    return [line for group, line in cases.lines() if group in groups]


GOOD = [line for line in by_group("basic", "advanced", "writes") if "value" in RECORDED[line]]
BAD = [line for _, line in cases.lines() if "value" not in RECORDED[line] and line not in RICHER]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("expression", GOOD)
def test_value_is_the_recorded_one(expression, engine):
    record = RECORDED[expression]
    out, _ = build(expression)
    assert out.type.dtype == record["type"]
    assert list(out.type.broadcastable) == record["pattern"]
    (value,) = run([out], engine)
    expected = decode(record["value"])
    assert value.dtype == expected.dtype
    np.testing.assert_array_equal(value, expected, strict=True)


@pytest.mark.parametrize("expression", [e for e in GOOD if RECORDED[e].get("grads")])
def test_gradients_are_the_recorded_ones(expression):
    record = RECORDED[expression]
    out, inputs = build(expression)
    value = decode(record["value"])
    names = sorted(record["grads"])
    w = T.constant(cases.weights(value.shape).astype(value.dtype).reshape(value.shape))
    grads = grad(None, [inputs[n] for n in names], known_grads={out: w}, disconnected_inputs="ignore")
    for engine in ENGINES:
        for name, g, got in zip(names, grads, run(grads, engine), strict=True):
            expected = decode(record["grads"][name])
            assert g.type.ndim == got.ndim
            np.testing.assert_allclose(got, expected, rtol=1e-6 if got.dtype == "float32" else 1e-12, err_msg=name)
            assert got.dtype == expected.dtype


@pytest.mark.parametrize("expression", BAD)
def test_what_theano_refuses_is_refused(expression):
    record = RECORDED[expression]
    error = record.get("build") or record["run"]
    classes = OTHER_CLASS[error["raises"]]
    with pytest.raises(classes) as caught:
        out, _ = build(expression)
        # the numpy form is what names the error when a compiled program fails
        node = next(n for n in [out.owner] if n is not None)
        run_numpy(node)
    if "out of bounds" in error["message"]:
        assert "out of bounds" in str(caught.value)


def run_numpy(node):
    """Every node up to this one by its numpy form."""
    held = {}

    def value(v):
        if isinstance(v, Constant):
            return v.data
        return held[v] if v in held else np.array(cases.INPUTS[v.name][2])

    for n in toposort(node.outputs):
        cells = [[None] for _ in n.outputs]
        n.op.perform(n, [value(v) for v in n.inputs], cells)
        held.update(zip(n.outputs, [c[0] for c in cells], strict=True))
    return held[node.outputs[0]]


@pytest.mark.parametrize("expression", [e for e in BAD if "run" in RECORDED[e]])
@pytest.mark.parametrize("engine", ENGINES)
def test_programs_fail_too(expression, engine):
    with pytest.raises(Exception):  # noqa: B017  the class is named when the numpy form is run
        run([build(expression)[0]], engine)


@pytest.mark.parametrize("expression", GOOD)
def test_numpy_form_agrees(expression):
    out, _ = build(expression)
    if out.owner is None:
        return
    np.testing.assert_array_equal(run_numpy(out.owner), decode(RECORDED[expression]["value"]))


@pytest.mark.parametrize("expression", [e for e in by_group("basic", "advanced")
                                        if "T." not in e and "shape" not in e and "nonzero" not in e
                                        and "i, j]]" not in e and "take" not in e and e not in BAD])
def test_numpy_agrees(expression):
    np.testing.assert_array_equal(run([build(expression)[0]])[0], numpy_value(expression))
