"""Types of single numbers, as the rules of scalar ops name them: a number is a tensor without dimensions."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from tgraph.operators import TensorConstant, TensorVariable, as_tensor_variable
from tgraph.operators import constant as tensor_constant
from tgraph.types import (
    TensorType,
    all_dtypes,
    complex_dtypes,
    discrete_dtypes,
    float_dtypes,
    signed_dtypes,
    unsigned_dtypes,
)


class _AnyScalar(type):
    def __instancecheck__(cls, thing: object) -> builtins.bool:
        return isinstance(thing, TensorType) and thing.ndim == 0


class Scalar(metaclass=_AnyScalar):
    """``Scalar("float32")`` is the type of float32 tensors without dimensions; isinstance knows them."""

    def __new__(cls, dtype: Any) -> Any:
        return TensorType(dtype, ())


def get_scalar_type(dtype: Any) -> TensorType:
    """The type of a number of this dtype."""
    return TensorType(dtype, ())


_types = {dtype: get_scalar_type(dtype) for dtype in all_dtypes}
bool = _types["bool"]
int8, int16, int32, int64 = int_types = tuple(_types[d] for d in signed_dtypes)
uint8, uint16, uint32, uint64 = uint_types = tuple(_types[d] for d in unsigned_dtypes)
float16, float32, float64 = float_types = tuple(_types[d] for d in float_dtypes)
complex64, complex128 = complex_types = tuple(_types[d] for d in complex_dtypes)
integer_types = int_types + uint_types
discrete_types = tuple(_types[d] for d in discrete_dtypes)
continuous_types = float_types + complex_types
all_types = discrete_types + continuous_types

ScalarVariable, ScalarConstant = TensorVariable, TensorConstant


def as_scalar(x: Any, name: str | None = None) -> Any:
    """``x`` as a variable without dimensions; TypeError where it has some."""
    x = as_tensor_variable(x, name=name)
    if x.type.ndim:
        raise TypeError(f"{x} of type {x.type} is not a scalar")
    return x


def constant(x: Any, name: str | None = None, dtype: Any = None) -> Any:
    """A constant number; Python numbers take the smallest dtype that holds them. TypeError for arrays."""
    if np.ndim(x):
        raise TypeError(f"{x!r} is not a scalar")
    return tensor_constant(x, name=name, dtype=dtype)


def _makers(dtype: str) -> Any:
    def make(names: Any) -> Any:
        """One variable for each item of ``names`` (a text counts as its letters), alone or as a list."""
        made = [_types[dtype](name) for name in names]
        return made[0] if len(made) == 1 else made

    return make


ints, floats, complexs = _makers("int64"), _makers("float64"), _makers("complex128")
complexs64, complexs128 = _makers("complex64"), complexs

__all__ = [
    "Scalar",
    "ScalarConstant",
    "ScalarVariable",
    "all_types",
    "as_scalar",
    "bool",
    "complex64",
    "complex128",
    "complex_types",
    "complexs",
    "complexs64",
    "complexs128",
    "constant",
    "continuous_types",
    "discrete_types",
    "float16",
    "float32",
    "float64",
    "float_types",
    "floats",
    "get_scalar_type",
    "int8",
    "int16",
    "int32",
    "int64",
    "int_types",
    "integer_types",
    "ints",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "uint_types",
]
