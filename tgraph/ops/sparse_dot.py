"""Products of matrices of which at least one is sparse.

``dot`` and ``structured_dot`` with a dense operand give dense results, by scipy's compiled loops over what is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tgraph.grad import grad_not_implemented
from tgraph.graph import Apply, Variable
from tgraph.operators import as_tensor_variable, offers, table
from tgraph.ops.sparse_arithmetic import fitted
from tgraph.ops.sparse_parts import (
    CSC,
    CSR,
    CSMGrad,
    SparseOp,
    csm_data,
    csm_indices,
    csm_indptr,
    csm_shape,
    dense_from_sparse,
    places,
    transpose,
    with_data,
)
from tgraph.ops.sparse_type import (
    SparseType,
    _is_dense_variable,
    _is_sparse_variable,
    as_csm,
    as_sparse_variable,
    either,
    is_matrix,
)
from tgraph.types import TensorType, disconnected_type, upcast

#: so many numbers are gathered at once for products of rows: what the caches hold (of 100,000 rows of 64, 3.0 ms by
#: 1 << 16, 3.5 ms by twice that, 8.7 ms at once)
_CHUNK = 1 << 16


def _dense(value: Any, node: Apply) -> np.ndarray:
    """A product as an array of the dtype that a node promises."""
    value = value.toarray() if is_matrix(value) else value
    return np.ascontiguousarray(value, dtype=node.outputs[0].type.dtype)


def _operands(x: Any, y: Any, message: str, check: Any = as_csm) -> tuple[Any, Any]:
    x, y = either(x), either(y)
    if not _is_sparse_variable(x) and not _is_sparse_variable(y):
        raise TypeError(message, x.type, y.type)
    return tuple(check(v) if _is_sparse_variable(v) else v for v in (x, y))  # type: ignore[return-value]


def _row_products(x: Any, i: np.ndarray, y: Any, j: np.ndarray) -> np.ndarray:
    """sum_k x[i[n], k] * y[j[n], k] for every n, for arrays or sparse matrices x and y."""
    if is_matrix(x) or is_matrix(y):
        from_sparse = x if is_matrix(x) else y
        other, its, theirs = (y, j, i) if from_sparse is x else (x, i, j)
        return np.asarray(from_sparse.tocsr()[theirs].multiply(other[its]).sum(axis=1)).ravel()
    found = np.empty(len(i), dtype=np.result_type(x, y))
    step = max(1, _CHUNK // max(x.shape[1], 1))
    for start in range(0, len(i), step):
        part = slice(start, start + step)
        np.einsum("nk,nk->n", x.take(i[part], 0), y.take(j[part], 0), out=found[part])
    return found


# -- with a sparse result ------------------------------------------------------------------------------------------


class TrueDot(SparseOp):
    """The matrix product of a sparse x and a sparse or dense y of the same dtype, sparse.

    TypeError for an x that is not sparse, NotImplementedError for different dtypes. The gradient is regular;
    ``grad_preserves_dense``: that of a dense y is dense.
    """

    def __init__(self, grad_preserves_dense: bool = True):
        self.grad_preserves_dense = grad_preserves_dense

    def make_node(self, x: Any, y: Any) -> Apply:
        if not _is_sparse_variable(x):
            raise TypeError(x)
        if x.type.dtype != y.type.dtype:
            raise NotImplementedError(f"true_dot of {x.type.dtype} and {y.type.dtype}: cast one of them")
        if x.type.format not in ("csr", "csc"):
            raise NotImplementedError(f"true_dot of a matrix in the format {x.type.format}")
        return Apply(self, [x, y], [x.type()])

    def compute(self, node: Apply, x: Any, y: Any) -> Any:
        product = x @ y
        return fitted(product if is_matrix(product) else SparseType.format_cls[x.format](product), node)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        return [(shapes[0][0], shapes[1][1])]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, y), (g,) = inputs, output_grads
        gx, gy = true_dot(g, y.T), true_dot(x.T, g)
        return [gx, dense_from_sparse(gy) if _is_dense_variable(y) and self.grad_preserves_dense else gy]


def true_dot(x: Any, y: Any, grad_preserves_dense: bool = True) -> Any:
    """The matrix product, sparse, of two matrices of which at least one is sparse; TypeError where none is."""
    x, y = _operands(x, y, "true_dot requires at least one sparse argument")
    if _is_sparse_variable(x):
        return TrueDot(grad_preserves_dense)(x, y)
    return transpose(TrueDot(grad_preserves_dense)(y.T, x.T))


class SamplingDot(SparseOp):
    """p[i, j] * sum_k x[i, k] * y[j, k] where the sparse p stores something: a product of which few elements count.

    The gradient for x and y is regular; there is none for p.
    """

    def make_node(self, x: Any, y: Any, p: Any) -> Apply:
        x, y, p = as_tensor_variable(x), as_tensor_variable(y), as_csm(p)
        return Apply(self, [x, y, p], [p.type()])

    def compute(self, node: Apply, x: np.ndarray, y: np.ndarray, p: Any) -> Any:
        if (x.shape[0], y.shape[0]) != p.shape:
            raise ValueError(f"x has {x.shape[0]} rows, y has {y.shape[0]}, and p is of shape {p.shape}")
        i, j = places(p)
        return with_data(p, (p.data * _row_products(x, i, y, j)).astype(p.dtype, copy=False))

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        return [shapes[2]]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, y, p), (g,) = inputs, output_grads
        weights = p * g
        return [dot(weights, y), dot(weights.T, x), grad_not_implemented(self, 2, p)]


sampling_dot = SamplingDot()


# -- structured -------------------------------------------------------------------------------------------------------


class StructuredDot(SparseOp):
    """The matrix product of a sparse a (csr, csc or bsr) and a matrix b: dense, or sparse where b is.

    NotImplementedError for a b that is no matrix, ValueError at run time for sizes that do not fit. The gradient for a
    is structured.
    """

    def make_node(self, a: Any, b: Any) -> Apply:
        a = as_sparse_variable(a)
        dtype = upcast(a.type.dtype, b.type.dtype)
        if b.type.ndim != 2:
            raise NotImplementedError("non-matrix b")
        if _is_sparse_variable(b):
            return Apply(self, [a, b], [SparseType(a.type.format, dtype)()])
        return Apply(self, [a, b], [TensorType(dtype, (False, b.type.broadcastable[1]))()])

    def compute(self, node: Apply, a: Any, b: Any) -> Any:
        if a.shape[1] != b.shape[0]:
            raise ValueError("shape mismatch in StructuredDot.perform", (a.shape, b.shape))
        product = a @ b
        return fitted(product, node) if is_matrix(product) else _dense(product, node)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        return [(shapes[0][0], shapes[1][1])]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (a, b), (g,) = inputs, output_grads
        return [structured_dot_grad(a, b, g), structured_dot(a.T, g)]


_structured_dot = StructuredDot()


@offers("sparse.structured_dot")
def structured_dot(x: Any, y: Any) -> Any:
    """The matrix product of two matrices of which at least one is sparse (else TypeError).

    Elements that are not stored have no gradient. The result is dense, or sparse where both are.
    """
    x, y = _operands(x, y, "structured_dot requires at least one sparse argument", as_sparse_variable)
    return _structured_dot(x, y) if _is_sparse_variable(x) else _structured_dot(y.T, x.T).T


class StructuredDotGradCSC(SparseOp):
    """The gradient of ``a @ b`` for what a stores: sum_k g[i, k] * b[j, k] at each of its places (i, j), a vector.

    Inputs: indices and indptr of a, b, and g, the gradient of the product.
    """

    csm = CSC

    def make_node(self, a_indices: Any, a_indptr: Any, b: Any, g_ab: Any) -> Apply:
        return Apply(self, [a_indices, a_indptr, b, g_ab], [TensorType(g_ab.type.dtype, (False,))()])

    def places(self, indices: np.ndarray, indptr: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(row, column) of each stored element."""
        majors = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
        return (majors, indices) if self.csm is CSR else (indices, majors)

    def compute(self, node: Apply, indices: np.ndarray, indptr: np.ndarray, b: Any, g: Any) -> np.ndarray:
        i, j = self.places(indices, indptr)
        return _row_products(g, i, b, j).astype(node.outputs[0].type.dtype, copy=False)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        indices, indptr, b, g = inputs
        shape = table["stack"]([g.shape[0], b.shape[0]]).astype("int32")
        weights = self.csm(output_grads[0], indices, indptr, shape)
        return [disconnected_type(), disconnected_type(), structured_dot(weights.T, g), structured_dot(weights, b)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[False], [False], [True], [True]]


