"""Shared variables: constructors, boxes, copies. Recorded from Theano 1.0.5."""

import copy
import pickle

import numpy as np
import pytest

import tgraph.tensor as tt
from tgraph.config import config
from tgraph.function import function
from tgraph.shared import (
    Container,
    ScalarSharedVariable,
    SharedVariable,
    TensorSharedVariable,
    device_of,
    shared,
    shared_constructor,
)
from tgraph.types import TensorType

# value, class, dtype and number of dimensions (None: any Python object)
MADE = [
    (1, ScalarSharedVariable, ("int64", 0)),
    (1.0, ScalarSharedVariable, ("float64", 0)),
    (True, ScalarSharedVariable, ("bool", 0)),
    (1j, ScalarSharedVariable, ("complex128", 0)),
    (np.float32(1), ScalarSharedVariable, ("float32", 0)),
    (np.int8(1), ScalarSharedVariable, ("int8", 0)),
    (2**40, ScalarSharedVariable, ("int64", 0)),
    (np.array(1.0), TensorSharedVariable, ("float64", 0)),
    (np.zeros((1, 3)), TensorSharedVariable, ("float64", 2)),
    (np.arange(3, dtype="int32"), TensorSharedVariable, ("int32", 1)),
    (np.ma.array([1.0]), TensorSharedVariable, ("float64", 1)),
    (np.zeros(2, ">f8"), TensorSharedVariable, ("float64", 1)),
    (np.bool_(True), SharedVariable, None),
    ([1, 2], SharedVariable, None),
    ((1, 2), SharedVariable, None),
    ("a", SharedVariable, None),
    (None, SharedVariable, None),
    ({1: 2}, SharedVariable, None),
    ([], SharedVariable, None),
    (2**70, SharedVariable, None),
    (np.array([None]), SharedVariable, None),
    (np.array(["a"]), SharedVariable, None),
]


@pytest.mark.parametrize("floatX", ["float64", "float32"])
@pytest.mark.parametrize(("value", "cls", "kind"), MADE, ids=[repr(m[0]) for m in MADE])
def test_constructors(value, cls, kind, floatX):
    config.floatX = floatX  # never asked
    s = shared(value)
    assert type(s) is cls
    got = s.get_value()
    if kind is None:
        assert str(s.type) == "Generic"
        assert type(got) is type(value)
        assert np.all(got == value)
        return
    assert (s.dtype, s.ndim) == kind
    assert s.broadcastable == (False,) * kind[1]
    assert type(got) is np.ndarray
    np.testing.assert_array_equal(got, value)
    assert s.get_value(borrow=True).dtype == kind[0]


def test_wrong_constructors():
    for value, named in [
        (np.zeros(2), {"foo": 1}),
        (1.0, {"dtype": "float32"}),
        (1.0, {"broadcastable": ()}),
        ([1], {"broadcastable": ()}),
        ([1], {"borrow": True}),
        (np.zeros((2, 3)), {"broadcastable": (True, False)}),
        (1.0, {"name": 3}),
    ]:
        with pytest.raises(TypeError, match="No suitable SharedVariable constructor could be found"):
            shared(value, **named)
    with pytest.raises(TypeError, match="needs numeric values and not symbolic variables"):
        shared(TensorType("float64", ())())


def test_names_and_patterns():
    assert shared(np.zeros((1, 3)), broadcastable=(True, False)).broadcastable == (True, False)
    assert shared(1.0, "n").name == shared(1.0, name="n").name == "n"
    assert str(shared(1.0)) == "<TensorType(float64, scalar)>"
    assert str(shared(np.zeros(2), "z")) == "z"


def test_who_owns_the_memory():
    a = np.zeros(3)
    s, t = shared(a), shared(a, borrow=True)
    a[0] = 9
    assert (s.get_value()[0], t.get_value()[0]) == (0, 9)
    s.get_value()[1] = 5
    s.get_value(borrow=True)[2] = 6
    np.testing.assert_array_equal(s.get_value(), [0, 0, 6])
    s.set_value(a)
    t.set_value(a, borrow=True)
    a[1] = 7
    assert (s.get_value()[1], t.get_value()[1]) == (0, 7)
    t.get_value(borrow=True)[2] = 3
    np.testing.assert_array_equal(function([], t + 1)(), [10, 8, 4])
    assert t.get_value(borrow=True) is t.get_value(borrow=True) is t.container.value is a
    assert s.get_value(borrow=True) is not a
    converted = np.arange(3, dtype="int8")
    s.set_value(converted, borrow=True)
    converted[0] = 100
    assert s.get_value()[0] == 0
    view = np.arange(6.0)[::-2]
    s.set_value(view, borrow=True)
    np.testing.assert_array_equal(s.get_value(), [5, 3, 1])


