"""What an fx node of a loop or of a branch calls: something that holds programs of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import torch.fx

_count = itertools.count()


class Control:
    """Called with the arguments of its op, then the constants of its ``programs``, in this order; the results are a
    tuple of ``count`` values."""

    def __init__(self, word: str, op: Any, programs: Sequence[Any], count: int):
        self.op, self.programs, self.count = op, list(programs), count
        self.__name__ = f"{word}_{next(_count)}"

    def __call__(self, *args: Any) -> tuple:
        """Run it as fx's own interpreter does."""
        return self.by(lambda program: torch.fx.GraphModule(program.constants, program.graph))(*args)

    @property
    def is_host(self) -> bool:
        """Does Python drive it: are there nodes in its graphs that run on the host?"""
        return any(program.hosts for program in self.programs)

    def outputs(self) -> int:
        """How many values it gives."""
        return self.count

    def by(self, build: Callable[[Any], Callable[..., tuple]]) -> Callable[..., tuple]:
        """Driven by Python, its programs run by an engine."""
        raise NotImplementedError

    def source(self, pieces: Sequence[list[Any]], render: Callable[[Any], str], prefix: str = "") -> str:
        """The same as TorchScript functions; the ``pieces`` of each program are functions of their own, called in
        order, and ``render`` writes an fx value."""
        raise NotImplementedError


def calls(pieces: Sequence[Any], prefix: str) -> list[str]:
    """Lines that call pieces."""
    lines = []
    for piece in pieces:
        call = f"{prefix}{piece.name}({', '.join(n.name for n in piece.takes)})"
        lines.append(f"{', '.join(n.name for n in piece.gives)}, = {call}" if piece.gives else call)
    return lines
