"""Every op, by the table in cases.py: all its forms agree with each other and with numpy, in every dtype, for
arrays of any layout and empty ones; it exports, it pickles, and its gradients are derivatives."""

import functools
import importlib
import itertools
import pickle
import pkgutil

import cases
import dill
import numpy as np
import pytest
import torch
from cases import CASES

import tgraph.ops
import tgraph.tensor as T
from tgraph.errors import ExportError
from tgraph.function import function
from tgraph.graph import Constant, Op, toposort, torch_form
from tgraph.lowering import interpret, python_engine, script_engine
from tgraph.lowering.to_fx import Context, lower
from tgraph.ops.rows import ScalarOp, rows
from tgraph.rewrite import branches
from tgraph.types import TensorType, float_dtypes
from tgraph.values import to_numpy, to_value

for module in pkgutil.iter_modules(tgraph.ops.__path__):
    importlib.import_module(f"tgraph.ops.{module.name}")

TYPED = [(case, dtype) for case in CASES for dtype in case.dtypes]
each_typed = pytest.mark.parametrize(("case", "dtype"), TYPED, ids=[f"{c}-{d}" for c, d in TYPED])
TWINS = [(case, dtype) for case, dtype in TYPED if case.twin is not None]
SMOOTH = [case for case in CASES if case.wrt is not None]
SIZED = [(case, dtype) for case, dtype in TYPED if any(np.ndim(v) for v in case.values)]
each_sized = pytest.mark.parametrize(("case", "dtype"), SIZED, ids=[f"{c}-{d}" for c, d in SIZED])

#: ops whose gradient for a float32 is a float64 under Theano: zeros of floatX, a float64 number in the formula, an
#: output that is a float64 itself
WIDE_GRADIENTS = {"int_div", "trunc", "log10", "angle", "convert_to_float64"}


def known(op):
    # ops on sparse matrices have tables of their own: tests/test_sparse.py
    return op.__module__.startswith("tgraph.ops.") and not op.__module__.startswith("tgraph.ops.sparse")


def subclasses(cls):
    for sub in cls.__subclasses__():
        yield sub
        yield from subclasses(sub)


# -- how a case is run ---------------------------------------------------------------------------------------


@functools.cache
def graph(case, dtype):
    """(inputs, outputs)."""
    xs = cases.variables(case, dtype)
    out = case.build(*xs)
    return xs, list(out) if isinstance(out, (list, tuple)) else [out]


@functools.cache
def program(case, dtype):
    return lower(*graph(case, dtype))


@functools.cache
def compiled(case, dtype):
    return function(*graph(case, dtype))


@functools.cache
def engine(case, dtype, build):
    return build(program(case, dtype))


def by_numpy(case, dtype, values):
    """By the numpy form of every node."""
    xs, outputs = graph(case, dtype)
    env = dict(zip(xs, values, strict=True))
    for node in toposort(outputs, xs):
        cells = [[None] for _ in node.outputs]
        node.op.perform(node, [v.data if isinstance(v, Constant) else env[v] for v in node.inputs], cells)
        env.update((o, cell[0]) for o, cell in zip(node.outputs, cells, strict=True))
    return [env[o] for o in outputs]


def by(build):
    """By an engine, without rewrites."""
    def run(case, dtype, values):
        held = [to_value(np.array(v) if isinstance(v, np.ndarray) else v) for v in values]
        return [np.array(to_numpy(r)) for r in engine(case, dtype, build)(*held)]
    return run


def by_function(case, dtype, values):
    """As users do, with all rewrites."""
    return compiled(case, dtype)(*values)


WAYS = {"numpy": by_numpy, "nodes": by(interpret.build), "py": by(python_engine.build),
        "script": by(script_engine.build), "function": by_function}
#: what an engine raises before a failure is given the class of the numpy form
ANY_ERROR = (torch.jit.Error, RuntimeError, ValueError, IndexError, TypeError, ZeroDivisionError, AssertionError)


