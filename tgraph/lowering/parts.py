"""Updates that are made by writing into a large shared tensor: ``updates=[(W, T.inc_subtensor(W[rows], step))]``, also
``W - rate * T.dot(x.T, delta)`` and the like.

Computed as a new tensor such an update copies all of W. Here the program checks everything that could fail and
returns what is to be written; the commit, which cannot fail, writes it into the tensor in the box.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.fx

from tgraph import kernels
from tgraph.garbage import uncollected
from tgraph.lowering.aliases import Memory
from tgraph.lowering.emit import function_name, literal
from tgraph.lowering.own import writes
from tgraph.lowering.pieces import kind
from tgraph.lowering.to_fx import HostCall, Program

#: tensors of fewer bytes are copied: that takes less time than the care that writing in place needs
LARGE = 1 << 17


#: arithmetic that has a form that writes into its first operand
_ARITHMETIC: dict[Any, str] = {torch.add: "add_", torch.sub: "sub_", torch.mul: "mul_", torch.div: "div_"}
_COMMUTE = frozenset((torch.add, torch.mul))


class _Name:
    """Stands for a result of the program in a line of source."""

    def __init__(self, position: int):
        self.position = position

    def __repr__(self) -> str:
        return f"R{self.position}"


def _into(node: Any) -> Any:
    """What a call can write its result into, once its operands are known to fit: one of them, or None."""
    if not isinstance(node, torch.fx.Node) or node.kwargs or len(node.users) != 1:
        return None
    if node.op == "call_function" and node.target in kernels.fits:
        return node.args[0] if writes(node) else None
    if len(node.args) != 2 or node.args[0] is node.args[1]:
        return None
    if (node.op == "call_method" and node.target in _ARITHMETIC.values()) or node.target in _ARITHMETIC:
        return node.args[0]
    return None


def _chain(result: Any, place: torch.fx.Node) -> list[torch.fx.Node]:
    """The writes, first to last, that make ``result`` out of an input of the program, if nothing else sees them;
    none for any other result."""
    found: list[torch.fx.Node] = []
    while result is not place:
        if isinstance(result, torch.fx.Node) and result.target in _COMMUTE and result.args[-1] is place:
            result.args = result.args[::-1]
        into = _into(result)
        if into is None:
            return []
        found.append(result)
        result = into
    return found[::-1]


def _may_change(roots: frozenset[Any], written: set[torch.fx.Node]) -> bool:
    """True for memory that is written to when the call commits, or that the host may hold."""
    host = any(isinstance(getattr(r, "target", None), HostCall) for r in roots)
    return host or bool(roots & written) or roots == {None}


@uncollected
def write_last(program: Program, places: dict[int, tuple[int, str]]) -> dict[int, list[str]]:
    """Take the writing of parts out of a program: position among the outputs -> the lines that do it.

    ``places``: position of an update among the outputs -> position among the inputs of what it updates and the name
    of that in the lines, for those that are worth it. The program then returns None there, and more results after the
    usual ones. In the lines result i is called ``R{i}``; they name kernels.
    """
    graph = program.graph
    final = next(reversed(graph.nodes))
    inputs = [n for n in graph.nodes if n.op == "placeholder"]
    results: list[Any] = list(final.args[0])  # type: ignore[arg-type]
    chains = {
        k: chain
        for k, (i, _) in places.items()
        if results.count(results[k]) == 1 and (chain := _chain(results[k], inputs[i]))
    }
    written = {inputs[places[k][0]] for k in chains}
    memory = Memory()
    names: dict[torch.fx.Node, _Name] = {}

    def named(node: torch.fx.Node) -> Any:
        if node not in names:
            names[node] = _Name(len(results))
            results.append(node)
            if kind(node) == "Tensor" and _may_change(memory.of(node), written):
                with graph.inserting_before(final):
                    results[-1] = graph.call_function(torch.clone, (node,))
        return names[node]

    lines: dict[int, list[str]] = {}
    for k, chain in chains.items():
        position, name = places[k]
        place = inputs[position]
        lines[k] = []
        for node in chain:
            # of the tensor itself only sizes are asked for
            if node.target in kernels.fits:
                fit, operands, rest = kernels.fits[node.target], node.args[1:-1], node.args[2:-1]
            else:
                fit, operands, rest = kernels.fits[kernels.table["put_whole"]], (node.args[1], True), ()
            written_there = operands[0]
            if isinstance(written_there, torch.fx.Node):
                with graph.inserting_before(node):
                    written_there = graph.create_node("call_function", fit, (place, *operands), name=f"{node.name}_fit")
                program.origin[written_there] = program.origin[node]
            arguments = ", ".join(literal(torch.fx.node.map_arg(a, named)) for a in (written_there, *rest))
            if node.target in kernels.fits:
                lines[k].append(f"{function_name(node.target)}({name}, {arguments}, True)")
            else:
                lines[k].append(f"{name}.{_ARITHMETIC.get(node.target, node.target)}({arguments})")
        results[k] = None
    if chains:
        final.args = (tuple(results),)
        for chain in chains.values():
            for node in reversed(chain):
                graph.erase_node(node)
    return lines
