# updates.py in the style of Lasagne
from collections import OrderedDict
import numpy as np
import theano
import theano.tensor as T


def floatX(arr):
    return np.asarray(arr, dtype=theano.config.floatX)


def get_or_compute_grads(loss_or_grads, params):
    if any(not isinstance(p, theano.compile.SharedVariable) for p in params):
        raise ValueError("params must contain shared variables only.")
    if isinstance(loss_or_grads, list):
        return loss_or_grads
    return theano.grad(loss_or_grads, params)


def sgd(l, params, learning_rate):
    grads = get_or_compute_grads(l, params)
    updates = OrderedDict()
    for param, grad in zip(params, grads):
        updates[param] = param - learning_rate * grad
    return updates


def apply_momentum(updates, params=None, momentum=0.9):
    if params is None:
        params = updates.keys()
    updates = OrderedDict(updates)
    for param in params:
        value = param.get_value(borrow=True)
        velocity = theano.shared(np.zeros(value.shape, dtype=value.dtype), broadcastable=param.broadcastable)
        x = momentum * velocity + updates[param]
        updates[velocity] = x - param
        updates[param] = x
    return updates


def momentum(l, p, learning_rate, momentum=0.9):
    return apply_momentum(sgd(l, p, learning_rate), momentum=momentum)


def nesterov(l, params, learning_rate, momentum=0.9):
    updates = OrderedDict(sgd(l, params, learning_rate))
    for param in params:
        value = param.get_value(borrow=True)
        velocity = theano.shared(np.zeros(value.shape, dtype=value.dtype), broadcastable=param.broadcastable)
        x = momentum * velocity + updates[param] - param
        updates[velocity] = x
        updates[param] = momentum * x + updates[param]
    return updates


def adagrad(l, params, learning_rate=1.0, epsilon=1e-6):
    grads = get_or_compute_grads(l, params)
    updates = OrderedDict()
    for param, grad in zip(params, grads):
        value = param.get_value(borrow=True)
        accu = theano.shared(np.zeros(value.shape, dtype=value.dtype), broadcastable=param.broadcastable)
        accu_new = accu + grad**2
        updates[accu] = accu_new
        updates[param] = param - (learning_rate * grad / T.sqrt(accu_new + epsilon))
    return updates


def rmsprop(l, params, learning_rate=1.0, rho=0.9, epsilon=1e-6):
    grads = get_or_compute_grads(l, params)
    updates = OrderedDict()
    one = T.constant(1)
    for param, grad in zip(params, grads):
        value = param.get_value(borrow=True)
        accu = theano.shared(np.zeros(value.shape, dtype=value.dtype), broadcastable=param.broadcastable)
        accu_new = rho * accu + (one - rho) * grad**2
        updates[accu] = accu_new
        updates[param] = param - (learning_rate * grad / T.sqrt(accu_new + epsilon))
    return updates


def adadelta(l, params, learning_rate=1.0, rho=0.95, epsilon=1e-6):
    grads = get_or_compute_grads(l, params)
    updates = OrderedDict()
    one = T.constant(1)
    for param, grad in zip(params, grads):
        value = param.get_value(borrow=True)
        accu = theano.shared(np.zeros(value.shape, dtype=value.dtype), broadcastable=param.broadcastable)
        delta_accu = theano.shared(np.zeros(value.shape, dtype=value.dtype), broadcastable=param.broadcastable)
        accu_new = rho * accu + (one - rho) * grad**2
        updates[accu] = accu_new
        update = grad * T.sqrt(delta_accu + epsilon) / T.sqrt(accu_new + epsilon)
        updates[param] = param - learning_rate * update
        delta_accu_new = rho * delta_accu + (one - rho) * update**2
        updates[delta_accu] = delta_accu_new
    return updates


