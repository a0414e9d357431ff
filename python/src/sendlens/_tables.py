"""Rows as Arrow tables, with the columns and types of the exported files.

A column is described by its dotted path in the row's JSON; its name joins the steps with underscores.
"""

from __future__ import annotations

import io
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.json

from . import _native

Columns = list[tuple[str, pa.DataType]]

_BLOCK_BYTES = 1 << 20


def columns(table: str) -> Columns:
    """The columns of an exported table: letters, findings, areas, neighbours, themes or documents."""
    return [(path, _type(kind, inner)) for path, kind, inner, _ in _native.table_columns(table)]


def schema(of: Columns) -> pa.Schema:
    """The schema of a table with these columns."""
    return pa.schema([(name(path), kind) for path, kind in of])


def nested(of: Columns) -> pa.Schema:
    """The schema of the rows' JSON, where a dot in a path leads into an object."""
    fields: dict[str, pa.DataType] = {}
    inner: dict[str, list[tuple[str, pa.DataType]]] = {}
    for path, kind in of:
        outer, dot, rest = path.partition(".")
        if dot:
            inner.setdefault(outer, []).append((rest, kind))
            fields[outer] = pa.null()
        else:
            fields[outer] = kind
    return pa.schema([(key, pa.struct(inner[key]) if key in inner else kind) for key, kind in fields.items()])


def name(path: str) -> str:
    """The name of the column with this path."""
    return path.replace(".", "_")


def _type(kind: str, inner: Iterable[tuple[str, str]]) -> pa.DataType:
    match kind:
        case "text":
            return pa.string()
        case "whole":
            return pa.int32()
        case "number":
            return pa.float64()
        case "truth":
            return pa.bool_()
        case "day":
            return pa.date32()
        case "texts":
            return pa.list_(pa.field("element", pa.string()))
        case "records":
            return pa.list_(pa.field("element", pa.struct([(field, _type(own, ())) for field, own in inner])))
    raise ValueError(f"unknown kind of column: {kind}")


def from_lines(lines: str, of: Columns) -> pa.Table:
    """JSON objects, one on each line, as a table of these columns."""
    wanted = schema(of)
    data = lines.encode()
    if not data:
        return wanted.empty_table()
    # The JSON reader knows no dates, so they are read as text and cast at the end.
    loose = nested([(path, pa.string() if pa.types.is_date(kind) else kind) for path, kind in of])
    longest = max(map(len, data.split(b"\n")))
    table = pyarrow.json.read_json(
        io.BytesIO(data),
        read_options=pyarrow.json.ReadOptions(block_size=max(_BLOCK_BYTES, 2 * longest)),
        parse_options=pyarrow.json.ParseOptions(explicit_schema=loose, unexpected_field_behavior="ignore"),
    ).flatten()
    return table.rename_columns([name(column) for column in table.column_names]).select(wanted.names).cast(wanted)