class StructuredDotGradCSR(StructuredDotGradCSC):
    """As ``StructuredDotGradCSC``, for an a in compressed rows."""

    csm = CSR


sdg_csc, sdg_csr = StructuredDotGradCSC(), StructuredDotGradCSR()


def structured_dot_grad(sparse_A: Any, dense_B: Any, ga: Any) -> Any:
    """The gradient of ``sparse_A @ dense_B`` for sparse_A, given that of the product: a matrix with its places.

    NotImplementedError for formats but csr and csc.
    """
    if sparse_A.type.format not in ("csr", "csc"):
        raise NotImplementedError(f"no gradient for a matrix in the format {sparse_A.type.format}")
    op = sdg_csc if sparse_A.type.format == "csc" else sdg_csr
    indices, indptr = csm_indices(sparse_A), csm_indptr(sparse_A)
    return op.csm(op(indices, indptr, dense_B, ga), indices, indptr, csm_shape(sparse_A))


# -- with a dense result ------------------------------------------------------------------------------------------


class Dot(SparseOp):
    """The product of two matrices, at least one sparse (else TypeError), dense; a dense one may be a vector.

    ValueError at run time for sizes that do not fit. The gradient is regular: dense for both.
    """

    def make_node(self, x: Any, y: Any) -> Apply:
        x, y = _operands(x, y, "Sparse dot product should have at least one sparse variable as inputs")
        for i, v in enumerate((x, y)):
            if v.type.ndim not in (1, 2):
                raise TypeError(f"sparse Dot: input {i} (0-indexed) must have ndim of 1 or 2, {v.type.ndim} given.")
        rows, columns = (getattr(v.type, "broadcastable", (False, False)) for v in (x, y))
        return Apply(self, [x, y], [TensorType(upcast(x.type.dtype, y.type.dtype), rows[:-1] + columns[1:])()])

    def compute(self, node: Apply, x: Any, y: Any) -> np.ndarray:
        return _dense(x @ y, node)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        x, y = shapes
        return [(*x[:-1], *y[1:])]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, y), (g,) = inputs, output_grads
        if x.type.ndim == 1:
            return [_product(y, g), x.dimshuffle(0, "x") * g.dimshuffle("x", 0)]
        if y.type.ndim == 1:
            return [g.dimshuffle(0, "x") * y.dimshuffle("x", 0), _product(x.T, g)]
        return [_product(g, y.T), _product(x.T, g)]

    def __str__(self) -> str:
        return f"Sparse{type(self).__name__}"


