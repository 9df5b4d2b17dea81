"""Rewrites of users: they may be written, decorated and registered, so that modules which do so at import go on. None
is applied when a function is compiled (tgraph has rewrites of its own, and an op that was to be replaced runs as it
is); the first that is registered says so, once. On a FunctionGraph of one's own `optimize` applies them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tgraph.function_graph import FunctionGraph
from tgraph.graph import PureOp
from tgraph.modes import Query as ModeQuery
from tgraph.modes import note_rewrites

# --- rewrites of whole graphs --------------------------------------------------------------------------------------


class Optimizer:
    """Changes a FunctionGraph: `apply(fgraph)` in a subclass, `optimize(fgraph)` to call it."""

    name: str | None = None

    def apply(self, fgraph: Any) -> Any:
        """Change the graph."""

    def optimize(self, fgraph: Any, *args: Any, **kwargs: Any) -> Any:
        """Change the graph, told of its requirements first."""
        self.add_requirements(fgraph)
        return self.apply(fgraph, *args, **kwargs)

    def __call__(self, fgraph: Any) -> Any:
        return self.optimize(fgraph)

    def add_requirements(self, fgraph: Any) -> None:
        """Attach features that are needed."""

    def print_summary(self, stream: Any = None, level: int = 0, depth: int = -1) -> None:
        """One line about it."""
        (stream or sys.stdout).write(f"{' ' * level}{type(self).__name__} {self.name} id={id(self)}\n")


class FromFunctionOptimizer(Optimizer):
    """A function of a FunctionGraph as an Optimizer."""

    def __init__(self, fn: Callable[..., Any], requirements: Any = ()) -> None:
        self.apply, self.requirements, self.name = fn, requirements, fn.__name__  # type: ignore[method-assign]

    def add_requirements(self, fgraph: Any) -> None:
        for requirement in self.requirements:
            requirement(fgraph)

    def __str__(self) -> str:
        return str(self.name)


def optimizer(f: Callable[..., Any]) -> FromFunctionOptimizer:
    """Decorator: a function that changes a FunctionGraph."""
    return FromFunctionOptimizer(f)


inplace_optimizer = optimizer


class SeqOptimizer(Optimizer, list):
    """Several, one after the other."""

    def __init__(self, *opts: Any, **kw: Any) -> None:
        list.__init__(self, opts[0] if len(opts) == 1 and isinstance(opts[0], (list, tuple)) else opts)
        self.failure_callback, self.name = kw.pop("failure_callback", None), kw.pop("name", None)

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other

    def apply(self, fgraph: Any) -> None:
        for one in self:
            one.optimize(fgraph)


class MergeOptimizer(Optimizer):
    """Merges equal nodes: functions have theirs merged when they are compiled."""


class AddDestroyHandler(Optimizer):
    """Nothing to do: nodes do not write over their inputs here."""


class AddFeatureOptimizer(Optimizer):
    """Attaches a feature."""

    def __init__(self, feature: Any) -> None:
        self.feature = feature

    def add_requirements(self, fgraph: Any) -> None:
        fgraph.attach_feature(self.feature)


class PrintCurrentFunctionGraph(Optimizer):
    """Prints a graph."""

    def __init__(self, header: str) -> None:
        self.header = header

    def apply(self, fgraph: Any) -> None:
        sys.stdout.write(f"PrintCurrentFunctionGraph: {self.header}\n{fgraph}\n")


class CheckStackTraceOptimization(Optimizer):
    """Nothing to check: nodes know the line of the user."""


# --- rewrites of single nodes ---------------------------------------------------------------------------------------


class LocalOptimizer:
    """`transform(node)`: False, or a list of what to use in place of the node's outputs."""

    name: str | None = None

    def tracks(self) -> Any:
        """The ops, or classes of ops, it looks at; None: all."""
        return None

    def transform(self, node: Any) -> Any:
        """False: leave the node."""
        raise NotImplementedError(f"{type(self).__name__}.transform")

    def add_requirements(self, fgraph: Any) -> None:
        """Attach features that are needed."""

    def __str__(self) -> str:
        return self.name or type(self).__name__


