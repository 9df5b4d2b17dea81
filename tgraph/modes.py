"""Modes: which rewrites a function gets and which engine runs it.

The names are those that old scripts use. A linker names an engine of ours: ``py`` is generated Python source;
the others are TorchScript, or generated Python where a program makes fewer calls than entering TorchScript
costs.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from tgraph.config import config, warn
from tgraph.lowering import compiled_engine, interpret, python_engine, script_engine
from tgraph.lowering.loop import Loop
from tgraph.lowering.to_fx import Program

#: below this many calls generated Python is faster than entering TorchScript
SMALL = 5


class UnknownNameError(KeyError, ValueError):
    """A mode, linker or optimizer that does not exist."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


@functools.cache
def note_rewrites() -> None:
    """Say, once, what becomes of a rewrite that a program registers."""
    warn(
        "a rewrite of this program was registered and will not be applied: functions are compiled with the rewrites of "
        "tgraph, and ops that it was to replace run as they are (see migration_guide/writing_ops.md)"
    )


@dataclass(frozen=True)
class Query:
    """A choice of rewrites: those of a set (``name``), without those tagged ``ex`` and with those tagged
    ``inc``.

    ``name`` is one of fast_run, fast_compile, stabilize, merge, unsafe and None.
    """

    name: str
    inc: frozenset[str] = frozenset()
    ex: frozenset[str] = frozenset()
    require: frozenset[str] = frozenset()

    def including(self, *tags: str) -> Query:
        """The same with the rewrites of these tags."""
        return replace(self, inc=self.inc | set(tags), ex=self.ex - set(tags))

    def excluding(self, *tags: str) -> Query:
        """The same without the rewrites of these tags."""
        return replace(self, ex=self.ex | set(tags), inc=self.inc - set(tags))

    def requiring(self, *tags: str) -> Query:
        """The same with only those rewrites that have these tags."""
        return replace(self, require=self.require | set(tags))

    def register(self, *rewrites: Any) -> Query:
        """The same: rewrites of users are noted, once, and not applied."""
        note_rewrites()
        return self

    def __str__(self) -> str:
        parts = [
            self.name,
            *(f"+{t}" for t in sorted(self.inc)),
            *(f"-{t}" for t in sorted(self.ex)),
            *(f"&{t}" for t in sorted(self.require)),
        ]
        return ":".join(parts)


# fmt: off
predefined_optimizers: dict[Any, Query] = {
    None:              Query("None"),
    "None":            Query("None"),
    "merge":           Query("merge"),
    "o4":              Query("fast_run"),
    "o3":              Query("fast_run", ex=frozenset(["inplace"])),
    "o2":              Query("fast_compile", inc=frozenset(["fusion"])),
    "o1":              Query("fast_compile"),
    "unsafe":          Query("fast_run", inc=frozenset(["unsafe"]), ex=frozenset(["inplace"])),
    "fast_compile":    Query("fast_compile"),
    "fast_run":        Query("fast_run"),
    "fast_run_stable": Query("fast_run", require=frozenset(["stable"])),
    "stabilize":       Query("stabilize"),
}
# fmt: on
OPT_NONE, OPT_MERGE = predefined_optimizers["None"], predefined_optimizers["merge"]
OPT_FAST_RUN, OPT_FAST_COMPILE = predefined_optimizers["fast_run"], predefined_optimizers["fast_compile"]
OPT_FAST_RUN_STABLE, OPT_STABILIZE = (
    predefined_optimizers["fast_run_stable"],
    predefined_optimizers["stabilize"],
)
OPT_O2, OPT_O3, OPT_UNSAFE = (predefined_optimizers[name] for name in ("o2", "o3", "unsafe"))


class Linker:
    """An engine by its legacy name: ``build(program)`` gives a function of the values of the program's
    inputs."""

    def __init__(
        self, name: str, engine: Callable[[Program], Callable[..., tuple]], allow_gc: bool | None = None
    ):
        self.name, self.engine = name, engine
        self.allow_gc = config.allow_gc if allow_gc is None else allow_gc

    @property
    def writes_last(self) -> bool:
        """True for engines that run a program as it is recorded: it may return parts to be written when the call
        commits."""
        return self.engine in (python_engine.build, script_engine.build, compiled_engine.build)

    def build(self, program: Program) -> Callable[..., tuple]:
        """The program, ready to run."""
        if self.engine is script_engine.build and is_small(program):
            return python_engine.build(program)
        return self.engine(program)

    def accept(self, *args: Any, **kwargs: Any) -> Linker:
        """Kept because code asks for it to find out whether something is a linker."""
        return self

    def clone(self, allow_gc: bool | None = None) -> Linker:
        """A copy, possibly with another ``allow_gc``."""
        return Linker(self.name, self.engine, self.allow_gc if allow_gc is None else allow_gc)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"Linker({self.name!r})"

    def __reduce__(self) -> Any:
        return (_linker, (self.name, self.allow_gc))


def is_small(program: Program) -> bool:
    """True for a program of so few calls, and no loop, that generated Python runs it fastest."""
    calls = 0
    for node in program.graph.nodes:
        if isinstance(node.target, Loop):
            return False
        calls += node.op in ("call_function", "call_method")
        if calls >= SMALL:
            return False
    return True


predefined_linkers: dict[str, Linker] = {
    "py": Linker("py", python_engine.build),
    "c": Linker("c", compiled_engine.build),
    **{name: Linker(name, script_engine.build) for name in ("c|py", "vm", "cvm")},
    **{name: Linker(name, script_engine.build, False) for name in ("c|py_nogc", "vm_nogc", "cvm_nogc")},
    "interpret": Linker("interpret", interpret.build),
}


