"""The pages of the service in the console, a module per topic."""