def adam(l, params, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    all_grads = get_or_compute_grads(l, params)
    t_prev = theano.shared(floatX(0.0))
    updates = OrderedDict()
    one = T.constant(1)
    t = t_prev + 1
    a_t = learning_rate * T.sqrt(one - beta2**t) / (one - beta1**t)
    for param, g_t in zip(params, all_grads):
        value = param.get_value(borrow=True)
        m_prev = theano.shared(np.zeros(value.shape, dtype=value.dtype), broadcastable=param.broadcastable)
        v_prev = theano.shared(np.zeros(value.shape, dtype=value.dtype), broadcastable=param.broadcastable)
        m_t = beta1 * m_prev + (one - beta1) * g_t
        v_t = beta2 * v_prev + (one - beta2) * g_t**2
        step = a_t * m_t / (T.sqrt(v_t) + epsilon)
        updates[m_prev] = m_t
        updates[v_prev] = v_t
        updates[param] = param - step
    updates[t_prev] = t
    return updates


def adamax(l, params, learning_rate=0.002, beta1=0.9, beta2=0.999, epsilon=1e-8):
    all_grads = get_or_compute_grads(l, params)
    t_prev = theano.shared(floatX(0.0))
    updates = OrderedDict()
    one = T.constant(1)
    t = t_prev + 1
    a_t = learning_rate / (one - beta1**t)
    for param, g_t in zip(params, all_grads):
        value = param.get_value(borrow=True)
        m_prev = theano.shared(np.zeros(value.shape, dtype=value.dtype), broadcastable=param.broadcastable)
        u_prev = theano.shared(np.zeros(value.shape, dtype=value.dtype), broadcastable=param.broadcastable)
        m_t = beta1 * m_prev + (one - beta1) * g_t
        u_t = T.maximum(beta2 * u_prev, abs(g_t))
        step = a_t * m_t / (u_t + epsilon)
        updates[m_prev] = m_t
        updates[u_prev] = u_t
        updates[param] = param - step
    updates[t_prev] = t
    return updates


def norm_constraint(tensor_var, max_norm, norm_axes=None, epsilon=1e-7):
    ndim = tensor_var.ndim
    if norm_axes is not None:
        sum_over = tuple(norm_axes)
    elif ndim == 2:
        sum_over = (0,)
    else:
        raise ValueError("Unsupported tensor dimensionality")
    dtype = np.dtype(theano.config.floatX).type
    norms = T.sqrt(T.sum(T.sqr(tensor_var), axis=sum_over, keepdims=True))
    target_norms = T.clip(norms, 0, dtype(max_norm))
    return tensor_var * (target_norms / (dtype(epsilon) + norms))


def total_norm_constraint(tensor_vars, max_norm, epsilon=1e-7, return_norm=False):
    norm = T.sqrt(sum(T.sum(tensor**2) for tensor in tensor_vars))
    dtype = np.dtype(theano.config.floatX).type
    target_norm = T.clip(norm, 0, dtype(max_norm))
    multiplier = target_norm / (dtype(epsilon) + norm)
    tensor_vars_scaled = [step * multiplier for step in tensor_vars]
    if return_norm:
        return tensor_vars_scaled, norm
    return tensor_vars_scaled


def build(seed=0):
    rng = np.random.RandomState(seed)
    W1 = theano.shared(floatX(rng.normal(0, 0.3, (9, 14))), name="W1")
    b1 = theano.shared(floatX(np.zeros(14)), name="b1")
    W2 = theano.shared(floatX(rng.normal(0, 0.3, (14, 5))), name="W2")
    b2 = theano.shared(floatX(np.zeros((1, 5))), name="b2", broadcastable=(True, False))
    return [W1, b1, W2, b2]


def net(x, ps):
    W1, b1, W2, b2 = ps
    h = T.maximum(0, T.dot(x, W1) + b1)
    return T.nnet.softmax(T.dot(h, W2) + b2)


rng = np.random.RandomState(42)
X = floatX(rng.randn(40, 9))
Y = rng.randint(0, 5, 40).astype("int32")
for name, fn, kw in [
    ("sgd", sgd, dict(learning_rate=0.1)),
    ("momentum", momentum, dict(learning_rate=0.05)),
    ("nesterov", nesterov, dict(learning_rate=0.05)),
    ("adagrad", adagrad, dict(learning_rate=0.1)),
    ("rmsprop", rmsprop, dict(learning_rate=0.01)),
    ("adadelta", adadelta, {}),
    ("adam", adam, dict(learning_rate=0.01)),
    ("adamax", adamax, dict(learning_rate=0.01)),
    ("sgdshared", sgd, dict(learning_rate=theano.shared(floatX(0.1)))),
]:
    for clip in (False, True):
        ps = build()
        x = T.matrix("x")
        y = T.ivector("y")
        p = net(x, ps)
        loss = T.nnet.categorical_crossentropy(p, y).mean() + 1e-4 * sum(T.sum(T.sqr(q)) for q in ps)
        grads = T.grad(loss, ps)
        norm = T.constant(0)
        if clip:
            grads, norm = total_norm_constraint(grads, 0.5, return_norm=True)
        ups = fn(grads if clip else loss, ps, **kw)
        if clip:
            ups[ps[0]] = norm_constraint(ups[ps[0]], 1.0)
            ups[ps[2]] = norm_constraint(ups[ps[2]], 1.0)
        acc = T.mean(T.eq(T.argmax(p, axis=-1), y), dtype=theano.config.floatX)
        f = theano.function([x, y], [loss, acc, norm], updates=ups)
        for it in range(8):
            r = f(X, Y)
            print(name, clip, it, [repr(float(v)) for v in r], [str(v.dtype) for v in r])
        print([repr(float(np.abs(q.get_value()).sum())) for q in ps], [q.get_value().dtype.name for q in ps])
