"""Names of the legacy module `compile.ops` that are no operations. C code is taken and not used."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from tgraph.ops.shape import Shape_i
from tgraph.types import TensorType

__all__ = [
    "expandable_types",
    "load_back",
    "register_deep_copy_op_c_code",
    "register_rebroadcast_c_code",
    "register_shape_c_code",
    "register_shape_i_c_code",
    "register_specify_shape_c_code",
    "register_view_op_c_code",
    "shape_i_op",
]

#: types to which loops may add a dimension, beside tensors
expandable_types: tuple[type, ...] = (TensorType,)


@cache
def shape_i_op(i: int) -> Shape_i:
    """The op that gives the size of axis ``i``."""
    return Shape_i(i)


def load_back(mod: str, name: str) -> Any:
    """The thing of that name in a module: how functions made ops unpickle."""
    return getattr(importlib.import_module(mod), name)


def register_view_op_c_code(type: Any, code: str, version: Any = ()) -> None:
    """C code for a type of one's own; the Python forms serve every type, so there is nothing to keep."""


register_shape_c_code = register_view_op_c_code


def register_deep_copy_op_c_code(typ: Any, code: str, version: Any = ()) -> None:
    """As ``register_view_op_c_code``."""


register_rebroadcast_c_code = register_deep_copy_op_c_code


def register_shape_i_c_code(typ: Any, code: str, check_input: Any, version: Any = ()) -> None:
    """As ``register_view_op_c_code``."""


def register_specify_shape_c_code(typ: Any, code: str, version: Any = (), c_support_code_apply: Any = None) -> None:
    """As ``register_view_op_c_code``."""
