"""Short texts that say what a variable is computed from, digests of arrays, and drawings of graphs."""

from __future__ import annotations

import hashlib
import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np

from tgraph.explain import letters
from tgraph.function import Function
from tgraph.graph import Apply, Constant, Variable, toposort
from tgraph.optional import pydot

__all__ = [
    "default_colorCodes",
    "hex_digest",
    "min_informative_str",
    "position_independent_str",
    "pydotprint",
    "var_descriptor",
]

_logger = logging.getLogger("theano.printing")

#: class of op -> colour of its box
default_colorCodes = {
    "GpuFromHost": "red",
    "HostFromGpu": "red",
    "Scan": "yellow",
    "Shape": "brown",
    "IfElse": "magenta",
    "Elemwise": "#FFAABB",
    "Subtensor": "#FFAAFF",
    "Alloc": "#FFAA22",
    "Output": "blue",
}


class _Tags:
    """A letter for each object, in the order in which they are met."""

    def __init__(self, known: dict[int, str] | None):
        self.known = {} if known is None else known

    def meet(self, thing: Any) -> tuple[str, bool]:
        """(its letter, is it met for the first time?)"""
        if id(thing) in self.known:
            return self.known[id(thing)], False
        tag = self.known[id(thing)] = letters(len(self.known))
        return tag, True


def min_informative_str(
    obj: Any, indent_level: int = 0, _prev_obs: dict[int, str] | None = None, _tag_generator: Any = None
) -> str:
    """What a variable is computed from, as a tree that ends at named variables; a letter stands before each thing,
    and `<A>` for one that was shown already."""
    tags = _Tags(_prev_obs)
    lines = []
    waiting = [(obj, indent_level)]
    while waiting:
        thing, level = waiting.pop()
        tag, new = tags.meet(thing)
        if not new:
            lines.append(f"{' ' * level}<{tag}>")
            continue
        owner = getattr(thing, "owner", None)
        if hasattr(thing, "__array__"):
            text = "<ndarray>"
        elif getattr(thing, "name", None) is not None:
            text = thing.name
        elif owner is not None:
            text = str(owner.op)
            waiting += [(x, level + 1) for x in reversed(owner.inputs)]
        else:
            text = str(thing)
        lines.append(f"{' ' * level}{tag}. {text}")
    return "\n".join(lines)


def var_descriptor(obj: Any, _prev_obs: dict[int, str] | None = None, _tag_generator: Any = None) -> str:
    """One line that says how a variable is computed, equal for equal graphs: no names inside, no ids."""
    tags = _Tags(_prev_obs)
    parts: list[str] = []
    waiting: list[Any] = [obj]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, str):
            parts.append(thing)
            continue
        tag, new = tags.meet(thing)
        if not new:
            parts.append(f"<{tag}>")
            continue
        owner = getattr(thing, "owner", None)
        parts.append(f"{tag}=")
        if hasattr(thing, "__array__"):
            strides = ",".join(map(str, thing.strides))
            digest = hashlib.sha256(np.ascontiguousarray(thing).tobytes()).hexdigest()
            parts.append(f"<ndarray:strides=[{strides}],digest={digest}>")
        elif owner is not None:
            parts.append(f"{owner.op}(")
            waiting.append(")")
            for place in range(len(owner.inputs) - 1, -1, -1):
                waiting += [owner.inputs[place], ","][: 2 if place else 1]
        elif getattr(thing, "name", None) is not None:
            parts.append(thing.name)
        else:
            text = str(thing)
            parts.append(position_independent_str(thing) if " at 0x" in text else text)
    return "".join(parts)


def position_independent_str(obj: Any) -> str:
    """The type of a variable in words; NotImplementedError for anything else."""
    if not isinstance(obj, Variable):
        raise NotImplementedError(f"{type(obj).__name__} has no text that is the same in every process")
    return f"theano_var{{type={obj.type}}}"


def hex_digest(x: np.ndarray) -> str:
    """A hash of an array's bytes, strides and shape. AssertionError for what is no array."""
    assert isinstance(x, np.ndarray), f"hex_digest wants an array, got {type(x).__name__}"
    strides, shape = (",".join(map(str, numbers)) for numbers in (x.strides, x.shape))
    return f"{hashlib.sha256(x.tobytes()).hexdigest()}|strides=[{strides}]|shape=[{shape}]"


# --- drawings -----------------------------------------------------------------------------------------------------


def _graphviz() -> tuple[bool, str]:
    """(can drawings be made?, why not)"""
    try:
        return bool(pydot()), ""
    except ImportError:
        return False, "Install the python package pydot or pydot-ng. Install graphviz."


