"""What residents send besides words: photos, files, sound and films, fetched from LINE, checked, cleaned and kept encrypted."""

REFUSED = 3
"""The cleaner's exit code for a file that is refused; Python's own for a fault is 1."""
