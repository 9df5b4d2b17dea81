"""Decompositions of matrices: Cholesky, QR, singular values, eigenvalues of general, symmetric and paired matrices.

Signs of singular vectors and eigenvectors are those of the LAPACK that torch or numpy was built with. Gradients:
Murray, "Differentiation of the Cholesky decomposition" (2016); Giles, "An extended collection of matrix derivative
results" (2008) for eigenvalues and eigenvectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tgraph.graph import Apply, Op, Sized
from tgraph.kernels import kernel
from tgraph.operators import as_tensor_variable
from tgraph.ops.arithmetic import isnan
from tgraph.ops.create import identity_like, tril, triu
from tgraph.ops.elemwise import elemwise
from tgraph.ops.linalg import dot
from tgraph.ops.matrices import (
    WIDE,
    all_finite,
    diag,
    fit_to,
    in_64_bits,
    lapack_dtype,
    matrix_argument,
    pulled_back,
    real_dtype,
    require_finite,
    require_square,
    scipy_dtype,
)
from tgraph.ops.python_values import NoneConst
from tgraph.ops.reduce import any as any_of
from tgraph.ops.rows import rows
from tgraph.ops.solve import solve_lower_triangular, solve_upper_triangular
from tgraph.optional import scipy_linalg
from tgraph.types import DisconnectedType, TensorType, upcast

_switch = elemwise(rows["switch"])
_not = elemwise(rows["invert"])


def _zero_disconnected(outputs: Sequence[Any], grads: Sequence[Any]) -> list[Any]:
    """Gradients with zeros in place of the missing ones."""
    return [o.zeros_like() if isinstance(g.type, DisconnectedType) else g for o, g in zip(outputs, grads, strict=True)]


def _folded(g: Any, lower: bool) -> Any:
    """The gradient for one triangle of a symmetric matrix of which only that triangle is read."""
    return tril(g) + triu(g, 1).T if lower else triu(g) + tril(g, -1).T


# -- Cholesky ------------------------------------------------------------------------------------------------


@kernel
def cholesky_factor(x: torch.Tensor, lower: bool, nan: bool) -> torch.Tensor:
    """The triangular factor; where there is none, ValueError or NaN everywhere."""
    require_square(x)
    require_finite(x)
    factor, info = torch.linalg.cholesky_ex(x, upper=not lower)
    if int(info) != 0:
        if not nan:
            raise ValueError(str(int(info)) + "-th leading minor of the array is not positive definite")
        return torch.full_like(x, float("nan"))
    return factor


class Cholesky(Sized, Op):
    """L with L.L' = x (``lower``), or U with U'.U = x, for a symmetric positive definite x of which only that
    triangle is read. In the dtype of x.

    At run time ValueError for NaN, infinity and what is not square. A matrix that is not positive definite: LinAlgError
    with ``on_error`` 'raise', NaN everywhere with 'nan'.
    """

    __props__ = ("lower", "destructive", "on_error")

    def __init__(self, lower: bool = True, on_error: str = "raise"):
        if on_error not in ("raise", "nan"):
            raise ValueError('on_error must be one of "raise" or "nan"')
        # the flag has the name of the method, which engines take from the class
        self.__dict__["lower"] = lower
        self.destructive, self.on_error = False, on_error

    def make_node(self, x: Any) -> Apply:
        x = matrix_argument(x, "cholesky")
        return Apply(self, [x], [x.type()])

    def compute(self, node: Apply, x: np.ndarray) -> Any:
        if x.shape[0] != x.shape[1]:
            raise ValueError(f"Input array is expected to be square but has the shape: {x.shape}.")
        if not np.isfinite(x).all():
            raise ValueError("array must not contain infs or NaNs")
        wide = x.astype(scipy_dtype(x.dtype.name))
        try:
            factor = np.linalg.cholesky(wide) if self.lower else np.linalg.cholesky(wide.T).T
        except np.linalg.LinAlgError:
            if self.on_error == "raise":
                raise
            factor = np.full(x.shape, np.nan)
        with np.errstate(invalid="ignore"):
            return factor.astype(x.dtype)

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        if node.inputs[0].type.dtype not in WIDE:
            return ctx.host(node, x)
        return ctx.call(cholesky_factor, x, bool(self.__dict__["lower"]), self.on_error == "nan")

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x,), (factor,), (g,) = inputs, outputs, output_grads
        ok = None
        if self.on_error == "nan":
            # triangles of NaN cannot be solved: ones stand in for them until the end
            ok = _not(any_of(isnan(factor)))
            factor, g = (_switch(ok, v, np.asarray(1, v.type.dtype)) for v in (factor, g))
        gx = _cholesky_pullback(factor, g, bool(self.__dict__["lower"]))
        return [fit_to(gx if ok is None else _switch(ok, gx, np.asarray(np.nan, gx.type.dtype)), x)]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0]]


def _cholesky_pullback(factor: Any, g: Any, lower: bool) -> Any:
    """The gradient for the triangle that was read: S = L^-T P L^-1, with P the halved lower triangle of L'.g"""
    if not lower:
        factor, g = factor.T, g.T
    inner = dot(factor.T, g)
    inner = tril(inner) - diag(diag(inner) / 2.0)
    s = solve_upper_triangular(factor.T, solve_upper_triangular(factor.T, inner.T).T)
    return (tril if lower else triu)(s + s.T) - diag(diag(s))


