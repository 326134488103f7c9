"""Fits scikit-learn's forest on the data that `cargo bench -p fincoach-goals --bench forest -- make FOLDER` wrote.

Run with: python3 benches/peers/sklearn_forest.py FOLDER [THREADS [REPEATS]]   (needs scikit-learn)
"""
import sys
import time
from pathlib import Path

import numpy as np
import sklearn
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import brier_score_loss, roc_auc_score

folder = Path(sys.argv[1])
threads = int(sys.argv[2]) if len(sys.argv) > 2 else 2
repeats = int(sys.argv[3]) if len(sys.argv) > 3 else 3


def part(name):
    # Trees are grown on float32: given so, no time is spent on converting.
    x = np.fromfile(folder / f"{name}_x.f64", dtype="<f8").reshape(-1, 10).astype(np.float32)
    return x, np.fromfile(folder / f"{name}_y.u8", dtype=np.uint8)


(x, y), (x_test, y_test) = part("train"), part("test")
print(f"scikit-learn {sklearn.__version__}, numpy {np.__version__}, {threads} threads, {x.shape[0]}x{x.shape[1]}")
seconds, cpu = [], []
for seed in range(repeats):
    forest = RandomForestClassifier(n_estimators=100, max_depth=10, n_jobs=threads, random_state=seed)
    start, start_cpu = time.perf_counter(), time.process_time()
    forest.fit(x, y)
    seconds.append(time.perf_counter() - start)
    cpu.append(time.process_time() - start_cpu)
start = time.perf_counter()
p = forest.predict_proba(x_test)[:, 1]
rate = len(x_test) / (time.perf_counter() - start)
leaves = sum(tree.get_n_leaves() for tree in forest.estimators_)
print(
    f"fit best {min(seconds):.2f} s, median {np.median(seconds):.2f} s (CPU {np.median(cpu):.1f} s); "
    f"accuracy {np.mean((p > 0.5) == y_test):.4f}, AUC {roc_auc_score(y_test, p):.4f}, "
    f"Brier {brier_score_loss(y_test, p):.4f}; {leaves} leaves; predict {rate:.0f} rows/s"
)
