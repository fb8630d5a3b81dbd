"""What other classes taught: a network without names, on top of a factor model."""
