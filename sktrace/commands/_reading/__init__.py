"""A log in whatever file it comes: guessed, asked for, and looked at for oddities."""
