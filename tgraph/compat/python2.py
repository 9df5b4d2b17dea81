"""Tell a Python 2 source from one that is merely wrong."""

from __future__ import annotations

import re
import tokenize
from pathlib import Path
from typing import NamedTuple

__all__ = ["FIX", "Finding", "look"]

FIX = 'convert it first ("pip install fissix", then "python -m fissix -w {file}"), then run it again'

# What the line that does not compile looks like -> what it is called.
SIGNS = (
    (r"(^|[:;])\s*print\b(?!\s*[(=.,:)\]])\s*\S", "a print statement"),
    (r"(^|[:;])\s*print\s*>>", "a print statement"),
    (r"(^|[:;])\s*print\s*$", "a print statement"),
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
    """The sign of Python 2 in a file that does not compile; None if it compiles or is wrong otherwise."""
    try:
        with tokenize.open(file) as f:
            source = f.read()
        compile(source, str(file), "exec", dont_inherit=True, flags=0)
    except SyntaxError as e:
        return _sign(e)
    except (OSError, ValueError, UnicodeDecodeError):
        return None
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
