#!/usr/bin/env python3
"""The calibration table of docs/models/simulate.md: quantiles of simulated amounts beside the real ones.

usage: calibration.py transactions.csv quantiles.json months
Simulated: 10, 50 and 90 % of money out per raw category, and rows a month and household. Needs pandas.
"""
import json
import sys

import pandas as pd

rows = pd.read_csv(sys.argv[1])
real = json.load(open(sys.argv[2]))
household_months = rows["User ID"].nunique() * float(sys.argv[3])
print(f"all rows: {len(rows) / household_months:.1f} a month, real {real['rows_per_month']:.1f}")
for name, figures in real["categories"].items():
    amounts = rows.loc[rows["Category"] == name, "Debit Amount"].dropna()
    ours = [float(amounts.quantile(level)) for level in (0.1, 0.5, 0.9)]
    theirs = [figures["quantiles"][place] for place in (2, 4, 6)]
    cells = [" / ".join(f"{value:.2f}" for value in values) for values in (ours, theirs)]
    ratios = " ".join(f"{a / b:.2f}" for a, b in zip(ours, theirs))
    often = f"{len(amounts) / household_months:.1f} / {figures['per_month']:.1f}"
    print(f"| {name} | {cells[0]} | {cells[1]} | {ratios} | {often} |")
ups = rows.loc[rows["Transaction Type"] == "BP", "Debit Amount"]
print("round-ups", [round(float(ups.quantile(level)), 2) for level in (0.1, 0.5, 0.9)])
for name in ("Supplementary Income", "Investment"):
    pounds = rows.loc[rows["Category"] == name, ["Debit Amount", "Credit Amount"]].sum(axis=1)
    print(name, "median", round(float(pounds.median()), 2))
