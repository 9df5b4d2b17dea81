import numpy, theano, theano.tensor as T
from theano.tensor.shared_randomstreams import RandomStreams

fx = theano.config.floatX


class RBM(object):
    def __init__(
        self, input=None, n_visible=20, n_hidden=9, W=None, hbias=None, vbias=None, numpy_rng=None, theano_rng=None
    ):
        if numpy_rng is None:
            numpy_rng = numpy.random.RandomState(1234)
        if theano_rng is None:
            theano_rng = RandomStreams(numpy_rng.randint(2**30))
        initial_W = numpy.asarray(
            numpy_rng.uniform(
                low=-4 * numpy.sqrt(6.0 / (n_hidden + n_visible)),
                high=4 * numpy.sqrt(6.0 / (n_hidden + n_visible)),
                size=(n_visible, n_hidden),
            ),
            dtype=fx,
        )
        self.W = theano.shared(value=initial_W, name="W", borrow=True)
        self.hbias = theano.shared(value=numpy.zeros(n_hidden, dtype=fx), name="hbias", borrow=True)
        self.vbias = theano.shared(value=numpy.zeros(n_visible, dtype=fx), name="vbias", borrow=True)
        self.n_visible, self.n_hidden = n_visible, n_hidden
        self.input = input if input else T.matrix("input")
        self.theano_rng = theano_rng
        self.params = [self.W, self.hbias, self.vbias]

    def free_energy(self, v_sample):
        wx_b = T.dot(v_sample, self.W) + self.hbias
        vbias_term = T.dot(v_sample, self.vbias)
        hidden_term = T.sum(T.log(1 + T.exp(wx_b)), axis=1)
        return -hidden_term - vbias_term

    def propup(self, vis):
        pre = T.dot(vis, self.W) + self.hbias
        return [pre, T.nnet.sigmoid(pre)]

    def sample_h_given_v(self, v0):
        pre, m = self.propup(v0)
        return [pre, m, self.theano_rng.binomial(size=m.shape, n=1, p=m, dtype=fx)]

    def propdown(self, hid):
        pre = T.dot(hid, self.W.T) + self.vbias
        return [pre, T.nnet.sigmoid(pre)]

    def sample_v_given_h(self, h0):
        pre, m = self.propdown(h0)
        return [pre, m, self.theano_rng.binomial(size=m.shape, n=1, p=m, dtype=fx)]

    def gibbs_vhv(self, v0):
        pre_h1, h1m, h1 = self.sample_h_given_v(v0)
        pre_v1, v1m, v1 = self.sample_v_given_h(h1)
        return [pre_h1, h1m, h1, pre_v1, v1m, v1]

    def get_cost_updates(self, lr=0.1, persistent=None, k=2):
        pre, ph, h = self.sample_h_given_v(self.input)
        chain = h if persistent is None else persistent
        for _ in range(k):
            pre_v, vm, v = self.sample_v_given_h(chain)
            pre_h, hm, chain = self.sample_h_given_v(v)
        chain_end = v
        cost = T.mean(self.free_energy(self.input)) - T.mean(self.free_energy(chain_end))
        gparams = T.grad(cost, self.params, consider_constant=[chain_end])
        updates = {} if persistent is None else {}
        from collections import OrderedDict

        updates = OrderedDict()
        for g, p in zip(gparams, self.params):
            updates[p] = p - g * T.cast(lr, dtype=fx)
        if persistent:
            updates[persistent] = chain
            monitoring_cost = self.get_pseudo_likelihood_cost(updates)
        else:
            monitoring_cost = self.get_reconstruction_cost(updates, pre_v)
        return monitoring_cost, updates

    def get_pseudo_likelihood_cost(self, updates):
        bit_i_idx = theano.shared(value=0, name="bit_i_idx")
        xi = T.round(self.input)
        fe_xi = self.free_energy(xi)
        xi_flip = T.set_subtensor(xi[:, bit_i_idx], 1 - xi[:, bit_i_idx])
        fe_xi_flip = self.free_energy(xi_flip)
        cost = T.mean(self.n_visible * T.log(T.nnet.sigmoid(fe_xi_flip - fe_xi)))
        updates[bit_i_idx] = (bit_i_idx + 1) % self.n_visible
        return cost

    def get_reconstruction_cost(self, updates, pre_sigmoid_nv):
        return T.mean(
            T.sum(
                self.input * T.log(T.nnet.sigmoid(pre_sigmoid_nv))
                + (1 - self.input) * T.log(1 - T.nnet.sigmoid(pre_sigmoid_nv)),
                axis=1,
            )
        )


d = numpy.random.RandomState(4)
data = (d.rand(4, 20) > 0.5)[d.randint(0, 4, 60)].astype(fx)
sx = theano.shared(data, borrow=True)
for pers in (False, True):
    x = T.matrix("x")
    index = T.lscalar()
    rng = numpy.random.RandomState(123)
    rbm = RBM(input=x, numpy_rng=rng, theano_rng=RandomStreams(rng.randint(2**30)))
    pc = theano.shared(numpy.zeros((10, 9), dtype=fx), borrow=True) if pers else None
    cost, ups = rbm.get_cost_updates(lr=0.1, persistent=pc)
    f = theano.function([index], cost, updates=ups, givens={x: sx[index * 10 : (index + 1) * 10]}, name="train_rbm")
    for e in range(6):
        print(pers, e, [repr(float(f(i))) for i in range(6)])
    print([repr(float(abs(p.get_value()).sum())) for p in rbm.params])
vis = theano.shared(data[:5].copy())
out = rbm.gibbs_vhv(vis)
s = theano.function([], [out[-2], out[-1]], updates=[(vis, out[-1])])
for _ in range(5):
    m, v = s()
    print(repr(float(m.sum())), repr(float(v.sum())), v.dtype)
