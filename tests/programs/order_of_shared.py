# which shared variables a function has, in which order: those of givens first, used or not; flags by their list
import numpy as np, theano, theano.tensor as T

fx = theano.config.floatX
S = lambda n, v=1.0: theano.shared(np.full(3, v, fx), n)
a, b, c, d, e, g = [S(n, i + 1.0) for i, n in enumerate("abcdeg")]
x = T.vector("x")
y = T.vector("y")
r = T.shared_randomstreams.RandomStreams(3)
n = r.normal((3,), dtype=fx)


def show(f):
    print([str(i.variable) for i in f.maker.inputs], [str(s) for s in f.get_shared()])


show(theano.function([], (y * b).sum(), givens={y: a * 2 + c}, updates=[(d, d + e)]))

try:
    theano.function([], (b).sum(), givens=[(y, a), (x, c)])
except Exception as ex:
    print(type(ex).__name__, str(ex))
show(theano.function([], (b).sum(), givens=[(y, a), (x, c)], on_unused_input="ignore"))
f = theano.function([], (b * n).sum(), updates=[(d, e + 1), (e, g + a)])
show(f)
print(f(), f())
f = theano.function([], (b).sum(), givens=[(y, n)])
show(f)
f()
print(theano.function([], n)())
f = theano.function([x], (b * x).sum(), givens=[(y, n)], updates=[(c, c + y), (a, b)])
show(f)
f(np.ones(3, fx))
print(c.get_value())
t = theano.shared(0, "t")
u = theano.shared(0, "u")
t.default_update = t + u
u.default_update = u + 1
f = theano.function([], t, no_default_updates=[u])
show(f)
print(f(), f(), u.get_value())
f = theano.function([], t)
show(f)
print(f(), f(), u.get_value())
f = theano.function([], u)
show(f)
print(f(), f(), u.get_value())
for v in theano.configparser._config_var_list:
    if v.fullname in ("floatX", "compute_test_value"):
        old = v.__get__(True, None)
        v.__set__(None, "raise" if v.fullname != "floatX" else "float32")
        print(v, theano.config.compute_test_value, theano.config.floatX)
        v.__set__(None, old)
print(theano.config.floatX == fx)
