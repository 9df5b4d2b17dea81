"""Comparisons whose outcome is wanted as numbers write numbers: a gradient of ``T.maximum(x, 0)`` multiplies by
``cast(eq(..), 'float32')``, and torch takes ten times as long for the bools between (59 us for 6 at 50,000)."""

from __future__ import annotations

import torch
import torch.fx

from tgraph.graph import Apply

_COMPARISONS = frozenset((torch.lt, torch.le, torch.gt, torch.ge, torch.eq, torch.ne))
_FLOATS = {torch.float32: "float32", torch.float64: "float64"}


def _casts(node: torch.fx.Node) -> list[torch.fx.Node]:
    """The uses of a comparison, if all of them are casts to one and the same dtype of floats."""
    users = list(node.users)
    for user in users:
        if user.op != "call_method" or user.target != "to" or len(user.args) != 2 or user.kwargs:
            return []
    return users if len({user.args[1] for user in users}) == 1 and users[0].args[1] in _FLOATS else []  # type: ignore[reportUnhashable]


def compare_to_numbers(graph: torch.fx.Graph, origin: dict[torch.fx.Node, Apply]) -> None:
    """Let comparisons of floats, of which only casts to their own dtype are used, give that dtype at once."""
    for node in graph.nodes:
        if node.op != "call_function" or node.target not in _COMPARISONS or node.kwargs:
            continue
        casts = _casts(node)
        made = origin[node]
        if not casts or not made.outputs[0].type.ndim or not isinstance(node.args[0], torch.fx.Node):
            continue
        dtype = _FLOATS[casts[0].args[1]]
        if any(x.type.dtype != dtype for x in made.inputs):
            continue
        with graph.inserting_before(node):
            empty = graph.call_method("new_empty", (node.args[0], [0]))
        origin[empty] = made
        node.kwargs = {"out": empty}
        origin[node] = origin[casts[0]]
        if "sizes" in casts[0].meta:
            node.meta["sizes"] = casts[0].meta["sizes"]
        for cast in casts:
            cast.replace_all_uses_with(node)
            graph.erase_node(cast)
