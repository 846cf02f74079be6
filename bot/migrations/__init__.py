"""The database's revisions: numbered, linear, the services' tables included."""
