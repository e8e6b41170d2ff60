"""What other callers notice of one that does its worst, what that costs the server, and what being known costs a caller.

Everything goes over mTLS with a token, the abuse as another caller than the load. SECONDS is how long each is measured (20), RATE how
many posts a second others make meanwhile (300).
"""
import json, os, resource, subprocess

from .installation import Keys

ABUSES = {
    "idle": "5,000 idle connections",
    "slow": "200 slow readers",
    "flood": "a client that sends 100 MB again and again",
    "loris": "500 connections that never say what they want",
    "cancel": "1,000 cancelled calls a second",
}
CALLS = int(os.environ.get("CALLS", 30_000))
FILES = 12_000
SYSTEM = "bench"


def run(place, results):
    known(place, results)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < FILES:
        wanted = min(FILES, hard) if hard != resource.RLIM_INFINITY else FILES
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < FILES:
        results.did_not_run(f"abuse, {place.name}", f"only {hard} open files are allowed here, and 5,000 connections need {FILES} (ulimit -n)")
        return
    rate, seconds = int(os.environ.get("RATE", 300)), int(os.environ.get("SECONDS", 20))
    for how, what in ABUSES.items():
        abused(place, results, how, what, rate, seconds)


def abused(place, results, how, what, rate, seconds):
    """A server for each, so that its memory is of this alone."""
    keys = Keys(os.path.join(place.folder, f"keys-{how}"))
    with place.serve(keys=keys) as server:
        server.bench("unary", "--calls", results.events, "--system", SYSTEM)
        load = ["--calls", rate * seconds, "--rate", rate, "--system", SYSTEM]
        # A warm-up: it runs while the figures of what was posted before are still worked out.
        server.bench("unary", *load)
        alone = server.bench("unary", *load)["post_unary"]
        before = server.memory_mb()
        abuse = subprocess.Popen(server.command("bench", "abuse", how), stdout=subprocess.PIPE, text=True, env=dict(os.environ, **keys.access("abuse")))
        try:
            assert json.loads(abuse.stdout.readline())["what"] == "begun", how
            beside = server.bench("unary", *load)["post_unary"]
            during, most = server.memory_mb(), server.memory_mb("VmHWM")
            assert abuse.poll() is None, f"{how} ended by itself"
        finally:
            abuse.kill()
            abuse.wait()
        db = place.name
        results.measure(f"{db} abuse {how}", {"alone": alone, "beside": beside, "memory_mb": {"before": before, "during": during, "most": most}})
        results.row(f"`Post` p99 of others beside {what}, {db}, ms", beside["p99_ms"], "the same without", alone["p99_ms"], "<= 3")
        results.row(f"memory beside {what}, {db}, MB", most, "before", before, None)


def known(place, results):
    """The same load without and with authentication, twice in turn, since the second of two runs has it easier."""
    rates = {False: [], True: []}
    keys = Keys(os.path.join(place.folder, "keys-known"))
    for is_known in [False, True, False, True]:
        with place.serve(keys=keys if is_known else None) as server:
            for in_flight in [64, 256]:
                done = server.bench("unary", "--calls", CALLS, "--in-flight", in_flight, "--system", SYSTEM)
                rates[is_known].append(done["post_unary"]["per_second"])
    results.measure(f"{place.name} Post with and without authentication", {str(key): value for key, value in rates.items()})
    for n, in_flight in enumerate([64, 256]):
        on, off = (sum(rates[is_known][n::2]) / 2 for is_known in [True, False])
        results.row(f"`Post`, {in_flight} in flight, mTLS and tokens, {place.name}, events/s", on, "the same without either", off, ">= 0.85")
