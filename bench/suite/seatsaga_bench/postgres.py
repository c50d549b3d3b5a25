"""A PostgreSQL server of our own: durable, on a Unix socket, and stopped with the suite whatever happens."""

import os
import pathlib
import pwd
import shutil
import signal
import subprocess

from .processes import Server, SuiteError, run_command

INSTALLED = pathlib.Path("/usr/lib/postgresql")  # where Debian puts each major version
USER = "postgres"
COMMAND_WITHIN_S = 60
STOPPED_WITHIN_S = 60
TODAY = "seatsaga_today"  # the database of all baselines but two-phase commit
TWO_PHASE_DATABASES = ("seatsaga_seats", "seatsaga_payments", "seatsaga_reservations")
CONNECTIONS_SQL = """SELECT count(*) FROM pg_stat_activity
    WHERE application_name = 'seatsaga-bench-postgres'"""
CLIENTS_MAX = 128
DATABASES_MAX = 3  # per client

SETTINGS = {
    # Durable: what is committed survives a power cut.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # All clients of two-phase commit at once, each with a prepared transaction in each database.
    "max_connections": CLIENTS_MAX * DATABASES_MAX + 16,
    "max_prepared_transactions": CLIENTS_MAX * DATABASES_MAX,
    # Tuned: the tables fit into memory, and no checkpoint, new log segment or vacuum happens during a
    # measurement. Each run begins with a checkpoint and vacuumed tables.
    "shared_buffers": "256MB",
    "min_wal_size": "1GB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    "autovacuum": "off",
    "jit": "off",
    # Not reachable from outside.
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
}


def programs():
    """The folder of the newest version's programs, or None if PostgreSQL is not installed."""
    found = [initdb.parent for initdb in INSTALLED.glob("*/bin/initdb")]
    return max(found, key=lambda folder: int(folder.parent.name), default=None)


def lacking(bin_folder):
    """What is missing for a comparison, in words; None if nothing is."""
    if programs() is None:
        return "PostgreSQL is not installed"
    if not (bin_folder / "seatsaga-bench-postgres").exists():
        return "seatsaga-bench-postgres was not built, because libpq is missing"
    return None


def server_user():
    """Who runs the server. PostgreSQL refuses root; Debian's package has created a user."""
    return USER if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


def as_server_user():
    """Arguments of subprocess for a child that runs as that user."""
    if os.geteuid() != 0:
        return {}
    return {"user": USER, "group": USER, "extra_groups": []}


class Cluster(Server):
    """One server with its data in `folder`, which must not exist. A context manager. Nothing may be
    lacking()."""

    def __init__(self, folder, bin_folder):
        super().__init__("PostgreSQL", folder, "postgres")
        self.data = self.folder / "data"
        self.decision_log = self.folder / "decisions.log"  # of two-phase commit's coordinator
        self.bin_folder = bin_folder
        self.programs = programs()

    def __enter__(self):
        self.make()
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def load_command(self, scenario, in_flight, warmup_s, duration_s, provider_ms=0):
        """The command line of the load generator, for this server."""
        command = [
            self.bin_folder / "seatsaga-bench-postgres",
            "--connect", f"host={self.folder} user={USER}",
            "--postmaster", f"{self.process.pid}:{self.sync_count_file}",
            "--scenario", scenario, "--in-flight", in_flight, "--warmup-s", warmup_s,
            "--duration-s", duration_s, "--provider-latency-ms", provider_ms,
            "--decision-log", self.decision_log]
        return [str(part) for part in command]

    def make(self):
        self.folder.mkdir(mode=0o700)
        # The server's user must be able to read what it preloads, and may not be able to in the build folder.
        shutil.copy(self.bin_folder / "libseatsaga_count_sync.so", self.folder)
        self.sync_count_file.write_bytes(bytes(8))
        if os.geteuid() == 0:
            self.hand_over()
        self.command("initdb", "--pgdata", self.data, "--username", USER, "--auth", "trust",
                     "--encoding", "UTF8", "--locale", "C", "--no-sync")

    def hand_over(self):
        """Gives the folder to the server's user, who must also be able to enter its parent."""
        for path in (self.folder, *self.folder.iterdir()):
            shutil.chown(path, USER, USER)
        scratch = self.folder.parent
        scratch.chmod(scratch.stat().st_mode | 0o011)

    def start(self):
        settings = {**SETTINGS, "unix_socket_directories": self.folder}
        command = [self.programs / "postgres", "-D", self.data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        # SIGQUIT is PostgreSQL's stop at once, which still frees the shared memory.
        self.spawn(command, self.folder, signal.SIGQUIT, **as_server_user())
        self.wait_ready(lambda: self.try_query("postgres", "SELECT 1") is not None)

    def stop(self):
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # its fast stop, which waits for no client
        try:
            self.process.wait(STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()

    def restart(self):
        self.stop()
        self.start()

    def query(self, database, sql):
        """The result's rows, each a list of texts."""
        rows = self.try_query(database, sql)
        if rows is None:
            raise SuiteError(f"PostgreSQL did not run '{sql}': {self.last_words()}")
        return rows

    def number(self, database, sql):
        return int(self.query(database, sql)[0][0])

    def try_query(self, database, sql):
        """The same, or None if the query fails."""
        psql = self.run("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", USER,
                        "-d", database, "-c", sql)
        return None if psql.returncode else [line.split("|") for line in psql.stdout.splitlines()]

    def command(self, program, *arguments):
        done = self.run(program, *arguments)
        if done.returncode != 0:
            raise SuiteError(f"{program} failed, run as {server_user()}: {done.stderr.strip()}")

    def run(self, program, *arguments):
        return run_command(program, [self.programs / program, *arguments], COMMAND_WITHIN_S,
                           cwd=self.folder, **as_server_user())
