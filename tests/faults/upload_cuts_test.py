"""An upload whose client is killed, whose network is cut and whose server dies, again and again: it ends whole.

The client is tus-js-client in a process of its own and, where we may make one, in a network of its own.
"""
import argparse
import contextlib
import hashlib
import ipaddress
import json
import os
import pathlib
import queue
import random
import signal
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import ROOT, Archive, free_port  # noqa: E402

PASSWORD = "một mật khẩu thật dài"
CHUNK = 32 << 20
CLIENT = ROOT / "tests/faults/upload_client.mjs"
# What a client may have sent beyond what the server noted: a chunk, and what lies in buffers on the way.
MOST_LOST = CHUNK + (8 << 20)


class Network:
    """A network of two: the server's end here, the client's in a namespace that can be cut off."""

    def __init__(self, bytes_a_second):
        self.name = f"kc{os.getpid()}"
        self.here, self.there = f"kc{os.getpid()}a", f"kc{os.getpid()}b"
        # Four addresses of its own: what a run that was killed has left behind must not take this one's answers.
        block = ipaddress.ip_address("10.213.0.0") + os.getpid() % (1 << 14) * 4
        self.address, client = str(block + 1), str(block + 2)
        for words in (("netns", "add", self.name),
                      ("link", "add", self.here, "type", "veth", "peer", "name", self.there, "netns", self.name),
                      ("addr", "add", self.address + "/30", "dev", self.here), ("link", "set", self.here, "up"),
                      ("-n", self.name, "addr", "add", client + "/30", "dev", self.there),
                      ("-n", self.name, "link", "set", self.there, "up")):
            subprocess.run(["ip", *words], check=True, capture_output=True)
        # On a line as quick as memory there would be no time to cut it.
        subprocess.run(self.command(["tc", "qdisc", "add", "dev", self.there, "root", "tbf", "rate",
                                     f"{bytes_a_second}bps", "burst", "256k", "latency", "50ms"]), check=True)

    def command(self, words):
        return ["ip", "netns", "exec", self.name, *words]

    def cut(self, seconds):
        """Nothing goes through for a while; where the kernel allows it, the client's connections break."""
        subprocess.run(["ip", "link", "set", self.here, "down"], check=True)
        time.sleep(seconds)
        subprocess.run(self.command(["ss", "-K", "dst", self.address]), check=False, capture_output=True)
        subprocess.run(["ip", "link", "set", self.here, "up"], check=True)

    def received(self):
        """Bytes that came over the wire, with their headers."""
        shown = subprocess.run(["ip", "-j", "-s", "link", "show", self.here], check=True, capture_output=True).stdout
        return json.loads(shown)[0]["stats64"]["rx"]["bytes"]

    def remove(self):
        # The link first: a namespace lives on as long as anything runs in it.
        for words in (("link", "delete", self.here), ("netns", "delete", self.name)):
            subprocess.run(["ip", *words], check=False, capture_output=True)


@contextlib.contextmanager
def network(bytes_a_second):
    """None where this machine or its user makes no namespaces."""
    try:
        made = Network(bytes_a_second)
    except (OSError, subprocess.CalledProcessError):
        yield None
        return
    try:
        yield made
    finally:
        made.remove()


class Client:
    """A run of the client; what it says comes through a queue."""

    def __init__(self, words, token):
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env={**os.environ, "TOKEN": token})
        self.said = queue.Queue()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        with contextlib.suppress(ValueError):  # killed within a line, or closed
            for line in self.process.stdout:
                self.said.put(json.loads(line))
        self.said.put({"ended": self.process.wait()})

    def kill(self):
        self.process.kill()
        self.process.wait()


