"""The table of legacy names: `names.tsv`, one line per name, read when the first one is asked for.

A line is `name TAB status TAB target TAB kind`. Kind `module` can be imported, `alias` is a module that
stands in another one (`theano.tensor.np`). The status is one of

    works    the target is the thing: `tgraph.tensor:exp` an object, `numpy:` a module, `theano.gof` another
             line. A module is made of the lines below it; if it has a target, that has the rest of its names
    refuses  it existed and is not offered here: a stub stands in, and using it raises NotPortedError
    absent   asking for it is an AttributeError or ImportError, so that guards (`try/except`, `hasattr`) take
             the other branch

and a line `theano.gof.cc.*` gives the words for all refusals below that name that have none of their own.
The file is written by `tests/record/door_names.py`, which looks at what is really there; it is never edited.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import NamedTuple

__all__ = ["FILE", "Name", "Names", "names"]

FILE = Path(__file__).with_name("names.tsv")

# Modules whose parent shows a function of the same name once both are loaded.
FUNCTION_WINS = frozenset(
    "theano." + name
    for name in (
        "compile.function",
        "compile.pfunc",
        "scan_module.scan",
        "scan_module.scan_checkpoints",
        "tensor.sort",
        "tensor.var",
        "tensor.inc_code",
        "d3viz.d3viz",
    )
)


class Name(NamedTuple):
    """One line of the table, without its name."""

    status: str
    target: str
    kind: str


class Names(NamedTuple):
    """The table: names of things, names of modules, what stands below a module, words for refusals."""

    things: dict[str, Name]
    modules: dict[str, Name]
    below: dict[str, list[str]]
    words: dict[str, str]

    def why(self, name: str) -> tuple[str, str]:
        """(what it was, what to do) for a name that is refused or absent."""
        line = self.things.get(name) or self.modules.get(name)
        if line is None:
            return f"{name} is not offered by tgraph", "it is no public name of Theano 1.0.5; check how it is spelled"
        if line.target:
            return f"{name} ({line.kind}) is not offered by tgraph", line.target
        above = name
        while above:
            above = above.rpartition(".")[0]
            if f"{above}.*" in self.words:
                return f"{name} ({line.kind}) is not offered by tgraph", self.words[f"{above}.*"]
        return f"there is no {name}", "see migration_guide/differences.md"


@functools.cache
def names() -> Names:
    """The whole table, read once."""
    things: dict[str, Name] = {}
    modules: dict[str, Name] = {}
    below: dict[str, list[str]] = {}
    words: dict[str, str] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        name, status, target, kind = line.split("\t")
        if name.endswith(".*"):
            words[name] = target
            continue
        (modules if kind == "module" else things)[name] = Name(status, target, kind)
        above, _, last = name.rpartition(".")
        if status != "absent" and kind != "method":
            below.setdefault(above, []).append(last)
    return Names(things, modules, below, words)
