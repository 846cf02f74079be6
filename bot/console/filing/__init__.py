"""The pages of submissions: the list, one of them with the work on it, entry by telephone, templates, and the table."""
