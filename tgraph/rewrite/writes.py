"""Tensors that are zero but for a part, as the gradient of ``x[0]``, ``x[1:]``, ``x[i]`` .. makes them: sums of such
are added to one tensor in turn, which the engines do in place, and ``w - rate * gradient`` touches that part only."""

from __future__ import annotations

from typing import Any

from tgraph.graph import Apply
from tgraph.ops.advanced import (
    AdvancedIncSubtensor1,
    AdvancedSubtensor1,
    BaseAdvancedIncSubtensor,
    advanced_inc_subtensor1,
)
from tgraph.ops.constants import known_scalar
from tgraph.ops.elemwise import DimShuffle
from tgraph.ops.subtensor import IncSubtensor
from tgraph.rewrite.engine import Rewriter, made_by, row_of, rule
from tgraph.rewrite.views import LIMIT, Product, negated, plus, product, shape_source, terms

_WRITERS = (IncSubtensor, AdvancedIncSubtensor1, BaseAdvancedIncSubtensor)


def _adds(v: Any, rw: Rewriter) -> bool:
    """True if a variable is a tensor with a part added, and nothing else uses it."""
    node = v.owner
    return (
        node is not None
        and isinstance(node.op, _WRITERS)
        and not node.op.set_instead_of_inc
        and rw.uses(v) <= 1
    )


def _origin(term: Any, rw: Rewriter) -> tuple[Any, int]:
    """(the tensor that parts are added to, one after the other, to make ``term``; how many they are)."""
    known: dict[Any, tuple[Any, int]] = rw.__dict__.setdefault("_origins", {})
    path = []
    while term not in known and _adds(term, rw):
        path.append(term)
        term = term.owner.inputs[0]
    found = known.get(term, (term, 0))
    for v in reversed(path):
        found = known[v] = (found[0], found[1] + 1)
    return found


def _terms(node: Apply, rw: Rewriter) -> list[Any]:
    """The terms of a sum and of the sums in it that nothing else uses."""
    type_ = node.outputs[0].type
    found: list[Any] = []
    stack = list(reversed(node.inputs))
    while stack:
        t = stack.pop()
        room = len(found) + len(stack) < LIMIT
        if room and t.type == type_ and row_of(t) == "add" and rw.uses(t) <= 1:
            stack.extend(reversed(t.owner.inputs))
        else:
            found.append(t)
    return found


@rule("add", tags=("specialize", "local_IncSubtensor_serialize"))
def add_parts_in_turn(node: Apply, rw: Rewriter) -> Any:
    """b + inc(zeros[i], c) + inc(zeros[j], d) = b + inc(inc(zeros[i], c)[j], d) for one and the same
    zeros."""
    if not any(made_by(t, *_WRITERS) for t in node.inputs):
        return None
    out = node.outputs[0]
    groups: dict[Any, list[Any]] = {}
    rest: list[Any] = []
    for t in _terms(node, rw):
        zeros, count = _origin(t, rw) if t.type == out.type else (t, 0)
        if count:
            groups.setdefault(zeros, []).append(t)
        else:
            rest.append(t)
    changed = False
    for zeros, group in groups.items():
        number = known_scalar(zeros) if len(group) > 1 else None
        if number is None or number != 0 or len(set(group)) < len(group):
            rest.extend(group)
            continue
        group.sort(key=lambda t: -_origin(t, rw)[1])
        whole = group[0]
        for t in group[1:]:
            while t is not zeros:
                whole = t.owner.op(whole, *t.owner.inputs[1:])
                t = t.owner.inputs[0]
        rest.append(whole)
        changed = True
    return plus(rest) if changed else None


def _is_scalar(v: Any) -> bool:
    return all(v.type.broadcastable)


def _of_one_dtype(v: Any) -> bool:
    """True for a float tensor with a part of its own dtype added."""
    x, y = v.owner.inputs[:2]
    return x.type.dtype == y.type.dtype and x.type.dtype in ("float32", "float64")


