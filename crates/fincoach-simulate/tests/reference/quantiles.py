#!/usr/bin/env python3
"""Quantiles of the amounts and rows per month of each category of one real account.

usage: quantiles.py moneydata.csv > quantiles.json
Rows that leave the account only; raw categories without stray spaces. Needs pandas.
"""
import json
import sys

import pandas as pd

LEVELS = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]
CATEGORIES = [
    "Amazon", "Bills", "Cash", "Clothes", "Dine Out", "Entertainment", "Fitness", "Groceries",
    "Home Improvement", "Insurance", "Other Shopping", "Others", "Services", "Travel",
]

rows = pd.read_csv(sys.argv[1])
dates = pd.to_datetime(rows["Transaction Date"], format="%d/%m/%Y")
months = (dates.max() - dates.min()).days / 30.4375
category = rows["Category"].str.strip()
amounts = {name: rows.loc[category == name, "Debit Amount"].dropna() for name in CATEGORIES}
print(json.dumps({
    "rows_per_month": round(len(rows) / months, 3),
    "levels": LEVELS,
    "categories": {
        name: {
            "per_month": round(len(values) / months, 3),
            "quantiles": [round(float(values.quantile(level)), 2) for level in LEVELS],
        }
        for name, values in amounts.items()
    },
}, indent=1))
