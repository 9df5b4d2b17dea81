# helpers in the manner of PyMC3: inputs of a graph, gradients and hessians, joined arguments, generators, ADVI
import numpy as np, theano, theano.tensor as tt
from theano import scalar
from theano.gof import Op
from theano.gof.graph import inputs as graph_inputs, Constant, Variable, ancestors, Apply
from theano.configparser import change_flags
from theano.tensor import TensorType
from theano.tensor.var import TensorVariable
from theano.sandbox.rng_mrg import MRG_RandomStreams

fx = theano.config.floatX


def makeiter(a):
    return a if isinstance(a, (tuple, list)) else [a]


def inputvars(a):
    return [v for v in graph_inputs(makeiter(a)) if isinstance(v, TensorVariable)]


def typefilter(vars, types):
    return [v for v in vars if v.dtype in types]


cont = ["float16", "float32", "float64", "complex64"]
disc = ["bool", "int8", "int16", "int32", "int64", "uint8"]


def gradient1(f, v):
    return tt.flatten(tt.grad(f, v, disconnected_inputs="warn"))


def gradient(f, vars=None):
    if vars is None:
        vars = typefilter(inputvars(f), cont)
    return tt.concatenate([gradient1(f, v) for v in vars], axis=0) if vars else tt.zeros(0, dtype="float32")


def jacobian1(f, v):
    f = tt.flatten(f)
    idx = tt.arange(f.shape[0], dtype="int32")

    def grad_i(i):
        return gradient1(f[i], v)

    return theano.map(grad_i, idx)[0]


def hessian_diag(f, vars):
    def one(f, v):
        g = gradient1(f, v)
        idx = tt.arange(g.shape[0], dtype="int32")
        return theano.map(lambda i: gradient1(g[i], v)[i], idx)[0]

    return -tt.concatenate([one(f, v) for v in vars], axis=0)


def hessian(f, vars):
    return (
        -tt.stacklists([jacobian1(gradient(f, vars), v) for v in vars])
        if False
        else -tt.concatenate([jacobian1(gradient(f, vars), v) for v in vars], axis=1)
    )


def reshape_t(x, shape):
    return x.reshape(shape) if shape != () else x[0]


def join_nonshared_inputs(xs, vars, sizes, shared):
    joined = tt.concatenate([v.ravel() for v in vars])
    tensor_type = joined.type
    inarray = tensor_type("inarray")
    rep, last = {}, 0
    for v, (shp, sz) in zip(vars, sizes):
        rep[v] = reshape_t(inarray[last : last + sz], shp).astype(v.dtype)
        last += sz
    rep.update(shared)
    rep = {k: v for k, v in rep.items()}
    return [theano.clone(x, rep, strict=False) for x in xs], inarray


mu = tt.dscalar("mu") if fx == "float64" else tt.fscalar("mu")
ls = tt.scalar("ls")
w = tt.vector("w")
k = tt.lscalar("k")
data = np.random.RandomState(0).randn(15, 3).astype(fx)
obs = theano.shared(data)
sd = tt.exp(ls)
logp = (-0.5 * ((tt.dot(obs, w) - mu) / sd) ** 2 - tt.log(sd)).sum() - tt.sqr(w).sum() / 2 + tt.gammaln(sd + 1) * k
logp.name = "__logp"
print(sorted(v.name for v in inputvars(logp)), [v.name for v in typefilter(inputvars(logp), disc)])
print(len([v for v in ancestors([logp]) if isinstance(v, Constant)]) > 3, logp.type, repr(logp))
vs = [mu, ls, w]
dlogp = gradient(logp, vs)
f = theano.function(
    [mu, ls, w, k],
    [logp, dlogp, hessian(logp, vs), hessian_diag(logp, vs)],
    allow_input_downcast=True,
    mode=theano.compile.mode.Mode(linker="py", optimizer="fast_compile"),
)
for o in f(0.3, -0.2, [1.0, 2, 3], 2):
    print(np.round(o, 4).tolist())
sk = theano.shared(np.int64(2), "sk")
(lp,), arr = join_nonshared_inputs([logp], vs, [((), 1), ((), 1), ((3,), 3)], {k: sk})
print(arr.type, arr.name, sorted(str(i) for i in graph_inputs([lp]) if i.name))
g = theano.function([arr], [lp, tt.grad(lp, arr)])
g.trust_input = True
x0 = np.array([0.3, -0.2, 1, 2, 3], fx)
for o in g(x0):
    print(np.asarray(o).tolist())


class GenOp(Op):
    __props__ = ("generator",)

    def __init__(self, gen):
        super(GenOp, self).__init__()
        self.generator = gen
        self.itypes = []
        self.otypes = [TensorType(fx, (False,))]

    def perform(self, node, inputs, output_storage, params=None):
        output_storage[0][0] = next(self.generator).astype(fx)

    def do_constant_folding(self, node):
        return False

    def make_node(self):
        return Apply(self, [], [self.otypes[0]()])


gen = GenOp(iter([np.arange(3.0) * i for i in range(1, 9)]))()
h = theano.function([], [gen.sum() * 2, gen])
for _ in range(2):
    print([np.asarray(q).tolist() for q in h()])
# theano.clone with replacements to draw samples (ADVI)
rng = MRG_RandomStreams(42)
mean, rho = theano.shared(np.zeros(5, fx)), theano.shared(np.full(5, -1.0, fx))
eps = rng.normal((5,), dtype=fx)
samp = mean + tt.nnet.softplus(rho) * eps
elbo_rep = theano.clone(lp, {arr: samp}) + tt.sum(rho)
gr = tt.grad(elbo_rep, [mean, rho])
step = theano.function([], elbo_rep, updates=[(p, p + np.asarray(0.01, fx) * q) for p, q in zip([mean, rho], gr)])
print(["%.4f" % step() for _ in range(6)], mean.get_value().round(4).tolist())
S, _ = theano.scan(lambda z: theano.clone(lp, {arr: z}), rng.normal((4, 5), dtype=fx))
print(theano.function([], S)().round(3).tolist())
with change_flags(compute_test_value="raise"):
    q = tt.vector("q")
    q.tag.test_value = np.array([1, 2.0], fx)
    z = (q * 2).sum()
    print(z.tag.test_value)
    try:
        tt.dot(q, tt.as_tensor_variable(np.ones(3, fx)))
    except ValueError as e:
        print("ValueError")
print(theano.config.compute_test_value)


class VectorizedT(object):
    def __init__(self, f):
        self.f = f

    def __call__(self, s):
        return self.f(s)


def fast_fn(outs, ins):
    return theano.function(
        ins, outs, on_unused_input="ignore", accept_inplace=True, rebuild_strict=False, no_default_updates=True
    )


print(
    fast_fn([logp.copy()], [mu, ls, w, k, tt.scalar("unused")])(
        np.asarray(0.3, fx), np.asarray(-0.2, fx), np.ones(3, fx), 1, np.asarray(1.0, fx)
    )
)
