# a Theano backend in the style of Keras 1
import numpy as np, theano
from theano import tensor as T
from theano.sandbox.rng_mrg import MRG_RandomStreams as RandomStreams
from theano.tensor.signal import pool
from theano.printing import Print
from theano.ifelse import ifelse
from collections import defaultdict

try:
    import theano.sparse as th_sparse_module
except ImportError:
    th_sparse_module = None
try:
    from theano.tensor.nnet.nnet import softsign as T_softsign
except ImportError:
    from theano.sandbox.softsign import softsign as T_softsign
_EPS = 1e-7
floatx = lambda: theano.config.floatX
_LEARNING_PHASE = T.scalar(dtype="uint8", name="keras_learning_phase")


class K:
    pass


def variable(value, dtype=None, name=None):
    dtype = dtype or floatx()
    if isinstance(
        value,
        (theano.tensor.TensorVariable, theano.tensor.sharedvar.TensorSharedVariable, theano.tensor.TensorConstant),
    ):
        value = value.eval()
    value = np.asarray(value, dtype=dtype)
    v = theano.shared(value=value, name=name, strict=False)
    v._keras_shape = value.shape
    v._uses_learning_phase = False
    return v


def placeholder(shape=None, ndim=None, dtype=None, name=None):
    dtype = dtype or floatx()
    ndim = len(shape) if shape is not None else ndim
    broadcast = (False,) * ndim
    x = T.TensorType(dtype, broadcast)(name)
    x._keras_shape = shape or tuple([None] * ndim)
    x._uses_learning_phase = False
    return x


def dot(x, y):
    return T.dot(x, y)


def batch_dot(x, y, axes=None):
    if isinstance(axes, int):
        axes = (axes, axes)
    if axes is None:
        axes = [x.ndim - 1, y.ndim - 2]
    out = T.batched_tensordot(x, y, axes=axes)
    if out.ndim == 1:
        out = out.dimshuffle(0, "x")
    return out


def reverse(x, axes):
    if isinstance(axes, int):
        axes = [axes]
    return x[tuple(slice(None, None, -1) if i in axes else slice(None, None, None) for i in range(x.ndim))]


def expand_dims(x, dim=-1):
    pattern = [i for i in range(x.type.ndim)]
    if dim < 0:
        dim = 0 if x.type.ndim == 0 else dim % x.type.ndim + 1
    pattern.insert(dim, "x")
    return x.dimshuffle(pattern)


def one_hot(indices, nb):
    ishape = tuple(indices.shape[i] for i in range(indices.ndim)) + (nb,)
    return T.reshape(T.extra_ops.to_one_hot(T.flatten(indices), nb_class=nb), ishape)


def temporal_padding(x, padding=1):
    s = x.shape
    out = T.zeros((s[0], s[1] + 2 * padding, s[2]))
    return T.set_subtensor(out[:, padding : s[1] + padding, :], x)


def spatial_2d_padding(x, padding=(1, 1)):
    s = x.shape
    o = T.zeros((s[0], s[1], s[2] + 2 * padding[0], s[3] + 2 * padding[1]))
    ind = (slice(None), slice(None), slice(padding[0], s[2] + padding[0]), slice(padding[1], s[3] + padding[1]))
    return T.set_subtensor(o[ind], x)


def resize_images(X, h, w):
    return T.extra_ops.repeat(T.extra_ops.repeat(X, h, axis=2), w, axis=3)


class Function(object):
    def __init__(self, inputs, outputs, updates=[], **kwargs):
        unique = {}
        for v, nv in updates:
            if v not in unique:
                unique[v] = nv
        self.function = theano.function(
            inputs,
            outputs,
            updates=unique.items(),
            allow_input_downcast=True,
            on_unused_input="ignore",
            name="keras",
            **kwargs,
        )

    def __call__(self, inputs):
        return self.function(*inputs)


def switch(cond, a, b):
    if callable(a):
        a = a()
    if callable(b):
        b = b()
    if cond.ndim == 0:
        return ifelse(cond, a, b)
    return T.switch(cond, a, b)


def in_train_phase(x, alt):
    if callable(x):
        x = x()
    if callable(alt):
        alt = alt()
    r = theano.ifelse.ifelse(_LEARNING_PHASE, x, alt)
    r._uses_learning_phase = True
    return r


def dropout(x, level, seed=None):
    rng = RandomStreams(seed=seed)
    retain = 1.0 - level
    x *= rng.binomial(x.shape, p=retain, dtype=x.dtype)
    x /= retain
    return x


