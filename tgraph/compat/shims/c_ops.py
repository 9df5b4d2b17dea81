"""Base classes of legacy ops with C code. They can be subclassed, made and applied; what runs is their `perform`."""

from __future__ import annotations

import inspect
import os
import re
from pathlib import Path
from typing import Any

from tgraph.config import config
from tgraph.graph import Op, PureOp

__all__ = ["COp", "HideC", "OpenMPOp", "apply_meth", "default_make_thunk", "ops_with_inner_function", "simple_meth"]

#: op class -> name of the attribute that holds its function
ops_with_inner_function: dict[type, str] = {}


#: how ops run that do not say it themselves
default_make_thunk = [Op.make_thunk]


class OpenMPOp(Op):
    """An op whose C code used OpenMP; `openmp` is kept and has no meaning."""

    gxx_support_openmp = False

    def __init__(self, openmp: bool | None = None) -> None:
        self.openmp = config.openmp if openmp is None else openmp

    def __setstate__(self, d: dict[str, Any]) -> None:
        self.__dict__.update(d)
        self.__dict__.setdefault("openmp", False)

    def c_compile_args(self) -> list[str]:
        return []

    def c_headers(self) -> list[str]:
        return []

    @staticmethod
    def test_gxx_support() -> bool:
        """No C++ compiler is asked: False."""
        return False

    def update_self_openmp(self) -> None:
        """Note that OpenMP is not there."""
        self.openmp = False


class HideC(PureOp):
    """A mixin that hides the C code of another class; here all C code is hidden."""

    def __hide(*args: Any) -> Any:
        raise NotImplementedError("C code is hidden")

    c_code = c_code_cleanup = c_headers = c_header_dirs = c_libraries = c_lib_dirs = c_support_code = __hide
    c_support_code_apply = c_compile_args = c_no_compile_args = c_init_code = c_init_code_apply = __hide
    c_init_code_struct = c_support_code_struct = c_cleanup_code_struct = __hide

    def c_code_cache_version(self) -> tuple:
        return ()

    def c_code_cache_version_apply(self, node: Any) -> tuple:
        return ()


class COp(Op):
    """An op whose C code stands in files. The files are read and split into their sections, as ever; running the op
    needs a `perform` or a `lower` in the subclass.

    Raises ValueError for files without sections, with unknown ones, or with a main function beside an `op_code`
    section; OSError for files that are not there.
    """

    section_re = re.compile(r"^#section ([a-zA-Z0-9_]+)$", re.MULTILINE)
    backward_re = re.compile(r"^THEANO_(APPLY|SUPPORT)_CODE_SECTION$", re.MULTILINE)
    SECTIONS = frozenset(
        "init_code init_code_apply init_code_struct support_code support_code_apply support_code_struct "
        "cleanup_code_struct code code_cleanup op_code op_code_cleanup".split()
    )

    def __init__(self, func_files: Any, func_name: str | None = None) -> None:
        self.func_name = func_name
        self.func_files = func_files if isinstance(func_files, list) else [func_files]
        self.load_c_code(self.func_files)
        if not self.code_sections:
            raise ValueError("No sections where defined in C files")
        for section in ("op_code", "op_code_cleanup") if func_name is not None else ():
            if section in self.code_sections:
                raise ValueError(f'Cannot have an "{section}" section and specify the func_name')

    @classmethod
    def get_path(cls, f: str) -> str:
        """A path that is relative to the file of the class, as an absolute one."""
        if os.path.isabs(f):
            return f
        return os.path.realpath(os.path.join(os.path.dirname(inspect.getfile(cls)), f))

    def load_c_code(self, func_files: Any) -> None:
        """Read the files into `func_codes` and their sections into `code_sections`."""
        paths = [self.get_path(f) for f in func_files]
        self.func_codes = [Path(path).read_text(encoding="utf-8") for path in paths]
        old = any(map(self.backward_re.search, self.func_codes))
        if old and any(map(self.section_re.search, self.func_codes)):
            raise ValueError(
                "Both the new and the old syntax for identifying code sections are present in the "
                "provided C code. These two syntaxes should not be used at the same time."
            )
        self.code_sections: dict[str, str] = {}
        for path, code in zip(paths, self.func_codes, strict=True):
            first, *parts = (self.backward_re if old else self.section_re).split(code)
            if not parts:
                raise ValueError(f"No valid section marker was found in file {path}")
            if first.strip() and not old:
                raise ValueError(f"Stray code before first #section statement (in file {path}): {first}")
            for name, text in zip(parts[::2], parts[1::2], strict=True):
                if old:
                    name = {"APPLY": "support_code_apply", "SUPPORT": "support_code"}[name]
                if name not in self.SECTIONS:
                    raise ValueError(f"Unknown section type (in file {path}): {name}")
                self.code_sections[name] = self.code_sections.get(name, "") + text

    def c_code_cache_version(self) -> tuple:
        return (hash(tuple(self.func_codes)),)

    def c_code(self, node: Any, name: str, inp: Any, out: Any, sub: Any) -> str:  # type: ignore[override]
        """The section with the code of the op."""
        return self.code_sections.get("op_code", self.code_sections.get("code", ""))


def simple_meth(tag: str) -> Any:
    """A method that gives a section of the C code."""

    def section(self: Any) -> str:
        return self.code_sections[tag] if tag in self.code_sections else getattr(super(COp, self), f"c_{tag}")()

    section.__name__ = f"c_{tag}"
    return section


def apply_meth(tag: str) -> Any:
    """As `simple_meth`, for methods that take a node and a name."""

    def section(self: Any, node: Any, name: str) -> str:
        if tag in self.code_sections:
            return self.code_sections[tag]
        return getattr(super(COp, self), f"c_{tag}")(node, name)

    section.__name__ = f"c_{tag}"
    return section


for _tag in ("support_code",):
    setattr(COp, f"c_{_tag}", simple_meth(_tag))
for _tag in ("init_code_apply", "support_code_apply", "support_code_struct", "cleanup_code_struct"):
    setattr(COp, f"c_{_tag}", apply_meth(_tag))
