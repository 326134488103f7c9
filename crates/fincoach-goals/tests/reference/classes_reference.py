"""Writes classes.json: what scikit-learn says of three classes on the data of sklearn.json. Run: python classes_reference.py"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

folder = Path(__file__).parent
data = json.loads((folder / "sklearn.json").read_text())
x, x_test = np.array(data["x"]), np.array(data["x_test"])


def classes(rows, seed):
    """Three classes by two columns and noise."""
    level = rows[:, 0] + 0.7 * rows[:, 1] + 0.5 * np.random.default_rng(seed).normal(size=len(rows))
    return np.digitize(level, [-0.5, 0.8])


y, y_test = classes(x, 1), classes(x_test, 2)


def floats(values):
    return [float(value) for value in values]


out = {"versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__}}
out |= {"y": y.tolist(), "y_test": y_test.tolist(), "trees": []}

# Single trees: the first size at which every seed gives the same, so that no two splits are equal.
for balanced in [False, True]:
    for depth, leaf in [(4, 15), (3, 15), (3, 20), (3, 30), (2, 20), (2, 40), (1, 1)]:
        params = {"max_depth": depth, "min_samples_leaf": leaf, "class_weight": "balanced" if balanced else None}
        grown = [DecisionTreeClassifier(random_state=seed, **params).fit(x, y) for seed in range(20)]
        answers = [tree.predict_proba(x_test) for tree in grown]
        if all(np.allclose(answer, answers[0], atol=1e-12) for answer in answers):
            break
    else:
        raise SystemExit("equal splits at every size")
    out["trees"].append(
        {
            "balanced": balanced,
            "max_depth": depth,
            "min_samples_leaf": leaf,
            "probabilities": [floats(row) for row in answers[0]],
            "importances": floats(grown[0].feature_importances_),
        }
    )
    print(balanced, depth, leaf, grown[0].get_n_leaves())

# Forests: means over ten seeds.
figures, importances = [], []
for seed in range(10):
    forest = RandomForestClassifier(n_estimators=100, max_depth=10, oob_score=True, random_state=seed).fit(x, y)
    figures.append([forest.score(x_test, y_test), forest.oob_score_])
    importances.append(forest.feature_importances_)
out["accuracy"], out["oob_accuracy"] = floats(np.mean(figures, axis=0))
out["importances"] = floats(np.mean(importances, axis=0))
(folder / "classes.json").write_text(json.dumps(out) + "\n")
print({key: out[key] for key in ("accuracy", "oob_accuracy", "importances")}, np.bincount(y))