_dot = Dot()


def _product(x: Any, y: Any) -> Any:
    return (_dot if _is_sparse_variable(x) or _is_sparse_variable(y) else table["dot"])(x, y)


def dot(x: Any, y: Any) -> Any:
    """The product of two matrices of which at least one is sparse (else TypeError), dense, with a regular gradient."""
    return _dot(*_operands(x, y, "sparse.dot requires at least one sparse argument"))


class Usmm(SparseOp):
    """alpha * x @ y + z, dense, of a number, two matrices of which at least one is sparse (else TypeError), and a dense
    matrix. It has no gradient."""

    def make_node(self, alpha: Any, x: Any, y: Any, z: Any) -> Apply:
        x, y = _operands(x, y, "usmm requires at least one sparse argument")
        alpha, z = as_tensor_variable(alpha), as_tensor_variable(z)
        assert z.type.ndim == 2, "z has to be a matrix"
        assert all(alpha.type.broadcastable), "alpha has to be a number"
        assert x.type.ndim == y.type.ndim == 2, "x and y have to be matrices"
        dtype = upcast(*[v.type.dtype for v in (alpha, x, y, z)])
        return Apply(self, [alpha, x, y, z], [TensorType(dtype, (False, False))()])

    def compute(self, node: Apply, alpha: np.ndarray, x: Any, y: Any, z: np.ndarray) -> np.ndarray:
        product = x @ y
        product = product.toarray() if is_matrix(product) else product
        return _dense(product * alpha + z, node)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        return [shapes[3]]

    def __str__(self) -> str:
        return "Usmm{no_inplace}"


usmm = Usmm()


# -- of matrices given by their parts ---------------------------------------------------------------------------------


def _parts(*parts: Any) -> list[Any]:
    return [part if isinstance(part, Variable) else as_tensor_variable(part) for part in parts]


class _OfParts(SparseOp):
    """An op that names the parts of a sparse matrix; ``place`` says whether they are compressed columns or rows."""

    format = "csr"

    def matrix(self, data: Any, indices: Any, indptr: Any, minor: int) -> Any:
        """The scipy matrix of these parts, with ``minor`` columns (csr) or rows (csc)."""
        major = len(indptr) - 1
        shape = (major, minor) if self.format == "csr" else (minor, major)
        return SparseType.format_cls[self.format]((data, indices, indptr), shape=shape, copy=False)

    infer_shape = None  # type: ignore[assignment]


