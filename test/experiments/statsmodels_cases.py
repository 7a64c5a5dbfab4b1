"""What statsmodels and SciPy say of the cases in statsmodels-cases.json; run once, the figures are recorded there.

    python3 -m venv .venv
    .venv/bin/pip install statsmodels==0.15.0 scipy==1.17.1 numpy==2.4.6
    .venv/bin/python test/experiments/statsmodels_cases.py > test/experiments/statsmodels-cases.json
"""

import json

import numpy
import scipy
import statsmodels
from scipy import stats
from statsmodels.stats.power import NormalIndPower, TTestIndPower, normal_power_het
from statsmodels.stats.proportion import (
    power_proportions_2indep,
    proportion_confint,
    samplesize_proportions_2indep_onetail,
)
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

# control rate, rise as a part of it, power, alpha, control / treatment customers
PROPORTIONS = [
    (0.5, 0.1, 0.8, 0.05, 1),
    (0.1, 0.05, 0.8, 0.05, 1),
    (0.1, 0.05, 0.9, 0.01, 1),
    (0.0113, 0.05, 0.8, 0.05, 1),
    (0.0113, 0.005, 0.8, 0.05, 1),  # tiny
    (0.0113, 10, 0.8, 0.05, 1),  # huge
    (0.001, 0.02, 0.95, 0.05, 1),
    (0.03, 0.3, 0.5, 0.05, 1),
    (0.03, 0.3, 0.99, 0.05, 1),
    (0.2, 0.1, 0.8, 0.05, 4),  # 80/20
    (0.2, 0.1, 0.8, 0.05, 0.25),  # 20/80
    (0.2, 0.1, 0.8, 0.05, 9),  # 90/10
    (0.4, 1.5, 0.8, 0.05, 1),  # to 1
    (0.9, 0.05, 0.85, 0.1, 2),
]

# deviation / mean, rise, power, alpha, ratio
MEANS = [
    (1.5, 0.05, 0.8, 0.05, 1),
    (1.5, 0.05, 0.95, 0.01, 1),
    (0.47, 0.02, 0.8, 0.05, 1),
    (3, 0.001, 0.9, 0.05, 1),  # tiny
    (1, 2, 0.8, 0.05, 1),  # huge
    (2, 0.1, 0.8, 0.05, 4),
    (2, 0.1, 0.8, 0.05, 0.25),
    (2, 0.1, 0.99, 0.05, 1.5),
]

# alpha, power, shares: the control first
ARMS = [
    (0.05, 0.8, [0.34, 0.33, 0.33]),
    (0.05, 0.9, [0.4, 0.2, 0.2, 0.2]),
    (0.01, 0.8, [0.5, 0.3, 0.2]),
]

# margin, deviation, customers in the treatment arm, alpha (two-sided), ratio
NON_INFERIORITY = [
    (0.005, 0.07, 10_000, 0.05, 1),
    (0.05, 1.3, 5_000, 0.05, 1),
    (0.05, 1.3, 50_000, 0.01, 1),
    (0.02, 1.5, 20_000, 0.05, 4),
    (0.01, 0.26, 300, 0.1, 0.5),
]

TRAFFIC = [[10, 12, 9, 15, 14], [5, 5, 6, 4, 5, 6, 3, 5], [100, 90, 95, 70, 66, 61, 50, 42, 40, 31, 25, 12]]
VALUES = [[1, 2, 2, 5, 9, 11], [0, 0, 0, 3], [120.5, 80, 99.9, 45, 310, 12, 64.25]]
RATIOS = [([1, 2, 2, 5, 3, 1], [1, 1, 2, 3, 1, 1]), ([0, 1, 0, 2, 0, 1, 0], [1, 3, 1, 4, 1, 2, 0])]


def proportion(control, rise, power, alpha, ratio):
    difference = control * rise
    options = dict(ratio=ratio, alpha=alpha, alternative="two-sided")
    customers = float(samplesize_proportions_2indep_onetail(difference, control, power, **options))
    # Fewer than needed, so that the power is another one.
    fewer = 0.6 * customers
    reached = power_proportions_2indep(difference, control, fewer, return_results=False, **options)
    return dict(control=control, rise=rise, power=power, alpha=alpha, ratio=ratio, customers=customers,
                fewer=fewer, reached=float(reached))


