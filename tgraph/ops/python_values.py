"""Values that are no tensors: slices and None as graph nodes, a default for what may be None."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tgraph.graph import Apply, Constant, Op, Type, Variable
from tgraph.operators import as_tensor_variable
from tgraph.types import Generic, disconnected_type, integer_dtypes


class NoneTypeT(Generic):
    """The type whose one value is None."""

    def filter(self, value: Any, strict: bool = False, allow_downcast: bool | None = None) -> None:
        if value is not None:
            raise TypeError("Expected None!")

    def is_valid_value(self, value: Any) -> bool:
        return value is None

    @staticmethod
    def may_share_memory(a: Any, b: Any) -> bool:
        """Never: there is nothing to overwrite."""
        return False

    def __str__(self) -> str:
        return "NoneTypeT"

    __repr__ = __str__


none_type_t = NoneTypeT()
#: the constant None; `NoneConst.equals(x)` asks whether x is one too
NoneConst = Constant(none_type_t, None, name="NoneConst")


class SliceType(Type):
    """The type of Python slices."""

    def filter(self, value: Any, strict: bool = False, allow_downcast: bool | None = None) -> slice:
        if not isinstance(value, slice):
            raise TypeError("Expected a slice!")
        return value

    @staticmethod
    def may_share_memory(a: Any, b: Any) -> bool:
        """True for one and the same slice."""
        return isinstance(a, slice) and a is b

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __str__(self) -> str:
        return "slice"

    __repr__ = __str__


slicetype = SliceType()


class SliceConstant(Constant):
    """A constant slice of integers and Nones; 0-d integer arrays in it become numbers."""

    def __init__(self, type: Type, data: slice, name: str | None = None):
        assert isinstance(data, slice), "a SliceConstant holds a slice"
        parts = [data.start, data.stop, data.step]
        for i, part in enumerate(parts):
            if isinstance(part, np.ndarray):
                assert part.ndim == 0, "the parts of a slice are single numbers"
                assert str(part.dtype) in integer_dtypes, "the parts of a slice are integers"
                parts[i] = int(part)
        super().__init__(type, slice(*parts), name)

    def signature(self) -> Any:
        return (SliceConstant, self.data.start, self.data.stop, self.data.step)

    def __str__(self) -> str:
        return f"{type(self).__name__}{{{self.data.start}, {self.data.stop}, {self.data.step}}}"


SliceType.constant_class = SliceConstant


def as_int_none_variable(x: Any) -> Any:
    """None as ``NoneConst``, anything else as an integer scalar. TypeError for other dtypes."""
    if x is None:
        return NoneConst
    if NoneConst.equals(x):
        return x
    x = as_tensor_variable(x, ndim=0)
    if x.type.dtype not in integer_dtypes:
        raise TypeError("index must be integers")
    return x


class MakeSlice(Op):
    """The slice of three integer scalars or Nones: ``make_slice(start, stop, step)`` or of a slice of them."""

    __props__: tuple[str, ...] = ()

    def make_node(self, slc: Any, stop: Any = None, step: Any = None) -> Apply:
        parts = [slc, stop, step]
        if isinstance(slc, slice):
            assert stop is None, "a slice has its own stop"
            assert step is None, "a slice has its own step"
            parts = [slc.start, slc.stop, slc.step]
        return Apply(self, [as_int_none_variable(p) for p in parts], [slicetype()])

    def compute(self, node: Apply, *parts: Any) -> slice:
        return slice(*parts)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [disconnected_type() for _ in inputs]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[False] for _ in node.inputs]


make_slice = MakeSlice()


def index_entry(entry: Any) -> Any:
    """An entry of an index that is a graph node of a slice or None, as Python writes it; others as they are."""
    if not isinstance(entry, Variable):
        return entry
    if isinstance(entry, Constant) and isinstance(entry.type, (SliceType, NoneTypeT)):
        return entry.data
    if entry.owner is not None and isinstance(entry.owner.op, MakeSlice):
        return slice(*[None if NoneConst.equals(p) else p for p in entry.owner.inputs])
    return entry


class Default(Op):
    """``x``, or ``default`` where x is None (inputs that may be None have the type ``generic``)."""

    view_map = {0: [0]}
    __props__: tuple[str, ...] = ()

    def make_node(self, x: Any, default: Any) -> Apply:
        x, default = as_tensor_variable(x), as_tensor_variable(default)
        if x.type != default.type:
            raise TypeError("Both default() arguments must have same type", x, default)
        return Apply(self, [x, default], [default.type()])

    def compute(self, node: Apply, x: Any, default: Any) -> Any:
        return default.copy() if x is None else x


default = setdefault = Default()

__all__ = [
    "Default", "MakeSlice", "NoneConst", "NoneTypeT", "SliceConstant", "SliceType", "as_int_none_variable",
    "default", "index_entry", "make_slice", "none_type_t", "setdefault", "slicetype",
]
