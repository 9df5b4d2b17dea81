"""What all tests share: no settings from outside, the same random numbers, and `known_differences.txt`."""

import os
import tempfile

# Before tgraph is imported: flags are read then.
for name in ("TGRAPH_FLAGS", "THEANO_FLAGS", "TGRAPH_DOOR"):
    os.environ.pop(name, None)
os.environ["TGRAPHRC"] = os.environ["THEANORC"] = os.devnull
# What other processes compiled is not asked for, and nothing is left behind.
CACHE = tempfile.TemporaryDirectory(prefix="tgraph-tests-")
os.environ["XDG_CACHE_HOME"] = CACHE.name
# Before torch is imported: on a busy machine its threads wait for each other far longer than they compute.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import pytest

import tgraph.compat
from tgraph.config import config

LIST = Path(__file__).with_name("known_differences.txt")


def read_known():
    """[(kind, test, reason)] of `known_differences.txt`."""
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return [tuple(line.split("\t", 2)) for line in lines if line and not line.startswith("#")]


KNOWN = read_known()


def _reason(kind, test):
    # not fnmatch alone: the brackets of a test's case would be read as a set of characters
    return next((why for k, name, why in KNOWN if k == kind and (name == test or _matches(test, name))), None)


def _matches(test, pattern):
    return any(c in pattern for c in "*?") and fnmatchcase(test, pattern.replace("[", "[[]"))


@pytest.fixture(autouse=True, scope="module")
def _closed_door():
    """Each file of tests leaves the door for old scripts closed: open, it changes what messages say."""
    yield
    tgraph.compat.uninstall()


@pytest.fixture(autouse=True)
def _same_start():
    """Each test starts with numpy's global generator at 0, and leaves the flags as it found them."""
    np.random.seed(0)
    names = ("floatX", "device", "mode", "linker", "optimizer", "compute_test_value", "inductor")
    before = {name: getattr(config, name) for name in names}
    yield
    for name, value in before.items():
        setattr(config, name, value)


def pytest_collection_modifyitems(items):
    for item in items:
        if reason := _reason("differs", item.nodeid):
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        listed = _reason("skip", item.nodeid) or item.get_closest_marker("cuda")
        if not listed:
            report.outcome = "failed"
            report.longrepr = f"skipped without a line in {LIST.name}: {report.longrepr}"
    return report
