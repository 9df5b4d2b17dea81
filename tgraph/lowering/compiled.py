"""What inductor compiles, and when: loops that take long in TorchScript, and all of a function of the linker ``c``.

A C++ compiler is needed, and takes seconds. So it works in another process (``inductor_worker.py``), while the loop
goes on in TorchScript, and only for loops that have taken a while already: nothing ever waits for more than it saves.
What it makes is kept in ``config.compiledir`` and found there by later processes at the first call. A library holds for
the sizes that it was made for, mostly any; its assumptions are checked at every call, and TorchScript runs the calls
that do not fit.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import hashlib
import json
import logging
import math
import os
import platform
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from tgraph.config import config, origin
from tgraph.errors import NotPortedError
from tgraph.graph import Apply, where
from tgraph.lowering.loop import Loop
from tgraph.lowering.pieces import Piece, kind
from tgraph.lowering.recipes import NoRecipeError, describe_control, describe_piece, read_as_numbers
from tgraph.lowering.to_fx import Program
from tgraph.types import discrete_dtypes

log = logging.getLogger("tgraph.compiled")

#: seconds that a loop takes before it is compiled, where the compiler has a processor of its own and where it has not
#: (it takes about 9 seconds, and a loop then half of its time or less: see benchmarks/README.md)
PATIENCE, PATIENCE_ALONE = 3.0, 20.0
#: seconds for a torch call in a step, on average, above which compiling gains little
LONG = 20e-6
#: libraries of one program, for different sizes
VARIANTS = 4
#: steps at a time where a loop may end early, and where it has neither sequences nor rows
SPAN, LONG_SPAN = 1024, 1 << 16
#: where libraries are, in the folder of the settings
FOLDER = "inductor"
#: seconds after which compiling in the background is given up
LIMIT = 600.0
#: programs in the folder; the ones that were used longest ago are removed
KEPT = 200


class CompilerError(NotPortedError):
    """Inductor cannot compile this function, or there is no C++ compiler."""


# -- may it be done ------------------------------------------------------------------------------------------


def compiler() -> str | None:
    """The C++ compiler that is used: that of ``config.cxx``, else of the environment variable CXX, else g++ or
    clang++. None where there is none, or ``cxx`` was set to nothing."""
    if config.cxx:
        return shutil.which(config.cxx)
    if origin("cxx") != "default":
        return None
    return _found(os.environ.get("CXX", ""), os.environ.get("PATH", ""))


@functools.lru_cache(maxsize=8)
def _found(named: str, path: str) -> str | None:
    names = [named] if named else ["g++", "clang++"]
    return next((found for name in names if (found := shutil.which(name, path=path))), None)


def _patience() -> float:
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return PATIENCE if processors > 1 else PATIENCE_ALONE


def wanted(program: Program) -> bool:
    """Should loops of the program be watched: are there any, on the CPU, and may they be compiled?"""
    if config.compiled_loops == "never" or program.device != "cpu":
        return False
    if not any(isinstance(n.target, Loop) for n in program.graph.nodes):
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


# -- libraries -----------------------------------------------------------------------------------------------


class Library:
    """A compiled program. ``fits(xs)``: does it hold for arguments of these sizes?  ``run(xs)``: its results."""

    def __init__(self, folder: Path):
        checks = _read(folder / "checks.json")
        self.fits = _test(checks)
        self.run: Callable[[list[torch.Tensor]], list[torch.Tensor]] = torch._C._aoti.AOTIModelContainerRunnerCpu(
            str(folder / "library.so"), 1).run  # type: ignore[attr-defined]


def _test(checks: dict[str, Any]) -> Callable[[Sequence[torch.Tensor]], bool]:
    """The assumptions of a library as a function of its arguments, which are contiguous."""
    lines, known = [], set()
    for i, (dtype, sizes) in enumerate(zip(checks["dtypes"], checks["sizes"], strict=True)):
        lines.append(f"if xs[{i}].dtype is not torch.{dtype} or xs[{i}].ndim != {len(sizes)}: return False")
        for axis, size in enumerate(sizes):
            here = f"xs[{i}].size({axis})"
            if isinstance(size, str) and size not in known:
                known.add(size)
                lines.append(f"{size} = {here}")
                low, high = checks["ranges"][size]
                lines.append(f"if {size} < {low}{'' if high is None else f' or {size} > {high}'}: return False")
            else:
                lines.append(f"if {here} != {size}: return False")
    lines.append(f"return {' and '.join(f'({c})' for c in checks['conditions']) or True}")
    scope: dict[str, Any] = {"torch": torch, "math": math}
    text = "def fits(xs):\n" + "".join(f"    {line}\n" for line in lines)
    exec(compile(text, "<tgraph checks>", "exec"), scope)
    return scope["fits"]


@functools.cache
def _machine() -> str:
    """What a library holds for: torch, the processor, and the code that made it."""
    flags = ""
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        flags = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    worker = Path(__file__).with_name("inductor_worker.py").read_text(encoding="utf-8")
    return "\n".join([torch.__version__, torch.backends.cpu.get_cpu_capability(), platform.machine(), flags, worker])


def _key(recipe: dict[str, Any], arguments: Sequence[dict[str, Any]]) -> str:
    shapes = [(a["dtype"], [n == 1 for n in a["sizes"]]) for a in arguments]
    text = json.dumps([recipe, shapes, _machine()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@functools.cache
def _own_folder() -> Path:
    """Where libraries go if the folder of the settings cannot be written to."""
    folder = tempfile.mkdtemp(prefix="tgraph-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _root() -> Path:
    root = Path(config.compiledir) / FOLDER
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError:
        return _own_folder()
    return root if os.access(root, os.W_OK) else _own_folder()


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _is_empty(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:
        return True


def _prune(root: Path) -> None:
    """Remove what was used longest ago."""
    folders = sorted((f for f in root.iterdir() if f.is_dir()), key=lambda f: f.stat().st_mtime)
    for folder in folders[:-KEPT]:
        shutil.rmtree(folder, ignore_errors=True)


# -- compiling -----------------------------------------------------------------------------------------------


class _Refused(Exception):
    """Inductor does not take a program, at that ``line`` of its recipe; ``lasting``: nor will it next time."""

    def __init__(self, reason: str, line: str = "", lasting: bool = False):
        super().__init__(reason)
        self.reason, self.line, self.lasting = reason, line, lasting


#: the process that compiles now, to be ended with this one
_running: set[subprocess.Popen] = set()


@atexit.register
def _end() -> None:
    for process in list(_running):
        _kill(process)


def _kill(process: subprocess.Popen) -> None:
    with contextlib.suppress(OSError):
        if os.name == "nt":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)


def _environment() -> dict[str, str]:
    """That of the process that compiles: this package, no settings, no door for old scripts."""
    home = str(Path(__file__).parent.parent.parent)
    left_out = ("TGRAPH_FLAGS", "TGRAPH_DOOR")
    env = {k: v for k, v in os.environ.items() if k not in left_out}
    return {**env, "PYTHONPATH": os.pathsep.join([home, *filter(None, [env.get("PYTHONPATH")])]),
            "TGRAPHRC": os.devnull, "CXX": compiler() or ""}


def _compile(recipe: dict[str, Any], arguments: Sequence[dict[str, Any]], home: Path, background: bool) -> Library:
    """The library of a recipe, made in another process and put into the folder ``home``. Raises _Refused."""
    root = home.parent
    folder = Path(tempfile.mkdtemp(prefix="making-", dir=root))
    try:
        job = {"recipe": recipe, "arguments": arguments, "background": background}
        (folder / "recipe.json").write_text(json.dumps(job), encoding="utf-8")
        with open(folder / "log.txt", "wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", f"{__package__}.inductor_worker", str(folder)], env=_environment(),
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
            _running.add(process)
            try:
                process.wait(LIMIT if background else None)
            except subprocess.TimeoutExpired:
                _kill(process)
                process.wait()
                raise _Refused(f"it takes more than {LIMIT:.0f} s", lasting=True) from None
            except BaseException:
                _kill(process)
                raise
            finally:
                _running.discard(process)
        if (folder / "refused.json").exists():
            raise _Refused(**_read(folder / "refused.json"), lasting=True)
        if not (folder / "checks.json").exists():
            said = (folder / "log.txt").read_text(encoding="utf-8", errors="replace").strip().split("\n")[-1]
            raise _Refused(f"the compiling process failed ({process.returncode}): {said}")
        shutil.rmtree(folder / "library", ignore_errors=True)
        home.mkdir(exist_ok=True)
        for n in range(1000):
            place = home / str(n)
            # renaming a folder onto one that is not empty fails
            with contextlib.suppress(OSError):
                folder.rename(place)
                _prune(root)
                return Library(place)
        raise _Refused(f"no place in {home}")
    except OSError as error:
        raise _Refused(str(error)) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_queue: queue.SimpleQueue = queue.SimpleQueue()
_thread: threading.Thread | None = None


def _in_turn() -> None:
    while True:
        tiered, numbers, arguments = _queue.get()
        with contextlib.suppress(Exception):
            tiered.compile(numbers, arguments, background=True)


def _submit(tiered: Tiered, numbers: tuple[Any, ...], arguments: list[dict[str, Any]]) -> None:
    global _thread
    _queue.put((tiered, numbers, arguments))
    if _thread is None or not _thread.is_alive():
        _thread = threading.Thread(target=_in_turn, name="tgraph-compiled", daemon=True)
        _thread.start()


def _forget_thread() -> None:
    """A forked process has no threads, and none of its parent's children."""
    global _queue, _thread
    _queue, _thread = queue.SimpleQueue(), None
    _running.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_thread)


