"""What the suites of faults share: the real program on a data folder, what it acknowledged, and whether that is
still there when it comes back. Everything goes through control.sock, so no port is needed."""
import contextlib
import dataclasses
import hashlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import BUILD, PROGRAM, multipart  # noqa: E402

CLEAR_REFUSALS = (503, 507)
DAMAGED = 7  # the exit code that says so
FAULT_POINTS = BUILD / "tests/fault_points.so"
LONGEST_IDLE_SECONDS = 5  # for a kept connection
LONGEST_SECONDS = 60  # for anything the program does here; it takes less than one
ROOM_BYTES = 1 << 30  # the store wants 256 MiB free before it takes anything
RECORD_NAME = re.compile(r"([0-9a-f-]{36})\.r(\d{6})\.([0-9a-f]{64})\.json")


def workplace():
    """Where data folders of tests lie: in memory where there is room, since a fault needs no slow disk."""
    memory = pathlib.Path("/dev/shm")
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 * ROOM_BYTES:
        return memory
    return pathlib.Path(tempfile.gettempdir())


def end_tidily():
    """Whoever ends this process lets it undo its mounts and folders first."""
    def interrupt(*_):
        raise KeyboardInterrupt
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, interrupt)


def new_seed():
    return int(os.environ.get("KHOCHUNG_SEED") or time.time_ns() % 1_000_000)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


# -- speaking to the program


class Gone(Exception):
    """The owner of the folder went away before its answer."""


class ControlClient(http.client.HTTPConnection):
    """The API as the local administrator. One thread at a time."""

    def __init__(self, data):
        super().__init__("localhost", timeout=LONGEST_SECONDS)
        self.path = str(data / "control.sock")
        self.last_used = time.monotonic()

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)

    def ask(self, method, target, body=None, fields=None):
        """Status and body of the answer."""
        if time.monotonic() - self.last_used > LONGEST_IDLE_SECONDS:
            self.close()  # the server may have done so
        self.last_used = time.monotonic()
        try:
            self.request(method, target, body, fields or {})
            answer = self.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if isinstance(error, TimeoutError):
                raise AssertionError(f"no answer to {method} {target} in {self.timeout} s") from error
            raise Gone(str(error)) from error

    def json(self, method, target, body=None, fields=None, status=200):
        given, answer = self.ask(method, target, None if body is None else json.dumps(body), fields)
        if given != status:
            raise AssertionError(f"{method} {target}: {given} {answer[:300]!r}")
        return json.loads(answer)

    def upload(self, files, fields=None):
        """Status and answer; files are [(name, bytes)]."""
        body, media_type = multipart(files, {"state": "published", "visibility": "unit", **(fields or {})})
        status, answer = self.ask("POST", "/api/v1/materials", body, {"Content-Type": media_type})
        return status, json.loads(answer)

    def file(self, id, name):
        return self.ask("GET", f"/api/v1/materials/{id}/files/{urllib.parse.quote(name)}")


