"""The tree of units: taking it in, finding in it, and the reorganisation of 2025, after which papers, people and
searches go with their units while nothing is written anew for the materials."""
import csv
import io
import json
import pathlib
import sys
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import Archive, AsksWithTokens, multipart  # noqa: E402

PASSWORD = "một mật khẩu thật dài"
COLUMNS = ("code", "name_vi", "name_en", "level", "kind", "parent", "valid_from", "valid_to", "successors", "members_2024",
           "telephone")
# Children stand before their parents here: the order of a table says nothing.
TABLE = [
    ("cdcs-may", "Công đoàn cơ sở Công ty May Sông Đáy", "", "co_so", "", "ldld-binh-luc", "", "", "", "1200", ""),
    ("ldld-binh-luc", "Liên đoàn Lao động huyện Bình Lục", "", "cap_huyen", "territorial", "ldld-ha-nam", "", "", "", "", ""),
    ("ldld-ha-nam", "Liên đoàn Lao động tỉnh Hà Nam", "Ha Nam Federation of Labour", "tinh", "territorial", "tld", "1997",
     "", "", "90000", "0226 385 0000"),
    ("ldld-ninh-binh", "Liên đoàn Lao động tỉnh Ninh Bình", "", "tinh", "territorial", "tld", "", "", "", "", ""),
    ("ldld-nam-dinh", "Liên đoàn Lao động tỉnh Nam Định", "", "tinh", "territorial", "tld", "", "", "", "", ""),
    ("ldld-hue", "Liên đoàn Lao động thành phố Huế", "", "tinh", "territorial", "tld", "", "", "", "", ""),
]
PEOPLE = {"an": ("tld", "administrator"), "binh": ("ldld-ninh-binh", "archivist"), "ha": ("ldld-ha-nam", "administrator"),
          "may": ("cdcs-may", "reader"), "hue": ("ldld-hue", "administrator")}


def table(rows):
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *rows])
    return text.getvalue()


