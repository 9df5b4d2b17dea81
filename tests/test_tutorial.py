"""Every example of Theano's first tutorial pages gives what Theano gave (tests/tutorial, data/tutorial.json).

tests/tutorial/left_out.md lists the lines of those pages that are not here, with the reason.
"""

import importlib
import sys
import warnings

import numpy as np
import pytest
from replay import HERE, check, encoding, legacy, load

EXAMPLES = load("tutorial.json")["examples"]
sys.path.insert(0, str(HERE / "tutorial"))

# 10,000 steps of gradient descent: rounding of another BLAS is carried along, near zero too
LOOSE = {"logistic_regression.real": (1e-7, 1e-11)}


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_example(name):
    theano, tensor = legacy()
    page_name, example_name = name.split(".")
    page = importlib.import_module(page_name)
    example = getattr(page, "example_" + example_name)
    recorded = EXAMPLES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if encoding.is_error(recorded):
            with pytest.raises(Exception) as caught:
                example(theano, tensor, np)
            check(caught.value, recorded, name)
            return
        values = example(theano, tensor, np)
    rtol, atol = LOOSE.get(name, (None, 1e-14))
    check(values, recorded, name, getattr(page, "EXACT", False), rtol, atol)


def test_every_example_is_recorded():
    pages = [p.stem for p in (HERE / "tutorial").glob("*.py")]
    names = [(p, n) for p in pages for n in vars(importlib.import_module(p)) if n.startswith("example_")]
    found = {f"{page}.{name[8:]}" for page, name in names}
    assert found == set(EXAMPLES)
