"""A Singer tap and target over the same pages: tap-rest-api-msdk piped into target-jsonl, each from an environment of its own. They neither
type nor merge. The tap flattens nested values, as it always does. Arguments: URL PAGE_SIZE FOLDER TAP TARGET, the last two the commands.
"""
import glob
import json
import os
import subprocess
import sys

from report import report

url, page_size, folder, tap, target = sys.argv[1:]


def write(name, value):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        json.dump(value, file)
    return path


def work():
    source = write(
        "tap.json",
        {
            "api_url": url,
            "pagination_request_style": "simple_offset_paginator",
            "pagination_response_style": "offset",
            "pagination_page_size": int(page_size),
            "pagination_initial_offset": 0,
            "offset_records_jsonpath": "$.data",
            "streams": [{"name": "projects", "path": "/v1/projects", "primary_keys": ["id"], "records_path": "$.data[*]"}],
        },
    )
    sink = write("target.json", {"destination_path": folder, "do_timestamp_file": False})
    first = subprocess.Popen([tap, "--config", source], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    second = subprocess.Popen([target, "--config", sink], stdin=first.stdout, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    first.stdout.close()
    log = first.stderr.read()
    if first.wait() != 0 or second.wait() != 0:
        raise RuntimeError(log.decode()[-2000:])
    (file,) = glob.glob(os.path.join(folder, "projects*.jsonl"))
    with open(file, "rb") as lines:
        return sum(1 for _ in lines)


if __name__ == "__main__":
    report(work)
