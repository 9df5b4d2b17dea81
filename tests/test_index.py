"""Indexing: every expression of index_cases.py against what the real Theano gave, numpy, and differences."""

import json
import os
import pickle

import index_cases as cases
import numpy as np
import pytest
from record.encoding import decode

import tgraph.tensor as T
from tgraph import function
from tgraph.grad import Rop, grad
from tgraph.graph import Constant, toposort
from tgraph.graph import inputs as leaves_of
from tgraph.lowering import python_engine, script_engine
from tgraph.lowering.to_fx import Context, lower
from tgraph.ops import advanced
from tgraph.rewrite import rewrite
from tgraph.types import TensorType
from tgraph.values import to_numpy, to_value

with open(os.path.join(os.path.dirname(__file__), "data", "index.json")) as _file:
    RECORDED = json.load(_file)["cases"]

#: where we go further than the recorded Theano: what numpy gives
RICHER = {
    "v[np.array(2)]", "v[None]", "x[:, None]", "x[None, 1]", "x[1, None]", "x3[:, None, 1]",
    "T.take(v, wide, mode='wrap')", "inc_subtensor(x[:, None], y45[:, None])",
    "set_subtensor(x[None, 1], y5)",
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
            rtol = 1e-6 if got.dtype == "float32" else 1e-12
            np.testing.assert_allclose(got, expected, rtol=rtol, err_msg=name)
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


def slices():
    bounds = [None, 0, 2, 5, 9, -1, -3, -9]
    return [(a, b, c) for a in bounds for b in bounds for c in (None, 1, 2, 3, -1, -2, -7)]


def test_slices_of_numbers_are_those_of_python():
    v = TensorType("float64", (False,))("v")
    value = np.arange(5.0)
    outs = [v[a:b:c] for a, b, c in slices()]
    program = python_engine.build(lower([v], outs))
    for (a, b, c), got in zip(slices(), program(to_value(value)), strict=True):
        np.testing.assert_array_equal(to_numpy(got), value[a:b:c], err_msg=f"{a}:{b}:{c}")


@pytest.mark.parametrize("engine", ENGINES)
def test_symbolic_slices_are_those_of_python(engine):
    v = TensorType("float64", (False,))("v")
    a, b, c = (TensorType("int64", ())(n) for n in "abc")
    build_engine = ENGINES[engine]
    w = T.constant(7.0)
    outs = [v[a:b:c], T.set_subtensor(v[a:b:c], w), T.inc_subtensor(v[a:b:c], v[a:b:c])]
    program = build_engine(lower([v, a, b, c], outs))
    for length in (0, 1, 5):
        value = np.arange(1.0, length + 1)
        for start, stop, step in slices():
            if None in (start, stop, step):
                continue
            got = program(*[to_value(np.array(n)) for n in (value, start, stop, step)])
            part = value[start:stop:step]
            written, added = value.copy(), value.copy()
            written[start:stop:step] = 7
            added[start:stop:step] += part
            for mine, theirs in zip(got, (part, written, added), strict=True):
                name = f"{start}:{stop}:{step} of {length}"
                np.testing.assert_array_equal(to_numpy(mine), theirs, err_msg=name)


def test_canonical_slices_read_the_same():
    for length in (0, 1, 5):
        value = np.arange(length)
        for a, b, c in slices():
            canonical, direction = T.get_canonical_form_slice(slice(a, b, c), length)
            assert 0 <= canonical.start <= max(canonical.stop, 0) or not value[canonical].size
            assert canonical.step > 0
            np.testing.assert_array_equal(value[canonical][::direction], value[a:b:c], err_msg=f"{a}:{b}:{c}")
    assert T.get_canonical_form_slice(-2, 5) == (3, 1)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("width", [(), (3,), (40,)])
@pytest.mark.parametrize("number", [7, 3000])
def test_many_rows(engine, width, number):
    """Sizes at which the kernels take other ways; every row is named several times, half of them from the
    end."""
    rng = np.random.default_rng(number)
    x = rng.normal(size=(max(number // 4, 2), *width))
    i = rng.integers(-len(x), len(x), size=number)
    y = rng.normal(size=(number, *width))
    X, Y = (TensorType("float64", (False,) * x.ndim)() for _ in "xy")
    index = TensorType("int64", (False,))()
    pair = (index, 0) if width else (index,)
    small = y[:, 0] if width else y
    Z = TensorType("float64", (False,))()
    outs = [X[index], T.inc_subtensor(X[index], Y), T.set_subtensor(X[index], Y),
            T.set_subtensor(X[index], 2), T.inc_subtensor(X[index], 2),
            T.set_subtensor(X[pair], Z), T.inc_subtensor(X[pair], Z)]
    got = ENGINES[engine](lower([X, Y, Z, index], outs))(*[to_value(a) for a in (x, y, small, i)])
    place = (i, 0) if width else (i,)
    added, put, two, more, one, plus = (x.copy() for _ in range(6))
    np.add.at(added, i, y)
    put[i] = y
    two[i] = 2
    np.add.at(more, i, 2)
    one[place] = small
    np.add.at(plus, place, small)
    for mine, theirs in zip(got, (x[i], added, put, two, more, one, plus), strict=True):
        np.testing.assert_allclose(to_numpy(mine), theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_last_of_many_writes_stays(engine):
    """Enough of them that torch would use several threads."""
    rng = np.random.default_rng(3)
    x, i, j = rng.normal(size=(40, 3, 30)), rng.integers(0, 40, 5000), rng.integers(-30, 30, (2, 5000))
    y, w = rng.normal(size=(5000, 3)), rng.normal(size=(3, 2, 5000))
    X, Y, W = (TensorType("float64", (False,) * n)() for n in (3, 2, 3))
    index, pair = TensorType("int64", (False,))(), TensorType("int64", (False, False))()
    outs = [T.set_subtensor(X[index, :, 4], Y), T.set_subtensor(X[1, :, pair], W.dimshuffle(1, 2, 0)),
            T.set_subtensor(X[index, 1:, pair], W.dimshuffle(1, 2, 0)[:, :, 1:])]
    got = ENGINES[engine](lower([X, Y, W, index, pair], outs))(*[to_value(a) for a in (x, y, w, i, j)])
    one, two, three = x.copy(), x.copy(), x.copy()
    one[i, :, 4] = y
    two[1, :, j] = w.transpose(1, 2, 0)
    three[i, 1:, j] = w.transpose(1, 2, 0)[:, :, 1:]
    for mine, theirs in zip(got, (one, two, three), strict=True):
        np.testing.assert_array_equal(to_numpy(mine), theirs)


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_out_of_range_are_refused_at_every_size(engine):
    x, i = TensorType("float64", (False, False))(), TensorType("int64", (False,))()
    programs = [ENGINES[engine](lower([x, i], [out])) for out in
                (x[i], T.inc_subtensor(x[i], 1), T.set_subtensor(x[i], 1), T.inc_subtensor(x[i, i], 1))]
    for size in (3, 5000):
        for bad in (8, -9, 2**40):
            index = np.zeros(size, "int64")
            index[-1] = bad
            for program in programs:
                with pytest.raises(Exception, match=r"out of (bounds|range)"):
                    program(to_value(np.zeros((8, 8))), to_value(index))


@pytest.mark.parametrize("engine", ENGINES)
def test_label_picking(engine):
    """``p[arange(n), labels]``, its gradient, and a label that is no class."""
    p, labels = TensorType("float64", (False, False))("p"), TensorType("int32", (False,))("y")
    picked = p[T.arange(3), labels]
    gradient = grad(picked.sum(), p)
    program = ENGINES[engine](lower([p, labels], [picked, gradient]))
    value, y = np.arange(12.0).reshape(3, 4), np.array([3, 0, 2], "int32")
    out, g = (to_numpy(r) for r in program(to_value(value), to_value(y)))
    np.testing.assert_array_equal(out, value[np.arange(3), y])
    np.testing.assert_array_equal(g, np.eye(4)[y])
    with pytest.raises(Exception, match="out of bounds"):
        program(to_value(value), to_value(np.array([3, 4, 2], "int32")))


@pytest.mark.parametrize("engine", ENGINES)
def test_inputs_are_never_written(engine):
    x = np.zeros((4, 5))
    strange = {"plain": x, "transposed": np.zeros((5, 4)).T, "strided": np.zeros((8, 10))[::2, ::2],
               "repeated": np.broadcast_to(np.zeros(5), (4, 5))}
    X, i = TensorType("float64", (False, False))(), TensorType("int64", (False,))()
    outs = [T.set_subtensor(X[1], 1), T.inc_subtensor(X[:, ::-1], 1), T.inc_subtensor(X[i], 1),
            T.inc_subtensor(X[i, i], 1), T.set_subtensor(X[X >= 0], 1), T.set_subtensor(X[1:, i], 1)]
    program = ENGINES[engine](lower([X, i], outs))
    index = np.array([1, 2])
    for name, value in strange.items():
        held = to_value(value)
        if name == "repeated":
            held = held[:1].expand(4, 5)
        results = [to_numpy(r) for r in program(held, to_value(index))]
        assert not to_numpy(held).any(), name
        sums = [5, 20, 10, 2, 20, 6]
        assert [r.sum() for r in results] == sums, name


@pytest.mark.parametrize("expression", [
    "x[1:, ::-2]", "x[i, 1:]", "x[ids]", "x[:, ids]", "x[ids, ids32]", "x[ids, 1:3]", "x[mask45]",
    "x3[two, :, two]", "set_subtensor(x[1:], y35 ** 2)", "inc_subtensor(x[ids], x[neg] * y45)",
    "set_subtensor(x[ids, T.arange(4)], y4 ** 2)",
    "set_subtensor(x[mask45], x.sum())", "inc_subtensor(x[:, ids], x[:, :4] ** 2)",
    "inc_subtensor(x[1:3], y5)",
    "set_subtensor(x[:, ::-2], y4.dimshuffle(0, 'x') ** 2)", "inc_subtensor(x[1:, ids], s)",
])
def test_gradients_by_differences(expression):
    out, inputs = build(expression)
    w = cases.weights(run([out])[0].shape)
    cost = (out * T.constant(w)).sum()
    names = [v.name for v in leaves_of([out]) if v.name in inputs and v.type.dtype == "float64"]
    used = [inputs[n] for n in names]
    rest = [v for v in leaves_of([out]) if v.name in inputs and v.name not in names]
    point = [np.array(cases.INPUTS[n][2]) for n in names]
    fixed = [to_value(np.array(cases.INPUTS[v.name][2])) for v in rest]
    f = python_engine.build(lower([*used, *rest], [cost, *grad(cost, used)]))
    _, *gradients = f(*[to_value(p) for p in point], *fixed)
    for k, g in enumerate(gradients):
        numeric = np.zeros_like(point[k])
        for place in np.ndindex(point[k].shape):
            costs = []
            for step in (1e-4, -1e-4):
                moved = [p.copy() for p in point]
                moved[k][place] += step
                costs.append(float(f(*[to_value(p) for p in moved], *fixed)[0]))
            numeric[place] = (costs[0] - costs[1]) / 2e-4
        np.testing.assert_allclose(to_numpy(g), numeric, rtol=1e-6, atol=1e-6, err_msg=names[k])


def test_what_legacy_code_sees():
    _, inputs = cases.scope(T, lambda name, dtype, pattern: TensorType(dtype, pattern)(name))
    v, x, i, ids = (inputs[n] for n in ("v", "x", "i", "ids"))
    assert isinstance(v[0].owner.op, T.Subtensor)
    assert str(v[1:].owner.op) == "Subtensor{int64::}"
    assert str(v[i].owner.op) == "Subtensor{int64}"
    assert v[1:].owner.op == v[2:].owner.op
    assert hash(v[1:].owner.op) == hash(v[2:].owner.op)
    assert v[1:].owner.op != v[:1].owner.op
    assert v[1:3].owner.op.get_constant_idx(v[1:3].owner.inputs) == [slice(1, 3)]
    partly = v[i:3]
    assert partly.owner.op.get_constant_idx(partly.owner.inputs, allow_partial=True) == [slice(i, 3)]
    assert T.get_idx_list(partly.owner.inputs, partly.owner.op.idx_list)[0].start is i
    assert isinstance(x[ids].owner.op, T.AdvancedSubtensor1)
    assert isinstance(x[ids, ids].owner.op, T.AdvancedSubtensor)
    assert list(x[ids, ids].owner.inputs) == [x, ids, ids]
    assert isinstance(x[x > 0].owner.op, T.AdvancedBooleanSubtensor)
    assert isinstance(T.set_subtensor(v[1:], 0).owner.op, T.IncSubtensor)
    assert str(T.set_subtensor(v[1:], 0).owner.op) == "IncSubtensor{Set;int64::}"
    assert str(T.inc_subtensor(v[ids], 0).owner.op) == "AdvancedIncSubtensor1{no_inplace,inc}"
    assert isinstance(T.inc_subtensor(x[ids, ids], 0).owner.op, T.AdvancedIncSubtensor)
    with pytest.raises(AttributeError):
        v.__setitem__(0, 1)
    with pytest.raises(TypeError):
        v[0] = 1


def test_ops_pickle():
    _, inputs = cases.scope(T, lambda name, dtype, pattern: TensorType(dtype, pattern)(name))
    x, i, ids = (inputs[n] for n in ("x", "i", "ids"))
    parts = (x[i:, 2], x[ids], x[ids, 1:], x[x > 0])
    for out in (*parts, *(T.set_subtensor(p, 1) for p in parts)):
        copied = pickle.loads(pickle.dumps(out.owner.op))
        assert copied == out.owner.op
        assert hash(copied) == hash(out.owner.op)
        assert str(copied) == str(out.owner.op)


def test_sizes_said_to_be_equal_are_equal(monkeypatch):
    """One symbol, one size: over every node of every case at once."""
    seen = []
    monkeypatch.setattr(Context, "__init__", _remember(Context.__init__, seen))
    names, inputs = cases.scope(T, lambda name, dtype, pattern: TensorType(dtype, pattern)(name))
    outs = [eval(e, names) for e in GOOD]
    every = [o for n in toposort(outs) for o in n.outputs]
    used = list(inputs.values())
    values = [to_value(np.array(cases.INPUTS[v.name][2])) for v in used]
    results = python_engine.build(lower(used, every))(*values)
    (ctx,) = seen
    sizes = {}
    for v, value in zip(every, results, strict=True):
        for symbol, size in zip(ctx.sizes(v), value.shape, strict=True):
            symbol = ctx.find(symbol)
            if isinstance(symbol, int):
                assert symbol == size, v.owner
            assert sizes.setdefault(symbol, size) == size, (v.owner, symbol)
    assert len(sizes) > 20


def _remember(init, seen):
    def remembering(self, *args, **kwargs):
        init(self, *args, **kwargs)
        seen.append(self)

    return remembering


def test_known_numbers_are_seen_through_indices():
    x = TensorType("float64", (False, True))("x")
    c = T.constant(np.array([5, 7, 9, 11]))
    assert c[1].get_scalar_constant_value() == 7
    assert c[-1].get_scalar_constant_value() == 11
    assert c[1:][1].get_scalar_constant_value() == 9
    assert c[::-1][0].get_scalar_constant_value() == 11
    assert x.shape[1].get_scalar_constant_value() == 1
    with pytest.raises(T.NotScalarConstantError if hasattr(T, "NotScalarConstantError") else Exception):
        x.shape[0].get_scalar_constant_value()
    assert [len(list(s)) for s in (x.shape, x.shape[1:], x.shape[:0], c[1:3], c[::-2])] == [2, 1, 0, 2, 2]


def test_pushing_a_tangent_through():
    x, i = TensorType("float64", (False, False))("x"), TensorType("int64", (False,))("i")
    t = TensorType("float64", (False, False))("t")
    value, tangent, index = np.arange(12.0).reshape(4, 3), np.ones((4, 3)) / 7, np.array([2, 0, 2])
    for part, numpy_part in ((x[1:, ::-1], lambda a: a[1:, ::-1]), (x[i], lambda a: a[index]),
                             (x[i, 1:], lambda a: a[index, 1:]), (x[i, i], lambda a: a[index, index])):
        f = function([x, t, i], Rop(part ** 2, x, t), on_unused_input="ignore")
        np.testing.assert_allclose(f(value, tangent, index), 2 * numpy_part(value) * numpy_part(tangent))


@pytest.mark.parametrize("mode", ["FAST_RUN", "FAST_COMPILE"])
def test_errors_of_a_call_are_those_legacy_code_catches(mode):
    v, i, y = (TensorType(d, (False,))(n) for d, n in (("float64", "v"), ("int64", "i"), ("float64", "y")))
    value, far, three = np.zeros(4), np.array([1, 9]), np.zeros(3)
    for out, error in ((v[i], IndexError), (v[i[1]], IndexError), (v[far[1]], IndexError),
                       (T.inc_subtensor(v[i], 1), IndexError), (T.set_subtensor(v[i[1]], 1), IndexError),
                       (T.set_subtensor(v[:2], y), ValueError),
                       (T.inc_subtensor(v[i], y), (ValueError, IndexError)),
                       (v[::i[0] - 1], ValueError), (v[v > 0][i], IndexError)):
        f = function([v, i, y], out, mode=mode, on_unused_input="ignore")
        with pytest.raises(error):
            f(value, far, three)


@pytest.mark.parametrize("engine", ENGINES)
def test_buffers_are_written_in_place_only_where_nobody_sees_it(engine):
    x, i = TensorType("float64", (False, False))("x"), TensorType("int64", (False,))("i")
    double, zeros = x * 2, x.zeros_like()
    outs = [
        T.inc_subtensor(double[i], 1),                                  # double is read below: a copy
        double,
        T.set_subtensor(T.inc_subtensor((x * 3)[1:], 1)[i], 5),         # private: in place, twice
        T.inc_subtensor(zeros[0], x[1]) + T.inc_subtensor(zeros[i], 2.0),
        T.inc_subtensor((x + 1)[:], x + 1),                             # the same value on both sides
        T.set_subtensor(T.zeros((2, 3))[0], 1.0),
        T.set_subtensor(T.alloc(0.0, i.shape[0], 2)[0], 1.0),
    ]
    program = ENGINES[engine](lower([x, i], outs))
    value, index = np.arange(12.0).reshape(4, 3), np.array([2, 0, 2])
    for _ in range(4):
        got = [to_numpy(r) for r in program(to_value(value), to_value(index))]
        first, third, fourth, fifth = value * 2, value * 3, np.zeros((4, 3)), value + 1
        np.add.at(first, index, 1)
        third[1:] += 1
        third[index] = 5
        fourth[0] = value[1]
        np.add.at(fourth, index, 2)
        sixth, seventh = np.zeros((2, 3)), np.zeros((3, 2))
        sixth[0] = seventh[0] = 1
        expected = (first, value * 2, third, fourth, fifth * 2, sixth, seventh)
        for mine, theirs in zip(got, expected, strict=True):
            np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_array_equal(value, np.arange(12.0).reshape(4, 3))


def test_the_gradient_of_taken_rows_copies_no_zeros():
    x, i = TensorType("float64", (False, False))("x"), TensorType("int64", (False,))("i")
    program = lower([x, i], [grad((x[i] ** 2).sum(), x)])
    (put,) = [n for n in program.graph.nodes if getattr(n.target, "__name__", "") == "put_rows"]
    assert put.args[-1] is True


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
                                   "uint64", "float16", "float32", "float64", "complex64", "complex128"])
def test_every_dtype(dtype, engine):
    x, i = TensorType(dtype, (False, False))("x"), TensorType("int16", (False,))("i")
    value = (np.arange(60).reshape(12, 5) % 7).astype(dtype)
    index = np.array([3, -1, 3, 0], "int16")
    rows, part, pair = x[i], x[1:, ::-1], x[i, i]
    outs = [rows, part, pair, x[T.eq(x, 3)], x[2, 3], T.nonzero(x)[1]]
    outs += [write(p, p[0]) for write in (T.set_subtensor, T.inc_subtensor) for p in (rows, part)]
    outs += [T.set_subtensor(pair, x[0, 1]), T.inc_subtensor(pair, x[0, 1])]
    expected = [value[index], value[1:, ::-1], value[index, index], value[value == 3], value[2, 3],
                np.nonzero(value)[1]]
    first, last = value[index][0], value[1:, ::-1][0]
    written = [value.copy() for _ in range(6)]
    written[0][index] = first
    written[1][1:, ::-1] = last
    np.add.at(written[2], index, first)
    written[3][1:, ::-1] += last
    written[4][index, index] = value[0, 1]
    np.add.at(written[5], (index, index), value[0, 1])
    got = ENGINES[engine](lower([x, i], outs))(to_value(value), to_value(index))
    for k, (mine, theirs) in enumerate(zip(got, expected + written, strict=True)):
        np.testing.assert_array_equal(to_numpy(mine), theirs, err_msg=f"result {k}")
        assert to_numpy(mine).dtype == theirs.dtype


def test_compress():
    x, c = TensorType("float64", (False, False))("x"), TensorType("int8", (False,))("c")
    value, condition = np.arange(12.0).reshape(3, 4), np.array([0, 2, 1], "int8")
    f = function([x, c], [T.compress(c, x, axis=0), c.compress(x, axis=1), T.compress(c, x)])
    for got, axis in zip(f(value, condition), (0, 1, None), strict=True):
        np.testing.assert_array_equal(got, np.compress(condition != 0, value, axis))


def test_parts_are_added_in_turn_to_one_tensor():
    """The gradient of an unrolled loop over rows: all writes in place, the values as without the rule."""
    x, i = TensorType("float64", (False, False))("x"), TensorType("int64", (False,))("i")
    h = x[0]
    for k in range(1, 6):
        h = T.tanh(h * x[k]) + x[i[k]]
    cost = h.sum() + (x[i] ** 3).sum() + T.exp(x[:, 1:]).sum() + (x[i, 0] * x[i, 1]).sum()
    gradient = grad(cost + (x ** 2).sum(), x)
    value, index = np.arange(21.0).reshape(7, 3) / 20, np.array([2, 0, 2, 5, -1, 3])
    results = []
    for excluding in ((), ("add_parts_in_turn", "add_to_the_part")):
        program = lower([x, i], rewrite([gradient], excluding=excluding))
        results.append(to_numpy(python_engine.build(program)(to_value(value), to_value(index))[0]))
        puts = [n for n in program.graph.nodes if getattr(n.target, "__name__", "").startswith("put_")]
        assert all(n.args[-1] for n in puts) != bool(excluding)
    np.testing.assert_allclose(*results, rtol=1e-12)


def test_parts_that_others_use_stay():
    x = TensorType("float64", (False,))("x")
    zeros = x.zeros_like()
    a, b, c = T.inc_subtensor(zeros[0], 1.0), T.inc_subtensor(zeros[1], x[0]), T.set_subtensor(zeros[2], 3.0)
    ones = T.inc_subtensor(x.ones_like()[0], 1.0)
    f = function([x], [a + b + c, a, a + a, c + b + ones, ones + ones])
    expected = [[1, 5, 3], [1, 0, 0], [2, 0, 0], [2, 6, 4], [4, 2, 2]]
    for got, want in zip(f(np.array([5.0, 6, 7])), expected, strict=True):
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("mode", ["FAST_COMPILE", "FAST_RUN"])
@pytest.mark.parametrize("rows", [1, 3])
def test_rows_without_elements_are_counted_too(rows, mode):
    """torch does not check the numbers of rows that have no elements."""
    x, i = T.matrix(), T.lvector()
    f = function([x, i], x[i], mode=mode)
    g = function([x, i], T.set_subtensor(x[i], 1), mode=mode)
    empty = np.zeros((rows, 0))
    assert f(empty, [0, -rows]).shape == (2, 0)
    assert g(empty, [0, -rows]).shape == (rows, 0)
    for key in ([rows], [-rows - 1]):
        with pytest.raises(IndexError):
            f(empty, key)
        with pytest.raises(IndexError):
            g(empty, key)


@pytest.mark.parametrize("key", [np.s_[:1:-1], np.s_[:2:-3, ::2], np.s_[:1:-1, 0]])
def test_a_slice_that_runs_down_past_its_end_promises_no_ones(key):
    """Theano declared the size 0 of these to be 1."""
    x = TensorType("float64", (True, False))("x")
    value = np.arange(3.0).reshape(1, 3)
    out = x[key]
    np.testing.assert_array_equal(function([x], out)(value), value[key], strict=True)
    np.testing.assert_array_equal(function([x], out.shape)(value), value[key].shape)
    np.testing.assert_array_equal(function([x], grad(out.sum(), x))(value), np.zeros((1, 3)))


@pytest.mark.parametrize("dtype", ["uint16", "uint32", "uint64"])
@pytest.mark.parametrize("key", [np.s_[[0, 1], ::-1], np.s_[::-2, [0, 1]], np.s_[[0, 1], ::2], np.s_[::-1, :1],
                                 np.s_[1:0:-1], np.s_[2:0:-2, ::-9]])
def test_backward_slices_in_wide_unsigned_types(dtype, key):
    value = np.arange(12).reshape(3, 4).astype(dtype)
    x = TensorType(dtype, (False, False))("x")
    n = T.iscalar("n")
    np.testing.assert_array_equal(function([x], x[key])(value), value[key], strict=True)
    symbolic = x[tuple(slice(k.start, k.stop, n) if isinstance(k, slice) and k.step == -1 else k
                       for k in (key if isinstance(key, tuple) else (key,)))]
    f = function([x, n], symbolic, on_unused_input="ignore")
    np.testing.assert_array_equal(f(value, -1), value[key], strict=True)


@pytest.mark.parametrize("dtype", ["float64", "float16", "uint32"])
def test_a_vector_is_added_to_every_row_of_places(dtype):
    """numpy's own form of this reads past the end of the vector."""
    x, y = TensorType(dtype, (False,))("x"), TensorType(dtype, (False,))("y")
    places = np.array([[3, -1, 1], [4, 2, 1], [4, -4, 1]])
    out = T.inc_subtensor(x[places, ...], y)
    given = np.zeros(5, dtype), np.array([1, 10, 100], dtype)
    expected = np.array([0, 310, 10, 1, 12], dtype)
    np.testing.assert_array_equal(function([x, y], out)(*given), expected, strict=True)
    np.testing.assert_array_equal(out.owner.op.compute(out.owner, *given, places), expected, strict=True)


@pytest.mark.parametrize("given", [slice(1, 3), slice(None, None, -2), slice(5, 1), slice(-9, 2, 3)])
def test_a_slice_may_be_an_argument(given):
    x, key = T.dmatrix("x"), T.slicetype("key")
    value = np.arange(12.0).reshape(4, 3)
    out = [x[key], x[:, key], x[key, 1], x[None, key, [0, 1]], T.set_subtensor(x[:, key], 7),
           grad(x[key].sum(), x)]
    written = value.copy()
    written[:, given] = 7
    part = np.zeros((4, 3))
    part[given] = 1
    expected = [value[given], value[:, given], value[given, 1], value[None, given, [0, 1]], written, part]
    for mode in ("FAST_COMPILE", "FAST_RUN"):
        for ours, theirs in zip(function([x, key], out, mode=mode)(value, given), expected, strict=True):
            np.testing.assert_array_equal(ours, theirs, strict=True)


def test_the_general_op_takes_slices_and_none_as_nodes():
    x, i, n = T.dtensor3("x"), T.lvector("i"), T.lscalar("n")
    value, given = np.arange(24.0).reshape(2, 3, 4), np.array([1, 0, 1])
    index = (i, T.make_slice(None, n, None), T.NoneConst, i)
    out = advanced.advanced_subtensor(x, *index)
    expected = value[given, :2, None, given]
    np.testing.assert_array_equal(function([x, i, n], out)(value, given, 2), expected, strict=True)
    assert advanced.adv_index_broadcastable_pattern(x, index) == out.type.broadcastable == (False, False, True)
    assert advanced.adv_index_broadcastable_pattern(T.row("r"), (T.slicetype("s"), i)) == (True, False)


def test_masks_are_checked():
    for entry in (True, [1, [False]], np.array([True])):
        with pytest.raises(TypeError, match="does not support boolean masks"):
            advanced.check_and_reject_bool(entry)
    advanced.check_and_reject_bool([1, [2, np.array([1])]])
    mask = np.array([True, False])
    advanced.check_advanced_indexing_dimensions(np.zeros((3, 2)), [1, None, mask])
    with pytest.raises(IndexError, match="along dimension 0; dimension is 3 but"):
        advanced.check_advanced_indexing_dimensions(np.zeros((3, 2)), [mask])
