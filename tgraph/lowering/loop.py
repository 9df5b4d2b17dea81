"""Loops in programs: one call of the outer program, with a program of its own for the step.

``drive`` is the loop in Python; the TorchScript engine writes the same as source (``source``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from tgraph.lowering.control import Control, calls


class Loop(Control):
    """What an fx node of a loop calls: arguments are the steps, those of the op's graph, then the constants of
    ``program``; the results are a tuple."""

    def __init__(self, op: Any, program: Any):
        super().__init__("loop", op, [program], len(op.outputs))
        self.program = program
        self.watch = op.watch

    @property
    def is_host(self) -> bool:
        """Python drives it also where a mode looks at the steps."""
        return self.watch is not None or super().is_host

    def by(self, build: Callable[[Any], Callable[..., tuple]]) -> Callable[..., tuple]:
        """The loop driven by Python, its step run by an engine."""
        step = build(self.program) if self.watch is None else self.watch.linker.build(self.program)
        given = 1 + len(self.op.inputs)

        def run(*args: Any) -> tuple:
            # the engine holds the constants of the program itself
            return drive(self.op, step, *args[:given])

        return run

    def source(self, pieces: Sequence[list[Any]], render: Callable[[Any], str], prefix: str = "") -> str:
        return source(self, pieces[0], render, prefix)


#: steps whose rows are at hand one by one: of the others only the sequence and the stack are kept
SPAN = 1024


def drive(op: Any, step: Callable[..., tuple], steps: Any, *xs: Any) -> tuple:
    """The loop: last carried values, stacked rows, and the number of steps taken where it may end early."""
    seqs, carried, constants = op.split(xs)
    n = op.check(int(steps), [s.size(0) for s in seqs])
    stacked: list[list[Any]] = [[] for _ in op.rows()]
    full: list[list[Any]] = [[] for _ in stacked]
    slices: list[Any] = []
    taken = 0
    while taken < n:
        at = taken % SPAN
        if at == 0:
            slices = [torch.unbind(s[taken : min(taken + SPAN, n)]) for s in seqs]
            for rows, span in zip(stacked, full, strict=True):
                if rows:
                    span.append(torch.stack(rows))
                    rows.clear()
        results = step(*[s[at] for s in slices], *carried, *constants)
        taken += 1
        carried = results[: op.n_carries]
        for rows, row in zip(stacked, results[op.n_carries :], strict=False):
            rows.append(row)
        if op.is_while and bool(results[-1]):
            break
    if n == 0 and stacked:
        # the sizes of rows that nobody made are those of rows made of zeros
        results = step(*[s.new_zeros(s.shape[1:]) for s in seqs], *carried, *constants)
        whole = [r.new_zeros((0, *r.shape)) for r in results[op.n_carries : op.n_carries + len(stacked)]]
    else:
        whole = [torch.cat([*span, torch.stack(rows)]) if span else torch.stack(rows)
                 for rows, span in zip(stacked, full, strict=True)]
    return (*carried, *whole, *([torch.tensor(taken)] if op.is_while else []))


def source(loop: Loop, pieces: list[Any], render: Callable[[Any], str], prefix: str = "") -> str:
    """The loop as a TorchScript function; ``pieces`` of its program are functions of their own, called in order, and
    ``render`` writes an fx value."""
    op, graph = loop.op, loop.program.graph
    names = [n.name for n in graph.nodes if n.op == "placeholder"]
    held = [n.name for n in graph.nodes if n.op == "get_attr"]
    final = next(n for n in graph.nodes if n.op == "output").args[0]
    seqs, carried, constants = op.split(names)
    stacked = range(len(op.rows()))
    me = ["self"] if prefix else []
    args = [*me, "steps: Tensor", *[f"{a}_all: Tensor" for a in seqs],
            *[f"{a}: Tensor" for a in [*carried, *constants, *held]]]
    body = calls(pieces, prefix)
    results = [render(v) for v in final]
    new = ", ".join(f"next_{i}" for i in range(op.n_carries))
    lines = [
        f"def {loop.__name__}({', '.join(args)}):",
        "    n = int(steps)",
        "    if n < 0:",
        "        raise IndexError('Scan was asked to run for negative number of step ' + str(n))",
    ]
    if op.recurrent:
        message = f"{op}: n_steps is 0, and no step has no result"
        lines += ["    if n == 0:", f"        raise NotImplementedError({message!r})"]
    for i, a in enumerate(seqs):
        message = f"{op}: sequence {i} has "
        lines += [f"    if {a}_all.size(0) < n:",
                  f"        raise ValueError({message!r} + str({a}_all.size(0)) + ' rows, but there are '"
                  " + str(n) + ' steps')"]
    lines += [f"    {a}_rows = torch.unbind(torch.narrow({a}_all, 0, 0, min(n, {SPAN})))" for a in seqs]
    for i in stacked:
        lines += [f"    rows_{i}: List[Tensor] = []", f"    full_{i}: List[Tensor] = []"]
    lines += ["    taken = 0", "    at = 0", "    go = n > 0", "    while go:"]
    lines += [f"        {a} = {a}_rows[at]" for a in seqs]
    lines += [f"        {line}" for line in body]
    lines += [f"        rows_{i}.append({results[op.n_carries + i]})" for i in stacked]
    if op.is_while:
        lines.append(f"        stop = bool({results[-1]})")
    if op.n_carries:
        lines += [f"        {new} = {', '.join(results[: op.n_carries])}"]
        lines += [f"        {a} = next_{i}" for i, a in enumerate(carried)]
    lines += ["        taken += 1", f"        go = taken < n{' and not stop' if op.is_while else ''}"]
    if seqs or stacked:
        lines += ["        at += 1", f"        if at == {SPAN} and go:", "            at = 0"]
        lines += [f"            {a}_rows = torch.unbind(torch.narrow({a}_all, 0, taken, min(n - taken, {SPAN})))"
                  for a in seqs]
        for i in stacked:
            lines += [f"            full_{i}.append(torch.stack(rows_{i}))", f"            rows_{i}.clear()"]
    if stacked and not op.recurrent:
        lines += ["    if n == 0:"]
        lines += [f"        {a} = torch.zeros({a}_all.size()[1:], dtype={a}_all.dtype, device={a}_all.device)"
                  for a in seqs]
        lines += [f"        {line}" for line in body]
        lines += [f"        rows_{i}.append({results[op.n_carries + i]})" for i in stacked]
    for i in stacked:
        lines += [f"    whole_{i} = torch.stack(rows_{i})", f"    if len(full_{i}) > 0:",
                  f"        full_{i}.append(whole_{i})", f"        whole_{i} = torch.cat(full_{i})"]
    cut = stacked and not op.recurrent  # less the row that only told a size
    whole = [f"torch.narrow(whole_{i}, 0, 0, taken)" if cut else f"whole_{i}" for i in stacked]
    ends = [*carried, *whole, *(["torch.tensor(taken)"] if op.is_while else [])]
    lines.append(f"    return ({', '.join(ends)},)")
    return "\n".join(lines) + "\n"
