# Prints the rows of a query on a SQLite file, opened read-only, as one JSON array: argv[1] the file, argv[2] the query.
# Integers and bytes are printed as {"$integer": text} and {"$bytes": base64}: JSON cannot hold them exactly.
import base64
import json
import sqlite3
import sys

database = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
database.row_factory = sqlite3.Row


def plain(value):
    if isinstance(value, int):
        return {"$integer": str(value)}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    return value


rows = [{name: plain(row[name]) for name in row.keys()} for row in database.execute(sys.argv[2])]
json.dump(rows, sys.stdout)
