"""The side doors: press kits, sharing links, uploads that wait, receipts, bytes by their digest, embedding, pages and
lists. As leaks_test.py has it, what a viewer may not read answers as what is not there."""
import base64
import hashlib
import json
import pathlib
import re
import sys
import unittest
import urllib.parse

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parents[1])]
from archive import in_days, multipart  # noqa: E402
from leak_world import EARLIER, LATER, UNKNOWN, VIEWERS, VISIBILITIES, LeakWorld, Material  # noqa: E402

KIT_STANDINGS = (("open", "published", None), ("open", "published", LATER), ("open", "published", EARLIER),
                 ("internal", "published", None), ("restricted", "published", LATER), ("open", "draft", None),
                 ("open", "draft", LATER), ("open", "withdrawn", None))
# What everybody may ask for and sees a part of, or is refused: nothing hidden may stand in it.
LISTS = ("/", "/search?q=", "/search?q=tin", "/search?unit=tinh&sort=newest", "/selection?q=tin", "/feed.atom", "/feed.atom?unit=tinh",
         "/sitemap.xml", "/sitemap/1.xml", "/robots.txt", "/opensearch.xml", "/opensearch/suggest?q=tin",
         "/api/v1/suggest?q=tin", "/units", "/units?unit=tinh", "/units/change?unit=tinh", "/api/v1/units",
         "/api/v1/units/tinh", "/account", "/people", "/upload", "/preservation", "/api/v1/preservation", "/metrics",
         "/api/v1/status", "/readyz", "/api/v1/audit", "/api/v1/audit?limit=1000", "/api/v1/retention",
         "/api/v1/retention/due", "/api/v1/disposals", "/api/v1/records", "/api/v1/export/materials",
         "/api/v1/export/events", "/api/v1/export/units", "/api/v1/backups", "/api/v1/audit/files", "/api/v1/uploads",
         "/api/v1/invitations", "/api/v1/users/ch%E1%BB%A7/tokens", "/api/v1/session")


class Kit(Material):
    """A press kit with one photo of everybody's; its words are in its title and its release."""

    def __init__(self, number, visibility, sensitivity, state, embargo):
        super().__init__(1000 + number, visibility, sensitivity, state, embargo)
        self.creator = "chủ"