def mean(deviation, rise, power, alpha, ratio):
    options = dict(effect_size=rise / deviation, power=power, alpha=alpha, ratio=ratio, alternative="two-sided")
    return dict(deviation=deviation, rise=rise, power=power, alpha=alpha, ratio=ratio,
                normal=float(NormalIndPower().solve_power(**options)),
                student=float(TTestIndPower().solve_power(**options)))


def arms(alpha, power, split):
    """Customers of all arms: a rate of 0.1 to 0.12, and a mean with a deviation of 1.5 times it to 1.1 times it."""
    control, comparisons = split[0], len(split) - 1
    level = dict(alpha=alpha / comparisons, alternative="two-sided")
    rates = [samplesize_proportions_2indep_onetail(0.02, 0.1, power, ratio=control / share, **level) / share
             for share in split[1:]]
    means = [NormalIndPower().solve_power(effect_size=0.1 / 1.5, power=power, ratio=control / share, **level) / share
             for share in split[1:]]
    return dict(alpha=alpha, power=power, split=split, rate=float(max(rates)), mean=float(max(means)))


def non_inferiority(margin, deviation, customers, alpha, ratio):
    power = normal_power_het(margin, customers, alpha / 2, std_null=deviation * (1 + 1 / ratio) ** 0.5,
                             alternative="larger")
    return dict(margin=margin, deviation=deviation, customers=customers, alpha=alpha, ratio=ratio,
                power=float(power))


def trend(y):
    fit = stats.linregress(range(len(y)), y)
    margin = stats.t.ppf(0.975, len(y) - 2) * fit.stderr
    return dict(y=y, slope=float(fit.slope), low=float(fit.slope - margin), high=float(fit.slope + margin))


def interval(values):
    described = DescrStatsW(values)
    low, high = described.tconfint_mean(0.05)
    return dict(values=values, mean=float(described.mean), variance=float(numpy.var(values, ddof=1)),
                low=float(low), high=float(high))


def ratio(y, x):
    """Var(ȳ / x̄) · n by the delta method, from the covariance matrix."""
    (yy, xy), (_, xx) = numpy.cov(y, x)
    r = sum(y) / sum(x)
    return dict(y=y, x=x, ratio=r, variance=float((yy - 2 * r * xy + r * r * xx) / numpy.mean(x) ** 2))


def comparison(one, other):
    _, p = CompareMeans(DescrStatsW(one), DescrStatsW(other)).ztest_ind(usevar="unequal")
    return dict(one=one, other=other, p=float(p), correlation=float(stats.pearsonr(one[:4], other[:4])[0]))


print(json.dumps(dict(
    versions=dict(statsmodels=statsmodels.__version__, scipy=scipy.__version__, numpy=numpy.__version__),
    proportions=[proportion(*case) for case in PROPORTIONS],
    means=[mean(*case) for case in MEANS],
    arms=[arms(*case) for case in ARMS],
    nonInferiority=[non_inferiority(*case) for case in NON_INFERIORITY],
    trends=[trend(y) for y in TRAFFIC],
    intervals=[interval(values) for values in VALUES],
    ratios=[ratio(*case) for case in RATIOS],
    comparisons=[comparison(VALUES[0], VALUES[2])],
    wilson=[dict(successes=k, of=n, low=float(low), high=float(high))
            for k, n in [(0, 50), (1, 10), (46, 1000), (565, 50_000), (20, 20)]
            for low, high in [proportion_confint(k, n, method="wilson")]],
    normalQuantile=[[p, float(stats.norm.ppf(p))] for p in [1e-12, 1e-5, 0.0125, 0.025, 0.3, 0.5, 0.8, 0.975, 0.999999]],
    normalCdf=[[z, float(stats.norm.cdf(z))] for z in [-12, -5, -1.96, -0.1, 0, 0.84, 3, 8]],
    tQuantile=[[p, df, float(stats.t.ppf(p, df))] for p in [0.025, 0.6, 0.975, 0.9999] for df in [1, 3, 10, 100, 40_000]],
    chiSquareTail=[[x, df, float(stats.chi2.sf(x, df))] for x in [0, 0.004, 1, 3.84, 25] for df in [1, 2, 5]],
    chiSquareTest=[dict(observed=o, split=s, chiSquare=float(t.statistic), p=float(t.pvalue))
                   for o, s in [([4980, 5020], [0.5, 0.5]), ([810, 190], [0.8, 0.2]), ([340, 350, 310], [0.34, 0.33, 0.33])]
                   for t in [stats.chisquare(o, [sum(o) * share for share in s])]],
), indent=1))
