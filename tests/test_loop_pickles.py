"""Loops, branches and ops made of graphs in pickles that the real Theano wrote, with Python 3.8 and 2.7: they open, and
what is in them works and gives what it gave there (data/loop_pickles.json)."""

import gzip
import io
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
from replay import legacy, load

from tgraph.compat.shims import pkl_utils

FOLDER = Path(__file__).parent / "data" / "pickles" / "loops"
RECORDED = load("loop_pickles.json")["opened"]
TOLERANCE = {"float64": 1e-9, "float32": 2e-5}


@pytest.fixture
def uses():
    theano, _ = legacy()
    sys.modules.pop("loop_pickle_uses", None)
    import loop_pickle_uses  # which imports the legacy names: they must be there

    before = theano.config.floatX
    yield lambda name, floatX: setattr(theano.config, "floatX", floatX) or loop_pickle_uses.USES[name]
    theano.config.floatX = before


def same(now, was, rtol):
    if isinstance(was, list) and any(isinstance(part, (list, str)) for part in was):
        assert len(now) == len(was)
        for one, other in zip(now, was, strict=True):
            same(one, other, rtol)
    elif isinstance(was, str):
        assert now == was
    else:
        np.testing.assert_allclose(np.asarray(now, float), np.asarray(was, float), rtol=rtol, atol=rtol)


def read(key):
    data = gzip.decompress((FOLDER / f"{key}.pkl.gz").read_bytes())
    if data.startswith(b"PK"):
        return pkl_utils.load(io.BytesIO(data))
    return pickle.loads(data, encoding="latin1" if key.endswith("py2") else "ASCII")


@pytest.mark.parametrize("key", RECORDED)
@pytest.mark.filterwarnings("error:the rewrite")
@pytest.mark.filterwarnings("ignore")
def test_opens_and_works(key, uses):
    floatX = key.split("_")[-2]
    use = uses(RECORDED[key]["use"], floatX)
    same(use(read(key), floatX), RECORDED[key]["found"], TOLERANCE[floatX])


@pytest.mark.parametrize("key", [key for key in RECORDED if key.endswith("float64_py3")])
@pytest.mark.filterwarnings("error:the rewrite")
@pytest.mark.filterwarnings("ignore")
def test_opens_again_from_our_pickle(key, uses):
    use = uses(RECORDED[key]["use"], "float64")
    again = pickle.loads(pickle.dumps(read(key)))
    same(use(again, "float64"), RECORDED[key]["found"], TOLERANCE["float64"])


@pytest.mark.parametrize("key", [key for key in RECORDED if RECORDED[key]["use"] == "rewritten"])
@pytest.mark.filterwarnings("error:the rewrite")
@pytest.mark.filterwarnings("ignore")
def test_what_was_rewritten_is_rewritten_again(key, uses):
    floatX = key.split("_")[-2]
    use = uses("rewritten", floatX)
    same(use(read(key), floatX, mode=None), RECORDED[key]["found"], TOLERANCE[floatX])
