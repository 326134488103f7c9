"""Writes calibration.json: figures and corrections of probabilities by scikit-learn. Run: python calibration_reference.py"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.calibration import _sigmoid_calibration, calibration_curve
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

rng = np.random.default_rng(20260102)
said = np.round(rng.uniform(0.01, 0.99, size=400), 3)
odds = np.log(said / (1 - said))
happened = rng.uniform(size=400) < 1 / (1 + np.exp(-(0.6 * odds + 0.3)))
# Platt's smoothed targets are those of scikit-learn's sigmoid; given log-odds it fits the same line.
a, b = _sigmoid_calibration(odds, happened)
share, mean = calibration_curve(happened, said, n_bins=10, strategy="uniform")
counts = np.histogram(said, bins=np.linspace(0, 1, 11))[0]
out = {
    "versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__},
    "said": [float(p) for p in said],
    "happened": [bool(h) for h in happened],
    "auc": float(roc_auc_score(happened, said)),
    "brier": float(brier_score_loss(happened, said)),
    "log_loss": float(log_loss(happened, said)),
    "expected_calibration_error": float(np.sum(counts[counts > 0] * np.abs(share - mean)) / 400),
    "platt": {"slope": float(-a), "intercept": float(-b)},
}
Path(__file__).with_name("calibration.json").write_text(json.dumps(out) + "\n")
