"""function(): inputs, outputs, updates, givens, copies. Messages and classes as recorded from Theano
1.0.5."""

import copy
import io
import json
import pickle
import threading
import warnings
from collections import OrderedDict

import numpy as np
import pytest

import tgraph.tensor as tt
from tgraph.arguments import In, OrderedUpdates, Out, Param
from tgraph.config import change_flags, config
from tgraph.errors import MissingInputError, UnusedInputError
from tgraph.function import Function, clone, function
from tgraph.modes import FAST_COMPILE, Mode, get_default_mode, get_mode
from tgraph.shared import shared
from tgraph.types import TensorType

ENGINES = ["py", "cvm", "interpret"]


def tensor(name, dtype="float64", ndim=0):
    return TensorType(dtype, (False,) * ndim)(name)


@pytest.fixture
def x():
    return tensor("x", ndim=1)


@pytest.fixture
def y():
    return tensor("y")


@pytest.fixture
def s():
    return shared(np.float64(2.0), "s")


# -- inputs ------------------------------------------------------------------------------------------------


def test_keywords_and_positions(x, y):
    f = function([x, y], x + y)
    for call in (
        lambda: f([1.0, 2.0], 3),
        lambda: f([1.0, 2.0], y=3),
        lambda: f(y=3, x=np.array([1.0, 2.0])),
    ):
        np.testing.assert_array_equal(call(), [4.0, 5.0])


def test_the_name_is_the_users_line(y):
    f = function([y], y + 1)
    assert f.name.startswith(__file__)
    assert f.name.rpartition(":")[2].isdigit()
    assert function([y], y + 1, name="mine").name == "mine"


WRONG_CALLS = [
    (lambda f: f([1.0]), TypeError, "Missing required input: y"),
    (lambda f: f(), TypeError, "Missing required input: x"),
    (lambda f: f([1.0], 1.0, 2.0), TypeError, "Too many parameter passed to tgraph function"),
    (lambda f: f([1.0], 1.0, y=2.0), TypeError, "Too many parameter passed to tgraph function"),
    (
        lambda f: f([1.0], z=1.0),
        TypeError,
        "Unknown input or state: z. The function has 2 named inputs (x, y).",
    ),
    (lambda f: f([1.0], x=[2.0]), TypeError, "Multiple values for input: x"),
    (lambda f: f([[1.0]], 1), TypeError, "Wrong number of dimensions: expected 1, got 2 with shape (1, 1)"),
    (lambda f: f([1.0], "a"), ValueError, "could not convert string to float"),
    (lambda f: f([[1.0], [1.0, 2.0]], 1), ValueError, "setting an array element with a sequence"),
    (lambda f: f(None, 1.0), AttributeError, "'NoneType' object has no attribute 'shape'"),
    (lambda f: f([1.0], None), ValueError, "expected an ndarray"),
]


@pytest.mark.parametrize(("call", "error", "text"), WRONG_CALLS)
def test_wrong_calls(call, error, text, x, y):
    with pytest.raises(error) as caught:
        call(function([x, y], x + y))
    assert text in str(caught.value)


def test_a_bad_argument_is_named(x, y):
    f = function([x, y], x + y, name="fun")
    with pytest.raises(TypeError) as caught:
        f([1.0], [1.0])
    text = caught.value.args[0]
    start = 'Bad input argument to tgraph function with name "fun" at index 1 (0-based).'
    assert text.startswith(start)
    assert f'File "{__file__}"' in text
    assert "Backtrace when that variable is created" in text
    with pytest.raises(TypeError, match='Bad input argument with name "y" to tgraph function') as caught:
        f(y, 1.0)
    assert "found a Variable" in str(caught.value)
    with pytest.raises(ValueError) as caught:
        f([1.0], y="a")
    assert caught.value.args[-1] == 'Container name "y"'


