"""New tensors: the constructors of variables, alloc, zeros, ones, eye, arange."""

from __future__ import annotations

__all__: list[str] = []
