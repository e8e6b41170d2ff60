"""What comes of a run: rows with a ratio and an aim, and everything else that was measured; as text, JSON and Markdown."""
import datetime, json, os, platform, re, sys

from .installation import ROOT

FOLDER = os.path.join(ROOT, "bench-results")
PAGE = os.path.join(ROOT, "docs/performance.md")


class Results:
    def __init__(self, name, events):
        self.name, self.events = name, events
        self.rows, self.measured = [], {}

    def measure(self, key, value):
        """Keeps a figure, and says it."""
        self.measured[key] = value
        print(f"{key}: {json.dumps(value)}", file=sys.stderr, flush=True)
        return value

    def row(self, what, ours, against, limit, aim):
        """A row of the table; `aim` is `>= 0.6`, or none."""
        self.rows.append({"what": what, "ours": ours, "against": against, "limit": limit, "ratio": ours / limit, "aim": aim})

    def did_not_run(self, what, why):
        """Nothing is left out in silence."""
        self.rows.append({"what": what, "did_not_run": why})

    def finish(self):
        os.makedirs(FOLDER, exist_ok=True)
        day = datetime.date.today().isoformat()
        result = {"day": day, "machine": machine(), "events": self.events, "rows": self.rows, "measured": self.measured}
        with open(os.path.join(FOLDER, f"{self.name}.json"), "w") as file:
            json.dump(result, file, indent=1)
        print(markdown(result))


def machine():
    with open("/proc/cpuinfo") as cpus:
        model = next((line.split(":", 1)[1].strip() for line in cpus if line.startswith("model name")), platform.machine())
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[2]
    return f"{os.cpu_count()} cores ({model}), {gib:.0f} GiB, Linux {platform.release()}; load before the end {load:.1f}"


def met(row):
    """Whether the aim was reached."""
    sign, bound = row["aim"].split()
    return row["ratio"] >= float(bound) if sign == ">=" else row["ratio"] <= float(bound)


def figure(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:,.2f}"


def markdown(result):
    text = [f"{result['day']}, {result['events']:,} events, {result['machine']}.", ""]
    text += ["| what | ours | against | limit | ratio | aim |", "|---|---:|---|---:|---:|---|"]
    for row in result["rows"]:
        if "did_not_run" in row:
            text.append(f"| {row['what']} | DID NOT RUN | {row['did_not_run']} | | | |")
            continue
        aim = row["aim"] and f"{row['aim']}{'' if met(row) else ' **missed**'}"
        cells = [row["what"], figure(row["ours"]), row["against"], figure(row["limit"]), f"{row['ratio']:.2f}", aim or ""]
        text.append(f"| {' | '.join(cells)} |")
    return "\n".join(text)


def tables(write):
    """The tables of the last runs; into the page, between its marks, where `write` says so."""
    for name in ["ratios", "abuse", "reads", "figures", "large", "peers"]:
        path = os.path.join(FOLDER, f"{name}.json")
        if not os.path.exists(path):
            print(f"no {path} yet", file=sys.stderr)
            continue
        with open(path) as file:
            table = markdown(json.load(file))
        if not write:
            print(table + "\n")
            continue
        with open(PAGE) as page:
            text = page.read()
        marks = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- end of {name} -->)", re.DOTALL)
        text, found = marks.subn(lambda mark: mark[1] + table + mark[2], text)
        assert found == 1, f"{PAGE} has no marks of {name}"
        with open(PAGE, "w") as page:
            page.write(text)
