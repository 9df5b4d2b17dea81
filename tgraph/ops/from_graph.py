"""A graph as an op of its own, with gradients that may be replaced. It stays one node of a compiled graph, unless it is
inline; what runs is its graph."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tgraph.config import change_flags, config
from tgraph.grad import Rop, grad
from tgraph.graph import Apply, Op, Sized, Variable, late, replace, toposort
from tgraph.graph import inputs as leaves_of
from tgraph.ops.create import tensor_copy, zeros_like
from tgraph.ops.loop import alike, influences, numpy_order, run_in_numpy
from tgraph.shared import SharedVariable
from tgraph.types import DisconnectedType, NullType, TensorType, disconnected_type

__all__ = ["OpFromGraph", "opened"]


def _connected(g: Any) -> bool:
    return g is not None and not isinstance(g.type, DisconnectedType)


class _Held(NamedTuple):
    inputs: list[Any]
    outputs: list[Any]


class OpFromGraph(Sized, Op):
    """``OpFromGraph([x, y], [x + y])`` is an op of two inputs that adds them.

    ``inputs``: variables, the leaves that the op is a function of; shared variables that ``outputs`` depend on are
    inputs by themselves. ``lop_overrides``: ``f(inputs, outputs, output_grads)`` in place of the gradient, or a list
    with, for each input, such a function of one gradient, 'default', or a variable of a disconnected or null type;
    ``grad_overrides``: the same without the outputs; ``rop_overrides``: ``f(inputs, eval_points)``, or a list for the
    outputs. An ``OpFromGraph`` serves as such a function. ``inline``: the graph takes the place of the op before a
    function is simplified, so that rewrites see both sides of the op's border; else the op stays, and its graph is
    simplified by itself. ``connection_pattern``: ``pattern[i][j]`` says whether output j depends on input i, in place
    of what the graph shows. Raises TypeError for what is no variable, and for ``updates`` and ``givens``.
    """

    #: the passes of rewriting that its graph has been through
    stage: frozenset[int] = frozenset()

    def __init__(self, inputs: Sequence[Any], outputs: Sequence[Any], inline: bool = False,
                 lop_overrides: Any = "default", grad_overrides: Any = "default", rop_overrides: Any = "default",
                 connection_pattern: list[list[bool]] | None = None, name: str | None = None, **kwargs: Any):
        if not isinstance(outputs, list):
            raise TypeError(f"outputs must be list, got {type(outputs)}")
        for v in [*inputs, *outputs]:
            if not isinstance(v, Variable):
                raise TypeError("inputs and outputs must be Variable instances", v)
        if "updates" in kwargs or "givens" in kwargs:
            raise TypeError("updates and givens are not allowed here")
        if not (lop_overrides == "default" or grad_overrides == "default"):
            raise ValueError("lop_overrides and grad_overrides are mutually exclusive")
        self.is_inline, self.name, self.kwargs, self.pattern = inline, name, kwargs, connection_pattern
        given = set(inputs)
        self.shared_inputs = [x for x in leaves_of(outputs, inputs)
                              if isinstance(x, SharedVariable) and x not in given]
        outer = [*inputs, *self.shared_inputs]
        fresh = {x: x.type(x.name) for x in outer}
        #: the caller's graph, and the op's own, in which shared variables are inputs
        self.inputs, self.outputs = list(inputs), list(outputs)
        self.local_inputs, self.local_outputs = [fresh[x] for x in outer], replace(self.outputs, fresh)
        self.input_types = [x.type for x in inputs]
        self.output_types = [x.type for x in outputs]
        self.lop_overrides, self.grad_overrides, self.rop_overrides = lop_overrides, grad_overrides, rop_overrides

    def _look(self) -> tuple:
        return (self.is_inline, self.name, tuple(x.type for x in self.local_inputs), tuple(self.output_types))

    def __hash__(self) -> int:
        return hash((type(self), self._look()))

    def __eq__(self, other: Any) -> bool:
        """Equal ops have graphs that are alike node by node, and the same derivatives."""
        if self is other:
            return True
        return (type(self) is type(other) and self._look() == other._look()
                and self.shared_inputs == other.shared_inputs and self.lop_overrides == other.lop_overrides
                and self.grad_overrides == other.grad_overrides and self.rop_overrides == other.rop_overrides
                and alike(self.held, other.held))

    @property
    def held(self) -> _Held:
        """The op's own graph."""
        return _Held(self.local_inputs, self.local_outputs)

    def __str__(self) -> str:
        name = type(self).__name__ if self.name is None else self.name
        return f"{name}{{inline={self.is_inline}}}"

    def with_graph(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> OpFromGraph:
        """The op of another graph, with the same manners."""
        return type(self)(list(inputs), list(outputs), self.is_inline, self.lop_overrides, self.grad_overrides,
                          self.rop_overrides, self.pattern, self.name, **self.kwargs)

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "lop_overrides" in state:
            self.__dict__.update(state)
            return
        # an old pickle; before gradients could be replaced the op's own graph had another name
        own = "local" if "local_inputs" in state else "new"
        self.local_inputs, self.local_outputs = list(state[f"{own}_inputs"]), list(state[f"{own}_outputs"])
        self.inputs = list(state.get("inputs", self.local_inputs))
        self.outputs = list(state.get("outputs", self.local_outputs))
        self.is_inline, self.name = bool(state.get("is_inline")), state.get("name")
        self.kwargs, self.pattern = {}, state.get("_connection_pattern")
        self.shared_inputs = list(state.get("shared_inputs", ()))
        self.input_types, self.output_types = list(state["input_types"]), list(state["output_types"])
        self.lop_overrides = self.grad_overrides = self.rop_overrides = "default"
        if not state.get("_lop_is_default", True):
            if state.get("_lop_op_is_cached"):
                self.lop_overrides = _OldGradient(state["_lop_op"], state["_lop_op_stypes_l"])
            else:
                setattr(self, f"{state['_lop_type']}_overrides", state["_lop_op"])
        if not state.get("_rop_is_default", True):
            self.rop_overrides = state["_rop_op"]

    def simplified(self, outputs: Sequence[Any], stage: int) -> OpFromGraph:
        """The op with its graph in another form, after a pass of rewriting."""
        twin = copy.copy(self)
        twin.local_outputs = [t.filter_variable(v) for t, v in zip(self.output_types, outputs, strict=True)]
        twin.stage = self.stage | {stage}
        return twin

    def make_node(self, *inputs: Any) -> Apply:
        if len(inputs) != len(self.input_types):
            raise ValueError(f"Wrong number of inputs: {self} takes {len(self.input_types)}, got {len(inputs)}")
        given = [t.filter_variable(x) for t, x in zip(self.input_types, inputs, strict=True)]
        return Apply(self, [*given, *self.shared_inputs], [t() for t in self.output_types])

    def placed(self, inputs: Sequence[Any]) -> list[Any]:
        """The outputs, as a graph of these inputs."""
        return replace(self.local_outputs, dict(zip(self.local_inputs, inputs, strict=True)))

    # -- values ------------------------------------------------------------------------------------------------

    def compute(self, node: Apply, *values: Any) -> Any:
        return tuple(run_in_numpy(self.held, numpy_order(self.held), values))

    def lower(self, node: Apply, ctx: Any, *xs: Any) -> Any:
        found = ctx.inner(self.held, *xs)
        return found if len(found) > 1 else found[0]

    # -- derivatives -------------------------------------------------------------------------------------------

    def connects(self, node: Apply) -> list[list[bool]]:
        """By value through the graph; as the replaced gradients of single inputs say."""
        masks = influences(self.held)
        found = [[bool(mask >> i & 1) for mask in masks] for i in range(len(self.local_inputs))]
        if self.pattern is not None:
            return [*self.pattern, *found[len(self.pattern) :]]
        override = self.lop_overrides if self.lop_overrides != "default" else self.grad_overrides
        if override == "default":
            return found
        if isinstance(override, _OldGradient):
            parts = [override if other is None else other for other in override.instead]
        else:
            parts = override if isinstance(override, list) else [override] * len(self.input_types)
        for i, part in enumerate(parts):
            if isinstance(part, Variable) and isinstance(part.type, DisconnectedType):
                found[i] = [False] * len(self.local_outputs)
            elif part != "default":
                found[i] = [True] * len(self.local_outputs)
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
        if isinstance(override, _OldGradient) or (
            shares and isinstance(override, OpFromGraph) and len(override.input_types) > sum(map(len, arguments))
        ):
            return _called(override, [list(inputs), *arguments[1:]])  # an op that knows of the shared variables
        found = _called(override, arguments)
        if len(found) != n:
            raise ValueError(f"Need to return {n} gradients, got {len(found)}", found)
        return [*found, *(self._backwards(inputs, output_grads)[n:] if shares else [])]

    def _backwards(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        seeds = {o: g.type() for o, g in zip(range(len(self.local_outputs)), output_grads, strict=True) if _connected(g)
                 and isinstance(self.local_outputs[o].type, TensorType) and not isinstance(g.type, NullType)}
        with change_flags(compute_test_value="off"):
            known = {tensor_copy(self.local_outputs[o]): g for o, g in seeds.items()}
        if not known:
            return [disconnected_type() for _ in inputs]
        with change_flags(compute_test_value="off"):  # the variables of its graph have no values of their own
            terms = grad(None, self.local_inputs, known_grads=known, disconnected_inputs="ignore",
                         return_disconnected="None", null_gradients="return")
        outside = dict(zip(self.local_inputs, inputs, strict=True))
        outside.update((g, output_grads[o]) for o, g in seeds.items())
        return [disconnected_type() if t is None else _outside(t, outside) for t in terms]

    def set_grad_overrides(self, grad_overrides: Any) -> None:
        """Another ``grad_overrides`` from here on."""
        self.grad_overrides, self.lop_overrides = grad_overrides, "default"

    def set_lop_overrides(self, lop_overrides: Any) -> None:
        """Another ``lop_overrides`` from here on."""
        self.lop_overrides, self.grad_overrides = lop_overrides, "default"

    def set_rop_overrides(self, rop_overrides: Any) -> None:
        """Another ``rop_overrides`` from here on."""
        self.rop_overrides = rop_overrides

    def get_lop_op(self) -> OpFromGraph:
        """The gradient as an op: of the inputs (shared variables last), the outputs and their gradients."""
        ins, outs, gs = ([x.type() for x in part] for part in (self.local_inputs, self.local_outputs,
                                                               self.local_outputs))
        found = self.L_op(ins, outs, gs)
        return OpFromGraph([*ins, *outs, *gs], [_or_zeros(g, x) for g, x in zip(found, ins, strict=True)],
                           self.is_inline, name=None if self.name is None else f"{self.name}_lop")

    def get_rop_op(self) -> OpFromGraph:
        """The tangents of the outputs as an op: of the inputs (shared variables last) and their tangents."""
        ins, ts = ([x.type() for x in self.local_inputs] for _ in range(2))
        found = self.R_op(ins, ts)
        outs = self.placed(ins)
        return OpFromGraph([*ins, *ts], [_or_zeros(t, o) for t, o in zip(found, outs, strict=True)], self.is_inline,
                           name=None if self.name is None else f"{self.name}_rop")

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        n = len(self.input_types)
        override = self.rop_overrides
        if isinstance(override, OpFromGraph) and len(override.input_types) > 2 * n:
            n = len(inputs)  # an op that knows of the shared variables
        if override != "default" and not isinstance(override, list):
            return _called(override, [list(inputs[:n]), list(eval_points[:n])])
        moving = [i for i, t in enumerate(eval_points) if t is not None]
        tangents = {i: self.local_inputs[i].type() for i in moving}
        with change_flags(compute_test_value="off"):
            pushed = Rop(self.local_outputs, [self.local_inputs[i] for i in moving], list(tangents.values()),
                         disconnected_outputs="ignore") if moving else [None] * len(self.local_outputs)
        outside = dict(zip(self.local_inputs, inputs, strict=True))
        outside.update((t, eval_points[i]) for i, t in tangents.items())
        found = [None if t is None else _outside(t, outside) for t in pushed]
        if isinstance(override, list):
            found = [was if part == "default" else part if isinstance(part, Variable) or part is None else
                     _called(part, [list(inputs[:n]), list(eval_points[:n])])[0]
                     for was, part in zip(found, override, strict=True)]
        return found


def _or_zeros(g: Any, x: Any) -> Any:
    """A derivative, zeros where there is none."""
    return zeros_like(x) if g is None or isinstance(g.type, (DisconnectedType, NullType)) else g


def _outside(term: Any, outside: dict[Any, Any]) -> Any:
    """A derivative in terms of what is given for the variables of the graph, with its test values."""
    found = replace([term], outside, strict=False)
    if config.compute_test_value != "off":
        for node in toposort(found, outside.values()):
            late["compute_test_value"](node)
    return found[0]


@dataclass(frozen=True, eq=False)
class _OldGradient:
    """The gradient that replaces that of an op in an old pickle: ``op`` of its inputs (shared variables last), outputs
    and their gradients; where ``instead`` has a variable, that one."""

    op: Any
    instead: list[Any]

    def __call__(self, inputs: list[Any], outputs: list[Any], output_grads: list[Any]) -> list[Any]:
        found = self.op(*inputs, *outputs, *output_grads, return_list=True)
        return [x if other is None else other for x, other in zip(found, self.instead, strict=True)]


def _called(function: Any, arguments: Sequence[list[Any]]) -> list[Any]:
    """What a replaced derivative gives, as a list."""
    if isinstance(function, OpFromGraph):
        found = function(*[x for part in arguments for x in part])
    else:
        found = function(*arguments)
    return list(found) if isinstance(found, (list, tuple)) else [found]


def opened(outputs: Sequence[Any], inputs: Iterable[Any] = ()) -> list[Any]:
    """The outputs with the graph of every ``OpFromGraph`` in the place of the op; ``inputs`` count as leaves."""
    leaves, found = list(inputs), list(outputs)
    while True:
        order = toposort(found, leaves)
        if not any(isinstance(node.op, OpFromGraph) for node in order):
            return found
        memo: dict[Any, Any] = {}
        for node in order:
            given = [memo.get(x, x) for x in node.inputs]
            if isinstance(node.op, OpFromGraph):
                memo.update(zip(node.outputs, node.op.placed(given), strict=True))
            elif any(x in memo for x in node.inputs):
                memo.update(zip(node.outputs, node.clone_with_new_inputs(given).outputs, strict=True))
        found = [memo.get(o, o) for o in found]
