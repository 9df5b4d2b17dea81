"""Record the random numbers of the real Theano: MRG_RandomStreams and shared_randomstreams.RandomStreams.

Run with the oracle's Python 3.8 (Theano 1.0.5) and a C compiler (without one some float32 numbers round otherwise):
    THEANO_FLAGS=blas.ldflags=-lopenblas python tests/record/record_random.py
Writes tests/data/mrg.json: one entry for each case, holding the source text of the expression in `r` (the
stream) and `n` (a symbolic size), the seed, three consecutive calls, and the state after each call. The names
end in floatX and the seed.

Also writes tgraph/compat/sandbox/samples_MRG31k3p_12_7_5.txt, which stood beside the module under this name: 5 draws
from each of 7 substreams of 12 streams of seed 12345, which are those of L'Ecuyer's own implementation.
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
    "uniform_float16": (["r.uniform(size=(7,), dtype='float16')"], None),
    "uniform_float16_low_high": (["r.uniform(size=(2, 3), low=-1, high=2, dtype='float16')"], None),
    "uniform_integer_bounds": (["r.uniform(size=(4,), low=1, high=5)"], None),
    "uniform_int32_bounds": (["r.uniform(size=(3,), low=np.int32(1), high=np.int32(5))"], None),
    "uniform_symbolic_bounds": (["r.uniform(size=(3,), low=-n, high=n)"], 3),
    "uniform_vector_size_1": (["r.uniform(size=T.stack([n]))"], 3),
    "uniform_numpy_int_size": (["r.uniform(size=(np.int32(2), np.int64(3)))"], None),
    "uniform_one_of_two": (["r.uniform(size=(n, 1))"], 3),
    "uniform_nstreams_many": (["r.uniform(size=(3,), nstreams=9)"], None),
    "uniform_target": (["r.uniform(size=(3,), target='cpu')"], None),
    "error_uniform_list": (["r.uniform(size=[2, 3])"], None),
    "error_uniform_int": (["r.uniform(size=4)"], None),
    "error_uniform_scalar_variable": (["r.uniform(size=n)"], 3),
    "error_uniform_keyword": (["r.uniform(size=(3,), mean=2)"], None),
    "error_uniform_wide_bounds": (["r.uniform(size=(3,), low=np.zeros((2, 1)))"], None),
    "error_uniform_wide_bounds_1": (["r.uniform(size=(1,), low=np.zeros(3))"], None),
    "error_uniform_many": (["r.uniform(size=(2**31,))"], None),
    "error_uniform_many_2d": (["r.uniform(size=(2**15, 2**16))"], None),
    "normal_size_list": (["r.normal(size=[2, 3])"], None),
    "normal_size_int": (["r.normal(size=5)"], None),
    "normal_scalar": (["r.normal(size=())"], None),
    "normal_size_variable": (["r.normal(size=n)"], 3),
    "normal_size_vector": (["r.normal(size=T.stack([n, n]), ndim=2)"], 2),
    "normal_size_shape": (["r.normal(size=T.zeros((n, 2)).shape, std=0.1)"], 3),
    "normal_float16": (["r.normal(size=(4,), dtype='float16')"], None),
    "normal_integer_avg": (["r.normal(size=(3,), avg=1, std=2)"], None),
    "normal_symbolic_avg": (["r.normal(size=(3,), avg=n, std=2.5)"], 4),
    "normal_many": (["r.normal(size=(40, 11))[::7, ::3]"], None),
    "normal_nstreams": (["r.normal(size=(5, 3), nstreams=4)"], None),
    "truncated_normal_many": (["r.truncated_normal(size=(21, 7))[::4]"], None),
    "truncated_normal_symbolic": (["r.truncated_normal(size=(n, 3), std=2.0)"], 5),
    "truncated_normal_float32": (["r.truncated_normal(size=(9,), dtype='float32')"], None),
    "truncated_normal_scalar": (["r.truncated_normal(size=())"], None),
    "truncated_normal_nstreams": (["r.truncated_normal(size=(11,), avg=-5., std=2., nstreams=3)"], None),
    "truncated_normal_list": (["r.truncated_normal(size=[3, 3])"], None),
    "normal_truncate_many": (["r.normal(size=(25, 4), truncate=True, avg=1., std=.5)[::5]"], None),
    "error_normal_none": (["r.normal(size=None)"], None),
    "error_normal_zero": (["r.normal(size=(0, 2))"], None),
    "error_normal_matrix_size": (["r.normal(size=T.ones((2, 2), dtype='int64'))"], None),
    "error_normal_float_size": (["r.normal(size=(2.5,))"], None),
    "error_truncated_normal_zero": (["r.truncated_normal(size=(0,))"], None),
    "binomial_float16": (["r.binomial(size=(5,), p=0.4, dtype='float16')"], None),
    "binomial_bool": (["r.binomial(size=(5,), p=0.4, dtype='bool')"], None),
    "binomial_ndim": (["r.binomial(size=(5,), p=0.4, ndim=1)"], None),
    "binomial_p_symbolic": (["r.binomial(size=(4,), p=n / 10.)"], 3),
    "binomial_p_1": (["r.binomial(size=(4,), p=1)"], None),
    "binomial_shape_of": (["r.binomial(size=T.zeros((n, 2)).shape, p=0.5, dtype='float32')"], 3),
    "multinomial_float32_pvals": (["r.multinomial(pvals=np.array([[.2, .3, .5]] * 3, dtype='float32'))"], None),
    "multinomial_n_symbolic": (["r.multinomial(n=n, pvals=np.array([[.2, .3, .5]] * 3))"], 7),
    "multinomial_n100": (["r.multinomial(n=100, pvals=np.array([[.2, .3, .5], [.9, .1, 0.]]))"], None),
    "multinomial_one_row": (["r.multinomial(pvals=np.array([[.2, .3, .5]]))"], None),
    "multinomial_symbolic_rows": (["r.multinomial(pvals=T.zeros((n, 3)) + np.array([.2, .3, .5]))"], 4),
    "multinomial_nstreams": (["r.multinomial(pvals=np.array([[.2, .8]] * 5), nstreams=2, dtype='int32')"], None),
    "multinomial_list": (["r.multinomial(pvals=[[.2, .8], [.5, .5]])"], None),
    "error_multinomial_size": (["r.multinomial(size=(3,), pvals=np.array([[.2, .8]]))"], None),
    "error_multinomial_size_0": (["r.multinomial(size=(0,), pvals=np.array([[.2, .8]]))"], None),
    "error_multinomial_ndim": (["r.multinomial(ndim=2, pvals=np.array([[.2, .8]]))"], None),
    "error_multinomial_none": (["r.multinomial()"], None),
    "choice_1": (["r.choice(replace=False, p=np.array([[.1, .2, .3, .4]] * 3))"], None),
    "choice_all": (["r.choice(size=4, replace=False, p=np.array([[.1, .2, .3, .4]] * 3))"], None),
    "choice_float32": (
        ["r.choice(size=3, replace=False, p=np.array([[.1, .2, .3, .4]] * 5, dtype='float32'))"],
        None,
    ),
    "choice_symbolic": (["r.choice(size=n, replace=False, p=np.array([[.1, .2, .3, .4]] * 2))"], 3),
    "choice_dtype": (["r.choice(size=2, replace=False, p=np.array([[.1, .9]]), dtype='int32')"], None),
    "choice_nstreams": (["r.choice(size=2, replace=False, p=np.array([[.1, .2, .7]] * 4), nstreams=3)"], None),
    "error_choice_too_many": (["r.choice(size=5, replace=False, p=np.array([[.1, .2, .3, .4]]))"], None),
    "error_choice_a": (["r.choice(size=1, a=3, replace=False, p=np.array([[.1, .9]]))"], None),
    "error_choice_ndim": (["r.choice(size=1, ndim=2, replace=False, p=np.array([[.1, .9]]))"], None),
    "error_choice_vector": (["r.choice(size=1, replace=False, p=np.array([.1, .9]))"], None),
    "error_wo_replacement_size": (["r.multinomial_wo_replacement(size=(2,), pvals=np.array([[.1, .9]]))"], None),
    "wo_replacement_1": (["r.multinomial_wo_replacement(pvals=np.array([[.1, .2, .7]] * 3))"], None),
    "wo_replacement_float32": (
        ["r.multinomial_wo_replacement(n=3, pvals=np.array([[.1, .2, .7]] * 3, dtype='float32'))"],
        None,
    ),
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
    "uniform_float32": (["r.uniform((4,), dtype='float32')"], None),
    "uniform_float16": (["r.uniform((4,), dtype='float16')"], None),
    "uniform_int": (["r.uniform((6,), low=0, high=10, dtype='int64')"], None),
    "uniform_list": (["r.uniform([2, 3])"], None),
    "uniform_array_size": (["r.uniform(np.array([2, 3]))"], None),
    "uniform_symbolic_scalar_size": (["r.uniform(T.stack([n]), ndim=1)"], 3),
    "uniform_auto_size": (["r.uniform((2, -1), low=np.array([0., 10., 20.]), high=30.)"], None),
    "uniform_auto_size_symbolic": (["r.uniform((n, -1), low=np.zeros((1, 3)), high=np.arange(1., 4.))"], 2),
    "uniform_auto_size_one": (["r.uniform((2, -1), low=np.zeros((1, 1)))"], None),
    "uniform_bounds_2d": (["r.uniform(low=np.zeros((2, 1)), high=np.arange(1., 4.))"], None),
    "uniform_symbolic_bounds": (["r.uniform((3,), low=-n, high=n)"], 3),
    "uniform_empty": (["r.uniform((0, 3))"], None),
    "uniform_one": (["r.uniform((1, 3))"], None),
    "error_uniform_ndim": (["r.uniform((2, 3), ndim=1)"], None),
    "error_uniform_auto": (["r.uniform((2, -1), low=0., high=1.)"], None),
    "error_uniform_bounds": (["r.uniform((2,), low=np.zeros((2, 2)))"], None),
    "error_uniform_float_size": (["r.uniform((2.5,))"], None),
    "error_uniform_scalar_size": (["r.uniform(n)"], 3),
    "error_uniform_wrong_shape": (["r.uniform((4,), low=np.zeros(3))"], None),
    "error_uniform_unknown_length": (["r.uniform(T.stack([n, n]), ndim=1)"], 2),
    "normal_float32": (["r.normal((4,), dtype='float32')"], None),
    "normal_vectors": (["r.normal(avg=np.array([0., 5., 10.]), std=np.array([1., .1, 2.]))"], None),
    "normal_symbolic": (["r.normal((n, 3), avg=n, std=2.)"], 3),
    "normal_integers": (["r.normal((3,), avg=1, std=2)"], None),
    "normal_auto_size": (["r.normal((2, -1), avg=np.array([0., 10., 20.]))"], None),
    "binomial_vectors": (["r.binomial(n=np.array([1, 10, 100]), p=np.array([.5, .1, .9]))"], None),
    "binomial_prob": (["r.binomial((4,), 5, prob=0.2)"], None),
    "binomial_scalar": (["r.binomial()"], None),
    "binomial_auto_size": (["r.binomial((3, -1), n=20, p=np.array([.1, .5]))"], None),
    "binomial_symbolic": (["r.binomial((n, 2), n=n, p=1. / n)"], 4),
    "binomial_float32_p": (["r.binomial((5,), n=9, p=np.float32(.3), dtype='int32')"], None),
    "binomial_ndim": (["r.binomial(T.stack([n, n]), ndim=2)"], 2),
    "random_integers_default": (["r.random_integers((6,))"], None),
    "random_integers_vectors": (
        ["r.random_integers(low=np.array([0, 100, -5]), high=np.array([5, 110, -2]))"],
        None,
    ),
    "random_integers_broadcast": (
        ["r.random_integers((2, 3), low=np.array([[0], [100]]), high=np.array([99, 199, 299]))"],
        None,
    ),
    "random_integers_scalar": (["r.random_integers(low=-10, high=10)"], None),
    "random_integers_symbolic": (["r.random_integers((n,), low=0, high=n, dtype='int32')"], 5),
    "random_integers_auto": (["r.random_integers((2, -1), high=np.array([3, 30, 300]))"], None),
    "random_integers_one": (["r.random_integers((3,), low=4, high=4)"], None),
    "error_random_integers_shape": (["r.random_integers((2,), high=np.array([3, 30, 300]))"], None),
    "error_random_integers_order": (["r.random_integers((2,), low=4, high=2)"], None),
    "permutation_one": (["r.permutation(n=6)"], None),
    "permutation_none": (["r.permutation(None, 6, ndim=1)"], None),
    "permutation_empty_size": (["r.permutation((), 6)"], None),
    "permutation_2d": (["r.permutation((2, 2), 4)"], None),
    "permutation_symbolic": (["r.permutation((n,), n)"], 3),
    "permutation_ndim": (["r.permutation(T.stack([n]), 4, ndim=1)"], 3),
    "permutation_int32": (["r.permutation((2,), 5, dtype='int32')"], None),
    "permutation_default": (["r.permutation()"], None),
    "error_permutation_ndim": (["r.permutation(n=6, ndim=2)"], None),
    "shuffle_vector": (["r.shuffle_row_elements(T.arange(7))"], None),
    "shuffle_floats": (["r.shuffle_row_elements(np.arange(8.).reshape((2, 4)) / 2)"], None),
    "shuffle_3d": (["r.shuffle_row_elements(T.arange(12).reshape((2, 2, 3)))"], None),
    "shuffle_symbolic": (["r.shuffle_row_elements(T.arange(n * 2).reshape((2, n)))"], 4),
    "multinomial_rows": (["r.multinomial(n=10, pvals=np.array([[.2, .8], [.5, .5], [1., 0.]]))"], None),
    "multinomial_n_vector": (
        ["r.multinomial(n=np.array([1, 10, 100]), pvals=np.array([.2, .3, .5]))"],
        None,
    ),
    "multinomial_default": (["r.multinomial()"], None),
    "multinomial_size_2d": (["r.multinomial((2, 2), 5, [.1, .2, .7])"], None),
    "multinomial_last_zero": (["r.multinomial((4,), 1000, [.3, .7, 0.])"], None),
    "multinomial_little_over": (["r.multinomial((4,), 1000, [.3, .7, 2e-6])"], None),
    "multinomial_float32": (
        ["r.multinomial(n=1000, pvals=np.array([[.1, .2, .3, .4], [.25, .25, .25, .25]], dtype='float32'))"],
        None,
    ),
    "multinomial_auto_size": (["r.multinomial((3, 1, -1), 20, np.array([[[.2, .8], [.5, .5]]]))"], None),
    "multinomial_symbolic": (["r.multinomial((n,), 20, np.array([.2, .8]))"], 3),
    "multinomial_dtype": (["r.multinomial((2,), 20, [.2, .8], dtype='float32')"], None),
    "multinomial_under": (["r.multinomial((3,), 100, [.2, .3, .1])"], None),
    "error_multinomial_over": (["r.multinomial((2,), 20, [.5, .6])"], None),
    "error_multinomial_negative": (["r.multinomial((2,), 20, [-.5, .6])"], None),
    "choice_vector": (["r.choice((5,), a=np.array([3, 5, 7]))"], None),
    "choice_no_replace": (["r.choice((4,), 6, False)"], None),
    "choice_p": (["r.choice((8,), 3, True, [.1, .2, .7])"], None),
    "choice_no_replace_p": (["r.choice((2,), 3, False, [.1, .2, .7])"], None),
    "choice_replace_int": (["r.choice((4,), 6, 0)"], None),
    "choice_p_0": (["r.choice((4, 2), 6, 1, 0)"], None),
    "choice_p_symbolic": (["r.choice((4,), 2, True, T.stack([0.25, 0.75]))"], None),
    "choice_floats": (["r.choice((4,), np.array([.5, 1.5, 2.5]), dtype='float64')"], None),
    "choice_symbolic": (["r.choice((n,), n)"], 4),
    "choice_default": (["r.choice((6,))"], None),
    "error_choice_none": (["r.choice()"], None),
    "error_choice_matrix": (["r.choice((2,), np.zeros((2, 2)))"], None),
    "error_choice_p_matrix": (["r.choice((2,), 2, True, [[.5, .5]])"], None),
    "error_choice_too_many": (["r.choice((7,), 6, False)"], None),
    "poisson_vector": (["r.poisson((3,), lam=np.array([1., 10., 100.]))"], None),
    "poisson_default": (["r.poisson((6,))"], None),
    "poisson_zero": (["r.poisson((3,), 0)"], None),
    "poisson_float32": (["r.poisson((3,), 4.5, dtype='float32')"], None),
    "poisson_symbolic": (["r.poisson((n, 2), n)"], 3),
    "error_poisson_none": (["r.poisson(lam=3.)"], None),
    "error_poisson_negative": (["r.poisson((2,), lam=-3.)"], None),
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


def reference():
    r = MRG_RandomStreams(12345)
    lines = []
    for _ in range(12):
        f = theano.function([], r.uniform(size=(7,), nstreams=7, dtype="float64"))
        lines += np.array([f() for _ in range(5)]).T.ravel().tolist()
    with open(os.path.join(HERE, "..", "..", "tgraph", "compat", "sandbox", "samples_MRG31k3p_12_7_5.txt"), "w") as f:
        f.write("".join("%r\n" % x for x in lines))


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
    reference()
    main()
