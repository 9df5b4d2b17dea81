"""`theano.compat.six` of old releases: what old code used of six, and the real one for the rest."""

from __future__ import annotations

import builtins
import importlib
import io
import sys
import types
from collections.abc import Callable
from typing import Any, NoReturn

from tgraph.compat.shims import six_moves as moves

__all__ = ["moves"]

PY2, PY3 = False, True
string_types = (str,)
text_type = str
binary_type = bytes
integer_types = (int,)
class_types = (type,)
MAXSIZE = sys.maxsize
StringIO, BytesIO = io.StringIO, io.BytesIO
next = advance_iterator = builtins.next
callable = builtins.callable
int2byte = lambda i: bytes((i,))
byte2int = lambda data: data[0]
unichr = chr


class Iterator:
    """A base for iterators; `__next__` is the method of today."""


def b(text: str) -> bytes:
    return text.encode("latin-1")


def u(text: str) -> str:
    return text


def iteritems(mapping: Any, **kw: Any) -> Any:
    return iter(mapping.items(**kw))


def iterkeys(mapping: Any, **kw: Any) -> Any:
    return iter(mapping.keys(**kw))


def itervalues(mapping: Any, **kw: Any) -> Any:
    return iter(mapping.values(**kw))


def viewitems(mapping: Any) -> Any:
    return mapping.items()


def viewkeys(mapping: Any) -> Any:
    return mapping.keys()


def viewvalues(mapping: Any) -> Any:
    return mapping.values()


def reraise(
    kind: type, value: BaseException | None, traceback: types.TracebackType | None = None
) -> NoReturn:
    error = value if value is not None else kind()
    raise error.with_traceback(traceback)


def raise_from(value: BaseException, cause: BaseException | None) -> NoReturn:
    raise value from cause


def get_function_code(f: Any) -> types.CodeType:
    return f.__code__


def get_function_defaults(f: Any) -> Any:
    return f.__defaults__


def get_method_self(f: Any) -> Any:
    return f.__self__


def get_method_function(f: Any) -> Any:
    return f.__func__


def get_unbound_function(f: Any) -> Any:
    return f


def create_bound_method(f: Callable, instance: Any) -> types.MethodType:
    return types.MethodType(f, instance)


def with_metaclass(meta: type, *bases: type) -> type:
    """A base class to inherit from, which gives the class its metaclass and the bases named."""

    class Once(type):
        def __new__(cls, name: str, _bases: Any, namespace: dict[str, Any]) -> Any:
            return meta(name, bases, namespace)

    return type.__new__(Once, "temporary", (), {})


def add_metaclass(meta: type) -> Callable[[type], type]:
    """A decorator that builds the class again with that metaclass."""

    def again(cls: type) -> type:
        namespace = {k: v for k, v in vars(cls).items() if k not in ("__dict__", "__weakref__")}
        return meta(cls.__name__, cls.__bases__, namespace)

    return again


def python_2_unicode_compatible(cls: type) -> type:
    return cls


def __getattr__(name: str) -> Any:
    # What stands above is the same in the real six; only what is missing here is asked there, and only then:
    # without it, the old programs' six is made of this module (old_stdlib.py).
    if not name.startswith("__"):
        try:
            return getattr(importlib.import_module("six"), name)
        except (ImportError, AttributeError):
            pass
    raise AttributeError(f"six.{name} is not known here; install six")
