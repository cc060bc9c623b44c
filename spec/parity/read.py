"""Reads what configurations describe with dlt's own rest_api source, one after the other.

In: a list of {name, config, env, read, python, tables}, as JSON. Out: a line of JSON for each, {name, rows} or {name, rows, error}.
"""

import json
import os
import re
import sys
import warnings

warnings.simplefilter("ignore")
os.environ |= {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "CRITICAL",
    # As many attempts as by default, but without waiting for them.
    "RUNTIME__REQUEST_BACKOFF_FACTOR": "0",
    "RUNTIME__REQUEST_MAX_RETRY_DELAY": "0",
}

import dlt  # noqa: E402
from dlt.sources.rest_api import rest_api_source  # noqa: E402
from requests.adapters import HTTPAdapter  # noqa: E402

# Walks that never end, end here.
MAX_REQUESTS = 40
requests_made = 0
send = HTTPAdapter.send


class EndlessWalk(Exception):
    pass


def counted_send(self, *args, **kwargs):
    global requests_made
    requests_made += 1
    if requests_made > MAX_REQUESTS:
        raise EndlessWalk(f"more than {MAX_REQUESTS} requests")
    return send(self, *args, **kwargs)


def with_secrets(value):
    """Placeholders of secrets become what a Python program has in their place: a look-up in dlt.secrets."""
    if isinstance(value, str):
        return re.sub(r"\{secrets\.([\w.]+)\}", lambda found: str(dlt.secrets[found[1].lower()]), value)
    if isinstance(value, list):
        return [with_secrets(item) for item in value]
    if isinstance(value, dict):
        return {key: with_secrets(item) for key, item in value.items()}
    return value


def put(config, path, value):
    *way, last = [int(part) if part.isdigit() else part for part in re.findall(r"\w+", path)]
    for part in way:
        config = config[part]
    config[last] = value


def plain(value):
    """As the other side writes it: whole numbers that a double cannot hold are text."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53 - 1:
        return str(value)
    return value if isinstance(value, (int, float, str, type(None))) else str(value)


def source(job):
    config = with_secrets(job["config"])
    for path, text in job["python"].items():
        put(config, path, eval(text))
    return rest_api_source(config)


def read(job):
    global requests_made
    requests_made = 0
    rows = {}
    before = dict(os.environ)
    os.environ.update(job["env"])
    try:
        for each in job["config"]["resources"]:
            name = each if isinstance(each, str) else each["name"]
            if job["read"] is None or name in job["read"]:
                # Each from a source of its own, so that no generator has been used up.
                resource = source(job).resources[name]
                if job["tables"]:
                    for row in resource:
                        table = resource.compute_table_schema(row)["name"]
                        rows.setdefault(f"{name}: {table}", []).append(plain(row))
                else:
                    rows[name] = plain(list(resource))
        return {"name": job["name"], "rows": rows}
    except Exception as error:
        causes = []
        while error is not None and len(causes) < 5:
            causes.append(f"{type(error).__name__}: {error}")
            error = error.__cause__ or error.__context__
        return {"name": job["name"], "rows": rows, "error": "\n".join(causes)}
    finally:
        os.environ.clear()
        os.environ.update(before)


HTTPAdapter.send = counted_send
for each in json.load(sys.stdin):
    print(json.dumps(read(each)), flush=True)
