"""Elementwise functions that are more than a row of the table: cast, round, isclose, division by type."""

from __future__ import annotations

from typing import Any

import numpy as np

from tgraph.config import config, warn
from tgraph.errors import ComplexError
from tgraph.graph import Variable, late
from tgraph.operators import as_tensor_variable, constant, table
from tgraph.ops import scalar
from tgraph.ops.elemwise import Elemwise, elemwise
from tgraph.ops.rows import rows
from tgraph.types import Scalar, complex_dtypes, discrete_dtypes, upcast

abs_ = elemwise(rows["abs_"])
add = elemwise(rows["add"])
and_ = bitwise_and = elemwise(rows["and_"])
eq = elemwise(rows["eq"])
invert = bitwise_not = elemwise(rows["invert"])
int_div = floor_div = elemwise(rows["int_div"])
isinf_ = elemwise(rows["isinf"])
isnan_ = elemwise(rows["isnan"])
le = elemwise(rows["le"])
mod = elemwise(rows["mod"])
neq = elemwise(rows["neq"])
or_ = bitwise_or = elemwise(rows["or_"])
round_half_away_from_zero = elemwise(rows["round_half_away_from_zero"])
round_half_to_even = elemwise(rows["round_half_to_even"])
second = fill = elemwise(rows["second"])
sgn = elemwise(rows["sgn"])
sqr = square = elemwise(rows["sqr"])
switch = where = elemwise(rows["switch"])
tensor_copy = elemwise(rows["identity"])
true_div = elemwise(rows["true_div"])
xor = bitwise_xor = elemwise(rows["xor"])
# _convert_to_int8 ...: the casts as ops, as legacy code reaches for them
globals().update({f"_convert_to_{dtype}": elemwise(op) for dtype, op in scalar.casts.items()})


class IntegerDivisionError(Exception):
    """``/`` of two integers under ``config.int_division = 'raise'``."""


def cast(x: Any, dtype: Any) -> Any:
    """``x`` in another dtype ('floatX' is ``config.floatX``); ``x`` itself where it has that dtype already.

    Floats lose their fraction on the way to integers. Raises TypeError for complex to real (which is
    ambiguous) and for an unknown dtype.
    """
    return scalar.cast(as_tensor_variable(x), dtype)


def round(a: Any, mode: str | None = None) -> Any:
    """``a`` rounded to whole numbers, as floats: 2.5 is 2 under 'half_to_even' (default), 3 under
    'half_away_from_zero'.

    Raises TypeError for integers and Exception for another mode.
    """
    if mode is None:
        mode = "half_to_even"
        if config.warn.round:
            warn(
                "round() changed its default from 'half_away_from_zero' to 'half_to_even', as numpy has it; "
                "config.warn.round = False silences this"
            )
    if mode == "half_away_from_zero":
        return round_half_away_from_zero(a)
    if mode == "half_to_even":
        return round_half_to_even(a)
    raise Exception(f"round mode {mode} is not implemented.")


def iround(a: Any, mode: str | None = None) -> Any:
    """``a`` rounded as ``round`` does, as int64."""
    return cast(round(a, mode), "int64")


def isnan(a: Any) -> Any:
    """True where ``a`` is NaN (integers never are); bool, the shape of ``a``."""
    a = as_tensor_variable(a)
    return _nowhere(a) if a.type.dtype in discrete_dtypes else isnan_(a)


def isinf(a: Any) -> Any:
    """True where ``a`` is infinite (integers never are); bool, the shape of ``a``."""
    a = as_tensor_variable(a)
    return _nowhere(a) if a.type.dtype in discrete_dtypes else isinf_(a)


def _nowhere(a: Any) -> Any:
    return second(a, constant(np.asarray(False)))


def isclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """|a - b| <= atol + rtol * |b|, elementwise; infinities of one sign are close, NaN only with
    ``equal_nan``.

    Result: bool. Raises TypeError for complex and for bool operands.
    """
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    close = le(abs_(a - b), atol + rtol * abs_(b))
    # the formula is wrong wherever NaN or infinity takes part
    a_nan, b_nan, a_inf, b_inf = isnan(a), isnan(b), isinf(a), isinf(b)
    ordinary = invert(or_(or_(a_nan, b_nan), or_(a_inf, b_inf)))
    same_inf = and_(and_(a_inf, b_inf), eq(a_inf * sgn(a), b_inf * sgn(b)))
    result = or_(and_(close, ordinary), same_inf)
    return or_(result, and_(a_nan, b_nan)) if equal_nan else result


def allclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """True (a 0-d bool) where ``isclose`` holds for all elements."""
    return table["all"](isclose(a, b, rtol, atol, equal_nan))


def int_or_true_div(x_discrete: bool, y_discrete: bool) -> Any:
    """The scalar op that ``/`` means: true division, or what ``config.int_division`` says for two integers.

    Raises IntegerDivisionError where that is 'raise'.
    """
    if not (x_discrete and y_discrete) or config.int_division == "floatX":
        return rows["true_div"]
    if config.int_division == "raise":
        raise IntegerDivisionError(
            "With `config.int_division` set to 'raise', dividing two integer types with '/' is forbidden to "
            "avoid confusion between integer and floating point divisions. Please use // for integer "
            "division, or if you want a float result either cast one of the arguments to a float or directly "
            "call `x.__truediv__(y)`."
        )
    if config.int_division == "int":
        warn(
            "Division of two integer types with x / y is deprecated, please use x // y for an integer "
            "division.",
            DeprecationWarning,
        )
        return rows["int_div"]
    raise NotImplementedError(config.int_division)


def div_proxy(x: Any, y: Any) -> Any:
    """``x / y`` as the operator means it (see ``int_or_true_div``)."""
    if any(isinstance(v, Variable) and isinstance(v.type, Scalar) for v in (x, y)):
        x, y = late["as_scalar"](x), late["as_scalar"](y)
        return int_or_true_div(*[v.type.dtype in discrete_dtypes for v in (x, y)])(x, y)
    if config.int_division == "floatX":
        return true_div(x, y)
    discrete = [as_tensor_variable(v).type.dtype in discrete_dtypes for v in (x, y)]
    return elemwise(int_or_true_div(*discrete))(x, y)


def mod_check(x: Any, y: Any) -> Any:
    """``x % y`` with the sign of y; ComplexError (a NotImplementedError) for complex operands."""
    numbers = any(isinstance(v, Variable) and isinstance(v.type, Scalar) for v in (x, y))
    x, y = map(late["as_scalar"] if numbers else as_tensor_variable, (x, y))
    if x.type.dtype in complex_dtypes or y.type.dtype in complex_dtypes:
        raise ComplexError(
            "the mod operator (%) is not defined on complex numbers",
            fix="take real and imaginary parts first",
        )
    return (rows["mod"] if numbers else mod)(x, y)


def divmod(x: Any, y: Any) -> tuple[Any, Any]:
    """``(x // y, x % y)``."""
    return floor_div(x, y), mod_check(x, y)


def ceil_intdiv(a: Any, b: Any) -> Any:
    """The smallest whole number >= a / b, exact for integers; the dtype of ``a // b``."""
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    quotient = int_div(a, b)
    result = cast(neq(a % b, 0), quotient.type.dtype) + quotient
    assert result.type.dtype == upcast(a.type.dtype, b.type.dtype)
    return result


def power(x: Any, y: Any) -> Any:
    """``x ** y``."""
    return as_tensor_variable(x) ** y


def smallest(*args: Any) -> Any:
    """The elementwise smallest of the arguments, like Python's ``min``."""
    if len(args) == 2:
        a, b = map(as_tensor_variable, args)
        return switch(a < b, a, b)
    return table["min"](table["stack"](list(args)), axis=0)


def largest(*args: Any) -> Any:
    """The elementwise largest of the arguments, like Python's ``max``."""
    if len(args) == 2:
        a, b = map(as_tensor_variable, args)
        return switch(a > b, a, b)
    return table["max"](table["stack"](list(args)), axis=0)


table.update(
    {
        "cast": cast,
        "round": round,
        "mod_check": mod_check,
        "div_proxy": div_proxy,
        "fill": fill,
        "tensor_copy": tensor_copy,
        "isnan": isnan,
        "isinf": isinf,
    }
)
late["cast"] = cast

__all__ = [
    "ComplexError",
    "Elemwise",
    "IntegerDivisionError",
    "allclose",
    "bitwise_and",
    "bitwise_not",
    "bitwise_or",
    "bitwise_xor",
    "cast",
    "ceil_intdiv",
    "div_proxy",
    "divmod",
    "fill",
    "floor_div",
    "int_or_true_div",
    "iround",
    "isclose",
    "isinf",
    "isinf_",
    "isnan",
    "isnan_",
    "largest",
    "mod_check",
    "power",
    "round",
    "smallest",
    "square",
    "tensor_copy",
    "where",
]
