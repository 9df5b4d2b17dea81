"""Inverses, decompositions, equations and Fourier transforms: their lines in the table of ops (cases.py).

Signs of vectors are those of a LAPACK: what is compared does not depend on them.
"""

import numpy as np
import scipy.linalg
from op_case import FLOATS, Case, num

import tgraph.tensor as T
from tgraph.ops import decompositions as D
from tgraph.ops import fft as F
from tgraph.ops import hints as H
from tgraph.ops import matrices as M
from tgraph.ops import solve as S

_WHOLE = (*FLOATS, "int64")
#: well-conditioned, with real eigenvalues that differ
_A = np.diag([4.0, 2.5, -1.5]) + num(3, 3, low=-0.4, high=0.4)
_P = _A @ _A.T
_B = np.diag([3.0, 2.0, 4.0]) + num(3, 3, low=-0.2, high=0.2, seed=1)
_RHS, _V = num(3, 2), num(3)
_WIDE, _TALL = num(2, 3), num(4, 2)
_TENSOR = (np.eye(6) * 3 + num(6, 6, low=-0.4, high=0.4)).reshape(2, 3, 6)


def _symmetric(x):
    return T.dot(x, x.T)


def _low(x):
    return np.tril(x) + np.tril(x, -1).T


def _pairs(w, v):
    return [w, abs(v)]


def _eig(x):
    w, v = D.eig(x)
    order = T.argsort(w)
    return [w[order], abs(v[:, order])]


def _eig_twin(x):
    w, v = np.linalg.eig(x)
    order = np.argsort(w)
    return [w[order].real, abs(v[:, order].real)]


def _svd(x, full):
    u, s, v = D.svd(x, full)
    k = 2
    return [s, T.dot(u[:, :k] * s, v[:k]), T.dot(u.T, u), T.dot(v, v.T)]


def _svd_twin(x, full):
    u, s, v = np.linalg.svd(x, full)
    return [s, x, u.T @ u, v @ v.T]


def _cholesky_grad(x, g):
    factor = D.cholesky(x)
    return D.CholeskyGrad()(x, factor, g)


def _eigh_grad(x, gw, gv):
    w, v = D.eigh(x)
    # of squares, so that signs do not matter
    return D.EighGrad()(x, w, v, gw, gv * v)


def _packed(z):
    return np.stack([z.real, z.imag], -1)


def _complex(x):
    return x[..., 0] + 1j * x[..., 1]