# what a float32 vector takes
SET = [
    (np.array([1.0]), TypeError),
    (np.array([1]), TypeError),
    (np.array([1], "int8"), [1]),
    ([1.5, 2], [1.5, 2]),
    ([0.1], TypeError),
    (np.float32([[1]]), TypeError),
    (1.0, TypeError),
    ("a", ValueError),
    (TensorType("float32", (False,))(), TypeError),
    (np.float32([1, 2, 3]), [1, 2, 3]),
    (np.float32([1, 2, 3])[::-1], [3, 2, 1]),
]


@pytest.mark.parametrize(("value", "expected"), SET)
def test_set_value(value, expected):
    s = shared(np.float32([7, 8]), "s")
    if isinstance(expected, type):
        with pytest.raises(expected) as caught:
            s.set_value(value)
        assert caught.value.args[-1] == 'Container name "s"'
        np.testing.assert_array_equal(s.get_value(), [7, 8])
    else:
        s.set_value(value)
        np.testing.assert_array_equal(s.get_value(), expected)
        assert s.get_value().dtype == "float32"


# what a float32 scalar takes
SET_SCALAR = [
    (2, 2),
    (2.5, 2.5),
    (0.1, TypeError),
    (np.float64(0.5), 0.5),
    (np.float64(0.1), TypeError),
    (True, 1),
    ([1.0], TypeError),
    (np.int64(3), 3),
    (np.array(2, "int64"), TypeError),
    (np.array(1.0), TypeError),
]


@pytest.mark.parametrize(("value", "expected"), SET_SCALAR)
def test_set_value_of_a_scalar(value, expected):
    s = shared(np.float32(7))
    if isinstance(expected, type):
        with pytest.raises(expected):
            s.set_value(value)
        assert s.get_value() == 7
    else:
        s.set_value(value)
        assert s.get_value() == expected


def test_strict_and_downcasting():
    strict = shared(np.float32([1, 2]), strict=True)
    for value in ([1.0, 2.0], np.array([1.0])):
        with pytest.raises(TypeError):
            strict.set_value(value)
    loose = shared(np.float32([1, 2]), allow_downcast=True)
    loose.set_value([0.1, 0.2])
    loose.set_value(np.array([0.1]))
    assert loose.get_value() == np.float32([0.1])
    whole = shared(np.int32([1, 2]), allow_downcast=True)
    whole.set_value([1.7])
    assert whole.get_value() == [1]


def test_generic_values_are_held_as_they_are():
    mine = [1, 2]
    s = shared(mine)
    mine.append(3)
    assert s.get_value() == [1, 2, 3]
    s.get_value().append(4)
    assert s.get_value() == [1, 2, 3]
    s.get_value(borrow=True).append(4)
    assert s.get_value() == mine == [1, 2, 3, 4]
    s.set_value("x")
    s.set_value(None)
    assert s.get_value() is None


def test_the_rest_of_a_shared_variable():
    s = shared(np.arange(3.0), "s")
    s.zero()
    np.testing.assert_array_equal(s.get_value(), 0)
    assert s.get_value_shape() == (3,)
    with pytest.raises(AttributeError, match="does not exist anymore"):
        s.value
    with pytest.raises(AttributeError, match="does not exist anymore"):
        s.value = 3
    assert not hasattr(s, "default_update")
    assert bool(s) and s == s and len({s, s}) == 1
    with pytest.raises(TypeError, match="has no len"):
        len(s)
    with pytest.raises(ValueError, match="length not known"):
        list(s)
    with pytest.raises(TypeError):
        s[0] = 1
    assert s.place[0] == __file__
    s.set_value(None)
    assert s.get_value() is None


def test_copies():
    s = shared(np.arange(2.0), "s")
    for twin in (s.clone(), copy.copy(s)):
        assert twin is not s
        assert (twin.name, type(twin)) == ("s", type(s))
        assert twin.container is s.container
    own = copy.deepcopy(s)
    loaded = pickle.loads(pickle.dumps(s))
    for twin in (own, loaded):
        twin.set_value(np.zeros(5))
        assert twin.name == "s"
    np.testing.assert_array_equal(s.get_value(), [0, 1])


