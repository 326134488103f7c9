#!/usr/bin/env python3
"""How well a random forest tells the archetypes apart from twelve months of features.

cargo run --release --example simulate -- --users-count 1000 --months 12 --out sim
cargo run --release --example features -- --input sim/transactions.csv --users 'column:User ID' --schema v2 --out features
usage: archetypes.py features/features.csv sim/truth.csv

Empty cells become medians of the training folds, with an indicator column. Five-fold, stratified, five times.
Needs pandas and scikit-learn.
"""
import sys

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline

features = pd.read_csv(sys.argv[1]).set_index("user")
truth = pd.read_csv(sys.argv[2]).set_index("user")
table = features.select_dtypes("number").join(truth["archetype"], how="inner")
x, y = table.drop(columns="archetype"), table["archetype"]
model = make_pipeline(
    SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
    RandomForestClassifier(300, random_state=0, n_jobs=1),
)
folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=5, random_state=0)
scores = cross_val_score(model, x, y, cv=folds)
repeats = scores.reshape(5, 5).mean(axis=1)
print(f"{len(y)} households, {x.shape[1]} features")
print(f"accuracy {scores.mean():.4f}, deviation over folds {scores.std(ddof=1):.4f}, over repeats {repeats.std(ddof=1):.4f}")
names = sorted(y.unique())
told = cross_val_predict(model, x, y, cv=5)
print(names)
print(np.round(confusion_matrix(y, told, labels=names, normalize="true"), 2))
