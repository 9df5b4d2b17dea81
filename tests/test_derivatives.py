"""numeric_grad and verify_grad: what they find, and what they say."""

import pickle

import numpy as np
import pytest

import tgraph.tensor as T
from tgraph.derivatives import numeric_grad, verify_grad
from tgraph.errors import GradientError
from tgraph.graph import Apply, Op

RNG = np.random.RandomState


class WrongSquare(Op):
    """x ** 2 whose gradient says 3 * x."""

    __props__ = ()

    def make_node(self, x):
        x = T.as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def perform(self, node, inputs, outputs):
        outputs[0][0] = inputs[0] ** 2

    def grad(self, inputs, gradients):
        return [gradients[0] * 3 * inputs[0]]


def test_numeric_gradients():
    g = numeric_grad(lambda a: (a**2).sum(), [np.array([1.0, 2.0])])
    np.testing.assert_allclose(g.gf[0], [2.0, 4.0], rtol=1e-6)
    assert isinstance(g.gf, list)
    # as Theano has them: argument, position, absolute and relative error
    found = g.max_err([np.array([2.0, 4.1])], 1e-4, 1e-4)
    np.testing.assert_allclose(found, (0, 1, 0.09999990884668897, 0.01234566761991858), rtol=1e-5)
    np.testing.assert_allclose(numeric_grad.abs_rel_err(np.array([1.0]), np.array([1.5])), [[0.5], [0.2]])
    single = numeric_grad(lambda a: (a**2).sum(), np.array([1.0, 2.0]))
    np.testing.assert_allclose(single.gf, [2.0, 4.0], rtol=1e-6)
    with pytest.raises(ValueError, match="wrong number"):
        g.abs_rel_errors([])
    with pytest.raises(ValueError, match="wrong shape"):
        g.abs_rel_errors([np.zeros(3)])


def test_steps_suit_the_dtype():
    eps = numeric_grad.type_eps
    assert (eps["float64"], eps["float32"], eps["float16"]) == (1e-7, 3e-4, 1e-1)
    assert eps[np.dtype("float32")] == 3e-4


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-4), ("float32", 1e-2), ("float16", 5e-2)])
def test_a_wrong_gradient_is_found(dtype, tolerance):
    with pytest.raises(GradientError) as caught:
        verify_grad(WrongSquare(), [np.array([1.0, 2.0, 3.0], dtype)], rng=RNG(1))
    error = caught.value
    assert (error.arg, error.shape) == (0, (3,))
    np.testing.assert_allclose(error.rel_err, 0.2, rtol=5e-2)
    if dtype == "float64":
        # Theano 1.0.5, same generator: the symbolic value first
        assert error.err_pos == 2
        np.testing.assert_allclose((error.val1, error.val2), (4.501029, 3.000686), rtol=1e-6)
    assert (error.abs_tol, error.rel_tol) == (tolerance, tolerance)
    assert "numeric gradient and analytic gradient exceed tolerance" in str(error)
    assert f"At position {error.err_pos} of argument 0 with shape (3,)" in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)


def test_right_gradients_pass():
    verify_grad(lambda a, b: a * b, [np.array([1.0, 2.0]), np.array([1.0, 2.0], "float32")], rng=RNG(1))
    verify_grad(lambda a: a * 2, [np.array([1.0, 2.0], "float32")], out_type="float64", rng=RNG(1))
    verify_grad(lambda a: a**2, [3.0], rng=RNG(1))
    verify_grad(lambda a: T.argmax(a), [np.array([1.0, 2.0])], rng=RNG(1))
    verify_grad(T.exp, [np.zeros((0, 2))], rng=RNG(1))
    verify_grad(T.exp, [np.ones((2, 2))], n_tests=1, rng=RNG(1), eps=1e-6, abs_tol=1e-3, rel_tol=1e-3)


def test_what_cannot_be_checked():
    with pytest.raises(TypeError, match="only with floating point inputs"):
        verify_grad(lambda a: a * 2, [np.array([1, 2])], rng=RNG(1))
    with pytest.raises(TypeError, match="rng"):
        verify_grad(lambda a: a * 2, [np.array([1.0, 2.0])])
    with pytest.raises(NotImplementedError):
        verify_grad(lambda a: [a, a], [np.array([1.0, 2.0])], rng=RNG(1))
    with pytest.raises(AssertionError):
        verify_grad(lambda a: a, np.array([1.0, 2.0]), rng=RNG(1))


def test_rounding_is_seen():
    # a cast to float32 makes differences of 1e-7 useless, as it does in Theano
    with pytest.raises(GradientError):
        verify_grad(lambda a: T.cast(a, "float32"), [np.array([1.0, 2.0])], rng=RNG(1))