def test_boxes():
    s = shared(np.arange(2.0), "s")
    box = s.container
    np.testing.assert_array_equal(box.value, box.data)
    box.data = [5, 6]
    np.testing.assert_array_equal(s.get_value(), [5, 6])
    with pytest.raises(TypeError):
        box.value = [[1]]
    assert repr(box) == "<array([5., 6.])>"
    fixed = Container(s.type, [None], readonly=True, name="fixed")
    with pytest.raises(Exception, match="Cannot set readonly storage: fixed"):
        fixed.value = 1


def test_own_constructors():
    class Odd:
        pass

    @shared_constructor
    def odd_constructor(value, name=None, strict=False, allow_downcast=None):
        if not isinstance(value, Odd):
            raise TypeError
        return shared(7.0, name)

    try:
        assert shared(Odd()).get_value() == 7
        assert shared(3).get_value() == 3
    finally:
        shared_constructor(odd_constructor, remove=True)
    assert isinstance(shared(Odd()).get_value(borrow=True), Odd)


def test_a_nan_update_and_empty_arrays():
    s = shared(np.zeros((0, 3)))
    function([], [], updates=[(s, s + np.nan)])()
    assert s.get_value().shape == (0, 3)
    t = shared(np.array([np.nan, 1]))
    function([], [], updates=[(t, t * 2)])()
    np.testing.assert_array_equal(t.get_value(), [np.nan, 2])


def test_devices_by_name():
    kind = TensorType("float32", (False,))
    assert device_of(kind) == "cpu"
    s = shared(np.zeros(2))
    assert s.container.storage[0].device.type == "cpu"
    assert s.transfer("cpu") is s


@pytest.mark.cuda
def test_cuda():
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("no GPU")
    config.device = "cuda"
    w, n = shared(np.float32([[1, 2], [3, 4]]), "w"), shared(np.arange(2), "n")
    assert w.container.storage[0].device.type == "cuda"
    assert n.container.storage[0].device.type == "cpu"
    x = TensorType("float32", (False, False))("x")
    i = TensorType("int64", ())("i")
    f = function([x, i], [tt.dot(x, w), w, n + i, x], updates=[(w, w * 2), (n, n + i)])
    a = np.float32([[1, 0], [0, 1]])
    for k in range(2):
        outs = f(a, 1)
        assert all(type(o) is np.ndarray for o in outs)
        np.testing.assert_allclose(outs[0], np.float32([[1, 2], [3, 4]]) * 2**k)
        np.testing.assert_allclose(outs[2], np.arange(2) + k + 1)
    assert w.container.storage[0].device.type == "cuda"
    assert n.container.storage[0].device.type == "cpu"
    np.testing.assert_array_equal(w.get_value(), np.float32([[4, 8], [12, 16]]))
    np.testing.assert_array_equal(n.get_value(), [2, 3])
    w.set_value(a)
    np.testing.assert_allclose(f(a, 1)[0], a)
    with pytest.raises(ValueError):
        f(np.ones((2, 3), "float32"), 1)
    mine = w.get_value(borrow=True)
    mine[0] = 9  # a copy from the GPU
    assert w.get_value()[0, 0] != 9


def test_values_that_travel(monkeypatch):
    """The code of a call on another device, with the CPU under another name as that device."""
    module = __import__("sys").modules["tgraph.function"]
    monkeypatch.setattr(module, "usable", lambda wanted: "cpu:0")
    w, n, kept = shared(np.float32([[1, 2], [3, 4]]), "w"), shared(np.arange(2), "n"), shared(np.zeros(2))
    x, k = TensorType("float32", (False, False))("x"), TensorType("float64", (False,))("k")
    i = TensorType("int64", ())("i")
    f = function(
        [x, i, module.In(k, value=kept, implicit=False)],
        [tt.dot(x, w), n + i, k * 2],
        updates=[(w, w * 2), (n, n + i)],
    )
    outs = f(np.eye(2, dtype="float32"), 1, [3.0, 4.0])
    np.testing.assert_array_equal(outs[0], [[1, 2], [3, 4]])
    np.testing.assert_array_equal(outs[1], [1, 2])
    np.testing.assert_array_equal(outs[2], [6, 8])
    np.testing.assert_array_equal(kept.get_value(), [3, 4])
    np.testing.assert_array_equal(n.get_value(), [1, 2])
    np.testing.assert_array_equal(f(np.eye(2, dtype="float32"), i=2)[2], [6, 8])
