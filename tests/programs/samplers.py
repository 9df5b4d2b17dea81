import numpy as np, theano, theano.tensor as T
from theano.tensor.shared_randomstreams import RandomStreams
from theano.sandbox.rng_mrg import MRG_RandomStreams

fx = theano.config.floatX
for R in (lambda: RandomStreams(seed=234), lambda: MRG_RandomStreams(seed=234)):
    s = R()
    mrg = isinstance(s, MRG_RandomStreams)
    kw = {} if not mrg else {"dtype": fx}
    n = T.iscalar("n")
    mu = theano.shared(np.asarray([1.0, 2.0], fx))
    sd = T.scalar("sd")
    u = s.uniform((2, 2))
    v = s.normal((3,), avg=2.0, std=0.5)
    b = s.binomial(size=(4,), n=1, p=0.3)
    m = s.multinomial(size=(2,) if not mrg else None, n=1, pvals=[[0.2, 0.8], [0.5, 0.5]] if mrg else [0.2, 0.8])
    f = theano.function([], [u, v, b, m])
    g = theano.function([], u, no_default_updates=True)
    nz = theano.function([], u + u - 2 * u)
    for i in range(2):
        for r in f():
            print(r.tolist(), r.dtype)
    print((g() == g()).all(), nz().tolist())
    h = theano.function(
        [n, sd],
        [
            s.normal((n, 2), avg=mu, std=sd),
            s.uniform((n,), low=-sd, high=sd),
            s.binomial((n, n), p=0.5, dtype="int32") if mrg else s.binomial((n, n), p=0.5),
        ],
        allow_input_downcast=True,
    )
    for i in range(2):
        for r in h(3, 0.1):
            print(r.tolist(), r.dtype)
    s.seed(99)
    print(f()[0].tolist())
    st = [(a, bb) for a, bb in s.state_updates] if not mrg else s.state_updates
    print(len(st) > 0)
    # gibbs for ising, metropolis
    x = theano.shared(np.ones((5, 5), fx))
    nb = T.zeros_like(x)
    nb = T.inc_subtensor(nb[1:], x[:-1])
    nb = T.inc_subtensor(nb[:-1], x[1:])
    nb = T.inc_subtensor(nb[:, 1:], x[:, :-1])
    nb = T.inc_subtensor(nb[:, :-1], x[:, 1:])
    p = T.nnet.sigmoid(2 * 0.4 * nb)
    new = T.cast(T.switch(s.uniform((5, 5)) < p, 1, -1), fx)
    ch = T.eq((T.arange(5)[:, None] + T.arange(5)[None, :]) % 2, 0)
    k = theano.function([], [x.sum(), p.mean()], updates=[(x, T.cast(T.switch(ch, new, x), fx))])
    for i in range(4):
        print([repr(float(q)) for q in k()])
    th = theano.shared(np.asarray(0.0, fx))
    logp = lambda t: -0.5 * (t - 1) ** 2 / 0.3 + T.log(1 + T.sin(3 * t) ** 2)
    pr = th + 0.5 * T.cast(s.normal(()) if not mrg else s.normal((1,))[0], fx)
    acc = T.log(T.cast(s.uniform(()) if not mrg else s.uniform((1,))[0], fx)) < logp(pr) - logp(th)
    q = theano.function([], [th, acc], updates=[(th, T.switch(acc, pr, th))])
    for i in range(8):
        print([float(w) for w in q()])
    e = T.matrix("e")
    z = e * s.binomial(size=e.shape, n=1, p=1 - 0.25, dtype=fx) / (1 - 0.25)
    cost = (z**2).sum()
    ff = theano.function([e], [z, T.grad(cost, e)])
    for r in ff(np.ones((2, 4), fx)):
        print(r.tolist())
rs = RandomStreams(5)
for nm, a in (
    ("random_integers", dict(size=(3,), low=1, high=6)),
    ("permutation", dict(size=(), n=5)),
    ("choice", dict(size=(3,), a=5, replace=True)),
    ("poisson", dict(size=(3,), lam=4.0)),
    ("shuffle_row_elements", None),
):
    try:
        z = getattr(rs, nm)(**a) if a else rs.shuffle_row_elements(T.as_tensor_variable(np.arange(6).reshape(2, 3)))
        k = theano.function([], z)
        print(nm, k().tolist(), k().tolist(), z.dtype)
    except Exception as ex:
        print(nm, type(ex).__name__)
f = theano.function([], rs.uniform((2,)))
r0 = f.rng if hasattr(f, "rng") else None
rv = rs.uniform((2,))
f = theano.function([], rv)
r = rv.rng.get_value(borrow=True)
r.seed(3)
rv.rng.set_value(r, borrow=True)
print(f().tolist())
state = rv.rng.get_value().get_state()
a = f()
r = rv.rng.get_value(borrow=True)
r.set_state(state)
rv.rng.set_value(r, borrow=True)
print((a == f()).all())
