"""kill -9 while 500 files are taken in, at random moments: after the next run every file that was acknowledged
is there once, with its bytes, and verify is clean. KHOCHUNG_SEED repeats the moments."""
import collections
import concurrent.futures
import hashlib
import http.client
import os
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import Archive, multipart  # noqa: E402

FILES = 500
KILLS = 20
WORDS = "công đoàn cơ sở người phát ngôn tháng công nhân tết sum vầy an toàn vệ sinh lao động".split()


class Fixture(unittest.TestCase):
    """500 small files, the same for the same seed."""

    def setUp(self):
        self.archive = Archive()
        self.addCleanup(self.archive.remove)
        self.seed = int(os.environ.get("KHOCHUNG_SEED") or time.time_ns() % 1_000_000)
        self.chance = random.Random(self.seed)
        self.digests = {}
        for number in range(FILES):
            words = self.chance.choices(WORDS, k=self.chance.randrange(20, 400))
            content = f"Văn bản số {number}\n\n{' '.join(words)}\n".encode()
            path = self.archive.file(f"{number % 10}/van-ban-{number:03}.txt", content)
            self.digests[str(path)] = hashlib.sha256(content).hexdigest()


class KillDuringIngest(Fixture):
    def ingest(self):
        return self.archive.command("ingest", self.archive.folder / "files", "--json")

    def kept(self):
        """How many materials have a record by now."""
        return sum(1 for _ in (self.archive.data / "store/records").rglob("*.r000001.*.json"))

    def run_and_kill_at(self, target):
        """Runs until `target` materials are kept and a moment more, then kills. Whether it was still running."""
        running = subprocess.Popen(self.ingest(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while running.poll() is None and self.kept() < target:
            time.sleep(0.002)
        time.sleep(self.chance.uniform(0, 0.03))
        was_running = running.poll() is None
        running.send_signal(signal.SIGKILL)
        running.wait()
        return was_running

    def recorded(self):
        """How often each digest is an original of a material, by the records alone."""
        count = collections.Counter()
        for record in (self.archive.data / "store/records").rglob("*.r000001.*.json"):
            text = record.read_text(encoding="utf-8")
            count.update(digest for digest in self.wanted if digest in text)
        return count

    def test_nothing_acknowledged_is_lost_and_nothing_is_there_twice(self):
        targets = sorted(self.chance.sample(range(FILES - 10), KILLS))
        killed = sum(self.run_and_kill_at(target) for target in targets)
        print(f"seed {self.seed}: {killed} of {KILLS} runs killed at work, at {targets} kept files")
        self.assertGreaterEqual(killed, KILLS - 2)
        self.wanted = set(self.digests.values())
        before = self.recorded()
        last = subprocess.run(self.ingest(), capture_output=True, text=True, timeout=300)
        self.assertEqual(0, last.returncode, f"seed {self.seed}: {last.stdout}{last.stderr}"[-2000:])
        after = self.recorded()
        self.assertEqual({}, {digest: n for digest, n in before.items() if after[digest] < n}, "lost")
        self.assertEqual({1: FILES}, dict(collections.Counter(after[digest] for digest in self.wanted)),
                         f"seed {self.seed}: every file once")
        for path, digest in self.digests.items():
            blob = self.archive.data / "store/blobs/sha256" / digest[:2] / digest[2:4] / digest
            self.assertEqual(pathlib.Path(path).read_bytes(), blob.read_bytes())
        verify = self.archive.run("verify", "--json")
        self.assertEqual((0, [], []), (verify.exit_code, verify.json["corrupt"], verify.json["missing"]))
        self.assertEqual(FILES, self.archive.run("search", "van ban", "--json").json["total"])
        leftovers = [path for path in (self.archive.data / "store").rglob("*") if path.is_file() and
                     "/tmp/" in str(path.relative_to(self.archive.data))]
        self.assertEqual([], leftovers, "what a killed process left half written is taken away")


class KillDuringUploads(Fixture):
    """The same for a server: what it answered 201 for is there when it comes back."""

    def upload(self, path):
        """The id that the server gave, or None when it went away before its answer."""
        body, media_type = multipart([(path.name, path.read_bytes())])
        try:
            answer = self.archive.request("POST", "/api/v1/materials", body, {
                "Content-Type": media_type, "Authorization": "Bearer " + self.token})
        except (OSError, http.client.HTTPException):
            return None
        self.assertIn(answer.status, (200, 201), answer.body)
        return answer.json["id"]

    def upload_until_killed(self, waiting, kill_after):
        """Uploads from four threads; kills the server after `kill_after` answers."""
        lock, answered = threading.Lock(), {}

        def work():
            while True:
                with lock:
                    if not waiting:
                        return
                    path = waiting.pop()
                id = self.upload(path)
                with lock:
                    if id is None:
                        waiting.append(path)
                        return
                    answered[path] = id

        with concurrent.futures.ThreadPoolExecutor(5) as pool:
            workers = [pool.submit(work) for _ in range(4)]
            if kill_after is not None:
                # The threads go on meanwhile, so uploads are under way when the server dies.
                while len(answered) < kill_after and not all(one.done() for one in workers):
                    time.sleep(0.001)
                self.archive.stop(signal.SIGKILL)
            for one in workers:
                one.result()
        return answered

    def test_what_was_answered_is_there_after_the_server_was_killed(self):
        self.archive.run("user", "add", "lan", "--role", "editor", "--password-stdin", given="một mật khẩu thật dài")
        self.token = self.archive.run("user", "token", "lan", "--json").json["token"]
        waiting, ids = [pathlib.Path(path) for path in self.digests], {}
        for _ in range(KILLS):
            self.archive.serve()
            ids.update(self.upload_until_killed(waiting, self.chance.randrange(1, FILES // KILLS)))
        print(f"seed {self.seed}: {len(ids)} files answered before the last of {KILLS} kills")
        self.archive.serve()
        ids.update(self.upload_until_killed(waiting, None))
        self.assertEqual(FILES, len(ids))
        self.assertEqual(FILES, len(set(ids.values())), f"seed {self.seed}: a material each")
        for path, id in ids.items():
            answer = self.archive.request("GET", f"/api/v1/materials/{id}/files/{path.name}", None,
                                          {"Authorization": "Bearer " + self.token})
            self.assertEqual((200, self.digests[str(path)]), (answer.status, hashlib.sha256(answer.body).hexdigest()))
        self.archive.stop()
        verify = self.archive.run("verify", "--json")
        self.assertEqual((0, [], []), (verify.exit_code, verify.json["corrupt"], verify.json["missing"]))


if __name__ == "__main__":
    unittest.main()
