"""Rows 74 to 85: reductions, order, rounding, special functions."""

PROBES = {
    "r74_var_std": (
        "ev(T.var(V([1., 2., 3., 4.]))), ev(T.std(V([1., 2., 3., 4.]))), ev(T.var(V([1., 2., 3., 4.]), "
        "ddof=1)), ev(T.var(V([1, 2, 3, 4]))), ev(T.std(V([[1., 2.], [3., 7.]]), axis=0, keepdims=True))"
    ),
    "r75_argmax_ties": "ev(T.argmax(V([1., 3., 3.]))), ev(T.argmin(V([1., 0., 0.])))",
    "r75_argmax_axis": (
        "x = [[1., 3.], [4., 0.]]; ev(T.argmax(V(x))), ev(T.argmax(V(x), axis=1, keepdims=True)), "
        "ev(T.argmax(V(x), axis=(0, 1))), ev(T.argmin(V(x), axis=0))"
    ),
    "r75_max_and_argmax": "a, b = T.max_and_argmax(V([[1., 3.], [4., 0.]]), axis=1); ev(a), ev(b)",
    "r76_nan_maximum": (
        "ev(T.maximum(V([np.nan, 1.]), V([1., np.nan]))), ev(T.minimum(V([np.nan, 1.]), V([1., np.nan])))"
    ),
    "r76_nan_max": (
        "[ev(T.max(V(a))) for a in ([1., np.nan, 3.], [np.nan, 1., 3.], [1., 3., np.nan])], "
        "ev(T.min(V([1., np.nan, 3.]))), ev(T.max(V([[1., np.nan, 3.]]), axis=1)), ev(T.max(V([[1., "
        "np.nan], [np.nan, 0.]]), axis=0)), ev(T.min(V([[1., np.nan], [np.nan, 0.]]), axis=0))"
    ),
    "r76_nan_argmax": "ev(T.argmax(V([1., np.nan, 3.]))), ev(T.argmin(V([1., np.nan, 0.])))",
    "r77_empty_max": (
        "er(lambda: ev(T.max(V(np.zeros((0,)))))), er(lambda: ev(T.max(V(np.zeros((2, 0))), axis=1)))"
    ),
    "r77_empty_sum": (
        "z = V(np.zeros((0,))); ev(T.sum(z)), ev(T.prod(z)), ev(T.mean(z)), ev(T.sum(V(np.zeros((0, 3))), "
        "axis=0))"
    ),
    "r78_round": (
        "x = [-2.5, -1.5, -.5, .5, 1.5, 2.5]; ev(T.round(V(x))), ev(T.round(V(x), "
        "mode='half_away_from_zero')), ev(T.iround(V(x))), ev(V(x).round())"
    ),
    "r79_sgn": "ev(T.sgn(V([-3., -0., 0., 2., np.nan]))), ev(T.sgn(V([-3, 0, 2])))",
    "r80_clip_swapped": "ev(T.clip(V([0., 5., 10.]), 7., 3.)), ev(T.clip(V([np.nan, 5.]), 0., 1.))",
    "r81_floor_division": (
        "ev(V([7, -7, 7, -7]) // V([2, 2, -2, -2])), ev(V([7.5, -7.5]) // V([2., 2.])), ev(V([7., -7., "
        "0.]) // V([0., 0., 0.]))"
    ),
    "r81_mod": (
        "ev(V([7, -7, 7, -7]) % V([3, 3, -3, -3])), ev(V([7.5, -7.5, 7.5, -7.5]) % V([2., 2., -2., -2.])), "
        "ev(V([5., -5.]) % V([np.inf, np.inf])), ev(V([7., -7., 0.]) % V([0., 0., 0.]))"
    ),
    "r82_hard_sigmoid": (
        "ev(T.nnet.hard_sigmoid(V([-3., -2.5, -1., 0., 1., 2.5, 3.]))), "
        "ev(T.nnet.ultra_fast_sigmoid(V([-5., -1., 0., 1., 5.])))"
    ),
    "r83_sigmoid_saturates": (
        "ev(T.nnet.sigmoid(V(np.array([-104., 17., 15., 100.], 'float32')))), ev(T.nnet.sigmoid(V([-800., "
        "-709., 31., 800.])))"
    ),
    "r84_psi": "ev(T.psi(V([1., 0., -1.]))), ev(T.tri_gamma(V([1.])))",
    "r85_gamma": "ev(T.gamma(V([5., -1., .5]))), ev(T.gammaln(V([5., -1., 0.])))",
    "r85_erfinv": (
        "ev(T.erfinv(V([-1., 0., .5, 1.]))), ev(T.erfcinv(V([0., .5, 2.]))), ev(T.erfcx(V([30.])))"
    ),
    "r85_xlogx": "ev(T.xlogx.xlogx(V([0., 1.]))), ev(T.xlogx.xlogy0(V([0.]), V([0.])))",
    "r85_cosh": "ev(T.cosh(V(np.array([89.] * 40, 'float32')))), ev(T.sinh(V([-710.3] * 40)))",
    "r85_bessel": (
        "ev(T.j0(V([1.]))), ev(T.j1(V([1.]))), ev(T.i0(V([1.]))), ev(T.jv(V([1.5]), V([1.]))), "
        "ev(T.chi2sf(V([1.]), V([2.])))"
    ),
    "r85_others": (
        "ev(T.deg2rad(V([180.]))), ev(T.arctan2(V([0.]), V([-0.]))), ev(T.trunc(V([-1.5]))), "
        "ev(T.nnet.elu(V([-1., 1.]))), ev(T.nnet.selu(V([-1., 1.]))), ev(T.nnet.nnet.softsign(V([-1., "
        "1.])))"
    ),
}

SAYS = {
    "r77_empty_max": [
        "zero-size",
    ],
}
