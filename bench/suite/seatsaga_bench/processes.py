"""Servers as child processes: ready once started, and stopped with the suite whatever happens."""

import ctypes
import functools
import os
import pathlib
import signal
import socket
import subprocess
import time

READY_WITHIN_S = 60
STOPPED_WITHIN_S = 15
POLL_S = 0.005
SYNC_COUNT_VARIABLE = "SEATSAGA_SYNC_COUNT_FILE"
PR_SET_PDEATHSIG = 1
MIB = 1 << 20
LIBC = ctypes.CDLL(None)


class SuiteError(Exception):
    """Why the suite stops, in one line for people."""


def die_with_parent(by=signal.SIGKILL):
    """Runs in the child. Even a suite that is killed leaves no server behind."""
    LIBC.prctl(PR_SET_PDEATHSIG, by)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Addresses:
    """Where servers listen: Unix sockets in the scratch folder, or ports of the loopback interface."""

    def __init__(self, transport, folder):
        self.transport = transport
        self.folder = folder

    def new(self, name):
        if self.transport == "tcp":
            return f"127.0.0.1:{free_port()}"
        return f"unix:{self.folder / name}.sock"


def run_command(title, command, within_s, **more):
    """The finished process, whatever its status; its output is text."""
    try:
        return subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=within_s, check=False, preexec_fn=die_with_parent, **more)
    except subprocess.TimeoutExpired as late:
        raise SuiteError(f"{title} did not end within {late.timeout:g} s") from late


def wait_until(condition, within_s, complaint):
    """Raises SuiteError with the complaint if the condition does not come true in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise SuiteError(f"{complaint} after {within_s} s")
        time.sleep(POLL_S)


class Server:
    """A server process. libseatsaga_count_sync.so counts its syncs from the start."""

    def __init__(self, title, folder, name):
        self.title = title
        self.folder = folder
        self.log = folder / f"{name}.log"
        self.sync_count_file = folder / f"{name}.syncs"
        self.process = None

    def spawn(self, command, libraries, die_by=signal.SIGKILL, **more):
        """Starts it, with the library from that folder. `more` are arguments of subprocess.Popen."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "SEATSAGA_"))}
        environment["LD_PRELOAD"] = str(libraries / "libseatsaga_count_sync.so")
        environment[SYNC_COUNT_VARIABLE] = str(self.sync_count_file)
        # AddressSanitizer insists on being loaded first; the counter works in either order.
        environment.setdefault("ASAN_OPTIONS", "verify_asan_link_order=0")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(part) for part in command], cwd=self.folder, env=environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=functools.partial(die_with_parent, die_by), **more)

    def wait_ready(self, is_ready):
        wait_until(lambda: is_ready() or self.process.poll() is not None, READY_WITHIN_S,
                   f"{self.title} is not ready")
        self.check_alive()

    def check_alive(self):
        if (status := self.process.poll()) is not None:
            raise SuiteError(f"{self.title} ended by itself with status {status}: {self.last_words()}")

    def last_words(self):
        lines = self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        return " | ".join(lines[-3:]) or "(no output)"


