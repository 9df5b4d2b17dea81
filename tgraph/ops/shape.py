"""Shapes: shape, reshape, flatten, broadcast patterns."""

from __future__ import annotations

__all__: list[str] = []
