"""A town with one service, which takes a file, as MADOGUCHI_SERVICES names it."""

SERVICES = ["tests.imports.notices"]
