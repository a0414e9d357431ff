"""Questions to a data directory."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable
from os import PathLike, fspath
from typing import Any, Literal, overload

import pandas as pd
import pyarrow as pa

from . import _native, _tables

Form = Literal["pandas", "arrow"]
Words = str | Iterable[str] | None

_AREAS: _tables.Columns = [
    ("la_code", pa.string()),
    ("ons_code", pa.string()),
    ("area", pa.string()),
    ("region", pa.string()),
    ("la_type", pa.string()),
    ("standing", pa.string()),
    ("standing_from", pa.string()),
    ("standing_since", pa.date32()),
    ("latest_letter.id", pa.string()),
    ("latest_letter.kind", pa.string()),
    ("latest_letter.inspection_start", pa.date32()),
    ("latest_letter.published_on", pa.date32()),
    ("latest_letter.outcome", pa.string()),
    ("latest_letter.url", pa.string()),
    ("letters", pa.int32()),
    ("next_full_inspection_due", pa.date32()),
    ("monitoring_due", pa.date32()),
    ("overdue", pa.bool_()),
]

_THEMES: _tables.Columns = [
    ("theme", pa.string()),
    ("label", pa.string()),
    ("by", pa.string()),
    ("value", pa.string()),
    ("letters", pa.int32()),
    ("of_letters", pa.int32()),
    ("share", pa.float64()),
    ("low", pa.float64()),
    ("high", pa.float64()),
    ("adjusted_share", pa.float64()),
    ("adjusted_low", pa.float64()),
    ("adjusted_high", pa.float64()),
    ("error_basis", pa.int32()),
    ("not_adjusted", pa.string()),
    ("small", pa.bool_()),
    ("stands_out", pa.string()),
    ("frameworks", pa.list_(pa.string())),
    ("first_inspection", pa.date32()),
    ("last_inspection", pa.date32()),
]

_STANDARDISED: _tables.Columns = [
    ("standardised_share", pa.float64()),
    ("standardised_low", pa.float64()),
    ("standardised_high", pa.float64()),
    ("not_standardised", pa.string()),
]

_QUOTE = pa.struct(
    [
        ("area", pa.string()),
        ("text", pa.string()),
        ("page", pa.int32()),
        ("letter_id", pa.string()),
        ("finding_id", pa.string()),
        ("url", pa.string()),
    ]
)

_PEERS: _tables.Columns = [
    ("theme", pa.string()),
    ("label", pa.string()),
    ("peers_flagged", pa.int32()),
    ("of_peers", pa.int32()),
    ("share", pa.float64()),
    ("low", pa.float64()),
    ("high", pa.float64()),
    ("adjusted_share", pa.float64()),
    ("adjusted_low", pa.float64()),
    ("adjusted_high", pa.float64()),
    ("error_basis", pa.int32()),
    ("not_adjusted", pa.string()),
    ("national_flagged", pa.int32()),
    ("of_areas", pa.int32()),
    ("national_share", pa.float64()),
    ("difference", pa.float64()),
    ("difference_low", pa.float64()),
    ("difference_high", pa.float64()),
    ("stands_out", pa.string()),
    ("flagged_here", pa.bool_()),
    ("criticised_here", pa.bool_()),
    ("small", pa.bool_()),
    ("quotes", pa.list_(_QUOTE)),
]


class Dataset:
    """A data directory, opened for questions only: nothing in it is ever changed.

    Every question takes the filters of the command line; several values of one filter mean any of them, different
    filters must all hold:

    ``area``, ``neighbours_of`` (a name in any usual spelling, a three-digit code, an ONS code or a URN), ``region``,
    ``la_type``, ``kind``, ``framework`` ("2016", "2023"), ``outcome``, ``since``, ``until`` (first day of the
    inspection), ``role``, ``polarity``, ``theme``, ``confident`` (only codes that are
    likely right), ``limit``.

    Answers are pandas data frames, or Arrow tables with ``form="arrow"``. What an answer rests on (letters, period,
    what was left out) is in ``frame.attrs`` and in the table's schema metadata under ``sendlens``.

    :param path: the data directory, as given to ``sendlens --data``
    :raises SendlensError: there is no dataset, or it cannot be opened
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self._path = fspath(path)
        self._native = _native.Dataset(self._path)

    def __repr__(self) -> str:
        return f"Dataset({self._path!r})"

    @overload
    def letters(self, *, form: Literal["pandas"] = "pandas", **filters: Any) -> pd.DataFrame: ...
    @overload
    def letters(self, *, form: Literal["arrow"], **filters: Any) -> pa.Table: ...
    def letters(self, *, form: Form = "pandas", **filters: Any) -> pd.DataFrame | pa.Table:
        """Letters and reports, latest inspection first. ``kind="other"`` gives what was set aside."""
        return _answer(self._native.letters(_filters(filters)), _tables.columns("letters"), form)

    @overload
    def findings(self, *, form: Literal["pandas"] = "pandas", **filters: Any) -> pd.DataFrame: ...
    @overload
    def findings(self, *, form: Literal["arrow"], **filters: Any) -> pa.Table: ...
    def findings(self, *, form: Form = "pandas", **filters: Any) -> pd.DataFrame | pa.Table:
        """Findings with their themes, by letter and in the order of the letter."""
        return _answer(self._native.findings(_filters(filters)), _tables.columns("findings"), form)

    @overload
    def areas(self, *, form: Literal["pandas"] = "pandas", **filters: Any) -> pd.DataFrame: ...
    @overload
    def areas(self, *, form: Literal["arrow"], **filters: Any) -> pa.Table: ...
    def areas(self, *, form: Form = "pandas", **filters: Any) -> pd.DataFrame | pa.Table:
        """Every current area with its standing, its latest letter and when the next inspection is due."""
        return _answer(self._native.areas(_filters(filters)), _AREAS, form)

    @overload
    def themes(
        self,
        *,
        by: str | None = None,
        standardise: str | None = None,
        form: Literal["pandas"] = "pandas",
        **filters: Any,
    ) -> pd.DataFrame: ...
    @overload
    def themes(
        self, *, by: str | None = None, standardise: str | None = None, form: Literal["arrow"], **filters: Any
    ) -> pa.Table: ...
    def themes(
        self, *, by: str | None = None, standardise: str | None = None, form: Form = "pandas", **filters: Any
    ) -> pd.DataFrame | pa.Table:
        """How often each theme is found, as a share of letters with its 95% interval.

        Without ``role`` and ``polarity``, what areas were flagged for is counted. Where groups are not alike,
        ``attrs["cautions"]`` says what differs.

        :param by: group by ``year``, ``region``, ``la_type``, ``framework`` or ``outcome``
        :param standardise: give every group the same mix of these, in four further columns
        """
        answer = json.loads(self._native.themes(_filters(filters), by, standardise))
        columns = _THEMES if standardise is None else _THEMES + _STANDARDISED
        return _answer(_lines(answer.pop("rows")), columns, form, answer)

    @overload
    def peers(
        self,
        area: str,
        *,
        basis: Words = "neighbours",
        sort: str = "most-unusual",
        form: Literal["pandas"] = "pandas",
        **filters: Any,
    ) -> pd.DataFrame: ...
    @overload
    def peers(
        self,
        area: str,
        *,
        basis: Words = "neighbours",
        sort: str = "most-unusual",
        form: Literal["arrow"],
        **filters: Any,
    ) -> pa.Table: ...
    def peers(
        self,
        area: str,
        *,
        basis: Words = "neighbours",
        sort: str = "most-unusual",
        form: Form = "pandas",
        **filters: Any,
    ) -> pd.DataFrame | pa.Table:
        """What areas like this one were flagged for, beside England.

        :param area: the area
        :param basis: who its peers are: ``neighbours``, ``region``, ``type``, ``all``, or a list of areas
        :param sort: which themes come first: ``most-unusual`` (furthest above England), ``most-flagged``, or
            ``here-too`` (what the area itself was flagged for)
        """
        answer = json.loads(self._native.peers(area, _words(basis) or ["neighbours"], _filters(filters), sort))
        return _answer(_lines(answer.pop("themes")), _PEERS, form, answer)


def _filters(given: dict[str, Any]) -> dict[str, list[str]]:
    return {name: words for name, value in given.items() if (words := _words(value))}


def _words(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, (str, int, datetime.date)):
        return [str(value)]
    return [str(item) for item in value]


def _lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def _answer(
    lines: str, columns: _tables.Columns, form: Form, about: dict[str, Any] | None = None
) -> pd.DataFrame | pa.Table:
    table = _tables.from_lines(lines, columns)
    if form == "arrow":
        metadata = {"sendlens": json.dumps(about)} if about else None
        return table.replace_schema_metadata(metadata)
    if form != "pandas":
        raise ValueError(f'form must be "pandas" or "arrow", not {form!r}')
    frame = table.to_pandas()
    frame.attrs = about or {}
    return frame
