"""A graph as an op of its own, with gradients that may be replaced. Compiling puts the graph in its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tgraph.grad import Rop, grad
from tgraph.graph import Apply, Constant, Op, Variable, replace, toposort, torch_form
from tgraph.graph import inputs as leaves_of
from tgraph.ops.create import tensor_copy
from tgraph.ops.loop import alike, influences, numpy_order, run_in_numpy
from tgraph.shared import SharedVariable
from tgraph.types import DisconnectedType, NullType, TensorType, disconnected_type

__all__ = ["OpFromGraph", "in_its_place"]


def _connected(g: Any) -> bool:
    return g is not None and not isinstance(g.type, DisconnectedType)


class OpFromGraph(Op):
    """``OpFromGraph([x, y], [x + y])`` is an op of two inputs that adds them.

    ``inputs``: variables, the leaves that the op is a function of; shared variables that ``outputs`` depend on are
    inputs by themselves. ``lop_overrides``: ``f(inputs, outputs, output_grads)`` in place of the gradient, or a list
    with, for each input, such a function of one gradient, 'default', or a variable of a disconnected or null type;
    ``grad_overrides``: the same without the outputs; ``rop_overrides``: ``f(inputs, eval_points)``, or a list for the
    outputs. An ``OpFromGraph`` serves as such a function. ``inline`` is taken and has no effect: compiling always puts
    the graph in the place of the op. Raises TypeError for what is no variable, and for ``updates`` and ``givens``.
    """

    def __init__(self, inputs: Sequence[Any], outputs: Sequence[Any], inline: bool = False,
                 lop_overrides: Any = "default", grad_overrides: Any = "default", rop_overrides: Any = "default",
                 name: str | None = None, **kwargs: Any):
        if not isinstance(outputs, list):
            raise TypeError(f"outputs must be list, got {type(outputs)}")
        for v in [*inputs, *outputs]:
            if not isinstance(v, Variable):
                raise TypeError("inputs and outputs must be Variable instances", v)
        if "updates" in kwargs or "givens" in kwargs:
            raise TypeError("updates and givens are not allowed here")
        if not (lop_overrides == "default" or grad_overrides == "default"):
            raise ValueError("lop_overrides and grad_overrides are mutually exclusive")
        self.is_inline, self.name, self.kwargs = inline, name, kwargs
        given = set(inputs)
        self.shared_inputs = [x for x in leaves_of(outputs, inputs)
                              if isinstance(x, SharedVariable) and x not in given]
        outer = [*inputs, *self.shared_inputs]
        fresh = {x: x.type(x.name) for x in outer}
        self.inputs = self.local_inputs = [fresh[x] for x in outer]
        self.outputs = self.local_outputs = replace(list(outputs), fresh)
        self.input_types = [x.type for x in inputs]
        self.output_types = [x.type for x in outputs]
        self.lop_overrides, self.grad_overrides, self.rop_overrides = lop_overrides, grad_overrides, rop_overrides

    def _look(self) -> tuple:
        return (self.is_inline, self.name, tuple(x.type for x in self.inputs), tuple(self.output_types))

    def __hash__(self) -> int:
        return hash((type(self), self._look()))

    def __eq__(self, other: Any) -> bool:
        """Equal ops have graphs that are alike node by node, and the same derivatives."""
        if self is other:
            return True
        return (type(self) is type(other) and self._look() == other._look()
                and self.shared_inputs == other.shared_inputs and self.lop_overrides == other.lop_overrides
                and self.grad_overrides == other.grad_overrides and self.rop_overrides == other.rop_overrides
                and alike(self, other))

    def __str__(self) -> str:
        name = type(self).__name__ if self.name is None else self.name
        return f"{name}{{inline={self.is_inline}}}"

    def with_graph(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> OpFromGraph:
        """The op of another graph, with the same manners."""
        return type(self)(list(inputs), list(outputs), self.is_inline, self.lop_overrides, self.grad_overrides,
                          self.rop_overrides, self.name, **self.kwargs)

    def make_node(self, *inputs: Any) -> Apply:
        if len(inputs) != len(self.input_types):
            raise ValueError(f"Wrong number of inputs: {self} takes {len(self.input_types)}, got {len(inputs)}")
        given = [t.filter_variable(x) for t, x in zip(self.input_types, inputs, strict=True)]
        return Apply(self, [*given, *self.shared_inputs], [t() for t in self.output_types])

    def placed(self, inputs: Sequence[Any]) -> list[Any]:
        """The outputs, as a graph of these inputs."""
        return replace(self.outputs, dict(zip(self.inputs, inputs, strict=True)))

    # -- values ------------------------------------------------------------------------------------------------

    def compute(self, node: Apply, *values: Any) -> Any:
        return tuple(run_in_numpy(self, numpy_order(self), values))

    def lower(self, node: Apply, ctx: Any, *xs: Any) -> Any:
        # a copy of the graph for each use: what is known of sizes is known of variables
        outs = self.placed(node.inputs)
        env = dict(zip(node.inputs, xs, strict=True))

        def value(x: Any) -> Any:
            return ctx.tensor(x.data) if isinstance(x, Constant) and x not in env else env[x]

        for n in toposort(outs, node.inputs):
            args = [value(x) for x in n.inputs]
            ctx.env.update((x, a) for x, a in zip(n.inputs, args, strict=True) if x not in ctx.env)
            results = torch_form(n.op)(n.op, n, ctx, *args)
            results = results if isinstance(results, tuple) else (results,)
            env.update(zip(n.outputs, results, strict=True))
            ctx.env.update(zip(n.outputs, results, strict=True))
            ctx.note_sizes(n)
        found = tuple(value(o) for o in outs)
        return found if len(found) > 1 else found[0]  # type: ignore[reportGeneralTypeIssues]

    # -- derivatives -------------------------------------------------------------------------------------------

    def connects(self, node: Apply) -> list[list[bool]]:
        """By value through the graph; as the replaced gradients of single inputs say."""
        masks = influences(self)
        found = [[bool(mask >> i & 1) for mask in masks] for i in range(len(self.inputs))]
        override = self.lop_overrides if self.lop_overrides != "default" else self.grad_overrides
        if override == "default":
            return found
        parts = override if isinstance(override, list) else [override] * len(self.input_types)
        for i, part in enumerate(parts):
            if isinstance(part, Variable) and isinstance(part.type, DisconnectedType):
                found[i] = [False] * len(self.outputs)
            elif part != "default":
                found[i] = [True] * len(self.outputs)
        return found

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """As ``connects``: what old code calls it."""
        return self.connects(node)

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        n = len(self.input_types)
        mine, shares = list(inputs[:n]), inputs[n:]
        override, arguments = self.lop_overrides, [mine, list(outputs), list(output_grads)]
        if override == "default":
            override, arguments = self.grad_overrides, [mine, list(output_grads)]
        if override == "default":
            return self._backwards(inputs, output_grads)
        if isinstance(override, list):
            if len(override) != n:
                raise ValueError(f"Need to override {n} gradients, got {len(override)}", override)
            rest = self._backwards(inputs, output_grads) if shares or "default" in override else []
            found = [rest[i] if part == "default" else part if isinstance(part, Variable) else
                     disconnected_type() if part is None else _called(part, arguments)[0]
                     for i, part in enumerate(override)]
            return [*found, *rest[n:]]
        found = _called(override, arguments)
        if len(found) != n:
            raise ValueError(f"Need to return {n} gradients, got {len(found)}", found)
        return [*found, *(self._backwards(inputs, output_grads)[n:] if shares else [])]

    def _backwards(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        seeds = {o: g.type() for o, g in zip(range(len(self.outputs)), output_grads, strict=True) if _connected(g)
                 and isinstance(self.outputs[o].type, TensorType) and not isinstance(g.type, NullType)}
        known = {tensor_copy(self.outputs[o]): g for o, g in seeds.items()}
        if not known:
            return [disconnected_type() for _ in inputs]
        terms = grad(None, self.inputs, known_grads=known, disconnected_inputs="ignore", return_disconnected="None",
                     null_gradients="return")
        outside = {**dict(zip(self.inputs, inputs, strict=True)), **{g: output_grads[o] for o, g in seeds.items()}}
        return [disconnected_type() if t is None else replace([t], outside, strict=False)[0] for t in terms]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        n = len(self.input_types)
        override = self.rop_overrides
        if override != "default" and not isinstance(override, list):
            return _called(override, [list(inputs[:n]), list(eval_points[:n])])
        moving = [i for i, t in enumerate(eval_points) if t is not None]
        tangents = {i: self.inputs[i].type() for i in moving}
        pushed = Rop(self.outputs, [self.inputs[i] for i in moving], list(tangents.values()),
                     disconnected_outputs="ignore") if moving else [None] * len(self.outputs)
        outside = {**dict(zip(self.inputs, inputs, strict=True)), **{t: eval_points[i] for i, t in tangents.items()}}
        found = [None if t is None else replace([t], outside, strict=False)[0] for t in pushed]
        if isinstance(override, list):
            found = [was if part == "default" else part if isinstance(part, Variable) or part is None else
                     _called(part, [list(inputs[:n]), list(eval_points[:n])])[0]
                     for was, part in zip(found, override, strict=True)]
        return found


def _called(function: Any, arguments: Sequence[list[Any]]) -> list[Any]:
    """What a replaced derivative gives, as a list."""
    if isinstance(function, OpFromGraph):
        found = function(*[x for part in arguments for x in part])
    else:
        found = function(*arguments)
    return list(found) if isinstance(found, (list, tuple)) else [found]


def in_its_place(node: Apply) -> list[Any]:
    """The graph of a node of ``OpFromGraph``, made of the node's inputs."""
    return node.op.placed(node.inputs)
