"""Pickles that the real Theano wrote open; what is in them works and gives what it gave there (data/pickles.json)."""

import gzip
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
from replay import legacy, load

FOLDER = Path(__file__).parent / "data" / "pickles"
RECORDED = load("pickles.json")["opened"]
TOLERANCE = {"float64": 1e-9, "float32": 1e-5}


@pytest.fixture
def uses():
    theano, _ = legacy()
    sys.modules.pop("pickle_uses", None)
    import pickle_uses  # which imports the legacy names: they must be there

    before = theano.config.floatX
    yield lambda name, floatX: setattr(theano.config, "floatX", floatX) or pickle_uses.USES[name]
    theano.config.floatX = before


def _same(now, was, rtol):
    if isinstance(was, list) and was and not isinstance(was[0], (list, str)):
        np.testing.assert_allclose(np.asarray(now, dtype=float), np.asarray(was, dtype=float), rtol=rtol, atol=rtol)
    elif isinstance(was, list):
        assert len(now) == len(was)
        for one, other in zip(now, was, strict=True):
            _same(one, other, rtol)
    elif isinstance(was, float):
        np.testing.assert_allclose(now, was, rtol=rtol, atol=rtol)
    else:
        assert now == was


@pytest.mark.parametrize("floatX", TOLERANCE)
@pytest.mark.parametrize("name", RECORDED)
@pytest.mark.filterwarnings("error:the rewrite")
@pytest.mark.filterwarnings("ignore")
def test_opens_and_works(name, floatX, uses):
    use = uses(name, floatX)
    data = gzip.decompress((FOLDER / f"{name}_{floatX}.pkl.gz").read_bytes())
    _same(use(pickle.loads(data), floatX), RECORDED[name][floatX], TOLERANCE[floatX])
    again = pickle.loads(pickle.dumps(pickle.loads(data)))
    _same(use(again, floatX), RECORDED[name][floatX], TOLERANCE[floatX])


def test_pooling_of_theano_0_8_had_its_window_in_the_op():
    _, T = legacy()
    from theano.tensor.signal.pool import Pool, pool_2d

    x = T.tensor4("x")
    new = pool_2d(x, (2, 3), ignore_border=True, stride=(2, 1), pad=(1, 0), mode="average_exc_pad")
    old = Pool.__new__(Pool)
    old.__setstate__({"ds": (2, 3), "st": (2, 1), "padding": (1, 0), "ignore_border": True, "mode": "average_exc_pad"})
    out = x.clone()
    node = type(new.owner)(new.owner.op, new.owner.inputs, [new.type()])
    node.__setstate__({"op": old, "inputs": [x], "outputs": [out], "tag": {}})
    out.owner, out.index = node, 0
    value = np.random.RandomState(0).rand(2, 3, 6, 7).astype(x.dtype)
    np.testing.assert_array_equal(out.eval({x: value}), new.eval({x: value}))
