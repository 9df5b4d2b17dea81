"""debugprint shows what the real one shows (recorded), and copes with deep graphs and wrong arguments."""

import io
import json
from pathlib import Path

import pytest

import tgraph as tg
import tgraph.tensor as tt
from tgraph.explain import Print, debugprint, pp

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


def test_what_was_opened_in_one_call_stays_closed_in_the_next():
    x = tt.dvector("x")
    y = x + x
    done = {}
    assert debugprint(y, file="str", done=done).count("\n") == 3
    assert debugprint([x, y], file="str", done=done) == "x [id A]\nElemwise{add,no_inplace} [id B] ''   \n"


def test_a_deep_graph():
    x = tt.dvector("x")
    y = x
    for _ in range(3000):
        y = y + 1.0
    assert debugprint(y, file="str").count("Elemwise{add,no_inplace}") == 3000


def test_the_text_of_a_deep_graph_does_not_grow_with_the_square_of_its_depth():
    y = tt.dvector("x")
    for _ in range(100_000):
        y = tt.tanh(y)
    text = debugprint(y, file="str")
    assert text.count("\n") == 100_001
    assert len(text) < 20_000_000
    assert "\n |<50000> Elemwise{tanh,no_inplace} [id " in text


@pytest.mark.parametrize("thing", [{}, "x", None])
def test_what_is_no_graph(thing):
    with pytest.raises(TypeError, match="cannot print"):
        debugprint(thing)


# --- Print: what the real one wrote ---------------------------------------------------------------------


def test_print_shows_values_and_passes_them_on(capsys):
    x = tt.dvector("x")
    shown = Print("g", attrs=["shape", "__str__", "min", "dtype"])(x)
    f = tg.function([x], [Print("hello")(x).sum() * 2, tg.grad((shown**2).sum(), x)])
    total, slope = f([1, 2, 3.0])
    assert total == 12
    assert slope.tolist() == [2, 4, 6]
    lines = capsys.readouterr().out.splitlines()
    assert sorted(lines) == sorted(
        [
            "hello __str__ = [1. 2. 3.]",
            "g shape = (3,)",
            "g __str__ = [1. 2. 3.]",
            "g min = 1.0",
            "g dtype = float64",
        ]
    )
    assert lines.index("g shape = (3,)") + 3 == lines.index("g dtype = float64")


def test_print_of_a_scalar_and_with_another_function(capsys):
    i = tt.lscalar("i")
    tg.function([i], Print("int")(i))(3)
    assert capsys.readouterr().out == "int __str__ = 3\n"
    seen = []
    tg.function([i], Print("m", global_fn=lambda op, value: seen.append((op.message, op.attrs, value)))(i) + 1)(3)
    assert seen == [("m", ("__str__",), 3)]
    assert capsys.readouterr().out == ""


def test_prints_are_equal_by_what_they_print():
    assert Print("a") == Print("a")
    assert hash(Print("a")) == hash(Print("a"))
    assert Print("a") != Print("b")


# --- formulas -------------------------------------------------------------------------------------------

FORMULAS = json.loads((Path(__file__).parent / "data" / "pp.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", FORMULAS["cases"], ids=lambda case: case["source"])
def test_the_same_formula(case):
    space = {"T": tt}
    exec(FORMULAS["start"].replace("T.nnet.", "T."), space)
    assert pp(eval(case["source"].replace("T.nnet.", "T."), space)) == case["text"]


def test_a_long_formula_needs_no_recursion():
    x = tt.dvector("x")
    y = x
    for _ in range(2000):
        y = tt.exp(y)
    assert pp(y) == "exp(" * 2000 + "x" + ")" * 2000
