"""Writes kmeans.json: K-means, silhouette, scaling and PCA of scikit-learn on three small tables.

python kmeans.py > kmeans.json   (made with the versions that the file names)
"""

import json
import sys

import numpy as np
import sklearn
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler

rng = np.random.default_rng(2024)


def tables():
    centres = np.array([[0, 0, 0, 0], [6, 6, 0, 0], [0, 6, 6, 3]])
    blobs = np.concatenate([centre + rng.normal(0, 0.7, (12, 4)) for centre in centres])
    overlapping = rng.normal(0, 1, (60, 5)) * np.array([1.0, 100.0, 0.01, 5.0, 2.0])
    constant = np.column_stack([rng.normal(3, 2, 25), np.full(25, 7.0), rng.integers(0, 3, 25).astype(float)])
    return {"blobs": blobs, "overlapping": overlapping, "with a constant column": constant}


def reference(name, values):
    values = np.round(values, 6)
    scaled = StandardScaler().fit_transform(values)
    fits = []
    for k in range(2, 7):
        best = KMeans(k, n_init=1000, random_state=0, tol=0).fit(scaled)
        score = silhouette_score(scaled, best.labels_)
        fits.append({"k": k, "inertia": best.inertia_, "silhouette": score, "labels": best.labels_.tolist()})
    n_components = min(values.shape) - (1 if "constant" in name else 0)
    pca = PCA(n_components, svd_solver="full").fit(scaled)
    return {
        "name": name,
        "values": values.tolist(),
        "kmeans": fits,
        "pca": {
            "explained_variance": pca.explained_variance_.tolist(),
            "explained_variance_ratio": pca.explained_variance_ratio_.tolist(),
            "components": pca.components_.tolist(),
            "first_row": pca.transform(scaled[:1])[0].tolist(),
        },
    }


out = {"sklearn": sklearn.__version__, "numpy": np.__version__, "tables": []}
for name, values in tables().items():
    out["tables"].append(reference(name, values))
json.dump(out, sys.stdout, indent=None, separators=(",", ":"))
print()
