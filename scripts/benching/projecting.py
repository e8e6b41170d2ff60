"""Projections: made from the stream on another node, made again from the journal with and without posting beside it, and how soon a
figure reflects a receipt.

It goes on with what posting.py left in the installation.
"""
import time

from .installation import LOG, Installation

TABLES = ["standing", "case_state", "thing"]
HALF_LOAD_SECONDS = 5
# The receipts that are looked at come within them.
FRESH_LOAD_SECONDS = 20
TIMES_FRESH = 200


def run(place, results):
    # Before the rebuild: after it the rows it replaced go bit by bit.
    raw_of = lambda table: place.bench("raw", place.projections, "--table", table, "--rebuildable")
    raw = results.measure(f"{place.name} raw projection rows", {table: raw_of(table) for table in TABLES})
    from_stream(place, results, raw)
    rebuild(place, results, raw)
    while_rebuilding(place, results)
    fresh(place, results)


def row(results, what, seconds, raw):
    """So many seconds for the rows of some tables, beside what inserting them takes."""
    rows = sum(line["count"] for line in raw.values())
    raw_seconds = sum(line["count"] / line["per_second"] for line in raw.values())
    results.row(f"{what}, rows/s", rows / seconds, "raw rows, 1,000 a transaction", rows / raw_seconds, ">= 0.5")


def rebuild(place, results, raw):
    with place.serve() as server:
        server.projected()
        began = time.monotonic()
        server.run("--log", LOG, "rebuild")
        seconds = results.measure(f"{place.name} rebuild, s", time.monotonic() - began)
    row(results, f"rebuild from the journal beside what answers, compared, {place.name}", seconds, raw)


def from_stream(place, results, raw):
    """Another node, which keeps a copy of the log: its rows are the events and what comes of them."""
    events = place.bench("raw", place.events)
    with place.serve() as server, Installation(place.database) as other:
        server.relayed()
        head = server.state()["position"]
        with other.project(server) as node:
            while node.state().get("position") != head:
                time.sleep(0.05)
            node.projected()
            seconds = results.measure(f"{place.name} projection from JetStream, s", time.monotonic() - node.started)
    row(results, f"copy and projection from JetStream, {place.name}", seconds, raw | {"event": events})


def while_rebuilding(place, results):
    """At half of what `Post` can do, so that what is measured is not a queue that fills."""
    half = results.half_load
    calls = max(100, int(half * min(HALF_LOAD_SECONDS, results.events / 100_000)))
    load = ["--calls", calls, "--in-flight", 256, "--rate", half]
    with place.serve() as server:
        idle = results.measure(f"{place.name} half load", server.bench("unary", *load))["post_unary"]
        server.projected()
        building = server.start("--log", LOG, "rebuild")
        busy = results.measure(f"{place.name} half load while rebuilding", server.bench("unary", *load))["post_unary"]
        rebuilding = building.poll() is None
        assert building.wait() == 0, "the rebuild"
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
        load = server.start("bench", "unary", "--calls", int(results.half_load * FRESH_LOAD_SECONDS), "--rate", results.half_load)
        loaded = server.bench("fresh", "--times", TIMES_FRESH // 4)["receipt_to_metric"]
        assert load.poll() is None, "the load was over first"
        assert load.wait() == 0, "the load"
        results.measure(f"{place.name} receipt to metric at half load", loaded)
    for quantile in ["p50", "p99"]:
        what = f"receipt to metric at half load, {quantile}, {place.name}, ms"
        results.row(what, loaded[f"{quantile}_ms"], "the same without load", alone[f"{quantile}_ms"], None)
