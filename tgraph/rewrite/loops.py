"""Loops: what nobody uses is not carried, what is the same in every step is done once, and what needs no carried
value is done for all steps at a time, before the loop or after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tgraph.graph import Apply, Constant, Variable, replace, toposort
from tgraph.graph import inputs as leaves_of
from tgraph.ops.advanced import AdvancedIncSubtensor1, AdvancedSubtensor1
from tgraph.ops.create import alloc, arange
from tgraph.ops.elemwise import DimShuffle, Elemwise, elemwise
from tgraph.ops.from_graph import OpFromGraph
from tgraph.ops.index import inc_subtensor, set_subtensor
from tgraph.ops.linalg import Dot, dot
from tgraph.ops.loop import Scan
from tgraph.ops.rows import rows as scalar_rows
from tgraph.ops.shape import Shape_i, reshape, shape_padleft
from tgraph.ops.subtensor import IncSubtensor, Subtensor
from tgraph.rewrite.engine import Rewriter, number_of, rule
from tgraph.rewrite.shapes import source

# -- what nobody uses ----------------------------------------------------------------------------------------


def prune(outputs: Sequence[Variable]) -> list[Variable]:
    """The outputs, with loops that compute only what is used."""
    order = toposort(outputs)
    if not any(isinstance(node.op, Scan) for node in order):
        return list(outputs)
    used = set(outputs)
    kept: dict[Apply, tuple[list[int], list[int], list[int]]] = {}
    for node in reversed(order):
        live = [i for i, o in enumerate(node.outputs) if o in used]
        if not live:
            continue
        if isinstance(node.op, Scan):
            found = _needed(node.op, live)
            kept[node] = found
            used.add(node.inputs[0])
            used.update(node.inputs[1 + i] for i in found[0])
        else:
            used.update(node.inputs)
    memo: dict[Variable, Variable] = {}
    for node in order:
        if node in kept:
            ins = [memo.get(x, x) for x in node.inputs]
            memo.update(_smaller(node, ins, *kept[node]))
        elif any(x in memo for x in node.inputs) and any(o in used for o in node.outputs):
            twin = node.clone_with_new_inputs([memo.get(x, x) for x in node.inputs])
            memo.update(zip(node.outputs, twin.outputs, strict=True))
    return [memo.get(o, o) for o in outputs]


def join_alike(outputs: Sequence[Variable]) -> list[Variable]:
    """The outputs, with one loop where there were several over the same graph and arguments that stack different
    rows: a gradient asks for rows of the loop that it goes back through."""
    outputs = list(outputs)
    while True:
        order = toposort(outputs)
        groups: dict[tuple, list[Apply]] = {}
        for node in order:
            if isinstance(node.op, Scan):
                groups.setdefault(_what_runs(node), []).append(node)
        joined = {node: nodes for nodes in groups.values() if len(nodes) > 1 for node in nodes}
        if not joined:
            return outputs
        memo: dict[Variable, Variable] = {}
        done: set[Apply] = set()
        for node in order:
            if node in joined:
                if node not in done:
                    done.update(joined[node])
                    memo.update(_joined(joined[node], [memo.get(x, x) for x in node.inputs]))
            elif any(x in memo for x in node.inputs):
                twin = node.clone_with_new_inputs([memo.get(x, x) for x in node.inputs])
                memo.update(zip(node.outputs, twin.outputs, strict=True))
        outputs = [memo.get(o, o) for o in outputs]


def _what_runs(node: Apply) -> tuple:
    """All of a loop but the rows that it stacks."""
    op: Scan = node.op
    rest = [*op.outputs[: op.n_carries], *op.outputs[len(op.outputs) - op.is_while :]]
    return (tuple(node.inputs), tuple(op.inputs), tuple(rest), op.n_seqs, op.n_carries, op.is_while, op.recurrent,
            op.inconsistent, op.exact, op.watch)


def _joined(nodes: Sequence[Apply], ins: Sequence[Variable]) -> dict[Variable, Variable]:
    op: Scan = nodes[0].op
    rows = dict.fromkeys(row for node in nodes for row in node.op.rows())
    whole = op.like(op.inputs, [*op.outputs[: op.n_carries], *rows, *op.outputs[len(op.outputs) - op.is_while :]],
                    op.n_seqs, op.n_carries)
    twin = whole.make_node(*ins)
    twin.place = nodes[0].place
    at = {row: twin.outputs[op.n_carries + i] for i, row in enumerate(rows)}
    found: dict[Variable, Variable] = {}
    for node in nodes:
        found.update(zip(node.outputs[: op.n_carries], twin.outputs, strict=False))
        found.update(zip(node.outputs[op.n_carries :], [at[row] for row in node.op.rows()], strict=False))
        if op.is_while:
            found[node.outputs[-1]] = twin.outputs[-1]
    return found


def _needed(op: Scan, live: Sequence[int]) -> tuple[list[int], list[int], list[int]]:
    """(inner inputs, carried values, rows) that the live outputs of a loop need, by position."""
    n_rows = len(op.rows())
    carried = {i for i in live if i < op.n_carries}
    rows = [i - op.n_carries for i in live if op.n_carries <= i < op.n_carries + n_rows]
    roots = [op.rows()[i] for i in rows] + ([op.outputs[-1]] if op.is_while else [])
    position = {x: i for i, x in enumerate(op.inputs)}
    while True:
        used = {position[x] for x in leaves_of([*roots, *[op.outputs[j] for j in carried]]) if x in position}
        more = {i - op.n_seqs for i in used if op.n_seqs <= i < op.n_seqs + op.n_carries}
        if more <= carried:
            break
        carried |= more
    used |= {op.n_seqs + j for j in carried}
    return sorted(used), sorted(carried), rows


def _smaller(node: Apply, ins: Sequence[Variable], used: list[int], carried: list[int],
             rows: list[int]) -> dict[Variable, Variable]:
    op = node.op
    places = [*carried, *[op.n_carries + i for i in rows], *([len(op.outputs) - 1] if op.is_while else [])]
    if len(used) == len(op.inputs) and len(places) == len(op.outputs):
        if all(a is b for a, b in zip(ins, node.inputs, strict=True)):
            return {}
        twin = op.make_node(*ins)
        return dict(zip(node.outputs, twin.outputs, strict=True))
    smaller = op.like([op.inputs[i] for i in used], [op.outputs[i] for i in places],
                      sum(i < op.n_seqs for i in used), len(carried))
    smaller.stage = op.stage
    twin = smaller.make_node(ins[0], *[ins[1 + i] for i in used])
    twin.place = node.place
    return {node.outputs[i]: new for i, new in zip(places, twin.outputs, strict=True)}


@rule(Subtensor)
def last_row_is_carried(node: Apply, rewriter: Rewriter) -> Any:
    """The last of the rows that a loop stacks, where they feed back, is what it carries in the end."""
    rows = node.inputs[0]
    maker = rows.owner
    if maker is None or not isinstance(maker.op, Scan) or (node.op.idx_list[:1] != (-1,) and not _is_last(node)):
        return None
    op: Scan = maker.op
    at = rows.index - op.n_carries
    if not 0 <= at < len(op.rows()) or len(node.op.idx_list) != 1:
        return None
    for j, new in enumerate(op.outputs[: op.n_carries]):
        if new is op.rows()[at] and op.recurrent:
            return maker.outputs[j]
    return None


def _is_last(node: Apply) -> bool:
    """Is the index -1, given as a constant argument?"""
    index = node.inputs[1] if len(node.inputs) == 2 else None
    return isinstance(index, Constant) and np.ndim(index.data) == 0 and int(index.data) == -1


# -- the graph inside ----------------------------------------------------------------------------------------


@rule(Scan)
def inside(node: Apply, rewriter: Rewriter) -> Any:
    """The graph of a step, simplified by the rules of this pass; what need not stay in the loop leaves it."""
    op: Scan = node.op
    if rewriter.stage in op.stage or op.inconsistent:
        return None
    outputs = Rewriter(rewriter.rules, stage=rewriter.stage).run(prune(join_alike(op.outputs)))
    outputs = [_kept_type(new, old) for new, old in zip(outputs, op.outputs, strict=True)]
    loop = op.like(op.inputs, outputs, op.n_seqs, op.n_carries)
    loop.stage = op.stage | {rewriter.stage}
    if rewriter.stage == 0:
        loop.outputs = _grouped(loop)
        return _Lifting(loop, node).results()
    return loop.make_node(*node.inputs).outputs


def _kept_type(new: Any, old: Any) -> Any:
    return old.type.filter_variable(new)


# -- out of the loop -----------------------------------------------------------------------------------------

#: a number for each leaf of a step: what changes in it
_FIXED, _ROW, _CARRIED = 0, 1, 2


class _Lifting:
    """Moves what depends on no carried value out of a loop."""

    def __init__(self, op: Scan, node: Apply):
        self.op, self.node = op, node
        seqs, carried, constants = op.split(op.inputs)
        _, first, _ = op.split(node.inputs[1:])
        self.steps = node.inputs[0]
        #: inner variable -> the same outside: of a row all of them, along a new first axis
        self.outer: dict[Variable, Variable] = dict(zip(op.inputs, node.inputs[1:], strict=True))
        self.kind: dict[Variable, int] = dict.fromkeys(seqs, _ROW)
        self.kind.update(dict.fromkeys(carried, _CARRIED))
        self.kind.update(dict.fromkeys(constants, _FIXED))
        self.first = first
        self.cut: dict[Variable, Variable] = {}

    def results(self) -> list[Any]:
        op = self.op
        moved: dict[Variable, None] = {}
        inputs = set(op.inputs)
        for node in toposort(op.outputs, op.inputs):
            self._sort(node)
        # where the loop meets what is outside now: the last such variable on every way
        for node in toposort(op.outputs, op.inputs):
            if node.outputs[0] not in self.outer:
                for x in node.inputs:
                    if x in self.outer and x.owner is not None and x not in inputs:
                        moved.setdefault(x)
        return self._rebuild(list(moved))

    def _sort(self, node: Apply) -> None:
        kinds = [_FIXED if isinstance(x, Constant) else self.kind[x] for x in node.inputs]
        kind = max(kinds, default=_FIXED)
        for o in node.outputs:
            self.kind[o] = kind
        movable = all(isinstance(x, Constant) or x in self.outer for x in node.inputs)
        if kind == _CARRIED or not movable or node.op.effects or isinstance(node.op, Scan):
            return
        if kind == _FIXED:
            twin = node.clone_with_new_inputs([self.outer.get(x, x) for x in node.inputs])
            self.outer.update(zip(node.outputs, twin.outputs, strict=True))
        elif not self.op.is_while:
            made = _for_all(node, kinds, [self._whole(x) for x in node.inputs])
            # (a loop that carries nothing may look rows up as it goes)
            if made is None and self.op.n_carries and self._has_rows_like(node.outputs[0]):
                made = _rows_for_all(node, kinds, [self._whole(x) for x in node.inputs])
            # a matrix of all steps is no larger than the rows that are asked for
            if made is None and not self.op.n_carries and any(row.type.ndim for row in self.op.rows()):
                made = _one_in_each(node, kinds, [self._whole(x) for x in node.inputs])
            if made is not None:
                self.outer[node.outputs[0]] = made

    def _has_rows_like(self, x: Variable) -> bool:
        """Do as many rows as there are steps, of as many dimensions as x, exist anyway?"""
        return any(row.type.ndim >= x.type.ndim for row in [*self.op.rows(), *self.op.split(self.op.inputs)[0]])

    def _whole(self, x: Variable) -> Variable:
        """x outside; of a sequence only the rows that the loop reads."""
        found = self.outer.get(x, x)
        if self.kind.get(x) == _ROW and x in self.op.inputs:
            if x not in self.cut:
                self.cut[x] = found[: self.steps]
            return self.cut[x]
        return found

    def _rebuild(self, moved: list[Variable]) -> list[Any]:
        op = self.op
        seqs, carried, constants = op.split(op.inputs)
        new_s = [x for x in moved if self.kind[x] == _ROW]
        new_k = [x for x in moved if self.kind[x] == _FIXED]
        twins = {x: x.type() for x in moved}
        # rows that are stacked as they come need no loop
        rows = op.rows()
        free = {i for i, row in enumerate(rows)
                if op.exact and not op.is_while and row in self.outer and self.kind[row] == _ROW}
        sums = self._sums()
        kept = [j for j in range(op.n_carries) if j not in sums]
        extra: list[Variable] = []
        for terms in sums.values():
            # a carried value is outside too, but only as it is before the first step
            extra += [x for term in terms for x in term.parts if x not in self.outer or self.kind[x] == _CARRIED]
        extra = list(dict.fromkeys(extra))
        inner = [*[op.outputs[j] for j in kept], *[row for i, row in enumerate(rows) if i not in free], *extra,
                 *([op.outputs[-1]] if op.is_while else [])]
        if not moved and not free and not sums:
            return list(op.make_node(*self.node.inputs).outputs)
        position = {x: i for i, x in enumerate(op.inputs)}
        ins = [*seqs, *[twins[x] for x in new_s], *[carried[j] for j in kept], *constants,
               *[twins[x] for x in new_k]]
        given = [*[self.outer[x] for x in seqs], *[self.outer[x] for x in new_s], *[self.first[j] for j in kept],
                 *[self.node.inputs[1 + position[x]] for x in constants], *[self.outer[x] for x in new_k]]
        loop = op.like(ins, replace(inner, twins), len(seqs) + len(new_s), len(kept))
        loop.stage = op.stage
        results: dict[int, Any] = {}
        if inner:
            made = iter(loop.make_node(self.steps, *given).outputs)
            results.update({j: next(made) for j in kept})
            results.update({op.n_carries + i: next(made) for i in range(len(rows)) if i not in free})
            stacked = {x: next(made) for x in extra}
            if op.is_while:
                results[len(op.outputs) - 1] = next(made)
        else:
            stacked = {}
        for i in free:
            row = rows[i]
            results[op.n_carries + i] = self._whole(row)
        for j, terms in sums.items():
            total = self.first[j]
            for term in terms:
                total = term.added(total, [stacked[x] if x in stacked else self._whole(x) for x in term.parts])
            results[j] = total
        return [results[i] for i in range(len(self.node.outputs))]

    def _sums(self) -> dict[int, list[_Term]]:
        """Carried values that are only added to -> the terms."""
        op = self.op
        if op.is_while or not op.exact:
            return {}
        _, carried, _ = op.split(op.inputs)
        users: dict[Variable, int] = {}
        for node in toposort(op.outputs, op.inputs):
            for x in node.inputs:
                users[x] = users.get(x, 0) + 1
        outs: dict[Variable, int] = {}
        for o in op.outputs:
            outs[o] = outs.get(o, 0) + 1
        found = {}
        for j, x in enumerate(carried):
            new = op.outputs[j]
            if users.get(x) != 1 or outs.get(x) or outs[new] != 1 or users.get(new):
                continue
            terms = [_term(t) for t in _added(new, x)]
            if terms and all(t is not None and all(self._varies(p) for p in t.parts) and self._can_stack(t.parts)
                             for t in terms):
                found[j] = terms
        return found

    def _can_stack(self, factors: Sequence[Variable]) -> bool:
        """Have the factors one size in all steps? All axes but the one that a product sums over are those of the
        sum."""
        if factors[0].type.ndim < 2:
            return True
        a, b = factors
        return self._steady(a, 1) or self._steady(b, 0)

    def _steady(self, x: Variable, axis: int) -> bool:
        """Is the size along an axis sure to be the same in every step? So are those of what goes into a step; those
        that a step computes from numbers of its own may not be."""
        todo, inputs = [source(x, axis)], set(self.op.inputs)
        for _ in range(1000):
            if not todo:
                return True
            y, i = todo.pop()
            if isinstance(y, Constant) or not self._varies(y):
                continue
            node = y.owner
            if i is None and node is not None and isinstance(node.op, Shape_i):
                todo.append(source(node.inputs[0], node.op.i))
            elif i is None and node is not None and isinstance(node.op, Elemwise):
                todo.extend((z, None) for z in node.inputs)
            elif i is None or y not in inputs:
                return False
        return False

    def _varies(self, x: Variable) -> bool:
        """Is x something else in every step? Sorts what was made to ask this."""
        for node in toposort([x], list(self.kind)):
            self._sort(node)
        return not isinstance(x, Constant) and self.kind[x] != _FIXED


def _added(new: Any, x: Variable) -> list[Any]:
    """The terms where ``new`` is x + t + .., else none."""
    node = new.owner
    if node is None or not isinstance(node.op, Elemwise) or type(node.op.scalar_op).__name__ != "Add":
        return []
    rest = [v for v in node.inputs if v is not x]
    return rest if len(rest) == len(node.inputs) - 1 and all(v.type == x.type for v in rest) else []


@dataclass
class _Term:
    """What a loop adds up, by its parts: [a, b] for the product of matrices or the outer product of vectors; [v] for a
    vector or scalar itself; [y, i] for zeros to which y is added (``rows``) at row i, or at the rows i."""

    parts: list[Variable]
    rows: bool = False

    def added(self, total: Any, wholes: list[Any]) -> Any:
        """The total and the terms of all steps, given the parts for all steps."""
        if not self.rows:
            return total + _summed(wholes)
        values, places = wholes
        if places.type.ndim == 2:
            places, values = places.flatten(), _side_by_side(values)
        return inc_subtensor(total[places], values)


def _term(term: Any) -> _Term | None:
    """A term by its parts; None for one whose rows would take more memory than a sum."""
    node = term.owner
    if term.type.ndim <= 1:
        return _Term([term])
    if node is not None and isinstance(node.op, (IncSubtensor, AdvancedIncSubtensor1)):
        return _rows_of_zeros(node)
    factors = _factors(term)
    return None if factors is None else _Term(factors)


def _rows_of_zeros(node: Apply) -> _Term | None:
    """The gradient of rows of a table."""
    zeros, values, *places = node.inputs
    row = zeros.type.broadcastable[1:]
    if number_of(zeros) != 0 or len(places) != 1 or values.type.dtype != zeros.type.dtype:
        return None
    if isinstance(node.op, AdvancedIncSubtensor1):
        fits = not node.op.set_instead_of_inc and values.type.broadcastable == (False, *row)
    else:
        fits = len(node.op.idx_list) == 1 and not isinstance(node.op.idx_list[0], slice)
        fits = fits and values.type.broadcastable == row
    return _Term([values, *places], True) if fits else None


def _side_by_side(x: Any) -> Any:
    """(n, b, ..) -> (n b, ..)"""
    return reshape(x, (x.shape[0] * x.shape[1], *[x.shape[i] for i in range(2, x.type.ndim)]), ndim=x.type.ndim - 1)


def _factors(term: Any) -> list[Variable] | None:
    """[a, b] with matrices whose product is the term, or vectors of which it is the outer product; None for anything
    else."""
    node = term.owner
    if term.type.ndim != 2 or node is None:
        return None
    if isinstance(node.op, Dot) and all(v.type.ndim == 2 for v in node.inputs):
        return list(node.inputs)
    columns: list[Any] = []
    across: list[Any] = []
    stack = [term]
    while stack:
        v = stack.pop()
        if v.type.dtype != term.type.dtype:
            return None
        if v.type.broadcastable == (False, True):
            columns.append(v)
        elif v.type.broadcastable == (True, False):
            across.append(v)
        elif v.owner is not None and isinstance(v.owner.op, Elemwise) and type(v.owner.op.scalar_op).__name__ == "Mul":
            stack.extend(reversed(v.owner.inputs))
        else:
            return None
    if not columns or not across:
        return None
    return [_product_of([_flat(v, 0) for v in columns]), _product_of([_flat(v, 1) for v in across])]


def _product_of(vectors: list[Variable]) -> Variable:
    return vectors[0] if len(vectors) == 1 else elemwise(scalar_rows["mul"])(*vectors)


def _flat(x: Any, axis: int) -> Any:
    """The vector in a column (axis 0) or row (axis 1). That of a product is the product of those of its factors, which
    the step may hold already."""
    node = x.owner
    if node is not None and isinstance(node.op, Elemwise) and type(node.op.scalar_op).__name__ == "Mul" \
            and all(v.type == x.type for v in node.inputs):
        return node.op(*[_unshuffled(v, axis) for v in node.inputs])
    return _unshuffled(x, axis)


def _unshuffled(x: Any, axis: int) -> Any:
    node = x.owner
    order = (0, "x") if axis == 0 else ("x", 0)
    made = node is not None and isinstance(node.op, DimShuffle) and tuple(node.op.new_order) == order
    if made and node.inputs[0].type.ndim == 1:  # else an axis was dropped too
        return node.inputs[0]
    return x.dimshuffle(axis)


def _grouped(op: Scan) -> list[Variable]:
    """The outputs of a step in which sums and products do first what needs no carried value."""
    order = toposort(op.outputs, op.inputs)
    users: dict[Variable, int] = dict.fromkeys(op.outputs, 2)
    for node in order:
        for x in node.inputs:
            users[x] = users.get(x, 0) + 1
    memo: dict[Variable, Variable] = {}
    moving = set(op.split(op.inputs)[1])
    for node in order:
        if any(x in moving for x in node.inputs):
            moving.update(node.outputs)
        parts = _parts(node, users, moving)
        rest = [x for x in parts if x not in moving]
        if 2 <= len(rest) < len(parts):
            first = node.op(*[memo.get(x, x) for x in rest])
            memo[node.outputs[0]] = node.op(first, *[memo.get(x, x) for x in parts if x in moving])
        elif any(x in memo for x in node.inputs):
            twin = node.clone_with_new_inputs([memo.get(x, x) for x in node.inputs])
            memo.update(zip(node.outputs, twin.outputs, strict=True))
    return [old.type.filter_variable(memo.get(old, old)) for old in op.outputs]


def _parts(node: Apply, users: dict[Variable, int], moving: set[Variable]) -> list[Variable]:
    """Terms of a sum, factors of a product, through sums that only it uses; none of anything else."""
    kind = _sum_or_product(node)
    if kind is None:
        return []
    found, stack = [], list(reversed(node.inputs))
    while stack:
        x = stack.pop()
        if x.type.dtype != node.outputs[0].type.dtype:
            return []
        if x.owner is not None and x in moving and users[x] == 1 and _sum_or_product(x.owner) is kind:
            stack.extend(reversed(x.owner.inputs))
        else:
            found.append(x)
    return found


def _sum_or_product(node: Apply) -> Any:
    if not isinstance(node.op, Elemwise):
        return None
    kind = type(node.op.scalar_op)
    return kind if kind.__name__ in ("Add", "Mul") else None


def _summed(wholes: list[Any]) -> Any:
    """The sum over the steps of products: sum_t a_t b_t is one product of all steps side by side."""
    if len(wholes) == 1:
        return wholes[0].sum(axis=0, acc_dtype=wholes[0].dtype)
    a, b = wholes
    if a.type.ndim == 2:
        return dot(a.T, b)
    n, rows, inner = a.shape[0], a.shape[1], a.shape[2]
    left = reshape(a.dimshuffle(1, 0, 2), (rows, n * inner), ndim=2)
    right = reshape(b, (n * inner, b.shape[2]), ndim=2)
    return dot(left, right)


def _for_all(node: Apply, kinds: Sequence[int], wholes: Sequence[Any]) -> Any:
    """What a node makes, for all steps at a time; None where that is not known to be the same."""
    op, out = node.op, node.outputs[0]
    if isinstance(op, Elemwise) and len(node.outputs) == 1:
        # not where it would grow: one step of it must be as large as a row that goes in
        if not any(k == _ROW and x.type.broadcastable == out.type.broadcastable
                   for k, x in zip(kinds, node.inputs, strict=True)):
            return None
        return op(*[w if k == _ROW else shape_padleft(w) for k, w in zip(kinds, wholes, strict=True)])
    if isinstance(op, DimShuffle):
        order = [0, *[o if o == "x" else o + 1 for o in op.new_order]]
        return wholes[0].dimshuffle(order)
    if isinstance(op, Dot):
        (x, y), (kx, ky) = wholes, kinds
        if kx == _ROW and ky == _FIXED and y.type.ndim == 2:
            if x.type.ndim == 2:
                return dot(x, y)
            flat = reshape(x, (x.shape[0] * x.shape[1], x.shape[2]), ndim=2)
            return reshape(dot(flat, y), (x.shape[0], x.shape[1], y.shape[1]), ndim=3)
        if kx == _FIXED and ky == _ROW and x.type.ndim == 2 and y.type.ndim == 2:
            return dot(y, x.T)
    return None


def _rows_for_all(node: Apply, kinds: Sequence[int], wholes: Sequence[Any]) -> Any:
    """A row of a table, or some of its rows, for all steps at a time."""
    op = node.op
    if not isinstance(op, (Subtensor, AdvancedSubtensor1)) or kinds != [_FIXED, _ROW]:
        return None
    table, places = wholes
    if isinstance(op, Subtensor):
        one = len(op.idx_list) == 1 and not isinstance(op.idx_list[0], slice)
        return table[places] if one else None
    found = table[places.flatten()]
    return reshape(found, (places.shape[0], places.shape[1], *[table.shape[i] for i in range(1, table.type.ndim)]),
                   ndim=table.type.ndim + 1)


def _one_in_each(node: Apply, kinds: Sequence[int], wholes: Sequence[Any]) -> Any:
    """A vector with one element changed in every step, for all steps: a matrix. Rows of a Jacobian start so."""
    op = node.op
    if not isinstance(op, IncSubtensor) or node.inputs[0].type.ndim != 1 or len(node.inputs) != 3:
        return None
    if kinds[2] != _ROW or len(op.idx_list) != 1 or isinstance(op.idx_list[0], slice):
        return None
    vector, value, index = wholes
    n = index.shape[0]
    matrix = vector if kinds[0] == _ROW else alloc(vector, n, vector.shape[0])
    write = set_subtensor if op.set_instead_of_inc else inc_subtensor
    return write(matrix[arange(n), index], value)


# -- ops made of graphs --------------------------------------------------------------------------------------


@rule(OpFromGraph)
def inline_ofg_expansion(node: Apply, rewriter: Rewriter) -> Any:
    """An inline op made of a graph becomes that graph."""
    return node.op.placed(node.inputs) if node.op.is_inline else None


@rule(OpFromGraph)
def inside_op(node: Apply, rewriter: Rewriter) -> Any:
    """The graph that an op holds, simplified by the rules of this pass, once for all nodes of the op."""
    op: OpFromGraph = node.op
    if rewriter.stage in op.stage:
        return None
    key = rewriter.key(op)
    if key not in rewriter.held:
        simpler = Rewriter(rewriter.rules, stage=rewriter.stage).run(prune(join_alike(op.local_outputs)))
        rewriter.held[key] = op.simplified(simpler, rewriter.stage)
    return Apply(rewriter.held[key], node.inputs, [o.type() for o in node.outputs]).outputs


GRAPHS = [inline_ofg_expansion, inside_op]
RULES = [inside, last_row_is_carried]
