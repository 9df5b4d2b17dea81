# Blocks / pylearn2 style: annotated variables, graph walks, replacement of parts, own ops, config flags
import logging, itertools
import numpy as np, theano
from theano import tensor, Variable
from theano.gof import graph
from theano.gof.graph import inputs, ancestors, io_toposort, list_of_nodes, Apply, Constant
from theano.gof.sched import make_dependence_cmp, sort_apply_nodes
from theano.sandbox.rng_mrg import MRG_RandomStreams
from theano.tensor.shared_randomstreams import RandomStreams
from theano.compile.sharedvalue import SharedVariable
from theano.scan_module.scan_op import Scan
from theano.tensor import as_tensor_variable
from theano.scalar import ScalarConstant


class Role(object):
    parent = None

    def __repr__(self):
        return type(self).__name__


class ParameterRole(Role):
    pass


class WeightRole(ParameterRole):
    pass


class BiasRole(ParameterRole):
    pass


class InputRole(Role):
    pass


WEIGHT, BIAS, PARAMETER, INPUT = WeightRole(), BiasRole(), ParameterRole(), InputRole()


def add_role(var, role):
    roles = getattr(var.tag, "roles", [])
    if not any(isinstance(r, type(role)) for r in roles):
        var.tag.roles = roles + [role]


def has_roles(var, roles):
    return any(isinstance(r, type(q)) for q in roles for r in getattr(var.tag, "roles", []))


def shared_like(v, name=None):
    return theano.shared(np.zeros_like(v.get_value()), name=name)


def is_graph_input(v):
    return not v.owner and not isinstance(v, SharedVariable) and not isinstance(v, Constant)


class ComputationGraph(object):
    def __init__(self, outputs):
        self.outputs = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
        variables, updates, shared_outputs = [], [], []
        self.scans = []
        usual = [o for o in self.outputs if not isinstance(o, SharedVariable)]
        if usual:
            for apply in io_toposort(inputs(usual), usual):
                for v in apply.inputs + apply.outputs:
                    if v not in variables:
                        variables.append(v)
        self.variables = variables

    @property
    def inputs(self):
        return [v for v in self.variables if is_graph_input(v)]

    @property
    def parameters(self):
        return [v for v in self.variables if isinstance(v, SharedVariable) and has_roles(v, [PARAMETER])]

    @property
    def shared(self):
        return [v for v in self.variables if isinstance(v, SharedVariable)]

    def replace(self, repl):
        return ComputationGraph(theano.clone(self.outputs, replace=repl))

    def get_theano_function(self, extra=None, **k):
        return theano.function(self.inputs, self.outputs, **k)


rng = np.random.RandomState(0)
fx = theano.config.floatX


def param(shape, role, name):
    p = theano.shared((rng.randn(*shape) * 0.2).astype(fx), name=name)
    add_role(p, role)
    return p


x = tensor.matrix("features")
y = tensor.lmatrix("targets")
W1, b1, W2, b2 = (
    param((5, 8), WEIGHT, "W1"),
    param((8,), BIAS, "b1"),
    param((8, 3), WEIGHT, "W2"),
    param((3,), BIAS, "b2"),
)
h = tensor.tanh(tensor.dot(x, W1) + b1)
h.name = "h"
add_role(h, INPUT)
h.tag.annotations = ["layer1"]
z = tensor.dot(h, W2) + b2
p = tensor.nnet.softmax(z)
cost = tensor.nnet.categorical_crossentropy(p, y.flatten()).mean()
cost.name = "cost"
cg = ComputationGraph(cost)
print(
    sorted(v.name for v in cg.parameters),
    [v.name for v in cg.inputs],
    len(cg.variables),
    sorted(v.name for v in cg.variables if v.name),
)
print(
    [v.name for v in cg.variables if has_roles(v, [INPUT])],
    [r for v in cg.parameters for r in v.tag.roles][:2].__len__(),
)
srng = MRG_RandomStreams(1)
repl = [(v, v * srng.binomial(v.shape, p=0.5, dtype=fx) / 0.5) for v in cg.variables if has_roles(v, [INPUT])]
noisy = cg.replace(dict(repl))
W = cg.parameters
noisy2 = ComputationGraph(
    theano.clone(
        noisy.outputs,
        replace=[(w, w + srng.normal(w.shape, std=0.01, dtype=fx)) for w in noisy.parameters if has_roles(w, [WEIGHT])],
    )
)
X = rng.randn(10, 5).astype(fx)
Y = rng.randint(0, 3, (10, 1))
f = theano.function([x, y], cost)
g = theano.function([x, y], noisy.outputs[0])
g2 = theano.function([x, y], noisy2.outputs)
print(float(f(X, Y)), float(g(X, Y)), float(g(X, Y)), float(g2(X, Y)[0]))
params = cg.parameters
grads = dict(zip(params, tensor.grad(noisy.outputs[0], params)))


class Scale(object):
    def compute(self, steps):
        return [(k, 0.5 * v) for k, v in steps.items()]


ups = [(k, k - s) for k, s in Scale().compute(grads)]
gn = tensor.sqrt(sum((g**2).sum() for g in grads.values()))
gn.name = "gradient_norm"
obs = theano.function([x, y], [noisy.outputs[0], gn], updates=ups)
for i in range(4):
    print([float(v) for v in obs(X, Y)])


class Double(theano.Op):
    __props__ = ("k",)

    def __init__(self, k):
        self.k = k

    def make_node(self, x):
        x = as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def perform(self, node, ins, outs):
        outs[0][0] = self.k * ins[0]

    def infer_shape(self, node, shapes):
        return shapes

    def grad(self, ins, gs):
        return [self.k * gs[0]]

    def R_op(self, ins, evs):
        return [None] if evs[0] is None else self.make_node(evs[0]).outputs


op = Double(3)
d = op(h)
print(
    d.owner.op,
    op == Double(3),
    hash(op) == hash(Double(3)),
    str(d),
    d.owner.inputs[0] is h,
    h.clients if hasattr(h, "clients") else "no clients",
)
print(theano.function([x], [tensor.grad(d.sum(), W1).sum(), tensor.Rop(d, W1, W1).sum()])(X))
print([str(n.op) for n in io_toposort([x], [h])], len(list(ancestors([cost]))), [str(v) for v in inputs([h])])
print(len(graph.ops([x], [cost])), [v.name for v in graph.variables([x], [h]) if v.name], len(list_of_nodes([x], [h])))
acc = theano.shared(np.asarray(0.0, fx))
n = theano.shared(0)
agg = theano.function([x, y], updates=[(acc, acc + tensor.cast(cost * x.shape[0], fx)), (n, n + x.shape[0])])
for i in (4, 6):
    agg(X[:i], Y[:i])
print(float(acc.get_value() / n.get_value()), acc.type, n.type)
with (
    theano.change_flags(compute_test_value="raise")
    if hasattr(theano, "change_flags")
    else theano.configparser.change_flags(compute_test_value="raise")
):
    v = tensor.matrix("v")
    v.tag.test_value = X
    w = tensor.dot(v, W1)
    print(w.tag.test_value.shape)
    try:
        tensor.dot(v, W2)
    except ValueError as e:
        print("ValueError")
    try:
        tensor.exp(tensor.vector("nov"))
    except ValueError as e:
        print("ValueError", str(e)[:60])
