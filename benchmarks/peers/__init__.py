"""What `benchmarks/peers.py` is made of; a `run_*.py` fits one peer, alone."""
