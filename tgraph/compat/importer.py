"""`import theano` finds this: a finder on `sys.meta_path`, and modules that look their names up in the table.

Nothing is built before it is asked for: opening the door costs a list insertion, so that every worker process
of a program can afford it. Three traps shape the code.

- `from m import name` drops the text of an AttributeError and shows only `m.__file__`: names that are refused
  are therefore handed out as stubs that complain when they are used; `__file__` says where to read on.
- `hasattr` must keep working as a probe: what is absent raises AttributeError, nothing else.
- Eight names are both a module and a function; the function stays on the parent when the module is imported.
"""

from __future__ import annotations

import builtins
import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, NoReturn

from tgraph import errors
from tgraph.compat.names import FUNCTION_WINS, Names, names
from tgraph.compat.unpickling import unwatch, watch
from tgraph.config import config
from tgraph.errors import NotPortedError

__all__ = ["LegacyModule", "Refusal", "adopt_settings", "close_door", "is_open", "open_door", "resolve"]

ROOT = "theano"
VERSION = "1.0.5"
WHERE_TO_READ = "<legacy names served by tgraph; for what is missing see migration_guide/differences.md>"
# a class whose name ends so is an exception: what `except` names has to be one
ERRORS = ("Error", "Exception", "Warning", ".BadDestroyMap", ".BadOptimization", ".BadThunkOutput", ".BadViewMap",
          ".StochasticOrder")
HOME = os.path.join(os.path.dirname(__file__), "__init__.py")


class RefusedAttribute(NotPortedError, AttributeError):
    """An attribute of a refused name; also an AttributeError, so that `hasattr` on a stub says no."""


def _refuse(name: str, error: type[NotPortedError] = NotPortedError) -> NoReturn:
    what, fix = names().why(name)
    raise error(what, fix=fix)


class Refusal:
    """Stands for a name that is not offered: it may be imported, passed around and asked `isinstance`.

    Calling it, subclassing it, computing with it or asking its attributes raises NotPortedError.
    """

    def __init__(self, name: str) -> None:
        self.__dict__["_name"] = name

    def __repr__(self) -> str:
        return f"<not offered by tgraph: {self._name}>"

    def __getattr__(self, attribute: str) -> NoReturn:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        _refuse(self._name, RefusedAttribute)

    def __instancecheck__(self, instance: object) -> bool:
        return False

    def __subclasscheck__(self, cls: type) -> bool:
        return False

    def __reduce__(self) -> tuple:
        return (Refusal, (self._name,))

    def _used(self, *args: Any, **kwargs: Any) -> NoReturn:
        _refuse(self._name)

    __call__ = __mro_entries__ = __setattr__ = __getitem__ = __iter__ = __len__ = __bool__ = _used
    __enter__ = __contains__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _used
    __truediv__ = __rtruediv__ = __neg__ = __int__ = __float__ = __lt__ = __gt__ = __le__ = __ge__ = _used
    __exit__ = __delitem__ = __setitem__ = _used


def _refused_error(name: str) -> type[Exception]:
    """An exception class that nobody raises: `except` needs a class, and making one refuses."""

    def __init__(self: Exception, *args: object) -> None:
        _refuse(name)

    last = name.rpartition(".")[2]
    return type(last, (Exception,), {"__init__": __init__, "__module__": name.rpartition(".")[0]})


def _target(target: str) -> Any:
    """What a target names: `module:a.b` an object, `module:` a module, `theano.x` another legacy name."""
    module, colon, path = target.partition(":")
    if colon:
        found: Any = importlib.import_module(module)
        adopt_numpy_errors()
        for part in filter(None, path.split(".")):
            found = getattr(found, part)
        return found
    if module in names().modules:
        return importlib.import_module(module)
    return resolve(module)


def resolve(name: str) -> Any:
    """The thing that a legacy name stands for, or a stub; AttributeError if it is absent."""
    line = names().things.get(name)
    if line is None or line.status == "absent":
        above, _, last = name.rpartition(".")
        where = names().modules.get(above)
        if where and where.target:
            return getattr(_target(where.target), last)
        what, fix = names().why(name)
        raise AttributeError(f"{what}; {fix}")
    if line.status == "works":
        return _target(line.target)
    if line.kind == "class" and name.endswith(ERRORS):
        return _refused_error(name)
    return Refusal(name)


