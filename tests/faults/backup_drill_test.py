"""The drill: an archive is backed up while it serves and takes in, lost, brought back, and compared; and what
a set is worth when a backup or a restore is killed, when a bit of it flips, and when the archive itself
destroys something. `sha256sum -c` is the judge that is not ours."""
import contextlib
import hashlib
import json
import pathlib
import random
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from archive import Archive  # noqa: E402
from rig import DAMAGED, ControlClient  # noqa: E402
from s3_place import S3Place  # noqa: E402

SEED = 20261127
NOT_FOUND, CONFLICT = 3, 5
UPLOADERS = 3


def text_of(number):
    """A text that no other number has; some have a kilobyte, some two hundred."""
    generator = random.Random(SEED + number)
    words = ["công đoàn", "thông cáo", "lao động", "nghị quyết", "đại hội", "hướng dẫn", "kế hoạch"]
    count = 20_000 if number % 10 == 9 else 100
    return (f"Tài liệu số {number}\n" + " ".join(generator.choice(words) for _ in range(count))).encode()


class Uploader(threading.Thread):
    """Sends one text after another until told to stop; keeps what was acknowledged, and when."""

    def __init__(self, data, first):
        super().__init__()
        self.data, self.next, self.ends = data, first, threading.Event()
        self.acknowledged = []  # (moment, id, name, bytes)
        self.trouble = None

    def run(self):
        client = ControlClient(self.data)
        with contextlib.closing(client):
            while not self.ends.is_set():
                name, content = f"van-ban-{self.next}.txt", text_of(self.next)
                status, answer = client.upload([(name, content)])
                if status != 201:
                    self.trouble = (status, answer)
                    return
                self.acknowledged.append((time.monotonic(), answer["id"], name, content))
                self.next += 1