class UploadCuts(unittest.TestCase):
    size = 96 << 20
    cuts = 6
    seed = 281128

    def make_file(self):
        path = self.archive.folder / "phim.bin"
        digest = hashlib.sha256()
        numbers = random.Random(self.seed)
        with open(path, "wb") as file:
            for _ in range(self.size // (1 << 20)):
                piece = numbers.randbytes(1 << 20)
                digest.update(piece)
                file.write(piece)
        return path, digest.hexdigest()

    def start_server(self, address, port):
        # The same address each time: the client knows no other.
        self.archive.port = port
        self.archive.log = open(self.archive.folder / "serve.log", "ab")
        self.archive.server = subprocess.Popen(self.archive.command("serve", "--listen", f"{address}:{port}"),
                                               stdout=self.archive.log, stderr=self.archive.log)

    def test_an_upload_that_is_cut_everywhere_ends_whole(self):
        self.archive = Archive()
        self.addCleanup(self.archive.remove)
        added = self.archive.run("user", "add", "lan", "--unit", "tld", "--role", "archivist", "--password-stdin",
                                 given=PASSWORD)
        self.assertEqual(0, added.exit_code, added.complaint)
        token = self.archive.run("user", "token", "lan", "--json").json["token"]
        file, digest = self.make_file()
        with network(max(self.size // 30, 12 << 20)) as line:
            address, port = (line.address if line else "127.0.0.1"), free_port()
            self.start_server(address, port)
            words = ["node", str(CLIENT), f"http://{address}:{port}", str(file), str(self.archive.folder / "memory.json"),
                     str(CHUNK)]
            words = line.command(words) if line else words
            place, sent, lost = self.send_with_cuts(words, token, line, (address, port))
            wire = line.received() if line else None
        self.archive.stop()
        self.archive.serve()
        answer = self.archive.request("GET", "/" + place.split("/", 3)[3], fields={"Authorization": "Bearer " + token})
        self.assertEqual("taken", answer.json["state"], answer.body)
        material = self.archive.request("GET", "/api/v1/materials/" + answer.json["material"],
                                        fields={"Authorization": "Bearer " + token}).json
        self.assertEqual(digest, material["files"][0]["sha256"])
        self.assertEqual([], list((self.archive.data / "uploads").glob("*.part")))
        print(f"{self.size} bytes, {self.cuts} cuts: sent again after each at most {max(lost, default=0)} bytes, "
              f"{sum(lost)} in all" + (f"; {wire} bytes came over the wire" if wire else ""), flush=True)
        self.assertLessEqual(max(lost, default=0), MOST_LOST)

    def send_with_cuts(self, words, token, line, server):
        """Runs the client to its end; gives the upload's address, and what each cut had it send again."""
        numbers = random.Random(self.seed)
        kinds = ["client", "server"] + (["network"] if line else [])
        client = Client(words, token)
        self.addCleanup(lambda: client.kill())  # the newest one: a test that failed leaves none running
        sent, lost, awaits_offset = 0, [], False
        number = 0
        # The next cut comes where this many bytes were sent: all of them spread over what is left.
        moment = numbers.randrange(1, 2 * self.size // (self.cuts + 1))
        deadline = time.monotonic() + 60 + self.size / (4 << 20)
        while time.monotonic() < deadline:
            try:
                said = client.said.get(timeout=30)
            except queue.Empty:
                self.fail("the client says nothing for 30 s")
            if "place" in said:
                client.process.wait()
                client.process.stdout.close()
                # Without a slow line the end may come before the last cuts.
                self.assertGreaterEqual(number, self.cuts if line else 1, "not every cut was made")
                return said["place"], sent, lost
            self.assertNotIn("error", said)
            if "ended" in said:
                self.fail(f"the client ended: {said}")
            if said.get("method") == "HEAD" and said["status"] == 200:
                lost.append(max(0, sent - said["offset"]))
                awaits_offset = False
                gap = (self.size - said["offset"]) // (self.cuts - number + 1)
                moment = said["offset"] + numbers.randrange(1, 2 * gap) if gap else self.size
            if "sent" not in said:
                continue
            sent = said["sent"]
            if awaits_offset or number == self.cuts or sent < moment:
                continue
            kind = kinds[number % len(kinds)]
            number += 1
            awaits_offset = True
            if kind == "client":
                client.kill()
                client.process.stdout.close()
                client = Client(words, token)
            elif kind == "server":
                self.archive.stop(signal.SIGKILL)
                self.start_server(*server)
            else:
                line.cut(numbers.uniform(0.2, 3))
                # A connection that lived through it goes on without a question.
                awaits_offset = False
                moment = sent + (self.size - sent) // (self.cuts - number + 2)
        self.fail("the upload did not end in time")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--mib", type=int, default=UploadCuts.size >> 20)
    options.add_argument("--cuts", type=int, default=UploadCuts.cuts)
    options.add_argument("--seed", type=int, default=UploadCuts.seed)
    chosen = options.parse_args()
    UploadCuts.size, UploadCuts.cuts, UploadCuts.seed = chosen.mib << 20, chosen.cuts, chosen.seed
    unittest.main(argv=sys.argv[:1])
