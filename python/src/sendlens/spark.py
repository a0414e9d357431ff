"""Reads any number of documents on Apache Spark into a Parquet dataset.

::

    python -m sendlens.spark s3a://bucket/reports s3a://bucket/dataset
    spark-submit --master spark://host:7077 python/spark_job.py /reports /dataset

The dataset has one folder for each table:

``documents/run=N/status=S``
    one row for each document, whatever became of it, with everything that ``sendlens ingest --from-parquet`` needs
``letters/kind=K``, ``findings/kind=K``
    the current letters and their findings, with the columns of ``sendlens export --format parquet``
``areas``, ``neighbours``, ``themes``
    the reference tables that the documents were read with

Reading a document is a pure function of its bytes, so a task that is lost with its machine is simply done again, and
the dataset does not depend on how the work was spread. ``documents`` is written by one committed append for each run
of the job; the other tables are made from it. So a job that died leaves at most tables that the next run makes again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from . import _tables
from ._reading import Reader

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

# Columns of a finding that are its letter's.
_OF_LETTER = ("la_code", "area", "kind", "framework", "inspection_start", "url")
# Columns of a letter that belong to the document as it was found.
_OF_DOCUMENT = ("file", "url", "published_on")
# Columns of a finding that say which finding of an earlier letter a verdict judges.
_LINKS = ("judges", "similarity", "joined_by")
# About how many letters have their findings in one file.
_LETTERS_PER_FILE = 5_000

_TASK_BYTES = "spark.sql.files.maxPartitionBytes"

SETTINGS = {
    # Documents in a batch between the JVM and Python: memory is bounded by the documents, not by their number.
    "spark.sql.execution.arrow.maxRecordsPerBatch": "8",
    # A task reads about this many bytes of documents: seconds of work, so that little is lost with a machine.
    _TASK_BYTES: "32m",
    "spark.sql.files.openCostInBytes": "262144",
    # A run's documents appear all at once, when its last task is done.
    "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "1",
    # The Parquet reader of the sendlens program knows this codec.
    "spark.sql.parquet.compression.codec": "snappy",
    # Dates before 1900 do not occur, so dates need no conversion between calendars.
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
}


def main(arguments: list[str] | None = None) -> int:
    """Runs the job from the command line. Gives 0, or 2 if documents could not be read."""
    args = _parser().parse_args(arguments)
    from pyspark.sql import SparkSession

    if (args.master or "").startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("sendlens")
    if args.master:
        builder = builder.master(args.master)
    for key, value in SETTINGS.items():
        builder = builder.config(key, value)
    if args.task_bytes:
        builder = builder.config(_TASK_BYTES, str(args.task_bytes))
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    try:
        report = run(spark, args.paths, args.output, Reader(args.reference, args.codebook, args.patterns_only))
    finally:
        spark.stop()
    if not any(report.values()):
        print(f"no PDF was found below {', '.join(args.paths)}: names must end in .pdf", file=sys.stderr)
    json.dump(report, sys.stdout)
    print()
    return 2 if report["failed"] else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sendlens.spark", description="Read PDF documents on Apache Spark into a Parquet dataset."
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files or folders, at any address that Spark reads")
    parser.add_argument("output", metavar="DATASET", help="folder of the dataset; what it holds is not read again")
    parser.add_argument("--reference", metavar="DIR", help="reference tables, at the same path on every machine")
    parser.add_argument("--codebook", metavar="FILE", help="codebook, at the same path on every machine")
    parser.add_argument("--patterns-only", action="store_true", help="code without the language model")
    parser.add_argument("--master", metavar="URL", help="cluster, where spark-submit does not say it")
    parser.add_argument("--task-bytes", type=int, metavar="N", help="bytes of documents for one task [default: 32 MiB]")
    return parser


def run(spark: SparkSession, paths: list[str], output: str, reader: Reader) -> dict[str, int]:
    """Reads what is new below the paths and makes the tables of the dataset again.

    :return: how many documents this run read, by their status, and how many it skipped as known
    """
    from pyspark.sql import functions as F

    output = output.rstrip("/")
    known = _known(spark, output)
    number = 1
    found = _found(spark, paths, reader)
    total = found.count()
    if known is not None:
        number = max(row["run"] for row in known.select("run").distinct().collect()) + 1
        versions = reader.versions
        same_versions = [F.col(f"versions_{part}") == F.lit(value) for part, value in versions.items()]
        same = known
        for condition in same_versions:
            same = same.where(condition)
        # Documents that were too large to be read have no hash; they are known by their path.
        unread = same.where("sha256 IS NULL").select("path").distinct()
        read = same.where("sha256 IS NOT NULL").select("sha256").distinct()
        found = found.join(F.broadcast(read), "sha256", "left_anti").join(F.broadcast(unread), "path", "left_anti")
    records = _read(found, reader)
    written = f"{output}/documents/run={number}"
    records.write.mode("overwrite").partitionBy("status").parquet(written)
    # The size of a task is meant for documents: the files of the tables would be read in too small pieces.
    of_documents = spark.conf.get(_TASK_BYTES) or SETTINGS[_TASK_BYTES]
    spark.conf.set(_TASK_BYTES, "128m")
    try:
        _write_tables(spark, output, reader)
    finally:
        spark.conf.set(_TASK_BYTES, of_documents)
    report = {"letter": 0, "set_aside": 0, "failed": 0}
    if _exists(spark, f"{written}/status=*"):
        for row in spark.read.parquet(written).groupBy("status").count().collect():
            report[row["status"]] = row["count"]
    return {**report, "known": total - sum(report.values())}


def _found(spark: SparkSession, paths: list[str], reader: Reader) -> DataFrame:
    """Every PDF with its bytes and their hash. One that is too large has only its name and length."""
    from pyspark.sql import functions as F

    files = (
        spark.read.format("binaryFile")
        .option("recursiveFileLookup", "true")
        .option("pathGlobFilter", "*.[pP][dD][fF]")
        .load(paths)
    )
    files = files.unionByName(_empty_files(spark, files))
    limit = F.lit(reader.max_bytes)
    fitting = files.where(F.col("length") <= limit).select(
        "path", "length", F.sha2("content", 256).alias("sha256"), "content"
    )
    large = files.where(F.col("length") > limit).select(
        "path", "length", F.lit(None).cast("string").alias("sha256"), F.lit(None).cast("binary").alias("content")
    )
    return fitting.unionByName(large)


def _empty_files(spark: SparkSession, files: DataFrame) -> DataFrame:
    """The empty files, which Spark lists but does not read: they are documents that failed."""
    from pyspark.sql import functions as F

    # Spark's list has addresses (file:///a%20b.pdf), its rows have paths (file:/a b.pdf).
    paths = [unquote(address).replace(":///", ":/", 1) for address in files.inputFiles()]
    if len(paths) == files.count():
        paths = []
    found = spark.createDataFrame([(path,) for path in paths], "path string").join(files, "path", "left_anti")
    return found.select(
        "path",
        F.current_timestamp().alias("modificationTime"),
        F.lit(0).cast("long").alias("length"),
        F.lit(b"").alias("content"),
    )


def _read(found: DataFrame, reader: Reader) -> DataFrame:
    columns = _tables.columns("documents")
    names = [name for name, _ in columns]
    given = reader._given

    def read(batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for batch in batches:
            yield read_batch(batch, names, *given)

    return found.select("path", "length", "content").mapInPandas(read, _spark_schema(_tables.schema(columns)))


def read_batch(
    batch: pd.DataFrame,
    names: list[str],
    reference: str | None = None,
    codebook: str | None = None,
    patterns_only: bool = False,
) -> pd.DataFrame:
    """Rows of the table ``documents`` for documents with ``path``, ``length`` and ``content``. Never fails."""
    import pandas as pd

    reader = _reader(reference, codebook, patterns_only)
    rows = []
    for path, length, content in zip(batch["path"], batch["length"], batch["content"], strict=True):
        if content is None:
            message = f"this file is larger than the limit of {reader.max_bytes} bytes for one document"
            rows.append(reader.unread_record(path, int(length), "too_large", message))
        else:
            rows.append(reader.record(content, path))
    return pd.DataFrame([[row[name] for name in names] for row in rows], columns=names, dtype=object)


@lru_cache(maxsize=1)
def _reader(reference: str | None, codebook: str | None, patterns_only: bool) -> Reader:
    return Reader(reference, codebook, patterns_only)


def _write_tables(spark: SparkSession, output: str, reader: Reader) -> None:
    """Makes letters, findings and the reference tables from the documents."""
    from pyspark.sql import functions as F

    for table in ("areas", "neighbours", "themes"):
        lines = "".join(json.dumps(row) + "\n" for row in reader.reference_rows(table))
        arrow = _tables.from_lines(lines, _tables.columns(table))
        frame = spark.createDataFrame(arrow.to_pylist(), _spark_schema(arrow.schema))
        frame.coalesce(1).write.mode("overwrite").parquet(f"{output}/{table}")

    documents = _known(spark, output)
    if documents is None:
        return
    letters = _current(documents).withColumn(
        "row", F.from_json("row", _spark_schema(_tables.nested(_tables.columns("letters"))))
    )
    letters = letters.cache()
    files = max(1, letters.count() // _LETTERS_PER_FILE)
    columns = []
    for path, kind in _tables.columns("letters"):
        name = _tables.name(path)
        column = F.col("file") if name == "file" else F.col(f"row.{path}")
        columns.append(column.alias(name))
    rows = letters.select(*columns).repartition(files, "id").sortWithinPartitions("id")
    rows.write.mode("overwrite").partitionBy("kind").parquet(f"{output}/letters")

    findings = _tables.columns("findings")
    own = [(path, kind) for path, kind in findings if path not in (*_OF_LETTER, *_LINKS)]
    inner = _spark_schema(_tables.schema(own)).simpleString()
    exploded = letters.select(
        F.col("letter_id").alias("of"),
        "row",
        F.posexplode(F.from_json("findings", f"array<{inner}>")).alias("position", "finding"),
    )
    links = _verdict_links(spark, exploded, reader)
    rows = exploded.repartition(files, "of").join(F.broadcast(links), F.col("finding.id") == links.verdict, "left")

    def place(path: str) -> str:
        return path if path in _LINKS else f"row.{path}" if path in _OF_LETTER else f"finding.{path}"

    rows = rows.sortWithinPartitions("of", "position").select(*[F.col(place(path)).alias(path) for path, _ in findings])
    rows.write.mode("overwrite").partitionBy("kind").parquet(f"{output}/findings")
    letters.unpersist()


def _verdict_links(spark: SparkSession, findings: DataFrame, reader: Reader) -> DataFrame:
    """What each verdict judges. This needs all letters of an area, but only their few formal items."""
    from pyspark.sql import functions as F

    items = (
        findings.where(F.col("finding.role").isin("significant_weakness", "priority_action", "progress_verdict"))
        .orderBy("of", "position")
        .select(
            "finding.id", F.col("of").alias("letter_id"), "row.kind", "row.la_code",
            F.col("row.inspection_start").cast("string").alias("inspection_start"), "finding.role", "finding.text",
        )
    )  # fmt: skip
    links = reader.verdict_links(row.asDict() for row in items.collect())
    return spark.createDataFrame(
        [(link["id"], *(link[column] for column in _LINKS)) for link in links],
        "verdict string, judges string, similarity double, joined_by string",
    )


def _current(documents: DataFrame) -> DataFrame:
    """Of all letters that were read, those that count, as a data directory would choose them.

    An address shows what the latest run read there. A document found at several addresses is shown under the first.
    Of several documents of one letter the one with the greatest hash counts, as for all documents without a date of
    publication.
    """
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    def first(frame: DataFrame, by: str, *order: Any) -> DataFrame:
        place = F.row_number().over(Window.partitionBy(by).orderBy(*order))
        return frame.withColumn("place", place).where("place = 1").drop("place")

    shown = first(documents.where("status <> 'failed'"), "path", F.desc("run"))
    letters = first(shown.where("status = 'letter'"), "sha256", F.desc("run"), F.asc("path"))
    return first(letters, "letter_id", F.desc("sha256"))


def _known(spark: SparkSession, output: str) -> DataFrame | None:
    """The documents of earlier runs."""
    if not _exists(spark, f"{output}/documents/run=*/status=*"):
        return None
    schema = _tables.schema([*_tables.columns("documents")])
    from pyspark.sql.types import IntegerType

    return spark.read.schema(_spark_schema(schema).add("run", IntegerType())).parquet(f"{output}/documents")


def _exists(spark: SparkSession, pattern: str) -> bool:
    java: Any = spark.sparkContext._jvm
    path = java.org.apache.hadoop.fs.Path(pattern)
    found = path.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration()).globStatus(path)
    return found is not None and len(found) > 0


def _spark_schema(schema: Any) -> StructType:
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(schema)


if __name__ == "__main__":
    # Workers must find what is sent to them under the name of the module.
    from sendlens.spark import main as as_imported

    sys.exit(as_imported())
