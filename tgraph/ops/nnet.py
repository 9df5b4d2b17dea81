"""Neural network functions: softmax, losses, the relu family."""

from __future__ import annotations

__all__: list[str] = []