# dtype of the input, number of dimensions, value, result or the error
ARGUMENTS = [
    ("float32", 1, [1.5, 2.5], [1.5, 2.5]),
    ("float32", 1, [0.1], TypeError),
    ("float32", 1, np.array([1.0]), TypeError),
    ("float32", 1, np.array([1]), TypeError),
    ("float32", 1, np.array([1], "int16"), [1.0]),
    ("float32", 1, np.array([1], "float16"), [1.0]),
    ("float32", 1, np.array([1.0], ">f4"), [1.0]),
    ("float32", 1, True, TypeError),
    ("float32", 0, 0.1, TypeError),
    ("float32", 0, np.float64(0.1), TypeError),
    ("float32", 0, 0.5, 0.5),
    ("int32", 1, [1, 2], [1, 2]),
    ("int32", 1, np.array([1, 2]), TypeError),
    ("int32", 1, [1.0], [1]),
    ("int32", 1, [1.5], TypeError),
    ("int32", 1, np.uint8([1]), [1]),
    ("int32", 1, [2**40], TypeError),
    ("int64", 0, 1, 1),
    ("int64", 0, True, 1),
    ("int64", 0, 1.0, 1),
    ("int64", 0, 1.5, TypeError),
    ("int64", 0, np.int32(7), 7),
    ("int64", 0, np.float64(3), 3),
    ("int64", 0, np.array(1, "int8"), 1),
    ("int64", 0, -(2**63), -(2**63)),
    ("int64", 0, 2**63 - 1, 2**63 - 1),
    ("int64", 0, [1], TypeError),
    ("int64", 0, np.array([1]), TypeError),
    ("float64", 0, 1, 1.0),
    ("float64", 0, np.float64(0.1), 0.1),
    ("float64", 0, np.float32(0.5), 0.5),
    ("float64", 0, 1j, TypeError),
    ("float64", 0, "a", ValueError),
    ("float64", 1, np.arange(4.0)[::-1], [3.0, 2.0, 1.0, 0.0]),
    ("float64", 1, np.arange(8.0)[::2], [0.0, 2.0, 4.0, 6.0]),
    ("float64", 1, np.broadcast_to(1.0, 3), [1.0, 1.0, 1.0]),
    ("float64", 1, np.ma.array([1.0, 2.0], mask=[0, 1]), [1.0, 2.0]),
    ("float64", 2, np.arange(6.0).reshape(2, 3).T, [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]),
    ("float64", 1, [], []),
    ("bool", 1, [True, False], [True, False]),
    ("uint16", 1, np.uint16([1, 2]), [1, 2]),
    ("complex64", 0, 1j, 1j),
]


@pytest.mark.parametrize(("dtype", "ndim", "value", "expected"), ARGUMENTS)
def test_arguments(dtype, ndim, value, expected):
    v = tensor("v", dtype, ndim)
    f = function([v], v)
    if isinstance(expected, type):
        with pytest.raises(expected):
            f(value)
    else:
        result = f(value)
        assert type(result) is np.ndarray
        assert result.dtype == dtype
        assert result.shape == np.shape(expected)
        np.testing.assert_array_equal(result, np.array(expected, dtype))


def test_a_read_only_argument_stays_as_it_is(x):
    value = np.arange(3.0)
    value.flags.writeable = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = function([x], x)(value)
    result[0] = 9
    assert value[0] == 0


def test_an_unaligned_argument(x):
    value = np.frombuffer(b"\0" + np.arange(3.0).tobytes(), np.uint8)[1:].view(np.float64)
    np.testing.assert_array_equal(function([x], x + 1)(value), [1.0, 2.0, 3.0])
    record = np.zeros(3, [("a", "u1"), ("b", "f8")])
    record["b"] = [1, 2, 3]
    np.testing.assert_array_equal(function([x], x + 1)(record["b"]), [2.0, 3.0, 4.0])


def test_downcasting():
    v, w = tensor("v", "int32", 1), tensor("w", "float32")
    f = function([v], v, allow_input_downcast=True)
    np.testing.assert_array_equal(f([1.7, -2.9]), [1, -2])
    g = function([w], w)
    with change_flags(floatX="float32"):
        assert g(0.1) == np.float32(0.1)
        with pytest.raises(TypeError):
            g(np.float64(0.1))
    strict = function([In(v, strict=True)], v)
    with pytest.raises(TypeError):
        strict([1])
    with pytest.raises(TypeError):
        strict(np.array([1]))
    np.testing.assert_array_equal(strict(np.int32([1])), [1])


