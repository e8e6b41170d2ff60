"""Projections: made again from the journal, with and without posting beside it, and how soon a figure reflects a receipt.

It goes on with what posting.py left in the installation.
"""
import time

TABLES = ["standing", "case_state", "thing"]
HALF_LOAD_SECONDS = 5
TIMES_FRESH = 200


def run(place, results):
    rebuild(place, results)
    while_rebuilding(place, results)
    fresh(place, results)


def rebuild(place, results):
    place.forget_projections()
    with place.serve() as server:
        server.projected()
        seconds = results.measure(f"{place.name} rebuild, s", time.monotonic() - server.started)
    raw_of = lambda table: place.bench("raw", place.projections, "--table", table, "--rebuildable")
    raw = results.measure(f"{place.name} raw projection rows", {table: raw_of(table) for table in TABLES})
    rows = sum(line["count"] for line in raw.values())
    raw_seconds = sum(line["count"] / line["per_second"] for line in raw.values())
    what = f"projection from the journal (rebuild), {place.name}, rows/s"
    results.row(what, rows / seconds, "raw rows, 1,000 a transaction", rows / raw_seconds, ">= 0.5")


def while_rebuilding(place, results):
    """At half of what `Post` can do, so that what is measured is not a queue that fills."""
    half = results.half_load
    calls = max(100, int(half * min(HALF_LOAD_SECONDS, results.events / 100_000)))
    load = ["--calls", calls, "--in-flight", 256, "--rate", half]
    with place.serve() as server:
        idle = results.measure(f"{place.name} half load", server.bench("unary", *load))["post_unary"]
        server.projected()
    place.forget_projections()
    with place.serve() as server:
        busy = results.measure(f"{place.name} half load while rebuilding", server.bench("unary", *load))["post_unary"]
        rebuilding = server.lag() != 0
        server.projected()
    what = f"`Post` p99 at half load while a rebuild runs, {place.name}, ms"
    if rebuilding:
        results.row(what, busy["p99_ms"], "the same without a rebuild", idle["p99_ms"], "<= 3")
    else:
        results.did_not_run(what, "the rebuild was over first: more EVENTS")


def fresh(place, results):
    with place.serve() as server:
        server.projected()
        alone = server.bench("fresh", "--times", TIMES_FRESH)["receipt_to_metric"]
        results.measure(f"{place.name} receipt to metric", alone)
        load = server.start_bench("unary", "--calls", int(results.half_load * HALF_LOAD_SECONDS * 4), "--rate", results.half_load)
        loaded = server.bench("fresh", "--times", TIMES_FRESH // 4)["receipt_to_metric"]
        load()
        results.measure(f"{place.name} receipt to metric at half load", loaded)
    for quantile in ["p50", "p99"]:
        what = f"receipt to metric at half load, {quantile}, {place.name}, ms"
        results.row(what, loaded[f"{quantile}_ms"], "the same without load", alone[f"{quantile}_ms"], None)