class CholeskyGrad(Sized, Op):
    """The gradient of a cost for x, given its gradient ``dz`` for the factor ``l`` of x."""

    __props__ = ("lower", "destructive")

    def __init__(self, lower: bool = True):
        self.__dict__["lower"] = lower
        self.destructive = False

    def make_node(self, x: Any, l: Any, dz: Any) -> Apply:
        x, l, dz = (matrix_argument(v, "CholeskyGrad") for v in (x, l, dz))
        assert l.owner.op.lower == self.lower, "lower/upper mismatch between Cholesky op and CholeskyGrad op"
        return Apply(self, [x, l, dz], [x.type()])

    def compute(self, node: Apply, x: np.ndarray, factor: np.ndarray, g: np.ndarray) -> Any:
        lower = bool(self.__dict__["lower"])
        if not lower:
            factor, g = factor.T, g.T
        inner = np.tril(factor.T @ g)
        inner -= np.diag(np.diag(inner) / 2.0)
        s = np.linalg.solve(factor.T, np.linalg.solve(factor.T, inner.T).T)
        return ((np.tril if lower else np.triu)(s + s.T) - np.diag(np.diag(s))).astype(x.dtype)

    def lower(self, node: Apply, ctx: Any, x: Any, factor: Any, g: Any) -> Any:
        if any(v.type.dtype != node.outputs[0].type.dtype or v.type.dtype not in WIDE for v in node.inputs):
            return ctx.host(node, x, factor, g)
        return ctx.call(cholesky_pullback, factor, g, bool(self.__dict__["lower"]))

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        _, factor, g = inputs
        return pulled_back(_cholesky_pullback(factor, g, bool(self.__dict__["lower"])), inputs, output_grads)

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0]]


@kernel
def cholesky_pullback(factor: torch.Tensor, g: torch.Tensor, lower: bool) -> torch.Tensor:
    """As ``_cholesky_pullback``."""
    left = factor.t()
    if not lower:
        left = factor
        g = g.t()
    inner = torch.tril(torch.mm(left, g))
    inner = inner - torch.diag(torch.diagonal(inner) / 2)
    s = torch.linalg.solve_triangular(left, inner.t(), upper=True).t()
    s = torch.linalg.solve_triangular(left, s, upper=True)
    both = s + s.t()
    return (torch.tril(both) if lower else torch.triu(both)) - torch.diag(torch.diagonal(s))


# -- QR and singular values ----------------------------------------------------------------------------------

#: Names of modes that numpy keeps from old times
_QR_MODES = {"full": "reduced", "f": "reduced", "e": "economic"}


@kernel
def qr_factors(x: torch.Tensor, mode: str) -> tuple[torch.Tensor, torch.Tensor]:
    """(q, r)"""
    q, r = torch.linalg.qr(in_64_bits(x), mode=mode)
    return q.to(x.dtype), r.to(x.dtype)


@kernel
def qr_triangle(x: torch.Tensor) -> torch.Tensor:
    """r alone."""
    return torch.linalg.qr(in_64_bits(x), mode="r")[1].to(x.dtype)


