"""Answers as people give them: one parser per type turns what was typed into a value, or says why it cannot."""
