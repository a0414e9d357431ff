"""Documents and texts, read by the library."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from os import PathLike, fspath
from typing import Any

from . import _native

Bytes = bytes | bytearray | memoryview


class Reader:
    """Reads documents with one set of reference tables and one codebook.

    Without arguments it uses those that sendlens was built with. Safe to use from several threads; the interpreter's lock
    is released while a document is read.

    :param reference: folder with ``areas.csv``, ``neighbours.csv`` and ``register.csv``
    :param codebook: codebook file
    :param patterns_only: code with the patterns of the codebook, without the language model: faster, and less exact
    """

    def __init__(
        self,
        reference: str | PathLike[str] | None = None,
        codebook: str | PathLike[str] | None = None,
        patterns_only: bool = False,
    ) -> None:
        self._given = (_path(reference), _path(codebook), patterns_only)
        self._native = _native.Reader(*self._given)

    def __reduce__(self) -> tuple[type[Reader], tuple[str | None, str | None, bool]]:
        return (type(self), self._given)

    def __repr__(self) -> str:
        reference, codebook, patterns_only = self._given
        return f"Reader(reference={reference!r}, codebook={codebook!r}, patterns_only={patterns_only})"

    def extract(self, data: Bytes) -> dict[str, Any]:
        """The text of a PDF as typed blocks, in the form of ``sendlens extract``."""
        return _object(self._native.extract(bytes(data)))

    def read_letter(self, data: Bytes, *, file: str | None = None) -> dict[str, Any]:
        """The letter and its coded findings, in the form of ``sendlens letters`` and ``sendlens findings``.

        A document of another programme gives a letter of kind ``other`` with the reason, and no findings.

        :param file: name of the file, to be kept in the letter
        :return: ``{"letter": {...}, "findings": [{...}, ...]}``
        :raises SendlensError: the document cannot be read
        """
        return _object(self._native.read_letter(bytes(data), file))

    def tag(
        self, text: str, previous: str | None = None, section: str | None = None, role: str | None = None
    ) -> dict[str, Any]:
        """Polarity and themes of a text, with the words that are the evidence for each theme.

        :param previous: the sentence before it, on which it may depend
        :param section: section of the letter that it is from
        :param role: its role in the letter
        """
        return _object(self._native.tag(text, previous, section, role))

    @property
    def versions(self) -> dict[str, Any]:
        """The versions that are stamped on everything this reader reads."""
        return _object(self._native.versions())

    @property
    def max_bytes(self) -> int:
        """Size in bytes above which a document is refused."""
        return self._native.max_bytes()

    def record(self, data: Bytes, path: str) -> dict[str, Any]:
        """A document as one row of the table ``documents``; one that cannot be read is a row with the reason."""
        return _object(self._native.record(bytes(data), path))

    def unread_record(self, path: str, size: int, code: str, message: str) -> dict[str, Any]:
        """The row of a document whose bytes were not read."""
        return _object(self._native.unread_record(path, size, code, message))

    def verdict_links(self, items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """What verdicts of revisit and monitoring letters judge, given the formal items and verdicts of all letters.

        :param items: findings with the columns ``id``, ``letter_id``, ``kind``, ``la_code``, ``inspection_start``,
            ``role`` and ``text``, by letter and in its order
        :return: for each verdict that is linked ``id``, ``judges`` (the id of the finding that it judges), ``similarity``
            and ``joined_by``
        """
        lines = self._native.verdict_links("".join(json.dumps(item) + "\n" for item in items))
        return [json.loads(line) for line in lines.splitlines()]

    def reference_rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of ``areas``, ``neighbours`` or ``themes`` that the reader works with."""
        return [json.loads(line) for line in self._native.reference_rows(table).splitlines()]


def _object(text: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(text)
    return made


def _path(given: str | PathLike[str] | None) -> str | None:
    return None if given is None else fspath(given)


@lru_cache(maxsize=1)
def _default() -> Reader:
    return Reader()


def extract(data: Bytes) -> dict[str, Any]:
    """The text of a PDF as typed blocks. See :meth:`Reader.extract`."""
    return _default().extract(data)


def read_letter(data: Bytes, *, file: str | None = None) -> dict[str, Any]:
    """The letter and its coded findings. See :meth:`Reader.read_letter`."""
    return _default().read_letter(data, file=file)


def tag(
    text: str, previous: str | None = None, section: str | None = None, role: str | None = None
) -> dict[str, Any]:
    """Polarity and themes of a text. See :meth:`Reader.tag`."""
    return _default().tag(text, previous, section, role)