def close(ours, theirs, where, case=None):
    """Equal to a few units in the last place."""
    assert len(ours) == len(theirs), where
    for a, b in zip(ours, theirs, strict=True):
        assert np.shape(a) == np.shape(b), where
        if case is None or not case.undefined:
            narrow = {"float16": 1e-3, "float32": 2e-6, "complex64": 2e-6}.get(str(np.asarray(b).dtype), 1e-12)
            np.testing.assert_allclose(a, b, rtol=narrow, atol=narrow, err_msg=where)


def checked(outputs, values, where):
    """Values of the declared types."""
    for output, value in zip(outputs, values, strict=True):
        assert isinstance(value, (np.ndarray, np.generic)), where
        assert str(value.dtype) == output.type.dtype, where
        assert value.ndim == output.type.ndim, where
        assert all(n == 1 for n, b in zip(value.shape, output.type.broadcastable, strict=True) if b), where
    return values


# -- the tests -----------------------------------------------------------------------------------------------


def test_every_op_has_a_case():
    """An op that is added to the house needs a line in cases.py."""
    ops = {op for op in subclasses(Op) if known(op) and not issubclass(op, ScalarOp)} - cases.ABSTRACT
    covered = {case.covers for case in CASES}
    assert {op.__name__ for op in ops - covered} == {"Elemwise"}  # the rows are its cases
    assert set(rows) == {case.name for case in cases.ROWS}
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_case_builds_its_op(case):
    assert case.dtypes
    _, outputs = graph(case, case.dtypes[0])
    ops = [node.op for node in toposort(outputs)]
    assert any(type(op) is case.covers or type(getattr(op, "scalar_op", None)) is case.covers for op in ops)


@each_typed
def test_engines_agree(case, dtype):
    _, outputs = graph(case, dtype)
    given = cases.values(case, dtype)
    expected = checked(outputs, by_numpy(case, dtype, given), "numpy")
    for name, way in WAYS.items():
        close(checked(outputs, way(case, dtype, given), name), expected, name, case)


@pytest.mark.parametrize(("case", "dtype"), TWINS, ids=[f"{c}-{d}" for c, d in TWINS])
def test_numpy_gives_the_same(case, dtype):
    given = cases.values(case, dtype)
    theirs = case.twin(*given)
    theirs = theirs if isinstance(theirs, list) else [theirs]
    for ours, value in zip(by_function(case, dtype, given), theirs, strict=True):
        # numpy has other dtypes for some results: the values are what is compared
        close([ours], [np.asarray(value).astype(ours.dtype)], case.name)


@each_typed
def test_sizes_that_are_proved_are_true(case, dtype):
    """Equal symbols mean equal sizes, and a number is the size."""
    xs, outputs = graph(case, dtype)
    ctx = Context(torch.fx.Graph())
    for x in xs:
        ctx.env[x] = ctx.tracer.create_proxy("placeholder", x.name, (), {})
    env = dict(zip(xs, [to_value(np.array(v) if isinstance(v, np.ndarray) else v)
                        for v in cases.values(case, dtype)], strict=True))
    found = []
    for node in toposort(branches.close(outputs, xs), xs):
        for x in node.inputs:
            if isinstance(x, Constant) and x not in env:
                env[x], ctx.env[x] = to_value(x.data), ctx.tensor(x.data)
        results = torch_form(node.op)(node.op, node, ctx, *[ctx.env[x] for x in node.inputs])
        ctx.env.update(zip(node.outputs, results if isinstance(results, tuple) else (results,), strict=True))
        ctx.note_sizes(node)
        values = interpret.interpret(node.inputs, node.outputs, [env[x] for x in node.inputs])
        env.update(zip(node.outputs, values, strict=True))
        found += node.outputs
    sizes = {}
    for v in [*xs, *found]:
        if not isinstance(v.type, TensorType):
            continue
        symbols = [ctx.find(s) for s in ctx.sizes(v)]
        assert len(symbols) == env[v].ndim
        for symbol, size in zip(symbols, env[v].shape, strict=True):
            assert sizes.setdefault(symbol, size) == size if not isinstance(symbol, int) else symbol == size, v


