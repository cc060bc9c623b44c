"""Reads files with one library and prints what it found, in words that are the same for every library.

    read.py LIBRARY FILE...  ->  one line for each file: {"types": {column: type}, "rows": [{column: value}]}

A FILE may be a folder of files, of which all are read, or a `_manifest.json` that names one table: then just its files are.

Values are written so that no type is lost: "i:1" integer, "f:1.5" double, "d:0.10" decimal, "s:x" text, "b:true" boolean,
"D:2024-01-31" date, "T:2024-01-31T10:00:00.000000Z" instant in UTC, "h:00ff" bytes; lists and structs as JSON's own; null.
"""

import csv
import datetime
import decimal
import glob
import hashlib
import json
import math
import os
import sys

csv.field_size_limit(1 << 24)


def value(it):
    if it is None or type(it).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(it, Refused):
        return f"!:{it.text}"
    if isinstance(it, bool):
        return "b:true" if it else "b:false"
    if isinstance(it, int):
        return f"i:{it}"
    if isinstance(it, float):
        if math.isnan(it):
            return "f:NaN"
        return f"f:{'-' if it < 0 else ''}Infinity" if math.isinf(it) else f"f:{it!r}"
    if isinstance(it, decimal.Decimal):
        return f"d:{it:f}"
    if isinstance(it, str):
        # JSON can hold half a pair of surrogates, and what reads this cannot.
        whole = it.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return f"s:{whole}" if len(whole.encode("utf-16-le")) <= 2000 else f"s:#{hashlib.sha256(whole.encode()).hexdigest()}"
    if isinstance(it, (bytes, bytearray)):
        return f"h:{it.hex()}"
    if isinstance(it, datetime.datetime):
        # Without a zone it is UTC: each reader below is told so, or has no other notion.
        utc = it.astimezone(datetime.timezone.utc) if it.tzinfo else it
        return f"T:{utc.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
    if isinstance(it, datetime.date):
        return f"D:{it.isoformat()}"
    if isinstance(it, datetime.time):
        return f"t:{it.isoformat()}"
    if hasattr(it, "asDict"):
        it = it.asDict()
    if isinstance(it, dict):
        return {key: value(part) for key, part in it.items()}
    if hasattr(it, "item") and getattr(it, "shape", None) == ():
        return value(it.item())
    return [value(part) for part in it]


def tree(file):
    """The folder of a table and its files; nothing when it is one file."""
    if os.path.isdir(file):
        return file, sorted(glob.glob(f"{file}/**/*.parquet", recursive=True))
    if not file.endswith("_manifest.json"):
        return None
    with open(file, encoding="utf-8") as text:
        ((name, table),) = json.load(text)["tables"].items()
    folder = os.path.dirname(file)
    return os.path.join(folder, name), [os.path.join(folder, part["path"]) for part in table["files"]]


def arrow_table(file):
    import pyarrow.dataset
    import pyarrow.feather
    import pyarrow.ipc
    import pyarrow.parquet

    if folder := tree(file):
        base, files = folder
        parts = pyarrow.dataset.HivePartitioning.discover(infer_dictionary=False)
        source = base if base == file else files
        return pyarrow.dataset.dataset(source, format="parquet", partitioning=parts, partition_base_dir=base).to_table()
    if file.endswith(".arrows"):
        return pyarrow.ipc.open_stream(file).read_all()
    return pyarrow.feather.read_table(file) if file.endswith(".arrow") else pyarrow.parquet.read_table(file)


def arrow_type(it):
    import pyarrow as pa

    if pa.types.is_dictionary(it):
        return arrow_type(it.value_type)
    if pa.types.is_list(it) or pa.types.is_large_list(it):
        return f"list<{arrow_type(it.value_type)}>"
    if pa.types.is_struct(it):
        return "struct<" + ", ".join(f"{it.field(n).name}: {arrow_type(it.field(n).type)}" for n in range(it.num_fields)) + ">"
    if pa.types.is_decimal(it):
        return f"decimal({it.precision}, {it.scale})"
    if pa.types.is_timestamp(it):
        return "timestamp"
    if pa.types.is_time(it):
        return "time"
    names = {"int64": "bigint", "int32": "int", "double": "double", "bool": "bool", "date32[day]": "date",
             "string": "text", "large_string": "text", "string_view": "text", "binary": "binary", "large_binary": "binary"}
    return names.get(str(it), str(it))


def with_duckdb(file):
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    # The file itself says what it holds: Parquet only; Arrow files are for the libraries that know Arrow.
    _, files = tree(file) or (None, [file])
    relation = connection.sql(f"SELECT * FROM read_parquet({files!r}, hive_partitioning={len(files) > 1}, hive_types_autocast=false)")
    types = {name: duckdb_type(kind) for name, kind in zip(relation.columns, relation.types)}
    rows = [dict(zip(relation.columns, row)) for row in relation.fetchall()]
    return types, rows


def duckdb_type(it):
    if it.id == "list":
        return f"list<{duckdb_type(it.children[0][1])}>"
    if it.id == "struct":
        return "struct<" + ", ".join(f"{name}: {duckdb_type(kind)}" for name, kind in it.children) + ">"
    if it.id == "decimal":
        precision, scale = (size for _, size in it.children)
        return f"decimal({precision}, {scale})"
    names = {"bigint": "bigint", "integer": "int", "double": "double", "boolean": "bool", "date": "date", "varchar": "text",
             "blob": "binary", "timestamp": "timestamp", "timestamp with time zone": "timestamp", "time": "time"}
    return names.get(str(it.id), str(it.id))


