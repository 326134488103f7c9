"""Writes forest.json: what scikit-learn's forest says of the data of sklearn.json. Run: python forest_reference.py"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import permutation_importance
from sklearn.metrics import brier_score_loss
from sklearn.tree import DecisionTreeClassifier

folder = Path(__file__).parent
data = json.loads((folder / "sklearn.json").read_text())
x, y = np.array(data["x"]), np.array(data["y"])
x_test, y_test = np.array(data["x_test"]), np.array(data["y_test"])


def floats(values):
    return [float(value) for value in values]


out = {"versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__}, "monotone": []}

# Single trees held to a direction: the first size at which every seed gives the same, so that no two splits are equal.
for signs in [[1, 0, 0, 0, 0], [-1, 0, 0, 1, 0], [1, -1, 0, 0, 0], [0, 1, 1, -1, 0]]:
    for depth, leaf in [(4, 15), (3, 20), (3, 12), (3, 30), (2, 20), (4, 40), (2, 40), (1, 1)]:
        params = {"max_depth": depth, "min_samples_leaf": leaf, "monotonic_cst": signs}
        grown = [DecisionTreeClassifier(random_state=seed, **params).fit(x, y) for seed in range(20)]
        answers = [tree.predict_proba(x_test)[:, 1] for tree in grown]
        if all(np.allclose(answer, answers[0], atol=1e-12) for answer in answers):
            break
    else:
        raise SystemExit(f"equal splits at every size: {signs}")
    out["monotone"].append(
        {
            "signs": signs,
            "max_depth": depth,
            "min_samples_leaf": leaf,
            "n_leaves": int(grown[0].get_n_leaves()),
            "probabilities": floats(answers[0]),
        }
    )
    print(signs, depth, leaf, grown[0].get_n_leaves())

# Forests: means over ten seeds.
oob, permuted = [], []
for seed in range(10):
    forest = RandomForestClassifier(n_estimators=100, max_depth=10, oob_score=True, random_state=seed).fit(x, y)
    p = forest.oob_decision_function_[:, 1]
    assert np.isfinite(p).all()
    oob.append([brier_score_loss(y, p), float(np.mean((p > 0.5) == y))])
    scored = permutation_importance(
        forest, x_test, y_test, scoring="neg_brier_score", n_repeats=5, random_state=seed
    )
    permuted.append(scored.importances_mean)
out["oob_brier"], out["oob_accuracy"] = floats(np.mean(oob, axis=0))
out["permutation"] = floats(np.mean(permuted, axis=0))
(folder / "forest.json").write_text(json.dumps(out) + "\n")
print({key: out[key] for key in ("oob_brier", "oob_accuracy", "permutation")})
