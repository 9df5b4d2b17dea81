"""Names that numpy dropped, put back for old programs. Only what is missing is added; nothing is replaced.

Each name comes back as what it was: `np.int` was Python's own int, `np.float_` was float64. And numbers print
as they did: `[1.5]`, where numpy 2 has `[np.float64(1.5)]`, since old programs wrote logs and files that way.
"""

from __future__ import annotations

import builtins
from types import ModuleType
from typing import Any

__all__ = ["add_missing"]

# name -> the name it stands for, in builtins or in numpy
BUILTINS = {
    "bool": "bool",
    "int": "int",
    "float": "float",
    "complex": "complex",
    "object": "object",
    "str": "str",
}
BUILTINS |= {"long": "int", "unicode": "str"}
RENAMED = {
    "float_": "float64", "complex_": "complex128", "cfloat": "complex128", "singlecomplex": "complex64",
    "longfloat": "longdouble", "longcomplex": "clongdouble", "clongfloat": "clongdouble", "string_": "bytes_",
    "unicode_": "str_", "object0": "object_", "int0": "intp", "uint0": "uintp", "str0": "str_", "bool8":
    "bool", "bytes0": "bytes_", "void0": "void", "Inf": "inf", "Infinity": "inf", "infty": "inf", "PINF":
    "inf", "NaN": "nan", "NAN": "nan", "product": "prod", "cumproduct": "cumprod", "sometrue": "any",
    "alltrue": "all", "row_stack": "vstack", "round_": "round", "trapz": "trapezoid", "mat": "asmatrix",
    "typeDict": "sctypeDict",
}  # fmt: skip


def in1d(ar1: Any, ar2: Any, assume_unique: bool = False, invert: bool = False) -> Any:
    """Whether each element of the flat `ar1` is in `ar2`."""
    numpy = _numpy()
    return numpy.isin(numpy.ravel(ar1), ar2, assume_unique=assume_unique, invert=invert)


def asscalar(a: Any) -> Any:
    """The one element of an array as a Python number."""
    return a.item()


def asfarray(a: Any, dtype: Any = None) -> Any:
    """An array of floats: float64 unless a floating dtype is named."""
    numpy = _numpy()
    wanted = numpy.float64 if dtype is None else numpy.dtype(dtype)
    return numpy.asarray(a, dtype=wanted if numpy.issubdtype(wanted, numpy.inexact) else numpy.float64)


def alen(a: Any) -> int:
    """The length of the first axis, 1 for a scalar."""
    return len(_numpy().array(a, ndmin=1))


def rank(a: Any) -> int:
    """The number of axes."""
    return _numpy().ndim(a)


def msort(a: Any) -> Any:
    """A copy sorted along the first axis."""
    return _numpy().sort(a, axis=0)


def obj2sctype(rep: Any, default: Any = None) -> Any:
    """The scalar type of a dtype, a name, an array or a type."""
    numpy = _numpy()
    try:
        return numpy.dtype(getattr(rep, "dtype", rep)).type
    except TypeError:
        return default


def find_common_type(array_types: Any, scalar_types: Any) -> Any:
    """The dtype that holds all array types; scalars count only if their kind is higher."""
    numpy = _numpy()
    arrays = numpy.result_type(*array_types) if len(array_types) else None
    scalars = numpy.result_type(*scalar_types) if len(scalar_types) else None
    if arrays is None or scalars is None:
        return arrays if scalars is None else scalars
    order = "biufc"
    higher = order.find(scalars.kind) > order.find(arrays.kind)
    return numpy.result_type(arrays, scalars) if higher else arrays


def random_integers(low: int, high: int | None = None, size: Any = None) -> Any:
    """Integers from `low` to `high`, both ends included; from 1 to `low` if `high` is not given."""
    random = _numpy().random
    low, high = (1, low) if high is None else (low, high)
    return random.randint(low, int(high) + 1, size=size, dtype="l")


class Cast(dict):
    """`np.cast["float32"](x)`: keyed by whatever names a dtype."""

    def __missing__(self, key: Any) -> Any:
        numpy = _numpy()
        dtype = numpy.dtype(key)
        return lambda x: numpy.asarray(x).astype(dtype)

    def __contains__(self, key: object) -> bool:
        return obj2sctype(key) is not None


FUNCTIONS = (in1d, asscalar, asfarray, alen, rank, msort, obj2sctype, find_common_type)
_loaded: list[ModuleType] = []


def _numpy() -> Any:
    return _loaded[0]


def _has(module: ModuleType, name: str) -> bool:
    # Not hasattr: numpy's own __getattr__ warns about some of these names, and answers for others with an
    # error.
    return name in vars(module)


def add_missing(numpy: ModuleType) -> None:
    """Put back into `numpy` what is not there."""
    _loaded[:] = [numpy]
    for name, builtin in BUILTINS.items():
        if not _has(numpy, name):
            setattr(numpy, name, getattr(builtins, builtin))
    for name, now in RENAMED.items():
        if not _has(numpy, name) and _has(numpy, now):
            setattr(numpy, name, getattr(numpy, now))
    for function in FUNCTIONS:
        if not _has(numpy, function.__name__):
            setattr(numpy, function.__name__, function)
    if not _has(numpy, "cast"):
        numpy.cast = Cast()  # type: ignore[attr-defined]
    if not _has(numpy, "NINF"):
        numpy.NINF = -numpy.inf  # type: ignore[attr-defined]
    if not _has(numpy, "PZERO"):
        numpy.PZERO, numpy.NZERO = 0.0, -0.0  # type: ignore[attr-defined]
    if repr(numpy.float64(1.5)) != "1.5":
        numpy.set_printoptions(legacy="1.25")


def add_missing_random(random: ModuleType) -> None:
    """Put back into `numpy.random` what is not there."""
    if not _has(random, "random_integers"):
        random.random_integers = random_integers  # type: ignore[attr-defined]
