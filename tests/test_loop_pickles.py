"""Loops, branches and ops made of graphs in pickles that the real Theano wrote (1.0.5 with Python 3.8 and 2.7, some by
0.8.2): they open, and what is in them works and gives what it gave there (data/loop_pickles.json)."""

import copy
import gzip
import io
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
from replay import legacy, load

from tgraph.compat.shims import pkl_utils
from tgraph.errors import NotPortedError
from tgraph.ops.loop import Scan

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
    return opened(gzip.decompress((FOLDER / f"{key}.pkl.gz").read_bytes()), key)


def opened(data, key):
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


@pytest.mark.parametrize("key", ["gradient_float64_py3", "last_only_float64_py3", "rnn_float32_py2", "zip_float64_py3"])
def test_what_is_cut_off_is_an_error(key, uses):
    whole = gzip.decompress((FOLDER / f"{key}.pkl.gz").read_bytes())
    for end in range(1, len(whole), len(whole) // 60):
        with pytest.raises(Exception):  # noqa: B017  # of many classes, but an exception
            opened(whole[:end], key)


def test_a_loop_that_does_not_fit_together_says_so(uses):
    inputs = read("sums_float64_py3")["outputs"][0].owner.inputs
    loop = inputs[0].owner.op
    for part, wrong in [("n_seqs", 9), ("tap_array", []), ("inner_outputs", [])]:
        broken = copy.copy(loop)
        broken.facts = {**loop.facts, part: wrong}
        with pytest.raises(NotPortedError, match=r"for\{scan_fn\}: the loop in this pickle does not fit together"):
            assert broken.inputs
    with pytest.raises(NotPortedError, match="has no graph"):
        Scan.__new__(Scan).__setstate__({"info": {}})


@pytest.mark.parametrize("key", [key for key in RECORDED if RECORDED[key]["use"] == "rewritten"])
@pytest.mark.filterwarnings("error:the rewrite")
@pytest.mark.filterwarnings("ignore")
def test_what_was_rewritten_is_rewritten_again(key, uses):
    floatX = key.split("_")[-2]
    use = uses("rewritten", floatX)
    same(use(read(key), floatX, mode=None), RECORDED[key]["found"], TOLERANCE[floatX])
