"""Sharing links: what their holders get, what they never get, and what ends them."""
import concurrent.futures
import datetime
import html
import json
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile
import unittest
import urllib.parse
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import CORPUS, Archive, AsksWithTokens, give_pages_their_sums, multipart  # noqa: E402

PASSWORD = "một mật khẩu thật dài"
WRONG = "0" * 64
PEOPLE = {"hoa": ("tld", "spokesperson"), "lan": ("ldld-hn", "archivist"), "minh": ("ldld-hp", "archivist"),
          "ba": ("ldld-hn", "contributor"), "cu": ("ldld-hn", "archivist"), "nga": ("ldld-hn", "archivist")}


def later(**life):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**life)).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_by_a_phone(svg):
    """What zbar reads in a drawing that librsvg made of it."""
    with tempfile.TemporaryDirectory() as folder:
        picture = pathlib.Path(folder) / "qr.png"
        subprocess.run(["rsvg-convert", "--width", "600", "-o", picture], input=svg, check=True)
        read = subprocess.run(["zbarimg", "--quiet", "--raw", picture], capture_output=True, check=True)
    return read.stdout.decode().rstrip("\n")


class Shares(AsksWithTokens, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.archive = archive = Archive()
        cls.addClassCleanup(archive.remove)
        for name, (unit, role) in PEOPLE.items():
            if unit != "tld" and not hasattr(cls, "units"):
                rows = [{"code": code, "name_vi": "Liên đoàn " + code, "level": "tinh", "parent": "tld"}
                        for code in ("ldld-hn", "ldld-hp")]
                cls.units = archive.file("don-vi.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
                assert archive.run("unit", "import", cls.units).exit_code == 0
            added = archive.run("user", "add", name, "--unit", unit, "--role", role, "--password-stdin", given=PASSWORD)
            assert added.exit_code == 0, added.complaint
        archive.serve()
        cls.tokens = {name: archive.run("user", "token", name, "--json").json["token"] for name in PEOPLE}
        cls.count = 0

    def take_in(self, viewer="lan", name=None, content=None, **fields):
        type(self).count += 1
        fields = {"unit": "ldld-hn", "visibility": "unit", "state": "published", "title": f"Tờ tin số {self.count}", **fields}
        content = f"Nội dung riêng số {self.count}\n".encode() if content is None else content
        body, media_type = multipart([(name or f"tờ tin {self.count}.txt", content)], fields)
        return self.ask(viewer, "POST", "/api/v1/materials", body, {"Content-Type": media_type}, 201).json

    def share(self, material, viewer="lan", status=201, **wish):
        wish = {"recipient": "Báo Lao Động", "expires_at": later(days=3), **wish}
        return self.ask(viewer, "POST", f"/api/v1/materials/{material['id']}/shares", wish, status=status).json

    def path(self, share):
        return urllib.parse.urlsplit(share["url"]).path

    def file_path(self, share, name):
        return self.path(share) + "/files/" + urllib.parse.quote(name)

    def state(self, share, viewer="lan"):
        return self.ask(viewer, "GET", "/api/v1/shares/" + share["id"], status=200).json

    def change(self, viewer, material, body, status=200):
        now = self.ask(viewer, "GET", "/api/v1/materials/" + material["id"], status=200).json
        return self.ask(viewer, "PATCH", "/api/v1/materials/" + material["id"], body,
                        {"If-Match": f'"r{now["revision"]}"'}, status)

    def audit(self):
        entries = self.archive.run("audit", "list", "--limit", "1000", "--json")
        self.assertEqual(0, entries.exit_code, entries.complaint)
        found = entries.json
        return found["entries"] if isinstance(found, dict) else found

    def looks(self, path):
        """An answer without what differs between any two requests."""
        answer = self.archive.request("GET", path)
        body = re.sub(rb"<code>[^<]*</code>", b"", answer.body).replace(path.encode(), b"PATH")
        body = body.replace(urllib.parse.quote(path, safe="").encode(), b"PATH")
        fields = {name: value for name, value in answer.fields.items()
                  if name not in ("date", "x-request-id", "content-length", "content-encoding")}
        return answer.status, fields, body

    def assert_is_over(self, share):
        self.assertEqual(self.looks("/s/" + WRONG), self.looks(self.path(share)))
        self.assertEqual(404, self.looks(self.path(share))[0])
        for rest in ("/files/x", "/kit.zip", "/pages/1/image"):
            self.assertEqual(self.looks("/s/" + WRONG + rest), self.looks(self.path(share) + rest))

    # -- what a holder gets

    def test_a_link_opens_the_page_and_the_files_of_its_material(self):
        material = self.take_in(name="Kế hoạch.txt", content="Kế hoạch tháng Công nhân\n".encode())
        share = self.share(material)
        page = self.ask("nobody", "GET", self.path(share), status=200)
        words = html.unescape(page.body.decode())
        for said in ("Gửi riêng cho Báo Lao Động", material["title"], "Kế hoạch tháng Công nhân"):
            self.assertIn(said, words)
        self.assertIn('<meta name="robots" content="noindex">', words)
        name = material["files"][0]["name"]
        self.assertIn(f'href="{self.file_path(share, name)}"', words)
        file = self.ask("nobody", "GET", self.file_path(share, name), status=200)
        own = self.ask("lan", "GET", material["files"][0]["url"], status=200)
        self.assertEqual("Kế hoạch tháng Công nhân\n".encode(), file.body)
        for field in ("content-disposition", "content-type", "etag", "repr-digest", "content-security-policy"):
            self.assertEqual(own.fields[field], file.fields[field])
        for answer in (page, file, self.ask("nobody", "GET", "/s/" + WRONG)):
            self.assertEqual("private, no-store", answer.fields["cache-control"])
            self.assertEqual("no-referrer", answer.fields["referrer-policy"])
            self.assertEqual("noindex, nofollow", answer.fields["x-robots-tag"])

    def test_it_speaks_the_holders_language(self):
        share = self.share(self.take_in())
        english = self.ask("nobody", "GET", self.path(share), fields={"Accept-Language": "en"}, status=200)
        self.assertIn("Sent privately to Báo Lao Động", html.unescape(english.body.decode()))

    def test_pages_of_a_document_come_as_pictures(self):
        material = self.take_in(name="thong-bao.pdf", content=(CORPUS / "thong-bao.pdf").read_bytes() + str(self.count).encode())
        share = self.share(material)
        own = self.ask("lan", "GET", f"/api/v1/materials/{material['id']}/pages/1/image?width=600", status=200)
        shown = self.ask("nobody", "GET", self.path(share) + "/pages/1/image?width=600", status=200)
        self.assertEqual((own.body, "image/jpeg"), (shown.body, shown.fields["content-type"]))
        self.assertIn(self.path(share) + "/pages/1/image?width=600",
                      self.ask("nobody", "GET", self.path(share)).body.decode())
        self.ask("nobody", "GET", self.path(share) + "/pages/99/image", status=404)

    def test_head_is_get_without_a_body_and_counts_nothing(self):
        material = self.take_in()
        share = self.share(material, download_limit=1)
        name = material["files"][0]["name"]
        for path in (self.path(share), self.file_path(share, name), self.file_path(share, "none.txt"), "/s/" + WRONG):
            head = self.ask("nobody", "HEAD", path)
            self.assertEqual(b"", head.body)
            before = self.state(share)
            self.assertEqual((0, 0, None), (before["opened"], before["downloaded"], before["used_at"]))
        for path in (self.path(share), self.file_path(share, name)):
            head, get = self.ask("nobody", "HEAD", path), self.ask("nobody", "GET", path)
            self.assertEqual(get.status, head.status)
            for field in set(get.fields) - {"date", "x-request-id", "content-length"}:
                self.assertEqual(get.fields[field], head.fields.get(field), field)

    # -- what a holder never gets

    def test_it_gives_nothing_but_its_material(self):
        shared, other = self.take_in(), self.take_in()
        share = self.share(shared)
        page = html.unescape(self.ask("nobody", "GET", self.path(share), status=200).body.decode())
        self.assertNotIn(other["title"], page)
        for address in ("/api/v1/", "/m/" + shared["id"], "/history", "/kit/"):
            self.assertNotIn(address, page)
        for name in (other["files"][0]["name"], other["files"][0]["sha256"], "a/" + shared["files"][0]["name"], ""):
            self.ask("nobody", "GET", self.file_path(share, name), status=404)
        self.ask("nobody", "GET", self.file_path(share, "../" + other["files"][0]["name"]), status=400)
        for rest in ("/history", "/shares", "/history/1", "/pages/1/text", "/kit.zip", "/files"):
            self.assertIn(self.ask("nobody", "GET", self.path(share) + rest).status, (404, 405))
        # The link opens its own address alone, whoever shows its secret elsewhere.
        token = self.path(share).rsplit("/", 1)[1]
        for fields in ({"Authorization": "Bearer " + token}, {"Cookie": "session=" + token}, {"Cookie": "share_key=" + token}):
            self.assertIn(self.ask("nobody", "GET", "/api/v1/materials/" + shared["id"], fields=fields).status, (401, 404))
        # What was said before stays unseen.
        self.change("lan", shared, {"title": "Tên đã sửa", "description": "Mô tả đã sửa"})
        page = html.unescape(self.ask("nobody", "GET", self.path(share), status=200).body.decode())
        self.assertIn("Tên đã sửa", page)
        self.assertNotIn(shared["title"], page)

    def test_parts_stay_closed(self):
        with tempfile.TemporaryDirectory() as folder:
            packed = pathlib.Path(folder) / "hộp.zip"
            with zipfile.ZipFile(packed, "w") as archive:
                archive.writestr("Phần bên trong.txt", "Nội dung của phần bên trong\n")
            taken = self.archive.run("ingest", packed, "--unit", "ldld-hn", "--visibility", "union", "--json").json["materials"]
        part = next(one["id"] for one in taken if "!/" in one["path"])
        part = self.ask("lan", "GET", "/api/v1/materials/" + part, status=200).json
        whole = part["part_of"]
        own = html.unescape(self.ask("lan", "GET", "/m/" + whole, status=200).body.decode())
        self.assertIn(part["title"], own)
        page = html.unescape(self.ask("nobody", "GET", self.path(self.share({"id": whole})), status=200).body.decode())
        self.assertNotIn(part["title"], page)

    # -- who may make, see and end one

    def test_only_who_may_publish_it_makes_a_link(self):
        material = self.take_in()
        wish = {"recipient": "Báo Lao Động", "expires_at": later(days=3)}
        path = f"/api/v1/materials/{material['id']}/shares"
        for viewer, status in (("nobody", 401), ("ba", 403), ("minh", 404), ("lan", 201), ("hoa", 201)):
            with self.subTest(viewer):
                self.assertEqual(status, self.ask(viewer, "POST", path, wish).status)
        for viewer, status in (("nobody", 404), ("ba", 403), ("minh", 404), ("lan", 200), ("hoa", 200)):
            with self.subTest(viewer):
                self.assertEqual(status, self.ask(viewer, "GET", path).status)
        listed = self.ask("lan", "GET", path).json["shares"]
        self.assertEqual(["hoa", "lan"], [share["maker"] for share in listed])
        self.assertNotIn("url", listed[0])

    def test_another_units_people_neither_see_nor_end_a_link(self):
        share = self.share(self.take_in())
        for viewer in ("minh", "ba"):
            self.ask(viewer, "GET", "/api/v1/shares/" + share["id"], status=404)
            self.ask(viewer, "DELETE", "/api/v1/shares/" + share["id"], status=404)
        self.ask("nobody", "GET", self.path(share), status=200)
        self.ask("hoa", "DELETE", "/api/v1/shares/" + share["id"], status=204)
        self.assert_is_over(share)

    def test_what_is_not_for_everybody_goes_to_somebody_named(self):
        public, unit = self.take_in(visibility="public"), self.take_in()
        draft = self.take_in(visibility="public", state="draft")
        self.assertEqual("", self.share(public, recipient="")["recipient"])
        for material in (unit, draft):
            self.assertEqual("share_recipient", self.share(material, recipient="", status=400)["reason"])
        page = self.ask("nobody", "GET", self.path(self.share(draft)), status=200)
        self.assertIn(draft["title"], html.unescape(page.body.decode()))

    def test_an_embargoed_material_goes_out_by_who_may_see_it_and_says_so(self):
        material = self.take_in("hoa", visibility="public", embargo_until="2099-01-01T00:00:00Z")
        self.share(material, "lan", status=404)  # an archivist sees nothing under embargo
        share = self.share(material, "hoa")
        page = html.unescape(self.ask("nobody", "GET", self.path(share), status=200).body.decode())
        self.assertIn("Cấm công bố đến", page)
        self.ask("nobody", "GET", "/m/" + material["id"], status=404)
        self.ask("nobody", "GET", self.file_path(share, material["files"][0]["name"]), status=200)

    def test_bad_wishes_are_refused_with_their_reason(self):
        material = self.take_in()
        for wish, reason in (({"expires_at": later(days=367)}, "share_expiry"), ({"expires_at": later(days=-1)}, "share_expiry"),
                             ({"expires_at": "mai"}, "share_expiry"), ({"expires_at": None}, "share_expiry"),
                             ({"password": "ngắn"}, "short_password")):
            self.assertEqual(reason, self.share(material, status=400, **wish)["reason"], wish)
        for wish in ({"download_limit": 0}, {"download_limit": "3"}, {"download_limit": 1.5}, {"kit_version": 1},
                     {"recipient": "a\nb"}, {"recipient": "ô" * 101}):
            self.share(material, status=400, **wish)
        self.assertEqual([], self.ask("lan", "GET", f"/api/v1/materials/{material['id']}/shares").json["shares"])

    def test_what_is_in_quarantine_goes_to_nobody(self):
        secret = self.archive.file("mat.txt", "TUYỆT MẬT\n\nPhương án phát ngôn\n")
        taken = self.archive.run("ingest", secret, "--unit", "ldld-hn", "--json").json["materials"][0]
        self.assertEqual("quarantined", taken["state"])
        refused = self.archive.run("share", "make", taken["id"], "--recipient", "ai", "--json")
        self.assertEqual(5, refused.exit_code, refused.output + refused.complaint)

    # -- what ends one

    def test_every_end_looks_like_a_wrong_token(self):
        revoked = self.share(self.take_in())
        self.ask("lan", "DELETE", "/api/v1/shares/" + revoked["id"], status=204)
        self.assertEqual("revoked", self.state(revoked)["state"])
        withdrawn_material = self.take_in()
        withdrawn = self.share(withdrawn_material)
        self.change("lan", withdrawn_material, {"state": "withdrawn", "notice": "Có bản thay thế"})
        deleted_material = self.take_in()
        deleted = self.share(deleted_material)
        self.ask("lan", "DELETE", "/api/v1/materials/" + deleted_material["id"], {"reason": "thử"},
                 {"If-Match": f'"r{deleted_material["revision"]}"'})
        used_material = self.take_in()
        used_up = self.share(used_material, download_limit=1)
        self.ask("nobody", "GET", self.file_path(used_up, used_material["files"][0]["name"]), status=200)
        self.assertEqual("used_up", self.state(used_up)["state"])
        secret = self.share(self.take_in(), password=PASSWORD)
        self.ask("lan", "DELETE", "/api/v1/shares/" + secret["id"], status=204)
        for share in (revoked, withdrawn, deleted, used_up, secret):
            self.assert_is_over(share)
        self.assertEqual(409, self.ask("lan", "POST", f"/api/v1/materials/{withdrawn_material['id']}/shares",
                                       {"recipient": "ai", "expires_at": later(days=1)}).status)

    def test_it_ends_with_its_time_and_with_its_makers_rights(self):
        material = self.take_in()
        shares = {name: self.share(material, maker) for name, maker in
                  (("kept", "lan"), ("expired", "lan"), ("disabled", "cu"), ("demoted", "nga"))}
        for share in shares.values():
            self.ask("nobody", "GET", self.path(share), status=200)
        self.archive.stop()
        with sqlite3.connect(self.archive.data / "accounts.sqlite") as accounts:
            accounts.execute("UPDATE share SET expires_at = 1 WHERE id = ?", (shares["expired"]["id"],))
            accounts.execute("UPDATE account SET is_disabled = 1 WHERE name = 'cu'")
            accounts.execute("UPDATE account_grant SET role = 'contributor' WHERE account = "
                             "(SELECT id FROM account WHERE name = 'nga')")
        accounts.close()
        give_pages_their_sums(self.archive.data / "accounts.sqlite")
        self.archive.serve()
        self.ask("nobody", "GET", self.path(shares["kept"]), status=200)
        for name in ("expired", "disabled", "demoted"):
            with self.subTest(name):
                self.assert_is_over(shares[name])
        self.assertEqual("expired", self.state(shares["expired"])["state"])

    # -- counting

    def test_ranges_of_a_file_are_one_download(self):
        material = self.take_in(content=b"0123456789" * 100 + str(self.count).encode())
        share = self.share(material, download_limit=1)
        path = self.file_path(share, material["files"][0]["name"])
        for range, part in (("0-99", b"0123456789" * 10), ("100-109", b"0123456789"), ("990-999", b"0123456789"), ("0-4", b"01234")):
            answer = self.ask("nobody", "GET", path, fields={"Range": "bytes=" + range}, status=206)
            self.assertEqual(part, answer.body)
        self.assertEqual(1, self.state(share)["downloaded"])
        self.ask("nobody", "GET", path, status=404)  # a whole one would be the second
        self.ask("nobody", "GET", path, fields={"Range": "items=0-1"}, status=404)
        self.ask("nobody", "GET", self.path(share), status=404)
        self.ask("nobody", "GET", path, fields={"Range": "bytes=500-509"}, status=206)
        self.assertEqual(1, self.state(share)["downloaded"])
        self.ask("lan", "DELETE", "/api/v1/shares/" + share["id"], status=204)
        self.ask("nobody", "GET", path, fields={"Range": "bytes=500-509"}, status=404)

    def test_a_range_that_begins_in_the_middle_counts_where_nothing_was_begun(self):
        material = self.take_in(content=b"0123456789" * 100 + str(self.count).encode())
        share = self.share(material)
        path = self.file_path(share, material["files"][0]["name"])
        self.ask("nobody", "GET", path, fields={"Range": "bytes=1-"}, status=206)
        self.assertEqual(1, self.state(share)["downloaded"])

    def test_what_sends_no_bytes_is_no_download(self):
        material = self.take_in()
        share = self.share(material)
        path = self.file_path(share, material["files"][0]["name"])
        self.ask("nobody", "GET", path, fields={"If-None-Match": f'"{material["files"][0]["sha256"]}"'}, status=304)
        self.ask("nobody", "GET", path, fields={"Range": "bytes=99999-"}, status=416)
        self.assertEqual(0, self.state(share)["downloaded"])

    def test_no_more_than_the_limit_however_many_come_at_once(self):
        material = self.take_in()
        share = self.share(material, download_limit=3)
        path = self.file_path(share, material["files"][0]["name"])
        with concurrent.futures.ThreadPoolExecutor(8) as clients:
            statuses = list(clients.map(lambda _: self.archive.request("GET", path).status, range(16)))
        self.assertEqual({200: 3, 404: 13}, {status: statuses.count(status) for status in set(statuses)})
        self.assertEqual(3, self.state(share)["downloaded"])

    def test_turning_pages_and_pictures_belong_to_one_opening(self):
        material = self.take_in(name="thong-bao.pdf", content=(CORPUS / "thong-bao.pdf").read_bytes() + str(self.count).encode())
        share = self.share(material)
        self.ask("nobody", "GET", self.path(share) + "/pages/1/image?width=200", status=200)
        self.assertEqual(1, self.state(share)["opened"])  # nobody sees a page unnoticed
        for path in ("?page=1", "/pages/1/image?width=200"):
            self.ask("nobody", "GET", self.path(share) + path, status=200)
        self.assertEqual(1, self.state(share)["opened"])
        self.ask("nobody", "GET", self.path(share), status=200)
        counted = self.state(share)
        self.assertEqual((2, 0), (counted["opened"], counted["downloaded"]))

    # -- passwords

    def unlock(self, share, password):
        return self.ask("nobody", "POST", self.path(share), urllib.parse.urlencode({"password": password}),
                        {"Content-Type": "application/x-www-form-urlencoded"})

    def test_a_password_is_asked_for_by_the_page_and_opens_this_link_alone(self):
        material = self.take_in()
        share, other = self.share(material, password=PASSWORD), self.share(material, password=PASSWORD)
        path = self.file_path(share, material["files"][0]["name"])
        form = html.unescape(self.ask("nobody", "GET", self.path(share), status=200).body.decode())
        self.assertIn('type="password"', form)
        for said in (material["title"], "Báo Lao Động", material["files"][0]["name"]):
            self.assertNotIn(said, form)
        for rest in (path, self.path(share) + "/pages/1/image"):
            asked = self.ask("nobody", "GET", rest, status=303)
            self.assertEqual(self.path(share), asked.fields["location"])
        self.assertEqual(401, self.unlock(share, "mật khẩu khác hẳn").status)
        opened = self.unlock(share, PASSWORD)
        self.assertEqual((303, self.path(share)), (opened.status, opened.fields["location"]))
        cookie = opened.fields["set-cookie"]
        for part in (f"Path={self.path(share)};", "HttpOnly", "SameSite=Lax", "Max-Age=3600"):
            self.assertIn(part, cookie)
        self.assertNotIn(self.path(share).rsplit("/", 1)[1], cookie.split(";")[0])
        key = {"Cookie": cookie.split(";")[0]}
        self.assertIn(material["title"], html.unescape(self.ask("nobody", "GET", self.path(share), fields=key).body.decode()))
        self.ask("nobody", "GET", path, fields=key, status=200)
        self.ask("nobody", "GET", self.file_path(other, material["files"][0]["name"]), fields=key, status=303)
        self.assertEqual((1, 1), (self.state(share)["opened"], self.state(share)["downloaded"]))

    def test_who_tries_passwords_is_slowed_down(self):
        share = self.share(self.take_in(), password=PASSWORD)
        statuses = [self.unlock(share, f"mật khẩu sai {number}").status for number in range(6)]
        self.assertEqual([401] * 5 + [429], statuses)
        refused = self.unlock(share, PASSWORD)
        self.assertEqual(429, refused.status)
        self.assertIn("retry-after", refused.fields)

    # -- what is written down

    def test_the_secret_stands_in_no_log_and_every_use_in_the_chain(self):
        material = self.take_in()
        share = self.share(material)
        token = self.path(share).rsplit("/", 1)[1]
        name = material["files"][0]["name"]
        self.ask("nobody", "GET", self.path(share), status=200)
        self.ask("nobody", "GET", self.file_path(share, name), status=200)
        for method, path in (("PUT", self.path(share)), ("GET", self.path(share) + "/no/such/place"),
                             ("GET", "/x" + self.path(share)), ("GET", self.file_path(share, "no-such-file"))):
            self.assertIn(self.ask("nobody", method, path).status, (404, 405))
        self.ask("lan", "DELETE", "/api/v1/shares/" + share["id"], status=204)
        self.ask("nobody", "GET", self.path(share), status=404)
        entries = [entry for entry in self.audit() if entry["object"] == share["id"]]
        self.assertEqual(["share.make", "share.open", "share.download", "share.revoke"], [one["action"] for one in entries])
        self.assertEqual(["lan", "", "", "lan"], [one["by"] for one in entries])
        # The chain can never let go of a name; the share's own row, which its id finds, can.
        self.assertNotIn("Báo Lao Động", json.dumps(entries, ensure_ascii=False))
        self.assertEqual(material["files"][0]["sha256"], entries[2]["detail"]["what"])
        self.archive.stop()
        try:
            log = (self.archive.folder / "serve.log").read_text(encoding="utf-8")
            self.assertIn('"path":"/s/{token}"', log)
            self.assertIn('"path":"/s/{token}/files/{name...}"', log)
            self.assertIn('"path":"/s/…"', log)
            self.assertIn(material["id"], log)  # other addresses stand there whole
            self.assertNotIn(token, log)
            for file in self.archive.data.rglob("*"):
                if file.is_file():
                    self.assertNotIn(token.encode(), file.read_bytes(), file)
        finally:
            self.archive.serve()

    # -- press kits

    def kit(self, *materials, title="Tháng Công nhân"):
        items = [{"material": one["id"], "file": one["files"][0]["sha256"]} for one in materials]
        begun = self.ask("hoa", "POST", "/api/v1/kits", {"title": title, "visibility": "press", "unit": "ldld-hn",
                                                         "release": "Thông cáo thứ nhất", "items": items}, status=201).json
        return begun

    def publish(self, kit, note=""):
        return self.ask("hoa", "POST", f"/api/v1/kits/{kit['id']}/versions", {"note": note},
                        {"If-Match": f'"r{kit["revision"]}"'}, 201).json

    def test_a_kit_is_shared_as_it_is_or_in_one_version(self):
        photo = self.take_in("hoa", visibility="press", title="Lễ phát động")
        begun = self.kit(photo)
        self.assertEqual("share_kit_unpublished", self.share(begun, "hoa", 409)["reason"])
        kit = self.publish(begun)
        newest, first = self.share(kit, "hoa"), self.share(kit, "hoa", kit_version=1)
        self.share(kit, "hoa", 404, kit_version=2)
        own = self.ask("hoa", "GET", f"/kits/{kit['id']}.zip", status=200)
        self.ask("nobody", "GET", f"/kits/{kit['id']}.zip", status=404)
        for share in (newest, first):
            zipped = self.ask("nobody", "GET", self.path(share) + "/kit.zip", status=200)
            self.assertEqual(own.body, zipped.body)
            for field in ("etag", "content-disposition", "content-type"):
                self.assertEqual(own.fields[field], zipped.fields[field])
        part = self.ask("nobody", "GET", self.path(first) + "/kit.zip", fields={"Range": "bytes=10-29"}, status=206)
        self.assertEqual(own.body[10:30], part.body)
        self.assertEqual(1, self.state(first, "hoa")["downloaded"])
        page = html.unescape(self.ask("nobody", "GET", self.path(first), status=200).body.decode())
        self.assertIn("Thông cáo thứ nhất", page)
        path = next(path for path in re.findall(r'href="([^"]+)"', page) if path.endswith(".txt") and "L%E1%BB%85" in path)
        self.assertEqual(self.ask("hoa", "GET", photo["files"][0]["url"]).body, self.ask("nobody", "GET", path, status=200).body)
        changed = self.ask("hoa", "PATCH", "/api/v1/kits/" + kit["id"], {"release": "Thông cáo thứ hai"},
                           {"If-Match": f'"r{kit["revision"]}"'}, 200).json
        self.publish(changed, "Sửa thông cáo")
        self.assertEqual(own.body, self.ask("nobody", "GET", self.path(first) + "/kit.zip", status=200).body)
        self.assertNotEqual(own.body, self.ask("nobody", "GET", self.path(newest) + "/kit.zip", status=200).body)
        self.assertIn("Thông cáo thứ hai", html.unescape(self.ask("nobody", "GET", self.path(newest)).body.decode()))
        self.assertNotIn("Thông cáo thứ hai", html.unescape(self.ask("nobody", "GET", self.path(first)).body.decode()))
        self.change("hoa", photo, {"state": "withdrawn", "notice": "Sai người trong ảnh"})
        for share in (newest, first):
            self.assert_is_over(share)

    def test_a_kit_with_a_part_that_its_maker_may_not_read_is_not_shared(self):
        elsewhere = self.take_in("hoa", unit="ldld-hp", visibility="press")
        kit = self.publish(self.kit(elsewhere))
        share = self.share(kit, "lan")
        self.ask("nobody", "GET", self.path(share) + "/kit.zip", status=200)
        self.change("hoa", elsewhere, {"visibility": "unit"})
        self.assert_is_over(share)
        self.assertIn(self.ask("lan", "POST", f"/api/v1/materials/{kit['id']}/shares",
                               {"recipient": "ai", "expires_at": later(days=1)}).status, (404, 410))

    # -- pages, codes, commands

    def signed_in(self, name):
        answer = self.ask("nobody", "POST", "/api/v1/session", {"name": name, "password": PASSWORD}, status=200)
        return {"Cookie": answer.fields["set-cookie"].split(";")[0]}, answer.json["csrf_token"]

    def send(self, path, fields, form):
        return self.ask("nobody", "POST", path, urllib.parse.urlencode(form),
                        {**fields, "Content-Type": "application/x-www-form-urlencoded"})

    def test_links_are_made_shown_once_and_revoked_on_a_page(self):
        material = self.take_in()
        cookie, csrf = self.signed_in("lan")
        page = f"/m/{material['id']}/shares"
        self.assertIn(page, self.ask("nobody", "GET", "/m/" + material["id"], fields=cookie, status=200).body.decode())
        typed = {"recipient": "Đài <b>Hà Nội</b>", "days": "7", "password": "", "limit": "5"}
        self.assertEqual(403, self.send(page, cookie, typed).status)
        for wrong, said in (({"days": "400"}, "366"), ({"days": "x"}, "số nguyên"), ({"recipient": ""}, "người nhận")):
            answer = self.send(page, cookie, {**typed, "csrf": csrf, **wrong})
            self.assertEqual(400, answer.status)
            self.assertIn(said, html.unescape(answer.body.decode()))
            self.assertIn('name="limit" type="number" min="1" value="5"', answer.body.decode())
        made = self.send(page, cookie, {**typed, "csrf": csrf})
        self.assertEqual(201, made.status, made.body[:500])
        self.assertEqual("private, no-store", made.fields["cache-control"])
        words = made.body.decode()
        self.assertNotIn("<b>Hà Nội", words)
        url = re.search(r'readonly value="([^"]+)"', words)[1]
        self.assertEqual(url, read_by_a_phone(re.search(r"<svg xmlns=.*?</svg>", words)[0].encode()))
        path = urllib.parse.urlsplit(url).path
        self.ask("nobody", "GET", path, status=200)
        listed = self.ask("nobody", "GET", page, fields=cookie, status=200).body.decode()
        self.assertNotIn(path, listed)
        self.assertIn("Mở 1 lần · tải 0/5", listed)
        revoke = re.search(r'action="([^"]+/revoke)"', listed)[1]
        self.assertEqual(403, self.send(revoke, cookie, {}).status)
        done = self.send(revoke, cookie, {"csrf": csrf})
        self.assertEqual(303, done.status)
        self.assertIn("Đã thu hồi", self.ask("nobody", "GET", done.fields["location"], fields=cookie, status=200).body.decode())
        self.ask("nobody", "GET", path, status=404)

    def test_the_page_is_offered_to_those_who_may_share(self):
        material = self.take_in(visibility="public")
        cookie, _ = self.signed_in("ba")
        for fields in ({}, cookie):
            self.assertNotIn("/shares", self.ask("nobody", "GET", "/m/" + material["id"], fields=fields, status=200).body.decode())
        self.ask("nobody", "GET", f"/m/{material['id']}/shares", fields=cookie, status=403)

    def test_a_code_for_the_notice_board_leads_to_the_page(self):
        title = "Kế hoạch truyền thông Công đoàn Việt Nam giai đoạn 2023-2028 & những việc cần làm ngay <trong năm> nay"
        material = self.take_in(visibility="public", title=title)
        drawing = self.ask("nobody", "GET", f"/m/{material['id']}/qr.svg", status=200)
        self.assertEqual("image/svg+xml", drawing.fields["content-type"].split(";")[0])
        self.assertEqual(f"http://127.0.0.1:{self.archive.port}/m/{material['id']}", read_by_a_phone(drawing.body))
        words = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", html.unescape(drawing.body.decode().replace("&lt;", "‹"))))
        self.assertTrue(words.startswith("Kế hoạch truyền thông Công đoàn Việt Nam"), words)
        kit = self.publish(self.ask("hoa", "POST", "/api/v1/kits", {"title": "Bộ công khai", "visibility": "public",
                                                                    "release": "Thông cáo"}, status=201).json)
        self.assertEqual(f"http://127.0.0.1:{self.archive.port}/kit/{kit['id']}",
                         read_by_a_phone(self.ask("nobody", "GET", f"/m/{kit['id']}/qr.svg", status=200).body))

    def test_the_same_code_comes_as_a_picture_for_print(self):
        material = self.take_in(visibility="public")
        for viewer in ("lan", "nobody"):
            self.ask(viewer, "GET", f"/m/{self.take_in()['id']}/qr.png", status=404)
        picture = self.ask("nobody", "GET", f"/m/{material['id']}/qr.png", status=200)
        self.assertEqual("image/png", picture.fields["content-type"])
        self.assertIn(".png", picture.fields["content-disposition"])
        self.assertEqual(304, self.archive.request("GET", f"/m/{material['id']}/qr.png",
                                                   fields={"If-None-Match": picture.fields["etag"]}).status)
        file = self.archive.file("qr.png", picture.body)
        checked = subprocess.run(["pngcheck", "-v", file], capture_output=True, text=True)
        self.assertEqual(0, checked.returncode, checked.stdout)
        self.assertIn("1-bit grayscale, non-interlaced", checked.stdout)
        self.assertIn("(300 dpi)", checked.stdout)
        read = subprocess.run(["zbarimg", "--quiet", "--raw", file], capture_output=True, check=True)
        self.assertEqual(f"http://127.0.0.1:{self.archive.port}/m/{material['id']}", read.stdout.decode().rstrip("\n"))
        for answer in (picture, self.ask("nobody", "GET", "/m/" + material["id"], status=200)):
            self.assertEqual("nosniff", answer.fields["x-content-type-options"])
        self.assertIn(f"/m/{material['id']}/qr.png", answer.body.decode())

    def test_the_commands_make_list_and_revoke(self):
        material = self.take_in()
        made = self.archive.run("share", "make", material["id"], "--recipient", "Báo Lao Động", "--days", "2", "--json").json
        self.ask("nobody", "GET", self.path(made), status=200)
        listed = self.archive.run("share", "list", material["id"], "--json").json["shares"]
        self.assertEqual([(made["id"], "local", 1)], [(one["id"], one["maker"], one["opened"]) for one in listed])
        self.assertEqual(0, self.archive.run("share", "revoke", made["id"]).exit_code)
        self.assert_is_over(made)


if __name__ == "__main__":
    unittest.main()
