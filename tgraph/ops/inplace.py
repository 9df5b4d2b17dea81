"""Rows that may overwrite their first input: ``add_inplace``, ``exp_inplace`` ...

The result has the dtype and shape of the first input (TypeError, ValueError where that cannot be). A function
takes such a graph only with ``accept_inplace=True``; the arrays of the caller stay as they are all the same.
"""

from __future__ import annotations

from typing import Any

from tgraph.operators import as_tensor_variable
from tgraph.ops.elemwise import DimShuffle, Elemwise
from tgraph.ops.rows import LogicalComparison, rows, transfer_type
from tgraph.types import discrete_dtypes

_ROWS = (
    "lt gt le ge eq neq and_ or_ xor invert second fill abs_ exp exp2 expm1 neg inv log log1p log2 log10 sgn ceil "
    "floor trunc round_half_to_even round_half_away_from_zero sqr sqrt deg2rad rad2deg cos arccos sin arcsin tan "
    "arctan arctan2 cosh arccosh sinh arcsinh tanh arctanh erf erfc erfcx gamma gammaln psi tri_gamma chi2sf j0 j1 "
    "jv i0 i1 iv maximum minimum add sub mul true_div int_div mod pow conj sigmoid ultra_fast_sigmoid"
).split()


def quotient_of_floats(*dtypes: Any) -> Any:
    """The dtype of the first input; integers divide to floats all the same."""
    own = rows["true_div"].output_types_preference(*dtypes)
    return own if all(getattr(d, "dtype", d) in discrete_dtypes for d in dtypes) else transfer_type(0)(*dtypes)


def _inplace(name: str) -> Elemwise:
    row = rows["second" if name == "fill" else name]
    # comparisons give bool and quotients of integers floats, whatever is asked for: an error when applied
    rule = None if isinstance(row, LogicalComparison) else transfer_type(0)
    shown = "second" if name == "fill" else name
    made = Elemwise(type(row)(quotient_of_floats if name == "true_div" else rule), {0: 0}, name=f"{shown}_inplace")
    made.__doc__ = f"{row.doc}; may overwrite its first input, whose dtype and shape it has."
    return made


globals().update({f"{name}_inplace": _inplace(name) for name in _ROWS})


def transpose_inplace(x: Any) -> Any:
    """The axes of ``x`` reversed, as a view."""
    x = as_tensor_variable(x)
    return DimShuffle(x.type.broadcastable, tuple(range(x.type.ndim))[::-1])(x)


__all__ = ["transpose_inplace", *(f"{name}_inplace" for name in _ROWS)]