class FromFunctionLocalOptimizer(LocalOptimizer):
    """A function of a node as a LocalOptimizer; it can still be called."""

    def __init__(self, fn: Callable[..., Any], tracks: Any = None, requirements: Any = ()) -> None:
        self.fn, self._tracks, self.requirements = fn, tracks, requirements
        self.__name__ = self.name = getattr(fn, "__name__", type(fn).__name__)
        self.__doc__ = fn.__doc__

    def tracks(self) -> Any:
        return self._tracks

    def transform(self, node: Any) -> Any:
        return self.fn(node)

    __call__ = transform


def local_optimizer(tracks: Any, inplace: bool = False, requirements: Any = ()) -> Callable[..., Any]:
    """Decorator: a function of a node, shown the nodes of these ops.

    ValueError, when it decorates, for an empty list and for what is neither an op nor a class of ops.
    """

    def decorate(f: Callable[..., Any]) -> FromFunctionLocalOptimizer:
        if tracks is not None and not tracks:
            raise ValueError("Use None instead of an empty list to apply to all nodes.", f.__module__, f.__name__)
        for one in tracks or ():
            if not isinstance(one, (PureOp, type)):
                raise ValueError("Tracks are op classes or instances", f.__module__, f.__name__)
        return FromFunctionLocalOptimizer(f, tracks, requirements)

    return decorate


class LocalOptGroup(LocalOptimizer):
    """The first of several that does something."""

    def __init__(self, *optimizers: Any, **kwargs: Any) -> None:
        self.opts = optimizers[0] if len(optimizers) == 1 and isinstance(optimizers[0], list) else list(optimizers)

    def transform(self, node: Any) -> Any:
        return next((found for one in self.opts if (found := _shown(one, node))), False)


class LocalMetaOptimizer(LocalOptimizer):
    """Chooses by timing: nothing to choose here."""

    def register(self, optimizer: Any, tag_list: Any) -> None:
        """Kept."""

    def transform(self, node: Any) -> Any:
        return False


class OpSub(LocalOptimizer):
    """One op in place of another."""

    def __init__(self, op1: Any, op2: Any, transfer_tags: bool = True) -> None:
        self.op1, self.op2 = op1, op2

    def op_key(self) -> Any:
        return self.op1

    def tracks(self) -> Any:
        return [self.op1]

    def transform(self, node: Any) -> Any:
        return self.op2.make_node(*node.inputs).outputs if node.op == self.op1 else False

    def __str__(self) -> str:
        return f"{self.op1} -> {self.op2}"


class OpRemove(LocalOptimizer):
    """The inputs of an op in place of its outputs."""

    def __init__(self, op: Any) -> None:
        self.op = op

    def op_key(self) -> Any:
        return self.op

    def tracks(self) -> Any:
        return [self.op]

    def transform(self, node: Any) -> Any:
        return node.inputs if node.op == self.op and len(node.inputs) == len(node.outputs) else False

    def __str__(self) -> str:
        return f"{self.op}(x) -> x"


class PatternSub(LocalOptimizer):
    """A pattern in place of another. It may be made; it matches nothing."""

    def __init__(
        self,
        in_pattern: Any,
        out_pattern: Any,
        allow_multiple_clients: bool = False,
        skip_identities_fn: Any = None,
        name: str | None = None,
        pdb: bool = False,
        tracks: Any = (),
        get_nodes: Any = None,
        values_eq_approx: Any = None,
    ) -> None:
        self.in_pattern, self.out_pattern, self.__name__ = in_pattern, out_pattern, name or "PatternSub"
        self.name = name

    def transform(self, node: Any, get_nodes: bool = True) -> Any:
        return False


