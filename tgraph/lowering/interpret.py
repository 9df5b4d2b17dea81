"""The interpreter: a graph run node by node on tensors, by the same ``lower`` that records programs.

Slow and honest: it finds the node that fails, computes test values, and serves the modes that look at every
node.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tgraph.errors import MethodNotDefined
from tgraph.graph import Apply, Constant, Variable, toposort, torch_form
from tgraph.lowering.to_fx import Context, Program
from tgraph.performing import performer
from tgraph.values import to_numpy, to_value

#: called with (position, node, values of its inputs, values of its outputs), as the engines hold them
Visit = Callable[[int, Apply, Sequence[Any], Sequence[Any]], None]


class NodeFailure(Exception):
    """A node failed: ``node``, its place ``index`` in the order, the ``values`` of its inputs and the
    ``error``."""

    def __init__(self, node: Apply, index: int, values: list[Any], error: Exception):
        super().__init__(str(error))
        self.node, self.index, self.values, self.error = node, index, values, error


def run_nodes(
    nodes: Iterable[Apply], ctx: Context, visit: Visit | None = None, before: Visit | None = None
) -> None:
    """Run nodes in order; ``ctx.env`` holds the values of leaves and receives those of outputs. ``visit`` is
    called after each node, ``before`` in front of it (with no outputs).

    Raises NodeFailure.
    """
    env = ctx.env
    for index, node in enumerate(nodes):
        values = []
        for x in node.inputs:
            if x not in env and isinstance(x, Constant):
                env[x] = to_value(x.data, ctx.device)
            values.append(env[x])
        if before is not None:
            before(index, node, values, ())
        try:
            results = torch_form(node.op)(node.op, node, ctx, *values)
        except Exception as error:  # whatever an op raises belongs to this node
            raise NodeFailure(node, index, values, error) from error
        outs = results if isinstance(results, tuple) else (results,)
        for output, result in zip(node.outputs, outs, strict=True):
            env.setdefault(output, result)
        if visit is not None:
            visit(index, node, values, outs)


def interpret(
    inputs: Sequence[Variable],
    outputs: Sequence[Variable],
    values: Sequence[Any],
    device: str = "cpu",
    visit: Visit | None = None,
    before: Visit | None = None,
) -> tuple:
    """The values of ``outputs`` for those of ``inputs``, as the engines hold them. Raises NodeFailure."""
    ctx = Context(None, device)
    ctx.env.update(zip(inputs, values, strict=True))
    run_nodes(toposort(outputs, inputs), ctx, visit, before)
    return tuple(ctx.env[o] if o in ctx.env else to_value(o.data, device) for o in outputs)


def build(program: Program, visit: Visit | None = None, before: Visit | None = None) -> Callable[..., tuple]:
    """The interpreter as an engine, possibly watched."""
    inputs, outputs, device = program.inputs, program.outputs, program.device
    copies = getattr(program, "copies", [False] * len(outputs))

    def run(*values: Any) -> tuple:
        try:
            results = interpret(inputs, outputs, values, device, visit, before)
        except NodeFailure as failure:
            raise failure.error from None
        return tuple(r.clone() if copied else r for r, copied in zip(results, copies, strict=True))

    return run


def run_node(node: Apply, values: Sequence[Any]) -> tuple:
    """The outputs of one node for numpy values of its inputs, as numpy values. Raises what the node
    raises."""
    ctx = Context(None)
    ctx.env.update(zip(node.inputs, [to_value(v) for v in values], strict=True))
    try:
        run_nodes([node], ctx)
    except NodeFailure as failure:
        raise as_numpy_raises(failure) from failure.error
    return tuple(to_numpy(ctx.env[o]) for o in node.outputs)


def as_numpy_raises(failure: NodeFailure) -> Exception:
    """The exception of the class that the node's numpy form raises for the same values.

    Torch calls most mistakes RuntimeError; old code catches what numpy raised. Where the numpy form passes or
    does not exist a RuntimeError counts as ValueError.
    """
    node, error = failure.node, failure.error
    try:
        performer(node)([to_numpy(v) for v in failure.values])
    except (MethodNotDefined, NotImplementedError):
        pass
    except Exception as found:  # the class of any refusal is what is asked for
        return found
    if type(error) is RuntimeError:
        return ValueError(str(error))
    return error
