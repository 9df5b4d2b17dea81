"""Which outputs of a program may share memory with its inputs, its constants or each other; those are copied.

Torch declares for every function whether its result may be a view of an argument; anything that declares
nothing (host calls, kernels) counts as a view of all its arguments.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import torch
import torch.fx

from tgraph.lowering.to_fx import HostCall, Program

#: these may return an argument as it is although their declaration does not say so
_UNDECLARED = frozenset(
    (
        "atleast_1d",
        "atleast_2d",
        "atleast_3d",
        "broadcast_tensors",
        "meshgrid",
        "sum_to_size",
        "conj_physical",
        "type_as",
        "dropout",
        "combinations",
        "block_diag",
        "resolve_neg",
    )
)
#: results of these may repeat one element in memory
_REPEATING = frozenset(
    ("expand", "expand_as", "broadcast_to", "broadcast_tensors", "meshgrid", "as_strided", "expand_copy")
)


@lru_cache(maxsize=1024)
def _fresh_by_name(name: str) -> bool:
    if name in _UNDECLARED or name.endswith("_"):
        return False
    for prefix in ("", "special_", "linalg_", "fft_"):
        packet = getattr(torch.ops.aten, prefix + name, None)
        if packet is None:
            continue
        for overload in packet.overloads():
            schema = getattr(packet, overload)._schema
            if overload.endswith("out") or any(a.is_out for a in schema.arguments):
                continue
            if any(r.alias_info is not None for r in schema.returns):
                return False
        return True
    return False


def is_fresh(node: torch.fx.Node) -> bool:
    """True if what a call returns never shares memory with its arguments."""
    if node.op == "call_method":
        return _fresh_by_name(str(node.target))
    if node.op != "call_function" or isinstance(node.target, HostCall):
        return False
    target: Callable[..., Any] = node.target  # type: ignore[assignment]
    module = getattr(target, "__module__", None) or ""
    name = target.__name__
    if module == "_operator" or module == "operator":
        return target is not operator.getitem
    if getattr(torch, name, None) is target:
        return _fresh_by_name(name)
    if module.startswith("torch") or isinstance(target, type(torch.add)):
        return _fresh_by_name(name)
    return False


def isolate(program: Program, borrowed: Sequence[bool] = (), lent: Sequence[bool] = ()) -> None:
    """Copy, in the program, those outputs that could share memory with anything else.

    A ``borrowed`` output may do so, but not with inputs that are not ``lent``. Values that are no tensors are
    left alone.
    """
    graph = program.graph
    final = next(reversed(graph.nodes))
    # what each value may share memory with, found backwards from the outputs only
    roots: dict[torch.fx.Node, frozenset[Any]] = {}
    repeats: dict[torch.fx.Node, bool] = {}

    def visit(start: torch.fx.Node) -> None:
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
                sources = [node.args[0]] if picks else node.all_input_nodes
                sources = [s for s in sources if isinstance(s, torch.fx.Node)]
                missing = [s for s in sources if s not in roots]
                if missing:
                    stack.extend(missing)
                    continue
                if picks and sources and isinstance(node.args[1], int) and is_fresh(sources[0]):
                    roots[node] = frozenset([(sources[0], node.args[1])])
                elif isinstance(node.target, HostCall):
                    roots[node] = frozenset([None])
                else:
                    roots[node] = (
                        frozenset().union(*(roots[s] for s in sources)) if sources else frozenset([None])
                    )
                name = getattr(node.target, "__name__", str(node.target))
                repeats[node] = name in _REPEATING or any(repeats[s] for s in sources)
            stack.pop()

    places = [node for node in graph.nodes if node.op == "placeholder"]
    kept = {node for node, lend in zip(places, lent, strict=False) if not lend}
    taken: set[Any] = set()
    results = []
    copies = [False] * len(program.outputs)
    for i, result in enumerate(final.args[0]):  # type: ignore[arg-type]
        variable = program.outputs[i]
        if not isinstance(result, torch.fx.Node) or not hasattr(variable.type, "broadcastable"):
            results.append(result)
            continue
        visit(result)
        borrow = i < len(borrowed) and borrowed[i] and not roots[result] & kept
        if not borrow and (None in roots[result] or roots[result] & taken or repeats[result]):
            with graph.inserting_before(final):
                copied = graph.call_function(torch.clone, (result,))
            if result in program.origin:
                program.origin[copied] = program.origin[result]
            result, copies[i] = copied, True
        else:
            taken |= roots[result]
        results.append(result)
    final.args = (tuple(results),)
    program.copies = copies  # for the interpreter, which does not read the recorded graph