def with_pyarrow(file):
    table = arrow_table(file)
    return {field.name: arrow_type(field.type) for field in table.schema}, table.to_pylist()


def with_pandas(file):
    import pandas as pd

    if file.endswith((".arrows", ".json")):
        # It has no function of its own for streams and lists of files.
        frame = arrow_table(file).to_pandas(types_mapper=pd.ArrowDtype)
    else:
        read = pd.read_feather if file.endswith(".arrow") else pd.read_parquet
        frame = read(file, dtype_backend="pyarrow")
    types = {name: arrow_type(kind.pyarrow_dtype) if hasattr(kind, "pyarrow_dtype") else "text" for name, kind in frame.dtypes.items()}
    return types, frame.to_dict(orient="records")


def with_polars(file):
    import polars as pl

    if folder := tree(file):
        base, files = folder
        frame = pl.scan_parquet(base if base == file else files, hive_partitioning=True, try_parse_hive_dates=False).collect()
    elif file.endswith(".arrows"):
        frame = pl.read_ipc_stream(file)
    else:
        frame = (pl.read_ipc if file.endswith(".arrow") else pl.read_parquet)(file)
    return {name: arrow_type(kind) for name, kind in zip(frame.columns, frame.to_arrow().schema.types)}, frame.to_dicts()


def with_spark(file):
    from pyspark.sql import SparkSession

    spark = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.sources.partitionColumnTypeInference.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    base, files = tree(file) or (None, [file])
    reader = spark.read if base is None else spark.read.option("basePath", base)
    frame = reader.parquet(*([file] if base == file else files))
    types = {field.name: spark_type(field.dataType) for field in frame.schema.fields}
    try:
        return types, [row.asDict() for row in frame.collect()]
    except ValueError:
        return types, spark_rows(frame)


def spark_rows(frame):
    """Value by value, since Python refuses whole rows for one of them."""
    rows = {row[0]: {"id": row[0]} for row in frame.select("id").collect()}
    for name in frame.columns:
        try:
            found = frame.select("id", name).collect()
        except ValueError:
            found = [(key, spark_value(frame, key, name)) for key in rows if key < 1000]
            found += frame.where("id >= 1000").select("id", name).collect()
        for key, it in found:
            rows[key][name] = it
    return list(rows.values())


def spark_value(frame, key, name):
    try:
        return frame.where(f"id = {key}").select(name).collect()[0][0]
    except ValueError as error:
        return Refused(error)


class Refused:
    def __init__(self, error):
        self.text = str(error)


def spark_type(it):
    name = it.typeName()
    if name == "array":
        return f"list<{spark_type(it.elementType)}>"
    if name == "struct":
        return "struct<" + ", ".join(f"{field.name}: {spark_type(field.dataType)}" for field in it.fields) + ">"
    if name == "decimal":
        return f"decimal({it.precision}, {it.scale})"
    names = {"long": "bigint", "integer": "int", "boolean": "bool", "string": "text", "timestamp_ntz": "timestamp"}
    return names.get(name, name)


# Text files: CSV by readers that are told to take every field as text, JSON lines as they come.


def with_csv_python(file):
    with open(file, newline="", encoding="utf-8") as lines:
        return {}, list(csv.DictReader(lines))


def with_csv_duckdb(file):
    import duckdb

    relation = duckdb.sql(f"SELECT * FROM read_csv('{file}', all_varchar=true, header=true, max_line_size=4000000, allow_quoted_nulls=false)")
    return {}, [dict(zip(relation.columns, row)) for row in relation.fetchall()]


def with_csv_pandas(file):
    import pandas as pd

    return {}, pd.read_csv(file, dtype=str, keep_default_na=False).to_dict(orient="records")


def with_csv_polars(file):
    import polars as pl

    return {}, pl.read_csv(file, infer_schema=False).to_dicts()


def with_csv_pyarrow(file):
    import pyarrow as pa
    import pyarrow.csv

    with open(file, encoding="utf-8", newline="") as lines:
        names = next(csv.reader(lines))
    options = pyarrow.csv.ConvertOptions(column_types={name: pa.string() for name in names}, strings_can_be_null=True,
                                         quoted_strings_can_be_null=False, null_values=[""])
    parse = pyarrow.csv.ParseOptions(newlines_in_values=True)
    read = pyarrow.csv.ReadOptions(block_size=1 << 24)
    return {}, pyarrow.csv.read_csv(file, read, parse, options).to_pylist()


def with_jsonl_python(file):
    with open(file, encoding="utf-8", newline="\n") as lines:
        return {}, [json.loads(line) for line in lines]


def with_jsonl_polars(file):
    import polars as pl

    return {}, pl.read_ndjson(file, infer_schema_length=None).to_dicts()


def with_jsonl_pandas(file):
    import pandas as pd

    return {}, pd.read_json(file, lines=True, dtype=False).to_dict(orient="records")


library, *files = sys.argv[1:]
for file in files:
    try:
        types, rows = globals()[f"with_{library}"](file)
        found = {"types": types, "rows": [value(row) for row in rows]}
    except Exception as error:
        found = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(found, ensure_ascii=False))
