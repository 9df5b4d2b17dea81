"""One function, many threads: right answers, nothing lost. (Theano: two wrong results and eleven
exceptions.)"""

import sys
import threading

import numpy as np
import pytest

import tgraph.tensor as tt
from tgraph.arguments import In
from tgraph.function import function
from tgraph.modes import Mode
from tgraph.shared import shared
from tgraph.types import TensorType

THREADS, CALLS = 8, 2000


@pytest.fixture
def eager_switches():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def run_threads(work, n=THREADS):
    """Run ``work(thread number)`` in n threads that start together; fails with their exceptions."""
    errors, barrier = [], threading.Barrier(n)

    def body(k):
        try:
            barrier.wait()
            work(k)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=body, args=(k,)) for k in range(n)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(120)
    assert not errors, errors[:3]
    assert not any(t.is_alive() for t in threads)


def scalar(name):
    return TensorType("float64", ())(name)


@pytest.mark.usefixtures("eager_switches")
@pytest.mark.parametrize("linker", ["py", "cvm"])
def test_sixteen_thousand_calls(linker):
    x, y = TensorType("float64", (False,))("x"), scalar("y")
    z = x
    for _ in range(6):
        z = tt.sqrt(z * y) + x
    f = function([x, In(y, value=2.0)], [z, x * y], mode=Mode(linker, None))
    wanted = {k: f(np.full(k + 1, float(k)), float(k + 1)) for k in range(THREADS)}

    def work(k):
        value = np.full(k + 1, float(k))
        for i in range(CALLS):
            a, b = f(value, float(k + 1)) if i % 2 else f(y=float(k + 1), x=value)
            assert a.shape == (k + 1,)
            np.testing.assert_array_equal(a, wanted[k][0])
            np.testing.assert_array_equal(b, wanted[k][1])

    run_threads(work)


@pytest.mark.usefixtures("eager_switches")
@pytest.mark.parametrize("linker", ["py", "cvm"])
def test_no_update_is_lost(linker):
    x = scalar("x")
    count, total = shared(np.int64(0), "count"), shared(np.zeros(3), "total")
    new = total
    for _ in range(3):
        new = tt.sqrt(new * new)  # the same value; enough calls for TorchScript
    f = function([x], [count, total], updates=[(count, count + 1), (total, new + x)], mode=Mode(linker, None))
    seen = [[] for _ in range(THREADS)]

    def work(k):
        for _ in range(CALLS):
            n, t = f(2.0)
            # both are of one moment, and every call saw another one
            assert (t == 2 * n).all(), (n, t)
            seen[k].append(int(n))

    run_threads(work)
    assert sorted(n for part in seen for n in part) == list(range(THREADS * CALLS))
    assert count.get_value() == THREADS * CALLS
    np.testing.assert_array_equal(total.get_value(), 2.0 * THREADS * CALLS)


@pytest.mark.usefixtures("eager_switches")
def test_readers_see_all_of_an_update_or_nothing():
    a, b = shared(np.zeros(4), "a"), shared(np.zeros(4), "b")
    write = function([], [], updates=[(a, a + 1), (b, b - 1)])
    read = function([], [a + 0, b + 0])

    def work(k):
        for _ in range(CALLS // 2):
            if k % 2:
                write()
            else:
                p, q = read()
                assert (p == -q).all(), (p, q)
                assert (p == p[0]).all()

    run_threads(work)


@pytest.mark.usefixtures("eager_switches")
def test_opposite_orders_do_not_deadlock():
    a, b = shared(0.0), shared(0.0)
    f = function([], [], updates=[(a, a + 1), (b, b + 1)])
    g = function([], [], updates=[(b, b + 1), (a, a + 1)])
    run_threads(lambda k: [(f if k % 2 else g)() for _ in range(500)])
    assert a.get_value() == b.get_value() == THREADS * 500


@pytest.mark.usefixtures("eager_switches")
def test_errors_in_one_thread_do_not_disturb_others():
    x = TensorType("float64", (False,))("x")
    total = shared(np.zeros(2))
    f = function([x], total * 1, updates=[(total, total + x)])

    def work(k):
        for _ in range(100):
            if k == 0:
                with pytest.raises(ValueError):
                    f(np.ones(3))
            else:
                f(np.ones(2))

    run_threads(work, 4)
    np.testing.assert_array_equal(total.get_value(), 300)


def test_compiling_in_many_threads():
    def work(k):
        x = scalar("x")
        for i in range(10):
            y = x
            for _ in range(i):
                y = tt.exp(y) * x
            assert function([x], y + k)(0.0) == (k if i else 0.0 + k)

    run_threads(work, 4)
