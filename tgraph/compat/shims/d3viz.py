"""Drawings of graphs: as pydot graphs, and in a web page. Needs pydot and Graphviz (the extra `viz`)."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tgraph.compat.shims.printing import _graph_of, _graphviz
from tgraph.graph import Constant, Variable
from tgraph.optional import pydot
from tgraph.shared import SharedVariable
from tgraph.types import prefixes

__all__ = [
    "PyDotFormatter",
    "apply_label",
    "apply_profile",
    "broadcastable_to_str",
    "d3viz",
    "d3write",
    "dict_to_pdnode",
    "dtype_to_char",
    "replace_patterns",
    "safe_json",
    "type_to_str",
    "var_label",
    "var_tag",
]

_KINDS = {(): "scalar", (False,): "vector", (False, True): "col", (True, False): "row", (False, False): "matrix"}
_LETTERS = {dtype: letter for letter, dtype in prefixes.items()}

PAGE = """\
<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ margin: 0; font-family: sans-serif; }}
svg {{ width: 100%; height: auto; }}
g.node:hover ellipse, g.node:hover polygon {{ stroke-width: 3; }}
</style>
</head>
<body>
{svg}
</body>
</html>
"""


class PyDotFormatter:
    """Makes a pydot graph of a function, a variable, an apply node or a list of variables.

    Nodes are ellipses (`node_type` apply), variables that nothing makes and outputs are boxes (`node_type` input,
    constant_input, shared_input, output); other variables only where they have a name and `compact` is False.
    ImportError where pydot is not installed.
    """

    def __init__(self, compact: bool = True):
        can, why = _graphviz()
        if not can:
            raise ImportError(f"Failed to import pydot. {why}")
        self.compact = compact
        self.node_colors = {
            "input": "limegreen",
            "constant_input": "SpringGreen",
            "shared_input": "YellowGreen",
            "output": "dodgerblue",
            "unused": "lightgrey",
        }
        self.apply_colors = {
            "Scan": "yellow",
            "Shape": "cyan",
            "IfElse": "magenta",
            "Elemwise": "#FFAABB",
            "Subtensor": "#FFAAFF",
            "Alloc": "#FFAA22",
        }
        self.shapes = {"input": "box", "output": "box", "apply": "ellipse"}
        self._prefix = "n"
        self._names: dict[Any, str] = {}

    def _name(self, thing: Any) -> str:
        return self._names.setdefault(thing, f"{self._prefix}{len(self._names) + 1}")

    def __call__(self, fct: Any, graph: Any = None) -> Any:
        """The graph, or the given pydot graph with everything added to it."""
        graph = pydot().Dot() if graph is None else graph
        self._names = {}
        outputs, nodes = _graph_of(fct)
        used = {x for node in nodes for x in node.inputs} | set(outputs)
        profile = getattr(fct, "profile", None)
        for node in nodes:
            mine = self._name(node)
            label = apply_label(node)
            given = {
                "name": mine,
                "label": label,
                "profile": apply_profile(node, profile),
                "node_type": "apply",
                "apply_op": label,
                "shape": self.shapes["apply"],
            }
            color = next((c for name, c in self.apply_colors.items() if name in type(node.op).__name__), None)
            if color:
                given.update(style="filled", fillcolor=color, type="colored")
            drawing = dict_to_pdnode(given)
            graph.add_node(drawing)
            self._inputs(graph, node, mine)
            for x in node.outputs:
                if x in outputs or x not in used:
                    self._box(graph, x, "output" if x in used else "unused")
                    graph.add_edge(pydot().Edge(mine, self._name(x), label=type_to_str(x.type)))
                elif x.name and not self.compact:
                    graph.add_edge(pydot().Edge(mine, self._name(x), label=type_to_str(x.type)))
            self._inside(graph, node, mine, drawing)
        return graph

    def _inputs(self, graph: Any, node: Any, mine: str) -> None:
        op = node.op
        viewed = {i for places in (op.view_map or {}).values() for i in places}
        destroyed = {i for places in (op.destroy_map or {}).values() for i in places}
        for place, x in enumerate(node.inputs):
            if x.owner is None:
                # once for each use: in a drawing they are one, old code counts them
                constant, shared = isinstance(x, Constant), isinstance(x, SharedVariable)
                self._box(graph, x, "constant_input" if constant else "shared_input" if shared else "input")
            label = type_to_str(x.type)
            color = self.node_colors["output"] if place in viewed else "red" if place in destroyed else None
            graph.add_edge(
                pydot().Edge(
                    self._name(x.owner or x),
                    mine,
                    label=f"{place} {label}" if len(node.inputs) > 1 else label,
                    **({"color": color} if color else {}),
                )
            )

    def _box(self, graph: Any, x: Variable, kind: str) -> None:
        given = {
            "name": self._name(x),
            "label": var_label(x),
            "node_type": "output" if kind == "unused" else kind,
            "dtype": type_to_str(x.type),
            "tag": var_tag(x),
            "style": "filled",
            "fillcolor": self.node_colors[kind],
            "shape": self.shapes["input"],
        }
        graph.add_node(dict_to_pdnode(given))

    def _inside(self, graph: Any, node: Any, mine: str, drawing: Any) -> None:
        """The graph that an op holds, as a graph in the graph."""
        ins, outs = getattr(node.op, "local_inputs", None), getattr(node.op, "local_outputs", None)
        if ins is None or outs is None:
            return
        inside = pydot().Cluster(mine)
        formatter = PyDotFormatter(self.compact)
        formatter._prefix = mine
        formatter(list(outs), inside)
        graph.add_subgraph(inside)
        into = [[self._name(x), formatter._name(y)] for x, y in zip(node.inputs, ins, strict=True)]
        back = [[formatter._name(y), self._name(x)] for x, y in zip(node.outputs, outs, strict=True)]
        drawing.get_attributes().update(
            subg=inside.get_name(), subg_map_inputs=f'"{into}"', subg_map_outputs=f'"{back}"'
        )


def var_label(var: Any, precision: int = 3) -> str:
    """The name of a variable, the value of a constant (its first line), or a type."""
    if var.name is not None:
        return var.name
    if not isinstance(var, Constant):
        return type_to_str(var.type)
    value = np.asarray(var.data)
    text = np.array2string(value.reshape(1) if value.ndim == 0 else value, precision=precision).split("\n")[0]
    return text.strip("[]") if value.ndim == 0 else text


def var_tag(var: Any) -> list[Any] | None:
    """[file, line, source] where a variable was built, if that is known."""
    trace = getattr(var.tag, "trace", None)
    if not trace or len(trace[0]) == 0:
        return None
    place = trace[0][-1] if isinstance(trace[0][0], (tuple, list)) else trace[0]
    path, line, _, source = place
    return [os.path.basename(path).strip("<>"), line, source.encode()]


def apply_label(node: Any) -> str:
    """The class of a node's op."""
    return type(node.op).__name__


