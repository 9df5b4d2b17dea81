"""Which outputs of a program may share memory with its inputs, its constants or each other; those are copied."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import torch
import torch.fx

from tgraph import kernels
from tgraph.garbage import uncollected
from tgraph.kernels import is_kernel
from tgraph.lowering.fresh import REPEATING, is_fresh, of_kernel
from tgraph.lowering.host import HostCall
from tgraph.lowering.to_fx import Program


class Memory:
    """What the values of a program may share memory with: ``roots[node]`` are the calls that made the memory, inputs,
    constants, and None for memory that lives on elsewhere. Found backwards from the nodes that are asked for."""

    def __init__(self) -> None:
        self.roots: dict[torch.fx.Node, frozenset[Any]] = {}
        self.repeats: dict[torch.fx.Node, bool] = {}

    def of(self, start: torch.fx.Node) -> frozenset[Any]:
        """The roots of a node."""
        roots, repeats = self.roots, self.repeats
        stack = [start]
        while stack:
            node = stack[-1]
            if node in roots:
                stack.pop()
                continue
            if node.op in ("placeholder", "get_attr"):
                roots[node], repeats[node] = frozenset([None, node]), True
            elif is_fresh(node):
                roots[node], repeats[node] = frozenset([node]), False
            else:
                picks = node.target is operator.getitem
                writes_first = node.op == "call_method" and str(node.target).endswith("_")
                sources = [node.args[0]] if picks or writes_first else node.all_input_nodes
                if node.target in kernels.fits.values():
                    sources = [node.args[1]]
                elif is_kernel(node.target) and (positions := of_kernel(node)) is not None:
                    sources = [node.args[i] for i in positions]
                sources = [s for s in sources if isinstance(s, torch.fx.Node)]
                missing = [s for s in sources if s not in roots]
                if missing:
                    stack.extend(missing)
                    continue
                shared = frozenset().union(*(roots[s] for s in sources)) if sources else frozenset([None])
                if picks and sources and isinstance(node.args[1], int) and is_fresh(sources[0]):
                    shared = frozenset([(sources[0], node.args[1])])
                elif isinstance(node.target, HostCall):
                    shared |= {None, node}
                roots[node] = shared
                name = getattr(node.target, "__name__", str(node.target))
                repeats[node] = name in REPEATING or any(repeats[s] for s in sources)
            stack.pop()
        return roots[start]


@uncollected
def isolate(program: Program, borrowed: Sequence[bool] = (), lent: Sequence[bool] = ()) -> list[int]:
    """Copy, in the program, those outputs that could share memory with anything else.

    A ``borrowed`` output may do so, but not with inputs that are not ``lent``; what comes back are the positions of
    the inputs that the borrowed outputs share memory with. Values that are no tensors are left alone.
    """
    graph = program.graph
    final = next(reversed(graph.nodes))
    memory = Memory()
    places = [node for node in graph.nodes if node.op == "placeholder"]
    kept = {node for node, lend in zip(places, lent, strict=False) if not lend}
    taken: set[Any] = set()
    out: set[Any] = set()
    results = []
    copies = [False] * len(program.outputs)
    for i, result in enumerate(final.args[0]):  # type: ignore[arg-type]
        variable = program.outputs[i]
        if not isinstance(result, torch.fx.Node) or not hasattr(variable.type, "broadcastable"):
            results.append(result)
            continue
        roots = memory.of(result)
        borrow = i < len(borrowed) and borrowed[i] and not roots & kept
        if not borrow and (None in roots or roots & taken or memory.repeats[result]):
            with graph.inserting_before(final):
                copied = graph.call_function(torch.clone, (result,))
            if result in program.origin:
                program.origin[copied] = program.origin[result]
            result, copies[i] = copied, True
        else:
            taken |= roots
            out |= roots
        results.append(result)
    final.args = (tuple(results),)
    # for the interpreter, which does not read the recorded graph
    program.copies = copies  # type: ignore[attr-defined]
    return [i for i, node in enumerate(places) if node in out]
