"""Pickle what users pickled, with the real Theano, and note what it gives when it is opened there.

Run with the oracle's Python 3.8 (Theano 1.0.5; a C compiler is not needed):
    THEANO_FLAGS=cxx=,traceback.limit=0,floatX=float64 python tests/record/record_pickles.py, and with floatX=float32
Writes tests/data/pickles/NAME_FLOATX.pkl.gz, and into tests/data/pickles.json what `tests/pickle_uses.py` finds.
"""

import gzip
import json
import os
import pickle
import sys
import warnings

import numpy as np
import theano
import theano.sandbox.multinomial
import theano.tensor as T
import theano.tensor.nlinalg
import theano.tensor.slinalg
from theano.ifelse import ifelse
from theano.sandbox.rng_mrg import MRG_RandomStreams
from theano.tensor.shared_randomstreams import RandomStreams
from theano.tensor.signal.pool import AveragePoolGrad, MaxPoolGrad, Pool, pool_2d
from theano.updates import OrderedUpdates

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
from pickle_uses import USES  # noqa: E402

FOLDER = os.path.join(HERE, "..", "data", "pickles")
DATA = FOLDER + ".json"
fx = theano.config.floatX
rng = np.random.RandomState(1)

W = theano.shared(rng.randn(3, 2).astype(fx), name="W")
b = theano.shared(np.zeros(2, fx), name="b")
W.tag.role = "weight"
x, y, lr = T.matrix("x"), T.ivector("y"), T.scalar("lr")
p = T.nnet.softmax(T.dot(x, W) + b)
nll = -T.mean(T.log(p)[T.arange(y.shape[0]), y])
gw, gb = T.grad(nll, [W, b])
updates = OrderedUpdates()
updates[W] = W - lr * gw
updates[b] = b - lr * gb
mrg, streams = MRG_RandomStreams(5), RandomStreams(5)
count = theano.shared(0, "count")

v, t4 = x[0], T.stack([T.tile(x, (2, 2))] * 2).dimshuffle("x", 0, 1, 2)
EXPRESSIONS = [
    x.T,
    x.reshape((3, 2)),
    x.mean(axis=0),
    x.var(),
    x.argmax(axis=1),
    x.norm(2),
    x.cumsum(0),
    x.any(),
    T.sort(x, 1),
    x[::-1, 1],
    x[x > 0.3],
    x[T.arange(2), y],
    T.tile(x, (2, 1)),
    x.repeat(2, 0),
    T.split(x, [1, 2], 2, axis=1)[1],
    T.inc_subtensor(x[:, y], 1.0),
    T.diag(v),
    T.eye(3),
    T.alloc(v, 2, 3),
    T.batched_dot(t4[0], t4[0].swapaxes(1, 2)),
    x // 0.3,
    x % 0.3,
    T.switch(x > 0.5, x, 0),
    T.clip(x, 0.2, 0.7),
    T.cast(x * 5, "int32"),
    T.gammaln(x + 1),
    T.nnet.relu(x - 0.5, 0.1),
    T.nnet.conv2d(t4, t4[:, :, :2, :2]),
    pool_2d(t4, (2, 2), ignore_border=True),
    T.nlinalg.det(T.dot(x, x.T)),
    T.extra_ops.bincount(y),
    T.extra_ops.to_one_hot(y, 3),
    theano.printing.Print("x")(x).shape,
    T.nnet.batch_normalization(x, v, v, v, v + 1),
    T.grad((x**3).sum() + x.max(1).sum(), x),
    T.Rop(x**2, x, x),
    T.grad(pool_2d(t4, (2, 2), ignore_border=True).sum() + T.slinalg.cholesky(T.dot(x, x.T) + T.eye(2)).sum(), x),
]


r, s = T.matrix("r"), T.matrix("s")
held = theano.OpFromGraph([r, s], [T.tanh(r * s) + b[0]])
# the node that was made before there was a number of draws
one_draw = theano.gof.Apply(
    theano.sandbox.multinomial.MultinomialFromUniform("auto"),
    [p, MRG_RandomStreams(7).uniform((2,), nstreams=2).astype(fx)],
    [T.matrix()],
)



def window_on_the_op(op, *inputs):
    """The output of a pooling op as releases before 0.9 pickled it: its op held the sizes."""
    op.__dict__.update(ds=(2, 2), st=(2, 2), padding=(0, 0))
    return theano.gof.Apply(op, list(inputs), [inputs[0].type()]).out


im = T.tensor4("im")
pooled = window_on_the_op(Pool(True, mode="max"), im)
POOLINGS = [
    pooled,
    window_on_the_op(Pool(True, mode="average_exc_pad"), im),
    window_on_the_op(MaxPoolGrad(True), im, pooled, 2 * pooled),
    window_on_the_op(AveragePoolGrad(True, mode="sum"), im, 2 * pooled),
]

THINGS = {
    "values": [W.get_value(), b.get_value(), np.arange(3)],
    "shared": [W, b, count, theano.shared(2.5), theano.shared(np.float32(1.5), "s"), theano.shared({"a": 1})],
    "types": [x.type, T.ivector, T.TensorType("float32", (True, False)), lr.type, theano.generic],
    "model": {"x": x, "y": y, "lr": lr, "W": W, "b": b, "p": p, "nll": nll, "updates": updates},
    "indices": {"x": x, "y": y, "out": [x[1:, ::2], x[y, 1:], x[:, None, y], T.set_subtensor(x[y], 1.0)]},
    "mrg": {"streams": mrg, "u": mrg.uniform((3,), nstreams=2), "n": mrg.normal((2, 2), nstreams=2)},
    "streams": {"streams": streams, "u": streams.uniform((3,)), "n": streams.binomial((4,), 1, 0.5)},
    "expressions": {"x": x, "y": y, "out": EXPRESSIONS},
    "branch": {"x": x, "out": ifelse(T.gt(x.sum(), 0), x * 2, x - 1)},
    "predict": theano.function([x], p.argmax(1), name="predict"),
    "train": theano.function([x, theano.In(lr, value=0.5, name="rate")], x.sum() * W, updates=[(W, W - lr)]),
    "draw": theano.function([], streams.uniform((2,)), mode=theano.compile.Mode("py", "fast_compile")),
    "op_of_graph": {"x": x, "W": W, "b": b, "out": held(x, x + 1), "slope": T.grad(held(x, x).sum(), b)},
    "one_draw": {"x": x, "W": W, "out": one_draw.out},
    "old_pooling": {"x": im, "out": POOLINGS},
    "mode": theano.compile.get_mode("FAST_RUN"),
}


def main():
    warnings.simplefilter("ignore")
    recorded = {}
    if os.path.exists(DATA):
        with open(DATA) as old:
            recorded = json.load(old)["opened"]
    for name, thing in THINGS.items():
        path = os.path.join(FOLDER, name + "_" + fx + ".pkl.gz")
        with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, 0) as file:
            pickle.dump(thing, file, 0 if name == "values" else 2)
        with gzip.open(path, "rb") as file:
            recorded.setdefault(name, {})[fx] = USES[name](pickle.load(file), fx)
    about = "Theano " + theano.__version__ + ", numpy " + np.__version__
    with open(DATA, "w") as file:
        json.dump({"about": about, "opened": recorded}, file, indent=0)
        file.write("\n")


if __name__ == "__main__":
    main()
