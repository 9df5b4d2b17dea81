"""The compiled engine, the linker ``c``: all of a function by inductor, loops included, at its first call.

An op that inductor cannot take is an error, as it is in old scripts that ask for this linker.
"""

from __future__ import annotations

from collections.abc import Callable

from tgraph.lowering import script_engine, tiers
from tgraph.lowering.to_fx import Program


def build(program: Program) -> Callable[..., tuple]:
    """A function of the program's inputs that returns a tuple of its outputs. Raises tiers.CompilerError for what
    cannot be compiled, here or at the first call."""
    tiers.refuse(program)
    return script_engine.build(program, wait=True)
