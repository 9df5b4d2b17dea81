"""debugprint shows what the real one shows (recorded), and copes with deep graphs and wrong arguments."""

import io
import json
from pathlib import Path

import pytest

import tgraph.tensor as tt
from tgraph.explain import debugprint

RECORDED = json.loads((Path(__file__).parent / "data" / "debugprint.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: case["source"].splitlines()[1])
def test_the_same_text(case):
    space = {"T": tt, "options": {}}
    exec(case["source"], space)
    assert debugprint(space["graph"], file="str", **space["options"]) == case["text"]


def test_where_it_goes(capsys):
    x = tt.dvector("x")
    assert debugprint(x, file="str") == "x [id A]\n"
    buffer = io.StringIO()
    assert debugprint(x, file=buffer) is buffer
    assert buffer.getvalue() == "x [id A]\n"
    debugprint(x)
    assert capsys.readouterr().out == "x [id A]\n"


def test_marks_go_on_from_one_call_to_the_next():
    x, y = tt.dvector("x"), tt.dvector("y")
    done = {}
    assert debugprint(x, file="str", done=done) == "x [id A]\n"
    assert debugprint(y, file="str", done=done) == "y [id B]\n"


def test_a_deep_graph():
    x = tt.dvector("x")
    y = x
    for _ in range(3000):
        y = y + 1.0
    assert debugprint(y, file="str").count("Elemwise{add,no_inplace}") == 3000


@pytest.mark.parametrize("thing", [3, "x", None])
def test_what_is_no_graph(thing):
    with pytest.raises(TypeError, match="cannot print"):
        debugprint(thing)
