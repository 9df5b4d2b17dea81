"""Parts of programs that begin in TorchScript and go over to what inductor makes of them.

Inductor needs a C++ compiler and seconds of it. So it works in another process, while TorchScript goes on, and only for
loops and runs of calls that have taken a while already and whose calls are small: nothing ever waits for more than it
saves. Of a part that went over the first result is compared with TorchScript's, and its time too; it is kept only if
the one agrees and the other is less. The linker ``c`` waits instead, and what cannot be compiled is an error there.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import queue
import shutil
import sys
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from tgraph.config import config, origin
from tgraph.errors import NotPortedError
from tgraph.graph import Apply, where
from tgraph.lowering.libraries import (
    Library,
    RefusedError,
    compiler,
    forget_processes,
    key,
    make,
    nothing_kept,
    refused,
    root,
)
from tgraph.lowering.libraries import refuse as refuse_at
from tgraph.lowering.loop import Loop
from tgraph.lowering.pieces import Piece, kind
from tgraph.lowering.recipes import NoRecipeError, describe_control, describe_piece, read_as_numbers
from tgraph.lowering.to_fx import Program
from tgraph.types import discrete_dtypes

log = logging.getLogger("tgraph.inductor")

#: seconds that a part takes before it is compiled, where the compiler has a processor of its own and where it has not
#: (it takes about 9 seconds, and the part then half of its time or less: see benchmarks/README.md)
PATIENCE, PATIENCE_ALONE = 3.0, 20.0
#: seconds for a torch call, on average, above which compiling gains little
LONG = 20e-6
#: a run of fewer calls is not watched: that would take longer than it may save
FEW = 12
#: nor is a program of more pieces: it is so large that compiling it takes minutes
MANY = 8
#: of calls that take less than so many seconds, one in so many is watched
BRIEF, SAMPLE = 1e-3, 64
#: elements of a vector that may be the sizes of something
SIZES = 8
#: libraries of one part, for different sizes
VARIANTS = 4
#: calls of a new library that are timed
TRIALS = 5
#: steps at a time where a loop may end early, and where it has neither sequences nor rows
SPAN, LONG_SPAN = 1024, 1 << 16
#: how far results may be from TorchScript's, relative to the largest of them and (what cancellation leaves of rounding)
#: to the largest of the arguments
CLOSE = {torch.float64: (1e-9, 1e-13), torch.float32: (1e-3, 1e-5), torch.float16: (1e-1, 1e-2)}


class CompilerError(NotPortedError):
    """Inductor cannot compile this function, or there is no C++ compiler."""


# -- may it be done ------------------------------------------------------------------------------------------


@functools.cache
def _patience() -> float:
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return PATIENCE if processors > 1 else PATIENCE_ALONE


def wanted(program: Program) -> bool:
    """Should parts of the program be watched: are there such as may gain, on the CPU, and may they be compiled?"""
    if config.inductor == "never" or program.device != "cpu":
        return False
    nodes = program.graph.nodes
    if len(nodes) < FEW and not any(isinstance(n.target, Loop) for n in nodes):
        return False
    return compiler() is not None


def refuse(program: Program) -> None:
    """CompilerError for a program that the linker ``c`` cannot take, as far as that is known before it runs."""
    if compiler() is None:
        raise CompilerError(
            "the linker 'c' needs a C++ compiler, and there is none"
            + (" (the flag cxx is set to nothing)" if origin("cxx") != "default" and not config.cxx else ""),
            fix="install g++ or name one by the flag cxx, or use the linker 'cvm', which needs none",
        )
    if program.device != "cpu":
        raise CompilerError("the linker 'c' compiles for the CPU only", fix="use the linker 'cvm' with device=cuda")
    if program.hosts:
        node = program.hosts[0]
        raise CompilerError(
            f"the linker 'c' cannot take {node.op}, which runs on the host: {node}",
            where=where(node),
            fix="use the linker 'cvm', or give the op a `lower` method in torch calls",
        )


# -- in the background ---------------------------------------------------------------------------------------

_queue: queue.SimpleQueue = queue.SimpleQueue()
_thread: threading.Thread | None = None
_waiting: weakref.WeakSet[Tiered] = weakref.WeakSet()


def _in_turn() -> None:
    while True:
        tiered, numbers, arguments = _queue.get()
        with contextlib.suppress(Exception):
            tiered.compile(numbers, arguments, background=True)


def _submit(tiered: Tiered, numbers: tuple[Any, ...], arguments: list[dict[str, Any]]) -> None:
    global _thread
    tiered.is_waiting = True
    _waiting.add(tiered)
    _queue.put((tiered, numbers, arguments))
    if _thread is None or not _thread.is_alive():
        _thread = threading.Thread(target=_in_turn, name="tgraph-inductor", daemon=True)
        _thread.start()


def _forget_thread() -> None:
    """A forked process has no threads."""
    global _queue, _thread
    _queue, _thread = queue.SimpleQueue(), None
    for tiered in _waiting:
        tiered.is_waiting = False
    forget_processes()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_thread)


# -- what runs -----------------------------------------------------------------------------------------------


def tiered_loop(loop: Loop, slow: Callable[..., Any], scope: dict[str, Any], must: bool) -> Callable[..., Any]:
    """A loop that goes over to what inductor makes of it, for ``scope`` to hold under its name. If it ``must``,
    CompilerError where that cannot be."""
    try:
        tiered = TieredLoop(loop, slow, must)
    except NoRecipeError as error:
        raise _untaken(f"the loop {loop.op}", error) from None
    return tiered if tiered.waits else _sampled(tiered, scope, loop.__name__)


def tiered_piece(piece: Piece, program: Program, slow: Callable[..., Any], scope: dict[str, Any],
                 must: bool) -> Callable[..., Any]:
    """The same for a piece between loops, which ``scope`` holds under its name; one that is given sizes, or that is
    short and need not, is ``slow``."""
    given = {kind(n) for n in piece.takes}
    if not given <= {"Tensor", "int"} or {kind(n) for n in piece.gives} != {"Tensor"}:
        return slow
    if not must and len(piece.nodes) < FEW:
        return slow
    try:
        tiered = TieredPiece(piece, program, slow, must)
    except NoRecipeError as error:
        raise _untaken("this function", error) from None
    return tiered if tiered.waits else _sampled(tiered, scope, piece.name)


def _sampled(tiered: Tiered, scope: dict[str, Any], name: str) -> Callable[..., Any]:
    """A part of which few calls are watched if they are brief, until there is a library for it: watching takes time
    too."""
    slow = tiered.slow
    calls = 0

    def went_over() -> None:
        tiered.is_sampled = False
        scope[name] = tiered

    def came_back() -> None:
        scope[name] = slow

    def run(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        return slow(*args) if tiered.is_brief and calls % SAMPLE else tiered(*args)

    tiered.is_sampled, tiered.went_over, tiered.came_back = True, went_over, came_back
    return run


def _untaken(what: str, error: Exception) -> CompilerError:
    return CompilerError(f"the linker 'c' cannot take {what}: {error}", fix="use the linker 'cvm'")


def _agree(ours: Sequence[torch.Tensor], theirs: Sequence[torch.Tensor], given: Sequence[torch.Tensor]) -> bool:
    """Are results the same but for rounding?"""
    around = max((_largest(x) for x in given if x.is_floating_point()), default=0.0)
    for a, b in zip(ours, theirs, strict=True):
        if a.shape != b.shape or a.dtype != b.dtype:
            return False
        if not b.is_floating_point():
            # one of many may have been rounded to the other side
            if int((a != b).sum()) > b.numel() // 1000:
                return False
            continue
        if not torch.equal(_odd(a), _odd(b)):
            return False
        relative, absolute = CLOSE.get(b.dtype, CLOSE[torch.float32])
        largest = _largest(b)
        if _largest(a - b) > relative * largest + absolute * min(around, 1e3 * max(largest, 1.0)):
            return False
    return True


def _odd(x: torch.Tensor) -> torch.Tensor:
    """2 where x is NaN, 1 and -1 where it is infinite, else 0."""
    return torch.where(torch.isnan(x), 2, torch.where(torch.isinf(x), x.sign(), 0)).to(torch.int8)


def _largest(x: torch.Tensor) -> float:
    return float(torch.where(torch.isfinite(x), x, 0).abs().max()) if x.numel() else 0.0


class Plan:
    """What is compiled of a part: its ``recipe``, the positions of the values that a library takes after sequences
    (``places``), and the positions and dtypes of those that it holds for (``fixed``). ``asked``: positions of values
    that are to be fixed if they are numbers."""

    def __init__(self, recipe: dict[str, Any], asked: Sequence[int], places: Sequence[int]):
        self.recipe, self.asked, self.places = recipe, asked, places
        self.fixed: Sequence[tuple[int, str]] = ()

    def fix(self, found: Sequence[tuple[int, str]]) -> None:
        """A library holds for these, and does not take them."""
        left_out = {i for i, _ in found}
        self.places, self.fixed = [i for i in self.places if i not in left_out], found
        self.asked = ()  # last: another thread may look


class Tiered:
    """A part of a program in TorchScript (``slow``) that goes over to what inductor makes of it, or ``must``: then at
    its first call. Called with the values that ``slow`` takes; results are those of ``slow``.

    ``origin``: fx node -> the node that it came from. ``calls``: how many torch calls it makes.
    """

    def __init__(self, slow: Callable[..., Any], origin: dict[Any, Apply], calls: int, must: bool):
        self.slow, self.origin, self.calls, self.must = slow, origin, calls, must
        self.waits = must or config.inductor == "always"
        #: the libraries for each choice of the numbers that are compiled in
        self.libraries: dict[tuple[Any, ...], list[Library]] = {}
        #: seconds and steps in TorchScript, and how long a step took there
        self.spent, self.steps, self.pace = 0.0, 0, 0.0
        #: may it still be compiled, and is it being compiled?
        self.is_open, self.is_waiting = True, False
        #: is a call so short that only some are watched, and has there been none yet?
        self.is_brief, self.is_cold, self.is_sampled = False, True, False
        #: nothing was ever compiled: there is no library to look for
        self.is_dormant = not self.waits and nothing_kept()
        self.lock = threading.Lock()
        if must:
            self.plan  # noqa: B018  # what cannot be written down is an error now

    @property
    def name(self) -> str:
        """What it is, in messages."""
        return "a part"

    @functools.cached_property
    def plan(self) -> Plan:
        """What is to be compiled. Raises NoRecipeError."""
        raise NotImplementedError

    def went_over(self) -> None:
        """There is a library."""

    def came_back(self) -> None:
        """There is no use for one."""

    def numbers(self, args: Sequence[Any]) -> tuple[Any, ...]:
        """Those of the values that a library holds for: sizes and the like."""
        values = [args[i] for i, _ in self.plan.fixed]
        return tuple([x if isinstance(x, int) else x.item() if x.ndim == 0 else tuple(x.tolist()) for x in values])

    def described(self, numbers: tuple[Any, ...]) -> dict[str, Any]:
        """The recipe for these numbers."""
        if not numbers:
            return self.plan.recipe
        found = [(self.place(i), dtype, n) for (i, dtype), n in zip(self.plan.fixed, numbers, strict=True)]
        return {**self.plan.recipe, "numbers": found}

    def place(self, i: int) -> int:
        """The position of a value among those that the recipe's program takes."""
        raise NotImplementedError

    def arguments(self, args: Sequence[Any]) -> list[torch.Tensor] | None:
        """What a library takes, contiguous; None for a call that TorchScript has to run."""
        raise NotImplementedError

    def run(self, library: Library, xs: list[torch.Tensor], args: Sequence[Any]) -> Any:
        """The results, of a library that fits."""
        raise NotImplementedError

    def count(self, args: Sequence[Any], results: Any) -> int:
        """How many steps a call took."""
        return 1

    def __call__(self, *args: Any) -> Any:
        if not self.is_dormant and self.can_be_described():
            numbers = self.numbers(args)
            known = self.libraries.get(numbers)
            if known is None:
                known = self.look(numbers, args)
            if known or (self.waits and self.is_open):
                xs = self.arguments(args)
                library = None if xs is None else next((one for one in known if one.fits(xs)), None)
                if library is not None:
                    # where it fails TorchScript does too, and says why
                    with contextlib.suppress(RuntimeError):
                        if library.trials:
                            return self.tried(numbers, library, xs, args)
                        return self.run(library, xs, args)
                elif xs is not None and self.waits and self.is_open:
                    return self.first(numbers, xs, args)
        if not self.is_open or self.waits:
            return self.slow(*args)
        before = time.perf_counter()
        results = self.slow(*args)
        seconds = time.perf_counter() - before
        if self.is_cold:  # TorchScript prepares itself at the first call
            self.is_cold = False
            return results
        weight = SAMPLE if self.is_brief and self.is_sampled else 1
        self.is_brief = seconds < BRIEF
        self.spent += seconds * weight
        self.steps += self.count(args, results) * weight
        if self.spent > _patience() and not self.is_waiting:
            self.decide(args)
        return results

    def can_be_described(self) -> bool:
        """False, once and for all, for what cannot be written down as a recipe."""
        try:
            self.plan  # noqa: B018
            return True
        except NoRecipeError as error:
            self.is_dormant = True
            self.close(str(error))
            return False

    def first(self, numbers: tuple[Any, ...], xs: list[torch.Tensor], args: Sequence[Any]) -> Any:
        """A call that waits for the compiler; what cannot run raises here, and not there."""
        given = [x.clone() for x in xs]
        results = self.slow(*args)
        with self.lock:  # another thread may have had it compiled meanwhile
            if not any(library.fits(given) for library in self.libraries.get(numbers, [])):
                self.compile(numbers, _kinds(given))
        for library in self.libraries.get(numbers, []):
            if library.trials and library.fits(given):
                self.compare(numbers, library, self.run(library, given, args), results, given)
        return results

    def tried(self, numbers: tuple[Any, ...], library: Library, xs: list[torch.Tensor], args: Sequence[Any]) -> Any:
        """One of the first calls of a library: its results, and its time, are held against TorchScript's."""
        if library.trials == TRIALS:
            given = [x.clone() for x in xs]
            results = self.run(library, given, args)
            before = time.perf_counter()
            expected = self.slow(*args)
            if not self.pace:  # of a library that another process made
                self.pace = (time.perf_counter() - before) / max(self.count(args, expected), 1)
            self.compare(numbers, library, results, expected, given)
            return expected
        before = time.perf_counter()
        results = self.run(library, xs, args)
        seconds = time.perf_counter() - before
        library.trials -= 1
        library.best = min(library.best, seconds / max(self.count(args, results), 1))
        if not library.trials and self.pace and library.best > self.pace and not self.waits:
            self.drop(numbers, library, f"it takes {library.best / self.pace:.2f} of the time in TorchScript")
        return results

    def compare(self, numbers: tuple[Any, ...], library: Library, ours: Any, theirs: Any,
                given: Sequence[torch.Tensor]) -> None:
        """Trust a library, or drop it."""
        if _agree(ours, theirs, given):
            library.trials = TRIALS - 1 if not self.waits else 0
        else:
            self.drop(numbers, library, "its results are not those of TorchScript")

    def drop(self, numbers: tuple[Any, ...], library: Library, why: str) -> None:
        """Do without a library, here and in later processes."""
        self.libraries[numbers] = [one for one in self.libraries[numbers] if one is not library]
        self.is_open = False
        refuse_at(library.folder.parent, why)
        shutil.rmtree(library.folder, ignore_errors=True)
        log.warning("%s stays in TorchScript: %s", self.name, why)
        if not any(self.libraries.values()):
            self.came_back()

    def decide(self, args: Sequence[Any]) -> None:
        """Have it compiled, where that is going to help."""
        if self.spent > LONG * self.steps * self.calls:
            self.close("its calls are large")
            return
        if self.can_be_described():
            numbers = self.numbers(args)
            xs = self.arguments(args)
            if xs is not None:
                _submit(self, numbers, _kinds(xs))

    def look(self, numbers: tuple[Any, ...], args: Sequence[Any]) -> list[Library]:
        """Load what earlier processes left."""
        if len(self.libraries) >= VARIANTS:
            return []  # numbers that change all the time
        found: list[Library] = []
        if (xs := self.arguments(args)) is not None:
            home = self.home(numbers, _kinds(xs))
            said = refused(home)
            if said is not None:
                self.close(**said)
            for folder in sorted(home.glob("[0-9]*")):
                try:
                    found.append(Library(folder, TRIALS))
                    os.utime(home)
                except Exception as error:  # whatever is in the folder
                    log.info("%s: %s cannot be used: %s", self.name, folder, error)
        self.libraries[numbers] = found
        if found:
            self.went_over()
        return found

    def home(self, numbers: tuple[Any, ...], arguments: Sequence[dict[str, Any]]) -> Path:
        """The folder of its libraries."""
        return root() / key(self.described(numbers), arguments)

    def close(self, reason: str, line: str = "") -> None:
        """It stays in TorchScript. CompilerError, with the node of that line, where it was to be compiled."""
        self.is_open = False
        self.came_back()
        log.info("%s stays in TorchScript: %s %s", self.name, reason, line)
        if not self.must:
            return
        name = line.split(" = ")[0]
        node = next((node for n, node in self.origin.items() if n.name == name), None)
        what = self.name if node is None else f"{node.op} in {node}"
        raise CompilerError(f"the linker 'c' cannot take {what}: {reason}", where=None if node is None else where(node),
                            fix="use the linker 'cvm'")

    def compile(self, numbers: tuple[Any, ...], arguments: list[dict[str, Any]], background: bool = False) -> None:
        """Make a library for arguments like these."""
        before = time.perf_counter()
        log.info("%s is being compiled", self.name)
        shown = not background and sys.stderr.isatty()
        if shown:
            sys.stderr.write(f"inductor compiles {self.name} ... ")
            sys.stderr.flush()
        home = self.home(numbers, arguments)
        try:
            made = make(self.described(numbers), arguments, home, background)
            made.trials = TRIALS
            self.pace = self.spent / self.steps if self.steps else 0.0
            self.libraries[numbers] = [*self.libraries.get(numbers, []), made]
            self.is_open = sum(map(len, self.libraries.values())) < VARIANTS
            self.is_dormant = False
            self.went_over()
            log.info("%s is compiled, after %.1f s", self.name, time.perf_counter() - before)
        except RefusedError as error:
            said = {"reason": error.reason, "line": error.line}
            if error.lasting:
                refuse_at(home, **said)
            self.close(**said)
        finally:
            if shown:
                sys.stderr.write(f"{time.perf_counter() - before:.1f} s\n")
            self.spent, self.steps, self.is_waiting = 0.0, 0, False


