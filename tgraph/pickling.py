"""Pickles and deep copies of graphs of any depth (pickle, dill and ``copy`` themselves recurse).

A variable's reduction carries its ancestors along, in topological order: the pickler meets them one after the other,
and each finds what it refers to in the pickler's memo. Nothing here is safe for files from strangers: pickles run code.
"""

from __future__ import annotations

import copy
import threading
import weakref
from collections.abc import Sequence
from typing import Any

from tgraph.config import config
from tgraph.garbage import uncollected
from tgraph.graph import Apply, Variable, late, toposort


class Ancestors(list):
    """Apply nodes on their way into a pickle. While the pickler lives, its memo keeps this list alive, and the nodes
    in it are reduced without ancestors of their own."""

    __slots__ = ("__weakref__", "covered")

    def __init__(self, nodes: Sequence[Apply] = ()):
        super().__init__(nodes)
        self.covered: set[int] = {id(node) for node in nodes}

    def __reduce_ex__(self, protocol: Any) -> Any:
        return Ancestors, (), None, iter(self)


class _Under(threading.local):
    """The lists that picklers of this thread are at."""

    def __init__(self) -> None:
        self.way: list[weakref.ref[Ancestors]] = []

    def covers(self, node: Apply) -> bool:
        alive = False
        for reference in self.way:
            carried = reference()
            if carried is None:
                alive = True
            elif id(node) in carried.covered:
                return True
        if alive:
            self.way = [r for r in self.way if r() is not None]
        return False


_under = _Under()


def _blank(cls: type) -> Any:
    return cls.__new__(cls)


def _restore(thing: Any, state: Any) -> None:
    """Put the state back (the ancestors have done their work by now)."""
    if isinstance(state, tuple):
        state = state[1]
    setter = getattr(type(thing), "__setstate__", None)
    if setter is not None:
        setter(thing, state)
    else:
        thing.__dict__.update(state)


def _state(thing: Any) -> Any:
    getter = getattr(type(thing), "__getstate__", None)
    if getter is not None and getter is not getattr(object, "__getstate__", None):
        return thing.__getstate__()
    state = dict(thing.__dict__)
    state.pop("_fn_cache", None)  # what eval() compiled
    pad = state.get("_tag")
    if not config.pickle_test_value and hasattr(pad, "test_value"):
        state["_tag"] = pad = copy.copy(pad)
        del pad.test_value
    return state


def _reduce(thing: Any, outputs: Sequence[Variable], owner: Apply | None) -> Any:
    state = _state(thing)
    if owner is not None and not _under.covers(owner):
        carried = Ancestors(toposort(outputs))
        _under.way.append(weakref.ref(carried))
        state = (carried, state)
    return _blank, (type(thing),), state, None, None, _restore


def reduce_variable(variable: Variable) -> Any:
    """The reduction of a variable."""
    return _reduce(variable, [variable], variable.owner)


def reduce_apply(node: Apply) -> Any:
    """The reduction of an apply node."""
    return _reduce(node, node.outputs, node)


def _twin(thing: Any, memo: dict) -> Any:
    """A blank of the same class, noted in the memo."""
    twin = memo.get(id(thing))
    if twin is None:
        twin = memo[id(thing)] = type(thing).__new__(type(thing))
        # copy.deepcopy keeps originals alive so that ids in the memo stay true
        memo.setdefault(id(memo), []).append(thing)
    return twin


def _fill(thing: Any, twin: Any, memo: dict) -> None:
    _restore(twin, copy.deepcopy(_state(thing), memo))


@uncollected
def deepcopy(thing: Any, memo: dict) -> Any:
    """``copy.deepcopy`` of a variable or an apply node, whatever the depth of its graph."""
    roots = [thing] if isinstance(thing, Variable) else thing.outputs
    blank: list[Any] = []
    for node in toposort(roots):
        if id(node) in memo:
            continue
        blank.append(node)
        _twin(node, memo)
        for variable in (*node.inputs, *node.outputs):
            if id(variable) not in memo:
                blank.append(variable)
                _twin(variable, memo)
    if id(thing) not in memo:
        blank.append(thing)
        _twin(thing, memo)
    # every reference between nodes is in the memo now, so no copy goes deep
    for original in blank:
        _fill(original, memo[id(original)], memo)
    return memo[id(thing)]


late["reduce_variable"] = reduce_variable
late["reduce_apply"] = reduce_apply
late["deepcopy"] = deepcopy

__all__ = ["deepcopy", "reduce_apply", "reduce_variable"]
