"""Nothing is shown to the wrong eyes: materials of every visibility, state, sensitivity and embargo, twelve kinds of
viewer, every way in. What a viewer may not read must answer exactly as what is not there."""
import hashlib
import itertools
import json
import pathlib
import re
import sys
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import Archive, AsksWithTokens, multipart  # noqa: E402

PASSWORD = "một mật khẩu thật dài"
UNKNOWN = "0193f5a0-1f00-7000-8000-000000000001"
VISIBILITIES = ("public", "press", "union", "branch", "unit", "private")
SENSITIVITIES = ("open", "internal", "restricted")
LATER, EARLIER = "2099-01-01T00:00:00Z", "2020-01-01T00:00:00Z"
STANDINGS = (("published", None), ("published", EARLIER), ("published", LATER), ("draft", None), ("draft", LATER),
             ("submitted", None), ("approved", None), ("withdrawn", None))
ROLES = ("reader", "contributor", "archivist", "editor", "spokesperson", "administrator")
# Who they are: kind, role, unit. "tỉnh" owns every material; "xã" stands beneath it, "khác" beside it, "tld" above.
VIEWERS = {"nobody": None, "báo": ("press", None, None), "mời": ("press", None, None),
           "đọc": ("union_person", "reader", "tinh"), "góp": ("union_person", "contributor", "tinh"),
           "lưu": ("union_person", "archivist", "tinh"), "sửa": ("union_person", "editor", "tinh"),
           "quản": ("union_person", "administrator", "tinh"), "dưới": ("union_person", "administrator", "xa"),
           "bên": ("union_person", "administrator", "khac"), "trên": ("union_person", "reader", "tld"),
           "tác": ("union_person", "contributor", "tinh")}
# Units that a unit and its branch reach: who holds a role at the key holds it at the values.
BENEATH = {"tld": {"tld", "tinh", "xa", "khac"}, "tinh": {"tinh", "xa"}, "xa": {"xa"}, "khac": {"khac"}}


def secret(number):
    """A word that stands nowhere else, and like which there is none."""
    letters = "bcdghklmntpsvxyz"
    return "zq" + "".join(letters[byte % 16] for byte in hashlib.sha256(str(number).encode()).digest()[:9]) + "x"


class Material:
    def __init__(self, number, visibility, sensitivity, state, embargo):
        self.word = secret(number)
        self.visibility, self.sensitivity, self.state, self.embargo = visibility, sensitivity, state, embargo
        self.creator = "tác" if number % 2 else "chủ"
        self.invited = number % 3 == 0
        self.name = self.word + ".txt"
        self.id = self.sha256 = None

    def may_be_read_by(self, viewer):
        """The rules of the archive, written down once more and from nothing else."""
        kind, role, unit = VIEWERS[viewer] or (None, None, None)
        least = {"open": 0, "internal": VISIBILITIES.index("union"), "restricted": VISIBILITIES.index("unit")}
        visibility = VISIBILITIES[max(VISIBILITIES.index(self.visibility), least[self.sensitivity])]
        rank = ROLES.index(role) if role and "tinh" in BENEATH[unit] else -1
        made_it = viewer == self.creator
        if self.embargo == LATER:
            if self.state == "published" and self.invited and viewer == "mời":
                return True
            if rank < ROLES.index("editor"):
                return False
        if self.state not in ("published", "withdrawn"):
            return made_it or rank >= ROLES.index("administrator") or (rank >= 1 and visibility != "private")
        return {"public": True, "press": kind is not None, "union": kind == "union_person",
                "branch": rank >= 0 or (kind == "union_person" and unit in BENEATH["tinh"]), "unit": rank >= 0,
                "private": rank >= ROLES.index("administrator") or made_it}[visibility]

    def is_found_by(self, viewer):
        return self.state != "withdrawn" and self.may_be_read_by(viewer)


