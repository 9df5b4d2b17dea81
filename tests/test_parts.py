"""Updates of parts of large shared tensors are written in place when the call commits, and nobody can tell: a call
that raises changes nothing, readers see whole values, arrays that were handed out keep theirs."""

import pickle
import threading

import numpy as np
import pytest
import torch

import tgraph.tensor as T
from tgraph.arguments import Out
from tgraph.function import function
from tgraph.grad import grad
from tgraph.lowering import parts
from tgraph.modes import Mode
from tgraph.shared import shared

N, M = 4000, 12
LINKERS = pytest.mark.parametrize("linker", ["py", "cvm"])
ROWS = np.array([3, 5, 3, -1, 0, 77], "int64")


def table(seed=0, dtype="float64"):
    return np.random.default_rng(seed).normal(size=(N, M)).astype(dtype)


def place(s):
    return s.container.storage[0].data_ptr()


def in_place(f):
    return bool(f._plan.parts)


i, k = T.lvector("i"), T.lscalar("k")
m = T.TensorType("bool", (False,))("m")
v = T.dvector("v")


def numpy_rows(w, value, add):
    w = w.copy()
    if add:
        np.add.at(w, ROWS, value)
    else:
        for row, y in zip(ROWS, np.broadcast_to(value, (len(ROWS), M)), strict=True):
            w[row] = y
    return w


def written(w, key, value, add=False):
    w = w.copy()
    w[key] = w[key] + value if add else value
    return w


MASK = np.arange(N) % 3 == 0
Y = np.arange(6.0 * M).reshape(6, M)
VEC = np.arange(float(M))
WIDE = np.random.default_rng(4).normal(size=(300, N)) / 30
#: name -> (update of W, the same with numpy)
FORMS = {
    "rows": (lambda w: T.inc_subtensor(w[i], Y), lambda w: numpy_rows(w, Y, True)),
    "one_for_all_rows": (lambda w: T.inc_subtensor(w[i], 2.5), lambda w: numpy_rows(w, 2.5, True)),
    "vector_for_all_rows": (lambda w: T.inc_subtensor(w[i], v), lambda w: numpy_rows(w, VEC, True)),
    "rows_set": (lambda w: T.set_subtensor(w[i], Y), lambda w: numpy_rows(w, Y, False)),
    "rows_set_to_one": (lambda w: T.set_subtensor(w[i], 1), lambda w: numpy_rows(w, 1, False)),
    "row": (lambda w: T.set_subtensor(w[k], v), lambda w: written(w, 7, VEC)),
    "row_from_the_end": (lambda w: T.inc_subtensor(w[-k], v), lambda w: written(w, -7, VEC, True)),
    "slice": (lambda w: T.set_subtensor(w[k : k + 20], v), lambda w: written(w, slice(7, 27), VEC)),
    "slice_cut": (lambda w: T.inc_subtensor(w[-3 : k * 1000], 1.0), lambda w: written(w, slice(-3, None), 1.0, True)),
    "backwards": (
        lambda w: T.inc_subtensor(w[20:10:-2, ::-1], v),
        lambda w: written(w, (slice(20, 10, -2), slice(None, None, -1)), VEC, True),
    ),
    "all": (lambda w: T.inc_subtensor(w[:], v), lambda w: w + VEC),
    "elements": (lambda w: T.inc_subtensor(w[i, i % 5], 3.0), lambda w: _added(w, (ROWS, ROWS % 5), 3.0)),
    "elements_of_a_part": (
        lambda w: T.set_subtensor(w[i, 2:5], 3.0),
        lambda w: written(w, (ROWS, slice(2, 5)), 3.0),
    ),
    "mask": (lambda w: T.set_subtensor(w[m.nonzero()], v), lambda w: written(w, MASK, VEC)),
    "two": (
        lambda w: T.set_subtensor(T.inc_subtensor(w[i], Y)[2:4], v),
        lambda w: written(numpy_rows(w, Y, True), slice(2, 4), VEC),
    ),
    "shifted": (lambda w: T.set_subtensor(w[1:], w[:-1]), lambda w: written(w, slice(1, None), w[:-1])),
    "rows_of_itself": (lambda w: T.set_subtensor(w[i], w[i + 1]), lambda w: numpy_rows(w, w[ROWS + 1], False)),
    "sgd": (lambda w: w - 0.5 * grad((w[i] ** 2).sum(), w), lambda w: numpy_rows(w, -w[ROWS], True)),
    "product": (
        lambda w: w - 0.1 * T.dot(T.sqr(w[:, :3]), T.tanh(w[:3])),
        lambda w: w - 0.1 * np.dot(w[:, :3] ** 2, np.tanh(w[:3])),
    ),
    "narrow_product": (
        lambda w: w - 0.1 * T.dot(T.constant(WIDE).T, w[:300]),
        lambda w: w - 0.1 * np.dot(WIDE.T, w[:300]),
    ),
    "decayed": (lambda w: w * 0.9 - T.tanh(w), lambda w: w * 0.9 - np.tanh(w)),
    "vector_added": (lambda w: v + w, lambda w: w + VEC),
    "divided": (lambda w: w / (v + 1), lambda w: w / (VEC + 1)),
    "doubled": (lambda w: w * 2, lambda w: w * 2),
    "sgd_row": (lambda w: w - 0.5 * grad((w[k] ** 2).sum(), w), lambda w: written(w, 7, 0)),
}


