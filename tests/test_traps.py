"""The semantic traps: each probe of tests/traps gives what Theano gave (data/traps.json).

A probe's name starts with the row of the list of traps that it belongs to. tests/traps/left_out.md lists the
rows that are not here, with the reason.
"""

import importlib
import re
import sys

import pytest
from replay import HERE, check, legacy, load

sys.path.insert(0, str(HERE / "traps"))
evaluate = importlib.import_module("evaluate")
SECTIONS = (
    "stable gradients dtypes values shapes indexing losses streams "
    "shared_and_updates inputs_and_outputs variables networks"
).split(" ")
MODULES = [importlib.import_module(name) for name in SECTIONS]
TEXTS = {name: text for module in MODULES for name, text in module.PROBES.items()}
SAYS = {name: fragments for module in MODULES for name, fragments in module.SAYS.items()}
RECORDED = load("traps.json")["probes"]
ROUGH = {"r84_psi": 1e-8}  # Theano's own series for psi is good to ten digits
LEFT_OUT = {73, 86, 87, 115, 133}


@pytest.fixture
def probe():
    theano, tensor = legacy()
    before = theano.config.floatX, theano.config.compute_test_value
    theano.config.floatX, theano.config.compute_test_value = "float64", "off"
    yield evaluate.Probe(theano, tensor)
    theano.config.floatX, theano.config.compute_test_value = before


@pytest.mark.parametrize("name", list(TEXTS))
def test_probe(name, probe):
    try:
        value = probe.run(TEXTS[name])
    except Exception as error:
        if "raises" not in RECORDED[name]:
            raise
        value = error
        probe.messages.append(str(error))
    check(value, RECORDED[name], name, rtol=ROUGH.get(name), atol=1e-15)
    said = "\n".join(probe.messages)
    for fragment in SAYS.get(name, []):
        assert fragment in said, f"{name}: no {fragment!r} in {said!r}"


def test_every_row_has_a_probe():
    rows = {int(row) for name in TEXTS for row in re.findall(r"r(\d+)_", name)}
    wanted = {*range(1, 134), *range(145, 173), 175, 176} - LEFT_OUT
    assert wanted <= rows, sorted(wanted - rows)


def test_probes_and_records_agree():
    assert set(TEXTS) == set(RECORDED)
