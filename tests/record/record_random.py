"""Record the random numbers of the real Theano: MRG_RandomStreams and shared_randomstreams.RandomStreams.

Run with the oracle's Python 3.8 (Theano 1.0.5; without a compiler it gives the same numbers, only slower):
    THEANO_FLAGS=blas.ldflags=-lopenblas python tests/record/record_random.py
Writes tests/data/mrg.json: one entry for each case, holding the source text of the expression in `r` (the
stream) and `n` (a symbolic size), the seed, three consecutive calls, and the state after each call. The names
end in floatX and the seed.
"""

import os
import sys

import numpy as np
import theano
import theano.tensor as T
from encoding import encode, write
from theano.sandbox.rng_mrg import MRG_RandomStreams
from theano.tensor.shared_randomstreams import RandomStreams

HERE = os.path.dirname(os.path.abspath(__file__))
SEEDS = [12345, 234, 1, [1, 2, 3, 4, 5, 6]]

# name -> (list of expressions drawn in this order from one stream, value of the symbolic size n or None)
MRG = {
    "uniform_vector": (["r.uniform(size=(7,))"], None),
    "uniform_matrix": (["r.uniform(size=(3, 4))"], None),
    "uniform_default_dtype_low_high": (["r.uniform(size=(5,), low=-2.0, high=3.0)"], None),
    "uniform_float32": (["r.uniform(size=(6,), dtype='float32')"], None),
    "uniform_float64": (["r.uniform(size=(6,), dtype='float64')"], None),
    "uniform_symbolic": (["r.uniform(size=(n, 3))"], 4),
    "uniform_symbolic_vector": (["r.uniform(size=T.stack([n, n]), ndim=2)"], 3),
    "uniform_shape_of": (["r.uniform(size=T.zeros((n, 2)).shape)"], 3),
    "uniform_3d": (["r.uniform(size=(2, 3, 2))"], None),
    "uniform_scalar": (["r.uniform(size=())"], None),
    "uniform_empty": (["r.uniform(size=(0,))"], None),
    "uniform_large": (["r.uniform(size=(150, 120))[::37, ::31]"], None),
    "uniform_low_high_vectors": (
        ["r.uniform(low=np.array([0., 10.]), high=np.array([1., 20.]), size=(3, 2))"],
        None,
    ),
    "uniform_nstreams_1": (["r.uniform(size=(6,), nstreams=1)"], None),
    "uniform_nstreams_3": (["r.uniform(size=(7,), nstreams=3)"], None),
    "normal_odd": (["r.normal(size=(5,))"], None),
    "normal_even": (["r.normal(size=(6,))"], None),
    "normal_matrix": (["r.normal(size=(3, 3), avg=1.0, std=2.0)"], None),
    "normal_float32": (["r.normal(size=(5,), dtype='float32')"], None),
    "normal_float64": (["r.normal(size=(4,), dtype='float64')"], None),
    "normal_symbolic": (["r.normal(size=(n, 3))"], 3),
    "normal_avg_std_vectors": (
        ["r.normal(size=(2, 2), avg=np.array([0., 5.]), std=np.array([1., .1]))"],
        None,
    ),
    "truncated_normal": (["r.truncated_normal(size=(6,))"], None),
    "normal_truncate": (["r.normal(size=(5,), truncate=True)"], None),
    "truncated_normal_avg": (["r.truncated_normal(size=(5,), avg=2.0, std=0.5)"], None),
    "binomial_half": (["r.binomial(size=(10,), p=0.5)"], None),
    "binomial_default": (["r.binomial(size=(8,))"], None),
    "binomial_p02_floatX": (["r.binomial(size=(4, 3), p=0.2, dtype=theano.config.floatX)"], None),
    "binomial_n_keyword": (["r.binomial(size=(6,), n=1, p=0.8, dtype='int32')"], None),
    "binomial_n5": (["r.binomial(size=(6,), n=5, p=0.3)"], None),
    "binomial_p_vector": (["r.binomial(size=(3,), p=np.array([0., .5, 1.]))"], None),
    "binomial_symbolic": (["r.binomial(size=(n, 2), p=0.5)"], 3),
    "binomial_p_no_size": (["r.binomial(p=T.as_tensor_variable(np.array([.1, .5, .9])))"], None),
    "multinomial": (["r.multinomial(pvals=np.array([[.2, .8]] * 3))"], None),
    "multinomial_n4": (["r.multinomial(n=4, pvals=np.array([[.2, .3, .5]] * 2))"], None),
    "multinomial_floatX": (
        ["r.multinomial(pvals=np.array([[.1, .2, .7]] * 4), dtype=theano.config.floatX)"],
        None,
    ),
    "choice_noreplace": (["r.choice(size=2, replace=False, p=np.array([[.1, .2, .3, .4]] * 3))"], None),
    "choice_replace": (["r.choice(size=2, replace=True, p=np.array([[.1, .2, .3, .4]] * 3))"], None),
    "multinomial_wo_replacement": (
        ["r.multinomial_wo_replacement(n=2, pvals=np.array([[.1, .2, .3, .4]] * 3))"],
        None,
    ),
    "several": (
        [
            "r.uniform(size=(2,))",
            "r.normal(size=(3,))",
            "r.binomial(size=(4,), p=0.7)",
            "r.uniform(size=(2, 2))",
            "r.multinomial(pvals=np.array([[.3, .7]]))",
        ],
        None,
    ),
    "dropout_mask": (["r.binomial(n=1, p=1 - 0.5, size=T.ones((n, 4)).shape) * T.ones((n, 4))"], 3),
    "random_integers_missing": (["r.random_integers(size=(3,), low=0, high=9)"], None),
    "poisson_missing": (["r.poisson(size=(3,))"], None),
    "error_size_none": (["r.uniform()"], None),
    "error_size_negative": (["r.uniform(size=(-1,))"], None),
    "error_normal_nstreams": (["r.normal(size=(4,), nstreams=2)"], None),
    "error_multinomial_vector": (["r.multinomial(pvals=np.array([.2, .8]))"], None),
    "error_multinomial_scalar": (["r.multinomial(pvals=0.5)"], None),
    "error_choice_p_none": (["r.choice(size=2)"], None),
}

