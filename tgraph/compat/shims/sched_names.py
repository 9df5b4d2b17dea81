"""Orders of nodes by comparators, as ``theano.gof.sched`` made them, and small helpers of the graph rewriting."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tgraph.compat.shims.graph_names import list_of_nodes
from tgraph.graph import Apply, Variable
from tgraph.operators import as_tensor_variable
from tgraph.ops.create import alloc

__all__ = [
    "broadcast_like",
    "check_chain",
    "encompasses_broadcastable",
    "iter_over_pairs",
    "make_dependence_cmp",
    "make_depends",
    "merge_dict",
    "posort",
    "res_is_a",
    "reverse_dict",
    "sort_apply_nodes",
    "sort_schedule_fn",
]


def posort(l: Iterable[Any], *cmps: Callable[[Any, Any], float]) -> list[Any]:
    """The things in an order that suits the comparators, the earlier ones first; a wish that would make a circle with
    those before it is left out. Among what is free the order is that of ``l``."""
    things = list(l)
    after: dict[Any, set] = {a: set() for a in things}
    before: dict[Any, set] = {a: set() for a in things}
    for wish in cmps:
        for a in things:
            for b in things:
                if wish(a, b) < 0 and b not in before[a] and b not in after[a]:
                    earlier, later = {a} | before[a], {b} | after[b]
                    for x in earlier:
                        after[x] |= later
                    for x in later:
                        before[x] |= earlier
    missing = {a: len(before[a]) for a in things}
    ready, found = [a for a in things if not missing[a]], []
    for a in ready:
        found.append(a)
        for b in things:
            if b in after[a]:
                missing[b] -= 1
                if not missing[b]:
                    ready.append(b)
    return found


def make_depends() -> Callable[[tuple[Apply, Apply]], bool]:
    """A function of a pair of nodes (a, b): does a need b?"""

    def depends(pair: tuple[Apply, Apply]) -> bool:
        a, b = pair
        seen, waiting = set(), [a]
        while waiting:
            for v in waiting.pop().inputs:
                if v.owner is b:
                    return True
                if v.owner is not None and v.owner not in seen:
                    seen.add(v.owner)
                    waiting.append(v.owner)
        return False

    return depends


def make_dependence_cmp() -> Callable[[Apply, Apply], int]:
    """A comparator of nodes: 1 where the first needs the second, -1 the other way round, else 0."""
    depends = make_depends()
    return lambda a, b: 1 if depends((a, b)) else -1 if depends((b, a)) else 0


def reverse_dict(d: dict[Any, Iterable[Any]]) -> dict[Any, tuple]:
    """{value: (the keys that list it, ..)} of {key: values}."""
    found: dict[Any, tuple] = {}
    for key, values in d.items():
        for value in values:
            found[value] = (*found.get(value, ()), key)
    return found


def sort_apply_nodes(inputs: Any, outputs: Any, cmps: Iterable[Callable]) -> list[Apply]:
    """The nodes between inputs and outputs, ordered by comparators (``posort``)."""
    return posort(list_of_nodes(inputs, outputs), *cmps)


def sort_schedule_fn(*cmps: Callable) -> Callable[[Any], list[Apply]]:
    """A function that orders the nodes of a graph by what needs what, then by the comparators."""
    return lambda fgraph: sort_apply_nodes(fgraph.inputs, fgraph.outputs, (make_dependence_cmp(), *cmps))


def merge_dict(d1: dict, d2: dict) -> dict:
    """A dict with the entries of both, those of a common key added."""
    found = dict(d1)
    for key, value in d2.items():
        found[key] = found[key] + value if key in found else value
    return found


def iter_over_pairs(pairs: Any) -> Any:
    """The items of a dict, else the pairs as they are."""
    return pairs.items() if isinstance(pairs, dict) else pairs


def check_chain(r: Any, *chain: Any) -> bool:
    """Does ``r`` come of these ops, the last first, each the first input of the one before? An op may be a class; None
    stands for any."""
    v = r.outputs[0] if isinstance(r, Apply) else r
    for wanted in chain:
        node = v.owner
        if node is None:
            return False
        if wanted is not None and not (isinstance(node.op, wanted) if isinstance(wanted, type) else node.op == wanted):
            return False
        v = node.inputs[0]
    return v is not None


def res_is_a(var: Variable, op: Any, maxclients: int | None = None) -> Any:
    """Is the variable a result of this op? None for a variable without one."""
    return var.owner and var.owner.op == op


def encompasses_broadcastable(b1: tuple, b2: tuple) -> bool:
    """Does a tensor of pattern ``b2`` broadcast to one of pattern ``b1``, and not the other way round?"""
    return len(b1) >= len(b2) and not any(x and not y for x, y in zip(b1[-len(b2) :], b2, strict=False))


def broadcast_like(value: Any, template: Variable, fgraph: Any = None, dtype: str | None = None) -> Variable:
    """``value`` in the shape, pattern and dtype (or another one) of ``template``."""
    value = as_tensor_variable(value)
    if value.type == template.type:
        return value
    value = value.astype(template.type.dtype if dtype is None else dtype)
    if value.type == template.type:
        return value
    made = alloc(value, *[template.shape[i] for i in range(template.type.ndim)])
    return (
        made
        if made.type.broadcastable == template.type.broadcastable
        else template.zeros_like(value.type.dtype) + value
    )
