"""Writes sklearn.json: what scikit-learn answers on fixed data. Run: python sklearn_reference.py"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.ensemble import RandomForestClassifier
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report, roc_auc_score
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

warnings.filterwarnings("ignore")


def data(rng, n):
    # Multiples of 1/1024 are exact in the float32 that trees are grown on.
    x = np.round(rng.normal(size=(n, 5)) * 1024) / 1024
    z = 1.5 * x[:, 0] - x[:, 1] * x[:, 2] + np.abs(x[:, 3]) - 0.8
    return x, rng.uniform(size=n) < 1 / (1 + np.exp(-2 * z))


def floats(values):
    return [float(value) for value in values]


rng = np.random.default_rng(20260101)
x, y = data(rng, 300)
x_test, y_test = data(rng, 500)
out = {
    "versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__},
    "x": [floats(row) for row in x],
    "y": [bool(value) for value in y],
    "x_test": [floats(row) for row in x_test],
    "y_test": [bool(value) for value in y_test],
}

# Trees: shallow and with large leaves, so that no two splits are equally good; checked with several seeds.
out["trees"] = []
for depth, leaf, weight in [(3, 8, None), (5, 30, None), (4, 10, "balanced"), (1, 1, None)]:
    grown = [
        DecisionTreeClassifier(max_depth=depth, min_samples_leaf=leaf, class_weight=weight, random_state=seed).fit(x, y)
        for seed in range(20)
    ]
    answers = [tree.predict_proba(x_test)[:, 1] for tree in grown]
    assert all(np.allclose(answer, answers[0], atol=1e-12) for answer in answers), "equal splits"
    out["trees"].append(
        {
            "max_depth": depth,
            "min_samples_leaf": leaf,
            "balanced": weight is not None,
            "n_leaves": int(grown[0].get_n_leaves()),
            "depth": int(grown[0].get_depth()),
            "probabilities": floats(answers[0]),
            "importances": floats(grown[0].feature_importances_),
        }
    )

forests = [RandomForestClassifier(n_estimators=100, max_depth=10, random_state=seed).fit(x, y) for seed in range(10)]
probabilities = [forest.predict_proba(x_test)[:, 1] for forest in forests]
out["forest"] = {
    "accuracy": floats(np.mean((p > 0.5) == y_test) for p in probabilities),
    "auc": floats(roc_auc_score(y_test, p) for p in probabilities),
    "mean_probability": floats(np.round(np.mean(probabilities, axis=0), 6)),
    "importances": floats(np.mean([forest.feature_importances_ for forest in forests], axis=0)),
}

# Logistic regression.
scaler = StandardScaler().fit(x)
out["logistic"] = []
for c in [1.0, 0.05, 100.0]:
    model = LogisticRegression(C=c, tol=1e-12, max_iter=10_000, solver="newton-cholesky").fit(scaler.transform(x), y)
    out["logistic"].append(
        {
            "l2": 1.0 / c,
            "coefficients": floats(model.coef_[0]),
            "intercept": float(model.intercept_[0]),
            "probabilities": floats(model.predict_proba(scaler.transform(x_test))[:, 1]),
        }
    )

# Isotonic regression, with equal probabilities among the inputs.
p = np.round(rng.uniform(size=120), 2)
happened = rng.uniform(size=120) < p**2
grid = np.linspace(0, 1, 501)
curve = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(p, happened)
out["isotonic"] = {
    "probabilities": floats(p),
    "happened": [bool(value) for value in happened],
    "grid": floats(grid),
    "values": floats(curve.predict(grid)),
}

# Classification reports, a class that is never said among them.
out["reports"] = []
for said in [probabilities[0] > 0.5, np.zeros(500, bool), np.ones(500, bool), rng.uniform(size=500) < 0.1]:
    report = classification_report(y_test, said, output_dict=True, zero_division=0)
    keys = [("False", "missed"), ("True", "reached"), ("macro avg", "macro"), ("weighted avg", "weighted")]
    entry = {ours: [float(report[theirs][k]) for k in ("precision", "recall", "f1-score", "support")] for theirs, ours in keys}
    out["reports"].append({"said": [bool(value) for value in said], "accuracy": float(report["accuracy"]), **entry})

Path(__file__).with_name("sklearn.json").write_text(json.dumps(out) + "\n")
