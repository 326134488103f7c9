"""Schema v1 with polars, as fast as we could make it: the peer of `cargo bench -p fincoach-features --bench v1_features`.

Run with: POLARS_MAX_THREADS=2 python3 benches/peers/v1_features.py export.csv [table.csv]   (needs polars)

Prints the best of five of: reading the file into memory, the features from there, and both; then the peak memory of
the process. With a second name it writes the table, so that ours can be compared with it.

It makes use of what it knows of this file, which ours finds out or does not need: dates have no time of day (so the rows
less than an hour after the one before are those that are not the first of their day), and a user's rows stand newest
first (so the first is the last). Nothing has to be sorted.
"""
import os
import resource
import sys
import time

os.environ.setdefault("POLARS_MAX_THREADS", "2")

import polars as pl  # noqa: E402  (reads the number of threads when imported)

REPEATS, LOOKBACK, MIN_TRANSACTIONS = 5, 30, 5
CATEGORIES = {
    "groceries": ["Groceries"],
    "dine_out": ["Dine Out"],
    "entertainment": ["Entertainment"],
    "bills": ["Bills"],
    "transport": ["Travel", "Transport"],
    "shopping": ["Amazon", "Other Shopping"],
    "health": ["Health", "Insurance"],
    "fitness": ["Fitness"],
    "savings": ["Savings", "Investment"],
    "income": ["Supplementary Income"],
    "other": ["Others", "Cash", "Services", "Home Improvement"],
}
NUMBER = {raw: number for number, raws in enumerate(CATEGORIES.values()) for raw in raws}
OTHER = len(CATEGORIES) - 1
SCHEMA = {
    "Transaction Number": pl.UInt32,
    "Transaction Date": pl.String,
    "Transaction Type": pl.String,
    "Transaction Description": pl.String,
    "Debit Amount": pl.Float64,
    "Credit Amount": pl.Float64,
    "Balance": pl.Float64,
    "Category": pl.String,
    "Location City": pl.String,
    "Location Country": pl.String,
    "User ID": pl.String,
}


def scan(path):
    """The columns that are needed, typed; the work of reading."""
    category = pl.col("Category").replace_strict(NUMBER, default=OTHER, return_dtype=pl.UInt8)
    return pl.scan_csv(path, schema=SCHEMA).select(
        user=pl.col("User ID").cast(pl.Categorical),  # numbers are grouped faster than texts
        date=pl.col("Transaction Date").str.to_date("%d/%m/%Y"),
        description=pl.col("Transaction Description"),
        amount=pl.col("Credit Amount").fill_null(0.0) - pl.col("Debit Amount").fill_null(0.0),
        balance=pl.col("Balance"),
        category=category,
        city=pl.col("Location City"),
    )


def features(rows):
    """The 35 features, one row per user, from a lazy frame."""
    c = pl.col
    # The rows of the look-back of users with enough rows in all. A filter keeps their order, a join would not.
    of_last_days = c.date >= c.date.max().over("user") - pl.duration(days=LOOKBACK)
    window = rows.filter(of_last_days & (pl.len().over("user") >= MIN_TRANSACTIONS))
    # Columns of one kind of row each, as long as the rows: a filter within the groups is slower.
    is_weekday = c.date.dt.weekday() < 6
    window = window.with_columns(
        spend=pl.when(c.amount < 0).then(-c.amount),
        income=pl.when(c.amount > 0).then(c.amount),
        weekday=pl.when(is_weekday).then(c.amount),
        weekend=pl.when(~is_weekday).then(c.amount),
        month=c.date.dt.month(),
        **{f"n_{k}": c.category == k for k in range(len(CATEGORIES))},
    ).with_columns(pl.when(f"n_{k}").then("spend").alias(f"spent_{k}") for k in range(len(CATEGORIES)))
    sums = window.group_by("user").agg(
        c("income", "weekday", "weekend").sum(),
        c(f"spent_{k}" for k in range(len(CATEGORIES))).sum(),
        c(f"n_{k}" for k in range(len(CATEGORIES))).sum().cast(pl.Float64),
        balance=c.balance.first(),
        spending=c.spend.sum(),
        n=pl.len().cast(pl.Float64),
        all_net=c.amount.sum(),
        std=c.spend.std(),
        mean=c.spend.mean(),
        n_spends=c.spend.count(),
        n_large=(c.spend > c.spend.quantile(0.8, "linear")).sum(),
        n_days=c.date.n_unique(),
        n_top=c.description.drop_nulls().unique_counts().max(),
        n_cities=c.city.drop_nulls().n_unique(),
        month=c.month.mode().min(),
        balance_std=c.balance.std(),
    )
    return finished(sums)


