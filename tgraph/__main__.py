"""The command `tgraph`, also `python -m tgraph`.

tgraph run [--no-numpy-shims] script.py [arguments]     as `python script.py`, with the legacy door open
tgraph run [--no-numpy-shims] -m module [arguments]     as `python -m module`
tgraph config [name ...]                                the flags, their values and where these come from
tgraph --version
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import metadata
from typing import NoReturn

from tgraph import __version__
from tgraph.compat.importer import adopt_settings
from tgraph.compat.run import start
from tgraph.config import BY_NAME, FLAGS, get, origin

USAGE = """\
usage: tgraph run [--numpy-shims | --no-numpy-shims] script.py [arguments]
       tgraph run [--numpy-shims | --no-numpy-shims] -m module [arguments]
       tgraph config [name ...]
       tgraph --version
"""


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; the exit code. 2 if it says nothing that exists."""
    command, *rest = arguments or ["--help"]
    if command == "run":
        return run(rest)
    if command == "config":
        return show_config(rest)
    if command in ("--version", "-V", "version"):
        print(f"tgraph {__version__} (torch {_torch_version()}, Python {sys.version.split()[0]})")
        return 0
    if command in ("--help", "-h", "help"):
        print(__doc__)
        return 0
    return _usage(f"there is no command {command}")


def run(arguments: Sequence[str]) -> int:
    """`tgraph run`: does not return, unless there is nothing to run."""
    shims = True
    rest = list(arguments)
    while rest and rest[0] in ("--numpy-shims", "--no-numpy-shims"):
        shims = rest.pop(0) == "--numpy-shims"
    if not rest:
        return _usage("run what? Name a script, or -m and a module")
    if rest[0] in ("--help", "-h"):
        print(__doc__)
        return 0
    if rest[0].startswith("--"):
        return _usage(f"run has no option {rest[0]}")
    if rest[0] in ("-m", "-c") and len(rest) == 1:
        return _usage(f"run {rest[0]} needs an argument")
    if sys.flags.ignore_environment or sys.flags.no_site:
        return _usage("run needs the environment and site: start Python without -I, -E and -S")
    start(rest, shims)


def show_config(wanted: Sequence[str]) -> int:
    """Print all flags with what they do and where their values come from, or the values of those named."""
    adopt_settings()
    for name in wanted:
        if name not in BY_NAME:
            return _usage(f"there is no flag {name}")
        print(get(name))
    if wanted:
        return 0
    rows = [(flag.name, str(get(flag.name)), origin(flag.name), flag.doc) for flag in FLAGS]
    widths = [max(len(row[k]) for row in rows) for k in range(3)]
    for row in [("flag", "value", "from", "meaning"), *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True)).rstrip())
    idle = sum(not flag.acts for flag in FLAGS)
    print(f"\n{len(FLAGS)} flags. {idle} of them have no effect here: old scripts set them, so they are kept.")
    return 0


def _torch_version() -> str:
    try:
        return metadata.version("torch")
    except metadata.PackageNotFoundError:
        return "not installed"


def _usage(problem: str) -> int:
    sys.stderr.write(f"tgraph: {problem}\n{USAGE}")
    return 2


def entry() -> NoReturn:
    """The console script."""
    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    entry()
