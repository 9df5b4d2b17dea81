"""Hamiltonian Monte Carlo as in the Deep Learning Tutorials: leapfrog steps in a scan, adapted step sizes."""

from collections import OrderedDict

import numpy
import theano
from theano import function, shared
from theano import tensor as TT

sharedX = lambda X, name: shared(numpy.asarray(X, dtype=theano.config.floatX), name=name)


def kinetic_energy(vel):
    return 0.5 * (vel**2).sum(axis=1)


def hamiltonian(pos, vel, energy_fn):
    return energy_fn(pos) + kinetic_energy(vel)


def metropolis_hastings_accept(energy_prev, energy_next, s_rng):
    ediff = energy_prev - energy_next
    return (TT.exp(ediff) - s_rng.uniform(size=energy_prev.shape)) >= 0


def simulate_dynamics(initial_pos, initial_vel, stepsize, n_steps, energy_fn):
    def leapfrog(pos, vel, step):
        dE_dpos = TT.grad(energy_fn(pos).sum(), pos)
        new_vel = vel - step * dE_dpos
        new_pos = pos + step * new_vel
        return [new_pos, new_vel], {}

    initial_energy = energy_fn(initial_pos)
    dE_dpos = TT.grad(initial_energy.sum(), initial_pos)
    vel_half_step = initial_vel - 0.5 * stepsize * dE_dpos
    pos_full_step = initial_pos + stepsize * vel_half_step
    (all_pos, all_vel), scan_updates = theano.scan(
        leapfrog,
        outputs_info=[dict(initial=pos_full_step), dict(initial=vel_half_step)],
        non_sequences=[stepsize],
        n_steps=n_steps - 1,
    )
    final_pos = all_pos[-1]
    final_vel = all_vel[-1]
    assert not scan_updates
    energy = energy_fn(final_pos)
    final_vel = final_vel - 0.5 * stepsize * TT.grad(energy.sum(), final_pos)
    return final_pos, final_vel


def hmc_move(s_rng, positions, energy_fn, stepsize, n_steps):
    initial_vel = s_rng.normal(size=positions.shape)
    final_pos, final_vel = simulate_dynamics(
        initial_pos=positions, initial_vel=initial_vel, stepsize=stepsize, n_steps=n_steps, energy_fn=energy_fn
    )
    accept = metropolis_hastings_accept(
        energy_prev=hamiltonian(positions, initial_vel, energy_fn),
        energy_next=hamiltonian(final_pos, final_vel, energy_fn),
        s_rng=s_rng,
    )
    return accept, final_pos


def hmc_updates(positions, stepsize, avg_acceptance_rate, final_pos, accept):
    accept_matrix = accept.dimshuffle(0, *(("x",) * (final_pos.ndim - 1)))
    new_positions = TT.switch(accept_matrix, final_pos, positions)
    _new_stepsize = TT.switch(avg_acceptance_rate > 0.9, stepsize * 1.02, stepsize * 0.98)
    new_stepsize = TT.clip(_new_stepsize, 0.001, 0.25)
    mean_dtype = theano.scalar.upcast(accept.dtype, avg_acceptance_rate.dtype)
    new_acceptance_rate = TT.add(0.9 * avg_acceptance_rate, (1.0 - 0.9) * accept.mean(dtype=mean_dtype))
    return [(positions, new_positions), (stepsize, new_stepsize), (avg_acceptance_rate, new_acceptance_rate)]


rng = numpy.random.RandomState(123)
dim = 3
mu = numpy.array(rng.rand(dim) * 10, dtype=theano.config.floatX)
cov = numpy.array(rng.rand(dim, dim), dtype=theano.config.floatX)
cov = (cov + cov.T) / 2.0
cov[numpy.arange(dim), numpy.arange(dim)] = 1.0
cov_inv = numpy.linalg.inv(cov.dot(cov.T)).astype(theano.config.floatX)


def gaussian_energy(x):
    return 0.5 * (theano.tensor.dot((x - mu), cov_inv) * (x - mu)).sum(axis=1)


positions = sharedX(rng.randn(4, dim), "positions")
stepsize = sharedX(0.01, "stepsize")
avg_acceptance_rate = sharedX(0.9, "avg_acceptance_rate")
s_rng = TT.shared_randomstreams.RandomStreams(89677)
accept, final_pos = hmc_move(s_rng, positions, gaussian_energy, stepsize, 6)
simulate = function(
    [], [accept, final_pos], updates=hmc_updates(positions, stepsize, avg_acceptance_rate, final_pos, accept)
)
for i in range(12):
    accepted, proposed = simulate()
    print("%d %s %.6f" % (i, accepted.astype(int).tolist(), abs(proposed).sum()))
print("positions %s" % " ".join("%.6f" % v for v in positions.get_value().ravel()))
print("step size %.8f, accepted %.8f" % (stepsize.get_value(), avg_acceptance_rate.get_value()))

# a loop of which the state is a shared variable that the step updates
chain = sharedX(numpy.ones(dim), "chain")
count = shared(0)


def move(noise):
    g = TT.grad(0.5 * (TT.dot(chain - mu, cov_inv) * (chain - mu)).sum(), chain)
    return (chain**2).sum(), OrderedDict([(chain, chain - 0.05 * g + 0.01 * noise), (count, count + 1)])


noise = sharedX(rng.randn(7, dim), "noise")
energies, updates = theano.scan(move, sequences=[noise])
run = function([], energies, updates=updates)
for i in range(2):
    print("energies %s" % " ".join("%.6f" % e for e in run()))
print("chain %s after %d" % (" ".join("%.6f" % v for v in chain.get_value()), count.get_value()))
