"""What all tests share: no settings from outside, the same random numbers, flags as they were."""

import os

# Before tgraph is imported: flags are read then.
for name in ("TGRAPH_FLAGS", "THEANO_FLAGS", "TGRAPH_DOOR"):
    os.environ.pop(name, None)
os.environ["TGRAPHRC"] = os.environ["THEANORC"] = os.devnull

import numpy as np
import pytest

from tgraph import config as flags


@pytest.fixture(autouse=True)
def _same_start():
    """Each test starts with numpy's global generator at 0, and leaves the flags as it found them."""
    np.random.seed(0)
    before = {
        name: getattr(flags, name) for name in ("floatX", "device", "mode", "compute_test_value", "optimizer")
    }
    yield
    for name, value in before.items():
        setattr(flags, name, value)
