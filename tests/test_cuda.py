"""On a GPU: every op of the table, the random numbers that Theano drew, and training give what the CPU gives."""

import numpy as np
import pytest
import test_op_table as table
import torch
from cases import values
from replay import load
from test_random import STREAMS, check_state, expressions

import tgraph.tensor as T
from tgraph.config import change_flags
from tgraph.function import function
from tgraph.shared import shared

RECORD = load("mrg.json")["mrg"]

on_gpu = [pytest.mark.cuda, pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")]
# the CPU runs the same lines, so that they are known to be right where no GPU is
devices = pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=on_gpu)])


@devices
def test_every_op_of_the_table(device):
    wrong = []
    for case, dtype in table.TYPED:
        if dtype not in ("float32", "float64") or case.undefined:
            continue
        given = values(case, dtype)
        expected = table.by_function(case, dtype, given)
        try:
            with change_flags(device=device):
                found = function(*table.graph(case, dtype))(*given)
            for a, b in zip(found, expected, strict=True):
                tolerance = 2e-5 if str(np.asarray(b).dtype) in ("float32", "complex64") else 1e-9
                np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)
        except Exception as error:
            wrong.append(f"{case} {dtype}: {type(error).__name__}: {str(error).splitlines()[0]}")
    assert not wrong, "\n".join(wrong)


@devices
def test_mrg_draws_what_theano_drew(device):
    for name, case in RECORD.items():
        if "error" in case or "-float32-" not in name or "wo_replacement" in name:  # that one warns
            continue
        with change_flags(device=device, floatX="float32"):
            streams = STREAMS["mrg"](case["seed"])
            n, outs = expressions(streams, case)
            f = function([n] if case["n"] is not None else [], outs)
            arguments = [case["n"]] if case["n"] is not None else []
            for call, after in zip(case["calls"], case["states"], strict=True):
                for value, record in zip(f(*arguments), call, strict=True):
                    wanted = np.array(record["values"]).reshape(record["shape"])
                    close = 2e-3 if "float16" in name else 1e-6
                    np.testing.assert_allclose(value, wanted, rtol=10 * close, atol=close, err_msg=name)
                for update, record in zip(streams.state_updates, after, strict=True):
                    check_state(update[0].get_value(), record)


def train(device):
    rng = np.random.RandomState(0)
    images, digits = rng.rand(200, 20).astype("float32"), rng.randint(0, 5, 200)
    with change_flags(device=device, floatX="float32"):
        w = shared((rng.randn(20, 5) / 5).astype("float32"), name="w")
        b = shared(np.zeros(5, "float32"), name="b")
        x, y, sx = T.fmatrix("x"), T.lvector("y"), shared(images)
        i = T.lscalar("i")
        keep = STREAMS["mrg"](7).binomial((50, 20), p=0.8, dtype="float32")
        p = table.tgraph.ops.nnet.softmax(T.dot(x * keep, w) + b)
        cost = -T.mean(T.log(p)[T.arange(y.shape[0]), y])
        steps = [(v, v - np.float32(0.5) * g) for v, g in zip((w, b), T.grad(cost, [w, b]), strict=True)]
        f = function([i, y], cost, updates=steps, givens={x: sx[i * 50:(i + 1) * 50]})
        costs = [float(f(k % 4, digits[k % 4 * 50:(k % 4 + 1) * 50])) for k in range(40)]
        with pytest.raises(ValueError, match="y_i value out of bounds"):
            f(0, digits[:50] + 9)
        return costs, w.get_value()


@devices
def test_training_and_bad_labels(device):
    costs, weights = train(device)
    wanted, reference = train("cpu")
    np.testing.assert_allclose(costs, wanted, rtol=1e-4)
    np.testing.assert_allclose(weights, reference, rtol=1e-3, atol=1e-5)
    assert costs[-1] < costs[0]
