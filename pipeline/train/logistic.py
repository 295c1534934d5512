"""Regularised logistic and listwise fits in numpy: small, convex, the same result on every run."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def fit_logistic(
    x: Floats, y: Floats, *, penalty: float | Floats = 1.0, steps: int = 50
) -> tuple[float, Floats]:
    """Return constant and weights of an L2-penalised logistic regression (Newton's method).

    `x` is [n, features], `y` is [n] of 0 and 1; `penalty` is one number or [features]. The constant
    is not penalised.
    """
    design = np.hstack([np.ones((len(x), 1)), x])
    ridge = np.concatenate([[1e-6], np.broadcast_to(penalty, x.shape[1])])
    weights = np.zeros(design.shape[1])
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        gradient = design.T @ (p - y) + ridge * weights
        hessian = (design * (p * (1 - p))[:, None]).T @ design + np.diag(ridge)
        change = np.linalg.solve(hessian, gradient)
        weights -= change
        if np.abs(change).max() < 1e-8:
            break
    return float(weights[0]), weights[1:]


def fit_listwise(
    lists: list[Floats], right: list[int], *, penalty: float = 1e-3, steps: int = 400
) -> Floats:
    """Return the weights that make the right row of each list most likely (softmax, ListNet top 1).

    Each list is [candidates, features]; `right` is the index of the right row. Full-batch gradient
    descent with Adam's step sizes, fixed start: the same data gives the same weights.
    """
    sizes = np.array([len(rows) for rows in lists])
    rows = np.vstack(lists)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    owner = np.repeat(np.arange(len(lists)), sizes)
    goal = rows[starts + np.array(right)]
    weights = np.zeros(rows.shape[1])
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, steps + 1):
        logits = rows @ weights
        logits -= np.maximum.reduceat(logits, starts)[owner]
        odds = np.exp(logits)
        odds /= np.add.reduceat(odds, starts)[owner]
        expected = np.add.reduceat(rows * odds[:, None], starts, axis=0)
        gradient = (expected - goal).mean(axis=0) + penalty * weights
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        weights -= 0.05 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return weights
