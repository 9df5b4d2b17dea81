"""Rewrites: pure passes ``(outputs) -> outputs``. The list of passes stands here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tgraph.garbage import uncollected
from tgraph.graph import Variable, toposort
from tgraph.rewrite import algebra, branches, canonical, loops, shapes, special, stable, writes
from tgraph.rewrite.engine import Rewriter, Rule

#: name -> the passes of that optimizer, each a list of tables of rules
PASSES: dict[str, list[list[list[Rule]]]] = {
    "fast_compile": [[loops.GRAPHS, canonical.CHEAP, shapes.CHEAP, stable.FAST_COMPILE, branches.GATES]],
    "fast_run": [
        [
            canonical.CHEAP,
            shapes.CHEAP,
            shapes.RULES,
            canonical.RULES,
            stable.FAST_COMPILE,
            stable.RULES,
            writes.RULES,
            loops.GRAPHS,
            loops.RULES,
            branches.GATES,
            branches.RULES,
        ],
        [canonical.CHEAP, special.RULES, loops.GRAPHS, loops.RULES],
    ],
}
#: other names of optimizers that old scripts use
_NAMES = {
    "o4": "fast_run",
    "o3": "fast_run",
    "o2": "fast_run",
    "o1": "fast_compile",
    "unsafe": "fast_run",
    "fast_run": "fast_run",
    "fast_compile": "fast_compile",
    "merge": "merge",
    "sympy": "fast_run",
}


def passes_of(optimizer: Any, excluding: Iterable[str] = ()) -> list[list[Rule]]:
    """The rules of every pass of an optimizer, less those named (by name or tag) in ``excluding``."""
    name = _NAMES.get(str(optimizer).lower(), "fast_run")
    if name == "merge":
        return [[]]
    out = frozenset(excluding)
    return [
        [r for table in tables for r in table if r.name not in out and not out.intersection(r.tags)]
        for tables in PASSES[name]
    ]


@uncollected
def rewrite(
    outputs: Sequence[Any],
    optimizer: Any = "fast_run",
    excluding: Iterable[str] = (),
    log: list | None = None,
) -> list[Any]:
    """The outputs, simplified: new variables that share with the old graph whatever stays the same.

    ``optimizer``: 'fast_run' (all rules), 'fast_compile' (merging, folding and the rules that legacy code has
    in that mode), 'merge', or None (nothing at all); o1 ... o4 are taken too. ``excluding``: names or tags of
    rules to leave out. ``log``: a list that is filled with (rule, node it was used on).
    """
    if optimizer is None or str(optimizer) == "None":
        return list(outputs)
    results = _run(list(outputs), optimizer, excluding, log)
    return _keep_names(outputs, results)


def _run(results: list[Any], optimizer: Any, excluding: Iterable[str], log: list | None) -> list[Any]:
    for i, rules in enumerate(passes_of(optimizer, excluding)):
        if i and not any(special.concerns(node) for node in toposort(results)):
            break  # nothing that the later passes are about
        results = loops.prune(Rewriter(rules, log=log, stage=i).run(loops.prune(loops.join_alike(results))))
        if i == 0 and str(optimizer) == "sympy":
            results = algebra.simplify(results)
    return results


def _keep_names(outputs: Sequence[Variable], results: list[Any]) -> list[Any]:
    named = [
        (o, r) for o, r in zip(outputs, results, strict=True) if o is not r and o.name and r.name is None
    ]
    if named:
        theirs = {v for node in toposort(outputs) for v in node.outputs}
        for old, new in named:
            if new.owner is not None and new not in theirs:
                new.name = old.name
    return results


__all__ = ["PASSES", "passes_of", "rewrite"]
