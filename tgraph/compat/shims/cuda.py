"""Answers to the questions old code asked about its old GPU back end: it is not there, take the other branch.

A GPU is used through `config.device = "cuda"`: then ordinary operations run there.
"""

from __future__ import annotations

import warnings

from tgraph.config import ConfigWarning, config

cuda_available = False
cuda_enabled = False


def dnn_available(*context: object) -> bool:
    """No: there are no cuDNN operations to build graphs from. `dnn_available.msg` says so."""
    return False


dnn_available.msg = "no cuDNN operations; set device=cuda, torch uses cuDNN"  # type: ignore[attr-defined]


def dnn_present(*context: object) -> bool:
    """No, as `dnn_available`."""
    return False


def use(device: str, *args: object, **kwargs: object) -> None:
    """Choose the device for what is built from now on (`gpu0` means cuda0)."""
    config.device = device


def unuse() -> None:
    """Back to the CPU, for what is built from now on."""
    if config.device != "cpu":
        warnings.warn(
            "unuse(): shared variables that live on the GPU stay there", ConfigWarning, stacklevel=2
        )
    config.device = "cpu"
