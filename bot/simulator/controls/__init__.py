"""The control calls by what they are about: the setting, the people, the webhooks, the records."""
