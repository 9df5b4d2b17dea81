"""Sparse matrices as variables: ``SparseType``, its variables, constants and shared variables, and what makes them.

Values are scipy's ``csr_matrix``, ``csc_matrix`` and ``bsr_matrix`` objects; they live on the host, and no op changes
one that it is given.
"""

from __future__ import annotations

import copy
import functools
import hashlib
import sys
from typing import Any

import numpy as np

from tgraph.config import config
from tgraph.graph import Apply, Constant, Type, Variable
from tgraph.operators import as_tensor_variable, table
from tgraph.optional import scipy_sparse
from tgraph.shared import SharedVariable, shared_constructor
from tgraph.types import TensorType

sparse_formats = ["csc", "csr"]
all_dtypes = {
    *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float32", "float64", "complex64", "complex128"),
}
complex_dtypes = ["complex64", "complex128"]
float_dtypes = ["float32", "float64"]
int_dtypes = ["int8", "int16", "int32", "int64"]
uint_dtypes = ["uint8", "uint16", "uint32", "uint64"]
integer_dtypes = int_dtypes + uint_dtypes
continuous_dtypes = complex_dtypes + float_dtypes
discrete_dtypes = int_dtypes + uint_dtypes

_FORMATS = ("csr", "csc", "bsr")


def is_matrix(x: Any) -> bool:
    """Is this value one of scipy's sparse matrices or arrays? While ``scipy.sparse`` is not loaded, none is."""
    return "scipy.sparse" in sys.modules and scipy_sparse().issparse(x)


def _is_sparse(x: Any) -> bool:
    """True for a sparse value, False for an array, a list or a tuple; NotImplementedError for anything else."""
    if is_matrix(x):
        return True
    if not isinstance(x, (np.ndarray, tuple, list)):
        raise NotImplementedError("expected a matrix of scipy.sparse or an array, not", x)
    return False


def _is_dense(x: Any) -> bool:
    """True for an array, False for a sparse value; NotImplementedError for anything else."""
    if not is_matrix(x) and not isinstance(x, np.ndarray):
        raise NotImplementedError("expected a matrix of scipy.sparse or an array, not", x)
    return isinstance(x, np.ndarray)


def _is_sparse_variable(x: Any) -> bool:
    """Is a variable sparse? NotImplementedError for what is no variable."""
    if not isinstance(x, Variable):
        raise NotImplementedError("expected a variable of a sparse or a tensor type, not", x)
    return isinstance(x.type, SparseType)


def _is_dense_variable(x: Any) -> bool:
    """Is a variable a tensor? NotImplementedError for what is no variable."""
    if not isinstance(x, Variable):
        raise NotImplementedError("expected a variable of a sparse or a tensor type, not", x)
    return isinstance(x.type, TensorType)


class _Classes:
    """``SparseType.format_cls``: format -> scipy's class. Looked up when asked for, as scipy is loaded late."""

    def __get__(self, instance: Any, owner: Any) -> dict[str, Any]:
        return _classes()


@functools.cache
def _classes() -> dict[str, Any]:
    return {name: getattr(scipy_sparse(), f"{name}_matrix") for name in _FORMATS}


