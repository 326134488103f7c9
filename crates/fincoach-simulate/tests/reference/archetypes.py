#!/usr/bin/env python3
"""How well a random forest tells the archetypes apart from twelve months of features.

cargo run --release --example simulate -- --users-count 1000 --months 12 --out sim
cargo run --release --example features -- --input sim/transactions.csv --users 'column:User ID' --schema v2 --out features
usage: archetypes.py features/features.csv sim/truth.csv [repeats]

Empty cells become medians of the training folds, with an indicator column. Five folds, stratified; the deviation is
over folds. Needs pandas and scikit-learn.
"""
import sys

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import RepeatedStratifiedKFold
from sklearn.pipeline import make_pipeline

features = pd.read_csv(sys.argv[1]).set_index("user")
truth = pd.read_csv(sys.argv[2]).set_index("user")
table = features.select_dtypes("number").join(truth["archetype"], how="inner")
x, y = table.drop(columns="archetype"), table["archetype"].to_numpy()
repeats = int(sys.argv[3]) if len(sys.argv) > 3 else 1
scores, told, true = [], [], []
for train, test in RepeatedStratifiedKFold(n_splits=5, n_repeats=repeats, random_state=0).split(x, y):
    model = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        RandomForestClassifier(300, random_state=0, n_jobs=1),
    ).fit(x.iloc[train], y[train])
    told.extend(model.predict(x.iloc[test]))
    true.extend(y[test])
    scores.append(model.score(x.iloc[test], y[test]))
print(f"{len(y)} households, {x.shape[1]} features, {repeats} x 5 folds")
print(f"accuracy {np.mean(scores):.4f}, deviation over folds {np.std(scores, ddof=1):.4f}")
names = sorted(set(y))
print(names)
print(np.round(confusion_matrix(true, told, labels=names, normalize="true"), 2))
