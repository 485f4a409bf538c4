"""SOQL, the subset this org understands: parsed fully, translated to SQL, or refused by name."""

from .errors import MalformedQueryError
from .parser import parse
from .tree import Query

__all__ = ["MalformedQueryError", "Query", "parse"]