def test_broadcastable_dimensions_are_checked():
    c = TensorType("float64", (False, True))("c")
    f = function([c], c)
    assert f(np.ones((2, 1))).shape == (2, 1)
    with pytest.raises(TypeError, match="Non-unit value"):
        f(np.ones((2, 2)))


def test_default_values(x, y):
    f = function([x, In(y, value=10, name="yy")], x + y, name="g")
    assert f([1.0]) == [11.0]
    assert f([1.0], 2) == [3.0]
    assert f([1.0], yy=3) == [4.0]
    assert f([1.0]) == [11.0]
    assert f[y] == f["yy"] == f[1] == f.value["yy"] == f.container["yy"].value == 10
    assert "yy" in f and "nn" not in f
    with pytest.raises(TypeError, match="Unknown input or state: zz"):
        f["zz"]
    with pytest.raises(
        TypeError, match=r"Unknown input or state: zz\. The function has 2 named inputs \(x, yy\)"
    ):
        f["zz"] = 1
    f["yy"] = 3  # for one call
    assert f([1.0]) == [4.0]
    assert f([1.0]) == [11.0]
    assert f.defaults == [(True, False, None), (False, True, 10)]


def test_ambiguous_names():
    a, b = tensor("a"), tensor("a")
    f = function([In(a, value=1), In(b, value=2)], a + b)
    with pytest.raises(TypeError, match="Ambiguous name: a"):
        f["a"]
    assert f[b] == 2
    assert f() == 3


def test_inputs_with_updates(x):
    f = function([In(x, value=[0.0], update=x + 1, name="st")], x * 2)
    assert [f()[0], f()[0]] == [0.0, 2.0]
    assert f[x] == [2.0]
    assert f([10.0]) == [20.0]
    assert f["st"] == [11.0]
    assert f() == [22.0]


def test_containers_as_values(y, s):
    implicit = function([In(y, value=s.container)], y + 1)
    assert implicit() == 3
    with pytest.raises(TypeError, match="Tried to provide value for implicit input: y"):
        implicit(3.0)
    f = function([In(y, value=s, implicit=False)], y + 1)
    assert f() == 3
    assert f(7.0) == 8
    assert s.get_value() == 7
    counting = function([In(y, value=s.container, implicit=False, update=y + 1)], y)
    assert [counting(), counting(), counting(100.0)] == [7, 8, 100]
    assert s.get_value() == 101


def test_a_kept_argument_is_copied(x):
    box = shared(np.zeros(2))
    f = function([In(x, value=box, implicit=False)], x + 1)
    mine = np.ones(2)
    f(mine)
    mine[0] = 5
    np.testing.assert_array_equal(box.get_value(), [1, 1])


def test_old_short_forms(x, y):
    assert function([("nm", x)], x)(nm=[1.0]) == [1.0]
    assert function([(y, 3.0)], y)() == 3
    assert function([("q", y, 3.0)], y)(q=5) == 5
    f = function([((y, y + 1), 3.0)], y)
    assert [f(), f()] == [3, 4]
    with pytest.raises(TypeError, match="should not be a Variable"):
        function([(x, y)], x)
    with pytest.raises(NotImplementedError):
        function([(y, 3.0)], y, givens={x: x})


def test_in_itself(x, y):
    assert str(In(x)) == "In(x)"
    assert str(In(x, update=x + 1, value=[1.0])).startswith("In(x -> ")
    assert repr(Out(x, borrow=True)) == "Out(x,True)"
    with pytest.raises(AssertionError, match="mutable=True, borrow=False"):
        In(x, mutable=True, borrow=False)
    with pytest.raises(TypeError, match="An implicit input must be given a default value"):
        In(x, implicit=True)
    with pytest.raises(TypeError, match="name must be a string"):
        In(x, name=3)
    with pytest.raises(TypeError, match="an update of type"):
        In(x, update=y)
    with pytest.warns(UserWarning, match="Param class is deprecated"):
        param = Param(x, default=[1.0])
    assert param.value == [1.0]
    assert function([param], x + 1)() == [2.0]
    assert In(x, autoname=False).name is None


