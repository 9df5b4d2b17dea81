"""Branches in programs: one call of the outer program, with a program of its own for each side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tgraph.lowering.control import Control, calls
from tgraph.types import TensorType


class Fork(Control):
    """What an fx node of a branch calls: arguments are the condition, those of the op's graphs, then the constants of
    the programs (then, else)."""

    def __init__(self, op: Any, programs: Sequence[Any]):
        super().__init__("branch", op, programs, len(op.thens))

    @property
    def is_host(self) -> bool:
        """TorchScript takes tensors only."""
        values = (*self.op.inputs, *self.op.thens)
        return super().is_host or not all(isinstance(v.type, TensorType) for v in values)

    def by(self, build: Callable[[Any], Callable[..., tuple]]) -> Callable[..., tuple]:
        """The branch driven by Python, its sides run by an engine."""
        thens, elses = (build(program) for program in self.programs)
        given = len(self.op.inputs)

        def run(c: Any, *args: Any) -> tuple:
            # the engine holds the constants of the programs itself
            return thens(*args[:given]) if bool(c) else elses(*args[:given])

        return run

    def source(self, pieces: Sequence[list[Any]], render: Callable[[Any], str], prefix: str = "") -> str:
        me = ["self"] if prefix else []
        args = [f"x{i}" for i in range(len(self.op.inputs))]
        texts, ways, held = [], [], []
        for word, program, parts in zip(("then", "else"), self.programs, pieces, strict=True):
            nodes = list(program.graph.nodes)
            constants = [n.name for n in nodes if n.op == "get_attr"]
            takes = [*[n.name for n in nodes if n.op == "placeholder"], *constants]
            lines = [f"def {self.__name__}_{word}({', '.join([*me, *[f'{a}: Tensor' for a in takes]])}):"]
            lines += [f"    {line}" for line in calls(parts, prefix)]
            lines.append(f"    return ({', '.join(render(v) for v in nodes[-1].args[0])},)")
            texts.append("\n".join(lines) + "\n")
            own = [f"{word}_{name}" for name in constants]
            held += own
            ways.append(f"{prefix}{self.__name__}_{word}({', '.join([*args, *own])})")
        heads = [*me, "condition: Tensor", *[f"{a}: Tensor" for a in [*args, *held]]]
        texts.append(
            f"def {self.__name__}({', '.join(heads)}):\n    if bool(condition):\n        return {ways[0]}\n"
            f"    else:\n        return {ways[1]}\n"
        )
        return "\n".join(texts)
