"""What is known of a value while the graph is built: constant scalars, lengths of vectors.

An op helps by methods. ``behind(node)`` gives a variable or an array whose one value the node's output
repeats (None: nothing known). ``element(node, i)`` gives the same for element i of a vector, and
``length(node)`` the number of its elements. ``integer_part(node)`` of a 0-d integer output gives a variable
with the same value, or (variable, axis) whose size it is (axis None: whose number of elements).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tgraph.errors import EmptyConstantError, NotScalarConstantError
from tgraph.graph import Constant, Variable
from tgraph.operators import as_tensor_variable, offers
from tgraph.ops.elemwise import DimShuffle, Elemwise
from tgraph.ops.rows import numpy_form, rows

#: rows that are computed where all their operands are known
_FOLDED = frozenset(type(rows[name]) for name in (
    "switch", "neq", "eq", "lt", "gt", "le", "ge", "sub", "add", "mod", "mul", "int_div", "true_div",
    "minimum", "maximum"))
_SECOND = type(rows["second"])


def numpy_scalar(data: Any) -> np.ndarray:
    """An array that holds one number.

    Raises EmptyConstantError for an empty array and NotScalarConstantError for more than one element.
    """
    array = np.asarray(data)
    if array.size == 1 and array.dtype.kind in "biufc":
        return array
    if array.size == 0:
        raise EmptyConstantError("an empty array holds no number", fix="give it an element")
    raise NotScalarConstantError(f"not one number, but {array.dtype} of shape {array.shape}",
                                 fix="index one element")


@offers("get_scalar_constant_value")
def get_scalar_constant_value(orig_v: Any, elemwise: bool = True, only_process_constants: bool = False,
                              max_recur: int = 10) -> np.ndarray:
    """The one number that ``orig_v`` is known to hold, as an array.

    Looks through dimshuffles, fills, allocs, casts, arithmetic of constants, and shapes and vectors whose
    element is known; at most ``max_recur`` nodes deep. With ``only_process_constants`` only a constant itself
    counts, with ``elemwise`` False arithmetic does not. Raises NotScalarConstantError where it is not known.
    """
    v = orig_v
    while True:
        if v is None:
            raise NotScalarConstantError("None is not a number", fix="pass a variable or a number")
        if isinstance(v, (bool, int, float, complex, np.generic, np.ndarray)):
            return numpy_scalar(v).copy()
        if isinstance(v, Constant):
            unique = getattr(v, "unique_value", None) if isinstance(v.data, np.ndarray) else None
            return numpy_scalar(v.data if unique is None else unique).copy()
        if not isinstance(v, Variable):
            raise NotScalarConstantError(f"{v!r} is not a number", fix="pass a variable or a number")
        node = v.owner
        if only_process_constants or node is None or max_recur <= 0:
            break
        max_recur -= 1
        op = node.op
        if isinstance(op, DimShuffle):
            v = node.inputs[0]
            continue
        if isinstance(op, Elemwise):
            kind = type(op.scalar_op)
            if kind is _SECOND:
                v = node.inputs[1]
                continue
            if not elemwise or not (kind in _FOLDED or kind.__name__ == "Cast"):
                break
            known = [get_scalar_constant_value(x, max_recur=max_recur) for x in node.inputs]
            return numpy_form(op.scalar_op, known, [v.type.dtype])[0].copy()
        behind = getattr(op, "behind", None)
        found = None if behind is None else behind(node)
        if found is None:
            break
        if not isinstance(found, Variable) or found.type.ndim or found.type.dtype == v.type.dtype:
            v = found
            continue
        # a vector of mixed integers casts its elements
        return get_scalar_constant_value(found, elemwise, max_recur=max_recur).astype(v.type.dtype)
    raise NotScalarConstantError(f"{orig_v} is not known to hold one constant number",
                                 fix="pass a constant, or compile a function to compute it")


def known_scalar(v: Any) -> np.ndarray | None:
    """As ``get_scalar_constant_value``; None where the value is not known."""
    try:
        return get_scalar_constant_value(v)
    except NotScalarConstantError:
        return None


def extract_constant(x: Any, elemwise: bool = True, only_process_constants: bool = False) -> Any:
    """The number that ``x`` is known to hold, or ``x`` as it is."""
    try:
        return get_scalar_constant_value(x, elemwise, only_process_constants)
    except NotScalarConstantError:
        return x


@offers("get_vector_length")
def get_vector_length(v: Any) -> int:
    """The length of a symbolic vector, where the graph tells it.

    Raises TypeError for what is not a vector and ValueError where the length is not known before run time.
    """
    v = as_tensor_variable(v)
    if v.type.ndim != 1:
        raise TypeError(f"argument must be symbolic vector, got '{v}'")
    if v.type.broadcastable[0]:
        return 1
    if isinstance(v, Constant):
        return len(v.data)
    length = getattr(v.owner.op, "length", None) if v.owner is not None else None
    found = None if length is None else length(v.owner)
    if found is None:
        raise ValueError(f"length not known: {v} [id A]")
    return int(found)


def element_of(v: Any, i: int) -> Any:
    """A variable or array equal to ``v[i]`` of a vector, or None where the graph does not tell it."""
    if isinstance(v, Constant):
        return v.data[i]
    element = getattr(v.owner.op, "element", None) if v.owner is not None else None
    return None if element is None else element(v.owner, i)


__all__ = ["element_of", "extract_constant", "get_scalar_constant_value", "get_vector_length", "known_scalar",
           "numpy_scalar"]
