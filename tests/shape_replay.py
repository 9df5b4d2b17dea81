"""How tests/test_create.py, test_shape.py and test_join.py replay the expressions of shape_cases.py."""

import builtins
import json
import os
import types
import warnings

import numpy as np
import pytest
import shape_cases as cases
import torch
from record.encoding import decode

import tgraph.errors
import tgraph.tensor as T
from tgraph.function import function
from tgraph.grad import grad
from tgraph.graph import Constant, toposort
from tgraph.graph import inputs as leaves_of
from tgraph.lowering import python_engine, script_engine
from tgraph.lowering.to_fx import lower
from tgraph.types import TensorType
from tgraph.values import to_numpy, to_value

with open(os.path.join(os.path.dirname(__file__), "data", "shapes.json")) as _file:
    RECORDED = json.load(_file)

ENGINES = {"py": python_engine.build, "script": script_engine.build}
#: what engines raise before a failure is mapped to the class of the numpy form
FAILURES = (torch.jit.Error, RuntimeError, ValueError, IndexError, AssertionError, ZeroDivisionError)
#: the recorded class, and the classes that stand for it here
CLASSES = {"AxisError": (ValueError, IndexError), "RecursionError": (TypeError,)}

# the old place of some functions
NAMES = types.SimpleNamespace(**{name: getattr(T, name) for name in dir(T) if not name.startswith("__")})
NAMES.extra_ops = NAMES


#: here we know more than the old library did: the length of a joined or reversed vector, a shape made of it
RICHER = {
    "T.reshape(x, T.concatenate([x.shape[1:], x.shape[:1]]))", "T.get_vector_length(t.shape[::-1])",
    "T.get_vector_length(T.concatenate([x.shape, x.shape]))",
}


def good(group):
    return [line for line in cases.lines(group) if "values" in RECORDED[group][line]]


def bad_to_build(group):
    return [line for line in cases.lines(group) if "build" in RECORDED[group][line] and line not in RICHER]


def bad_to_run(group):
    return [line for line in cases.lines(group) if "run" in RECORDED[group][line]]


def with_gradient(group):
    return [line for line in cases.lines(group) if RECORDED[group][line].get("grads")]


def evaluate(line, inputs=None):
    """The value of an expression."""
    names, made = cases.scope(NAMES, lambda name, dtype, pattern: TensorType(dtype, pattern)(name))
    if inputs is not None:
        inputs.update(made)
    with warnings.catch_warnings():
        # old spellings among them: stack(x, y), outdim=
        warnings.simplefilter("ignore")
        return eval(line, names)


def build(line):
    """(outputs, inputs by name) of an expression."""
    inputs = {}
    out = evaluate(line, inputs)
    return (list(out) if isinstance(out, (list, tuple)) else [out]), inputs


def used(outputs):
    return [v for v in leaves_of(outputs) if v.name in cases.INPUTS and not isinstance(v, Constant)]


def run(outputs, engine, values=None):
    """The values of outputs through the torch form."""
    leaves = used(outputs)
    program = lower(leaves, outputs)
    given = {name: value for name, (_, _, value) in cases.INPUTS.items()} | (values or {})
    held = [to_value(np.array(given[v.name])) for v in leaves]
    return [np.array(to_numpy(r)) for r in ENGINES[engine](program)(*held)]


def run_compiled(outputs):
    """The values of outputs from a function compiled in the default mode, rewrites and all."""
    leaves = used(outputs)
    return function(leaves, outputs)(*[np.array(cases.INPUTS[v.name][2]) for v in leaves])


def run_numpy(outputs):
    """The values of outputs through the numpy form, node by node."""
    env = {v: np.array(cases.INPUTS[v.name][2]) for v in used(outputs)}
    for node in toposort(outputs):
        cells = [[None] for _ in node.outputs]
        node.op.perform(node, [x.data if isinstance(x, Constant) else env[x] for x in node.inputs], cells)
        env.update((o, cell[0]) for o, cell in zip(node.outputs, cells, strict=True))
    return [o.data if isinstance(o, Constant) else env[o] for o in outputs]


def classes(recorded):
    """The exception classes that stand for a recorded one."""
    name = recorded["raises"]
    return CLASSES.get(name) or getattr(builtins, name, None) or getattr(tgraph.errors, name)


def same(ours, recorded, exact=True):
    theirs = decode(recorded)
    assert ours.dtype == theirs.dtype
    assert ours.shape == theirs.shape
    if exact:
        np.testing.assert_array_equal(ours, theirs)
    else:
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)


