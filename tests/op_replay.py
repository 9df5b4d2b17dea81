"""How the tests of ops replay the expressions of op_cases.py."""

import builtins
import importlib
import json
import os
import types
import warnings

import numpy as np
import op_cases as cases
import pytest
import torch
from record.encoding import decode

import tgraph.errors
import tgraph.tensor as T
from tgraph import derivatives
from tgraph.function import function
from tgraph.graph import Constant, toposort
from tgraph.graph import inputs as leaves_of
from tgraph.lowering import python_engine, script_engine
from tgraph.lowering.to_fx import lower
from tgraph.ops import (
    assertion,
    barriers,
    decompositions,
    elemwise,
    fft,
    join,
    linalg,
    matrices,
    nnet,
    nnet_losses,
    reduce,
    shape,
    softmax,
    solve,
    sort,
)
from tgraph.ops.rows import rows
from tgraph.types import TensorType
from tgraph.values import to_numpy, to_value

# the package shows the function of that name
gradient = importlib.import_module("tgraph.grad")

RECORDED = {}
for _name in cases.FILES:
    with open(os.path.join(os.path.dirname(__file__), "data", _name)) as _file:
        RECORDED.update(json.load(_file))

ENGINES = {"py": python_engine.build, "script": script_engine.build}
#: the recorded class, and what stands for it here
CLASSES = {"AxisError": (ValueError, IndexError), "LinAlgError": np.linalg.LinAlgError}


def _space(*modules, **more):
    names = {name: value for m in modules for name, value in vars(m).items() if not name.startswith("__")}
    return types.SimpleNamespace(**names, **more)


_NNET = _space(nnet_losses, softmax, nnet, **{
    name: elemwise.elemwise(rows[name]) for name in ("sigmoid", "softplus", "ultra_fast_sigmoid", "softsign")
})
_NNET.nnet = _NNET
MODULES = {
    "T": _space(
        T, linalg, sort, reduce, basic=_space(linalg, reduce, shape, join), blas=linalg, opt=_space(assertion)
    ),
    "nnet": _NNET,
    "G": _space(gradient, barriers, derivatives),
    "E": _space(elemwise, reduce),
    "S": types.SimpleNamespace(**rows),
    "X": _space(T, shape, nnet),
    **dict.fromkeys("NL", _space(solve, decompositions, matrices)),
    **dict.fromkeys("FC", fft),
}


def good(group):
    return [line for line in cases.lines(group) if "values" in RECORDED[group][line]]


def bad_to_build(group):
    return [line for line in cases.lines(group) if "build" in RECORDED[group][line]]


def bad_to_run(group):
    return [line for line in cases.lines(group) if "run" in RECORDED[group][line]]


def with_gradient(group):
    return [line for line in cases.lines(group) if RECORDED[group][line].get("grads")]


def build(line):
    """The outputs of an expression, as a list."""
    names, _ = cases.scope(MODULES, lambda name, dtype, pattern: TensorType(dtype, pattern)(name))
    with warnings.catch_warnings():
        # softmax of a vector or of a column, and gradients of what is not connected, are told of
        warnings.simplefilter("ignore")
        out = eval(line, names)
    return list(out) if isinstance(out, (list, tuple)) else [out]


def used(outputs):
    return [v for v in leaves_of(outputs) if v.name in cases.INPUTS and not isinstance(v, Constant)]


def narrow(outputs):
    """True if a float32 is among the inputs: where it is rounded on the way to float64 may differ."""
    return any(v.type.dtype == "float32" for v in used(outputs))


def run(outputs, engine):
    """The values of outputs: by numpy forms, by an engine alone, or by ``function`` with all rewrites."""
    leaves = used(outputs)
    given = [np.array(cases.INPUTS[v.name][2]) for v in leaves]
    if engine == "numpy":
        return run_numpy(outputs)
    if engine == "function":
        return [np.asarray(r) for r in function(leaves, outputs)(*given)]
    held = [to_value(a) for a in given]
    return [np.array(to_numpy(r)) for r in ENGINES[engine](lower(leaves, outputs))(*held)]


def run_numpy(outputs):
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


