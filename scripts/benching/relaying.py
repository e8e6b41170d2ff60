"""The relay: the stream is gone, and a server fills it again from the journal.

It goes on with what posting.py left in the installation.
"""
import os, time

from .installation import TOOLS

RAW_MESSAGES = 200_000


def run(place, results):
    place.forget_stream()
    with place.serve() as server:
        began, first = time.monotonic(), int(server.state().get("relayed", 0))
        server.relayed()
        relayed = int(server.state()["relayed"]) - first
        rate = results.measure(f"{place.name} relay, events/s", relayed / (time.monotonic() - began))
    store = os.path.join(place.folder, "raw-nats")
    raw = place.bench("raw-relay", place.journals, "--store", store, "--messages", RAW_MESSAGES, "--tools", TOOLS)
    results.measure(f"{place.name} raw batches", raw)
    what = f"relay to JetStream, {place.name}, messages/s"
    results.row(what, rate, "atomic batches of 1,000", raw["per_second"], ">= 0.7")
