"""The exception that ends a script with a message."""


class Failure(Exception):
    """Something the caller has to change; the message says what."""