#: relative and absolute error that another order of summing may cause
_CLOSE = {"float16": (2e-3, 1e-3), "float32": (2e-6, 1e-6), "complex64": (2e-6, 1e-6)}


def same(ours, recorded, where, loose=False):
    theirs = decode(recorded)
    ours = np.asarray(ours)
    assert ours.dtype == theirs.dtype, where
    assert ours.shape == theirs.shape, where
    if where.startswith("function"):
        # recorded without rewrites, some of which cancel what else is 0 * inf
        ours = np.where(np.isnan(theirs), theirs, ours) if theirs.dtype.kind in "fc" else ours
    rtol, atol = _CLOSE.get("float32" if loose else theirs.dtype.name, (1e-11, 1e-13))
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol, err_msg=where)


def check_value(group, line, engines):
    """Types and values as recorded, on each engine."""
    recorded = RECORDED[group][line]
    outputs = build(line)
    assert [o.type.dtype for o in outputs] == recorded["dtypes"]
    assert [list(o.type.broadcastable) for o in outputs] == recorded["patterns"]
    for engine in engines:
        for ours, theirs in zip(run(outputs, engine), recorded["values"], strict=True):
            same(ours, theirs, engine, narrow(outputs))


def gradients(outputs, values):
    """{name: gradient of a weighted sum of the float outputs}, for the float64 inputs."""
    wrt = sorted((v for v in used(outputs) if v.type.dtype == "float64"), key=lambda v: v.name)
    floats = [(o, v) for o, v in zip(outputs, values, strict=True) if o.type.dtype in ("float32", "float64")]
    known = {o: T.patternbroadcast(T.constant(cases.weights(v.shape, i, o.type.dtype)), o.type.broadcastable)
             for i, (o, v) in enumerate(floats)}
    found = gradient.grad(None, wrt, known_grads=known, disconnected_inputs="ignore")
    return {v.name: g for v, g in zip(wrt, found, strict=True)}


def check_gradient(group, line, engines):
    """Gradients as recorded, on each engine."""
    recorded = RECORDED[group][line]["grads"]
    outputs = build(line)
    found = gradients(outputs, [decode(v) for v in RECORDED[group][line]["values"]])
    # some inputs stand in our graphs no more, or only in ours: their gradients are zeros
    names = sorted(set(recorded).intersection(found))
    assert all(not np.any(decode(recorded[n])) for n in set(recorded).difference(found))
    for engine in engines:
        for name, ours in zip(names, run([found[n] for n in names], engine), strict=True):
            same(ours, recorded[name], f"{engine}, {name}", narrow(outputs))


def check_refused_to_run(group, line):
    """The recorded class of error, from the numpy forms and from a compiled function; engines refuse too."""
    outputs = build(line)
    recorded = RECORDED[group][line]
    assert [list(o.type.broadcastable) for o in outputs] == recorded["patterns"]
    for engine in ("numpy", "function"):
        refused(classes(recorded["run"]), outputs, engine)
    for engine in ENGINES:
        refused((torch.jit.Error, RuntimeError, ValueError, IndexError, TypeError, AssertionError), outputs, engine)


def refused(expected, outputs, engine):
    try:
        values = run(outputs, engine)
    except expected:
        return
    raise AssertionError(f"{engine} gave {values}")


#: the ways in which every line is run
EVERYWHERE = ("numpy", "py", "script", "function")


def suite(group):
    """The tests of a group: test_value, test_gradient, test_refused_when_built, test_refused_when_run."""
    each = pytest.mark.parametrize

    @each("line", good(group))
    def test_value(line):
        check_value(group, line, EVERYWHERE)

    @each("line", with_gradient(group))
    def test_gradient(line):
        check_gradient(group, line, EVERYWHERE)

    @each("line", bad_to_build(group))
    def test_refused_when_built(line):
        with pytest.raises(classes(RECORDED[group][line]["build"])):
            build(line)

    @each("line", bad_to_run(group))
    def test_refused_when_run(line):
        check_refused_to_run(group, line)

    return test_value, test_gradient, test_refused_when_built, test_refused_when_run
