"""The elementwise table: one row for each op on numbers. The row is the documentation, the gradient, the
lowering, the test and the bridge to sympy. Special functions are rows too, in ``ops/special.py``.

The forms agree with what compiled C gives: at ties, kinks, NaN, infinities, overflow and division by zero.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from tgraph.config import config
from tgraph.ops.rows import (
    BinaryBitOp,
    FixedLogicalComparison,
    LogicalComparison,
    UnaryBitOp,
    UnaryScalarOp,
    bool_out,
    const,
    enter,
    real_out,
    row,
    rule,
    same_out,
    same_out_float_only,
    same_out_min8,
    same_out_nobool,
    same_out_nocomplex,
    specific_out,
    transfer_type,
    upcast_out,
    upcast_out_min8,
    upcast_out_no_complex,
    upcast_out_nobool,
    upgrade_to_float,
    upgrade_to_float_no_complex,
    zero_floatX,
    zero_for,
)
from tgraph.ops.rows import (
    ScalarOp as ScalarOp,
)
from tgraph.types import (
    DisconnectedType,
    TensorType,
    all_dtypes,
    complex_dtypes,
    continuous_dtypes,
    discrete_dtypes,
    float_dtypes,
    integer_dtypes,
    upcast,
)

# -- dtype rules of single rows ------------------------------------------------------------------------------


@rule
def _float_division(*dtypes: str) -> tuple[str, ...]:
    return (config.floatX,) if all(d in discrete_dtypes for d in dtypes) else upcast_out(*dtypes)


@rule
def _bits(*dtypes: str) -> tuple[str, ...]:
    if len(dtypes) > 1 and all(d == "bool" for d in dtypes):
        return ("bool",)
    for d in dtypes:
        if d not in (discrete_dtypes if len(dtypes) == 1 else integer_dtypes):
            raise TypeError(
                f"input to a BitOp must have type (u)int8, (u)int16, (u)int32 or (u)int64 or be all "
                f"bools not {d}"
            )
    return upcast_out(*dtypes)


@rule
def _sign(*dtypes: str) -> tuple[str, ...]:
    if dtypes[0] == "bool":
        raise TypeError("bool has no sign")
    return same_out_nocomplex(*dtypes)


@rule
def _branches(*dtypes: str) -> tuple[str, ...]:
    return upcast_out(*dtypes[1:])


@rule
def _complex_of(*dtypes: str) -> tuple[str, ...]:
    for d in dtypes:
        if d in complex_dtypes:
            raise TypeError(d)
    wide = ("float64", "int64", "uint64", "int32", "uint32")
    return ("complex128" if upcast(*dtypes) in wide else "complex64",)


@rule
def _float64_out(*dtypes: str) -> tuple[str, ...]:
    return ("float64",)


# -- operand dtypes of single rows ---------------------------------------------------------------------------


def _not_bool(ins: Sequence[str], out: str) -> str:
    """The output dtype, int8 for bool (which torch cannot divide, clamp or take the absolute value of)."""
    return "int8" if out == "bool" else out


def _wide_division(ins: Sequence[str], out: str) -> str:
    """Integers are divided in float64, whatever the floatX of the result."""
    return "float64" if all(d in discrete_dtypes for d in ins) else out


def _float_power(ins: Sequence[str], out: str) -> str:
    """Integer powers go through float64: negative exponents truncate towards 0, overflow saturates."""
    return "float64" if out in discrete_dtypes else out


def _bit_dtype(ins: Sequence[str], out: str) -> str:
    """Bits of int64 with uint64 (whose common dtype is float64) are taken in uint64."""
    return out if out in discrete_dtypes else "uint64"


def _abs_dtype(ins: Sequence[str], out: str) -> str:
    return ins[0] if ins[0] in complex_dtypes else _not_bool(ins, out)


def _complex_operand(ins: Sequence[str], out: str) -> str:
    return ins[0] if ins[0] in complex_dtypes else "complex64" if ins[0] == "float32" else "complex128"


def _angle_dtype(ins: Sequence[str], out: str) -> str:
    """Angles are taken in the precision of the operand, and then are float64."""
    return "float64" if ins[0] in discrete_dtypes else ins[0]


def _part_dtype(ins: Sequence[str], out: str) -> str:
    return "float64" if out == "complex128" else "float32"


def _where_dtypes(ins: Sequence[str], out: str) -> tuple[str, ...]:
    return ("bool", out, out)


# -- numpy and torch forms that are more than one call -------------------------------------------------------


def _is_number(x: Any) -> bool:
    return isinstance(x, (bool, int, float))


def _fold(function):
    """A form of n operands from one of two."""
    return lambda *xs: functools.reduce(function, xs)


def _turned(function, other):
    """A torch comparison whose first operand may be a number: then it is the mirrored one."""
    return lambda x, y: other(y, x) if _is_number(x) else function(x, y)


def _refuse_zero(x: np.ndarray, y: np.ndarray, message: str) -> None:
    if y.dtype.kind in "iu" and x.size and not y.all():
        raise ZeroDivisionError(message)


def _numpy_floor_div(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """floor(x / y). For floats by way of the quotient, as C does: 1.0 // 0.1 is 10 (Python says 9)."""
    if x.dtype.kind != "f":
        _refuse_zero(x, y, "integer division by zero")
        return np.floor_divide(x, y)
    if x.dtype.itemsize == 2:
        x, y = x.astype("float32"), y.astype("float32")
    size, rest = np.floor(np.abs(x) / np.abs(y)), np.fmod(np.abs(x), np.abs(y))
    mixed = ((x < 0) != (y < 0)) & (y != 0)
    return np.where(y == 0, x / y, np.where(mixed, -size - (rest != 0), size))


