"""`RecordMode`: everything that a function computes as digests in a file, and its comparison with a second run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from tgraph.compat.shims.printing import hex_digest, min_informative_str
from tgraph.compat.shims.wrapping import WrapLinkerMany
from tgraph.graph import Apply
from tgraph.modes import Mode

__all__ = ["MismatchError", "Record", "RecordMode", "hex_digest"]


class MismatchError(Exception):
    """A run differs from the record of another."""


class Record:
    """Lines that are written (to `file_object`, or a new file at `file_path`), or with `replay` read and compared."""

    def __init__(self, file_object: Any = None, file_path: Any = None, replay: bool = False):
        assert file_object is not None or file_path is not None, "give a file or a path"
        if file_object is None:
            file_object = open(file_path, "r" if replay else "w")  # noqa: SIM115  it stays open as long as the record
        self.f, self.file_object, self.file_path, self.replay = file_object, file_object, file_path, replay

    def handle_line(self, line: str) -> None:
        """Write a line (one, with its end), or compare it with the next one of the record: MismatchError."""
        assert line.endswith("\n")
        assert "\n" not in line[:-1]
        if not self.replay:
            self.f.write(line)
            return
        before = self.f.readline()
        if before != line:
            ours, theirs = (t if len(t) <= 100 else t[:100] + "..." for t in (line, before))
            raise MismatchError(
                f"Replay detected mismatch.\n I wanted to write:\n{ours}\nwhen previous job wrote:\n{theirs}"
            )


class RecordMode(Mode):
    """A mode that records digests of the inputs and outputs of every node, or with a record in replay compares them.

    Takes a `Record`, or the keywords for one. MismatchError where a run differs from the record, ValueError for a
    function without a name.
    """

    def __init__(self, record: Record | None = None, **kwargs: Any):
        assert record is None or not kwargs, "give a record, or what to make one of"
        self.set_record(Record(**kwargs) if record is None else record)
        super().__init__(WrapLinkerMany([], [self._watch]), optimizer="fast_run")

    def set_record(self, record: Record) -> None:
        """Use another record from now on."""
        self.record = record
        self.known_fgraphs: set[Any] = set()

    def _watch(self, i: int, node: Apply, fn: Any) -> None:
        graph = node.fgraph  # type: ignore[attr-defined]
        if graph.name is None:
            raise ValueError(
                "Un-named functions are not allowed with RecordMode, because they make it impossible to tell if the "
                "same function is running during the playback."
            )
        lines = [f"Function name: {graph.name}\n", f"Node {i}:{node}\n", f"Inputs: {_digests(fn.inputs)}\n"]
        if graph not in self.known_fgraphs:
            assert not any(known.name == graph.name for known in self.known_fgraphs), "two functions of one name"
            self.known_fgraphs.add(graph)
            lines.insert(0, f"Function {graph.name} has {len(graph.apply_nodes)} apply nodes.\n")
        for line in lines:
            self._tell(line, i, node, fn.outputs)
        fn()
        self._tell(f"Outputs: {_digests(fn.outputs)}\n", i, node, fn.outputs)

    def _tell(self, line: str, i: int, node: Apply, outputs: Sequence[list[Any]]) -> None:
        try:
            self.record.handle_line(line)
        except MismatchError as error:
            lines = [f"Got this MismatchError:\n{error}", f"while processing node i={i}:", f"str(node): {node}"]
            lines += ["Symbolic inputs: ", *map(min_informative_str, node.inputs)]
            lines += ["str(output) of outputs: ", *(str(cell[0]) for cell in outputs)]
            sys.stdout.write("\n".join([*lines, f"function name: {node.fgraph.name}", ""]))  # type: ignore[attr-defined]
            raise MismatchError("Non-determinism detected by WrapLinker") from error


def _digests(cells: list[list[Any]]) -> str:
    return " ".join(hex_digest(np.asarray(cell[0])) for cell in cells)