def apply_profile(node: Any, profile: Any) -> list[float] | None:
    """[time of the node, time of all calls], where they were measured."""
    if not profile or not getattr(profile, "fct_call_time", 0):
        return None
    return [getattr(profile, "apply_time", {}).get(node, 0), profile.fct_call_time]


def broadcastable_to_str(b: Sequence[bool]) -> str:
    """'matrix' and its like; nothing for patterns without a name."""
    return _KINDS.get(tuple(b), "")


def dtype_to_char(dtype: str) -> str:
    """The letter of a dtype, X for those without one."""
    return _LETTERS.get(dtype, "X")


def type_to_str(t: Any) -> str:
    """'dmatrix' and its like, else the dtype, else the type itself."""
    if not hasattr(t, "broadcastable"):
        return str(t)
    kind = broadcastable_to_str(t.broadcastable)
    return f"{dtype_to_char(t.dtype)}{kind}" if kind else str(t.dtype)


def dict_to_pdnode(d: dict[str, Any]) -> Any:
    """A pydot node with these attributes; lists become text with tabs, None is left out."""
    texts = {k: "\t".join(map(str, v)) if isinstance(v, list) else str(v) for k, v in d.items() if v is not None}
    return pydot().Node(**{k: v if k == "name" else _quoted(v) for k, v in texts.items()})


def _quoted(text: str) -> str:
    """A text as pydot takes it: in quotes where it holds more than letters and digits."""
    text = text.replace('"', "'").replace("\\", "/")
    return text if text.isidentifier() else f'"{text}"'


def replace_patterns(x: str, replace: dict[str, str]) -> str:
    """A text with some of its parts replaced."""
    for before, after in replace.items():
        x = x.replace(before, after)
    return x


def safe_json(obj: Any) -> str:
    """JSON that can stand in a script of a web page."""
    return json.dumps(obj).replace("<", "\\u003c")


def d3viz(fct: Any, outfile: Any, copy_deps: bool = True, *args: Any, **kwargs: Any) -> None:
    """Write a web page with the drawing of a function, a variable, an apply node or a list of variables.

    The page is one file that needs nothing else (`copy_deps` is kept for code that gives it); further arguments go
    to `PyDotFormatter`. ImportError where pydot is not installed.
    """
    drawing = PyDotFormatter(*args, **kwargs)(fct).create(prog="dot", format="svg").decode("utf8")
    path = Path(outfile)
    path.parent.mkdir(parents=True, exist_ok=True)
    svg = drawing[drawing.index("<svg") :]
    path.write_text(PAGE.format(title=html.escape(getattr(fct, "name", None) or "graph"), svg=svg), encoding="utf-8")


def d3write(fct: Any, path: Any, *args: Any, **kwargs: Any) -> None:
    """Write the drawing as a Graphviz file."""
    PyDotFormatter(*args, **kwargs)(fct).write(os.fspath(path), format="raw")
