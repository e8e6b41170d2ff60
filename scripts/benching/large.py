"""A log of ten million events with a million open cases: the last million against the first, and what the server needs for it."""
import os

READS = 5_000
OPEN_CASE_EVENTS = 7


def run(place, results):
    db, tenth = place.name, results.events // 10
    whole = ["--events", tenth, "--reads", READS]
    with place.serve() as server:
        first = results.measure(f"{db} first tenth", server.bench("stream", *whole))
        first_mb = results.measure(f"{db} memory after the first tenth, MB", server.memory_mb())
        server.projected()
        # Seven tenths in cases that stay open, one more in cases that end: together with the first and the last it is all of them.
        server.bench("stream", "--events", 7 * tenth, "--case-events", OPEN_CASE_EVENTS)
        server.bench("stream", "--events", tenth)
        server.projected()
        server.relayed()
        last = results.measure(f"{db} last tenth", server.bench("stream", *whole))
        results.measure(f"{db} open cases", 7 * tenth // OPEN_CASE_EVENTS)
        posted_mb = results.measure(f"{db} memory after posting, MB", server.memory_mb())
        server.projected()
        server.relayed()
        results.measure(f"{db} memory projected, MB", server.memory_mb())
    with place.serve() as server:
        server.projected()
        results.measure(f"{db} memory after a restart, MB", server.memory_mb())
    results.measure(f"{db} files, GB", sum(os.path.getsize(path) for path in files(place)) / 1e9)

    rate = lambda tenth: tenth["post_stream"]["per_second"]
    results.row(f"appending, last tenth, {db}, events/s", rate(last), "first tenth", rate(first), ">= 0.8")
    for call in ["get_state", "get_metric"]:
        what = f"`{''.join(part.title() for part in call.split('_'))}`, last tenth, {db}, calls/s"
        # A figure counts the cases of the day, which are ten times as many at the end; only a case is asked to stay as quick.
        aim = ">= 0.8" if call == "get_state" else None
        results.row(what, 1_000 / last[call]["p50_ms"], "first tenth", 1_000 / first[call]["p50_ms"], aim)
    results.row(f"memory of the server, {db}, MB", posted_mb, "after the first tenth", first_mb, None)


def files(place):
    """All but those of Postgres, which only its own user may see."""
    for folder, _, names in os.walk(place.data):
        yield from (os.path.join(folder, name) for name in names)
