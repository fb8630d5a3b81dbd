"""What a tracer is, and how it is asked."""