def _kinds(xs: Sequence[torch.Tensor]) -> list[dict[str, Any]]:
    return [{"dtype": str(x.dtype).removeprefix("torch."), "sizes": list(x.shape)} for x in xs]


def _dtype_of_number(x: Any) -> str:
    """The dtype of what may be a size, or some; nothing for other values."""
    if isinstance(x, int):
        return "int"
    if x.ndim > 1 or x.numel() > SIZES or x.is_floating_point() or x.is_complex():
        return ""
    return str(x.dtype).removeprefix("torch.")


class TieredPiece(Tiered):
    """A run of calls without loops."""

    def __init__(self, piece: Piece, program: Program, slow: Callable[..., Any], must: bool):
        self.piece, self.constants = piece, program.constants
        super().__init__(slow, program.origin, len(piece.nodes), must)

    @property
    def name(self) -> str:
        nodes = [self.origin[n] for n in self.piece.nodes if n in self.origin]
        ops = list(dict.fromkeys(str(node.op) for node in nodes))
        return f"a function of {', '.join(ops[:5])}{' ...' if len(ops) > 5 else ''}"

    @functools.cached_property
    def plan(self) -> Plan:
        takes = self.piece.takes
        recipe = {"kind": "piece", **describe_piece(self.piece, self.constants)}
        lifted, read = set(recipe["lifted"]), read_as_numbers(self.piece.nodes)
        taken = [i for i, n in enumerate(takes) if n.op != "get_attr"]
        # only the values tell which of these are numbers
        asked = [i for i in taken if takes[i] in read or kind(takes[i]) == "int"]
        return Plan(recipe, asked, [*taken, *(i for i, n in enumerate(takes) if n.name in lifted)])

    def numbers(self, args: Sequence[Any]) -> tuple[Any, ...]:
        plan = self.plan
        if plan.asked:
            plan.fix([(i, _dtype_of_number(args[i])) for i in plan.asked if _dtype_of_number(args[i])])
        return super().numbers(args)

    def place(self, i: int) -> int:
        return [k for k, n in enumerate(self.piece.takes) if n.op != "get_attr"].index(i)

    def arguments(self, args: Sequence[Any]) -> list[torch.Tensor] | None:
        xs = [args[i].contiguous() for i in self.plan.places]
        return xs if all(map(torch.numel, xs)) else None

    def run(self, library: Library, xs: list[torch.Tensor], args: Sequence[Any]) -> Any:
        return tuple(library.run(xs))