class Leaks(AsksWithTokens, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.archive = archive = Archive()
        cls.addClassCleanup(archive.remove)
        rows = [("tinh", "tld"), ("khac", "tld"), ("xa", "tinh")]
        table = archive.file("don-vi.jsonl", "".join(
            json.dumps({"code": code, "name_vi": "Công đoàn " + code, "parent": parent}) + "\n" for code, parent in rows))
        assert archive.run("unit", "import", table).exit_code == 0
        people = {**VIEWERS, "chủ": ("union_person", "administrator", "tld")}
        del people["nobody"]
        for name, (kind, role, unit) in people.items():
            words = ["--kind", "press"] if kind == "press" else ["--unit", unit, "--role", role]
            added = archive.run("user", "add", name, *words, "--password-stdin", given=PASSWORD)
            assert added.exit_code == 0, added.complaint
        archive.serve()
        cls.tokens = {name: archive.run("user", "token", name, "--json").json["token"] for name in people}
        cls.materials = [Material(number, *values, *standing) for number, (*values, standing) in
                         enumerate(itertools.product(VISIBILITIES, SENSITIVITIES, STANDINGS))]
        cls.probes = 0
        made = cls()
        for material in cls.materials:
            made.take_in(material)
        made.wait_until_found()

    def runTest(self):
        """The class makes one of itself to prepare with."""

    def take_in(self, material):
        words = f"Tin {material.word}\n\nNội dung có chữ {material.word} ở giữa.\n".encode()
        body, media_type = multipart([(material.name, words)],
                                     {"unit": "tinh", "title": f"Tin {material.word}", "visibility": material.visibility,
                                      "state": "draft", "description": f"Nói về {material.word}"})
        taken = self.ask(material.creator, "POST", "/api/v1/materials", body, {"Content-Type": media_type}, 201).json
        material.id = taken["id"]
        changes = {"state": material.state, "sensitivity": material.sensitivity}
        if material.embargo:
            changes["embargo_until"] = material.embargo
        if material.invited:
            changes["press_recipients"] = ["mời"]
        if material.state == "withdrawn":
            changes["notice"] = "Có sai sót."
        newest = self.ask("chủ", "GET", "/api/v1/materials/" + material.id, status=200)
        material.sha256 = newest.json["files"][0]["sha256"]
        self.ask("chủ", "PATCH", "/api/v1/materials/" + material.id, changes, {"If-Match": newest.fields["etag"]}, 200)

    def wait_until_found(self):
        last = [material for material in self.materials if material.is_found_by("quản")][-1]
        for _ in range(300):
            if self.search("quản", last.word)["total"] == 1:
                return
            time.sleep(0.1)
        self.fail("what was taken in is not found")

    def search(self, viewer, word):
        return self.ask(viewer, "GET", "/api/v1/search?q=" + word, status=200).json

    def probe(self, viewer, method, path, **more):
        type(self).probes += 1
        return self.ask(viewer, method, path, **more)

    @staticmethod
    def bare(answer, *words):
        """An answer without what differs by nature: the word or id that was asked for, its number, its time."""
        text = answer.body.decode("utf-8", "replace")
        for word in words:
            text = text.replace(urllib.parse.quote(word), "…").replace(word, "…")
        text = re.sub(r'"(request|took_ms)":\s*("[^"]*"|[\d.]+)', "", text)
        text = re.sub(r"[0-9a-f]{6}-\d+|[0-9a-f]{8,}(-[0-9a-f]+)*|\d{4}-\d\d-\d\dT[\d:.]+Z", "", text)
        fields = {name: value for name, value in answer.fields.items()
                  if name.lower() not in ("date", "x-request-id", "content-length", "etag", "server-timing")}
        return answer.status, fields, text

    def test_what_may_not_be_read_answers_as_what_is_not_there(self):
        paths = ("/api/v1/materials/{id}", "/m/{id}", "/api/v1/materials/{id}/files/{name}",
                 "/api/v1/materials/{id}/pages/1/text", "/api/v1/materials/{id}/pages/1/image?width=400",
                 "/api/v1/materials/{id}/files/thumbnail.jpg", "/api/v1/materials/{id}/history",
                 "/api/v1/materials/{id}/revisions/1", "/m/{id}/history", "/m/{id}/qr.svg", "/api/v1/kits/{id}", "/kit/{id}",
                 "/kits/{id}.zip", "/kits/{id}.atom", "/api/v1/materials/{id}/shares", "/m/{id}/delete", "/m/{id}/hold",
                 "/kit/{id}/notices", "/embed/{id}")
        for viewer in VIEWERS:
            not_there = {path: self.bare(self.ask(viewer, "GET", path.format(id=UNKNOWN, name="x.txt")), UNKNOWN, "x.txt")
                         for path in paths}
            for number, material in enumerate(self.materials):
                if material.may_be_read_by(viewer):
                    answer = self.probe(viewer, "GET", "/api/v1/materials/" + material.id)
                    self.assertIn(answer.status, (200, 410) if material.state == "withdrawn" else (200,), (viewer, vars(material)))
                    continue
                for place, path in enumerate(paths):
                    # All of the first; of the others each is asked for every fourth material.
                    if place > 0 and (number + place) % 4:
                        continue
                    answer = self.probe(viewer, "GET", path.format(id=material.id, name=material.name))
                    self.assertEqual(not_there[path], self.bare(answer, material.id, material.name),
                                     (viewer, path, vars(material)))
                    self.assertNotIn(material.word, answer.body.decode("utf-8", "replace").replace(material.name, ""))

    def test_what_may_not_be_read_cannot_be_changed_or_known_of(self):
        for viewer in VIEWERS:
            for material in self.materials[::5]:
                if material.may_be_read_by(viewer):
                    continue
                for method, path, body in (("PATCH", "/api/v1/materials/{id}", {"title": "x"}),
                                           ("DELETE", "/api/v1/materials/{id}", None),
                                           ("POST", "/api/v1/materials/{id}/shares", {"expires_at": LATER}),
                                           ("POST", "/api/v1/materials/{id}/revisions/1/restore", {}),
                                           ("GET", "/api/v1/files/{sha256}", None)):
                    fields = {"If-Match": '"r2"'}
                    there = self.probe(viewer, method, path.format(id=material.id, sha256=material.sha256), body=body,
                                       fields=fields)
                    not_there = self.ask(viewer, method, path.format(id=UNKNOWN, sha256="1" * 64),
                                         body, fields)
                    self.assertEqual(not_there.status, there.status, (viewer, method, path, vars(material)))
                    self.assertNotIn(material.word, there.body.decode("utf-8", "replace"))

    def test_searches_find_what_may_be_read_and_nothing_tells_of_the_rest(self):
        ways = ("/api/v1/search?q={word}", "/search?q={word}", "/feed.atom?q={word}", "/selection.zip?q={word}",
                "/api/v1/search?q={word}&kind=&year=2026", "/api/v1/suggest?q={word}")
        nowhere = "zqjjjjjjjjjx"
        for viewer in VIEWERS:
            without = {way: self.bare(self.ask(viewer, "GET", way.format(word=nowhere)), nowhere) for way in ways}
            everything = {hit["id"] for offset in (0, 100)
                          for hit in self.ask(viewer, "GET", f"/api/v1/search?q=&limit=100&offset={offset}").json["hits"]}
            self.assertEqual({material.id for material in self.materials if material.is_found_by(viewer)}, everything, viewer)
            for number, material in enumerate(self.materials):
                answer = self.probe(viewer, "GET", ways[0].format(word=material.word))
                found = material.is_found_by(viewer)
                self.assertEqual([material.id] if found else [], [hit["id"] for hit in answer.json["hits"]],
                                 (viewer, vars(material)))
                if found:
                    continue
                self.assertEqual(without[ways[0]], self.bare(answer, material.word), (viewer, vars(material)))
                for place, way in enumerate(ways[1:]):
                    if (number + place) % 3 == 0:
                        answer = self.probe(viewer, "GET", way.format(word=material.word))
                        self.assertEqual(without[way], self.bare(answer, material.word), (viewer, way, vars(material)))

    def test_counts_are_those_of_what_may_be_read(self):
        for viewer in VIEWERS:
            found = sum(material.is_found_by(viewer) for material in self.materials)
            for query in "", "q=tin", "unit=tinh":
                answer = self.probe(viewer, "GET", "/api/v1/search?" + query).json
                self.assertEqual(found, answer["total"], (viewer, query))
                for field, values in answer["facets"].items():
                    self.assertLessEqual(max([one["count"] for one in values], default=0), found, (viewer, field))

    def test_suggestions_and_sitemaps_know_what_everybody_may_read_alone(self):
        of_all = {material.word for material in self.materials if material.is_found_by("nobody")}
        for viewer in "nobody", "quản", "mời":
            for material in self.materials[::3]:
                for way in "/api/v1/suggest?q=", "/opensearch/suggest?q=":
                    said = self.probe(viewer, "GET", way + material.word[:4]).body.decode()
                    told = {word for word in re.findall(r"zq[a-z]+x", said) if word != material.word[:4]}
                    self.assertLessEqual(told, of_all, (viewer, way))
        index = self.ask("quản", "GET", "/sitemap.xml").body.decode()
        listed = "".join(self.probe("quản", "GET", urllib.parse.urlsplit(place).path).body.decode()
                         for place in re.findall("<loc>(.*?)</loc>", index))
        for material in self.materials:
            self.assertEqual(material.is_found_by("nobody"), material.id in listed, vars(material))

    @classmethod
    def tearDownClass(cls):
        print(f"{cls.probes} probes of {len(cls.materials)} materials by {len(VIEWERS)} kinds of viewer", flush=True)
        assert cls.probes >= 2000, cls.probes


if __name__ == "__main__":
    unittest.main()
