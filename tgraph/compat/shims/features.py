"""What can be attached to a FunctionGraph: the features that old code named or subclassed."""

from __future__ import annotations

import functools
import sys
from typing import Any

__all__ = [
    "AlreadyThere",
    "Bookkeeper",
    "ChangeTracker",
    "DestroyHandler",
    "Feature",
    "GetCheckpoint",
    "History",
    "LambdExtract",
    "NoOutputFromInplace",
    "NodeFinder",
    "PreserveNames",
    "PreserveVariableAttributes",
    "PrintListener",
    "ReplaceValidate",
    "ReplacementDidntRemovedError",
    "Supervisor",
    "Validator",
]


class AlreadyThere(Exception):
    """Raised by `on_attach`: the graph has such a feature."""


class ReplacementDidntRemovedError(Exception):
    """A replacement left in the graph what it was to remove."""


class Feature:
    """Told of the changes of a FunctionGraph."""

    def on_attach(self, function_graph: Any) -> None:
        """Called once, when it is attached."""

    def on_detach(self, function_graph: Any) -> None:
        """Called when it is removed."""

    def on_import(self, function_graph: Any, node: Any, reason: Any) -> None:
        """A node came in."""

    def on_prune(self, function_graph: Any, node: Any, reason: Any) -> None:
        """A node went."""

    def on_change_input(self, function_graph: Any, node: Any, i: int, r: Any, new_r: Any, reason: Any = None) -> None:
        """Input `i` of a node was `r` and is `new_r`."""

    def orderings(self, function_graph: Any) -> dict:
        """What has to run before what."""
        return {}


class Bookkeeper(Feature):
    """Told of each node, also of those that are there when it is attached."""

    def on_attach(self, fgraph: Any) -> None:
        for node in fgraph.toposort():
            self.on_import(fgraph, node, "on_attach")

    def on_detach(self, fgraph: Any) -> None:
        for node in fgraph.toposort():
            self.on_prune(fgraph, node, "Bookkeeper.detach")


class ChangeTracker(Feature):
    """`fgraph.change_tracker`: `changed` is true where anything changed since `reset`, `nb_imported` counts the nodes
    that came in."""

    def __init__(self) -> None:
        self.changed = False
        self.nb_imported = 0

    def on_attach(self, fgraph: Any) -> None:
        fgraph.change_tracker = self

    def on_detach(self, fgraph: Any) -> None:
        del fgraph.change_tracker

    def on_import(self, fgraph: Any, node: Any, reason: Any) -> None:
        self.nb_imported += 1
        self.changed = True

    def on_change_input(self, fgraph: Any, node: Any, i: int, r: Any, new_r: Any, reason: Any = None) -> None:
        self.changed = True

    def reset(self) -> None:
        """Nothing has changed, from here on."""
        self.changed = False


class NodeFinder(Bookkeeper):
    """`fgraph.get_nodes(op)`: the nodes of an op."""

    def __init__(self) -> None:
        self.fgraph: Any = None
        self.found: dict[Any, list] = {}

    def on_attach(self, fgraph: Any) -> None:
        if self.fgraph is not None:
            raise Exception("A NodeFinder instance can only serve one FunctionGraph.")
        if hasattr(fgraph, "get_nodes"):
            raise AlreadyThere("NodeFinder is already present or in conflict with another plugin.")
        self.fgraph = fgraph
        fgraph.get_nodes = functools.partial(self.query, fgraph)
        super().on_attach(fgraph)

    def on_detach(self, fgraph: Any) -> None:
        super().on_detach(fgraph)
        self.fgraph = None
        del fgraph.get_nodes

    def on_import(self, fgraph: Any, node: Any, reason: Any) -> None:
        self.found.setdefault(node.op, []).append(node)

    def on_prune(self, fgraph: Any, node: Any, reason: Any) -> None:
        self.found[node.op].remove(node)

    def query(self, fgraph: Any, op: Any) -> list:
        """The nodes of an op, each before those that use it."""
        return [node for node in fgraph.toposort() if node in self.found.get(op, ())]


class LambdExtract:
    """Undoes one change of an input when it is called."""

    def __init__(self, fgraph: Any, node: Any, i: int, r: Any, reason: Any = None) -> None:
        self.fgraph, self.node, self.i, self.r, self.reason = fgraph, node, i, r, reason

    def __call__(self) -> None:
        self.fgraph.change_input(self.node, self.i, self.r, reason=("Revert", self.reason))


class GetCheckpoint:
    """Gives a point to go back to when it is called."""

    def __init__(self, history: History, fgraph: Any) -> None:
        self.h, self.fgraph = history, fgraph
        self.nb = 0

    def __call__(self) -> int:
        self.nb = len(self.h.history[self.fgraph])
        return self.nb


