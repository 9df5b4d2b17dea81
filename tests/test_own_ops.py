"""Own ops between compiled parts: what stays compiled, what is refused and how, what is copied, threads."""

import pickle
import threading
import time

import numpy as np
import pytest
import torch
from replay import legacy

import tgraph as tg
import tgraph.tensor as tt
from tgraph.errors import CodeInCError, MethodNotDefined, NotPortedError
from tgraph.graph import Apply, Op
from tgraph.lowering.script_engine import cut
from tgraph.lowering.to_fx import HostCall, lower


class Same(Op):
    """z = x, on the host."""

    __props__ = ()

    def make_node(self, x):
        return Apply(self, [x], [x.type()])

    def perform(self, node, inputs, outputs):
        outputs[0][0] = inputs[0]

    def grad(self, inputs, gradients):
        return gradients


def layers(v, n):
    for i in range(n):
        v = tt.tanh(v * 1.5 + i)
    return v


def pieces(x, y):
    f = tg.function([x], y, mode="FAST_RUN")
    return cut(lower(f.program.inputs, f.program.outputs))


def test_the_rest_stays_compiled():
    x = tt.dvector("x")
    parts = pieces(x, layers(Same()(layers(x, 10)), 10))
    assert [p.host for p in parts] == [False, True, False]
    calls = [n for p in parts if p.host for n in p.nodes]
    assert len(calls) == 1
    assert isinstance(calls[0].target, HostCall)


def test_ops_that_do_not_wait_for_each_other_share_one_cut():
    x = tt.dvector("x")
    h = layers(x, 5)
    parts = pieces(x, sum(layers(Same()(h * i), 5) for i in range(1, 5)))
    assert [p.host for p in parts] == [False, True, False]
    assert sum(len(p.nodes) for p in parts if p.host) == 4


def test_a_gradient_through_own_ops_is_cut_once_more_for_each():
    x = tt.dvector("x")

    class Cube(Same):
        def perform(self, node, inputs, outputs):
            outputs[0][0] = inputs[0] ** 3

        def grad(self, inputs, gradients):
            return [gradients[0] * 3 * inputs[0] ** 2]

    cost = tt.sqr(Cube()(layers(x, 5))).sum()
    parts = pieces(x, tg.grad(cost, x))
    assert [p.host for p in parts] == [False, True, False]


def test_with_lower_nothing_is_cut():
    class Halved(Same):
        def lower(self, node, ctx, x):
            return torch.div(x, 2)

        def perform(self, node, inputs, outputs):
            raise AssertionError("not asked")

    x = tt.dvector("x")
    assert [p.host for p in pieces(x, layers(Halved()(layers(x, 5)), 5))] == [False]
    assert tg.function([x], Halved()(x))([3.0]) == [1.5]


# -- C code ------------------------------------------------------------------------------------------------


class OnlyC(Op):
    __props__ = ()

    def make_node(self, x):
        return Apply(self, [x], [x.type()])

    def c_code(self, node, name, inputs, outputs, sub):
        return "%(z)s = %(x)s;"


def test_an_op_of_c_code_alone_tells_the_three_ways_out():
    x = tt.dvector("x")
    y = OnlyC()(x)
    for mode in ("FAST_RUN", "FAST_COMPILE", "DebugMode"):
        with pytest.raises(CodeInCError) as caught:
            tg.function([x], y, mode=mode)
        text = str(caught.value)
        for part in ("OnlyC", "test_own_ops.py", "perform(self", "lower(self", "as_op("):
            assert part in text
        assert isinstance(caught.value, (NotPortedError, MethodNotDefined, NotImplementedError))


def test_an_op_with_nothing():
    class Nothing(Op):
        def make_node(self, x):
            return Apply(self, [x], [x.type()])

    x = tt.dvector("x")
    with pytest.raises(MethodNotDefined, match="perform"):
        tg.function([x], Nothing()(x))([1.0])


def test_a_cop(tmp_path):
    theano, _ = legacy()
    source = tmp_path / "code.c"
    source.write_text("#section support_code\nint f;\n#section code\nz = x;\n")

    class Plain(theano.gof.COp):
        __props__ = ()

        def __init__(self, **kwargs):
            super().__init__([str(source)], **kwargs)

        def make_node(self, x):
            return Apply(self, [x], [x.type()])

    class WithPerform(Plain):
        def perform(self, node, inputs, outputs):
            outputs[0][0] = inputs[0] * 4

    x = tt.dvector("x")
    op = Plain(func_name="APPLY_SPECIFIC(f)")
    assert op.func_name == "APPLY_SPECIFIC(f)"
    assert op.code_sections["support_code"].strip() == "int f;"
    assert op.c_support_code().strip() == "int f;"
    with pytest.raises(CodeInCError, match="Plain"):
        tg.function([x], op(x))
    assert tg.function([x], WithPerform()(x))([1.0]) == [4]
    with pytest.raises(OSError, match="no_such_file"):
        theano.gof.COp("no_such_file.c")
    source.write_text("int f;\n")
    with pytest.raises(ValueError, match="section"):
        Plain()
    source.write_text("#section op_code\nz = x;\n")
    with pytest.raises(ValueError, match="op_code"):
        Plain(func_name="f")


