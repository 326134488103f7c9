"""Answers of off-policy estimators on small cases, computed from the papers' formulas with numpy.

python off_policy.py > off_policy.json

Written from the definitions and by other ways than the library: explicit feature vectors of (state, action), one big
system for fitted values, recursion over steps for the doubly robust return, errors by leaving users out one at a time or, for fitted values, by the sandwich formula.
"""

import json

import numpy as np

rng = np.random.default_rng(20240131)


def probabilities(n, k):
    raw = rng.gamma(1.0, size=(n, k)) + 0.05
    return raw / raw.sum(axis=1, keepdims=True)


def cluster_error(influence, users):
    """Standard error of a sum of influences that are independent over users."""
    sums = np.array([influence[users == u].sum() for u in np.unique(users)])
    n = len(sums)
    return float(np.sqrt(n / (n - 1) * ((sums - sums.mean()) ** 2).sum()))


def jackknife(value_of, n):
    """Standard error from the values without each user, computed anew each time."""
    without = np.array([value_of(np.flatnonzero(np.arange(n) != left_out)) for left_out in range(n)])
    return float(np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum()))


def standardise(states, others):
    mean, deviation = states.mean(axis=0), states.std(axis=0)
    deviation = np.where(deviation > 0, deviation, 1.0)
    return (states - mean) / deviation, (others - mean) / deviation


def phi(x, action, k):
    """Feature vector of state and action: (1, x) in the block of the action."""
    row = np.zeros((k, len(x) + 1))
    row[action] = np.r_[1.0, x]
    return row.ravel()


def penalty(k, d, ridge):
    return np.diag(np.tile(np.r_[0.0, np.full(d, ridge)], k))


# ---------------------------------------------------------------- single decisions
n, k, d, n_users, ridge = 60, 3, 2, 12, 1.0
users = np.arange(n) % n_users
states = rng.normal(size=(n, d)) * [1.0, 4.0] + [0.0, 2.0]
behaviour, target = probabilities(n, k), probabilities(n, k)
actions = np.array([rng.choice(k, p=p) for p in behaviour])
rewards = states[:, 0] * (actions - 1) + 0.1 * states[:, 1] + rng.normal(size=n)
propensities = behaviour[np.arange(n), actions]
q_hat = rng.normal(size=(n, k))
weights = target[np.arange(n), actions] / propensities

decisions = {}


def mean_of(values):
    of = lambda kept: values[np.isin(users, kept)].mean()
    return {"value": float(values.mean()), "standard_error": jackknife(of, n_users)}


def kish(w):
    return float(w.sum() ** 2 / (w**2).sum())


def doubly_robust(q, w):
    return (target * q).sum(axis=1) + w * (rewards - q[np.arange(n), actions])


def crossfit(folds):
    q = np.zeros((n, k))
    z, _ = standardise(states, states)
    for fold in np.unique(folds):
        rows = np.flatnonzero(folds[users] != fold)
        features = np.array([phi(z[i], actions[i], k) for i in rows])
        beta = np.linalg.solve(features.T @ features + penalty(k, d, ridge), features.T @ rewards[rows])
        for i in np.flatnonzero(folds[users] == fold):
            q[i] = [phi(z[i], a, k) @ beta for a in range(k)]
    return q


decisions["ips"] = mean_of(weights * rewards) | {"effective_sample_size": kish(weights)}
sn = (weights * rewards).sum() / weights.sum()
decisions["self_normalised_ips"] = {
    "value": float(sn),
    "standard_error": jackknife(
        lambda kept: np.average(rewards[np.isin(users, kept)], weights=weights[np.isin(users, kept)]), n_users
    ),
    "effective_sample_size": kish(weights),
}
clipped = np.minimum(weights, 1.5)
decisions["ips_clipped_at_1.5"] = mean_of(clipped * rewards) | {"effective_sample_size": kish(clipped)}
decisions["direct_given"] = mean_of((target * q_hat).sum(axis=1))
decisions["doubly_robust_given"] = mean_of(doubly_robust(q_hat, weights)) | {"effective_sample_size": kish(weights)}
switched = np.where(weights <= 1.5, weights, 0.0)
decisions["switch_at_1.5"] = mean_of(doubly_robust(q_hat, switched)) | {"effective_sample_size": kish(switched)}

positive = weights[weights > 0]
candidates = np.exp(np.linspace(np.log(positive.min()), np.log(positive.max()), 21))
candidates[-1] = positive.max()
bound = np.abs(rewards - q_hat[np.arange(n), actions]).max()
errors = []
for tau in candidates:
    kept = np.where(weights <= tau, weights, 0.0)
    variance = mean_of(doubly_robust(q_hat, kept))["standard_error"] ** 2
    errors.append(variance + (bound * weights[weights > tau].sum() / n) ** 2)
