"""What the engines hold for a value: a torch tensor for an ndarray, anything else as it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

#: our dtype names -> torch dtypes
TORCH_DTYPES: dict[str, torch.dtype] = {
    name: getattr(torch, name)
    for name in ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
                 "float16", "float32", "float64", "complex64", "complex128")
}


def to_tensor(array: np.ndarray, device: str = "cpu") -> torch.Tensor:
    """A tensor with the values of an array. Strides, byte order and flags that torch refuses are copied away.

    The tensor shares memory with the array where that is possible.
    """
    if not array.flags.writeable or not array.dtype.isnative or any(s < 0 for s in array.strides):
        array = array.astype(array.dtype.newbyteorder("="), order="C", copy=True)
    elif any(s % array.itemsize for s in array.strides):
        array = np.ascontiguousarray(array)
    tensor = torch.from_numpy(array)
    return tensor if device == "cpu" else tensor.to(device)


def to_value(value: Any, device: str = "cpu") -> Any:
    """What the engines hold for a Python value: tensors for arrays of numbers, anything else as it is."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
        return to_tensor(value, device)
    return value


def to_numpy(value: Any) -> Any:
    """The array of a tensor; anything else as it is."""
    if isinstance(value, torch.Tensor):
        if value.device.type != "cpu":
            value = value.cpu()
        return value.resolve_conj().resolve_neg().numpy()
    return value