def _torch_floor_div(x, y):
    quotient = torch.floor(torch.div(x, y))
    # -1 // inf is -1, though the quotient rounds to -0
    sign = math.copysign(1.0, y) if _is_number(y) else torch.sign(y)
    lost = torch.logical_and(torch.eq(quotient, 0), torch.lt(torch.mul(torch.sign(x), sign), 0))
    return torch.where(lost, -1.0, quotient)


def _numpy_mod(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    _refuse_zero(x, y, "integer modulo by zero")
    return np.mod(x, y)


def _torch_second(node, x, y):
    mine, theirs = (v.type.broadcastable for v in node.inputs)
    if theirs == node.outputs[0].type.broadcastable:
        return y
    if any(b and not t for b, t in zip(mine, theirs, strict=True)):
        sizes = [y.size(i) if b else x.size(i) for i, b in enumerate(mine)]
        return torch.expand_copy(y, sizes)
    return torch.expand_copy(y, x.size())


def _torch_maximum(x, y):
    return torch.clamp_min(x, y) if _is_number(y) else torch.maximum(x, y)


def _torch_minimum(x, y):
    return torch.clamp_max(x, y) if _is_number(y) else torch.minimum(x, y)


def _torch_quotient(x, y):
    # the product with the inverse of a power of two has the same digits, in a quarter of the time
    if isinstance(y, float) and math.frexp(abs(y))[0] == 0.5 and 2.0**-100 < abs(y) < 2.0**100:
        return torch.mul(x, 1 / y)
    return torch.div(x, y)


def _torch_clip(x, low, high):
    # the lower bound is tested first, so that it wins where the bounds are crossed
    if _is_number(low) and _is_number(high) and low <= high:
        return torch.clamp(x, low, high)
    return torch.where(torch.lt(x, low), low, torch.where(torch.gt(x, high), high, x))


def _numpy_away(x: np.ndarray) -> np.ndarray:
    whole = np.trunc(x)
    return np.where(np.abs(x - whole) >= 0.5, whole + np.sign(x), whole).astype(x.dtype)


def _torch_away(x):
    whole = torch.trunc(x)
    far = torch.ge(torch.abs(torch.sub(x, whole)), 0.5)
    return torch.where(far, torch.add(whole, torch.sign(x)), whole)


def _numpy_complex(re: np.ndarray, im: np.ndarray) -> np.ndarray:
    # re + 1j * im would make NaN of infinities
    z = np.empty(
        np.broadcast_shapes(re.shape, im.shape), "complex64" if re.dtype == "float32" else "complex128"
    )
    z.real, z.imag = re, im
    return z


def _numpy_polar(r: np.ndarray, theta: np.ndarray) -> np.ndarray:
    if (r < 0).any():
        raise ValueError("polar radius must be non-negative", r[r < 0].flat[0].item())
    return _numpy_complex(r * np.cos(theta), r * np.sin(theta))


# -- gradients that are more than one formula ----------------------------------------------------------------


def _share(g, x):
    """What reaches a term: the real part where the term is real and the sum is complex."""
    return real(g) if g.type.dtype in complex_dtypes and x.type.dtype not in complex_dtypes else g


def _mul_grad(xs, z, g):
    def term(i):
        others = [x for j, x in enumerate(xs) if j != i]
        if not others:
            return g
        if z.type.dtype not in complex_dtypes:
            return mul(g, *others)
        rest = mul(*others) if len(others) > 1 else others[0]
        re, im = real(rest), imag(rest)
        along = re * real(g) + im * imag(g)
        if xs[i].type.dtype not in complex_dtypes:
            return along
        return complex(along, re * imag(g) - im * real(g))

    return [term(i) for i in range(len(xs))]


def _true_div_grad(xs, z, g):
    x, y = xs
    if all(v.type.dtype in discrete_dtypes for v in xs):
        return None, None
    return g / y, -(g * x) / (y * y)


def _pow_grad(xs, z, g):
    x, y = xs
    return g * y * x ** (y - 1), switch(eq(x, 0), 0, g * log(x) * z)


def _extreme_grad(xs, z, g):
    """At a tie the first argument gets all."""
    first = eq(z, xs[0])
    return first * g, (const(1, g.type.dtype) - first) * g


def _clip_grad(xs, z, g):
    x, low, high = xs
    return (ge(x, low) & le(x, high)) * g, lt(x, low) * g, gt(x, high) * g


def _abs_grad(xs, z, g):
    if xs[0].type.dtype in float_dtypes:
        return (g * sgn(xs[0]),)
    return (g * xs[0] / z,)


def _second_grad(xs, z, g):
    y = xs[1]
    return DisconnectedType()(), g if y.type.dtype in continuous_dtypes else zero_for(y)


def _real_grad(xs, z, g):
    return (complex(g, 0) if xs[0].type.dtype in complex_dtypes else g,)


def _imag_grad(xs, z, g):
    return (complex(0, g) if xs[0].type.dtype in complex_dtypes else None,)


def _polar_grad(xs, z, g):
    r, theta = xs
    along = real(g) * cos(theta) + imag(g) * sin(theta)
    across = r * (imag(g) * cos(theta) - real(g) * sin(theta))
    return along, across


def _one(x):
    """1 in the dtype of x."""
    return const(1, x.type.dtype)


def _no_gradient(xs, z, g):
    return [None for _ in xs]


# fmt: off
# -- arithmetic ----------------------------------------------------------------------------------------------

add = row("add", -1, dtype=upcast_out, cls="Add", literal=(0, 1), sympy="Add", on="biufc",
          numpy=_fold(np.add), torch=_fold(torch.add), commutative=True, associative=True, identity=0,
          grad=lambda xs, z, g: [_share(g, x) for x in xs], complex_gradient=True,
          doc="x + y + ... (bool: or)")
mul = row("mul", -1, dtype=upcast_out, cls="Mul", literal=(0, 1), sympy="Mul", on="biufc",
          complex_gradient=True,
          numpy=_fold(np.multiply), torch=_fold(torch.mul), commutative=True, associative=True, identity=1,
          grad=_mul_grad,
          doc="x * y * ... (bool: and)")
sub = row("sub", 2, dtype=upcast_out_nobool, cls="Sub", literal=(0, 1), on="biufc", complex_gradient=True,
          numpy=np.subtract, torch=lambda x, y: torch.rsub(y, x) if _is_number(x) else torch.sub(x, y),
          grad=lambda xs, z, g: (_share(g, xs[0]), _share(-g, xs[1])),
          doc="x - y; TypeError for two bools")
true_div = row("true_div", 2, dtype=_float_division, cls="TrueDiv", literal=(1,), on="biufc",
               compute=_wide_division,
               numpy=np.true_divide, torch=_torch_quotient,
               grad=_true_div_grad, domain=(0.5, 3.0),
               doc="x / y; floatX for two integers")
int_div = row("int_div", 2, dtype=upcast_out, cls="IntDiv", literal=(1,), compute=_not_bool,
              numpy=_numpy_floor_div, torch=_torch_floor_div, torch_int=torch.floor_divide, domain=(0.5, 3.0),
              grad=lambda xs, z, g: [zero_floatX(x) for x in xs],
              doc="floor(x / y); ZeroDivisionError for integers")
mod = row("mod", 2, dtype=upcast_out, cls="Mod", literal=(1,), compute=_not_bool,
          numpy=_numpy_mod, torch=torch.remainder, domain=(0.5, 3.0),
          grad=lambda xs, z, g: (g, -int_div(*xs) * g),
          doc="x - floor(x / y) * y, with the sign of y; ZeroDivisionError for integers")
pow = row("pow", 2, dtype=upcast_out_min8, cls="Pow", literal=(0, 1), sympy="Pow", compute=_float_power,
          numpy=np.power, torch=torch.pow, domain=(0.1, 3.0),
          grad=_pow_grad,
          doc="x ** y; integers: truncated, 2 ** -1 is 0")
maximum = row("maximum", 2, dtype=upcast_out, cls="Maximum", literal=(0, 1), sympy="Max", compute=_not_bool,
              numpy=np.maximum, torch=_torch_maximum, commutative=True, associative=True,
              grad=_extreme_grad,
              doc="the larger of x and y, NaN if one is; gradient at a tie: all to x")
minimum = row("minimum", 2, dtype=upcast_out, cls="Minimum", literal=(0, 1), sympy="Min", compute=_not_bool,
              numpy=np.minimum, torch=_torch_minimum, commutative=True, associative=True,
              grad=_extreme_grad,
              doc="the smaller of x and y, NaN if one is; gradient at a tie: all to x")
clip = row("clip", 3, dtype=upcast_out_no_complex, cls="Clip", literal=(1, 2), compute=_not_bool,
           numpy=lambda x, low, high: np.where(x < low, low, np.where(x > high, high, x)), torch=_torch_clip,
           grad=_clip_grad,
           doc="low where x < low, else high where x > high, else x")
neg = row("neg", 1, dtype=same_out_nobool, cls="Neg", on="biufc", complex_gradient=True,
          numpy=np.negative, torch=torch.neg,
          grad=lambda xs, z, g: (-g,),
          doc="-x; TypeError for bool")
abs_ = row("abs_", 1, dtype=real_out, cls="Abs", shown="Abs", sympy="Abs", on="biufc", compute=_abs_dtype,
           numpy=np.abs, torch=torch.abs, complex_gradient=True,
           grad=_abs_grad,
           doc="|x|; gradient 0 at 0")
sgn = row("sgn", 1, dtype=_sign, cls="Sgn", sympy="sign",
          numpy=np.sign, torch=lambda x: torch.where(torch.ne(x, x), x, torch.sign(x)), torch_int=torch.sign,
          grad=_no_gradient,
          doc="-1, 0 or 1; NaN for NaN")
inv = row("inv", 1, dtype=upgrade_to_float, cls="Inv", on="biufc", domain=(0.5, 3.0),
          numpy=lambda x: 1 / x, torch=torch.reciprocal,
          grad=lambda xs, z, g: (-g / (xs[0] * xs[0]),),
          doc="1 / x")
sqr = row("sqr", 1, dtype=same_out, cls="Sqr", on="biufc",
          numpy=lambda x: x * x, torch=lambda x: torch.mul(x, x),
          grad=lambda xs, z, g: (g * xs[0] * 2,),
          doc="x * x")

# -- rounding ------------------------------------------------------------------------------------------------

ceil = row("ceil", 1, dtype=upgrade_to_float_no_complex, cls="Ceil", sympy="ceiling",
           numpy=np.ceil, torch=torch.ceil, grad=_no_gradient, doc="the smallest whole number >= x, a float")
floor = row("floor", 1, dtype=upgrade_to_float_no_complex, cls="Floor", sympy="floor",
            numpy=np.floor, torch=torch.floor, grad=_no_gradient,
            doc="the largest whole number <= x, a float")
trunc = row("trunc", 1, dtype=upgrade_to_float_no_complex, cls="Trunc",
            numpy=np.trunc, torch=torch.trunc, grad=lambda xs, z, g: (zero_floatX(xs[0]),),
            doc="x without its fraction, a float")
round_half_to_even = row("round_half_to_even", 1, dtype=same_out_float_only, cls="RoundHalfToEven",
                         shown="round_half_to_even", numpy=np.round, torch=torch.round, grad=_no_gradient,
                         doc="the nearest whole number, 2.5 to 2; TypeError for integers")


def round_half_away_from_zero_vec(a: Any) -> np.ndarray:
    """The nearest whole numbers, 2.5 to 3, as floats: float32 for float32, else float64."""
    return _numpy_away(np.asarray(a, dtype=None if getattr(a, "dtype", None) == np.float32 else "float64"))


def round_half_away_from_zero_(a: float) -> float:
    """The nearest whole number, 2.5 to 3."""
    return round_half_away_from_zero_vec(a)[()]


round_half_away_from_zero = row("round_half_away_from_zero", 1, dtype=same_out_float_only,
                                cls="RoundHalfAwayFromZero", numpy=_numpy_away, torch=_torch_away,
                                grad=_no_gradient,
                                doc="the nearest whole number, 2.5 to 3; TypeError for integers")

# -- exponentials and logarithms -----------------------------------------------------------------------------

exp = row("exp", 1, dtype=upgrade_to_float, cls="Exp", sympy="exp", on="biufc",
          numpy=np.exp, torch=torch.exp,
          grad=lambda xs, z, g: (g * z,),
          doc="e ** x")
exp2 = row("exp2", 1, dtype=upgrade_to_float, cls="Exp2", on="biufc",
           numpy=np.exp2, torch=torch.exp2,
           grad=lambda xs, z, g: (g * z * log(const(2, xs[0].type.dtype)),),
           doc="2 ** x")
expm1 = row("expm1", 1, dtype=upgrade_to_float, cls="Expm1", on="biufc",
            numpy=np.expm1, torch=torch.expm1,
            grad=lambda xs, z, g: (g * exp(xs[0]),),
            doc="exp(x) - 1, exact near 0")
log = row("log", 1, dtype=upgrade_to_float, cls="Log", domain=(0.1, 5.0), sympy="log", on="biufc",
          numpy=np.log, torch=torch.log,
          grad=lambda xs, z, g: (g / xs[0],),
          doc="natural logarithm")
log2 = row("log2", 1, dtype=upgrade_to_float, cls="Log2", domain=(0.1, 5.0), on="biufc",
           numpy=np.log2, torch=torch.log2,
           grad=lambda xs, z, g: (g / (xs[0] * const(math.log(2.0), z.type.dtype)),),
           doc="logarithm to base 2")
log10 = row("log10", 1, dtype=upgrade_to_float, cls="Log10", domain=(0.1, 5.0), on="biufc",
            numpy=np.log10, torch=torch.log10,
            grad=lambda xs, z, g: (g / (xs[0] * const(math.log(10.0), "float64")),),
            doc="logarithm to base 10")
log1p = row("log1p", 1, dtype=upgrade_to_float, cls="Log1p", domain=(-0.9, 5.0), on="biufc",
            numpy=np.log1p, torch=torch.log1p,
            grad=lambda xs, z, g: (g / (1 + xs[0]),),
            doc="log(1 + x), exact near 0")
sqrt = row("sqrt", 1, dtype=upgrade_to_float, cls="Sqrt", domain=(0.1, 5.0), sympy="sqrt", on="biufc",
           numpy=np.sqrt, torch=torch.sqrt,
           grad=lambda xs, z, g: ((g * 0.5) / z,),
           doc="square root")

# -- trigonometry --------------------------------------------------------------------------------------------

deg2rad = row("deg2rad", 1, dtype=upgrade_to_float, cls="Deg2Rad", on="biufc",
              numpy=lambda x: x * (math.pi / 180), torch=lambda x: torch.mul(x, math.pi / 180),
              grad=lambda xs, z, g: (g * const(math.pi / 180, g.type.dtype),), doc="x * pi / 180")
rad2deg = row("rad2deg", 1, dtype=upgrade_to_float, cls="Rad2Deg", on="biufc",
              numpy=lambda x: x * (180 / math.pi), torch=lambda x: torch.mul(x, 180 / math.pi),
              grad=lambda xs, z, g: (g * const(180 / math.pi, g.type.dtype),), doc="x * 180 / pi")
cos = row("cos", 1, dtype=upgrade_to_float, cls="Cos", sympy="cos", on="biufc", numpy=np.cos, torch=torch.cos,
          grad=lambda xs, z, g: (-g * sin(xs[0]),), doc="cosine")
sin = row("sin", 1, dtype=upgrade_to_float, cls="Sin", sympy="sin", on="biufc", numpy=np.sin, torch=torch.sin,
          grad=lambda xs, z, g: (g * cos(xs[0]),), doc="sine")
tan = row("tan", 1, dtype=upgrade_to_float, cls="Tan", sympy="tan", on="biufc", numpy=np.tan, torch=torch.tan,
          grad=lambda xs, z, g: (g / sqr(cos(xs[0])),), domain=(-1.4, 1.4), doc="tangent")
arccos = row("arccos", 1, dtype=upgrade_to_float, cls="ArcCos", sympy="acos", on="biufc",
             numpy=np.arccos, torch=torch.acos, domain=(-0.9, 0.9),
             grad=lambda xs, z, g: (-g / sqrt(_one(xs[0]) - sqr(xs[0])),), doc="inverse cosine")
arcsin = row("arcsin", 1, dtype=upgrade_to_float, cls="ArcSin", sympy="asin", on="biufc",
             numpy=np.arcsin, torch=torch.asin, domain=(-0.9, 0.9),
             grad=lambda xs, z, g: (g / sqrt(_one(xs[0]) - sqr(xs[0])),), doc="inverse sine")
arctan = row("arctan", 1, dtype=upgrade_to_float, cls="ArcTan", sympy="atan", on="biufc",
             numpy=np.arctan, torch=torch.atan,
             grad=lambda xs, z, g: (g / (_one(xs[0]) + sqr(xs[0])),), doc="inverse tangent")
arctan2 = row("arctan2", 2, dtype=upgrade_to_float, cls="ArcTan2", sympy="atan2", numpy=np.arctan2,
              torch=torch.atan2,
              grad=lambda xs, z, g: (g * xs[1] / (sqr(xs[1]) + sqr(xs[0])),
                                     g * -xs[0] / (sqr(xs[1]) + sqr(xs[0]))),
              doc="the angle of the point (x=second, y=first)")


def _hyperbolic(function: Callable[..., Any], odd: bool) -> Callable[..., Any]:
    """torch's vectorized cosh and sinh go through exp(|x|), which overflows a little before they do."""

    def form(node: Any, x: Any) -> Any:
        dtype = node.outputs[0].type.dtype
        if dtype.startswith("complex"):
            return function(x)
        half = torch.exp(torch.abs(x) * 0.5)
        large = half * 0.5 * half
        beyond = torch.abs(x) > (709.0 if dtype == "float64" else 88.0)
        return torch.where(beyond, torch.copysign(large, x) if odd else large, function(x))

    return form


cosh = row("cosh", 1, dtype=upgrade_to_float, cls="Cosh", sympy="cosh", on="biufc", numpy=np.cosh,
           torch=_hyperbolic(torch.cosh, odd=False), by_node=True,
           grad=lambda xs, z, g: (g * sinh(xs[0]),), doc="hyperbolic cosine")
sinh = row("sinh", 1, dtype=upgrade_to_float, cls="Sinh", sympy="sinh", on="biufc", numpy=np.sinh,
           torch=_hyperbolic(torch.sinh, odd=True), by_node=True,
           grad=lambda xs, z, g: (g * cosh(xs[0]),), doc="hyperbolic sine")
tanh = row("tanh", 1, dtype=upgrade_to_float, cls="Tanh", sympy="tanh", on="biufc", numpy=np.tanh,
           torch=torch.tanh,
           grad=lambda xs, z, g: (g * (1 - sqr(z)),), doc="hyperbolic tangent")
arccosh = row("arccosh", 1, dtype=upgrade_to_float, cls="ArcCosh", sympy="acosh", on="biufc",
              numpy=np.arccosh, torch=torch.acosh, domain=(1.1, 5.0),
              grad=lambda xs, z, g: (g / sqrt(sqr(xs[0]) - _one(xs[0])),), doc="inverse hyperbolic cosine")
arcsinh = row("arcsinh", 1, dtype=upgrade_to_float, cls="ArcSinh", sympy="asinh", on="biufc",
              numpy=np.arcsinh, torch=torch.asinh,
              grad=lambda xs, z, g: (g / sqrt(sqr(xs[0]) + _one(xs[0])),), doc="inverse hyperbolic sine")
arctanh = row("arctanh", 1, dtype=upgrade_to_float, cls="ArcTanh", sympy="atanh", on="biufc",
              numpy=np.arctanh, torch=torch.atanh, domain=(-0.9, 0.9),
              grad=lambda xs, z, g: (g / (_one(xs[0]) - sqr(xs[0])),), doc="inverse hyperbolic tangent")

# -- comparisons and bits ------------------------------------------------------------------------------------

lt = row("lt", 2, base=LogicalComparison, dtype=bool_out, cls="LT", shown="LT", compute="in", literal=(0, 1),
         grad=_no_gradient,
         numpy=np.less, torch=_turned(torch.lt, torch.gt), doc="x < y")
gt = row("gt", 2, base=LogicalComparison, dtype=bool_out, cls="GT", shown="GT", compute="in", literal=(0, 1),
         grad=_no_gradient,
         numpy=np.greater, torch=_turned(torch.gt, torch.lt), doc="x > y")
le = row("le", 2, base=LogicalComparison, dtype=bool_out, cls="LE", shown="LE", compute="in", literal=(0, 1),
         grad=_no_gradient,
         numpy=np.less_equal, torch=_turned(torch.le, torch.ge), doc="x <= y")
ge = row("ge", 2, base=LogicalComparison, dtype=bool_out, cls="GE", shown="GE", compute="in", literal=(0, 1),
         grad=_no_gradient,
         numpy=np.greater_equal, torch=_turned(torch.ge, torch.le), doc="x >= y")
eq = row("eq", 2, base=LogicalComparison, dtype=bool_out, cls="EQ", shown="EQ", compute="in", literal=(0, 1),
         grad=_no_gradient,
         on="biufc",
         numpy=np.equal, torch=_turned(torch.eq, torch.eq), commutative=True, doc="x == y")
neq = row("neq", 2, base=LogicalComparison, dtype=bool_out, cls="NEQ", shown="NEQ", compute="in",
          literal=(0, 1), grad=_no_gradient,
          on="biufc", numpy=np.not_equal, torch=_turned(torch.ne, torch.ne), commutative=True, doc="x != y")
isnan = row("isnan", 1, base=FixedLogicalComparison, dtype=bool_out, cls="IsNan", shown="IsNan", compute="in",
            on="biufc",
            grad=_no_gradient,
            numpy=np.isnan, torch=torch.isnan, doc="True where x is NaN")
isinf = row("isinf", 1, base=FixedLogicalComparison, dtype=bool_out, cls="IsInf", shown="IsInf", compute="in",
            on="biufc",
            grad=_no_gradient,
            numpy=np.isinf, torch=torch.isinf, doc="True where x is infinite")
and_ = row("and_", 2, base=BinaryBitOp, dtype=_bits, cls="AND", shown="AND", compute=_bit_dtype,
           grad=_no_gradient, identity=-1,
           numpy=np.bitwise_and, torch=torch.bitwise_and, commutative=True, associative=True,
           doc="bits of both")
or_ = row("or_", 2, base=BinaryBitOp, dtype=_bits, cls="OR", shown="OR", compute=_bit_dtype,
          grad=_no_gradient, identity=0,
          numpy=np.bitwise_or, torch=torch.bitwise_or, commutative=True, associative=True,
          doc="bits of either")
xor = row("xor", 2, base=BinaryBitOp, dtype=_bits, cls="XOR", shown="XOR", compute=_bit_dtype,
          grad=_no_gradient, identity=0,
          numpy=np.bitwise_xor, torch=torch.bitwise_xor, commutative=True, associative=True,
          doc="bits that differ")
invert = row("invert", 1, base=UnaryBitOp, dtype=_bits, cls="Invert", shown="Invert", grad=_no_gradient,
             numpy=np.invert, torch=torch.bitwise_not, doc="bits turned; logical not of bool")

# -- choosing, copying, parts of complex numbers -------------------------------------------------------------

switch = row("switch", 3, dtype=_branches, cls="Switch", shown="Switch", compute=_where_dtypes,
             literal=(1, 2),
             moves=True, on="biufc", complex_gradient=True, numpy=np.where, torch=torch.where,
             grad=lambda xs, z, g: (zero_floatX(xs[0]), switch(xs[0], g, 0.0), switch(xs[0], 0.0, g)),
             doc="x where the condition is not 0, else y")
second = row("second", 2, dtype=transfer_type(1), cls="Second", compute=None, moves=True, on="biufc",
             complex_gradient=True, connected=(False, True),
             numpy=lambda x, y: np.array(np.broadcast_to(y, np.broadcast_shapes(x.shape, y.shape))),
             torch=_torch_second, by_node=True,
             grad=_second_grad,
             doc="y in the shape of x")
identity = row("identity", 1, dtype=same_out, cls="Identity", compute=None, moves=True, on="biufc",
               complex_gradient=True, numpy=np.array, torch=torch.clone,
               grad=lambda xs, z, g: (g,), doc="x")
real = row("real", 1, dtype=real_out, cls="Real", compute=None, moves=True, on="biufc", complex_gradient=True,
           numpy=lambda x: np.array(x.real), torch=torch.real, grad=_real_grad, doc="real part")
imag = row("imag", 1, dtype=real_out, cls="Imag", compute=_complex_operand, on="c", complex_gradient=True,
           numpy=lambda x: np.array(x.imag), torch=torch.imag, grad=_imag_grad, doc="imaginary part")
angle = row("angle", 1, dtype=_float64_out, cls="Angle", compute=_angle_dtype, on="biufc",
            complex_gradient=True,
            numpy=np.angle, torch=torch.angle, grad=lambda xs, z, g: (zero_floatX(xs[0]),),
            doc="angle of a complex number, float64; its gradient is 0")
complex = row("complex", 2, dtype=_complex_of, cls="Complex", compute=_part_dtype, complex_gradient=True,
              numpy=_numpy_complex, torch=torch.complex,
              grad=lambda xs, z, g: (cast(real(g), xs[0].type.dtype), cast(imag(g), xs[1].type.dtype)),
              doc="x + i y")
conj = row("conj", 1, dtype=same_out_min8, cls="Conj", on="biufc", complex_gradient=True, numpy=np.conj,
           torch=torch.conj_physical, grad=lambda xs, z, g: (conj(g),), doc="complex conjugate")
complex_from_polar = row("complex_from_polar", 2, dtype=_complex_of, cls="ComplexFromPolar",
                         compute=_part_dtype,
                         numpy=_numpy_polar, grad=_polar_grad, complex_gradient=True, domain=(0.1, 3.0),
                         doc="r exp(i theta); ValueError for r < 0")
# fmt: on


class InRange(LogicalComparison):
    """low < x < high, or with <= where an end is closed."""

    nin = 3
    compute = "in"
    gradient = staticmethod(_no_gradient)
    output_types_preference = staticmethod(bool_out)

    def __init__(self, openlow: bool, openhi: bool):
        super().__init__()
        self.openlow, self.openhi = openlow, openhi

    def numpy(self, x, low, high):
        return (np.greater if self.openlow else np.greater_equal)(x, low) & (
            np.less if self.openhi else np.less_equal
        )(x, high)

    def torch(self, x, low, high):
        above = torch.gt(x, low) if self.openlow else torch.ge(x, low)
        return torch.logical_and(above, torch.lt(x, high) if self.openhi else torch.le(x, high))

    def __reduce__(self):
        return InRange, (self.openlow, self.openhi)


inopenrange = enter("inopenrange", InRange(True, True))
inclosedrange = enter("inclosedrange", InRange(False, False))


class Cast(UnaryScalarOp):
    """x in the dtype ``o_type`` (a type or a dtype name), as C casts: floats lose their fraction."""

    compute = None
    moves = True
    on = "biufc"
    complex_gradient = True
    numpy = staticmethod(np.array)
    torch = staticmethod(lambda x: x)

    def __init__(self, o_type: Any, name: str | None = None):
        dtype = o_type if isinstance(o_type, str) else getattr(o_type, "dtype", None)
        if dtype not in all_dtypes:
            raise TypeError(o_type)
        super().__init__()
        self.dtype = dtype

    def __setstate__(self, state: dict[str, Any]) -> None:
        # old pickles hold the type of the result and what follows from it
        kept = {k: v for k, v in state.items() if k not in ("o_type", "output_types_preference")}
        self.__dict__.update(kept if "dtype" in kept else {**kept, "dtype": state["o_type"].dtype})

    @property
    def o_type(self) -> TensorType:
        """The type of the result."""
        return TensorType(self.dtype, ())

    @property
    def output_types_preference(self) -> specific_out:
        return specific_out(self.o_type)

    def gradient(self, xs, z, g):
        return (g,) if self.dtype in continuous_dtypes else (None,)

    def __eq__(self, other: Any) -> bool:
        return type(self) is type(other) and self.dtype == other.dtype

    def __hash__(self) -> int:
        return hash((Cast, self.dtype))

    def __str__(self) -> str:
        return f"Cast{{{self.dtype}}}"

    __repr__ = __str__

    def __reduce__(self):
        return Cast, (self.dtype,)


#: dtype -> its cast
casts = {dtype: enter(f"convert_to_{dtype}", Cast(dtype)) for dtype in all_dtypes}
convert_to_bool = casts["bool"]
convert_to_int8, convert_to_int16 = casts["int8"], casts["int16"]
convert_to_int32, convert_to_int64 = casts["int32"], casts["int64"]
convert_to_uint8, convert_to_uint16 = casts["uint8"], casts["uint16"]
convert_to_uint32, convert_to_uint64 = casts["uint32"], casts["uint64"]
convert_to_float16, convert_to_float32, convert_to_float64 = (
    casts["float16"],
    casts["float32"],
    casts["float64"],
)
convert_to_complex64, convert_to_complex128 = casts["complex64"], casts["complex128"]


def cast(x: Any, dtype: Any) -> Any:
    """A variable ``x`` in another dtype ('floatX' is ``config.floatX``); ``x`` itself where it has that one.

    Raises TypeError for complex to real, which is ambiguous, and for an unknown dtype.
    """
    dtype = config.floatX if dtype == "floatX" else str(dtype)
    if x.type.dtype == dtype:
        return x
    if x.type.dtype in complex_dtypes and dtype not in complex_dtypes:
        raise TypeError(
            "Casting from complex to real is ambiguous: consider real(), imag(), angle() or abs()"
        )
    if dtype not in casts:
        raise TypeError(f"{dtype} is not a dtype of tensors: use one of {', '.join(casts)} or 'floatX'")
    return casts[dtype](x)
