"""Graphs and values as text, for people: `debugprint` for a graph, the op `Print` for values that pass by."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TextIO

from tgraph.formulas import pp
from tgraph.graph import Apply, Op, Variable, toposort

__all__ = ["Print", "debugprint", "pp", "show"]


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


def _letters(number: int) -> str:
    """0 -> A, 25 -> Z, 26 -> BA: numbers written with letters as digits."""
    text = ""
    while True:
        number, digit = divmod(number, 26)
        text = chr(ord("A") + digit) + text
        if not number:
            return text


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

    `obj` is a variable, an Apply, a compiled function (whose lines end in their place in the order of
    execution) or a list of these. What has been printed is not opened a second time; the `[id A]` of a line
    tells which it is.

    `depth` levels are opened, all if negative; `ids` is "CHAR", "int", "id" or "" for none; with
    `stop_on_name`, named variables stay closed. `file` is an open file, `"str"` to get the text back, or
    standard output. Gives the text or the file. TypeError for what is no graph.
    """
    names: dict[Any, str] = done if done is not None else {}
    opened: set[Any] = set()
    lines: list[str] = []
    for root, order in _roots(obj):
        lines += _tree(root, depth, print_type, ids, stop_on_name, names, opened, order)
    text = "".join(line + "\n" for line in lines)
    if file == "str":
        return text
    out = sys.stdout if file is None or isinstance(file, str) else file
    out.write(text)
    if not isinstance(out, io.StringIO):
        out.flush()
    return out


def _roots(obj: Any) -> Iterator[tuple[Variable, Mapping[Apply, int]]]:
    """(variable to print, place of each node in the order of execution) for everything in `obj`."""
    if isinstance(obj, Variable):
        yield obj, {}
    elif isinstance(obj, Apply):
        yield from ((out, {}) for out in obj.outputs)
    elif hasattr(obj, "maker") and hasattr(obj.maker, "fgraph"):
        outputs = obj.maker.fgraph.outputs
        order = {node: place for place, node in enumerate(toposort(outputs))}
        yield from ((out, order) for out in outputs)
    elif hasattr(obj, "outputs"):
        yield from ((out, {}) for out in obj.outputs)
    elif isinstance(obj, Iterable) and not isinstance(obj, str):
        for item in obj:
            yield from _roots(item)
    else:
        raise TypeError(f"debugprint cannot print an object of this type: {type(obj).__name__}")


def _tree(
    root: Variable,
    depth: int,
    print_type: bool,
    ids: str,
    stop_on_name: bool,
    names: dict[Any, str],
    opened: set[Any],
    order: Mapping[Apply, int],
) -> Iterator[str]:
    # An entry: the variable, what stands before its line, what stands before the lines of its inputs, its
    # level.
    waiting: list[tuple[Variable, str, str, int]] = [(root, "", "", 0)]
    while waiting:
        variable, before, below, level = waiting.pop()
        if depth >= 0 and level >= depth:
            continue
        node = variable.owner
        key = variable if node is None else node
        known = key in opened
        yield before + _line(variable, print_type, _identity(key, ids, names), order)
        if node is None or known or (stop_on_name and variable.name is not None):
            continue
        opened.add(node)
        last = len(node.inputs) - 1
        for place in range(last, -1, -1):
            waiting.append(
                (node.inputs[place], below + " |", below + ("  " if place == last else " |"), level + 1)
            )


def _identity(key: Any, ids: str, names: dict[Any, str]) -> str:
    """The mark that tells two lines of the same thing apart from two of equal things."""
    if key not in names:
        number = len(names)
        marks = {"CHAR": _letters(number), "int": str(number), "id": str(id(key))}
        names[key] = f"[id {marks[ids]}]" if ids in marks else ""
    return names[key]


def _line(variable: Variable, print_type: bool, identity: str, order: Mapping[Apply, int]) -> str:
    of_type = f" <{variable.type}>" if print_type else ""
    node = variable.owner
    if node is None:
        return f"{variable} {identity}{of_type}"
    which = f".{node.outputs.index(variable)}" if len(node.outputs) > 1 else ""
    place = order.get(node, "")
    return f"{node.op}{which} {identity}{of_type} '{variable.name or ''}'   {place}"


def _write_values(op: Print, value: Any) -> None:
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
        global_fn: Callable[[Print, Any], None] = _write_values,
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
