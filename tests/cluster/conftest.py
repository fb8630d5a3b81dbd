"""A cluster of two processes on this machine, for the tests of a file."""

import os
from unittest import mock

import pytest


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """Two workers of one thread each, started where no variable counts threads."""
    distributed = pytest.importorskip(
        "distributed", reason="distributed, which runs Dask's clusters, is missing"
    )
    # A nanny sets variables that its worker shall inherit, and leaves them set.
    with mock.patch.dict(os.environ):
        os.environ.pop("OMP_NUM_THREADS", None)
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
