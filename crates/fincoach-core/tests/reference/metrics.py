"""Figures and scalings by scikit-learn, for reference.rs. Writes metrics.json beside itself.

Needs numpy and scikit-learn (written with 1.9). sMAPE and MASE, which scikit-learn does not have, are
computed here in exact fractions.
"""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import sklearn
from sklearn import metrics
from sklearn.preprocessing import StandardScaler

rng = np.random.default_rng(20240131)


def regression():
    cases = []
    for n, scale in [(1, 1.0), (7, 0.01), (100, 250.0), (300, 1e6)]:
        actual = np.round(rng.normal(0, scale, n), 3)
        predicted = np.round(actual + rng.normal(0, scale / 3, n), 3)
        zero = rng.random(n) < 0.2
        actual[zero] = 0.0
        predicted[zero & (rng.random(n) < 0.5)] = 0.0
        pairs = [(Fraction(a), Fraction(p)) for a, p in zip(actual.tolist(), predicted.tolist())]
        terms = [abs(a - p) / (abs(a) + abs(p)) if abs(a) + abs(p) else Fraction(0) for a, p in pairs]
        naive = Fraction(scale) / 2
        absolute = sum((abs(a - p) for a, p in pairs), Fraction(0)) / n
        cases.append({
            "actual": actual.tolist(),
            "predicted": predicted.tolist(),
            "naive_mae": float(naive),
            "mae": metrics.mean_absolute_error(actual, predicted),
            "rmse": metrics.root_mean_squared_error(actual, predicted),
            "smape": float(200 * sum(terms, Fraction(0)) / n),
            "mase": float(absolute / naive),
            "pinball": {q: metrics.mean_pinball_loss(actual, predicted, alpha=float(q))
                        for q in ["0.05", "0.5", "0.9", "1"]},
        })
    return cases


def classification():
    cases = []
    for n, decimals in [(2, 3), (20, 1), (200, 2), (100, 17)]:
        actual = rng.random(n) < 0.4
        actual[:2] = [False, True]
        probability = np.clip(rng.normal(0.4 + 0.2 * actual, 0.3), 0, 1)
        if decimals < 17:
            probability = np.round(probability, decimals)  # many ties, and some certain errors
        said = probability >= 0.5
        cases.append({
            "actual": actual.tolist(),
            "probability": probability.tolist(),
            "accuracy": metrics.accuracy_score(actual, said),
            "log_loss": metrics.log_loss(actual, probability),
            "brier": metrics.brier_score_loss(actual, probability),
            "roc_auc": metrics.roc_auc_score(actual, probability),
        })
    return cases


def clustering():
    cases = []
    for n, d, k, spread in [(3, 1, 2, 1.0), (40, 2, 3, 4.0), (60, 5, 58, 1.0), (120, 35, 4, 1.5), (300, 3, 2, 0.0)]:
        labels = rng.integers(0, k, n)
        labels[:k] = np.arange(k)
        if n == 40:
            labels[labels == 2] = 0
            labels[7] = 2  # a singleton
        centres = rng.normal(0, spread, (k, d))
        points = np.round(centres[labels] + rng.normal(0, 1, (n, d)), 3)
        names = labels * 7 + 3  # labels need not be 0..k
        cases.append({
            "points": points.tolist(),
            "labels": names.tolist(),
            "samples": metrics.silhouette_samples(points, names).tolist(),
            "silhouette": metrics.silhouette_score(points, names),
        })
    return cases


def adjusted_rand():
    pairs = [
        ([0, 0, 0, 0], [0, 1, 2, 3]), ([0, 0, 0], [5, 5, 5]), ([0, 1, 2], [2, 1, 0]), ([4], [9]),
        ([0, 0, 1, 1], [0, 1, 0, 1]), ([0, 0, 1, 2], [0, 0, 1, 1]),
    ]
    for n, k in [(10, 2), (200, 5), (1000, 40)]:
        a = rng.integers(0, k, n)
        pairs.append((a.tolist(), rng.integers(0, k + 1, n).tolist()))
        b = np.where(rng.random(n) < 0.8, (a + 1) % k, rng.integers(0, k, n))
        pairs.append((a.tolist(), b.tolist()))
    return [{"a": a, "b": b, "score": metrics.adjusted_rand_score(a, b)} for a, b in pairs]


def scalers():
    plain = np.round(rng.normal([0, 1e3, -5], [1, 250, 0.01], (50, 3)), 6)
    tables = [
        plain,
        np.column_stack([plain[:, 0], np.full(50, 0.1), np.full(50, -1e9 / 3)]),  # constant columns
        np.array([[3.5, -2.0]]),  # one row
        np.round(rng.normal(1e8, 1e-3, (30, 1)), 6),  # a small deviation on a large mean
        np.column_stack([rng.lognormal(6, 2, 40), rng.integers(0, 2, 40)]),
    ]
    cases = []
    for values in tables:
        scaler = StandardScaler().fit(values)
        cases.append({
            "values": values.tolist(),
            "means": scaler.mean_.tolist(),
            "scales": scaler.scale_.tolist(),
            "transformed": scaler.transform(values).tolist(),
        })
    return cases


reference = {
    "scikit_learn": sklearn.__version__,
    "regression": regression(),
    "classification": classification(),
    "clustering": clustering(),
    "adjusted_rand": adjusted_rand(),
    "scalers": scalers(),
}
Path(__file__).with_name("metrics.json").write_text(json.dumps(reference) + "\n")
