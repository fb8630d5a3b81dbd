"""An environment for each peer, made from the package index on first use."""

import subprocess
import sys

# What is installed, one command after the other. A torch without CUDA is at hand in
# some releases only; the rest is what the index has today.
PACKAGES = {
    "pykt": [["torch==2.13.0"], ["pykt-toolkit==0.0.38", "wandb"]],
    "keras": [["tensorflow-cpu", "pandas", "scikit-learn"]],
    # pyBKT does not run on current numpy and scikit-learn.
    "pybkt": [["numpy<2.4", "scikit-learn<1.8", "pandas"], ["pyBKT==1.4.3"]],
}


def python_of(environment, folder):
    """Return the python of an environment, which is made unless it is there.

    Parameters
    ----------
    environment : str or None
        A name in `PACKAGES`; None is the environment that this runs in.
    folder : Path
        Where environments lie.
    """
    if environment is None:
        return sys.executable
    home = folder.resolve() / environment
    python, ready = home / "bin" / "python", home / ".ready"
    if not ready.exists():
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        for packages in PACKAGES[environment]:
            pip = [python, "-m", "pip", "install", "--quiet", *packages]
            subprocess.run(pip, check=True)
        ready.touch()
    return python
