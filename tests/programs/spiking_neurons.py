# LIF network, Izhikevich, STDP in scans with dicts of taps, switch resets, integer states, profile of spikes
import numpy as np, theano, theano.tensor as tt

fx = theano.config.floatX
rs = np.random.RandomState(11)
n = 10
dt = 1.0
tau = 20.0
vth = 1.0
ref = 3
W = theano.shared((rs.rand(n, n) * 0.15).astype(fx), "W")


def step(I, v, refr, spk, trace, W):
    active = tt.eq(refr, 0)
    dv = (-v + I + tt.dot(tt.cast(spk, fx), W)) * (dt / tau)
    v1 = tt.switch(active, v + dv, v)
    s = tt.gt(v1, vth)
    v2 = tt.switch(s, tt.zeros_like(v1), v1)
    refr1 = tt.switch(s, ref, tt.maximum(refr - 1, 0))
    trace1 = trace * np.asarray(np.exp(-dt / 10.0), fx) + s
    W1 = tt.clip(W + 0.01 * (tt.outer(trace, s) - 0.5 * tt.outer(s, trace)), 0, 0.3)
    return v2, tt.cast(refr1, "int8"), tt.cast(s, "int8"), tt.cast(trace1, fx), W1


I = tt.matrix("I")
z = lambda d: tt.zeros((n,), dtype=d)
outs, upd = theano.scan(step, sequences=I, outputs_info=[z(fx), z("int8"), z("int8"), z(fx), W])
print([str(o.type) for o in outs])
f = theano.function([I], [outs[0][-1], outs[1], outs[2].sum(0), outs[3][-1], outs[4][-1]], updates=[(W, outs[4][-1])])
cur = (rs.rand(80, n) * 2.5).astype(fx)
for v in f(cur):
    print(v.dtype, v.shape, np.asarray(v).ravel()[:10].tolist())
print(W.get_value().sum())


# izhikevich with an until and two-step taps
def iz(vm2, vm1, u, a, b, c, d):
    v = vm1 + 0.5 * (0.04 * vm1**2 + 5 * vm1 + 140 - u + 10.0) + 0 * vm2
    fired = v >= 30
    un = u + a * (b * v - u)
    return (
        [tt.switch(fired, c, v), tt.switch(fired, un + d, un)],
        {},
        theano.scan_module.until(tt.and_(fired, vm2 > -200)) if False else theano.scan_module.until(v > 1e5),
    )


a, b, c, d = tt.scalars("a", "b", "c", "d")
v0 = tt.vector("v0")
[vs, us], up = theano.scan(
    iz,
    outputs_info=[dict(initial=v0, taps=[-2, -1]), tt.as_tensor_variable(np.asarray(-13.0, fx))],
    non_sequences=[a, b, c, d],
    n_steps=200,
)
g = theano.function([v0, a, b, c, d], [vs, us[-5:], tt.eq(vs, c).nonzero()[0], vs.shape[0]], allow_input_downcast=True)
v, u, fired, ln = g([-65, -64.9], 0.02, 0.2, -65, 8)
print(v[-3:].tolist(), u.tolist(), fired.tolist(), int(ln))


# hodgkin huxley RK4 via scan over time returning only last; grad wrt conductance
def hh(y, g):
    V, m, h, nn = y[0], y[1], y[2], y[3]
    am = 0.1 * (V + 40.0) / (1 - tt.exp(-(V + 40.0) / 10.0))
    bm = 4.0 * tt.exp(-(V + 65.0) / 18.0)
    ah = 0.07 * tt.exp(-(V + 65.0) / 20.0)
    bh = 1.0 / (1 + tt.exp(-(V + 35.0) / 10.0))
    an = 0.01 * (V + 55.0) / (1 - tt.exp(-(V + 55.0) / 10))
    bn = 0.125 * tt.exp(-(V + 65.0) / 80.0)
    return tt.stack(
        [
            10.0 - g[0] * m**3 * h * (V - 50) - g[1] * nn**4 * (V + 77) - g[2] * (V + 54.4),
            am * (1 - m) - bm * m,
            ah * (1 - h) - bh * h,
            an * (1 - nn) - bn * nn,
        ]
    )


def rk4(y, g, dt=0.02):
    k1 = hh(y, g)
    k2 = hh(y + dt / 2 * k1, g)
    k3 = hh(y + dt / 2 * k2, g)
    k4 = hh(y + dt * k3, g)
    return tt.cast(y + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4), fx)


G = tt.vector("G")
ys, _ = theano.scan(rk4, outputs_info=tt.constant(np.array([-65.0, 0.05, 0.6, 0.32], fx)), non_sequences=G, n_steps=300)
F = theano.function([G], [ys[-1], ys[:, 0].max(), theano.grad(ys[-1, 0], G)])
for o in F(np.array([120, 36, 0.3], fx)):
    print(np.round(np.asarray(o, "float64"), 3).tolist())
