"""Matrices as a whole: inverse, pseudo-inverse, determinant, exponential, norms, trace, powers, Kronecker product.

The gradients of the inverse and the pseudo-inverse: Golub and Pereyra, "The differentiation of pseudo-inverses and
nonlinear least squares problems" (1973). That of the exponential: the block form of Mathias, "A chain rule for matrix
functions" (1996).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tgraph.grad import Lop
from tgraph.graph import Apply, Op, Sized
from tgraph.kernels import kernel
from tgraph.operators import as_tensor_variable, offers, table
from tgraph.ops.create import identity_like
from tgraph.ops.join import concatenate
from tgraph.ops.linalg import dot, outer
from tgraph.ops.shape import AllocDiag as _AllocDiag
from tgraph.ops.shape import ExtractDiag
from tgraph.optional import scipy_linalg
from tgraph.types import TensorType

#: dtypes in which LAPACK works; others are converted, or computed by numpy and rounded as it rounds
WIDE = frozenset(("float32", "float64", "complex64", "complex128"))


def matrix_argument(x: Any, what: str) -> Any:
    """x as a variable with two dimensions (AssertionError for others, which is what old code catches)."""
    x = as_tensor_variable(x)
    assert x.type.ndim == 2, f"{what} takes a matrix, not {x.type}"
    return x


def lapack_dtype(*dtypes: str) -> str:
    """The dtype in which numpy.linalg works: float32 and complex64 among themselves, else 64 bits. TypeError for
    float16."""
    if "float16" in dtypes:
        raise TypeError("array type float16 is unsupported in linalg; cast it to float32")
    wide = np.result_type(*dtypes)
    if all(d in ("float32", "complex64") for d in dtypes):
        return wide.name
    return "complex128" if wide.kind == "c" else "float64"


def scipy_dtype(*dtypes: str) -> str:
    """The dtype in which scipy.linalg works: 32 bits for all that fits into them, float16 and int16 too."""
    return np.result_type(*dtypes, "float32").name


def real_dtype(dtype: str) -> str:
    """The dtype of the absolute values."""
    return {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)


def pulled_back(expression: Any, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
    """The gradients of an op whose outputs are also given by an expression of differentiable ops."""
    return list(Lop(expression, list(inputs), list(output_grads), disconnected_inputs="ignore"))


def fit_to(g: Any, x: Any) -> Any:
    """A gradient with the broadcastable pattern of what it belongs to."""
    same = g.type.broadcastable == x.type.broadcastable
    return g if same else table["patternbroadcast"](g, x.type.broadcastable)


@kernel
def all_finite(x: torch.Tensor) -> bool:
    """True if no element is NaN or infinite. A sum tells, unless it overflows."""
    if x.dtype != torch.float64 and x.dtype != torch.float32:
        return bool(torch.all(torch.isfinite(x)))
    if bool(torch.isfinite(torch.sum(x))):
        return True
    return bool(torch.all(torch.isfinite(x)))


@kernel
def require_finite(x: torch.Tensor) -> None:
    """ValueError for NaN and infinity."""
    if not all_finite(x):
        raise ValueError("array must not contain infs or NaNs")


@kernel
def require_square(x: torch.Tensor) -> None:
    """ValueError for a matrix that is not square."""
    if x.size(0) != x.size(1):
        raise ValueError("expected a square matrix, got shape " + str(x.size()))


@kernel
def in_64_bits(x: torch.Tensor) -> torch.Tensor:
    """x as float64 or complex128. numpy.linalg computes in these for float32 too, and rounds the results."""
    return x.to(torch.complex128) if torch.is_complex(x) else x.to(torch.float64)


@kernel
def inverse_matrix(x: torch.Tensor) -> torch.Tensor:
    """The inverse; ValueError if there is none."""
    require_square(x)
    inverse, info = torch.linalg.inv_ex(in_64_bits(x))
    if int(info) != 0:
        raise ValueError("Singular matrix")
    return inverse.to(x.dtype)


@kernel
def pseudo_inverse(x: torch.Tensor) -> torch.Tensor:
    """The pseudo-inverse; singular values below 1e-15 of the largest count as 0."""
    if not all_finite(x):
        return torch.full_like(x.t(), float("nan"))
    return torch.linalg.pinv(in_64_bits(x), rtol=1e-15).to(x.dtype)


@kernel
def determinant(x: torch.Tensor) -> torch.Tensor:
    """The determinant, by way of its logarithm, so that it does not overflow on the way."""
    require_square(x)
    sign, logarithm = torch.linalg.slogdet(in_64_bits(x))
    return (sign * torch.exp(logarithm)).to(x.dtype)


@kernel
def exponential_matrix(x: torch.Tensor) -> torch.Tensor:
    """1 + x + x.x / 2 + ..; ValueError for NaN and infinity."""
    require_square(x)
    require_finite(x)
    return torch.matrix_exp(x)


@kernel
def exponential_pullback(x: torch.Tensor, g: torch.Tensor) -> torch.Tensor:
    """The gradient of sum(g * expm(x)): the upper right block of expm([[x', g], [0, x']])."""
    require_square(x)
    n = x.size(0)
    left = torch.cat([x.t(), torch.zeros_like(x)], 0)
    right = torch.cat([g, x.t()], 0)
    return exponential_matrix(torch.cat([left, right], 1))[:n, n:].contiguous()


class MatrixPinv(Op):
    """The Moore-Penrose pseudo-inverse of a matrix, (m, n) -> (n, m), in the dtype of the matrix."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        x = matrix_argument(x, "pinv")
        return Apply(self, [x], [TensorType(x.type.dtype, x.type.broadcastable[::-1])()])

    def compute(self, node: Apply, x: np.ndarray) -> Any:
        if not np.isfinite(x).all():
            return np.full(x.shape[::-1], np.nan, x.dtype)
        return np.linalg.pinv(x, rcond=1e-15).astype(x.dtype)

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        return ctx.call(pseudo_inverse, x) if node.inputs[0].type.dtype in WIDE else ctx.host(node, x)

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x,), (z,), (g,) = inputs, outputs, output_grads
        left, right = dot(x, z), dot(z, x)
        # three terms: of the inverse itself, and of the rows and columns that it does not reach
        within = -matrix_dot(z, g.T, z)
        below = matrix_dot(z, z.T, g, identity_like(left) - left)
        above = matrix_dot(identity_like(right) - right, g, z.T, z)
        return [fit_to((within + below + above).T, x)]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [tuple(inputs[0][::-1])]


