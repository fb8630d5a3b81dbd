"""A cluster of two processes on this machine, for the tests of a file."""

import multiprocessing
import os
from unittest import mock

import pytest

# What workers import, in seconds; those of a file, and those that stand in for killed
# ones, are forked from one process that has. Dynamo comes with the first optimizer.
IMPORTED = ["distributed", "sktrace._neural.dkt", "sktrace._blend.estimator"]
IMPORTED += ["torch._dynamo", "tests.cluster._models"]


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """Two workers of one thread each, started where no variable counts threads."""
    distributed = pytest.importorskip(
        "distributed", reason="distributed, which runs Dask's clusters, is missing"
    )
    dask = pytest.importorskip("dask")
    forked = {"distributed.worker.multiprocessing-method": "forkserver"}
    # A nanny sets variables that its worker shall inherit, and leaves them set.
    with mock.patch.dict(os.environ), dask.config.set(forked):
        os.environ.pop("OMP_NUM_THREADS", None)
        distributed.utils.get_mp_context()  # which has a list of its own
        multiprocessing.set_forkserver_preload(IMPORTED)
        with (
            distributed.LocalCluster(
                n_workers=2,
                threads_per_worker=1,
                memory_limit=None,
                dashboard_address=":0",
                local_directory=str(tmp_path_factory.mktemp("workers")),
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            yield client
