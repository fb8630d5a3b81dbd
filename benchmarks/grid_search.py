"""A search over hidden_size and cell on ASSISTments 2009, with folds of students.

    python benchmarks/grid_search.py

Two jobs, one thread each, on the training rows of the published split.
"""

import argparse
import time

import pandas as pd
import torch
from sklearn.model_selection import GridSearchCV

from sktrace import DKTClassifier
from sktrace.datasets import fetch_assistments2009
from sktrace.model_selection import StudentKFold


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data-home", help="folder of downloaded data sets")
    parser.add_argument("--epochs", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)

    bunch = fetch_assistments2009(data_home=options.data_home, subset="train")
    search = GridSearchCV(
        DKTClassifier(max_epochs=options.epochs, random_state=0),
        {"hidden_size": [50, 100], "cell": ["gru", "rnn"]},
        cv=StudentKFold(5),
        scoring="roc_auc",
        n_jobs=2,
        refit=False,
    )
    start = time.perf_counter()
    search.fit(bunch.data, bunch.target)
    columns = ["param_cell", "param_hidden_size", "mean_test_score", "std_test_score"]
    print(pd.DataFrame(search.cv_results_)[columns].round(4).to_string(index=False))
    print(f"{time.perf_counter() - start:.0f} s, {options.epochs} epochs")


if __name__ == "__main__":
    main()
