"""Branches: what only one side of an ``ifelse`` needs becomes a graph inside of a ``Branch``, and is computed only
where that side is taken.

Every node gets a guard: the conditions, each with its outcome, under which its value is asked for, as far as they are
common to all who ask. Nodes with a guard go into branches; one branch takes as much as it can of what hangs on its
condition. A value of one branch that a later branch of the same condition uses leaves the first as a result, and the
other side gives a stand-in that nobody reads.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from tgraph.graph import Apply, Constant, Variable, toposort
from tgraph.ops.advanced import (
    AdvancedIncSubtensor1,
    AdvancedSubtensor1,
    BaseAdvancedIncSubtensor,
    BaseAdvancedSubtensor,
)
from tgraph.ops.branch import Branch, IfElse, ifelse
from tgraph.ops.conv import AbstractConv, AbstractConv_gradInputs, AbstractConv_gradWeights
from tgraph.ops.create import alloc
from tgraph.ops.elemwise import DimShuffle
from tgraph.ops.from_graph import OpFromGraph, opened
from tgraph.ops.linalg import BatchedDot, Dot
from tgraph.ops.nnet_losses import CrossentropySoftmax1HotWithBiasDx
from tgraph.ops.reduce import Sum
from tgraph.ops.shape import Rebroadcast, Reshape
from tgraph.ops.softmax import SoftmaxGrad
from tgraph.ops.subtensor import IncSubtensor, Subtensor
from tgraph.rewrite.engine import Rewriter, is_number, row_of, rule
from tgraph.rewrite.shapes import size_along
from tgraph.rewrite.views import plus
from tgraph.types import TensorType, float_dtypes

#: branches within branches are made to this depth; what is deeper is computed whichever side is taken
DEPTH = 40

#: (condition, its outcome)
Literal = tuple[Variable, bool]
Guard = tuple[Literal, ...]


def close(outputs: Sequence[Variable], inputs: Iterable[Variable] = ()) -> list[Variable]:
    """The outputs as they are run: with every ``IfElse`` made a ``Branch``, and the graph of every ``OpFromGraph`` in
    its place; ``inputs`` count as leaves."""
    leaves = set(inputs)
    order = toposort(outputs, leaves)
    if any(isinstance(node.op, OpFromGraph) for node in order):
        # what a gradient outside of such an op needs of its graph is often in it
        merging = Rewriter([])
        merging.done.update((x, x) for x in leaves)
        outputs = merging.run(opened(outputs, leaves))
        order = toposort(outputs, leaves)
    if not any(isinstance(node.op, IfElse) for node in order):
        return list(outputs)
    plan = _Plan(order, outputs, leaves)
    whole = _Region(None)
    _build(plan, plan.nodes, (), whole)
    return [whole.value(o) for o in outputs]


class _Plan:
    """``nodes`` that are asked for, in order; the ``guard`` of each; who uses a variable."""

    def __init__(self, order: Sequence[Apply], outputs: Sequence[Variable], leaves: set[Variable]):
        self.asked: dict[Variable, Guard] = dict.fromkeys(outputs, ())
        self.guard: dict[Apply, Guard] = {}
        self.users: dict[Variable, list[Apply]] = {}
        for node in reversed(order):
            guards = [self.asked[o] for o in node.outputs if o in self.asked]
            if guards:
                self.guard[node] = guard = _common(guards)
                for x, under in self._asks(node, guard):
                    self.users.setdefault(x, []).append(node)
                    self.asked[x] = _common([self.asked[x], under]) if x in self.asked else under
        self.nodes = [node for node in order if node in self.guard]
        self.makers = {o: node for node in self.nodes for o in node.outputs if o not in leaves}

    def _asks(self, node: Apply, guard: Guard) -> list[tuple[Variable, Guard]]:
        """The inputs of a node that are needed, and when."""
        if not isinstance(node.op, IfElse):
            return [(x, guard) for x in node.inputs]
        c = node.inputs[0]
        taken = outcome(c, guard)
        used = [i for i, o in enumerate(node.outputs) if o in self.asked]
        sides = node.op.sides(node.inputs)
        if taken is not None:
            side = sides[0] if taken else sides[1]
            return [(side[i], guard) for i in used]
        deeper = len(guard) < DEPTH
        found = [(c, guard)]
        for side, literal in zip(sides, ((c, True), (c, False)), strict=True):
            found += [(side[i], (*guard, literal) if deeper else guard) for i in used]
        return found

    def needs(self, node: Apply, context: Guard) -> list[Variable]:
        """What must be there before a node is run: its inputs, and the conditions of its guard."""
        guard = self.guard[node]
        return [
            *[x for x, _ in self._asks(node, guard)],
            *[c for c, _ in guard if (c, True) not in context and (c, False) not in context],
        ]

    def literal(self, node: Apply, context: Guard) -> Literal | None:
        """The outermost condition of a node's guard beyond the context."""
        rest = [literal for literal in self.guard[node] if literal not in context]
        return min(rest, key=lambda literal: len(self.asked[literal[0]])) if rest else None


