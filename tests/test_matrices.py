"""Linear algebra and Fourier transforms: every expression of matrix_lines.py against what the real Theano gave."""

import pickle

import numpy as np
import op_replay as replay
import pytest
import scipy.linalg

import tgraph as tg
import tgraph.tensor as tt
from tgraph.ops import decompositions, fft, hints, matrices, solve

suites = {group: replay.suite(group) for group in ("matrices", "decomposed", "solved", "fourier")}

test_matrices, test_matrices_gradient, test_matrices_built, test_matrices_run = suites["matrices"]
test_decomposed, test_decomposed_gradient, test_decomposed_built, test_decomposed_run = suites["decomposed"]
test_solved, test_solved_gradient, test_solved_built, test_solved_run = suites["solved"]
test_fourier, test_fourier_gradient, test_fourier_built, test_fourier_run = suites["fourier"]


class Triangle(tg.Op):
    """An op as old programs wrote it, with flags that have the names of our own methods."""

    __props__ = ("lower", "dims")

    def __init__(self, lower, dims=2):
        self.lower, self.dims = lower, dims

    def make_node(self, x):
        x = tt.as_tensor_variable(x)
        return tg.Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = (np.tril if self.lower else np.triu)(inputs[0])


class Lower(Triangle):
    lower, dims = True, 2

    def __init__(self):
        pass


@pytest.mark.parametrize(("op", "twin"), [(Triangle(True), np.tril), (Triangle(False), np.triu), (Lower(), np.tril)])
def test_flags_of_old_ops_do_not_hide_methods(op, twin):
    x = tt.dmatrix("x")
    value = np.arange(9.0).reshape(3, 3)
    doubled, shape = tg.function([x], [op(x) * 2, op(x).shape])(value)
    np.testing.assert_array_equal(doubled, 2 * twin(value))
    assert list(shape) == [3, 3]


def test_flags_of_ours_are_flags():
    assert [solve.Solve("lower_triangular", lower=True).lower, solve.solve_upper_triangular.lower] == [True, False]
    assert decompositions.cholesky.lower is True
    assert decompositions.cholesky.destructive is False
    assert decompositions.Cholesky(lower=False) != decompositions.cholesky
    assert pickle.loads(pickle.dumps(decompositions.Cholesky(False, "nan"))) == decompositions.Cholesky(False, "nan")
    assert repr(solve.solve) == "Solve{('general', False, False, False)}"


def test_whole_numbers_become_floats():
    """Declared as what they are; Theano declared the dtype of the matrix, and gave float64 all the same."""
    x = tt.lmatrix("x")
    value = np.array([[4, 1], [1, 3]])
    s, r, e = tg.function([x], [decompositions.svd(x)[1], decompositions.qr(x, "r"), matrices.expm(x)])(value)
    assert [v.dtype.name for v in (s, r, e)] == ["float64"] * 3
    np.testing.assert_allclose(s, np.linalg.svd(value)[1])
    np.testing.assert_allclose(r, np.linalg.qr(value, "r"))
    np.testing.assert_allclose(e, scipy.linalg.expm(value))


def test_dimensions_are_declared_as_they_come():
    a, b, v = tt.dtensor3("a"), tt.dmatrix("b"), tt.dvector("v")
    assert solve.tensorsolve(a, b).ndim == 1
    assert solve.tensorsolve(a, v).ndim == 2
    found = solve.lstsq()(b, v, -1.0)
    assert [o.type.ndim for o in found] == [1, 1, 0, 1]
    value, right = np.array([[1.0, -2.0], [0.5, 3.0], [-1.0, 0.25]]), np.array([1.0, -2.0, 0.5])
    for ours, theirs in zip(tg.function([b, v], found)(value, right), np.linalg.lstsq(value, right, -1), strict=True):
        np.testing.assert_allclose(ours, theirs)


def test_exponential_has_a_gradient_where_eigenvalues_coincide():
    x = tt.dmatrix("x")
    f = tg.function([x], tg.grad(matrices.expm(x)[0].sum(), x))
    np.testing.assert_allclose(f(np.zeros((2, 2))), [[1, 1], [0, 0]], atol=1e-14)


@pytest.mark.parametrize("mode", ["FAST_RUN", "FAST_COMPILE"])
@pytest.mark.parametrize(
    ("op", "value"),
    [
        (matrices.matrix_inverse, np.zeros((2, 2))),
        (matrices.det, np.zeros((2, 3))),
        (decompositions.cholesky, -np.eye(2)),
        (lambda x: solve.solve(x, x), np.ones((2, 2))),
        (lambda x: solve.solve_lower_triangular(x, x), np.triu(np.ones((2, 2)), 1)),
        (lambda x: decompositions.eigvalsh(x, -x), np.eye(2)),
        (decompositions.eig, np.full((2, 2), np.nan)),
    ],
)
def test_refusals_are_those_of_numpy(op, value, mode):
    x = tt.dmatrix("x")
    f = tg.function([x], op(x), mode=mode)
    with pytest.raises(np.linalg.LinAlgError):
        f(value)


def test_marks_change_nothing():
    x = tt.dmatrix("x")
    marked = hints.psd(x)
    assert hints.is_psd(marked)
    assert hints.is_symmetric(marked)
    assert not hints.is_psd(x)
    assert hints.is_positive(x**2)
    assert not hints.is_positive(x**3)
    value = np.array([[2.0, 1.0], [1.0, 3.0]])
    f = tg.function([x], [matrices.det(marked), tg.grad(matrices.det(marked), x)])
    np.testing.assert_allclose(f(value)[0], 5.0)
    np.testing.assert_allclose(f(value)[1], np.array([[3.0, -1.0], [-1.0, 2.0]]))


def test_spectral_radius_is_bounded():
    x = tt.dmatrix("x")
    value = np.cov(np.random.RandomState(3).uniform(size=(3, 6)))
    bound = tg.function([x], matrices.spectral_radius_bound(x, 5))(value)
    np.testing.assert_allclose(bound, np.trace(np.linalg.matrix_power(value, 32)) ** (1 / 32))
    assert np.linalg.eigvalsh(value)[-1] <= bound * (1 + 1e-12)
    for wrong, error in ((5.0, TypeError), (0, ValueError)):
        with pytest.raises(error):
            matrices.spectral_radius_bound(x, wrong)
    with pytest.raises(TypeError):
        matrices.spectral_radius_bound(tt.dvector("v"), 2)


@pytest.mark.parametrize(
    "build",
    [
        lambda x: decompositions.svd(x)[0],
        lambda x: decompositions.svd(x)[1],
        lambda x: decompositions.svd(x, False)[2],
        lambda x: decompositions.qr(x, "complete")[0],
        lambda x: decompositions.cholesky(x),
        lambda x: matrices.pinv(x),
        lambda x: matrices.alloc_diag(x[0]),
        lambda x: solve.solve(x, x[0]),
        lambda x: decompositions.eigh(x)[1],
        lambda x: fft.fft(x, 16, 0),
        lambda x: fft.fft(x, 16, tt.argmax(x[0])),
    ],
)
def test_shapes_are_known_without_values(build):
    x = tt.dmatrix("x")
    f = tg.function([x], build(x).shape)
    ops = {type(node.op).__name__ for node in f.maker.fgraph.toposort()}
    assert not ops & {"SVD", "QRFull", "Cholesky", "MatrixPinv", "AllocDiag", "Solve", "Eigh", "Fourier"}
    value = np.array([[5.0, 1.0], [1.0, 2.0]])
    assert list(f(value)) == list(np.shape(tg.function([x], build(x))(value)))