# -- what runs -----------------------------------------------------------------------------------------------


def tiered_loop(loop: Loop, slow: Callable[..., Any], must: bool) -> Callable[..., Any]:
    """A loop that goes over to what inductor makes of it, or ``slow`` where that cannot be. CompilerError then, if it
    ``must``."""
    try:
        return TieredLoop(loop, slow, must)
    except NoRecipeError as error:
        return _left(f"the loop {loop.op}", error, slow, must)


def tiered_piece(piece: Piece, program: Program, slow: Callable[..., Any]) -> Callable[..., Any]:
    """The same for a piece between loops, which must; but one that is given sizes stays in TorchScript."""
    if any(kind(n) != "Tensor" for n in [*piece.takes, *piece.gives]):
        return slow
    try:
        return TieredPiece(piece, program, slow)
    except NoRecipeError as error:
        return _left("this function", error, slow, True)


def _left(what: str, error: Exception, slow: Callable[..., Any], must: bool) -> Callable[..., Any]:
    if must:
        raise CompilerError(f"the linker 'c' cannot take {what}: {error}", fix="use the linker 'cvm'") from None
    log.info("%s stays in TorchScript: %s", what, error)
    return slow


class Tiered:
    """A part of a program in TorchScript (``slow``) that goes over to what inductor makes of it, or ``must``: then at
    its first call. Called with the values that ``slow`` takes; results are those of ``slow``.

    ``origin``: name in the recipe -> the node that it came from. ``calls``: how many torch calls it makes. ``places``:
    positions of what a library takes, after sequences. ``fixed``: positions and dtypes of what it holds for."""

    places: Sequence[int]
    fixed: Sequence[tuple[int, str]]

    def __init__(self, name: str, slow: Callable[..., Any], recipe: dict[str, Any], origin: dict[str, Apply],
                 calls: int, must: bool):
        self.name, self.slow, self.recipe, self.origin, self.calls = name, slow, recipe, origin, calls
        self.must = must
        self.waits = must or config.compiled_loops == "always"
        #: the libraries for each choice of the numbers that are compiled in
        self.libraries: dict[tuple[Any, ...], list[Library]] = {}
        self.spent, self.steps = 0.0, 0
        #: may it still be compiled, and is it being compiled?
        self.is_open, self.is_waiting = True, False

    def numbers(self, args: Sequence[Any]) -> tuple[Any, ...]:
        """Those of the values that a library holds for: sizes and the like."""
        return tuple([args[i].item() if args[i].ndim == 0 else tuple(args[i].tolist()) for i, _ in self.fixed])

    def described(self, numbers: tuple[Any, ...]) -> dict[str, Any]:
        """The recipe for these numbers."""
        if not numbers:
            return self.recipe
        found = [(i - self.before, dtype, n) for (i, dtype), n in zip(self.fixed, numbers, strict=True)]
        return {**self.recipe, "numbers": found}

    #: how many of the values are not those of the recipe's program
    before = 0

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
        numbers = self.numbers(args)
        known = self.libraries.get(numbers)
        if known is None:
            known = self.look(numbers, args)
        if known or (self.waits and self.is_open):
            xs = self.arguments(args)
            if xs is not None:
                library = next((one for one in known if one.fits(xs)), None)
                if library is None and self.waits and self.is_open:
                    self.slow(*args)  # what cannot run raises here, and not in the compiler
                    self.compile(numbers, _kinds(xs))
                    library = next((one for one in self.libraries[numbers] if one.fits(xs)), None)
                if library is not None:
                    # where it fails TorchScript does too, and says why
                    with contextlib.suppress(RuntimeError):
                        return self.run(library, xs, args)
        if not self.is_open or self.waits:
            return self.slow(*args)
        before = time.perf_counter()
        results = self.slow(*args)
        self.spent += time.perf_counter() - before
        self.steps += self.count(args, results)
        if self.spent > _patience() and not self.is_waiting:
            self.decide(numbers, args)
        return results

    def decide(self, numbers: tuple[Any, ...], args: Sequence[Any]) -> None:
        """Have it compiled, where that is going to help."""
        if self.spent > LONG * self.steps * self.calls:
            self.is_open = False
            return
        xs = self.arguments(args)
        if xs is not None:
            self.is_waiting = True
            _submit(self, numbers, _kinds(xs))

    def look(self, numbers: tuple[Any, ...], args: Sequence[Any]) -> list[Library]:
        """Load what earlier processes left."""
        if len(self.libraries) >= VARIANTS:
            return []  # numbers that change all the time
        found: list[Library] = []
        if not _is_empty(Path(config.compiledir) / FOLDER) and (xs := self.arguments(args)) is not None:
            home = self.home(numbers, _kinds(xs))
            if (home / "refused.json").exists():
                self.close(**_read(home / "refused.json"))
            for folder in sorted(home.glob("[0-9]*")):
                try:
                    found.append(Library(folder))
                    os.utime(home)
                except Exception as error:  # whatever is in the folder
                    log.info("%s: %s cannot be used: %s", self.name, folder, error)
        self.libraries[numbers] = found
        return found

    def home(self, numbers: tuple[Any, ...], arguments: Sequence[dict[str, Any]]) -> Path:
        """The folder of its libraries."""
        return _root() / _key(self.described(numbers), arguments)

    def close(self, reason: str, line: str = "") -> None:
        """It stays in TorchScript. CompilerError, with the node of that line, where it was to be compiled."""
        self.is_open = False
        log.info("%s stays in TorchScript: %s %s", self.name, reason, line)
        if not self.must:
            return
        node = self.origin.get(line.split(" = ")[0])
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
            made = _compile(self.described(numbers), arguments, home, background)
            self.libraries[numbers] = [*self.libraries.get(numbers, []), made]
            self.is_open = sum(map(len, self.libraries.values())) < VARIANTS
            log.info("%s is compiled, after %.1f s", self.name, time.perf_counter() - before)
        except _Refused as error:
            said = {"reason": error.reason, "line": error.line}
            if error.lasting:
                with contextlib.suppress(OSError):
                    home.mkdir(exist_ok=True)
                    (home / "refused.json").write_text(json.dumps(said), encoding="utf-8")
            self.close(**said)
        finally:
            if shown:
                sys.stderr.write(f"{time.perf_counter() - before:.1f} s\n")
            self.spent, self.steps, self.is_waiting = 0.0, 0, False