def outcome(c: Variable, guard: Guard) -> bool | None:
    """What a condition is known to be."""
    if isinstance(c, Constant) and np.ndim(c.data) == 0:
        return bool(c.data != 0)
    return True if (c, True) in guard else False if (c, False) in guard else None


def _common(guards: Sequence[Guard]) -> Guard:
    """The literals that all guards have."""
    first, *rest = guards
    for other in rest:
        if other != first:
            first = tuple([literal for literal in first if literal in other])
    return first


class _Region:
    """New variables for old ones, on one side of a branch (or outside of all)."""

    def __init__(self, parent: _Region | None, arguments: dict[Variable, Variable] | None = None):
        self.parent = parent
        #: variable of the parent -> leaf of the branch, for both sides
        self.arguments = {} if arguments is None else arguments
        self.made: dict[Variable, Variable] = {}

    def value(self, v: Variable) -> Any:
        """The twin of a variable here."""
        chain: list[_Region] = []
        region: _Region = self
        while v not in region.made and region.parent is not None:
            chain.append(region)
            region = region.parent
        found = region.made.get(v, v)
        for inner in reversed(chain):
            if not isinstance(found, Constant):
                leaf = inner.arguments.get(found)
                if leaf is None:
                    leaf = inner.arguments[found] = found.type.make_variable(found.name)
                found = leaf
            inner.made[v] = found
        return found


def _build(plan: _Plan, nodes: Sequence[Apply], context: Guard, region: _Region) -> None:
    """Make the twins of nodes, whose guards all hold the context."""
    kind: dict[Apply, Variable | None] = {}
    for node in nodes:
        literal = plan.literal(node, context)
        if literal is not None:
            kind[node] = literal[0]
        else:
            c = node.inputs[0] if isinstance(node.op, IfElse) else None
            kind[node] = c if c is not None and outcome(c, context) is None else None
    for c, group in _scheduled(plan, nodes, kind, context):
        if c is None:
            for node in group:
                _plain(node, context, region, plan)
        else:
            _branch(plan, c, group, context, region)


def _scheduled(plan: _Plan, nodes: Sequence[Apply], kind: dict[Apply, Any], context: Guard) -> list[tuple[Any, list]]:
    """The nodes in groups of a kind, each node after those it needs; few groups."""
    waits: dict[Apply, int] = {}
    frees: dict[Apply, list[Apply]] = {}
    ready: dict[Any, deque[Apply]] = {}
    for node in nodes:
        makers = {plan.makers[x] for x in plan.needs(node, context) if x in plan.makers}
        makers = [m for m in makers if m in kind and m is not node]
        waits[node] = len(makers)
        for maker in makers:
            frees.setdefault(maker, []).append(node)
        if not makers:
            ready.setdefault(kind[node], deque()).append(node)
    groups: list[tuple[Any, list]] = []
    while ready:
        now = None if None in ready else next(iter(ready))
        group: list[Apply] = []
        queue = ready[now]
        while queue:
            node = queue.popleft()
            group.append(node)
            for user in frees.get(node, ()):
                waits[user] -= 1
                if not waits[user]:
                    ready.setdefault(kind[user], deque()).append(user)
        del ready[now]
        groups.append((now, group))
    return groups


