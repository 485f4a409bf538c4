"""What the OpenAPI document says of the case store's resources.

The views read bytes themselves, so nothing can be derived from them: all is declared here, and tests
compare it with what is answered. Only the generator imports this (`make openapi`), no process does.
"""
