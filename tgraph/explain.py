"""Graphs and values as text, for people: `debugprint` for a graph, the op `Print` for values that pass by."""

from __future__ import annotations

import functools
import io
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TextIO

import numpy as np

from tgraph.formulas import pp
from tgraph.graph import Apply, Op, Variable, toposort

__all__ = ["Print", "debugprint", "letters", "pp", "show"]


def show(outputs: Variable | Sequence[Variable]) -> str:
    """A graph as numbered lines, each node once: ``%0 = dot(x, w) : float32[?, ?]`` (1: a known size)."""
    finals = [outputs] if isinstance(outputs, Variable) else list(outputs)
    names: dict[Variable, str] = {}
    lines = []
    for i, node in enumerate(toposort(finals)):
        for k, output in enumerate(node.outputs):
            names[output] = f"%{i}" if len(node.outputs) == 1 else f"%{i}.{k}"
        made = ", ".join(names[o] for o in node.outputs)
        inputs = ", ".join(_brief(v, names) for v in node.inputs)
        op = getattr(node.op, "scalar_op", None) if type(node.op).__name__ == "Elemwise" else None
        types = ", ".join(_type(o) for o in node.outputs)
        lines.append(f"{made} = {getattr(op, 'key', None) or op or node.op}({inputs}) : {types}")
    lines.append("return " + ", ".join(_brief(o, names) for o in finals))
    return "\n".join(lines)


def _brief(variable: Variable, names: Mapping[Variable, str]) -> str:
    known = names.get(variable)
    if known is not None:
        return known
    data = getattr(variable, "data", None)
    if data is not None:
        size = getattr(data, "size", 2)
        return str(data.reshape(-1)[0]) if size == 1 else f"constant{list(getattr(data, 'shape', ()))}"
    return variable.name or str(variable)


def _type(variable: Variable) -> str:
    pattern = getattr(variable.type, "broadcastable", None)
    if pattern is None:
        return str(variable.type)
    return f"{variable.type.dtype}[{', '.join('1' if b else '?' for b in pattern)}]"  # type: ignore[attr-defined]


def letters(number: int) -> str:
    """0 -> A, 25 -> Z, 26 -> BA: numbers written with letters as digits."""
    text = ""
    while True:
        number, digit = divmod(number, 26)
        text = chr(ord("A") + digit) + text
        if not number:
            return text


#: lines of deeper levels are not indented further, but tell their level: the text would grow with its square
_DEEPEST = 1000


class _Root(NamedTuple):
    """A variable to print, and what is known about its graph."""

    variable: Variable
    #: place of each node in the order of execution
    order: Mapping[Apply, int]
    #: what uses each variable: (node, position) pairs, or None where that is not known
    clients: Callable[[], Mapping[Variable, Sequence[tuple[Any, int]]]] | None
    storage: bool = False


def debugprint(
    obj: Any,
    depth: int = -1,
    print_type: bool = False,
    file: TextIO | str | None = None,
    ids: str = "CHAR",
    stop_on_name: bool = False,
    done: dict[Any, str] | None = None,
    print_storage: bool = False,
    print_clients: bool = False,
    used_ids: dict[Any, str] | None = None,
) -> Any:
    """Print a graph as a tree, one line for each use of a variable, and below it what it is computed from.

    `obj` is a variable, an Apply, a compiled function (whose lines end in their place in the order of execution), an
    input or output of one, a number, or a list of these. What has been printed is not opened a second time (also in
    another call with the same `done`); the `[id A]` of a line tells which it is.

    `depth` levels are opened, all if negative; `ids` is "CHAR", "int", "id" or "" for none; with `stop_on_name`, named
    variables stay closed; `print_clients` shows what uses a variable of a function, `print_storage` the values that
    it keeps (constants and shared variables). `file` is an open file, `"str"` to get the text back, or None for
    standard output. Gives the text, the file, or None. TypeError for what is no graph.
    """
    if not isinstance(depth, (int, np.integer)):
        raise Exception("depth parameter must be an int")  # the class that old code sees
    out: Any = io.StringIO() if file == "str" else sys.stdout if file is None else file
    roots = []
    for thing in obj if isinstance(obj, (list, tuple, set)) else [obj]:
        if isinstance(thing, (int, float, np.ndarray)):
            out.write(f"{thing}\n")
        else:
            roots += _roots(thing, print_storage)
    tree = _Tree(depth, print_type, ids, stop_on_name, print_clients, {} if done is None else done)
    for root in roots:
        for line in tree.lines(root):
            out.write(line + "\n")
    if file == "str":
        return out.getvalue()
    if file is None:
        out.flush()
    return file


def _roots(obj: Any, storage: bool = False) -> Iterator[_Root]:
    """Everything in `obj` that is to be printed."""
    if isinstance(obj, Variable):
        yield _Root(obj, {}, None)
    elif isinstance(obj, Apply):
        yield from (_Root(out, {}, None) for out in obj.outputs)
    elif hasattr(obj, "maker") and hasattr(obj.maker, "fgraph"):
        yield from _of_graph(obj.maker.fgraph, storage)
    elif hasattr(obj, "inputs") and hasattr(obj, "outputs") and hasattr(obj, "toposort"):
        yield from _of_graph(obj, False)
    elif isinstance(getattr(obj, "variable", None), Variable):
        yield from _roots(obj.variable)
    else:
        raise TypeError("debugprint cannot print an object of this type", obj)


