"""Variables that are single numbers (type ``Scalar``): their operators, constructors, and the way from and to tensors.

Old code builds the inner graphs of ``Composite`` from them and names their types in the dtype rules of its scalar ops.
"""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from tgraph.graph import Apply, Constant, Op, Variable, late, toposort
from tgraph.operators import as_tensor_variable, table
from tgraph.operators import constant as tensor_constant
from tgraph.ops.rows import rows
from tgraph.ops.scalar import cast
from tgraph.shared import SharedVariable
from tgraph.types import (
    DisconnectedType,
    NullType,
    Scalar,
    TensorType,
    all_dtypes,
    autocast,
    autocast_float,
    autocast_float_as,
    autocast_int,
    complex_dtypes,
    discrete_dtypes,
    float_dtypes,
    signed_dtypes,
    unsigned_dtypes,
)

_types = {dtype: Scalar(dtype) for dtype in all_dtypes}


def get_scalar_type(dtype: Any) -> Scalar:
    """The type of a number of this dtype (one object for each dtype)."""
    return _types.get(dtype) or Scalar(dtype)


bool = _types["bool"]
int8, int16, int32, int64 = int_types = tuple(_types[d] for d in signed_dtypes)
uint8, uint16, uint32, uint64 = uint_types = tuple(_types[d] for d in unsigned_dtypes)
float16, float32, float64 = float_types = tuple(_types[d] for d in float_dtypes)
complex64, complex128 = complex_types = tuple(_types[d] for d in complex_dtypes)
integer_types = int_types + uint_types
discrete_types = tuple(_types[d] for d in discrete_dtypes)
continuous_types = float_types + complex_types
all_types = discrete_types + continuous_types


