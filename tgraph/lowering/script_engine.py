"""The TorchScript engine: emitted source, compiled with ``CompilationUnit.define`` (never ``torch.jit.script``).

The program is cut at host calls into compiled segments, and long segments into functions of about 500 calls: one
TorchScript function of 30,000 calls overflows an ordinary thread's stack. A short Python driver joins the pieces.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch
import torch.fx

from tgraph.garbage import uncollected
from tgraph.lowering import tiers
from tgraph.lowering.control import Control
from tgraph.lowering.emit import effect, literal, statement
from tgraph.lowering.loop import Loop
from tgraph.lowering.pieces import Piece, cut, kernel_sources, kind
from tgraph.lowering.to_fx import HostCall, Program

_optimize = torch._C._get_graph_executor_optimize


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
                more, before = control_source(node.target, prefix, method)
                targets += more
                texts += before
        texts.append(piece_source(piece, prefix, method))
    return targets, texts


def control_source(control: Control, prefix: str = "", method: bool = False) -> tuple[list[Any], list[str]]:
    """The same for a loop or a branch, whose own source comes last."""
    targets: list[Any] = []
    texts: list[str] = []
    inner = [cut(p, prefix=f"{control.__name__}_{i}_") for i, p in enumerate(control.programs)]
    for parts in inner:
        more, before = compiled_source(parts, prefix, method)
        targets += more
        texts += before
    return targets, [*texts, control.source(inner, literal, prefix)]


@functools.cache
def keep_memory() -> None:
    """Once: free a block of nearly 32 MB. glibc then takes smaller ones from its heap and keeps up to 64 MB of that
    when they are freed, as in any program that frees such a block. Before, it gives the temporaries of a step of a few
    MB back to the system and gets them again, page by page (a step of an LSTM: 4,700 page faults, 28 ms; then 20)."""
    torch.empty((1 << 25) - (1 << 16), dtype=torch.uint8)


@uncollected
def build(program: Program, wait: bool = False) -> Callable[..., tuple]:
    """A function of the program's inputs that returns a tuple of its outputs.

    Parts that take long go over to what inductor makes of them, in the background (``tiers.py``); with ``wait``
    everything does, when it is first called.
    """
    keep_memory()
    watched = wait or tiers.wanted(program)
    pieces = cut(program, loops=watched)
    scripted = [p for p in pieces if not p.host]
    apart = [n.target for p in pieces if p.host for n in p.nodes
             if isinstance(n.target, Loop) and not n.target.is_host]
    targets, texts = compiled_source(scripted)
    for loop in apart:
        more, before = control_source(loop)
        targets += more
        texts += before
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
                    name = node.target.__name__
                    scope[name] = (tiers.tiered_loop(node.target, getattr(unit, name), scope, wait)
                                   if node.target in apart else node.target.by(build))
                body.append(f"{node.name} = {statement(node)}")
        else:
            slow = getattr(unit, piece.name)
            goes_over = wait or (watched and len(scripted) <= tiers.MANY)
            scope[piece.name] = tiers.tiered_piece(piece, program, slow, scope, wait) if goes_over else slow
            call = f"{piece.name}({', '.join(n.name for n in piece.takes)})"
            body.append(f"{', '.join(n.name for n in piece.gives)}, = {call}" if piece.gives else call)
    final = next(node for node in program.graph.nodes if node.op == "output")
    only = scripted[0] if len(pieces) == len(scripted) == 1 else None
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
