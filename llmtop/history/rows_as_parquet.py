"""Rows as a Parquet file: typed columns, for DuckDB, pandas and their like (extra `parquet`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import IO, Any

from llmtop.emit.encode import encode

Row = dict[str, Any]
MISSING = "Parquet needs another package: pip install 'llmtop-monitor[parquet]'."
_BATCH = 5_000
"""Rows that are held until they are written."""


def write_parquet(rows: Iterable[Row], out: IO[bytes], fields: Sequence[str]) -> int:
    """One row group for some thousand rows; returns how many. Raises ImportError."""
    import pyarrow as pa  # type: ignore[import-untyped]  # it tells no types
    from pyarrow import parquet

    schema = pa.schema([(field, _type(pa, field)) for field in fields])
    coming = iter(rows)
    count = 0
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        while batch := list(islice(coming, _BATCH)):
            columns = [list(_column(batch, field)) for field in fields]
            arrays = [
                pa.array(column, type=schema.field(at).type) for at, column in enumerate(columns)
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            count += len(batch)
    return count


def _type(pa: Any, field: str) -> Any:
    if field in {"timestamp", "end_time"}:
        return pa.timestamp("us", tz="UTC")
    if field.endswith("tokens") or field in {"spans", "calls", "errors", "unpriced_calls"}:
        return pa.int64()
    if field.endswith(("_ms", "cost")):
        return pa.float64()
    return pa.bool_() if field == "stream" else pa.string()


def _column(rows: Sequence[Row], field: str) -> Iterator[Any]:
    is_time = field in {"timestamp", "end_time"}
    for row in rows:
        value = row[field]
        if value is None or isinstance(value, bool | float):
            yield value
        elif isinstance(value, int):
            yield value if -(2**63) <= value < 2**63 else None
        elif is_time:
            yield datetime.fromisoformat(value)
        elif isinstance(value, str):
            yield value.encode("utf-8", "replace").decode()
        else:
            yield encode(value).decode("utf-8", "replace")