def test_other_classes_with_c_code():
    theano, _ = legacy()

    class Parallel(theano.gof.OpenMPOp):
        __props__ = ()

        def make_node(self, x):
            return Apply(self, [x], [x.type()])

        def perform(self, node, inputs, outputs):
            outputs[0][0] = inputs[0] + 5

    class Hidden(theano.gof.HideC, Parallel):
        pass

    x = tt.dvector("x")
    for op in (Parallel(), Parallel(openmp=True), Hidden()):
        assert tg.function([x], op(x))([1.0]) == [6]
        assert op.c_code_cache_version() == ()
    assert Parallel().c_compile_args() == []


# -- what is copied ----------------------------------------------------------------------------------------


class AddsInPlace(Same):
    destroy_map = {0: [0]}

    def perform(self, node, inputs, outputs):
        inputs[0] += 1
        outputs[0][0] = inputs[0]


@pytest.mark.parametrize("mode", ["FAST_RUN", "FAST_COMPILE", "DebugMode"])
def test_nothing_else_sees_what_an_op_destroys(mode):
    x = tt.dvector("x")
    h = tt.exp(x)
    f = tg.function([x], [AddsInPlace()(h), h * 2], mode=mode, accept_inplace=True)
    for _ in range(2):
        destroyed, kept = f([0.0])
        assert destroyed == [2]
        assert kept == [2]


@pytest.mark.parametrize("mode", ["FAST_RUN", "FAST_COMPILE"])
def test_results_are_no_views_of_arguments(mode):
    x = tt.dvector("x")
    given = np.arange(3.0)
    f = tg.function([x], [Same()(x), Same()(x)[::-1]], mode=mode)
    for result in f(given):
        result += 100
    assert given.tolist() == [0, 1, 2]


def test_an_update_by_an_op_that_hands_out_what_it_got():
    s = tg.shared(np.zeros(2))
    x = tt.dvector("x")
    f = tg.function([x], [], updates=[(s, Same()(x))])
    given = np.ones(2)
    f(given)
    given += 5
    assert s.get_value().tolist() == [1, 1]


@pytest.mark.parametrize(
    "make",
    [
        lambda a: a.T,
        lambda a: a[::-1],
        lambda a: np.broadcast_to(a[:1], a.shape),
        np.asfortranarray,
        lambda a: a.astype(">f8").astype("<f8"),
        np.float64,
    ],
    ids=["transposed", "reversed", "broadcast", "fortran", "swapped", "generic"],
)
def test_any_array_of_the_type_will_do(make):
    class Gives(Same):
        def perform(self, node, inputs, outputs):
            outputs[0][0] = make(inputs[0]) if make is not np.float64 else inputs[0] * 1

    x = tt.dmatrix("x")
    value = np.arange(4.0).reshape(2, 2)
    expected = make(value) if make is not np.float64 else value
    np.testing.assert_array_equal(tg.function([x], Gives()(x) * 1.0)(value), expected)


# -- threads and pickles -----------------------------------------------------------------------------------


class SlowThunk(Same):
    def make_thunk(self, node, storage_map, compute_map, no_recycling, impl=None):
        source, target = storage_map[node.inputs[0]], storage_map[node.outputs[0]]

        def thunk():
            value = source[0]
            time.sleep(0.001)
            target[0] = value * 2 if source[0] is value else value * np.nan

        return thunk


def test_thunks_in_many_threads():
    x = tt.dvector("x")
    f = tg.function([x], SlowThunk()(x))
    wrong = []

    def work(k):
        for i in range(20):
            if f([float(k * 100 + i)])[0] != 2 * (k * 100 + i):
                wrong.append((k, i))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_thunk_that_fails_leaves_nothing_behind():
    class Fails(Same):
        def make_thunk(self, node, storage_map, compute_map, no_recycling, impl=None):
            def thunk():
                if storage_map[node.inputs[0]][0][0] < 0:
                    raise ZeroDivisionError("mine")
                storage_map[node.outputs[0]][0] = storage_map[node.inputs[0]][0] + 1

            return thunk

    x = tt.dvector("x")
    f = tg.function([x], Fails()(x))
    assert f([1.0]) == [2]
    with pytest.raises(ZeroDivisionError, match="mine"):
        f([-1.0])
    assert f([2.0]) == [3]


def test_a_thunk_that_calls_the_base():
    class Wraps(Same):
        def make_thunk(self, node, storage_map, compute_map, no_recycling, impl=None):
            inner = super().make_thunk(node, storage_map, compute_map, no_recycling)

            def thunk():
                inner()
                storage_map[node.outputs[0]][0] = storage_map[node.outputs[0]][0] + 1

            return thunk

    x = tt.dvector("x")
    assert tg.function([x], Wraps()(x))([1.0]) == [2]


def test_functions_with_own_ops_pickle():
    x = tt.dvector("x")
    s = tg.shared(np.ones(1))
    f = tg.function([x], Same()(x) * s, updates=[(s, s + 1)])
    g = pickle.loads(pickle.dumps(f))
    assert g([3.0]) == [3]
    assert g([3.0]) == [6]
    assert f([3.0]) == [3]


def test_rewrites_of_users_are_noted_once(recwarn):
    theano, _ = legacy()
    optdb = theano.compile.optdb
    for i in range(2):
        optdb.register(f"mine_{i}", theano.gof.TopoOptimizer(theano.gof.OpRemove(Same())), 49, "fast_run")
    assert len([w for w in recwarn if "rewrite of this program" in str(w.message)]) <= 1
    with pytest.raises(ValueError, match="name"):
        optdb.register("mine_0", theano.gof.OpRemove(Same()), 49)