def _added(w, key, value):
    w = w.copy()
    np.add.at(w, key, value)
    return w


@LINKERS
@pytest.mark.parametrize("name", FORMS)
def test_forms(name, linker):
    update, twin = FORMS[name]
    start = table()
    w = shared(start, "w")
    f = function([i, k, m, v], [], updates=[(w, update(w))], mode=Mode(linker, "fast_run"), on_unused_input="ignore")
    assert in_place(f)
    seen, wanted = None, start
    for _ in range(3):
        f(ROWS, 7, MASK, VEC)
        wanted = twin(wanted)
        np.testing.assert_allclose(w.get_value(), wanted, rtol=1e-12, atol=1e-12)
        assert seen in (None, place(w))
        seen = place(w)


@LINKERS
@pytest.mark.parametrize("dtype", ["float32", "int32", "int8", "bool", "float16", "complex64", "uint8"])
def test_dtypes(dtype, linker):
    start = np.zeros((600000, 1), dtype)
    w = shared(start)
    f = function([i], w[3], updates=[(w, T.set_subtensor(w[i], 1))], mode=Mode(linker))
    assert in_place(f)
    for _ in range(2):
        f([3, -1])
    assert w.get_value().sum() == 2
    assert w.get_value().dtype == dtype


@LINKERS
def test_small_tensors_are_copied(linker):
    w = shared(np.zeros((5, 2)))
    assert not in_place(function([i], [], updates=[(w, T.inc_subtensor(w[i], 1))], mode=Mode(linker)))


@LINKERS
@pytest.mark.parametrize(
    ("index", "value", "error"),
    [([1, N], Y[:2], IndexError), ([-N - 1, 2], Y[:2], IndexError), ([1, 2, 3], Y[:2], ValueError)],
)
def test_a_call_that_raises_changes_nothing(index, value, error, linker):
    w, count = shared(table(), "w"), shared(0, "count")
    y = T.dmatrix("y")
    f = function(
        [i, y],
        [],
        updates=[(count, count + 1), (w, T.inc_subtensor(T.set_subtensor(w[0], 5.0)[i], y))],
        mode=Mode(linker),
    )
    assert in_place(f)
    f([1, 1], Y[:2])
    before = w.get_value()
    with pytest.raises(error):
        f(index, value)
    np.testing.assert_array_equal(w.get_value(), before)
    assert count.get_value() == 1
    f([1, 1], Y[:2])  # the frames of the exception may hold the tensor
    at = place(w)
    f([1, 1], Y[:2])
    assert place(w) == at


@LINKERS
def test_a_dense_update_that_raises_changes_nothing(linker):
    w, x, y = shared(table(), "w"), T.dmatrix("x"), T.dmatrix("y")
    product = function([x, y], [], updates=[(w, w - 0.1 * T.dot(x, y))], mode=Mode(linker))
    added = function([x], [], updates=[(w, w + T.exp(x))], mode=Mode(linker))
    assert in_place(product)
    assert in_place(added)
    before = w.get_value()
    for f, arguments in (
        (product, (np.ones((N, 3)), np.ones((4, M)))),
        (product, (np.ones((N, 3)), np.ones((3, M + 1)))),
        (product, (np.ones((1, 3)), np.ones((3, M)))),
        (added, (np.ones((N, M + 1)),)),
        (added, (np.ones((1, M)),)),
    ):
        with pytest.raises(ValueError):
            f(*arguments)
        np.testing.assert_array_equal(w.get_value(), before)
    product(np.ones((N, 3)), np.ones((3, M)))
    added(np.zeros((N, M)))
    np.testing.assert_allclose(w.get_value(), before - 0.3 + 1)


