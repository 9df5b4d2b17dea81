"""A loop as an op: ``Scan`` runs a graph of its own once for each step.

The graph takes a slice of each sequence, the carried values and the constants, in this order, and gives the new
carried values, a row for each stacked output, and, where the loop may end early, whether it does. Nothing is written
in place: the gradient is another loop, over the same rows in reverse order (Werbos, "Backpropagation through time",
1990).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tgraph.config import change_flags
from tgraph.grad import Rop, grad
from tgraph.graph import Apply, Constant, Op, Sized, late, replace, toposort, where
from tgraph.graph import inputs as leaves_of
from tgraph.operators import as_tensor_variable, constant
from tgraph.ops.arithmetic import cast
from tgraph.ops.create import fill, tensor_copy
from tgraph.ops.elemwise import elemwise
from tgraph.ops.index import set_subtensor
from tgraph.ops.join import join
from tgraph.ops.rows import rows as scalar_rows
from tgraph.ops.rows import zero_for
from tgraph.ops.shape import patternbroadcast, shape_padleft, unbroadcast
from tgraph.performing import performer
from tgraph.types import DisconnectedType, NullType, TensorType, disconnected_type, float_dtypes

__all__ = ["Scan", "row_type", "stacked_type"]


def stacked_type(row: TensorType) -> TensorType:
    """The type of rows of a type, one for each step."""
    return TensorType(row.dtype, (False, *row.broadcastable))


def row_type(sequence: TensorType) -> TensorType:
    """The type of a row of a sequence."""
    return TensorType(sequence.dtype, sequence.broadcastable[1:])


def _is_float(variable: Any) -> bool:
    return isinstance(variable.type, TensorType) and variable.type.dtype in float_dtypes


def _is_connected(g: Any) -> bool:
    return g is not None and not isinstance(g.type, DisconnectedType)


class Scan(Sized, Op):
    """``Scan(inputs, outputs, n_seqs, n_carries)(steps, *sequences, *carried, *constants)``.

    ``inputs`` are the leaves of the inner graph: one row of each sequence, the carried values, the constants.
    ``outputs`` are the new carried values, then rows to stack, then, with ``is_while``, a condition: the loop ends
    after the first step where it is not zero. Results: the last carried values, the stacked rows, and with
    ``is_while`` the number of steps that were taken (int64).

    ``steps``: integer scalar; IndexError at run time if negative, ValueError if a sequence is shorter.
    ``recurrent``: with no step there is no result, NotImplementedError at run time. ``truncate_gradient``: the
    gradient follows that many of the last steps (-1: all).
    """

    def __init__(self, inputs: Sequence[Any], outputs: Sequence[Any], n_seqs: int, n_carries: int,
                 is_while: bool = False, recurrent: bool = False, truncate_gradient: int = -1, name: str | None = None,
                 inconsistent: str | None = None, exact: bool = False, watch: Any = None):
        self.inputs, self.outputs = list(inputs), list(outputs)
        self.n_seqs, self.n_carries, self.is_while = n_seqs, n_carries, is_while
        self.recurrent, self.truncate_gradient, self.name = recurrent, truncate_gradient, name
        #: why it can be neither run nor differentiated, found while it was built
        self.inconsistent = inconsistent
        #: the steps are known to be no more than any sequence has rows
        self.exact = exact
        #: the mode that looks at the nodes of the steps, if there is one
        self.watch = watch
        #: the passes of rewriting that its graph has been through
        self.stage: frozenset[int] = frozenset()

    watch = None

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "n_carries" in state:
            self.__dict__.update(state)
            return
        late["old_loop"](self, state)  # an old pickle: where its parts stand was another matter

    def __str__(self) -> str:
        return f"{'do_while' if self.is_while else 'for'}{{{self.name or 'scan_fn'}}}"

    def _look(self) -> tuple:
        """What equal loops agree in, besides the graph."""
        return (self.n_seqs, self.n_carries, self.is_while, self.recurrent, self.truncate_gradient, self.watch,
                tuple(x.type for x in self.inputs), tuple(x.type for x in self.outputs))

    def __hash__(self) -> int:
        return hash((Scan, self._look()))

    def __eq__(self, other: Any) -> bool:
        """Equal loops do the same to the same arguments: their graphs are alike node by node."""
        if self is other:
            return True
        return type(self) is type(other) and self._look() == other._look() and alike(self, other)

    @property
    def as_while(self) -> bool:
        """``is_while``: what old code calls it."""
        return self.is_while

    # -- the parts ---------------------------------------------------------------------------------------------

    def split(self, values: Sequence[Any]) -> tuple[list[Any], list[Any], list[Any]]:
        """Inner inputs, or those of a node less the steps, as (sequences, carried, constants)."""
        a, b = self.n_seqs, self.n_seqs + self.n_carries
        return list(values[:a]), list(values[a:b]), list(values[b:])

    def rows(self) -> list[Any]:
        """The inner outputs that are stacked."""
        return self.outputs[self.n_carries : len(self.outputs) - self.is_while]

    def inner_seqs(self, inner: Sequence[Any]) -> list[Any]:
        """Of inner inputs the rows of sequences."""
        return self.split(inner)[0]

    def inner_non_seqs(self, inner: Sequence[Any]) -> list[Any]:
        """Of inner inputs the constants."""
        return self.split(inner)[2]

    def outer_seqs(self, node: Any) -> list[Any]:
        """The sequences that a node, or a list of its inputs, is given."""
        return self.split(getattr(node, "inputs", node)[1:])[0]

    def outer_non_seqs(self, node: Any) -> list[Any]:
        """The constants of the loop that a node, or a list of its inputs, is given."""
        return self.split(getattr(node, "inputs", node)[1:])[2]

    def like(self, inputs: Sequence[Any], outputs: Sequence[Any], n_seqs: int, n_carries: int) -> Scan:
        """A loop of the same manner over another graph."""
        return Scan(inputs, outputs, n_seqs, n_carries, self.is_while, self.recurrent, self.truncate_gradient,
                    self.name, self.inconsistent, self.exact, self.watch)

    def with_graph(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> Scan:
        """The same loop over another graph, which may have more constants."""
        return self.like(inputs, outputs, self.n_seqs, self.n_carries)

    def make_node(self, steps: Any, *outer: Any) -> Apply:
        steps = as_tensor_variable(steps)
        if steps.type.ndim or steps.type.dtype not in ("int64", "int32", "int16", "int8", "uint8", "uint16", "uint32"):
            raise ValueError(f"the number of steps must be an integer scalar, not {steps.type}")
        if len(outer) != len(self.inputs):
            raise ValueError(f"{self} takes {len(self.inputs)} arguments besides the steps, got {len(outer)}")
        given: list[Any] = [steps.astype("int64")]
        for i, (inner, x) in enumerate(zip(self.inputs, outer, strict=True)):
            wanted = stacked_type(inner.type) if i < self.n_seqs else inner.type
            if i < self.n_seqs and x.type.broadcastable[:1] == (True,):
                x = unbroadcast(x, 0)
            if isinstance(wanted, TensorType) and getattr(x.type, "dtype", wanted.dtype) != wanted.dtype:
                x = cast(x, wanted.dtype)  # as where a graph is rebuilt on a variable of another dtype
            given.append(wanted.filter_variable(x))
        for inner, output in zip(self.split(self.inputs)[1], self.outputs, strict=False):
            if inner.type != output.type and not self.inconsistent:
                raise TypeError(f"{self}: a carried value is a {inner.type} and becomes a {output.type}")
        made = [inner.type() for inner in self.outputs[: self.n_carries]]
        made += [stacked_type(row.type)() for row in self.rows()]
        if self.is_while:
            made.append(TensorType("int64", ())())
        return Apply(self, given, made)

    # -- its numpy form ----------------------------------------------------------------------------------------

    def compute(self, node: Apply, steps: np.ndarray, *outer: Any) -> Any:
        order = numpy_order(self)
        seqs, carried, constants = self.split(outer)
        count = self.check(int(steps), [len(s) for s in seqs])
        stacked: list[list[Any]] = [[] for _ in self.rows()]
        taken = 0
        for taken in range(1, count + 1):
            results = run_in_numpy(self, order, [*[s[taken - 1] for s in seqs], *carried, *constants])
            carried = results[: self.n_carries]
            for rows, row in zip(stacked, results[self.n_carries :], strict=False):
                rows.append(row)
            if self.is_while and np.any(results[-1]):
                break
        if not count and stacked:
            # the sizes of rows that nobody made are those of rows made of zeros
            zeros = run_in_numpy(self, order, [*[np.zeros(s.shape[1:], s.dtype) for s in seqs], *carried, *constants])
            arrays = [np.zeros((0, *np.shape(z)), row.type.dtype)
                      for z, row in zip(zeros[self.n_carries :], self.rows(), strict=False)]
        else:
            arrays = [self.stack(i, rows) for i, rows in enumerate(stacked)]
        return (*carried, *arrays, *([np.array(taken)] if self.is_while else []))

    def stack(self, i: int, rows: Sequence[Any]) -> np.ndarray:
        """The rows of stacked output i, one for each step; ValueError where they are not of one shape."""
        first = np.shape(rows[0])
        for step, row in enumerate(rows):
            if np.shape(row) != first:
                output = self.rows()[i]
                named = f" ({output.name})" if output.name else ""
                raise ValueError(
                    f"{self}: output {i}{named} is a {output.type} of shape {np.shape(row)} in step {step}, but of "
                    f"shape {first} in step 0, and all steps must agree to be stacked (output: "
                    f"{where(output) or output}; fix: fill it up to one shape, or select the last step alone, [-1], "
                    f"so that nothing is stacked)"
                )
        return np.stack(rows)

    def check(self, steps: int, lengths: Sequence[int]) -> int:
        """The number of steps, if the loop can take so many."""
        if steps < 0:
            raise IndexError(f"Scan was asked to run for negative number of step {steps}")
        if steps == 0 and self.recurrent:
            raise NotImplementedError(f"{self}: n_steps is 0, and no step has no result; ask for one at least")
        for i, length in enumerate(lengths):
            if length < steps:
                raise ValueError(f"{self}: sequence {i} has {length} rows, but there are {steps} steps")
        return steps

    # -- its torch form ----------------------------------------------------------------------------------------

    def lower(self, node: Apply, ctx: Any, steps: Any, *outer: Any) -> Any:
        self.refuse_inconsistent()
        return ctx.loop(node, steps, *outer)

    def refuse_inconsistent(self) -> None:
        """Raise TypeError where a carried value has not the type of its first value. Not while the graph is built:
        old programs build such loops and never use them."""
        if self.inconsistent:
            raise TypeError(self.inconsistent)

    # -- derivatives -------------------------------------------------------------------------------------------

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """As ``connects``: what old code calls it."""
        return self.connects(node)

    def connects(self, node: Apply) -> list[list[bool]]:
        """By value, through any number of steps; the number of steps itself connects nothing."""
        masks = influences(self)
        changed = True
        while changed:
            changed = False
            for k, mask in enumerate(masks):
                wider = mask
                for j in range(self.n_carries):
                    if mask >> (self.n_seqs + j) & 1:
                        wider |= masks[j]
                changed, masks[k] = changed or wider != mask, wider
        for j in range(self.n_carries):
            masks[j] |= 1 << (self.n_seqs + j)  # the first value, where no step is taken
        found = [[bool(mask >> i & 1) for mask in masks] for i in range(len(self.inputs))]
        if self.is_while:
            found = [[*row[:-1], False] for row in found]
        return [[False] * len(node.outputs), *found]

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        self.refuse_inconsistent()
        s, c, k = self.split(self.inputs)
        _, _, constants = self.split(inputs[1:])
        live = [j for j, x in enumerate(c) if _is_float(x)]
        rows, g_rows = self.rows(), output_grads[self.n_carries : self.n_carries + len(self.rows())]
        seeded = [i for i, g in enumerate(g_rows) if _is_connected(g) and _is_float(rows[i])]
        into = {j: c[j].type() for j in live}
        along = {i: rows[i].type() for i in seeded}
        # copies, so that what one output is made of still counts where it is an output itself
        with change_flags(compute_test_value="off"):
            known = {tensor_copy(self.outputs[j]): g for j, g in into.items()}
            known.update({tensor_copy(rows[i]): g for i, g in along.items()})
        targets = [x for x in [*s, *c, *k] if _is_float(x)]
        with change_flags(compute_test_value="off"):  # the variables of a step have no values of their own
            terms = grad(None, targets, known_grads=known, disconnected_inputs="ignore", return_disconnected="None",
                         null_gradients="return") if known else [None] * len(targets)
            by_target = {x: g for x, g in zip(targets, terms, strict=True) if g is not None}
            undefined = {x: g for x, g in by_target.items() if isinstance(g.type, NullType)}
            by_target = {x: _as(g, x) for x, g in by_target.items() if x not in undefined}
            # carried backwards: the gradient of each carried value, and sums over the steps for the constants
            sums = [x for x in k if x in by_target]
            accumulators = [x.type() for x in sums]
            new_carries = [by_target.get(c[j], _zeros(c[j])) for j in live]
            new_carries += [a + by_target[x] for a, x in zip(accumulators, sums, strict=True)]
        reversed_loop = _Reversed(self, inputs, outputs)
        first = [g if _is_connected(g := output_grads[j]) else _zeros(outputs[j]) for j in live]
        first = [_as(g, c[j]) for g, j in zip(first, live, strict=True)]
        first += [_zeros(constants[k.index(x)]) for x in sums]
        stacked = [x for x in s if x in by_target]
        results = reversed_loop.run(
            list(along.items()), {i: g_rows[i] for i in seeded}, [into[j] for j in live] + accumulators, first,
            new_carries, [by_target[x] for x in stacked])
        finals, streams = results[: len(first)], results[len(first) :]
        found: dict[Any, Any] = dict(undefined)
        found.update(reversed_loop.reached({j: finals[i] for i, j in enumerate(live)}))
        found.update(zip(sums, finals[len(live) :], strict=True))
        found.update((x, reversed_loop.spread(x, d, inputs[1 + s.index(x)]))
                     for x, d in zip(stacked, streams, strict=True))
        connected = self.connects(outputs[0].owner)
        asked = [_is_connected(g) for g in output_grads]
        results = [disconnected_type()]
        for x, given, pattern in zip(self.inputs, inputs[1:], connected[1:], strict=True):
            if not any(a and b for a, b in zip(pattern, asked, strict=True)):
                results.append(disconnected_type())
            elif x in found:
                results.append(found[x])
            else:
                results.append(zero_for(given) if isinstance(given.type, TensorType) else disconnected_type())
        return results

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        s, c, k = self.split(self.inputs)
        t_seqs, t_carried, t_constants = self.split(eval_points[1:])
        _, carried, _ = self.split(inputs[1:])
        moving = {x: x.type() for x, t in zip([*s, *k], [*t_seqs, *t_constants], strict=True)
                  if t is not None and _is_float(x)}
        moving.update({x: x.type() for x in c if _is_float(x)})
        targets = list(moving)
        with change_flags(compute_test_value="off"):
            tangents = Rop(self.outputs[: len(self.outputs) - self.is_while], targets, [moving[x] for x in targets],
                           disconnected_outputs="ignore") if targets else []
        new, rows = tangents[: self.n_carries], tangents[self.n_carries :]
        live = [j for j, x in enumerate(c) if x in moving]
        both_s = [*s, *[moving[x] for x in s if x in moving]]
        both_c = [*c, *[moving[c[j]] for j in live]]
        both_k = [*k, *[moving[x] for x in k if x in moving]]
        outs = [*self.outputs[: self.n_carries], *[_as(new[j], c[j]) for j in live], *self.rows(),
                *[_as(t, r) for t, r in zip(rows, self.rows(), strict=True) if _is_float(r)],
                *self.outputs[len(self.outputs) - self.is_while :]]
        loop = self.like([*both_s, *both_c, *both_k], outs, len(both_s), len(both_c))
        seqs, _, constants = self.split(inputs[1:])
        given = [*seqs, *[t for x, t in zip(s, t_seqs, strict=True) if x in moving],
                 *carried, *[t_carried[j] if t_carried[j] is not None else _zeros(carried[j]) for j in live],
                 *constants, *[t for x, t in zip(k, t_constants, strict=True) if x in moving]]
        made = iter(loop(inputs[0], *given, return_list=True)[self.n_carries :])
        by_carry = {j: next(made) for j in live}
        for _ in self.rows():
            next(made)
        return [*[by_carry.get(j) for j in range(self.n_carries)],
                *[next(made) if _is_float(r) else None for r in self.rows()], *[None] * self.is_while]


def numpy_order(op: Any) -> list[tuple[Apply, Any]]:
    """The nodes between ``op.inputs`` and ``op.outputs``, in order, each with how to run it by its numpy form."""
    return [(node, performer(node)) for node in toposort(op.outputs, op.inputs)]


def run_in_numpy(op: Any, order: Sequence[tuple[Apply, Any]], values: Sequence[Any]) -> list[Any]:
    """The values of ``op.outputs`` for those of ``op.inputs``, by ``numpy_order``."""
    env = dict(zip(op.inputs, values, strict=True))
    for node, run in order:
        results = run([x.data if isinstance(x, Constant) else env[x] for x in node.inputs])
        env.update(zip(node.outputs, results, strict=True))
    return [o.data if isinstance(o, Constant) else env[o] for o in op.outputs]


def influences(op: Any) -> list[int]:
    """For each of ``op.outputs`` the ``op.inputs`` that it depends on by value, as bits: bit i for input i."""
    reach = {x: 1 << i for i, x in enumerate(op.inputs)}
    for node in toposort(op.outputs, op.inputs):
        pattern = node.op.connects(node)
        for j, output in enumerate(node.outputs):
            bits = 0
            for i, x in enumerate(node.inputs):
                if pattern[i][j]:
                    bits |= reach.get(x, 0)
            reach[output] = bits
    return [reach.get(o, 0) for o in op.outputs]


def alike(a: Any, b: Any) -> bool:
    """Are the graphs of two ops, with inputs and outputs of the same types, the same node by node?"""
    twins = dict(zip(a.inputs, b.inputs, strict=True))

    def match(x: Any, y: Any) -> bool:
        return twins[x] is y if x in twins else isinstance(x, Constant) and x.equals(y)

    ours, theirs = toposort(a.outputs, a.inputs), toposort(b.outputs, b.inputs)
    if len(ours) != len(theirs):
        return False
    for m, n in zip(ours, theirs, strict=True):
        if m.op != n.op or len(m.inputs) != len(n.inputs) or not all(map(match, m.inputs, n.inputs)):
            return False
        twins.update(zip(m.outputs, n.outputs, strict=True))
    return all(map(match, a.outputs, b.outputs))


def _zeros(x: Any) -> Any:
    return fill(x, constant(np.zeros((), x.type.dtype))) if x.type.ndim else constant(
        np.zeros((), x.type.dtype))


def _as(g: Any, x: Any) -> Any:
    """A gradient of the very type of what it is a gradient of."""
    if g.type.dtype != x.type.dtype:
        g = cast(g, x.type.dtype)
    if g.type.broadcastable != x.type.broadcastable:
        g = patternbroadcast(g, x.type.broadcastable)
    return g


def _drawn(outs: Sequence[Any], op: Scan) -> list[Any]:
    """What ``outs`` takes from draws and from values that are no tensors, where it comes from a loop's inputs alone."""
    order = toposort(outs, op.inputs)
    sources = {node for node in order if node.op.effects or any(_is_stranger(x) for x in node.inputs)}
    used = dict.fromkeys(x for node in order if node not in sources for x in node.inputs)
    used.update(dict.fromkeys(outs))
    inputs = set(op.inputs)
    return [x for x in used if x.owner in sources and isinstance(x.type, TensorType)
            and all(leaf in inputs or isinstance(leaf, Constant) for leaf in leaves_of([x]))]