class MatrixInverse(Sized, Op):
    """The inverse of a square matrix, in its dtype. LinAlgError at run time for other and for singular ones."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        x = matrix_argument(x, "matrix_inverse")
        return Apply(self, [x], [x.type()])

    def compute(self, node: Apply, x: np.ndarray) -> Any:
        return np.linalg.inv(x).astype(x.dtype)

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        return ctx.call(inverse_matrix, x) if node.inputs[0].type.dtype in WIDE else ctx.host(node, x)

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (z,), (g,) = outputs, output_grads
        return [fit_to(-matrix_dot(z, g.T, z).T, inputs[0])]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        (t,) = eval_points
        z = self(inputs[0])
        return [None if t is None else -matrix_dot(z, t, z)]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0]]


class Det(Sized, Op):
    """The determinant of a square matrix, a scalar of its dtype. LinAlgError at run time for other matrices."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        x = matrix_argument(x, "det")
        return Apply(self, [x], [TensorType(x.type.dtype, ())()])

    def compute(self, node: Apply, x: np.ndarray) -> Any:
        return np.asarray(np.linalg.det(x)).astype(x.dtype)

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        return ctx.call(determinant, x) if node.inputs[0].type.dtype in WIDE else ctx.host(node, x)

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x,), (z,), (g,) = inputs, outputs, output_grads
        return [fit_to(g * z * matrix_inverse(x).T, x)]

    def __str__(self) -> str:
        return "Det"


