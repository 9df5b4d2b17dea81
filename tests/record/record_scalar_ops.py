"""Record what the real Theano gives for every elementwise op: output dtypes, values on a grid, gradients.

Run with the oracle's Python 3.8 (Theano 1.0.5 with a C compiler):
    THEANO_FLAGS=gcc.cxxflags=-O0,blas.ldflags=-lopenblas python tests/record/record_scalar_ops.py
Writes tests/data/scalar_ops.json:
    ops        name -> expression in x (and y), read by the tests with `T` = theano.tensor
    dtypes     name -> output dtype for every input dtype (unary: a list, binary: a list of rows), in the
               order of dtype_order; "!Class" where building raises Class
    values     name -> {input dtype: {"inputs": [...], "output": array or error, "engine": "c" or "py"}}
    gradients  name -> {input dtype: {"inputs": [...], "gradients": [d sum/dx, ...] or error, "engine"}}
"""

import os
import re
import sys
import warnings

import numpy as np
import theano
import theano.tensor as T
from encoding import encode, write

warnings.filterwarnings("ignore")
HERE = os.path.dirname(os.path.abspath(__file__))
DTYPES = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "complex64", "complex128",
]  # fmt: skip

UNARY = """abs_ angle arccos arccosh arcsin arcsinh arctan arctanh ceil conj cos cosh deg2rad erf erfc erfcinv
erfcx erfinv exp exp2 expm1 floor gamma gammaln i0 i1 imag inv invert j0 j1 log log10 log1p log2 neg psi
rad2deg real round_half_away_from_zero round_half_to_even sgn sin sinh sqr sqrt tan tanh tensor_copy tri_gamma
trunc isnan isinf iround""".split()
BINARY = """add and_ arctan2 chi2sf complex complex_from_polar eq fill floor_div gammainc gammaincc gammal
gammau ge gt int_div iv jv le lt maximum minimum mod mul neq or_ pow second sub true_div xor
isclose""".split()
NNET = "sigmoid hard_sigmoid ultra_fast_sigmoid softplus softsign relu elu selu".split()
BINARY_OPERATORS = "+ - * / // % ** < <= > >= & | ^".split()

OPS = {name: "T.%s(x)" % name for name in UNARY}
OPS.update(("nnet." + name, "T.nnet.%s(x)" % name) for name in NNET)
OPS.update({"nnet.relu_leaky": "T.nnet.relu(x, 0.1)", "nnet.elu_alpha": "T.nnet.elu(x, 0.5)"})
OPS.update(("cast_" + d, "T.cast(x, %r)" % d) for d in DTYPES)
OPS.update(
    {
        "round": "T.round(x)",
        "round_away": "T.round(x, mode='half_away_from_zero')",
        "clip_constants": "T.clip(x, -1, 2)",
        "pow_int": "x ** 2",
        "pow_float": "x ** 0.5",
        "rpow": "2 ** x",
    }
)
OPS.update(
    {"py_neg": "-x", "py_abs": "abs(x)", "py_invert": "~x", "one_minus": "1 - x", "half_times": "0.5 * x"}
)
OPS.update((name, "T.%s(x, y)" % name) for name in BINARY)
OPS.update(("py_" + sign, "x %s y" % sign) for sign in BINARY_OPERATORS)
OPS.update(
    {"switch": "T.switch(x > 0, x, y)", "clip": "T.clip(x, y, y + y)", "divmod_floor": "divmod(x, y)[0]"}
)

# Ops whose C code raises for a zero divisor of int dtype: each runs in a function of its own.
MAY_RAISE = {"int_div", "floor_div", "mod", "py_//", "py_%", "divmod_floor"}
# Ops whose C code ends the whole process for arguments out of their domain: their numpy form is recorded.
ABORTS = {"chi2sf", "gammainc", "gammaincc", "gammal", "gammau"}

FLOATS = [
    -np.inf,
    -30.5,
    -2.5,
    -1.5,
    -1.0,
    -0.5,
    -0.0,
    0.0,
    0.3,
    0.5,
    1.0,
    1.5,
    2.5,
    3.0,
    20.25,
    np.inf,
    np.nan,
]
FLOATS_2 = [-np.inf, -2.5, -1.0, 0.0, 0.5, 1.0, 3.0, np.inf, np.nan]
INTS, UINTS, BOOLS = [-100, -3, -1, 0, 1, 2, 5, 100], [0, 1, 2, 5, 100, 200], [0, 1]
INTS_2, UINTS_2 = [-5, -2, -1, 0, 1, 2, 7], [0, 1, 2, 5, 200]
COMPLEX = [0, 1, -1, 1j, -1j, 1.5 + 2j, -0.5 - 0.25j]


def arity(expr):
    return 2 if re.search(r"\by\b", expr) else 1


def variables(dtypes):
    return [T.TensorType(d, (False,))(n) for d, n in zip(dtypes, "xyz")]


def build(expr, xs):
    return eval(expr, {"T": T}, dict(zip("xyz", xs)))


def dtype_of(expr, dtypes):
    try:
        return build(expr, variables(dtypes)).dtype
    except Exception as error:
        return "!" + type(error).__name__


