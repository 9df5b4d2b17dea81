"""``TensorType``: dtype, number of dimensions, and which dimensions are *known* to have size 1 (broadcastable)."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from tgraph.config import config
from tgraph.graph import Constant, SingletonType, Type, Variable

# lists, as old code adds lists of its own to them
integer_dtypes = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
signed_dtypes = ["int8", "int16", "int32", "int64"]
unsigned_dtypes = ["uint8", "uint16", "uint32", "uint64"]
float_dtypes = ["float16", "float32", "float64"]
complex_dtypes = ["complex64", "complex128"]
continuous_dtypes = float_dtypes + complex_dtypes
discrete_dtypes = ["bool", *integer_dtypes]
uint_dtypes = unsigned_dtypes
int_dtypes = signed_dtypes
all_dtypes = discrete_dtypes + continuous_dtypes

#: letter of the constructors (``bvector``, ``fmatrix`` ...) -> dtype
prefixes = {"b": "int8", "w": "int16", "i": "int32", "l": "int64", "f": "float32", "d": "float64",
            "c": "complex64", "z": "complex128"}


@lru_cache(maxsize=4096)
def _promote(*dtypes: str) -> str:
    result = np.dtype(dtypes[0])
    for dtype in dtypes[1:]:
        result = np.promote_types(result, np.dtype(dtype))
    return str(result)


def upcast(dtype: str, *dtypes: str) -> str:
    """The dtype that holds all given ones: numpy's promotion of arrays (float32 with int32 is float64).

    Under ``config.cast_policy == 'numpy+floatX'`` a float64 that no argument asked for becomes floatX.
    """
    try:
        result = _promote(dtype, *dtypes)
    except (TypeError, ValueError):  # types and variables: numpy 1 took what has a dtype for one
        names = [getattr(d, "dtype", d) for d in (dtype, *dtypes)]
        if not all(isinstance(d, str) for d in names):
            raise
        result = _promote(*names)
    if (
        config.cast_policy == "numpy+floatX"
        and result == "float64"
        and config.floatX == "float32"
        and "float64" not in (dtype, *dtypes)
        and not any(d in complex_dtypes for d in (dtype, *dtypes))
    ):
        return "float32"
    return result


def as_common_dtype(*variables: Any) -> tuple[Any, ...]:
    """The variables cast to their common dtype."""
    dtype = upcast(*[v.dtype for v in variables])
    return tuple(v.astype(dtype) for v in variables)


class NumpyAutocaster:
    """Which dtypes a Python number may become: the first of ``dtypes`` that holds it exactly, else the last.

    float16 counts only where floatX is float16. Calling one converts a number, as ``config.cast_policy`` says.
    """

    def __init__(self, dtypes: Iterable[str]):
        self.dtypes = tuple(dtypes)

    def __call__(self, value: Any) -> np.ndarray:
        if config.cast_policy in ("numpy", "numpy+floatX"):
            array = np.asarray(value)
            if config.cast_policy == "numpy+floatX" and isinstance(value, float) and not isinstance(value, np.generic):
                array = array.astype(config.floatX)
            return array
        if str(getattr(value, "dtype", "")) in self.dtypes:
            return np.asarray(value)
        if isinstance(value, float) and config.floatX != "float64" and config.floatX in self.dtypes:
            with np.errstate(over="ignore"):
                return np.asarray(value, dtype=config.floatX)
        with np.errstate(over="ignore", invalid="ignore"):
            for dtype in self.dtypes:
                if dtype == "float16" and config.floatX != "float16":
                    continue
                try:
                    array = np.asarray(value).astype(dtype)
                except OverflowError:  # numpy refuses Python integers that do not fit
                    continue
                if array.item() == value:
                    return array
        return np.asarray(value).astype(self.dtypes[-1])


autocast_int = NumpyAutocaster(("int8", "int16", "int32", "int64"))
autocast_float = NumpyAutocaster(("float16", "float32", "float64"))


class autocast_float_as:
    """``with autocast_float_as("float32"): ...``: what Python floats become inside of the block.

    Raises AssertionError where ``config.cast_policy`` is not "custom".
    """

    def __init__(self, *dtypes: str):
        self.dtypes = dtypes
        assert config.cast_policy == "custom"

    def __enter__(self) -> None:
        self._before, autocast_float.dtypes = autocast_float.dtypes, self.dtypes

    def __exit__(self, *info: Any) -> None:
        autocast_float.dtypes = self._before


def autocast(value: int | float | complex) -> np.ndarray:
    """A Python number as a 0-d array of the smallest dtype that holds it exactly.

    ints: int8, int16, int32, int64, uint64. floats: float32 if exact or if floatX is float32, else float64
    (float16 if floatX is float16); ``autocast_float_as`` changes what floats may become. Under
    ``cast_policy='numpy+floatX'`` floats are floatX and ints are int64.
    """
    if isinstance(value, complex):
        return np.asarray(value, dtype="complex128")
    if isinstance(value, float):
        return autocast_float(value)
    if not -(2**63) <= value < 2**63:
        return np.asarray(value)  # uint64, or an object that nothing takes
    return autocast_int(value)


def _equal(a: np.ndarray, b: np.ndarray) -> bool:
    if a.shape != b.shape:
        return False
    same = a == b
    if a.dtype.kind in "fc" and b.dtype.kind in "fc":
        same = same | ((a != a) & (b != b))
    return bool(np.all(same))


class TensorType(Type):
    """Arrays of one ``dtype`` and ``len(broadcastable)`` dimensions.

    ``broadcastable[i]`` True promises that dimension i has size 1. A dimension that is not promised to have
    size 1 is never broadcast, whatever its size at run time.
    """

    context_name = "cpu"
    filter_checks_isfinite = False
    shaped = True

    def __init__(self, dtype: Any, broadcastable: Iterable[Any], name: str | None = None, sparse_grad: bool = False):
        dtype = str(dtype)
        if dtype == "floatX":
            dtype = config.floatX
        self.dtype = _canonical(dtype)
        self.broadcastable = tuple(bool(b) for b in broadcastable)
        self.ndim = len(self.broadcastable)
        self.name = name
        self.numpy_dtype = np.dtype(self.dtype)
        self.sparse_grad = sparse_grad
        if sparse_grad:
            warnings.warn("TensorType(sparse_grad=True) is deprecated", DeprecationWarning, stacklevel=2)

    def __eq__(self, other: Any) -> bool:
        return (
            type(self) is type(other)
            and self.dtype == other.dtype
            and self.broadcastable == other.broadcastable
        )

    def __hash__(self) -> int:
        return hash((type(self), self.dtype, self.broadcastable))

    def __reduce__(self) -> Any:
        return (_rebuild_type, (type(self), self.dtype, self.broadcastable, self.name))

    def __setstate__(self, state: dict[str, Any]) -> None:
        # old pickles hold the attributes, without what follows from dtype and pattern
        TensorType.__init__(self, state["dtype"], state.get("broadcastable", ()), state.get("name"))
        self.__dict__.update({k: v for k, v in state.items() if k != "numpy_dtype"})

    def clone(self, dtype: str | None = None, broadcastable: Sequence[bool] | None = None) -> Any:
        """The type with another dtype or pattern."""
        return type(self)(
            self.dtype if dtype is None else dtype,
            self.broadcastable if broadcastable is None else broadcastable,
            name=self.name,
        )

    def dtype_specs(self) -> tuple[type, str, str]:
        """(numpy scalar class, C type name, numpy type code name)."""
        return self.numpy_dtype.type, f"npy_{self.dtype}", f"NPY_{self.dtype.upper()}"

    def to_scalar_type(self) -> Any:
        """The scalar type of one element."""
        return Scalar(self.dtype)

    def filter(self, value: Any, strict: bool = False, allow_downcast: bool | None = None) -> np.ndarray:
        """The value as an ndarray of this type.

        ``strict`` takes only an ndarray of exactly this dtype. Otherwise values are converted where nothing is
        lost; ``allow_downcast=True`` lets precision go, ``None`` lets it go for a Python float into a floatX.
        Raises TypeError (dtype, ndim, broadcast pattern) or ValueError (ragged lists, text).
        """
        if isinstance(value, Variable):
            raise TypeError(
                f"Expected an array-like object, but found a Variable: maybe you are trying to call a function on a "
                f"(possibly shared) variable instead of a numeric array? ({value})"
            )
        if isinstance(value, np.ndarray) and value.dtype == self.numpy_dtype and value.dtype.isnative:
            array = value if type(value) is np.ndarray else np.asarray(value)
        elif strict:
            raise TypeError(f"{self} expected an ndarray with dtype={self.dtype}, got {_describe(value)}")
        else:
            array = self._convert(value, allow_downcast)
        if array.ndim != self.ndim:
            raise TypeError(
                f"Wrong number of dimensions: expected {self.ndim}, got {array.ndim} with shape {array.shape}."
            )
        for i, b in enumerate(self.broadcastable):
            if b and array.shape[i] != 1:
                raise TypeError(
                    f"Non-unit value on shape on a broadcastable dimension. {array.shape} {self.broadcastable}"
                )
        if not array.flags.aligned:
            array = array.copy()
        if self.filter_checks_isfinite and not np.all(np.isfinite(array)):
            raise ValueError("non-finite elements not allowed")
        return array

    def _convert(self, value: Any, allow_downcast: bool | None) -> np.ndarray:
        if allow_downcast:
            with np.errstate(invalid="ignore"):
                return np.asarray(value).astype(self.numpy_dtype)
        if isinstance(value, np.ndarray):
            if not value.dtype.isnative:
                value = value.astype(value.dtype.newbyteorder("="))
            if value.dtype.kind in "biufc" and upcast(self.dtype, str(value.dtype)) == self.dtype:
                return np.asarray(value, dtype=self.numpy_dtype)
            if value.dtype.kind not in "biufc":
                return np.asarray(value, dtype=self.numpy_dtype)
            hint = "" if allow_downcast is not None else (
                " If you do not mind losing precision, use allow_input_downcast=True when calling function, or cast"
                f" it yourself: numpy.asarray(x, dtype={self.dtype!r})."
            )
            raise TypeError(
                f"{self} cannot store a value of dtype {value.dtype} without risking loss of precision.{hint}"
                f" {_describe(value)}"
            )
        if allow_downcast is None and type(value) is float and self.dtype == config.floatX:
            with np.errstate(over="ignore"):
                return np.asarray(value, dtype=self.numpy_dtype)
        if value is None:
            # legacy code sees an AttributeError or ValueError here, never a NaN
            raise ValueError(f"{self} cannot store None")
        exact = np.asarray(value)
        if exact.dtype.kind == "c" and self.numpy_dtype.kind != "c":
            raise TypeError(f"can't convert complex to {self.dtype}: {_describe(value)}")
        with np.errstate(over="ignore", invalid="ignore"):
            try:
                array = exact.astype(self.numpy_dtype)
            except OverflowError as error:
                raise TypeError(f"{self}: {error}") from error
        if exact.dtype.kind == "O" or not _equal(exact, array):
            if exact.dtype.kind in "OSU":
                return np.asarray(value, dtype=self.numpy_dtype)
            raise TypeError(
                f"The value cannot accurately be converted to dtype ({self.dtype}) and allow_downcast is not True:"
                f" {_describe(value)}"
            )
        return array

    def filter_variable(self, other: Any, allow_convert: bool = True) -> Variable:
        """``other`` as a variable of this type: broadcastable dimensions may be forgotten, never invented."""
        if not isinstance(other, Variable):
            other = self.constant_class(self, self.filter(other))
        if other.type == self:
            return other
        if allow_convert:
            converted = self.convert_variable(other)
            if converted is not None:
                return converted
        raise TypeError(
            f"Cannot convert Type {other.type} (of Variable {other}) into Type {self}. "
            f"You can try to manually convert {other} into a {self}."
        )

    def convert_variable(self, variable: Variable) -> Variable | None:
        """The variable with its pattern loosened to this type's, or None."""
        other = variable.type
        if isinstance(other, Scalar):
            variable = variable._as_TensorVariable()  # type: ignore[attr-defined]
            other = variable.type
        if not isinstance(other, TensorType) or other.dtype != self.dtype or other.ndim != self.ndim:
            return None
        if other.broadcastable == self.broadcastable:
            return variable
        if all(theirs or not mine for theirs, mine in zip(other.broadcastable, self.broadcastable, strict=True)):
            return variable._loosen(self.broadcastable)  # type: ignore[attr-defined]
        return None

    def is_super(self, other: Type) -> bool:
        """True if every value of ``other`` is a value of this type."""
        return (
            isinstance(other, TensorType) and other.dtype == self.dtype and other.ndim == self.ndim
            and all(o or not s for o, s in zip(other.broadcastable, self.broadcastable, strict=True))
        )

    @staticmethod
    def values_eq(a: Any, b: Any, force_same_dtype: bool = True) -> bool:
        """Same shape, (same dtype,) same values; NaN equals NaN."""
        a, b = np.asarray(a), np.asarray(b)
        return (not force_same_dtype or a.dtype == b.dtype) and _equal(a, b)

    @staticmethod
    def values_eq_approx(
        a: Any, b: Any, allow_remove_inf: bool = False, allow_remove_nan: bool = False,
        rtol: float | None = None, atol: float | None = None,
    ) -> bool:
        """Same shape and dtype, and values that are close (floats: rtol 1e-5 for float64, 1e-4 for float32)."""
        a, b = np.asarray(a), np.asarray(b)
        if a.shape != b.shape or a.dtype != b.dtype or a.dtype == object:
            return False
        if a.dtype.kind not in "fc":
            return bool(np.all(a == b))
        wide = a.dtype.itemsize >= 8 and a.dtype != "complex64"
        rtol = (1e-5 if wide else 1e-4) if rtol is None else rtol
        atol = (1e-8 if wide else 1e-5) if atol is None else atol
        ok = np.isclose(a, b, rtol=rtol, atol=atol, equal_nan=True)
        if allow_remove_nan:
            ok |= np.isnan(a) | np.isnan(b)
        if allow_remove_inf:
            ok |= np.isinf(a) | np.isinf(b)
        return bool(np.all(ok))

    @staticmethod
    def may_share_memory(a: Any, b: Any) -> bool:
        """True if two arrays may overlap in memory."""
        return isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and np.may_share_memory(a, b)

    def value_validity_msg(self, value: Any) -> str:
        try:
            self.filter(value, strict=True)
        except Exception as error:  # the text of any refusal is what is asked for
            return str(error)
        return "value is valid"

    def value_zeros(self, shape: Sequence[int]) -> np.ndarray:
        """An array of zeros of this dtype."""
        return np.zeros(shape, dtype=self.dtype)

    def get_shape_info(self, obj: Any) -> tuple[int, ...]:
        """The shape of a value."""
        return obj.shape

    def get_size(self, shape_info: tuple[int, ...]) -> int:
        """Bytes of a value of this shape."""
        return int(np.prod(shape_info, dtype=np.int64)) * self.numpy_dtype.itemsize

    def __str__(self) -> str:
        if self.name:
            return self.name
        b = self.broadcastable
        named = {(): "scalar", (False,): "vector", (False, True): "col", (True, False): "row",
                 (False, False): "matrix"}
        if b in named:
            kind = named[b]
        elif any(b):
            kind = str(b)
        else:
            kind = f"{len(b)}D"
        return f"TensorType({self.dtype}, {kind})"

    def __repr__(self) -> str:
        return str(self)


