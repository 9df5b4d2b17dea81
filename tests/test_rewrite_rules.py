"""Rules by example: the graph that comes out, line by line, and that both graphs have the same values."""

import types

import numpy as np
import pytest

import tgraph.tensor
from tgraph.config import config
from tgraph.explain import show
from tgraph.grad import grad  # noqa: F401  the examples name it
from tgraph.graph import inputs as leaves
from tgraph.lowering import python_engine
from tgraph.lowering.to_fx import lower
from tgraph.ops import nnet
from tgraph.rewrite import rewrite
from tgraph.types import TensorType
from tgraph.values import to_numpy, to_value

T = types.SimpleNamespace(**{**vars(tgraph.tensor), "nnet": nnet})


def tensors(names, ndim, dtype="float64"):
    return [TensorType(dtype, (False,) * ndim)(name) for name in names]


x, y, z = tensors("xyz", 1)
a, b, w = tensors("abw", 2)
s, t = tensors("st", 0)
(k,) = tensors("k", 1, "int64")
(f,) = tensors("f", 1, "float32")
N = 4

#: name -> (formula, what it becomes)
EXAMPLES = {
    "common": (
        "T.exp(x) * T.sin(T.exp(x))",
        """
%0 = exp(x) : float64[?]
%1 = sin(%0) : float64[?]
%2 = mul(%0, %1) : float64[?]
return %2
""",
    ),
    "fold": (
        "x + (T.constant(2.0) * 3 - 1)",
        """
%0 = add(x, 5.0) : float64[?]
return %0
""",
    ),
    "dimshuffles": (
        'x.dimshuffle("x", 0).dimshuffle(1, 0).dimshuffle(0)',
        """
return x
""",
    ),
    "casts": (
        'T.cast(T.cast(T.cast(f, "float64"), "float64"), "float32")',
        """
return f
""",
    ),
    "fills": (
        "T.ones_like(T.exp(a) + b) * x",
        """
%0 = InplaceDimShuffle{x,0}(x) : float64[1, ?]
%1 = second(a, %0) : float64[?, ?]
return %1
""",
    ),
    "sum_of_ones": (
        "T.ones_like(a + b).sum(axis=0)",
        """
%0 = Shape_i{0}(a) : int64[]
%1 = Cast{float64}(%0) : float64[]
%2 = InplaceDimShuffle{x}(%1) : float64[1]
%3 = Shape_i{1}(a) : int64[]
%4 = Alloc(%2, %3) : float64[?]
return %4
""",
    ),
    "grad_of_sum": (
        "grad((x * y).sum(), x)",
        """
return y
""",
    ),
    "products": (
        "-(2 * x * y) / (4 * y)",
        """
%0 = mul(-0.5, x) : float64[?]
return %0
""",
    ),
    "quotients": (
        "x / (y / x) / (1 / z)",
        """
%0 = mul(x, x, z) : float64[?]
%1 = true_div(%0, y) : float64[?]
return %1
""",
    ),
    "sums": (
        "x + 2 - y + 3 - x",
        """
%0 = sub(5.0, y) : float64[?]
return %0
""",
    ),
    "ints": (
        "(k + 1) - 1 + k * 1",
        """
%0 = add(k, k) : int64[?]
return %0
""",
    ),
    "powers": (
        "x ** 2 + x ** 0 + x ** 1 + x ** 0.5 + x ** -1 + x ** 3",
        """
%0 = sqr(x) : float64[?]
%1 = add(%0, 1.0) : float64[?]
%2 = add(%1, x) : float64[?]
%3 = sqrt(x) : float64[?]
%4 = add(%2, %3) : float64[?]
%5 = inv(x) : float64[?]
%6 = add(%4, %5) : float64[?]
%7 = pow(x, 3) : float64[?]
%8 = add(%6, %7) : float64[?]
return %8
""",
    ),
    "signs": (
        "x - (-y) + (-z)",
        """
%0 = add(x, y) : float64[?]
%1 = sub(%0, z) : float64[?]
return %1
""",
    ),
    "switch": (
        "T.switch(x > 0, y, 0) * z / x",
        """
%0 = gt(x, 0) : bool[?]
%1 = mul(y, z) : float64[?]
%2 = true_div(%1, x) : float64[?]
%3 = switch(%0, %2, 0.0) : float64[?]
return %3
""",
    ),
    "known_switch": (
        "T.switch(T.constant(1), x, y)",
        """
return x
""",
    ),
    "distribute": (
        "(x / y + z / s) * y * s",
        """
%0 = InplaceDimShuffle{x}(s) : float64[1]
%1 = mul(x, %0) : float64[?]
%2 = mul(z, y) : float64[?]
%3 = add(%1, %2) : float64[?]
return %3
""",
    ),
    "sum_of_product": (
        '(2 * a * x.dimshuffle("x", 0)).sum(axis=0)',
        """
%0 = Sum{axis=[0], acc_dtype=float64}(a) : float64[?]
%1 = mul(2.0, %0, x) : float64[?]
return %1
""",
    ),
    "shape": (
        "T.exp(T.dot(a, b) + x).shape",
        """
%0 = Shape_i{0}(a) : int64[]
%1 = Shape_i{1}(b) : int64[]
%2 = MakeVector{dtype='int64'}(%0, %1) : int64[?]
return %2
""",
    ),
    "size": (
        "(T.dot(a, b) + x).T.shape[0]",
        """
%0 = Shape_i{1}(b) : int64[]
return %0
""",
    ),
    "numel": (
        "(a * 2).size",
        """
%0 = Shape(a) : int64[?]
%1 = Prod{axis=None, dtype='int64', acc_dtype='int64'}(%0) : int64[]
return %1
""",
    ),
    "join": (
        "T.concatenate([a, b * 2], axis=0).shape[0]",
        """
%0 = Shape_i{0}(a) : int64[]
%1 = Shape_i{0}(b) : int64[]
%2 = add(%0, %1) : int64[]
return %2
""",
    ),
    "picked": (
        "(T.exp(x) + 2 * y)[3]",
        """
%0 = Subtensor{int64}(x, 3) : float64[]
%1 = exp(%0) : float64[]
%2 = Subtensor{int64}(y, 3) : float64[]
%3 = mul(2, %2) : float64[]
%4 = add(%1, %3) : float64[]
return %4
""",
    ),
    "reshape": (
        "(a * 2).reshape(a.shape)",
        """
%0 = mul(a, 2) : float64[?, ?]
return %0
""",
    ),
    "gemm_bias": (
        "T.dot(a, b) + x",
        """
%0 = InplaceDimShuffle{x,0}(x) : float64[1, ?]
%1 = Gemm(%0, 1.0, a, b, 1.0) : float64[?, ?]
return %1
""",
    ),
    "sgd": (
        "w - s * T.dot(a.T, b)",
        """
%0 = neg(s) : float64[]
%1 = InplaceDimShuffle{1,0}(a) : float64[?, ?]
%2 = Gemm(w, %0, %1, b, 1.0) : float64[?, ?]
return %2
""",
    ),
    "momentum": (
        "0.9 * w - 0.1 * T.dot(a.T, b)",
        """
%0 = InplaceDimShuffle{1,0}(a) : float64[?, ?]
%1 = Gemm(w, -0.1, %0, b, 0.9) : float64[?, ?]
return %1
""",
    ),
    "gemv": (
        "T.dot(a, x) + y",
        """
%0 = Gemm(y, 1.0, a, x, 1.0) : float64[?]
return %0
""",
    ),
    "two_products": (
        "T.dot(a, w) + T.dot(b, w) + x",
        """
%0 = InplaceDimShuffle{x,0}(x) : float64[1, ?]
%1 = Gemm(%0, 1.0, a, w, 1.0) : float64[?, ?]
%2 = Gemm(%1, 1.0, b, w, 1.0) : float64[?, ?]
return %2
""",
    ),
    "dot_used_twice": (
        "T.dot(a, b) + x + T.exp(T.dot(a, b))",
        """
%0 = dot(a, b) : float64[?, ?]
%1 = InplaceDimShuffle{x,0}(x) : float64[1, ?]
%2 = add(%0, %1) : float64[?, ?]
%3 = exp(%0) : float64[?, ?]
%4 = add(%2, %3) : float64[?, ?]
return %4
""",
    ),
    "nll": (
        "-T.mean(T.log(T.nnet.softmax(a))[T.arange(k.shape[0]), k])",
        """
%0 = SoftmaxNll(a, k) : float64[?]
%1 = Sum{acc_dtype=float64}(%0) : float64[]
%2 = Shape_i{0}(k) : int64[]
%3 = Cast{float64}(%2) : float64[]
%4 = true_div(%1, %3) : float64[]
return %4
""",
    ),
    "nll_grad": (
        "grad(-T.mean(T.log(T.nnet.softmax(a))[T.arange(k.shape[0]), k]), a)",
        """
%0 = Shape_i{0}(k) : int64[]
%1 = Cast{float64}(%0) : float64[]
%2 = InplaceDimShuffle{x}(%1) : float64[1]
%3 = true_div(1.0, %2) : float64[1]
%4 = InplaceDimShuffle{}(%3) : float64[]
%5 = Softmax(a) : float64[?, ?]
%6 = CrossentropySoftmax1HotWithBiasDx(%4, %5, k) : float64[?, ?]
return %6
""",
    ),
    "logsumexp": (
        "T.log(T.exp(a).sum(axis=1, keepdims=True))",
        """
%0 = LogSumExp(a) : float64[?]
%1 = InplaceDimShuffle{0,x}(%0) : float64[?, 1]
return %1
""",
    ),
    "softplus": (
        "T.log(1 + T.exp(x + y))",
        """
%0 = add(x, y) : float64[?]
%1 = softplus(%0) : float64[?]
return %1
""",
    ),
    "sigmoid": (
        "3 * T.exp(x) / (1 + T.exp(x)) * y",
        """
%0 = sigmoid(x) : float64[?]
%1 = mul(3.0, %0) : float64[?]
%2 = mul(%1, y) : float64[?]
return %2
""",
    ),
    "kept": (
        "T.exp(T.log(x)) + T.log(T.exp(x)) + T.sqr(T.sqrt(x)) + T.sqrt(T.sqr(x)) + T.sqr(x) / x",
        """
%0 = log(x) : float64[?]
%1 = exp(%0) : float64[?]
%2 = exp(x) : float64[?]
%3 = log(%2) : float64[?]
%4 = add(%1, %3) : float64[?]
%5 = sqrt(x) : float64[?]
%6 = sqr(%5) : float64[?]
%7 = add(%4, %6) : float64[?]
%8 = sqr(x) : float64[?]
%9 = sqrt(%8) : float64[?]
%10 = add(%7, %9) : float64[?]
%11 = true_div(%8, x) : float64[?]
%12 = add(%10, %11) : float64[?]
return %12
""",
    ),
    "sgd_on_rows": (
        "w - 0.1 * grad(T.sqr(w[k]).sum(), w)",
        """
%0 = AdvancedSubtensor1(w, k) : float64[?, ?]
%1 = mul(-0.2, %0) : float64[?, ?]
%2 = AdvancedIncSubtensor1{no_inplace,inc}(w, %1, k) : float64[?, ?]
return %2
""",
    ),
    "sgd_on_a_part_with_decay": (
        "w - s * (grad(T.sqr(w[1:]).sum(), w) / 3 + 0.01 * w)",
        """
%0 = InplaceDimShuffle{x,x}(s) : float64[1, 1]
%1 = mul(0.01, w) : float64[?, ?]
%2 = mul(%0, %1) : float64[?, ?]
%3 = sub(w, %2) : float64[?, ?]
%4 = Subtensor{int64::}(w, 1) : float64[?, ?]
%5 = mul(-0.6666666666666666, %0, %4) : float64[?, ?]
%6 = IncSubtensor{Inc;int64::}(%3, %5, 1) : float64[?, ?]
return %6
""",
    ),
    "two_parts": (
        "grad(T.sqr(w[k]).sum() + T.exp(w[0]).sum() + T.sqr(w).sum(), w)",
        """
%0 = mul(w, 2) : float64[?, ?]
%1 = AdvancedSubtensor1(w, k) : float64[?, ?]
%2 = mul(%1, 2) : float64[?, ?]
%3 = AdvancedIncSubtensor1{no_inplace,inc}(%0, %2, k) : float64[?, ?]
%4 = Subtensor{int64}(w, 0) : float64[?]
%5 = exp(%4) : float64[?]
%6 = IncSubtensor{Inc;int64}(%3, %5, 0) : float64[?, ?]
return %6
""",
    ),
    "parts_of_another_size_are_not_merged": (
        "a - 0.1 * grad(T.sqr(w[k]).sum(), w)",
        """
%0 = second(w, 0.0) : float64[?, ?]
%1 = AdvancedSubtensor1(w, k) : float64[?, ?]
%2 = mul(0.2, %1) : float64[?, ?]
%3 = AdvancedIncSubtensor1{no_inplace,inc}(%0, %2, k) : float64[?, ?]
%4 = sub(a, %3) : float64[?, ?]
return %4
""",
    ),
}


