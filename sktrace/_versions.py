"""What is installed: told in the report of a bug, and asked before it is needed."""

import os
import platform
import re
import sys
from importlib import import_module, metadata, util
from pathlib import Path

from . import __version__

__all__ = ["require_extra", "show_versions"]

NEEDED = (
    *("numpy", "scipy", "pandas", "scikit-learn", "joblib", "torch", "skorch"),
    "tqdm",
)
EXTRAS = {
    "dask": ("dask", "distributed"),
    "data": ("pooch",),
    "devices": ("accelerate",),
    "excel": ("openpyxl",),
    "onnx": ("onnx",),
    "parquet": ("pyarrow",),
    "plot": ("matplotlib",),
    "report": ("matplotlib", "jinja2"),
    "serve": ("fastapi", "uvicorn"),
}


def show_versions():
    """Print versions, threads and devices, for the report of a bug.

    Versions are read from what pip has noted of each package: nothing slow is imported
    for them, and a package that cannot be imported is named all the same. Libraries
    that count threads, and GPUs, are those that have been loaded so far: to see all of
    them, call it after what went wrong.

    Examples
    --------
    >>> from sktrace import show_versions
    >>> show_versions()  # doctest: +ELLIPSIS, +NORMALIZE_WHITESPACE
    System
      Python  3...
      platform  ...
      processors  ...
    <BLANKLINE>
    Needed
      sktrace  ...
      numpy  ...
    """
    parts = {
        "System": {
            "Python": platform.python_version(),
            "platform": platform.platform(),
            "processors": os.cpu_count(),
        },
        "Needed": {"sktrace": __version__} | {name: version(name) for name in NEEDED},
        "Extras": {
            extra: ", ".join(f"{name} {version(name)}" for name in names)
            for extra, names in EXTRAS.items()
        },
        "Threads and devices": find_threads() | find_devices(),
    }
    width = max(len(name) for part in parts.values() for name in part)
    blocks = [
        "\n".join([title, *(f"  {name:<{width}}  {part[name]}" for name in part)])
        for title, part in parts.items()
    ]
    print("\n\n".join(blocks))


def require_extra(extra, what):
    """Refuse to go on where a package of an extra is not installed.

    >>> require_extra("report", "The page")  # nothing, where all are there
    """
    absent = [name for name in EXTRAS[extra] if util.find_spec(name) is None]
    if absent:
        raise ImportError(
            f"{what} needs {' and '.join(absent)}, not installed here: pip install "
            f'{" ".join(absent)}, or, in a checkout, pip install ".[{extra}]".'
        )


def version(package):
    """Return the version that is installed, without importing the package."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def find_threads():
    """Return how many threads are asked for, and taken by what has been loaded."""
    threads = {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "not set")}
    try:
        import_module("numpy")
        from threadpoolctl import threadpool_info  # scikit-learn needs it, too
    except ImportError as error:
        return threads | {"libraries": f"cannot be listed: {error}"}
    for library in threadpool_info():
        name = Path(library["filepath"]).name.partition(".")[0].partition("-")[0]
        threads[name] = f"{library['num_threads']} threads"
    return threads


def find_devices():
    """Return what torch was built for and, once it is imported, what it finds."""
    torch = sys.modules.get("torch")
    if torch is None:
        cuda, found = read_cuda(), "not asked: torch has not been imported"
    else:
        cuda, n_devices = torch.version.cuda, torch.cuda.device_count()
        names = [torch.cuda.get_device_name(k) for k in range(n_devices)]
        found = ", ".join(names) or "none"
    return {"torch built for": f"CUDA {cuda}" if cuda else "no CUDA", "GPUs": found}


def read_cuda():
    """Return the CUDA version that torch names in its file of versions, or None."""
    spec = util.find_spec("torch")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).with_name("version.py")
    text = path.read_text("utf-8") if path.is_file() else ""
    named = re.search(r"^cuda\b[^=]*=\s*['\"]([\d.]+)['\"]", text, re.MULTILINE)
    return named and named[1]