def _plain(node: Apply, context: Guard, region: _Region, plan: _Plan) -> None:
    if isinstance(node.op, IfElse):
        thens, elses = node.op.sides(node.inputs)
        side = thens if outcome(node.inputs[0], context) else elses
        region.made.update((o, region.value(x)) for o, x in zip(node.outputs, side, strict=True) if o in plan.asked)
        return
    ins = [region.value(x) for x in node.inputs]
    same = all(a is b for a, b in zip(ins, node.inputs, strict=True))
    twin = node if same else node.clone_with_new_inputs(ins)
    region.made.update(zip(node.outputs, twin.outputs, strict=True))


def _branch(plan: _Plan, c: Variable, group: Sequence[Apply], context: Guard, region: _Region) -> None:
    """One branch for all nodes of a group, which hang on the condition ``c``."""
    arguments: dict[Variable, Variable] = {}
    sides = {taken: _Region(region, arguments) for taken in (True, False)}
    picks = [
        node
        for node in group
        if isinstance(node.op, IfElse) and node.inputs[0] is c and outcome(c, plan.guard[node]) is None
    ]
    chosen = set(picks)
    members: dict[bool, list[Apply]] = {
        taken: [n for n in group if n not in chosen and (c, taken) in plan.guard[n]] for taken in (True, False)
    }
    results: dict[bool, list[Variable]] = {True: [], False: []}
    old: list[Variable] = []
    # picks may feed on picks, so all that is inside is built first, each on its side of both
    for taken, inside in sides.items():
        wanted = [n for n in group if n in chosen or (c, taken) in plan.guard[n]]
        _build(plan, wanted, (*context, (c, taken)), inside)
    for node in picks:
        for o in node.outputs:
            if o in plan.asked:
                old.append(o)
                for taken, inside in sides.items():
                    results[taken].append(inside.value(o))
    grouped = set(group)
    for taken, nodes in members.items():
        for node in nodes:
            for o in node.outputs:
                if o in plan.asked and any(user not in grouped for user in plan.users.get(o, ())):
                    old.append(o)
                    results[taken].append(sides[taken].value(o))
                    results[not taken].append(_stand_in(o))
    inner, outer = list(arguments.values()), list(arguments)
    op = Branch(inner, results[True], results[False], name=next((n.op.name for n in picks if n.op.name), None))
    made = op.make_node(region.value(c), *outer)
    made.place = (picks or group)[0].place
    region.made.update(zip(old, made.outputs, strict=True))


def _stand_in(v: Any) -> Constant:
    """A value of the type of a variable, for a side where it is not computed."""
    if isinstance(v.type, TensorType):
        return v.type.constant_class(v.type, np.zeros((1,) * v.type.ndim, v.type.numpy_dtype))
    # of other types there may be no value to be had; nobody reads this one
    made = object.__new__(Constant)
    Variable.__init__(made, v.type)
    made.data = None
    return made


# -- rules ---------------------------------------------------------------------------------------------------


@rule(IfElse, tags=("inplace",))
def cond_make_inplace(node: Apply, rw: Rewriter) -> Any:
    """What is taken need not be copied. (Old code looks for this in compiled graphs.)"""
    op = node.op
    if op.as_view:
        return None
    return IfElse(op.n_outs, as_view=True, gpu=op.gpu, name=op.name)(*node.inputs, return_list=True)


@rule(IfElse)
def same_on_both_sides(node: Apply, rw: Rewriter) -> Any:
    """ifelse(c, x, x) = x"""
    thens, elses = node.op.sides(node.inputs)
    differ = [i for i, (t, f) in enumerate(zip(thens, elses, strict=True)) if t is not f]
    if len(differ) == node.op.n_outs:
        return None
    results = list(thens)
    if differ:
        made = node.op.like(len(differ))(
            node.inputs[0], *[thens[i] for i in differ], *[elses[i] for i in differ], return_list=True
        )
        for i, v in zip(differ, made, strict=True):
            results[i] = v
    return results


class _Gate(NamedTuple):
    """``value`` where the condition has this outcome, else zeros."""

    condition: Variable
    outcome: bool
    value: Any
    zeros: Any

    def make(self, value: Any, zeros: Any) -> Any:
        """Another value behind the same condition."""
        return ifelse(self.condition, *((value, zeros) if self.outcome else (zeros, value)))


