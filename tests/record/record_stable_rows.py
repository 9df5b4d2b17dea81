# ruff: noqa: E501
"""Record what the real Theano's optimizer makes of the expressions whose value it changes: value and gradients.

Run with the oracle's Python 3.8 (Theano 1.0.5):
    THEANO_FLAGS=cxx= python tests/record/record_stable_rows.py
    ONLY=_label python tests/record/record_stable_rows.py      (with a C compiler)
Writes tests/data/stable_rows.json: "cases": name -> {"expr", "inputs": {letter: array}, and for every result
    "value", "grad" (of the sum, with respect to x), "scaled" (gradient of the sum of value * 3 * tanh(x), or of value * sum(3 * tanh(x)) where
    x has other dimensions)
    an array or an error; "<result>_fast_compile" and "<result>_none" where mode FAST_COMPILE or optimizer=None
    give something else}.
"""

import json
import os
import sys
import warnings

import numpy as np
import theano
import theano.tensor as T
from encoding import encode, write

warnings.filterwarnings("ignore")
HERE = os.path.dirname(os.path.abspath(__file__))

V = np.array([-1000.0, -40.0, -1.0, 0.0, 1.0, 40.0, 1000.0])
M = np.array([[0.0, 1000.0], [-1000.0, 1000.0], [1.0, 2.0], [0.0, 0.0]])
P = np.array([0.1, 0.5, 2.0])
TINY = np.array([1e-20, -1e-20, 0.0, 0.5])
ODD = np.array([0.0, np.nan, np.inf, 2.0])
Y = np.array([0, 1, 1, 0])
HOT = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [1.0, 0.0]])
B = np.array([1.0, -2.0])
T3 = np.array([[[0.0, 1000.0, -1000.0]], [[1.0, 2.0, 3.0]]])

