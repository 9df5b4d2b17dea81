"""Rows 128 to 132: random streams, number by number."""

PROBES = {
    "r128_mrg_uniform": (
        "from theano.sandbox.rng_mrg import MRG_RandomStreams as R; r = R(seed=234); "
        "f = theano.function([], r.uniform(size=(3,), dtype='float64')); f(), f()"
    ),
    "r128_mrg_uniform_float32": (
        "from theano.sandbox.rng_mrg import MRG_RandomStreams as R; "
        "theano.function([], R(seed=234).uniform(size=(3,), dtype='float32'))()"
    ),
    "r128_mrg_default_seed": (
        "from theano.sandbox.rng_mrg import MRG_RandomStreams as R; "
        "theano.function([], R().uniform(size=(2,), dtype='float64'))()"
    ),
    "r129_mrg_normal": (
        "from theano.sandbox.rng_mrg import MRG_RandomStreams as R; "
        "theano.function([], R(seed=234).normal(size=(3,), dtype='float64'))()"
    ),
    "r129_mrg_binomial_multinomial": (
        "from theano.sandbox.rng_mrg import MRG_RandomStreams as R; r = R(seed=234); "
        "theano.function([], [r.binomial(size=(6,), p=.5), r.multinomial(pvals=np.array([[.2, .8]] * "
        "3))])()"
    ),
    "r130_numpy_streams": (
        "from theano.tensor.shared_randomstreams import RandomStreams as R; r = R(seed=234); "
        "f = theano.function([], [r.uniform((3,)), r.normal((2,)), r.binomial((4,), n=3, p=.5)]); f(), f()"
    ),
    "r130_numpy_rule": (
        "from theano.tensor.shared_randomstreams import RandomStreams as R; r = R(seed=234); "
        "a = theano.function([], r.uniform((3,)))(); s = int(np.random.RandomState(234).randint(2**30)); "
        "a, bool((a == np.random.RandomState(s).uniform(size=3)).all()), s"
    ),
    "r131_one_draw": (
        "from theano.tensor.shared_randomstreams import RandomStreams as R; r = R(seed=1); "
        "u = r.uniform((1,)); f = theano.function([], u); "
        "g = theano.function([], u, no_default_updates=True); z = theano.function([], u - u); a = g(); "
        "b = g(); c = f(); d = f(); bool(a == b), bool(a == c), bool(c == d), z()"
    ),
    "r131_one_draw_mrg": (
        "from theano.sandbox.rng_mrg import MRG_RandomStreams as R; r = R(seed=1); u = r.uniform((1,)); "
        "f = theano.function([], u); g = theano.function([], u, no_default_updates=True); "
        "z = theano.function([], u - u); a = g(); b = g(); c = f(); d = f(); "
        "bool(a == b), bool(a == c), bool(c == d), z()"
    ),
    "r132_seed_again": (
        "from theano.tensor.shared_randomstreams import RandomStreams as R; r = R(seed=1); "
        "u = r.uniform((1,)); f = theano.function([], u); a = f(); r.seed(1); b = f(); "
        "bool(a == b), len(r.state_updates), type(r.state_updates[0][0]).__name__"
    ),
    "r132_seed_again_mrg": (
        "from theano.sandbox.rng_mrg import MRG_RandomStreams as R; r = R(seed=1); u = r.uniform((1,)); "
        "f = theano.function([], u); a = f(); r.seed(1); b = f(); r.seed(7); "
        "bool(a == b), f(), len(r.state_updates)"
    ),
}

SAYS = {}
