"""Permutations, covariance, assertions, slices, files, ops in place: against what the real Theano gave."""

import pickle

import numpy as np
import op_replay as replay
import pytest

import tgraph as tg
import tgraph.tensor as T
from tgraph.ops import inplace
from tgraph.ops.assertion import Raise
from tgraph.ops.python_values import Default, SliceConstant, make_slice, slicetype
from tgraph.types import generic

test_value, test_gradient, test_refused_when_built, test_refused_when_run = replay.suite("pieces")

ENGINES = ["py", "cvm"]


def function(*args, **kwargs):
    return tg.function(*args, accept_inplace=True, **kwargs)


# -- ops in place: what they leave in the arrays and shared variables was seen with Theano ------------------------


@pytest.mark.parametrize("linker", ENGINES)
def test_an_op_in_place_overwrites_what_was_passed(linker):
    x, y = T.dvectors("x", "y")
    f = function([x, y], [inplace.add_inplace(x, y), y * 2], mode=tg.Mode(linker=linker))
    a, b = np.array([3.0, 1.0]), np.array([0.5, -2.0])
    total, twice = f(a, b)
    assert total.tolist() == a.tolist() == [3.5, -1.0]
    assert twice.tolist() == [1.0, -4.0]
    assert b.tolist() == [0.5, -2.0]
    total[0] = 9.0
    assert a[0] == 3.5


def test_by_keyword_and_in_a_chain():
    x = T.dvector("x")
    f = function([x], inplace.exp_inplace(inplace.neg_inplace(x)))
    a = np.array([0.0, 1.0])
    np.testing.assert_allclose(f(x=a), np.exp([-0.0, -1.0]))
    np.testing.assert_allclose(a, np.exp([-0.0, -1.0]))


def test_what_needs_conversion_or_is_computed_stays():
    x = T.dvector("x")
    given = [1.0, 2.0]
    assert function([x], inplace.neg_inplace(x))(given).tolist() == [-1.0, -2.0]
    assert given == [1.0, 2.0]
    fixed = np.array([1.0, 2.0])
    fixed.flags.writeable = False
    assert function([x], inplace.neg_inplace(x))(fixed).tolist() == [-1.0, -2.0]
    assert fixed.tolist() == [1.0, 2.0]
    a = np.array([1.0, 2.0])
    assert function([x], inplace.neg_inplace(x * 2))(a).tolist() == [-2.0, -4.0]
    assert a.tolist() == [1.0, 2.0]


def test_a_shared_variable_takes_the_result():
    s = tg.shared(np.array([1.0, 2.0]))
    f = function([], inplace.exp_inplace(s))
    np.testing.assert_allclose(f(), np.exp([1.0, 2.0]))
    np.testing.assert_allclose(s.get_value(), np.exp([1.0, 2.0]))
    t = tg.shared(np.array([1.0]))
    function([], inplace.neg_inplace(t), updates=[(t, t + 5)])()
    assert t.get_value().tolist() == [6.0]


def test_a_call_that_fails_overwrites_nothing():
    x, y = T.dvectors("x", "y")
    f = function([x, y], [inplace.neg_inplace(x), x + y])
    a = np.array([1.0, 2.0])
    with pytest.raises(ValueError, match="mis-match"):
        f(a, np.zeros(3))
    assert a.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("ours", "theirs", "given", "other", "result"),
    [
        ("int32", "float64", [1, 2, 3], [0.7, 1.9, -3.5], [1, 3, 0]),
        ("int8", "int64", [100, 1, 2], [100, 2, 3], [-56, 3, 5]),
        ("float32", "float64", [1, 2, 3], [0.5, 0.25, -1.0], [1.5, 2.25, 2.0]),
    ],
)
def test_the_result_has_the_dtype_of_the_first_input(ours, theirs, given, other, result):
    x, y = T.vector(dtype=ours), T.vector(dtype=theirs)
    a = np.array(given, ours)
    for optimizer in (None, "fast_run"):
        out = function([x, y], inplace.add_inplace(x, y), mode=tg.Mode("py", optimizer))(
            a.copy(), np.array(other, theirs)
        )
        assert out.dtype == ours
        assert out.tolist() == result


