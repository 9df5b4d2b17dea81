"""`tgraph run`: start Python on a script with the legacy door open.

Python itself runs the script: this process is replaced by `python script.py args` whose environment opens
the door (`door/sitecustomize.py`). So argv, `__main__`, `sys.path`, exit codes, Ctrl-C, zip files, `-m` and
tracebacks are Python's own, without a frame of tgraph's, and what the script starts inherits the door.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import NoReturn

from tgraph.compat.importer import open_door
from tgraph.compat.python2 import FIX, look
from tgraph.compat.shims import old_stdlib

__all__ = ["enter", "environment", "start"]

DOOR = Path(__file__).with_name("door")


def environment(shims: bool, old: dict[str, str]) -> dict[str, str]:
    """The environment in which this Python opens the door; others (another virtual environment's) do not."""
    folders = [f for f in old.get("PYTHONPATH", "").split(os.pathsep) if f and f != str(DOOR)]
    how = "shims" if shims else "names"
    path = os.pathsep.join([str(DOOR), *folders])
    return {**old, "PYTHONPATH": path, "TGRAPH_DOOR": f"{how}:{sys.prefix}"}


def start(arguments: Sequence[str], shims: bool = True) -> NoReturn:
    """Become `python arguments...` with the door open. Leaves with 2 if the script is Python 2."""
    script = arguments[0]
    if not script.startswith("-") and (found := look(script)):
        fix = FIX.format(file=script)
        sys.stderr.write(f"tgraph: {script}, line {found.line}: this is Python 2 ({found.sign}); {fix}\n")
        sys.exit(2)
    flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
    command = [sys.executable, *flags, *arguments]
    env = environment(shims, dict(os.environ))
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name != "nt":
        os.execve(sys.executable, command, env)
    # Windows has no exec: its imitation returns to the shell while the script still runs.
    with subprocess.Popen(command, env=env) as child:
        while True:
            try:
                sys.exit(child.wait())
            except KeyboardInterrupt:
                continue  # the script got it too, and decides


def enter(how: str) -> None:
    """What `door/sitecustomize.py` does in a process that starts: open the door, add the shims if asked."""
    open_door()
    if how == "shims":
        old_stdlib.add()
    sys.excepthook = _explain_python2


def _explain_python2(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Python's own report; and one line more if a module that was imported is Python 2."""
    sys.__excepthook__(kind, error, trace)
    if isinstance(error, SyntaxError) and error.filename and (found := look(error.filename)):
        fix = FIX.format(file=error.filename)
        sys.stderr.write(
            f"tgraph: {error.filename}, line {found.line}: this is Python 2 ({found.sign}); {fix}\n"
        )