class SparseType(Type):
    """Sparse matrices of one ``dtype`` in one ``format`` ('csr', 'csc' or 'bsr').

    NotImplementedError for another dtype (float16 and bool among them) or format.
    """

    dtype_set = all_dtypes
    format_cls: Any = _Classes()
    ndim = 2
    shaped = True

    def __init__(self, format: str, dtype: Any):
        dtype = str(np.dtype(dtype)) if not isinstance(dtype, str) else dtype
        if dtype not in self.dtype_set:
            raise NotImplementedError(f'unsupported dtype "{dtype}" not in list', sorted(self.dtype_set))
        assert isinstance(format, str), "a format is a string such as 'csr'"
        if format not in _FORMATS:
            raise NotImplementedError(f'unsupported format "{format}" not in list', list(_FORMATS))
        self.format, self.dtype = format, dtype

    def filter(self, value: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """The value in this format: matrices of another format and dense ones are converted.

        ``strict`` takes only this format and dtype (TypeError). NotImplementedError where the dtype is another one
        and ``allow_downcast`` is not True.
        """
        cls = self.format_cls[self.format]
        if isinstance(value, cls) and value.dtype == self.dtype:
            return value
        if strict:
            dtype = getattr(value, "dtype", type(value))
            raise TypeError(f"{value} is not sparse, or not the right dtype (is {dtype}, expected {self.dtype})")
        if isinstance(value, Variable):
            raise TypeError(f"Expected a sparse matrix, but found a Variable: {value}")
        if allow_downcast:
            return cls(value, dtype=self.dtype)
        made = cls(value)
        if str(made.dtype) != self.dtype:
            raise NotImplementedError(f"Expected {self.dtype} dtype but got {made.dtype}")
        return made

    def clone(self, format: str | None = None, dtype: str | None = None) -> SparseType:
        """The type with another format or dtype."""
        return type(self)(format or self.format, dtype or self.dtype)

    @staticmethod
    def may_share_memory(a: Any, b: Any) -> bool:
        """May two values, sparse or arrays, overlap in memory?"""
        return any(np.may_share_memory(x, y) for x in _arrays(a) for y in _arrays(b))

    def values_eq(self, a: Any, b: Any) -> bool:
        """Two sparse matrices of one shape with the same elements."""
        return is_matrix(a) and is_matrix(b) and a.shape == b.shape and abs(a - b).sum() == 0.0

    def values_eq_approx(self, a: Any, b: Any, eps: float = 1e-6) -> bool:
        """Two sparse matrices of one shape whose elements differ by less than ``eps``."""
        if not is_matrix(a) or not is_matrix(b) or a.shape != b.shape:
            return False
        apart = abs(a - b)
        return apart.nnz == 0 or bool(apart.data.max() < eps)

    def is_valid_value(self, value: Any) -> bool:
        return is_matrix(value) and value.format == self.format

    def get_shape_info(self, obj: Any) -> tuple:
        """(shape, number of data, of indices, of index pointers, of stored elements) of a value."""
        obj = self.filter(obj)
        return obj.shape, obj.data.size, obj.indices.size, obj.indptr.size, obj.nnz

    def get_size(self, shape_info: tuple) -> int:
        """Bytes of memory of a value with this shape info."""
        indices = (shape_info[2] + shape_info[3]) * np.dtype("int32").itemsize
        return shape_info[1] * np.dtype(self.dtype).itemsize + indices

    def __eq__(self, other: Any) -> bool:
        return type(self) is type(other) and self.dtype == other.dtype and self.format == other.format

    def __hash__(self) -> int:
        return hash((type(self), self.dtype, self.format))

    def __str__(self) -> str:
        return f"Sparse[{self.dtype}, {self.format}]"

    __repr__ = __str__


def _arrays(value: Any) -> list[np.ndarray]:
    if isinstance(value, np.ndarray):
        return [value]
    names = ("data", "indices", "indptr") if is_matrix(value) else ()
    return [getattr(value, name) for name in names if hasattr(value, name)]


class SparseOperators:
    """What sparse variables offer: ``x + y``, ``x * y`` (elementwise), ``x.T``, ``x[i:j]``, comparisons, ``x.shape``.

    Each asks the table for the function, which the files on sparse operations enter under ``sparse.``.
    """

    # arrays and scipy's matrices on the left hand step back for ours
    __array_priority__ = 1000
    __array_ufunc__ = None

    type: Any

    T = property(lambda self: table["sparse.transpose"](self), doc="The transpose, in the other format.")
    ndim = property(lambda self: self.type.ndim, doc="2: sparse values are matrices.")
    dtype = property(lambda self: self.type.dtype, doc="The dtype, as text.")
    format = property(lambda self: self.type.format, doc="'csr', 'csc' or 'bsr'.")
    # the matrix is not made dense for its shape: rewriting asks what it is made of
    shape = property(lambda self: table["shape"](self.toarray()), doc="The shape: two int64, as a vector.")
    size = property(lambda self: table["sparse.data"](self).size, doc="The number of elements that are stored.")

    def astype(self, dtype: Any) -> Any:
        """The matrix cast to a dtype."""
        return table["sparse.cast"](self, dtype)

    def toarray(self) -> Any:
        """The matrix as a dense tensor."""
        return table["sparse.dense"](self)

    def zeros_like(self, dtype: Any = None) -> Any:
        """A matrix of this shape without stored elements."""
        zeros = table["sparse.zeros_like"](self)
        return zeros if dtype is None or dtype == self.dtype else zeros.astype(dtype)

    def __neg__(self) -> Any:
        return table["sparse.neg"](self)

    def __add__(self, other: Any) -> Any:
        return table["sparse.add"](self, other)

    def __radd__(self, other: Any) -> Any:
        return table["sparse.add"](other, self)

    def __sub__(self, other: Any) -> Any:
        return table["sparse.sub"](self, other)

    def __rsub__(self, other: Any) -> Any:
        return table["sparse.sub"](other, self)

    def __mul__(self, other: Any) -> Any:
        return table["sparse.mul"](self, other)

    def __rmul__(self, other: Any) -> Any:
        return table["sparse.mul"](other, self)

    def __lt__(self, other: Any) -> Any:
        return table["sparse.lt"](self, other)

    def __le__(self, other: Any) -> Any:
        return table["sparse.le"](self, other)

    def __gt__(self, other: Any) -> Any:
        return table["sparse.gt"](self, other)

    def __ge__(self, other: Any) -> Any:
        return table["sparse.ge"](self, other)

    def __dot__(self, other: Any) -> Any:
        return table["sparse.structured_dot"](self, other)

    def __rdot__(self, other: Any) -> Any:
        return table["sparse.structured_dot"](other, self)

    __matmul__, __rmatmul__ = __dot__, __rdot__

    def __getitem__(self, index: Any) -> Any:
        return table["sparse.getitem"](self, index)


_sparse_py_operators = SparseOperators


class SparseVariable(SparseOperators, Variable):
    """A symbolic sparse matrix."""

    def __str__(self) -> str:
        return f"{type(self).__name__}{{{self.format},{self.dtype}}}"

    __repr__ = __str__


class SparseConstantSignature(tuple):
    """The key (type, value) of a constant: equal where type, shape, format and all that is stored are equal."""

    def _parts(self) -> tuple:
        kind, value = self
        return kind, type(value), value.shape, *(a.tobytes() for a in _arrays(value))

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, SparseConstantSignature) and self._parts() == other._parts()

    def __ne__(self, other: Any) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self._parts())


