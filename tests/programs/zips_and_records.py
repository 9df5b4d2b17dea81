"""What theano.misc and theano.tests offer to programs: zip archives, records of runs, breakpoints, small containers."""

import io
import os
import pickle
import tempfile
import zipfile

import numpy as np
import theano
import theano.tensor as T
from theano.misc import frozendict, strutil
from theano.misc.doubleop import DoubleOp
from theano.misc.may_share_memory import may_share_memory
from theano.misc.ordered_set import OrderedSet
from theano.misc.pkl_utils import (
    CompatUnpickler, PersistentNdarrayID, PersistentSharedVariableID, StripPickler, dump, load, zipadd,
)  # fmt: skip
from theano.sandbox.rng_mrg import MRG_RandomStreams
from theano.tests.breakpoint import PdbBreakpoint
from theano.tests.record import MismatchError, Record, RecordMode


def refused(make):
    try:
        print("gave", make())
    except Exception as error:
        print(type(error).__name__)


# --- archives
folder = tempfile.mkdtemp()
path = os.path.join(folder, "model.zip")
floatX = theano.config.floatX
w, w2, b = (theano.shared(np.full(n, n, floatX), name) for n, name in ((3, "w"), (2, "w"), (1, None)))
with open(path, "wb") as f:
    dump({"all": (w, w2, b), "array": np.arange(4), "text": "x", "again": w}, f)
print(sorted(np.load(path).keys()), np.load(path)["w_2"].tolist())
with open(path, "rb") as f:
    loaded = load(f)
print(
    [v.get_value().tolist() for v in loaded["all"]],
    loaded["array"].tolist(),
    loaded["text"],
    loaded["again"] is loaded["all"][0],
)
with open(path, "wb") as f:
    dump((w, np.ones(2)), f, persistent_id=PersistentNdarrayID)
print(sorted(zipfile.ZipFile(path).namelist()))
x = T.vector("x")
with open(path, "wb") as f:
    dump(theano.function([x], x.sum() * w), f)
with open(path, "rb") as f:
    print(load(f)([1, 2]).tolist())
with open(path, "wb") as f:
    dump(MRG_RandomStreams(3), f)
with open(path, "rb") as f:
    print(type(load(f)).__name__)


def strict(**kwargs):
    return lambda archive: PersistentSharedVariableID(archive, **kwargs)


with open(path, "wb") as f:
    refused(lambda: dump((w, w2), f, persistent_id=strict(allow_duplicates=False)))
with open(path, "wb") as f:
    refused(lambda: dump((w, b), f, persistent_id=strict(allow_unnamed=False)))
with zipfile.ZipFile(path, "w") as archive:
    zipadd(lambda file: file.write(b"abc"), archive, "part")
print(zipfile.ZipFile(path).read("part"))

y = T.vector("y")
y.tag.test_value, y.tag.mine, y.tag.other = np.ones(2), 1, 2
with open(path, "wb") as f:
    StripPickler(f, protocol=2, extra_tag_to_remove=["other"]).dump(y + 1)
with open(path, "rb") as f:
    kept = pickle.load(f).owner.inputs[0]
print(kept, kept.tag.mine if hasattr(kept.tag, "mine") else "mine is gone")
print(CompatUnpickler(io.BytesIO(pickle.dumps([1, "a", np.arange(3)], 2)), encoding="latin1").load()[2].tolist())

# --- records of runs
out = io.StringIO()
mode = RecordMode(Record(file_object=out, replay=False))
i = T.iscalar("i")
f = theano.function([i], i, mode=mode, name="f")
print(int(f(3)), int(f(4)), out.getvalue().count("Function name: f"), out.getvalue().splitlines()[0])
again = theano.function([i], i, mode=RecordMode(Record(file_object=io.StringIO(out.getvalue()), replay=True)), name="f")
print(int(again(3)))
try:
    again(5)
except Exception as error:
    print("mismatch", isinstance(error, MismatchError))
r = Record(file_object=io.StringIO("a\nb\n"), replay=True)
r.handle_line("a\n")
refused(lambda: r.handle_line("c\n"))
refused(lambda: r.handle_line("no end"))
refused(lambda: Record())

# --- breakpoints
m = T.matrix("m")
big, c, m2 = PdbBreakpoint("big")(m.sum() > 1000, m * 2, m), None, None
f = theano.function([m], [big[0], big[1], T.grad(big[0].sum(), m)])
print([v.tolist() for v in f(np.ones((1, 2), floatX))])
print(big[0].owner.op.connection_pattern(big[0].owner))

# --- containers, texts
s = OrderedSet("cab")
s.add("a")
s.update(["x", "c"])
s.discard("nothing")
print(s, list(reversed(s)), s.union(["q"]), s.difference_update(["a"]), s.pop(), s.pop(last=False), s, OrderedSet())
print(
    OrderedSet([1, 2]) == OrderedSet([1, 2]), OrderedSet([1, 2]) == OrderedSet([2, 1]), list(OrderedSet([1, 2]) | [3])
)
refused(lambda: OrderedSet([1]) == {1})
refused(lambda: OrderedSet({1, 2}))
refused(lambda: OrderedSet().pop())
d = frozendict.frozendict(a=1)
print(d, d["a"], len(d), hash(d) == hash(frozendict.frozendict(a=1)), dict(d.copy(b=2)))
print(frozendict.FrozenOrderedDict([("b", 1), ("a", 2)]))
refused(lambda: d.__setitem__("a", 2))
print(strutil.render_string("a %(b)s", {"b": 1}))
refused(lambda: strutil.render_string("a %(b)s %(c)s", {"b": 1}))
print(strutil.pretty_format("a{\n b;\n  c{ d;\n}\n}"), strutil.strip_leading_white_space(" \t x "))
a = np.arange(4.0)
print(may_share_memory(a, a[1:]), may_share_memory(a, a.copy()), may_share_memory(a, 3, False))
refused(lambda: may_share_memory(a, [1]))
v = T.vector("v")
z = DoubleOp()(v)
print(z, DoubleOp() == DoubleOp(), [k.tolist() for k in theano.function([v], [z, T.grad(z.sum(), v)])([1, 2])])
