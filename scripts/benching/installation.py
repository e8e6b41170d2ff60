"""Servers of our own on free ports, with their files in a temporary folder: xiaoer, Postgres, and whatever else is measured."""
import json, os, shutil, signal, socket, subprocess, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
XIAOER = os.path.join(ROOT, "target/release/xiaoer")
TOOLS = os.path.join(ROOT, ".tools")
LOG = "bench"
# Of the programs, only warnings.
os.environ.setdefault("XIAOER_LOG", "warn")


def build(peers):
    """Fetches the nats-server and builds what is measured."""
    tool("nats-server")
    cargo = [os.environ.get("CARGO", "cargo"), "build", "--release", "--quiet"]
    subprocess.run([*cargo, "--workspace", "--bin", "xiaoer"], check=True, cwd=ROOT)
    if peers:
        # UmaDB's contract is compiled with the environment's protoc.
        environment = dict(os.environ, PROTOC=tool("protoc"))
        subprocess.run([*cargo, "--locked"], check=True, cwd=os.path.join(ROOT, "bench-peers"), env=environment)


def tool(name):
    return subprocess.run([os.path.join(ROOT, "scripts/tool"), name], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def free_address():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{s.getsockname()[1]}"


def rss_mb(pid, what="VmRSS"):
    """Memory of a process now; `VmHWM` is the most it had."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(what)) / 1024


def lines(command, **options):
    """The lines of JSON that a command prints."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, **options)
    return [json.loads(line) for line in done.stdout.splitlines()]


class Postgres:
    """A Postgres as scripts/postgres starts it; it ends with this object."""

    def __init__(self):
        script = [os.path.join(ROOT, "scripts/postgres")]
        self.process = subprocess.Popen(script, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        assert self.url, "scripts/postgres ended"

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


class Installation:
    """A folder, and a Postgres where the journals are in one."""

    def __init__(self, database):
        self.database = database

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="xiaoer-bench.")
        self.data = os.path.join(self.folder, "data")
        self.postgres = Postgres() if self.database == "postgres" else None
        self.listen = free_address()
        return self

    def __exit__(self, *_):
        if self.postgres:
            self.postgres.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def name(self):
        return {"sqlite": "SQLite", "postgres": "Postgres"}[self.database]

    @property
    def journals(self):
        """Where `xiaoer bench raw-relay` finds the logs."""
        return self.postgres.url if self.postgres else os.path.join(self.data, "journal")

    @property
    def events(self):
        """Where `xiaoer bench raw` finds the table of events."""
        return self.postgres.url if self.postgres else os.path.join(self.data, "journal", f"{LOG}.db")

    @property
    def projections(self):
        """Where `xiaoer bench raw` finds the read tables."""
        return self.postgres.url if self.postgres else os.path.join(self.data, "projections.db")

    def forget_stream(self):
        """The next server's relay fills the streams again."""
        shutil.rmtree(os.path.join(self.data, "nats"))

    def serve(self, program=XIAOER, keys=None):
        return Server(self, "serve", "--tools", TOOLS, program=program, keys=keys)

    def project(self, server):
        """A node that follows the log of a server through its NATS."""
        with open(os.path.join(server.data, "nats.url")) as url:
            return Server(self, "project", "--follow", LOG, "--nats", url.read().strip())

    def bench(self, what, *args):
        """`xiaoer bench` beside no server; gives the one line it prints."""
        return lines([XIAOER, "--json", "--log", LOG, "bench", what, *map(str, args)])[0]


class Keys:
    """Keys for development, and tokens of accounts that each send as a system of their own name."""

    def __init__(self, folder):
        self.folder = folder
        subprocess.run([XIAOER, "keys", folder], check=True, stdout=subprocess.DEVNULL)

    def access(self, name):
        """How an account makes itself known: with a token, over a connection with a certificate."""
        token, key = os.path.join(self.folder, f"{name}.token"), os.path.join(self.folder, "tokens.key")
        roles = [word for role in ["hall", "analyst", "operator", "system_admin"] for word in ["--role", role]]
        with open(token, "w") as file:
            subprocess.run([XIAOER, "token", "--key", key, "--name", name, "--system", name, *roles], check=True, stdout=file)
        hall = {"XIAOER_CERTIFICATE": "hall.pem", "XIAOER_CERTIFICATE_KEY": "hall.key", "XIAOER_ROOTS": "root.pem"}
        return {"XIAOER_TOKEN_FILE": token, **{name: os.path.join(self.folder, file) for name, file in hall.items()}}


class Server:
    """A xiaoer serve or project; it ends with the `with` it was made for."""

    def __init__(self, place, command, *args, program=XIAOER, keys=None):
        self.data = place.data
        self.started = time.monotonic()
        self.url = f"http://{place.listen}"
        # How the commands make themselves known.
        self.access = {}
        if keys:
            args = [*args, "--security", os.path.join(keys.folder, "security.toml")]
            self.url = self.url.replace("http://127.0.0.1", "https://localhost")
            self.access = keys.access("bench")
        self.log = os.path.join(place.folder, "serve.log")
        command = [program, command, "--data", place.data, "--listen", place.listen, *args]
        environment = dict(os.environ, XIAOER_DATABASE=place.postgres.url if place.postgres else "sqlite")
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(command, stderr=log, env=environment)
        while True:
            if self.run("status", check=False).returncode == 0:
                break
            assert self.process.poll() is None, "the server ended: " + open(self.log).read()
            time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def command(self, *args):
        return [XIAOER, "--server", self.url, "--json", *map(str, args)]

    def run(self, *args, check=True):
        return subprocess.run(self.command(*args), capture_output=True, text=True, check=check, env=dict(os.environ, **self.access))

    def lines(self, *args):
        return lines(self.command(*args), env=dict(os.environ, **self.access))

    def bench(self, what, *args):
        """`xiaoer bench`; what it measured, by name."""
        return {line["what"]: line for line in self.lines("bench", what, *args)}

    def start(self, *args):
        """A command at the side."""
        return subprocess.Popen(self.command(*args), stdout=subprocess.DEVNULL, env=dict(os.environ, **self.access))

    def state(self, log=LOG):
        """The log's own line of the status."""
        return next((line for line in self.lines("status")[0]["logs"] if line["log"] == log), {})

    def projection(self, log=LOG):
        return next((line for line in self.lines("status")[1]["projections"] if line["log"] == log), {})

    def lag(self, log=LOG):
        """Events that the projection has yet to reflect."""
        state = self.projection(log)
        assert state.get("state") != "stopped", state
        return int(state.get("lagEvents", 0)) if state else None

    def projected(self, log=LOG):
        """Waits until the projection is at the head."""
        while self.lag(log) != 0:
            time.sleep(0.1)

    def relayed(self, log=LOG):
        """Waits until the relay is at the head."""
        while int(self.state(log).get("relayLag", 1)) != 0:
            time.sleep(0.05)

    def memory_mb(self, what="VmRSS"):
        return rss_mb(self.process.pid, what)