def test_variables_that_are_computed_cut_the_graph(x):
    twice = x * 2
    assert function([twice], twice + 1)([1.0]) == [2.0]
    assert function([twice, x], twice + x)([1.0], [5.0]) == [6.0]
    with pytest.raises(UnusedInputError):
        function([x * 2], x * 2 + 1)


def test_wrong_inputs(x, y, s):
    for inputs, error, text in [
        ([s], TypeError, "Cannot use a shared variable"),
        ([tt.constant(1.0)], TypeError, "Constants not allowed"),
        ([3], TypeError, "Unknown parameter type: <class 'int'>"),
        (x, Exception, "should be contained in a list"),
        ([x, x], UnusedInputError, "at indices 0 and 1"),
        ([x, y], UnusedInputError, "input variable at index 1 is not part of the computational graph"),
        ([], MissingInputError, "was not provided and not given a value"),
    ]:
        with pytest.raises(error, match=text):
            function(inputs, x + 1)


def test_missing_inputs_are_named(x, y):
    with pytest.raises(MissingInputError) as caught:
        function([x], x + y)
    text = str(caught.value)
    assert "Input 0 of the graph (indices start from 0), used to compute" in text
    assert f'File "{__file__}"' in text
    with pytest.raises(MissingInputError):
        function([], x)


def test_unused_inputs(x, y):
    with pytest.warns(UserWarning, match="not part of the computational graph") as found:
        f = function([x, y], x, on_unused_input="warn")
    assert found[0].filename == __file__
    assert f([1.0], 1.0) == [1.0]
    assert function([x, y], x, on_unused_input="ignore")([1.0], 1.0) == [1.0]
    with pytest.raises(ValueError, match="Invalid value for keyword on_unused_input"):
        function([x, y], x, on_unused_input="foo")
    with change_flags(on_unused_input="ignore"):
        f = function([x, y], x)
    with pytest.raises(TypeError):
        f([1.0], [1.0])  # not used, and checked all the same


def test_trust_input(x, y):
    f = function([x, y], x + y)
    f.trust_input = True
    np.testing.assert_array_equal(f(np.ones(2), np.asarray(1.0)), [2, 2])
    np.testing.assert_array_equal(f(np.arange(2.0)[::-1], y=np.asarray(1.0)), [2, 1])
    assert copy.deepcopy(f).trust_input
    f.trust_input = False
    with pytest.raises(TypeError):
        f(np.ones((2, 2)), 1.0)


def test_generic_inputs_and_results():
    g = shared([1, 2]).type("g")
    f = function([g], g)
    mine = [1]
    result = f(mine)
    assert result == [1] and result is not mine
    assert f(None) is None


# -- outputs -----------------------------------------------------------------------------------------------


def test_the_shape_of_results(x, y):
    assert function([x], None, on_unused_input="ignore")([1.0]) == []
    assert function([], [])() == []
    assert type(function([y], y + 1)(1)) is np.ndarray
    result = function([y], [y + 1, y * 2])(1)
    assert type(result) is list and result == [2, 2]
    assert type(function([y], (y,))(1)) is list
    named = function([y], {"b": y + 1, "a": y * 2})
    assert named(2) == {"a": 4, "b": 3}
    assert list(named(2)) == ["a", "b"]
    with pytest.raises(AssertionError):
        function([y], {1: y})
    for wrong in (3, [3], "text"):
        with pytest.raises(TypeError, match="Outputs must be tgraph Variable or Out instances"):
            function([y], wrong)


def test_output_subset(y):
    assert function([y], [y + 1, y * 3])(2, output_subset=[1]) == [6]
    assert function([y], {"b": y + 1, "a": y * 3})(2, output_subset=["a"]) == {"a": 6}


def test_results_are_arrays(y):
    i = tensor("i", "int64")
    r = function([i], i + 1)(1)
    assert ["a", "b", "c"][r] == "c"
    assert list(range(r)) == [0, 1]
    assert f"{r:d}" == format(r, "d") == "2" == "%d" % r  # noqa: UP031  old code does it so
    assert r == 2
    assert repr(r) == "array(2)"
    with pytest.raises(TypeError):
        {}.get(r)
    with pytest.raises(TypeError):
        json.dumps(r)