def test_whole_results_of_functions_are_truncated_from_double_precision():
    x = T.vector(dtype="uint8")
    assert function([x], inplace.i0_inplace(x))(np.array([0, 1, 5], "uint8")).tolist() == [1, 1, 27]


def test_refusals():
    x, row, matrix, i = T.dvector("x"), T.drow("row"), T.dmatrix("matrix"), T.ivector("i")
    with pytest.raises(TypeError, match="must not contain inplace"):
        tg.function([x], inplace.exp_inplace(x))
    with pytest.raises(ValueError, match="broadcasted"):
        inplace.add_inplace(row, matrix)
    for build in (lambda: inplace.eq_inplace(x, x), lambda: inplace.true_div_inplace(i, i)):
        with pytest.raises(TypeError, match="incompatible data types"):
            build()


def test_ops_in_place_are_ops_of_their_own():
    assert inplace.exp_inplace != T.exp
    assert pickle.loads(pickle.dumps(inplace.exp_inplace)) == inplace.exp_inplace
    assert isinstance(inplace.exp_inplace.scalar_op, type(T.exp.scalar_op))
    assert inplace.exp_inplace.destroy_map == {0: [0]}
    assert str(inplace.mul_inplace) == "mul_inplace"


def test_their_gradient_is_that_of_the_values():
    x = T.dvector("x")
    g = function([x], T.grad(inplace.exp_inplace(x * 1).sum(), x))
    np.testing.assert_allclose(g([1.0, 2.0]), np.exp([1.0, 2.0]))


# -- what is no tensor ---------------------------------------------------------------------------------------------


def test_slices_are_values():
    i = T.iscalar("i")
    found = tg.function([i], make_slice(slice(None, i, 2)))(3)
    assert (found.start, int(found.stop), int(found.step)) == (None, 3, 2)
    constant = SliceConstant(slicetype, slice(1, np.array(3)))
    assert constant.data == slice(1, 3, None)
    assert constant.equals(SliceConstant(slicetype, slice(1, 3)))


def test_default_stands_in_for_none():
    x = T.dvector("x")
    f = tg.function([x], Default()(x, T.constant([7.0, 8.0]).dimshuffle(0)))
    assert f(None).tolist() == [7.0, 8.0]
    assert f([1.0]).tolist() == [1.0]


@pytest.mark.parametrize("linker", ENGINES)
def test_raise_raises_when_it_runs(linker):
    x = T.dvector("x")
    f = tg.function([x], Raise("not today", KeyError)(x) + 1, mode=tg.Mode(linker=linker))
    with pytest.raises(KeyError, match="not today"):
        f([1.0])


def test_an_assertion_does_not_ask_for_the_values():
    x = T.dvector("x")
    held = T.Assert("two at most")(x, x.size < 3)
    assert tg.function([x], held.shape)([1.0, 2.0, 3.0]).tolist() == [3]
    assert tg.function([x], T.grad(held.sum(), x))([1.0, 2.0, 3.0]).tolist() == [1.0, 1.0, 1.0]
    with pytest.raises(AssertionError, match="two at most"):
        tg.function([x], held * 2)([1.0, 2.0, 3.0])


def test_arrays_are_read_at_every_call(tmp_path):
    path = generic("path")
    f = tg.function([path], T.load(path, "int32", (False,)) * 2)
    file = tmp_path / "a.npy"
    for numbers in ([1, 2], [3, 4, 5]):
        np.save(file, np.array(numbers, "int32"))
        assert f(str(file)).tolist() == [2 * n for n in numbers]
    np.save(file, np.array([1.0]))
    with pytest.raises(TypeError, match="Expected an array of type int32"):
        f(str(file))
    with pytest.raises(ValueError, match="npy file"):
        f("a.npz")
    with pytest.raises(ValueError, match="mmap_mode"):
        T.load(path, "int32", (False,), "r+")
    fixed = tg.function([], T.load(str(file), "float64", (False,), "c"))
    for number in (1.0, 2.0):
        np.save(file, np.array([number]))
        assert fixed().tolist() == [number]