class Server:
    """`khochung serve` on a data folder. Its complaints go to `log`."""

    def __init__(self, data, log, environment=None, listen="127.0.0.1:0"):
        self.data = data
        self.log = log
        with open(log, "ab") as stream:
            self.process = subprocess.Popen(
                [PROGRAM, "serve", "--listen", listen, "--data", data], stdout=stream, stderr=stream,
                env={**os.environ, **(environment or {})})

    def is_up(self):
        """Waits until it answers; False when it ended before."""
        client, deadline = ControlClient(self.data), time.monotonic() + LONGEST_SECONDS
        while self.process.poll() is None:
            with contextlib.suppress(Gone):
                if client.ask("GET", "/healthz")[0] == 200:
                    client.close()
                    return True
            if time.monotonic() > deadline:
                raise AssertionError("the server neither answers nor ends")
            time.sleep(0.003)
        return False

    def stop(self):
        """Asks it to end; gives its exit code."""
        self.process.terminate()
        try:
            return self.process.wait(LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("the server did not end when it was asked to") from None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def said(self):
        return self.log.read_text(errors="replace")[-1500:]


# -- what was promised


@dataclasses.dataclass
class Promise:
    """A material that the program said it has."""
    digests: set  # SHA-256 of its files
    revision: int = 1
    title: str = None  # None: not looked at
    is_searched: bool = False  # its text has the common words


class Promises:
    """Everything acknowledged on one data folder. Threads: safe from many."""

    def __init__(self):
        self.materials = {}
        self.lock = threading.Lock()

    def copy(self):
        other = Promises()
        other.materials = {id: dataclasses.replace(one, digests=set(one.digests)) for id, one in self.materials.items()}
        return other

    def take_over(self, newer):
        for id, promise in newer.materials.items():
            self.keep(id, next(iter(promise.digests)), promise.is_searched)
            self.revised(id, promise.revision, promise.title)

    def keep(self, id, digest, is_searched=False):
        with self.lock:
            promise = self.materials.setdefault(id, Promise(set()))
            promise.digests.add(digest)
            promise.is_searched = promise.is_searched or is_searched

    def revised(self, id, revision, title):
        with self.lock:
            promise = self.materials[id]
            if revision > promise.revision:
                promise.revision, promise.title = revision, title

    def broken_in(self, client, is_disk_failing=False):
        """What of them does not hold, in sentences."""
        for id, promise in self.materials.items():
            status, answer = client.ask("GET", f"/api/v1/materials/{id}")
            if status != 200:
                yield f"{id} was acknowledged and answers {status}"
                continue
            material = json.loads(answer)
            if material["revision"] < promise.revision:
                yield f"{id}: revision {promise.revision} was acknowledged, {material['revision']} is there"
            elif promise.title and material["revision"] == promise.revision and material["title"] != promise.title:
                yield f"{id}: its acknowledged title is not there"
            names = {file["sha256"]: file["name"] for file in material["files"]}
            for digest in promise.digests:
                yield from fault_of_file(client, material, names.get(digest, digest), digest, is_disk_failing)

    def unfound_in(self, client, words):
        """Ids whose text has `words` that a search does not find; waits while the index is behind."""
        wanted = {id for id, promise in self.materials.items() if promise.is_searched}
        deadline = time.monotonic() + 15
        while missing := wanted - {hit["id"] for hit in hits_of(client, words)}:
            if time.monotonic() > deadline:
                return missing
            time.sleep(0.02)
        return set()


def fault_of_file(client, material, name, digest, is_disk_failing=False):
    """What is wrong with a file of a material that was just looked at, in a sentence. Who reads a sensitive one is
    noted in the audit chain first: while the disk takes nothing such a file is refused."""
    id = material["id"]
    status, content = client.file(id, name)
    if is_disk_failing and status in CLEAR_REFUSALS:
        after = client.json("GET", f"/api/v1/materials/{id}")
        # What was changed meanwhile may have been deleted and restored.
        if is_sensitive(material) or after["revision"] != material["revision"]:
            return
    if status != 200:
        yield f"{id}: its file {name} answers {status}"
    elif sha256(content) != digest:
        yield f"{id}: its file {name} has other bytes"


def is_sensitive(material):
    return material["sensitivity"] != "open" or material["state"] in ("withdrawn", "deleted")


def hits_of(client, words):
    hits = []
    while True:
        page = client.json("GET", f"/api/v1/search?limit=100&offset={len(hits)}&q={urllib.parse.quote(words)}")
        hits += page["hits"]
        if len(page["hits"]) < 100:
            return hits


def half_shown(client, words, is_disk_failing=False):
    """Hits of a search that cannot be opened or whose files cannot be fetched."""
    for hit in hits_of(client, words):
        material = client.json("GET", f"/api/v1/materials/{hit['id']}")
        for file in material["files"]:
            if file["role"] == "original":
                yield from fault_of_file(client, material, file["name"], file["sha256"], is_disk_failing)


# -- what stands on the disk


def records_of(data):
    """{(id, revision): record}, and sentences about what is not as schemas/formats.md has it."""
    records, faults = {}, []
    for path in sorted((data / "store/records").rglob("*.json")):
        content = path.read_bytes()
        name = RECORD_NAME.fullmatch(path.name)
        if not name or sha256(content) != name[3]:
            faults.append(f"{path.name} does not have its seal")
            continue
        record = json.loads(content)
        records[record["id"], record["revision"]] = (name[3], record)
    for (id, revision), (_, record) in records.items():
        before = records.get((id, revision - 1), (None,))[0]
        if record["previous"] != before or (revision > 1) != (before is not None):
            faults.append(f"{id} revision {revision} does not follow the one before")
    return {key: record for key, (_, record) in records.items()}, faults


def faults_on_disk(data, is_running=False, destroyed=()):
    """Looks at the store with nothing but hashes: records sealed and chained, their blobs there with their bytes
    unless they were destroyed on purpose, and nothing half written unless the program is running. The records, and
    what is wrong, in sentences."""
    records, faults = records_of(data)
    blobs = {}
    for path in (data / "store/blobs/sha256").rglob("*"):
        if path.is_file():
            blobs[path.name] = sha256(path.read_bytes())
    faults += [f"blob {name} has other bytes" for name, found in blobs.items() if name != found]
    for (id, revision), record in records.items():
        for file in record["body"].get("files", []):
            if file["sha256"] not in blobs and file["sha256"] not in destroyed:
                faults.append(f"{id} revision {revision} names a blob that is not there")
    if not is_running:
        faults += [f"left half written: {path}" for path in (data / "store").glob("*/tmp/*")]
    return records, faults


def slices_in_use(data):
    """The slices of the store in which there is anything: 256 requests for twenty files were half of a trial."""
    folders = [path.name for part in ("blobs/sha256", "records") for path in (data / "store" / part).glob("??")]
    folders += [path.name for path in (data / "derived").rglob("??") if path.is_dir()]
    return sorted({int(name, 16) for name in folders if re.fullmatch("[0-9a-f]{2}", name)})


def in_slice(number):
    """The address parameter that asks for this slice."""
    return f"after={number - 1 if number else ''}"


def verify(client):
    """What the program's own verify names, slice by slice as `khochung verify` asks for it."""
    damaged = []
    for number in slices_in_use(pathlib.Path(client.path).parent):
        part = client.json("POST", f"/api/v1/verify?{in_slice(number)}", {})
        damaged += part["corrupt"] + part["missing"]
    return damaged


# -- running under faults


@dataclasses.dataclass(frozen=True)
class Fault:
    """The `at`-th point (from 1) meets `kind`."""
    at: int
    kind: str

    def environment(self, data, log):
        return {**watching(data, log), "KHOCHUNG_FAULT_AT": str(self.at), "KHOCHUNG_FAULT_KIND": self.kind}


def watching(data, log):
    """The environment in which points are counted and nothing fails."""
    return {"LD_PRELOAD": str(FAULT_POINTS), "KHOCHUNG_FAULT_FOLDER": str(data),
            "KHOCHUNG_FAULT_LOG": str(log)}


def points_in(log):
    """The highest number of a point, and the call and path of the one that was hit, or None. Each process of a
    workload counts for itself, and meets the fault for itself: the first hit is told."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    hit = next((line.split(" ", 1)[1].removesuffix(" <") for line in lines if line.endswith(" <")), None)
    return max((int(line.split(" ", 1)[0]) for line in lines), default=0), hit


def calls_in(log):
    """The names of the calls in the longest process of a workload, in order."""
    calls = {}
    for line in log.read_text(errors="replace").splitlines():
        number, call, _ = line.split(" ", 2)
        calls[int(number)] = call
    return [calls[number] for number in sorted(calls)]


def run_program(data, words, log, environment=None, given="", tracer=()):
    """Exit code and both outputs of a command."""
    try:
        done = subprocess.run([*tracer, PROGRAM, *map(str, words), "--data", data], input=given,
                              capture_output=True, text=True, errors="replace", timeout=LONGEST_SECONDS,
                              env={**os.environ, **(environment or {})})
    except subprocess.TimeoutExpired as error:
        said = ((error.stdout or b"") + (error.stderr or b"")).decode(errors="replace")[-600:]
        raise AssertionError(f"{words[0]} neither succeeds nor fails in {LONGEST_SECONDS} s: {said}") from error
    with open(log, "a") as stream:
        stream.write(f"$ {' '.join(map(str, words))}\n{done.stdout}{done.stderr}\n")
    return done
