"""
Hamiltonian Monte Carlo for a Bayesian logistic regression that tells 3 from 8.

The energy of a vector of weights is what its logistic regression costs on the
training images plus that of a normal prior. Several chains move at a time: each
draws a velocity, takes leapfrog steps in a scan, and accepts or rejects where
it came to; the size of the steps adapts. The images that were held back are
classified by the mean over the weights that were drawn.

    python hmc_digits.py [moves]
"""
from __future__ import print_function

import os
import sys

import numpy

import theano
import theano.tensor as T
from theano.sandbox.rng_mrg import MRG_RandomStreams

HERE = os.path.dirname(os.path.abspath(__file__))


def sharedX(value, name):
    return theano.shared(numpy.asarray(value, dtype=theano.config.floatX),
                         name=name)


def load_data(path=os.path.join(HERE, 'data', 'digits.csv.gz')):
    """Two pairs (images with a column of ones, is it an 8), training and test."""
    table = numpy.loadtxt(path, delimiter=',')
    table = table[(table[:, 64] == 3) | (table[:, 64] == 8)]
    numpy.random.RandomState(11).shuffle(table)
    x = numpy.concatenate([table[:, :64] / 16., numpy.ones((len(table), 1))], axis=1)
    y = (table[:, 64] == 8) * 1.
    return (x[:200], y[:200]), (x[200:], y[200:])


def kinetic_energy(vel):
    return 0.5 * (vel ** 2).sum(axis=1)


def hamiltonian(pos, vel, energy_fn):
    return energy_fn(pos) + kinetic_energy(vel)


def metropolis_hastings_accept(energy_prev, energy_next, s_rng):
    return (T.exp(energy_prev - energy_next)
            - s_rng.uniform(size=energy_prev.shape)) >= 0


def simulate_dynamics(initial_pos, initial_vel, stepsize, n_steps, energy_fn):
    """(positions, velocities) after n_steps leapfrog steps."""
    def leapfrog(pos, vel, step):
        dE_dpos = T.grad(energy_fn(pos).sum(), pos)
        new_vel = vel - step * dE_dpos
        new_pos = pos + step * new_vel
        return [new_pos, new_vel], {}

    dE_dpos = T.grad(energy_fn(initial_pos).sum(), initial_pos)
    vel_half_step = initial_vel - 0.5 * stepsize * dE_dpos
    pos_full_step = initial_pos + stepsize * vel_half_step
    (all_pos, all_vel), scan_updates = theano.scan(
        leapfrog,
        outputs_info=[dict(initial=pos_full_step), dict(initial=vel_half_step)],
        non_sequences=[stepsize], n_steps=n_steps - 1)
    assert not scan_updates
    final_pos = all_pos[-1]
    final_vel = all_vel[-1] - 0.5 * stepsize * T.grad(
        energy_fn(final_pos).sum(), final_pos)
    return final_pos, final_vel


class HMCSampler(object):
    def __init__(self, positions, energy_fn, seed, initial_stepsize=0.01,
                 n_steps=20, target_acceptance_rate=0.9):
        self.positions = positions
        self.stepsize = sharedX(initial_stepsize, 'stepsize')
        self.acceptance_rate = sharedX(target_acceptance_rate, 'acceptance_rate')
        s_rng = MRG_RandomStreams(seed)

        vel = s_rng.normal(size=positions.shape)
        final_pos, final_vel = simulate_dynamics(
            positions, vel, self.stepsize, n_steps, energy_fn)
        accept = metropolis_hastings_accept(
            hamiltonian(positions, vel, energy_fn),
            hamiltonian(final_pos, final_vel, energy_fn), s_rng)

        new_positions = T.switch(accept.dimshuffle(0, 'x'), final_pos, positions)
        new_stepsize = T.clip(
            T.switch(self.acceptance_rate > target_acceptance_rate,
                     self.stepsize * 1.02, self.stepsize * 0.98), 0.001, 0.25)
        new_rate = 0.9 * self.acceptance_rate + 0.1 * accept.mean(
            dtype=theano.config.floatX)
        self.move = theano.function(
            [], [energy_fn(new_positions), accept],
            updates=[(positions, new_positions), (self.stepsize, new_stepsize),
                     (self.acceptance_rate, new_rate)], name='move')


def train(n_moves=200, n_chains=4, burn_in=0.3):
    """The mean energy of the chains after every move."""
    (train_x, train_y), (test_x, test_y) = load_data()
    x, y = sharedX(train_x, 'x'), sharedX(train_y, 'y')

    def energy(w):
        a = T.dot(x, w.T)
        nll = T.nnet.softplus(a) - y.dimshuffle(0, 'x') * a
        return nll.sum(axis=0) + 0.5 * (w ** 2).sum(axis=1)

    w = sharedX(numpy.random.RandomState(2).randn(n_chains, train_x.shape[1]), 'w')
    sampler = HMCSampler(w, energy, seed=1234)
    images = T.matrix('images')
    predict = theano.function([images], T.nnet.sigmoid(T.dot(images, w.T)).mean(axis=1))

    energies, kept = [], []
    for i in range(1, n_moves + 1):
        values, accepted = sampler.move()
        energies.append(float(values.mean()))
        if i > burn_in * n_moves:
            kept.append(predict(numpy.asarray(test_x, dtype=theano.config.floatX)))
        if i % 10 == 0 or i == n_moves:
            print('move %i, energy %.7f, step size %.7f, accepted %.7f' %
                  (i, energies[-1], sampler.stepsize.get_value(),
                   sampler.acceptance_rate.get_value()))
    p = numpy.mean(kept, axis=0)
    print('errors on the rest %.2f %%, mean log probability %.9f' %
          (100. * numpy.mean((p > 0.5) != (test_y > 0.5)),
           numpy.mean(numpy.log(numpy.where(test_y > 0.5, p, 1. - p)))))
    return energies


if __name__ == '__main__':
    train(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
