"""Accelerated failure times against numbers that R's survreg printed.

l <- c(5,8,NA,12,12,20,3,9,15,30,7,NA,25,18,40,11); r <- c(5,8,6,20,12,NA,7,NA,15,NA,10,9,NA,18,60,11)
arm <- factor(rep(c("control","drug"),8)); x <- c(1,2,0,3,1,2,1,4,2,3,0,1,4,2,5,1); site <- rep(1:4,each=4)
m <- survreg(Surv(l,r,type="interval2")~arm+x, dist=, control=survreg.control(rel.tolerance=1e-14,maxiter=200))
c(coef(m), m$scale, m$loglik); sqrt(diag(vcov(m))); the same with + cluster(site): sqrt(diag(m$var))
predict(m, data.frame(arm="drug",x=2), type="quantile", p=c(.25,.5), se=TRUE)
"""

import polars as pl
import pytest

from analyses.estimates.regression.accelerated_failure import accelerated_failure
from analyses.estimates.regression.parametric_curves import predicted_times
from tests.parametric.small_intervals import intervals

LEFT = (5, 8, 0, 12, 12, 20, 3, 9, 15, 30, 7, 0, 25, 18, 40, 11)
RIGHT = (5, 8, 6, 20, 12, None, 7, None, 15, None, 10, 9, None, 18, 60, 11)
DATA = intervals(
    list(zip(LEFT, RIGHT, strict=True)),
    arm=["control", "drug"] * 8,
    x=[1, 2, 0, 3, 1, 2, 1, 4, 2, 3, 0, 1, 4, 2, 5, 1],
    site=[1] * 4 + [2] * 4 + [3] * 4 + [4] * 4,
)
R = {
    "Weibull": {
        "fit": (1.808898290539696, 0.175270546048224, 0.452291086480064, 0.327276932972745),
        "loglik": (-36.059302081759142, -26.049798086865771),
        "errors": (0.1734225255470828, 0.2046055266880376, 0.0811080000462268, 0.2782518777589024),
        "robust": (0.1489398191716, 0.1030398291251, 0.0329283363496, 0.3304847220478),
        "quantiles": (11.95317460109476, 15.93949170769580, 2.21490092409098, 2.39855285709078),
    },
    "exponential": {
        "fit": (1.482944023947087, 0.269424289954834, 0.626286094321665, 1.0),
        "loglik": (-36.336306021517714, -31.627526401439034),
        "errors": (0.493789150967156, 0.615818039650444, 0.238270798573608),
        "robust": (0.182689498295857, 0.265831219891632, 0.042329736673084),
        "quantiles": (5.80686697736972, 13.99118630836865, 2.61286991282288, 6.29550321925832),
    },
    "lognormal": {
        "fit": (1.585974119855558, 0.139921200600872, 0.490065160886503, 0.412972710045299),
        "loglik": (-35.222744090005961, -26.080569898702365),
        "errors": (0.2247654667854175, 0.2346695453294980, 0.0917926825202734, 0.2433721600212395),
        "quantiles": (11.33029126579033, 14.96966233746276, 2.02011968091799, 2.52075017815481),
    },
    "loglogistic": {
        "fit": (1.605791567816308, 0.155922005497691, 0.481656527898841, 0.251827425367610),
        "loglik": (-35.413636777157315, -26.521117281249378),
        "errors": (0.246348482232890, 0.246339375123818, 0.090318424803333, 0.268364633498389),
        "quantiles": (11.56942595450152, 15.25682019701875, 2.28173112897098, 2.75237522874762),
    },
}


def numbers(found, column, *statistics):
    return found.frame.filter(pl.col("statistic").is_in(statistics))[column].to_list()


@pytest.mark.parametrize("distribution", R)
def test_coefficients_scale_likelihood_and_errors(distribution):
    found, printed = accelerated_failure(DATA, "arm + x", distribution=distribution), R[distribution]
    fit = numbers(found, "estimate", "log time", "log time ratio", "scale")
    assert fit == pytest.approx(printed["fit"], rel=1e-9)
    assert numbers(found, "estimate", "log likelihood") == pytest.approx(printed["loglik"], rel=1e-11)
    errors = numbers(found, "std_error", "log time", "log time ratio", "log scale")
    assert errors == pytest.approx(printed["errors"], rel=1e-7)


@pytest.mark.parametrize("distribution", ["Weibull", "exponential"])
def test_robust_errors(distribution):
    """survreg has the sign of the scale's scores of interval-censored rows wrong (they do not add up to 0).

    For Weibull times the numbers are therefore from R's log-likelihood of each row, differenced:
    sqrt(diag(V %*% t(U) %*% U %*% V)) with U <- rowsum(scores, site), V <- vcov(m).
    """
    found = accelerated_failure(DATA, "arm + x", distribution=distribution, cluster="site")
    errors = numbers(found, "std_error", "log time", "log time ratio", "log scale")
    assert errors == pytest.approx(R[distribution]["robust"], rel=1e-6)


@pytest.mark.parametrize("distribution", R)
def test_quantiles_of_a_subject(distribution):
    fit = accelerated_failure(DATA, "arm + x", distribution=distribution)
    found = predicted_times(fit, pl.DataFrame({"arm": ["drug"], "x": [2]}), probabilities=(0.25, 0.5)).frame
    assert found["group"].to_list() == ["arm=drug, x=2"] * 2
    assert [*found["estimate"], *found["std_error"]] == pytest.approx(R[distribution]["quantiles"], rel=1e-7)
