"""A real log, imported through the port: its figures, and how long they take."""
import os, time

from .installation import ROOT

DATA = os.path.join(ROOT, "../shared/data/permits-office1")
LOG = "permits"
EXPECTED = {"refused": 0, "cases": 1199, "events": 52217, "corrections asked": 288, "answered": 241, "unanswered": 47,
            "extended": 143, "sent": 899, "withdrawn": 71, "correction days": 10832.929}


def run(place, results):
    if not os.path.exists(DATA):
        return results.did_not_run(f"the log of a permits office, {place.name}", "the reference data is not there")
    with place.serve() as server:
        began = time.monotonic()
        mapping, log = os.path.join(ROOT, "examples/mappings/permits-office1.toml"), os.path.join(DATA, "BPIC15_1.xes.gz")
        summary = server.lines("--log", LOG, "import", "xes", log, "--mapping", mapping, "--open", "UTC")[0]
        results.measure(f"{place.name} import of {EXPECTED['events']:,} source events, s", time.monotonic() - began)
        server.projected(LOG)
        found = figures(server) | {"refused": summary["refused"]}
        assert found == EXPECTED, (found, EXPECTED)
        daily(place, server, results)


def figures(server):
    figure = lambda *args: server.lines("--log", LOG, "metrics", *args)[0].get("value")
    kind = lambda name: figure("diag_cases_with", "--where", f"kind={name}")
    return {
        "cases": figure("diag_cases"),
        "events": figure("diag_source_events"),
        "corrections asked": kind("NoticeGiven"),
        "answered": figure("diag_notices_answered"),
        "unanswered": figure("diag_notices_unanswered"),
        "extended": kind("ExtensionApproved"),
        "sent": kind("ResultIssued"),
        "withdrawn": kind("CaseWithdrawn"),
        "correction days": round(figure("diag_correction_seconds") / 86_400, 3),
    }


def daily(place, server, results):
    with open(os.path.join(DATA, "figures_1.backlog.csv")) as rows:
        days = {line.split(",")[0]: float(line.rsplit(",", 1)[1]) for line in rows.read().splitlines()[1:]}
    began = time.monotonic()
    series = server.lines("--log", LOG, "metrics", "diag_open_cases", "--series", "day", "--from", min(days), "--to", max(days))
    results.measure(f"{place.name} open cases of {len(days):,} days, s", time.monotonic() - began)
    assert {point["period"]["to"]: point["value"].get("value") for point in series} == days, "open cases of every day"