def grid(n, dtype):
    """The n input arrays: one axis of points, or all pairs of a shorter axis."""
    kind = np.dtype(dtype).kind
    if n == 1:
        points = {"f": FLOATS, "i": INTS, "u": UINTS, "b": BOOLS, "c": COMPLEX}[kind]
        return [np.array(points, dtype=dtype)]
    points = {"f": FLOATS_2, "i": INTS_2, "u": UINTS_2, "b": BOOLS, "c": COMPLEX}[kind]
    a, b = np.meshgrid(points, points, indexing="ij")
    return [a.ravel().astype(dtype), b.ravel().astype(dtype)]


def has_c_code(xs, outputs):
    """Whether the optimized graph of `outputs` can be written as one C program."""
    try:
        function = theano.function(xs, outputs, mode=theano.Mode("py", "fast_run"), on_unused_input="ignore")
        graph = function.maker.fgraph
        if any("float16" in str(getattr(v, "type", "")) for v in graph.variables):
            return False
        ins, outs = theano.gof.graph.clone(graph.inputs, graph.outputs)
        theano.gof.cc.CLinker().accept(theano.gof.FunctionGraph(ins, outs, clone=False)).code_gen()
    except Exception:
        return False
    return True


def run(xs, outputs, inputs, engine):
    mode = theano.Mode("c" if engine == "c" else "py", "fast_run")
    return theano.function(xs, outputs, mode=mode, on_unused_input="ignore")(*inputs)


def run_alone(xs, outputs, inputs, engine):
    """(results or exception, engine): in C where it compiles, else in Python."""
    if engine == "c":
        try:
            return run(xs, outputs, inputs, "c"), "c"
        except ZeroDivisionError as error:
            return error, "c"
        except Exception as error:
            sys.stderr.write("no C: %s\n" % str(error)[-120:].replace("\n", " "))
    try:
        return run(xs, outputs, inputs, "py"), "py"
    except Exception as error:
        return error, "py"


def record(jobs, xs, inputs):
    """{name: (result list or exception, engine)} of {name: outputs}; the C ones compiled in groups."""
    results, grouped = {}, []
    for name, outputs in jobs.items():
        if name in ABORTS or not has_c_code(xs, outputs):
            results[name] = run_alone(xs, outputs, inputs, "py")
        elif name in MAY_RAISE and np.dtype(xs[0].dtype).kind in "iub":
            results[name] = run_alone(xs, outputs, inputs, "c")
        else:
            grouped.append(name)
    for start in range(0, len(grouped), 25):
        names = grouped[start : start + 25]
        try:
            flat = run(xs, [o for n in names for o in jobs[n]], inputs, "c")
        except Exception:
            results.update((n, run_alone(xs, jobs[n], inputs, "c")) for n in names)
            continue
        for n in names:
            results[n], flat = (flat[: len(jobs[n])], "c"), flat[len(jobs[n]) :]
    return results


def gradient_jobs(names, xs):
    jobs, failed = {}, {}
    for name in names:
        try:
            cost = build(OPS[name], xs).sum()
            jobs[name] = T.grad(cost, xs, disconnected_inputs="ignore")
        except Exception as error:
            failed[name] = error
    return jobs, failed


def main():
    dtypes, values, gradients = {}, {n: {} for n in OPS}, {n: {} for n in OPS}
    for name, expr in OPS.items():
        if arity(expr) == 1:
            dtypes[name] = [dtype_of(expr, (d,)) for d in DTYPES]
        else:
            dtypes[name] = [[dtype_of(expr, (d, e)) for e in DTYPES] for d in DTYPES]

    def save():
        document = {
            "about": f"Theano {theano.__version__}, numpy {np.__version__}, default optimizer",
            "dtype_order": DTYPES,
            "ops": OPS,
            "dtypes": dtypes,
            "values": values,
            "gradients": gradients,
        }
        write(
            os.path.join(HERE, "..", "data", "scalar_ops.json"),
            document,
            ("ops", "dtypes", "values", "gradients"),
        )

    for n in (1, 2):
        names = [name for name, expr in OPS.items() if arity(expr) == n]
        for d in ["float64", "float32", "int64", "int8", "uint8", "bool", "int32", "complex128"]:
            sys.stderr.write("%d-ary %s\n" % (n, d))
            xs, inputs = variables([d] * n), grid(n, d)
            jobs = {}
            for name in names:
                try:
                    jobs[name] = [build(OPS[name], xs)]
                except Exception as error:
                    values[name][d] = {"inputs": [], "output": encode(error), "engine": "build"}
            for name, (result, engine) in record(jobs, xs, inputs).items():
                out = result if isinstance(result, Exception) else result[0]
                values[name][d] = {"inputs": encode(inputs), "output": encode(out), "engine": engine}
            save()
    for n in (1, 2):
        names = [name for name, expr in OPS.items() if arity(expr) == n]
        for d in ["float64", "float32"]:
            sys.stderr.write("gradients %d-ary %s\n" % (n, d))
            xs, inputs = variables([d] * n), grid(n, d)
            jobs, failed = gradient_jobs(names, xs)
            for name, error in failed.items():
                gradients[name][d] = {"inputs": [], "gradients": encode(error), "engine": "build"}
            for name, (result, engine) in record(jobs, xs, inputs).items():
                gradients[name][d] = {"inputs": encode(inputs), "gradients": encode(result), "engine": engine}
            save()


if __name__ == "__main__":
    main()