@pytest.fixture(autouse=True)
def strict(monkeypatch):
    monkeypatch.setattr(config, "on_opt_error", "raise")


def value_of(output, values):
    given = [v for v in leaves([output]) if v in values]
    run = python_engine.build(lower(given, [output]))
    return to_numpy(run(*[to_value(values[v]) for v in given])[0])


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name):
    formula, expected = EXAMPLES[name]
    before = eval(formula)
    (after,) = rewrite([before])
    assert show(after) == expected.strip()
    assert after.type == before.type
    rng = np.random.default_rng(5)
    values = {v: rng.uniform(0.5, 1.5, (N,) * v.ndim).astype(v.dtype) for v in (x, y, z, a, b, w, s, t, f)}
    values[k] = rng.integers(0, N, N)
    found, wanted = value_of(after, values), value_of(before, values)
    assert found.dtype == wanted.dtype
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("optimizer", ["fast_compile", "merge", None])
@pytest.mark.parametrize("name", EXAMPLES)
def test_other_optimizers_keep_the_values(name, optimizer):
    before = eval(EXAMPLES[name][0])
    (after,) = rewrite([before], optimizer)
    rng = np.random.default_rng(6)
    values = {v: rng.uniform(0.5, 1.5, (N,) * v.ndim).astype(v.dtype) for v in (x, y, z, a, b, w, s, t, f)}
    values[k] = rng.integers(0, N, N)
    np.testing.assert_allclose(value_of(after, values), value_of(before, values), rtol=1e-12, atol=1e-14)
