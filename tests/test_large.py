"""Graphs of 100,000 nodes: no step of the way may recurse over them, or take time that grows faster than they do."""

import copy
import gc
import pickle
import threading

import numpy as np
import pytest

import tgraph.tensor as T
from tgraph.function import function
from tgraph.garbage import uncollected
from tgraph.graph import toposort

LENGTH = 50_000
START = np.array([0.5, -1.0, 2.0])


def chain(x, length):
    """y = tanh(y) * x, repeated: two nodes each."""
    y = x
    for _ in range(length):
        y = T.tanh(y) * x
    return y


def chain_in_numpy(x, length):
    """(y, d sum(y) / d x)"""
    y, dy = x, np.ones_like(x)
    for _ in range(length):
        t = np.tanh(y)
        y, dy = t * x, (1 - t * t) * dy * x + t
    return y, dy


def in_a_fresh_thread(work):
    """What ``work()`` returns or raises, in a thread with the stack that threads have."""
    found = []

    def run():
        try:
            found.append((True, work()))
        except BaseException as error:
            found.append((False, error))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    fine, result = found[0]
    if not fine:
        raise result
    return result


def test_a_chain_compiles_and_runs_in_a_fresh_thread():
    def work():
        x = T.dvector("x")
        y = chain(x, LENGTH)
        assert len(toposort([y])) == 2 * LENGTH
        f = function([x], y)
        return f, f(START)

    f, result = in_a_fresh_thread(work)
    expected, _ = chain_in_numpy(START, LENGTH)
    np.testing.assert_allclose(result, expected, rtol=1e-9)
    np.testing.assert_allclose(f(START), expected, rtol=1e-9)


def test_a_chain_is_pickled_and_copied():
    x = T.dvector("x")
    y = chain(x, LENGTH)

    def work():
        return pickle.loads(pickle.dumps(y)), copy.deepcopy(y)

    for twin in in_a_fresh_thread(work):
        assert twin is not y
        assert len(toposort([twin])) == 2 * LENGTH


def test_a_chain_is_differentiated():
    x = T.dvector("x")
    g = in_a_fresh_thread(lambda: T.grad(chain(x, LENGTH).sum(), x))
    assert len(toposort([g])) > 4 * LENGTH


def test_the_gradient_of_a_chain():
    length = LENGTH // 20
    x = T.dvector("x")
    y = chain(x, length)
    f = in_a_fresh_thread(lambda: function([x], [y, T.grad(y.sum(), x)]))
    for result, expected in zip(in_a_fresh_thread(lambda: f(START)), chain_in_numpy(START, length), strict=True):
        np.testing.assert_allclose(result, expected, rtol=1e-9)


@pytest.mark.slow
def test_the_gradient_of_a_long_chain():
    x = T.dvector("x")
    y = chain(x, LENGTH)
    f = in_a_fresh_thread(lambda: function([x], [y, T.grad(y.sum(), x)]))
    for result, expected in zip(in_a_fresh_thread(lambda: f(START)), chain_in_numpy(START, LENGTH), strict=True):
        np.testing.assert_allclose(result, expected, rtol=1e-9)


def test_the_collector_is_left_as_it_was():
    seen = []

    @uncollected
    def work(fail):
        seen.append(gc.isenabled())
        if fail:
            raise ValueError("on purpose")

    assert gc.isenabled()
    work(False)
    with pytest.raises(ValueError, match="on purpose"):
        work(True)
    assert gc.isenabled()
    gc.disable()
    try:
        work(False)
        assert not gc.isenabled()
    finally:
        gc.enable()
    assert seen == [False] * 3
