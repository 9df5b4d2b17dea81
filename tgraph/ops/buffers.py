"""Loops as old pickles hold them, opened into a ``Scan`` and what stands around it.

There a loop was given memory for all rows of an output, with the first values in it, and returned it filled: an op of
buffers. Which of its arguments, and of those of its step, are what was told by counts and by *taps*: the rows before
and after the one of this step that an output reads, and, in gradients, writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tgraph.errors import NotPortedError
from tgraph.graph import Apply, replace
from tgraph.operators import constant
from tgraph.ops.arithmetic import cast
from tgraph.ops.create import zeros
from tgraph.ops.elemwise import elemwise
from tgraph.ops.from_graph import OpFromGraph
from tgraph.ops.join import join
from tgraph.ops.loop import Scan, stacked_type
from tgraph.ops.rows import rows as scalar_rows
from tgraph.ops.shape import patternbroadcast, shape_padleft, unbroadcast
from tgraph.types import TensorType

__all__ = ["BufferLoop", "old_loop"]

#: what is kept of the state of a loop in an old pickle
_COUNTS = ("n_seqs", "n_mit_mot", "n_mit_sot", "n_sit_sot", "n_nit_sot", "n_shared_outs")
_LISTS = ("tap_array", "mit_mot_out_slices")
#: what is made of it when it is first asked for
_OPENED = ("inputs", "outputs", "local_inputs", "local_outputs", "input_types", "output_types")
_COUNT = TensorType("int64", ())
_FIX = "build the graph with scan again, and give the shared variables the values that they have in the pickle"


class BufferLoop(OpFromGraph):
    """``loop(steps, *sequences, *buffers, *states, *lengths, *constants)``: the buffers, filled, then outputs that do
    not feed back, then the states after the last step.

    A buffer holds the first values of an output, as many rows as its taps reach back; it comes back with the rows of
    all steps behind them, or with as many of the last ones as it has room for. ``lengths`` are the rows to return of
    each output that does not feed back. Nothing is written in place.
    """

    # two of them are compared when they have been opened: equal loops become one then
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __init__(self, state: dict[str, Any]):
        if "inputs" not in state or "outputs" not in state:
            raise NotPortedError("the loop in this pickle has no graph", fix=_FIX)
        info = {**state.get("info", {}), **state}
        self.facts = {key: info.get(key, 0) for key in _COUNTS}
        self.facts.update((key, [list(map(int, taps)) for taps in info.get(key, [])]) for key in _LISTS)
        self.facts.update(inner_inputs=list(state["inputs"]), inner_outputs=list(state["outputs"]))
        self.is_while = bool(info.get("as_while", False))
        self.truncate_gradient = int(info.get("truncate_gradient", -1))
        self.name, self.is_inline, self.shared_inputs = info.get("name"), True, []
        self.kwargs, self.pattern = {}, None
        self.lop_overrides = self.grad_overrides = self.rop_overrides = "default"

    def __getattr__(self, name: str) -> Any:
        # opened when it is used: while a pickle is read the graph of the step may not be whole yet
        if name not in _OPENED or "facts" not in self.__dict__:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        try:
            inputs, outputs = _Opening(self).run()
        except Exception as error:
            raise NotPortedError(f"{self}: the loop in this pickle does not fit together: {error}", fix=_FIX) from error
        self.inputs = self.local_inputs = inputs
        self.outputs = self.local_outputs = outputs
        self.input_types, self.output_types = [x.type for x in inputs], [x.type for x in outputs]
        return self.__dict__[name]

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key not in _OPENED}

    def __str__(self) -> str:
        return f"{'do_while' if self.is_while else 'for'}{{{self.name or 'scan_fn'}}}"

    def with_graph(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> OpFromGraph:
        """An op of another graph."""
        return OpFromGraph(list(inputs), list(outputs), True, name=self.name)

    def make_node(self, *inputs: Any) -> Apply:
        if len(inputs) != len(self.input_types):
            raise ValueError(f"Wrong number of inputs: {self} takes {len(self.input_types)}, got {len(inputs)}")
        given = [_fitted(x, t) for x, t in zip(inputs, self.input_types, strict=True)]
        return Apply(self, given, [t() for t in self.output_types])

    def placed(self, inputs: Sequence[Any]) -> list[Any]:
        given = [_fitted(x, t) for x, t in zip(inputs, self.input_types, strict=True)]
        return super().placed(given)


def _fitted(x: Any, wanted: Any) -> Any:
    """A variable as one of a type that differs in what is promised of sizes, or for a number of steps in dtype."""
    if not isinstance(wanted, TensorType) or x.type == wanted or not isinstance(x.type, TensorType):
        return wanted.filter_variable(x)
    if wanted == _COUNT:
        x = cast(x, "int64")
    if x.type.dtype == wanted.dtype and x.type.ndim == wanted.ndim:
        x = patternbroadcast(x, wanted.broadcastable)
    return wanted.filter_variable(x)


class _Opening:
    """From the step of a loop of buffers to the graph that it stands for.

    The arguments of the loop are made on the way, as leaves; so are those of the new step.
    """

    def __init__(self, op: BufferLoop):
        self.op, facts = op, op.facts
        self.n_mit_mot, self.n_states, self.n_free = (
            facts["n_mit_mot"], facts["n_mit_sot"] + facts["n_sit_sot"], facts["n_nit_sot"])
        self.taps, self.writes = facts["tap_array"], facts["mit_mot_out_slices"]
        self.inner = list(facts["inner_inputs"])
        self.n_seqs, self.n_shared = facts["n_seqs"], facts["n_shared_outs"]
        #: what the step reads -> what it reads now
        self.read: dict[Any, Any] = {}
        self.steps = _COUNT("n_steps")
        # of the new loop: (leaf of the step, rows) and (leaf of the step, its first value); new values come later
        self.seqs: list[tuple[Any, Any]] = []
        self.carried: list[tuple[Any, Any]] = []

    def take(self, n: int) -> list[Any]:
        """The next inputs of the step."""
        taken, self.inner = self.inner[:n], self.inner[n:]
        if len(taken) < n:
            raise ValueError(f"{len(taken)} inputs stand where {n} should")
        return taken

    def run(self) -> tuple[list[Any], list[Any]]:
        """(the leaves that the loop is given, the graph of what it returns)."""
        sequences = [self.sequence(x) for x in self.take(self.n_seqs)]
        buffers, windows, histories = [], [], []
        for k in range(self.n_mit_mot):
            windows.append(_Window(self, k))
            buffers.append(windows[-1].buffer)
        for k in range(self.n_mit_mot, self.n_mit_mot + self.n_states):
            histories.append(_History(self, k))
            buffers.append(histories[-1].buffer)
        states = []
        for x in self.take(self.n_shared):
            leaf, first = x.type(x.name), x.type(x.name)
            self.read[x] = leaf
            states.append(first)
            self.carried.append((leaf, first))
        lengths = [_COUNT() for _ in range(self.n_free)]
        constants = [x.type(x.name) for x in self.inner]
        inside = [x.type(x.name) for x in self.inner]
        self.read.update(zip(self.inner, inside, strict=True))

        outs = iter(replace(self.op.facts["inner_outputs"], self.read, strict=False))
        new_carried: list[Any] = []
        stacked: list[Any] = []
        for window in windows:
            new, row = window.after([next(outs) for _ in self.writes[window.index]])
            new_carried += new
            stacked.append(row)
        for history in histories:
            row = _fitted(next(outs), history.slots[0].type)
            new_carried += [row, *history.slots[:-1]]
            stacked.append(row)
        free = [next(outs) for _ in range(self.n_free)]
        new_carried += [_fitted(next(outs), s.type) for s in states]
        condition = [next(outs)] if self.op.is_while else []

        loop = Scan([*[x for x, _ in self.seqs], *[x for x, _ in self.carried], *inside],
                    [*new_carried, *stacked, *free, *condition], len(self.seqs), len(self.carried), self.op.is_while,
                    bool(histories), self.op.truncate_gradient, self.op.name)
        made = loop(self.steps, *[x for _, x in self.seqs], *[x for _, x in self.carried], *constants,
                    return_list=True)
        finals, rows = made[: len(new_carried)], iter(made[len(new_carried) :])
        taken = made[-1] if self.op.is_while else self.steps
        results, at = [], 0
        for window in windows:
            width = window.width
            results.append(window.filled(next(rows), finals[at : at + width]))
            at += width
        for history in histories:
            at += len(history.slots)
            kept = join(0, history.before, unbroadcast(next(rows), 0))
            results.append(self.cut(kept, constant(np.int64(history.depth)) + taken, history.buffer.shape[0], taken))
        results += [self.cut(next(rows), taken, length, taken) for length in lengths]
        results = [patternbroadcast(x, (False, *x.type.broadcastable[1:])) for x in results]
        return [self.steps, *sequences, *buffers, *states, *lengths, *constants], [*results, *finals[at:]]

    def sequence(self, x: Any) -> Any:
        """The rows of which the step reads one."""
        rows, leaf = stacked_type(x.type)(), x.type(x.name)
        self.read[x] = leaf
        self.seqs.append((leaf, rows))
        return rows

    def cut(self, rows: Any, n: Any, room: Any, taken: Any) -> Any:
        """``n`` rows in ``room``: the last ones where there are too many, zeros behind where there are too few; but
        after a loop that ended early only as many as it might have left out are missing."""
        maximum, switch, gt = (elemwise(scalar_rows[name]) for name in ("maximum", "switch", "gt"))
        nothing = constant(np.int64(0))
        room = cast(room, "int64")
        end = room
        if self.op.is_while:
            end = switch(gt(room, n), maximum(room - (self.steps - taken), nothing), room)
            rows = rows[: maximum(end, n)]
        kept = rows[maximum(n - room, nothing) :]
        padding = zeros([maximum(end - n, nothing), *[kept.shape[i] for i in range(1, kept.type.ndim)]],
                        kept.type.dtype)
        whole = join(0, kept, patternbroadcast(padding, kept.type.broadcastable))
        return whole[:end] if self.op.is_while else whole


class _History:
    """An output that reads its former values: row by row, as far back as the taps reach."""

    def __init__(self, opening: _Opening, index: int):
        taps = opening.taps[index]
        read = opening.take(len(taps))
        self.depth = -min(taps)
        self.buffer = stacked_type(read[0].type)()
        self.before = self.buffer[: self.depth]
        #: slots[k]: the value of k + 1 steps ago
        self.slots = [read[0].type(read[0].name) for _ in range(self.depth)]
        opening.read.update((x, self.slots[-1 - tap]) for x, tap in zip(read, taps, strict=True))
        opening.carried += [(slot, self.buffer[self.depth - 1 - k]) for k, slot in enumerate(self.slots)]


class _Window:
    """A buffer of which every step reads and changes some rows, each step one row further: a gradient.

    The rows that later steps meet again are carried; one row comes in with each step, and one is left behind.
    """

    def __init__(self, opening: _Opening, index: int):
        self.index, self.opening = index, opening
        taps, self.writes = opening.taps[index], opening.writes[index]
        read = opening.take(len(taps))
        self.low, high = min([*taps, *self.writes]), max([*taps, *self.writes])
        self.width = high - self.low
        self.buffer = stacked_type(read[0].type)()
        self.start = self.low - min(taps)  # the place of the lowest row in the first step
        if self.start < 0:
            raise ValueError("it writes rows before those that it reads")
        self.slots = [read[0].type(read[0].name) for _ in range(self.width + 1)]
        opening.read.update((x, self.slots[tap - self.low]) for x, tap in zip(read, taps, strict=True))
        first = self.start + self.width
        opening.carried += [(slot, self.buffer[self.start + k]) for k, slot in enumerate(self.slots[:-1])]
        opening.seqs.append((self.slots[-1], self.buffer[first : opening.steps + first]))

    def after(self, outs: Sequence[Any]) -> tuple[list[Any], Any]:
        """(the carried rows of the next step, the row that is left behind)."""
        rows = list(self.slots)
        for place, value in zip(self.writes, outs, strict=True):
            rows[place - self.low] = _fitted(value, self.slots[0].type)
        return rows[1:], rows[0]

    def filled(self, rows: Any, finals: Sequence[Any]) -> Any:
        """The buffer after the last step."""
        end = self.opening.steps + (self.start + self.width)
        parts = [rows, *[unbroadcast(shape_padleft(x), 0) for x in finals], self.buffer[end:]]
        return join(0, *([self.buffer[: self.start]] if self.start else []), *parts)


def old_loop(op: Scan, state: dict[str, Any]) -> None:
    """Make a loop that was just unpickled the op that its state is about."""
    op.__class__ = BufferLoop  # type: ignore[assignment]
    BufferLoop.__init__(op, state)  # type: ignore[arg-type]
