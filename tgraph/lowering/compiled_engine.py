"""The compiled engine, the linker ``c``: all of a function by inductor, loops included, at its first call.

An op that inductor cannot take is an error, as it is in old scripts that ask for this linker.
"""

from __future__ import annotations

from collections.abc import Callable

from tgraph.lowering import compiled, script_engine
from tgraph.lowering.to_fx import Program


def build(program: Program) -> Callable[..., tuple]:
    """A function of the program's inputs that returns a tuple of its outputs. Raises compiled.CompilerError for what
    cannot be compiled, here or at the first call."""
    compiled.refuse(program)
    return script_engine.build(program, wait=True)