class SparseConstant(SparseOperators, Constant):
    """A sparse matrix with a fixed value ``data``."""

    def signature(self) -> SparseConstantSignature:
        return SparseConstantSignature((self.type, self.data))

    def __str__(self) -> str:
        shape = f"shape={self.data.shape},nnz={self.data.nnz}"
        return f"{type(self).__name__}{{{self.format},{self.dtype},{shape}}}"

    __repr__ = __str__


SparseType.variable_class = SparseVariable
SparseType.constant_class = SparseConstant


class SparseTensorSharedVariable(SparseOperators, SharedVariable):
    """A shared sparse matrix."""


def hash_from_sparse(data: Any) -> str:
    """A digest of all that a sparse value is: elements, places, shape, dtype and format."""
    digest = hashlib.sha256(repr((data.shape, str(data.dtype), data.format)).encode())
    for array in _arrays(data):
        digest.update(hashlib.sha256(np.ascontiguousarray(array).tobytes()).digest())
    return digest.hexdigest()


def constant(x: Any, name: str | None = None) -> SparseConstant:
    """A scipy matrix, copied, as a constant. TypeError for anything else, NotImplementedError for formats but csr, csc
    and bsr."""
    if not is_matrix(x):
        raise TypeError("sparse.constant must be called on a scipy.sparse.spmatrix")
    return SparseConstant(SparseType(x.format, x.dtype), x.copy(), name=name)


def as_sparse_variable(x: Any, name: str | None = None) -> Any:
    """``x`` (a sparse variable, an Apply with one output, a scipy matrix) as a sparse variable; TypeError otherwise."""
    if isinstance(x, Apply):
        if len(x.outputs) != 1:
            raise ValueError("It is ambiguous which output of a multi-output Op has to be fetched.", x)
        x = x.outputs[0]
    if isinstance(x, Variable):
        if not isinstance(x.type, SparseType):
            raise TypeError("Variable type field must be a SparseType.", x, x.type)
        return x
    try:
        return constant(x, name=name)
    except TypeError as error:
        raise TypeError(f"Cannot convert {x} to SparseType", type(x)) from error


