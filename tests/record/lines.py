"""The lines of a program in a table."""

import textwrap


def lines(text):
    """A program that may begin with a line at the margin, followed by indented ones."""
    first, _, rest = text.partition("\n")
    return first.strip() + "\n" + textwrap.dedent(rest) if first.strip() else textwrap.dedent(rest)
