"""What an archive exports and what another one takes over, with the real program."""
import csv
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "faults"))
from archive import Archive  # noqa: E402
from rig import FAULT_POINTS, Fault, points_in, watching  # noqa: E402

DATED = ("bag-info.txt", "tagmanifest-sha256.txt")  # they tell the day of packing


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name not in DATED}


class Exchange(unittest.TestCase):
    def setUp(self):
        self.archive = self.new_archive()
        self.unit = self.archive.folder / "units.csv"
        self.unit.write_text("code,name_vi,name_en,level,parent\nhn,LĐLĐ Hà Nội,Hanoi,province,tld\n"
                             "cs,CĐCS Nhà máy,Factory,grassroots,hn\nhue,LĐLĐ Huế,Hue,province,tld\n",
                             encoding="utf-8")
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

    def assert_same(self, one, other):
        self.assertEqual([], sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name)))

    def export(self, archive, name="bag", *words):
        target = archive.folder / name
        self.run_well(archive, "export", target, *words)
        return target

    def change(self, token, method, path, body, at=1):
        """Changes a material over the server; gives its new revision."""
        fields = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "If-Match": f'"r{at}"'}
        answer = self.archive.request(method, "/api/v1/materials/" + path, json.dumps(body), fields)
        self.assertLess(answer.status, 300, answer.body)
        return at + 1

    def materials(self):
        return [hit["id"] for hit in self.run_well(self.archive, "search", "phat ngon")["hits"]]

    def edit_and_delete(self):
        """Revisions and a deletion, over a server."""
        ids, token = self.materials(), self.account("an")
        self.archive.serve()
        self.change(token, "PATCH", ids[0], {"title": "Đã sửa"})
        self.change(token, "DELETE", ids[1], {"reason": "trùng"})
        self.archive.stop()

    def erase(self, id, minutes):
        """As two persons do it."""
        asks, approves = self.account("an"), self.account("binh")
        self.archive.serve()
        at = self.change(asks, "PATCH", id, {"title": "Đơn của chị Xuyênxyz"})
        at = self.change(asks, "POST", id + "/erasure", {"ground": "Yêu cầu số 12", "minutes": minutes}, at)
        self.change(approves, "POST", id + "/erasure/approve", {}, at)
        self.archive.stop()

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
        self.assertEqual((4, 6, []), (report["units"], report["materials"], report["conflicts"]))
        self.assert_same(files_of(bag), files_of(self.export(other)))
        self.assertEqual(5, self.run_well(other, "verify") and
                         self.run_well(other, "search", "phat ngon")["total"])
        again = self.run_well(other, "import", bag)
        self.assertEqual((0, 0, 10), (again["revisions"], again["files"], again["known"]))

    def test_bytes_that_were_destroyed_stay_told_of_and_nobody_expects_them(self):
        self.edit_and_delete()
        self.assertEqual(1, self.run_well(self.archive, "gc", "--grace-days", "0")["removed"])
        bag = self.export(self.archive)
        other = self.new_archive()
        self.run_well(other, "import", bag)
        self.run_well(other, "verify")
        self.run_well(other, "rebuild")
        self.run_well(other, "verify")
        self.assert_same(files_of(bag), files_of(self.export(other)))

    def test_bytes_that_came_in_again_after_that_are_packed(self):
        self.edit_and_delete()
        self.run_well(self.archive, "gc", "--grace-days", "0")
        other = self.new_archive()
        self.run_well(other, "import", self.export(self.archive))
        for archive in (self.archive, other):
            self.run_well(archive, "ingest", self.archive.folder / "files", "--unit", "hn")
            package = self.export(archive, "again")
            self.assertEqual(7, len(list(package.rglob("files/*.txt"))))  # the deleted material has them again, too
            self.assertTrue(self.run_well(archive, "check", package)["valid"])

    def test_what_was_erased_is_taken_over_as_its_skeleton(self):
        erased, minutes = self.materials()[:2]
        self.erase(erased, minutes)
        bag = self.export(self.archive)
        self.assertNotIn("Xuyênxyz".encode(), b"".join(files_of(bag).values()))
        other = self.new_archive()
        self.assertEqual(6, self.run_well(other, "import", bag)["materials"])
        self.assert_same(files_of(bag), files_of(self.export(other)))
        self.run_well(other, "rebuild")
        self.run_well(other, "verify")
        self.assert_same(files_of(bag), files_of(self.export(other, "after")))

    def test_an_ocfl_root_and_a_bag_are_found_sound_and_a_changed_one_is_not(self):
        for form in ("ocfl", "bagit"):
            package = self.export(self.archive, form, "--format", form)
            self.assertTrue(self.run_well(self.archive, "check", package)["valid"])
            victim = next(path for path in package.rglob("*.txt")
                          if b"ph\xc3\xa1t ng\xc3\xb4n" in path.read_bytes())
            victim.write_bytes(victim.read_bytes() + b"!")
            self.assertFalse(self.run_well(self.archive, "check", package, exit_code=7)["valid"])
            if form == "ocfl":
                objects = [declaration.parent for declaration in package.rglob("0=ocfl_object_1.1")]
                damaged = next(folder for folder in objects if folder in victim.parents)
                for folder in objects:
                    verdict = self.run_well(self.archive, "check", folder, exit_code=7 if folder == damaged else 0)
                    self.assertEqual(("ocfl_object", folder != damaged), (verdict["kind"], verdict["valid"]))

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
                self.assertFalse(other.data.exists())

    def test_another_history_of_the_same_unit_is_a_conflict_and_nothing_changes(self):
        bag = self.export(self.archive)
        other = self.new_archive()
        self.run_well(other, "unit", "list")
        before = files_of(other.data / "store/records")
        report = self.run_well(other, "import", bag, exit_code=5)
        self.assertTrue(report["conflicts"])
        self.assert_same(before, files_of(other.data / "store/records"))

    def test_what_is_in_quarantine_does_not_leave(self):
        secret = self.archive.file("mat/mat.txt", "TUYỆT MẬT\n\nPhương án\n")
        self.archive.run("ingest", secret, "--json")
        for form in ("bagit", "ocfl", "jsonl", "csv"):
            report = self.run_well(self.archive, "export", self.archive.folder / form, "--format", form)
            self.assertEqual((6, 1), (report["materials"], report["held_back"]))
        for content in files_of(self.archive.folder / "bagit").values():
            self.assertNotIn("TUYỆT MẬT".encode(), content)

    def test_tables_have_all_metadata_and_are_read_again(self):
        lines = self.export(self.archive, "jsonl", "--format", "jsonl")
        tables = self.export(self.archive, "csv/", "--format", "csv")
        for name, count, key in (("units", 4, "code"), ("materials", 6, "title")):
            told = [json.loads(line) for line in (lines / f"{name}.jsonl").read_text().splitlines()]
            with open(tables / f"{name}.csv", encoding="utf-8-sig", newline="") as table:
                rows = list(csv.DictReader(table))
            self.assertEqual(count, len(told))
            self.assertEqual([(thing["id"], thing[key]) for thing in told], [(row["id"], row[key]) for row in rows])
        other = self.new_archive()
        self.run_well(other, "unit", "import", tables / "units.csv")
        self.assertEqual({"tld", "hn", "cs", "hue"},
                         {unit["code"] for unit in self.run_well(other, "unit", "list")["units"]})

    def test_a_branch_is_packed_with_the_units_beneath_it_and_those_above(self):
        for code in ("cs", "hue"):
            file = self.archive.file(f"{code}/{code}.txt", f"Kế hoạch của {code}\n")
            self.run_well(self.archive, "ingest", file, "--unit", code)
        bag = self.export(self.archive, "bag", "--unit", "hn")
        other = self.new_archive()
        report = self.run_well(other, "import", bag)
        self.assertEqual((3, 7, []), (report["units"], report["materials"], report["conflicts"]))
        self.assertEqual({"tld", "hn", "cs"},
                         {unit["code"] for unit in self.run_well(other, "unit", "list")["units"]})
        # What is left comes after it, and then both have the same.
        self.run_well(other, "import", self.export(self.archive, "all"))
        self.assert_same(files_of(self.archive.folder / "all"), files_of(self.export(other, "all")))

    def test_one_material_is_packed_alone(self):
        chosen = self.materials()[0]
        bag = self.export(self.archive, "bag", "--material", chosen)
        other = self.new_archive()
        report = self.run_well(other, "import", bag)
        self.assertEqual((2, 1), (report["units"], report["materials"]))
        self.assert_same(files_of(bag), files_of(self.export(other)))

    def test_a_rebuild_changes_nothing_of_what_is_exported(self):
        self.edit_and_delete()
        before = self.export(self.archive, "before")
        for file in self.archive.data.glob("catalogue.sqlite*"):
            file.unlink()
        self.run_well(self.archive, "rebuild")
        self.assert_same(files_of(before), files_of(self.export(self.archive, "after")))

    def run_under(self, environment, archive, *words):
        done = subprocess.run(archive.command(*words), capture_output=True, timeout=60, cwd=archive.folder,
                              env={**os.environ, **environment})
        return done.returncode

    def kills_of(self, folder, archive, *words):
        """Faults that kill all along this command's changes beneath a folder, once they were counted."""
        log = archive.folder / "points"
        self.assertEqual(0, self.run_under(watching(folder, log), archive, *words))
        points, _ = points_in(log)
        self.assertGreater(points, 20)
        return [Fault(1 + points * part // 10, "kill") for part in range(1, 10)]

    @unittest.skipUnless(FAULT_POINTS.exists(), "this build has no library of faults")
    def test_an_import_that_was_killed_goes_on(self):
        self.edit_and_delete()
        bag = self.export(self.archive)
        counted = self.new_archive()
        taken = set()
        for fault in self.kills_of(counted.data, counted, "import", bag):
            with self.subTest(at=fault.at):
                other = self.new_archive()
                environment = fault.environment(other.data, other.folder / "points")
                # Threads that share a round have fewer points: the last may lie behind the end.
                self.assertIn(self.run_under(environment, other, "import", bag), (-9, 0))
                taken.add(len(list((other.data / "store/records").rglob("*.json"))))
                self.run_well(other, "import", bag)
                self.assert_same(files_of(bag), files_of(self.export(other)))
                self.run_well(other, "verify")
                self.run_well(other, "audit", "verify")
        records = len(list((counted.data / "store/records").rglob("*.json")))
        self.assertGreater(len([count for count in taken if 0 < count < records]), 2, taken)

    @unittest.skipUnless(FAULT_POINTS.exists(), "this build has no library of faults")
    def test_an_export_that_was_killed_goes_on(self):
        target = self.archive.folder / "bag"
        partial = self.archive.folder / "bag.partial"
        kills = self.kills_of(partial, self.archive, "export", target)
        whole = files_of(target)
        for fault in kills:
            with self.subTest(at=fault.at):
                shutil.rmtree(target)
                environment = fault.environment(partial, self.archive.folder / "killed")
                self.assertEqual(-9, self.run_under(environment, self.archive, "export", target))
                self.assertTrue(partial.exists() and not target.exists())
                self.run_well(self.archive, "export", target)
                self.assert_same(whole, files_of(target))


if __name__ == "__main__":
    unittest.main()
