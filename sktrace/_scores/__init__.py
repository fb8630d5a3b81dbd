"""How predictions are scored; the public names are in `metrics`."""