def _shown(rule: Any, node: Any) -> Any:
    tracked = rule.tracks() if hasattr(rule, "tracks") else None
    wanted = tracked is None or any(
        isinstance(node.op, op) if isinstance(op, type) else node.op == op for op in tracked
    )
    return wanted and (rule.transform(node) if hasattr(rule, "transform") else rule(node))


class NavigatorOptimizer(Optimizer):
    """Shows the nodes of a graph to a LocalOptimizer, and puts its answers in."""

    def __init__(self, local_opt: Any, *args: Any, **kwargs: Any) -> None:
        self.local_opt, self.name = local_opt, getattr(local_opt, "name", None)

    def apply(self, fgraph: Any, start_from: Any = None) -> None:
        for node in fgraph.toposort():
            found = _shown(self.local_opt, node)
            if found is None or found is False:
                continue
            pairs = found.items() if isinstance(found, dict) else zip(node.outputs, found, strict=True)
            for old, new in pairs:
                if new is not None and old is not new:
                    fgraph.replace(old, new, reason=self.local_opt)


class TopoOptimizer(NavigatorOptimizer):
    """From the inputs to the outputs."""


class OpKeyOptimizer(NavigatorOptimizer):
    """The nodes of one op."""


class EquilibriumOptimizer(NavigatorOptimizer):
    """Several, again and again until nothing changes (at most 100 times)."""

    def __init__(self, optimizers: Iterable[Any], *args: Any, **kwargs: Any) -> None:
        self.optimizers = list(optimizers)

    def apply(self, fgraph: Any, start_from: Any = None) -> None:
        for _ in range(100):
            before = [n.inputs[:] for n in fgraph.toposort()]
            for one in self.optimizers:
                (one if isinstance(one, Optimizer) else TopoOptimizer(one)).optimize(fgraph)
            if [n.inputs for n in fgraph.toposort()] == before:
                return


def out2in(*local_opts: Any, **kwargs: Any) -> TopoOptimizer:
    """Show the nodes to these LocalOptimizers."""
    made = TopoOptimizer(local_opts[0] if len(local_opts) == 1 else LocalOptGroup(*local_opts))
    made.name = kwargs.get("name", made.name)
    return made


in2out = out2in


# --- registers -----------------------------------------------------------------------------------------------------


class Query(ModeQuery):
    """A choice of rewrites by tags."""

    def __init__(
        self,
        include: Any = (),
        require: Any = None,
        exclude: Any = None,
        subquery: Any = None,
        position_cutoff: Any = None,
        extra_optimizations: Any = None,
    ) -> None:
        tags = frozenset(include or ())
        known = next((tag for tag in ("fast_run", "fast_compile", "stabilize", "merge") if tag in tags), "None")
        super().__init__(known, tags - {known}, frozenset(exclude or ()), frozenset(require or ()))

    @property
    def include(self) -> frozenset[str]:
        """The tags that were asked for."""
        return self.inc | ({self.name} - {"None"})

    @property
    def exclude(self) -> frozenset[str]:
        """The tags that are left out."""
        return self.ex

    def including(self, *tags: str) -> Query:
        """The same with the rewrites of these tags."""
        return Query(self.include | set(tags), self.require, self.ex - set(tags))

    def excluding(self, *tags: str) -> Query:
        """The same without the rewrites of these tags."""
        return Query(self.include - set(tags), self.require, self.ex | set(tags))

    def requiring(self, *tags: str) -> Query:
        """The same with only those rewrites that have these tags."""
        return Query(self.include, self.require | set(tags), self.ex)

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "include" in state:  # an old pickle
            self.__init__(state["include"], state["require"], state["exclude"])  # type: ignore[misc]
        else:
            self.__dict__.update(state)


