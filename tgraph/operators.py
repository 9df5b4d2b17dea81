"""Operators and methods of tensors: a mixin over one declared table of functions, which ``ops/`` fills.

Variables and the wildcards of rewrite rules share the mixin, so a rule is written as an ordinary formula.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tgraph import pickling  # noqa: F401  lets variables of any depth be pickled and copied
from tgraph.config import config, warn
from tgraph.errors import AsTensorError, ComplexError, NotPortedError, names
from tgraph.graph import Apply, Constant, Variable, late
from tgraph.types import TensorType, autocast


class _Table(dict[str, Callable[..., Any]]):
    """name -> function on variables. Who asks before the files that fill it are loaded, loads them: a script may
    draw numbers or add two shared variables and never name ``tensor``."""

    def __missing__(self, name: str) -> Callable[..., Any]:
        importlib.import_module("tgraph.tensor")
        if name not in self:
            raise NotPortedError(f"{name} of a tensor is not offered yet", fix="build it from other operations")
        return self[name]


#: The file that defines an op enters it here, once.
table: dict[str, Callable[..., Any]] = _Table()


def offers(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: enter a function into the table under ``name``."""

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        table[name] = function
        return function

    return enter


class TensorOperators:
    """``a + b``, ``x[i]``, ``x.sum()``: every operator and method that a tensor offers.

    Each asks ``_build`` with the name of a table row; a variable looks the function up, a wildcard notes the name.
    """

    __slots__ = ()
    # numpy arrays and scalars on the left hand step back for ours
    __array_priority__ = 1000

    def _build(self, name: str, *args: Any, **kwargs: Any) -> Any:
        return table[name](*args, **kwargs)

    def _binary(self, name: str, a: Any, b: Any) -> Any:
        # NotImplemented lets the other operand try, and ends in Python's own TypeError
        try:
            return self._build(name, a, b)
        except ComplexError:
            raise
        except (NotImplementedError, AsTensorError):
            return NotImplemented

    def __abs__(self) -> Any:
        return self._build("abs_", self)

    def __neg__(self) -> Any:
        return self._build("neg", self)

    def __pos__(self) -> Any:
        return self

    # numpy's ceil, floor and trunc ask an object for these; int() would take __trunc__ for an answer
    def __ceil__(self) -> Any:
        return self._build("ceil", self)

    def __floor__(self) -> Any:
        return self._build("floor", self)

    def __trunc__(self) -> Any:
        return self._build("trunc", self)

    def __int__(self) -> int:
        raise TypeError("a symbolic tensor is no number: compile a function, or use x.eval(), and convert the result")

    def __invert__(self) -> Any:
        return self._build("invert", self)

    def __lt__(self, other: Any) -> Any:
        return self._compare("lt", other)

    def __le__(self, other: Any) -> Any:
        return self._compare("le", other)

    def __gt__(self, other: Any) -> Any:
        return self._compare("gt", other)

    def __ge__(self, other: Any) -> Any:
        return self._compare("ge", other)

    def _compare(self, name: str, other: Any) -> Any:
        result = self._build(name, self, other)
        result._is_nonzero = False
        return result

    def __add__(self, other: Any) -> Any:
        return self._binary("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return self._binary("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return self._binary("sub", self, other)

    def __rsub__(self, other: Any) -> Any:
        return self._binary("sub", other, self)

    def __mul__(self, other: Any) -> Any:
        return self._binary("mul", self, other)

    def __rmul__(self, other: Any) -> Any:
        return self._binary("mul", other, self)

    def __truediv__(self, other: Any) -> Any:
        return self._binary("true_div", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._binary("true_div", other, self)

    def __floordiv__(self, other: Any) -> Any:
        return self._binary("int_div", self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return self._binary("int_div", other, self)

    def __mod__(self, other: Any) -> Any:
        return self._binary("mod_check", self, other)

    def __rmod__(self, other: Any) -> Any:
        return self._binary("mod_check", other, self)

    def __pow__(self, other: Any) -> Any:
        return self._binary("pow", self, other)

    def __rpow__(self, other: Any) -> Any:
        return self._binary("pow", other, self)

    def __and__(self, other: Any) -> Any:
        return self._binary("and_", self, other)

    def __rand__(self, other: Any) -> Any:
        return self._binary("and_", other, self)

    def __or__(self, other: Any) -> Any:
        return self._binary("or_", self, other)

    def __ror__(self, other: Any) -> Any:
        return self._binary("or_", other, self)

    def __xor__(self, other: Any) -> Any:
        return self._binary("xor", self, other)

    def __rxor__(self, other: Any) -> Any:
        return self._binary("xor", other, self)

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    __div__ = __truediv__
    __rdiv__ = __rtruediv__

    def __matmul__(self, other: Any) -> Any:
        return self._binary("dot", self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return self._binary("dot", other, self)

    def __getitem__(self, key: Any) -> Any:
        return self._build("getitem", self, key)

    def arccos(self) -> Any:
        """Elementwise ``arccos``."""
        return self._build("arccos", self)

    def arccosh(self) -> Any:
        """Elementwise ``arccosh``."""
        return self._build("arccosh", self)

    def arcsin(self) -> Any:
        """Elementwise ``arcsin``."""
        return self._build("arcsin", self)

    def arcsinh(self) -> Any:
        """Elementwise ``arcsinh``."""
        return self._build("arcsinh", self)

    def arctan(self) -> Any:
        """Elementwise ``arctan``."""
        return self._build("arctan", self)

    def arctanh(self) -> Any:
        """Elementwise ``arctanh``."""
        return self._build("arctanh", self)

    def ceil(self) -> Any:
        """Elementwise ``ceil``."""
        return self._build("ceil", self)

    def cos(self) -> Any:
        """Elementwise ``cos``."""
        return self._build("cos", self)

    def cosh(self) -> Any:
        """Elementwise ``cosh``."""
        return self._build("cosh", self)

    def deg2rad(self) -> Any:
        """Elementwise ``deg2rad``."""
        return self._build("deg2rad", self)

    def exp(self) -> Any:
        """Elementwise ``exp``."""
        return self._build("exp", self)

    def exp2(self) -> Any:
        """Elementwise ``exp2``."""
        return self._build("exp2", self)

    def expm1(self) -> Any:
        """Elementwise ``expm1``."""
        return self._build("expm1", self)

    def floor(self) -> Any:
        """Elementwise ``floor``."""
        return self._build("floor", self)

    def log(self) -> Any:
        """Elementwise ``log``."""
        return self._build("log", self)

    def log10(self) -> Any:
        """Elementwise ``log10``."""
        return self._build("log10", self)

    def log1p(self) -> Any:
        """Elementwise ``log1p``."""
        return self._build("log1p", self)

    def log2(self) -> Any:
        """Elementwise ``log2``."""
        return self._build("log2", self)

    def rad2deg(self) -> Any:
        """Elementwise ``rad2deg``."""
        return self._build("rad2deg", self)

    def sin(self) -> Any:
        """Elementwise ``sin``."""
        return self._build("sin", self)

    def sinh(self) -> Any:
        """Elementwise ``sinh``."""
        return self._build("sinh", self)

    def sqrt(self) -> Any:
        """Elementwise ``sqrt``."""
        return self._build("sqrt", self)

    def tan(self) -> Any:
        """Elementwise ``tan``."""
        return self._build("tan", self)

    def tanh(self) -> Any:
        """Elementwise ``tanh``."""
        return self._build("tanh", self)

    def trunc(self) -> Any:
        """Elementwise ``trunc``."""
        return self._build("trunc", self)

    @property
    def shape(self) -> Any:
        """The symbolic shape: an int64 vector of length ``ndim``."""
        return self._build("shape", self)

    @property
    def size(self) -> Any:
        """The number of elements, symbolic (int64)."""
        return self._build("size", self)

    @property
    def T(self) -> Any:
        """All axes reversed."""
        return self._build("transpose", self)

    @property
    def real(self) -> Any:
        """The real part."""
        return self._build("real", self)

    @property
    def imag(self) -> Any:
        """The imaginary part."""
        return self._build("imag", self)

    def astype(self, dtype: Any) -> Any:
        """The tensor cast to a dtype."""
        return self._build("cast", self, dtype)

    def transpose(self, *axes: Any) -> Any:
        """Axes permuted (``x.transpose()``, ``x.transpose(1, 0)``, ``x.transpose((1, 0))``); default: reversed."""
        if not axes:
            return self._build("transpose", self)
        if len(axes) == 1 and isinstance(axes[0], (list, tuple)):
            axes = tuple(axes[0])
        return self._build("transpose", self, axes)

    def reshape(self, shape: Any, ndim: int | None = None) -> Any:
        """The same elements in another shape (one entry may be -1)."""
        if ndim is not None and not isinstance(ndim, (int, np.integer)):
            raise ValueError(f"Expected ndim to be an integer, is {type(ndim)}")
        return self._build("reshape", self, shape, ndim=ndim)

    def dimshuffle(self, *pattern: Any) -> Any:
        """Axes permuted, dropped (if broadcastable) or added (``'x'``)."""
        if len(pattern) == 1 and isinstance(pattern[0], (list, tuple)):
            pattern = tuple(pattern[0])
        return self._build("dimshuffle", self, pattern)

    def flatten(self, ndim: int = 1) -> Any:
        """The leading ``ndim - 1`` dimensions kept, the rest made one."""
        return self._build("flatten", self, ndim)

    def ravel(self) -> Any:
        """One dimension."""
        return self._build("flatten", self, 1)

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
        """The diagonal of two axes."""
        return self._build("diagonal", self, offset, axis1, axis2)

    def transfer(self, target: Any) -> Any:
        """The tensor itself: where values live is decided when a function is compiled."""
        return self

    def sum(self, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None) -> Any:
        """Sum over axes."""
        return self._build("sum", self, axis=axis, dtype=dtype, keepdims=keepdims, acc_dtype=acc_dtype)

    def prod(self, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None) -> Any:
        """Product over axes."""
        return self._build("prod", self, axis=axis, dtype=dtype, keepdims=keepdims, acc_dtype=acc_dtype)

    def mean(self, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None) -> Any:
        """Mean over axes."""
        return self._build("mean", self, axis=axis, dtype=dtype, keepdims=keepdims, acc_dtype=acc_dtype)

    def var(self, axis: Any = None, ddof: int = 0, keepdims: bool = False, corrected: bool = False) -> Any:
        """Variance over axes."""
        return self._build("var", self, axis=axis, ddof=ddof, keepdims=keepdims, corrected=corrected)

    def std(self, axis: Any = None, ddof: int = 0, keepdims: bool = False, corrected: bool = False) -> Any:
        """Standard deviation over axes."""
        return self._build("std", self, axis=axis, ddof=ddof, keepdims=keepdims, corrected=corrected)

    def norm(self, L: Any, axis: Any = None, keepdims: bool = False) -> Any:
        """The L-norm of the elements."""
        return self._build("norm", self, L, axis=axis, keepdims=keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Smallest element, over axes."""
        return self._build("min", self, axis=axis, keepdims=keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Largest element, over axes."""
        return self._build("max", self, axis=axis, keepdims=keepdims)

    def argmin(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Index of the first smallest element, over axes."""
        return self._build("argmin", self, axis=axis, keepdims=keepdims)

    def argmax(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Index of the first largest element, over axes."""
        return self._build("argmax", self, axis=axis, keepdims=keepdims)

    def any(self, axis: Any = None, keepdims: bool = False) -> Any:
        """True where any element is nonzero, over axes."""
        return self._build("any", self, axis=axis, keepdims=keepdims)

    def all(self, axis: Any = None, keepdims: bool = False) -> Any:
        """True where all elements are nonzero, over axes."""
        return self._build("all", self, axis=axis, keepdims=keepdims)

    def ptp(self, axis: Any = None) -> Any:
        """Largest minus smallest element, over axes."""
        return self._build("ptp", self, axis=axis)

    def clip(self, a_min: Any, a_max: Any) -> Any:
        """Elements limited to [a_min, a_max]."""
        return self._build("clip", self, a_min, a_max)

    def conj(self) -> Any:
        """Complex conjugate."""
        return self._build("conj", self)

    conjugate = conj

    def round(self, mode: str | None = None) -> Any:
        """Rounded elements; mode 'half_to_even' (default) or 'half_away_from_zero'."""
        return self._build("round", self, mode)

    def trace(self) -> Any:
        """Sum of the diagonal of a matrix."""
        return self._build("trace", self)

    def repeat(self, repeats: Any, axis: Any = None) -> Any:
        """Elements repeated (flattened where axis is None)."""
        return self._build("repeat", self, repeats, axis)

    def sort(self, axis: int = -1, kind: str = "quicksort", order: Any = None) -> Any:
        """Sorted along an axis."""
        return self._build("sort", self, axis, kind, order)

    def argsort(self, axis: int = -1, kind: str = "quicksort", order: Any = None) -> Any:
        """Indices that sort along an axis."""
        return self._build("argsort", self, axis, kind, order)

    def take(self, indices: Any, axis: Any = None, mode: str = "raise") -> Any:
        """Elements at indices (of the flattened tensor where axis is None)."""
        return self._build("take", self, indices, axis, mode)

    def copy(self, name: str | None = None) -> Any:
        """A copy (an identity node), optionally named."""
        copied = self._build("tensor_copy", self)
        copied.name = name
        return copied

    def dot(self, other: Any) -> Any:
        """Matrix (tensor) product."""
        return self._build("dot", self, other)

    __dot__ = dot

    def __rdot__(self, other: Any) -> Any:
        return self._build("dot", other, self)

    def nonzero(self, return_matrix: bool = False) -> Any:
        """Indices of nonzero elements: a tuple of vectors, or one (ndim, n) matrix."""
        return self._build("nonzero", self, return_matrix)

    def nonzero_values(self) -> Any:
        """The nonzero elements, flattened."""
        return self._build("nonzero_values", self)

    def choose(self, choices: Any, out: Any = None, mode: str = "raise") -> Any:
        """Elements picked from several tensors by index."""
        return self._build("choose", self, choices, out=None, mode=mode)

    def squeeze(self) -> Any:
        """Without the dimensions that the type promises to be 1."""
        return self._build("squeeze", self)

    def compress(self, a: Any, axis: Any = None) -> Any:
        """Slices where a condition holds."""
        return self._build("compress", self, a, axis=axis)

    def cumsum(self, axis: Any = None) -> Any:
        """Cumulative sum."""
        return self._build("cumsum", self, axis)

    def cumprod(self, axis: Any = None) -> Any:
        """Cumulative product."""
        return self._build("cumprod", self, axis)

    def searchsorted(self, v: Any, side: str = "left", sorter: Any = None) -> Any:
        """Where to insert elements so that order is kept."""
        return self._build("searchsorted", self, v, side, sorter)

    def swapaxes(self, axis1: int, axis2: int) -> Any:
        """Two axes exchanged."""
        return self._build("swapaxes", self, axis1, axis2)

    def fill(self, value: Any) -> Any:
        """A tensor of this shape filled with a value."""
        return self._build("fill", self, value)

    def zeros_like(self, dtype: Any = None) -> Any:
        """Zeros of this shape."""
        return self._build("zeros_like", self, dtype=dtype)

    def ones_like(self, dtype: Any = None) -> Any:
        """Ones of this shape."""
        return self._build("ones_like", self, dtype=dtype)

    def get_scalar_constant_value(self) -> Any:
        """The one constant number this tensor is known to hold, or NotScalarConstantError."""
        return self._build("get_scalar_constant_value", self)

    def _loosen(self, broadcastable: Sequence[bool]) -> Any:
        return self._build("patternbroadcast", self, broadcastable)


_tensor_py_operators = TensorOperators


def _float64_made() -> None:
    """What the flag ``warn_float64`` asks for when a float64 variable is made. Raises RuntimeError for `raise`."""
    message = (
        "You are creating a TensorVariable with float64 dtype. You requested an action via the flag "
        f"warn_float64={config.warn_float64}."
    )
    if config.warn_float64 == "raise":
        raise RuntimeError(message)
    warn(message)
    if config.warn_float64 == "pdb":
        breakpoint()  # the user asked for the debugger


class TensorVariable(TensorOperators, Variable):
    """A symbolic tensor."""

    # False on the result of a comparison: ``if x > 0`` is a mistake, ``if x`` is a common "is it given?"
    _is_nonzero = True

    def __init__(self, type: Any, owner: Apply | None = None, index: int | None = None, name: str | None = None):
        super().__init__(type, owner, index, name)
        if config.warn_float64 != "ignore" and getattr(type, "dtype", None) == "float64":
            _float64_made()

    def __bool__(self) -> bool:
        if self._is_nonzero:
            return True
        raise TypeError("Variables do not support boolean operations.")

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return self.type.ndim

    @property
    def broadcastable(self) -> tuple[bool, ...]:
        """Which dimensions are known to have size 1."""
        return self.type.broadcastable

    @property
    def dtype(self) -> str:
        """The dtype, as text."""
        return self.type.dtype

    def __len__(self) -> int:
        raise TypeError("object of type 'TensorVariable' has no len(); use x.shape[0]")

    def __iter__(self) -> Any:
        try:
            length = table["get_vector_length"](self)
        except TypeError as error:
            raise TypeError(
                "TensorType does not support iteration. Maybe you are using builtin.sum instead of "
                f"{names['package']}.tensor.sum? (Maybe .max?)"
            ) from error
        for i in range(length):
            yield self[i]

    def __contains__(self, item: Any) -> bool:
        raise ValueError("length not known: 'in' needs the values of a symbolic tensor")


class TensorConstant(TensorOperators, Constant):
    """A tensor with a fixed value ``data`` (a read-only ndarray by convention)."""

    _is_nonzero = True
    #: is it one of those that all graphs share?
    cached = False
    __bool__ = TensorVariable.__bool__
    ndim = TensorVariable.ndim
    broadcastable = TensorVariable.broadcastable
    dtype = TensorVariable.dtype
    __iter__ = TensorVariable.__iter__
    __len__ = TensorVariable.__len__
    __contains__ = TensorVariable.__contains__

    def signature(self) -> Any:
        """Type and bytes: 0.0 and -0.0 differ, NaN equals NaN."""
        return (self.type, self.data.shape, self.data.tobytes())

    @property
    def unique_value(self) -> Any:
        """The number that all elements share, or None."""
        flat = self.data.reshape(-1)
        if flat.size and (flat == flat[0]).all():
            return flat[0]
        return None

    def __copy__(self) -> Any:
        return self

    def __str__(self) -> str:
        # the value, also where it has a name: so it stands in what legacy code prints
        name = "TensorConstant"
        if self.data.ndim and self.unique_value is not None:
            return f"{name}{{{self.data.shape} of {self.unique_value}}}"
        text = str(self.data)
        if len(text) > 20:
            text = text[:10].strip() + ".." + text[-10:].strip()
        return f"{name}{{{text}}}"


TensorType.variable_class = TensorVariable
TensorType.constant_class = TensorConstant


def constant(x: Any, name: str | None = None, ndim: int | None = None, dtype: Any = None) -> TensorConstant:
    """A constant tensor. Python numbers take the smallest dtype that holds them exactly (``types.autocast``);
    arrays and numpy scalars keep theirs; dimensions of size 1 are broadcastable.

    Raises TypeError for what is not numeric and for ragged lists, ValueError for too many dimensions.
    """
    if dtype is not None:
        array = np.asarray(x).astype(config.floatX if dtype == "floatX" else np.dtype(dtype))
    elif isinstance(x, np.ndarray):
        array = np.asarray(x)
    elif isinstance(x, (bool, int, float, complex)) and not isinstance(x, np.generic):
        array = autocast(x)
    else:
        try:
            array = np.asarray(x)
        except ValueError as error:  # ragged lists
            raise TypeError(f"Could not convert {x!r} to a tensor: {error}") from error
        if array.size == 0 and not hasattr(x, "dtype"):
            array = array.astype(config.floatX)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"Could not convert {x!r} to a tensor: dtype {array.dtype}")
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if array is x:
        array = array.copy()
    pattern = tuple(size == 1 for size in array.shape)
    if ndim is not None:
        if len(pattern) < ndim:
            missing = ndim - len(pattern)
            array, pattern = array.reshape((1,) * missing + array.shape), (True,) * missing + pattern
        elif len(pattern) > ndim:
            raise ValueError(f"ndarray could not be cast to have {ndim} dimensions", x)
    kind = TensorType(array.dtype, pattern)
    if array.size != 1 or array.dtype.kind not in "iuf" or not -10 <= array.item() <= 10:
        return TensorConstant(kind, array, name)
    key = (kind, array.shape, array.tobytes())
    found = constant_cache.get(key)
    if found is None:
        found = TensorConstant(kind, array, name)
        if array.dtype.kind != "f" or len(constant_cache) < 10000:
            constant_cache[key] = found
            found.cached = True
    return found


#: single numbers from -10 to 10 are one object each, as old code that compares constants by identity found them:
#: signature -> constant
constant_cache: dict[Any, TensorConstant] = {}


def as_tensor_variable(x: Any, name: str | None = None, ndim: int | None = None) -> Any:
    """``x`` as a symbolic tensor: variables as they are, numbers and arrays as constants, lists of variables joined.

    Raises AsTensorError (a TypeError) where that is not possible, Python's True and False among it.
    """
    if hasattr(x, "_as_TensorVariable"):
        return _with_ndim(x._as_TensorVariable(), ndim)
    if isinstance(x, Apply):
        if len(x.outputs) != 1 and x.op.default_output is None:
            raise ValueError("It is ambiguous which output of a multi-output Op has to be fetched.", x)
        x = x.default_output()
    if isinstance(x, Variable):
        if not isinstance(x.type, TensorType):
            convert = table.get("tensor_from_other")
            if convert is not None:
                x = convert(x)
            else:
                raise AsTensorError(f"Variable type field must be a TensorType. {x} {x.type}")
        return _with_ndim(x, ndim)
    if isinstance(x, (list, tuple)) and any(isinstance(item, (Variable, Apply)) for item in x):
        try:
            return _with_ndim(table["stack"](list(x)), ndim)
        except (TypeError, ValueError) as error:
            raise AsTensorError(f"Cannot convert {x} to TensorType: {error}", type(x)) from error
    if isinstance(x, bool):
        raise AsTensorError(
            "Cannot cast True or False as a tensor variable. Please use np.array(True) or np.array(False) if you need "
            "these constants. This error might be caused by using the == operator on Variables. "
            "v == w does not do what you think it does, use eq(v, w) instead."
        )
    try:
        return constant(x, name=name, ndim=ndim)
    except TypeError as error:
        text = str(x) if len(str(x)) < 200 else str(type(x))
        raise AsTensorError(f"Cannot convert {text} to TensorType", type(x)) from error


def _with_ndim(x: Any, ndim: int | None) -> Any:
    if ndim is None or x.type.ndim == ndim:
        return x
    if x.type.ndim < ndim:
        return x.dimshuffle(*["x"] * (ndim - x.type.ndim), *range(x.type.ndim))
    extra = x.type.ndim - ndim
    if not all(x.type.broadcastable[:extra]):
        raise ValueError(
            f"TensorType could not be cast to have {ndim} dimensions: leading dimensions are not broadcastable", x
        )
    return x.dimshuffle(*range(extra, x.type.ndim))


as_tensor = as_tensor_variable
late["as_variable"] = as_tensor_variable
