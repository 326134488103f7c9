#!/usr/bin/env python3
"""Schema v1 by pandas on synthetic rows with times of day, missing cities and missing descriptions.

Writes features.json beside itself. Made with pandas 2 and numpy 2; run it again after a change of the schema.
"""
import json
from pathlib import Path

import numpy as np
import pandas as pd

CATEGORIES = ["groceries", "dine_out", "entertainment", "bills", "transport", "shopping", "health", "fitness",
              "savings", "income", "other"]
LOOKBACK, MIN_TRANSACTIONS = 30, 5


def ledger(rng):
    rows = []
    for user in range(12):
        n = [3, 5, 40, 80, 120][user % 5]
        times = pd.Timestamp("2023-03-01") + pd.to_timedelta(np.sort(rng.integers(0, 75 * 86400, n)), unit="s")
        if user % 4 == 3:
            times = times.normalize()
        balance = int(rng.integers(-20_000, 200_000))
        for time in times:
            pence = int(rng.integers(50_000, 250_000)) if rng.random() < 0.06 else -int(rng.integers(50, 9_000))
            if rng.random() < 0.05:
                pence = 0
            balance += pence
            rows.append({
                "user": str(user), "time": str(time), "pence": pence, "balance": balance,
                "category": CATEGORIES[int(rng.integers(0, 11)) if user else 0],
                "description": None if rng.random() < 0.2 or user == 7 else f"shop {int(rng.integers(0, 8))}",
                "city": None if rng.random() < 0.3 else f"city {int(rng.integers(0, 4))}",
            })
    return rows


def std(x):
    return float(x.std(ddof=1)) if len(x) > 1 else 0.0


def features(rows):
    end = rows["time"].max()
    t = rows[rows["time"] >= end - pd.Timedelta(days=LOOKBACK)]
    n = len(t)
    spend = -t.loc[t["amount"] < 0, "amount"]
    total_spending, total_income = spend.sum(), t.loc[t["amount"] > 0, "amount"].sum()
    balance = t["balance"].iloc[-1]
    by_cat = (-t[t["amount"] < 0].groupby("category")["amount"].sum()).to_dict()
    row = [balance, total_spending, total_income, float(n)]
    row += [by_cat.get(c, 0.0) for c in CATEGORIES]
    row += [(total_income - total_spending) / max(total_income, 1), total_spending / max(n, 1)]

    def net_ratio(mask):
        return abs(t.loc[mask, "amount"].sum()) / max(total_spending, 1)

    weekday, hour = t["time"].dt.day_of_week, t["time"].dt.hour
    row += [net_ratio(weekday < 5), net_ratio(weekday >= 5), net_ratio(hour < 12), net_ratio(hour >= 18)]
    large = float((spend > spend.quantile(0.8)).sum()) / max(len(spend), 1) if len(spend) else 0.0
    gaps_h = t["time"].sort_values(kind="stable").diff().dt.total_seconds() / 3600
    p = t["category"].value_counts() / n
    entropy = float(-(p * np.log2(p)).sum())
    consistency = 1 / (1 + std(spend) / max(spend.mean(), 1)) if len(spend) else 0.0
    row += [std(spend), large, float((gaps_h < 1).sum()) / n, entropy, consistency]
    monthly = total_spending * (30 / n)
    row += [1.0, float((t["category"] == "savings").sum()) / n, balance / max(monthly * 3, 1), float(balance < 0)]
    merchants = t["description"].value_counts()
    row += [
        float(merchants.max()) / n if len(merchants) else 0.0,
        t["city"].nunique() / n,
        1.0 + 0.2 * np.sin(2 * np.pi * t["time"].dt.month.mode()[0] / 12),
    ]
    row += [std(t["balance"]), float(balance < 100 and total_spending > total_income)]
    return [float(x) for x in row]


def main():
    rows = ledger(np.random.default_rng(20240131))
    df = pd.DataFrame(rows)
    df["time"] = pd.to_datetime(df["time"])
    df["amount"], df["balance"] = df["pence"] / 100, df["balance"] / 100
    expected, left_out = [], []
    for user, g in df.groupby("user", sort=False):
        if len(g) < MIN_TRANSACTIONS:
            left_out.append(user)
        else:
            expected.append({"user": user, "as_of": str(g["time"].max()), "values": features(g)})
    out = {"rows": rows, "expected": expected, "left_out": left_out}
    Path(__file__).with_name("features.json").write_text(json.dumps(out, indent=0) + "\n")


if __name__ == "__main__":
    main()
