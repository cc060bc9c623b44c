"""What a person writes by hand in Python: requests and pyarrow, one row group for each fifty pages. Neither merges nor resumes.

Arguments: URL PAGE_SIZE FOLDER.
"""
import os
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import requests
from report import report

url, page_size, folder = sys.argv[1:]


def work():
    session = requests.Session()
    limit, offset, rows, kept, writer = int(page_size), 0, 0, [], None
    while True:
        response = session.get(f"{url}/v1/projects", params={"limit": limit, "offset": offset}, timeout=60)
        response.raise_for_status()
        page = response.json()
        rows += len(page["data"])
        kept += page["data"]
        offset += limit
        is_last = offset >= page["total"] or not page["data"]
        if kept and (is_last or len(kept) >= 50 * limit):
            table = pa.Table.from_pylist(kept, schema=writer.schema if writer else None)
            writer = writer or pq.ParquetWriter(os.path.join(folder, "peer.parquet"), table.schema, compression="zstd")
            writer.write_table(table)
            kept = []
        if is_last:
            break
    writer.close()
    return rows


if __name__ == "__main__":
    report(work)
