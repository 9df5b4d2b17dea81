# models, graphs and functions through pickle, copy, npz, zip: what is shared stays shared, what is copied does not
import theano.sandbox.rng_mrg, pickle, os, gzip, copy, tempfile, numpy as np, theano, theano.tensor as T, io, zipfile

try:
    import cPickle
except ImportError:
    import pickle as cPickle
fx = theano.config.floatX


class HiddenLayer(object):
    def __init__(self, rng, input, n_in, n_out, activation=T.tanh):
        self.input = input
        W_values = np.asarray(
            rng.uniform(low=-np.sqrt(6.0 / (n_in + n_out)), high=np.sqrt(6.0 / (n_in + n_out)), size=(n_in, n_out)),
            dtype=fx,
        )
        if activation == theano.tensor.nnet.sigmoid:
            W_values *= 4
        self.W = theano.shared(value=W_values, name="W", borrow=True)
        self.b = theano.shared(value=np.zeros((n_out,), dtype=fx), name="b", borrow=True)
        lin = T.dot(input, self.W) + self.b
        self.output = lin if activation is None else activation(lin)
        self.params = [self.W, self.b]

    def __getstate__(self):
        s = self.__dict__.copy()
        s["W"] = self.W.get_value()
        s["b"] = self.b.get_value()
        s.pop("input")
        s.pop("output")
        s.pop("params")
        return s

    def __setstate__(self, s):
        self.__dict__.update(s)
        self.W = theano.shared(self.W, "W")
        self.b = theano.shared(self.b, "b")
        self.params = [self.W, self.b]


folder = tempfile.mkdtemp()
rng = np.random.RandomState(1234)
x = T.matrix("x")
h = HiddenLayer(rng, x, 4, 3, T.nnet.sigmoid)
h2 = HiddenLayer(rng, h.output, 3, 2)
X = np.random.RandomState(1).rand(2, 4).astype(fx)
f = theano.function([x], h2.output)
print(f(X).tolist())
for proto in (0, 1, 2, pickle.HIGHEST_PROTOCOL):
    for obj in (
        f,
        [h.W, h.b],
        x,
        h2.output,
        theano.shared(3, "three"),
        T.nnet.sigmoid,
        x.type,
        theano.tensor.shared_randomstreams.RandomStreams(3),
        theano.sandbox.rng_mrg.MRG_RandomStreams(4),
        theano.compile.mode.get_mode("FAST_RUN"),
        theano.config.floatX,
    ):
        o = cPickle.loads(pickle.dumps(obj, proto))
        print(proto, type(o).__name__, end="; ")
    print()
g = pickle.loads(pickle.dumps(f, -1))
print(g(X).tolist())
h.W.set_value(h.W.get_value() * 0)
print(f(X).tolist(), g(X).tolist())
with gzip.open(folder + "/m.pkl.gz", "wb") as fo:
    pickle.dump({"layers": [h, h2], "rng": rng}, fo, -1)
with gzip.open(folder + "/m.pkl.gz", "rb") as fi:
    m = pickle.load(fi)
print(m["layers"][1].W.get_value().tolist(), m["layers"][0].W.name, m["rng"].rand())
with open(folder + "/two.pkl", "wb") as fo:
    for p in h2.params:
        cPickle.dump(p.get_value(borrow=True), fo, protocol=cPickle.HIGHEST_PROTOCOL)
with open(folder + "/two.pkl", "rb") as fi:
    print([cPickle.load(fi).shape for _ in h2.params])
np.save(folder + "/w.npy", h2.W.get_value())
h2.W.set_value(np.load(folder + "/w.npy") + 1, borrow=True)
print(h2.W.get_value().sum())
W2, out2 = pickle.loads(pickle.dumps((h2.W, h2.output)))
print(
    out2.owner.inputs[0].owner,
    W2.name,
    [v for v in theano.gof.graph.inputs([out2]) if isinstance(v, theano.compile.SharedVariable)],
)
print(theano.function([[v for v in theano.gof.graph.inputs([out2]) if v.name == "x"][0]], out2)(X).tolist())
c = copy.deepcopy(h2.output)
d = copy.copy(h2.W)
e = copy.deepcopy({"W": h2.W})
e["W"].set_value(e["W"].get_value() * 0)
print(h2.W.get_value().sum(), c.type, d.name)
ff = copy.deepcopy(f)
print(ff(X).tolist() == f(X).tolist())
srng = T.shared_randomstreams.RandomStreams(9)
r = srng.uniform((2,))
fr = theano.function([], r)
fr()
s = pickle.dumps(fr)
a = fr()
b = pickle.loads(s)()
print(a.tolist(), b.tolist())
mr = theano.sandbox.rng_mrg.MRG_RandomStreams(9)
r = mr.uniform((2,))
fr = theano.function([], r)
fr()
s = pickle.dumps(fr)
a = fr()
b = pickle.loads(s)()
print(a.tolist(), b.tolist())
from theano.misc.pkl_utils import dump, load, StripPickler

with open(folder + "/z.zip", "wb") as fo:
    dump((h2.W, h2.b, 3), fo)
with open(folder + "/z.zip", "rb") as fi:
    q = load(fi)
print(sorted(np.load(folder + "/z.zip").keys()), q[0].get_value().tolist(), q[2])
u = pickle.loads(
    pickle.dumps(
        theano.function(
            [x, theano.In(T.scalar("s"), value=2.0, name="s")],
            x.sum() * T.scalar("s") if 0 else x.sum()[None] if 0 else x.sum(),
            on_unused_input="ignore",
        )
    )
)
print(u(X))
acc = theano.shared(0.0, "acc")
fa = theano.function([], acc, updates=[(acc, acc + 1)])
fb = pickle.loads(pickle.dumps(fa))
fa()
fa()
print(fa(), fb(), acc.get_value())
p1, p2 = pickle.loads(pickle.dumps((fa, acc)))
p1()
print(p2.get_value(), acc.get_value())
try:
    pickle.dumps(theano.function([x], x, mode=theano.compile.MonitorMode(post_func=lambda i, n, f: None)))
except Exception as ex:
    print("unpicklable", type(ex).__name__ in ("PicklingError", "AttributeError", "TypeError"))
for fn in ("m.pkl.gz", "two.pkl", "w.npy", "z.zip"):
    os.remove(os.path.join(folder, fn))
os.rmdir(folder)