class DB:
    """Keeps what is registered, by name and tag."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.found: dict[str, list[Any]] = {}
        self.name: str | None = None

    def register(self, name: str, obj: Any, *tags: Any, **kwargs: Any) -> None:
        """Keep a rewrite, or another register. ValueError if the name is taken."""
        if name in self.found and any(obj is not one for one in self.found[name]):
            raise ValueError(
                "The name of the object cannot be an existing tag or the name of another existing object.", obj, name
            )
        if not isinstance(obj, DB):
            note_rewrites()
        for key in (name, *(tag for tag in tags if isinstance(tag, str))):
            self.found.setdefault(key, []).append(obj)
        if getattr(obj, "name", None) is None and hasattr(obj, "__dict__"):
            obj.name = name

    def add_tags(self, name: str, *tags: str) -> None:
        """More tags for what has a name."""
        for tag in tags:
            self.found.setdefault(tag, []).extend(self[name] if isinstance(self[name], list) else [self[name]])

    def remove_tags(self, name: str, *tags: str) -> None:
        """Fewer tags for what has a name."""
        for tag in tags:
            self.found[tag] = [one for one in self.found.get(tag, []) if one is not self[name]]

    def query(self, *tags: Any, **kwargs: Any) -> Any:
        """A choice of tgraph's rewrites by tags such as 'fast_run', '+x', '-x'."""
        if len(tags) == 1 and isinstance(tags[0], ModeQuery):
            return tags[0]
        plain = [tag.lstrip("+") for tag in tags if tag[0] not in "-&"]
        return Query(plain, [t[1:] for t in tags if t[0] == "&"], [t[1:] for t in tags if t[0] == "-"])

    def __getitem__(self, name: str) -> Any:
        if name not in self.found:
            # the registers that were there: each has room for what users put in
            if name.startswith("_"):
                raise KeyError(f"Nothing registered for '{name}'")
            self.found[name] = [DB()]
        if len(self.found[name]) > 1:
            raise KeyError(f"More than one match for {name} (please use query)")
        return self.found[name][0]

    def __contains__(self, name: str) -> bool:
        return name in self.found

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def print_summary(self, stream: Any = None) -> None:
        """The names, one a line."""
        (stream or sys.stdout).write("".join(f"{name}\n" for name in sorted(self.found)))


class EquilibriumDB(DB):
    """A register of rewrites that run until nothing changes."""


class SequenceDB(DB):
    """A register of rewrites by position."""


class LocalGroupDB(DB):
    """A register of LocalOptimizers."""


class TopoDB(DB):
    """A register shown nodes in order."""


class ProxyDB(DB):
    """A register that stands for another."""


optdb = SequenceDB()


def _register(lopt: Any = None, *tags: Any, **kwargs: Any) -> Any:
    """Register a LocalOptimizer, as a call or a decorator (alone, or with tags): it comes back, and is not applied."""
    if lopt is None or isinstance(lopt, str):
        return lambda inner: _register(inner, *tags, **kwargs)
    note_rewrites()
    return lopt


register_canonicalize = register_specialize = register_stabilize = register_specialize_device = _register
register_uncanonicalize = register_useless = _register


# --- where things came from -----------------------------------------------------------------------------------------


def copy_stack_trace(from_var: Any, to_var: Any) -> Any:
    """Let variables say that they were made where others were."""
    sources = from_var if isinstance(from_var, (list, tuple)) else [from_var]
    trace = [line for v in sources for line in getattr(v.tag, "trace", [])]
    for v in to_var if isinstance(to_var, (list, tuple)) else [to_var]:
        v.tag.trace = getattr(v.tag, "trace", []) + trace
    return to_var


def inherit_stack_trace(from_var: Any) -> Any:
    """A context in which nothing has to be copied: nodes know the line of the user."""
    return _Nothing()


class _Nothing:
    def __enter__(self) -> None:
        return None

    def __exit__(self, *info: Any) -> None:
        return None


def check_stack_trace(f_or_fgraph: Any, ops_to_check: Any = "last", bug_print: str = "raise") -> bool:
    """Do all nodes know where they were made? Here they do."""
    return isinstance(getattr(getattr(f_or_fgraph, "maker", None), "fgraph", f_or_fgraph), FunctionGraph)