class Units(AsksWithTokens, unittest.TestCase):
    """Each case has an archive of its own: what is decided about units stays decided."""

    def setUp(self):
        self.archive = archive = Archive()
        self.addCleanup(archive.remove)
        taken = archive.run("unit", "import", archive.file("don-vi.csv", table(TABLE)), "--json")
        self.assertEqual(0, taken.exit_code, taken.complaint)
        self.assertEqual({"units": 6, "created": 6, "changed": 0, "unchanged": 0}, taken.json)
        for name, (unit, role) in PEOPLE.items():
            added = archive.run("user", "add", name, "--unit", unit, "--role", role, "--password-stdin", given=PASSWORD)
            self.assertEqual(0, added.exit_code, added.complaint)
        archive.serve()
        self.tokens = {name: archive.run("user", "token", name, "--json").json["token"] for name in PEOPLE}

    def take_in(self, unit, visibility, words):
        body, media_type = multipart([(words + ".txt", (words + "\n").encode())],
                                     {"unit": unit, "visibility": visibility, "state": "published", "title": words})
        taken = self.ask(None, "POST", "/api/v1/materials", body, {"Content-Type": media_type, **self.token("an")}, 201).json
        return taken["id"]

    def token(self, name):
        return {"Authorization": "Bearer " + self.tokens[name]}

    def decide(self, viewer, status, **decision):
        return self.ask(viewer, "POST", "/api/v1/unit-changes", json.dumps(decision).encode(),
                        {"Content-Type": "application/json"}, status).json

    def unit(self, code):
        return self.ask(None, "GET", "/api/v1/units/" + code, status=200).json

    def found(self, viewer, query, **filters):
        target = "/api/v1/search?" + urllib.parse.urlencode({"q": query, **filters})
        return {hit["title"] for hit in self.ask(viewer, "GET", target, status=200).json["hits"]}

    def merge(self, status=200, viewer="an", **more):
        return self.decide(viewer, status, action="merge", day="2025-07-01", why="Nghị quyết 202/2025/QH15",
                           units=["ldld-ha-nam", "ldld-nam-dinh"], into=["ldld-ninh-binh"], **more)

    def test_a_table_comes_in_once_and_goes_out_as_it_came(self):
        again = self.archive.run("unit", "import", self.archive.file("don-vi.csv", table(TABLE)), "--json")
        self.assertEqual({"units": 6, "created": 0, "changed": 0, "unchanged": 6}, again.json)
        unit = self.unit("ldld-ha-nam")
        self.assertEqual(("territorial", {"2024": 90000}, {"telephone": "0226 385 0000"}, "1997"),
                         (unit["kind"], unit["members"], unit["contact"], unit["valid_from"]))
        self.assertEqual(["tld"], [one["code"] for one in unit["above"]])
        # What a table leaves out stays.
        named = self.archive.file("ten.csv", "code,name_vi\nldld-ha-nam,LĐLĐ tỉnh Hà Nam\n")
        self.assertEqual(1, self.archive.run("unit", "import", named, "--json").json["changed"])
        after = self.unit("ldld-ha-nam")
        self.assertEqual({**unit, "name": after["name"], "name_vi": "LĐLĐ tỉnh Hà Nam"}, after)

    def test_a_table_with_a_fault_changes_nothing_and_names_the_fault(self):
        for rows, said in (([("a", "A", "", "", "", "nowhere", "", "", "", "", "")], "nowhere"),
                           ([("a", "A", "", "", "", "tld", "", "", "", "", ""), ("b", "", "", "", "", "tld", "", "", "", "", "")],
                            "unit b"),
                           ([("a", "A", "", "", "", "b", "", "", "", "", ""), ("b", "B", "", "", "", "a", "", "", "", "", "")], ""),
                           ([("a", "A", "", "", "đảo", "tld", "", "", "", "", "")], "đảo"),
                           ([("a", "A", "", "", "", "tld", "hôm qua", "", "", "", "")], "hôm qua")):
            taken = self.archive.run("unit", "import", self.archive.file("hong.csv", table(rows)))
            self.assertNotEqual(0, taken.exit_code)
            self.assertIn(said, taken.complaint)
            self.assertEqual(7, self.ask(None, "GET", "/api/v1/units", status=200).json["total"])

    def test_units_are_found_by_parts_of_their_names_without_marks(self):
        for words, code in (("ha nam", "ldld-ha-nam"), ("Hà Nam", "ldld-ha-nam"), ("lien doan hue", "ldld-hue"),
                            ("ldld nin", "ldld-ninh-binh"), ("ha nam federation", "ldld-ha-nam"), ("may song", "cdcs-may")):
            answer = self.ask(None, "GET", "/api/v1/units?q=" + urllib.parse.quote(words), status=200).json
            self.assertEqual(code, answer["units"][0]["code"], words)
        self.assertEqual([], self.ask(None, "GET", "/api/v1/units?q=khong+co", status=200).json["units"])
        beneath = self.ask(None, "GET", "/api/v1/units?parent=tld&limit=2&offset=1", status=200).json
        self.assertEqual((4, 2), (beneath["total"], len(beneath["units"])))

    def test_after_a_merger_papers_people_and_searches_go_with_their_units(self):
        for unit, visibility in (("ldld-ha-nam", "unit"), ("cdcs-may", "unit"), ("ldld-ninh-binh", "branch"),
                                 ("ldld-hue", "unit")):
            self.take_in(unit, visibility, f"phương án nhân sự {unit} {visibility}")
        query = "phương án nhân sự"
        deadline = time.monotonic() + 30
        while len(self.found("an", query)) < 4:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        own = {"phương án nhân sự ldld-ninh-binh branch"}
        self.assertEqual(own, self.found("binh", query))
        self.assertEqual({"phương án nhân sự cdcs-may unit"}, self.found("may", query))
        pages = lambda: [line for line in self.ask(None, "GET", "/metrics").body.decode().splitlines()  # noqa: E731
                         if line.startswith("khochung_index")]
        indexed = pages()
        preview = self.merge(dry_run=True)
        self.assertEqual(({"ldld-ha-nam", "ldld-nam-dinh"}, 2), ({one["code"] for one in preview["units"]}, preview["beneath"]))
        self.assertEqual(own, self.found("binh", query), "a preview changes nothing")
        self.merge()
        self.assertEqual(own | {"phương án nhân sự ldld-ha-nam unit", "phương án nhân sự cdcs-may unit"},
                         self.found("binh", query))
        self.assertEqual(own | {"phương án nhân sự cdcs-may unit"}, self.found("may", query))
        self.assertEqual(3, len(self.found("an", query, unit="ldld-ninh-binh")), "today's unit offers its predecessors'")
        self.assertEqual(indexed, pages(), "no document is written anew")
        merged, heir = self.unit("ldld-ha-nam"), self.unit("ldld-ninh-binh")
        self.assertEqual((True, "2025-06-30", ["ldld-ninh-binh"]),
                         (merged["is_closed"], merged["valid_to"], [one["code"] for one in merged["successors"]]))
        self.assertEqual({"ldld-ha-nam", "ldld-nam-dinh"}, {one["code"] for one in heir["predecessors"]})
        # The paper itself keeps its owner, and what is said stands in the chain.
        actions = [entry["action"] for entry in self.ask("an", "GET", "/api/v1/audit?limit=500", status=200).json["entries"]]
        self.assertEqual(2, actions.count("unit.merge"))

    def test_what_was_decided_outlives_a_restart_and_a_rebuild(self):
        self.merge()
        decided = [self.unit(row[0]) for row in TABLE]
        self.assertEqual(0, self.archive.stop())
        rebuilt = self.archive.run("rebuild", timeout=300)
        self.assertEqual(0, rebuilt.exit_code, rebuilt.complaint)
        self.archive.serve()
        self.assertEqual(decided, [self.unit(row[0]) for row in TABLE])

    def test_a_decision_for_a_later_day_waits_for_it(self):
        self.decide("an", 200, action="move", day="2099-01-01", units=["cdcs-may"], into=["ldld-hue"])
        unit = self.unit("cdcs-may")
        self.assertEqual("ldld-binh-luc", unit["above"][0]["code"])
        self.assertEqual("2099-01-01", unit["moves"][0]["from"])
        self.decide("an", 409, action="move", day="2026-01-01", units=["cdcs-may"], into=["ldld-nam-dinh"])

    def test_only_who_administers_both_places_decides(self):
        self.merge(status=401, viewer=None)
        for viewer in "binh", "may", "ha", "hue":
            self.merge(status=403, viewer=viewer)
        # Beneath her own federation its administrator decides alone; not across its border.
        self.decide("ha", 200, action="move", day="2025-07-01", units=["cdcs-may"], into=["ldld-ha-nam"])
        self.decide("ha", 403, action="move", day="2025-07-02", units=["cdcs-may"], into=["ldld-hue"])
        self.decide("hue", 403, action="move", day="2025-07-02", units=["cdcs-may"], into=["ldld-hue"])
        self.decide("ha", 403, action="close", day="2025-07-02", units=["ldld-ha-nam"], into=[])

        def rename(viewer, status, **fields):
            self.ask(viewer, "POST", "/api/v1/units", json.dumps(fields).encode(), {"Content-Type": "application/json"}, status)
        rename("ha", 200, code="ldld-ha-nam", name_en="Federation of Labour of Ha Nam")
        rename("ha", 403, code="ldld-ha-nam", parent="ldld-hue")
        rename("ha", 403, code="ldld-hue", name_vi="Của tôi")
        rename("ha", 201, code="cdcs-moi", name_vi="Công đoàn cơ sở mới", parent="ldld-binh-luc")
        rename("ha", 403, code="cdcs-la", name_vi="Công đoàn cơ sở lạ", parent="ldld-hue")

    def test_decisions_that_make_no_sense_are_refused(self):
        for status, decision in ((400, {"action": "abolish", "units": ["cdcs-may"], "into": []}),
                                 (400, {"action": "move", "units": ["cdcs-may"], "into": []}),
                                 (400, {"action": "move", "units": ["no-such"], "into": ["tld"]}),
                                 (409, {"action": "move", "units": ["ldld-ha-nam"], "into": ["cdcs-may"]}),
                                 (409, {"action": "close", "units": ["tld"], "into": []})):
            self.decide("an", status, day="2025-07-01", **decision)
        self.decide("an", 400, day="2025-02-30", action="move", units=["cdcs-may"], into=["tld"])

    def test_commands_do_the_same(self):
        words = ("unit", "merge", "ldld-ha-nam", "ldld-nam-dinh", "--into", "ldld-ninh-binh", "--day", "2025-07-01")
        preview = self.archive.run(*words, "--preview")
        self.assertIn("Sẽ đổi 2 đơn vị; 2 đơn vị bên dưới đi theo.", preview.output)
        self.assertFalse(self.unit("ldld-ha-nam")["is_closed"])
        self.assertEqual(0, self.archive.run(*words).exit_code)
        self.assertTrue(self.unit("ldld-ha-nam")["is_closed"])
        listed = self.archive.run("unit", "list", "--json").json["units"]
        self.assertEqual({row[0] for row in TABLE} | {"tld"}, {unit["code"] for unit in listed})

    def test_the_page_of_units_leads_from_the_top_to_each(self):
        page = self.ask(None, "GET", "/units?unit=ldld-ha-nam", status=200).body.decode()
        self.assertIn("Liên đoàn Lao động huyện Bình Lục", page)
        self.assertNotIn("thành phố Huế", page)
        found = self.ask(None, "GET", "/units?q=hue", status=200).body.decode()
        self.assertIn("thành phố Huế", found)
        self.assertIn('role="status"', self.ask(None, "GET", "/units?q=khong+co", status=200).body.decode())
        self.ask(None, "GET", "/units?unit=no-such", status=404)


if __name__ == "__main__":
    unittest.main()
