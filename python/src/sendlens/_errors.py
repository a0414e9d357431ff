"""The one exception of the package."""

from __future__ import annotations


class SendlensError(Exception):
    """Something could not be read or answered.

    The message says what happened and what to do next, as the program prints it; ``code`` is the same stable word
    ("encrypted", "not_a_pdf", "unknown_area") that the program's JSON has.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[type[SendlensError], tuple[str, str]]:
        return (type(self), (self.code, self.message))