def categorical_crossentropy(output, target, from_logits=False):
    if from_logits:
        output = T.nnet.softmax(output)
    else:
        output /= output.sum(axis=-1, keepdims=True)
    output = T.clip(output, _EPS, 1.0 - _EPS)
    return T.nnet.categorical_crossentropy(output, target)


def sparse_categorical_crossentropy(output, target):
    target = T.cast(T.flatten(target), "int32")
    target = T.extra_ops.to_one_hot(target, nb_class=output.shape[-1])
    target = T.reshape(target, output.shape)
    return categorical_crossentropy(output, target)


def hard_sigmoid(x):
    return T.nnet.hard_sigmoid(x)


def moving_average_update(v, value, momentum):
    return (v, v * momentum + value * (1.0 - momentum))


def normalize_batch_in_training(x, gamma, beta, axes, epsilon=1e-3):
    var = x.var(axes)
    mean = x.mean(axes)
    target_shape = []
    for axis in range(x.ndim):
        target_shape.append(1 if axis in axes else x.shape[axis])
    target_shape = T.stack(*target_shape) if hasattr(T, "stack") else None
    bm = T.reshape(mean, target_shape, ndim=x.ndim)
    bv = T.reshape(var, target_shape, ndim=x.ndim)
    bb = T.reshape(beta, target_shape, ndim=x.ndim)
    bg = T.reshape(gamma, target_shape, ndim=x.ndim)
    ax = [a for a in axes]
    bm, bv, bb, bg = [T.addbroadcast(q, *ax) for q in (bm, bv, bb, bg)]
    normed = T.nnet.bn.batch_normalization(x, bg, bb, bm, T.sqrt(bv + epsilon), mode="low_mem")
    return normed, mean, var


def rnn(step_function, inputs, initial_states, go_backwards=False, mask=None, constants=None, unroll=False):
    ndim = inputs.ndim
    constants = constants or []
    axes = [1, 0] + list(range(2, ndim))
    inputs = inputs.dimshuffle(axes)
    if mask is not None:
        if mask.ndim == ndim - 1:
            mask = expand_dims(mask)
        mask = mask.dimshuffle(axes)
        initial_output = step_function(inputs[0], initial_states + constants)[0] * 0
        initial_output = T.unbroadcast(initial_output, 0, 1)
        if len(initial_states) > 0 and initial_states[0].ndim > 1:
            pass

        def _step(input, mask, output_tm1, *states):
            output, new_states = step_function(input, states)
            output = T.switch(mask, output, output_tm1)
            return [output] + [T.switch(mask, ns, s) for s, ns in zip(states, new_states)]

        results, _ = theano.scan(
            _step,
            sequences=[inputs, mask],
            outputs_info=[initial_output] + initial_states,
            non_sequences=constants,
            go_backwards=go_backwards,
        )
        outputs, states = (results[0], results[1:]) if type(results) is list else (results, [])
    else:

        def _step(input, *states):
            output, new_states = step_function(input, states)
            return [output] + new_states

        results, _ = theano.scan(
            _step,
            sequences=inputs,
            outputs_info=[None] + initial_states,
            non_sequences=constants,
            go_backwards=go_backwards,
        )
        outputs, states = (results[0], results[1:]) if type(results) is list else (results, [])
    outputs = T.squeeze(outputs)
    last = outputs[-1]
    outputs = outputs.dimshuffle([1, 0] + list(range(2, outputs.ndim)))
    return last, outputs, [T.squeeze(s[-1]) for s in states]


np.random.seed(3)
fx = floatx()
x = placeholder((None, 6, 4), name="x")
m = placeholder((None, 6), dtype="int8")
W = variable(np.random.randn(4, 5) * 0.3, name="W")
U = variable(np.random.randn(5, 5) * 0.3)
b = variable(np.zeros(5))


def step(x_t, states):
    h = hard_sigmoid(T.dot(x_t, W) + b) * T.tanh(T.dot(states[0], U)) + T.nnet.softplus(T.dot(x_t, W))
    return h, [h]


