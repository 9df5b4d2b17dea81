"""Elementwise functions that are more than a row: cast, round, isclose."""

from __future__ import annotations

__all__: list[str] = []
