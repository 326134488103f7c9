"""Writes bandit.json beside this file: posteriors, scores, indices and propensities of bandits, computed with numpy and
scipy from the definitions (sums over all feedbacks, dense inverses, adaptive quadrature of each integral by itself)."""

import json
from pathlib import Path

import numpy as np
from scipy import integrate, stats

rng = np.random.default_rng(20240131)


def best(dists):
    """P(arm i is the largest) for independent frozen distributions: the mean over the quantiles of arm i of the product of
    the other distribution functions. No densities, so poles do no harm."""
    grid = np.concatenate([[1e-13, 1e-10, 1e-7], np.linspace(1e-5, 1 - 1e-5, 61), [1 - 1e-7, 1 - 1e-10, 1 - 1e-13]])
    points = np.concatenate([d.ppf(grid) for d in dists])
    out = []
    for i, d in enumerate(dists):
        others = [o for j, o in enumerate(dists) if j != i]

        def f(u):
            x = d.ppf(u)
            return float(np.prod([o.cdf(x) for o in others]))

        knots = np.unique(np.concatenate([[0.0, 1.0], d.cdf(points)]))
        total = sum(integrate.quad(f, a, b, epsabs=1e-14, epsrel=1e-9)[0] for a, b in zip(knots, knots[1:]) if b - a > 1e-14)
        out.append(total)
    out = np.array(out)
    assert abs(out.sum() - 1) < 1e-9, out.sum()
    return (out / out.sum()).tolist()


def weights(n, gamma):
    return gamma ** np.arange(n - 1, -1, -1)


def feedbacks(n, n_arms, kind):
    arms = rng.integers(0, n_arms, n).tolist()
    rewards = rng.integers(0, 2, n).astype(float) if kind == "coin" else rng.normal(1.0, 2.0, n)
    return arms, rewards.tolist()


def ucb(gamma, exploration):
    arms, rewards = feedbacks(40, 4, "line")
    w, a, r = weights(40, gamma), np.array(arms), np.array(rewards)
    n = np.array([w[a == i].sum() for i in range(4)])
    m = np.array([(w * r)[a == i].sum() for i in range(4)]) / n
    index = m + exploration * np.sqrt(2 * np.log(n.sum()) / n)
    return dict(gamma=gamma, exploration=exploration, arms=arms, rewards=rewards, indices=index.tolist())


def bernoulli(gamma, prior, n):
    arms, rewards = feedbacks(n, 4, "coin")
    w, a, r = weights(n, gamma), np.array(arms), np.array(rewards)
    ab = [[prior[0] + (w * r)[a == i].sum(), prior[1] + (w * (1 - r))[a == i].sum()] for i in range(4)]
    return dict(gamma=gamma, prior=prior, arms=arms, rewards=rewards, posteriors=ab, probabilities=beta_best(ab))


def beta_best(ab):
    dists = [stats.beta(*p) for p in ab]
    return best(dists)


def gaussian(gamma, prior, n):
    arms, rewards = feedbacks(n, 3, "line")
    w, a, r = weights(n, gamma), np.array(arms), np.array(rewards)
    m0, k0, a0, b0, known = prior["mean"], prior["weight"], prior["shape"], prior["scale"], prior["variance"]
    centres, widths, freedom, dists = [], [], [], []
    for i in range(3):
        wi, ri = w[a == i], r[a == i]
        total, mean = wi.sum(), (wi * ri).sum() / wi.sum()
        k = k0 + total
        centre = (k0 * m0 + (wi * ri).sum()) / k
        beta = b0 + 0.5 * (wi * (ri - mean) ** 2).sum() + 0.5 * k0 * total * (mean - m0) ** 2 / k
        alpha = a0 + total / 2
        width = np.sqrt((known if known else beta / alpha) / k)
        centres.append(centre)
        widths.append(width)
        freedom.append(0.0 if known else 2 * alpha)
        dists.append(stats.norm(centre, width) if known else stats.t(2 * alpha, centre, width))
    p = best(dists)
    return dict(gamma=gamma, prior=prior, arms=arms, rewards=rewards, values=centres, widths=[float(x) for x in widths],
                freedom=[float(x) for x in freedom], probabilities=p)


def linear(gamma, ridge, scale):
    n, d, n_arms = 60, 4, 3
    arms, rewards = feedbacks(n, n_arms, "line")
    xs = rng.normal(size=(n, d))
    w, a, r = weights(n, gamma), np.array(arms), np.array(rewards)
    context = rng.normal(size=d)
    thetas, means, widths = [], [], []
    for i in range(n_arms):
        x, wi, ri = xs[a == i], w[a == i], r[a == i]
        v = ridge * np.eye(d) + (x * wi[:, None]).T @ x
        v2 = ridge * np.eye(d) + (x * (wi**2)[:, None]).T @ x
        inverse = np.linalg.inv(v)
        theta = inverse @ (x.T @ (wi * ri))
        thetas.append(theta.tolist())
        means.append(float(theta @ context))
        widths.append(float(np.sqrt(context @ inverse @ v2 @ inverse @ context)))
    dists = [stats.norm(m, scale * s) for m, s in zip(means, widths)]
    return dict(gamma=gamma, ridge=ridge, scale=scale, arms=arms, rewards=rewards, contexts=xs.tolist(),
                context=context.tolist(), thetas=thetas, means=means, widths=widths,
                scores=[m + scale * s for m, s in zip(means, widths)],
                probabilities=best(dists))


# Posteriors as different as can be: sharp beside wide, poles at 0 and 1, hardly apart, far apart.
hard = [
    [[1, 1], [1, 1]],
    [[0.5, 0.5], [0.5, 0.5], [1, 1]],
    [[0.05, 0.05], [2, 3]],
    [[30000, 70000], [1, 1], [3, 5]],
    [[30000, 70000], [30100, 69900], [299, 701]],
    [[1, 200], [2, 150], [1, 3], [0.5, 80], [4, 700]],
    [[900, 100], [500, 500], [1, 1]],
    [[5000, 1], [1, 1], [100, 0.5]],
]

out = dict(
    ucb1=[ucb(1.0, 1.0), ucb(0.95, 2.5)],
    thompson_bernoulli=[bernoulli(1.0, [1.0, 1.0], 30), bernoulli(0.9, [0.5, 2.0], 50)],
    beta=[dict(posteriors=[[float(x) for x in p] for p in ab], probabilities=beta_best(ab)) for ab in hard],
    thompson_gaussian=[
        gaussian(1.0, dict(mean=0.0, weight=1.0, shape=1.0, scale=1.0, variance=None), 12),
        gaussian(0.9, dict(mean=0.5, weight=0.5, shape=2.0, scale=3.0, variance=None), 40),
        gaussian(0.97, dict(mean=-1.0, weight=0.1, shape=1.0, scale=1.0, variance=4.0), 40),
    ],
    linear=[linear(1.0, 1.0, 1.0), linear(0.93, 0.5, 2.0)],
)
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
