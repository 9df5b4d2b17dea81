"""The same work written by hand in eager PyTorch, numpy in and numpy out."""

import torch
import torch.nn.functional as TF


def call_scalar(d):
    def step():
        return (torch.tensor(1.5, dtype=torch.float64) + 1).numpy()
    return step, lambda: [step()], []


def call_vec10(d):
    def step():
        return (torch.from_numpy(d["x"]) + 1).numpy()
    return step, lambda: [step()], []


def shared_acc(d):
    acc = torch.zeros((), dtype=torch.float64)

    def step():
        old = acc.clone()
        acc.add_(torch.tensor(0.5, dtype=torch.float64))
        return old.numpy()
    return step, lambda: [acc.numpy()], []


def _train(d, params, logits, update):
    X, Y, B = torch.from_numpy(d["x"]), torch.from_numpy(d["y"]), d["batch"]
    for p in params:
        p.requires_grad_(True)
    state = {"i": 0}

    def step():
        i = state["i"]
        loss = TF.cross_entropy(logits(X[i * B:(i + 1) * B]), Y[i * B:(i + 1) * B])
        gradients = torch.autograd.grad(loss, params)
        with torch.no_grad():
            update(gradients)
        state["last"] = loss.detach().numpy()
        state["i"] = (i + 1) % (len(X) // B)
    return step, lambda: [p.detach().numpy() for p in params] + [state["last"]], []


def logreg_sgd(d):
    W, b = torch.tensor(d["W"]), torch.tensor(d["b"])

    def update(gradients):
        for p, g in zip((W, b), gradients):
            p.sub_(g, alpha=d["lr"])
    return _train(d, [W, b], lambda x: torch.addmm(b, x, W), update)


def mlp_momentum(d):
    params = [torch.tensor(d[k]) for k in ("W1", "b1", "W2", "b2")]
    speeds = [torch.zeros_like(p) for p in params]
    W1, b1, W2, b2 = params

    def update(gradients):
        for p, v, g in zip(params, speeds, gradients):
            v.mul_(d["mom"]).sub_(g, alpha=d["lr"])
            p.add_(v)
    return _train(d, params, lambda x: torch.addmm(b2, torch.tanh(torch.addmm(b1, x, W1)), W2), update)


def _elemwise(d):
    def step():
        x = torch.from_numpy(d["x"])
        a = torch.exp(-x * x)
        b = torch.tanh(a * x + 0.5)
        return (torch.exp(b * 0.5) * torch.tanh(a - b) + x).numpy()
    return step, lambda: [step()], []


elemwise_1e6 = elemwise_1e7 = _elemwise


def _of_matrix(d, outputs):
    def step():
        return [r.numpy() for r in outputs(torch.from_numpy(d["x"]))]
    return step, step, []


def softmax(d):
    return _of_matrix(d, lambda x: [torch.softmax(x, 1)])


def logsumexp(d):
    return _of_matrix(d, lambda x: [torch.logsumexp(x, 1, keepdim=True)])


def reductions(d):
    return _of_matrix(d, lambda x: [x.sum(0, dtype=torch.float64).float(), x.amax(1), x.var(1, correction=0), x.argmax(1)])


def embedding_sgd(d):
    E, V = torch.tensor(d["E"]), torch.tensor(d["V"]).requires_grad_()
    state = {"i": 0}

    def step():
        rows = torch.from_numpy(d["rows"][state["i"]])
        looked_up = E[rows].requires_grad_()
        loss = ((torch.tanh(looked_up @ V) - 0.5) ** 2).mean()
        gE, gV = torch.autograd.grad(loss, [looked_up, V])
        with torch.no_grad():
            E.index_add_(0, rows, gE, alpha=-d["lr"])
            V.sub_(gV, alpha=d["lr"])
        state["last"] = loss.detach().numpy()
        state["i"] = (state["i"] + 1) % len(d["rows"])
    return step, lambda: [E.numpy()[d["rows"][:3].ravel()], V.detach().numpy(), state["last"]], []


dense_embedding_sgd = embedding_sgd


def attention(d):
    def step():
        q, k, v = (torch.from_numpy(d[name]) for name in "qkv")
        return torch.bmm(torch.softmax(torch.bmm(q, k.transpose(1, 2)) / 8, 2), v).numpy()
    return step, lambda: [step()], []


def _leaves(d, names):
    return [torch.from_numpy(d[k].copy()).requires_grad_() for k in names]


def lstm_step(d):
    params = W, U, b, V = _leaves(d, "WUbV")
    y = torch.from_numpy(d["y"])

    def step():
        x = torch.matmul(torch.from_numpy(d["x"]), W) + b
        h = c = torch.zeros(x.shape[1], U.shape[0])
        for x_t in x:
            i, f, g, o = (x_t + h @ U).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
        cost = torch.nn.functional.cross_entropy(h @ V, y)
        with torch.no_grad():
            for p, g in zip(params, torch.autograd.grad(cost, params), strict=True):
                p -= d["lr"] * g
    return step, lambda: [p.detach().numpy() for p in params], []


def _rnn(d, gradient):
    W, U = _leaves(d, "WU")

    def step():
        h, rows = torch.zeros(16), []
        for x_t in torch.from_numpy(d["x"]) @ W:
            h = torch.tanh(x_t + h @ U)
            rows.append(h)
        hs = torch.stack(rows)
        return [g.numpy() for g in torch.autograd.grad((hs ** 2).mean(), [W, U])] if gradient else [hs.detach().numpy()]
    return step, step, []


def rnn_forward(d):
    step, results, functions = _rnn(d, False)
    return torch.no_grad()(step), torch.no_grad()(results), functions


def rnn_gradient(d):
    return _rnn(d, True)


def _chain(d):
    def step():
        x = y = torch.from_numpy(d["x"])
        for i in range(d["n"]):
            y = torch.tanh(y) if i % 2 == 0 else y * x
        return y.numpy()
    return step, lambda: [step()], []


chain_100 = chain_1000 = chain_5000 = _chain
