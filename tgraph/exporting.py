"""``function.export("model.pt")``: a compiled function as a file that needs torch alone."""

from __future__ import annotations

import os
from typing import Any

from tgraph.errors import ExportError, NotPortedError
from tgraph.graph import where
from tgraph.lowering import aliases
from tgraph.lowering.export import Face, describe, identifiers, refuse, save, to_module, unwatch
from tgraph.lowering.to_fx import lower
from tgraph.types import TensorType

_FORMATS = {".pt": "torchscript", ".pth": "torchscript", ".ts": "torchscript", ".pt2": "pt2"}


def export(function: Any, path: str | os.PathLike, format: str | None = None) -> None:
    """Write a compiled function to ``path`` as a TorchScript module that plain torch loads.

    ``module(...)`` takes tensors in the order of the function's inputs, or by their names (``module.input_names``);
    inputs with a default value may be left out. It returns what the function returns, as tensors: one, a tuple, or a
    dictionary. Shared variables become buffers of their names; what the function updates (the state of
    ``MRG_RandomStreams`` included) is updated by every call and kept by ``module.save``.

    Raises ExportError, before any file is touched, for a graph that plain torch cannot run (host ops, inputs that are
    no tensors), and ValueError for a format that does not exist. The file is written whole or not at all.
    """
    format = format or _FORMATS.get(os.path.splitext(os.fspath(path))[1].lower(), "torchscript")
    if format in ("pt2", "aoti"):
        raise NotPortedError(f"the format {format!r} is not written yet",
                             fix="use a path that ends in .pt (TorchScript)")
    if format != "torchscript":
        raise ValueError(f"unknown format {format!r}: use 'torchscript'")
    folder = os.path.dirname(os.path.abspath(os.fspath(path)))
    if not os.path.isdir(folder):
        raise FileNotFoundError(f"the folder {folder} does not exist")

    maker = function.maker
    slots = function._slots
    given = [s for s in slots if not s.shared and s.kind in ("required", "default")]
    kept = [s for s in slots if s.shared or s.kind in ("kept", "implicit")]
    program = lower([s.leaf for s in given + kept], maker.finals, "cpu")
    refuse(program)
    unwatch(program)
    aliases.isolate(program)
    for slot in kept:
        if slot.container.held() is None:
            raise ExportError(f"the state {slot.spec.variable} has no value yet", where=where(slot.spec.variable),
                              fix="give it one before the export")
    taken: set[str] = set()
    inputs = identifiers([s.spec.name or s.spec.variable.name for s in given], "input", taken)
    state = identifiers([s.spec.variable.name for s in kept], "state", taken)
    n = len(maker.outputs)
    outputs = list(maker.output_keys or identifiers([o.variable.name for o in maker.outputs], "output", set()))
    written = [s for s in slots if s.spec.update is not None]
    face = Face(
        inputs=inputs,
        defaults=[s.default if s.kind == "default" else None for s in given],
        state=state,
        updates=[kept.index(s) for s in written],
        n_outputs=n,
        output_names=outputs,
        single=bool(maker.unpack_single),
        as_dict=maker.output_keys is not None,
    )
    module = to_module(program, face, [s.container.held() for s in kept])
    finals = [v for v in maker.finals[:n] if isinstance(v.type, TensorType)]
    save(module, path, {
        "function": function.name,
        "inputs": describe([s.leaf for s in given], inputs),
        "outputs": describe(finals, outputs),
        "state": describe([s.leaf for s in kept], state),
    })