class History(Feature):
    """`fgraph.checkpoint()` and `fgraph.revert(checkpoint)`."""

    def __init__(self) -> None:
        self.history: dict[Any, Any] = {}

    def on_attach(self, fgraph: Any) -> None:
        if hasattr(fgraph, "checkpoint") or hasattr(fgraph, "revert"):
            raise AlreadyThere("History feature is already present or in conflict with another plugin.")
        self.history[fgraph] = []
        fgraph.checkpoint = GetCheckpoint(self, fgraph)
        fgraph.revert = functools.partial(self.revert, fgraph)

    def on_detach(self, fgraph: Any) -> None:
        del fgraph.checkpoint, fgraph.revert, self.history[fgraph]

    def on_change_input(self, fgraph: Any, node: Any, i: int, r: Any, new_r: Any, reason: Any = None) -> None:
        if self.history[fgraph] is not None:
            self.history[fgraph].append(LambdExtract(fgraph, node, i, r, reason))

    def revert(self, fgraph: Any, checkpoint: int) -> None:
        """Undo all that was done since the checkpoint."""
        steps, self.history[fgraph] = self.history[fgraph], None
        while len(steps) > checkpoint:
            steps.pop()()
        self.history[fgraph] = steps


class Validator(Feature):
    """`fgraph.validate()` and `fgraph.consistent()`, which each graph has here."""


class ReplaceValidate(History, Validator):
    """`fgraph.replace_validate(r, new_r)` and its kin, which each graph has here."""

    def on_attach(self, fgraph: Any) -> None:
        if not hasattr(fgraph, "checkpoint"):
            super().on_attach(fgraph)
        else:
            self.history[fgraph] = None

    def on_detach(self, fgraph: Any) -> None:
        if self.history.pop(fgraph, None) is not None:
            del fgraph.checkpoint, fgraph.revert


class PrintListener(Feature):
    """Prints what happens to a graph."""

    def __init__(self, active: bool = True) -> None:
        self.active = active

    def _say(self, *words: Any) -> None:
        if self.active:
            sys.stdout.write(" ".join(map(str, words)) + "\n")

    def on_attach(self, fgraph: Any) -> None:
        self._say("-- attaching to: ", fgraph)

    def on_detach(self, fgraph: Any) -> None:
        self._say("-- detaching from: ", fgraph)

    def on_import(self, fgraph: Any, node: Any, reason: Any) -> None:
        self._say(f"-- importing: {node}, reason: {reason}")

    def on_prune(self, fgraph: Any, node: Any, reason: Any) -> None:
        self._say(f"-- pruning: {node}, reason: {reason}")

    def on_change_input(self, fgraph: Any, node: Any, i: int, r: Any, new_r: Any, reason: Any = None) -> None:
        self._say(f"-- changing ({node}.inputs[{i}]) from {r} to {new_r}")


class PreserveNames(Feature):
    """A replacement without a name takes that of what it replaces."""

    def on_change_input(self, fgraph: Any, node: Any, i: int, r: Any, new_r: Any, reason: Any = None) -> None:
        if r.name is not None and new_r.name is None:
            new_r.name = r.name


class PreserveVariableAttributes(Feature):
    """As `PreserveNames`; `tag.nan_guard_mode_check` goes along."""

    def on_change_input(self, fgraph: Any, node: Any, i: int, r: Any, new_r: Any, reason: Any = None) -> None:
        if r.name is not None and new_r.name is None:
            new_r.name = r.name
        if getattr(r.tag, "nan_guard_mode_check", False) and not hasattr(new_r.tag, "nan_guard_mode_check"):
            new_r.tag.nan_guard_mode_check = r.tag.nan_guard_mode_check


class NoOutputFromInplace(Feature):
    """Outputs made in place: nothing is, here."""

    def __init__(self, first_output_idx: int = 0, last_output_idx: int | None = None) -> None:
        self.first_idx, self.last_idx = first_output_idx, last_output_idx

    def validate(self, fgraph: Any) -> bool:
        """Always well."""
        return True


class DestroyHandler(Bookkeeper):
    """Order of execution for ops that write over their inputs: those get copies here, so any order is well."""

    def __init__(self, do_imports_on_attach: bool = True, algo: Any = None) -> None:
        self.do_imports_on_attach = do_imports_on_attach


class Supervisor(Feature):
    """Keeps variables from being written over: nothing is, here."""

    def __init__(self, protected: Any) -> None:
        self.protected = list(protected)

    def validate(self, fgraph: Any) -> bool:
        """Always well."""
        return True
