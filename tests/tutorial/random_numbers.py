"""Page "More examples", using random numbers. Every number must be exactly the recorded one."""

EXACT = True


def brief(theano, streams):
    srng = streams(seed=234)
    rv_u = srng.uniform((2, 2))
    rv_n = srng.normal((2, 2))
    f = theano.function([], rv_u)
    g = theano.function([], rv_n, no_default_updates=True)
    nearly_zeros = theano.function([], rv_u + rv_u - 2 * rv_u)
    return srng, rv_u, rv_n, f, g, nearly_zeros


def numpy_streams(theano):
    from theano.tensor.shared_randomstreams import RandomStreams

    return RandomStreams


def mrg_streams(theano):
    from theano.sandbox.rng_mrg import MRG_RandomStreams

    return MRG_RandomStreams


def example_brief(theano, T, np):
    srng, rv_u, rv_n, f, g, nearly_zeros = brief(theano, numpy_streams(theano))
    return {
        "f": [f(), f()],
        "g": [g(), g()],
        "nearly_zeros": [nearly_zeros(), nearly_zeros()],
        "f_after": f(),
    }


def example_brief_mrg(theano, T, np):
    srng, rv_u, rv_n, f, g, nearly_zeros = brief(theano, mrg_streams(theano))
    return {
        "f": [f(), f()],
        "g": [g(), g()],
        "nearly_zeros": [nearly_zeros(), nearly_zeros()],
        "f_after": f(),
    }


def example_seeding(theano, T, np):
    srng, rv_u, rv_n, f, g, nearly_zeros = brief(theano, numpy_streams(theano))
    rng_val = rv_u.rng.get_value(borrow=True)
    rng_val.seed(89234)
    rv_u.rng.set_value(rng_val, borrow=True)
    one = [f(), g()]
    srng.seed(902340)
    return {"one_seeded": one, "all_seeded": [f(), g(), f()]}


def example_seeding_mrg(theano, T, np):
    srng, rv_u, rv_n, f, g, nearly_zeros = brief(theano, mrg_streams(theano))
    before = [f(), g()]
    srng.seed(902340)
    return {"before": before, "all_seeded": [f(), g(), f()]}


def example_sharing_between_functions(theano, T, np):
    srng, rv_u, rv_n, f, g, nearly_zeros = brief(theano, numpy_streams(theano))
    state_after_v0 = rv_u.rng.get_value().get_state()
    zeros = nearly_zeros()
    v1 = f()
    rng = rv_u.rng.get_value(borrow=True)
    rng.set_state(state_after_v0)
    rv_u.rng.set_value(rng, borrow=True)
    v2 = f()
    v3 = f()
    return {
        "zeros": zeros,
        "v1": v1,
        "v2": v2,
        "v3": v3,
        "v2_is_not_v1": not np.allclose(v1, v2),
        "v3_is_v1": bool((v3 == v1).all()),
    }


class Graph:
    def __init__(self, streams, seed=123):
        self.rng = streams(seed)
        self.y = self.rng.uniform(size=(1,))


def copy_random_state(theano, g1, g2):
    if isinstance(g1.rng, mrg_streams(theano)):
        g2.rng.rstate = g1.rng.rstate
    for su1, su2 in zip(g1.rng.state_updates, g2.rng.state_updates):
        su2[0].set_value(su1[0].get_value())


def copied_states(theano, streams):
    g1 = Graph(streams, seed=123)
    f1 = theano.function([], g1.y)
    g2 = Graph(streams, seed=987)
    f2 = theano.function([], g2.y)
    out_of_sync = [f1(), f2()]
    copy_random_state(theano, g1, g2)
    return {"out_of_sync": out_of_sync, "in_sync": [f1(), f2()]}


def example_copying_state(theano, T, np):
    return copied_states(theano, numpy_streams(theano))


def example_copying_state_mrg(theano, T, np):
    return copied_states(theano, mrg_streams(theano))
