"""Write `migration_guide/coverage.md` from `tgraph/compat/names.tsv`: which public names of Theano work here.

Run by door_names.py whenever it writes the table. Only names that work count as covered. Names found in several places
are counted in each.
"""

import sys
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))
from tgraph.compat.names import names  # noqa: E402

PAGE = ROOT / "migration_guide" / "coverage.md"
COUNTED = ("function", "class", "op-instance", "const")
DEMAND = ROOT / "tests" / "data" / "legacy_demand.tsv"

INTRO = """# Which of Theano's names work

Written by `python tests/record/door_names.py` from `tgraph/compat/names.tsv`; do not edit. Every importable path of
Theano 1.0.5 to a function, class, op or constant is counted where it can be imported from, so that a thing with three
paths counts three times. Only *works* is covered.

- **works**: the name gives the thing, which does what it did. Every one is imported in the tests, and those that can
  be called with plain arguments are compared with recorded results of the real Theano.
- **refuses**: importing the name works; using it raises `NotPortedError`, which says what it was and what to do.
- **absent**: `ImportError` or `AttributeError`, so that guards for missing hardware take the other branch.

"""


def region(name):
    """The module that a line of the table is about: two levels, three below `tensor`."""
    parts = name.split(".")[:-1]
    return ".".join(parts[:3] if parts[:2] == ["theano", "tensor"] else parts[:2])


def table(rows, head):
    widths = [max(len(str(row[i])) for row in [head, *rows]) for i in range(len(head))]
    lines = [head, ["-" * w for w in widths], *rows]
    return "".join("| " + " | ".join(str(c).ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() + " |\n"
                   for line in lines)


def page():
    things = {n: line for n, line in names().things.items() if line.kind in COUNTED}
    counts = defaultdict(Counter)
    for name, line in things.items():
        counts[region(name)][line.status] += 1
    total = sum(counts.values(), Counter())
    rows = [[where, n := sum(c.values()), c["works"], c["refuses"], c["absent"], f"{100 * c['works'] / n:.0f} %"]
            for where, c in [*sorted(counts.items()), ("**all**", total)]]
    demand = dict(line.split("\t") for line in DEMAND.read_text().splitlines())
    asked = Counter(line.status for name, line in names().things.items() if name in demand)
    lacking = sorted((name for name, line in names().things.items() if name in demand and line.status != "works"),
                     key=lambda name: (-int(demand[name]), name))
    text = INTRO + table(rows, ["module", "names", "works", "refuses", "absent", "covered"])
    text += ("\n## Names that legacy code was seen to use\n\n"
             f"Of {sum(asked.values())} names that 33 open-source projects use, {asked['works']} work, "
             f"{asked['absent']} are absent and {asked['refuses']} refuse. "
             "Those that do not work, with the number of projects:\n\n")
    text += table([[name, demand[name], names().things[name].status, names().why(name)[1]] for name in lacking],
                  ["name", "projects", "status", "instead"])
    text += "\n## What refuses\n\n"
    refused = defaultdict(list)
    for name, line in things.items():
        if line.status == "refuses":
            module, _, last = name.rpartition(".")
            refused[module].append(last)
    for module, lasts in sorted(refused.items()):
        text += f"- `{module}`: {', '.join(sorted(lasts, key=str.lower))}\n"
    return text


def main(check):
    names.cache_clear()
    written = page()
    if check:
        return PAGE.read_text() == written
    PAGE.write_text(written)
    return True
