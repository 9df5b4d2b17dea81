"""Corners that old programs step on give what Theano gave (data/corners.json); and what needs no recording."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest
from corner_cases import CASES
from replay import check, legacy, load

RECORDED = load("corners.json")["cases"]


@pytest.mark.parametrize("name", list(CASES))
def test_case(name):
    theano, tensor = legacy()
    space = {"theano": theano, "T": tensor, "np": np, "__name__": "case"}
    try:
        exec(textwrap.dedent(CASES[name]), space)
        value = space.get("result")
    except Exception as error:
        value = error
    check(value, RECORDED[name], name)


@pytest.mark.parametrize(
    "program",
    [
        "from theano.tensor.shared_randomstreams import RandomStreams\n"
        "print(RandomStreams(3).uniform((2,)).eval().shape)",
        "import theano\nprint((theano.shared([1., 2.]) if False else theano.shared(2.) * 3).eval().shape)",
        "import theano, numpy\nprint(theano.shared(numpy.random.RandomState(3)).type)",
    ],
)
def test_programs_that_never_name_tensor(program):
    """What the first line of a program asks for may need files that it did not ask for."""
    text = "import tgraph.compat; tgraph.compat.install()\n" + program
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in ("(2,)", "()", "RandomStateType")


def test_a_function_that_is_not_offered_says_so():
    _, tensor = legacy()
    with pytest.raises(NotImplementedError, match="not offered"):
        tensor.vector()._build("no_such_function")
