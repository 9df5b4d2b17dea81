"""What inductor compiles: loops in the background, and functions of the linker ``c``."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

import tgraph as tg
import tgraph.tensor as tt
from tgraph.config import config
from tgraph.loops import scan
from tgraph.lowering import libraries, tiers
from tgraph.lowering.libraries import compiler
from tgraph.lowering.loop import Loop
from tgraph.lowering.recipes import NoRecipeError, describe_control
from tgraph.lowering.tiers import CompilerError
from tgraph.modes import Mode
from tgraph.ops.branch import ifelse
from tgraph.ops.host import as_op
from tgraph.ops.mrg import MRG_RandomStreams

needs_compiler = pytest.mark.skipif(compiler() is None, reason="there is no C++ compiler")
RNG = np.random.RandomState(5)
U = RNG.randn(4, 4) * 0.4


def network():
    """h[t] = tanh(x[t] + h[t-1] U), with the gradient for U."""
    x, u = tt.dmatrix("x"), tg.shared(U)
    states, _ = scan(lambda x_t, h: tt.tanh(x_t + tt.dot(h, u)), sequences=[x], outputs_info=[tt.zeros(4)])
    return [x], [states, tg.grad((states**2).sum(), u)]


def until():
    """Counts until a sum passes 30, at most n steps."""
    x, n = tt.dvector("x"), tt.iscalar("n")

    def step(h, k):
        return (h * 0.99 + x, k + 1), tg.until(tt.sum(h) > 30)

    (a, b), _ = scan(step, outputs_info=[tt.zeros_like(x), np.int64(0)], n_steps=n)
    return [x, n], [a, b, a[-1]]


def loops_of(f):
    return [n.target for n in f.program.graph.nodes if isinstance(n.target, Loop)]


def tiered(f):
    """The parts of a function that may be compiled."""
    found = [v for v in f.run.__globals__.values() if isinstance(v, tiers.Tiered)]
    cells = [c.cell_contents for v in f.run.__globals__.values() for c in getattr(v, "__closure__", None) or ()]
    return list(dict.fromkeys([*found, *(c for c in cells if isinstance(c, tiers.Tiered))]))


def made(f):
    return sum(len(found) for part in tiered(f) for found in part.libraries.values())


# -- without a compiler ----------------------------------------------------------------------------------------


CHECKS = {
    "dtypes": ["float64", "float32"],
    "sizes": [["n", "m"], ["m", 1, 3]],
    "ranges": {"n": [2, None], "m": [2, 64]},
    "conditions": ["n <= 4*m"],
}


@pytest.mark.parametrize(
    ("first", "second", "fits"),
    [
        ((5, 4), (4, 1, 3), True),
        ((16, 4), (4, 1, 3), True),
        ((17, 4), (4, 1, 3), False),  # the condition
        ((5, 4), (5, 1, 3), False),  # one name, two sizes
        ((5, 4), (4, 2, 3), False),
        ((5, 4), (4, 1, 4), False),
        ((1, 4), (4, 1, 3), False),  # a size of one broadcasts, or has a stride of its own
        ((0, 4), (4, 1, 3), False),
        ((5, 65), (65, 1, 3), False),  # beyond the range
        ((5, 4, 1), (4, 1, 3), False),
    ],
)
def test_assumptions_are_checked(first, second, fits):
    test = libraries.test_of(CHECKS)
    xs = [torch.zeros(first, dtype=torch.float64), torch.zeros(second, dtype=torch.float32)]
    assert test(xs) is fits
    assert not test([xs[0].float(), xs[1]])


def test_equal_loops_have_equal_recipes():
    texts = []
    for _ in range(2):
        f = tg.function(*network())
        texts.append(json.dumps([describe_control(loop) for loop in loops_of(f)], sort_keys=True))
    assert texts[0] == texts[1]


def test_a_recipe_of_a_node_on_the_host_is_refused():
    double = as_op([tt.dvector], [tt.dvector])(lambda a: a * 2)
    x = tt.dmatrix("x")
    states, _ = scan(lambda x_t, h: double(x_t) + h, sequences=[x], outputs_info=[tt.zeros(4)])
    (loop,) = loops_of(tg.function([x], states))
    with pytest.raises(NoRecipeError, match="runs on the host"):
        describe_control(loop)


@needs_compiler
def test_a_loop_inside_a_loop_stays():
    x = tt.dmatrix("x")

    def outer(row, h):
        inner, _ = scan(lambda e, a: tt.tanh(a * 0.5 + e * h), sequences=[row], outputs_info=[np.float64(0)])
        return inner[-1]

    states, _ = scan(outer, sequences=[x], outputs_info=[np.float64(1)])
    config.inductor = "always"
    f = tg.function([x], states)
    assert f(np.ones((3, 2))).shape == (3,)
    (part,) = tiered(f)
    assert not part.is_open


@pytest.mark.parametrize("how", ["auto", "never"])
def test_both_ways_to_run_a_loop_agree(how):
    config.inductor = how
    f = tg.function(*network())
    assert bool(tiered(f)) == (how == "auto" and compiler() is not None)
    x = RNG.randn(6, 4)
    h, rows = np.zeros(4), []
    for row in x:
        rows.append(h := np.tanh(row + h @ U))
    np.testing.assert_allclose(f(x)[0], rows, rtol=1e-12)
    with pytest.raises(ValueError, match="dimension"):
        f(np.ones((6, 5)))


class Part(tiers.Tiered):
    """Stands for a loop of ten calls a step that takes as many seconds as it is given."""

    plan = tiers.Plan({}, [], [0])

    def __init__(self, clock):
        super().__init__(self.work, {}, 10, False)
        self.clock = clock

    def work(self, x):
        self.clock[0] += float(x[0])
        return x

    def arguments(self, args):
        return [args[0]]

    def count(self, args, results):
        return int(args[0][1])


@pytest.mark.parametrize(
    ("seconds", "steps", "calls", "asked", "is_open"),
    [
        (1.0, 1e6, 3, 0, True),  # not long enough yet; the first call does not count
        (1.0, 1e6, 5, 1, True),
        (1.0, 1e6, 9, 1, True),  # asked once
        (1.0, 1e3, 5, 0, False),  # a call takes 100 us: nothing to be gained
    ],
)
def test_when_a_loop_is_compiled(monkeypatch, seconds, steps, calls, asked, is_open):
    clock, jobs = [0.0], []
    monkeypatch.setattr(tiers.time, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(tiers, "_submit", lambda *job: (jobs.append(job), setattr(job[0], "is_waiting", True)))
    monkeypatch.setattr(tiers, "_patience", lambda: 3.0)
    part = Part(clock)
    x = torch.tensor([seconds, steps])
    for _ in range(calls):
        assert part(x) is x
    assert (len(jobs), part.is_open) == (asked, is_open)


def test_without_a_compiler(monkeypatch):
    monkeypatch.setattr(tiers, "compiler", lambda: None)
    assert not tiered(tg.function(*network()))
    x = tt.dvector("x")
    with pytest.raises(CompilerError, match=r"needs a C\+\+ compiler(.|\n)*fix: install g\+\+") as caught:
        tg.function([x], x + 1, mode=Mode(linker="c"))
    assert isinstance(caught.value, NotImplementedError)


@pytest.mark.parametrize(("name", "found"), [("", None), ("sh", "sh"), ("no-such-compiler", None)])
def test_the_compiler_may_be_forbidden_and_named(monkeypatch, name, found):
    monkeypatch.setitem(sys.modules["tgraph.config"]._origins, "cxx", "as it was")
    monkeypatch.setattr(config, "cxx", name)
    assert compiler() == (found and shutil.which(found))


@needs_compiler
def test_what_the_linker_c_cannot_take_is_named():
    double = as_op([tt.dvector], [tt.dvector])(lambda a: a * 2)
    x = tt.dvector("x")
    with pytest.raises(CompilerError, match="runs on the host") as caught:
        tg.function([x], double(x), mode=Mode(linker="c"))
    assert "test_compiled.py" in str(caught.value)


@needs_compiler
def test_a_compiling_process_that_fails_leaves_the_loop_alone(monkeypatch):
    monkeypatch.setattr(libraries.sys, "executable", "/bin/false")
    config.inductor = "always"
    f = tg.function(*until())
    a, b, last = f(np.full(3, 0.5), 50)
    assert len(a) == len(b) == b[-1]
    np.testing.assert_array_equal(a[-1], last)
    assert not made(f)


@needs_compiler
def test_a_folder_that_holds_rubbish_is_passed_over():
    f = tg.function(*until())
    (part,) = tiered(f)
    seen = []
    part.slow = lambda *args, slow=part.slow: (seen.append(args), slow(*args))[1]
    f(np.ones(3), 3)
    place = part.home(part.numbers(seen[0]), tiers._kinds(part.arguments(seen[0]))) / "0"
    place.mkdir(parents=True)
    for rubbish in ("{", "[]", json.dumps(CHECKS)):
        (place.parent / "refused.json").write_text(rubbish, encoding="utf-8")
        (place / "checks.json").write_text(rubbish, encoding="utf-8")
        g = tg.function(*until())
        assert len(g(np.ones(3), 3)[0]) == 3
        assert not made(g)
    (place.parent / "refused.json").unlink()
    (place / "library.so").write_text("no library", encoding="utf-8")
    assert len(tg.function(*until())(np.ones(3), 3)[0]) == 3


# -- with one --------------------------------------------------------------------------------------------------


def calls_of_network():
    yield from ([RNG.randn(n, 4)] for n in (7, 2, 1, 300))
    yield [RNG.randn(4, 9).T]
    yield [RNG.randn(18, 8)[::-2, ::2]]


def calls_of_until():
    for size, rate, steps in ((3, 0.01, 5000), (5, 0.1, 1025), (5, 100.0, 1025), (3, 0.01, 2), (3, 0.01, 1)):
        yield [np.full(size, rate), np.int32(steps)]


def agree(ours, theirs):
    for a, b in zip(ours, theirs, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


def plain(make):
    config.inductor = "never"
    return tg.function(*make())


@needs_compiler
@pytest.mark.parametrize(("make", "calls", "count"), [(network, calls_of_network, 2), (until, calls_of_until, 1)])
def test_compiled_loops_give_the_same(monkeypatch, make, calls, count):
    monkeypatch.setattr(tiers, "tiered_piece", lambda piece, program, slow, *rest: slow)  # loops alone
    reference = plain(make)
    config.inductor = "always"
    f = tg.function(*make())
    for args in calls():
        before = [a.copy() for a in args]
        agree(f(*args), reference(*args))
        for a, b in zip(args, before, strict=True):
            np.testing.assert_array_equal(a, b)
    if make is network:
        for g in (f, reference):
            with pytest.raises(NotImplementedError, match="n_steps is 0"):
                g(np.zeros((0, 4)))
    assert made(f) == count
    # another process, so to speak: it finds them
    config.inductor = "auto"
    g = tg.function(*make())
    args = next(iter(calls()))
    agree(g(*args), reference(*args))
    assert made(g) == count


@needs_compiler
def test_a_loop_goes_over_in_the_background(monkeypatch):
    x = tt.dvector("x")

    def make():
        states, _ = scan(lambda x_t, h: tt.sin(h) * 0.5 + x_t, sequences=[x], outputs_info=[np.float64(0)])
        return [x], [states]

    reference = plain(make)
    config.inductor = "auto"
    monkeypatch.setattr(tiers, "_patience", lambda: 0.0)
    f = tg.function(*make())
    rows = RNG.randn(500)
    expected = reference(rows)
    until_then = time.monotonic() + 300
    while not made(f) and time.monotonic() < until_then:
        agree(f(rows), expected)
        time.sleep(0.05)
    assert made(f) == 1
    agree(f(rows), expected)


@needs_compiler
def test_a_run_of_small_calls_goes_over_too(monkeypatch):
    x, w = tt.dmatrix("x"), tg.shared(U)

    def make():
        y = x
        for i in range(8):
            y = tt.tanh(tt.dot(y, w) + i * tt.sin(y))
        return [x], [y, tg.grad(y.sum(), w)]

    reference = plain(make)
    config.inductor = "auto"
    monkeypatch.setattr(tiers, "_patience", lambda: 0.0)
    f = tg.function(*make())
    rows = RNG.randn(5, 4)
    expected = reference(rows)
    until_then = time.monotonic() + 300
    while not made(f) and time.monotonic() < until_then:
        for _ in range(tiers.SAMPLE):
            agree(f(rows), expected)
        time.sleep(0.05)
    assert made(f) == 1
    for size in (5, 3, 1, 0):  # a row of one, and none, are TorchScript's
        agree(f(rows[:size]), reference(rows[:size]))


def test_results_that_differ_are_noticed():
    x = torch.tensor([1.0, 2.0, float("nan"), float("inf")], dtype=torch.float64)
    n = torch.tensor([1, 2])
    assert tiers._agree([x, n], [x * (1 + 1e-12), n], [x])
    assert not tiers._agree([x], [x * (1 + 1e-6)], [x])
    assert not tiers._agree([x], [torch.nan_to_num(x)], [x])
    for other in (-float("inf"), float("nan"), 1.0):
        assert not tiers._agree([x], [torch.tensor([1.0, 2.0, float("nan"), other], dtype=torch.float64)], [x])
    assert not tiers._agree([x[:1]], [x[:1] * 2], [x[:1] * 1e14])
    assert not tiers._agree([n], [n + 1], [x])
    assert not tiers._agree([n], [n.to(torch.int32)], [x])
    # what cancellation leaves of numbers near one
    assert tiers._agree([x[:1] * 1e-14], [x[:1] * 2e-14], [x])
    assert not tiers._agree([x[:1] * 1e-14], [x[:1] * 2e-14], [x[:1] * 1e-14])


@pytest.mark.parametrize("pace", [0.5, 0.0])  # known, or of a library that another process left
@pytest.mark.parametrize(("wrong", "slow", "kept"), [(0.0, 0.0, 1), (1.0, 0.0, 0), (0.0, 1.0, 0)])
def test_a_library_is_kept_if_it_is_right_and_fast(monkeypatch, tmp_path, wrong, slow, kept, pace):
    clock = [0.0]
    monkeypatch.setattr(tiers.time, "perf_counter", lambda: clock[0])
    part = Part(clock)
    part.pace, part.is_dormant = pace, False

    class Made:
        folder = tmp_path / "home" / "0"
        trials, best = tiers.TRIALS, np.inf

        def fits(self, xs):
            return True

    part.libraries[()] = [Made()]

    def run(library, xs, args):
        clock[0] += slow
        return [xs[0] + wrong]

    def torchscript(x):
        clock[0] += 0.5
        return [x]

    Made.folder.mkdir(parents=True)
    part.run, part.slow = run, torchscript
    for _ in range(tiers.TRIALS):
        assert part(torch.tensor([2.0, 1.0]))[0][0] == 2
    assert len(part.libraries[()]) == kept
    assert part(torch.tensor([2.0, 1.0]))[0][0] == 2
    # nor does any other process use it
    assert Made.folder.exists() == bool(kept) == (libraries.refused(Made.folder.parent) is None)


@needs_compiler
def test_functions_of_the_linker_c():
    x, y, w = tt.dmatrix("x"), tt.ivector("y"), tg.shared(U)
    total = tg.shared(np.float64(0))
    p = tt.nnet.softmax(tt.dot(x, w))
    cost = -tt.log(p)[tt.arange(y.shape[0]), y].mean()
    updates = [(w, w - 0.1 * tg.grad(cost, w)), (total, total + cost)]

    def trained(mode):
        w.set_value(U)
        total.set_value(np.float64(0))
        f = tg.function([x, y], [cost, p, x.T, tt.maximum(p, 0.3).sum(axis=0)], updates=updates, mode=mode)
        rng = np.random.RandomState(3)
        results = []
        for xs in (rng.randn(5, 4), rng.randn(3, 4), rng.randn(1, 4), rng.randn(0, 4), rng.randn(6, 8)[:, ::2]):
            labels = rng.randint(0, 4, len(xs)).astype("int32")
            if len(xs):
                results += [*f(xs, labels), w.get_value(), total.get_value()]
        assert f(np.zeros((0, 4)), np.zeros(0, "int32"))[1].shape == (0, 4)
        with pytest.raises(ValueError, match="shapes"):
            f(np.zeros((5, 3)), np.zeros(5, "int32"))
        return f, results

    f, ours = trained(Mode(linker="c"))
    _, theirs = trained(Mode(linker="cvm"))
    agree(ours, theirs)
    # one row is a program of its own: a size of one may broadcast
    assert made(f) == 2


@needs_compiler
def test_a_library_that_runs_into_an_error_leaves_it_to_torchscript():
    x, i = tt.dvector("x"), tt.lvector("i")
    f = tg.function([x, i], x[i] * 2, mode=Mode(linker="c"))
    np.testing.assert_array_equal(f(np.arange(4.0), np.array([3, -1])), [6, 6])
    with pytest.raises(IndexError):
        f(np.arange(4.0), np.array([4, 0]))
    assert made(f) == 1


@needs_compiler
def test_a_library_is_made_for_the_sizes_that_it_is_asked_for():
    """Taken apart, the equal sizes of this program say the wrong thing about each other."""
    x = tt.dmatrix("x")
    f = tg.function([x], tt.diagonal(x.T) * 2 + 1, mode=Mode(linker="c"))
    for n in (5, 5, 7):
        rows = RNG.randn(n, n)
        np.testing.assert_allclose(f(rows), rows.diagonal() * 2 + 1)
    assert made(f) == 1


@needs_compiler
def test_the_parts_of_a_loop_that_may_end_are_checked_too():
    """1024 steps at a time: a library for as many steps as there are elements does not hold for these."""
    x, h0 = tt.dvector("x"), tt.dvector("h0")

    def step(e, h):
        pairs = h.reshape((-1, 2))
        new = tt.tanh((pairs * 0.5 + tt.sin(pairs.sum(1)).dimshuffle(0, "x") * e).reshape(h.shape))
        return new, tg.until(tt.gt(e, 1e9))

    def make():
        states, _ = scan(step, sequences=[x], outputs_info=[h0])
        return [x, h0], [states[-1]]

    reference = plain(make)
    config.inductor = "always"
    f = tg.function(*make())
    for steps, size in ((6, 6), (1500, 1500), (1500, 6)):
        args = RNG.randn(steps), RNG.randn(size)
        agree(f(*args), reference(*args))


@needs_compiler
def test_a_value_that_sizes_depend_on_is_refused_with_its_node():
    n = tt.lvector("n")
    f = tg.function([n], tt.zeros((n.sum(),)) + 1, mode=Mode(linker="c"))
    with pytest.raises(CompilerError, match="Alloc") as caught:
        f(np.array([2, 3]))
    assert "test_compiled.py" in str(caught.value)


SLOW = {
    "random": lambda: _random(),
    "branch": lambda: _branch(),
    "rows": lambda: _rows(),
    "taps": lambda: _taps(),
    "carries_nothing": lambda: _carries_nothing(),
    "labels": lambda: _labels(),
}


def _carries_nothing():
    x = tt.dvector("x")
    rows, _ = scan(lambda e: tt.sort(tt.stack([e, e * e, tt.sin(e)])), sequences=[x])
    return tg.function([x], [rows]), [[RNG.randn(20)], [RNG.randn(3)]]


def _labels():
    """What is read in a branch is not a size."""
    y, flag, p = tt.lvector("y"), tt.lscalar("flag"), tt.dmatrix("p")
    cost = ifelse(tt.gt(flag, 0), (p[tt.arange(y.shape[0]), y] ** 2).sum(), tt.tanh(p).sum() * 2)
    for i in range(12):
        cost = tt.sin(cost + i)
    return tg.function([y, flag, p], [cost]), [[RNG.randint(0, 3, n), 1, RNG.randn(n, 3)] for n in (20, 20, 9)]


def _random():
    x = tt.dvector("x")
    streams = MRG_RandomStreams(5)

    def step(h):
        return h * 0.9 + streams.normal(x.shape) + streams.binomial(x.shape, p=0.3, dtype="float64")

    states, updates = scan(step, outputs_info=[x], n_steps=50)
    return tg.function([x], [states], updates=updates), [[np.zeros(4)], [np.zeros(4)], [np.zeros(7)]]


def _branch():
    x = tt.dvector("x")
    states, _ = scan(lambda e, h: ifelse(tt.gt(e, 0), h * e, h - e), sequences=[x], outputs_info=[np.float64(1)])
    return tg.function([x], [states]), [[RNG.randn(20)], [RNG.randn(3)]]


def _rows():
    i, table = tt.ivector("i"), tg.shared(RNG.randn(9, 4))
    states, _ = scan(lambda k, h: tt.tanh(table[k] + h), sequences=[i], outputs_info=[tt.zeros(4)])
    return tg.function([i], [states]), [[np.array([8, 0, -1, 3], "int32")], [np.array([1, 2], "int32")]]


def _taps():
    x = tt.dvector("x")
    states, _ = scan(lambda a, b, h2, h1: 0.5 * h1 - 0.3 * h2 + a * b, sequences=[{"input": x, "taps": [-1, 0]}],
                     outputs_info=[{"initial": tt.as_tensor_variable(np.ones(2)), "taps": [-2, -1]}])
    return tg.function([x], [states, tg.grad(states.sum(), x)]), [[RNG.randn(30)], [RNG.randn(4)]]


@needs_compiler
@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_more_compiled_loops_give_the_same(name):
    config.inductor = "never"
    before = RNG.get_state()
    reference, calls = SLOW[name]()
    config.inductor = "always"
    RNG.set_state(before)
    f, _ = SLOW[name]()
    for args in calls:
        agree(f(*args), reference(*args))
    assert made(f)


@needs_compiler
@pytest.mark.slow
def test_nothing_is_left_of_a_process_that_ends_while_it_compiles():
    code = (
        "import numpy as np, tgraph as tg, tgraph.tensor as tt\n"
        "from tgraph.lowering import libraries, tiers\n"
        "tiers._patience = lambda: 0.0\n"
        "x = tt.dvector('x')\n"
        "s, _ = tg.scan(lambda a, h: tt.cos(h) * 0.7 + a, sequences=[x], outputs_info=[np.float64(0)])\n"
        "f = tg.function([x], s)\n"
        "for _ in range(3): f(np.ones(100))\n"
        "import time; time.sleep(2)\n"
        "print([p.pid for p in libraries._running])\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120).stdout
    (pid,) = json.loads(said)
    time.sleep(1)
    status = Path(f"/proc/{pid}/status")
    assert not status.exists() or "State:\tZ" in status.read_text()  # ended, whoever asks for its result
