"""The TorchScript engine: emitted source, compiled with ``CompilationUnit.define`` (never ``torch.jit.script``).

The program is cut at host calls into compiled segments, and long segments into functions of about 500 calls: one
TorchScript function of 30,000 calls overflows an ordinary thread's stack. A short Python driver joins the pieces.
"""

from __future__ import annotations

import builtins
import inspect
import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.fx

from tgraph import kernels
from tgraph.garbage import uncollected
from tgraph.kernels import is_kernel
from tgraph.lowering.control import Control
from tgraph.lowering.emit import effect, literal, statement
from tgraph.lowering.to_fx import HostCall, Program

#: calls in one TorchScript function
CHUNK = 500

_ARITHMETIC = {operator.add, operator.sub, operator.mul, operator.floordiv, operator.mod, operator.neg, min, max}
_optimize = torch._C._get_graph_executor_optimize


@dataclass
class Piece:
    """Part of a program: ``nodes`` in order, run by TorchScript or (``host``) by Python."""

    name: str
    host: bool
    nodes: list[torch.fx.Node] = field(default_factory=list)
    takes: list[torch.fx.Node] = field(default_factory=list)
    gives: list[torch.fx.Node] = field(default_factory=list)


def is_host(node: torch.fx.Node) -> bool:
    """True for host calls, loops and branches that Python drives, and for the picking of their results."""
    if node.op != "call_function":
        return False
    if isinstance(node.target, HostCall) or (isinstance(node.target, Control) and node.target.is_host):
        return True
    return node.target is operator.getitem and isinstance(node.args[0], torch.fx.Node) and is_host(node.args[0])


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


def cut(program: Program, chunk: int = CHUNK, prefix: str = "") -> list[Piece]:
    """The program's calls in pieces, each after those it takes values from; ``prefix`` before their names."""
    level: dict[torch.fx.Node, int] = {}
    by_level: dict[int, list[torch.fx.Node]] = {}
    for node in program.graph.nodes:
        deepest = max((level[a] for a in node.all_input_nodes), default=0)
        host = is_host(node)
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


#: functions that are methods too. For each ``torch.name`` the TorchScript compiler asks Python what that is, which
#: takes it two thirds of its time
_METHODS = {
    getattr(torch, name): name
    for name in ("add", "sub", "mul", "div", "neg", "exp", "log", "log1p", "expm1", "tanh", "sigmoid", "sqrt", "abs",
                 "sign", "square", "reciprocal", "sin", "cos", "maximum", "minimum", "eq", "ne", "lt", "le", "gt", "ge",
                 "mm")
}


def expression(node: torch.fx.Node, prefix: str = "") -> str:
    """A call as TorchScript compiles it fastest."""
    name = _METHODS.get(node.target) if node.op == "call_function" and node.args and "out" not in node.kwargs else None
    first = node.args[0] if name else None
    if not isinstance(first, torch.fx.Node) or kind(first) != "Tensor":
        return statement(node, prefix)
    rest = [*map(literal, node.args[1:]), *(f"{k}={literal(v)}" for k, v in node.kwargs.items())]
    return f"{first.name}.{name}({', '.join(rest)})"


def piece_source(piece: Piece, prefix: str = "", method: bool = False) -> str:
    """A compiled piece as a TorchScript function (or method)."""
    args = ["self"] if method else []
    args += [f"{n.name}: {kind(n)}" for n in piece.takes]
    lines = [f"def {piece.name}({', '.join(args)}):"]
    for node in piece.nodes:
        if node.users:
            lines.append(f"    {node.name} = {expression(node, prefix)}")
        else:
            lines.extend(f"    {line}" for line in effect(node, prefix))
    if not piece.gives:
        lines.append("    return None")
    else:
        lines.append(f"    return ({', '.join(n.name for n in piece.gives)},)")
    return "\n".join(lines) + "\n"


def compiled_source(pieces: list[Piece], prefix: str = "", method: bool = False) -> tuple[list[Any], list[str]]:
    """(functions that are called, the source of pieces and of the loops and branches in them, callees first)."""
    targets: list[Any] = []
    texts: list[str] = []
    for piece in pieces:
        for node in piece.nodes:
            if node.op != "call_function":
                continue
            targets.append(node.target)
            if isinstance(node.target, Control):
                programs = node.target.programs
                inner = [cut(p, prefix=f"{node.target.__name__}_{i}_") for i, p in enumerate(programs)]
                for parts in inner:
                    more, before = compiled_source(parts, prefix, method)
                    targets += more
                    texts += before
                texts.append(node.target.source(inner, literal, prefix))
        texts.append(piece_source(piece, prefix, method))
    return targets, texts


@uncollected
def build(program: Program) -> Callable[..., tuple]:
    """A function of the program's inputs that returns a tuple of its outputs."""
    pieces = cut(program)
    compiled = [p for p in pieces if not p.host]
    targets, texts = compiled_source(compiled)
    text = "\n".join([*kernel_sources(targets), *texts])
    unit = torch.jit.CompilationUnit()
    if text:
        unit.define(text)
    scope: dict[str, Any] = {"_optimize": _optimize}
    args, body = [], []
    for node in program.graph.nodes:
        if node.op == "placeholder":
            args.append(node.name)
        elif node.op == "get_attr":
            scope[node.name] = program.constants[node.target]
    for piece in pieces:
        if piece.host:
            for node in piece.nodes:
                if isinstance(node.target, HostCall):
                    scope[f"{node.name}_host"] = node.target
                elif isinstance(node.target, Control):
                    scope[node.target.__name__] = node.target.by(build)
                body.append(f"{node.name} = {statement(node)}")
        else:
            scope[piece.name] = getattr(unit, piece.name)
            call = f"{piece.name}({', '.join(n.name for n in piece.takes)})"
            body.append(f"{', '.join(n.name for n in piece.gives)}, = {call}" if piece.gives else call)
    final = next(node for node in program.graph.nodes if node.op == "output")
    only = compiled[0] if len(pieces) == len(compiled) == 1 else None
    if only is not None and tuple(only.gives) == final.args[0]:
        body = [f"return {only.name}({', '.join(n.name for n in only.takes)})"]
    else:
        body.append(f"return {literal(final.args[0])}")
    # the flag belongs to the thread; with it on, the executor profiles and recompiles for nothing on a CPU
    driver = (
        f"def run({', '.join(args)}):\n    before = _optimize({program.device != 'cpu'})\n    try:\n        "
        + "\n        ".join(body) + "\n    finally:\n        _optimize(before)\n"
    )
    exec(compile(driver, "<tgraph driver>", "exec"), scope)
    run = scope["run"]
    run.source = text
    return run
