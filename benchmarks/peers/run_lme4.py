"""The additive factors model as a mixed logistic regression, by glmer of R's lme4.

R is on no Python index: `apt-get install r-cran-lme4`, or install.packages("lme4").
The formula is the usual one: a student's ability, and of each skill how easy it is and
how much an earlier attempt adds. A student of the test is a new level, and gets the
average ability, whatever was answered before: lme4 learns nothing in prediction. The
fit and the prediction are two processes of R, whose start counts, about a second.
"""

import subprocess
from resource import RLIMIT_CPU, setrlimit

import pandas as pd
from runner import run

# user code
ATTEMPTS = """
library(lme4)
paths <- commandArgs(trailingOnly = TRUE)
log <- read.csv(paths[1])
log <- log[order(log$user_id, log$order_id), ]
log$attempts <- ave(log$correct, log$user_id, log$skill_name, FUN = seq_along) - 1
"""
FIT = """
afm <- glmer(correct ~ attempts + (1 | user_id) + (1 + attempts | skill_name),
             data = log, family = binomial)
saveRDS(afm, paths[2])
"""
PREDICT = """
afm <- readRDS(paths[2])
log$p <- predict(afm, newdata = log, type = "response", allow.new.levels = TRUE)
write.csv(log[order(log$row), c("row", "p")], paths[3], row.names = FALSE)
"""
# end of user code


def fit(train, names, options):
    """Fit in R; what it warns of, such as no convergence, is noted."""
    folder = options.folder
    train.to_csv(f"{folder}/train.csv", index=False)
    paths = [f"{folder}/train.csv", f"{folder}/afm.rds"]
    words = ask_r(ATTEMPTS + FIT, *paths, limit=options.limit)
    options.notes["warnings"] = [w for w in words if "arning" in w or "failed" in w]
    return folder


def predict(fitted, test, options):
    paths = [f"{fitted}/{name}" for name in ("test.csv", "afm.rds", "p.csv")]
    test.assign(row=range(len(test))).to_csv(paths[0], index=False)
    ask_r(ATTEMPTS + PREDICT, *paths)
    return pd.read_csv(paths[2])["p"].to_numpy()


def ask_r(script, *paths, limit=1200):
    """Run a script, and return the lines that it wrote."""
    seconds = int(limit)
    done = subprocess.run(
        ["Rscript", "-e", script, *paths],
        capture_output=True,
        text=True,
        preexec_fn=lambda: setrlimit(RLIMIT_CPU, (seconds, seconds)),
    )
    if done.returncode:
        raise RuntimeError(f"R said: {done.stderr.strip()[-500:]}")
    return (done.stdout + done.stderr).splitlines()


if __name__ == "__main__":
    run(fit, predict, ["afm"])