CASES = {
    # rows 1-3: softmax
    "log_softmax": ("T.log(T.nnet.softmax(x))", M, {}),
    "log_softmax_bias": ("T.log(T.nnet.softmax(x + b))", M, {"b": B}),
    "log_softmax_dot": ("T.log(T.nnet.softmax(T.dot(x, w) + b))", M / 10, {"w": np.eye(2) * 10, "b": B}),
    "neg_log_softmax_scaled": ("-2 * T.log(T.nnet.softmax(x)) / 7", M, {}),
    "log_softmax_vector": ("T.log(T.nnet.softmax(x))", V, {}),
    "nll_tutorial": ("-T.mean(T.log(T.nnet.softmax(x))[T.arange(y.shape[0]), y])", M, {"y": Y}),
    "nll_index_first": ("-T.log(T.nnet.softmax(x)[T.arange(y.shape[0]), y])", M, {"y": Y}),
    "nll_index_first_mean": ("-T.mean(T.log(T.nnet.softmax(x)[T.arange(y.shape[0]), y]))", M, {"y": Y}),
    "nll_index_first_sum_bias": ("-T.sum(T.log(T.nnet.softmax(x + b)[T.arange(y.shape[0]), y]))", M, {"y": Y, "b": B}),
    "nll_scaled": ("-3 * T.mean(T.log(T.nnet.softmax(x))[T.arange(y.shape[0]), y]) / 2", M, {"y": Y}),
    "nll_log_softmax_op": ("-T.mean(T.nnet.logsoftmax(x)[T.arange(y.shape[0]), y])", M, {"y": Y}),
    "cce_int": ("T.nnet.categorical_crossentropy(T.nnet.softmax(x), y)", M, {"y": Y}),
    "cce_int_mean": ("T.nnet.categorical_crossentropy(T.nnet.softmax(x), y).mean()", M, {"y": Y}),
    "cce_int_bias": ("T.nnet.categorical_crossentropy(T.nnet.softmax(x + b), y)", M, {"y": Y, "b": B}),
    "cce_int_weighted": ("(T.nnet.categorical_crossentropy(T.nnet.softmax(x), y) * x[:, 0]).sum()", M, {"y": Y}),
    "cce_onehot": ("T.nnet.categorical_crossentropy(T.nnet.softmax(x), t)", M, {"t": HOT}),
    "cce_by_hand": ("-T.sum(t * T.log(T.nnet.softmax(x)), axis=1)", M, {"t": HOT}),
    "cce_int_by_hand_softmax": (
        "T.nnet.categorical_crossentropy(T.exp(x) / T.exp(x).sum(axis=1, keepdims=True), y)", M, {"y": Y}),
    "softmax_by_hand": ("T.exp(x) / T.sum(T.exp(x), axis=1, keepdims=True)", M, {}),
    "softmax_by_hand_dimshuffle": ("T.exp(x) / T.sum(T.exp(x), axis=1).dimshuffle(0, 'x')", M, {}),
    "softmax_by_hand_axis0": ("T.exp(x) / T.sum(T.exp(x), axis=0, keepdims=True)", M, {}),
    "softmax_by_hand_vector": ("T.exp(x) / T.sum(T.exp(x))", V, {}),
    "softmax_by_hand_scaled": ("3 * T.exp(x) / (T.sum(T.exp(x), axis=1, keepdims=True) * 2)", M, {}),
    "log_softmax_by_hand": ("T.log(T.exp(x) / T.sum(T.exp(x), axis=1, keepdims=True))", M, {}),
    "log_softmax_shifted": (
        "T.log(T.exp(x - x.max(axis=1, keepdims=True)) "
        "/ T.exp(x - x.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True))", M, {}),
    # rows 4-5: sigmoid
    "log_sigmoid": ("T.log(T.nnet.sigmoid(x))", V, {}),
    "log_sigmoid_scaled": ("-T.log(T.nnet.sigmoid(x)) * 2 / 3", V, {}),
    "log_one_minus_sigmoid": ("T.log(1 - T.nnet.sigmoid(x))", V, {}),
    "log1p_minus_sigmoid": ("T.log1p(-T.nnet.sigmoid(x))", V, {}),
    "log_sigmoid_matrix": ("T.log(T.nnet.sigmoid(x))", M, {}),
    "log_sigmoid_affine": ("T.log(T.nnet.sigmoid(T.dot(x, w) + b))", M / 10, {"w": np.eye(2) * 10, "b": B}),
    "log_one_minus_sigmoid_affine": ("T.log(1 - T.nnet.sigmoid(T.dot(x, w) + b))", M / 10, {"w": np.eye(2) * 10, "b": B}),
    "one_minus_sigmoid": ("1 - T.nnet.sigmoid(x)", V, {}),
    "bce": ("T.nnet.binary_crossentropy(T.nnet.sigmoid(x), (x < 0) * 1.0)", V, {}),
    "bce_targets": ("T.nnet.binary_crossentropy(T.nnet.sigmoid(x), t)", M, {"t": HOT}),
    "bce_mean": ("T.nnet.binary_crossentropy(T.nnet.sigmoid(x), t).mean()", M, {"t": HOT}),
    "bce_by_hand": ("-(t * T.log(T.nnet.sigmoid(x)) + (1 - t) * T.log(1 - T.nnet.sigmoid(x)))", M, {"t": HOT}),
    "bce_by_hand_affine": (
        "-(t * T.log(T.nnet.sigmoid(T.dot(x, w))) + (1 - t) * T.log(1 - T.nnet.sigmoid(T.dot(x, w)))).mean()", M / 10,
        {"w": np.eye(2) * 10, "t": HOT}),
    "sigmoid_by_hand": ("1 / (1 + T.exp(-x))", V, {}),
    "sigmoid_by_hand_float": ("1.0 / (1.0 + T.exp(-x))", V, {}),
    "sigmoid_by_hand_flipped": ("1 / (T.exp(-x) + 1)", V, {}),
    "sigmoid_by_hand_scaled": ("3 / (1 + T.exp(-x)) * 5", V, {}),
    "sigmoid_by_exp": ("T.exp(x) / (1 + T.exp(x))", V, {}),
    "log_sigmoid_by_hand": ("T.log(1 / (1 + T.exp(-x)))", V, {}),
    "log_sigmoid_by_exp": ("T.log(T.exp(x) / (1 + T.exp(x)))", V, {}),
    "logistic_cost_by_hand": (
        "-t * T.log(1 / (1 + T.exp(-x))) - (1 - t) * T.log(1 - 1 / (1 + T.exp(-x)))", M, {"t": HOT}),
    # row 6: softplus
    "softplus_by_hand": ("T.log(1 + T.exp(x))", V, {}),
    "softplus_by_hand_float": ("T.log(1.0 + T.exp(x))", V, {}),
    "softplus_by_hand_flipped": ("T.log(T.exp(x) + 1)", V, {}),
    "softplus_by_log1p": ("T.log1p(T.exp(x))", V, {}),
    "softplus_by_hand_matrix": ("T.log(1 + T.exp(x))", M, {}),
    "softplus_minus": ("-T.log(1 + T.exp(-x))", V, {}),
    "softplus_affine": ("T.log(1 + T.exp(T.dot(x, w) + b))", M / 10, {"w": np.eye(2) * 10, "b": B}),
    "softplus_nnet": ("T.nnet.softplus(x)", V, {}),
    # row 7: log of a sum of exponentials
    "logsumexp": ("T.log(T.sum(T.exp(x)))", V, {}),
    "logsumexp_matrix": ("T.log(T.sum(T.exp(x)))", M, {}),
    "logsumexp_axis1": ("T.log(T.sum(T.exp(x), axis=1))", M, {}),
    "logsumexp_axis0": ("T.log(T.sum(T.exp(x), axis=0))", M, {}),
    "logsumexp_keepdims": ("T.log(T.sum(T.exp(x), axis=1, keepdims=True))", M, {}),
    "logsumexp_shifted": (
        "T.log(T.sum(T.exp(x - x.max(axis=1, keepdims=True)), axis=1, keepdims=True)) + x.max(axis=1, keepdims=True)",
        M, {}),
    "logsumexp_3d": ("T.log(T.sum(T.exp(x), axis=(0, 2)))", T3, {}),
    "logsumexp_log_softmax": ("x - T.log(T.sum(T.exp(x), axis=1, keepdims=True))", M, {}),
    "logsumexp_inf": ("T.log(T.sum(T.exp(x), axis=1))", np.array([[-np.inf, -np.inf], [-np.inf, 0.0], [np.inf, 0.0]]), {}),
    # row 8: switch
    "switch_sqrt": ("T.switch(x > 0, T.sqrt(x), 0)", np.array([-1.0, 0.0, 4.0]), {}),
    "switch_sqrt_float": ("T.switch(x > 0, T.sqrt(x), 0.0)", np.array([-1.0, 0.0, 4.0]), {}),
    "switch_log": ("T.switch(x > 0, T.log(x), 0)", np.array([-1.0, 0.0, 4.0]), {}),
    "switch_log_other": ("T.switch(x <= 0, 0, T.log(x))", np.array([-1.0, 0.0, 4.0]), {}),
    "switch_log_squared": ("T.sqr(T.switch(x > 0, T.log(x), 0))", np.array([-1.0, 0.0, 4.0]), {}),
    "switch_times": ("T.switch(x > 0, T.log(x), 0) * x", np.array([-1.0, 0.0, 4.0]), {}),
    "switch_log_zeros_like": ("T.switch(x > 0, T.log(x), T.zeros_like(x))", np.array([-1.0, 0.0, 4.0]), {}),
    "switch_inverse": ("T.switch(T.eq(x, 0), 0, 1 / x)", np.array([-1.0, 0.0, 4.0]), {}),
    # row 9
    "log1p": ("T.log(1 + x)", TINY, {}),
    "log1p_flipped": ("T.log(x + 1.0)", TINY, {}),
    "log1p_minus": ("T.log(1 - x)", TINY, {}),
    "log1p_many": ("T.log(1 + x + b)", np.array([1e-20, 2e-20]), {"b": np.array([1e-20, 0.0])}),
    "expm1": ("T.exp(x) - 1", TINY, {}),
    "expm1_float": ("T.exp(x) - 1.0", TINY, {}),
    "expm1_flipped": ("-1 + T.exp(x)", TINY, {}),
    "expm1_negated": ("1 - T.exp(x)", TINY, {}),
    "expm1_scaled": ("3 * (T.exp(x) - 1) / 2", TINY, {}),
    # rows 10-12
    "times_zero": ("x * 0", ODD, {}),
    "times_zero_float": ("0.0 * x", ODD, {}),
    "times_zero_many": ("x * 3 * 0 / 5", ODD, {}),
    "divided_by_itself": ("x / x", ODD, {}),
    "minus_itself": ("x - x", ODD, {}),
    "plus_minus_itself": ("x + 3 - x", ODD, {}),
    "twice_over_itself": ("x * 2 / x", ODD, {}),
    "square_over_itself": ("x * x / x", ODD, {}),
    "sqr_over_itself": ("T.sqr(x) / x", ODD, {}),
    "product_over_part": ("(x * b) / x", ODD, {"b": np.array([1.0, 2.0, 3.0, 4.0])}),
    "part_over_product": ("x / (x * b)", ODD, {"b": np.array([1.0, 2.0, 3.0, 4.0])}),
    "zero_over": ("0 / x", ODD, {}),
    "zero_over_float": ("0.0 / x", ODD, {}),
    "power_zero": ("x ** 0", ODD, {}),
    "power_zero_float": ("x ** 0.0", ODD, {}),
    "power_one": ("x ** 1", ODD, {}),
    "power_two": ("x ** 2", ODD, {}),
    "power_half": ("x ** 0.5", ODD, {}),
    "power_minus_one": ("x ** -1", ODD, {}),
    "power_minus_half": ("x ** -0.5", ODD, {}),
    "power_two_over_itself": ("x ** 2 / x", ODD, {}),
    "abs_product": ("abs(x) * abs(x)", ODD, {}),
    "neg_neg": ("-(-x)", ODD, {}),
    "one_over_one_over": ("1 / (1 / x)", ODD, {}),
    "nested_quotient": ("x / (x / 3)", ODD, {}),
    "plus_zero": ("x + 0", ODD, {}),
    "minus_neg": ("x - (-x)", ODD, {}),
    # kept as they are
    "exp_log": ("T.exp(T.log(x))", np.array([-1.0, 0.0, 2.0]), {}),
    "log_exp": ("T.log(T.exp(x))", np.array([-1000.0, 0.0, 1000.0]), {}),
    "sqr_sqrt": ("T.sqr(T.sqrt(x))", np.array([-1.0, 0.0, 2.0]), {}),
    "sqrt_sqr": ("T.sqrt(T.sqr(x))", np.array([-3.0, 0.0, 2.0]), {}),
    "exp_sum": ("T.exp(x) * T.exp(x)", np.array([-1000.0, 0.0, 500.0]), {}),
    "exp_over_exp": ("T.exp(x) / T.exp(x)", np.array([-1000.0, 0.0, 1000.0]), {}),
    "exp_times_exp_minus": ("T.exp(x) * T.exp(-x)", np.array([-1000.0, 0.0, 1000.0]), {}),
    "log_product": ("T.log(x * x)", np.array([-1e200, 0.0, 1e200]), {}),
    "tanh_identity": ("1 - T.sqr(T.tanh(x))", V, {}),
    "sigmoid_product": ("T.nnet.sigmoid(x) * (1 - T.nnet.sigmoid(x))", V, {}),
    "sqrt_over_sqrt": ("T.sqrt(x) / T.sqrt(x)", np.array([-1.0, 0.0, 2.0]), {}),
    "x_over_sqrt": ("x / T.sqrt(x)", np.array([-1.0, 0.0, 2.0]), {}),
    "minus_log_of_sum": ("T.log(x + x)", P, {}),
    "log_of_prob": ("T.log(x) * x", np.array([0.0, 1.0]), {}),
    # rows 13-14
    "shape_of_bad_sum": ("(x + b).shape", P[:2], {"b": np.ones(3)}),
    "item_of_bad_sum": ("(x + b)[0]", P[:2], {"b": np.ones(3)}),
    "slice_of_bad_sum": ("(x + b)[:1]", P[:2], {"b": np.ones(3)}),
    "shape_of_bad_chain": ("T.exp((x + b) * 2).shape[0]", P[:2], {"b": np.ones(3)}),
    "shape_of_bad_dot": ("T.dot(x, b).shape", M, {"b": np.ones((3, 5))}),
    "rows_of_bad_sum": ("(x + b)[1]", M, {"b": np.ones((3, 2))}),
    "value_of_bad_sum": ("x + b", P[:2], {"b": np.ones(3)}),
    "bad_label_cce": ("T.nnet.categorical_crossentropy(T.nnet.softmax(x), y)", M, {"y": np.array([0, 1, 2, 0])}),
    "negative_label_cce": ("T.nnet.categorical_crossentropy(T.nnet.softmax(x), y)", M, {"y": np.array([0, -1, 1, 0])}),
    "bad_label_cce_plain": ("T.nnet.categorical_crossentropy(x, y)", abs(M) + 1, {"y": np.array([0, 1, 2, 0])}),
    "negative_label_cce_plain": ("T.nnet.categorical_crossentropy(x, y)", abs(M) + 1, {"y": np.array([0, -1, 1, 0])}),
    "bad_label_nll": ("-T.mean(T.log(T.nnet.softmax(x))[T.arange(y.shape[0]), y])", M, {"y": np.array([0, 1, 2, 0])}),
    "negative_label_nll": ("-T.mean(T.log(T.nnet.softmax(x))[T.arange(y.shape[0]), y])", M,
                           {"y": np.array([0, -1, 1, 0])}),
    "bad_label_nll_bias": ("-T.mean(T.log(T.nnet.softmax(x + b))[T.arange(y.shape[0]), y])", M,
                           {"y": np.array([0, 1, 2, 0]), "b": B}),
    "bad_label_index_first": ("-T.mean(T.log(T.nnet.softmax(x)[T.arange(y.shape[0]), y]))", M,
                              {"y": np.array([0, 1, 2, 0])}),
    "negative_label_index_first": ("-T.mean(T.log(T.nnet.softmax(x)[T.arange(y.shape[0]), y]))", M,
                                   {"y": np.array([0, -1, 1, 0])}),
    "bad_label_logsoftmax": ("-T.mean(T.nnet.logsoftmax(x)[T.arange(y.shape[0]), y])", M,
                             {"y": np.array([0, 1, 2, 0])}),
    "short_labels": ("-T.mean(T.log(T.nnet.softmax(x))[T.arange(y.shape[0]), y])", M, {"y": np.array([0, 1])}),
    "short_labels_cce": ("T.nnet.categorical_crossentropy(T.nnet.softmax(x), y)", M, {"y": np.array([0, 1])}),
}  # fmt: skip


