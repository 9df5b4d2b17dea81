"""Computing in place where nobody can tell: an elementwise call writes over its operand when that is a temporary of
the same size and dtype with no other use. Inputs, shared values and constants are never written to, so a call that
fails can be run again, and a reader in another thread sees nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.fx

from tgraph.graph import Apply
from tgraph.lowering.own import is_own
from tgraph.ops.elemwise import Elemwise

#: calls with a twin that writes over its first operand
_TWINS = {
    getattr(torch, name): name + "_"
    for name in ("add", "sub", "mul", "div", "neg", "exp", "log", "log1p", "expm1", "tanh", "sigmoid", "sqrt", "abs",
                 "square", "reciprocal", "sin", "cos", "clamp", "floor", "ceil", "trunc", "pow")
}
_COMMUTE = frozenset((torch.add, torch.mul))


def _is_temporary(value: Any) -> bool:
    return is_own(value) or (isinstance(value, torch.fx.Node) and value.meta.get("written", False))


def _fits(value: Any, node: torch.fx.Node, origin: dict[torch.fx.Node, Apply]) -> bool:
    """True if ``value`` is a temporary of the dtype and the (proved) sizes of ``node``, used by it alone."""
    return (
        _is_temporary(value)
        and len(value.users) == 1
        and "sizes" in value.meta
        and value.meta["sizes"] == node.meta["sizes"]
        and origin[value].outputs[0].type.dtype == origin[node].outputs[0].type.dtype
    )


def reuse_buffers(
    graph: torch.fx.Graph, origin: dict[torch.fx.Node, Apply], find: Callable[[Any], Any]
) -> None:
    """Turn elementwise calls into their in-place twins where that cannot be seen from outside.

    ``node.meta["sizes"]`` holds the size symbols of a value, ``find`` gives the representative of a symbol.
    """
    for node in graph.nodes:
        if "sizes" in node.meta:
            node.meta["sizes"] = tuple(find(s) for s in node.meta["sizes"])
    for node in graph.nodes:
        if node.op != "call_function" or node.target not in _TWINS or "sizes" not in node.meta or node.kwargs:
            continue
        if not isinstance(origin[node].op, Elemwise) or not node.meta["sizes"]:
            continue
        args = node.args
        if not _fits(args[0], node, origin):
            if node.target not in _COMMUTE or len(args) != 2 or not _fits(args[1], node, origin):
                continue
            args = (args[1], args[0])
        node.op, node.target, node.args = "call_method", _TWINS[node.target], args
        node.meta["written"] = True
