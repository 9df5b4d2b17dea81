"""Graphs as text: debugprint, pp and its printers, short descriptions; the op Print."""

import io
import pickle
import re

import numpy as np
import theano
import theano.printing as P
import theano.tensor as T
from theano.printing import (
    FunctionPrinter, IgnorePrinter, OperatorPrinter, PatternPrinter, Print, PrinterState, debugprint, hex_digest,
    leaf_printer, min_informative_str, pp, pprint, var_descriptor,
)  # fmt: skip

a, b = T.dmatrices("ab")
c = a * b
c.name = "prod"
d = (c + a).sum()


def show(*args, **kwargs):
    try:
        result = debugprint(*args, **kwargs)
        print("->", repr(result) if isinstance(result, str) else type(result).__name__)
    except Exception as error:
        print(type(error).__name__, error)


show(d)
show(d, depth=2)
show(d, depth=0)
show(d, print_type=True)
show(d, ids="int")
show(d, ids="")
show(d, stop_on_name=True)
show(d, file="str")
show([d, c])
show(d.owner)
show((3, 2.5, np.ones(2)))
show("a")
show(d, depth="x")
show(theano.In(c))
show(theano.Out(c))
done = {}
show(c, done=done)
show(d, done=done)
buffer = io.StringIO()
print(debugprint(c, file=buffer) is buffer, buffer.getvalue())
m = T.max_and_argmax(a, axis=1)
show(m)
show(m[1])
f = theano.function([a, b], [c + 1, T.exp(c)], mode="FAST_COMPILE")
show(f)
show(f.maker.fgraph)
show(f, print_clients=True)
show(f, print_type=True)
w = theano.shared(np.ones((2, 2)), "w")
show(theano.function([], updates=[(w, w * 2 + 1)], mode="FAST_COMPILE"))

for x in (d, a + b * a, np.ones(2), T.dmatrix()):
    print(min_informative_str(x))
for x in (d, a + b * a, T.dscalar() + 1, np.ones((2, 2)), T.exp(c) * T.exp(c)):
    print(var_descriptor(x))
print(hex_digest(np.arange(6.0).reshape(2, 3)), hex_digest(np.ones((2, 3), "float32").T))
print(P.position_independent_str(a), sorted(P.default_colorCodes)[:4], P.special, P.use_ascii, sorted(P.greek))

v = T.dvector("v")
for x in (
    T.dscalar("alpha") * 2, a.T, T.dot(a, b), c + a, T.sqrt(a) / b - 1, a[0], T.concatenate([a, b]), a[1:3, 0],
    T.stack([v.sum(), v[0]]), a.sum(axis=0), a.astype("float32"), T.zeros((2, 3)), a.reshape((2, 3)),
    T.switch(a > 0, a, b), -a, abs(a), a**2, a % b, a // b, T.nnet.sigmoid(a), v.dimshuffle("x", 0), T.fill(a, 1.0),
    T.tanh(T.log1p(a)), T.dmatrix(), T.eq(a, b), T.maximum(a, b), T.sqr(a), T.max(v).owner.inputs[0],
):  # fmt: skip
    print(pp(x))
named = pprint.clone_assign(lambda pstate, r: r.name is not None, leaf_printer)
print(named(d), named(c), pprint.process(c), pprint(c, {}))
named.assign(T.sqr, PatternPrinter(("sq[%(0)s]", -1000)))
named.assign(T.exp, FunctionPrinter("EXP"))
named.assign(T.log, IgnorePrinter())
named.assign(T.tanh, OperatorPrinter("th", 1))
print(named(T.sqr(a) + 1), named(T.exp(T.log(T.tanh(a)))), named(T.exp(c)))


class Angle:
    def process(self, r, pstate):
        return "<%s|%s>" % (r.owner.inputs[0], getattr(pstate, "precedence", None))


named.assign(T.sin, Angle())
print(named(T.sin(a) + b * T.sin(b)), pp(T.sin(a)))
state = PrinterState(pprinter=pprint)
for wrong in (
    lambda: pprint(), lambda: OperatorPrinter("+", 1, "no"), lambda: OperatorPrinter("+", 1).process(a, state),
    lambda: FunctionPrinter("f").process(a, state), lambda: PatternPrinter("f").process(a, state),
):  # fmt: skip
    try:
        wrong()
    except Exception as error:
        print(type(error).__name__)

x = Print("msg")(a)
print(re.sub("at 0x[0-9a-f]+", "", str(x)), x.type, Print("m") == Print("m"), Print("m") == Print("n"))
f = theano.function([a], [x * 2, Print("s", attrs=("shape", "sum", "__str__"))(a)])
f([[1, 2.0]])


def told(op, value):
    print("told", op.message, value.sum())


theano.function([a], Print("q", global_fn=told)(a) + 1)([[1.0, 2.0]])
theano.function([a], theano.grad(Print("gradient")(a).sum(), a))([[1.0, 2.0]])
print(pickle.loads(pickle.dumps(Print("m"))) == Print("m"))
