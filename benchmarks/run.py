"""Time the workloads side by side and print the ratios.

    python benchmarks/run.py [--theano PYTHON] [--only NAMES] [--rounds N] [--out FILE.json]

tgraph and eager torch run under this interpreter, the real Theano under the one that is given. Each measurement is a
process of its own on one thread; the systems take turns, round after round, and the median of the rounds counts. A
figure is CPU time per step (wall time on a shared machine measures the neighbours); "build" is the CPU time of
building the graph, compiling it and the first call. Results are compared after three steps.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SYSTEMS = ("theano", "torch", "tgraph")


def measure(system, name, arrays, budget):
    """The child: one workload in one system; prints its figures as JSON."""
    sys.path.insert(0, HERE)
    import numpy as np

    import data
    values = data.TABLE[name][0]()
    sys.setrecursionlimit(int(os.environ.get("BENCH_RECURSION", sys.getrecursionlimit())))
    if system == "tgraph":
        import tgraph.compat
        tgraph.compat.install()
    module = __import__("torch_workloads" if system == "torch" else "legacy_workloads")
    start = _cpu()
    step, results, functions = getattr(module, name)(values)
    step()
    build = _cpu() - start
    for _ in range(2):
        step()
    np.savez(arrays, *[np.asarray(r, "float64") for r in results()])
    figures = {"build_s": build, "step_us": _time(step, budget)}
    if functions and name.startswith("call_vec"):
        for f in functions:
            f.trust_input = True
        figures["trusted_us"] = _time(step, budget)
    print(json.dumps(figures))


def _cpu():
    t = os.times()
    return t[0] + t[1] + t[2] + t[3]


def _time(step, budget):
    """Median CPU microseconds of a step."""
    start = time.process_time()
    step()
    inner = max(1, int(3e-4 / max(time.process_time() - start, 1e-6)))
    samples, end = [], time.perf_counter() + budget
    while len(samples) < 5 or time.perf_counter() < end:
        start = time.process_time()
        for _ in range(inner):
            step()
        samples.append((time.process_time() - start) / inner)
    return statistics.median(samples) * 1e6


def run(python, system, name, folder, budget):
    """Figures of one process, or {'error': ...}."""
    arrays = os.path.join(folder, "%s.%s.npz" % (name, system))
    env = dict(os.environ)
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        env[variable] = "1"
    env["THEANO_FLAGS"] = ("floatX=float32,mode=FAST_RUN,blas.ldflags=-lopenblas,openmp=False,base_compiledir="
                           + os.environ.get("BENCH_COMPILEDIR", os.path.join(folder, "compiled")))
    command = [python, os.path.abspath(__file__), "--child", system, "--only", name, "--arrays", arrays,
               "--budget", str(budget)]
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    lines = done.stdout.decode().splitlines()
    if done.returncode or not lines:
        return {"error": (done.stderr.decode().strip().splitlines() or ["exit %d" % done.returncode])[-1][:120]}
    return json.loads(lines[-1])


def difference(folder, name, system, reference):
    """Largest relative difference of the results of two systems."""
    import numpy as np
    paths = [os.path.join(folder, "%s.%s.npz" % (name, s)) for s in (system, reference)]
    if not all(map(os.path.exists, paths)):
        return None
    ours, theirs = map(np.load, paths)
    return max(float(np.max(np.abs(ours[k] - theirs[k])) / (np.max(np.abs(theirs[k])) + 1e-12)) for k in theirs.files)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--theano", help="the Python of the real Theano")
    parser.add_argument("--only", help="workloads, comma-separated")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--budget", type=float, default=1.0, help="seconds of each measurement")
    parser.add_argument("--out", help="write all figures here as JSON")
    parser.add_argument("--child", choices=SYSTEMS, help=argparse.SUPPRESS)
    parser.add_argument("--arrays", help=argparse.SUPPRESS)
    a = parser.parse_args()
    if a.child:
        measure(a.child, a.only, a.arrays, a.budget)
        return
    sys.path.insert(0, HERE)
    import data
    pythons = {"theano": a.theano, "torch": sys.executable, "tgraph": sys.executable}
    systems = [s for s in SYSTEMS if pythons[s]]
    reference = systems[0]
    table = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in a.only.split(",") if a.only else data.TABLE:
            rounds = {s: [] for s in systems}
            for i in range(a.rounds):
                for s in systems:
                    if sys.stderr.isatty():
                        sys.stderr.write("\r%-14s round %d of %d  %-8s" % (name, i + 1, a.rounds, s))
                    rounds[s].append(run(pythons[s], s, name, folder, a.budget))
            row = table[name] = {}
            for s in systems:
                good = [r for r in rounds[s] if "error" not in r]
                if not good:
                    row[s] = rounds[s][-1]
                    continue
                row[s] = {k: statistics.median(r[k] for r in good) for k in good[0]}
                row[s]["difference"] = difference(folder, name, s, reference)
                row[s]["agrees"] = row[s]["difference"] is None or row[s]["difference"] <= data.TABLE[name][1]
    if sys.stderr.isatty():
        sys.stderr.write("\r%60s\r" % "")
    show(table, systems)
    if a.out:
        with open(a.out, "w") as file:
            json.dump(table, file, indent=1)
            file.write("\n")


def show(table, systems):
    """The table as markdown."""
    def figure(value, digits=3):
        return "-" if value is None else "%.*g" % (digits, value) if value < 1000 else "%d" % value
    print("| workload | " + " | ".join("%s us" % s for s in systems) + " | tgraph / theano | tgraph / torch |"
          " tgraph build s | theano build s | largest difference |")
    print("|---" * (len(systems) + 6) + "|")
    for name, row in table.items():
        def of(system, key):
            return row.get(system, {}).get(key)  # noqa: B023
        ours = of("tgraph", "step_us")
        cells = []
        for s in systems:
            error = row[s].get("error")
            absent = error is not None and f"has no attribute '{name}'" in error  # not offered in plain torch
            cells.append("-" if absent else figure(row[s]["step_us"]) if error is None
                         else "fails: " + error.replace("|", "/"))
        ratios = [figure(ours / of(s, "step_us"), 2) if ours and of(s, "step_us") else "-" for s in ("theano", "torch")]
        worst = of("tgraph", "difference")
        print("| %s | %s | %s | %s | %s | %s%s |" % (
            name, " | ".join(cells), " | ".join(ratios), figure(of("tgraph", "build_s"), 2),
            figure(of("theano", "build_s"), 2), figure(worst, 1), "" if of("tgraph", "agrees") else " DISAGREES"))


if __name__ == "__main__":
    main()
