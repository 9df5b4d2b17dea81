"""Record how the real Theano's pp writes formulas. Run with its Python:

    python3.8 tests/record/pp.py > tests/data/pp.json
"""

import json

import theano
import theano.tensor as T

START = "a = T.dmatrix('a'); b = T.dmatrix('b'); v = T.dvector('v'); n = T.dmatrix()\n"
CASES = (
    "a + b * a|-a|a ** b|a / b|a - b - a|T.exp(a)|T.dot(a, b) + v|a.T|a.sum()|a.sum(axis=0)|T.sqr(a)|abs(a)|a + 1|"
    "2 * a|v.dimshuffle('x', 0)|T.switch(a > 0, a, b)|T.eq(a, b)|n + a|T.tanh(a) % b|a // b|a <= b|"
    "T.log(1 + T.exp(-a))|T.sqrt(a)|T.inv(a)|T.maximum(a, b)|T.cast(a, 'float32')|a + b + v|(a + b) * (a - b)|"
    "T.nnet.sigmoid(a)|-(a + b)|T.or_(a > 0, b > 0)|a * b / a|T.zeros_like(a)|a|T.constant(3.)|a[0]|a[1:3]|"
    "a[1:3, 0]|v[::2]|a.shape[0]"
)
out = []
for case in CASES.split("|"):
    space = {"T": T}
    exec(START, space)
    out.append({"source": case, "text": theano.pp(eval(case, space))})
print(json.dumps({"start": START, "cases": out}, indent=0))
