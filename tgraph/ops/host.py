"""Ops made of plain Python functions; they run on the host."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from tgraph.graph import Apply, Op, Type

__all__ = ["FromFunctionOp", "as_op"]


def _by_name(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)


class FromFunctionOp(Op):
    """`outputs = fn(*inputs)` on arrays of the declared types; see `as_op`. It has no gradient.

    Two are equal if their functions are the same. A pickle names the function, which must be found by it.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        itypes: Sequence[Type],
        otypes: Sequence[Type],
        infer_shape: Callable[..., Any] | None = None,
    ) -> None:
        self._fn, self.itypes, self.otypes = fn, list(itypes), list(otypes)
        if infer_shape is not None:
            self.infer_shape = lambda node, shapes: infer_shape(node, shapes)

    def __eq__(self, other: Any) -> bool:
        return type(self) is type(other) and self._fn is other._fn

    def __hash__(self) -> int:
        return hash((type(self), self._fn))

    def __str__(self) -> str:
        return f"FromFunctionOp{{{self._fn.__name__}}}"

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list]) -> None:
        values = self._fn(*inputs)
        if not isinstance(values, (list, tuple)):
            values = (values,)
        assert len(values) == len(output_storage), (
            f"{self._fn.__name__} gave {len(values)} outputs, and {len(output_storage)} types are declared"
        )
        for box, value in zip(output_storage, values, strict=True):
            box[0] = value

    def __reduce__(self) -> Any:
        module, name = self._fn.__module__, self._fn.__name__
        try:
            found = _by_name(module, name)
        except (ImportError, AttributeError):
            return super().__reduce__()
        # decorated: the name leads to this op; applied by hand: it leads to the function
        return (_by_name, (module, name)) if isinstance(found, FromFunctionOp) else super().__reduce__()


def as_op(
    itypes: Any, otypes: Any, infer_shape: Callable[..., Any] | None = None
) -> Callable[..., FromFunctionOp]:
    """A decorator: the function becomes an op that takes and gives arrays of these types (one, or a list).

    `infer_shape(node, input_shapes)` gives the shapes of the outputs without computing them. TypeError if
    something is no type, or `infer_shape` cannot be called.
    """
    wanted, given = _types(itypes, "itypes"), _types(otypes, "otypes")
    if infer_shape is not None and not callable(infer_shape):
        raise TypeError("infer_shape needs to be a callable")
    return lambda fn: FromFunctionOp(fn, wanted, given, infer_shape)


def _types(types: Any, name: str) -> list[Type]:
    listed = list(types) if isinstance(types, (list, tuple)) else [types]
    if not all(isinstance(kind, Type) for kind in listed):
        raise TypeError(f"{name} has to be a list of types such as tensor.dmatrix")
    return listed