class Expm(Sized, Op):
    """The exponential of a square matrix, by torch (scaling and squaring). ValueError at run time for other matrices
    and for values that are not finite."""

    __props__ = ()

    def make_node(self, A: Any) -> Apply:
        A = matrix_argument(A, "expm")
        return Apply(self, [A], [TensorType(_smooth(A.type.dtype), (False, False))()])

    def compute(self, node: Apply, x: np.ndarray) -> Any:
        if not np.isfinite(x).all():
            raise ValueError("array must not contain infs or NaNs")
        dtype = node.outputs[0].type.dtype
        return scipy_linalg().expm(x.astype(scipy_dtype(dtype))).astype(dtype)

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        dtype = node.outputs[0].type.dtype
        if dtype not in WIDE:
            return ctx.host(node, x)
        return ctx.call(exponential_matrix, x if node.inputs[0].type.dtype == dtype else ctx.cast(x, dtype))

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [fit_to(ExpmGrad()(inputs[0], output_grads[0]), inputs[0])]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0]]


def _smooth(dtype: str) -> str:
    """The dtype of a function of a matrix that has no whole numbers as values."""
    return dtype if dtype in WIDE or dtype == "float16" else "float64"


class ExpmGrad(Sized, Op):
    """The gradient of sum(g * expm(A)) for A, exact also where eigenvalues coincide."""

    __props__ = ()

    def make_node(self, A: Any, gw: Any) -> Apply:
        A, gw = matrix_argument(A, "expm"), as_tensor_variable(gw)
        return Apply(self, [A, gw], [TensorType(_smooth(A.type.dtype), (False, False))()])

    def compute(self, node: Apply, x: np.ndarray, g: np.ndarray) -> Any:
        n, dtype = len(x), node.outputs[0].type.dtype
        if x.shape[0] != x.shape[1]:
            raise ValueError(f"expected a square matrix, got shape {x.shape}")
        block = np.block([[x.T, g], [np.zeros_like(x), x.T]]).astype(scipy_dtype(x.dtype.name, g.dtype.name))
        return scipy_linalg().expm(block)[:n, n:].astype(dtype)

    def lower(self, node: Apply, ctx: Any, x: Any, g: Any) -> Any:
        dtype = node.outputs[0].type.dtype
        if dtype not in WIDE:
            return ctx.host(node, x, g)
        given = (v if i.type.dtype == dtype else ctx.cast(v, dtype) for v, i in zip((x, g), node.inputs, strict=True))
        return ctx.call(exponential_pullback, *given)

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        x, g = inputs
        n = x.shape[0]
        block = concatenate([concatenate([x.T, g], 1), concatenate([x * 0, x.T], 1)], 0)
        found = pulled_back(expm(block)[:n, n:], inputs, output_grads)
        return [fit_to(h, v) for h, v in zip(found, inputs, strict=True)]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0]]


class AllocDiag(_AllocDiag):
    """A square matrix with a vector as its diagonal. TypeError for what is no vector.

    The older of two ops of this name: ``tensor.AllocDiag`` takes more dimensions and other diagonals.
    """

    __props__ = ()

    def __init__(self) -> None:
        super().__init__()

    def make_node(self, x: Any) -> Apply:
        x = as_tensor_variable(x)
        if x.type.ndim != 1:
            raise TypeError("AllocDiag only works on vectors", x)
        return Apply(self, [x], [TensorType(x.type.dtype, (False, False))()])


pinv = MatrixPinv()
matrix_inverse = MatrixInverse()
det = Det()
expm = Expm()
alloc_diag = AllocDiag()
extract_diag = ExtractDiag()


def diag(x: Any) -> Any:
    """The matrix with a vector on its diagonal, or the diagonal of a matrix. TypeError for other dimensions."""
    x = as_tensor_variable(x)
    if x.type.ndim not in (1, 2):
        raise TypeError("diag requires vector or matrix argument", x)
    return alloc_diag(x) if x.type.ndim == 1 else extract_diag(x)


@offers("trace")
def trace(X: Any) -> Any:
    """The sum of the diagonal of a matrix (of the first two axes)."""
    return extract_diag(X).sum()