def __getattr__(name: str) -> Any:
    # asked for seldom, and pydot takes its time to import
    if name in ("pydot_imported", "pydot_imported_msg"):
        return _graphviz()[name == "pydot_imported_msg"]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _graph_of(fct: Any) -> tuple[list[Variable], list[Apply]]:
    """(outputs, nodes in order) of whatever is to be drawn; ValueError for what has no graph."""
    if isinstance(fct, Function):
        outputs = list(fct.maker.fgraph.outputs)
    elif isinstance(fct, Variable):
        outputs = [fct]
    elif isinstance(fct, Apply):
        outputs = list(fct.outputs)
    elif isinstance(fct, (list, tuple)):
        outputs = [v for part in fct for v in (part.outputs if isinstance(part, Apply) else [part])]
    elif hasattr(fct, "outputs"):
        outputs = list(fct.outputs)
    else:
        raise ValueError(
            f"pydotprint expects as input a function, a variable, an apply node or a graph, got {type(fct)}"
        )
    return outputs, toposort(outputs)


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else text[: size - 3] + "..."


class _Drawing:
    """A graph as boxes (variables) and ellipses (nodes)."""

    def __init__(self, compact: bool, with_ids: bool, colors: dict[str, str], size: int):
        self.dot = pydot().Dot()
        self.compact, self.with_ids, self.colors, self.size = compact, with_ids, colors, size
        self.names: dict[Any, str] = {}

    def box(self, thing: Any, label: str, **style: str) -> str:
        """The name of a thing's box, drawn when it is met first."""
        if thing not in self.names:
            self.names[thing] = f"n{len(self.names)}"
            label = _cut(f"{label} id={len(self.names) - 1}" if self.with_ids else label, self.size)
            self.dot.add_node(pydot().Node(self.names[thing], label=_quoted(label), **style))
        return self.names[thing]

    def edge(self, source: str, target: str, label: str = "") -> None:
        """An arrow."""
        self.dot.add_edge(pydot().Edge(source, target, label=_quoted(label)))

    def leaf(self, x: Variable) -> str:
        """The box of a variable that nothing makes."""
        color = "violet" if isinstance(x, Constant) else "cyan" if hasattr(x, "get_value") else "green"
        return self.box(x, f"{x} {x.type}", shape="box", style="filled", fillcolor=color)

    def draw(self, outputs: Sequence[Variable], nodes: Sequence[Apply], labels: dict[Any, str] | None) -> None:
        """Everything."""
        for node in nodes:
            kind = type(node.op).__name__
            style = {"style": "filled", "fillcolor": _quoted(self.colors[kind])} if kind in self.colors else {}
            mine = self.box(node, str(node.op), shape="ellipse", **style)
            for i, x in enumerate(node.inputs):
                text = f"{i} {x.type}" if len(node.inputs) > 1 else str(x.type)
                self.edge(self.leaf(x) if x.owner is None else self.value(x), mine, text)
        for i, x in enumerate(outputs):
            text = (labels or {}).get(x, f"output {i} {x.name or ''}".rstrip())
            mine = self.box(("output", i), text, shape="box", style="filled", fillcolor=self.colors["Output"])
            self.edge(self.leaf(x) if x.owner is None else self.value(x), mine, str(x.type))

    def value(self, x: Variable) -> str:
        """Where an arrow for a computed variable begins: at its node, or at a box of its own."""
        mine = self.names[x.owner]
        if self.compact and x.name is None:
            return mine
        if x not in self.names:
            self.edge(mine, self.box(x, str(x.name or x.type), shape="box"))
        return self.names[x]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def pydotprint(
    fct: Any,
    outfile: str | None = None,
    compact: bool = True,
    format: str = "png",
    with_ids: bool = False,
    high_contrast: bool = True,
    cond_highlight: Any = None,
    colorCodes: dict[str, str] | None = None,
    max_label_size: int = 70,
    scan_graphs: bool = False,
    var_with_name_simple: bool = False,
    print_output_file: bool = True,
    return_image: bool = False,
) -> Any:
    """Draw the graph of a function or variable into a file, by pydot and Graphviz (the extra `viz`).

    `outfile` ends in `.<format>` or gets that ending; with `return_image` the picture comes back as bytes instead.
    RuntimeError where pydot is not installed; ValueError for what has no graph.
    """
    can, why = _graphviz()
    if not can:
        raise RuntimeError(
            "Failed to import pydot. You must install graphviz and either pydot or pydot-ng for `pydotprint` to work.",
            why,
        )
    outputs, nodes = _graph_of(fct)
    if cond_highlight is not None and not any(type(node.op).__name__ == "IfElse" for node in nodes):
        _logger.warning("pydotprint: cond_highlight is set but there is no IfElse node in the graph")
    drawing = _Drawing(compact, with_ids, {**default_colorCodes, **(colorCodes or {})}, max_label_size)
    drawing.draw(outputs, nodes, None)
    if return_image:
        return drawing.dot.create(prog="dot", format=format)
    path = os.fspath(outfile or os.path.join(tempfile.gettempdir(), f"theano.pydotprint.cpu.{format}"))
    path = path if path.endswith(f".{format}") else f"{path}.{format}"
    drawing.dot.write(path, prog="dot", format=format)
    if print_output_file:
        sys.stdout.write(f"The output file is available at {path}\n")
    return None
