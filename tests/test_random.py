"""Both random sources against the numbers that Theano 1.0.5 drew (tests/data/mrg.json), on both engines."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from replay import check, encoding, load

import tgraph
import tgraph.tensor as T
from tgraph.arguments import In
from tgraph.config import config
from tgraph.errors import NullTypeGradError
from tgraph.function import function
from tgraph.ops.mrg import MRG_RandomStreams, guess_n_streams, mrg_draw, rounds_table
from tgraph.ops.mrg_jumps import (
    M1,
    M2,
    A1p72,
    A2p72,
    DotModulo,
    ff_2p72,
    ff_2p134,
    mrg_next_value,
    multMatVect,
)
from tgraph.ops.random import RandomFunction, RandomStreams, copy_state, flips, random_state_type, uniform

RECORD = load("mrg.json")
CASES = [(kind, name) for kind in ("mrg", "numpy") for name in RECORD[kind]]
STREAMS = {"mrg": MRG_RandomStreams, "numpy": RandomStreams}


class Settings:
    """What the recorded expressions call ``theano``: they read ``theano.config.floatX``."""

    config = config


def expressions(streams, case):
    n = T.lscalar("n")
    scope = {"r": streams, "n": n, "np": np, "T": T, "theano": Settings}
    return n, [eval(text, scope) for text in case["expressions"]]


def check_state(value, record):
    if isinstance(value, np.random.RandomState):
        words = value.get_state()
        assert (words[2], words[3]) == (record["position"], record["has_gauss"])
        assert words[1][:4].tolist() == record["first_words"]
    elif "first_row" in record:
        assert list(value.shape) == record["shape"]
        assert value[0].tolist() == record["first_row"]
        assert value[-1].tolist() == record["last_row"]
    else:
        check(value, record)


@pytest.mark.filterwarnings("ignore:MRG_RandomStreams.multinomial_wo_replacement:UserWarning")
@pytest.mark.parametrize("linker", ["py", "cvm"])
@pytest.mark.parametrize(("kind", "name"), CASES, ids=lambda v: v)
def test_numbers_and_states_are_those_of_theano(kind, name, linker):
    case = RECORD[kind][name]
    config.floatX = name.split("-")[1]
    config.linker = linker
    if "error" in case:
        with pytest.raises(Exception) as caught:  # the class is what is compared
            n, outs = expressions(STREAMS[kind](case["seed"]), case)
            function([n], outs, on_unused_input="ignore")(case["n"] or 0)
        assert case["error"]["raises"] in [c.__name__ for c in type(caught.value).__mro__]
        return
    streams = STREAMS[kind](case["seed"])
    n, outs = expressions(streams, case)
    assert [o.dtype for o in outs] == case["dtypes"]
    assert [list(o.broadcastable) for o in outs] == case["broadcastable"]
    states = [update[0] for update in streams.state_updates]
    for state, record in zip(states, case["states_before"], strict=True):
        check_state(state.get_value(), record)
    f = function([n] if case["n"] is not None else [], outs)
    for call, after in zip(case["calls"], case["states"], strict=True):
        values = f(*([case["n"]] if case["n"] is not None else []))
        for value, record in zip(values, call, strict=True):
            # a C compiler may fuse the scaling to low and high, and rounds float16 once for all of it
            loose = any(word in str(case["expressions"]) for word in ("normal", "low="))
            rtol = {"float16": 3e-3, "float32": 2e-6}.get(str(value.dtype), 1e-12)
            check(value, record, exact=not loose, rtol=rtol if "16" not in name else 3e-3)
        for state, record in zip(states, after, strict=True):
            check_state(state.get_value(), record)


@pytest.mark.parametrize("streams", [MRG_RandomStreams, RandomStreams])
def test_one_draw_used_twice_is_one_draw(streams):
    u = streams(234).uniform((3,))
    assert np.all(function([], u - u)() == 0)


@pytest.mark.parametrize("streams", [MRG_RandomStreams, RandomStreams])
def test_seed_rewinds(streams):
    source = streams(7)
    f = function([], source.uniform((4,)))
    first, second = f(), f()
    assert not np.array_equal(first, second)
    source.seed(7)
    np.testing.assert_array_equal(f(), first)


@pytest.mark.parametrize("streams", [MRG_RandomStreams, RandomStreams])
def test_no_default_updates_repeats(streams):
    f = function([], streams(7).uniform((4,)), no_default_updates=True)
    np.testing.assert_array_equal(f(), f())


@pytest.mark.parametrize("streams", [MRG_RandomStreams, RandomStreams])
def test_two_functions_share_the_state_of_a_draw(streams):
    u, v = streams(7).uniform((4,)), streams(7).uniform((4,))
    f, g = function([], u), function([], u)
    h = function([], v)
    a, b = f(), g()
    np.testing.assert_array_equal([a, b], [h(), h()])


def test_jumps_add_up():
    # 2^72 draws on, 2^62 times, is 2^134 draws on: check the law on small powers by drawing
    state = np.array([1, 2, 3, 4, 5, 6], dtype="int32")
    assert ff_2p72(state).shape == ff_2p134(state).shape == (6,)
    whole, _ = mrg_draw(torch.from_numpy(state[None].copy()), 10, torch.from_numpy(rounds_table()))
    half, _ = mrg_draw(torch.from_numpy(state[None].copy()), 4, torch.from_numpy(rounds_table()))
    rest, _ = mrg_draw(half, 6, torch.from_numpy(rounds_table()))
    assert torch.equal(whole, rest)


def test_draws_are_those_of_the_reference_implementation():
    kept = Path(tgraph.__file__).parent / "compat" / "sandbox" / "samples_MRG31k3p_12_7_5.txt"
    streams, drawn = MRG_RandomStreams(12345), []
    for _ in range(12):
        f = function([], streams.uniform(size=(7,), nstreams=7, dtype="float64"))
        drawn += np.array([f() for _ in range(5)]).T.ravel().tolist()
    np.testing.assert_array_equal(drawn, np.loadtxt(kept))


def stepped(states, count):
    """(new states, draws) by the two recurrences, in Python's integers."""
    states, draws = [[int(v) for v in row] for row in states], []
    for i in range(count):
        s = states[i % len(states)]
        y, v = (2**22 * s[1] + 129 * s[2]) % 2147483647, (2**15 * s[3] + 32769 * s[5]) % 2147462579
        s[:] = [y, s[0], s[1], v, s[3], s[4]]
        draws.append(y - v if y > v else y - v + 2147483647)
    return states, np.array(draws) / 2.0**31