class StructuredDotCSC(_OfParts):
    """``a @ b``, dense, of a csc matrix (data, indices, indptr, number of rows) and a dense one."""

    format = "csc"

    def make_node(self, a_val: Any, a_ind: Any, a_ptr: Any, a_nrows: Any, b: Any) -> Apply:
        inputs = _parts(a_val, a_ind, a_ptr, a_nrows, b)
        a_val, b = inputs[0], inputs[-1]
        kind = TensorType(upcast(a_val.type.dtype, b.type.dtype), (False, b.type.broadcastable[1]))
        return Apply(self, inputs, [kind()])

    def compute(self, node: Apply, data: Any, indices: Any, indptr: Any, rows: Any, b: np.ndarray) -> np.ndarray:
        return _dense(self.matrix(data, indices, indptr, int(rows)) @ b, node)


class StructuredDotCSR(_OfParts):
    """``a @ b``, dense, of a csr matrix (data, indices, indptr) and a dense one."""

    def make_node(self, a_val: Any, a_ind: Any, a_ptr: Any, b: Any) -> Apply:
        inputs = _parts(a_val, a_ind, a_ptr, b)
        a_val, b = inputs[0], inputs[-1]
        kind = TensorType(upcast(a_val.type.dtype, b.type.dtype), (False, b.type.broadcastable[1]))
        return Apply(self, inputs, [kind()])

    def compute(self, node: Apply, data: Any, indices: Any, indptr: Any, b: np.ndarray) -> np.ndarray:
        return _dense(self.matrix(data, indices, indptr, b.shape[0]) @ b, node)


class AddSD_ccode(_OfParts):
    """x + y of a sparse matrix in a ``format`` and a dense one; the node takes the parts of x. ``inplace`` may write
    into y."""

    __props__ = ("format", "inplace")

    def __init__(self, format: str, inplace: bool = False):
        self.format, self.inplace = format, inplace
        if inplace:
            self.destroy_map = {0: [3]}

    def make_node(self, x: Any, y: Any) -> Apply:
        x, y = as_csm(x), as_tensor_variable(y)
        dtype = upcast(x.type.dtype, y.type.dtype)
        assert not self.inplace or dtype == y.type.dtype, "y cannot hold the sum"
        assert self.format == x.type.format, f"x is in the format {x.type.format}"
        assert y.type.ndim == 2, "y has to be a matrix"
        parts = [csm_data(x), csm_indices(x), csm_indptr(x)]
        return Apply(self, [*parts, y], [TensorType(dtype, y.type.broadcastable)()])

    def compute(self, node: Apply, data: Any, indices: Any, indptr: Any, y: np.ndarray) -> np.ndarray:
        return _dense(self.matrix(data, indices, indptr, y.shape[self.format == "csr"]) + y, node)

    def __str__(self) -> str:
        return f"{type(self).__name__}{{{self.format}{',inplace' if self.inplace else ''}}}"


class CSMGradC(CSMGrad):
    """``CSMGrad`` by another name, for graphs that say so."""


class UsmmCscDense(_OfParts):
    """alpha * x @ y + z of a csc matrix x (data, indices, indptr, number of rows); ``inplace`` may write into z.

    NotImplementedError for dtypes but float32 and float64.
    """

    __props__ = ("inplace",)
    format = "csc"

    def __init__(self, inplace: bool):
        self.inplace = inplace
        if inplace:
            self.destroy_map = {0: [6]}

    def make_node(self, alpha: Any, x_val: Any, x_ind: Any, x_ptr: Any, x_nrows: Any, y: Any, z: Any) -> Apply:
        inputs = [as_tensor_variable(v) for v in (alpha, x_val, x_ind, x_ptr, x_nrows, y, z)]
        dims = [v.type.ndim for v in inputs]
        assert dims == [2, 1, 1, 1, 0, 2, 2], f"wrong numbers of dimensions: {dims}"
        assert all(v.type.dtype == "int32" for v in inputs[2:5]), "indices and sizes are int32"
        dtype = upcast(*[inputs[i].type.dtype for i in (0, 1, 5, 6)])
        if dtype not in ("float32", "float64"):
            raise NotImplementedError("only float types are supported in operands")
        return Apply(self, inputs, [TensorType(dtype, inputs[6].type.broadcastable)()])

    def compute(self, node: Apply, alpha: Any, data: Any, indices: Any, indptr: Any, rows: Any, y: Any, z: Any) -> Any:
        return _dense(self.matrix(data, indices, indptr, int(rows)) @ y * alpha + z, node)

    def __str__(self) -> str:
        return f"{type(self).__name__}{{{'inplace' if self.inplace else 'no_inplace'}}}"


