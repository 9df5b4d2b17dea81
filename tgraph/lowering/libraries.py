"""Programs that inductor compiles into shared libraries: the compiler, the process that runs it, the folder where
libraries are kept, and the check of what each takes for granted.

A library is made by another process (``inductor_worker.py``), which takes seconds, and stands in
``config.compiledir`` for later processes. It holds for the sizes that it was made for, mostly any; it carries no checks
of its own, so they are written beside it, and made here at every call.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import hashlib
import json
import math
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from tgraph.config import config, origin

#: where libraries are, in the folder of the settings
FOLDER = "inductor"
#: seconds after which compiling in the background is given up
LIMIT = 600.0
#: programs in the folder; the ones that were used longest ago are removed
KEPT = 200


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


class Library:
    """A compiled program. ``fits(xs)``: does it hold for arguments of these sizes?  ``run(xs)``: its results.
    ``trials``: how many of its calls are still to be watched; ``best``: the least of their times."""

    def __init__(self, folder: Path, trials: int = 0):
        self.folder, self.trials, self.best = folder, trials, math.inf
        checks = read(folder / "checks.json")
        self.fits = test_of(checks)
        self.run: Callable[[list[torch.Tensor]], list[torch.Tensor]] = torch._C._aoti.AOTIModelContainerRunnerCpu(
            str(folder / "library.so"), 1).run  # type: ignore[attr-defined]


def test_of(checks: dict[str, Any]) -> Callable[[Sequence[torch.Tensor]], bool]:
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
    here = Path(__file__).parent
    makers = [here / "inductor_worker.py", here / "recipes.py", here.parent / "optional.py"]
    code = [maker.read_text(encoding="utf-8") for maker in makers]
    return "\n".join([torch.__version__, torch.backends.cpu.get_cpu_capability(), platform.machine(), flags, *code])


def key(recipe: dict[str, Any], arguments: Sequence[dict[str, Any]]) -> str:
    """The name of the folder for a recipe with arguments like these."""
    shapes = [(a["dtype"], [n == 1 for n in a["sizes"]]) for a in arguments]
    text = json.dumps([recipe, shapes, _machine()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@functools.cache
def _own_folder() -> Path:
    """Where libraries go if the folder of the settings cannot be written to."""
    folder, owner = tempfile.mkdtemp(prefix="tgraph-"), os.getpid()

    @atexit.register
    def remove() -> None:
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)

    return Path(folder)


def root() -> Path:
    """The folder of all libraries."""
    folder = Path(config.compiledir) / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return _own_folder()
    return folder if os.access(folder, os.W_OK) else _own_folder()


def read(path: Path) -> Any:
    """What a JSON file says."""
    return json.loads(path.read_text(encoding="utf-8"))


def nothing_kept() -> bool:
    """Is there no library at all?"""
    try:
        with os.scandir(Path(config.compiledir) / FOLDER) as entries:
            return next(entries, None) is None
    except OSError:
        return True


def _prune(root: Path) -> None:
    """Remove what was used longest ago."""
    ages = []
    for name in os.listdir(root):
        with contextlib.suppress(OSError):  # another process removes too
            ages.append(((root / name).stat().st_mtime, root / name))
    for _, folder in sorted(ages)[:-KEPT]:
        shutil.rmtree(folder, ignore_errors=True)


def refuse(home: Path, reason: str, line: str = "") -> None:
    """Note for later processes that there is no library for a program, and why."""
    with contextlib.suppress(OSError):
        home.mkdir(exist_ok=True)
        new = home / f"refused-{os.getpid()}.new"
        new.write_text(json.dumps({"reason": reason, "line": line}), encoding="utf-8")
        new.replace(home / "refused.json")


def refused(home: Path) -> dict[str, str] | None:
    """What ``refuse`` noted."""
    try:
        said = read(home / "refused.json")
        return {"reason": str(said["reason"]), "line": str(said["line"])}
    except (OSError, ValueError, KeyError, TypeError):
        return None


class RefusedError(Exception):
    """Inductor does not take a program, at that ``line`` of its recipe; ``lasting``: nor will it next time."""

    def __init__(self, reason: str, line: str = "", lasting: bool = False):
        super().__init__(reason)
        self.reason, self.line, self.lasting = reason, line, lasting


#: the processes that compile now and their folders, to be ended with this one
_running: dict[subprocess.Popen, Path] = {}
_ending = threading.Event()


@atexit.register
def _end() -> None:
    _ending.set()
    for process, folder in list(_running.items()):
        _kill(process)
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


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
    # it runs in a folder of its own, away from what is called as a module of Python's may be
    folders = [os.path.abspath(f) for f in env.get("PYTHONPATH", "").split(os.pathsep) if f]
    return {**env, "PYTHONPATH": os.pathsep.join([home, *folders]), "TGRAPHRC": os.devnull, "CXX": compiler() or ""}


def make(recipe: dict[str, Any], arguments: Sequence[dict[str, Any]], home: Path, background: bool) -> Library:
    """The library of a recipe, made in another process and put into the folder ``home``. Raises RefusedError."""
    if not sys.executable:
        raise RefusedError("it is not known which Python runs")
    folder = None
    try:
        folder = Path(tempfile.mkdtemp(prefix="tgraph-"))  # compilers stumble over blanks in names of folders
        job = {"recipe": recipe, "arguments": arguments, "background": background}
        (folder / "recipe.json").write_text(json.dumps(job), encoding="utf-8")
        code = _run(folder, LIMIT if background else None)
        if (folder / "refused.json").exists():
            raise RefusedError(**read(folder / "refused.json"))
        if not (folder / "checks.json").exists():
            said = (folder / "log.txt").read_text(encoding="utf-8", errors="replace").strip().split("\n")[-1]
            raise RefusedError(f"the compiling process failed ({code}): {said}")
        return Library(_placed(folder, home))
    except (OSError, ValueError, RuntimeError) as error:
        raise RefusedError(str(error)) from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, limit: float | None) -> int:
    """Let the other process work in the folder."""
    with open(folder / "log.txt", "wb") as output:
        # it ends when its input does, which is when this process ends, however it does
        process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.inductor_worker", str(folder)], env=_environment(), cwd=folder,
            stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True)
    _running[process] = folder
    try:
        if _ending.is_set():
            raise RefusedError("this process ends")
        return process.wait(limit)
    except subprocess.TimeoutExpired:
        raise RefusedError(f"it takes more than {limit:.0f} s", lasting=True) from None
    finally:
        _kill(process)
        process.wait()
        process.stdin.close()  # type: ignore[union-attr]
        _running.pop(process, None)


def _placed(folder: Path, home: Path) -> Path:
    """The folder of the finished library, at its place."""
    staging = Path(tempfile.mkdtemp(prefix="making-", dir=home.parent))
    try:
        for name in ("library.so", "checks.json", "recipe.json"):
            shutil.copy(folder / name, staging)
        home.mkdir(exist_ok=True)
        for n in range(100):
            try:
                staging.rename(home / str(n))
            except OSError:  # there is one already
                continue
            _prune(home.parent)
            return home / str(n)
        raise RefusedError(f"no place in {home}")
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def forget_processes() -> None:
    """For a forked process: the processes of its parent are not its own."""
    _running.clear()