@pytest.mark.parametrize("count", [0, 1, 20, 64, 65, 128, 150, 64 * 8, 64 * 8 + 1, 64 * 20 + 7])
def test_draws_follow_the_recurrences(count):
    ends = [[0, 1, 2147483646], [2147483646] * 3, [0, 0, 1], [65535, 65536, 2147418112], [1073741824, 1, 0]]
    others = [[0, 1, 2147462578], [2147462578] * 3, [0, 0, 1], [65535, 65536, 2147418112], [1073741824, 1, 0]]
    states = [[*a, *b] for a in ends for b in others]
    rng = np.random.default_rng(1)
    states += rng.integers(0, 2147462579, (64 - len(states), 6)).tolist()
    new, draws = mrg_draw(torch.tensor(states, dtype=torch.int32), count, torch.from_numpy(rounds_table()))
    expected = stepped(states, count)
    np.testing.assert_array_equal(new.numpy(), expected[0])
    np.testing.assert_array_equal(draws.numpy(), expected[1])


@pytest.mark.parametrize(("seed", "error"), [
    (0, ValueError), (2147462579, ValueError), ([0, 0, 0, 1, 1, 1], ValueError), ([1, 1, 1, 0, 0, 0], ValueError),
    ([1, 2, 3], TypeError), (1.5, TypeError), ([2147483647, 1, 1, 1, 1, 1], ValueError),
])
def test_bad_seeds(seed, error):
    with pytest.raises(error, match=r"seed|3 values"):
        MRG_RandomStreams(seed)


def test_number_of_streams():
    assert [guess_n_streams((7,)), guess_n_streams((6,)), guess_n_streams((100, 500)), guess_n_streams((10**6,))] == [
        1, 6, 8333, 15360]


def test_statistics_of_many_draws():
    u = function([], MRG_RandomStreams(5).uniform((200, 500)))()
    assert abs(u.mean() - 0.5) < 0.005
    assert abs(u.var() - 1 / 12) < 0.001
    assert u.min() > 0
    assert u.max() < 1


def test_decoding_is_what_was_recorded():
    assert encoding.is_array(RECORD["mrg"]["uniform_vector-float64-234"]["calls"][0][0])


