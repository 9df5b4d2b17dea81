"""The declaring side of `theano.configparser`: programs that added flags of their own find the same calls."""

from __future__ import annotations

import configparser
import hashlib
import os
from collections.abc import Callable, Sequence
from typing import Any

from tgraph.config import FLAGS, Flag, config, declare, get, parse_flags, read_files, waiting

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
    "_config_var_list",
    "config",
    "config_files",
    "config_files_from_theanorc",
    "fetch_val_for_key",
    "get_config_hash",
    "theano_cfg",
    "theano_raw_cfg",
]

THEANO_FLAGS = os.environ.get("THEANO_FLAGS", "")
# What the variable says about flags that nobody has declared yet.
THEANO_FLAGS_DICT = {
    name: value
    for name, value in parse_flags(THEANO_FLAGS, "THEANO_FLAGS").items()
    if name not in {flag.name for flag in FLAGS}
}


def config_files_from_theanorc() -> list[str]:
    """The files that THEANORC names (`~/.theanorc`); of two that say different things the later one counts."""
    return [os.path.expanduser(file) for file in os.environ.get("THEANORC", "~/.theanorc").split(os.pathsep)]


config_files = config_files_from_theanorc()
theano_cfg = configparser.ConfigParser({name: os.environ.get(name, "") for name in ("USER", "TMPDIR", "TEMP", "TMP")})
theano_raw_cfg = configparser.RawConfigParser()
for _parser in (theano_cfg, theano_raw_cfg):
    try:
        _parser.read(config_files)
    except (configparser.Error, UnicodeDecodeError):
        _parser.clear()


def fetch_val_for_key(key: str, delete_key: bool = False) -> str:
    """The text that THEANO_FLAGS, else the files, have for a flag; KeyError where they have nothing."""
    if key in THEANO_FLAGS_DICT:
        return THEANO_FLAGS_DICT.pop(key) if delete_key else THEANO_FLAGS_DICT[key]
    said = {**read_files(config_files), **{k: (v, "") for k, v in parse_flags(THEANO_FLAGS, "THEANO_FLAGS").items()}}
    return said[key][0]


def get_config_hash() -> str:
    """A digest of all settings."""
    lines = sorted(f"{flag.name} = {get(flag.name)}" for flag in FLAGS)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


class _Declared:
    """A flag as the list of all flags shows it: its ``fullname`` and ``doc``; its value by ``__get__(True, None)``."""

    def __init__(self, flag: Flag) -> None:
        self.fullname, self.doc, self.default, self._flag = flag.name, flag.doc, flag.default, flag

    def __get__(self, owner: Any, kind: Any = None, delete_key: bool = False) -> Any:
        return self if owner is None else get(self.fullname)

    def __set__(self, owner: Any, value: Any) -> None:
        *sections, last = self.fullname.split(".")
        at: Any = config
        for section in sections:
            at = getattr(at, section)
        setattr(at, last, value)

    def __str__(self) -> str:
        return f"{self.fullname} ({self._flag.kind}) "


class _AllFlags(Sequence):
    """All flags, those that programs declare later too. (Libraries walk this list to change flags by name.)"""

    def __len__(self) -> int:
        return len(FLAGS)

    def __getitem__(self, i: Any) -> Any:
        return [_Declared(flag) for flag in FLAGS[i]] if isinstance(i, slice) else _Declared(FLAGS[i])


_config_var_list = _AllFlags()


class ConfigParam:
    """What a flag may hold: a default and a check that returns the value to keep."""

    fullname = ""
    options: tuple[str, ...] = ()

    def __init__(
        self, default: Any, filter: Callable[[Any], Any] | None = None, allow_override: bool = True
    ) -> None:
        self.default, self.filter, self.allow_override = default, filter, allow_override

    def check(self, name: str, value: Any) -> Any:
        """The value to keep; what the check raises for one that does not fit."""
        return self.filter(value) if self.filter else value


class EnumStr(ConfigParam):
    """One of some strings; ``convert`` is applied to a value before it is looked for among them."""

    def __init__(self, default: str, *options: str, **kwargs: Any) -> None:
        self.all = self.options = (default, *options)
        for option in self.all:
            if not isinstance(option, str):
                raise ValueError(
                    "Valid values for an EnumStr parameter should be strings", option, type(option)
                )
        convert = kwargs.get("convert")

        def filter(value: Any) -> Any:
            kept = convert(value) if convert else value
            if kept not in self.all:
                raise ValueError(
                    f'Invalid value ("{kept}") for configuration variable "{self.fullname}". '
                    f"Valid options are {self.all}"
                )
            return kept

        super().__init__(default, filter, kwargs.get("allow_override", True))

    def __str__(self) -> str:
        return f"{self.fullname} ({self.all}) "


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

        def filter(value: Any) -> Any:
            made = mytype(value)
            if callable(is_valid) and not is_valid(made):
                raise ValueError(f'Invalid value ({value}) for configuration variable "{self.fullname}".', value)
            return made

        super().__init__(default, filter, allow_override)

    def __str__(self) -> str:
        return f"{self.fullname} ({self.mytype}) "


def StrParam(default: Any, is_valid: Any = None, allow_override: bool = True) -> TypedParam:
    """A string."""
    return TypedParam(default, str, is_valid, allow_override)


def IntParam(default: Any, is_valid: Any = None, allow_override: bool = True) -> TypedParam:
    """An int, or text of one."""
    return TypedParam(default, int, is_valid, allow_override)


def FloatParam(default: Any, is_valid: Any = None, allow_override: bool = True) -> TypedParam:
    """A float, or text of one."""
    return TypedParam(default, float, is_valid, allow_override)


def BoolParam(default: Any, is_valid: Any = None, allow_override: bool = True) -> TypedParam:
    """True or False; also as text, and as 1 and 0."""
    return TypedParam(default, _boolean, is_valid or (lambda value: value is not None), allow_override)


def _boolean(value: Any) -> bool | None:
    if value in ("False", "false", "0", False):
        return False
    if value in ("True", "true", "1", True):
        return True
    return None


def AddConfigVar(
    name: str, doc: str, configparam: ConfigParam, root: Any = config, in_c_key: bool = True
) -> None:
    """Declare `config.<name>`: from then on a flag like the others, read, checked, changed and listed with them.

    The value starts as THEANO_FLAGS or a settings file has it, else as the default. AttributeError if the name is
    taken, and what the check raises for a value that does not fit.
    """
    del root, in_c_key
    configparam.fullname = name
    if name in THEANO_FLAGS_DICT:
        waiting[name] = (THEANO_FLAGS_DICT[name], "THEANO_FLAGS")
    holds = str(getattr(configparam, "mytype", "value")).replace(str(_boolean), "<class 'bool'>")
    fixed = not configparam.allow_override
    declare(Flag(name, configparam.default, configparam.check, doc, configparam.options, fixed, holds))
    THEANO_FLAGS_DICT.pop(name, None)
