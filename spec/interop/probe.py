"""Asks files for rows with one library, in a way that makes it skip what its statistics, page indexes and bloom filters allow it to skip.

    probe.py LIBRARY FILE...  ->  one line for each file: {"count": n, "ids": sum, "equal": [...], "range": [...], "name": [...], "last": [...]}

The lists are the ids, sorted, of the rows with id 4097, with ids from 2040 to 2060, and with the names "needle" and "revised".

    probe.py write FILE  ->  writes a file of three row groups with page indexes
"""

import json
import sys


def with_duckdb(file):
    import duckdb

    ask = lambda where: sorted(row[0] for row in duckdb.sql(f"SELECT id FROM '{file}' WHERE {where}").fetchall())
    return ask("true"), ask("id = 4097"), ask("id BETWEEN 2040 AND 2060"), ask("name = 'needle'"), ask("name = 'revised'")


def with_pyarrow(file):
    import pyarrow.parquet as pq

    ask = lambda filters: sorted(pq.read_table(file, columns=["id"], filters=filters)["id"].to_pylist())
    range_ = [("id", ">=", 2040), ("id", "<=", 2060)]
    return (ask(None), ask([("id", "=", 4097)]), ask(range_), ask([("name", "=", "needle")]), ask([("name", "=", "revised")]))


def with_pandas(file):
    import pandas as pd

    ask = lambda filters: sorted(int(it) for it in pd.read_parquet(file, columns=["id"], filters=filters)["id"])
    range_ = [("id", ">=", 2040), ("id", "<=", 2060)]
    return (ask(None), ask([("id", "=", 4097)]), ask(range_), ask([("name", "=", "needle")]), ask([("name", "=", "revised")]))


def with_polars(file):
    import polars as pl

    ask = lambda where: sorted(pl.scan_parquet(file).filter(where).select("id").collect()["id"].to_list())
    c = pl.col
    return (ask(pl.lit(True)), ask(c("id") == 4097), ask(c("id").is_between(2040, 2060)), ask(c("name") == "needle"), ask(c("name") == "revised"))


def with_spark(file):
    from pyspark.sql import SparkSession

    spark = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        # The reader that goes by page indexes and bloom filters is the one for rows.
        .config("spark.sql.parquet.enableVectorizedReader", "false")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    frame = spark.read.parquet(file)
    ask = lambda where: sorted(row.id for row in frame.where(where).select("id").collect())
    return ask("true"), ask("id = 4097"), ask("id BETWEEN 2040 AND 2060"), ask("name = 'needle'"), ask("name = 'revised'")


def write(file):
    import datetime

    import pyarrow as pa
    import pyarrow.parquet as pq

    ids = list(range(6144))
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
    table = pa.table(
        {
            "id": pa.array(ids, pa.int64()),
            "name": pa.array([f"name {i:05}" if i != 3000 else "needle" for i in ids], pa.string()),
            "amount": pa.array([i / 4 if i % 5 else None for i in ids], pa.float64()),
            "at": pa.array([start + datetime.timedelta(seconds=i) for i in ids], pa.timestamp("us", "UTC")),
        }
    )
    # Small pages, so that there is something to skip within a row group.
    pq.write_table(table, file, row_group_size=2048, write_page_index=True, data_page_size=1024, write_batch_size=128, compression="zstd")


library, *files = sys.argv[1:]
if library == "write":
    write(*files)
else:
    for file in files:
        every, equal, range_, name, last = globals()[f"with_{library}"](file)
        print(json.dumps({"count": len(every), "ids": sum(every), "equal": equal, "range": range_, "name": name, "last": last}))
