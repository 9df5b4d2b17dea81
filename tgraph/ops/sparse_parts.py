"""Sparse matrices taken apart and put together: ``CSM`` and ``CSMProperties``, to dense and back, casts, transposes,
rows and elements; their gradients.

A gradient is *structured* where elements that are not stored count as constant zeros; the others are *regular*.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tgraph.config import config
from tgraph.grad import grad_undefined
from tgraph.graph import Apply, Op, Variable
from tgraph.operators import as_tensor_variable, offers, table
from tgraph.ops.python_values import NoneConst
from tgraph.ops.sparse_type import (
    SparseType,
    as_csm,
    as_sparse_variable,
    complex_dtypes,
    discrete_dtypes,
    integer_dtypes,
)
from tgraph.optional import scipy_sparse
from tgraph.types import DisconnectedType, TensorType, disconnected_type
from tgraph.types import discrete_dtypes as tensor_discrete_dtypes


class SparseOp(Op):
    """An op on sparse matrices, run on the host. The shape of its result is that of its first input."""

    __props__: tuple[str, ...] = ()
    own_memory = True

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """The shapes of the outputs, from those of the inputs."""
        return [shapes[0]]


def compressed(format: str, data: Any, indices: Any, indptr: Any, shape: Any) -> Any:
    """The scipy matrix of these parts, which it may keep."""
    return SparseType.format_cls[format]((data, indices, indptr), shape=tuple(int(n) for n in shape), copy=False)


def with_data(x: Any, data: np.ndarray) -> Any:
    """A matrix that stores other numbers at the same places."""
    return compressed(x.format, data, x.indices.copy(), x.indptr.copy(), x.shape)


def places(x: Any) -> tuple[np.ndarray, np.ndarray]:
    """(row, column) of every stored element of a compressed matrix, in the order in which they are stored."""
    majors = np.repeat(np.arange(len(x.indptr) - 1), np.diff(x.indptr))
    return (majors, x.indices) if x.format == "csr" else (x.indices, majors)


# -- parts ---------------------------------------------------------------------------------------------------


class CSMProperties(SparseOp):
    """(data, indices, indptr, shape) of a compressed matrix; the last three int32. The gradient is regular."""

    view_map = {0: [0], 1: [0], 2: [0]}
    own_memory = False

    def __init__(self, kmap: Any = None):
        if kmap is not None:
            raise ValueError("Do not use kmap, it is removed")

    def make_node(self, csm: Any) -> Apply:
        csm = as_csm(csm)
        parts = [TensorType("int32", (False,))() for _ in range(3)]
        return Apply(self, [csm], [TensorType(csm.type.dtype, (False,))(), *parts])

    def compute(self, node: Apply, csm: Any) -> tuple[Any, ...]:
        parts = (csm.indices, csm.indptr, csm.shape)
        return csm.data, *(np.asarray(part, dtype="int32") for part in parts)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        return [None, None, None, (2,)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True, False, False, False]]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (csm,) = inputs
        if isinstance(output_grads[0].type, DisconnectedType):
            return [csm.zeros_like()]
        return [CSM(csm.type.format)(output_grads[0], *csm_properties(csm)[1:])]


csm_properties = CSMProperties()


def csm_data(csm: Any) -> Any:
    """The stored elements of a matrix, a vector."""
    return csm_properties(csm)[0]


offers("sparse.data")(csm_data)


def csm_indices(csm: Any) -> Any:
    """The columns (csr) or rows (csc) of the stored elements, an int32 vector."""
    return csm_properties(csm)[1]


def csm_indptr(csm: Any) -> Any:
    """Where each row (csr) or column (csc) begins among the stored elements, an int32 vector."""
    return csm_properties(csm)[2]


def csm_shape(csm: Any) -> Any:
    """The shape of a matrix, an int32 vector."""
    return csm_properties(csm)[3]


def _int_vector(x: Any, what: str) -> Any:
    if not isinstance(x, Variable):
        x = np.asarray(x)
        assert (x == x.astype("int32")).all(), f"{what} have to fit into int32"
        x = x.astype("int32")
    x = as_tensor_variable(x)
    if x.type.ndim != 1 or x.type.dtype not in discrete_dtypes:
        raise TypeError(f"{what} must be vector of integers", x, x.type)
    return x


class CSM(SparseOp):
    """The matrix of (data, indices, indptr, shape) in a ``format``, 'csr' or 'csc' (else ValueError).

    TypeError for parts that are no vectors (of integers), ValueError at run time where their lengths do not fit. The
    gradient for the data is regular: a dense vector.
    """

    __props__ = ("format",)
    view_map = {0: [0]}

    def __init__(self, format: str, kmap: Any = None):
        if format not in ("csr", "csc"):
            raise ValueError("format must be one of: 'csr', 'csc'", format)
        if kmap is not None:
            raise ValueError("Do not use kmap, it is removed")
        self.format = format

    def make_node(self, data: Any, indices: Any, indptr: Any, shape: Any) -> Apply:
        data = as_tensor_variable(data)
        parts = [_int_vector(indices, "indices"), _int_vector(indptr, "indptr"), _int_vector(shape, "shape")]
        if data.type.ndim != 1:
            raise TypeError("data argument must be a vector", data.type, data.type.ndim)
        return Apply(self, [data, *parts], [SparseType(self.format, data.type.dtype)()])

    def compute(self, node: Apply, data: Any, indices: Any, indptr: Any, shape: Any) -> Any:
        if len(shape) != 2:
            raise ValueError("Shape should be an array of length 2")
        if data.shape != indices.shape:
            raise ValueError(
                f"Data (shape {data.shape!r} must have the same number of elements as indices (shape{indices.shape!r})"
            )
        # copies: what a later call writes into memory that is free again must not show here
        return compressed(self.format, data.copy(), indices.copy(), indptr.copy(), shape)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        shape = node.inputs[3]
        return [(shape[0], shape[1])]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [False], [False], [False]]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (g,) = output_grads
        if not isinstance(g.type, SparseType):
            g = SparseFromDense(self.format)(g)
        elif g.type.format != self.format:
            g = SparseFromDense(self.format)(dense_from_sparse(g))
        return [CSMGrad()(*inputs, *csm_properties(g)), *(disconnected_type() for _ in range(3))]


CSC, CSR = CSM("csc"), CSM("csr")


class CSMGrad(SparseOp):
    """For each stored element of a matrix x, given by its parts, the element of a matrix g at its place.

    g stores elements of its own choice, in any order; what it does not store is zero, what it stores twice is summed.
    """

    def __init__(self, kmap: Any = None):
        if kmap is not None:
            raise ValueError("Do not use kmap, it is removed")

    def make_node(self, *parts: Any) -> Apply:
        if len(parts) != 8:
            raise TypeError("CSMGrad takes the four parts of a matrix and those of a gradient")
        parts = tuple(as_tensor_variable(part) for part in parts)
        return Apply(self, list(parts), [parts[4].type()])

    def compute(self, node: Apply, x_data: Any, x_indices: Any, x_indptr: Any, x_shape: Any,
                g_data: Any, g_indices: Any, g_indptr: Any, g_shape: Any) -> np.ndarray:  # fmt: skip
        if np.array_equal(x_indptr, g_indptr) and np.array_equal(x_indices, g_indices):
            width = int(x_shape[1] if len(x_indptr) - 1 == x_shape[0] else x_shape[0])
            keys = _keys(x_indices, x_indptr, width)
            if len(np.unique(keys)) == len(keys):
                return g_data.copy()
        width = int(max(x_shape.max(initial=1), 1))
        wanted, given = _keys(x_indices, x_indptr, width), _keys(g_indices, g_indptr, width)
        found = np.zeros(len(wanted), dtype=g_data.dtype)
        if not len(given):
            return found
        keys, where = np.unique(given, return_inverse=True)
        sums = np.zeros(len(keys), dtype=g_data.dtype)
        np.add.at(sums, where.ravel(), g_data)
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        hit = keys[at] == wanted
        found[hit] = sums[at[hit]]
        return found

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        return [shapes[1]]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[i == 4] for i in range(8)]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        # linear in the data of g: each of them gets what arrived at its place
        x, g = inputs[:4], inputs[4:]
        back = CSMGrad()(*g, output_grads[0], *x[1:])
        return [*(disconnected_type() for _ in x), back, *(disconnected_type() for _ in g[1:])]


csm_grad = CSMGrad


def _keys(indices: np.ndarray, indptr: np.ndarray, width: int) -> np.ndarray:
    """One number for each place of a compressed matrix."""
    majors = np.repeat(np.arange(len(indptr) - 1, dtype="int64"), np.diff(indptr))
    return majors * width + indices


# -- the same matrix in other forms ----------------------------------------------------------------------------


class Cast(SparseOp):
    """A matrix of another dtype, ``out_type``. The gradient is regular; none for complex dtypes."""

    __props__ = ("out_type",)

    def __init__(self, out_type: str):
        self.out_type = out_type

    def make_node(self, x: Any) -> Apply:
        x = as_csm(x)
        return Apply(self, [x], [SparseType(x.type.format, self.out_type)()])

    def compute(self, node: Apply, x: Any) -> Any:
        return x.astype(self.out_type)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x,), (g,) = inputs, output_grads
        if x.type.dtype in complex_dtypes or self.out_type in complex_dtypes:
            raise NotImplementedError("grad not implemented for complex types")
        if self.out_type in discrete_dtypes:
            return [x.zeros_like(dtype=config.floatX if x.type.dtype in discrete_dtypes else None)]
        return [g if x.type.dtype in discrete_dtypes or g.type.dtype == x.type.dtype else g.astype(x.type.dtype)]

    def __str__(self) -> str:
        return f"{type(self).__name__}({self.out_type})"


bcast, wcast, icast, lcast = Cast("int8"), Cast("int16"), Cast("int32"), Cast("int64")
fcast, dcast, ccast, zcast = Cast("float32"), Cast("float64"), Cast("complex64"), Cast("complex128")


@offers("sparse.cast")
def cast(variable: Any, dtype: Any) -> Any:
    """A sparse matrix cast to a dtype."""
    return Cast(config.floatX if dtype == "floatX" else dtype)(variable)


class DenseFromSparse(SparseOp):
    """The matrix as a dense tensor. ``structured`` says which gradient it has."""

    def __init__(self, structured: bool = True):
        self.sparse_grad = structured

    def __str__(self) -> str:
        return f"{type(self).__name__}{{structured_grad={self.sparse_grad}}}"

    def make_node(self, x: Any) -> Apply:
        x = as_sparse_variable(x)
        return Apply(self, [x], [TensorType(x.type.dtype, (False, False))()])

    def compute(self, node: Apply, x: Any) -> np.ndarray:
        return x.toarray()

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x,), (g,) = inputs, output_grads
        if not self.sparse_grad:
            return [SparseFromDense(x.type.format)(g)]
        ones = sp_ones_like(x)
        if g.type.dtype == "float64" and x.type.dtype == "float32":
            ones = ones.astype("float64")
        if g.type.dtype == "float32" and x.type.dtype == "float64":
            g = g.astype("float64")
        return [ones * g]


dense_from_sparse = DenseFromSparse()
offers("sparse.dense")(dense_from_sparse)


class SparseFromDense(SparseOp):
    """A tensor of up to two dimensions as a matrix in a ``format``; TypeError for more dimensions."""

    __props__ = ("format",)

    def __init__(self, format: str):
        self.format = format

    def __str__(self) -> str:
        return f"{type(self).__name__}{{{self.format}}}"

    def make_node(self, x: Any) -> Apply:
        x = as_tensor_variable(x)
        if x.type.ndim > 2:
            raise TypeError(f"there are no sparse tensors of more than 2 dimensions, but {x}.ndim = {x.type.ndim}")
        if x.type.ndim < 2:
            x = x.dimshuffle(*["x"] * (2 - x.type.ndim), *range(x.type.ndim))
        return Apply(self, [x], [SparseType(self.format, x.type.dtype)()])

    def compute(self, node: Apply, x: np.ndarray) -> Any:
        return SparseType.format_cls[self.format](x)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x,), (g,) = inputs, output_grads
        g = dense_from_sparse(g) if isinstance(g.type, SparseType) else g
        return [table["patternbroadcast"](g, x.type.broadcastable)]


csr_from_dense, csc_from_dense = SparseFromDense("csr"), SparseFromDense("csc")


def sp_ones_like(x: Any) -> Any:
    """Ones where a matrix stores elements."""
    data, indices, indptr, shape = csm_properties(x)
    return CSM(x.type.format)(table["ones_like"](data), indices, indptr, shape)


@offers("sparse.zeros_like")
def sp_zeros_like(x: Any) -> Any:
    """A matrix of the same shape, format and dtype that stores nothing."""
    _, _, indptr, shape = csm_properties(x)
    data, indices = np.array([], dtype=x.type.dtype), np.array([], dtype="int32")
    return CSM(x.type.format)(data, indices, table["zeros_like"](indptr), shape)


class Transpose(SparseOp):
    """The transpose: a csr matrix becomes csc and the other way round."""

    view_map = {0: [0]}
    format_map = {"csr": "csc", "csc": "csr"}

    def make_node(self, x: Any) -> Apply:
        x = as_csm(x)
        return Apply(self, [x], [SparseType(self.format_map[x.type.format], x.type.dtype)()])

    def compute(self, node: Apply, x: Any) -> Any:
        return x.transpose()

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [output_grads[0].T]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        return [shapes[0][::-1]]

    def __str__(self) -> str:
        return f"Sparse{type(self).__name__}"


transpose = Transpose()
offers("sparse.transpose")(transpose)


class Neg(SparseOp):
    """-x."""

    def make_node(self, x: Any) -> Apply:
        x = as_csm(x)
        return Apply(self, [x], [x.type()])

    def compute(self, node: Apply, x: Any) -> Any:
        return -x

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [-output_grads[0]]

    def __str__(self) -> str:
        return f"Sparse{type(self).__name__}"


neg = Neg()
offers("sparse.neg")(neg)


class EnsureSortedIndices(SparseOp):
    """The matrix with its elements stored in order. ``inplace`` is kept for legacy code: a new one is made all the
    same."""

    __props__ = ("inplace",)

    def __init__(self, inplace: bool):
        self.inplace = inplace
        if inplace:
            self.view_map = {0: [0]}

    def make_node(self, x: Any) -> Apply:
        x = as_csm(x)
        return Apply(self, [x], [x.type()])

    def compute(self, node: Apply, x: Any) -> Any:
        return x.sorted_indices()

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [output_grads[0]]

    def __str__(self) -> str:
        return f"{type(self).__name__}{{{'inplace' if self.inplace else 'no_inplace'}}}"


ensure_sorted_indices = EnsureSortedIndices(inplace=False)


class Remove0(SparseOp):
    """The matrix without the zeros that it stores. ``inplace``: the input may be changed."""

    __props__ = ("inplace",)

    def __init__(self, inplace: bool = False):
        self.inplace = inplace
        if inplace:
            self.destroy_map = {0: [0]}

    def make_node(self, x: Any) -> Apply:
        x = as_csm(x)
        return Apply(self, [x], [x.type()])

    def compute(self, node: Apply, x: Any) -> Any:
        x = x.copy()
        x.eliminate_zeros()
        return x

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [output_grads[0]]

    def __str__(self) -> str:
        return f"{type(self).__name__}{{{'inplace' if self.inplace else ''}}}"


remove0 = eliminate_zeros = Remove0()
EliminateZeros = Remove0


def clean(x: Any) -> Any:
    """The matrix without stored zeros, its elements stored in order."""
    return ensure_sorted_indices(remove0(x))


# -- rows, blocks and elements -----------------------------------------------------------------------------------


def _positions(index: Any) -> Any:
    index = as_tensor_variable(index)
    assert index.type.ndim == 1, "positions are a vector"
    assert index.type.dtype in integer_dtypes, "positions are integers"
    return index


class GetItemList(SparseOp):
    """The rows at given positions, as a matrix. The gradient puts each row back, the last one where one was taken
    twice."""

    def make_node(self, x: Any, index: Any) -> Apply:
        x = as_csm(x)
        return Apply(self, [x, _positions(index)], [x.type()])

    def compute(self, node: Apply, x: Any, index: np.ndarray) -> Any:
        return _in_format(x[index.copy()], x.format)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        return [(shapes[1][0], shapes[0][1])]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        x, index = inputs
        back = get_item_list_grad(x, index, output_grads[0])
        return [back, grad_undefined(self, 1, index, "No gradient for this input")]


get_item_list = GetItemList()


class GetItemListGrad(SparseOp):
    """A matrix like x whose row ``index[i]`` is row i of ``gz``, for the last such i; other rows are zero."""

    def make_node(self, x: Any, index: Any, gz: Any) -> Apply:
        x, gz = as_csm(x), as_csm(gz)
        return Apply(self, [x, _positions(index), gz], [x.type()])

    def compute(self, node: Apply, x: Any, index: np.ndarray, gz: Any) -> Any:
        index = index.astype("int64") % max(x.shape[0], 1)
        last = np.full(x.shape[0], -1)
        last[index] = np.arange(len(index))
        gz = gz.tocoo()
        kept = last[index[gz.row]] == gz.row
        parts = gz.data[kept], (index[gz.row[kept]], gz.col[kept])
        return SparseType.format_cls[x.format](parts, shape=x.shape, dtype=x.dtype)


get_item_list_grad = GetItemListGrad()


class GetItem2Lists(SparseOp):
    """The elements at (ind1[i], ind2[i]), as a vector."""

    def make_node(self, x: Any, ind1: Any, ind2: Any) -> Apply:
        x, ind1, ind2 = as_csm(x), as_tensor_variable(ind1), as_tensor_variable(ind2)
        assert ind1.type.dtype in integer_dtypes, "positions are integers"
        assert ind2.type.dtype in integer_dtypes, "positions are integers"
        return Apply(self, [x, ind1, ind2], [TensorType(x.type.dtype, (False,))()])

    def compute(self, node: Apply, x: Any, ind1: np.ndarray, ind2: np.ndarray) -> np.ndarray:
        # copies: scipy sets flags of what it is given
        return np.asarray(x[ind1.copy(), ind2.copy()]).flatten()

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        return [shapes[1]]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        x, ind1, ind2 = inputs
        back = get_item_2lists_grad(x, ind1, ind2, output_grads[0])
        return [back, *(grad_undefined(self, 1, i, "No gradient for this input") for i in (ind1, ind2))]


get_item_2lists = GetItem2Lists()


class GetItem2ListsGrad(SparseOp):
    """A matrix like x with gz[i] at (ind1[i], ind2[i]), for the last i with that place; zero elsewhere."""

    def make_node(self, x: Any, ind1: Any, ind2: Any, gz: Any) -> Apply:
        x = as_csm(x)
        return Apply(self, [x, _positions(ind1), _positions(ind2), as_tensor_variable(gz)], [x.type()])

    def compute(self, node: Apply, x: Any, ind1: np.ndarray, ind2: np.ndarray, gz: np.ndarray) -> Any:
        rows, columns = (i.astype("int64") % max(n, 1) for i, n in zip((ind1, ind2), x.shape, strict=True))
        _, first = np.unique((rows * x.shape[1] + columns)[::-1], return_index=True)
        last = len(rows) - 1 - first
        parts = gz[last], (rows[last], columns[last])
        return SparseType.format_cls[x.format](parts, shape=x.shape, dtype=x.dtype)


get_item_2lists_grad = GetItem2ListsGrad()


def _bound(value: Any, what: str) -> Any:
    if value is None or (isinstance(value, int) and what == "step" and value == 1):
        return NoneConst
    if not isinstance(value, Variable):
        value = as_tensor_variable(value)
    if value is not NoneConst and not (value.type.ndim == 0 and value.type.dtype in tensor_discrete_dtypes):
        raise ValueError(f"Impossible to index into a sparse matrix with slice where {what}={value}", value.type)
    return value


class GetItem2d(SparseOp):
    """``x[a:b:c, d:e:f]``, a matrix. NotImplementedError for a row or column alone (there are no sparse vectors),
    ValueError for other indices. It has no gradient."""

    def make_node(self, x: Any, index: Any) -> Apply:
        x = as_csm(x)
        assert len(index) in (1, 2), "a matrix has one or two indices"
        bounds = []
        for entry in index:
            if isinstance(entry, slice):
                named = (("start", entry.start), ("stop", entry.stop), ("step", entry.step))
                bounds += [_bound(value, name) for name, value in named]
            elif np.isscalar(entry) or (isinstance(entry, Variable) and getattr(entry, "ndim", -1) == 0):
                raise NotImplementedError(
                    "there are no sparse vectors. Use X[a:b, c:d], X[a:b, c:c+1] or X[a:b] instead."
                )
            else:
                raise ValueError(
                    f"Advanced indexing is not implemented for sparse matrices. Argument not supported: {entry}"
                )
        bounds += [NoneConst] * (6 - len(bounds))
        return Apply(self, [x, *bounds], [x.type()])

    def compute(self, node: Apply, x: Any, *bounds: Any) -> Any:
        bounds = tuple(None if b is None else int(b) for b in bounds)
        return _in_format(x[slice(*bounds[:3]), slice(*bounds[3:])], x.format)

    infer_shape = None  # type: ignore[assignment]


get_item_2d = GetItem2d()


class GetItemScalar(SparseOp):
    """``x[i, j]``, a tensor without dimensions. It has no gradient."""

    def make_node(self, x: Any, index: Any) -> Apply:
        x = as_csm(x)
        assert len(index) == 2, "an element has two indices"
        if any(isinstance(i, slice) for i in index):
            raise TypeError("GetItemScalar called with a slice as index!")
        index = [as_tensor_variable(i) for i in index]
        if any(i.type.ndim for i in index):
            raise NotImplementedError("the indices of an element are single integers", index)
        return Apply(self, [x, *index], [TensorType(x.type.dtype, ())()])

    def compute(self, node: Apply, x: Any, i: Any, j: Any) -> np.ndarray:
        return np.asarray(x[int(i), int(j)], dtype=x.dtype)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        return [()]


get_item_scalar = GetItemScalar()


def _in_format(x: Any, format: str) -> Any:
    return x if x.format == format else x.asformat(format)


def _is_element(index: Any) -> bool:
    if isinstance(index, Variable):
        return isinstance(index.type, TensorType) and index.type.ndim == 0
    return bool(np.isscalar(index))


@offers("sparse.getitem")
def _getitem(x: Any, index: Any) -> Any:
    index = index if isinstance(index, tuple) else (index,)
    if len(index) == 2 and all(_is_element(i) for i in index):
        return get_item_scalar(x, index)
    if isinstance(index[0], list):
        return get_item_2lists(x, *index) if len(index) == 2 else get_item_list(x, index[0])
    return get_item_2d(x, index)


class ConstructSparseFromList(SparseOp):
    """A csc matrix of the shape of ``x`` whose row ``ilist[i]`` is row i of the matrix ``values``; rows that are
    named more than once are summed. TypeError for other dimensions. The gradient is regular."""

    def make_node(self, x: Any, values: Any, ilist: Any) -> Apply:
        x, values, ilist = (as_tensor_variable(v) for v in (x, values, ilist))
        if ilist.type.dtype not in integer_dtypes:
            raise TypeError("index must be integers")
        if ilist.type.ndim != 1:
            raise TypeError("index must be vector")
        if x.type.ndim != 2:
            raise TypeError(f"cannot create a sparse matrix with {x.type.ndim} dimensions")
        if values.type.ndim != 2:
            raise TypeError(f"cannot create a sparse matrix from values with {values.type.ndim} ndim")
        return Apply(self, [table["shape"](x), values, ilist], [SparseType("csc", x.type.dtype)()])

    def compute(self, node: Apply, shape: np.ndarray, values: np.ndarray, ilist: np.ndarray) -> Any:
        rows, columns = values.shape
        assert rows == len(ilist), "one position for each row of the values"
        indptr = np.arange(columns + 1) * rows
        indices = np.tile(ilist, columns)
        parts = values.T.flatten(), indices, indptr
        return scipy_sparse().csc_matrix(parts, shape=tuple(shape), dtype=values.dtype)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        shape = node.inputs[0]
        return [(shape[0], shape[1])]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[False], [True], [False]]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (g,) = output_grads
        g = dense_from_sparse(g) if isinstance(g.type, SparseType) else g
        return [disconnected_type(), table["take"](g, inputs[2], axis=0), disconnected_type()]


construct_sparse_from_list = ConstructSparseFromList()
offers("sparse.from_rows")(construct_sparse_from_list)

__all__ = [
    "CSC",
    "CSM",
    "CSR",
    "CSMGrad",
    "CSMProperties",
    "Cast",
    "ConstructSparseFromList",
    "DenseFromSparse",
    "EliminateZeros",
    "EnsureSortedIndices",
    "GetItem2Lists",
    "GetItem2ListsGrad",
    "GetItem2d",
    "GetItemList",
    "GetItemListGrad",
    "GetItemScalar",
    "Neg",
    "Remove0",
    "SparseFromDense",
    "Transpose",
    "bcast",
    "cast",
    "ccast",
    "clean",
    "construct_sparse_from_list",
    "csc_from_dense",
    "csm_data",
    "csm_grad",
    "csm_indices",
    "csm_indptr",
    "csm_properties",
    "csm_shape",
    "csr_from_dense",
    "dcast",
    "dense_from_sparse",
    "eliminate_zeros",
    "ensure_sorted_indices",
    "fcast",
    "get_item_2d",
    "get_item_2lists",
    "get_item_2lists_grad",
    "get_item_list",
    "get_item_list_grad",
    "get_item_scalar",
    "icast",
    "lcast",
    "neg",
    "remove0",
    "sp_ones_like",
    "sp_zeros_like",
    "transpose",
    "wcast",
    "zcast",
]  # fmt: skip