class Drill(unittest.TestCase):
    def setUp(self):
        self.archive = Archive()
        self.addCleanup(self.archive.remove)
        self.folder = self.archive.folder
        self.set = self.folder / "set"

    def take_in(self, numbers):
        """Gives {sha256: bytes} of new materials."""
        texts = {f"{number}.txt": text_of(number) for number in numbers}
        paths = [self.archive.file(name, text) for name, text in texts.items()]
        self.good(self.archive.run("ingest", *paths, "--json"))
        return {hashlib.sha256(text).hexdigest(): text for text in texts.values()}

    def good(self, outcome, code=0):
        self.assertEqual(code, outcome.exit_code, outcome.output + outcome.complaint)
        return outcome

    def backup(self, where=None, *words, code=0):
        return self.good(self.archive.run("backup", where or self.set, *words, "--json"), code).json

    def restore(self, name="restored", where=None, *words, code=0):
        """The data folder it came back to, and what the command said."""
        data = self.folder / name
        outcome = self.archive.run("restore", where or self.set, *words, "--data", data, "--json", data=False)
        return data, self.good(outcome, code).json

    def check(self, where=None, code=0):
        return self.good(self.archive.run("backup", where or self.set, "--check", "--json"), code).json

    def judged_by_sha256sum(self, where=None):
        """Every run of a set, by its own lists."""
        where = where or self.set
        runs = sorted((where / "runs").iterdir())
        for run in runs:
            for name in "tagmanifest-sha256.txt", "manifest-sha256.txt":
                done = subprocess.run(["sha256sum", "--check", "--quiet", "--strict", run / name], cwd=where,
                                      capture_output=True, text=True)
                self.assertEqual((0, ""), (done.returncode, done.stdout), done.stderr)
        return len(runs)

    def blobs_of(self, data):
        return {path.name: path.read_bytes() for path in (data / "store/blobs/sha256").glob("*/*/*")}

    def records_of(self, data):
        return {path.name: path.read_bytes() for path in (data / "store/records").glob("*/*/*.json")}

    # -- the drill

    def test_what_was_acknowledged_before_a_backup_comes_back_from_it(self):
        self.archive.serve()
        self.good(self.archive.run("user", "add", "lan", "--unit", "tld", "--role", "archivist",
                                   "--password-stdin", given="một mật khẩu thật dài"))
        uploaders = [Uploader(self.archive.data, first * 10_000) for first in range(UPLOADERS)]
        for uploader in uploaders:
            uploader.start()
        runs = []
        try:
            while sum(len(uploader.acknowledged) for uploader in uploaders) < 60:
                self.assertEqual([], [uploader.trouble for uploader in uploaders if uploader.trouble])
                time.sleep(0.01)
            for _ in range(2):
                begin = time.monotonic()
                runs.append((begin, self.backup()))
        finally:
            for uploader in uploaders:
                uploader.ends.set()
            for uploader in uploaders:
                uploader.join()
        self.assertEqual([], [uploader.trouble for uploader in uploaders if uploader.trouble])
        acknowledged = [one for uploader in uploaders for one in uploader.acknowledged]
        before = [[one for one in acknowledged if one[0] < begin] for begin, _ in runs]
        self.assertGreater(len(before[1]), len(before[0]), "nothing was taken in while the backup ran")
        first, second = runs[0][1], runs[1][1]
        self.assertEqual(([], []), (first["missing"], second["missing"]))
        # Only what is new went into the second run.
        self.assertLessEqual(second["new"], second["blobs"] + second["records"] - first["blobs"] - first["records"] + 4)
        self.assertEqual(2, self.judged_by_sha256sum())
        self.assertEqual([], self.check()["corrupt"])
        self.archive.stop()

        for number, (_, run) in enumerate(runs):
            data, said = self.restore(f"restored-{number}", None, "--run", run["run"])
            self.assertEqual(([], [], False), (said["verify"]["corrupt"], said["verify"]["missing"],
                                               said["catalogue_rebuilt"]))
            self.assertGreaterEqual(run["materials"], len(before[number]))
            self.compare(data, before[number], run)

    def compare(self, data, acknowledged, run):
        """Everything acknowledged, through the program, and the counts that the run named."""
        there = Archive()
        self.addCleanup(there.remove)
        shutil.move(data, there.data)
        there.serve()
        client = ControlClient(there.data)
        with contextlib.closing(client):
            for _, id, name, content in acknowledged:
                self.assertEqual((200, content), client.file(id, name))
            status = client.json("GET", "/api/v1/status")
            self.assertEqual(run["materials"], status["materials"])
        self.good(there.run("user", "token", "lan", "--json"))
        self.assertEqual(run["materials"], there.run("search", "tài liệu", "--json").json["total"])
        # Life goes on: what comes now follows on what was there.
        _, id, name, content = acknowledged[0]
        more = there.file("moi.txt", "Văn bản sau khi khôi phục\n")
        self.good(there.run("ingest", more, "--json"))
        log = self.good(there.run("audit", "list", "--limit", "1000", "--json")).json["entries"]
        self.assertEqual(1, sum(entry["action"] == "backup.restore" for entry in log))
        self.assertTrue(there.run("audit", "verify", "--json").json["intact"])
        there.stop()

    def test_two_sets_know_nothing_of_each_other(self):
        self.take_in(range(8))
        second = self.folder / "second-set"
        self.backup()
        self.backup(second)
        backups = self.archive.run("backup", self.set, "--check", "--json")
        self.good(backups)
        shutil.rmtree(self.set)
        self.check(second)
        data, said = self.restore(where=second)
        self.assertEqual(self.blobs_of(self.archive.data), self.blobs_of(data))
        self.assertEqual(self.records_of(self.archive.data), self.records_of(data))
        self.assertEqual(8, said["materials"])

    def test_a_killed_backup_leaves_the_last_whole_one_and_is_taken_up_by_the_next(self):
        kept = self.take_in(range(10))
        self.backup()
        self.take_in(range(10, 130))
        for _ in range(3):
            process = subprocess.Popen(self.archive.command("backup", self.set), stdout=subprocess.DEVNULL)
            count = len(list((self.set / "store/blobs").glob("sha256/*/*/*")))
            while process.poll() is None and len(list((self.set / "store/blobs").glob("sha256/*/*/*"))) < count + 8:
                pass
            process.kill()
            process.wait()
            self.assertEqual(1, self.judged_by_sha256sum(), "a run that was killed counts")
        data, said = self.restore()
        self.assertEqual(set(kept), set(self.blobs_of(data)))
        # What the killed ones left is read before it is trusted.
        stray = next(path for path in (self.set / "store/blobs").glob("sha256/*/*/*") if path.name not in kept)
        stray.chmod(0o600)
        stray.write_bytes(b"\0" * stray.stat().st_size)
        said = self.backup()
        self.assertEqual([], said["missing"])
        self.assertEqual(2, self.judged_by_sha256sum())
        self.check()
        self.assertEqual([], list((self.set / "tmp").iterdir()))

    def test_a_killed_restore_is_refused_by_everything_and_taken_up_again(self):
        self.take_in(range(120))
        self.backup()
        data = self.folder / "restored"
        line = self.archive.command("restore", self.set, "--data", data, data=False)
        process = subprocess.Popen(line, stdout=subprocess.DEVNULL)
        while process.poll() is None and len(list(data.glob("store/blobs/sha256/*/*/*"))) < 8:
            pass
        process.kill()
        process.wait()
        self.assertTrue((data / "restore.json").exists())
        for words in ["verify"], ["serve", "--listen", "127.0.0.1:0"], ["rebuild"], ["backup", self.folder / "x"]:
            outcome = self.archive.run(*words, "--data", data, data=False)
            self.assertEqual(DAMAGED, outcome.exit_code, words)
        _, said = self.restore()
        self.assertEqual(self.blobs_of(self.archive.data), self.blobs_of(data))
        self.assertFalse((data / "restore.json").exists())
        self.assertFalse((data / "restore.tmp").exists())

    def test_a_flipped_bit_is_found_and_named_and_the_second_set_helps(self):
        self.take_in(range(12))
        second = self.folder / "second-set"
        self.backup()
        self.backup(second)
        generator = random.Random(SEED)
        for folder in "store/blobs", "store/records", "files":
            victim = generator.choice(sorted(path for path in (self.set / folder).rglob("*") if path.is_file()))
            whole = victim.read_bytes()
            victim.chmod(0o600)
            changed = bytearray(whole)
            at = generator.randrange(len(changed) * 8)
            changed[at // 8] ^= 1 << at % 8
            victim.write_bytes(changed)
            self.assertEqual([str(victim.relative_to(self.set))], self.check(code=DAMAGED)["corrupt"])
            data, said = self.restore("refused", code=DAMAGED)
            self.assertIn(str(victim.relative_to(self.set)), said["detail"])
            self.assertEqual(DAMAGED, self.archive.run("verify", "--data", data, data=False).exit_code)
            shutil.rmtree(data)
            victim.write_bytes(whole)
        self.check()
        for name in "run.json", "manifest-sha256.txt", "tagmanifest-sha256.txt":
            victim = next(self.set.glob("runs/*/" + name))
            whole = victim.read_bytes()
            victim.chmod(0o600)
            victim.write_bytes(whole.replace(b"a", b"b", 1))
            self.good(self.archive.run("restore", self.set, "--data", self.folder / "no", data=False), DAMAGED)
            victim.write_bytes(whole)
        self.assertFalse((self.folder / "no").exists())
        self.restore(where=second)

    def test_damage_in_the_archive_is_told_and_a_good_copy_of_the_set_stays(self):
        blobs = self.take_in(range(6))
        self.backup()
        lost, *_ = blobs
        path = self.archive.data / "store/blobs/sha256" / lost[:2] / lost[2:4] / lost
        path.unlink()
        self.assertEqual([], self.backup()["missing"])
        said = self.backup(self.folder / "new-set", code=DAMAGED)
        self.assertEqual(["blob " + lost], said["missing"])
        data, _ = self.restore()
        self.assertEqual(blobs[lost], self.blobs_of(data)[lost])

    def test_what_the_archive_destroyed_leaves_the_set_and_nothing_else_does(self):
        self.archive.serve()
        client = ControlClient(self.archive.data)
        content = text_of(1)
        _, material = client.upload([("huy.txt", content)])
        _, other = client.upload([("giu.txt", text_of(2))])
        first = self.backup()
        client.json("DELETE", "/api/v1/materials/" + material["id"], {"reason": "Hết hạn"}, {"If-Match": '"r1"'})
        self.assertEqual(1, self.good(self.archive.run("gc", "--grace-days", "0", "--json")).json["removed"])
        digest = hashlib.sha256(content).hexdigest()
        copy = self.set / "store/blobs/sha256" / digest[:2] / digest[2:4] / digest
        self.assertTrue(copy.exists())
        second = self.backup()
        self.assertEqual((1, first["blobs"] - 1), (second["removed"], second["blobs"]))
        self.assertFalse(copy.exists())
        client.close()
        self.archive.stop()
        # The run from before comes back without it, and says so.
        data, said = self.restore("earlier", None, "--run", first["run"])
        self.assertEqual((1, []), (said["destroyed"], said["verify"]["missing"]))
        self.assertEqual({hashlib.sha256(text_of(2)).hexdigest()}, set(self.blobs_of(data)))
        self.restore("later")

    def test_a_catalogue_that_cannot_be_used_is_rebuilt_from_the_records(self):
        self.take_in(range(5))
        self.backup()
        run = json.loads(next(self.set.glob("runs/*/run.json")).read_text())
        digest = next(file["sha256"] for file in run["files"] if file["path"] == "catalogue.sqlite")
        catalogue = self.set / "files" / digest[:2] / digest
        self.rewrite(catalogue, self.of_a_newer_program(catalogue.read_bytes()))
        data, said = self.restore()
        self.assertEqual((True, 5), (said["catalogue_rebuilt"], said["materials"]))
        self.assertEqual([], said["verify"]["corrupt"] + said["verify"]["missing"])

    @staticmethod
    def of_a_newer_program(database):
        """The same with `PRAGMA user_version` 999. Source: SQLite, "Database File Format", 1.3."""
        return database[:60] + (999).to_bytes(4, "big") + database[64:]

    def rewrite(self, path, content):
        """Puts other bytes into a set, with every list of it made anew."""
        old, new = path.name, hashlib.sha256(content).hexdigest()
        target = self.set / "files" / new[:2] / new
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content)
        run = next((self.set / "runs").iterdir())
        names = "run.json", "manifest-sha256.txt", "destroyed.txt"
        for name in names:
            (run / name).chmod(0o600)
            text = (run / name).read_text()
            (run / name).write_text(text.replace(f"files/{old[:2]}/", f"files/{new[:2]}/").replace(old, new)
                                    if name == "manifest-sha256.txt" else text.replace(old, new))
        seals = run / "tagmanifest-sha256.txt"
        seals.chmod(0o600)
        seals.write_text("".join(f"{hashlib.sha256((run / name).read_bytes()).hexdigest()}  "
                                 f"runs/{run.name}/{name}\n" for name in names))

    def test_places_that_do_not_fit_are_refused_and_nothing_is_changed(self):
        self.take_in(range(3))
        self.good(self.archive.run("restore", self.folder / "nothing", "--data", self.folder / "no", data=False),
                  NOT_FOUND)
        self.backup()
        self.good(self.archive.run("restore", self.set, "--data", self.archive.data, data=False), CONFLICT)
        self.good(self.archive.run("restore", self.set, "--run", "9", "--data", self.folder / "no", data=False),
                  NOT_FOUND)
        other = Archive()
        self.addCleanup(other.remove)
        self.good(other.run("ingest", other.file("x.txt", "Kho khác\n"), "--json"))
        self.good(other.run("backup", self.set, "--json"), CONFLICT)
        self.assertEqual(1, self.judged_by_sha256sum())

    def test_secrets_are_for_the_owner_alone_and_the_signing_key_stays_at_home(self):
        self.take_in(range(2))
        self.backup()
        self.assertEqual(0o700, stat.S_IMODE(self.set.stat().st_mode))
        for path in self.set.rglob("*"):
            if path.is_file():
                self.assertEqual(0, stat.S_IMODE(path.stat().st_mode) & 0o077, path)
        key = (self.archive.data / "audit-key.pem").read_bytes()
        self.assertNotIn(key, [path.read_bytes() for path in (self.set / "files").rglob("*") if path.is_file()])
        data, _ = self.restore()
        self.assertEqual(0o600, stat.S_IMODE((data / "accounts.sqlite").stat().st_mode))
        self.assertNotEqual(key, (data / "audit-key.pem").read_bytes())
        self.backup(None, "--with-audit-key")
        data, _ = self.restore("with-key")
        self.assertEqual(key, (data / "audit-key.pem").read_bytes())

    def test_old_runs_go_and_what_only_they_named_goes_with_them(self):
        for number in range(4):
            self.take_in([number])
            self.backup(None, "--keep", "2")
        self.assertEqual(2, self.judged_by_sha256sum())
        named = {file["sha256"] for run in self.set.glob("runs/*/run.json")
                 for file in json.loads(run.read_text())["files"]}
        self.assertEqual(named, {path.name for path in (self.set / "files").rglob("*") if path.is_file()})
        self.restore()

    def test_a_bucket_is_a_place_like_any_other(self):
        place = S3Place()
        self.addCleanup(place.stop)
        self.take_in(range(12))
        address = place.address("backups/one")
        first = self.backup(address)
        self.take_in(range(12, 16))
        second = self.backup(address)
        self.assertEqual((12, 16), (first["blobs"], second["blobs"]))
        self.assertEqual([], self.check(address)["corrupt"])
        self.assertEqual("s3://archive/backups/one/", second["set"])
        data, said = self.restore(where=address)
        self.assertEqual(self.blobs_of(self.archive.data), self.blobs_of(data))
        self.assertEqual(16, said["materials"])


if __name__ == "__main__":
    unittest.main()