def test_a_generator_may_be_an_argument():
    # numbers and positions as Theano gave them
    state = random_state_type("state")
    new, out = uniform(state, (3,))
    given = np.random.RandomState(3)
    after, first = function([state], [new, out])(given)
    np.testing.assert_allclose(first, np.random.RandomState(3).uniform(size=3))
    assert (given.get_state()[2], after.get_state()[2]) == (624, 6)
    f = function([In(state, value=np.random.RandomState(3), update=new, mutable=True)], out)
    np.testing.assert_array_equal(np.concatenate([f(), f()]), np.random.RandomState(3).uniform(size=6))
    with pytest.raises(TypeError):
        f(3)


def test_an_op_in_place_moves_the_generator_it_is_given():
    state = random_state_type("state")
    out = RandomFunction("uniform", T.dvector, inplace=True)(state, (3,), 0.0, 1.0)[1]
    with pytest.raises(TypeError, match="inplace"):
        function([In(state, mutable=True)], out)
    f = function([In(state, mutable=True)], out, accept_inplace=True)
    given = np.random.RandomState(5)
    f(given)
    assert given.get_state()[2] == 6


@pytest.mark.parametrize("name", ["gamma", "exponential", "geometric", "laplace", "zipf", "standard_t", "beta"])
def test_other_distributions_of_numpy_can_be_drawn(name):
    one = {"geometric": (0.3,), "zipf": (2.5,), "standard_t": (2.5,), "exponential": (2.5,)}
    arguments = one.get(name, (1.5, 2.0))
    draw = RandomFunction(name, T.dvector)
    out = RandomStreams(3).gen(lambda state: draw(state, (4,), *arguments))
    seed = int(np.random.RandomState(3).randint(2**30))
    wanted = getattr(np.random.RandomState(seed), name)(*arguments, size=4)
    np.testing.assert_array_equal(function([], out)(), wanted)


@pytest.mark.parametrize("streams", [MRG_RandomStreams, RandomStreams])
def test_a_pickled_function_goes_on_where_it_was(streams):
    f = function([], streams(7).normal((4,)))
    f()
    twin = pickle.loads(pickle.dumps(f))
    np.testing.assert_array_equal(f(), twin())
    # a copy shares the state
    copied, third = f.copy(), twin()
    np.testing.assert_array_equal(np.ravel(copied()), third)
    np.testing.assert_array_equal(f(), twin())


@pytest.mark.parametrize("streams", [MRG_RandomStreams, RandomStreams])
def test_a_pickled_stream_draws_what_it_would_have_drawn(streams):
    source = streams(7)
    u = source.uniform((2,))
    twin, v = pickle.loads(pickle.dumps((source, u)))
    ours, theirs = source.normal((2,)), twin.normal((2,))
    np.testing.assert_array_equal(function([], [u, ours])(), function([], [v, theirs])())


def test_gradients_stop_at_what_was_drawn():
    x, r = T.dvector("x"), RandomStreams(4)
    drawn = MRG_RandomStreams(7).uniform(x.shape, ndim=1)
    values = function([x], [T.grad((drawn * x).sum(), x), drawn])(np.ones(3))
    np.testing.assert_array_equal(*values)
    with pytest.raises(NullTypeGradError):
        T.grad(r.uniform((3,), low=x).sum(), x)
    with pytest.raises(NullTypeGradError):
        T.grad(MRG_RandomStreams(7).uniform((3,), low=x).sum(), x)
    shuffled = r.shuffle_row_elements(x.dimshuffle("x", 0))
    weights = np.arange(3.0)
    g, order = function([x], [T.grad((shuffled * weights).sum(), x), shuffled.permutation])(np.ones(3))
    np.testing.assert_array_equal(g[order[0]], weights)


def test_jumps_by_their_matrices():
    state = np.array([1, 2, 3, 4, 5, 6], dtype="int32")
    far = multMatVect(state, A1p72, M1, A2p72, M2)
    np.testing.assert_array_equal(far, ff_2p72(state))
    a, s, m = T.lmatrix(), T.ivector(), T.iscalar()
    b, t, n = T.lmatrix(), T.ivector(), T.iscalar()
    op = function([a, s, m, b, t, n], DotModulo()(a, s, m, b, t, n))
    np.testing.assert_array_equal(op(A1p72, state[:3], M1, A2p72, state[3:], M2), far)
    after = np.zeros(6, dtype="int32")
    new, draws = mrg_draw(torch.from_numpy(state[None].copy()), 1, torch.from_numpy(rounds_table()))
    assert mrg_next_value(state, after) == draws[0]
    np.testing.assert_array_equal(after, new[0])