class Service(Server):
    """One process of a system, SeatSaga's or the null chain's."""

    def __init__(self, name, command, folder, bin_folder):
        super().__init__(f"{folder.name}'s {name}", folder, name)
        self.name = name
        self.ready_file = folder / f"{name}.ready"
        self.ready_file.unlink(missing_ok=True)
        self.sync_count_file.write_bytes(bytes(8))
        self.spawn([*command, "--ready-file", self.ready_file], bin_folder)

    def watch_argument(self):
        return f"{self.name}={self.process.pid}:{self.sync_count_file}"

    def signal_stop(self):
        if self.process.poll() is None:
            self.process.terminate()

    def resident_mib(self):
        pages = int(pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return round(pages * os.sysconf("SC_PAGE_SIZE") / MIB, 1)

    def wait_stopped(self):
        """The exit status. A server that does not stop is killed, which counts as a failure."""
        try:
            return self.process.wait(STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


class System:
    """Four servers that make reservations together."""

    def __init__(self, name, folder, bin_folder):
        self.name = name
        self.folder = folder / name
        self.folder.mkdir()
        self.bin_folder = bin_folder
        self.servers = []
        self.target = None  # address of the facade
        self.seats = None   # address of seat_svc, if halls must be created

    def start(self, commands):
        """`commands` is a list of (name, command line). All servers start at once."""
        started = [Service(name, command, self.folder, self.bin_folder) for name, command in commands]
        self.servers += started
        for server in started:
            server.wait_ready(server.ready_file.exists)

    def check_alive(self):
        for server in self.servers:
            server.check_alive()

    def resident_mib(self):
        return {server.name: server.resident_mib() for server in self.servers}

    def stop(self):
        """Stops all servers, and returns the names of those that failed to stop."""
        for server in self.servers:
            server.signal_stop()
        return [s.name for s in self.servers if s.wait_stopped() != 0]

    def database_bytes(self):
        """Size of all databases, without their logs: log space is reserved, and servers merge logs when they
        stop."""
        return sum(f.stat().st_size for f in self.folder.glob("*.db"))


class SeatSaga(System):
    """The four real services, durable. Only the payment provider keeps its books in memory: it stands for
    another company."""

    def __init__(self, name, folder, bin_folder, transport):
        super().__init__(name, folder, bin_folder)
        addresses = Addresses(transport, self.folder)
        self.seats, self.payments, self.target, self.sagas = (
            addresses.new(short) for short in ("seat", "pay", "res", "orc"))

    def start_servers(self, payment_arguments):
        key = ["--token-key-file", self.folder / "token.key"]
        payment = self.command("payment_svc", self.payments, *key, *payment_arguments)
        others = [
            self.command("seat_svc", self.seats),
            # Holds that expire while somebody measures are short.
            self.command("reservation_svc", self.target, "--orchestrator", self.sagas, *key,
                         "--hold-min-s", 1),
            self.orchestrator_command(),
        ]
        if key[1].exists():
            self.start([payment, *others])
        else:  # payment_svc creates the key
            self.start([payment])
            self.start(others)

    def orchestrator_command(self):
        return self.command("orchestrator", self.sagas, "--seats", self.seats,
                            "--payments", self.payments, "--reservations", self.target)

    def command(self, program, listen, *arguments):
        database = self.folder / f"{program}.db"
        return program, [self.bin_folder / program, "--listen", listen, "--database", database,
                         *arguments]

    def kill_server(self, name):
        """SIGKILL to one server, which may be started again."""
        server = next(server for server in self.servers if server.name == name)
        server.process.kill()
        server.process.wait()
        self.servers.remove(server)

    def kill(self):
        """SIGKILL to all servers at once."""
        for server in self.servers:
            server.process.kill()
        for server in self.servers:
            server.process.wait()
        self.servers.clear()

    def restart(self, payment_arguments=("--provider-memory",)):
        """Stops all servers as an operator would, and starts them again. Returns the seconds that the start
        took."""
        if bad := self.stop():
            raise SuiteError(f"{self.name}: servers did not stop on SIGTERM: {', '.join(bad)}")
        self.servers.clear()
        begin = time.monotonic()
        self.start_servers(payment_arguments)
        return round(time.monotonic() - begin, 3)


def start_seatsaga(name, folder, bin_folder, transport, payment_arguments=()):
    system = SeatSaga(name, folder, bin_folder, transport)
    system.start_servers(["--provider-memory", *payment_arguments])
    return system


def start_null_chain(folder, bin_folder, transport):
    """The same four processes with empty handlers."""
    system = System("null_chain", folder, bin_folder)
    addresses = Addresses(transport, system.folder)
    seat, payment, facade, orchestrator = (
        addresses.new(short) for short in ("seat", "pay", "res", "orc"))

    def command(name, role, listen, *arguments):
        program = bin_folder / "seatsaga-null-chain"
        return name, [program, "--role", role, "--listen", listen, *arguments]

    system.start([
        command("seat_svc", "seat", seat),
        command("payment_svc", "payment", payment),
        command("reservation_svc", "facade", facade, "--orchestrator", orchestrator),
        command("orchestrator", "orchestrator", orchestrator, "--seats", seat, "--payments", payment,
                "--reservations", facade),
    ])
    system.target = facade
    return system


def start_sides(folder, bin_folder, transport):
    """SeatSaga and the null chain, by their names."""
    return {"seatsaga": start_seatsaga("seatsaga", folder, bin_folder, transport),
            "null_chain": start_null_chain(folder, bin_folder, transport)}


def scratch_parent(asked):
    """Where the databases go: a disk, because on a memory file system an fsync does nothing."""
    parent = pathlib.Path(asked or os.environ.get("TMPDIR") or "/var/tmp").absolute()
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        raise SuiteError(f"{parent} is not a writable folder; choose one with --scratch")
    return parent