class Scalar(TensorType):
    """Single numbers of one ``dtype``: the type of variables that scalar ops take and give.

    A function gives their values as numpy scalars. Where a tensor is wanted, such a variable becomes one without
    dimensions; a tensor without dimensions becomes such a variable where a scalar op is applied with others.
    """

    def __init__(self, dtype: Any, name: str | None = None):
        super().__init__(dtype, (), name)

    def __reduce__(self) -> Any:
        return type(self), (self.dtype, self.name)

    def clone(self, dtype: str | None = None, broadcastable: Sequence[bool] | None = None) -> Any:
        """The type with another dtype; a tensor type where ``broadcastable`` names dimensions."""
        dtype = self.dtype if dtype is None else dtype
        return TensorType(dtype, broadcastable) if broadcastable else type(self)(dtype, self.name)

    def filter(self, value: Any, strict: bool = False, allow_downcast: bool | None = None) -> np.ndarray:
        """The value as an array without dimensions; TypeError for anything that is no number of this type."""
        try:
            return super().filter(value, strict, allow_downcast)
        except ValueError as error:
            raise TypeError(f"Could not convert {type(value)} (value={value}) to {self.dtype}: {error}") from error

    def convert_variable(self, variable: Variable) -> Variable | None:
        """Only a variable of this very type: the op ``scalar_from_tensor`` makes one of a tensor."""
        return variable if variable.type == self else None

    def c_literal(self, data: Any) -> str:
        """A number as C writes it."""
        return str(data)

    def get_shape_info(self, obj: Any) -> int:
        """Bytes of a value."""
        return self.numpy_dtype.itemsize

    def get_size(self, shape_info: int) -> int:
        """Bytes of a value of this shape info."""
        return shape_info

    def upcast(self, *others: Scalar) -> str:
        """The dtype that numbers of this type and of others are promoted to."""
        return upcast(self.dtype, *[other.dtype for other in others])

    def __str__(self) -> str:
        return self.name or self.dtype

    def __repr__(self) -> str:
        return f"Scalar({self})"


