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


def _chain(d):
    def step():
        x = y = torch.from_numpy(d["x"])
        for i in range(d["n"]):
            y = torch.tanh(y) if i % 2 == 0 else y * x
        return y.numpy()
    return step, lambda: [step()], []


chain_100 = chain_1000 = chain_5000 = _chain
