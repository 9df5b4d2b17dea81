import theano, numpy as np
from theano import tensor as T
from theano import function
from theano.sandbox.rng_mrg import MRG_RandomStreams as RandomStreams
from theano.compile.ops import as_op
from collections import OrderedDict

# GRU4Rec style: rows of embeddings updated where they occur, some of them twice
mrng = RandomStreams(12)
fx = theano.config.floatX


class GRU4Rec:
    def __init__(
        self,
        layers,
        n_items,
        batch_size,
        n_sample=6,
        lr=0.1,
        momentum=0.1,
        adapt="adagrad",
        loss="top1",
        dropout=0.2,
        bpreg=1.0,
        decay=0.9,
    ):
        self.layers, self.n_items, self.batch_size = layers, n_items, batch_size
        self.learning_rate, self.momentum, self.adapt, self.loss, self.dropout_p_hidden, self.bpreg, self.decay = (
            lr,
            momentum,
            adapt,
            loss,
            dropout,
            bpreg,
            decay,
        )
        self.final_activation = {
            "top1": T.tanh,
            "bpr": lambda x: x,
            "cross-entropy": self.softmax,
            "bpr-max": lambda x: T.nnet.elu(x, 0.5),
        }[loss]

    def softmax(self, X):
        e_x = T.exp(X - X.max(axis=1).dimshuffle(0, "x"))
        return e_x / e_x.sum(axis=1).dimshuffle(0, "x")

    def softmax_neg(self, X):
        hm = 1.0 - T.eye(*X.shape)
        X = X * hm
        e_x = T.exp(X - X.max(axis=1).dimshuffle(0, "x")) * hm
        return e_x / e_x.sum(axis=1).dimshuffle(0, "x")

    def loss_fn(self, yhat):
        if self.loss == "cross-entropy":
            return T.cast(T.mean(-T.log(T.diag(yhat) + 1e-24)), fx)
        if self.loss == "bpr":
            return T.cast(T.mean(-T.log(T.nnet.sigmoid(T.diag(yhat) - yhat.T))), fx)
        if self.loss == "bpr-max":
            s = self.softmax_neg(yhat)
            return T.cast(
                T.mean(
                    -T.log(T.sum(T.nnet.sigmoid(T.diag(yhat).dimshuffle(0, "x") - yhat) * s, axis=1) + 1e-24)
                    + self.bpreg * T.sum((yhat**2) * s, axis=1)
                ),
                fx,
            )
        yhatT = yhat.T
        return T.cast(
            T.mean(
                T.mean(T.nnet.sigmoid(-T.diag(yhat) + yhatT) + T.nnet.sigmoid(yhatT**2), axis=0)
                - T.nnet.sigmoid(T.diag(yhat) ** 2) / self.batch_size
            ),
            fx,
        )

    def floatX(self, X):
        return np.asarray(X, dtype=fx)

    def init_weights(self, shape, name):
        s = np.sqrt(6.0 / (shape[0] + shape[1]))
        return theano.shared(self.floatX(np.random.rand(*shape) * s * 2 - s), borrow=True, name=name)

    def init(self):
        np.random.seed(42)
        self.Wx, self.Wh, self.Wrz, self.Bh, self.H = [], [], [], [], []
        for i in range(len(self.layers)):
            n_in = self.n_items if i == 0 else self.layers[i - 1]
            n = self.layers[i]
            self.Wx.append(
                theano.shared(self.floatX(np.hstack([np.random.rand(n_in, n) - 0.5 for _ in range(3)])), borrow=True)
            )
            self.Wh.append(self.init_weights((n, n), "Wh"))
            self.Wrz.append(theano.shared(self.floatX(np.random.rand(n, 2 * n) - 0.5)))
            self.Bh.append(theano.shared(value=np.zeros((n * 3,), dtype=fx), borrow=True))
            self.H.append(theano.shared(value=np.zeros((self.batch_size, n), dtype=fx), borrow=True))
        self.Wy = self.init_weights((self.n_items, self.layers[-1]), "Wy")
        self.By = theano.shared(value=np.zeros((self.n_items, 1), dtype=fx), borrow=True)

    def dropout(self, X, p):
        if p > 0:
            r = 1 - p
            X *= mrng.binomial(X.shape, p=r, dtype=fx) / r
        return X

    def adagrad(self, param, grad, updates, sample_idx=None, epsilon=1e-6):
        v1 = np.float32 if fx == "float32" else np.float64
        acc = theano.shared(param.get_value(borrow=False) * 0.0, borrow=True)
        if sample_idx is None:
            acc_new = acc + grad**2
            updates[acc] = acc_new
        else:
            acc_s = acc[sample_idx]
            acc_new = acc_s + grad**2
            updates[acc] = T.set_subtensor(acc_s, acc_new)
        return T.cast(grad / T.sqrt(acc_new + epsilon), fx)

    def rmsprop(self, param, grad, updates, sample_idx=None, epsilon=1e-6):
        acc = theano.shared(param.get_value(borrow=False) * 0.0, borrow=True)
        if sample_idx is None:
            acc_new = self.decay * acc + (1 - self.decay) * grad**2
            updates[acc] = T.cast(acc_new, fx)
        else:
            acc_s = acc[sample_idx]
            acc_new = self.decay * acc_s + (1 - self.decay) * grad**2
            updates[acc] = T.set_subtensor(acc_s, T.cast(acc_new, fx))
        return T.cast(grad / T.sqrt(acc_new + epsilon), fx)

    def RMSprop(self, cost, params, full_params, sampled_params, sidxs):
        grads = [T.grad(cost=cost, wrt=p) for p in params]
        sgrads = [T.grad(cost=cost, wrt=p) for p in sampled_params]
        updates = OrderedDict()
        ad = {"adagrad": self.adagrad, "rmsprop": self.rmsprop}.get(self.adapt, lambda p, g, u, s=None: g)
        for p, g in zip(params, grads):
            g = ad(p, g, updates)
            vel = theano.shared(p.get_value(borrow=False) * 0.0, borrow=True)
            vel2 = T.cast(self.momentum * vel - self.learning_rate * g, fx)
            updates[vel] = vel2
            updates[p] = p + vel2
        for i in range(len(sgrads)):
            g = sgrads[i]
            fullP = full_params[i]
            sidx = sidxs[i]
            sparam = sampled_params[i]
            g = ad(fullP, g, updates, sidx)
            vel = theano.shared(fullP.get_value(borrow=False) * 0.0, borrow=True)
            vs = vel[sidx]
            vel2 = T.cast(self.momentum * vs - self.learning_rate * g, fx)
            updates[vel] = T.set_subtensor(vs, vel2)
            updates[fullP] = T.inc_subtensor(sparam, vel2)
        return updates

    def model(self, X, H, Y=None):
        Sx = self.Wx[0][X]
        vec = Sx + self.Bh[0]
        n = self.layers[0]
        rz = T.nnet.sigmoid(vec[:, n:] + T.dot(H[0], self.Wrz[0]))
        h = T.tanh(T.dot(H[0] * rz[:, :n], self.Wh[0]) + vec[:, :n])
        z = rz[:, n:]
        h = (1.0 - z) * H[0] + z * h
        h = self.dropout(h, self.dropout_p_hidden)
        H_new = [h]
        y = h
        for i in range(1, len(self.layers)):
            n = self.layers[i]
            vec = T.dot(y, self.Wx[i]) + self.Bh[i]
            rz = T.nnet.sigmoid(vec.T[n:] + T.dot(H[i], self.Wrz[i]).T)
            h = T.tanh((T.dot(H[i] * rz[:n].T, self.Wh[i]).T + vec.T[:n]).T)
            z = rz[n:].T
            h = (1.0 - z) * H[i] + z * h
            H_new.append(h)
            y = h
        if Y is not None:
            Sy = self.Wy[Y]
            SBy = self.By[Y]
            return H_new, self.final_activation(T.dot(y, Sy.T) + SBy.flatten()), [Sx, Sy, SBy]
        return H_new, self.final_activation(T.dot(y, self.Wy.T) + self.By.flatten()), [Sx]

    def fit(self):
        self.init()
        X = T.ivector()
        Y = T.ivector()
        H_new, Y_pred, sampled = self.model(X, self.H, Y)
        cost = self.loss_fn(Y_pred)
        params = [self.Wh, self.Wrz, self.Bh] + ([self.Wx[1:]] if len(self.layers) > 1 else [])
        params = [p for ps in params for p in ps]
        updates = self.RMSprop(cost, params, [self.Wx[0], self.Wy, self.By], sampled, [X, Y, Y])
        for i in range(len(self.H)):
            updates[self.H[i]] = H_new[i]
        train = function(inputs=[X, Y], outputs=cost, updates=updates, allow_input_downcast=True)
        r = np.random.RandomState(0)
        bs = self.batch_size
        for e in range(6):
            inp = r.randint(0, self.n_items, bs)
            out = (inp + 1) % self.n_items
            y = np.hstack([out, r.randint(0, self.n_items, 5)])
            c = train(inp, y)
            print(self.loss, self.adapt, float(c), end=" ")
            if np.isnan(c):
                raise ValueError
            if e == 3:
                for h in self.H:
                    tmp = h.get_value(borrow=True)
                    tmp[[1, 2]] = 0
                    h.set_value(tmp, borrow=True)
        print(
            float(self.Wy.get_value().sum()), float(self.Wx[0].get_value().sum()), float(self.H[-1].get_value().sum())
        )
        Xp = T.ivector()
        Hn, yhat, _ = self.model(Xp, self.H)
        up = OrderedDict(zip(self.H, Hn))
        pr = function(inputs=[Xp], outputs=yhat, updates=up)
        print(float(pr(inp.astype("int32")).sum()))


for loss, ad, layers in (
    ("top1", "adagrad", [6]),
    ("bpr", "rmsprop", [6, 5]),
    ("cross-entropy", None, [5]),
    ("bpr-max", "adagrad", [4, 4]),
):
    GRU4Rec(layers, 15, 4, adapt=ad, loss=loss).fit()