class MulSVCSR(_OfParts):
    """data[n] * b[column of n], for what a csr matrix (data, indices, indptr) stores, and a vector b."""

    ndim = 1

    def make_node(self, a_data: Any, a_indices: Any, a_indptr: Any, b: Any) -> Apply:
        inputs = [as_tensor_variable(v) for v in (a_data, a_indices, a_indptr, b)]
        assert [v.type.ndim for v in inputs] == [1, 1, 1, self.ndim], "three vectors and the other operand"
        return Apply(self, inputs, [TensorType(inputs[3].type.dtype, (False,))()])

    def picked(self, indices: Any, indptr: Any, b: np.ndarray) -> np.ndarray:
        """The elements of b that belong to what is stored."""
        if self.ndim == 1:
            return b[indices]
        majors = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
        return b[majors, indices] if self.format == "csr" else b[indices, majors]

    def compute(self, node: Apply, data: Any, indices: Any, indptr: Any, b: np.ndarray) -> np.ndarray:
        return (data * self.picked(indices, indptr, b)).astype(b.dtype, copy=False)


class StructuredAddSVCSR(MulSVCSR):
    """data[n] + b[column of n], for what a csr matrix (data, indices, indptr) stores, and a vector b."""

    def compute(self, node: Apply, data: Any, indices: Any, indptr: Any, b: np.ndarray) -> np.ndarray:
        return (data + self.picked(indices, indptr, b)).astype(b.dtype, copy=False)


class MulSDCSR(MulSVCSR):
    """data[n] * b[place of n], for what a csr matrix (data, indices, indptr) stores, and a dense matrix b."""

    ndim = 2


class MulSDCSC(MulSDCSR):
    """As ``MulSDCSR``, of a csc matrix."""

    format = "csc"


class SamplingDotCSR(_OfParts):
    """``SamplingDot`` with p as the parts of a csr matrix (data, indices, indptr, number of columns): the parts of the
    result."""

    def make_node(self, x: Any, y: Any, p_data: Any, p_ind: Any, p_ptr: Any, p_ncols: Any) -> Apply:
        inputs = [as_tensor_variable(v) for v in (x, y, p_data, p_ind, p_ptr, p_ncols)]
        assert inputs[5].type.dtype == "int32", "the number of columns is an int32"
        dtype = upcast(*[v.type.dtype for v in inputs[:3]])
        outputs = [TensorType(dtype, (False,))(), inputs[3].type(), inputs[4].type()]
        return Apply(self, inputs, outputs)

    def compute(self, node: Apply, x: Any, y: Any, data: Any, indices: Any, indptr: Any, columns: Any) -> tuple:
        majors = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
        found = data * _row_products(x, majors, y, indices)
        return found.astype(node.outputs[0].type.dtype, copy=False), indices.copy(), indptr.copy()


sd_csc, sd_csr, csm_grad_c = StructuredDotCSC(), StructuredDotCSR(), CSMGradC()
usmm_csc_dense, usmm_csc_dense_inplace = UsmmCscDense(False), UsmmCscDense(True)
mul_s_v_csr, structured_add_s_v_csr = MulSVCSR(), StructuredAddSVCSR()
mul_s_d_csr, mul_s_d_csc, sampling_dot_csr = MulSDCSR(), MulSDCSC(), SamplingDotCSR()

__all__ = [
    "AddSD_ccode", "CSMGradC", "Dot", "MulSDCSC", "MulSDCSR", "MulSVCSR", "SamplingDot", "SamplingDotCSR",
    "StructuredAddSVCSR", "StructuredDot", "StructuredDotCSC", "StructuredDotCSR", "StructuredDotGradCSC",
    "StructuredDotGradCSR", "TrueDot", "Usmm", "UsmmCscDense", "csm_grad_c", "dot", "mul_s_d_csc",
    "mul_s_d_csr", "mul_s_v_csr", "sampling_dot", "sampling_dot_csr", "sd_csc", "sd_csr", "sdg_csc",
    "sdg_csr", "structured_add_s_v_csr", "structured_dot", "structured_dot_grad", "true_dot", "usmm",
    "usmm_csc_dense", "usmm_csc_dense_inplace",
]  # fmt: skip