@pytest.mark.parametrize("linker", ENGINES)
def test_results_share_memory_with_nothing(x, linker):
    held = shared(np.ones(3))
    constant = tt.constant(np.ones(3))
    m = tensor("m", ndim=2)
    outs = [
        x,
        x[:1],
        x + 1,
        x + 1,
        held,
        constant,
        m.T,
        m,
        m.dimshuffle(0, "x", 1),
        x[::-1],
        m[0],
        (x + 1)[1:],
    ]
    f = function([x, m], outs, mode=Mode(linker, None))
    a, b = np.ones(3), np.ones((2, 2))
    for _ in range(2):
        rs = f(a, b)
        everything = [a, b, held.get_value(borrow=True), constant.data, *rs]
        for i, p in enumerate(everything):
            for q in everything[:i]:
                assert not np.may_share_memory(p, q)
        for r in rs:
            assert r.flags.writeable
            r[...] = 7
    np.testing.assert_array_equal(a, 1)
    np.testing.assert_array_equal(held.get_value(), 1)


def test_results_are_writable_where_an_element_repeats(y):
    r = function([y], tt.alloc(y, 3))(1.0)
    r[0] = 5
    np.testing.assert_array_equal(r, [5, 1, 1])


def test_borrowed_results():
    v = shared(np.zeros(3))
    r = function([], Out(v, borrow=True))()
    r[0] = 1
    assert v.get_value()[0] == 1
    r = function([], v)()
    r[1] = 1
    assert v.get_value()[1] == 0
    a = np.ones(2)
    m = tensor("m", ndim=1)
    assert not np.may_share_memory(function([m], Out(m[1:], borrow=True))(a), a)  # the caller did not lend it
    assert np.may_share_memory(function([In(m, borrow=True)], Out(m[1:], borrow=True))(a), a)
    assert not np.may_share_memory(function([In(m, borrow=True)], m[1:])(a), a)


# -- updates -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("linker", ENGINES)
def test_updates_are_simultaneous(linker):
    a, b = shared(np.ones(2), "a"), shared(np.zeros(2), "b")
    f = function([], [a, b], updates=[(a, b), (b, a)], mode=Mode(linker))
    first = f()
    np.testing.assert_array_equal(first, [[1, 1], [0, 0]])
    np.testing.assert_array_equal(a.get_value(), 0)
    a.get_value(borrow=True)[0] = 3  # a box of its own
    np.testing.assert_array_equal(b.get_value(), 1)
    np.testing.assert_array_equal(first, [[1, 1], [0, 0]])


def test_forms_of_updates(s, y):
    for form in (
        [(s, s + 1)],
        ((s, s + 1),),
        {s: s + 1},
        OrderedDict([(s, s + 1)]),
        OrderedUpdates([(s, s + 1)]),
        [[s, s + 1]],
        iter([(s, s + 1)]),
    ):
        before = s.get_value()
        function([], s, updates=form)()
        assert s.get_value() == before + 1
    with pytest.warns(UserWarning, match="expects an OrderedDict"):
        function([], s, updates={s: s + 1, shared(1.0): s})
    function([], s, updates=[(s, 5.0)])()
    assert s.get_value() == 5
    function([], s, updates=[(s, 6)])()
    assert s.get_value() == 6


def test_wrong_updates(s, x, y):
    f32 = shared(np.float32(1), "f")
    for updates, error, text in [
        ([(s, s + 1), (s, s + 2)], ValueError, "already has an update expression"),
        ([(s, x)], TypeError, "An update must have the same type as the original shared variable"),
        ([(f32, 0.1)], TypeError, "shared_var=f, shared_var.type=TensorType.float32, scalar."),
        ([(f32, f32 + 0.1)], TypeError, "An update must have the same type"),
        ([(x, s)], TypeError, "update target must be a SharedVariable"),
        ((s, s + 1), ValueError, "list of lists/tuples with 2 elements"),
        ([s], ValueError, "list of lists/tuples with 2 elements"),
    ]:
        with pytest.raises(error, match=text):
            function([], [], updates=updates)
    row = shared(np.zeros((1, 2)))
    with pytest.raises(TypeError, match="An update must have the same type"):
        function([], [], updates=[(row, TensorType("float64", (True, False))())])


