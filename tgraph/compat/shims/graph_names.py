"""Walks and small tools of the old graph module that nothing here needs, for code that calls them."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import itertools
import linecache
import sys
import warnings
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tgraph.config import config
from tgraph.graph import Apply, Constant, Tagged, Variable, WithProps, late, toposort, variables
from tgraph.lowering.failures import birth
from tgraph.operators import as_tensor_variable

# --- walks ------------------------------------------------------------------------------------------------------


def stack_search(start: Any, expand: Callable, mode: str = "bfs", build_inv: bool = False) -> Any:
    """All things that ``start`` leads to by ``expand``, breadth first ('bfs') or depth first ('dfs').

    With ``build_inv`` also a dict from each thing to those that led to it. ValueError for another mode.
    """
    if mode not in ("bfs", "dfs"):
        raise ValueError("mode should be bfs or dfs", mode)
    waiting = deque(start)
    take = waiting.popleft if mode == "bfs" else waiting.pop
    seen: dict[int, Any] = {}
    came_from: dict[Any, list] = {}
    while waiting:
        thing = take()
        if id(thing) in seen:
            continue
        seen[id(thing)] = thing
        following = list(expand(thing) or ())
        for other in following if build_inv else ():
            came_from.setdefault(other, []).append(thing)
        waiting.extend(following)
    found = list(seen.values())
    return (found, came_from) if build_inv else found


def variables_and_orphans(ins: Iterable[Variable], outs: Iterable[Variable]) -> tuple[list[Variable], list[Variable]]:
    """(all variables between ``ins`` and ``outs``, those of them that nothing makes and that are no inputs)."""
    found = variables(ins, outs)
    ends = set(ins)
    return found, [v for v in found if v.owner is None and v not in ends]


def orphans(ins: Iterable[Variable], outs: Iterable[Variable]) -> list[Variable]:
    """Variables that ``outs`` need beside ``ins``."""
    return variables_and_orphans(ins, outs)[1]


def list_of_nodes(inputs: Iterable[Variable], outputs: Sequence[Variable]) -> list[Apply]:
    """The apply nodes that ``outputs`` need, breadth first; those that made ``inputs`` are not passed."""
    ends = {v.owner for v in inputs}
    makers = lambda values: [v.owner for v in values if v.owner is not None and v.owner not in ends]
    return stack_search(makers(outputs), lambda node: makers(node.inputs))


def general_toposort(outputs: Iterable[Any], deps: Callable, *ignored: Any, **also_ignored: Any) -> list[Any]:
    """What ``outputs`` depend on (``deps(thing)`` lists it), each after what it depends on; ValueError for a cycle."""
    order: list[Any] = []
    done: set[Any] = set()
    opened: set[Any] = set()
    stack = list(outputs)
    while stack:
        thing = stack[-1]
        if thing in done:
            stack.pop()
            continue
        missing = [d for d in deps(thing) or () if d not in done]
        if not missing:
            done.add(stack.pop())
            order.append(thing)
        elif thing in opened:
            raise ValueError("graph contains cycles")
        else:
            opened.add(thing)
            stack.extend(missing)
    return order


def order_of_needs(prereqs_d: dict[Any, set]) -> list[Any]:
    """The keys of ``thing -> things that come first``, each after those; Exception where that cannot be."""
    order: list[Any] = []
    done: set[Any] = set()
    users: dict[Any, set] = {}
    for thing, first in prereqs_d.items():
        for needed in first:
            users.setdefault(needed, set()).add(thing)
    ready = {thing for thing, first in prereqs_d.items() if not first}
    while ready:
        found: set[Any] = set()
        for thing in ready:
            order.append(thing)
            done.add(thing)
            found |= {user for user in users.get(thing, ()) if not prereqs_d[user] - done}
        ready = found
    if len(order) != len(prereqs_d):
        raise Exception("Cannot sort topologically: there might be cycles, prereqs_d does not have a key for each "
                        "element or some orderings contain invalid elements.")
    return order


def view_roots(variable: Variable) -> list[Variable]:
    """The variables whose memory this one may be a view of, as far as its ops say so."""
    roots: list[Variable] = []
    waiting = [variable]
    while waiting:
        v = waiting.pop()
        views = getattr(v.owner.op, "view_map", {}) if v.owner is not None else {}
        if v.owner is None or v.index not in views:
            roots.append(v)
        else:
            waiting.extend(v.owner.inputs[i] for i in views[v.index])
    return roots


Node = Tagged


@contextlib.contextmanager
def nodes_constructed() -> Iterator[list[Variable]]:
    """A list of the variables made inside of the block."""
    made: list[Any] = []
    plain = Variable.__init__

    def observed(self: Any, *args: Any, **kwargs: Any) -> None:
        plain(self, *args, **kwargs)
        made.append(self)

    Variable.__init__ = observed
    try:
        yield made
    finally:
        Variable.__init__ = plain


def io_connection_pattern(inputs: Sequence[Variable], outputs: Sequence[Variable]) -> list[list[bool]]:
    """``pattern[i][j]``: does input i influence output j, by way of values?"""
    reached: dict[Variable, set[int]] = {x: {i} for i, x in enumerate(inputs)}
    for node in toposort(outputs, inputs):
        pattern = node.op.connects(node)
        for j, output in enumerate(node.outputs):
            reached[output] = set().union(
                *(reached.get(x, ()) for i, x in enumerate(node.inputs) if pattern[i][j])
            )
    return [[i in reached.get(o, ()) for o in outputs] for i in range(len(inputs))]


# --- are two graphs the same? -------------------------------------------------------------------------------------


class _Numbers:
    """A number for every variable: equal numbers for equal computations on equal leaves."""

    def __init__(self, twins: dict[Variable, Hashable]) -> None:
        self.of: dict[Variable, int] = {}
        self.twins = twins
        self.known: dict[Hashable, int] = {}

    def _number(self, key: Hashable) -> int:
        return self.known.setdefault(key, len(self.known))

    def _leaf(self, variable: Variable) -> int:
        if variable in self.twins:
            return self._number(("twin", self.twins[variable]))
        if isinstance(variable, Constant):
            with contextlib.suppress(TypeError):
                return self._number(("constant", variable.type, variable.signature()))
        return self._number(variable)

    def __call__(self, outputs: Sequence[Variable]) -> list[int]:
        for node in toposort(outputs, self.twins):
            inputs = tuple(self.look(v) for v in node.inputs)
            for i, output in enumerate(node.outputs):
                if output not in self.of and output not in self.twins:
                    self.of[output] = self._number((node.op, inputs, i))
        return [self.look(v) for v in outputs]

    def look(self, variable: Variable) -> int:
        if variable not in self.of:
            self.of[variable] = self._leaf(variable)
        return self.of[variable]


def equal_computations(
    xs: Sequence[Any], ys: Sequence[Any], in_xs: Sequence[Variable] | None = None,
    in_ys: Sequence[Variable] | None = None,
) -> bool:
    """Do ``xs`` compute from ``in_xs`` what ``ys`` compute from ``in_ys``? AssertionError for lists of two lengths."""
    in_xs, in_ys = list(in_xs or ()), list(in_ys or ())
    if len(xs) != len(ys) or len(in_xs) != len(in_ys):
        raise AssertionError("as many graphs, and as many inputs, must stand on both sides")
    if any(x.type != y.type for x, y in itertools.chain(zip(in_xs, in_ys, strict=True), zip(xs, ys, strict=True))):
        return False
    known = _Numbers({x: i for i, x in enumerate(in_xs)})
    left = known(xs)
    known.of, known.twins = {}, {y: i for i, y in enumerate(in_ys)}
    return left == known(ys)


def is_same_graph(var1: Variable, var2: Variable, givens: Any = None, debug: bool = False) -> bool:
    """Do both variables compute the same, once ``givens`` (dict or pairs: variable -> replacement) are put in?"""
    replaced = dict(givens or {})
    known = _Numbers({})
    known.of = dict(zip(replaced, known(list(replaced.values())), strict=True))
    return len(set(known([var1, var2]))) == 1


def is_same_graph_with_merge(var1: Variable, var2: Variable, givens: Any = None) -> bool:
    """As ``is_same_graph``."""
    return is_same_graph(var1, var2, givens)


# --- test values, checks of values --------------------------------------------------------------------------------


def get_test_value(v: Any) -> Any:
    """The test value of a variable (of anything else: of the constant it becomes); AttributeError without one."""
    variable = v if isinstance(v, Variable) else as_tensor_variable(v)
    value = late["test_value"](variable)
    if value is None:
        raise AttributeError(f"{variable} has no test value")
    return value


def missing_test_message(msg: str) -> None:
    """Say, as ``config.compute_test_value`` wants it, that a test value is missing: AttributeError, a warning, or
    nothing."""
    if config.compute_test_value == "raise":
        raise AttributeError(msg)
    if config.compute_test_value == "warn":
        warnings.warn(msg, stacklevel=2)


def debug_error_message(msg: str) -> None:
    """Say that test values do not fit: ValueError, or a warning where ``config.compute_test_value`` is 'warn'.

    AssertionError where it is 'off': nobody asked for test values then.
    """
    if config.compute_test_value == "off":
        raise AssertionError("test values are off")
    if config.compute_test_value != "warn":
        raise ValueError(msg)
    warnings.warn(msg, stacklevel=2)


def debug_assert(condition: Any, msg: str = "debug_assert failed") -> None:
    """AssertionError unless the condition holds; a warning where ``config.compute_test_value`` is 'warn'."""
    if condition:
        return
    if config.compute_test_value != "warn":
        raise AssertionError(msg)
    warnings.warn(msg, stacklevel=2)


def _checkable(arr: Any, node: Any) -> bool:
    return isinstance(arr, (np.ndarray, np.generic)) and arr.dtype.kind in "fc" and arr.size > 0


def contains_nan(arr: Any, node: Any = None, var: Any = None) -> bool:
    """Is there a NaN in an array? False for what is no array of floats."""
    return bool(_checkable(arr, node) and np.isnan(arr).any())


def contains_inf(arr: Any, node: Any = None, var: Any = None) -> bool:
    """Is there an infinity in an array? False for what is no array of floats."""
    return bool(_checkable(arr, node) and np.isinf(arr).any())


# --- where things were made ---------------------------------------------------------------------------------------


def simple_extract_stack(f: Any = None, limit: int | None = None, skips: Sequence[str] = ()) -> list[tuple]:
    """The calls that led here, the outermost first: (file, line, function, text). Those nearest whose file holds one of
    ``skips`` are left out; at most ``limit``."""
    frame = sys._getframe(1) if f is None else f
    found: list[tuple] = []
    while frame is not None and (limit is None or len(found) < limit):
        code, line = frame.f_code, frame.f_lineno
        if found or not any(skip in code.co_filename for skip in skips):
            text = linecache.getline(code.co_filename, line).strip() or None
            found.append((code.co_filename, line, code.co_name, text))
        frame = frame.f_back
    return found[::-1]


def add_tag_trace(thing: Any, user_line: int | None = None) -> Any:
    """Note in ``thing.tag.trace`` who is calling, ``user_line`` lines of it (``config.traceback.limit`` unless given);
    the thing itself comes back."""
    limit = config.traceback.limit if user_line is None else user_line
    stack = simple_extract_stack(sys._getframe(1), None if limit == -1 else limit)
    thing.tag.trace = [stack] if stack else stack
    return thing


def get_variable_trace_string(v: Any) -> str:
    """Where a variable was made, as text; empty if nobody knows."""
    return birth(v)


# --- lists --------------------------------------------------------------------------------------------------------


def flatten(a: Any) -> list:
    """All things in nested lists, tuples and sets, in order."""
    found: list[Any] = []
    waiting = [a]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, (list, tuple, set)):
            waiting.extend(reversed(list(thing)))
        else:
            found.append(thing)
    return found


def uniq(seq: Sequence[Any]) -> list:
    """The things of a sequence once each, in order."""
    return [x for i, x in enumerate(seq) if seq.index(x) == i]


def unique(x: Sequence[Any]) -> bool:
    """Is nothing twice in a sequence?"""
    return len(set(x)) == len(x)


def difference(seq1: Sequence[Any], seq2: Sequence[Any]) -> list:
    """What is in the first and not in the second."""
    return [x for x in seq1 if x not in seq2]


def remove(predicate: Callable, coll: Iterable[Any]) -> list:
    """What the predicate does not hold for."""
    return [x for x in coll if not predicate(x)]


def to_return_values(values: Sequence[Any]) -> Any:
    """The one value, or all of them."""
    return values[0] if len(values) == 1 else values


def from_return_values(values: Any) -> Any:
    """A list or tuple as it is, one thing as a list."""
    return values if isinstance(values, (list, tuple)) else [values]


def give_variables_names(variables: Iterable[Variable]) -> None:
    """Give each variable a name of its own; those that have one keep it."""
    numbers = itertools.count()
    taken: set[str] = set()
    for variable in variables:
        name = variable.name or f"_{next(numbers)}"
        while name in taken:
            name += "_"
        taken.add(name)
        variable.name = name


def hist(coll: Iterable[Any]) -> dict[Any, int]:
    """How often each thing occurs."""
    return dict(Counter(coll))


class Keyword:
    """A name that stands for itself, true unless ``nonzero`` is False."""

    def __init__(self, name: str, nonzero: bool = True) -> None:
        self.name, self.nonzero = name, nonzero

    def __bool__(self) -> bool:
        return self.nonzero

    def __str__(self) -> str:
        return f"<{self.name}>"

    __repr__ = __str__


ABORT, RETRY, FAILURE = (Keyword(name, False) for name in ("ABORT", "RETRY", "FAILURE"))
ANY_TYPE, FALL_THROUGH = Keyword("ANY_TYPE"), Keyword("FALL_THROUGH")
simple_types = (int, str, float, bool, type(None), Keyword)
undef = object()


class D:
    """An object with these attributes."""

    def __init__(self, **d: Any) -> None:
        self.__dict__.update(d)


object2 = WithProps


class MetaObject(type):
    """The metaclass of objects with ``__props__``; here their base class does what it did."""

    def __new__(cls, name: str, bases: tuple, dct: dict[str, Any]) -> Any:
        if not any(issubclass(base, WithProps) for base in bases):
            bases = (*(base for base in bases if base is not object), WithProps)
        return super().__new__(cls, name, bases, dct)


def _guarded(arguments: int, types: Sequence[Any]) -> Callable[[Callable], Callable]:
    fits = lambda value, kind: kind is ANY_TYPE or isinstance(value, kind)

    def decorate(f: Callable) -> Callable:
        before = f.__globals__[f.__name__]

        @functools.wraps(f)
        def choose(*args: Any) -> Any:
            first, rest = args[:arguments], args[arguments:]
            for order in dict.fromkeys((first, first[::-1])) if arguments > 1 else (first,):
                if all(map(fits, order, types)):
                    found = f(*order, *rest)
                    return before(*args) if found is FALL_THROUGH else found
            return before(*args)

        return choose

    return decorate


def comm_guard(type1: Any, type2: Any) -> Callable[[Callable], Callable]:
    """Decorator: a function for arguments of these types, in either order; others go to the function of the same name
    that was there before, and so does what gives FALL_THROUGH."""
    return _guarded(2, (type1, type2))


def type_guard(type1: Any) -> Callable[[Callable], Callable]:
    """As ``comm_guard``, for the first argument alone."""
    return _guarded(1, (type1,))


# --- functions ----------------------------------------------------------------------------------------------------

memoize = functools.cache


def deprecated(filename: str, msg: str = "") -> Callable[[Callable], Callable]:
    """Decorator: say once on standard error that a function is deprecated."""

    def decorate(f: Callable) -> Callable:
        said: list[bool] = []

        @functools.wraps(f)
        def tell(*args: Any, **kwargs: Any) -> Any:
            if not said:
                sys.stderr.write(f"WARNING: {filename}.{f.__name__} deprecated. {msg}\n")
                said.append(True)
            return f(*args, **kwargs)

        return tell

    return decorate


def hash_from_code(msg: str | bytes) -> str:
    """A hash of a text, as a name that can be imported."""
    return "m" + hashlib.sha256(msg.encode() if isinstance(msg, str) else msg).hexdigest()


def hash_from_file(file_path: str) -> str:
    """A hash of what a file holds."""
    return hash_from_code(Path(file_path).read_bytes())