def finished(sums):
    """The features from the sums of each user."""
    c, spending = pl.col, pl.max_horizontal(pl.col("spending"), 1.0)
    std = c.std.fill_null(0.0)
    shares = [c(f"n_{k}") / c.n for k in range(len(CATEGORIES))]
    entropy = -sum(pl.when(p > 0).then(p * p.log(2)).otherwise(0.0) for p in shares)
    return sums.select(
        user="user",
        current_balance=c.balance,
        total_spending=c.spending,
        total_income=c.income,
        transaction_count=c.n,
        **{f"{name}_spending": c(f"spent_{k}") for k, name in enumerate(CATEGORIES)},
        savings_rate=(c.income - c.spending) / pl.max_horizontal(c.income, 1.0),
        spending_velocity=c.spending / c.n,
        weekday_spending_ratio=c.weekday.abs() / spending,
        weekend_spending_ratio=c.weekend.abs() / spending,
        morning_spending_ratio=c.all_net.abs() / spending,
        evening_spending_ratio=pl.lit(0.0),
        spending_volatility=std,
        large_transaction_ratio=c.n_large / pl.max_horizontal(c.n_spends, 1),
        impulse_buying_score=(c.n - c.n_days) / c.n,
        category_diversity=entropy,
        spending_consistency=pl.when(c.n_spends > 0)
        .then(1 / (1 + std / pl.max_horizontal(c("mean"), 1.0)))
        .otherwise(0.0),
        budget_adherence_score=pl.lit(1.0),
        savings_consistency=c(f"n_{list(CATEGORIES).index('savings')}") / c.n,
        emergency_fund_ratio=c.balance / pl.max_horizontal(c.spending * (30 / c.n) * 3, 1.0),
        debt_indicator=(c.balance < 0).cast(pl.Float64),
        merchant_loyalty_score=c.n_top.fill_null(0) / c.n,
        location_diversity=c.n_cities / c.n,
        seasonal_spending_factor=1 + 0.2 * (2 * 3.141592653589793 * c.month / 12).sin(),
        balance_volatility=c.balance_std.fill_null(0.0),
        financial_stress_indicator=((c.balance < 100) & (c.spending > c.income)).cast(pl.Float64),
    )


def best(times):
    return f"{min(times):.4f} s"


def main():
    path, reading, computing, in_all = sys.argv[1], [], [], []
    for _ in range(REPEATS):
        rows = table = None
        start = time.perf_counter()
        rows = scan(path).collect()
        read = time.perf_counter()
        table = features(rows.lazy()).collect()
        end = time.perf_counter()
        reading.append(read - start)
        computing.append(end - read)
        in_all.append(end - start)
        start = time.perf_counter()
        rows = table = None
        table = features(scan(path)).collect()
        in_all.append(time.perf_counter() - start)
    print(f"{table.height} rows, {table.width - 1} columns; {pl.thread_pool_size()} threads, polars {pl.__version__}")
    print("read     ", best(reading))
    print("features ", best(computing))
    print("in all   ", best(in_all), "(the better of one plan from the file and of two steps)")
    print(f"peak      {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    if len(sys.argv) > 2:
        table.write_csv(sys.argv[2])


if __name__ == "__main__":
    main()
