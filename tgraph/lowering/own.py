"""Writing into buffers that a program owns: a kernel that would copy its first argument writes into it
instead, where that was freshly made and nobody else reads it."""

from __future__ import annotations

from typing import Any

import torch
import torch.fx

from tgraph.kernels import is_kernel

#: torch functions whose result is new memory, whatever they are given
_FRESH = frozenset((
    torch.expand_copy, torch.zeros, torch.ones, torch.full, torch.zeros_like, torch.ones_like,
    torch.full_like, torch.clone, torch.add, torch.sub, torch.mul, torch.div, torch.neg, torch.exp,
    torch.tanh, torch.sigmoid, torch.matmul, torch.where, torch.index_select,
))


def writes(node: torch.fx.Node) -> bool:
    """True for a call of a kernel whose last parameter is ``own``: may it write into its first argument?"""
    return is_kernel(node.target) and list(node.target.__annotations__)[-2:-1] == ["own"]  # type: ignore[union-attr]


def is_fresh(value: Any) -> bool:
    """True for a value in memory of its own."""
    if not isinstance(value, torch.fx.Node) or value.op != "call_function":
        return False
    return value.target in _FRESH or writes(value)


def own_buffers(graph: torch.fx.Graph) -> None:
    """Let the writing kernels of a graph write in place where their first argument has no other use."""
    for node in graph.nodes:
        if node.op != "call_function" or not writes(node):
            continue
        x, *rest = node.args
        if is_fresh(x) and len(x.users) == 1 and all(x not in _flat(a) for a in rest):
            node.args = (*node.args[:-1], True)


def _flat(argument: Any) -> list[Any]:
    return list(argument) if isinstance(argument, (list, tuple)) else [argument]
