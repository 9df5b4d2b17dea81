"""Random numbers: MRG_RandomStreams and RandomStreams."""

from __future__ import annotations

__all__: list[str] = []
