"""Probabilities of scikit-learn's multinomial logistic regression on a small log; prints JSON."""

import json

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

n = 60
row = np.arange(n)
states = np.column_stack([row * 37 % 23, row * row % 11]).astype(float)
actions = (states[:, 0] // 6 + row % 2).astype(int)
scaled = StandardScaler().fit_transform(states)
# C = 1 is a ridge of 1 on the sum of the losses; intercepts are free.
model = LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000).fit(scaled, actions)
assert list(model.classes_) == [0, 1, 2, 3, 4]
print(json.dumps({"scikit_learn": sklearn.__version__, "probabilities": model.predict_proba(scaled).round(10).tolist()}))
