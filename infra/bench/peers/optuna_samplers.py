"""Best values that Optuna's samplers find on standard test functions: what ours are compared with.

    python -m pip install optuna==5.0.0
    python infra/bench/peers/optuna_samplers.py > workflows/search/testdata/optuna.json

The functions are those of workflows/search/src/testing/functions.ts, which says where they come from.
"""

import json
import math
import sys

import optuna

SEEDS = 30
TRIALS = 60


def sphere(t):
    return sum((t.suggest_float(f"x{i}", -5, 5) - 1) ** 2 for i in range(4))


def branin(t):
    x, y = t.suggest_float("x0", -5, 10), t.suggest_float("x1", 0, 15)
    b, c, s = 5.1 / (4 * math.pi**2), 5 / math.pi, 1 / (8 * math.pi)
    return (y - b * x * x + c * x - 6) ** 2 + 10 * (1 - s) * math.cos(x) + 10


A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
P = [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
]
ALPHA = [1, 1.2, 3, 3.2]


def hartmann6(t):
    x = [t.suggest_float(f"x{i}", 0, 1) for i in range(6)]
    return -sum(
        ALPHA[i] * math.exp(-sum(A[i][j] * (x[j] - P[i][j]) ** 2 for j in range(6))) for i in range(4)
    )


def rosenbrock(t):
    x = [t.suggest_float(f"x{i}", -2, 2) for i in range(3)]
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(2))


def mixed(t):
    """As hyper-parameters are: a rate on a logarithm, a width in steps, a choice with a parameter of its own."""
    rate = math.log10(t.suggest_float("rate", 1e-5, 1e-1, log=True))
    width = t.suggest_int("width", 16, 256, step=16)
    kind = t.suggest_categorical("kind", ["a", "b", "c"])
    loss = (rate + 3 + (0.5 if kind == "b" else 0)) ** 2 + ((width - 144) / 96) ** 2
    if kind == "c":
        return loss + 0.1 + (t.suggest_float("extra", 0, 1) - 0.7) ** 2
    return loss + (0.3 if kind == "a" else 0)


FUNCTIONS = [sphere, branin, hartmann6, rosenbrock, mixed]
SAMPLERS = {
    "tpe": lambda seed: optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True),
    "random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
    "sobol": lambda seed: optuna.samplers.QMCSampler(seed=seed, scramble=True, warn_independent_sampling=False),
}


def best(function, sampler, seed):
    study = optuna.create_study(sampler=sampler(seed))
    study.optimize(function, n_trials=TRIALS)
    return float(f"{study.best_value:.6g}")


def main():
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    results = {}
    for name, sampler in SAMPLERS.items():
        results[name] = {}
        for function in FUNCTIONS:
            print(name, function.__name__, file=sys.stderr)
            results[name][function.__name__] = [best(function, sampler, seed) for seed in range(SEEDS)]
    facts = {"source": f"optuna {optuna.__version__}", "trials": TRIALS, "seeds": SEEDS}
    json.dump({**facts, "best": results}, sys.stdout, indent=1)


main()
