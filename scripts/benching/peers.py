"""Our `Post` and `PostStream`, rules and identity checks on, beside what other event stores do with events of the same size."""
import os, subprocess, time

from .installation import ROOT, Postgres, free_address, lines, rss_mb

PEERS = os.path.join(ROOT, "bench-peers/target/release/bench-peers")
IN_FLIGHT = [64, 256]


def run(place, results):
    if not results.measured:
        results.peers = umadb(place, results) | cqrs_es(results)
    peers, db = results.peers, place.name
    calls = results.events // 10
    with place.serve() as server:
        post = {n: server.bench("unary", "--calls", calls, "--in-flight", n)["post_unary"] for n in IN_FLIGHT}
        stream = server.bench("stream", "--events", results.events)["post_stream"]
        results.measure(f"{db} xiaoer", {"post": post, "stream": stream, "memory_mb": server.memory_mb()})
    for n in IN_FLIGHT:
        against = peers[f"umadb_append_{n}"]["per_second"]
        results.row(f"`Post`, {n} in flight, {db}, events/s", post[n]["per_second"], "UmaDB, conditional append", against, ">= 1")
    for n in IN_FLIGHT:
        against = peers["cqrs_es_execute_32"]["per_second"]
        results.row(f"`Post`, {n} in flight, {db}, events/s", post[n]["per_second"], "cqrs-es, `execute`, 32 in flight", against, ">= 4")
    against = peers["umadb_batches"]["per_second"]
    results.row(f"`PostStream`, 4 streams, {db}, events/s", stream["per_second"], "UmaDB, 4 × 100 unconditional", against, ">= 0.5")


def umadb(place, results):
    """Its own server with its own defaults, as another process, as ours is."""
    address = free_address()
    command = [PEERS, "umadb-serve", "--listen", address, "--db-path", os.path.join(place.folder, "uma.db")]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        found = by_what(lines([PEERS, "umadb", f"http://{address}", str(results.events // 10), str(results.events)]))
        return results.measure("umadb", found | {"memory_mb": rss_mb(server.pid)})
    finally:
        server.terminate()
        server.wait()


def cqrs_es(results):
    postgres = Postgres()
    try:
        return results.measure("cqrs-es", by_what(lines([PEERS, "cqrs-es", postgres.url, str(results.events // 10)])))
    finally:
        postgres.stop()


def by_what(measured):
    return {line["what"]: line for line in measured}