@pytest.mark.parametrize(("draw", "shape", "drawn"), [
    (lambda r, n: r.uniform((n, 2)), [3, 2], False),
    (lambda r, n: r.normal(avg=T.zeros((n, 1)), std=np.ones(4)), [3, 4], False),
    (lambda r, n: r.permutation((n,), 5), [3, 5], True),
    (lambda r, n: r.multinomial((n,), 5, [0.5, 0.5]), [3, 2], True),
])
def test_shapes_are_known_without_drawing_where_the_size_tells(draw, shape, drawn):
    n = T.lscalar("n")
    f = function([n], draw(RandomStreams(3), n).shape, no_default_updates=True)
    assert f(3).tolist() == shape
    assert any(isinstance(node.op, RandomFunction) for node in f.maker.fgraph.toposort()) is drawn


@pytest.mark.filterwarnings("ignore:MRG_RandomStreams.multinomial_wo_replacement:UserWarning")
@pytest.mark.parametrize("draw", [
    lambda r: r.uniform((5,), dtype="float16"),
    lambda r: r.normal((3, 3), avg=1.0),
    lambda r: r.truncated_normal((9,)),
    lambda r: r.binomial((8,), p=0.3),
    lambda r: r.multinomial(n=3, pvals=np.array([[0.2, 0.3, 0.5]] * 2)),
    lambda r: r.choice(size=2, replace=False, p=np.array([[0.2, 0.3, 0.5]] * 2)),
    lambda r: r.multinomial_wo_replacement(n=2, pvals=np.array([[0.2, 0.3, 0.5]] * 2)),
])
def test_draws_of_mrg_go_on_in_an_exported_file(draw, tmp_path):
    f = function([], draw(MRG_RandomStreams(7)))
    f.export(str(tmp_path / "m.pt"))
    module = torch.jit.load(str(tmp_path / "m.pt"))
    for _ in range(2):
        np.testing.assert_array_equal(module().numpy(), f())


def test_generators_that_nobody_holds_take_the_next_copy():
    first = np.random.RandomState(5)
    seen = set()
    held = None
    for _ in range(6):
        twin = copy_state(first)
        np.testing.assert_array_equal(twin.random_sample(3), np.random.RandomState(5).random_sample(3))
        seen.add(id(twin))
        held = twin
    other = copy_state(first)
    assert other is not held
    assert len(seen) < 6
    kept = [copy_state(first) for _ in range(40)]
    assert len({id(g) for g in kept}) == 40
    draws = {tuple(g.random_sample(2)) for g in kept}
    assert len(draws) == 1


@pytest.mark.parametrize(
    "p", [0.5, 0.1, 0.9, 1.0, 1e-12, 1 - 1e-12, 0.3, np.float32(0.2), 0.5000001, "matrix", "vector"]
)
def test_flips_are_those_of_numpy(p):
    size = (300, 200)
    p = {"matrix": np.random.RandomState(1).uniform(1e-6, 1, size), "vector": np.linspace(0.01, 1, 200)}.get(p, p)
    ours, theirs = np.random.RandomState(9), np.random.RandomState(9)
    found = flips(ours, 1, p, size)
    np.testing.assert_array_equal(found.astype(int), theirs.binomial(1, p, size))
    assert ours.random_sample() == theirs.random_sample()


NO_FLIPS = [
    (2, 0.5, (3,)),
    (1, 0.0, (3,)),
    (1, -0.1, (3,)),
    (1, 1.1, (3,)),
    (1, np.nan, (3,)),
    ([1, 1], 0.5, (2,)),
    (1, [0.5, 0.0], (2,)),
    (1, np.ones((2, 3)) / 2, (3,)),
    (1, [], (0,)),
]


@pytest.mark.parametrize(("n", "p", "size"), NO_FLIPS)
def test_what_is_no_flip_is_left_to_numpy(n, p, size):
    state = np.random.RandomState(9)
    assert flips(state, n, p, size) is None
    assert state.random_sample() == np.random.RandomState(9).random_sample()