def is_host(case, dtype):
    return bool(program(case, dtype).hosts)


@each_typed
def test_export(case, dtype, tmp_path):
    """A file that torch opens gives the same; what runs on the host is refused, and no file is left."""
    path = tmp_path / "f.pt"
    assert is_host(case, dtype) == (dtype in case.host)
    given = cases.values(case, dtype)
    if dtype in case.host:
        with pytest.raises(ExportError):
            compiled(case, dtype).export(path)
        assert not path.exists()
        return
    compiled(case, dtype).export(path)
    module = torch.jit.load(path)
    results = module(*[torch.from_numpy(np.array(v)) for v in given])
    results = [results] if isinstance(results, torch.Tensor) else list(results)
    expected = by_numpy(case, dtype, given)
    close([r.numpy() for r in results], expected, "exported", case)
    assert [str(r.numpy().dtype) for r in results] == [str(np.asarray(e).dtype) for e in expected]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_pickle(case):
    """The graph and its op come back from pickle and dill, equal and in working order."""
    dtype = case.dtypes[0]
    xs, outputs = graph(case, dtype)
    given = cases.values(case, dtype)
    expected = by_numpy(case, dtype, given)
    for module in (pickle, dill):
        ins, outs = module.loads(module.dumps((xs, outputs)))
        assert [v.type for v in ins] == [v.type for v in xs]
        assert [v.type for v in outs] == [v.type for v in outputs]
        assert [n.op for n in toposort(outs)] == [n.op for n in toposort(outputs)], module.__name__
        close(function(ins, outs, mode="FAST_COMPILE")(*given), expected, module.__name__, case)


def layouts(array):
    """The same numbers in memory in other ways."""
    wide = np.zeros([2 * n + 1 for n in array.shape], array.dtype)
    every_other = (..., *(slice(0, 2 * n, 2) for n in array.shape))
    wide[every_other] = array
    back = (..., *(slice(None, None, -1) for _ in array.shape))
    fixed = array.copy()
    fixed.flags.writeable = False
    yield "transposed", array.T.copy().T
    yield "strided", wide[every_other]
    yield "backwards", array[back].copy()[back]
    yield "read-only", fixed
    yield "big-endian", array.astype(array.dtype.newbyteorder(">"))


@each_sized
def test_layouts(case, dtype):
    """Where an array lies in memory does not matter, and what is passed is not changed."""
    given = cases.values(case, dtype)
    expected = by_function(case, dtype, given)
    for turned in zip(*[layouts(v) for v in given], strict=True):
        name, arrays = turned[0][0], [a for _, a in turned]
        close(by_function(case, dtype, arrays), expected, name, case)
        for a, v in zip(arrays, given, strict=True):
            np.testing.assert_array_equal(a, v, err_msg=f"{name} changed an argument")
        if name in ("transposed", "strided"):
            held = [torch.from_numpy(a) if a.ndim else to_value(a) for a in arrays]
            for build in (python_engine.build, script_engine.build):
                results = [np.array(to_numpy(r)) for r in engine(case, dtype, build)(*held)]
                close(results, expected, f"{name}, {build.__module__}", case)


def emptied(case, dtype):
    """Values with all dimensions of one size made 0, for each size."""
    given = cases.values(case, dtype)
    fixed = [i for i, x in enumerate(graph(case, dtype)[0]) if not isinstance(x.type, TensorType)]
    sizes = {n for i, v in enumerate(given) if i not in fixed for n in np.shape(v)} - {1}
    for n in sorted(sizes):
        yield n, [v if i in fixed else v[(..., *(slice(0, 0) if k == n else slice(None) for k in v.shape))]
                  for i, v in enumerate(given)]


