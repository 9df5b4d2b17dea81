"""Public classes have the members and the bases that they had, and objects their attributes: data/classes.json,
recorded from the real Theano, less what classes_left_out.txt lists with a reason."""

import fnmatch
import importlib
from pathlib import Path

import pytest
from record.full_names import thing
from replay import legacy, load

from tgraph.compat.names import names

RECORD = load("classes.json")
LIST = Path(__file__).parent / "classes_left_out.txt"


def left_out():
    """[(patterns, reason)]: what is missing fits a pattern (of names with * for anything)."""
    lines = [line for line in LIST.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return [([p for text in patterns.split("|") for p in several(text.strip())], why)
            for patterns, _, why in (line.partition(" # ") for line in lines)]


def several(text):
    """One pattern for each of the names in braces."""
    head, _, rest = text.partition("{")
    return [head + name for name in rest.rstrip("}").split(",")] if rest else [text]


@pytest.fixture(scope="module")
def missing():
    """What is missing, in words: "class.member", "class < base", "expression: attribute"."""
    legacy()
    table = names().things
    works = {name: thing(name) for name in RECORD["classes"] if name in table and table[name].status == "works"}
    found = []
    for name, cls in works.items():
        bases, own = RECORD["classes"][name]
        found += [f"{name} < {base}" for base in bases if base in works and not issubclass(cls, works[base])]
        found += [f"{name}.{member}" for member in own if not hasattr(cls, member)]
        theirs = {m: b for b in bases if b in works for m in RECORD["classes"][b][1] if hasattr(works[b], m)}
        found += [f"{name}.{member}" for member in theirs if not hasattr(cls, member)]
    things = importlib.import_module("class_things").things()
    for text, attributes in RECORD["objects"].items():
        found += [f"{text}: {a}" for a in attributes if a not in dir(things[text])]
    return sorted(set(found))


@pytest.mark.filterwarnings("ignore")
def test_what_is_missing_is_listed(missing):
    patterns = [p for group, _ in left_out() for p in group]
    assert [m for m in missing if not any(fnmatch.fnmatchcase(m, p) for p in patterns)] == []


def test_the_list_is_true(missing):
    for patterns, why in left_out():
        assert why, patterns
        assert [p for p in patterns if not fnmatch.filter(missing, p)] == []
