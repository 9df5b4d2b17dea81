"""Linear equations: solve for matrices and triangles, least squares, tensor equations.

The gradient of a solution: Giles, "An extended collection of matrix derivative results" (2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tgraph.graph import Apply, Op, Sized
from tgraph.kernels import kernel
from tgraph.operators import as_tensor_variable
from tgraph.ops.create import tril, triu
from tgraph.ops.linalg import dot, outer
from tgraph.ops.matrices import (
    fit_to,
    in_64_bits,
    inverse_matrix,
    lapack_dtype,
    matrix_argument,
    real_dtype,
    require_finite,
    require_square,
    scipy_dtype,
)
from tgraph.optional import scipy_linalg
from tgraph.types import TensorType

MATRIX_STRUCTURES = (
    "general",
    "symmetric",
    "lower_triangular",
    "upper_triangular",
    "hermitian",
    "banded",
    "diagonal",
    "toeplitz",
)
#: A structure -> that of the transposed matrix, where it is another
_TRANSPOSED = {"lower_triangular": "upper_triangular", "upper_triangular": "lower_triangular"}


@kernel
def solved(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """x with a.x = b; ValueError for a singular matrix, sizes that do not fit and values that are not finite."""
    require_finite(a)
    require_finite(b)
    require_square(a)
    columns = b
    if b.dim() == 1:
        # one equation takes many right sides
        columns = b.unsqueeze(0) if a.size(0) == 1 else b.unsqueeze(1)
    if columns.size(0) != a.size(0):
        raise ValueError("Input b has to have same number of rows as input a")
    x, info = torch.linalg.solve_ex(a, columns)
    if int(info) != 0:
        raise ValueError("Matrix is singular.")
    return x.reshape(b.size())


@kernel
def solved_triangle(a: torch.Tensor, b: torch.Tensor, lower: bool) -> torch.Tensor:
    """As ``solved``, for the lower or the upper triangle of a."""
    require_finite(a)
    require_finite(b)
    require_square(a)
    if b.size(0) != a.size(0):
        raise ValueError("incompatible dimensions")
    if not bool(torch.all(torch.ne(torch.diagonal(a), 0))):
        raise ValueError("singular matrix: resolution failed at diagonal")
    columns = b.unsqueeze(1) if b.dim() == 1 else b
    return torch.linalg.solve_triangular(a, columns, upper=not lower).reshape(b.size())


class Solve(Sized, Op):
    """x with A.x = b, for a square matrix A and a vector or matrix b.

    ``A_structure`` 'lower_triangular' and 'upper_triangular' read that triangle alone; all others are solved as
    general matrices. ``lower`` and the ``overwrite`` flags are kept and do nothing. Whole numbers become floats.
    At run time ValueError for sizes that do not fit, NaN and infinity; LinAlgError for a singular matrix.
    """

    __props__ = ("A_structure", "lower", "overwrite_A", "overwrite_b")

    def __init__(
        self,
        A_structure: str = "general",
        lower: bool = False,
        overwrite_A: bool = False,
        overwrite_b: bool = False,
    ):
        if A_structure not in MATRIX_STRUCTURES:
            raise ValueError("Invalid matrix structure argument", A_structure)
        self.A_structure = A_structure
        # the flag has the name of the method, which engines take from the class
        self.__dict__["lower"] = lower
        self.overwrite_A, self.overwrite_b = overwrite_A, overwrite_b

    def __repr__(self) -> str:
        return f"Solve{{{self._props()}}}"

    def make_node(self, A: Any, b: Any) -> Apply:
        A, b = matrix_argument(A, "solve"), as_tensor_variable(b)
        assert b.type.ndim in (1, 2), f"solve takes a vector or a matrix on the right, not {b.type}"
        dtype = scipy_dtype(A.type.dtype, b.type.dtype)
        return Apply(self, [A, b], [TensorType(dtype, b.type.broadcastable)()])

    def _triangle(self) -> bool | None:
        """True for the lower, False for the upper triangle, None for the whole matrix."""
        return {"lower_triangular": True, "upper_triangular": False}.get(self.A_structure)

    def compute(self, node: Apply, a: np.ndarray, b: np.ndarray) -> Any:
        dtype, lower = node.outputs[0].type.dtype, self._triangle()
        a, b = a.astype(dtype), b.astype(dtype)
        if not (np.isfinite(a).all() and np.isfinite(b).all()):
            raise ValueError("array must not contain infs or NaNs")
        if a.shape[0] != a.shape[1]:
            raise ValueError(f"expected a square matrix, got shape {a.shape}")
        columns = b
        if b.ndim == 1:
            columns = b[None, :] if lower is None and len(a) == 1 else b[:, None]
        if columns.shape[0] != len(a):
            raise ValueError(f"shapes {a.shape} and {b.shape}: A and b must have the same number of rows")
        if lower is None:
            x = np.linalg.solve(a, columns)
        elif not columns.size:
            x = columns
        else:
            x = scipy_linalg().solve_triangular(a, columns, lower=lower)
        return x.reshape(b.shape).astype(dtype, copy=False)

    def lower(self, node: Apply, ctx: Any, a: Any, b: Any) -> Any:
        dtype, lower = node.outputs[0].type.dtype, self._triangle()
        a, b = (v if i.type.dtype == dtype else ctx.cast(v, dtype) for v, i in zip((a, b), node.inputs, strict=True))
        return ctx.call(solved, a, b) if lower is None else ctx.call(solved_triangle, a, b, lower)

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (A, b), (x,), (g,) = inputs, outputs, output_grads
        back = Solve(_TRANSPOSED.get(self.A_structure, self.A_structure), lower=not self.lower)
        gb = back(A.T, g)
        gA = -outer(gb, x) if x.type.ndim == 1 else -dot(gb, x.T)
        lower = self._triangle()
        if lower is not None:
            gA = tril(gA) if lower else triu(gA)
        return [fit_to(gA, A), fit_to(gb, b)]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[1]]


class lstsq(Op):
    """Least squares: (x, residuals, rank, singular values) for A of (m, n), b of (m,) or (m, k), and ``rcond``, below
    which of the largest singular values count as 0. Computed by numpy on the host; LinAlgError for other dimensions."""

    __props__ = ()

    def make_node(self, x: Any, y: Any, rcond: Any) -> Apply:
        x, y, rcond = (as_tensor_variable(v) for v in (x, y, rcond))
        dtype = lapack_dtype(x.type.dtype, y.type.dtype)
        real = TensorType(real_dtype(dtype), (False,))
        solution = TensorType(dtype, (False,) * max(y.type.ndim, 1))
        return Apply(self, [x, y, rcond], [solution(), real(), TensorType("int64", ())(), real()])

    def compute(self, node: Apply, x: np.ndarray, y: np.ndarray, rcond: np.ndarray) -> Any:
        cutoff: Any = rcond[()]
        z, residuals, rank, s = np.linalg.lstsq(x, y, cutoff)
        return z, residuals, np.array(rank, dtype="int64"), s


class TensorInv(Sized, Op):
    """The inverse of a tensor for ``tensordot`` over its first ``ind`` axes: shape a.shape[ind:] + a.shape[:ind].

    ValueError for ``ind`` below 1, LinAlgError at run time for a singular tensor.
    """

    __props__ = ("ind",)

    def __init__(self, ind: int = 2):
        self.ind = ind

    def make_node(self, a: Any) -> Apply:
        a = as_tensor_variable(a)
        return Apply(self, [a], [TensorType(lapack_dtype(a.type.dtype), (False,) * a.type.ndim)()])

    def compute(self, node: Apply, a: np.ndarray) -> Any:
        return np.linalg.tensorinv(a, self.ind)

    def lower(self, node: Apply, ctx: Any, a: Any) -> Any:
        dtype = node.outputs[0].type.dtype
        if self.ind < 1:
            return ctx.host(node, a)
        a = a if node.inputs[0].type.dtype == dtype else ctx.cast(a, dtype)
        return ctx.call(inverse_tensor, a, self.ind)

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [(*inputs[0][self.ind :], *inputs[0][: self.ind])]


@kernel
def inverse_tensor(a: torch.Tensor, ind: int) -> torch.Tensor:
    """The inverse of the matrix whose rows are the first ``ind`` axes, with axes again."""
    rows = 1
    for i in range(ind):
        rows *= a.size(i)
    shape: list[int] = []
    for i in range(ind, a.dim()):
        shape.append(a.size(i))
    for i in range(ind):
        shape.append(a.size(i))
    if rows == 0:
        raise ValueError("a tensor without elements has no inverse")
    return inverse_matrix(a.reshape([rows, a.numel() // rows])).reshape(shape)


class TensorSolve(Op):
    """x with tensordot(a, x, x.ndim) = b; ``axes`` of a are moved to its end first.

    The result has the axes of a that follow those of b. LinAlgError at run time for a singular tensor.
    """

    __props__ = ("axes",)

    def __init__(self, axes: Sequence[int] | None = None):
        self.axes = axes if axes is None else tuple(axes)

    def make_node(self, a: Any, b: Any) -> Apply:
        a, b = as_tensor_variable(a), as_tensor_variable(b)
        ndim = max(a.type.ndim - b.type.ndim, 0)
        return Apply(self, [a, b], [TensorType(lapack_dtype(a.type.dtype, b.type.dtype), (False,) * ndim)()])

    def compute(self, node: Apply, a: np.ndarray, b: np.ndarray) -> Any:
        return np.linalg.tensorsolve(a, b, self.axes)

    def lower(self, node: Apply, ctx: Any, a: Any, b: Any) -> Any:
        dtype = node.outputs[0].type.dtype
        a, b = (v if i.type.dtype == dtype else ctx.cast(v, dtype) for v, i in zip((a, b), node.inputs, strict=True))
        if self.axes is not None:
            a = torch.permute(a, self._order(node.inputs[0].type.ndim))
        return ctx.call(solved_tensor, a, b)

    def _order(self, ndim: int) -> list[int]:
        """The axes of a after the move."""
        order = list(range(ndim))
        for axis in self.axes or ():
            order.remove(axis)
            order.append(axis)
        return order

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        a, b = inputs
        return [tuple(a[i] for i in self._order(len(a))[len(b) :])]


@kernel
def solved_tensor(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """x with tensordot(a, x, x.ndim) = b."""
    n = b.numel()
    shape: list[int] = []
    for i in range(b.dim(), a.dim()):
        shape.append(a.size(i))
    if a.numel() != n * n:
        raise ValueError("Input arrays must satisfy the requirement prod(a.shape[b.ndim:]) == prod(a.shape[:b.ndim])")
    x, info = torch.linalg.solve_ex(in_64_bits(a).reshape([n, n]), in_64_bits(b).reshape([n, 1]))
    if int(info) != 0:
        raise ValueError("Singular matrix")
    return x.reshape(shape).to(a.dtype)


solve = Solve()
solve_lower_triangular = Solve("lower_triangular", lower=True)
solve_upper_triangular = Solve("upper_triangular", lower=False)
solve_symmetric = Solve("symmetric")


def tensorinv(a: Any, ind: int = 2) -> Any:
    """The inverse of a tensor: see ``TensorInv``."""
    return TensorInv(ind)(a)


def tensorsolve(a: Any, b: Any, axes: Sequence[int] | None = None) -> Any:
    """The solution of a tensor equation: see ``TensorSolve``."""
    return TensorSolve(axes)(a, b)


__all__ = [
    "MATRIX_STRUCTURES",
    "Solve",
    "TensorInv",
    "TensorSolve",
    "lstsq",
    "solve",
    "solve_lower_triangular",
    "solve_symmetric",
    "solve_upper_triangular",
    "tensorinv",
    "tensorsolve",
]