as_sparse = as_sparse_variable


def as_sparse_or_tensor_variable(x: Any, name: str | None = None) -> Any:
    """``x`` as a sparse variable, or else as a tensor."""
    try:
        return as_sparse_variable(x, name)
    except (ValueError, TypeError):
        return as_tensor_variable(x, name)


def either(x: Any) -> Any:
    """An operand: scipy matrices as sparse constants, other values as tensors, variables as they are."""
    if isinstance(x, Variable):
        return x
    return as_sparse_variable(x) if is_matrix(x) else as_tensor_variable(x)


def one_sparse(x: Any, y: Any) -> tuple[Any, Any]:
    """Two operands of which one has to be sparse; AssertionError where none is."""
    x, y = either(x), either(y)
    assert _is_sparse_variable(x) or _is_sparse_variable(y), "one of the two has to be a sparse matrix"
    return x, y


def as_csm(x: Any) -> Any:
    """A sparse variable in compressed rows or columns; AssertionError for another format."""
    x = as_sparse_variable(x)
    assert x.type.format in ("csr", "csc"), f"the format has to be csr or csc, it is {x.type.format}"
    return x


def matrix(format: str, name: str | None = None, dtype: Any = None) -> Any:
    """A new sparse variable (of floatX)."""
    return SparseType(format, config.floatX if dtype is None else dtype)(name)


def csc_matrix(name: str | None = None, dtype: Any = None) -> Any:
    """A new sparse variable in compressed columns."""
    return matrix("csc", name, dtype)


def csr_matrix(name: str | None = None, dtype: Any = None) -> Any:
    """A new sparse variable in compressed rows."""
    return matrix("csr", name, dtype)


def bsr_matrix(name: str | None = None, dtype: Any = None) -> Any:
    """A new sparse variable in rows of blocks."""
    return matrix("bsr", name, dtype)


csc_dmatrix, csc_fmatrix = SparseType("csc", "float64"), SparseType("csc", "float32")
csr_dmatrix, csr_fmatrix = SparseType("csr", "float64"), SparseType("csr", "float32")
bsr_dmatrix, bsr_fmatrix = SparseType("bsr", "float64"), SparseType("bsr", "float32")


@shared_constructor
def sparse_constructor(
    value: Any,
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    borrow: bool = False,
    format: str | None = None,
) -> SparseTensorSharedVariable:
    """A shared sparse matrix, in the format of ``value`` or another; TypeError for what is no scipy matrix."""
    if not is_matrix(value):
        raise TypeError(
            "Expected a sparse matrix in the sparse shared variable constructor. Received: ", value.__class__
        )
    kind = SparseType(value.format if format is None else format, value.dtype)
    value = value if borrow else copy.deepcopy(value)
    return SparseTensorSharedVariable(type=kind, value=value, name=name, strict=strict, allow_downcast=allow_downcast)


shared = sparse_constructor

__all__ = [
    "SparseConstant",
    "SparseConstantSignature",
    "SparseTensorSharedVariable",
    "SparseType",
    "SparseVariable",
    "_is_dense",
    "_is_dense_variable",
    "_is_sparse",
    "_is_sparse_variable",
    "_sparse_py_operators",
    "all_dtypes",
    "as_sparse",
    "as_sparse_or_tensor_variable",
    "as_sparse_variable",
    "bsr_dmatrix",
    "bsr_fmatrix",
    "bsr_matrix",
    "complex_dtypes",
    "constant",
    "continuous_dtypes",
    "csc_dmatrix",
    "csc_fmatrix",
    "csc_matrix",
    "csr_dmatrix",
    "csr_fmatrix",
    "csr_matrix",
    "discrete_dtypes",
    "float_dtypes",
    "hash_from_sparse",
    "int_dtypes",
    "integer_dtypes",
    "matrix",
    "shared",
    "sparse_constructor",
    "sparse_formats",
    "uint_dtypes",
]