class TensorFromScalar(Op):
    """z = x, as a tensor without dimensions."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        assert isinstance(x.type, Scalar), f"{x} is no scalar variable"
        return Apply(self, [x], [TensorType(x.type.dtype, ())()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x,), (g,) = inputs, output_grads
        if x.type.dtype in discrete_dtypes:
            return [x.zeros_like(dtype="float64" if g.type.dtype in discrete_dtypes else g.type.dtype)]
        # a tangent that is pushed forward may be a scalar variable already
        return [g if isinstance(g.type, Scalar) else scalar_from_tensor(g)]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        return [None if t is None else self(t) for t in eval_points]

    def infer_shape(self, node: Apply, shapes: Any) -> list[tuple]:
        return [()]

    def behind(self, node: Apply) -> Any:
        return node.inputs[0]

    def compute(self, node: Apply, x: Any) -> Any:
        return np.asarray(x)

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        return x


class ScalarFromTensor(TensorFromScalar):
    """z = x, a tensor without dimensions as a single number."""

    def make_node(self, x: Any) -> Apply:
        assert not isinstance(x.type, Scalar), f"{x} is a scalar variable already"
        assert isinstance(x.type, TensorType), f"{x} is no tensor"
        assert x.type.ndim == 0, f"{x} has dimensions"
        return Apply(self, [x], [get_scalar_type(x.type.dtype)()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [tensor_from_scalar(output_grads[0])]


tensor_from_scalar = TensorFromScalar()
scalar_from_tensor = ScalarFromTensor()


def _row(name: str) -> Any:
    def build(self: Any, other: Any) -> Any:
        return rows[name](self, other)

    return build


def _right(name: str) -> Any:
    def build(self: Any, other: Any) -> Any:
        return rows[name](other, self)

    return build


def _alone(name: str) -> Any:
    def build(self: Any) -> Any:
        return rows[name](self)

    return build


class ScalarOperators:
    """``a + b``, ``-a``, ``a < b`` ...: what variables that are numbers offer."""

    type: Any
    # numpy numbers on the left hand step back for ours
    __array_priority__ = 1000
    ndim = 0
    dtype = property(lambda self: self.type.dtype)

    def _as_TensorVariable(self) -> Any:
        return tensor_from_scalar(self)

    __abs__, __neg__, __invert__ = _alone("abs_"), _alone("neg"), _alone("invert")
    __and__, __or__, __xor__ = _row("and_"), _row("or_"), _row("xor")
    __rand__, __ror__, __rxor__ = _right("and_"), _right("or_"), _right("xor")
    __lt__, __le__, __gt__, __ge__ = _row("lt"), _row("le"), _row("gt"), _row("ge")
    __add__, __sub__, __mul__ = _row("add"), _row("sub"), _row("mul")
    __floordiv__, __pow__ = _row("int_div"), _row("pow")
    __radd__, __rsub__, __rmul__ = _right("add"), _right("sub"), _right("mul")
    __rfloordiv__, __rmod__, __rpow__ = _right("int_div"), _right("mod"), _right("pow")

    def __mod__(self, other: Any) -> Any:
        return table["mod_check"](self, other)

    def __truediv__(self, other: Any) -> Any:
        return table["div_proxy"](self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return table["div_proxy"](other, self)

    __div__, __rdiv__ = __truediv__, __rtruediv__

    def _filled(self, value: int, dtype: Any) -> Any:
        dtype = str(self.type.dtype if dtype is None else dtype)
        return rows["second"](self, ScalarConstant(get_scalar_type(dtype), np.asarray(value).astype(dtype)))

    def zeros_like(self, dtype: Any = None) -> Any:
        """Zero, of this dtype."""
        return self._filled(0, dtype)

    def ones_like(self, dtype: Any = None) -> Any:
        """One, of this dtype."""
        return self._filled(1, dtype)

    def astype(self, dtype: Any) -> Any:
        """The number in another dtype."""
        return cast(self, dtype)


class ScalarVariable(ScalarOperators, Variable):
    """A symbolic number."""


class ScalarConstant(ScalarOperators, Constant):
    """A number with a fixed value."""

    def signature(self) -> Any:
        """Type and bytes: 0.0 and -0.0 differ, NaN equals NaN."""
        return (self.type, self.data.tobytes())

    def __str__(self) -> str:
        return self.name or f"Constant{{{self.data}}}"


Scalar.variable_class = ScalarVariable
Scalar.constant_class = ScalarConstant


class ScalarSharedVariable(ScalarOperators, SharedVariable):
    """A shared number."""

    def get_value(self, borrow: builtins.bool = False, return_internal_type: builtins.bool = False) -> Any:
        """The value, as a numpy scalar."""
        return super().get_value(borrow, return_internal_type)[()]


def shared(
    value: Any, name: str | None = None, strict: builtins.bool = False, allow_downcast: builtins.bool | None = None
) -> ScalarSharedVariable:
    """A shared number of type ``Scalar``; TypeError for what is neither a number nor a numpy scalar."""
    if not isinstance(value, (np.number, float, int, complex)):
        raise TypeError(f"a shared number cannot be made of {type(value)}")
    array = np.asarray(value)
    return ScalarSharedVariable(
        name=name, type=get_scalar_type(str(array.dtype)), value=array, strict=strict, allow_downcast=allow_downcast
    )


def as_scalar(x: Any, name: str | None = None) -> Any:
    """``x`` (a variable, an Apply with one output, a number) as a variable of type ``Scalar``.

    TypeError for variables with dimensions, AssertionError for arrays with dimensions.
    """
    if isinstance(x, Apply):
        if len(x.outputs) != 1:
            raise ValueError("It is ambiguous which output of a multi-output Op has to be fetched.", x)
        x = x.outputs[0]
    if isinstance(x, Variable):
        if isinstance(x.type, Scalar):
            return x
        if isinstance(x.type, TensorType) and x.type.ndim == 0:
            return scalar_from_tensor(x)
        raise TypeError("Variable type field must be a Scalar.", x, x.type)
    try:
        return constant(x, name)
    except TypeError as error:
        raise TypeError(f"Cannot convert {x} to Scalar", type(x)) from error


def convert(x: Any, dtype: Any = None) -> np.ndarray:
    """A number, list or array as an array: of ``dtype``, or Python numbers of the smallest dtype that holds them."""
    if isinstance(x, (builtins.bool, int, float)) and dtype is None and not isinstance(x, np.generic):
        return autocast(x)
    return tensor_constant(x, dtype=dtype).data


def constant(x: Any, name: str | None = None, dtype: Any = None) -> ScalarConstant:
    """A constant number; Python numbers take the smallest dtype that holds them. AssertionError for arrays with
    dimensions, TypeError for what is no number."""
    array = convert(x, dtype)
    assert array.ndim == 0, f"{x!r} has dimensions"
    return ScalarConstant(get_scalar_type(str(array.dtype)), array, name=name)


def _makers(dtype: str) -> Any:
    def make(names: Any) -> Any:
        """One variable for each item of ``names`` (a text counts as its letters), alone or as a list."""
        made = [_types[dtype](name) for name in names]
        return made[0] if len(made) == 1 else made

    return make


ints, floats, complexs = _makers("int64"), _makers("float64"), _makers("complex128")
complexs64, complexs128 = _makers("complex64"), complexs


def gradient_on_numbers(
    op: Any, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]
) -> list[Any]:
    """The gradients of a row that is applied to numbers (None: zero). Its formula speaks of tensors: what it builds
    on tensors without dimensions is built again on numbers."""
    groups = [[TensorType(v.type.dtype, ())() for v in group] for group in (inputs, outputs, output_grads)]
    found = op.gradient_of(*groups)
    memo: dict[Variable, Any] = dict(zip(chain(*groups), chain(inputs, outputs, output_grads), strict=True))

    def number(x: Variable) -> Any:
        if x not in memo:
            fixed = isinstance(x, Constant)
            memo[x] = ScalarConstant(get_scalar_type(x.type.dtype), x.data) if fixed else as_scalar(x)
        return memo[x]

    for node in toposort([g for g in found if g is not None], memo):
        on_numbers = getattr(node.op, "scalar_op", None)
        if on_numbers is not None:
            made = on_numbers.make_node(*[number(x) for x in node.inputs]).outputs
        else:
            tensors = [as_tensor_variable(memo[x]) if x in memo else x for x in node.inputs]
            made = map(as_scalar, node.op.make_node(*tensors).outputs)
        memo.update(zip(node.outputs, made, strict=True))
    return [g if g is None or isinstance(g.type, (DisconnectedType, NullType)) else number(g) for g in found]


late["as_scalar"] = as_scalar
late["scalar_gradient"] = gradient_on_numbers

__all__ = [
    "Scalar",
    "ScalarConstant",
    "ScalarFromTensor",
    "ScalarSharedVariable",
    "ScalarVariable",
    "TensorFromScalar",
    "all_types",
    "as_scalar",
    "autocast_float",
    "autocast_float_as",
    "autocast_int",
    "bool",
    "complex64",
    "complex128",
    "complex_types",
    "complexs",
    "complexs64",
    "complexs128",
    "constant",
    "continuous_types",
    "convert",
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
    "scalar_from_tensor",
    "shared",
    "tensor_from_scalar",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "uint_types",
]
