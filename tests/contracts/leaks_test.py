"""Nothing is shown to the wrong eyes: materials of every visibility, state, sensitivity and embargo, twelve kinds of
viewer, every way in. What a viewer may not read must answer exactly as what is not there. leak_doors_test.py has the
side doors: press kits, links, uploads, receipts, lists."""
import pathlib
import re
import sys
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from leak_world import LATER, UNKNOWN, VIEWERS, LeakWorld, Material  # noqa: E402


class Leaks(LeakWorld, unittest.TestCase):
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
                "/api/v1/search?q={word}&kind=&year=2026", "/search?q={word}&theme=yearly_events&audience=age", "/api/v1/suggest?q={word}")
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
            for query in "", "q=tin", "unit=tinh", "theme=yearly_events&audience=gender":
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

    def test_z_what_was_found_before_it_was_closed_is_found_no_more(self):
        """Searches keep what they know of rights as long as the index stays as it is, and no longer."""
        material = Material(4000, "public", "open", "published", None)
        self.take_in(material)
        self.wait_for_total(material, 1)
        for _ in range(3):  # of each document it is asked often enough that it is kept
            self.search("nobody", "tin")
        newest = self.ask("chủ", "GET", "/api/v1/materials/" + material.id, status=200)
        self.ask("chủ", "PATCH", "/api/v1/materials/" + material.id, {"visibility": "unit"}, {"If-Match": newest.fields["etag"]}, 200)
        self.wait_for_total(material, 0)
        self.assertEqual(1, self.search("quản", material.word)["total"])

    def wait_for_total(self, material, total):
        for _ in range(100):
            if self.search("nobody", material.word)["total"] == total:
                return
            time.sleep(0.1)
        self.fail(f"never found {total} times")

    @classmethod
    def tearDownClass(cls):
        print(f"{cls.probes} probes of {len(cls.materials)} materials by {len(VIEWERS)} kinds of viewer", flush=True)
        assert cls.probes >= 2000, cls.probes


if __name__ == "__main__":
    unittest.main()