best = candidates[int(np.argmin(errors))]
chosen = np.where(weights <= best, weights, 0.0)
decisions["switch_chosen"] = mean_of(doubly_robust(q_hat, chosen)) | {"effective_sample_size": kish(chosen)}

# The direct method with its own model: sandwich error of a ridge regression.
z, _ = standardise(states, states)
features = np.array([phi(z[i], actions[i], k) for i in range(n)])
inverse = np.linalg.inv(features.T @ features + penalty(k, d, ridge))
beta = inverse @ features.T @ rewards
policy_features = np.array([sum(target[i, a] * phi(z[i], a, k) for a in range(k)) for i in range(n)])
mean_features = policy_features.mean(axis=0)
value = mean_features @ beta
influence = (features @ inverse @ mean_features) * (rewards - features @ beta) + (policy_features @ beta - value) / n
decisions["direct_fitted"] = {"value": float(value), "standard_error": cluster_error(influence, users)}

# Of 12 users by the default seed, as `OffPolicyParams::folds` says.
FOLDS = np.array([0, 3, 4, 0, 1, 2, 3, 4, 0, 1, 1, 2])
q_cross = crossfit(FOLDS)
decisions["doubly_robust_fitted"] = mean_of(doubly_robust(q_cross, weights))

# ---------------------------------------------------------------- trajectories
lengths = [4, 2, 3, 5, 1, 4, 3, 2, 5, 4, 3, 4]
ends = ["terminal", "truncated", "no"]
t_users = np.repeat(np.arange(12), lengths)
m = len(t_users)
t_states = rng.normal(size=(m, d))
t_next = np.zeros((m, d))
ended, elapsed = [], rng.integers(1, 3, size=m).astype(float)
for i in range(m):
    last = i + 1 == m or t_users[i + 1] != t_users[i]
    ended.append(ends[t_users[i] % 3] if last else "no")
    t_next[i] = rng.normal(size=d) if last else t_states[i + 1]
t_behaviour, t_target, next_target = probabilities(m, k), probabilities(m, k), probabilities(m, k)
for i in range(m - 1):
    if t_users[i + 1] == t_users[i]:
        next_target[i] = t_target[i + 1]
t_actions = np.array([rng.choice(k, p=p) for p in t_behaviour])
t_rewards = t_states[:, 0] + 0.5 * t_actions + rng.normal(size=m)
t_propensities = t_behaviour[np.arange(m), t_actions]
ratio = t_target[np.arange(m), t_actions] / t_propensities
gamma = 0.8
discount = np.array([0.0 if ended[i] == "terminal" else gamma ** elapsed[i] for i in range(m)])
trajectories = [np.flatnonzero(t_users == u) for u in range(12)]
given_q, given_next = rng.normal(size=(m, k)), rng.normal(size=m)


def cumulative(horizon):
    """Per trajectory and step: weight, discount, row (or None), for those that reach the step."""
    longest = min(max(lengths), horizon or 10**9)
    table = []
    for u, rows in enumerate(trajectories):
        over = ended[rows[-1]] == "terminal"
        w, g = 1.0, 1.0
        for t in range(longest):
            if t < len(rows):
                w *= ratio[rows[t]]
                table.append((u, t, w, g, rows[t]))
                g *= discount[rows[t]]
            elif over:
                table.append((u, t, w, g, None))
    return table, longest


def stepwise(values, horizon, weighted):
    table, longest = cumulative(horizon)
    steps = [
        [(u, w, 0.0 if row is None else g * w * values[row]) for (u, s, w, g, row) in table if s == t]
        for t in range(longest)
    ]

    def value_of(kept):
        total = 0.0
        for at in steps:
            at = [(w, above) for (u, w, above) in at if u in kept]
            if at:
                w, above = np.array(at).T
                total += above.sum() / (w.sum() if weighted else len(w))
        return total

    return value_of, min(kish(np.array([w for (_, w, _) in at])) for at in steps)


def told(value_of, size=None):
    answer = {"value": float(value_of(np.arange(12))), "standard_error": jackknife(value_of, 12)}
    return answer if size is None else answer | {"effective_sample_size": size}


def jiang_li(rows, q_of, v_of, v_after, horizon):
    """Backward recursion of Jiang and Li (2016), equation 10; a trajectory cut off goes on with the model's value."""
    rows = rows[: horizon or len(rows)]
    value = None
    for t in range(len(rows) - 1, -1, -1):
        i = rows[t]
        if value is None:
            value = v_after(i, t)
        value = v_of(i, t) + ratio[i] * (t_rewards[i] + discount[i] * value - q_of(i, t))
    return value