def test_default_updates():
    z, w = shared(1.0, "z"), shared(1.0, "w")
    z.default_update = z + 1
    w.default_update = w + z
    assert function([], w)() == 1
    assert (z.get_value(), w.get_value()) == (2, 2)  # z is reached through w's update only
    assert function([], w, updates=[(w, w * 10)])() == 2
    assert (z.get_value(), w.get_value()) == (2, 20)
    assert function([], w, no_default_updates=[w])() == 20
    assert (z.get_value(), w.get_value()) == (2, 20)
    assert function([], w + z, no_default_updates=True)() == 22
    assert (z.get_value(), w.get_value()) == (2, 20)
    with pytest.raises(TypeError, match="no_default_update should be either a boolean or a list"):
        function([], w, no_default_updates="a")


def test_ordered_updates(s):
    t = shared(1.0)
    both = OrderedUpdates([(s, s + 1)]) + OrderedUpdates([(t, t * 2)])
    assert list(both) == [s, t]
    with pytest.raises(TypeError, match="must inherit from SharedVariable"):
        OrderedUpdates({"a": 1})
    with pytest.raises(TypeError, match="must inherit from SharedVariable"):
        both[3] = 4
    with pytest.raises(KeyError, match="Collision"):
        both + OrderedUpdates([(s, s + 2)])
    with pytest.warns(UserWarning, match="non-ordered"):
        OrderedUpdates({s: 1, t: 2})
    with pytest.warns(UserWarning, match="non-ordered"):
        OrderedUpdates().update({s: 1, t: 2})
    assert next(iter(pickle.loads(pickle.dumps(both)).values())).owner is not None


# -- givens ------------------------------------------------------------------------------------------------


def test_givens(x, y):
    data = shared(np.arange(6.0))
    i = tensor("i", "int64")
    for form in (
        {x: data[i * 2 : (i + 1) * 2]},
        [(x, data[i * 2 : (i + 1) * 2])],
        ((x, data[i * 2 : (i + 1) * 2]),),
    ):
        f = function([i], x.sum(), givens=form)
        assert [f(0), f(1), f(2), f(3)] == [1, 5, 9, 0]
    np.testing.assert_array_equal(function([], x + 1, givens={x: np.array([1.0, 2.0])})(), [2, 3])
    assert function([y], x, givens={x: tt.constant(np.ones(2)) * y})(2.0)[1] == 2


def test_wrong_givens(x, y):
    for givens, error, text in [
        ({x: shared(np.zeros(2, "float32"))}, TypeError, "Cannot convert Type TensorType.float32, vector."),
        ({x: shared(np.zeros((2, 2)))}, TypeError, "Cannot convert Type"),
        ({x: [1.0, 2.0]}, TypeError, "Cannot convert Type"),
        ({"x": x}, TypeError, "given keys must be Variable"),
        ([(x, x * y), (y, tt.constant(np.float64(1)))], AssertionError, "is not allowed"),
    ]:
        with pytest.raises(error, match=text):
            function([], x + y, givens=givens)
    with pytest.raises(RuntimeError, match="is an input to your function"):
        function([x], x + 1, givens={x: x})


def test_givens_in_order(x, y):
    f = function([], x + y, givens=[(y, tt.constant(np.float64(2))), (x, tt.constant(np.ones(3)) * y)])
    np.testing.assert_array_equal(f(), 4)


def test_rebuild_strict(x):
    f32 = tensor("f", "float32", 1)
    with pytest.raises(TypeError):
        function([f32], x + 1, givens={x: f32})
    result = function([f32], x + x, givens={x: f32}, rebuild_strict=False)(np.float32([1]))
    assert result.dtype == "float32" and result == [2]


def test_clone(x, y):
    out = x * y
    z = tensor("z", ndim=1)
    assert function([z, y], clone(out, {x: z}))([2.0], 3.0) == [6.0]
    a, b = clone([out, out + 1], [(x, z)])
    assert b.owner.inputs[0] is a
    fresh = clone(out, share_inputs=False)
    with pytest.raises(MissingInputError):
        function([x, y], fresh, on_unused_input="ignore")