# fmt: off
MATRICES = [
    # -- matrices as a whole
    Case("matrix_inverse", M.MatrixInverse, M.matrix_inverse, [_A], np.linalg.inv, dtypes=_WHOLE, host=("int64",)),
    Case("pinv", M.MatrixPinv, M.pinv, [_TALL], np.linalg.pinv, dtypes=FLOATS),
    Case("pinv_wide", M.MatrixPinv, M.pinv, [_WIDE], np.linalg.pinv, dtypes=FLOATS),
    Case("det", M.Det, M.det, [_A], np.linalg.det, dtypes=_WHOLE, host=("int64",)),
    Case("expm", M.Expm, M.expm, [_A * 0.5], scipy.linalg.expm, dtypes=_WHOLE),
    Case("expm_grad", M.ExpmGrad, lambda x, g: M.ExpmGrad()(x, g), [_A * 0.3, _B * 0.3],
         lambda x, g: scipy.linalg.expm_frechet(x.T, g)[1], dtypes=FLOATS),
    Case("alloc_diag_vector", M.AllocDiag, M.alloc_diag, [_V], np.diag),
    Case("hint", H.Hint, lambda x: H.psd(x) * 2, [num(2, 3)], lambda x: x * 2),
    # -- decompositions
    Case("cholesky", D.Cholesky, lambda x: D.cholesky(_symmetric(x)), [_A], lambda x: np.linalg.cholesky(x @ x.T),
         dtypes=FLOATS),
    Case("cholesky_upper", D.Cholesky, lambda x: D.Cholesky(lower=False, on_error="nan")(_symmetric(x)), [_A],
         lambda x: np.linalg.cholesky(x @ x.T).T, dtypes=FLOATS),
    Case("cholesky_grad", D.CholeskyGrad, _cholesky_grad, [_P, _B], dtypes=FLOATS, wrt=(1,)),
    Case("qr", D.QRFull, D.qr, [_TALL], lambda x: list(np.linalg.qr(x)), dtypes=_WHOLE, wrt=None),
    Case("qr_complete", D.QRFull, lambda x: abs(D.qr(x, "complete")[1]), [_TALL],
         lambda x: abs(np.linalg.qr(x, "complete")[1]), dtypes=FLOATS, wrt=None),
    Case("qr_raw", D.QRFull, lambda x: D.qr(x, "raw"), [_TALL],
         lambda x: list(np.linalg.qr(x.astype("float64"), "raw")), dtypes=FLOATS, wrt=None),
    Case("qr_r", D.QRIncomplete, lambda x: D.qr(x, "r"), [_WIDE], lambda x: np.linalg.qr(x, "r"), dtypes=_WHOLE,
         wrt=None),
    Case("svd", D.SVD, lambda x: _svd(x, True), [_WIDE], lambda x: _svd_twin(x, True), dtypes=_WHOLE, wrt=None),
    Case("svd_reduced", D.SVD, lambda x: _svd(x, False), [_TALL], lambda x: _svd_twin(x, False), dtypes=FLOATS,
         wrt=None),
    Case("singular_values", D.SVD, lambda x: D.svd(x, compute_uv=False), [_TALL],
         lambda x: np.linalg.svd(x, compute_uv=False), dtypes=FLOATS, wrt=None),
    Case("eig", D.Eig, _eig, [_A], _eig_twin, dtypes=FLOATS, wrt=None),
    Case("eigh", D.Eigh, lambda x: _pairs(*D.eigh(_symmetric(x))), [_A],
         lambda x: _pairs(*np.linalg.eigh(x @ x.T)), dtypes=FLOATS),
    Case("eigh_upper", D.Eigh, lambda x: _pairs(*D.eigh(x, "U")), [_B], lambda x: _pairs(*np.linalg.eigh(x, "U")),
         dtypes=FLOATS),
    Case("eigh_grad", D.EighGrad, _eigh_grad, [_P, _V, _B], dtypes=FLOATS, wrt=(1, 2)),
    Case("eigvalsh", D.Eigvalsh, lambda x: D.eigvalsh(x, None), [_B], lambda x: np.linalg.eigvalsh(x), dtypes=FLOATS),
    Case("eigvalsh_pair", D.Eigvalsh, D.eigvalsh, [_A, _B], lambda a, b: scipy.linalg.eigvalsh(_low(a), _low(b)),
         dtypes=FLOATS),
    Case("eigvalsh_upper", D.Eigvalsh, lambda a, b: D.eigvalsh(a, b, lower=False), [_A, _B],
         lambda a, b: scipy.linalg.eigvalsh(a, b, lower=False), dtypes=FLOATS),
    Case("eigvalsh_grad", D.EigvalshGrad, lambda a, b, g: D.EigvalshGrad()(a, b, g), [_A, _B, _V], dtypes=FLOATS),
    # -- equations
    Case("solve", S.Solve, S.solve, [_A, _RHS], np.linalg.solve, dtypes=_WHOLE),
    Case("solve_vector", S.Solve, S.solve_symmetric, [_A, _V], np.linalg.solve, dtypes=FLOATS),
    Case("solve_lower", S.Solve, S.solve_lower_triangular, [_A, _RHS], lambda a, b: np.linalg.solve(np.tril(a), b),
         dtypes=FLOATS),
    Case("solve_upper", S.Solve, S.solve_upper_triangular, [_A, _V], lambda a, b: np.linalg.solve(np.triu(a), b),
         dtypes=FLOATS),
    Case("lstsq", S.lstsq, lambda x, y: S.lstsq()(x, y, -1.0), [_TALL, num(4)],
         lambda x, y: list(np.linalg.lstsq(x, y, rcond=-1)), dtypes=FLOATS, host=FLOATS, wrt=None),
    Case("tensorinv", S.TensorInv, S.tensorinv, [_TENSOR], np.linalg.tensorinv, dtypes=FLOATS, wrt=None),
    Case("tensorsolve", S.TensorSolve, S.tensorsolve, [_TENSOR, num(2, 3)], np.linalg.tensorsolve, dtypes=FLOATS,
         wrt=None),
    Case("tensorsolve_axes", S.TensorSolve, lambda a, b: S.tensorsolve(a, b, axes=(0, 1)), [_TENSOR, num(6)],
         lambda a, b: np.linalg.tensorsolve(a, b, axes=(0, 1)), dtypes=FLOATS, wrt=None),
    # -- Fourier transforms
    Case("rfft", F.RFFTOp, lambda x: F.rfft(x, "ortho"), [num(2, 5, 4)],
         lambda x: _packed(np.fft.rfftn(x, axes=(1, 2), norm="ortho")), dtypes=FLOATS),
    Case("rfft_sizes", F.RFFTOp, lambda x: F.rfft_op(x, [3, 8]), [num(2, 5, 4)],
         lambda x: _packed(np.fft.rfftn(x, s=(3, 8), axes=(1, 2))), dtypes=FLOATS, wrt=None),
    Case("irfft", F.IRFFTOp, lambda x: F.irfft(x), [num(5, 3, 4, 2)],
         lambda x: np.fft.irfftn(_complex(x), axes=(1, 2)), dtypes=FLOATS),
    Case("irfft_odd", F.IRFFTOp, lambda x: F.irfft(x, "no_norm", is_odd=True), [num(4, 3, 2)],
         lambda x: np.fft.irfft(_complex(x), 5, norm="forward"), dtypes=FLOATS),
    Case("fourier", F.Fourier, lambda x: F.fft(x, 5, 0), [num(4, 3)], lambda x: np.fft.fft(x.astype("float64"), 5, 0),
         dtypes=_WHOLE, wrt=None),
]
# fmt: on
