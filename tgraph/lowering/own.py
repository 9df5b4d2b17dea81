"""Writing into buffers that a program owns: a kernel that would copy its first argument writes into it
instead, where that was freshly made and nobody else reads it."""

from __future__ import annotations

from typing import Any

import torch
import torch.fx

from tgraph.kernels import is_kernel
from tgraph.lowering.fresh import is_fresh


def writes(node: torch.fx.Node) -> bool:
    """True for a call of a kernel whose last parameter is ``own``: may it write into its first argument?"""
    return is_kernel(node.target) and list(node.target.__annotations__)[-2:-1] == ["own"]  # type: ignore[union-attr]


def is_own(value: Any) -> bool:
    """True for a value in memory of its own, which its only user may write over."""
    return isinstance(value, torch.fx.Node) and (is_fresh(value) or writes(value))


def own_buffers(graph: torch.fx.Graph) -> None:
    """Let the writing kernels of a graph write in place where their first argument has no other use."""
    for node in graph.nodes:
        if node.op != "call_function" or not writes(node):
            continue
        x, *rest = node.args
        if is_own(x) and len(x.users) == 1 and all(x not in _flat(a) for a in rest):
            node.args = (*node.args[:-1], True)


def _flat(argument: Any) -> list[Any]:
    return list(argument) if isinstance(argument, (list, tuple)) else [argument]
