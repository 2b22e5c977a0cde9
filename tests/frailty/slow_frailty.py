"""The marginal likelihood of a shared gamma frailty as it is written down: every jump of every baseline a parameter."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln


class Marginal:
    """The log likelihood of coefficients, log jumps (by stratum and day of events) and log variance."""

    def __init__(self, rows, names, strata=None):
        self.x = rows.select(names).to_numpy().astype(float)
        self.entry, self.time = rows["entry"].to_numpy(), rows["left"].to_numpy()
        self.event = rows["right"].is_not_null().to_numpy()
        stratum = rows[strata].to_list() if strata else [0] * rows.height
        self.jumps = sorted({(s, t) for s, t, d in zip(stratum, self.time, self.event, strict=True) if d})
        place = {jump: number for number, jump in enumerate(self.jumps)}
        self.seen = np.array(
            [
                [s == own and since < day <= t for own, day in self.jumps]
                for s, since, t in zip(stratum, self.entry, self.time, strict=True)
            ],
            dtype=float,
        )
        self.own = np.array([place[s, t] for s, t, d in zip(stratum, self.time, self.event, strict=True) if d])
        _, self.cluster = np.unique(rows["subject_id"].to_numpy(), return_inverse=True)
        self.deaths = np.bincount(self.cluster, self.event)

    def value(self, parameters):
        """Return the log likelihood."""
        p = self.x.shape[1]
        beta, log_jump, variance = parameters[:p], parameters[p:-1], np.exp(parameters[-1])
        eta, nu, d = self.x @ beta, 1 / variance, self.deaths
        felt = np.bincount(self.cluster, np.exp(eta) * (self.seen @ np.exp(log_jump)))
        total = eta[self.event].sum() + log_jump[self.own].sum()
        return total + (gammaln(nu + d) - gammaln(nu) + nu * np.log(nu) - (nu + d) * np.log(nu + felt)).sum()

    def constant(self):
        """Return what Breslow's partial likelihood leaves out of the full one."""
        counts = np.bincount(self.own)
        return float((counts * np.log(counts) - counts).sum())

    def maximum(self):
        """Return the parameters and the value at the maximum."""
        p = self.x.shape[1]
        start = np.concatenate([np.zeros(p), np.log(1 / self.seen.sum(axis=0)), [0.0]])
        found = minimize(lambda at: -self.value(at), start, method="BFGS", options={"gtol": 1e-7, "maxiter": 2000})
        best = minimize(lambda at: -self.value(at), found.x, method="L-BFGS-B", options={"ftol": 1e-15, "gtol": 1e-9})
        at = best.x if best.fun < found.fun else found.x
        return at, self.value(at)

    def information(self, at, step=1e-3):
        """Return less the second derivatives, by differences of fourth order."""
        size = len(at)
        found = np.zeros((size, size))
        for i in range(size):
            for j in range(i + 1):
                found[i, j] = found[j, i] = -self._crossed(at, i, j, step)
        return found

    def _crossed(self, at, i, j, step):
        def mixed(width):
            a, b = np.zeros(len(at)), np.zeros(len(at))
            a[i], b[j] = width, width
            four = self.value(at + a + b) - self.value(at + a - b) - self.value(at - a + b) + self.value(at - a - b)
            return four / (4 * width * width)

        return (4 * mixed(step) - mixed(2 * step)) / 3