@rule("mul", "true_div", "neg", tags=("specialize",))
def scale_the_part(node: Apply, rw: Rewriter) -> Any:
    """c * inc(a[i], y) = inc((c * a)[i], c * y) for a number c, which the zeros of a gradient swallow."""
    if not any(made_by(i, *_WRITERS) for i in node.inputs):
        return None
    out = node.outputs[0]
    view = product(out)
    parts = [n for n in view.nums if n.type == out.type and _adds(n, rw) and not _is_scalar(n)]
    if len(parts) != 1 or not _of_one_dtype(parts[0]):
        return None
    rest = [n for n in view.nums if n is not parts[0]]
    if not all(map(_is_scalar, [*rest, *view.dens])) or any(v.type.dtype != view.dtype for v in [*rest, *view.dens]):
        return None
    x, y, *index = parts[0].owner.inputs

    def scaled(v: Any) -> Any:
        small = Product(view.dtype, [_shrunk(n, v) for n in rest], [_shrunk(d, v) for d in view.dens], view.coefficient)
        small.nums.append(v)
        return small.build(v)

    # a number times zeros: zeros, also where it is not finite, as everywhere else
    return parts[0].owner.op(x if known_scalar(x) == 0 else scaled(x), scaled(y), *index)


def _shrunk(scalar: Any, model: Any) -> Any:
    """A variable of one element, by type, in the number of dimensions that the model has."""
    if scalar.type.ndim == model.type.ndim:
        return scalar
    small = DimShuffle(scalar.type.broadcastable, ())(scalar) if scalar.type.ndim else scalar
    return DimShuffle((), ("x",) * model.type.ndim)(small) if model.type.ndim else small


def _sized_as(v: Any, rw: Rewriter) -> Any:
    """Something that has the shape of ``v``, the same for all that get theirs from it."""
    known: dict[Any, Any] = rw.__dict__.setdefault("_sized", {})
    path = []
    while v not in known:
        path.append(v)
        source = v.owner.inputs[0] if made_by(v, *_WRITERS) else shape_source(v)
        if source is v:
            known[v] = v
        v = source
    for p in path:
        known[p] = known[v]
    return known[v]


@rule("add", "sub", tags=("specialize",))
def add_to_the_part(node: Apply, rw: Rewriter) -> Any:
    """w - inc(zeros_like(w)[i], y) = inc(w[i], -y): of w only the part is computed."""
    if not any(made_by(i, *_WRITERS) for i in node.inputs):
        return None
    out = node.outputs[0]
    view = terms(out)
    if view.constant != 0:
        return None
    for side, sign in ((view.plus, 1), (view.minus, -1)):
        for t in side:
            if t.type != out.type or not _adds(t, rw) or not _of_one_dtype(t):
                continue
            x, y, *index = t.owner.inputs
            side.remove(t)
            zero = known_scalar(x) == 0
            if zero and (row_of(x) != "second" or not (view.plus or view.minus)):
                return None
            if not zero:
                side.append(x)
            if not any(v.type == out.type for v in (*view.plus, *view.minus)):
                return None
            base = view.build(out)
            if base.type != out.type:
                return None
            if zero and _sized_as(base, rw) is not _sized_as(x.owner.inputs[0], rw):
                return None
            return t.owner.op(base, y if sign > 0 else negated(y), *index)
    return None


@rule(AdvancedIncSubtensor1, name="local_set_to_inc_subtensor", tags=("canonicalize",))
def add_to_rows(node: Apply, rw: Rewriter) -> Any:
    """set(x[i], x[i] + y) = inc(x[i], y). Where i names a row twice this is not the same: every y counts, where only
    the last would. Theano did so, in this mode and for a sum of two, and what was trained that way shows it."""
    x, value, i = node.inputs
    if not node.op.set_instead_of_inc or row_of(value) != "add" or len(value.owner.inputs) != 2:
        return None
    for rows, y in (value.owner.inputs, reversed(value.owner.inputs)):
        if made_by(rows, AdvancedSubtensor1) and rows.owner.inputs == [x, i]:
            return advanced_inc_subtensor1(x, y, i)
    return None


RULES = [add_to_rows, add_parts_in_turn, scale_the_part, add_to_the_part]

__all__ = ["RULES"]
