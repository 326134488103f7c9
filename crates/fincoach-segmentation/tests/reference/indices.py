"""Writes indices.json: figures of clusterings by scikit-learn on a fixed table, and K-means' inertia on it.

python indices.py > indices.json   (made with the versions that the file names)
"""

import json
import sys

import numpy as np
import sklearn
from sklearn.cluster import KMeans
from sklearn.metrics import (
    adjusted_rand_score,
    calinski_harabasz_score,
    davies_bouldin_score,
    silhouette_score,
)

rng = np.random.default_rng(77)
centres = rng.normal(0, 1.5, (4, 6))
truth = np.arange(200) % 4
points = np.round(centres[truth] + rng.normal(0, 1, (200, 6)), 6)

cases = []
for k in (2, 3, 4, 5, 7):
    fitted = KMeans(k, n_init=1000, random_state=0, tol=0).fit(points)
    labels = fitted.labels_
    cases.append(
        {
            "k": k,
            "inertia": fitted.inertia_,
            "labels": labels.tolist(),
            "silhouette": silhouette_score(points, labels),
            "davies_bouldin": davies_bouldin_score(points, labels),
            "calinski_harabasz": calinski_harabasz_score(points, labels),
            "adjusted_rand": adjusted_rand_score(truth, labels),
        }
    )
out = {"sklearn": sklearn.__version__, "numpy": np.__version__, "points": points.tolist(), "cases": cases}
json.dump(out, sys.stdout, indent=None, separators=(",", ":"))
print()
