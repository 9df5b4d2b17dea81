"""Record what the real Theano's debugprint shows. Run with its Python:

    python3.8 tests/record/debugprint.py > tests/data/debugprint.json

Each case is source that both sides run: it leaves in `graph` what is printed, in `options` how.
"""

import json

import numpy
import theano
import theano.tensor as T
from theano.printing import debugprint

START = "x = T.dmatrix('x'); y = T.dvector('y'); z = T.tanh(x + y) * 2; c = z.sum() - (z * z).sum()\n"
CASES = [
    "graph = c",
    "graph = c; options = {'print_type': True}",
    "graph = c; options = {'depth': 3}",
    "graph = c; options = {'depth': 0}",
    "graph = [c, z]",
    "graph = z.owner",
    "graph = x",
    "graph = x + T.constant([[2.5]], name='named')",
    "graph = z; options = {'ids': 'int'}",
    "graph = z; options = {'ids': ''}",
    "z.name = 'zed'; graph = c",
    "z.name = 'zed'; graph = c; options = {'stop_on_name': True}",
    "graph = T.max_and_argmax(x, axis=1)",
    "graph = x\nfor i in range(40):\n    graph = graph + x.sum(axis=1, keepdims=True)",
    "graph = T.exp(y).dimshuffle('x', 0).T + x",
]
out = []
for case in CASES:
    space = {"T": T, "theano": theano, "numpy": numpy, "options": {}}
    exec(START + case, space)
    text = debugprint(space["graph"], file="str", **space["options"])
    out.append({"source": START + case, "text": text})
print(json.dumps(out, indent=1))
