"""The demo: the product and LINE's stand-in in one process, on this machine only."""
