"""What residents send besides words: photos, files, sound and films, fetched from LINE, checked, cleaned and kept encrypted."""
