"""`Post` and `PostStream`: how many events a second, and how soon they are answered."""
IN_FLIGHT = [64, 256]
MEMORY_MB_MAX = 200
CALLS_ALONE = 3_000


def run(place, results):
    db = place.name
    calls = results.events // 10
    with place.serve() as server:
        unary = {}
        for in_flight in IN_FLIGHT:
            unary[in_flight] = server.bench("unary", "--calls", calls, "--in-flight", in_flight)
            results.measure(f"{db} unary {in_flight}", unary[in_flight])
        alone = server.bench("unary", "--calls", min(calls, CALLS_ALONE), "--in-flight", 1)
        results.measure(f"{db} unary 1", alone)
        stream = results.measure(f"{db} stream", server.bench("stream", "--events", results.events))["post_stream"]
        memory = results.measure(f"{db} memory after posting, MB", server.memory_mb())
        server.projected()
        server.relayed()
    raw = results.measure(f"{db} raw events", place.bench("raw", place.events))
    one = results.measure(f"{db} raw events, one by one", place.bench("raw", place.events, "--batch", 1, "--rows", min(calls, CALLS_ALONE)))

    results.row(f"`PostStream`, 4 streams, {db}, events/s", stream["per_second"], "raw rows, 1,000 a transaction", raw["per_second"], ">= 0.6")
    for in_flight in IN_FLIGHT:
        post, noop = unary[in_flight]["post_unary"], unary[in_flight]["noop_unary"]
        results.row(f"`Post`, {in_flight} in flight, {db}, events/s", post["per_second"], "no-op calls/s", noop["per_second"], ">= 0.5")
    limit = one["p50_ms"] + alone["noop_unary"]["p50_ms"]
    results.row(f"`Post`, 1 in flight, {db}, p50 ms", alone["post_unary"]["p50_ms"], "one-row commit and a no-op call", limit, "<= 2")
    results.row(f"memory of the server after posting, {db}, MB", memory, "bound", MEMORY_MB_MAX, "<= 1")
    # What projecting.py loads the server with.
    results.half_load = unary[64]["post_unary"]["per_second"] / 2