def matrix_dot(*args: Any) -> Any:
    """The product of matrices, from the left to the right."""
    product = args[0]
    for factor in args[1:]:
        product = dot(product, factor)
    return product


def matrix_power(M: Any, n: int) -> Any:
    """M times itself n times, for a Python integer n; the number 1 for n < 1."""
    product: Any = 1
    for _ in range(n):
        product = dot(product, M)
    return product


def norm(x: Any, ord: Any) -> Any:
    """A norm of a vector or a matrix.

    ``ord``: None, 'fro' (matrices), 'inf', '-inf' (as strings), 1 and -1, for vectors 0 and any other number.
    Numbers as numpy.linalg.norm has them; odd orders of vectors take |sum of x**ord| elementwise. ValueError for
    a scalar and for other orders, NotImplementedError for more dimensions.
    """
    x = as_tensor_variable(x)
    if x.type.ndim == 0:
        raise ValueError("'axis' entry is out of bounds.")
    if x.type.ndim > 2:
        raise NotImplementedError("We don't support norm with ndim > 2")
    if x.type.ndim == 1:
        if ord is None:
            return (x**2).sum() ** 0.5
        if ord == "inf":
            return abs(x).max()
        if ord == "-inf":
            return abs(x).min()
        if ord == 0:
            return x[x.nonzero()].shape[0]
        try:
            return abs(x**ord).sum() ** (1.0 / ord)
        except TypeError:
            raise ValueError(f"Invalid norm order for vectors: {ord!r}") from None
    if ord is None or ord == "fro":
        return abs(x**2).sum() ** 0.5
    sums = {"inf": ("max", 1), "-inf": ("min", 1), 1: ("max", 0), -1: ("min", 0)}
    if ord not in sums:
        raise ValueError(f"Invalid norm order for matrices: {ord!r}")
    which, axis = sums[ord]
    return getattr(abs(x).sum(axis), which)()


def kron(a: Any, b: Any) -> Any:
    """The Kronecker product: for matrices z[i * p + k, j * q + l] = a[i, j] * b[k, l], b being (p, q).

    The dimensions of both together must be three or more (TypeError); axes beyond the second of each stay apart.
    """
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    if a.type.ndim + b.type.ndim <= 2:
        raise TypeError(f"kron: inputs dimensions must sum to 3 or more. You passed {a.type.ndim} and {b.type.ndim}.")
    ndim = a.type.ndim + b.type.ndim
    products = outer(a, b).reshape(concatenate([a.shape, b.shape]), ndim)
    if ndim == 3:
        return products.dimshuffle(1, 0, 2).flatten()
    sizes = [products.shape[i] for i in range(ndim)]
    turned = products.dimshuffle(0, 2, 1, *range(3, ndim))
    return turned.reshape((sizes[0] * sizes[2], sizes[1] * sizes[3], *sizes[4:]))


def spectral_radius_bound(X: Any, log2_exponent: int) -> Any:
    """An upper bound of the largest eigenvalue of a symmetric matrix: trace(X^p)^(1/p) with p = 2^log2_exponent.

    The larger the exponent, the tighter (V. Pan, "Estimating the extremal eigenvalues of a symmetric matrix", 1990).
    TypeError for what is no matrix or no integer, ValueError for an exponent below 1.
    """
    if X.type.ndim != 2:
        raise TypeError("spectral_radius_bound requires a matrix argument", X)
    if not isinstance(log2_exponent, int):
        raise TypeError("spectral_radius_bound requires an integer exponent", log2_exponent)
    if log2_exponent <= 0:
        raise ValueError("spectral_radius_bound requires a strictly positive exponent", log2_exponent)
    for _ in range(log2_exponent):
        X = dot(X, X)
    return trace(X) ** (2.0**-log2_exponent)


__all__ = [
    "Det",
    "Expm",
    "ExpmGrad",
    "MatrixInverse",
    "MatrixPinv",
    "alloc_diag",
    "det",
    "expm",
    "extract_diag",
    "kron",
    "matrix_dot",
    "matrix_inverse",
    "matrix_power",
    "pinv",
    "spectral_radius_bound",
    "trace",
]