def model(train, horizon):
    """Coefficients of fitted Q evaluation: of each number of steps, or of the fixed point, on these users' rows."""
    z, z_next = standardise(t_states, t_next)
    rows = np.flatnonzero(np.isin(t_users, train))
    features = np.array([phi(z[i], t_actions[i], k) for i in range(m)])
    after = np.array([discount[i] * sum(next_target[i, a] * phi(z_next[i], a, k) for a in range(k)) for i in range(m)])
    gram = features[rows].T @ features[rows] + penalty(k, d, ridge)
    if horizon is None:
        system = gram - features[rows].T @ after[rows]
        beta = [np.linalg.solve(system, features[rows].T @ t_rewards[rows])]
    else:
        beta = [np.zeros(k * (d + 1))]
        for _ in range(horizon):
            beta.append(np.linalg.solve(gram, features[rows].T @ (t_rewards[rows] + after[rows] @ beta[-1])))
    return z, z_next, features, after, gram, beta


sequences = {}
for horizon in [None, 3]:
    name = "endless" if horizon is None else "3"
    answers = {
        "per_decision": told(*stepwise(t_rewards, horizon, False)),
        "weighted_per_decision": told(*stepwise(t_rewards, horizon, True)),
    }
    everyone = np.arange(12)
    z, z_next, features, after, gram, beta = model(everyone, horizon)
    initial = np.array([sum(t_target[r[0], a] * phi(z[r[0]], a, k) for a in range(k)) for r in trajectories])
    start = initial.mean(axis=0)
    value = start @ beta[-1]
    if horizon is None:
        # Newey's sandwich for the estimating equation Σ φ (r + φ'β − φβ) − λβ = 0.
        pull = np.linalg.solve((gram - features.T @ after).T, start)
        rows_influence = (features @ pull) * (t_rewards + after @ beta[0] - features @ beta[0])
    else:
        rows_influence, gradient = np.zeros(m), start
        for step in range(horizon, 0, -1):
            pull = np.linalg.solve(gram, gradient)
            rows_influence += (features @ pull) * (t_rewards + after @ beta[step - 1] - features @ beta[step])
            gradient = after.T @ (features @ pull)
    influence = np.array([rows_influence[r].sum() for r in trajectories]) + (initial @ beta[-1] - value) / 12
    error = cluster_error(influence, np.arange(12))
    answers["fitted_q"] = {"value": float(value), "standard_error": error}

    # Doubly robust with models that leave the fold of each user out.
    returns, starts, errors = np.zeros(12), np.zeros(12), np.zeros(m)
    for u, rows in enumerate(trajectories):
        train = np.flatnonzero(FOLDS != FOLDS[u])
        z, z_next, *_, beta = model(train, horizon)

        def q_row(x, step):
            left = 0 if horizon is None else horizon - step
            b = beta[left]
            return np.array([phi(x, a, k) @ b for a in range(k)])

        q_of = lambda i, t: q_row(z[i], t)[t_actions[i]]
        v_of = lambda i, t: t_target[i] @ q_row(z[i], t)
        v_after = lambda i, t: next_target[i] @ q_row(z_next[i], t + 1)
        returns[u] = jiang_li(rows, q_of, v_of, v_after, horizon)
        starts[u] = v_of(rows[0], 0)
        for t, i in enumerate(rows[: horizon or len(rows)]):
            errors[i] = t_rewards[i] + discount[i] * v_after(i, t) - q_of(i, t)
    value_of, size = stepwise(errors, horizon, True)
    answers["doubly_robust"] = told(lambda kept: returns[kept].mean(), size)
    answers["weighted_doubly_robust"] = told(lambda kept: starts[kept].mean() + value_of(kept), size)
    sequences[name] = answers

given_errors = t_rewards + discount * given_next - given_q[np.arange(m), t_actions]
given_start = (t_target * given_q).sum(axis=1)[[r[0] for r in trajectories]]
table, _ = cumulative(None)
given_returns = given_start.copy()
for u, t, w, g, row in table:
    given_returns[u] += 0.0 if row is None else g * w * given_errors[row]
sequences["given"] = {"doubly_robust": told(lambda kept: given_returns[kept].mean())}

print(
    json.dumps(
        {
            "folds": FOLDS.tolist(),
            "decisions": {
                "users": users.tolist(),
                "states": states.tolist(),
                "actions": actions.tolist(),
                "rewards": rewards.tolist(),
                "propensities": propensities.tolist(),
                "target": target.tolist(),
                "q_hat": q_hat.tolist(),
                "answers": decisions,
            },
            "trajectories": {
                "gamma": gamma,
                "users": t_users.tolist(),
                "states": t_states.tolist(),
                "next_states": t_next.tolist(),
                "actions": t_actions.tolist(),
                "rewards": t_rewards.tolist(),
                "propensities": t_propensities.tolist(),
                "target": t_target.tolist(),
                "next_target": next_target.tolist(),
                "ended": ended,
                "elapsed": elapsed.tolist(),
                "q_hat": given_q.tolist(),
                "next_values": given_next.tolist(),
                "answers": sequences,
            },
        },
        indent=0,
    )
)
