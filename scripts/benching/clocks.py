"""The clocks of cases with three pauses each, read on one core, beside the bare counts of working days they cannot do without.

No database has a part in it, so that it is measured once.
"""
from .installation import LOG, XIAOER, lines

CASES = 1_000_000


def run(place, results):
    if "clocks" in results.measured:
        return
    found = lines([XIAOER, "--json", "--log", LOG, "bench", "clocks", "--cases", str(min(CASES, results.events))])
    found = results.measure("clocks", {line["what"]: line for line in found})
    ours, counts = found["clocks"]["per_second"], found["calendar_counts"]["per_second"]
    results.row("clocks with three pauses, a core, readings/s", ours, "their five counts of working days", counts, ">= 0.1")
