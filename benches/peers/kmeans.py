"""K-means and the silhouette of scikit-learn on the data of `cargo bench -p fincoach-segmentation`.

OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=2 python3 benches/peers/kmeans.py FOLDER

FOLDER holds what `cargo bench -p fincoach-segmentation --bench segmentation -- make FOLDER` wrote: matrices of float64,
row after row, whose file names tell their shape. Without the two variables OpenBLAS and OpenMP start threads under one
another and the fit takes two to five times as long. Prints the best and the median of five fits, and the inertia.
"""

import os
import pathlib
import platform
import statistics
import sys
import time

import numpy as np
import sklearn
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from threadpoolctl import threadpool_info


def main(folder):
    threads = {pool["internal_api"]: pool["num_threads"] for pool in threadpool_info()}
    print(f"python {platform.python_version()}, scikit-learn {sklearn.__version__}, numpy {np.__version__}, {threads}")
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        print("not tuned: set OPENBLAS_NUM_THREADS=1 and OMP_NUM_THREADS=2")
    for path in sorted(pathlib.Path(folder).glob("*.f64")):
        kind, rows, columns, *_ = path.stem.split("-")
        points = np.fromfile(path).reshape(int(rows), int(columns))
        kmeans(path.stem, points)
        if kind == "overlapping" and len(points) == 10_000 and path.stem.endswith("-0"):
            silhouette(path.stem, points)


def timed(what, run, n=5):
    seconds = []
    for _ in range(n):
        start = time.perf_counter()
        result = run()
        seconds.append(time.perf_counter() - start)
    print(f"{what}: best {min(seconds):.4f} s, median {statistics.median(seconds):.4f} s", end="")
    return result


def kmeans(name, points):
    fitted = timed(f"kmeans {name}", lambda: KMeans(5, n_init=10, random_state=0).fit(points))
    print(f", inertia {fitted.inertia_:.10f}, iterations of the best {fitted.n_iter_}", flush=True)


def silhouette(name, points):
    labels = KMeans(5, n_init=1, random_state=0).fit_predict(points)
    score = timed(f"silhouette {name}", lambda: silhouette_score(points, labels), 3)
    print(f", silhouette {score:.10f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