def _of_graph(graph: Any, storage: bool) -> Iterator[_Root]:
    nodes = graph.toposort()
    order = {node: place for place, node in enumerate(nodes)}

    @functools.cache
    def clients() -> Mapping[Variable, Sequence[tuple[Any, int]]]:
        found: dict[Variable, list[tuple[Any, int]]] = {}
        for node in nodes:
            for place, x in enumerate(node.inputs):
                found.setdefault(x, []).append((node, place))
        for place, x in enumerate(graph.outputs):
            found.setdefault(x, []).append(("output", place))
        return found

    yield from (_Root(out, order, clients, storage) for out in graph.outputs)


class _Tree:
    """Writes the lines of one call of `debugprint`."""

    def __init__(
        self, depth: int, types: bool, ids: str, stop_on_name: bool, clients: bool, done: dict[Any, str]
    ) -> None:
        self.depth, self.types, self.ids, self.stop_on_name, self.clients = depth, types, ids, stop_on_name, clients
        self.done, self.names = done, dict[Any, str]()

    def lines(self, root: _Root) -> Iterator[str]:
        """The lines for one variable."""
        # An entry: the variable, what stands before its line, what stands before the lines of its inputs, its level.
        waiting: list[tuple[Variable, str, str, int]] = [(root.variable, "", "", 0)]
        while waiting:
            variable, before, below, level = waiting.pop()
            if 0 <= self.depth <= level:
                continue
            node = variable.owner
            known = node in self.done
            yield before + self.line(variable, root)
            if node is None or known or (self.stop_on_name and variable.name is not None):
                continue
            if level >= _DEEPEST:
                waiting += [(x, f" |<{level + 1}> ", "", level + 1) for x in reversed(node.inputs)]
                continue
            last = len(node.inputs) - 1
            for place in range(last, -1, -1):
                deeper = below + ("  " if place == last else " |")
                waiting.append((node.inputs[place], below + " |", deeper, level + 1))

    def identity(self, key: Any) -> str:
        """The mark that tells two lines of the same thing apart from two of equal things."""
        if key not in self.names:
            number = len(self.names)
            marks = {"CHAR": letters(number), "int": str(number), "id": str(id(key))}
            self.names[key] = f"[id {marks[self.ids]}]" if self.ids in marks else ""
        return self.names[key]

    def line(self, variable: Variable, root: _Root) -> str:
        """The line of one variable."""
        of_type = f" <{variable.type}>" if self.types else ""
        node = variable.owner
        key = variable if node is None else node
        identity = self.done[key] = self.identity(key)
        kept = f" [{_kept(variable)}]" if root.storage else ""
        if node is None:
            return f"{variable} {identity}{of_type}{kept}"
        which = f".{node.outputs.index(variable)}" if len(node.outputs) > 1 else ""
        used = ""
        if self.clients and root.clients is not None:
            users = root.clients().get(variable, ())
            if len(users) > 1:
                named = [("output", "") if c == "output" else (self.identity(c), root.order[c]) for c, _ in users]
                used = f" clients:{named}"
        place = root.order.get(node, "")
        return f"{node.op}{which} {identity}{of_type} '{variable.name or ''}'   {place}{kept}{used}"


def _kept(variable: Variable) -> str:
    """The value that a compiled function keeps for a variable."""
    value = getattr(variable, "data", None)
    container = getattr(variable, "container", None)
    return repr(container.value if container is not None else value)


def _print_fn(op: Print, value: Any) -> None:
    for name in op.attrs:
        found = getattr(value, name)
        sys.stdout.write(f"{op.message} {name} = {found() if callable(found) else found}\n")


class Print(Op):
    """`Print("h")(x)` is x, and each time it is computed `h __str__ = ...` goes to standard output.

    `attrs`: what to show of the value (an ndarray): names of attributes, or of methods without arguments.
    `global_fn(op, value)` may do something else instead. The result has to be used: what nothing needs is not
    computed. The gradient is that of x.
    """

    __props__ = ("message", "attrs", "global_fn")

    def __init__(
        self,
        message: str = "",
        attrs: Sequence[str] = ("__str__",),
        global_fn: Callable[[Print, Any], None] = _print_fn,
    ) -> None:
        self.message, self.attrs, self.global_fn = message, tuple(attrs), global_fn

    def make_node(self, xin: Any) -> Apply:
        return Apply(self, [xin], [xin.type()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list]) -> None:
        output_storage[0][0] = inputs[0]
        self.global_fn(self, inputs[0])

    def grad(self, inputs: Sequence[Any], output_gradients: Sequence[Any]) -> Sequence[Any]:
        return output_gradients

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        return list(eval_points)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> Sequence[Any]:
        return shapes

    def __setstate__(self, state: dict[str, Any]) -> None:
        # pickles of old releases do not have it
        self.__dict__.update({"global_fn": _print_fn, **state})
