"""What an archive exports and what another one takes over, with the real program."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import Archive  # noqa: E402

DATED = ("bag-info.txt", "tagmanifest-sha256.txt")  # they tell the day of packing


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name not in DATED}


class Exchange(unittest.TestCase):
    def setUp(self):
        self.archive = self.new_archive()
        self.unit = self.archive.folder / "units.csv"
        self.unit.write_text("code,name_vi,name_en,level,parent\nhn,LĐLĐ Hà Nội,Hanoi,province,tld\n")
        self.run_well(self.archive, "unit", "import", self.unit)
        for number in range(6):
            self.archive.file(f"{number}.txt", f"Thông báo số {number}\n\nNgười phát ngôn số {number}.\n")
        self.run_well(self.archive, "ingest", self.archive.folder / "files", "--unit", "hn")

    def new_archive(self):
        archive = Archive()
        self.addCleanup(archive.remove)
        return archive

    def run_well(self, archive, *words, exit_code=0):
        outcome = archive.run(*words, "--json")
        self.assertEqual(exit_code, outcome.exit_code, outcome.output + outcome.complaint)
        return outcome.json if exit_code in (0, 5, 7) and outcome.output.strip() else None

    def export(self, archive, name="bag", *words):
        target = archive.folder / name
        self.run_well(archive, "export", target, *words)
        return target

    def edit_and_delete(self):
        """Revisions and a deletion, over a server."""
        ids = [hit["id"] for hit in self.run_well(self.archive, "search", "phat ngon")["hits"]]
        token = self.account("an")
        self.archive.serve()
        fields = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "If-Match": '"r1"'}
        edited = self.archive.request("PATCH", f"/api/v1/materials/{ids[0]}",
                                      json.dumps({"title": "Đã sửa"}), fields)
        gone = self.archive.request("DELETE", f"/api/v1/materials/{ids[1]}",
                                    json.dumps({"reason": "trùng"}), fields)
        self.archive.stop()
        self.assertEqual((200, True), (edited.status, gone.status < 300), edited.body + gone.body)

    def account(self, name):
        self.archive.run("user", "add", name, "--unit", "tld", "--role", "administrator", "--password-stdin",
                         given="một mật khẩu thật dài")
        return self.run_well(self.archive, "user", "token", name)["token"]

    def test_what_another_archive_took_over_it_exports_byte_for_byte(self):
        self.edit_and_delete()
        bag = self.export(self.archive)
        for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
            subprocess.run(["sha256sum", "--quiet", "--strict", "-c", manifest], cwd=bag, check=True)
        other = self.new_archive()
        report = self.run_well(other, "import", bag)
        self.assertEqual((2, 6, []), (report["units"], report["materials"], report["conflicts"]))
        self.assertEqual(files_of(bag), files_of(self.export(other)))
        self.assertEqual(5, self.run_well(other, "verify") and
                         self.run_well(other, "search", "phat ngon")["total"])
        again = self.run_well(other, "import", bag)
        self.assertEqual((0, 0, 8), (again["revisions"], again["files"], again["known"]))

    def test_bytes_that_were_destroyed_stay_told_of(self):
        self.edit_and_delete()
        self.assertEqual(1, self.run_well(self.archive, "gc", "--grace-days", "0")["removed"])
        bag = self.export(self.archive)
        other = self.new_archive()
        self.run_well(other, "import", bag)
        self.assertEqual(files_of(bag), files_of(self.export(other)))

    def test_an_ocfl_root_and_a_bag_are_found_sound_and_a_changed_one_is_not(self):
        for form in ("ocfl", "bagit"):
            package = self.export(self.archive, form, "--format", form)
            self.assertTrue(self.run_well(self.archive, "check", package)["valid"])
            victim = next(path for path in package.rglob("*.txt")
                          if b"ph\xc3\xa1t ng\xc3\xb4n" in path.read_bytes())
            victim.write_bytes(victim.read_bytes() + b"!")
            self.assertFalse(self.run_well(self.archive, "check", package, exit_code=7)["valid"])

    def test_nothing_of_a_bag_that_is_not_sound_is_taken(self):
        def with_a_link(bag):
            (bag / "data/link").symlink_to("/etc/passwd")

        def with_other_bytes(bag):
            victim = next(iter((bag / "data").rglob("files/*.txt")))
            victim.write_bytes(b"x" * victim.stat().st_size)

        def with_a_way_out(bag):
            with open(bag / "manifest-sha256.txt", "a") as manifest:
                manifest.write("0" * 64 + "  data/../../x\n")

        good = self.export(self.archive)
        for spoil in (with_a_link, with_other_bytes, with_a_way_out):
            with self.subTest(spoil.__name__):
                other = self.new_archive()
                bag = other.folder / "bag"
                shutil.copytree(good, bag)
                spoil(bag)
                self.assertEqual(7, other.run("import", bag, "--json").exit_code)
                self.assertEqual([], list((other.data / "store/records").rglob("*.json")))

    def test_another_history_of_the_same_unit_is_a_conflict_and_nothing_changes(self):
        bag = self.export(self.archive)
        other = self.new_archive()
        self.run_well(other, "unit", "list")
        before = files_of(other.data / "store/records")
        report = self.run_well(other, "import", bag, exit_code=5)
        self.assertTrue(report["conflicts"])
        self.assertEqual(before, files_of(other.data / "store/records"))

    def test_what_is_in_quarantine_does_not_leave(self):
        secret = self.archive.file("mat/mat.txt", "TUYỆT MẬT\n\nPhương án\n")
        self.archive.run("ingest", secret, "--json")
        report = self.run_well(self.archive, "export", self.archive.folder / "a.jsonl", "--format", "jsonl")
        self.assertEqual((6, 1), (report["materials"], report["held_back"]))
        lines = (self.archive.folder / "a.jsonl").read_text().splitlines()
        self.assertEqual(6, len([json.loads(line) for line in lines]))

    def test_killed_at_any_moment_both_go_on(self):
        whole = files_of(self.export(self.archive))
        other = self.new_archive()
        target = self.archive.folder / "again"
        for archive, words in ((self.archive, ("export", target)), (other, ("import", self.archive.folder / "bag"))):
            for calls in (40, 120, 250, 500):
                # Killed by its own number of renames and writes, not by the clock.
                subprocess.run(["strace", "-f", "-qq", "-o", os.devnull, "-e", "trace=fsync,fdatasync,rename,renameat2",
                                "-e", f"inject=fsync,fdatasync,rename,renameat2:signal=KILL:when={calls // 20}",
                                *archive.command(*words)], capture_output=True, timeout=60, cwd=archive.folder)
            if not target.exists() or archive is other:
                self.run_well(archive, *words)
        self.assertEqual(whole, files_of(target))
        self.assertEqual(whole, files_of(self.export(other)))


if __name__ == "__main__":
    unittest.main()
