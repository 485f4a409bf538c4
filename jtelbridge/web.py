"""The web server: granian, whose workers are forked from a process that has loaded the program.

What is loaded by then is in memory once for all of them. As `granian`, with its options:
`python -m jtelbridge.web --workers 2 …`.
"""

from granian.cli import entrypoint

from jtelbridge.wsgi import application

__all__ = ["application"]

if __name__ == "__main__":
    entrypoint()  # type: ignore[no-untyped-call]
