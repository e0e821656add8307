"""Licence and consent: once they have ended, the bytes of a material go to nobody but those who keep it, by no door."""
import datetime
import json
import pathlib
import re
import sys
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import CORPUS, Archive, AsksWithTokens, multipart  # noqa: E402

PASSWORD = "một mật khẩu thật dài"
PEOPLE = {"luu-tru": "archivist", "phat-ngon": "spokesperson", "doc": "reader"}


class UseRights(AsksWithTokens, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.archive = archive = Archive()
        cls.addClassCleanup(archive.remove)
        taken = archive.run("ingest", archive.file("giao.txt", "Giao ban\n"), "--json")
        assert taken.exit_code == 0, taken.complaint
        for name, role in PEOPLE.items():
            added = archive.run("user", "add", name, "--unit", "tld", "--role", role, "--password-stdin", given=PASSWORD)
            assert added.exit_code == 0, added.complaint
        archive.serve()
        cls.tokens = {name: archive.run("user", "token", name, "--json").json["token"] for name in PEOPLE}
        cls.photo = (CORPUS / "anh.jpg").read_bytes()

    def take_in(self, **fields):
        fields = {"state": "published", "visibility": "public", "title": "Ảnh công nhân", **fields}
        body, media_type = multipart([("anh.jpg", self.photo + bytes(str(sorted(fields.items())), "utf-8"))], fields)
        return self.ask("luu-tru", "POST", "/api/v1/materials", body, {"Content-Type": media_type}, 201).json["id"]

    def change(self, material, status=200, **fields):
        path = "/api/v1/materials/" + material
        tag = self.ask("luu-tru", "GET", path, status=200).fields["etag"]
        return self.ask("luu-tru", "PATCH", path, fields, {"If-Match": tag}, status).json

    def doors(self, material):
        """Every address that gives bytes of it."""
        path = f"/api/v1/materials/{material}"
        files, ends = [], time.monotonic() + 60
        while not any(file.endswith("thumbnail.jpg") for file in files):  # it is made a moment later
            self.assertLess(time.monotonic(), ends)
            time.sleep(0.1)
            files = [file["url"] for file in self.ask("luu-tru", "GET", path, status=200).json["files"]]
        return files + [path + "/pages/1/image", f"/selection.zip?ids={material}"]

    def test_consent_that_is_withdrawn_shuts_every_door_and_opens_it_again(self):
        material = self.take_in(consent="given")
        doors = [door for door in self.doors(material) if self.ask(None, "GET", door).status == 200]
        self.assertGreaterEqual(len(doors), 3)
        for fields, reason in (({"consent": "withdrawn"}, "consent_withdrawn"),
                               ({"consent": "given", "consent_until": "2026-01-31"}, "consent_over"),
                               ({"consent_until": "", "licence_until": "2025-12-31"}, "licence_over")):
            self.change(material, **fields)
            for door in doors:
                for who in (None, "doc"):
                    refused = self.ask(who, "GET", door)
                    self.assertEqual((410, reason), (refused.status, refused.json["reason"]), (who, door))
                    self.assertEqual(410, self.ask(who, "HEAD", door).status)
                    self.assertEqual(410, self.ask(who, "GET", door, fields={"Range": "bytes=0-9"}).status)
                self.assertEqual(200, self.ask("luu-tru", "GET", door).status, door)
            shown = self.ask(None, "GET", "/api/v1/materials/" + material, status=200).json
            self.assertEqual((reason, []), (shown["use_refused"], shown["files"]))
            page = self.ask(None, "GET", "/m/" + material, status=200).body.decode()
            self.assertIn("không còn cung cấp", page)
            self.assertNotIn("anh.jpg", page)
        self.change(material, licence_until="2099-12-31")
        for door in doors:
            self.assertEqual(200, self.ask(None, "GET", door).status, door)

    def test_a_kit_gives_nothing_that_may_not_be_given(self):
        material = self.take_in(title="Ảnh trong bộ", consent="given")
        item = self.ask("luu-tru", "GET", "/api/v1/materials/" + material).json["files"][0]["sha256"]
        kit = self.ask("phat-ngon", "POST", "/api/v1/kits", {"title": "Bộ ảnh", "visibility": "public",
                                                             "items": [{"material": material, "file": item}]}, status=201)
        versions = f"/api/v1/kits/{kit.json['id']}/versions"
        self.change(material, consent="withdrawn")
        refused = self.ask("phat-ngon", "POST", versions, {}, {"If-Match": kit.fields["etag"]}, 409)
        self.assertEqual("consent_withdrawn", refused.json["reason"])
        self.change(material, consent="given")
        self.ask("phat-ngon", "POST", versions, {}, {"If-Match": kit.fields["etag"]}, 201)
        archive = f"/kits/{kit.json['id']}.zip"
        self.ask(None, "GET", archive, status=200)
        self.change(material, consent="withdrawn")
        self.assertEqual(410, self.ask(None, "GET", archive).status)
        self.assertEqual(410, self.ask(None, "GET", archive, fields={"Range": "bytes=10-20"}).status)

    def test_a_link_gives_nothing_either(self):
        material = self.take_in(title="Ảnh gửi riêng")
        next_month = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=30)
        made = self.ask("luu-tru", "POST", f"/api/v1/materials/{material}/shares",
                        {"expires_at": next_month.strftime("%Y-%m-%dT%H:%M:%SZ"), "recipient": "Báo Lao Động"}, status=201).json
        path = urllib.parse.urlparse(made["url"]).path
        page = self.ask(None, "GET", path, status=200).body.decode()
        files = sorted(set(re.findall(re.escape(path) + r'/[^"? ]+', page)))
        self.assertTrue(files)
        self.change(material, consent="withdrawn")
        for file in files:
            self.assertEqual(410, self.ask(None, "GET", file).status, file)

    def test_going_back_to_an_older_version_brings_no_consent_back(self):
        material = self.take_in(title="Ảnh đã rút", consent="given")
        self.change(material, consent="withdrawn")
        tag = self.ask("luu-tru", "GET", "/api/v1/materials/" + material).fields["etag"]
        self.ask("luu-tru", "POST", f"/api/v1/materials/{material}/revisions/1/restore", {}, {"If-Match": tag}, 200)
        self.assertEqual("consent_withdrawn", self.ask(None, "GET", "/api/v1/materials/" + material).json["use_refused"])

    def test_words_that_are_none_are_refused(self):
        material = self.take_in(title="Ảnh khác")
        for fields in ({"consent": "maybe"}, {"consent_until": "mai"}, {"licence_until": "2026-02-30"}, {"licence_until": "2026"}):
            self.change(material, 400, **fields)

    def test_the_form_changes_facts_and_tells_when_somebody_was_quicker(self):
        material = self.take_in(title="Trước khi sửa")
        session = self.archive.request("POST", "/api/v1/session", json.dumps({"name": "luu-tru", "password": PASSWORD}),
                                       {"Content-Type": "application/json"})
        cookie = {"Cookie": session.fields["set-cookie"].split(";")[0]}
        path = f"/m/{material}/edit"
        self.assertEqual(303, self.ask(None, "GET", path).status)
        self.ask("doc", "GET", path, status=403)
        shown = self.ask(None, "GET", path, fields=cookie, status=200).body.decode()
        csrf = re.search(r'name="csrf" value="([^"]+)"', shown)[1]
        revision = re.search(r'name="revision" value="(\d+)"', shown)[1]

        def send(**more):
            body = urllib.parse.urlencode({"csrf": csrf, "revision": revision, **more})
            return self.ask(None, "POST", path, body, {**cookie, "Content-Type": "application/x-www-form-urlencoded"})

        wrong = send(title="Sau khi sửa", date="hôm qua")
        self.assertEqual(400, wrong.status)
        self.assertIn("hôm qua", wrong.body.decode())
        self.assertEqual(303, send(title="Sau khi sửa", consent="not_needed").status)
        now = self.ask(None, "GET", "/api/v1/materials/" + material).json
        self.assertEqual(("Sau khi sửa", "not_needed", 2), (now["title"], now["consent"], now["revision"]))
        late = send(title="Chậm một bước")
        self.assertEqual(412, late.status)
        self.assertIn("Chậm một bước", late.body.decode())
        self.assertEqual(403, self.ask(None, "POST", path, "revision=2&title=x",
                                       {**cookie, "Content-Type": "application/x-www-form-urlencoded"}).status)


if __name__ == "__main__":
    unittest.main()
