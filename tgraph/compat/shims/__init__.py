"""Modules behind legacy names that are not tgraph's own: old Python, six, flags, test helpers, numpy names.

Nothing here computes. A module is imported when one of its names is asked for.
"""