def _rebuild_type(cls: type, dtype: str, broadcastable: tuple, name: str | None) -> Any:
    return cls(dtype, broadcastable, name=name)


@lru_cache(maxsize=256)
def _canonical(dtype: str) -> str:
    if dtype in all_dtypes:
        return dtype
    try:
        canonical = str(np.dtype(dtype))
    except TypeError:
        canonical = ""
    if canonical not in all_dtypes:
        raise TypeError(f"Unsupported dtype for TensorType: {dtype}")
    return canonical


def _describe(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"(ndarray of dtype {value.dtype} and shape {value.shape})"
    text = repr(value)
    return f"({type(value).__name__}: {text if len(text) < 80 else text[:77] + '...'})"


class Generic(SingletonType):
    """Any Python object; no checks."""

    def filter(self, value: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        return value

    def is_valid_value(self, value: Any) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __str__(self) -> str:
        return "Generic"

    __repr__ = __str__


generic = Generic()


class NullType(Type):
    """The type of a gradient that is undefined or not implemented; it has no values."""

    def __init__(self, why_null: str = "(no explanation given)"):
        self.why_null = why_null

    def filter(self, value: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        raise ValueError("NullType has no values")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __str__(self) -> str:
        return "NullType"


null_type = NullType()


class DisconnectedType(Type):
    """The type of a gradient of something the cost does not depend on; it has no values."""

    def clone(self) -> DisconnectedType:
        return self

    def filter(self, value: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        raise AssertionError("If you're assigning to a DisconnectedType you're doing something wrong.")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __str__(self) -> str:
        return "DisconnectedType"


disconnected_type = DisconnectedType()

__all__ = [
    "Constant", "DisconnectedType", "Generic", "NullType", "Scalar", "TensorType", "all_dtypes", "as_common_dtype",
    "autocast",
    "complex_dtypes", "continuous_dtypes", "disconnected_type", "discrete_dtypes", "float_dtypes", "generic",
    "int_dtypes", "integer_dtypes", "null_type", "prefixes", "signed_dtypes", "uint_dtypes", "unsigned_dtypes",
    "upcast",
]
