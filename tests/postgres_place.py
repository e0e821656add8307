"""A PostgreSQL server of the tests' own, for suites that run the real program on it."""
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile
import threading

# The newest that is there.
PROGRAMS = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
SETTINGS = {"listen_addresses": "", "shared_buffers": "32MB", "fsync": "off", "full_page_writes": "off"}


class PostgresPlace:
    """The server, on a socket in a folder of its own; it ends with stop(), or with this process."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="khochung-postgres-"))
        # PostgreSQL refuses to run as root.
        self.user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        if self.user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        made = subprocess.run(self.as_user("initdb", "--pgdata", self.folder / "data", "--username=khochung",
                                           "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
                              capture_output=True, text=True)
        if made.returncode != 0:
            raise RuntimeError("initdb: " + made.stderr)
        self.start()

    def as_user(self, program, *words):
        """The command line of a program of PostgreSQL's, as an ordinary user, ending with this process."""
        line = ["setpriv", "--pdeathsig=QUIT"]
        if self.user:
            line += [f"--reuid={self.user.pw_uid}", f"--regid={self.user.pw_gid}", "--clear-groups"]
        return [*line, "--", PROGRAMS[-1] / program, *words]

    def start(self):
        """Returns when it takes connections."""
        settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        self.process = subprocess.Popen(self.as_user("postgres", "-D", self.folder / "data", "-k", self.folder,
                                                     *settings), stderr=subprocess.PIPE, text=True)
        said = []
        for line in self.process.stderr:
            said.append(line)
            if "is ready to accept connections" in line:
                break
        else:
            raise RuntimeError("PostgreSQL does not start: " + "".join(said))
        self.reader = threading.Thread(target=self.process.stderr.read, daemon=True)
        self.reader.start()

    def halt(self):
        """Ends the server at once, as a crash does; its data stays."""
        self.process.send_signal(3)
        self.process.wait(60)
        self.reader.join()
        self.process.stderr.close()

    def stop(self):
        self.halt()
        shutil.rmtree(self.folder)

    def sql(self, text, database="postgres"):
        """What a statement gives: rows as lines, columns between bars."""
        done = subprocess.run([PROGRAMS[-1] / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", self.folder,
                               "-U", "khochung", "-d", database, "-c", text], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def address(self, database):
        """What config.toml takes; the database is made where it is not there."""
        if not self.sql(f"SELECT 1 FROM pg_database WHERE datname = '{database}'"):
            self.sql(f"CREATE DATABASE {database}")
        return f"postgresql:///{database}?host={self.folder}&user=khochung"
