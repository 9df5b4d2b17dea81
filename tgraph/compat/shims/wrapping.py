"""Linkers that hand every node to a function of the user, which runs it: `WrapLinkerMany([linker], [f])`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tgraph.function_graph import FunctionGraph
from tgraph.graph import Apply, toposort
from tgraph.lowering import interpret
from tgraph.lowering.to_fx import Context, Program
from tgraph.modes import Linker
from tgraph.ops.barriers import deep_copy_op
from tgraph.values import to_numpy, to_value

__all__ = ["WrapLinker", "WrapLinkerMany"]


class Thunk:
    """Runs one node when it is called. `inputs` and `outputs` are lists of cells (lists of one array)."""

    def __init__(self, node: Apply, ctx: Context):
        self.node, self.ctx = node, ctx
        self.inputs = [[to_numpy(_value(x, ctx))] for x in node.inputs]
        self.outputs: list[list[Any]] = [[None] for _ in node.outputs]

    def __call__(self) -> None:
        try:
            interpret.run_nodes([self.node], self.ctx)
        except interpret.NodeFailure as failure:
            raise failure.error from None
        for cell, output in zip(self.outputs, self.node.outputs, strict=True):
            cell[0] = to_numpy(self.ctx.env[output])


def _value(variable: Any, ctx: Context) -> Any:
    if variable not in ctx.env:
        ctx.env[variable] = to_value(variable.data, ctx.device)
    return ctx.env[variable]


class WrapLinker(Linker):
    """`wrapper(i, node, thunk)` is called for each node in order and has to call `thunk()`, which computes it.

    `node.fgraph` is the graph, with the name of the function. An input that is returned as it is is copied by a node
    of its own. `linkers` is kept for code that reads it: there is one engine here, and one thunk.
    """

    def __init__(self, linkers: Sequence[Any], wrapper: Callable[..., Any]):
        super().__init__(type(self).__name__, interpret.build)
        self.linkers, self.wrapper = list(linkers), wrapper

    def clone(self, allow_gc: bool | None = None) -> Linker:
        """A linker with the same wrapper."""
        return type(self)(self.linkers, self.wrapper)

    def __reduce__(self) -> Any:
        return type(self), (self.linkers, self.wrapper)

    def build(self, program: Program) -> Callable[..., tuple]:
        """The program, each node of which the wrapper runs."""
        leaves = [o for o in program.outputs if o.owner is None or o in program.inputs]
        copies = {o: deep_copy_op.make_node(o) for o in leaves}
        nodes = [*toposort(program.outputs, program.inputs), *copies.values()]
        finals = [copies[o].outputs[0] if o in copies else o for o in program.outputs]
        graph = FunctionGraph(program.inputs, finals, clone=False, name=program.name)
        for node in nodes:
            node.fgraph = graph  # type: ignore[attr-defined]

        def run(*values: Any) -> tuple:
            ctx = Context(None, program.device)
            ctx.env.update(zip(program.inputs, values, strict=True))
            for i, node in enumerate(nodes):
                self.wrapper(i, node, Thunk(node, ctx))
            results = [ctx.env[o] for o in finals]
            return tuple(r.clone() if hasattr(r, "clone") else r for r in results)

        return run


def WrapLinkerMany(linkers: Sequence[Any], wrappers: Sequence[Callable[..., Any]]) -> WrapLinker:
    """A `WrapLinker` that calls several functions for each node, one after the other."""

    def wrapper(*args: Any) -> None:
        for function in wrappers:
            function(*args)

    return WrapLinker(linkers, wrapper)