def _kinds(xs: Sequence[torch.Tensor]) -> list[dict[str, Any]]:
    return [{"dtype": str(x.dtype).removeprefix("torch."), "sizes": list(x.shape)} for x in xs]


class TieredPiece(Tiered):
    """A run of calls without loops."""

    def __init__(self, piece: Piece, program: Program, slow: Callable[..., Any]):
        recipe = {"kind": "piece", **describe_piece(piece, program.constants)}
        origin = {n.name: program.origin[n] for n in piece.nodes if n in program.origin}
        ops = list(dict.fromkeys(str(node.op) for node in origin.values()))
        name = f"a function of {', '.join(ops[:5])}{' ...' if len(ops) > 5 else ''}"
        super().__init__(name, slow, recipe, origin, len(piece.nodes), True)
        lifted, read = set(recipe["lifted"]), read_as_numbers(piece.nodes)
        taken = [i for i, n in enumerate(piece.takes) if n.op != "get_attr"]
        self.read = [i for i in taken if piece.takes[i] in read]
        self.taken = [*taken, *(i for i, n in enumerate(piece.takes) if n.name in lifted)]
        self.fixed = self.places = ()

    def numbers(self, args: Sequence[Any]) -> tuple[Any, ...]:
        if not self.places:
            found = [i for i in self.read if args[i].ndim < 2 and not args[i].is_floating_point()]
            self.fixed = [(i, str(args[i].dtype).removeprefix("torch.")) for i in found]
            self.places = [i for i in self.taken if i not in found]
        return super().numbers(args)

    def arguments(self, args: Sequence[Any]) -> list[torch.Tensor] | None:
        xs = [args[i] for i in self.places]
        if any(0 in x.shape for x in xs):
            return None
        return [x.contiguous() for x in xs]

    def run(self, library: Library, xs: list[torch.Tensor], args: Sequence[Any]) -> Any:
        return tuple(library.run(xs))