def check_value(group, line, engine):
    """Types and values as recorded, on an engine."""
    recorded = RECORDED[group][line]
    outputs, _ = build(line)
    assert [o.type.dtype for o in outputs] == recorded["dtypes"]
    assert [list(o.type.broadcastable) for o in outputs] == recorded["patterns"]
    other = {"numpy": run_numpy, "compiled": run_compiled}.get(engine)
    values = other(outputs) if other else run(outputs, engine)
    for ours, theirs in zip(values, recorded["values"], strict=True):
        # a rewrite may add in another order
        same(np.asarray(ours), theirs, exact=engine != "compiled")


def gradients(outputs, inputs, shapes):
    """The gradients of a weighted sum of the outputs, by name."""
    wrt = sorted((v for v in used(outputs) if v.type.dtype == "float64"), key=lambda v: v.name)
    known = {o: NAMES.patternbroadcast(T.constant(cases.weights(s, i)), o.type.broadcastable)
             for i, (o, s) in enumerate(zip(outputs, shapes, strict=True))}
    return {v.name: g for v, g in zip(wrt, grad(None, wrt, known_grads=known, disconnected_inputs="ignore"),
                                      strict=True)}


def check_gradient(group, line, engine):
    """Gradients as recorded."""
    recorded = RECORDED[group][line]
    outputs, inputs = build(line)
    found = gradients(outputs, inputs, [v["shape"] for v in recorded["values"]])
    assert set(found) == set(recorded["grads"])
    for name, g in found.items():
        assert list(g.type.broadcastable) == list(inputs[name].type.broadcastable)
    grads = list(found.values())
    values = run_compiled(grads) if engine == "compiled" else run(grads, engine)
    for name, value in zip(found, values, strict=True):
        same(value, recorded["grads"][name], exact=False)


def check_differences(group, line):
    """Gradients against central differences of the function itself."""
    recorded = RECORDED[group][line]
    outputs, inputs = build(line)
    found = gradients(outputs, inputs, [v["shape"] for v in recorded["values"]])
    values = dict(zip(found, run(list(found.values()), "py"), strict=True))
    leaves = used(outputs)
    call = python_engine.build(lower(leaves, outputs))

    def cost(given):
        held = [to_value(np.array(given.get(v.name, cases.INPUTS[v.name][2]))) for v in leaves]
        results = [np.array(to_numpy(r)) for r in call(*held)]
        return sum((r * cases.weights(r.shape, i)).sum() for i, r in enumerate(results))

    for name, g in values.items():
        x, step = cases.INPUTS[name][2], 1e-4
        numeric = np.zeros_like(x)
        for place in np.ndindex(*x.shape):
            up, down = x.copy(), x.copy()
            up[place] += step
            down[place] -= step
            numeric[place] = (cost({name: up}) - cost({name: down})) / (2 * step)
        np.testing.assert_allclose(g, numeric, rtol=1e-6, atol=1e-7)


def suite(group, no_derivative=()):
    """The tests of a group: test_value, test_gradient, test_gradient_is_a_derivative (but for the lines in
    ``no_derivative``), test_refused_when_built, test_refused_when_run."""
    each = pytest.mark.parametrize

    @each("engine", ["numpy", *ENGINES, "compiled"])
    @each("line", good(group))
    def test_value(line, engine):
        check_value(group, line, engine)

    @each("engine", [*ENGINES, "compiled"])
    @each("line", with_gradient(group))
    def test_gradient(line, engine):
        check_gradient(group, line, engine)

    @each("line", [line for line in with_gradient(group) if line not in no_derivative])
    def test_gradient_is_a_derivative(line):
        check_differences(group, line)

    @each("line", bad_to_build(group))
    def test_refused_when_built(line):
        with pytest.raises(classes(RECORDED[group][line]["build"])):
            build(line)

    @each("line", bad_to_run(group))
    def test_refused_when_run(line):
        outputs, _ = build(line)
        recorded = RECORDED[group][line]
        assert [list(o.type.broadcastable) for o in outputs] == recorded["patterns"]
        with pytest.raises(classes(recorded["run"])):
            run_numpy(outputs)
        for engine in ENGINES:
            with pytest.raises(FAILURES):
                run(outputs, engine)

    return test_value, test_gradient, test_gradient_is_a_derivative, test_refused_when_built, test_refused_when_run
