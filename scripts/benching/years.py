"""The nine figures of `GetZeroBacklog` from years of cases, as known now and as known a year ago.

CASES is how many there are (1,000,000, of five events each). The aims are milliseconds.
"""
import os

LOG = "years"
ASKED = {"zero_backlog_now": ("now", 5), "zero_backlog_year_ago": ("as known a year ago", 200)}


def run(place, results):
    cases = int(os.environ.get("CASES", 1_000_000))
    with place.serve() as server:
        years = {line["what"]: line for line in server.lines("--log", LOG, "bench", "years", "--cases", cases)}
    results.measure(f"{place.name} years of cases", years)
    for asked, (known, aim) in ASKED.items():
        for quantile in ["p50", "p99"]:
            what = f"`GetZeroBacklog`, {cases:,} cases, {known}, {place.name}, {quantile} ms"
            results.row(what, years[asked][f"{quantile}_ms"], "aim, ms", aim, "<= 1")
