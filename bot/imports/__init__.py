"""Files that staff hand in (CSV as spreadsheets write it): uploaded, checked row by row, and loaded into a service's tables.

A service says what a kind of file holds and how its rows are stored; all else is the same for every kind.
"""

from bot.imports.cells import BadCell
from bot.imports.kind import Check, Column, ImportContext, ImportKind, Loaded, Row, RowFault

__all__ = ["BadCell", "Check", "Column", "ImportContext", "ImportKind", "Loaded", "Row", "RowFault"]
