"""Golden values of paired comparisons: SciPy's t distribution, paired t test and exact McNemar test, and mean squares by NumPy."""

import generate
import numpy as np
import scipy.stats

GRID = [1, 1.7, 2, 3.5, 10, 47.3, 500, 20_000.5]


def crossed(values):
    """Interval of the mean by a least-squares fit of the two-way layout, its components cut at zero."""
    seeds, images = values.shape
    ones = np.ones((seeds, images))
    rows, columns = np.eye(seeds)[:, :, None] * ones[0], np.eye(images)[:, None, :] * np.ones((seeds, 1))
    # Sequential sums of squares by projection: seeds, then images, then what is left.
    design_s = rows.reshape(seeds, -1).T
    design = np.c_[design_s, columns.reshape(images, -1).T]
    y = values.ravel()
    fit = lambda x: x @ np.linalg.lstsq(x, y, rcond=None)[0]
    total, by_seed, by_both = y.mean(), fit(design_s), fit(design)
    square_s = ((by_seed - total) ** 2).sum() / (seeds - 1)
    square_i = ((by_both - by_seed) ** 2).sum() / (images - 1)
    rest_degrees = (seeds - 1) * (images - 1)
    rest = ((y - by_both) ** 2).sum() / rest_degrees
    components = {"seed": max(square_s - rest, 0), "image": max(square_i - rest, 0)}
    scaled = sum(components.values()) + rest
    parts = [(square_s, seeds - 1)] * int(components["seed"] > 0) + [(square_i, images - 1)] * int(components["image"] > 0)
    parts += [((1 - len(parts)) * rest, rest_degrees)]
    degrees = max(1, scaled**2 / sum(part**2 / free for part, free in parts))
    error = np.sqrt(scaled / y.size)
    low, high = scipy.stats.t.interval(0.95, degrees, total, error)
    return {"difference": total, "standardError": error, "degreesOfFreedom": degrees, "low": low, "high": high}


def main(ml):
    rng = np.random.default_rng(3)
    cases = []
    for seeds, images, spread in ((3, 12, 0.4), (5, 30, 0.0), (2, 8, 1.0), (4, 25, 0.05)):
        values = rng.normal(0.1, 1, (seeds, images)) + spread * rng.normal(0, 1, (seeds, 1)) + rng.normal(0, 0.7, images)
        values = np.round(values, 3)
        cases.append({"seeds": seeds, "images": images, "values": values.ravel().tolist(), **crossed(values)})
    single = np.round(rng.normal(0.2, 1, 40), 3)
    paired = scipy.stats.ttest_rel(single, np.zeros(40)).confidence_interval(0.95)
    first, second = rng.random(60) < 0.7, rng.random(60) < 0.5
    ours, theirs = int((first & ~second).sum()), int((second & ~first).sum())
    content = {
        "tails": [[t, nu, float(scipy.stats.t.sf(t, nu))] for nu in GRID for t in (0.0, 0.3, 1.0, 2.5, 12.0)],
        "quantiles": [[p, nu, float(scipy.stats.t.ppf(p, nu))] for nu in GRID for p in (0.5, 0.8, 0.975, 0.9999)],
        "crossed": cases,
        "single": {"values": single.tolist(), "low": paired.low, "high": paired.high},
        "mcnemar": {
            "first": first.astype(int).tolist(),
            "second": second.astype(int).tolist(),
            "firstOnly": ours,
            "secondOnly": theirs,
            "pValue": float(scipy.stats.binomtest(ours, ours + theirs, 0.5).pvalue),
        },
    }
    path = ml / "statistics" / "src" / "statistics.golden.json"
    generate.write_json(path, 1e-9, "scipy.stats t, ttest_rel, binomtest; two-way layout by numpy.linalg.lstsq", content)
