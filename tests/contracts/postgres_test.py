"""The archive with its catalogue in PostgreSQL: the real program against a real server."""
import itertools
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import Archive  # noqa: E402
from postgres_place import PostgresPlace  # noqa: E402

TEXTS = {"thong-bao.txt": "Thông báo về người phát ngôn\n", "ke-hoach.txt": "Kế hoạch tháng Công nhân\n",
         "bien-ban.txt": "Biên bản họp ban chấp hành\n", "to-roi.txt": "Tờ rơi an toàn lao động\n"}
PASSWORD = "một mật khẩu thật dài"
ROWS = "SELECT count(*) FROM material"


class OnPostgres(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = PostgresPlace()
        cls.addClassCleanup(cls.server.stop)
        cls.numbers = itertools.count(1)

    def setUp(self):
        self.database = f"archive_{next(self.numbers)}"
        self.archive = self.archive_on(self.server.address(self.database))

    def archive_on(self, address):
        archive = Archive()
        self.addCleanup(archive.remove)
        archive.data.mkdir()
        (archive.data / "config.toml").write_text(f'[catalogue]\nlocation = "{address}"\n')
        return archive

    def run_well(self, *words, given=""):
        outcome = self.archive.run(*words, "--json", given=given)
        self.assertEqual(0, outcome.exit_code, outcome.output + outcome.complaint)
        return outcome.json

    def sql(self, text):
        return self.server.sql(text, self.database)

    def take_in(self):
        """Gives the ids by the names of the files."""
        paths = [self.archive.file(name, text) for name, text in TEXTS.items()]
        answer = self.run_well("ingest", *paths)
        self.assertEqual(len(TEXTS), answer["accepted"])
        return {pathlib.Path(item["path"]).name: item["id"] for item in answer["materials"]}

    def sign_in(self):
        root = self.run_well("unit", "list")["units"][0]["code"]
        self.run_well("user", "add", "lan", "--unit", root, "--role", "archivist", "--password-stdin",
                      given=PASSWORD)
        self.token = self.run_well("user", "token", "lan")["token"]

    def ask(self, method, path, revision, body):
        return self.archive.request(method, path, json.dumps(body), {
            "Authorization": "Bearer " + self.token, "Content-Type": "application/json",
            "If-Match": f'"r{revision}"'})

    def titles(self, query=""):
        return sorted(hit["title"] for hit in self.run_well("search", query)["hits"])

    def test_the_whole_way_from_intake_to_a_rebuild(self):
        ids = self.take_in()
        self.assertEqual(["Thông báo về người phát ngôn"], self.titles("nguoi phat ngon"))
        self.assertEqual("4", self.sql(ROWS))
        self.assertFalse(list(self.archive.data.glob("catalogue.sqlite*")))
        self.sign_in()
        self.archive.serve()
        plan, leaflet = (f"/api/v1/materials/{ids[name]}" for name in ("ke-hoach.txt", "to-roi.txt"))
        changed = self.ask("PATCH", plan, 1, {"title": "Kế hoạch năm"})
        self.assertEqual((200, 2), (changed.status, changed.json["revision"]))
        self.assertEqual(412, self.ask("PATCH", plan, 1, {"title": "Khác"}).status)
        self.assertEqual(200, self.ask("DELETE", leaflet, 1, {"reason": "Trùng"}).status)
        self.archive.stop()
        self.assertEqual(1, self.run_well("gc", "--grace-days", "0")["removed"])
        before = self.titles()
        self.assertEqual(3, len(before))
        self.assertIn("Kế hoạch năm", before)
        report = self.run_well("rebuild")
        # Four materials, an edit, a deletion and the unit.
        self.assertEqual((4, 7, []), (report["materials"], report["revisions"], report["damaged"]))
        self.assertEqual(before, self.titles())
        self.assertEqual("4", self.sql(ROWS))
        report = self.run_well("verify")
        self.assertEqual(([], []), (report["corrupt"], report["missing"]))
        self.assertTrue(self.run_well("audit", "verify")["intact"])

    def test_a_rebuild_that_was_cut_off_lets_no_server_start_and_goes_on(self):
        self.take_in()
        before = self.titles()
        self.sql("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                 "IF (SELECT count(*) FROM material) > 1 THEN RAISE 'no more room'; END IF; RETURN NEW; END $$;"
                 "CREATE TRIGGER refuse BEFORE INSERT ON material FOR EACH ROW EXECUTE FUNCTION refuse()")
        self.assertEqual(8, self.archive.run("rebuild", "--json").exit_code)
        self.sql("DROP TRIGGER refuse ON material")
        self.assertEqual("2", self.sql(ROWS))
        outcome = self.archive.run("search", "", "--json")
        self.assertEqual(7, outcome.exit_code)
        self.assertIn("khochung rebuild", outcome.output + outcome.complaint)
        self.run_well("rebuild")
        self.assertEqual(before, self.titles())
        self.assertEqual("4", self.sql(ROWS))

    def test_an_empty_database_over_a_store_with_records_asks_for_a_rebuild(self):
        self.take_in()
        before = self.titles()
        self.server.sql(f"DROP DATABASE {self.database}")
        self.server.address(self.database)
        self.assertEqual(7, self.archive.run("search", "", "--json").exit_code)
        self.run_well("rebuild")
        self.assertEqual(before, self.titles())

    def test_a_second_folder_on_the_same_catalogue_is_refused_while_the_first_serves(self):
        self.take_in()
        self.archive.serve()
        second = self.archive_on(self.server.address(self.database))
        for words in (["search", ""], ["serve", "--listen", "127.0.0.1:0"], ["rebuild"]):
            with self.subTest(command=words[0]):
                self.assertEqual(10, second.run(*words).exit_code)
        self.assertEqual("4", self.sql(ROWS))
        self.archive.stop()

    def test_a_server_outlives_its_database_and_says_meanwhile_that_a_retry_helps(self):
        ids = self.take_in()
        self.sign_in()
        self.archive.serve()
        path = f"/api/v1/materials/{ids['ke-hoach.txt']}"
        self.server.halt()
        try:
            self.assertEqual(503, self.ask("PATCH", path, 1, {"title": "Kế hoạch năm"}).status)
        finally:
            self.server.start()
        self.assertEqual(200, self.ask("PATCH", path, 1, {"title": "Kế hoạch năm"}).status)
        new = self.archive.file("moi.txt", "Thư ngỏ gửi đoàn viên\n")
        self.assertEqual(1, self.run_well("ingest", new)["accepted"])
        self.assertEqual(["Thư ngỏ gửi đoàn viên"], self.titles("thu ngo"))

    def test_what_is_no_address_or_cannot_be_reached_is_said(self):
        for address, exit_code in (("host=localhost", 2), ("catalogue.sqlite", 2),
                                   (f"postgresql:///nothing?host={self.archive.folder}", 8)):
            with self.subTest(address=address):
                outcome = self.archive_on(address).run("search", "", "--json")
                self.assertEqual(exit_code, outcome.exit_code, outcome.output + outcome.complaint)


if __name__ == "__main__":
    unittest.main()
