"""Every exception of the package: what went wrong, where the user's code is, and the fix.

The classes subclass what legacy code already catches (``TypeError``, ``ValueError``, ``NotImplementedError`` ...).
"""

from __future__ import annotations

#: how messages call this package; the door for old scripts puts the name there that these scripts know, because
#: people and programs search error messages for it
names = {"package": "tgraph"}


def explain(what: str, where: str | None = None, fix: str | None = None) -> str:
    """One message in the house layout: the fact, the user's own line, the way out."""
    lines = [what]
    if where:
        lines.append(f"  built at  {where}")
    if fix:
        lines.append(f"  fix: {fix}")
    return "\n".join(lines)


class Explained(Exception):
    """Mixin: an exception made of ``what``, ``where`` (file:line of the user) and ``fix``."""

    def __init__(self, what: str = "", *rest: object, where: str | None = None, fix: str | None = None):
        self.what, self.where, self.fix = what, where, fix
        message = explain(str(what), where, fix)
        super().__init__(*((message, *rest) if what or rest else ()))

    def __reduce__(self):
        # args holds the finished message; rebuilding from it keeps pickled errors readable
        return (type(self), self.args, {"where": None, "fix": None})


class ShapeError(Explained, ValueError):
    """Shapes or numbers of dimensions that do not fit an op, found while the graph is built."""


class DtypeError(Explained, TypeError):
    """A dtype that an op does not take."""


class AsTensorError(Explained, TypeError):
    """A Python value that cannot become a symbolic tensor."""


class MissingInputError(Explained):
    """A graph needs the value of a variable that is neither an input nor given."""


class UnusedInputError(Explained):
    """A declared input of a function is not used by its outputs or updates."""


class DisconnectedInputError(Explained, ValueError):
    """The gradient was asked with respect to a variable that the cost does not depend on."""


class NullTypeGradError(Explained, TypeError):
    """A gradient that is undefined or not implemented reached the answer."""


class NotScalarConstantError(Explained):
    """A scalar constant was asked for where the graph does not hold one."""


class EmptyConstantError(NotScalarConstantError):
    """A scalar constant was asked for where the graph holds an empty array."""


class GradientError(Exception):
    """A symbolic gradient differs from the numeric one (``verify_grad``): where, both values, errors, tolerances."""

    def __init__(self, arg: int, err_pos: int, shape: tuple, val1: float, val2: float, abs_err: float,
                 rel_err: float, abs_tol: float, rel_tol: float):
        # without arguments: verify_grad appends the inputs to ``args``
        super().__init__()
        self.arg, self.err_pos, self.shape, self.val1, self.val2 = arg, err_pos, shape, val1, val2
        self.abs_err, self.rel_err, self.abs_tol, self.rel_tol = abs_err, rel_err, abs_tol, rel_tol

    def __str__(self) -> str:
        text = (
            "GradientError: numeric gradient and analytic gradient exceed tolerance:\n"
            f"        At position {self.err_pos} of argument {self.arg} with shape {self.shape},\n"
            f"            val1 = {self.val1:f}      ,  val2 = {self.val2:f}\n"
            f"            abs. error = {self.abs_err:f},  abs. tolerance = {self.abs_tol:f}\n"
            f"            rel. error = {self.rel_err:f},  rel. tolerance = {self.rel_tol:f}"
        )
        return text + ("\nException args: " + ", ".join(map(str, self.args)) if self.args else "")

    def __reduce__(self):
        fields = (self.arg, self.err_pos, self.shape, self.val1, self.val2, self.abs_err, self.rel_err,
                  self.abs_tol, self.rel_tol)
        return (type(self), fields, {"args": self.args})


class NotPortedError(Explained, NotImplementedError):
    """A name or feature that exists in legacy code and is not ported; says what to use instead."""


class ExportError(Explained, ValueError):
    """A function that cannot be written to a file as asked; raised before any file is touched."""


class MethodNotDefined(Explained):
    """An op was asked for something (perform, grad ...) that it does not define."""


class CodeInCError(NotPortedError, MethodNotDefined):
    """An op of C code alone: there is nothing here to run it with."""


class NoGradientError(NullTypeGradError, NotImplementedError, AttributeError):
    """A gradient was asked of an op that defines none (a missing method, for code that looks for one)."""


class InconsistencyError(Explained):
    """A graph that contradicts itself."""


class CachedConstantError(Exception):
    """A graph that was to be edited in place holds a constant that it shares with others."""


class ComplexError(Explained, NotImplementedError):
    """An operation that complex numbers do not have."""


#: What old code knows only as the class that it derives from. While the door for old scripts is open these classes
#: go by that class's ``__name__``, which scripts print and compare; tracebacks show the full name.
_PLAIN: dict[type, type] = {ShapeError: ValueError, DtypeError: TypeError, NoGradientError: AttributeError}


def use_plain_names(plain: bool) -> None:
    """Name the classes of ``_PLAIN`` as what they derive from, or by their own names again."""
    for own, base in _PLAIN.items():
        own.__name__ = base.__name__ if plain else own.__qualname__
