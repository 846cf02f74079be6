"""The views of the tax service's console pages, one module a topic."""