def variable(name, array):
    return T.TensorType(str(array.dtype), (False,) * array.ndim)(name)


MODES = {
    "": "FAST_RUN",
    "_fast_compile": "FAST_COMPILE",
    "_none": theano.compile.Mode(linker="py", optimizer=None),
}


def same(a, b):
    if isinstance(a, Exception) or isinstance(b, Exception):
        return type(a) is type(b) and str(a).splitlines()[:1] == str(b).splitlines()[:1]
    return a.dtype == b.dtype and a.shape == b.shape and np.allclose(a, b, rtol=1e-6, atol=1e-30, equal_nan=True)


def factor(z, x):
    """An extra factor that depends on x: of the shape of z where that is the shape of x, else a number."""
    f = 3 * T.tanh(x)
    return f if z.ndim == x.ndim else f.sum()


def run(case, dtype):
    expr, value, others = case
    arrays = {"x": value}
    arrays.update(others)
    arrays = {k: a.astype(dtype) if a.dtype.kind == "f" else a for k, a in arrays.items()}
    record = {"expr": expr, "inputs": {k: encode(a) for k, a in arrays.items()}}
    ins = {k: variable(k, a) for k, a in arrays.items()}
    scope = dict(ins, T=T)
    exprs = {"value": lambda: eval(expr, scope)}
    exprs["grad"] = lambda: T.grad(eval(expr, scope).sum(), ins["x"])
    exprs["scaled"] = lambda: T.grad((eval(expr, scope) * factor(eval(expr, scope), ins["x"])).sum(), ins["x"])
    for result, build in exprs.items():
        found = {}
        for mode, what in MODES.items():
            try:
                out = build()
                f = theano.function(list(ins.values()), out, mode=what, on_unused_input="ignore")
                found[mode] = np.asarray(f(*arrays.values()))
            except Exception as error:
                found[mode] = error
        record[result] = encode(found[""])
        for mode in ("_fast_compile", "_none"):
            if not same(found[mode], found[""]):
                record[result + mode] = encode(found[mode])
    return record


def main():
    # the labels are checked by C code, with another error than numpy's: record them with a compiler
    only = os.environ.get("ONLY", "")
    cases = {}
    if only:
        with open(os.path.join(HERE, "..", "data", "stable_rows.json")) as file:
            cases = json.load(file)["cases"]
    for name, case in CASES.items():
        if only not in name:
            continue
        for dtype in ("float64", "float32"):
            cases[name + "_" + dtype] = run(case, dtype)
        sys.stderr.write(name + "\n")
    write(os.path.join(HERE, "..", "data", "stable_rows.json"), {"theano": theano.__version__, "cases": cases}, ("cases",))


if __name__ == "__main__":
    main()
