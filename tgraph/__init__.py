"""tgraph: symbolic graphs, their gradients and functions, on PyTorch.

    import tgraph as tg, tgraph.tensor as tt

Old scripts come in by another door: `tgraph run script.py`, or `tgraph.compat.install()`.
Names are fetched when they are asked for, so that opening that door in a worker process does not load torch.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tgraph.config import change_flags as change_flags
    from tgraph.config import config as config
    from tgraph.function import function as function
    from tgraph.grad import Lop as Lop
    from tgraph.grad import Rop as Rop
    from tgraph.grad import grad as grad
    from tgraph.shared import shared as shared

__version__ = "0.1.0"

# name -> where it comes from
_NAMES = {
    "Apply": "graph",
    "Constant": "graph",
    "In": "arguments",
    "Lop": "grad",
    "Mode": "modes",
    "Op": "graph",
    "Out": "arguments",
    "Param": "arguments",
    "Rop": "grad",
    "Type": "graph",
    "Variable": "graph",
    "change_flags": "config",
    "config": "config",
    "debugprint": "explain",
    "disconnected_grad": "ops.barriers",
    "foldl": "loops",
    "foldr": "loops",
    "function": "function",
    "grad": "grad",
    "hessian": "loops",
    "jacobian": "loops",
    "map": "loops",
    "reduce": "loops",
    "scan": "loops",
    "shared": "shared",
    "until": "loops",
    "verify_grad": "derivatives",
    "zero_grad": "ops.barriers",
}
_SUBMODULES = ("compat", "errors", "tensor")

__all__ = [*sorted(_NAMES), "__version__", *_SUBMODULES]


class _Package(ModuleType):
    """`tgraph.function` is the function although there is a file of that name: the import system sets the
    file's module as an attribute of the package, and that is turned down for names that are listed above."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (isinstance(value, ModuleType) and name in _NAMES):
            super().__setattr__(name, value)


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        value = getattr(importlib.import_module(f"{__name__}.{_NAMES[name]}"), name)
        globals()[name] = value
        return value
    if name in _SUBMODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


sys.modules[__name__].__class__ = _Package