@LINKERS
def test_a_late_failure_changes_nothing(linker):
    """Something after the update in the same call fails."""
    w, x = shared(table(), "w"), T.dvector("x")
    f = function([i, x], T.dot(x, x[1:]), updates=[(w, T.inc_subtensor(w[i], 1.0))], mode=Mode(linker))
    before = w.get_value()
    with pytest.raises(ValueError):
        f([1], np.ones(3))
    np.testing.assert_array_equal(w.get_value(), before)
    held = w.container.storage[0]
    assert isinstance(held, torch.Tensor)


@LINKERS
def test_what_was_handed_out_stays_as_it_was(linker):
    start = table()
    w = shared(start, "w", borrow=True)
    f = function([i], w, updates=[(w, T.inc_subtensor(w[i], 1.0))], mode=Mode(linker))
    kept = start.copy()
    old = f([0])
    np.testing.assert_array_equal(start, kept)
    np.testing.assert_array_equal(old, kept)
    for get in (
        lambda: w.get_value(borrow=True),
        lambda: w.get_value(borrow=True)[3:9],
        lambda: w.get_value(),
        lambda: f.value[w],
        lambda: f([1]),
        lambda: pickle.loads(pickle.dumps(w)).get_value(),
        lambda: w.container.data,
    ):
        array = get()
        before = array.copy()
        f(np.arange(50))
        np.testing.assert_array_equal(array, before)
    at = place(w)
    f([1])
    assert place(w) == at


@LINKERS
def test_borrowed_results_stay_as_they_were(linker):
    w = shared(table(), "w")
    f = function([i], [], updates=[(w, T.inc_subtensor(w[i], 1.0))], mode=Mode(linker))
    read = function([], Out(w[2:5], borrow=True), mode=Mode(linker))
    f([3])
    part = read()
    before = part.copy()
    f([2, 3, 4])
    np.testing.assert_array_equal(part, before)
    np.testing.assert_array_equal(read(), before + 1)


@LINKERS
def test_values_put_between_calls(linker):
    w = shared(table(), "w")
    f = function([i], [], updates=[(w, T.inc_subtensor(w[i], 1.0))], mode=Mode(linker))
    f([3])
    mine = table(1)
    kept = mine.copy()
    w.set_value(mine, borrow=True)
    f([3])
    np.testing.assert_array_equal(mine, kept)
    kept[3] += 1
    np.testing.assert_array_equal(w.get_value(), kept)
    w.set_value(np.zeros((6, 2)))
    f([3])
    assert w.get_value().sum() == 2
    w.set_value(np.asfortranarray(table(1)))
    f([3, 3])
    kept[3] += 1
    np.testing.assert_allclose(w.get_value(), kept)


@LINKERS
def test_functions_on_one_table(linker):
    w = shared(table(), "w")
    add = function([i], [], updates=[(w, T.inc_subtensor(w[i], 1.0))], mode=Mode(linker))
    double = function([], [], updates=[(w, w * 2)], mode=Mode(linker))
    total = function([], w.sum(), mode=Mode(linker))
    wanted = table()
    for _ in range(3):
        add([1, 2, 2])
        double()
        np.add.at(wanted, [1, 2, 2], 1.0)
        wanted *= 2
        np.testing.assert_allclose(total(), wanted.sum(), rtol=1e-9)
    np.testing.assert_allclose(w.get_value(), wanted, rtol=1e-12, atol=1e-12)


@LINKERS
def test_updates_read_the_old_values(linker):
    w, u, s = shared(table(), "w"), shared(table(1), "u"), shared(np.zeros((N, M)), "s")
    f = function(
        [i],
        [w[i], u[:3]],
        updates=[(w, T.set_subtensor(w[:100], u[:100])), (u, T.inc_subtensor(u[i], w[i])), (s, w)],
        mode=Mode(linker),
    )
    assert in_place(f)
    a, b = table(), table(1)
    for _ in range(3):
        first, second = f([7, 50])
        np.testing.assert_array_equal(first, a[[7, 50]])
        np.testing.assert_array_equal(second, b[:3])
        np.testing.assert_array_equal(s.get_value(), a)
        a2, b2 = a.copy(), b.copy()
        a2[:100] = b[:100]
        b2[[7, 50]] += a[[7, 50]]
        a, b = a2, b2
        np.testing.assert_allclose(w.get_value(), a)
        np.testing.assert_allclose(u.get_value(), b)


