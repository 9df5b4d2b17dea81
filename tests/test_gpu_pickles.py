"""Pickles of machines with a GPU open on one without: arrays, shared variables and graphs come in as those of the CPU.

The numbers are those of record/record_gpu_pickles.py.
"""

import gzip
import importlib
import pickle
import threading
from pathlib import Path

import numpy as np
import pytest
from replay import legacy

from tgraph.errors import NotPortedError

FILES = sorted((Path(__file__).parent / "data" / "pickles" / "gpu").glob("*.pkl.gz"))
W = np.arange(6, dtype="float32").reshape(3, 2) / 10
B = np.array([1, -1], "float32")
X, Y = np.arange(6, dtype="float32").reshape(2, 3), np.array([2, 3], "float32")

every_file = pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)


@pytest.fixture
def theano():
    found, _ = legacy()
    before = found.config.floatX
    found.config.floatX = "float32"
    yield found
    found.config.floatX = before


def read(path, loads=pickle.loads):
    return loads(gzip.decompress(path.read_bytes()), encoding="latin1")


@every_file
@pytest.mark.parametrize("loads", [pickle.loads, pickle._loads], ids=["c", "python"])
def test_values_and_graphs_are_of_the_cpu(path, loads, theano):
    found = read(path, loads)
    w, b = found["params"]
    np.testing.assert_array_equal(found["value"], W)
    assert [w.name, b.name] == ["w", "b"]
    assert w.type == found["type"] == theano.tensor.fmatrix
    np.testing.assert_array_equal(w.get_value(), W)
    np.testing.assert_array_equal(b.get_value(), B)
    w.set_value(W * 2)
    np.testing.assert_array_equal(w.get_value(), W * 2)
    w.set_value(W)
    want = ((X @ W + B - Y) ** 2).sum()
    f = theano.function([found["x"], found["y"]], [found["cost"], *theano.grad(found["cost"], [w, b])])
    cost, gw, gb = f(X, Y)
    np.testing.assert_allclose(cost, want, rtol=1e-5)
    np.testing.assert_allclose(gw, 2 * X.T @ (X @ W + B - Y), rtol=1e-5)
    np.testing.assert_allclose(gb, 2 * (X @ W + B - Y).sum(0), rtol=1e-5)
    step = theano.function([found["x"], found["y"]], found["cost"], updates=found["updates"])
    np.testing.assert_allclose(step(X, Y), want, rtol=1e-5)
    np.testing.assert_allclose(w.get_value(), W / 2, rtol=1e-6)
    again = pickle.loads(pickle.dumps(found))
    np.testing.assert_allclose(again["params"][0].get_value(), W / 2, rtol=1e-6)


@every_file
def test_an_op_of_the_gpu_opens_and_refuses_to_be_used(path, theano):
    op = read(path)["alone"]
    with pytest.raises(NotPortedError, match="pickle that was opened"):
        op(theano.tensor.matrix())
    assert str(pickle.loads(pickle.dumps(op))) == str(op) == type(op).__name__


@every_file
def test_programs_still_hear_that_there_is_no_gpu(path, theano):
    read(path)
    for module, name in [("sandbox.cuda.type", "CudaNdarrayType"), ("sandbox.cuda.basic_ops", "HostFromGpu"),
                         ("sandbox.cuda.var", "CudaNdarraySharedVariable"), ("gpuarray.type", "GpuArrayType")]:
        assert not hasattr(importlib.import_module(f"theano.{module}"), name)
    assert not theano.sandbox.cuda.cuda_available


def test_from_many_threads(theano):
    failed = []

    def work(path):
        try:
            for _ in range(20):
                np.testing.assert_array_equal(read(path)["params"][0].get_value(), W)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(path,)) for path in FILES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
