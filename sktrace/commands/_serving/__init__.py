"""A tutor over HTTP: what may be asked, and by whom."""
