"""The real program on a data folder of its own: for suites that see it from outside."""
import contextlib
import dataclasses
import datetime
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import zlib

ROOT = pathlib.Path(os.environ.get("KHOCHUNG_SOURCE_DIR") or pathlib.Path(__file__).parents[1])
BUILD = pathlib.Path(os.environ.get("KHOCHUNG_BUILD_DIR") or ROOT / "build/release")
PROGRAM = BUILD / "khochung"
CORPUS = ROOT / "tests/corpus"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def give_pages_their_sums(file):
    """After another program has written to an SQLite file: see schemas/formats.md, "Pages of SQLite files"."""
    data = bytearray(pathlib.Path(file).read_bytes())
    for at in range(0, len(data), 4096):
        if any(data[at:at + 4096]):
            data[at + 4088:at + 4092] = b"KCP1"
            page = struct.pack("<I", at // 4096 + 1) + data[at:at + 4092]
            data[at + 4092:at + 4096] = struct.pack("<I", zlib.crc32(page))
    pathlib.Path(file).write_bytes(data)


def in_days(days):
    """An instant as RFC 3339 has it: tests name no day that will be over."""
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclasses.dataclass
class Outcome:
    """What a command did."""
    exit_code: int
    output: str
    complaint: str

    @property
    def json(self):
        """The last line of the output, which is the answer for machines."""
        return json.loads(self.output.strip().splitlines()[-1])


@dataclasses.dataclass
class Answer:
    """What the server sent back."""
    status: int
    fields: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Archive:
    """A data folder and the commands on it; with serve(), a server that owns it."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="khochung-test-"))
        self.data = self.folder / "data"
        self.server = None
        self.port = 0

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder)

    def file(self, name, content):
        """A file to take in, outside the data folder."""
        path = self.folder / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def command(self, *words, data=True):
        """The command line that runs `words` on this data folder."""
        line = [str(PROGRAM), *map(str, words)]
        return line + ["--data", str(self.data)] if data else line

    def run(self, *words, given="", data=True, timeout=120):
        done = subprocess.run(self.command(*words, data=data), input=given, capture_output=True,
                              text=True, timeout=timeout, cwd=self.folder)
        return Outcome(done.returncode, done.stdout, done.stderr)

    def serve(self, host="127.0.0.1"):
        """Starts the server and returns when it answers."""
        self.port = free_port()
        self.log = open(self.folder / "serve.log", "ab")
        self.server = subprocess.Popen(self.command("serve", "--listen", f"{host}:{self.port}"),
                                       stdout=self.log, stderr=self.log, cwd=self.folder)
        while True:
            with contextlib.suppress(OSError):
                if self.request("GET", "/healthz").status == 200:
                    return
            try:
                self.server.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            print((self.folder / "serve.log").read_text(errors="replace")[-4000:], file=sys.stderr)
            raise RuntimeError(f"the server ended with exit code {self.server.returncode}")

    def stop(self, how=signal.SIGTERM):
        """Ends the server; gives its exit code."""
        if self.server is None:
            return None
        self.server.send_signal(how)
        code = self.server.wait(60)
        self.log.close()
        self.server = None
        return code

    def request(self, method, target, body=None, fields=None, timeout=60):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, target, body=body, headers=fields or {})
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()},
                          answer.read())
        finally:
            connection.close()

    def raw(self, text):
        """Sends bytes as they are; gives the status of the answer and whether the server then closed."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as peer:
            peer.sendall(text)
            received = b""
            with contextlib.suppress(ConnectionResetError):
                while piece := peer.recv(65536):
                    received += piece
        first = received.split(b"\r\n", 1)[0].split(b" ")
        return int(first[1]) if len(first) > 1 else 0


def multipart(files, fields=None):
    """Body and content type of a form with files [(name, bytes)]."""
    boundary = "khochung-7d1f0c"
    pieces = [f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
              for name, value in (fields or {}).items()]
    for name, content in files:
        pieces.append(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
                      "Content-Type: application/octet-stream\r\n\r\n".encode() + content + b"\r\n")
    pieces.append(f"--{boundary}--\r\n".encode())
    return b"".join(pieces), f"multipart/form-data; boundary={boundary}"


class AsksWithTokens:
    """For suites with an `archive` that serves and `tokens` by the names of viewers; any other viewer shows none."""

    def ask(self, viewer, method, path, body=None, fields=None, status=None):
        fields = dict(fields or {})
        if viewer in self.tokens:
            fields["Authorization"] = "Bearer " + self.tokens[viewer]
        if isinstance(body, (dict, list)):
            body, fields["Content-Type"] = json.dumps(body), "application/json"
        answer = self.archive.request(method, path, body, fields)
        if status is not None:
            self.assertEqual(status, answer.status, answer.body[:600])
        return answer
