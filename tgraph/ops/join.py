"""Tensors put together and taken apart: join, stack, split, tile, repeat."""

from __future__ import annotations

__all__: list[str] = []
