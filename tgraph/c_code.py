"""The C half of legacy ops and types. No C is compiled here: these methods exist so that classes which inherit, call
or override them work, and each says that it is not defined, as it said before it was overridden."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tgraph.errors import MethodNotDefined


def _undefined(name: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        raise MethodNotDefined(name, type(self), type(self).__name__)

    method.__name__ = name
    method.__doc__ = "C code for legacy classes; MethodNotDefined unless a subclass has it. Never called here."
    return method


def _methods(*names: str) -> Callable[[type], type]:
    def add(cls: type) -> type:
        for name in names:
            setattr(cls, name, _undefined(name))
        return cls

    return add


@_methods(
    "c_headers",
    "c_header_dirs",
    "c_libraries",
    "c_lib_dirs",
    "c_support_code",
    "c_compile_args",
    "c_no_compile_args",
    "c_init_code",
)
class CLinkerObject:
    """What ops and types with C code have in common."""

    def c_code_cache_version(self) -> tuple:
        """The version of the C code: none."""
        return ()


@_methods(
    "c_code",
    "c_code_cleanup",
    "c_support_code_apply",
    "c_init_code_apply",
    "c_init_code_struct",
    "c_support_code_struct",
    "c_cleanup_code_struct",
)
class CLinkerOp(CLinkerObject):
    """An op with C code."""

    def c_code_cache_version_apply(self, node: Any) -> tuple:
        """The version of the C code for a node: that of the op."""
        return self.c_code_cache_version()


@_methods("c_element_type", "c_is_simple", "c_literal", "c_declare", "c_init", "c_extract", "c_cleanup", "c_sync")
class CLinkerType(CLinkerObject):
    """A type with C code."""

    def c_extract_out(self, name: str, sub: Any, check_input: bool = True) -> Any:
        """As ``c_extract``."""
        return self.c_extract(name, sub, check_input)  # type: ignore[attr-defined]
