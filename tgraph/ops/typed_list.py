"""Lists of values of one type, as variables: ``TypedListType(T.fmatrix)`` and what can be done with such lists.

Lists live on the host, as Python lists of arrays; no op changes one that it is given. They have no gradients.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np

from tgraph.config import config
from tgraph.graph import Apply, Constant, Op, Type, Variable
from tgraph.operators import as_tensor_variable
from tgraph.operators import constant as tensor_constant
from tgraph.ops.python_values import SliceType
from tgraph.types import TensorType

__all__ = [
    "Append",
    "Count",
    "Extend",
    "GetItem",
    "Index",
    "Insert",
    "Length",
    "MakeList",
    "Remove",
    "Reverse",
    "TypedListConstant",
    "TypedListType",
    "TypedListVariable",
    "append",
    "count",
    "extend",
    "getitem",
    "index_",
    "insert",
    "length",
    "make_list",
    "remove",
    "reverse",
]


class TypedListType(Type):
    """Lists of values of ``ttype``; with ``depth`` d, lists in lists, d levels more.

    TypeError for what is no type, ValueError for a negative depth.
    """

    #: what a function gets is a list of its own: nothing that ops do to it reaches the caller
    filter_copies = True

    def __init__(self, ttype: Any, depth: int = 0):
        if depth < 0:
            raise ValueError("Please specify a depth superior or equal to 0")
        if not isinstance(ttype, Type):
            raise TypeError("Expected a Type, such as that of a tensor variable")
        self.ttype: Any = TypedListType(ttype, depth - 1) if depth else ttype

    def filter(self, value: Any, strict: bool = False, allow_downcast: bool | None = None) -> list[Any]:
        """A new list of the values as ``ttype`` takes them; ``strict`` takes only a list, and that as it is.

        TypeError for what cannot be walked through, and whatever ``ttype`` raises.
        """
        if strict:
            if not isinstance(value, list):
                raise TypeError("Expected a python list")
            return value
        return [self.ttype.filter(x, allow_downcast=allow_downcast) for x in value]

    def __eq__(self, other: Any) -> bool:
        return type(self) is type(other) and self.ttype == other.ttype

    def __hash__(self) -> int:
        return hash((type(self), self.ttype))

    def __str__(self) -> str:
        return f"TypedList <{self.ttype}>"

    __repr__ = __str__

    @property
    def dtype(self) -> Any:
        """The type of the elements."""
        return self.ttype

    @property
    def ndim(self) -> int:
        """The dimensions of an element and one more."""
        return self.ttype.ndim + 1

    def get_depth(self) -> int:
        """How many lists an element is in, without the outermost."""
        return self.ttype.get_depth() + 1 if isinstance(self.ttype, TypedListType) else 0

    def values_eq(self, a: Any, b: Any) -> bool:
        """Lists of one length with equal elements."""
        return len(a) == len(b) and all(self.ttype.values_eq(x, y) for x, y in zip(a, b, strict=True))

    def values_eq_approx(self, a: Any, b: Any) -> bool:
        """Lists of one length with elements that are close."""
        return len(a) == len(b) and all(self.ttype.values_eq_approx(x, y) for x, y in zip(a, b, strict=True))

    def may_share_memory(self, a: Any, b: Any) -> bool:
        """May an element of one (or the one itself) share memory with one of the other?"""
        if a is b:
            return True
        left, right = (v if isinstance(v, list) else [v] for v in (a, b))
        return any(self.ttype.may_share_memory(x, y) for x in left for y in right)


class ListOperators:
    """``x[i]``, ``x[i:j]``, ``x.append(v)`` ...: each makes a new variable, none changes ``x``."""

    type: Any

    def __getitem__(self, index: Any) -> Any:
        return getitem(self, index)

    def __len__(self) -> Any:
        return length(self)

    def append(self, toAppend: Any) -> Any:
        """The list with one more element at its end."""
        return append(self, toAppend)

    def extend(self, toAppend: Any) -> Any:
        """The list with the elements of another at its end."""
        return extend(self, toAppend)

    def insert(self, index: Any, toInsert: Any) -> Any:
        """The list with an element before position ``index``."""
        return insert(self, index, toInsert)

    def remove(self, toRemove: Any) -> Any:
        """The list without the first element that equals a value."""
        return remove(self, toRemove)

    def reverse(self) -> Any:
        """The list from its end."""
        return reverse(self)

    def count(self, elem: Any) -> Any:
        """How many elements equal a value (floatX)."""
        return count(self, elem)

    def ind(self, elem: Any) -> Any:
        """The position of the first element that equals a value (floatX)."""
        return index_(self, elem)

    ttype = property(lambda self: self.type.ttype)
    dtype = property(lambda self: self.type.ttype.dtype)
    ndim = property(lambda self: self.type.ttype.ndim + 1)


class TypedListVariable(ListOperators, Variable):
    """A symbolic list."""


class TypedListConstant(ListOperators, Constant):
    """A list with fixed values."""

    def signature(self) -> Any:
        """A constant list is its own key: lists cannot be compared in one."""
        return (self.type, id(self.data))


TypedListType.variable_class = TypedListVariable
TypedListType.constant_class = TypedListConstant


def _check_list(x: Any) -> None:
    assert isinstance(x.type, TypedListType), f"{x} of type {x.type} is no list"


def _check_element(x: Any, element: Any) -> None:
    _check_list(x)
    assert x.ttype == element.type, (x.ttype, element.type)


def _as_index(index: Any) -> Any:
    if not isinstance(index, Variable):
        return tensor_constant(index, ndim=0, dtype="int64")
    assert isinstance(index.type, TensorType), "an index is an int64 scalar"
    assert index.type.ndim == 0, "an index is an int64 scalar"
    assert index.type.dtype == "int64", "an index is an int64 scalar"
    return index


class _ListOp(Op):
    """An op on lists, run on the host."""

    __props__: tuple[str, ...] = ()

    def __str__(self) -> str:
        return type(self).__name__


class _Changes(_ListOp):
    """An op whose result is the list with a change. ``inplace`` says that the list may be changed: then it is
    refused in functions that do not accept that, and a new list is made all the same."""

    __props__ = ("inplace",)

    def __init__(self, inplace: bool = False):
        self.inplace = inplace
        if inplace:
            self.destroy_map = {0: [0]}
        else:
            self.view_map = {0: [0]}

    __str__ = _ListOp.__str__

    def out_of_place(self, node: Apply) -> list[Any]:
        """The outputs of a node as the op that is not in place gives them."""
        return type(self)().make_node(*node.inputs).outputs


class GetItem(_ListOp):
    """``x[index]``, an element, for an int64 scalar; a list for a slice. TypeError for any other index."""

    view_map = {0: [0]}

    def make_node(self, x: Any, index: Any) -> Apply:
        _check_list(x)
        if isinstance(index, slice):
            index = Constant(SliceType(), index)
        elif not isinstance(index, Variable):
            index = tensor_constant(index, ndim=0, dtype="int64")
        if isinstance(index.type, SliceType):
            return Apply(self, [x, index], [x.type()])
        if not isinstance(index.type, TensorType) or index.type.ndim:
            raise TypeError("Expected scalar or slice as index.")
        return Apply(self, [x, _as_index(index)], [x.ttype()])

    def compute(self, node: Apply, x: list[Any], index: Any) -> Any:
        found = x[index if isinstance(index, slice) else int(index)]
        return copy.deepcopy(found)  # the caller's arrays must not be in what a function returns


class Append(_Changes):
    """``x + [value]``."""

    def make_node(self, x: Any, toAppend: Any) -> Apply:
        _check_element(x, toAppend)
        return Apply(self, [x, toAppend], [x.type()])

    def compute(self, node: Apply, x: list[Any], value: Any) -> list[Any]:
        return copy.deepcopy([*x, value])


class Extend(_Changes):
    """``x + y``."""

    def make_node(self, x: Any, toAppend: Any) -> Apply:
        _check_list(x)
        assert x.type == toAppend.type, (x.type, toAppend.type)
        return Apply(self, [x, toAppend], [x.type()])

    def compute(self, node: Apply, x: list[Any], y: list[Any]) -> list[Any]:
        return copy.deepcopy(x) + copy.deepcopy(y)


class Insert(_Changes):
    """``x[:index] + [value] + x[index:]``."""

    def make_node(self, x: Any, index: Any, toInsert: Any) -> Apply:
        _check_element(x, toInsert)
        return Apply(self, [x, _as_index(index), toInsert], [x.type()])

    def compute(self, node: Apply, x: list[Any], index: Any, value: Any) -> list[Any]:
        changed = copy.deepcopy(x)
        changed.insert(int(index), copy.deepcopy(value))
        return changed


class Remove(_Changes):
    """``x`` without the first element that equals a value; all of ``x`` where there is none."""

    def make_node(self, x: Any, toRemove: Any) -> Apply:
        _check_element(x, toRemove)
        return Apply(self, [x, toRemove], [x.type()])

    def compute(self, node: Apply, x: list[Any], value: Any) -> list[Any]:
        at = next(_places(node, x, value), len(x))
        return copy.deepcopy([*x[:at], *x[at + 1 :]])


class Reverse(_Changes):
    """``x[::-1]``."""

    def make_node(self, x: Any) -> Apply:
        _check_list(x)
        return Apply(self, [x], [x.type()])

    def compute(self, node: Apply, x: list[Any]) -> list[Any]:
        return copy.deepcopy(x[::-1])


def _places(node: Apply, x: Sequence[Any], value: Any) -> Any:
    """Positions of elements that equal a value, as the type of the elements compares."""
    equal = node.inputs[0].type.ttype.values_eq
    return (i for i, element in enumerate(x) if equal(element, value))


class Index(_ListOp):
    """The position of the first element that equals a value, in floatX. ValueError where there is none."""

    def make_node(self, x: Any, elem: Any) -> Apply:
        _check_element(x, elem)
        return Apply(self, [x, elem], [TensorType(config.floatX, ())()])

    def compute(self, node: Apply, x: list[Any], value: Any) -> np.ndarray:
        at = next(_places(node, x, value), None)
        if at is None:
            raise ValueError("the value is not in the list")
        return np.asarray(at, dtype=node.outputs[0].type.dtype)


class Count(Index):
    """How many elements equal a value, in floatX."""

    def compute(self, node: Apply, x: list[Any], value: Any) -> np.ndarray:
        return np.asarray(sum(1 for _ in _places(node, x, value)), dtype=node.outputs[0].type.dtype)


class Length(_ListOp):
    """The number of elements, int64."""

    def make_node(self, x: Any) -> Apply:
        _check_list(x)
        return Apply(self, [x], [TensorType("int64", ())()])

    def compute(self, node: Apply, x: list[Any]) -> np.ndarray:
        return np.asarray(len(x), dtype="int64")


class MakeList(_ListOp):
    """A list of given values: ``make_list((a, b))``.

    AssertionError for what is no list or tuple, TypeError for variables of different types, IndexError for none.
    """

    def make_node(self, a: Any) -> Apply:
        assert isinstance(a, (tuple, list)), "make_list takes a list or a tuple of variables"
        elements = [x if isinstance(x, Variable) else as_tensor_variable(x) for x in a]
        kind = elements[0].type
        if not all(x.type == kind for x in elements):
            raise TypeError("MakeList need all input variable to be of the same type.")
        return Apply(self, elements, [TypedListType(kind)()])

    def compute(self, node: Apply, *values: Any) -> list[Any]:
        return [copy.deepcopy(value) for value in values]

    __str__ = Op.__str__


getitem, append, extend, insert = GetItem(), Append(), Extend(), Insert()
remove, reverse, index_, count = Remove(), Reverse(), Index(), Count()
length, make_list = Length(), MakeList()
