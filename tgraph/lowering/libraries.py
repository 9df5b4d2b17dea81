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
        self.trials, self.best = trials, math.inf
        checks = read(folder / "checks.json")
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


def key(recipe: dict[str, Any], arguments: Sequence[dict[str, Any]]) -> str:
    """The name of the folder for a recipe with arguments like these."""
    shapes = [(a["dtype"], [n == 1 for n in a["sizes"]]) for a in arguments]
    text = json.dumps([recipe, shapes, _machine()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@functools.cache
def _own_folder() -> Path:
    """Where libraries go if the folder of the settings cannot be written to."""
    folder = tempfile.mkdtemp(prefix="tgraph-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
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
    folders = sorted((f for f in root.iterdir() if f.is_dir()), key=lambda f: f.stat().st_mtime)
    for folder in folders[:-KEPT]:
        shutil.rmtree(folder, ignore_errors=True)


class RefusedError(Exception):
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


def make(recipe: dict[str, Any], arguments: Sequence[dict[str, Any]], home: Path, background: bool) -> Library:
    """The library of a recipe, made in another process and put into the folder ``home``. Raises RefusedError."""
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
                raise RefusedError(f"it takes more than {LIMIT:.0f} s", lasting=True) from None
            except BaseException:
                _kill(process)
                raise
            finally:
                _running.discard(process)
        if (folder / "refused.json").exists():
            raise RefusedError(**read(folder / "refused.json"), lasting=True)
        if not (folder / "checks.json").exists():
            said = (folder / "log.txt").read_text(encoding="utf-8", errors="replace").strip().split("\n")[-1]
            raise RefusedError(f"the compiling process failed ({process.returncode}): {said}")
        shutil.rmtree(folder / "library", ignore_errors=True)
        home.mkdir(exist_ok=True)
        for n in range(1000):
            place = home / str(n)
            # renaming a folder onto one that is not empty fails
            with contextlib.suppress(OSError):
                folder.rename(place)
                _prune(root)
                return Library(place)
        raise RefusedError(f"no place in {home}")
    except OSError as error:
        raise RefusedError(str(error)) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def forget_processes() -> None:
    """For a forked process: the processes of its parent are not its own."""
    _running.clear()
