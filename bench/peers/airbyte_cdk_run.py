"""Airbyte's CDK over the same pages: a declarative manifest, its messages written to a file of JSON lines, which is what a destination would
read. It neither types nor merges. Arguments: URL PAGE_SIZE FOLDER.
"""
import json
import os
import sys

from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.models import AirbyteStateMessage
from airbyte_cdk.sources.declarative.concurrent_declarative_source import ConcurrentDeclarativeSource
from report import report

url, page_size, folder = sys.argv[1:]

manifest = {
    "version": "6.0.0",
    "type": "DeclarativeSource",
    "check": {"type": "CheckStream", "stream_names": ["projects"]},
    "streams": [
        {
            "type": "DeclarativeStream",
            "name": "projects",
            "primary_key": "id",
            "retriever": {
                "type": "SimpleRetriever",
                "requester": {"type": "HttpRequester", "url_base": url, "path": "/v1/projects", "http_method": "GET"},
                "record_selector": {
                    "type": "RecordSelector",
                    "extractor": {"type": "DpathExtractor", "field_path": ["data"]},
                },
                "paginator": {
                    "type": "DefaultPaginator",
                    "page_token_option": {"type": "RequestOption", "inject_into": "request_parameter", "field_name": "offset"},
                    "page_size_option": {"type": "RequestOption", "inject_into": "request_parameter", "field_name": "limit"},
                    "pagination_strategy": {"type": "OffsetIncrement", "page_size": int(page_size)},
                },
            },
            "schema_loader": {
                "type": "InlineSchemaLoader",
                "schema": {"type": "object", "additionalProperties": True, "properties": {}},
            },
        }
    ],
    "spec": {"type": "Spec", "connection_specification": {"type": "object", "properties": {}}},
}

catalog = {
    "streams": [
        {
            "stream": {"name": "projects", "json_schema": {"type": "object"}, "supported_sync_modes": ["full_refresh"]},
            "sync_mode": "full_refresh",
            "destination_sync_mode": "overwrite",
        }
    ]
}


def write(name, value):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        json.dump(value, file)
    return path


def work():
    config, configured = write("config.json", {}), write("catalog.json", catalog)
    args = AirbyteEntrypoint.parse_args(["read", "--config", config, "--catalog", configured])
    source = ConcurrentDeclarativeSource(catalog=None, config={}, state=None, source_config=manifest)
    rows = 0
    with open(os.path.join(folder, "peer.jsonl"), "w") as file:
        for message in AirbyteEntrypoint(source).run(args):
            rows += '"type":"RECORD"' in message
            file.write(message + "\n")
    return rows


if __name__ == "__main__":
    report(work)