NUMPY = {
    "uniform_vector": (["r.uniform((3,))"], None),
    "uniform_matrix": (["r.uniform((2, 2))"], None),
    "uniform_low_high": (["r.uniform(size=(4,), low=-1, high=2)"], None),
    "uniform_low_vector": (["r.uniform(low=np.array([0., 10.]), high=np.array([1., 11.]))"], None),
    "uniform_symbolic": (["r.uniform(size=(n, 2))"], 3),
    "uniform_ndim": (["r.uniform(size=T.stack([n, n]), ndim=2)"], 2),
    "uniform_scalar": (["r.uniform()"], None),
    "normal_vector": (["r.normal((5,))"], None),
    "normal_avg_std": (["r.normal(size=(2, 3), avg=1, std=0.1)"], None),
    "normal_scalar": (["r.normal()"], None),
    "normal_std_vector": (["r.normal(size=(3,), avg=np.array([0., 5., 10.]), std=0.5)"], None),
    "binomial_default": (["r.binomial((6,))"], None),
    "binomial_n_p": (["r.binomial(size=(6,), n=7, p=0.3)"], None),
    "binomial_floatX": (["r.binomial(size=(2, 3), n=1, p=0.5, dtype=theano.config.floatX)"], None),
    "random_integers": (["r.random_integers(size=(5,), low=1, high=6)"], None),
    "permutation": (["r.permutation(size=(2,), n=5)"], None),
    "shuffle": (["r.shuffle_row_elements(T.arange(6).reshape((2, 3)))"], None),
    "multinomial": (["r.multinomial(size=(3,), n=1, pvals=[.2, .8])"], None),
    "choice": (["r.choice(size=(4,), a=5)"], None),
    "poisson": (["r.poisson(size=(4,), lam=3)"], None),
    "several": (
        ["r.uniform((2,))", "r.normal((2,))", "r.binomial((3,), n=4, p=.5)", "r.uniform((2,))"],
        None,
    ),
}


def draw(streams, seed, texts, size):
    """Values of three calls, dtypes and states of the variables drawn in the order of `texts`."""
    r = streams(seed)
    n = T.lscalar("n")
    scope = {"r": r, "n": n, "np": np, "T": T, "theano": theano}
    outputs = [eval(text, scope) for text in texts]
    states = [update[0] for update in r.state_updates]
    f = theano.function([n] if size is not None else [], outputs)
    arguments = [size] if size is not None else []
    entry = {
        "expressions": texts,
        "seed": seed,
        "n": size,
        "dtypes": [o.dtype for o in outputs],
        "broadcastable": [list(o.broadcastable) for o in outputs],
        "states_before": states_now(states),
        "calls": [],
        "states": [],
    }
    for _ in range(3):
        entry["calls"].append(encode(f(*arguments)))
        entry["states"].append(states_now(states))
    return entry


def states_now(states):
    """The state arrays; a numpy RandomState is summed up as its position and first words."""
    found = []
    for state in states:
        value = state.get_value(borrow=False)
        if isinstance(value, np.random.RandomState):
            words = value.get_state()
            found.append(
                {
                    "position": int(words[2]),
                    "first_words": [int(w) for w in words[1][:4]],
                    "has_gauss": int(words[3]),
                }
            )
        elif value.size > 60:
            found.append(
                {"shape": list(value.shape), "first_row": value[0].tolist(), "last_row": value[-1].tolist()}
            )
        else:
            found.append(encode(value))
    return found


def attempt(streams, seed, texts, size):
    try:
        return draw(streams, seed, texts, size)
    except Exception as error:
        return {"expressions": texts, "seed": seed, "n": size, "error": encode(error)}


def main():
    document = {"about": "Theano %s, numpy %s" % (theano.__version__, np.__version__), "mrg": {}, "numpy": {}}
    for floatX in ("float64", "float32"):
        theano.config.floatX = floatX
        for name, (texts, size) in MRG.items():
            for seed in SEEDS if name in ("uniform_vector", "normal_odd", "several") else [234]:
                key = "%s-%s-%s" % (name, floatX, "list" if isinstance(seed, list) else seed)
                document["mrg"][key] = attempt(MRG_RandomStreams, seed, texts, size)
        for name, (texts, size) in NUMPY.items():
            for seed in (234, 42) if name == "several" else [234]:
                key = "%s-%s-%s" % (name, floatX, seed)
                document["numpy"][key] = attempt(RandomStreams, seed, texts, size)
        sys.stderr.write("%s done\n" % floatX)
    write(os.path.join(HERE, "..", "data", "mrg.json"), document, ("mrg", "numpy"))


if __name__ == "__main__":
    main()
