"""Factor models: logistic regressions on how often each skill was practised."""
