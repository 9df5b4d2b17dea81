"""Identity forward, something else backward: disconnected_grad, zero_grad, grad_clip."""

from __future__ import annotations

__all__: list[str] = []
