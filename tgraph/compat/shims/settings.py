"""The declaring side of `theano.configparser`: programs that added flags of their own find the same calls."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from tgraph.config import BY_NAME, config, parse_flags
from tgraph.config import get as fetch_val_for_key

__all__ = [
    "THEANO_FLAGS",
    "THEANO_FLAGS_DICT",
    "AddConfigVar",
    "BoolParam",
    "ConfigParam",
    "EnumStr",
    "FloatParam",
    "IntParam",
    "StrParam",
    "TypedParam",
    "config",
    "fetch_val_for_key",
]

THEANO_FLAGS = os.environ.get("THEANO_FLAGS", "")
# What the variable says about flags that nobody has declared yet.
THEANO_FLAGS_DICT = {
    name: value for name, value in parse_flags(THEANO_FLAGS, "THEANO_FLAGS").items() if name not in BY_NAME
}


class ConfigParam:
    """What a flag may hold: a default and a check that returns the value to keep."""

    def __init__(
        self, default: Any, filter: Callable[[Any], Any] | None = None, allow_override: bool = True
    ) -> None:
        self.default, self.filter, self.allow_override = default, filter, allow_override

    def start(self, name: str) -> Any:
        """The checked value: what THEANO_FLAGS says, else the default."""
        default = self.default() if callable(self.default) else self.default
        value = THEANO_FLAGS_DICT.pop(name, default)
        return self.filter(value) if self.filter else value


class EnumStr(ConfigParam):
    """One of some strings."""

    def __init__(self, default: str, *options: str, **kwargs: Any) -> None:
        self.all = (default, *options)
        for option in self.all:
            if not isinstance(option, str):
                raise ValueError(
                    "Valid values for an EnumStr parameter should be strings", option, type(option)
                )

        def check(value: Any) -> Any:
            if value not in self.all:
                raise ValueError(f'Invalid value ("{value}"). Valid options are {self.all}')
            return value

        super().__init__(default, check, kwargs.get("allow_override", True))


class TypedParam(ConfigParam):
    """A value that a type makes and a predicate accepts."""

    def __init__(
        self,
        default: Any,
        mytype: Callable[[Any], Any],
        is_valid: Callable[[Any], bool] | None = None,
        allow_override: bool = True,
    ) -> None:
        self.mytype = mytype

        def check(value: Any) -> Any:
            made = mytype(value)
            if is_valid and not is_valid(made):
                raise ValueError(f"Invalid value ({value})", value)
            return made

        super().__init__(default, check, allow_override)


def StrParam(default: Any, is_valid: Any = None, allow_override: bool = True) -> TypedParam:
    return TypedParam(default, str, is_valid, allow_override)


def IntParam(default: Any, is_valid: Any = None, allow_override: bool = True) -> TypedParam:
    return TypedParam(default, int, is_valid, allow_override)


def FloatParam(default: Any, is_valid: Any = None, allow_override: bool = True) -> TypedParam:
    return TypedParam(default, float, is_valid, allow_override)


def BoolParam(default: Any, is_valid: Any = None, allow_override: bool = True) -> TypedParam:
    return TypedParam(default, _boolean, is_valid, allow_override)


def _boolean(value: Any) -> bool:
    if value in ("False", "false", "0", False):
        return False
    if value in ("True", "true", "1", True):
        return True
    raise ValueError(f"Invalid value ({value})", value)


def AddConfigVar(
    name: str, doc: str, configparam: ConfigParam, root: Any = config, in_c_key: bool = True
) -> None:
    """Declare `config.<name>`; AttributeError if the name is taken.

    The value starts as THEANO_FLAGS has it, else as the default. It is a plain attribute then: its check
    is not run again.
    """
    *sections, last = name.split(".")
    for section in sections:
        if not hasattr(root, section):
            setattr(root, section, type("Section", (), {})())
        root = getattr(root, section)
    if hasattr(root, last):
        raise AttributeError("This name is already taken", name)
    setattr(root, last, configparam.start(name))