class TieredLoop(Tiered):
    """A loop."""

    def __init__(self, loop: Loop, slow: Callable[..., Any], must: bool):
        self.inner, self.op = loop, loop.op
        calls = sum(n.op in ("call_function", "call_method") for n in loop.program.graph.nodes)
        super().__init__(slow, loop.program.origin, calls, must)

    @property
    def name(self) -> str:
        return f"the loop {self.op}"

    @functools.cached_property
    def plan(self) -> Plan:
        op, nodes = self.op, list(self.inner.program.graph.nodes)
        recipe = describe_control(self.inner)
        read = read_as_numbers(nodes)
        inputs = [n for n in nodes if n.op == "placeholder"]
        found = [i for i in range(op.n_seqs + op.n_carries, len(op.inputs)) if inputs[i] in read
                 and op.inputs[i].type.ndim < 2 and op.inputs[i].type.dtype in discrete_dtypes]
        held = [n.name for n in nodes if n.op == "get_attr"]
        lifted = recipe["programs"][0]["lifted"]
        places = [*(1 + i for i in range(op.n_seqs, len(op.inputs))),
                  *(1 + len(op.inputs) + i for i, name in enumerate(held) if name in lifted)]
        plan = Plan(recipe, [], places)
        plan.fix([(1 + i, op.inputs[i].type.dtype) for i in found])
        return plan

    def arguments(self, args: Sequence[Any]) -> list[torch.Tensor] | None:
        op, n = self.op, int(args[0])
        seqs = args[1 : 1 + op.n_seqs]
        if n < 2 or any(s.size(0) < n for s in seqs):
            return None
        rest = [args[i].contiguous() for i in self.plan.places]
        if op.n_seqs:
            rows = [s.narrow(0, 0, n).contiguous() for s in seqs]
        else:
            short = op.is_while or not op.rows()
            rows = [torch.zeros(min(n, LONG_SPAN) if short else n, dtype=torch.uint8)]
        xs = [*rows, *rest]
        return xs if all(map(torch.numel, xs)) else None

    def place(self, i: int) -> int:
        return i - 1  # the number of steps stands before

    def count(self, args: Sequence[Any], results: Any) -> int:
        return int(results[-1]) if self.op.is_while else int(args[0])

    def run(self, library: Library, xs: list[torch.Tensor], args: Sequence[Any]) -> Any:
        op, n = self.op, int(args[0])
        if not op.is_while and xs[0].size(0) == n:
            return tuple(library.run(xs))
        n_seqs = max(op.n_seqs, 1)
        seqs, carried, rest = xs[:n_seqs], xs[n_seqs : n_seqs + op.n_carries], xs[n_seqs + op.n_carries :]
        span = SPAN if op.is_while else LONG_SPAN
        stacked: list[list[torch.Tensor]] = [[] for _ in op.rows()]
        taken, ended = 0, False
        while taken < n and not ended:
            size = min(span, n - taken)
            size -= n - taken - size == 1  # a library takes no single step
            rows = [s.narrow(0, taken if op.n_seqs else 0, size) for s in seqs]
            given = [*rows, *carried, *rest]
            if not library.fits(given):
                raise RuntimeError("the library does not hold for a part of the steps")
            results = library.run(given)
            went = size
            if op.is_while:
                went, ended, results = int(results[0]), bool(results[1]), results[2:]
            carried = results[: op.n_carries]
            for whole, buffer in zip(stacked, results[op.n_carries :], strict=True):
                whole.append(buffer.narrow(0, 0, went))
            taken += went
        wholes = [parts[0].clone() if len(parts) == 1 else torch.cat(parts) for parts in stacked]
        return (*carried, *wholes, *([torch.tensor(taken)] if op.is_while else []))
