"""Convolutions, pooling and layers give what Theano gave (data/networks.json); and what cannot be recorded."""

import itertools
import textwrap

import numpy as np
import pytest
from network_programs import CASES, PRELUDE
from replay import check, legacy, load

import tgraph.tensor as T
from tgraph.derivatives import verify_grad
from tgraph.errors import DtypeError, ShapeError
from tgraph.function import function
from tgraph.ops import conv3d2d, ctc, downsample, pool

RECORDED = load("networks.json")["cases"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", list(CASES))
def test_case(name):
    theano, tensor = legacy()
    before = theano.config.floatX
    theano.config.floatX = "float64"
    space = {"theano": theano, "T": tensor, "np": np, "__name__": "case"}
    try:
        exec(PRELUDE + textwrap.dedent(CASES[name]), space)
        value = space.get("result")
    except Exception as error:
        value = error
    finally:
        theano.config.floatX = before
    rounding = 1e-6 if "single" in name else 1e-9
    check(value, RECORDED[name], name, rtol=rounding, atol=rounding)


def test_cases_and_records_agree():
    assert set(CASES) == set(RECORDED)


# -- what Theano had only with a library that is gone -----------------------------------------------------------


def paths(labels, steps):
    """All ways to say the labels in so many steps: repeats are merged, then blanks (0) dropped."""
    for path in itertools.product(range(3), repeat=steps):
        merged = [k for k, _ in itertools.groupby(path)]
        if [k for k in merged if k] == list(labels):
            yield path


def by_counting(x, labels):
    p = np.exp(x) / np.exp(x).sum(-1, keepdims=True)
    return -np.log(sum(np.prod([p[t, k] for t, k in enumerate(path)]) for path in paths(labels, len(x))))


LENGTHS, LABELS = [4, 3, 4, 2], [[1, 2], [2, -1], [-1, -1], [1, 1]]


def test_ctc_is_the_sum_over_all_paths():
    x = np.random.RandomState(0).uniform(-2, 2, (4, 4, 3)).astype("float32")
    a, y, n = T.ftensor3(), T.imatrix(), T.ivector()
    cost = ctc.ctc(a, y, n)
    f = function([a, y, n], [cost, T.grad((cost * T.constant(np.float32([1, 2, 3, 4]))).sum(), a)])
    args = np.array(LABELS, "int32"), np.array(LENGTHS, "int32")
    costs, slopes = f(x, *args)
    for i, (steps, labels) in enumerate(zip(LENGTHS, LABELS, strict=True)):
        labels = [k for k in labels if k > 0]
        if i == 3:  # 1, 1 needs a blank between: it does not fit into two steps
            assert costs[i] == 0
            assert not slopes[:, i].any()
            continue
        np.testing.assert_allclose(costs[i], by_counting(x[:steps, i].astype("float64"), labels), rtol=1e-5)
        assert not slopes[steps:, i].any()
        for t, k in np.ndindex(steps, 3):
            up, down = (x[:steps, i].astype("float64") for _ in range(2))
            up[t, k] += 1e-6
            down[t, k] -= 1e-6
            slope = (by_counting(up, labels) - by_counting(down, labels)) / 2e-6
            np.testing.assert_allclose(slopes[t, i, k], slope * (i + 1), rtol=1e-4, atol=1e-5)


def test_ctc_refuses_other_types():
    a, y, n = T.ftensor3(), T.imatrix(), T.ivector()
    for wrong in ((T.dtensor3(), y, n), (a, T.lmatrix(), n), (a, y, T.lvector())):
        with pytest.raises(DtypeError, match="type!"):
            ctc.ctc(*wrong)
    for wrong in ((T.fmatrix(), y, n), (a, T.ivector(), n), (a, y, T.imatrix())):
        with pytest.raises(ShapeError, match="dimension"):
            ctc.ctc(*wrong)
    # without gradients there is one output
    assert len(ctc.ConnectionistTemporalClassification(False).make_node(a, y, n).outputs) == 1


# -- names that Theano 1.0.5 had dropped --------------------------------------------------------------------------


def test_downsample_as_it_was_before_it_was_pool():
    x = T.tensor4("x", dtype="float64")
    a = np.random.RandomState(1).uniform(size=(2, 1, 5, 6))
    old = downsample.max_pool_2d(x, (2, 2), True, (1, 2), (1, 1), "sum")
    new = pool.pool_2d(x, (2, 2), True, (1, 2), (1, 1), "sum")
    op = downsample.DownsampleFactorMax((2, 3), ignore_border=True)
    assert op == downsample.DownsampleFactorMax((2, 3), ignore_border=True)
    assert op != downsample.DownsampleFactorMax((2, 2), ignore_border=True)
    f = function([x], [old, new, op(x), pool.pool_2d(x, (2, 3), True)])
    first, second, third, fourth = f(a)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(third, fourth)
    verify_grad(op, [a], rng=np.random.RandomState(0))


def test_conv3D_with_channels_at_the_end():
    state = np.random.RandomState(2)
    v, w, b = state.uniform(size=(2, 5, 4, 6, 3)), state.uniform(size=(2, 2, 1, 3, 3)), state.uniform(size=2)
    z = function([], conv3d2d.conv3D(T.constant(v), T.constant(w), T.constant(b), (1, 2, 3)))()
    assert z.shape == (2, 4, 2, 2, 2)
    for n, i, j, k, f in np.ndindex(*z.shape):
        part = v[n, i:i + 2, 2 * j:2 * j + 1, 3 * k:3 * k + 3]
        np.testing.assert_allclose(z[n, i, j, k, f], (part * w[f]).sum() + b[f])


def test_a_window_may_lie_in_the_padding_alone_of_an_empty_image():
    x = T.tensor4("x", dtype="float64")
    out = function([x], pool.pool_2d(x, (3, 3), True, (1, 1), (2, 2), "average_exc_pad"))(np.zeros((1, 1, 0, 4)))
    np.testing.assert_array_equal(out, np.zeros((1, 1, 2, 6)))
