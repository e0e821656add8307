"""kill -9 while 500 files are taken in, at random moments: after the next run every file that was acknowledged
is there once, with its bytes, and verify is clean. KHOCHUNG_SEED repeats a run; KHOCHUNG_KILLS sets how often."""
import collections
import hashlib
import os
import pathlib
import random
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import Archive  # noqa: E402

FILES = 500
KILLS = int(os.environ.get("KHOCHUNG_KILLS", "20"))
WORDS = "công đoàn cơ sở người phát ngôn tháng công nhân tết sum vầy an toàn vệ sinh lao động".split()


class KillDuringIngest(unittest.TestCase):
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

    def ingest(self):
        return self.archive.command("ingest", self.archive.folder / "files", "--json")

    def run_and_kill_after(self, seconds):
        """Whether it was still running when it was killed."""
        running = subprocess.Popen(self.ingest(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            running.wait(seconds)
            return False
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGKILL)
            running.wait()
            return True

    def recorded(self):
        """How often each digest is an original of a material, by the records alone."""
        count = collections.Counter()
        for record in (self.archive.data / "store/records").rglob("*.r000001.*.json"):
            text = record.read_text(encoding="utf-8")
            count.update(digest for digest in self.wanted if digest in text)
        return count

    def test_nothing_acknowledged_is_lost_and_nothing_is_there_twice(self):
        # One undisturbed run on another folder tells how long the killing may wait.
        model = Archive()
        self.addCleanup(model.remove)
        begin = time.monotonic()
        subprocess.run(model.command("ingest", self.archive.folder / "files", "--json"), check=True,
                       stdout=subprocess.DEVNULL)
        whole = time.monotonic() - begin
        killed = 0
        for _ in range(KILLS):
            # Mostly early, so that later runs find work to do; sometimes anywhere.
            killed += self.run_and_kill_after(self.chance.uniform(0.02, 1) ** 2 * whole)
        print(f"seed {self.seed}: {killed} of {KILLS} runs killed; a whole run takes {whole:.1f} s")
        self.assertGreater(killed, KILLS // 4, "the runs were too short to be killed")
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


if __name__ == "__main__":
    unittest.main()
