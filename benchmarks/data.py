"""Inputs of the workloads. ``RandomState`` draws the same numbers under old and new numpy: all systems get the same."""

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


def vector(n):
    """``n`` numbers in -1 .. 1."""
    return lambda: {"x": (np.random.RandomState(4).rand(n) * 2 - 1).astype(F)}


def matrix():
    """1,000 rows of 10,000."""
    return {"x": np.random.RandomState(5).randn(1000, 10000).astype(F)}


def embedding():
    """A table of 50,000 rows of 128, of which 640 are looked up at a time."""
    r = np.random.RandomState(10)
    return {"E": (r.randn(50000, 128) * 0.1).astype(F), "rows": r.randint(0, 50000, (20, 640)).astype("int64"),
            "V": _weights(r, 128, 1), "lr": 0.1}


def dropout():
    """The images of ``mlp``, two hidden layers of 500, half of the units kept."""
    r = np.random.RandomState(3)
    return {"x": r.rand(6000, 784).astype(F), "y": r.randint(0, 10, 6000).astype("int64"), "batch": 100,
            "W1": _weights(r, 784, 500), "W2": _weights(r, 500, 500), "W3": _weights(r, 500, 10), "lr": 0.01, "keep": 0.5}


def attention():
    """32 sequences of 128 vectors of 64."""
    r = np.random.RandomState(12)
    return {name: r.randn(32, 128, 64).astype(F) for name in "qkv"}


def lstm():
    """32 sequences of 50 vectors of 64, 128 units, ten classes."""
    r = np.random.RandomState(7)
    return {"x": r.randn(50, 32, 64).astype(F), "y": r.randint(0, 10, 32).astype("int64"),
            "W": (r.randn(64, 512) / 8).astype(F), "U": (r.randn(128, 512) / 11).astype(F),
            "b": np.zeros(512, F), "V": (r.randn(128, 10) / 11).astype(F), "lr": 0.1}


def rnn():
    """One sequence of 1,000 vectors of 16, 16 units."""
    r = np.random.RandomState(8)
    return {"x": r.randn(1000, 16).astype(F), "W": (r.randn(16, 16) / 10).astype(F),
            "U": (r.randn(16, 16) / 10).astype(F)}


def square():
    """A vector of 50 and a matrix."""
    r = np.random.RandomState(9)
    return {"x": r.rand(50).astype(F), "A": (r.randn(50, 50) / 7).astype(F)}


def words():
    """100 places in a table of 2,000 rows of 16."""
    r = np.random.RandomState(11)
    return {"i": r.randint(0, 2000, 100).astype("int32"), "E": r.randn(2000, 16).astype(F),
            "W": (r.randn(16, 16) / 10).astype(F)}


def small():
    """20 vectors of 64, ten classes."""
    r = np.random.RandomState(14)
    return {"x": r.randn(20, 64).astype(F), "y": r.randint(0, 10, 20).astype("int32"),
            "layers": [(r.randn(a, b) / 8).astype(F) for a, b in ((64, 32), (32, 32), (32, 10))]}


# name -> (data, largest relative difference allowed after 3 steps)
TABLE = {
    "call_scalar": (nothing, 1e-9), "call_vec10": (vec10, 1e-9), "shared_acc": (nothing, 1e-9),
    "logreg_sgd": (logreg, 1e-5), "mlp_momentum": (mlp, 1e-5),
    "elemwise_1e6": (vector(10 ** 6), 1e-5), "elemwise_1e7": (vector(10 ** 7), 1e-5), "softmax": (matrix, 1e-5),
    "logsumexp": (matrix, 1e-5), "reductions": (matrix, 1e-5), "embedding_sgd": (embedding, 1e-5),
    "dense_embedding_sgd": (embedding, 1e-5), "dropout_mrg": (dropout, 1e-5), "dropout_srs": (dropout, 1e-5),
    "attention": (attention, 1e-5),
    "lstm_step": (lstm, 1e-5), "rnn_forward": (rnn, 1e-5), "rnn_gradient": (rnn, 1e-5), "words_gradient": (words, 1e-5),
    "jacobian": (square, 1e-5), "hessian": (square, 1e-5), "adam_small": (small, 1e-4),
    "chain_100": (chain(100), 1e-5), "chain_1000": (chain(1000), 1e-5), "chain_5000": (chain(5000), 1e-5),
}