h0 = T.zeros_like(x).sum(axis=(1, 2))
h0 = T.tile(h0.dimshuffle(0, "x"), [1, 5])
Wo = variable(np.random.randn(5, 3))
y = placeholder(ndim=2, name="y")
Xv = np.random.randn(7, 6, 4).astype(fx)
Mv = (np.arange(6) < np.random.randint(1, 7, (7, 1))).astype("int8")
Yv = np.eye(3)[np.random.randint(0, 3, 7)]
for mask, back in ((None, False), (m, True)):
    last, outs, states = rnn(step, x, [h0], mask=mask, go_backwards=back)
    p = T.nnet.softmax(T.dot(dropout(last, 0.3, seed=7), Wo))
    q = T.nnet.softmax(T.dot(last, Wo))
    loss = categorical_crossentropy(in_train_phase(p, q), y).mean()
    ws = [W, U, b, Wo]
    gs = T.grad(loss, ws)
    acc = [variable(np.zeros(w.get_value().shape)) for w in ws]
    ups = [(a, 0.9 * a + 0.1 * T.square(g)) for a, g in zip(acc, gs)] + [
        (w, w - 0.01 * g / T.sqrt(0.9 * a + 0.1 * T.square(g) + 1e-6)) for a, g, w in zip(acc, gs, ws)
    ]
    f = Function([x, m, y, _LEARNING_PHASE], [loss], ups)
    t = Function([x, m, y, _LEARNING_PHASE], [loss, outs])
    for i in range(4):
        print(float(f([Xv, Mv, Yv, 1])[0]), end=" ")
    r = t([Xv, Mv, Yv, 0])
    print(float(r[0]), r[1].shape, float(r[1].sum()))
gamma, beta, rm, rv = variable(np.ones(4)), variable(np.zeros(4)), variable(np.zeros(4)), variable(np.ones(4))
normed, mean, var = normalize_batch_in_training(x, gamma, beta, (0, 1))
xt = in_train_phase(normed, lambda: T.nnet.bn.batch_normalization(x, gamma, beta, rm, T.sqrt(rv + 1e-3)))
f = Function(
    [x, _LEARNING_PHASE],
    [xt.sum(), (xt**2).mean()] + T.grad((xt**3).sum(), [gamma, beta]),
    [moving_average_update(rm, mean, 0.99), moving_average_update(rv, var, 0.99)],
)
for ph in (1, 1, 0):
    print([np.asarray(v, "float64").sum().tolist() for v in f([Xv, ph])], rm.get_value().sum(), rv.get_value().sum())
im = placeholder(ndim=4)
IV = np.random.randn(2, 2, 5, 5)
k = variable(np.random.randn(3, 2, 3, 3))
c = T.nnet.conv2d(spatial_2d_padding(im), k, border_mode="valid", subsample=(1, 1), filter_shape=(3, 2, 3, 3))
c2 = T.nnet.conv2d(im, k, border_mode="full")[:, :, 1:6, 1:6]
pl = pool.pool_2d(c2, ds=(2, 2), st=(2, 2), ignore_border=True, padding=(0, 0), mode="max")
pa = pool.pool_2d(c2, ws=(2, 2), stride=(1, 1), ignore_border=True, mode="average_exc_pad")
print(
    [
        (v.shape, float(v.sum()))
        for v in Function([im], [c, c2, pl, pa, resize_images(im, 2, 3), reverse(im, [2, 3])[:, 0, 0]])([IV])
    ]
)
ids = T.imatrix()
E = variable(np.random.randn(9, 3))
print(
    [
        np.asarray(v).sum()
        for v in Function(
            [ids],
            [
                E[ids],
                one_hot(ids, 9),
                temporal_padding(E[ids], 2),
                batch_dot(E[ids], E[ids], (2, 2)),
                batch_dot(E[ids], E[ids].dimshuffle(0, 2, 1)),
                T.argmax(E[ids], -1),
                E[ids].norm(2, axis=-1),
                T.all(E[ids] > -5, axis=-1),
                T.any(E[ids] > 1, axis=1).sum(),
            ],
        )([[[1, 2, 8], [0, 3, 3]]])
    ]
)
print(
    float(
        Function([x, y], [sparse_categorical_crossentropy(T.nnet.softmax(x[:, 0, :3] * 4), T.argmax(y, 1)).mean()])(
            [Xv, Yv]
        )[0]
    ),
    W._keras_shape,
    x.name,
    T_softsign(x).eval({x: Xv}).sum(),
)
cnt = variable(0, dtype="int64")
f = Function(
    [], [switch(T.gt(cnt, 1), lambda: W.sum(), lambda: U.sum()), switch(W > 0, W, 0 * W).sum()], [(cnt, cnt + 1)]
)
print([[float(q) for q in f([])] for _ in range(3)], int(cnt.get_value()))
