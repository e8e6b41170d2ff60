"""`Replay` with the record of who read what, against a program that records nothing.

BEFORE is the path of that program: one from before contract 6, or one that was built without. Each has a folder of its own.
"""
import os

from . import installation

IN_FLIGHT = [1, 64]
CASES = 1_000
CALLS = 20_000


def run(place, results):
    with installation.Installation(place.database) as fresh, fresh.serve() as server:
        ours = replays(server, results)
    results.measure(f"{place.name} replay, recorded", ours)
    before = os.environ.get("BEFORE")
    if not before:
        return results.did_not_run(f"`Replay` with its record, {place.name}", "BEFORE names no program without the record")
    with installation.Installation(place.database) as fresh, fresh.serve(before) as server:
        bare = replays(server, results)
    results.measure(f"{place.name} replay, not recorded", bare)
    for in_flight in IN_FLIGHT:
        what = f"`Replay`, {in_flight} in flight, {place.name}, calls/s"
        results.row(what, ours[in_flight]["per_second"], "the same without the record", bare[in_flight]["per_second"], None)
    results.row(f"`Replay`, 1 in flight, {place.name}, p50 ms", ours[1]["p50_ms"], "the same without the record", bare[1]["p50_ms"], None)


def replays(server, results):
    calls = min(CALLS, results.events // 10)
    return {n: server.bench("replay", "--cases", CASES, "--calls", calls if n > 1 else calls // 10, "--in-flight", n)["replay"] for n in IN_FLIGHT}
