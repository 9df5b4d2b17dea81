"""Sparse matrices element by element: sums, products, comparisons, scaling, reductions, stacking, and functions of
what is stored."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tgraph.config import config
from tgraph.graph import Apply
from tgraph.operators import as_tensor_variable, offers, table
from tgraph.ops.elemwise import elemwise
from tgraph.ops.join import Split
from tgraph.ops.rows import rows
from tgraph.ops.scalar_types import as_scalar
from tgraph.ops.sparse_parts import (
    CSM,
    SparseFromDense,
    SparseOp,
    csm_properties,
    dense_from_sparse,
    places,
    sp_ones_like,
    with_data,
)
from tgraph.ops.sparse_type import (
    SparseType,
    _is_sparse_variable,
    as_csm,
    as_sparse_or_tensor_variable,
    as_sparse_variable,
    continuous_dtypes,
    discrete_dtypes,
    one_sparse,
    uint_dtypes,
)
from tgraph.optional import scipy_sparse
from tgraph.types import TensorType, upcast


def fitted(value: Any, node: Apply) -> Any:
    """A scipy matrix in the format and dtype that a node promises."""
    kind = node.outputs[0].type
    if value.format != kind.format:
        value = value.asformat(kind.format)
    return value if value.dtype == kind.dtype else value.astype(kind.dtype)


def _pair(x: Any, y: Any) -> tuple[Any, Any, str]:
    x, y = as_csm(x), as_csm(y)
    return x, y, upcast(x.type.dtype, y.type.dtype)


def _with_dense(x: Any, y: Any, ndims: tuple[int, ...] = (2,)) -> tuple[Any, Any, str]:
    x, y = as_csm(x), as_tensor_variable(y)
    assert y.type.ndim in ndims, f"the dense operand has {y.type.ndim} dimensions, {ndims} are possible"
    return x, y, upcast(x.type.dtype, y.type.dtype)


def _with_vector(op: Any, x: Any, y: Any) -> Apply:
    """The node of a matrix and a vector of the same dtype, which gives such a matrix."""
    x, y, _ = _with_dense(x, y, (1,))
    if x.type.dtype != y.type.dtype:
        raise NotImplementedError(f"{op} not implemented for differing dtypes. Got {x.type.dtype} and {y.type.dtype}.")
    return Apply(op, [x, y], [x.type()])


def _without_zeros(x: Any) -> Any:
    """A new csc matrix less the zeros that it stores; a csr matrix as it is. So Theano's products with vectors left
    them, which shows in the gradients of what uses them."""
    if x.format == "csc":
        x.eliminate_zeros()
    return x


# -- sums ------------------------------------------------------------------------------------------------------


class AddSS(SparseOp):
    """x + y of two sparse matrices, in the format of x. The gradient is regular."""

    def make_node(self, x: Any, y: Any) -> Apply:
        x, y, dtype = _pair(x, y)
        return Apply(self, [x, y], [SparseType(x.type.format, dtype)()])

    def compute(self, node: Apply, x: Any, y: Any) -> Any:
        assert x.shape == y.shape, f"shapes {x.shape} and {y.shape} differ"
        return fitted(x + y, node)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [output_grads[0]] * 2


class AddSSData(SparseOp):
    """x + y of two sparse matrices that store the same places (not checked but for their number).

    NotImplementedError for different dtypes or formats. The gradient is structured.
    """

    def make_node(self, x: Any, y: Any) -> Apply:
        x, y, _ = _pair(x, y)
        if x.type != y.type:
            raise NotImplementedError(f"add_s_s_data wants two matrices of one type, got {x.type} and {y.type}")
        return Apply(self, [x, y], [x.type()])

    def compute(self, node: Apply, x: Any, y: Any) -> Any:
        assert x.shape == y.shape, f"shapes {x.shape} and {y.shape} differ"
        assert x.data.shape == y.data.shape, "the matrices do not store the same places"
        return with_data(x, x.data + y.data)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (g,) = output_grads
        return [g if x.type.dtype in continuous_dtypes else x.zeros_like(config.floatX) for x in inputs]


class AddSD(SparseOp):
    """x + y of a sparse and a dense matrix, dense. The gradient for x is structured."""

    def make_node(self, x: Any, y: Any) -> Apply:
        x, y, dtype = _with_dense(x, y)
        return Apply(self, [x, y], [TensorType(dtype, y.type.broadcastable)()])

    def compute(self, node: Apply, x: Any, y: np.ndarray) -> np.ndarray:
        return np.asarray(x + y, dtype=node.outputs[0].type.dtype)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        return [shapes[1]]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (g,) = output_grads
        return [sp_ones_like(inputs[0]) * g, g]


class StructuredAddSV(SparseOp):
    """x[i, j] + y[j] where x stores something; NotImplementedError for different dtypes."""

    def make_node(self, x: Any, y: Any) -> Apply:
        return _with_vector(self, x, y)

    def compute(self, node: Apply, x: Any, y: np.ndarray) -> Any:
        assert x.shape[1] == y.shape[0], f"{x.shape[1]} columns and {y.shape[0]} numbers"
        added = x.data + y[places(x)[1]]
        if x.format == "csc":  # as Theano, to whom zeros that are stored in rows alone count as stored
            added = np.where(x.data == 0, x.data, added)
        return _without_zeros(with_data(x, added))

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (g,) = output_grads
        return [g, sp_sum(g, axis=0, sparse_grad=True)]


add_s_s, add_s_s_data, add_s_d, structured_add_s_v = AddSS(), AddSSData(), AddSD(), StructuredAddSV()


@offers("sparse.add")
def add(x: Any, y: Any) -> Any:
    """x + y of two matrices of which at least one is sparse: dense where one is dense. AssertionError for others."""
    x, y = one_sparse(x, y)
    if _is_sparse_variable(x) and _is_sparse_variable(y):
        return add_s_s(x, y)
    return add_s_d(x, y) if _is_sparse_variable(x) else add_s_d(y, x)


@offers("sparse.sub")
def sub(x: Any, y: Any) -> Any:
    """x - y of two matrices of which at least one is sparse."""
    x, y = one_sparse(x, y)
    return add(x, -y)


# -- products ----------------------------------------------------------------------------------------------------


class MulSS(SparseOp):
    """The elementwise product of two sparse matrices, in the format of x. The gradient is regular."""

    def make_node(self, x: Any, y: Any) -> Apply:
        x, y, dtype = _pair(x, y)
        return Apply(self, [x, y], [SparseType(x.type.format, dtype)()])

    def compute(self, node: Apply, x: Any, y: Any) -> Any:
        assert x.shape == y.shape, f"shapes {x.shape} and {y.shape} differ"
        return fitted(x.multiply(y), node)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, y), (g,) = inputs, output_grads
        return [y * g, x * g]


class MulSD(SparseOp):
    """The elementwise product of a sparse matrix and a dense one or a number; it stores the places of x.

    AssertionError for other dimensions, and at run time for other shapes. The gradient is regular.
    """

    def make_node(self, x: Any, y: Any) -> Apply:
        x, y, dtype = _with_dense(x, y, (0, 2))
        return Apply(self, [x, y], [SparseType(x.type.format, dtype)()])

    def compute(self, node: Apply, x: Any, y: np.ndarray) -> Any:
        if y.ndim:
            assert x.shape == y.shape, f"shapes {x.shape} and {y.shape} differ"
            y = y[places(x)]
        dtype = node.outputs[0].type.dtype
        return with_data(x, (x.data.astype(dtype) * y).astype(dtype, copy=False))

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, y), (g,) = inputs, output_grads
        gy = x * g
        return [y * g, dense_from_sparse(gy) if y.type.ndim else sp_sum(gy)]


class MulSV(SparseOp):
    """x[i, j] * y[j], sparse; NotImplementedError for different dtypes. The gradient is regular."""

    def make_node(self, x: Any, y: Any) -> Apply:
        return _with_vector(self, x, y)

    def compute(self, node: Apply, x: Any, y: np.ndarray) -> Any:
        assert x.shape[1] == y.shape[0], f"{x.shape[1]} columns and {y.shape[0]} numbers"
        return _without_zeros(with_data(x, x.data * y[places(x)[1]]))

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, y), (g,) = inputs, output_grads
        if g.type.dtype != y.type.dtype:
            dtype = upcast(g.type.dtype, y.type.dtype)
            g, y = g.astype(dtype), y.astype(dtype)
        return [mul_s_v(g, y), sp_sum(x * g, axis=0, sparse_grad=True)]


mul_s_s, mul_s_d, mul_s_v = MulSS(), MulSD(), MulSV()


@offers("sparse.mul")
def mul(x: Any, y: Any) -> Any:
    """x * y, elementwise, of two matrices of which at least one is sparse; one may be a number."""
    x, y = as_sparse_or_tensor_variable(x), as_sparse_or_tensor_variable(y)
    one_sparse(x, y)
    if not _is_sparse_variable(x):
        return mul_s_d(y, x)
    if y.type.dtype == "float64" and x.type.dtype == "float32":
        x = x.astype("float64")
    return mul_s_s(x, y) if _is_sparse_variable(y) else mul_s_d(x, y)


class ColScaleCSC(SparseOp):
    """x[i, j] * s[j] of a csc matrix (else ValueError) and a vector. The gradient is structured."""

    def make_node(self, x: Any, s: Any) -> Apply:
        x = as_sparse_variable(x)
        if x.type.format != "csc":
            raise ValueError("x was not a csc matrix")
        return Apply(self, [x, as_tensor_variable(s)], [x.type()])

    def compute(self, node: Apply, x: Any, s: np.ndarray) -> Any:
        assert s.shape == (x.shape[1],), f"{x.shape[1]} columns and factors of shape {s.shape}"
        return with_data(x, (x.data * s[places(x)[1]]).astype(x.dtype, copy=False))

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, s), (g,) = inputs, output_grads
        return [col_scale(g, s), sp_sum(x * g, axis=0)]


class RowScaleCSC(SparseOp):
    """x[i, j] * s[i] of a csc matrix and a vector. The gradient is structured."""

    view_map = {0: [0]}

    def make_node(self, x: Any, s: Any) -> Apply:
        x = as_csm(x)
        return Apply(self, [x, as_tensor_variable(s)], [x.type()])

    def compute(self, node: Apply, x: Any, s: np.ndarray) -> Any:
        assert x.format == "csc", "x has to be a csc matrix"
        assert s.shape == (x.shape[0],), f"{x.shape[0]} rows and factors of shape {s.shape}"
        return with_data(x, (x.data * s[places(x)[0]]).astype(x.dtype, copy=False))

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, s), (g,) = inputs, output_grads
        return [row_scale(g, s), sp_sum(x * g, axis=1)]


def col_scale(x: Any, s: Any) -> Any:
    """x[i, j] * s[j], in the format of x; NotImplementedError for formats but csr and csc."""
    x = as_sparse_variable(x)
    if x.type.format == "csc":
        return ColScaleCSC()(x, s)
    if x.type.format == "csr":
        return RowScaleCSC()(x.T, s).T
    raise NotImplementedError(f"col_scale of a matrix in the format {x.type.format}")


def row_scale(x: Any, s: Any) -> Any:
    """x[i, j] * s[i], in the format of x."""
    return col_scale(as_sparse_variable(x).T, s).T


# -- sums over axes, diagonals -----------------------------------------------------------------------------------


class SpSum(SparseOp):
    """The sum of a matrix over ``axis`` 0 or 1 (a vector), or None, over both; ValueError for another axis.

    Integers are summed in 64 bits. ``sparse_grad``: the gradient is structured.
    """

    __props__ = ("axis",)

    def __init__(self, axis: int | None = None, sparse_grad: bool = True):
        if axis not in (None, 0, 1):
            raise ValueError("Illegal value for self.axis.")
        self.axis, self.structured = axis, sparse_grad

    def make_node(self, x: Any) -> Apply:
        x = as_csm(x)
        dtype = x.type.dtype
        if dtype in discrete_dtypes:
            dtype = "uint64" if dtype in uint_dtypes else "int64"
        return Apply(self, [x], [TensorType(dtype, () if self.axis is None else (False,))()])

    def compute(self, node: Apply, x: Any) -> np.ndarray:
        total = np.asarray(x.sum(self.axis), dtype=node.outputs[0].type.dtype)
        return total if self.axis is None else total.ravel()

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        return [() if self.axis is None else (shapes[0][1 - self.axis],)]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x,), (g,) = inputs, output_grads
        if x.type.dtype not in continuous_dtypes:
            return [x.zeros_like(dtype=config.floatX)]
        if self.structured:
            ones = sp_ones_like(x)
            return [ones * g if self.axis is None else (col_scale, row_scale)[self.axis](ones, g)]
        if self.axis is not None:
            g = g.dimshuffle(*(("x", 0) if self.axis == 0 else (0, "x")))
        return [SparseFromDense(x.type.format)(table["second"](dense_from_sparse(x), g))]

    def __str__(self) -> str:
        return f"{type(self).__name__}{{axis={self.axis}}}"


def sp_sum(x: Any, axis: int | None = None, sparse_grad: bool = False) -> Any:
    """The sum of a sparse matrix over an axis or both, dense; ``sparse_grad``: with a structured gradient."""
    return SpSum(axis, sparse_grad)(x)


class Diag(SparseOp):
    """The diagonal of a square matrix, a vector; ValueError at run time for others. The gradient is regular."""

    def make_node(self, x: Any) -> Apply:
        x = as_csm(x)
        return Apply(self, [x], [TensorType(x.type.dtype, (False,))()])

    def compute(self, node: Apply, x: Any) -> np.ndarray:
        if x.shape[0] != x.shape[1]:
            raise ValueError("Diag only apply on square matrix")
        return x.diagonal()

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        return [(table["minimum"](*shapes[0]),)]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [square_diagonal(output_grads[0])]


class SquareDiagonal(SparseOp):
    """The csc matrix with a vector on its diagonal; TypeError for what is no vector. The gradient is regular."""

    def make_node(self, diag: Any) -> Apply:
        diag = as_tensor_variable(diag)
        if diag.type.ndim != 1:
            raise TypeError("data argument must be a vector", diag.type)
        return Apply(self, [diag], [SparseType("csc", diag.type.dtype)()])

    def compute(self, node: Apply, diag: np.ndarray) -> Any:
        n = len(diag)
        parts = diag, np.arange(n), np.arange(n + 1)
        return scipy_sparse().csc_matrix(parts, shape=(n, n), copy=True)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        return [(shapes[0][0], shapes[0][0])]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [diag(output_grads[0])]


diag, square_diagonal = Diag(), SquareDiagonal()


# -- comparisons ---------------------------------------------------------------------------------------------------


class _Compares(SparseOp):
    """A comparison; True is 1, of the dtype uint8. No gradient."""

    comparison: Callable[[Any, Any], Any]


class _ComparesSparse(_Compares):
    """Of two sparse matrices, sparse; NotImplementedError for different formats."""

    def make_node(self, x: Any, y: Any) -> Apply:
        x, y = as_sparse_variable(x), as_sparse_variable(y)
        if x.type.format != y.type.format:
            raise NotImplementedError(f"{self} of matrices in the formats {x.type.format} and {y.type.format}")
        return Apply(self, [x, y], [SparseType(x.type.format, "uint8")()])

    def compute(self, node: Apply, x: Any, y: Any) -> Any:
        assert x.shape == y.shape, f"shapes {x.shape} and {y.shape} differ"
        compare = type(self).comparison
        if compare(0, 0):  # zeros compare as true: the result is nearly dense
            return fitted(SparseType.format_cls[x.format](compare(x.toarray(), y.toarray())), node)
        return fitted(compare(x, y), node)


class _ComparesDense(_Compares):
    """Of a sparse matrix with a dense one, dense."""

    def make_node(self, x: Any, y: Any) -> Apply:
        x, y = as_sparse_variable(x), as_tensor_variable(y)
        assert y.type.ndim == 2, "the dense operand has to be a matrix"
        return Apply(self, [x, y], [TensorType("uint8", (False, False))()])

    def compute(self, node: Apply, x: Any, y: np.ndarray) -> np.ndarray:
        assert x.shape == y.shape, f"shapes {x.shape} and {y.shape} differ"
        return np.asarray(type(self).comparison(x.toarray(), y), dtype="uint8")


class EqualSS(_ComparesSparse):
    """x == y."""

    comparison = staticmethod(operator.eq)


class EqualSD(_ComparesDense):
    """x == y."""

    comparison = staticmethod(operator.eq)


class NotEqualSS(_ComparesSparse):
    """x != y."""

    comparison = staticmethod(operator.ne)


class NotEqualSD(_ComparesDense):
    """x != y."""

    comparison = staticmethod(operator.ne)


class LessThanSS(_ComparesSparse):
    """x < y."""

    comparison = staticmethod(operator.lt)


class LessThanSD(_ComparesDense):
    """x < y."""

    comparison = staticmethod(operator.lt)


class GreaterThanSS(_ComparesSparse):
    """x > y."""

    comparison = staticmethod(operator.gt)


class GreaterThanSD(_ComparesDense):
    """x > y."""

    comparison = staticmethod(operator.gt)


class LessEqualSS(_ComparesSparse):
    """x <= y."""

    comparison = staticmethod(operator.le)


class LessEqualSD(_ComparesDense):
    """x <= y."""

    comparison = staticmethod(operator.le)


class GreaterEqualSS(_ComparesSparse):
    """x >= y."""

    comparison = staticmethod(operator.ge)


class GreaterEqualSD(_ComparesDense):
    """x >= y."""

    comparison = staticmethod(operator.ge)


equal_s_s, equal_s_d = EqualSS(), EqualSD()
not_equal_s_s, not_equal_s_d = NotEqualSS(), NotEqualSD()
less_than_s_s, less_than_s_d = LessThanSS(), LessThanSD()
greater_than_s_s, greater_than_s_d = GreaterThanSS(), GreaterThanSD()
less_equal_s_s, less_equal_s_d = LessEqualSS(), LessEqualSD()
greater_equal_s_s, greater_equal_s_d = GreaterEqualSS(), GreaterEqualSD()


def _compare(name: str, both: Any, sparse_first: Any, dense_first: Any) -> Callable[[Any, Any], Any]:
    """The function that picks an op by which operands are sparse; ``dense_first`` gets them exchanged."""

    def compare(x: Any, y: Any) -> Any:
        x, y = one_sparse(x, y)
        if _is_sparse_variable(x) and _is_sparse_variable(y):
            return both(x, y)
        return sparse_first(x, y) if _is_sparse_variable(x) else dense_first(y, x)

    compare.__name__ = compare.__qualname__ = name
    compare.__doc__ = f"Elementwise {name} of two matrices of which at least one is sparse: uint8, 1 where it holds."
    return offers(f"sparse.{name}")(compare)


eq = _compare("eq", equal_s_s, equal_s_d, equal_s_d)
neq = _compare("neq", not_equal_s_s, not_equal_s_d, not_equal_s_d)
lt = _compare("lt", less_than_s_s, less_than_s_d, greater_than_s_d)
gt = _compare("gt", greater_than_s_s, greater_than_s_d, less_than_s_d)
le = _compare("le", less_equal_s_s, less_equal_s_d, greater_equal_s_d)
ge = _compare("ge", greater_equal_s_s, greater_equal_s_d, less_equal_s_d)


# -- stacking --------------------------------------------------------------------------------------------------------


class HStack(SparseOp):
    """Matrices side by side, in a ``format`` (csc) and ``dtype``, which has to be given (ValueError).

    ValueError for no matrices. The gradient is regular.
    """

    __props__ = ("format", "dtype")
    axis = 1

    def __init__(self, format: str | None = None, dtype: str | None = None):
        if dtype is None:
            raise ValueError("The output dtype must be specified.")
        self.format, self.dtype = format or "csc", dtype

    def make_node(self, *mat: Any) -> Apply:
        if not mat:
            raise ValueError("Cannot join an empty list of sparses.")
        return Apply(self, [as_csm(x) for x in mat], [SparseType(self.format, self.dtype)()])

    def compute(self, node: Apply, *blocks: Any) -> Any:
        stack = scipy_sparse().hstack if self.axis else scipy_sparse().vstack
        return fitted(stack(blocks, format=self.format, dtype=self.dtype), node)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        total = sum((shape[self.axis] for shape in shapes[1:]), shapes[0][self.axis])
        return [(shapes[0][0], total) if self.axis else (total, shapes[0][1])]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (g,) = output_grads
        g = dense_from_sparse(g) if _is_sparse_variable(g) else g
        sizes = table["stack"]([x.shape[self.axis] for x in inputs])
        parts = Split(len(inputs))(g, self.axis, sizes, return_list=True)
        return [
            SparseFromDense(self.format)(part) if x.type.dtype in continuous_dtypes else x.zeros_like(config.floatX)
            for x, part in zip(inputs, parts, strict=True)
        ]

    def __str__(self) -> str:
        return f"{type(self).__name__}({self.format},{self.dtype})"


class VStack(HStack):
    """Matrices one below the other; see ``HStack``."""

    axis = 0


def _stack(cls: Any, blocks: Sequence[Any], format: str | None, dtype: str | None) -> Any:
    blocks = [as_sparse_variable(block) for block in blocks]
    dtype = upcast(*[block.type.dtype for block in blocks]) if dtype is None else dtype
    return cls(format=format, dtype=dtype)(*blocks)


def hstack(blocks: Sequence[Any], format: str | None = None, dtype: str | None = None) -> Any:
    """Matrices side by side, in a format (csc) and dtype (that which holds all of theirs)."""
    return _stack(HStack, blocks, format, dtype)


def vstack(blocks: Sequence[Any], format: str | None = None, dtype: str | None = None) -> Any:
    """Matrices one below the other, in a format (csc) and dtype (that which holds all of theirs)."""
    return _stack(VStack, blocks, format, dtype)


# -- functions of what is stored -----------------------------------------------------------------------------------


def structured_monoid(tensor_op: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator: the function becomes ``tensor_op`` of the stored elements of its first argument; its other
    arguments are numbers. The gradient is structured."""

    def decorator(f: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(x: Any, *numbers: Any) -> Any:
            x = as_csm(x)
            data, *rest = csm_properties(x)
            return CSM(x.type.format)(tensor_op(data, *(as_scalar(number) for number in numbers)), *rest)

        wrapper.__name__ = wrapper.__qualname__ = str(getattr(tensor_op, "scalar_op", tensor_op))
        wrapper.__doc__ = f.__doc__
        return wrapper

    return decorator


def _stored(row: str, name: str | None = None) -> Callable[..., Any]:
    def describe() -> None: ...

    describe.__doc__ = f"Elementwise ``{row}`` of the elements that a sparse matrix stores."
    made = structured_monoid(elemwise(rows[row]))(describe)
    made.__name__ = made.__qualname__ = name or made.__name__
    return made


structured_sigmoid, structured_exp, structured_log = _stored("sigmoid"), _stored("exp"), _stored("log")
structured_pow, structured_add = _stored("pow"), _stored("add")
structured_minimum, structured_maximum = _stored("minimum"), _stored("maximum")
# these map zero to zero: they are the functions of the whole matrix
sin, tan, arcsin, arctan = _stored("sin"), _stored("tan"), _stored("arcsin"), _stored("arctan")
sinh, arcsinh, tanh, arctanh = _stored("sinh"), _stored("arcsinh"), _stored("tanh"), _stored("arctanh")
rint, sgn, ceil, floor = _stored("round_half_to_even", "rint"), _stored("sgn"), _stored("ceil"), _stored("floor")
log1p, expm1, deg2rad, rad2deg = _stored("log1p"), _stored("expm1"), _stored("deg2rad"), _stored("rad2deg")
trunc, sqr, sqrt, conj = _stored("trunc"), _stored("sqr"), _stored("sqrt"), _stored("conj")

__all__ = [
    "AddSD", "AddSS", "AddSSData", "ColScaleCSC", "Diag", "EqualSD", "EqualSS", "GreaterEqualSD",
    "GreaterEqualSS", "GreaterThanSD", "GreaterThanSS", "HStack", "LessEqualSD", "LessEqualSS", "LessThanSD",
    "LessThanSS", "MulSD", "MulSS", "MulSV", "NotEqualSD", "NotEqualSS", "RowScaleCSC", "SpSum",
    "SquareDiagonal", "StructuredAddSV", "VStack", "add", "add_s_d", "add_s_s", "add_s_s_data", "arcsin",
    "arcsinh", "arctan", "arctanh", "ceil", "col_scale", "conj", "deg2rad", "diag", "eq", "equal_s_d",
    "equal_s_s", "expm1", "floor", "ge", "greater_equal_s_d", "greater_equal_s_s", "greater_than_s_d",
    "greater_than_s_s", "gt", "hstack", "le", "less_equal_s_d", "less_equal_s_s", "less_than_s_d",
    "less_than_s_s", "log1p", "lt", "mul", "mul_s_d", "mul_s_s", "mul_s_v", "neq", "not_equal_s_d",
    "not_equal_s_s", "rad2deg", "rint", "row_scale", "sgn", "sin", "sinh", "sp_sum", "sqr", "sqrt",
    "square_diagonal", "structured_add", "structured_add_s_v", "structured_exp", "structured_log",
    "structured_maximum", "structured_minimum", "structured_monoid", "structured_pow", "structured_sigmoid",
    "sub", "tan", "tanh", "trunc", "vstack",
]  # fmt: skip