@each_sized
def test_empty(case, dtype):
    """Arrays without elements: all forms give the same, or all refuse, and ``function`` as numpy does."""
    _, outputs = graph(case, dtype)
    for n, given in emptied(case, dtype):
        try:
            expected = checked(outputs, by_numpy(case, dtype, given), "numpy")
        except ANY_ERROR as refusal:
            with pytest.raises(type(refusal)):
                by_function(case, dtype, given)
            for name in ("nodes", "py", "script"):
                with pytest.raises(ANY_ERROR):
                    WAYS[name](case, dtype, given)
            continue
        for name, way in WAYS.items():
            close(checked(outputs, way(case, dtype, given), name), expected, f"{name}, no {n}", case)


def directions(variables_, shapes, seed):
    state = np.random.RandomState(seed)
    return [T.constant(state.uniform(-1, 1, s).astype(v.type.dtype)) for v, s in zip(variables_, shapes, strict=True)]


@pytest.mark.parametrize("case", SMOOTH, ids=repr)
def test_gradient(case):
    """Along a direction v and for weights u: J v by ``Rop`` is the difference quotient, and <u, J v> is <J'u, v>
    by ``grad``."""
    if "float64" not in case.dtypes:
        return  # only integers: no gradient
    xs, outputs = graph(case, "float64")
    given = cases.values(case, "float64")
    wrt = [i for i, x in enumerate(xs) if x.type.dtype == "float64" and (not case.wrt or i in case.wrt)]
    f = compiled(case, "float64")
    here = f(*given)
    kept = [k for k, o in enumerate(outputs) if o.type.dtype == "float64"]
    if not kept:
        return
    v = directions([xs[i] for i in wrt], [given[i].shape for i in wrt], 1)
    v = [T.patternbroadcast(t, xs[i].type.broadcastable) for t, i in zip(v, wrt, strict=True)]
    u = directions([outputs[k] for k in kept], [here[k].shape for k in kept], 2)
    u = [T.patternbroadcast(t, outputs[k].type.broadcastable) for t, k in zip(u, kept, strict=True)]
    tangents = T.Rop([outputs[k] for k in kept], [xs[i] for i in wrt], v)
    grads = T.grad(None, [xs[i] for i in wrt], known_grads={outputs[k]: t for k, t in zip(kept, u, strict=True)},
                   disconnected_inputs="ignore")
    for i, g in zip(wrt, grads, strict=True):
        assert g.type == xs[i].type
    tangents = [T.zeros_like(outputs[k]) if t is None else t for k, t in zip(kept, tangents, strict=True)]
    results = function(xs, [*tangents, *grads, *u, *v], on_unused_input="ignore")(*given)
    parts = iter(results)
    jv, jtu, u, v = (list(itertools.islice(parts, n)) for n in (len(kept), len(wrt), len(kept), len(wrt)))

    def moved(step):
        values = list(given)
        for i, t in zip(wrt, v, strict=True):
            values[i] = values[i] + step * t
        return f(*values)

    up, down, step = moved(1e-5), moved(-1e-5), 1e-5
    for k, tangent in zip(kept, jv, strict=True):
        np.testing.assert_allclose(tangent, (up[k] - down[k]) / (2 * step), rtol=1e-5, atol=1e-7)
    forward = sum(np.sum(a * b) for a, b in zip(u, jv, strict=True))
    backward = sum(np.sum(a * b) for a, b in zip(jtu, v, strict=True))
    np.testing.assert_allclose(forward, backward, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("case", [c for c in SMOOTH if "float32" in c.dtypes], ids=repr)
def test_gradient_keeps_the_dtype(case):
    """The gradient for a float32 has its type; a few have that of floatX, as with Theano."""
    xs, outputs = graph(case, "float32")
    wrt = [x for i, x in enumerate(xs) if x.type.dtype == "float32" and (not case.wrt or i in case.wrt)]
    floats = [o for o in outputs if o.type.dtype in float_dtypes]
    if not floats:
        return
    for x, g in zip(wrt, T.grad(sum(o.sum() for o in floats), wrt, disconnected_inputs="ignore"), strict=True):
        # what is summed to the shape of a vector has its dtype again
        wide = case.name in WIDE_GRADIENTS and x.type.ndim == 2
        assert g.type == x.type.clone(dtype="float64" if wide else "float32")
