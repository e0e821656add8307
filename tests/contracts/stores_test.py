"""config.toml chooses where blobs lie and when they are checked; damage is mended while it is served."""
import base64
import hashlib
import http.client
import json
import pathlib
import random
import socket
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import Archive  # noqa: E402
from s3_place import S3Place  # noqa: E402

SEED = 20261127


def text_of(number):
    """A text that no other number has, of some kilobytes."""
    generator = random.Random(SEED + number)
    words = ["công đoàn", "thông cáo", "lao động", "nghị quyết", "đại hội", "hướng dẫn", "kế hoạch"]
    return f"Tài liệu số {number}\n" + " ".join(generator.choice(words) for _ in range(1000))


class Stores(unittest.TestCase):
    def setUp(self):
        self.archive = Archive()
        self.addCleanup(self.archive.remove)
        self.archive.data.mkdir()

    def configure(self, text):
        (self.archive.data / "config.toml").write_text(text)

    def take_in(self, count):
        """Gives {sha256: bytes} of so many new materials, and their addresses."""
        texts = [text_of(number).encode() for number in range(count)]
        paths = [self.archive.file(f"{number}.txt", text) for number, text in enumerate(texts)]
        outcome = self.archive.run("ingest", *paths, "--visibility", "public", "--json")
        self.assertEqual(0, outcome.exit_code, outcome.output + outcome.complaint)
        by_name = {pathlib.Path(item["path"]).name: item for item in outcome.json["materials"]}
        return [(f"/api/v1/materials/{by_name[path.name]['id']}/files/{path.name}", text)
                for path, text in zip(paths, texts)]

    def blob(self, content, store=None):
        name = hashlib.sha256(content).hexdigest()
        return (store or self.archive.data / "store/blobs") / "sha256" / name[:2] / name[2:4] / name

    def damage(self, content, seed):
        path = self.blob(content)
        path.chmod(0o600)
        changed = bytearray(path.read_bytes())
        at = random.Random(SEED + seed).randrange(len(changed) * 8)
        changed[at // 8] ^= 1 << at % 8
        path.write_bytes(changed)

    def ask_owner(self, target):
        """What the owner of the data folder is told, through its socket."""
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(self.archive.data / "control.sock"))
        try:
            connection.request("GET", target)
            return connection.getresponse().read()
        finally:
            connection.close()

    def state(self):
        return json.loads(self.ask_owner("/api/v1/preservation"))

    def get_whole(self, target, fields=None):
        """The answer, or None where it broke off."""
        try:
            return self.archive.request("GET", target, fields=fields)
        except http.client.IncompleteRead:
            return None

    def test_always_gives_no_complete_answer_with_a_wrong_byte(self):
        self.configure('[store]\nverify_on_read = "always"\n')
        files = self.take_in(40)
        for seed, (_, content) in enumerate(files):
            self.damage(content, seed)
        self.archive.serve()
        answers = [self.get_whole(target) for target, _ in files]
        # Where the scrub, which begins at once, was quicker, the answer is an error.
        self.assertEqual([], [answer for answer in answers if answer is not None and answer.status != 500])
        self.assertIn(None, answers)
        # Found once, nothing of it is given any more, and a good upload heals it.
        target, content = files[0]
        self.assertEqual(500, self.get_whole(target).status)
        self.assertEqual(500, self.get_whole(target, {"Range": "bytes=0-9"}).status)

    def test_fresh_gives_files_unread_and_the_next_scrub_finds_each(self):
        files = self.take_in(40)
        for seed, (_, content) in enumerate(files):
            self.damage(content, seed)
        self.archive.serve()
        answer = self.get_whole(files[0][0])
        self.assertNotEqual(files[0][1], answer.body)  # trusted: it was read whole a moment ago
        found = self.archive.run("verify", "--json")
        self.assertEqual(7, found.exit_code)
        self.assertEqual({hashlib.sha256(content).hexdigest() for _, content in files},
                         {one["id"] for one in found.json["corrupt"]})
        self.assertEqual(500, self.get_whole(files[0][0]).status)
        self.assertEqual({"damaged"}, {blob["state"] for blob in self.state()["bad_blobs"]})
        self.assertEqual(40, len(self.state()["bad_blobs"]))
        self.assertIn("khochung_blobs_bad 40\n", self.ask_owner("/metrics").decode())

    def test_clients_can_check_what_they_get(self):
        (target, content), = self.take_in(1)
        self.archive.serve()
        digest = hashlib.sha256(content)
        for fields in ({}, {"Range": "bytes=5-20"}):
            answer = self.archive.request("GET", target, fields=fields)
            self.assertEqual(f'"{digest.hexdigest()}"', answer.fields["etag"])
            self.assertEqual(f"sha-256=:{base64.b64encode(digest.digest()).decode()}:",
                             answer.fields["repr-digest"])

    def test_with_a_replica_all_damage_is_mended_while_it_is_served(self):
        replica = self.archive.folder / "replica"
        replica.mkdir()
        self.configure(f'[store]\nreplicas = ["{replica}"]\nverify_on_read = "always"\n')
        files = self.take_in(60)
        for seed, (_, content) in enumerate(files[:40]):
            self.damage(content, seed)
        for _, content in files[40:50]:
            self.blob(content).unlink()
        self.archive.serve()
        for target, content in files[:45]:
            self.assertEqual(content, self.get_whole(target).body)
        report = self.archive.run("verify", "--json")
        self.assertEqual(0, report.exit_code, report.output)
        # Those that nobody had asked for, except what the scrub, which begins at once, came to first.
        self.assertLessEqual({one["id"] for one in report.json["mended"]},
                             {hashlib.sha256(content).hexdigest() for _, content in files[45:50]})
        for _, content in files:
            self.assertEqual(content, self.blob(content).read_bytes())
        deadline = time.monotonic() + 60
        while self.state()["replicas"] != {"count": 1, "slices_behind": 0}:
            self.assertLess(time.monotonic(), deadline, "the replica does not catch up")
        self.assertEqual([], self.state()["bad_blobs"])
        entries = self.archive.run("audit", "list", "--limit", "1000", "--json").json["entries"]
        self.assertEqual(sorted(hashlib.sha256(content).hexdigest() for _, content in files[:50]),
                         sorted(entry["object"] for entry in entries if entry["action"] == "blob.mend"))

    def test_a_replica_that_was_away_gets_what_it_missed(self):
        replica = self.archive.folder / "replica"
        self.configure(f'[store]\nreplicas = ["{replica}"]\n')
        files = self.take_in(5)
        self.assertFalse(replica.exists())  # it may be a disk that is not mounted
        replica.mkdir()
        self.archive.serve()
        missing = [self.blob(content, replica) for _, content in files]
        deadline = time.monotonic() + 60
        while missing and time.monotonic() < deadline:
            self.archive.request("GET", files[0][0])
            missing = [path for path in missing if not path.exists()]
        self.assertEqual([], missing)

    def test_blobs_lie_in_s3_with_a_replica_on_disk(self):
        place = S3Place()
        self.addCleanup(place.stop)
        replica = self.archive.folder / "replica"
        replica.mkdir()
        self.configure(f'[store]\nblobs = "{place.address("kho")}"\nreplicas = ["{replica}"]\n')
        files = self.take_in(3)
        self.assertFalse((self.archive.data / "store/blobs").exists())
        self.archive.serve()
        # Through the server that runs, and larger than what is read of S3 in one go.
        large = ("Biên bản dài\n" + "".join(text_of(number) for number in range(400))).encode()
        outcome = self.archive.run("ingest", self.archive.file("dài.txt", large), "--visibility", "public", "--json")
        self.assertEqual(0, outcome.exit_code, outcome.complaint)
        files.append((f"/api/v1/materials/{outcome.json['materials'][0]['id']}/files/d%C3%A0i.txt", large))
        for target, content in files:
            self.assertEqual(content, self.get_whole(target).body)
            self.assertEqual(content[5:21], self.get_whole(target, {"Range": "bytes=5-20"}).body)
            self.assertEqual(content, self.blob(content, replica).read_bytes())
        self.assertEqual(0, self.archive.run("verify", "--json").exit_code)

    def test_what_the_file_says_wrongly_is_named_with_its_line(self):
        for text, named in (
                ('[store]\nverify_on_read = "sometimes"\n', ("line 2", "always")),
                ('[store]\nverfy = 1\n', ("line 2", "verfy")),
                ("[shop]\n", ("line 1", "shop")),
                ("[scrub]\ndays = 0\n", ("line 2", "days")),
                ("[scrub\n", ("line 1",)),
                ('[store]\nblobs = "s3://archive"\n', ("S3 address",))):
            with self.subTest(text):
                self.configure(text)
                for command in (["search", "x"], ["serve", "--listen", "127.0.0.1:0"]):
                    outcome = self.archive.run(*command)
                    self.assertEqual(2, outcome.exit_code, outcome.output + outcome.complaint)
                    for name in named:
                        self.assertIn(name, outcome.complaint)

    def test_serve_takes_what_its_options_do_not_say_from_the_file(self):
        self.configure('[server]\nsite_name = "Kho của tỉnh"\nlisten = "127.0.0.1:1"\n')
        self.archive.serve()
        self.assertIn("Kho của tỉnh", self.archive.request("GET", "/").body.decode())


if __name__ == "__main__":
    unittest.main()
