"""What old code imported to run on Python 2 and 3 alike, as it is on Python 3."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

PY3 = True


def b(text: str) -> bytes:
    return text.encode("latin-1")


def cmp(x: Any, y: Any) -> int:
    """-1, 0 or 1, as the builtin of old."""
    return (x > y) - (x < y)


def decode(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else value


def decode_with(value: Any, encoding: str) -> str:
    return value.decode(encoding) if isinstance(value, bytes) else value


def decode_iter(values: Iterable) -> Iterator[str]:
    return map(decode, values)


def exc_message(error: BaseException) -> Any:
    """The first argument if it is the only one, else all of them."""
    return error.args[0] if len(error.args) == 1 else error.args


def get_unbound_function(method: Any) -> Callable:
    return getattr(method, "__func__", method)


def maybe_add_to_os_environ_pathlist(variable: str, path: str) -> None:
    """Put an absolute folder in front of a list of folders in the environment, unless it is there."""
    if not os.path.isabs(path):
        return
    folders = os.environ.get(variable, "").split(os.pathsep)
    if path not in folders:
        os.environ[variable] = os.pathsep.join(filter(None, [path, *folders]))


class DefaultOrderedDict(OrderedDict):
    """An ordered dict that makes missing values with `default_factory`, as defaultdict does."""

    def __init__(self, default_factory: Callable[[], Any] | None = None, *args: Any, **kwargs: Any) -> None:
        if default_factory is not None and not callable(default_factory):
            raise TypeError("first argument must be callable")
        super().__init__(*args, **kwargs)
        self.default_factory = default_factory

    def __missing__(self, key: Any) -> Any:
        if self.default_factory is None:
            raise KeyError(key)
        value = self[key] = self.default_factory()
        return value

    def __reduce__(self) -> tuple:
        return (type(self), (self.default_factory,), None, None, iter(self.items()))

    def copy(self) -> DefaultOrderedDict:
        return type(self)(self.default_factory, self)

    __copy__ = copy

    def __repr__(self) -> str:
        return f"DefaultOrderedDict({self.default_factory}, {list(self.items())})"
