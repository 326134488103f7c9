"""Numbers of statsmodels for exponential smoothing and Theta, and of numpy for Croston's methods: smoothing.json.

python make_smoothing.py (numpy, statsmodels 0.15)
"""
import json

import numpy as np
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.theta import ThetaModel

rng = np.random.default_rng(5)
n, period, horizon = 98, 7, 9
season = np.array([5.0, -3.0, 0.0, 2.0, -6.0, 4.0, -2.0])
values = 60 + 0.15 * np.arange(n) + np.tile(season, n // 7) + 2 * rng.standard_normal(n)
cases = []
for trend in (None, "add"):
    for seasonal in (None, "add", "mul"):
        model = ETSModel(
            values, error="add", trend=trend, damped_trend=trend is not None,
            seasonal=seasonal, seasonal_periods=period if seasonal else None,
        )
        fit = model.fit(disp=0, maxiter=2000)
        given = dict(zip(model.param_names, fit.params))
        start = [float(given.get(f"initial_seasonal.{k}", np.nan)) for k in reversed(range(period))] if seasonal else []
        cases.append({
            "trend": trend is not None, "season": seasonal or "none",
            "alpha": given["smoothing_level"], "beta": given.get("smoothing_trend", 0.0),
            "gamma": given.get("smoothing_seasonal", 0.0), "phi": given.get("damping_trend", 1.0),
            "level": given["initial_level"], "slope": given.get("initial_trend", 0.0), "start": start,
            "sse": float(np.sum(np.asarray(fit.resid) ** 2)),
            "forecast": [float(x) for x in fit.forecast(horizon)],
        })
theta = ThetaModel(values, period=period, deseasonalize=True, use_test=False, method="additive").fit(use_mle=False)

alpha = 0.1
demand = np.where(rng.random(60) < 0.3, np.round(rng.gamma(2, 5, 60), 2), 0.0)
size = interval = None
since = 1
for x in demand:
    if x > 0:
        size = x if size is None else size + alpha * (x - size)
        interval = since if interval is None else interval + alpha * (since - interval)
        since = 1
    else:
        since += 1
first = int(np.argmax(demand > 0))
z, p = demand[first], 1 / (first + 1)
for x in demand[first + 1 :]:
    if x > 0:
        z += alpha * (x - z)
        p += alpha * (1 - p)
    else:
        p *= 1 - alpha
json.dump({
    "values": [float(x) for x in values], "period": period, "ets": cases,
    "theta": {"alpha": float(theta.params["alpha"]), "forecast": [float(x) for x in theta.forecast(horizon)]},
    "demand": [float(x) for x in demand], "croston": size / interval, "tsb": z * p,
}, open("smoothing.json", "w"), indent=1)