class LeakDoors(LeakWorld, unittest.TestCase):
    def prepare(self):
        shown = next(one for one in self.materials if one.is_found_by("nobody"))
        type(self).shown = shown
        type(self).kits = [Kit(number, visibility, *standing) for number, (visibility, standing) in
                           enumerate((one, other) for one in VISIBILITIES for other in KIT_STANDINGS)]
        for kit in self.kits:
            self.make_kit(kit, {"material": shown.id, "file": shown.sha256, "caption": kit.word})
        for material in self.materials:
            if material.state == "published":
                wish = {"recipient": material.word, "expires_at": in_days(30)}
                made = self.ask("chủ", "POST", f"/api/v1/materials/{material.id}/shares", wish)
                material.share = made.json["id"] if made.status == 201 else None

    def make_kit(self, kit, item):
        body = {"title": "Bộ " + kit.word, "unit": "tinh", "visibility": kit.visibility, "release": "Có chữ " + kit.word,
                "items": [item]}
        made = self.ask("chủ", "POST", "/api/v1/kits", body, status=201)
        kit.id = made.json["id"]
        if kit.state != "draft":
            made = self.ask("chủ", "POST", f"/api/v1/kits/{kit.id}/versions", {}, {"If-Match": made.fields["etag"]}, 201)
        self.let_it_stand(kit, made)

    def assert_as_unknown(self, viewer, method, path, one, unknown=UNKNOWN, body=None, fields=None):
        """`path` with {id}: the answer is that for an id that nothing has."""
        there = self.probe(viewer, method, path.format(id=one.id), body=body, fields=fields)
        not_there = self.ask(viewer, method, path.format(id=unknown), body, fields)
        self.assertEqual(self.bare(not_there, unknown), self.bare(there, one.id), (viewer, method, path, vars(one)))
        self.assertNotIn(one.word, there.body.decode("utf-8", "replace"))

    def test_a_kit_that_may_not_be_read_is_not_there(self):
        ways = ("/api/v1/kits/{id}", "/kit/{id}", "/kits/{id}.zip", "/kits/{id}.zip?version=1", "/kits/{id}.atom", "/embed/{id}",
                "/kit/{id}/notices", "/m/{id}", "/api/v1/materials/{id}", "/m/{id}/shares", "/m/{id}/history",
                "/api/v1/materials/{id}/files/kit.zip", "/selection.zip?ids={id}")
        for viewer in VIEWERS:
            for kit in self.kits:
                if kit.may_be_read_by(viewer):
                    status = self.probe(viewer, "GET", "/api/v1/kits/" + kit.id).status
                    self.assertIn(status, (200, 410) if kit.state == "withdrawn" else (200,), (viewer, vars(kit)))
                    continue
                for way in ways:
                    self.assert_as_unknown(viewer, "GET", way, kit)
                for method, way, body in (("PATCH", "/api/v1/kits/{id}", {"release": "x"}),
                                          ("POST", "/api/v1/kits/{id}/versions", {"note": "x"}),
                                          ("POST", "/api/v1/kits/{id}/notices", {"address": "a@example.vn"})):
                    self.assert_as_unknown(viewer, method, way, kit, body=body, fields={"If-Match": '"r2"'})
                for fields in ({"Range": "bytes=0-3"}, {"If-None-Match": "*"}, {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}):
                    self.assert_as_unknown(viewer, "GET", "/kits/{id}.zip", kit, fields=fields)

    def test_a_kit_is_found_by_those_who_may_read_it_alone(self):
        for viewer in VIEWERS:
            for kit in self.kits:
                hits = self.probe(viewer, "GET", "/api/v1/search?q=" + kit.word).json["hits"]
                self.assertEqual([kit.id] if kit.is_found_by(viewer) else [], [hit["id"] for hit in hits], (viewer, vars(kit)))
                if not kit.is_found_by(viewer):
                    feed = self.probe(viewer, "GET", "/feed.atom?q=" + kit.word).body.decode()
                    self.assertNotIn("<entry>", feed, (viewer, vars(kit)))

    def test_a_material_that_was_closed_after_its_kit_came_out_is_gone_from_it(self):
        """The kit stays; of the material whoever may not read it gets neither words nor bytes."""
        material = Material(3000, "public", "open", "published", None)
        self.take_in(material)
        kit = Kit(1000, "public", "open", "published", None)
        self.make_kit(kit, {"material": material.id, "file": material.sha256})
        self.assertIn(material.id, self.ask("nobody", "GET", "/api/v1/kits/" + kit.id, status=200).body.decode())
        for changes in ({"visibility": "unit"}, {"visibility": "public", "embargo_until": LATER},
                        {"embargo_until": None, "sensitivity": "internal"}, {"sensitivity": "open", "state": "draft"}):
            newest = self.ask("chủ", "GET", "/api/v1/materials/" + material.id, status=200)
            changed = self.ask("chủ", "PATCH", "/api/v1/materials/" + material.id, changes, {"If-Match": newest.fields["etag"]})
            if changed.status != 200:
                continue  # what is published may not become a draft again
            for viewer in "nobody", "báo", "bên":
                for way in "/api/v1/kits/{}", "/kit/{}", "/kits/{}.zip", "/kits/{}.atom", "/embed/{}", "/kits/{}.zip?version=1":
                    said = self.probe(viewer, "GET", way.format(kit.id)).body
                    if changes.get("sensitivity") == "internal" and viewer == "bên":
                        continue
                    for word in (material.word.encode(), material.id.encode(), material.sha256.encode()):
                        self.assertNotIn(word, said, (viewer, way, changes))

    def test_links_are_known_to_those_who_may_see_what_they_open(self):
        for viewer in VIEWERS:
            for material in self.materials:
                share = getattr(material, "share", None)
                if share is None or material.may_be_read_by(viewer):
                    continue
                for method in "GET", "DELETE":
                    there = self.probe(viewer, method, "/api/v1/shares/" + share)
                    not_there = self.ask(viewer, method, "/api/v1/shares/" + UNKNOWN)
                    self.assertEqual(self.bare(not_there, UNKNOWN), self.bare(there, share), (viewer, vars(material)))
                if material.visibility == "public":
                    self.assert_as_unknown(viewer, "GET", "/api/v1/materials/{id}/shares", material)

    def test_bytes_are_named_by_their_digest_to_those_who_may_read_them(self):
        for viewer in VIEWERS:
            for material in self.materials:
                found = self.probe(viewer, "GET", "/api/v1/files/" + material.sha256)
                if material.is_found_by(viewer):
                    self.assertEqual(200, found.status, (viewer, vars(material)))
                    self.assertIn(material.id, found.body.decode())
                if material.may_be_read_by(viewer):
                    continue
                for way in "/api/v1/files/", "/api/v1/blobs/":
                    there = self.probe(viewer, "GET", way + material.sha256)
                    not_there = self.ask(viewer, "GET", way + "1" * 64)
                    self.assertEqual(self.bare(not_there, "1" * 64), self.bare(there, material.sha256), (viewer, way, vars(material)))

    def test_a_file_answers_no_condition_method_or_range_differently(self):
        for viewer in VIEWERS:
            for material in self.materials[::3]:
                if material.may_be_read_by(viewer):
                    continue
                way = "/api/v1/materials/{id}/files/" + material.name
                for fields in ({"Range": "bytes=0-3"}, {"If-None-Match": f'"{material.sha256}"'}, {"If-Match": f'"{material.sha256}"'},
                               {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}):
                    self.assert_as_unknown(viewer, "GET", way, material, fields=fields)
                self.assert_as_unknown(viewer, "HEAD", way, material)
                self.assert_as_unknown(viewer, "OPTIONS", way, material)

    def test_neither_embedding_nor_a_selection_tells_of_it(self):
        origin = f"http://127.0.0.1:{self.archive.port}"
        with_another = "/selection.zip?ids={id}," + self.shown.id
        for viewer in VIEWERS:
            for material in self.materials[::2] + self.kits[::2]:
                if not material.may_be_read_by("nobody"):
                    # Other sites ask for what everybody may see, whoever is signed in.
                    for kind in "m", "kit", "embed":
                        self.assert_as_unknown(viewer, "GET", "/oembed?url=" + urllib.parse.quote(f"{origin}/{kind}/", "") + "{id}", material)
                    self.assert_as_unknown(viewer, "GET", "/embed/{id}", material)
                    self.assert_as_unknown(viewer, "GET", "/m/{id}/qr.png", material)
                if not material.may_be_read_by(viewer):
                    self.assert_as_unknown(viewer, "GET", with_another, material)

    def test_an_upload_and_a_receipt_are_their_senders(self):
        said = "filename " + base64.b64encode(b"x.txt").decode() + ",unit " + base64.b64encode(b"tinh").decode()
        tus = {"Tus-Resumable": "1.0.0"}
        upload = self.ask("chủ", "POST", "/api/v1/uploads", None, {**tus, "Upload-Length": "9", "Upload-Metadata": said}, 201)
        place = urllib.parse.urlsplit(upload.fields["location"]).path
        batch = re.search(r"[0-9a-f-]{36}", self.batch_of("chủ").fields["location"])[0]
        for viewer in VIEWERS:
            self.assertNotIn(place, self.probe(viewer, "GET", "/api/v1/uploads", fields=tus).body.decode())
            for method in "HEAD", "GET", "PATCH", "POST", "DELETE":
                body = b"123456789" if method in ("PATCH", "POST") else None
                fields = {**tus, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
                there = self.probe(viewer, method, place, body=body, fields=fields)
                not_there = self.ask(viewer, method, "/api/v1/uploads/" + UNKNOWN, body, fields)
                self.assertEqual(self.bare(not_there, UNKNOWN), self.bare(there, place.split("/")[-1]), (viewer, method))
            for method, way, body in (("GET", "/api/v1/batches/{}", None), ("GET", "/api/v1/batches/{}?format=csv", None),
                                      ("GET", "/api/v1/batches/{}/progress", None), ("GET", "/batches/{}", None),
                                      ("POST", "/api/v1/batches/{}/known", {"files": []}), ("POST", "/api/v1/batches/{}/close", {}),
                                      ("POST", "/api/v1/batches/{}/withdraw", {"notice": "x"}), ("POST", "/batches/{}/merge", "")):
                there = self.probe(viewer, method, way.format(batch), body=body)
                not_there = self.ask(viewer, method, way.format(UNKNOWN), body)
                self.assertEqual(self.bare(not_there, UNKNOWN), self.bare(there, batch), (viewer, method, way))
            body, media_type = multipart([("a.txt", b"Theo lo.\n")], {"unit": "tinh", "batch": batch})
            there = self.probe(viewer, "POST", "/api/v1/materials", body=body, fields={"Content-Type": media_type})
            self.assertIn(there.status, (401, 403, 404), viewer)

    def batch_of(self, viewer):
        body, media_type = multipart([("lo.txt", b"Mot lo.\n"), ("lo2.txt", b"Hai lo.\n")], {"unit": "tinh", "visibility": "private"})
        made = self.ask(viewer, "POST", "/api/v1/materials", body, {"Content-Type": media_type}, 201)
        if "batch" not in made.fields.get("location", ""):
            made.fields["location"] = "/api/v1/batches/" + made.json["batch"]
        return made

    def test_pages_and_lists_name_nothing_hidden(self):
        everything = {named: one for one in self.materials + self.kits for named in (one.word, one.id, one.sha256) if named}
        for viewer in VIEWERS:
            for way in LISTS:
                for language in "vi", "en":
                    said = self.probe(viewer, "GET", way, fields={"Accept-Language": language}).body.decode("utf-8", "replace")
                    for named in re.findall(r"zq[a-z]+x|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}", said):
                        one = everything.get(named)
                        self.assertTrue(one is None or one.may_be_read_by(viewer), (viewer, way, named, one and vars(one)))

    def test_z_bytes_that_are_there_already_are_news_to_whoever_may_not_read_them(self):
        """Last, for it takes in the words of others."""
        for viewer, unit in (("góp", "tinh"), ("lưu", "tinh"), ("bên", "khac"), ("dưới", "xa")):
            fresh = self.send(viewer, unit, b"Tin moi cua " + hashlib.sha256(viewer.encode()).hexdigest().encode())
            hidden = [one for one in self.materials if not one.may_be_read_by(viewer)]
            self.assertGreater(len(hidden), 8, viewer)
            for material in hidden[::max(1, len(hidden) // 12)]:
                type(self).probes += 1
                sent = self.send(viewer, unit, material.bytes)
                self.assertEqual(201, sent.status, (viewer, vars(material), sent.body))
                self.assertNotEqual(material.id, sent.json["id"])
                self.assertEqual(set(fresh.json), set(sent.json))
                self.assertEqual(set(fresh.fields), set(sent.fields))
                self.assertNotIn(material.id, json.dumps(sent.json))

    def send(self, viewer, unit, content):
        body, media_type = multipart([("moi.txt", content)], {"unit": unit, "visibility": "private", "state": "draft"})
        return self.ask(viewer, "POST", "/api/v1/materials", body, {"Content-Type": media_type})

    @classmethod
    def tearDownClass(cls):
        print(f"{cls.probes} probes of {len(cls.materials)} materials and {len(cls.kits)} press kits", flush=True)
        assert cls.probes >= 2000, cls.probes


if __name__ == "__main__":
    unittest.main()
