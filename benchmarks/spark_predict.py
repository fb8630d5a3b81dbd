"""Predict a log on Spark, in buckets of whole students, and compare with one machine.

    pip install pyspark pandas pyarrow
    python benchmarks/spark_predict.py --students 2000

It needs a Java that Spark takes. Tracers are fitted here, on a sample of students; the
log is a Parquet folder that Spark reads, and what it predicts is one, too.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyspark
import sklearn
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, IntegerType, StructField, StructType

from sktrace import BKTClassifier, DKTClassifier, PFAClassifier
from sktrace.datasets import make_interactions

TRACERS = {
    "BKT": BKTClassifier(random_state=0),
    "PFA": PFAClassifier(),
    "DKT": DKTClassifier(hidden_size=16, max_epochs=2, random_state=0),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--students", type=int, default=2000)
    parser.add_argument("--sample", type=int, default=300, help="students of fit")
    parser.add_argument("--buckets", type=int, default=8)
    parser.add_argument("--master", default="local[2]", help="where Spark runs")
    options = parser.parse_args()
    os.environ["PYSPARK_PYTHON"] = sys.executable  # workers run what this file runs

    X, y = make_interactions(options.students, 10, random_state=0)
    sample = (X["user_id"] < options.sample).to_numpy()
    versions = {"pyspark": pyspark, "pandas": pd, "scikit-learn": sklearn}
    print({name: module.__version__ for name, module in versions.items()})
    print(f"{len(X)} rows of {options.students} students, {options.sample} in fit")

    spark = start_spark(options.master, options.buckets)
    with tempfile.TemporaryDirectory() as folder:
        spark.createDataFrame(X).write.parquet(f"{folder}/log")
        for name, tracer in TRACERS.items():
            fitted = tracer.fit(X[sample], y[sample])
            target = Path(folder, name)
            start = time.perf_counter()
            predict_folder(spark, fitted, f"{folder}/log", target, options.buckets)
            there = time.perf_counter() - start
            start = time.perf_counter()
            p = fitted.predict_proba(X)[:, 1]
            here = time.perf_counter() - start
            print(f"{name}: {there:.1f} s on Spark, {here:.1f} s here;", end=" ")
            print(compare(X, p, pd.read_parquet(target)))
    spark.stop()


def start_spark(master, n_partitions):
    """Start Spark, and keep it from joining the buckets of a small log in one task."""
    builder = SparkSession.builder.master(master).config("spark.ui.enabled", "false")
    for key, value in (
        ("spark.sql.shuffle.partitions", n_partitions),
        ("spark.sql.adaptive.coalescePartitions.enabled", "false"),
    ):
        builder = builder.config(key, value)
    return builder.getOrCreate()


def predict_folder(spark, tracer, source, target, n_buckets):
    """Predict a Parquet folder into another, a bucket of whole students at a time."""
    log = spark.read.parquet(str(source))
    new = [StructField("p", DoubleType()), StructField("threads", IntegerType())]
    fields = StructType([*log.schema.fields, *new])
    sent = spark.sparkContext.broadcast(tracer)

    def predict(students):
        import torch

        p = sent.value.predict_proba(students)[:, 1]
        return students.assign(p=p, threads=torch.get_num_threads())

    bucket = F.pmod(F.xxhash64("user_id"), F.lit(n_buckets))
    log.groupBy(bucket).applyInPandas(predict, fields).write.parquet(str(target))


def compare(X, p, predicted):
    """Say how far both are apart, on the same rows."""
    keys = ["user_id", "order_id"]
    both = X.assign(here=p).merge(predicted, on=keys, validate="one_to_one")
    assert len(both) == len(X) == len(predicted)
    gap = np.abs(both["here"] - both["p"]).max()
    threads = predicted["threads"].unique().tolist()
    return f"largest difference {gap:.1e}; threads of torch on workers: {threads}"


if __name__ == "__main__":
    main()