@LINKERS
def test_what_is_returned_or_used_is_computed(linker):
    w = shared(table(), "w")
    new = T.inc_subtensor(w[i], 1.0)
    f = function([i], [new[0, 0], new], updates=[(w, new)], mode=Mode(linker))
    assert not in_place(f)
    wanted = table()
    wanted[0] += 1
    first, whole = f([0])
    assert first == wanted[0, 0]
    whole[:] = 0
    np.testing.assert_array_equal(w.get_value(), wanted)


@LINKERS
def test_copies_pickles_and_exports(linker, tmp_path):
    w, other = shared(table(), "w"), shared(table(1), "w")
    f = function([i], w[0].sum(), updates=[(w, T.inc_subtensor(w[i], 1.0))], mode=Mode(linker), name="f")
    f.export(tmp_path / "f.pt")
    module = torch.jit.load(str(tmp_path / "f.pt"))
    swapped = f.copy(swap={w: other})
    swapped([5])
    swapped([5])
    np.testing.assert_array_equal(w.get_value(), table())
    wanted = table(1)
    wanted[5] += 2
    np.testing.assert_allclose(other.get_value(), wanted)
    still = f.copy(delete_updates=True)
    still([5])
    np.testing.assert_array_equal(w.get_value(), table())
    again = pickle.loads(pickle.dumps(f))
    assert in_place(again)
    before = again([5])
    again([0])
    np.testing.assert_allclose(again([0]), before + M)
    np.testing.assert_array_equal(w.get_value(), table())
    module(torch.tensor([0]))
    np.testing.assert_allclose(module(torch.tensor([0])).numpy(), table()[0].sum() + M)


@LINKERS
def test_readers_see_whole_values(linker):
    """Rows of two tables that change together, read by threads while others write them."""
    rows = np.arange(0, N, 2)
    w, u = shared(np.zeros((N, M)), "w"), shared(np.zeros((N, M)), "u")
    mode = Mode(linker)
    both = [(w, T.inc_subtensor(w[i], 1.0)), (u, T.inc_subtensor(u[i], 1.0))]
    write = function([i], [], updates=both, mode=mode)
    assert len(write._plan.parts) == 2
    read_one = function([], [w[::2].min(), w[::2].max()], mode=mode)
    read_both = function([], [w[::2].min(), u[::2].max(), u[::2].min(), w[::2].max()], mode=mode)
    errors, done = [], threading.Event()

    def reading(read):
        try:
            while not done.is_set():
                assert len({float(x) for x in read()}) == 1
        except BaseException as error:
            errors.append(error)

    def copying():
        for array in (w.get_value(), u.get_value(borrow=True)):
            yield from (array[::2].min(), array[::2].max())
            break

    def writing():
        try:
            for _ in range(60):
                write(rows)
        except BaseException as error:
            errors.append(error)

    readers = [threading.Thread(target=reading, args=(r,)) for r in (read_one, read_both, lambda: list(copying()))]
    writers = [threading.Thread(target=writing) for _ in range(2)]
    for t in readers + writers:
        t.start()
    for t in writers:
        t.join(120)
    done.set()
    for t in readers:
        t.join(120)
    assert not errors, errors[:1]
    assert (w.get_value()[::2] == 120).all()
    assert (u.get_value()[::2] == 120).all()
    assert w.get_value()[1::2].sum() == 0


def test_an_interrupted_commit_leaves_a_value(monkeypatch):
    w = shared(table(), "w")
    f = function([i], [], updates=[(w, T.inc_subtensor(w[i], 1.0))])
    f([1])

    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setitem(type(f).__call__.__globals__, "put_rows", interrupted)
    with pytest.raises(KeyboardInterrupt):
        f([1])
    wanted = table()
    wanted[1] += 1
    np.testing.assert_array_equal(w.get_value(), wanted)
    assert w.container.lock.acquire(timeout=1)
    w.container.lock.release()


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
@pytest.mark.parametrize("name", FORMS)
def test_forms_on_a_gpu(name, monkeypatch):
    from tgraph.config import config

    monkeypatch.setattr(config, "device", "cuda")
    update, twin = FORMS[name]
    w = shared(table(), "w")
    f = function([i, k, m, v], [], updates=[(w, update(w))], on_unused_input="ignore")
    wanted = table()
    for _ in range(2):
        f(ROWS, 7, MASK, VEC)
        wanted = twin(wanted)
        np.testing.assert_allclose(w.get_value(), wanted, rtol=1e-12, atol=1e-12)


def test_the_bound_is_what_the_tests_think():
    assert table().nbytes > parts.LARGE
