import numpy as np, theano, theano.tensor as T
from theano.tensor.shared_randomstreams import RandomStreams


class dA(object):
    def __init__(
        self, numpy_rng, theano_rng=None, input=None, n_visible=784, n_hidden=500, W=None, bhid=None, bvis=None
    ):
        self.n_visible, self.n_hidden = n_visible, n_hidden
        if not theano_rng:
            theano_rng = RandomStreams(numpy_rng.randint(2**30))
        if not W:
            initial_W = np.asarray(
                numpy_rng.uniform(
                    low=-4 * np.sqrt(6.0 / (n_hidden + n_visible)),
                    high=4 * np.sqrt(6.0 / (n_hidden + n_visible)),
                    size=(n_visible, n_hidden),
                ),
                dtype=theano.config.floatX,
            )
            W = theano.shared(value=initial_W, name="W", borrow=True)
        if not bvis:
            bvis = theano.shared(value=np.zeros(n_visible, dtype=theano.config.floatX), borrow=True)
        if not bhid:
            bhid = theano.shared(value=np.zeros(n_hidden, dtype=theano.config.floatX), name="b", borrow=True)
        self.W, self.b, self.b_prime, self.W_prime = W, bhid, bvis, W.T
        self.theano_rng = theano_rng
        self.x = T.dmatrix(name="input") if input is None else input
        self.params = [self.W, self.b, self.b_prime]

    def get_corrupted_input(self, input, corruption_level):
        return (
            self.theano_rng.binomial(size=input.shape, n=1, p=1 - corruption_level, dtype=theano.config.floatX) * input
        )

    def get_hidden_values(self, input):
        return T.nnet.sigmoid(T.dot(input, self.W) + self.b)

    def get_cost_updates(self, corruption_level, learning_rate):
        tilde_x = self.get_corrupted_input(self.x, corruption_level)
        y = self.get_hidden_values(tilde_x)
        z = T.nnet.sigmoid(T.dot(y, self.W_prime) + self.b_prime)
        L = -T.sum(self.x * T.log(z) + (1 - self.x) * T.log(1 - z), axis=1)
        cost = T.mean(L)
        gparams = T.grad(cost, self.params)
        return (cost, [(param, param - learning_rate * gparam) for param, gparam in zip(self.params, gparams)])


class SdA(object):
    def __init__(self, numpy_rng, n_ins, hidden, n_outs):
        self.rng = RandomStreams(numpy_rng.randint(2**30))
        self.x = T.matrix("x")
        self.y = T.ivector("y")
        self.das = []
        self.params = []
        inp = self.x
        for i, n in enumerate(hidden):
            W = theano.shared(np.asarray(numpy_rng.uniform(-0.3, 0.3, (n_ins, n)), dtype=theano.config.floatX))
            b = theano.shared(np.zeros(n, dtype=theano.config.floatX))
            self.das.append(dA(numpy_rng, self.rng, inp, n_ins, n, W=W, bhid=b))
            inp = T.nnet.sigmoid(T.dot(inp, W) + b)
            self.params += [W, b]
            n_ins = n
        W = theano.shared(np.zeros((n_ins, n_outs), dtype=theano.config.floatX))
        self.p = T.nnet.softmax(T.dot(inp, W))
        self.params.append(W)
        self.cost = T.nnet.categorical_crossentropy(self.p, self.y).mean()
        self.errors = T.mean(T.neq(T.argmax(self.p, axis=1), self.y))

    def pretraining_functions(self, train_set_x, batch_size):
        index = T.lscalar("index")
        corruption_level = T.scalar("corruption")
        learning_rate = T.scalar("lr")
        batch_begin = index * batch_size
        batch_end = batch_begin + batch_size
        fns = []
        for d in self.das:
            cost, updates = d.get_cost_updates(corruption_level, learning_rate)
            fns.append(
                theano.function(
                    inputs=[index, theano.In(corruption_level, value=0.2), theano.In(learning_rate, value=0.1)],
                    outputs=cost,
                    updates=updates,
                    givens={self.x: train_set_x[batch_begin:batch_end]},
                )
            )
        return fns


rng = np.random.RandomState(89677)
data = theano.shared(np.asarray((rng.rand(60, 15) > 0.5) * 0.9 + 0.05, dtype=theano.config.floatX), borrow=True)
lab = theano.shared(np.asarray(rng.randint(0, 3, 60), dtype="int32"))
s = SdA(rng, 15, [12, 8], 3)
fns = s.pretraining_functions(data, 10)
for i, f in enumerate(fns):
    for e in range(4):
        c = [float(f(index=b, corruption=[0.1, 0.2][i], lr=0.05)) for b in range(6)]
        print("pretrain layer %d epoch %d cost %r" % (i, e, np.mean(c)))
idx = T.lscalar()
up = [(p, p - 0.1 * g) for p, g in zip(s.params, T.grad(s.cost, s.params))]
ft = theano.function(
    [idx],
    [s.cost, s.errors],
    updates=up,
    givens={s.x: data[idx * 10 : idx * 10 + 10], s.y: lab[idx * 10 : idx * 10 + 10]},
    name="train",
)
for e in range(5):
    print(np.mean([np.array(ft(b), dtype="float64") for b in range(6)], axis=0).tolist())
d = dA(np.random.RandomState(3), n_visible=15, n_hidden=5, input=T.matrix())
c, u = d.get_cost_updates(0.3, 0.1)
f = theano.function([d.x], c, updates=u)
for i in range(3):
    print(float(f(data.get_value()[:20])))
print(ft.name)
