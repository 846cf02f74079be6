"""The staff console: a Flask application of its own below /console."""
