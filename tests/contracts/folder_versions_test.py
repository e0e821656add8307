"""A data folder of every layout that was ever released opens with the present program, and nothing in it is
lost. tests/corpus/folders/version-N.tar.xz was written by the first program of that layout and is never
made again."""
import contextlib
import pathlib
import shutil
import sqlite3
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import CORPUS, Archive, give_pages_their_sums  # noqa: E402

NEWEST = 4  # of catalogue.sqlite


def version_of(catalogue):
    with sqlite3.connect(f"file:{catalogue}?mode=ro", uri=True) as database:
        return database.execute("PRAGMA user_version").fetchone()[0]


class FolderVersions(unittest.TestCase):
    def setUp(self):
        self.archive = Archive()
        self.addCleanup(self.archive.remove)
        self.archive.data.mkdir(exist_ok=True)
        shutil.unpack_archive(CORPUS / "folders/version-1.tar.xz", self.archive.data)

    def run_well(self, *words):
        outcome = self.archive.run(*words, "--json")
        self.assertEqual(0, outcome.exit_code, outcome.output + outcome.complaint)
        return outcome.json

    def test_what_was_taken_in_then_is_found_whole_now(self):
        hits = self.run_well("search", "bien ban")["hits"]
        self.assertEqual(["Biên bản họp ban chấp hành lần một"], [hit["title"] for hit in hits])
        self.assertEqual(2, self.run_well("show", hits[0]["id"])["revision"])
        self.assertEqual(5, self.run_well("search", "")["total"])
        report = self.run_well("verify")
        self.assertEqual(([], []), (report["corrupt"], report["missing"]))

    def test_a_copy_of_the_catalogue_as_it_was_is_kept(self):
        self.run_well("search", "bien ban")
        self.assertEqual(NEWEST, version_of(self.archive.data / "catalogue.sqlite"))
        self.assertEqual(1, version_of(self.archive.data / "catalogue.sqlite.version-1"))

    def test_deletion_and_retention_know_what_came_before_them(self):
        self.run_well("search", "bien ban")
        with sqlite3.connect(self.archive.data / "catalogue.sqlite") as database:
            kept = database.execute("SELECT count(DISTINCT sha256) FROM kept_file").fetchone()
            self.assertEqual((5,), kept)
            self.assertEqual((5,), database.execute("SELECT count(*) FROM fixity").fetchone())
        self.assertEqual(0, self.run_well("gc", "--grace-days", "0")["removed"])

    def test_a_rebuild_from_its_store_gives_the_same(self):
        before = self.run_well("search", "")
        report = self.run_well("rebuild")
        self.assertEqual((5, []), (report["materials"], report["damaged"]))
        after = self.run_well("search", "")
        self.assertEqual([hit["id"] for hit in before["hits"]], [hit["id"] for hit in after["hits"]])

    def test_a_folder_of_a_newer_program_is_refused_and_left_as_it_is(self):
        self.run_well("search", "bien ban")
        catalogue = self.archive.data / "catalogue.sqlite"
        with contextlib.closing(sqlite3.connect(catalogue)) as database:
            database.execute(f"PRAGMA user_version={NEWEST + 1}")
        give_pages_their_sums(catalogue)
        outcome = self.archive.run("search", "bien ban", "--json")
        self.assertEqual(9, outcome.exit_code, outcome.output)
        self.assertIn("phiên bản", outcome.output + outcome.complaint)
        self.assertEqual(NEWEST + 1, version_of(catalogue))


if __name__ == "__main__":
    unittest.main()