class LegacyModule(ModuleType):
    """A module whose names are lines of the table, looked up when they are asked for and then kept."""

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return list(_public(self.__name__, names()))
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        full = f"{self.__name__}.{name}"
        if full in names().modules and full not in FUNCTION_WINS:
            return importlib.import_module(full)
        try:
            value = resolve(full)
        except AttributeError as e:
            raise AttributeError(str(e), name=name, obj=self) from None
        self.__dict__[name] = value
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, LegacyModule) and f"{self.__name__}.{name}" in FUNCTION_WINS:
            return
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*self.__dict__, *names().below.get(self.__name__, ())})


def _public(module: str, table: Names) -> Iterator[str]:
    """What `from module import *` brings; a stub may not hide a builtin."""
    for last in dict.fromkeys(table.below.get(module, ())):
        line = table.things.get(f"{module}.{last}")
        works = line is None or line.status == "works"
        if not last.startswith("_") and (works or not hasattr(builtins, last)):
            yield last


class LegacyFinder(MetaPathFinder, Loader):
    """Finds and makes the modules of the table."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != ROOT and not fullname.startswith(ROOT + "."):
            return None
        if fullname not in names().modules:
            return None
        # somebody put a package with a folder in one of our places: its own files come first
        own = PathFinder.find_spec(fullname, path) if path else None
        return own or ModuleSpec(fullname, self, origin=HOME if fullname == ROOT else WHERE_TO_READ, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        line = names().modules[spec.name]
        if line.status == "absent":
            what, fix = names().why(spec.name)
            raise ModuleNotFoundError(f"{what}; {fix}", name=spec.name)
        return LegacyModule(spec.name, f"Legacy names of {spec.name}, served by tgraph.")

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = WHERE_TO_READ
        if module.__name__ == ROOT:
            module.__file__ = HOME
            module.__dict__["__version__"] = VERSION
            adopt_settings()
            adopt_numpy_errors()


FINDER = LegacyFinder()
_before: dict[str, ModuleType] = {}
_errors_before: dict[str, Any] = {}


def _loaded() -> list[str]:
    return [name for name in sys.modules if name == ROOT or name.startswith(ROOT + ".")]


def is_open() -> bool:
    """Whether `import theano` leads here."""
    return FINDER in sys.meta_path


def open_door() -> None:
    """From now on `import theano` leads here; a real one that is loaded already is put aside."""
    if is_open():
        return
    _before.update((name, sys.modules.pop(name)) for name in _loaded())
    sys.meta_path.insert(0, FINDER)
    watch()
    errors.names["package"] = ROOT
    errors.use_plain_names(True)


def close_door() -> None:
    """Undo `open_door`: the legacy modules leave `sys.modules`, and what was put aside returns."""
    if not is_open():
        return
    sys.meta_path.remove(FINDER)
    unwatch()
    errors.names["package"] = "tgraph"
    errors.use_plain_names(False)
    for name in _loaded():
        del sys.modules[name]
    sys.modules.update(_before)
    _before.clear()
    if _errors_before:
        sys.modules["numpy"].seterr(**_errors_before)
        _errors_before.clear()


def adopt_numpy_errors() -> None:
    """Have numpy treat floating-point errors as the flags `numpy.seterr_*` say, for all of the program: by default
    it is silent about them, as it was after `import theano`. Waits for numpy to be there: it is not imported here."""
    numpy = sys.modules.get("numpy")
    if _errors_before or not hasattr(numpy, "seterr") or ROOT not in sys.modules:
        return
    kinds = ("all", "divide", "over", "under", "invalid")
    wanted = {kind: getattr(config.numpy, f"seterr_{kind}") for kind in kinds}
    found = numpy.seterr(**{kind: None if value == "None" else value for kind, value in wanted.items()})
    _errors_before.update(found)


def adopt_settings() -> None:
    """Take flags from THEANO_FLAGS and the files of THEANORC (`~/.theanorc`) that nothing newer set."""
    files = os.environ.get("THEANORC", "~/.theanorc").split(os.pathsep)
    flags = os.environ.get("THEANO_FLAGS", "")
    # names that are no flags are those of a program that declares them later: no warning, as there was none
    config.load(flags, filter(None, files), source="THEANO_FLAGS", strict=False)
