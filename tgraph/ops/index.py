"""Indexing: slices, integers, index arrays and masks, and their set and inc forms."""

from __future__ import annotations

__all__: list[str] = []
