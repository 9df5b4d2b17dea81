"""Whole programs as they were written for Theano print what they printed there (data/programs.json)."""

import re
import runpy
import warnings
from pathlib import Path

import numpy as np
import pytest
from replay import legacy, load

PROGRAMS = sorted(Path(__file__).parent.joinpath("programs").glob("*.py"))
RECORDED = load("programs.json")["programs"]
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+|\binf\b|\bnan\b)")
# (relative, absolute): float32 rounds differently with every BLAS, and training carries that on
TOLERANCE = {"float64": (1e-6, 1e-9), "float32": (1e-3, 1e-5)}


@pytest.fixture
def config():
    theano, _ = legacy()
    before = theano.config.floatX
    yield theano.config
    theano.config.floatX = before


@pytest.mark.parametrize("floatX", TOLERANCE)
@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_prints_what_it_printed(path, floatX, config, capsys):
    config.floatX = floatX
    with warnings.catch_warnings(), np.printoptions(legacy="1.25"):  # numbers as `tgraph run` prints them
        warnings.simplefilter("ignore")
        runpy.run_path(str(path), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    expected = RECORDED[path.stem][floatX]
    assert [NUMBER.sub("#", line) for line in lines] == [NUMBER.sub("#", line) for line in expected]
    rtol, atol = TOLERANCE[floatX]
    for line, was in zip(lines, expected, strict=True):
        ours, theirs = ([float(n) for n in NUMBER.findall(text)] for text in (line, was))
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol, err_msg=f"now: {line}\nwas: {was}")


def test_programs_and_records_agree():
    assert {p.stem for p in PROGRAMS} == set(RECORDED)
