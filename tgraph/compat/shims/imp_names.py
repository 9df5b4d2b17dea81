"""The part of `imp` that old programs used; the module left Python in 3.12."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from importlib.machinery import SOURCE_SUFFIXES
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["find_module", "get_suffixes", "load_module", "load_source", "new_module", "reload"]

PY_SOURCE, PY_COMPILED, C_EXTENSION, PKG_DIRECTORY = 1, 2, 3, 5
reload = importlib.reload
new_module = types.ModuleType


def acquire_lock() -> None:
    """Imports lock for themselves."""


release_lock = acquire_lock


def get_suffixes() -> list[tuple[str, str, int]]:
    return [(suffix, "r", PY_SOURCE) for suffix in SOURCE_SUFFIXES]


def load_source(name: str, pathname: str, file: Any = None) -> ModuleType:
    """Run a source file as the module `name`."""
    spec = importlib.util.spec_from_file_location(name, pathname)
    if spec is None or spec.loader is None:
        raise ImportError(f"{pathname} is no Python source", name=name, path=pathname)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def find_module(name: str, path: Any = None) -> tuple[Any, str, tuple[str, str, int]]:
    """(open file, path, (suffix, mode, kind)) of a module, looked for in `path` or where imports look."""
    for folder in map(Path, sys.path if path is None else path):
        if (folder / name / "__init__.py").is_file():
            return None, str(folder / name), ("", "", PKG_DIRECTORY)
        if (folder / f"{name}.py").is_file():
            source = folder / f"{name}.py"
            return source.open(encoding="utf-8"), str(source), (".py", "r", PY_SOURCE)
    raise ImportError(f"No module named {name!r}", name=name)


def load_module(name: str, file: Any, pathname: str, description: tuple[str, str, int]) -> ModuleType:
    """Load what `find_module` found."""
    package = Path(pathname, "__init__.py")
    return load_source(name, str(package if description[2] == PKG_DIRECTORY else pathname))