@kernel
def householder_vectors(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """What LAPACK's geqrf gives, transposed, and the factors of the reflections."""
    a, tau = torch.geqrf(x)
    return a.t().contiguous(), tau


class QRFull(Op):
    """(q, r) of a matrix (m, n), k = min(m, n): ``mode`` 'reduced' gives (m, k) and (k, n), 'complete' (m, m) and
    (m, n); 'raw' gives LAPACK's reflections, (n, m) and (k,), always in 64 bits. Whole numbers become float64."""

    __props__ = ("mode",)

    def __init__(self, mode: str):
        self.mode = mode

    def _raw(self) -> bool:
        return self.mode == "raw"

    def make_node(self, x: Any) -> Apply:
        x = matrix_argument(x, "qr")
        dtype = lapack_dtype(x.type.dtype)
        if self._raw():
            dtype = np.result_type(dtype, "float64").name
        shapes = [(False, False), (False,) if self._raw() else (False, False)]
        return Apply(self, [x], [TensorType(dtype, s)() for s in shapes])

    def compute(self, node: Apply, x: np.ndarray) -> Any:
        mode: Any = _QR_MODES.get(self.mode, self.mode)
        q, r = np.linalg.qr(x.astype(node.outputs[0].type.dtype), mode)
        return np.ascontiguousarray(q), r

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        dtype = node.outputs[0].type.dtype
        x = x if node.inputs[0].type.dtype == dtype else ctx.cast(x, dtype)
        if self._raw():
            found = ctx.call(householder_vectors, x)
        else:
            found = ctx.call(qr_factors, x, _QR_MODES.get(self.mode, self.mode))
        return found[0], found[1]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        ((m, n),) = inputs
        k = fresh()
        if self._raw():
            return [(n, m), (k,)]
        return [(m, m), (m, n)] if self.mode == "complete" else [(m, k), (k, n)]


class QRIncomplete(Op):
    """r of the QR decomposition alone: (k, n) for a matrix (m, n), with k = min(m, n)."""

    __props__ = ("mode",)

    def __init__(self, mode: str):
        self.mode = mode

    def make_node(self, x: Any) -> Apply:
        x = matrix_argument(x, "qr")
        return Apply(self, [x], [TensorType(lapack_dtype(x.type.dtype), (False, False))()])

    def compute(self, node: Apply, x: np.ndarray) -> Any:
        dtype = node.outputs[0].type.dtype
        if self.mode in ("e", "economic"):
            # the triangle and, below it, the reflections
            return np.linalg.qr(x, "raw")[0].T[: min(x.shape)].astype(dtype) if x.size else np.zeros(x.shape, dtype)
        return np.linalg.qr(x.astype(dtype), "r")

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        dtype = node.outputs[0].type.dtype
        if self.mode != "r":
            return ctx.host(node, x)
        return ctx.call(qr_triangle, x if node.inputs[0].type.dtype == dtype else ctx.cast(x, dtype))

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [(fresh(), inputs[0][1] if self.mode == "r" else fresh())]


def qr(a: Any, mode: str = "reduced") -> Any:
    """The QR decomposition: see ``QRFull``; ``mode`` 'r' gives r alone. ValueError for other modes."""
    if mode in ("r", "e", "economic"):
        return QRIncomplete(mode)(a)
    if mode not in ("reduced", "complete", "raw", *_QR_MODES):
        raise ValueError(f"Unrecognized mode '{mode}'")
    return QRFull(mode)(a)


@kernel
def svd_factors(x: torch.Tensor, full: bool) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(u, s, v'), NaN where the matrix has some."""
    wide = in_64_bits(x)
    if all_finite(x):
        u, s, v = torch.linalg.svd(wide, full_matrices=full)
    else:
        # torch refuses what numpy answers with NaN
        u, s, v = torch.linalg.svd(torch.zeros_like(wide), full_matrices=full)
        u, s, v = u * float("nan"), s * float("nan"), v * float("nan")
    return u.to(x.dtype), s.to(torch.real(x).dtype), v.to(x.dtype)


@kernel
def singular_values(x: torch.Tensor) -> torch.Tensor:
    """The singular values, largest first, NaN where the matrix has some."""
    kind = torch.real(x).dtype
    if not all_finite(x):
        return (torch.linalg.svdvals(torch.zeros_like(x)) * float("nan")).to(kind)
    return torch.linalg.svdvals(in_64_bits(x)).to(kind)


class SVD(Op):
    """(u, s, v') of a matrix (m, n) with u.diag(s).v' = x, or the singular values s alone without ``compute_uv``.

    k = min(m, n): s is (k,); u and v' are (m, m) and (n, n) with ``full_matrices``, else (m, k) and (k, n). Whole
    numbers become float64.
    """

    __props__ = ("full_matrices", "compute_uv")

    def __init__(self, full_matrices: Any = True, compute_uv: Any = True):
        self.full_matrices, self.compute_uv = full_matrices, compute_uv

    def make_node(self, x: Any) -> Apply:
        x = matrix_argument(x, "svd")
        dtype = lapack_dtype(x.type.dtype)
        s = TensorType(real_dtype(dtype), (False,))()
        if not self.compute_uv:
            return Apply(self, [x], [s])
        matrix = TensorType(dtype, (False, False))
        return Apply(self, [x], [matrix(), s, matrix()])

    def compute(self, node: Apply, x: np.ndarray) -> Any:
        finite = bool(np.isfinite(x).all())
        found = np.linalg.svd(x if finite else np.zeros_like(x), bool(self.full_matrices), bool(self.compute_uv))
        parts = tuple(found) if self.compute_uv else (found,)
        return parts if finite else tuple(np.full_like(part, np.nan) for part in parts)

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        dtype = lapack_dtype(node.inputs[0].type.dtype)
        x = x if node.inputs[0].type.dtype == dtype else ctx.cast(x, dtype)
        if not self.compute_uv:
            return ctx.call(singular_values, x)
        found = ctx.call(svd_factors, x, bool(self.full_matrices))
        return found[0], found[1], found[2]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        ((m, n),) = inputs
        k = fresh()
        if not self.compute_uv:
            return [(k,)]
        return [(m, m), (k,), (n, n)] if self.full_matrices else [(m, k), (k,), (k, n)]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        ((m, n),) = shapes
        k = elemwise(rows["minimum"])(m, n)
        return self.dims(node, shapes, lambda: k)


def svd(a: Any, full_matrices: Any = 1, compute_uv: Any = 1) -> Any:
    """The singular value decomposition: see ``SVD``."""
    return SVD(full_matrices, compute_uv)(a)


# -- eigenvalues ---------------------------------------------------------------------------------------------


@kernel
def eigen_general(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Eigenvalues and right eigenvectors; of real matrices only their real parts."""
    require_square(x)
    require_finite(x)
    w, v = torch.linalg.eig(in_64_bits(x))
    if torch.is_complex(x):
        return w.to(x.dtype), v.to(x.dtype)
    return torch.real(w).to(x.dtype).contiguous(), torch.real(v).to(x.dtype).contiguous()


class Eig(Sized, Op):
    """(eigenvalues, right eigenvectors as columns) of a square matrix, in its dtype: of a real matrix the imaginary
    parts are lost. LinAlgError at run time for other matrices and for values that are not finite."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        x = matrix_argument(x, "eig")
        dtype = x.type.dtype
        return Apply(self, [x], [TensorType(dtype, (False,))(), TensorType(dtype, (False, False))()])

    def compute(self, node: Apply, x: np.ndarray) -> Any:
        w, v = np.linalg.eig(x)
        if x.dtype.kind != "c":
            w, v = np.real(w), np.real(v)
        return w.astype(x.dtype), v.astype(x.dtype)

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        if node.inputs[0].type.dtype not in WIDE:
            return ctx.host(node, x)
        found = ctx.call(eigen_general, x)
        return found[0], found[1]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        n = inputs[0][0]
        return [(n,), (n, n)]


@kernel
def eigen_symmetric(x: torch.Tensor, triangle: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Eigenvalues, smallest first, and eigenvectors, reading one triangle ('L' or 'U')."""
    require_square(x)
    w, v = torch.linalg.eigh(in_64_bits(x), UPLO=triangle)
    return w.to(torch.real(x).dtype), v.to(x.dtype)


class Eigh(Eig):
    """(eigenvalues, smallest first; eigenvectors as columns) of a symmetric matrix, of which one triangle is read:
    ``UPLO`` is 'L' or 'U'. Whole numbers become float64."""

    __props__ = ("UPLO",)

    def __init__(self, UPLO: str = "L"):
        assert UPLO in ("L", "U"), f"UPLO is 'L' or 'U', not {UPLO!r}"
        self.UPLO = UPLO

    def make_node(self, x: Any) -> Apply:
        x = matrix_argument(x, "eigh")
        dtype = lapack_dtype(x.type.dtype)
        return Apply(self, [x], [TensorType(real_dtype(dtype), (False,))(), TensorType(dtype, (False, False))()])

    def compute(self, node: Apply, x: np.ndarray) -> Any:
        return tuple(np.linalg.eigh(x, self.UPLO))

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        dtype = node.outputs[1].type.dtype
        found = ctx.call(eigen_symmetric, x if node.inputs[0].type.dtype == dtype else ctx.cast(x, dtype), self.UPLO)
        return found[0], found[1]

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x,), (w, v) = inputs, outputs
        return [fit_to(EighGrad(self.UPLO)(x, w, v, *_zero_disconnected(outputs, output_grads)), x)]


@kernel
def eigen_pullback(w: torch.Tensor, v: torch.Tensor, gw: torch.Tensor, gv: torch.Tensor, lower: bool) -> torch.Tensor:
    """The gradient for a symmetric matrix, given those for its eigenvalues and eigenvectors, folded onto a
    triangle."""
    inner = torch.mm(v.t(), gv) / (w.unsqueeze(0) - w.unsqueeze(1))
    # w[n] - w[n] = 0 on the diagonal, where the gradients of the eigenvalues stand
    here = torch.eye(w.size(0), dtype=torch.bool, device=w.device)
    inner = torch.where(here, torch.diag(gw), inner.t())
    g = torch.mm(torch.mm(v, inner), v.t())
    if lower:
        return torch.tril(g) + torch.triu(g, 1).t()
    return torch.triu(g) + torch.tril(g, -1).t()


class EighGrad(Sized, Op):
    """The gradient of a cost for a symmetric matrix x, given those for its eigenvalues w and eigenvectors v. It falls
    onto the triangle that ``Eigh`` reads, and is not finite where eigenvalues coincide."""

    __props__ = ("UPLO",)

    def __init__(self, UPLO: str = "L"):
        assert UPLO in ("L", "U"), f"UPLO is 'L' or 'U', not {UPLO!r}"
        self.UPLO = UPLO

    def make_node(self, x: Any, w: Any, v: Any, gw: Any, gv: Any) -> Apply:
        inputs = [as_tensor_variable(i) for i in (x, w, v, gw, gv)]
        assert [i.type.ndim for i in inputs] == [2, 1, 2, 1, 2], "EighGrad takes a matrix and gradients of eigh"
        dtype = upcast(*(i.type.dtype for i in inputs))
        return Apply(self, inputs, [TensorType(dtype, (False, False))()])

    def compute(self, node: Apply, x: np.ndarray, w: np.ndarray, v: np.ndarray, gw: np.ndarray, gv: np.ndarray) -> Any:
        with np.errstate(all="ignore"):
            inner = (v.T @ gv) / (w[None, :] - w[:, None])
            np.fill_diagonal(inner, gw)
            g = v @ inner.T @ v.T
        folded = np.tril(g) + np.triu(g, 1).T if self.UPLO == "L" else np.triu(g) + np.tril(g, -1).T
        return folded.astype(node.outputs[0].type.dtype)

    def lower(self, node: Apply, ctx: Any, x: Any, w: Any, v: Any, gw: Any, gv: Any) -> Any:
        dtype = node.outputs[0].type.dtype
        given = [
            i if n.type.dtype == dtype else ctx.cast(i, dtype)
            for i, n in zip((w, v, gw, gv), node.inputs[1:], strict=True)
        ]
        return ctx.call(eigen_pullback, *given, self.UPLO == "L")

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        _, w, v, gw, gv = inputs
        one = identity_like(v)
        # ones instead of zeros where the quotient is not used: 0 / 0 would spoil the gradient
        inner = dot(v.T, gv) / (w.dimshuffle("x", 0) - w.dimshuffle(0, "x") + one) * (1 - one)
        g = dot(v, dot(inner.T + diag(gw), v.T))
        return pulled_back(_folded(g, self.UPLO == "L"), inputs, output_grads)

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0]]


def eigh(a: Any, UPLO: str = "L") -> Any:
    """Eigenvalues and eigenvectors of a symmetric matrix: see ``Eigh``."""
    return Eigh(UPLO)(a)


@kernel
def symmetric_pair(a: torch.Tensor, b: torch.Tensor, lower: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """(c, L): c = L^-1.a.L^-H has the eigenvalues w of a.v = w b.v, with L.L^H = b; one triangle of each is read."""
    require_finite(a)
    require_finite(b)
    require_square(a)
    require_square(b)
    if a.size(0) != b.size(0):
        raise ValueError("wrong b dimensions " + str(b.size()) + ": b must be of the size of a")
    factor, info = torch.linalg.cholesky_ex(b if lower else b.mH)
    if int(info) != 0:
        raise ValueError("The leading minor of order " + str(int(info)) + " of B is not positive definite.")
    whole = torch.tril(a) + torch.tril(a, -1).mH if lower else torch.triu(a) + torch.triu(a, 1).mH
    half = torch.linalg.solve_triangular(factor, whole, upper=False)
    return torch.linalg.solve_triangular(factor, half.mH, upper=False), factor


@kernel
def eigenvalues_of_pair(a: torch.Tensor, b: torch.Tensor, lower: bool) -> torch.Tensor:
    """The eigenvalues w of a.v = w b.v, smallest first."""
    return torch.linalg.eigvalsh(symmetric_pair(a, b, lower)[0])


@kernel
def eigenvalues_of_symmetric(a: torch.Tensor, triangle: str) -> torch.Tensor:
    """The eigenvalues of a matrix of which one triangle is read, smallest first."""
    require_finite(a)
    require_square(a)
    return torch.linalg.eigvalsh(a, UPLO=triangle)


@kernel
def eigenvalues_pullback(
    a: torch.Tensor, b: torch.Tensor, gw: torch.Tensor, lower: bool
) -> tuple[torch.Tensor, torch.Tensor]:
    """The gradients for a and b, folded onto a triangle, given that for the eigenvalues of a.v = w b.v."""
    c, factor = symmetric_pair(a, b, lower)
    w, y = torch.linalg.eigh(c)
    v = torch.linalg.solve_triangular(factor.mH, y, upper=True)
    ga = torch.mm(v * gw, v.t())
    gb = -torch.mm(v * (gw * w), v.t())
    if lower:
        return torch.tril(ga) + torch.triu(ga, 1).t(), torch.tril(gb) + torch.triu(gb, 1).t()
    return torch.triu(ga) + torch.tril(ga, -1).t(), torch.triu(gb) + torch.tril(gb, -1).t()


def _is_none(b: Any) -> bool:
    return b is None or NoneConst.equals(b)


def _paired(lower: bool, a: Any, b: Any) -> tuple[Any, Any]:
    """Eigenvalues and eigenvectors of a.v = w b.v as an expression of differentiable ops."""
    factor = Cholesky()(b if lower else b.T)
    whole = tril(a) + tril(a, -1).T if lower else triu(a) + triu(a, 1).T
    half = solve_lower_triangular(factor, whole)
    w, y = Eigh()(solve_lower_triangular(factor, half.T))
    return w, solve_upper_triangular(factor.T, y)


class Eigvalsh(Sized, Op):
    """The eigenvalues w of a.v = w b.v, smallest first, for a symmetric a and a symmetric positive definite b (or None:
    the identity), of which one triangle is read.

    At run time ValueError for sizes that do not fit and values that are not finite, LinAlgError for other b.
    """

    __props__ = ("lower",)

    def __init__(self, lower: bool = True):
        assert lower in (True, False), f"lower is True or False, not {lower!r}"
        self.__dict__["lower"] = lower

    def make_node(self, a: Any, b: Any = None) -> Apply:
        given = [matrix_argument(x, "eigvalsh") for x in ([a] if _is_none(b) else [a, b])]
        dtype = scipy_dtype(*(x.type.dtype for x in given))
        return Apply(self, given, [TensorType(real_dtype(dtype), (False,))()])

    def compute(self, node: Apply, a: np.ndarray, b: np.ndarray | None = None) -> Any:
        dtype = scipy_dtype(*(x.type.dtype for x in node.inputs))
        given = [None if x is None else x.astype(dtype) for x in (a, b)]
        return scipy_linalg().eigvalsh(*given, lower=bool(self.__dict__["lower"])).astype(node.outputs[0].type.dtype)

    def lower(self, node: Apply, ctx: Any, *xs: Any) -> Any:
        dtype, lower = scipy_dtype(*(x.type.dtype for x in node.inputs)), bool(self.__dict__["lower"])
        given = [x if i.type.dtype == dtype else ctx.cast(x, dtype) for x, i in zip(xs, node.inputs, strict=True)]
        if len(given) == 1:
            return ctx.call(eigenvalues_of_symmetric, given[0], "L" if lower else "U")
        return ctx.call(eigenvalues_of_pair, *given, lower)

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        lower = bool(self.__dict__["lower"])
        if len(inputs) == 1:
            return pulled_back(Eigh("L" if lower else "U")(inputs[0])[0], inputs, output_grads)
        found = EigvalshGrad(lower)(*inputs, output_grads[0])
        return [fit_to(g, x) for g, x in zip(found, inputs, strict=True)]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [(inputs[0][0],)]


class EigvalshGrad(Sized, Op):
    """The gradients of a cost for a and b, given that for the eigenvalues of a.v = w b.v."""

    __props__ = ("lower",)

    def __init__(self, lower: bool = True):
        assert lower in (True, False), f"lower is True or False, not {lower!r}"
        self.__dict__["lower"] = lower

    def make_node(self, a: Any, b: Any, gw: Any) -> Apply:
        a, b, gw = matrix_argument(a, "eigvalsh"), matrix_argument(b, "eigvalsh"), as_tensor_variable(gw)
        assert gw.type.ndim == 1, f"the gradient of eigenvalues is a vector, not {gw.type}"
        matrix = TensorType(scipy_dtype(a.type.dtype, b.type.dtype, gw.type.dtype), (False, False))
        return Apply(self, [a, b, gw], [matrix(), matrix()])

    def compute(self, node: Apply, a: np.ndarray, b: np.ndarray, gw: np.ndarray) -> Any:
        lower, dtype = bool(self.__dict__["lower"]), node.outputs[0].type.dtype
        w, v = scipy_linalg().eigh(a.astype(dtype), b.astype(dtype), lower=lower)
        found = (v * gw) @ v.T, -(v * (gw * w)) @ v.T
        return tuple(
            (np.tril(g) + np.triu(g, 1).T if lower else np.triu(g) + np.tril(g, -1).T).astype(dtype) for g in found
        )

    def lower(self, node: Apply, ctx: Any, *xs: Any) -> Any:
        dtype = node.outputs[0].type.dtype
        given = [x if i.type.dtype == dtype else ctx.cast(x, dtype) for x, i in zip(xs, node.inputs, strict=True)]
        found = ctx.call(eigenvalues_pullback, *given, bool(self.__dict__["lower"]))
        return found[0], found[1]

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        a, b, gw = inputs
        lower = bool(self.__dict__["lower"])
        w, v = _paired(lower, a, b)
        expressions = [_folded(dot(v * gw, v.T), lower), _folded(-dot(v * (gw * w), v.T), lower)]
        return pulled_back(expressions, inputs, _zero_disconnected(outputs, output_grads))

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0], inputs[1]]


def eigvalsh(a: Any, b: Any = None, lower: bool = True) -> Any:
    """Eigenvalues of a symmetric matrix, or of a pair of them: see ``Eigvalsh``."""
    return Eigvalsh(lower)(a, b)


cholesky = Cholesky()
eig = Eig()

__all__ = [
    "SVD",
    "Cholesky",
    "CholeskyGrad",
    "Eig",
    "Eigh",
    "EighGrad",
    "Eigvalsh",
    "EigvalshGrad",
    "QRFull",
    "QRIncomplete",
    "cholesky",
    "eig",
    "eigh",
    "eigvalsh",
    "qr",
    "svd",
]
