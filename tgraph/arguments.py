"""What ``function()`` takes: ``In``, ``Param``, ``Out``, update dictionaries, and how short forms become
them."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from tgraph.errors import names
from tgraph.graph import Constant, Variable
from tgraph.shared import Container, SharedVariable


class SymbolicInput:
    """A variable that gets its value from the caller of a function.

    ``name``: for keyword calls (the variable's name, unless ``autoname`` is False). ``update``: its value
    after each call. ``mutable``: the function may overwrite the caller's array (done here only by ops that are
    made to, such as ``exp_inplace``). ``strict``: take only values of exactly the type. ``allow_downcast``: True
    lets precision go, None only for Python floats into floatX. ``implicit``: the caller may not give a value.

    Raises TypeError for a name that is no string and for an update of another type.
    """

    #: what an op that works in place leaves in the caller's array
    overwritten: Any = None

    def __init__(
        self,
        variable: Any,
        name: str | None = None,
        update: Any = None,
        mutable: bool | None = None,
        strict: bool = False,
        allow_downcast: bool | None = None,
        autoname: bool = True,
        implicit: bool = False,
    ):
        if implicit is None:
            raise AssertionError("implicit is True or False for a SymbolicInput; In also takes None")
        self.variable = variable
        self.name = variable.name if autoname and name is None else name
        if self.name is not None and not isinstance(self.name, str):
            raise TypeError(f"name must be a string! (got: {self.name})")
        self.update = update
        if update is not None and variable.type != update.type:
            raise TypeError(
                f"Variable '{variable}' has type {variable.type} but an update of type {update.type}. The "
                "type of "
                f"the update should be the same as the type of the variable"
            )
        self.mutable = update is not None if mutable is None else mutable
        self.strict, self.allow_downcast, self.implicit = strict, allow_downcast, implicit

    def __str__(self) -> str:
        if self.update is not None:
            return f"In({self.variable} -> {self.update})"
        return f"In({self.variable})"

    __repr__ = __str__


class In(SymbolicInput):
    """An input with a default ``value``: a plain value, or a shared variable or container whose content is
    used.

    With ``update`` the value persists between calls. ``implicit`` None means True exactly where ``value`` is
    a shared variable or a container. Raises TypeError for an implicit input without value and AssertionError
    for ``mutable`` without ``borrow``.
    """

    def __init__(
        self,
        variable: Any,
        name: str | None = None,
        value: Any = None,
        update: Any = None,
        mutable: bool | None = None,
        strict: bool = False,
        allow_downcast: bool | None = None,
        autoname: bool = True,
        implicit: bool | None = None,
        borrow: bool | None = None,
        shared: bool = False,
    ):
        self.shared = shared
        self.borrow = mutable if borrow is None else borrow
        if mutable and not self.borrow:
            raise AssertionError(
                f"Symbolic input for variable {variable} (name={name}) has flags mutable=True, "
                "borrow=False. This "
                f"combination is incompatible since mutable=True implies that the input variable may be both "
                f"aliased (borrow=True) and overwritten."
            )
        if implicit is None:
            implicit = isinstance(value, (Container, SharedVariable))
        super().__init__(variable, name, update, mutable, strict, allow_downcast, autoname, implicit)
        self.value = value
        if self.implicit and value is None:
            raise TypeError("An implicit input must be given a default value")


class Param(In):
    """The old name of ``In``; its default value is called ``default``."""

    def __init__(
        self,
        variable: Any,
        default: Any = None,
        name: str | None = None,
        mutable: bool = False,
        strict: bool = False,
        allow_downcast: bool | None = None,
        implicit: bool | None = None,
        borrow: bool | None = None,
    ):
        warnings.warn(
            f"The Param class is deprecated. Replace Param(default=N) by {names['package']}.In(value=N)",
            stacklevel=2,
        )
        super().__init__(
            variable,
            name=name,
            value=default,
            mutable=mutable,
            strict=strict,
            allow_downcast=allow_downcast,
            implicit=implicit,
            borrow=borrow,
        )


class SymbolicOutput:
    """An output; with ``borrow`` the result may share memory with inputs and shared variables."""

    def __init__(self, variable: Any, borrow: bool = False):
        self.variable, self.borrow = variable, borrow

    def __repr__(self) -> str:
        return f"Out({self.variable},{self.borrow})"


Out = SymbolicOutput


class OrderedUpdates(OrderedDict):
    """Shared variables and their new values; ``a + b`` is the union, KeyError where both disagree on a
    variable.

    Raises TypeError for keys that are not shared variables.
    """

    def __init__(self, *key: Any, **kwargs: Any):
        if key and _unordered(key[0]):
            warnings.warn(
                "Initializing an `OrderedUpdates` from a non-ordered dictionary with 2+ elements could "
                "make your code "
                "non-deterministic. Use an OrderedDict.",
                stacklevel=2,
            )
        super().__init__(*key, **kwargs)
        for k in self:
            _check_key(k)

    def __setitem__(self, key: Any, value: Any) -> None:
        _check_key(key)
        super().__setitem__(key, value)

    def update(self, other: Any = None) -> None:  # type: ignore[override]
        """Take over the pairs of another mapping; KeyError where a variable has another value already."""
        if other is None:
            return
        if _unordered(other):
            warnings.warn(
                "Updating an `OrderedUpdates` with a non-ordered dictionary with 2+ elements could make "
                "your code non-deterministic",
                stacklevel=2,
            )
        for key, value in OrderedDict(other).items():
            if key in self:
                if self[key] is value:
                    continue
                raise KeyError("Collision", key)
            self[key] = value

    def __add__(self, other: Any) -> OrderedUpdates:
        both = OrderedUpdates()
        both.update(self)
        both.update(other)
        return both

    def __radd__(self, other: Any) -> OrderedUpdates:
        both = OrderedUpdates()
        both.update(other)
        both.update(self)
        return both

    def __reduce__(self) -> Any:
        return (type(self), (), None, None, iter(list(self.items())))


def _check_key(key: Any) -> None:
    if not isinstance(key, SharedVariable):
        raise TypeError("OrderedUpdates keys must inherit from SharedVariable", key)


def _unordered(mapping: Any) -> bool:
    return isinstance(mapping, dict) and len(mapping) > 1 and not isinstance(mapping, OrderedDict)


def pairs(mapping: Any) -> list[Any]:
    """The (key, value) pairs of a dictionary, or of an iterable of pairs; nothing for None."""
    if mapping is None:
        return []
    if hasattr(mapping, "items"):
        return list(mapping.items())
    return list(mapping)


def as_input(param: Any, allow_downcast: bool | None = None) -> In:
    """A parameter of ``function`` as an ``In``: a variable, an ``In``, or an old short form.

    The short forms are ``(variable, value)``, ``(name, variable)``, ``(name, variable, value)``, with
    ``(variable, update)`` in place of the variable where a value is there too. TypeError for anything else.
    """
    if isinstance(param, Constant):
        raise TypeError("Constants not allowed in param list", param)
    if isinstance(param, Variable):
        return In(param, allow_downcast=allow_downcast)
    if isinstance(param, In):
        return param
    if isinstance(param, SymbolicInput):
        made = In(
            param.variable,
            name=param.name,
            update=param.update,
            mutable=param.mutable,
            strict=param.strict,
            allow_downcast=param.allow_downcast,
            autoname=False,
            implicit=param.implicit,
        )
        return made
    if isinstance(param, (list, tuple)):
        return _short_form(param)
    raise TypeError(f"Unknown parameter type: {type(param)}")


def _short_form(form: Any) -> In:
    parts: list[Any] = list(form)
    if not parts:
        raise TypeError(f"Nonsensical input specification: {form!r}")
    name = parts.pop(0) if isinstance(parts[0], str) else None
    if not parts or len(parts) > 2:
        raise TypeError(f"Nonsensical input specification: {form!r}")
    variable, update = parts[0], None
    if isinstance(variable, (list, tuple)) and len(variable) == 2:
        variable, update = variable
    value = parts[1] if len(parts) == 2 else None
    if not isinstance(variable, Variable):
        raise TypeError(f"Unknown input type: {type(variable)}, expected Variable instance: {form!r}")
    if isinstance(value, (Variable, SymbolicInput)) and not isinstance(value, SharedVariable):
        raise TypeError(
            f"The value for input {variable} should not be a Variable or SymbolicInput instance (got: "
            f"{value})"
        )
    return In(variable, name=name, value=value, update=update)


def as_outputs(items: Iterable[Any]) -> list[SymbolicOutput]:
    """The outputs of ``function`` as ``Out`` objects; TypeError for what is neither a variable nor an
    ``Out``."""
    made = []
    for item in items:
        if isinstance(item, SymbolicOutput):
            made.append(item)
        elif isinstance(item, Variable):
            made.append(SymbolicOutput(item))
        else:
            raise TypeError(
                f"Outputs must be {names['package']} Variable or Out instances. Received {item} of type "
                f"{type(item)}"
            )
    return made