class TieredLoop(Tiered):
    """A loop. Raises NoRecipeError for one that cannot be compiled."""

    before = 1  # the number of steps

    def __init__(self, loop: Loop, slow: Callable[..., Any], must: bool):
        nodes = list(loop.program.graph.nodes)
        calls = sum(n.op in ("call_function", "call_method") for n in nodes)
        origin = {n.name: node for n, node in loop.program.origin.items()}
        super().__init__(f"the loop {loop.op}", slow, describe_control(loop), origin, calls, must)
        op = self.op = loop.op
        read = read_as_numbers(nodes)
        inputs = [n for n in nodes if n.op == "placeholder"]
        found = [i for i in range(op.n_seqs + op.n_carries, len(op.inputs)) if inputs[i] in read
                 and op.inputs[i].type.ndim < 2 and op.inputs[i].type.dtype in discrete_dtypes]
        self.fixed = [(1 + i, op.inputs[i].type.dtype) for i in found]
        held = [n.name for n in nodes if n.op == "get_attr"]
        lifted = self.recipe["programs"][0]["lifted"]
        self.places = [*(1 + i for i in range(op.n_seqs, len(op.inputs)) if i not in found),
                       *(1 + len(op.inputs) + i for i, name in enumerate(held) if name in lifted)]

    def arguments(self, args: Sequence[Any]) -> list[torch.Tensor] | None:
        op, n = self.op, int(args[0])
        seqs = args[1 : 1 + op.n_seqs]
        if n < 2 or any(s.size(0) < n for s in seqs):
            return None
        rest = [args[i].contiguous() for i in self.places]
        if op.n_seqs:
            rows = [s.narrow(0, 0, n).contiguous() for s in seqs]
        else:
            short = op.is_while or not op.rows()
            rows = [torch.zeros(min(n, LONG_SPAN) if short else n, dtype=torch.uint8)]
        xs = [*rows, *rest]
        return None if any(0 in x.shape for x in xs) else xs

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
            results = library.run([*rows, *carried, *rest])
            went = size
            if op.is_while:
                went, ended, results = int(results[0]), bool(results[1]), results[2:]
            carried = results[: op.n_carries]
            for whole, buffer in zip(stacked, results[op.n_carries :], strict=True):
                whole.append(buffer.narrow(0, 0, went))
            taken += went
        wholes = [parts[0].clone() if len(parts) == 1 else torch.cat(parts) for parts in stacked]
        return (*carried, *wholes, *([torch.tensor(taken)] if op.is_while else []))
