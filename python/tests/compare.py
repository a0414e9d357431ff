"""Compares the tables of two Parquet datasets, whatever files and partitions they are made of."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
from sendlens import _tables

KEYS = {
    "letters": ["id"],
    "findings": ["letter_id", "id"],
    "areas": ["la_code"],
    "neighbours": ["la_code", "rank"],
    "themes": ["id"],
}


def load(folder: Path, table: str) -> pa.Table:
    """A table of an export (one file) or of the Spark job (a folder with partitions), sorted by its key."""
    file = folder / f"{table}.parquet"
    source = file if file.is_file() else folder / table
    columns = _tables.schema(_tables.columns(table))
    fields = [("kind", pa.string())] if "kind" in columns.names else []
    partitions = ds.partitioning(pa.schema(fields), flavor="hive")
    found = ds.dataset(source, format="parquet", partitioning=partitions).to_table()
    assert set(found.column_names) == set(columns.names), f"{table}: {sorted(set(found.column_names) ^ set(columns.names))}"
    for field in columns:
        assert found.schema.field(field.name).type == field.type, f"{table}.{field.name}: {found.schema.field(field.name)}"
    return found.select(columns.names).sort_by([(key, "ascending") for key in KEYS[table]])


def assert_same(one: Path, other: Path) -> dict[str, int]:
    """Asserts that all rows are the same. Gives the number of rows of each table."""
    counts = {}
    for table in KEYS:
        ours, theirs = load(one, table).to_pylist(), load(other, table).to_pylist()
        assert len(ours) == len(theirs), f"{table}: {len(ours)} rows and {len(theirs)} rows"
        for row, wanted in zip(ours, theirs, strict=True):
            assert row == wanted, f"{table}: {row} is not {wanted}"
        counts[table] = len(ours)
    return counts
