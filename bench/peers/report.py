"""Measures a peer, and prints what came of it as one line of JSON."""
import json
import resource
import time


def report(work):
    started = time.perf_counter()
    rows = work()
    seconds = time.perf_counter() - started
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    peak = max(own.ru_maxrss, children.ru_maxrss) / 1024
    print("\n" + json.dumps({"seconds": seconds, "cpuSeconds": cpu, "peakMegabytes": peak, "rows": rows}), flush=True)