# -- copies, pickles, what a function tells ----------------------------------------------------------------


def test_copies(y, s):
    t = shared(np.float64(100.0), "t")
    f = function([y], s * y, updates=[(s, s + 1)], name="orig")
    g = f.copy()
    assert (g.name, g(1.0), s.get_value()) == ("orig copy", [2.0], 3.0)
    assert copy.copy(f)(1.0) == [3.0]
    h = f.copy(swap={s: t}, name="sw")
    assert (h.name, h(1.0), s.get_value(), t.get_value()) == ("sw", [100.0], 4.0, 101.0)
    assert h.get_shared() == [t] and f.get_shared() == [s] and h[t] == 101
    again = h.copy(swap={t: s})
    assert again(1.0) == [4.0]
    still = f.copy(delete_updates=True)
    assert (still(1.0), still(1.0), s.get_value()) == ([5.0], [5.0], 5.0)
    assert len(still.maker.fgraph.outputs) == 1
    assert f(1.0) == 5
    with pytest.raises(ValueError, match="SharedVariable: nn not found"):
        f.copy(swap={shared(1.0, "nn"): t})
    with pytest.raises(AssertionError, match="conflicts with original one"):
        f.copy(swap={s: shared(np.zeros(2))})
    with pytest.raises(AssertionError, match="should be SharedVariable"):
        f.copy(swap={s: 3})


def test_copies_have_state_of_their_own(y):
    f = function([In(y, value=0.0, update=y + 1)], y)
    f(), f()
    g = f.copy()
    assert [f(), g(), g(), f()] == [2, [0], [1], 3]
    d = function([In(y, value=7.0)], y).copy()
    assert d() == [7]
    assert d(3) == [3]
    assert d() == [7]


def test_pickles(y, s):
    f = function(
        [y, In(tensor("d"), value=1.0, name="d")],
        s * y,
        updates=[(s, s + 1)],
        name="orig",
        on_unused_input="ignore",
    )
    g = pickle.loads(pickle.dumps(f))
    assert (g.name, g(1.0), g(1.0), s.get_value()) == ("orig", 2, 3, 2)
    assert isinstance(g, Function)
    h = copy.deepcopy(f)
    assert (h(1.0), h(1.0), s.get_value()) == (2, 3, 2)
    with change_flags(unpickle_function=False):
        assert pickle.loads(pickle.dumps(f)) is None


def test_what_a_function_tells(y, s):
    f = function([y], s * y, updates=[(s, s + 1)])
    assert [str(i.variable) for i in f.maker.inputs] == ["y", "s"]
    assert f.maker.fgraph.inputs == [y, s]
    assert len(f.maker.fgraph.outputs) == 2
    assert {str(n.op.scalar_op) for n in f.maker.fgraph.toposort()} == {"mul", "add"}
    assert len(f.maker.fgraph.apply_nodes) == 2
    assert f.maker.fgraph.update_mapping == {1: 1}
    assert f.maker.fgraph.clients(y)[0][1] in (0, 1)
    assert f[s] == 2 and f["s"] == 2
    assert f.get_shared() == [s]
    assert f.free() is None and f.sync_shared() is None
    assert f.indices[0][0] is f.maker.inputs[0]
    assert f.input_storage[1] is s.container
    assert f.inv_finder[s.container].variable is s
    assert f.fn.nodes
    assert isinstance(f, Function)


# -- modes -------------------------------------------------------------------------------------------------


def test_modes(y):
    for mode in (
        None,
        "FAST_RUN",
        "FAST_COMPILE",
        FAST_COMPILE,
        Mode("py", "None"),
        Mode("cvm", "fast_run"),
        Mode("c|py_nogc"),
        Mode(optimizer=None),
        "DebugMode",
        "NanGuardMode",
        get_default_mode().excluding("fusion").including("fast_run"),
    ):
        assert function([y], y + 1, mode=mode)(1) == 2
    for make in (lambda: function([y], y, mode="foo"), lambda: Mode("foo"), lambda: Mode(optimizer="foo")):
        with pytest.raises(KeyError):
            make()
        with pytest.raises(ValueError):
            make()
    with pytest.raises(TypeError, match="mode must be"):
        function([y], y, mode=3)
    assert str(Mode("py", "fast_compile")).startswith("Mode(linker = py, optimizer = fast_compile")
    assert pickle.loads(pickle.dumps(Mode("py", "fast_compile"))).linker.name == "py"
    assert get_mode("FAST_RUN") is get_mode("FAST_RUN")
    with change_flags(mode="FAST_COMPILE"):
        assert get_default_mode() is FAST_COMPILE
    with change_flags(linker="py"):
        assert get_default_mode().linker.name == "py"
    assert get_default_mode().clone({"allow_gc": False}).linker.allow_gc is False


