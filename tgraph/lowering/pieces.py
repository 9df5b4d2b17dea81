"""A program in pieces: runs of calls that an engine compiles, and between them what Python drives; the types of the
values that go from piece to piece, and the sources of the kernels that are called."""

from __future__ import annotations

import builtins
import inspect
import operator
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.fx

from tgraph import kernels
from tgraph.kernels import is_kernel
from tgraph.lowering.control import Control
from tgraph.lowering.loop import Loop
from tgraph.lowering.to_fx import HostCall, Program

#: calls in one TorchScript function
CHUNK = 500

_ARITHMETIC = {operator.add, operator.sub, operator.mul, operator.floordiv, operator.mod, operator.neg, min, max}


@dataclass
class Piece:
    """Part of a program: ``nodes`` in order, run by TorchScript or (``host``) by Python."""

    name: str
    host: bool
    nodes: list[torch.fx.Node] = field(default_factory=list)
    takes: list[torch.fx.Node] = field(default_factory=list)
    gives: list[torch.fx.Node] = field(default_factory=list)


def is_host(node: torch.fx.Node, loops: bool = False) -> bool:
    """True for host calls, loops and branches that Python drives, and for the picking of their results. ``loops``: all
    loops are driven by Python."""
    if node.op != "call_function":
        return False
    if isinstance(node.target, Control):
        return node.target.is_host or (loops and isinstance(node.target, Loop))
    if node.target is operator.getitem and isinstance(node.args[0], torch.fx.Node):
        return is_host(node.args[0], loops)
    return isinstance(node.target, HostCall)


def kind(node: torch.fx.Node) -> str:
    """The TorchScript type of a value."""
    if node.op == "call_method":
        if node.target in ("size", "stride"):
            return "int" if len(node.args) > 1 else "List[int]"
        return "int" if node.target in ("numel", "dim") else "Tensor"
    if node.op != "call_function":
        return "Tensor"
    target = node.target
    if target in (builtins.int, builtins.len):
        return "int"
    if isinstance(target, Control):
        return f"Tuple[{', '.join(['Tensor'] * target.outputs())}]"
    if target is builtins.float:
        return "float"
    if target is builtins.bool:
        return "bool"
    if target is builtins.getattr:
        return "List[int]" if node.args[1] == "shape" else "Tensor"
    if target in _ARITHMETIC:
        kinds = {kind(a) if isinstance(a, torch.fx.Node) else type(a).__name__ for a in node.args}
        return "Tensor" if "Tensor" in kinds else "float" if "float" in kinds else "int"
    if target is operator.getitem and isinstance(node.args[0], torch.fx.Node):
        outer = kind(node.args[0])
        if outer.startswith("List["):
            return outer[5:-1]
        if outer.startswith("Tuple["):
            return [part.strip() for part in outer[6:-1].split(",")][node.args[1]]
        return "Tensor"
    if is_kernel(target):
        return script_types(str(target.__annotations__.get("return", "torch.Tensor")))
    return "Tensor"


def script_types(text: str) -> str:
    """Annotations in the spelling of TorchScript."""
    text = text.replace("torch.Tensor", "Tensor")
    text = re.sub(r"\blist\[", "List[", text)
    text = re.sub(r"\btuple\[", "Tuple[", text)
    return re.sub(r"\bdict\[", "Dict[", text)


def kernel_sources(targets: Iterable[Any]) -> list[str]:
    """The source of the kernels among ``targets`` and of those that they call, callees first."""
    found: dict[str, str] = {}
    stack = [t for t in targets if is_kernel(t)]
    order: list[str] = []
    while stack:
        function = stack.pop()
        if function.__name__ in found:
            order.remove(function.__name__)
            order.append(function.__name__)
        else:
            found[function.__name__] = script_types(inspect.getsource(function).split("\n", 1)[1])  # less the decorator
            order.append(function.__name__)
        for word in set(re.findall(r"\b(\w+)\(", found[function.__name__])) - {function.__name__}:
            callee = kernels.table.get(word)
            if callee is not None:
                stack.append(callee)
    return [found[name] for name in reversed(order)]


def cut(program: Program, chunk: int = CHUNK, prefix: str = "", loops: bool = False) -> list[Piece]:
    """The program's calls in pieces, each after those it takes values from; ``prefix`` before their names. With
    ``loops`` each loop is a piece that Python drives."""
    level: dict[torch.fx.Node, int] = {}
    by_level: dict[int, list[torch.fx.Node]] = {}
    for node in program.graph.nodes:
        deepest = max((level[a] for a in node.all_input_nodes), default=0)
        host = is_host(node, loops)
        if host and isinstance(node.args[0] if node.args else None, torch.fx.Node) \
                and node.target is operator.getitem:
            level[node] = deepest
        else:
            level[node] = deepest + (deepest % 2 != host)
        if node.op not in ("placeholder", "get_attr", "output"):
            by_level.setdefault(level[node], []).append(node)
    pieces: list[Piece] = []
    for depth in sorted(by_level):
        host, nodes = depth % 2 == 1, by_level[depth]
        start = 0
        while start < len(nodes):
            stop = len(nodes) if host else min(start + chunk, len(nodes))
            # the picking of results stays with the call that made them
            while stop < len(nodes) and nodes[stop].target is operator.getitem:
                stop += 1
            pieces.append(Piece(f"{prefix}part{len(pieces)}", host, nodes[start:stop]))
            start = stop
    home = {node: piece for piece in pieces for node in piece.nodes}
    for piece in pieces:
        inside = set(piece.nodes)
        piece.takes = list(dict.fromkeys(a for n in piece.nodes for a in n.all_input_nodes if a not in inside))
        piece.gives = [n for n in piece.nodes if any(home.get(user) is not piece for user in n.users)]
    return pieces