def _gate(v: Any) -> _Gate | None:
    node = v.owner
    if node is None or not isinstance(node.op, IfElse) or not isinstance(v.type, TensorType):
        return None
    t, f = (side[v.index] for side in node.op.sides(node.inputs))
    if is_number(f, 0):
        return None if is_number(t, 0) else _Gate(node.inputs[0], True, t, f)
    return _Gate(node.inputs[0], False, f, t) if is_number(t, 0) else None


def _linear(node: Apply) -> Sequence[int]:
    """Inputs in which a node is linear: zeros there, and whatever elsewhere, give zeros."""
    op = node.op
    name = row_of(node.outputs[0])
    if name is not None:
        if name == "mul":
            return range(len(node.inputs))
        if name == "second":
            return (1,)
        if name == "switch":
            return [i for i in (1, 2) if is_number(node.inputs[3 - i], 0)]
        return (0,) if name in ("true_div", "neg") or name.startswith("convert_to_float") else ()
    if isinstance(op, (Dot, BatchedDot, AbstractConv, AbstractConv_gradInputs, AbstractConv_gradWeights)):
        return (0, 1)
    if isinstance(op, (IncSubtensor, AdvancedIncSubtensor1, BaseAdvancedIncSubtensor)):
        return (1,) if is_number(node.inputs[0], 0) else ()
    return (0,)


@rule(
    "mul",
    "true_div",
    "neg",
    "second",
    "switch",
    "convert_to_float32",
    "convert_to_float64",
    DimShuffle,
    Sum,
    Reshape,
    Rebroadcast,
    Dot,
    BatchedDot,
    Subtensor,
    AdvancedSubtensor1,
    BaseAdvancedSubtensor,
    IncSubtensor,
    SoftmaxGrad,
    AdvancedIncSubtensor1,
    BaseAdvancedIncSubtensor,
    CrossentropySoftmax1HotWithBiasDx,
    AbstractConv,
    AbstractConv_gradInputs,
    AbstractConv_gradWeights,
)
def gradient_of_a_side(node: Apply, rw: Rewriter) -> Any:
    """A linear operation on what is zero where the other side is taken belongs to its side: the gradient of a side is
    computed only where that side is taken. (Old Theano computes both, times zero; where a factor is infinite that is
    a NaN, here a zero.)"""
    out = node.outputs[0]
    if len(node.outputs) != 1 or out.type.dtype not in float_dtypes:
        return None
    for i in _linear(node):
        gate = _gate(node.inputs[i])
        if gate is None:
            continue
        inner = [*node.inputs[:i], gate.value, *node.inputs[i + 1 :]]
        value = node.clone_with_new_inputs(inner).outputs[0]
        return gate.make(value, _zeros(out))
    return None


def _zeros(out: Any) -> Any:
    """Zeros of the type and size of a variable, which is not needed for it where its size is known without."""
    zero = out.type.constant_class(TensorType(out.type.dtype, ()), np.zeros((), out.type.numpy_dtype))
    if not out.type.ndim:
        return zero
    # a size that is known to be 1 would make it another type
    return out.type.filter_variable(alloc(zero, *[size_along(out, i) for i in range(out.type.ndim)]))


@rule("add")
def sum_of_sides(node: Apply, rw: Rewriter) -> Any:
    """ifelse(c, a, 0) + ifelse(c, 0, b) = ifelse(c, a, b)"""
    out = node.outputs[0]
    gates: dict[Variable, list[_Gate]] = {}
    rest = []
    for x in node.inputs:
        gate = _gate(x) if x.type == out.type else None
        if gate is None:
            rest.append(x)
        else:
            gates.setdefault(gate.condition, []).append(gate)
    if all(len(of) < 2 for of in gates.values()):
        return None
    for c, of in gates.items():
        sides = []
        for taken in (True, False):
            values = [g.value for g in of if g.outcome is taken]
            sides.append(plus(values) if values else of[0].zeros)
        rest.append(ifelse(c, *sides))
    return plus(rest)


#: the gradient of a side stays with its side
GATES = [same_on_both_sides, gradient_of_a_side, sum_of_sides]
RULES = [cond_make_inplace]