def _linker(name: str, allow_gc: bool | None = None) -> Linker:
    if name not in predefined_linkers:
        raise UnknownNameError(
            f"There is no linker {name!r}; there are {', '.join(map(str, predefined_linkers))}"
        )
    found = predefined_linkers[name]
    return found if allow_gc is None or found.allow_gc == allow_gc else found.clone(allow_gc)


def register_linker(name: str, linker: Any) -> None:
    """Let modes name this linker. ValueError if the name is taken."""
    if name in predefined_linkers:
        raise ValueError(f"Linker name already taken: {name}")
    predefined_linkers[name] = linker


def register_optimizer(name: str, optimizer: Any) -> None:
    """Let modes name this choice of rewrites. ValueError if the name is taken."""
    if name in predefined_optimizers:
        raise ValueError(f"Optimizer name already taken: {name}")
    predefined_optimizers[name] = optimizer


class Mode:
    """A linker and an optimizer, each an object or a name. UnknownNameError (a KeyError and ValueError) for
    names that do not exist."""

    def __init__(self, linker: Any = None, optimizer: Any = "default"):
        if linker is None:
            linker = config.linker
        if isinstance(optimizer, str) and optimizer == "default":
            optimizer = config.optimizer
        self.__setstate__((linker, optimizer))

    def __getstate__(self) -> tuple[Any, Any]:
        return (self.provided_linker, self.provided_optimizer)

    def __setstate__(self, state: tuple[Any, Any]) -> None:
        self.provided_linker, self.provided_optimizer = state
        linker, optimizer = state
        self.linker: Any = _linker(linker) if isinstance(linker, str) else linker
        if optimizer is None or isinstance(optimizer, str):
            if optimizer not in predefined_optimizers:
                known = ", ".join(map(str, predefined_optimizers))
                raise UnknownNameError(f"There is no optimizer {optimizer!r}; there are {known}")
            optimizer = predefined_optimizers[optimizer]
        self.optimizer: Any = optimizer
        self.call_time = self.fn_time = 0.0

    def __str__(self) -> str:
        return f"{type(self).__name__}(linker = {self.provided_linker}, optimizer = {self.optimizer})"

    def including(self, *tags: str) -> Any:
        """The mode with the rewrites of these tags."""
        return self.clone(optimizer=self.optimizer.including(*tags))

    def excluding(self, *tags: str) -> Any:
        """The mode without the rewrites of these tags."""
        return self.clone(optimizer=self.optimizer.excluding(*tags))

    def requiring(self, *tags: str) -> Any:
        """The mode with only the rewrites of these tags."""
        return self.clone(optimizer=self.optimizer.requiring(*tags))

    def register(self, *rewrites: Any) -> Any:
        """As ``optimizer.register``."""
        return self.clone(optimizer=self.optimizer.register(*rewrites))

    def clone(self, link_kwargs: dict | None = None, optimizer: Any = "", **kwargs: Any) -> Any:
        """A copy with other settings of the linker (``allow_gc``) or another optimizer."""
        linker = self.linker.clone(**(link_kwargs or {}))
        return type(self)(linker=linker, optimizer=self.provided_optimizer if optimizer == "" else optimizer)

    def get_linker_optimizer(self, linker: Any, optimizer: Any) -> tuple[Any, Any]:
        """Both as objects."""
        if isinstance(linker, str):
            linker = _linker(linker)
        if optimizer is None or isinstance(optimizer, str):
            optimizer = predefined_optimizers[optimizer]
        return linker, optimizer


FAST_COMPILE = Mode("py", "fast_compile")
FAST_RUN = Mode("cvm", "fast_run")
predefined_modes: dict[str, Any] = {
    "FAST_COMPILE": FAST_COMPILE,
    "FAST_RUN": FAST_RUN,
    "DEBUG_MODE": Mode("interpret", "fast_run"),
}

#: modes that are made when asked for, from the linker and optimizer of the settings
mode_classes: dict[str, Callable[[], Any]] = {
    "Mode": lambda: Mode(config.linker, config.optimizer),
    "DebugMode": lambda: Mode("interpret", config.optimizer),
    "NanGuardMode": lambda: Mode("interpret", config.optimizer),
}


def get_mode(name: Any = None) -> Any:
    """The mode of a name; that of ``config.mode`` for None; what is no string is taken for a mode.

    Raises UnknownNameError for names that do not exist.
    """
    string = config.mode if name is None else name
    if not isinstance(string, str):
        return string
    if string in predefined_modes:
        mode = predefined_modes[string]
    elif string in mode_classes:
        mode = mode_classes[string]()
    else:
        raise UnknownNameError(f"No predefined mode exist for string: {string}")
    if name is None:
        for change, tags in (
            ("excluding", config.optimizer_excluding),
            ("including", config.optimizer_including),
            ("requiring", config.optimizer_requiring),
        ):
            if tags:
                mode = getattr(mode, change)(*_split(tags))
    return mode


def _split(tags: str) -> Iterable[str]:
    return tags.split(":")


def get_default_mode() -> Any:
    """The mode of functions that name none."""
    return get_mode(None)


def register_mode(name: str, mode: Any) -> None:
    """Let functions name this mode. ValueError if the name is taken."""
    if name in predefined_modes:
        raise ValueError(f"Mode name already taken: {name}")
    predefined_modes[name] = mode


instantiated_default_mode = None
