"""Objects that old programs hold in their hands, by expressions (Python 3.8): see record/record_classes.py."""

import numpy as np
import theano
import theano.sparse
import theano.tensor as T
import theano.typed_list
from theano.ifelse import ifelse
from theano.sandbox.rng_mrg import MRG_RandomStreams
from theano.tensor.shared_randomstreams import RandomStreams
from theano.tensor.signal.pool import pool_2d

EXPRESSIONS = """
x
x.type
x.tag
x + y
(x + y).owner
(x + y).owner.op
(x + y).owner.op.scalar_op
T.cast(x, 'float32').owner.op.scalar_op
T.constant(1.5)
w
n
theano.shared({'a': 1})
w.container
x.sum().owner.op
x.max().owner.op
x[1:].owner.op
T.inc_subtensor(x[1:], np.float64(1)).owner.op
x[[0, 1]].owner.op
x.dimshuffle('x', 0).owner.op
x.reshape((1, -1)).owner.op
T.dot(m, x).owner.op
T.concatenate([x, y]).owner.op
T.alloc(x[0], 2).owner.op
T.eye(2).owner.op
T.arange(i).owner.op
T.nnet.softmax(m).owner.op
T.nnet.conv2d(t, t).owner.op
pool_2d(t, (2, 2), ignore_border=True).owner.op
ifelse(T.gt(x[0], 0), x, y).owner.op
theano.OpFromGraph([x], [x + 1])
theano.compile.as_op(itypes=[T.dvector], otypes=[T.dvector])(len)
theano.printing.Print('a')
T.opt.Assert('a')
rows.owner.op
updates
f
f.maker
f.maker.fgraph
f.maker.inputs[0]
f.maker.inputs[1]
f.maker.outputs[0]
f.maker.mode
f.maker.mode.optimizer
f.maker.linker
f.fn
theano.In(x)
theano.Out(x)
theano.Mode()
theano.generic
theano.compile.DebugMode()
theano.compile.MonitorMode()
theano.compile.nanguardmode.NanGuardMode(True, True, True)
theano.ProfileStats(False)
T.split(x, [1, 2], 2)[0].owner.op
theano.compile.debugmode.BadThunkOutput(x, None, 1, None, 2)
srng
srng.uniform((2,))
srng.uniform((2,)).owner.op
srng.state_updates
mrg
mrg.uniform((2,))
mrg.uniform((2,), nstreams=2).owner.inputs[0].owner.op
theano.sparse.csr_matrix('s')
theano.sparse.csr_matrix('s').type
theano.typed_list.TypedListType(T.dvector)('l')
theano.scalar.float64('q')
theano.scalar.float64
theano.updates.OrderedUpdates()
"""


def things():
    """{expression: object}."""
    x, y, m, t, i = T.dvector("x"), T.dvector("y"), T.dmatrix("m"), T.dtensor4("t"), T.lscalar("i")
    w, n = theano.shared(np.ones(3), "w"), theano.shared(1.5)
    total, updates = theano.scan(lambda a, b: a + b, sequences=x, outputs_info=n)
    space = {
        "theano": theano, "T": T, "np": np, "ifelse": ifelse, "pool_2d": pool_2d,
        "x": x, "y": y, "m": m, "t": t, "i": i, "w": w, "n": n,
        "rows": total if type(total.owner.op).__name__ == "Scan" else total.owner.inputs[0],
        "updates": updates,
        "srng": RandomStreams(1),
        "mrg": MRG_RandomStreams(1),
        "f": theano.function([x, theano.In(y, value=np.ones(3), name="yy")], [x * y + w], updates=[(w, w + 1)]),
    }
    return {text: eval(text, space) for text in EXPRESSIONS.strip().split("\n")}
