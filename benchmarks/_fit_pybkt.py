"""Fit pyBKT, in its own environment; `bkt_speed.py` calls this.

    python _fit_pybkt.py train.csv test.csv out.json n_fits forgets

The tables have columns as pyBKT names them, skills as numbers (it reads names as
regular expressions) and an order_id that no two rows share (it shuffles ties).
"""

import json
import sys
import time
from importlib.metadata import version
from importlib.util import find_spec

import pandas as pd
from pyBKT.models import Model

PARAMETERS = {
    "prior": "prior",
    "learns": "learn",
    "guesses": "guess",
    "slips": "slip",
    "forgets": "forget",
}

train_path, test_path, out, n_fits, forgets = sys.argv[1:]
train, test = pd.read_csv(train_path), pd.read_csv(test_path)
model = Model(seed=0, num_fits=int(n_fits), parallel=False)
start = time.process_time()
model.fit(data=train, forgets=forgets == "True")
fitted = time.process_time()
p = model.predict(data=test).sort_index()["correct_predictions"]
predicted = time.process_time()

table = model.params()["value"].rename("value").reset_index()
table["param"] = table["param"].map(PARAMETERS)
params = table.pivot_table(index="skill", columns="param", values="value")
with open(out, "w") as file:
    json.dump(
        {
            "version": version("pyBKT"),
            "compiled": find_spec("pyBKT.fit.E_step") is not None,
            "fit": fitted - start,
            "predict": predicted - fitted,
            "params": {str(k): row.to_dict() for k, row in params.iterrows()},
            "p": p.tolist(),
        },
        file,
    )
