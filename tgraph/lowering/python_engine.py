"""The ``py`` engine: generated Python source that calls torch."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from typing import Any

import torch

from tgraph import kernels
from tgraph.garbage import uncollected
from tgraph.lowering.control import Control
from tgraph.lowering.emit import effect, literal, statement
from tgraph.lowering.to_fx import HostCall, Program

_count = 0


def source(program: Program, name: str = "run") -> str:
    """The program as the source of one Python function; values are dropped after their last use."""
    args, body = [], []
    nodes = list(program.graph.nodes)
    last: dict[Any, int] = {}
    for i, node in enumerate(nodes):
        for used in node.all_input_nodes:
            last[used] = i
    dying: dict[int, list[str]] = {}
    for node, i in last.items():
        if node.op not in ("placeholder", "get_attr"):
            dying.setdefault(i, []).append(node.name)
    for i, node in enumerate(nodes):
        if node.op == "placeholder":
            args.append(node.name)
        elif node.op == "get_attr":
            continue  # a global of the generated code
        elif node.op == "output":
            body.append(f"    return {literal(node.args[0])}")
        else:
            if node in last:
                body.append(f"    {node.name} = {statement(node)}")
            else:
                body.extend(f"    {line}" for line in effect(node))
            if len(dead := dying.get(i, ())) and len(nodes) > 8:
                body.append(f"    del {', '.join(dead)}")
    return f"def {name}({', '.join(args)}):\n" + "\n".join(body) + "\n"


@uncollected
def build(program: Program) -> Callable[..., tuple]:
    """A function of the program's inputs that returns a tuple of its outputs."""
    global _count
    _count += 1
    text = source(program)
    filename = f"<tgraph program {_count}>"
    scope: dict[str, Any] = {"torch": torch, **kernels.table}
    for node in program.graph.nodes:
        if node.op == "get_attr":
            scope[node.name] = program.constants[node.target]
        elif node.op == "call_function" and isinstance(node.target, HostCall):
            scope[f"{node.name}_host"] = node.target
        elif node.op == "call_function" and isinstance(node.target, Control):
            scope[node.target.__name__] = node.target.by(build)
    if len(text) < 200_000:
        linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    exec(compile(text, filename, "exec"), scope)
    run = scope["run"]
    run.source = text
    return run