def test_profile_is_accepted(y):
    assert function([y], y, profile=True, accept_inplace=True)(1) == 1


# -- eval and test values ----------------------------------------------------------------------------------


def test_eval(x, y):
    assert (x + y).eval({x: [1.0], y: 2}) == [3]
    assert (tt.constant(1) + 2).eval() == 3
    with pytest.raises(TypeError, match="Unknown parameter type: <class 'str'>"):
        (x + y).eval({"x": [1.0]})
    with pytest.raises(MissingInputError):
        (x + y).eval({x: [1.0]})
    z = x + y
    z.eval({x: [1.0], y: 2})
    kept = dict(z._fn_cache)
    z.eval({y: 2, x: [1.0]})
    assert z._fn_cache == kept
    twin = pickle.loads(pickle.dumps(z))
    assert not hasattr(twin, "_fn_cache")
    assert (twin + 1).eval({twin.owner.inputs[0]: [1.0], twin.owner.inputs[1].owner.inputs[0]: 2}) == [4]


def test_test_values(x):
    with change_flags(compute_test_value="raise"):
        x.tag.test_value = np.ones(2)
        z = x + 1
        np.testing.assert_array_equal(z.tag.test_value, [2, 2])
        w = tensor("w", ndim=1)
        with pytest.raises(ValueError, match="missing default value"):
            x + w
        w.tag.test_value = np.ones(3)
        with pytest.raises(ValueError, match="Input dimension mis-match"):
            x + w
        w.tag.test_value = np.ones((3, 3))
        with pytest.raises(TypeError, match="test value does not have the requested type"):
            x + w
        np.testing.assert_array_equal((x + shared(np.ones(2))).tag.test_value, [2, 2])
        assert function([x], z)([1.0]) == [2]
    with (
        change_flags(compute_test_value="warn"),
        pytest.warns(UserWarning, match="Cannot compute test value"),
    ):
        x + tensor("v", ndim=1)
    with change_flags(compute_test_value="ignore"):
        x + tensor("v", ndim=1)


def test_large_graphs(x):
    n = 5_000
    z = x
    for i in range(n):
        z = tt.tanh(z) if i % 2 else z * x
    f = function([x], z, mode=Mode("cvm", None), updates=[])
    assert f(np.zeros(2)).shape == (2,)
    assert config.compute_test_value == "off"


@pytest.mark.slow
def test_a_chain_of_100000_from_a_fresh_thread(x):
    z = x
    for i in range(100_000):
        z = tt.tanh(z) if i % 2 else z * x
    results = []

    def work():
        f = function([x], z)
        results.append(f(np.full(2, 0.5)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert results[0].shape == (2,)


def test_profiles():
    x = tt.dvector("x")
    f = function([x], x * 2, profile=True, name="twice")
    assert [f([1.0])[0], f([2.0])[0]] == [2, 4]
    assert f.profile.fct_callcount == 2
    assert f.profile.fct_call_time > 0
    assert f.profile.message == "twice"
    text = io.StringIO()
    f.profile.summary(text)
    assert "2 calls" in text.getvalue()
    f.profile.reset()
    g = function([x], x * 3, profile=f.profile)
    g([1.0])
    f([1.0])
    assert f.profile.fct_callcount == 2
    assert pickle.loads(pickle.dumps(f))([1.0]) == [2]
    assert function([x], x).profile is None
    with change_flags(profile=True):
        assert type(function([x], x).profile) is type(f.profile)
    assert function([x], x, profile=False).profile is False
