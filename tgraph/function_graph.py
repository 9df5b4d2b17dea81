"""The graph of a function as an object: what a compiled function shows, and a private copy that may be edited."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tgraph.errors import CachedConstantError, InconsistencyError, MissingInputError
from tgraph.graph import Apply, Constant, Variable, clone_get_equiv, toposort, where


class FunctionGraph:
    """The graph between ``inputs`` and ``outputs``.

    With ``clone`` (the default) a copy of it, which ``replace`` and ``change_input`` may edit; without, the variables
    themselves. ``features``: objects whose ``on_attach``, ``on_import``, ``on_change_input``, ``on_prune`` and
    ``validate`` are called as it changes. ``update_mapping``: position of an update among the outputs -> position of
    its input.

    Raises ValueError for an input that is computed, MissingInputError for a leaf that is no input, and
    CachedConstantError for a constant that other graphs share, all but the second without ``clone``. ``check`` False:
    nothing is looked at.
    """

    def __init__(
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        features: Sequence[Any] | None = None,
        clone: bool = True,
        update_mapping: dict[int, int] | None = None,
        name: str | None = None,
        check: bool = True,
    ):
        inputs, outputs = list(inputs), list(outputs)
        for x in inputs if check and not clone else ():
            if x.owner is not None:
                raise ValueError(
                    "One of the provided inputs is the output of an already existing node. If that is okay, either "
                    "discard that input's owner or use graph.clone."
                )
        if clone:
            twins = clone_get_equiv(inputs, outputs)
            inputs, outputs = [twins[x] for x in inputs], [twins[o] for o in outputs]
        self.inputs, self.outputs, self.name = inputs, outputs, name
        self.profile = None
        self.update_mapping = {} if update_mapping is None else update_mapping
        self._features: list[Any] = []
        if check:
            self.check_integrity()
        if check and not clone:
            self._refuse_cached()
        for feature in features or ():
            self.attach_feature(feature)

    def _refuse_cached(self) -> None:
        for x in (x for node in self.toposort() for x in node.inputs):
            if getattr(x, "cached", False):
                raise CachedConstantError(
                    f"You manually constructed a FunctionGraph, but you passed it a graph that has a cached constant "
                    f"({x}). This should not happen. Clone the graph before building the FunctionGraph."
                )

    # -- looking -----------------------------------------------------------------------------------------------

    def toposort(self) -> list[Apply]:
        """The apply nodes, each after those it needs."""
        return toposort(self.outputs, self.inputs)

    @property
    def apply_nodes(self) -> set[Apply]:
        """All apply nodes."""
        return set(self.toposort())

    @property
    def variables(self) -> set[Variable]:
        """All variables."""
        found = set(self.inputs) | set(self.outputs)
        for node in self.toposort():
            found.update(node.inputs)
            found.update(node.outputs)
        return found

    def clients(self, variable: Variable) -> list[tuple[Any, int]]:
        """(node, position) of every use; ('output', i) where the function returns the variable."""
        found: list[tuple[Any, int]] = [
            (n, i) for n in self.toposort() for i, x in enumerate(n.inputs) if x is variable
        ]
        return found + [("output", i) for i, o in enumerate(self.outputs) if o is variable]

    def orderings(self) -> dict[Apply, list[Apply]]:
        """What else has to run before a node: nothing, nodes do not write over each other's inputs here."""
        return {}

    def check_integrity(self) -> None:
        """MissingInputError where a leaf is neither an input nor a constant; InconsistencyError for an output that
        its node does not know."""
        given = set(self.inputs)
        for node in self.toposort():
            for i, output in enumerate(node.outputs):
                if output.owner is not node or output.index != i:
                    raise InconsistencyError(
                        f"output {i} of {node} belongs elsewhere",
                        where=where(node),
                        fix="make fresh outputs for each Apply",
                    )
            for x in node.inputs:
                if x.owner is None and x not in given and not isinstance(x, Constant) and not hasattr(x, "container"):
                    raise MissingInputError(
                        f"Undeclared input {x} of {node}", where=where(x) or where(node), fix="list it among the inputs"
                    )

    def __iter__(self) -> Iterator[Apply]:
        return iter(self.toposort())

    def __str__(self) -> str:
        return f"[{', '.join(as_string(self.inputs, self.outputs))}]"

    __repr__ = __str__

    def disown(self) -> None:
        """Nothing to do: variables may stand in any number of graphs here."""

    # -- copying and editing ------------------------------------------------------------------------------------

    def clone(self, check_integrity: bool = True) -> FunctionGraph:
        """A copy; its features are attached anew."""
        return self.clone_get_equiv(check_integrity)[0]

    def clone_get_equiv(self, check_integrity: bool = True, attach_feature: bool = True) -> tuple[FunctionGraph, dict]:
        """(a copy, what each variable and node became)."""
        twins = clone_get_equiv(self.inputs, self.outputs)
        copied = FunctionGraph(
            [twins[x] for x in self.inputs],
            [twins[o] for o in self.outputs],
            clone=False,
            update_mapping=dict(self.update_mapping),
            name=self.name,
            check=check_integrity,
        )
        for feature in self._features if attach_feature else ():
            copied.attach_feature(feature)
        return copied, twins

    def add_input(self, variable: Variable) -> None:
        """One more input."""
        if variable not in self.inputs:
            self.inputs.append(variable)

    def change_input(self, node: Any, i: int, new_r: Variable, reason: Any = None) -> None:
        """Let a node (or 'output') take ``new_r`` as its input ``i``; TypeError for one of another type."""
        old = self.outputs[i] if node == "output" else node.inputs[i]
        if new_r is old:
            return
        if old.type != new_r.type:
            raise TypeError(
                "The type of the replacement must be the same as the type of the original Variable.",
                old,
                new_r,
                old.type,
                new_r.type,
                str(reason),
            )
        before = self.apply_nodes if self._features else set()
        if node == "output":
            self.outputs[i] = new_r
        else:
            node.inputs[i] = new_r
        if not self._features:
            return
        after = self.toposort()
        for new in after:
            if new not in before:
                self.execute_callbacks("on_import", new, reason)
        for gone in before - set(after):
            self.execute_callbacks("on_prune", gone, reason)
        self.execute_callbacks("on_change_input", node, i, old, new_r, reason)

    def replace(self, r: Variable, new_r: Variable, reason: Any = None, verbose: Any = None) -> None:
        """Use ``new_r`` wherever ``r`` is used; TypeError where it cannot be converted to the type of ``r``."""
        new_r = r.type.filter_variable(new_r, allow_convert=False) if r.type != new_r.type else new_r
        for node, i in self.clients(r):
            self.change_input(node, i, new_r, reason)

    def replace_all(self, pairs: Any, reason: Any = None) -> None:
        """``replace`` for each pair."""
        for r, new_r in pairs:
            self.replace(r, new_r, reason)

    def replace_validate(self, r: Variable, new_r: Variable, reason: Any = None) -> None:
        """As ``replace``; undone where a feature's ``validate`` raises."""
        self.replace_all_validate([(r, new_r)], reason)

    def replace_all_validate(self, replacements: Any, reason: Any = None, verbose: Any = None) -> list:
        """As ``replace_all``; undone where a feature's ``validate`` raises."""
        done: list[tuple[Any, int, Variable]] = []
        try:
            for r, new_r in replacements:
                for node, i in self.clients(r):
                    self.change_input(node, i, new_r, reason)
                    done.append((node, i, r))
            self.validate()
        except Exception:
            for node, i, old in reversed(done):
                self.change_input(node, i, old, reason)
            raise
        return []

    def validate(self) -> None:
        """Ask all features; what they raise comes through."""
        self.check_integrity()
        self.execute_callbacks("validate")

    def consistent(self) -> bool:
        """Does ``validate`` pass?"""
        try:
            self.validate()
        except Exception:  # a feature may refuse in any way
            return False
        return True

    # -- features -----------------------------------------------------------------------------------------------

    def attach_feature(self, feature: Any) -> None:
        """Tell a feature of this graph, from now on of its changes; one that is attached already stays once."""
        if feature in self._features:
            return
        attach: Callable[..., Any] | None = getattr(feature, "on_attach", None)
        self._features.append(feature)
        if attach is not None:
            try:
                attach(self)
            except Exception as error:
                self._features.remove(feature)
                if type(error).__name__ == "AlreadyThere":
                    return
                raise

    def remove_feature(self, feature: Any) -> None:
        """Let a feature go."""
        if feature in self._features:
            self._features.remove(feature)
            detach = getattr(feature, "on_detach", None)
            if detach is not None:
                detach(self)

    def execute_callbacks(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Call a method of all features that have it."""
        for feature in list(self._features):
            method = getattr(feature, name, None)
            if method is not None:
                method(self, *args, **kwargs)

    def collect_callbacks(self, name: str, *args: Any) -> dict[Any, Any]:
        """What a method of the features that have it returns, by feature."""
        return {f: getattr(f, name)(self, *args) for f in self._features if hasattr(f, name)}


# --- graphs as text -----------------------------------------------------------------------------------------------


def default_node_formatter(op: Apply, argstrings: Sequence[str]) -> str:
    """``op(arg, arg)``."""
    return f"{op.op}({', '.join(argstrings)})"


default_leaf_formatter = str


def as_string(
    i: Sequence[Variable],
    o: Sequence[Variable],
    leaf_formatter: Callable[..., str] = default_leaf_formatter,
    node_formatter: Callable[..., str] = default_node_formatter,
) -> list[str]:
    """The expressions of ``o`` over ``i`` as text; what is used more than once is written out at its first use as
    ``*1 -> text`` and then called ``*1``."""
    ends = set(i)
    inner = set(toposort(o, i))
    made = lambda v: v.owner in inner and v not in ends
    used = [v.owner for n in inner for v in n.inputs if made(v)] + [v.owner for v in o if made(v)]
    several = {node for node in inner if used.count(node) > 1}
    numbers: dict[Apply, int] = {}
    texts: dict[Apply, str] = {}

    def take(v: Any) -> str:
        if not made(v):
            return leaf_formatter(v)
        if v.owner not in several:
            return texts.pop(v.owner)
        if v.owner in texts:
            return f"*{numbers[v.owner]} -> {texts.pop(v.owner)}"
        which = f"::{v.index}" if len(v.owner.outputs) > 1 else ""
        return f"*{numbers[v.owner]}{which}"

    results = []
    written: set[Apply] = set()
    for output in o:
        stack: list[Any] = [output.owner] if made(output) and output.owner not in written else []
        while stack:
            node = stack[-1]
            missing = [v.owner for v in node.inputs if made(v) and v.owner not in written]
            if missing:
                stack.append(missing[0])
                continue
            stack.pop()
            texts[node] = node_formatter(node, [take(v) for v in node.inputs])
            written.add(node)
            if node in several:
                numbers[node] = len(numbers) + 1
        results.append(take(output))
    return results


def op_as_string(
    i: Sequence[Variable],
    op: Apply,
    leaf_formatter: Callable[..., str] = default_leaf_formatter,
    node_formatter: Callable[..., str] = default_node_formatter,
) -> str:
    """A node over ``i`` as text."""
    return node_formatter(op, as_string(i, op.inputs, leaf_formatter, node_formatter))
