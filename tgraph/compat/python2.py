"""Tell a Python 2 source from one that is merely wrong."""

from __future__ import annotations

import ast
import re
import tokenize
from pathlib import Path
from typing import NamedTuple

__all__ = ["FIX", "Finding", "look"]

FIX = 'convert it first ("pip install fissix", then "python -m fissix -w {file}"), then run it again'

# What the line that does not compile looks like -> what it is called.
SIGNS = (
    (r"(^|[:;])\s*print\b(?!\s*[(=.,:)\]])\s*\S", "a print statement"),
    (r"\bexcept\s+[^:]+?,\s*\w+\s*:", "`except Error, e`"),
    (r"(^|[:;])\s*exec\s+[^(=\s]", "an exec statement"),
    (r"(^|[:;])\s*raise\s+[\w.]+\s*,", "`raise Error, text`"),
    (r"<>", "the operator <>"),
    (r"`[^`]+`", "backticks for repr"),
    (r"(?<![\w.])0[0-7]+\b(?!\.)", "an octal number without 0o"),
    (r"(?<![\w.])\d+[lL]\b", "a long number such as 10L"),
    (r"\b[uU][rR]['\"]", 'a ur"" string'),
    (r"\bdef\s+\w+\s*\([^)]*\([\w\s,]+\)", "a tuple among the parameters"),
    (r"\blambda\s*\(", "a tuple among the parameters of a lambda"),
)


class Finding(NamedTuple):
    """Where a source is Python 2, and by what sign."""

    line: int
    sign: str


def look(file: str | Path) -> Finding | None:
    """The first sign of Python 2 in a file; None if it compiles, is wrong otherwise, or cannot be read."""
    try:
        with tokenize.open(file) as f:
            source = f.read()
        return _print_into(ast.parse(source, str(file)))
    except SyntaxError as e:
        return _sign(e)
    except (OSError, ValueError):  # not there, not text, or with zero bytes: Python itself says it best
        return None


def _print_into(tree: ast.Module) -> Finding | None:
    """`print >>file, x` compiles today, as a tuple that begins with a shift."""
    for node in ast.walk(tree):
        match node:
            case ast.BinOp(left=ast.Name(id="print"), op=ast.RShift()):
                return Finding(node.lineno, "a print statement")
    return None


def _sign(error: SyntaxError) -> Finding | None:
    text = error.text or ""
    if isinstance(error, TabError):
        return Finding(error.lineno or 0, "tabs and spaces mixed in the indentation")
    bare = re.sub(r"#.*$", "", text)
    for pattern, sign in SIGNS:
        if re.search(pattern, bare):
            return Finding(error.lineno or 0, sign)
    return None
