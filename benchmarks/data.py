"""Inputs of the workloads. ``RandomState`` draws the same numbers under old and new numpy, so all systems get the same."""

import numpy as np

F = "float32"


def _weights(r, *shape):
    return (r.randn(*shape) / np.sqrt(shape[0])).astype(F)


def nothing():
    """For workloads whose data are numbers."""
    return {}


def vec10():
    """Ten float64 numbers."""
    return {"x": np.arange(10, dtype="float64")}


def logreg():
    """12,000 images of 784 pixels in batches of 600, ten classes."""
    r = np.random.RandomState(1)
    return {"x": r.rand(12000, 784).astype(F), "y": r.randint(0, 10, 12000).astype("int64"), "batch": 600,
            "W": np.zeros((784, 10), F), "b": np.zeros(10, F), "lr": 0.13}


def mlp():
    """6,000 images in batches of 100, one hidden layer of 500."""
    r = np.random.RandomState(2)
    return {"x": r.rand(6000, 784).astype(F), "y": r.randint(0, 10, 6000).astype("int64"), "batch": 100,
            "W1": _weights(r, 784, 500), "b1": np.zeros(500, F), "W2": _weights(r, 500, 10), "b2": np.zeros(10, F),
            "lr": 0.01, "mom": 0.9}


def chain(n):
    """A vector of 1,000 for ``n`` ops in a row."""
    return lambda: {"x": (np.random.RandomState(13).rand(1000) + 0.5).astype(F), "n": n}


# name -> (data, largest relative difference allowed after 3 steps)
TABLE = {
    "call_scalar": (nothing, 1e-9), "call_vec10": (vec10, 1e-9), "shared_acc": (nothing, 1e-9),
    "logreg_sgd": (logreg, 1e-5), "mlp_momentum": (mlp, 1e-5),
    "chain_100": (chain(100), 1e-5), "chain_1000": (chain(1000), 1e-5), "chain_5000": (chain(5000), 1e-5),
}
