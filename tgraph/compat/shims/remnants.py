"""What old code finds in `theano.misc` beside pickling: small containers, text and process helpers, an example op."""

from __future__ import annotations

import logging
import os
import subprocess
import types
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, MutableSet, Sequence
from typing import Any

import numpy as np

from tgraph.debug_mode import DebugMode
from tgraph.graph import Apply, Op
from tgraph.modes import Mode, get_mode
from tgraph.operators import as_tensor_variable
from tgraph.types import TensorType

__all__ = [
    "DoubleOp",
    "FrozenOrderedDict",
    "OrderedSet",
    "call_subprocess_Popen",
    "check_deterministic",
    "disable_log_handler",
    "frozendict",
    "has_handlers",
    "logging_default_formatter",
    "logging_default_handler",
    "may_share_memory",
    "mode_not_slow",
    "output_subprocess_Popen",
    "pretty_format",
    "render_string",
    "strip_leading_white_space",
    "subprocess_Popen",
    "theano_logger",
]

theano_logger = logging.getLogger("theano")
logging_default_handler = logging.StreamHandler()
logging_default_formatter = logging.Formatter(fmt="%(levelname)s (%(name)s): %(message)s")
logging_default_handler.setFormatter(logging_default_formatter)


def has_handlers(logger: logging.Logger) -> bool:
    """Does anything write what a logger gets?"""
    return logger.hasHandlers()


def disable_log_handler(
    logger: logging.Logger = theano_logger, handler: logging.Handler = logging_default_handler
) -> None:
    """Let a logger no longer write through a handler."""
    logger.removeHandler(handler)


def may_share_memory(a: Any, b: Any, raise_other_type: bool = True) -> bool:
    """Whether two arrays, or sparse matrices of scipy, may overlap in memory.

    TypeError for anything else, or False where `raise_other_type` is.
    """
    ours, theirs = _arrays(a), _arrays(b)
    if ours and theirs:
        return any(TensorType.may_share_memory(x, y) for x in ours for y in theirs)
    if raise_other_type:
        raise TypeError("may_share_memory support only ndarray and scipy.sparse type")
    return False


def _arrays(thing: Any) -> list[np.ndarray]:
    """The arrays that hold the values of an array or a sparse matrix."""
    if isinstance(thing, np.ndarray):
        return [thing]
    parts = [getattr(thing, name, None) for name in ("data", "indices", "indptr")]
    return [part for part in parts if isinstance(part, np.ndarray)]


class frozendict(Mapping):
    """A mapping that can be hashed and not changed."""

    dict_cls: type[dict] = dict

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._dict = self.dict_cls(*args, **kwargs)

    def __getitem__(self, key: Any) -> Any:
        return self._dict[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._dict)

    def __len__(self) -> int:
        return len(self._dict)

    def copy(self, **add_or_replace: Any) -> frozendict:
        """The same with some values added or replaced."""
        return type(self)(self, **add_or_replace)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._dict!r}>"

    def __hash__(self) -> int:
        return hash(frozenset(self.items()))


class FrozenOrderedDict(frozendict):
    """A `frozendict` on an OrderedDict."""

    dict_cls = OrderedDict


def check_deterministic(iterable: Any) -> None:
    """AssertionError for more than one thing in an order that is not fixed (sets, dicts)."""
    ordered = (list, tuple, OrderedSet, types.GeneratorType, str)
    if iterable is not None and not isinstance(iterable, ordered) and len(iterable) > 1:
        raise AssertionError("Get an not ordered iterable when one was expected")


