"""Sums of tensors that are zero but for a part, as the gradient of ``x[0]``, ``x[1:]``, ``x[i]`` .. makes
them: each part is added to one tensor in turn, which the engines do in place."""

from __future__ import annotations

from typing import Any

from tgraph.graph import Apply
from tgraph.ops.advanced import AdvancedIncSubtensor1, BaseAdvancedIncSubtensor
from tgraph.ops.constants import known_scalar
from tgraph.ops.subtensor import IncSubtensor
from tgraph.rewrite.engine import Rewriter, made_by, row_of, rule
from tgraph.rewrite.views import LIMIT, plus

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
    for zeros, terms in groups.items():
        number = known_scalar(zeros) if len(terms) > 1 else None
        if number is None or number != 0 or len(set(terms)) < len(terms):
            rest.extend(terms)
            continue
        terms.sort(key=lambda t: -_origin(t, rw)[1])
        whole = terms[0]
        for t in terms[1:]:
            while t is not zeros:
                whole = t.owner.op(whole, *t.owner.inputs[1:])
                t = t.owner.inputs[0]
        rest.append(whole)
        changed = True
    return plus(rest) if changed else None


RULES = [add_parts_in_turn]

__all__ = ["RULES"]
