"""The page of a comparison: a function and a template for each section."""