class OrderedSet(MutableSet):
    """A set that remembers the order in which its elements came; it takes only things that have an order."""

    def __init__(self, iterable: Any = None) -> None:
        check_deterministic(iterable)
        self._items = dict.fromkeys(iterable or ())

    def __setstate__(self, state: dict[str, Any]) -> None:
        # old pickles hold a ring of links (the one before, the one after, the element) and its root
        root = state.pop("_OrderedSet__root", None)
        self.__dict__.update({"_items": {}, **state})
        link = root.state[1] if root is not None else None
        while link is not root:
            self._items[link.state[2]] = None
            link = link.state[1]

    def add(self, item: Any) -> None:
        """Put an element at the end, if it is not there."""
        self._items[item] = None

    def discard(self, item: Any) -> None:
        """Take an element out, if it is there."""
        self._items.pop(item, None)

    def update(self, iterable: Iterable[Any]) -> None:
        """Add all."""
        check_deterministic(iterable)
        self._items.update(dict.fromkeys(iterable))

    def union(self, other: Iterable[Any]) -> OrderedSet:
        """A new set with the elements of both."""
        check_deterministic(other)
        return OrderedSet([*self, *other])

    def intersection_update(self, other: Any) -> OrderedSet:
        """Keep what is in the other too."""
        self._items = {item: None for item in self if item in other}
        return self

    def difference_update(self, other: Iterable[Any]) -> OrderedSet:
        """Take out all that the other has."""
        check_deterministic(other)
        for item in list(other):
            self.discard(item)
        return self

    def copy(self) -> OrderedSet:
        """A set of its own with the same elements."""
        return OrderedSet(self)

    def pop(self, last: bool = True) -> Any:
        """Take out the last element, or the first; KeyError where there is none."""
        if not self._items:
            raise KeyError("set is empty")
        item = next(reversed(self._items) if last else iter(self._items))
        del self._items[item]
        return item

    def __contains__(self, item: object) -> bool:
        return item in self._items

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)

    def __reversed__(self) -> Iterator[Any]:
        return reversed(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, OrderedSet):
            return list(self) == list(other)
        if isinstance(other, set):
            raise TypeError("an OrderedSet is not compared with a set, which has no order: make a set of it first")
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"OrderedSet({list(self)})" if self else "OrderedSet()"


def render_string(string: str, sub: Mapping[str, Any]) -> str:
    """`string % sub`; where that fails, an exception that shows the text up to the place."""
    try:
        return string % sub
    except Exception as error:
        for end in range(len(string) + 1):
            try:
                _ = string[:end] % sub
            except Exception as same:
                if str(same) == str(error):
                    raise Exception(f"{string[:end]}<<<< caused exception {same}") from error
        raise


def strip_leading_white_space(line: str) -> str:
    """A line without the blanks and tabs that it begins with."""
    return line.lstrip(" \t")


def pretty_format(string: str) -> str:
    """Lines of C, indented by their braces."""
    indent, lines = 0, []
    for line in map(strip_leading_white_space, string.split("\n")):
        indent = max(0, indent - line.count("}"))
        lines.append("    " * indent + line)
        indent += line.count("{")
    return "\n".join(lines)


def subprocess_Popen(command: Any, **params: Any) -> subprocess.Popen:
    """Start a program; it reads nothing unless `stdin` is given."""
    params.setdefault("stdin", subprocess.DEVNULL)
    if os.name == "nt":
        params["shell"] = True
        command = " ".join(command) if isinstance(command, list) else command
    return subprocess.Popen(command, **params)


def call_subprocess_Popen(command: Any, **params: Any) -> int:
    """Run a program, drop what it writes, give its exit status. TypeError for `stdout` or `stderr`."""
    if "stdout" in params or "stderr" in params:
        raise TypeError("don't use stderr or stdout with call_subprocess_Popen")
    process = subprocess_Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **params)
    return process.wait()


def output_subprocess_Popen(command: Any, **params: Any) -> tuple[bytes, bytes, int]:
    """Run a program: (standard output, standard error, exit status). TypeError for `stdout` or `stderr`."""
    if "stdout" in params or "stderr" in params:
        raise TypeError("don't use stderr or stdout with output_subprocess_Popen")
    process = subprocess_Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **params)
    out, err = process.communicate()
    return out, err, process.returncode


class DoubleOp(Op):
    """z = 2 x: the example of an op of one's own in the documentation of Theano."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        x = as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list]) -> None:
        output_storage[0][0] = inputs[0] * 2

    def infer_shape(self, node: Apply, i0_shapes: Sequence[Any]) -> Sequence[Any]:
        return i0_shapes

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [output_grads[0] * 2]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        return [None] if eval_points[0] is None else self.grad(inputs, eval_points)


def mode_not_slow(mode: Any) -> Any:
    """A mode as it is; in place of DebugMode one that does not check every node."""
    mode = get_mode(mode)
    return Mode("cvm", mode.optimizer) if isinstance(mode, DebugMode) else mode