def _is_stranger(x: Any) -> bool:
    return not isinstance(x.type, (TensorType, DisconnectedType, NullType)) and not isinstance(x, Constant)


class _Reversed:
    """The loop over the steps of another, last step first."""

    def __init__(self, op: Scan, inputs: Sequence[Any], outputs: Sequence[Any]):
        self.op, self.inputs, self.outputs = op, inputs, outputs
        self.taken = outputs[-1] if op.is_while else inputs[0]
        limit = op.truncate_gradient
        minimum = elemwise(scalar_rows["minimum"])
        self.steps = self.taken if limit < 0 else minimum(self.taken, constant(np.int64(limit)))

    def backwards(self, sequence: Any) -> Any:
        """The rows of the last steps of a sequence, last first."""
        if self.op.truncate_gradient >= 0:
            return sequence[self.taken - self.steps : self.taken][::-1]
        return sequence[: self.taken][::-1]

    def spread(self, x: Any, rows: Any, sequence: Any) -> Any:
        """Gradients of rows, last first, at their places in a gradient of the sequence."""
        zeros = _zeros(sequence)
        part = zeros[self.taken - self.steps : self.taken]
        return _as(set_subtensor(part, rows[::-1]), sequence)

    def reached(self, finals: dict[int, Any]) -> dict[Any, Any]:
        """Inner carried value -> gradient of its first value, from the gradients that the loop ends with: where it
        was cut short these are of later values, of which some were carried before under another number."""
        op = self.op
        carried = op.split(op.inputs)[1]
        if op.truncate_gradient < 0:
            return {carried[j]: g for j, g in finals.items()}
        missed = self.taken - self.steps
        switch, eq = elemwise(scalar_rows["switch"]), elemwise(scalar_rows["eq"])
        found = {}
        for j in finals:
            chain = [j]
            while chain[-1] + 1 in finals and op.outputs[chain[-1] + 1] is carried[chain[-1]]:
                chain.append(chain[-1] + 1)
            total = _zeros(finals[j])
            for n, k in enumerate(chain):
                total = switch(eq(missed, constant(np.int64(n))), _as(finals[k], carried[j]), total)
            found[carried[j]] = _as(total, carried[j])
        return found

    def before(self, j: int, above: frozenset[int] = frozenset()) -> Any:
        """Carried value j as it was before each step, stacked (and, last, after all of them); it was asked for by
        those ``above``."""
        op, rows = self.op, self.op.rows()
        start = shape_padleft(self.inputs[1 + op.n_seqs + j])
        new = op.outputs[j]
        at = next((i for i, row in enumerate(rows) if row is new), None)
        carried = op.split(op.inputs)[1]
        if at is not None:
            later = self.outputs[op.n_carries + at]
        elif new in carried and carried.index(new) not in above | {j}:
            # what another one was a step before
            later = self.before(carried.index(new), above | {j})[: self.taken]
        else:
            later = self.kept([new])[0]
        return join(0, unbroadcast(start, 0), later)

    def kept(self, values: Sequence[Any]) -> list[Any]:
        """Values of the steps, stacked: of a loop like this one, which becomes one with it when it is compiled."""
        op = self.op
        loop = op.like(op.inputs, [*op.outputs[: op.n_carries], *values, *op.outputs[len(op.outputs) - op.is_while :]],
                       op.n_seqs, op.n_carries)
        return loop(*self.inputs, return_list=True)[op.n_carries : op.n_carries + len(values)]

    def run(self, along: Sequence[Any], g_rows: dict[int, Any], carries: Sequence[Any], first: Sequence[Any],
            new_carries: Sequence[Any], rows: Sequence[Any]) -> list[Any]:
        """The results of the loop whose graph ends in ``new_carries`` and ``rows``."""
        op = self.op
        s, c, k = op.split(op.inputs)
        outs = [*new_carries, *rows]
        if not outs:
            return []
        seqs, outer = [], []
        # what was drawn is kept: to draw it again takes longer, and generators have no rows
        drawn = _drawn(outs, op)
        if drawn:
            leaves = {x: x.type() for x in drawn}
            outs = replace(outs, leaves)
            for x, whole in zip(drawn, self.kept(drawn), strict=True):
                seqs.append(leaves[x])
                outer.append(self.backwards(whole))
        used = set(leaves_of(outs))
        for x, sequence in zip(s, self.inputs[1 : 1 + op.n_seqs], strict=True):
            if x in used:
                seqs.append(x)
                outer.append(self.backwards(sequence))
        for j, x in enumerate(c):
            if x in used:
                if not isinstance(x.type, TensorType):
                    raise NotImplementedError(f"the gradient of {op} depends on a carried {x.type}, which has no rows")
                seqs.append(x)
                outer.append(self.backwards(self.before(j)))
        for i, g in along:
            seqs.append(g)
            outer.append(self.backwards(_as(g_rows[i], self.outputs[op.n_carries + i])))
        constants = [(x, v) for x, v in zip(k, self.inputs[1 + op.n_seqs + op.n_carries :], strict=True) if x in used]
        inner = [*seqs, *carries, *[x for x, _ in constants]]
        # leaves of its own: a loop in a loop must not share them
        fresh = {x: x.type(x.name) for x in inner}
        loop = Scan([fresh[x] for x in inner], replace(outs, fresh), len(seqs), len(carries),
                    name=f"grad_of_{op.name or 'scan_fn'}", exact=True, watch=op.watch)
        return loop(self.steps, *outer, *first, *[v for _, v in constants], return_list=True)
