"""dlt over the same pages: its rest_api source with the seed's configuration. Arguments: URL PAGE_SIZE FOLDER DESTINATION SETTINGS.

DESTINATION: parquet (files, where dlt's merge appends) or duckdb (a database file, where it merges).
SETTINGS: defaults, or best: nested values kept as JSON, intermediate files not compressed, two workers.
"""
import os
import sys

url, page_size, folder, destination, settings = sys.argv[1:]
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"
if settings == "best":
    os.environ["DATA_WRITER__DISABLE_COMPRESSION"] = "true"
    os.environ["NORMALIZE__WORKERS"] = "2"
    os.environ["LOAD__WORKERS"] = "2"

import dlt
from dlt.sources.rest_api import rest_api_source
from report import report


def work():
    source = rest_api_source(
        {
            "client": {"base_url": url},
            "resource_defaults": {"primary_key": "id", "write_disposition": "merge"},
            "resources": [
                {
                    "name": "project_data",
                    "endpoint": {
                        "path": "/v1/projects",
                        "data_selector": "data",
                        "paginator": {"type": "offset", "limit": int(page_size)},
                    },
                }
            ],
        },
        max_table_nesting=0 if settings == "best" else None,
    )
    if destination == "duckdb":
        target = dlt.destinations.duckdb(os.path.join(folder, "store.duckdb"))
    else:
        target = dlt.destinations.filesystem(bucket_url="file://" + folder)
    pipeline = dlt.pipeline("peer", destination=target, dataset_name="peer", pipelines_dir=os.path.join(folder, "state"))
    if destination == "duckdb":
        pipeline.run(source)
    else:
        pipeline.run(source, loader_file_format="parquet")
    return pipeline.last_trace.last_normalize_info.row_counts["project_data"]


if __name__ == "__main__":
    report(work)
