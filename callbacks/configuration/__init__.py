"""Service numbers and routes as a document: written in a fixed order, read back as steps.

A document says all of what it names: what it leaves out of a route has its default. It never holds
a secret. What it does not name stays, unless somebody asks for the rest to go. Tables of a
spreadsheet are read into such a document, so that there is one rule for all of them.
"""

from callbacks.configuration.document import NUMBERS, ROUTES, document
from callbacks.configuration.planning import (
    Plan,
    RefusedError,
    Step,
    carry_out,
    plan,
    steps,
)

__all__ = [
    "NUMBERS",
    "ROUTES",
    "Plan",
    "RefusedError",
    "Step",
    "carry_out",
    "document",
    "plan",
    "steps",
]
