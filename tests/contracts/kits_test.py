"""A press kit from its first line to a correction: what the press gets, byte for byte, and what nobody gets."""
import base64
import csv
import hashlib
import io
import json
import pathlib
import time
import re
import random
import subprocess
import sys
import tempfile
import unittest
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import CORPUS, Archive, AsksWithTokens, multipart  # noqa: E402

PASSWORD = "một mật khẩu thật dài"
PHOTO = (CORPUS / "anh.jpg").read_bytes()
SPEECH = "Phát biểu khai mạc\n\nThưa toàn thể đoàn viên.\n".encode()
RELEASE = "Tháng Công nhân năm 2026 mở từ ngày 1 tháng 5.\n\nChủ đề là “Kết nối công nhân – Xây dựng tổ chức”."


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def is_the_same_picture(one, other):
    """Whether the pixels of two files are the same, whatever else they say."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("one", one), ("other", other)):
            (pathlib.Path(folder) / name).write_bytes(content)
        compared = subprocess.run(["compare", "-metric", "AE", "one", "other", "null:"], cwd=folder, capture_output=True)
    return compared.returncode == 0


class Kits(AsksWithTokens, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.archive = Archive()
        user = cls.archive.run("user", "add", "hoa", "--unit", "tld", "--role", "spokesperson", "--password-stdin",
                               given=PASSWORD)
        assert user.exit_code == 0, user.complaint
        for name, role in (("ba", "contributor"),):
            assert cls.archive.run("user", "add", name, "--unit", "tld", "--role", role, "--password-stdin",
                                   given=PASSWORD).exit_code == 0
        cls.archive.serve()
        cls.tokens = {name: cls.archive.run("user", "token", name, "--json").json["token"] for name in ("hoa", "ba")}

    @classmethod
    def tearDownClass(cls):
        cls.archive.remove()

    def take_in(self, name, content, **fields):
        body, media_type = multipart([(name, content)], {"visibility": "public", "state": "published", **fields})
        answer = self.ask("hoa", "POST", "/api/v1/materials", body, {"Content-Type": media_type})
        self.assertIn(answer.status, (200, 201), answer.body)
        return answer.json

    def item(self, material, **words):
        return {"material": material["id"], "file": material["files"][0]["sha256"], **words}

    def begin(self, *items, **fields):
        return self.ask("hoa", "POST", "/api/v1/kits", {
            "title": "Tháng Công nhân 2026", "visibility": "public", "release": RELEASE, "items": list(items),
            "contact": "Ban Tuyên giáo, 024 3942 1794", "terms": "Dùng tự do khi ghi nguồn.",
            "quotes": [{"text": "Không ai bị bỏ lại.", "speaker": "Chủ tịch công đoàn"}], **fields}, status=201).json

    def test_a_selection_of_search_results_comes_in_one_piece(self):
        bytes_of = {name: f"Bản tin số {name}\n\nĐoàn viên chọn nhiều tệp.\n".encode() for name in ("mot", "hai")}
        for name, content in bytes_of.items():
            self.take_in(f"{name}.txt", content, title=f"Bản tin: số/{name} *")
        hidden = self.take_in("kin.txt", "Đoàn viên chọn nhiều tệp, bản kín.\n".encode(), visibility="unit")
        deadline = time.monotonic() + 30
        while len(re.findall(rb"<li>", page := self.ask(None, "GET", "/selection?q=%22chon+nhieu+tep%22").body)) < 2:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.3)
        address = re.search(r'href="(/selection\.zip\?ids=[^"]*)"', page.decode()).group(1)
        self.assertNotIn(hidden["id"], address)
        whole = self.ask(None, "GET", address, status=200)
        self.assertEqual(len(whole.body), int(whole.fields["content-length"]))
        with zipfile.ZipFile(io.BytesIO(whole.body)) as opened:
            self.assertIsNone(opened.testzip())
            found = {name: opened.read(name) for name in opened.namelist()}
        table = list(csv.DictReader(io.StringIO(found.pop("DANH-SACH.csv").decode("utf-8-sig"))))
        sums = dict(reversed(line.split("  ", 1)) for line in found.pop("SHA256SUMS").decode().splitlines())
        self.assertEqual(sorted(bytes_of.values()), sorted(found.values()))
        self.assertEqual({name: sha256(content) for name, content in found.items()}, sums)
        self.assertEqual(sums, {row["path"]: row["sha256"] for row in table})
        self.assertTrue(all(re.fullmatch(r"00[12] Bản tin- số-(mot|hai) -\.txt", name) for name in found), found)
        part = self.ask(None, "GET", address, fields={"Range": "bytes=100-", "If-Range": whole.fields["etag"]}, status=206)
        self.assertEqual(whole.body[100:], part.body)
        self.ask(None, "GET", address + "," + hidden["id"], status=404)
        self.ask("hoa", "GET", address + "," + hidden["id"], status=200)
        self.assertEqual("selection_size", self.ask(None, "GET", address + "," + ",".join(
            address.split("=")[1].split(",") * 51), status=400).json["reason"])

    def publish(self, kit, note="", status=201):
        answer = self.ask("hoa", "POST", f"/api/v1/kits/{kit['id']}/versions", {"note": note},
                          {"If-Match": f'"r{kit["revision"]}"'}, status)
        return answer.json

    def change(self, kit, body, status=200):
        return self.ask("hoa", "PATCH", "/api/v1/kits/" + kit["id"], body,
                        {"If-Match": f'"r{kit["revision"]}"'}, status).json

    def published(self, *items, **fields):
        return self.publish(self.begin(*items, **fields))

    def photo_and_speech(self, salt):
        # Bytes behind the end of a picture change nothing of it.
        return (self.take_in(f"le-{salt}.jpg", PHOTO + salt.encode(), title="Lễ phát động", credit="Ảnh: Báo Lao động"),
                self.take_in(f"bai-{salt}.txt", SPEECH + salt.encode(), title="Phát biểu khai mạc"))

    def test_a_kit_holds_all_that_a_journalist_needs(self):
        photo, speech = self.photo_and_speech("a")
        kit = self.published(self.item(photo, caption="Công nhân tại lễ phát động"), self.item(speech))
        answer = self.ask("nobody", "GET", kit["zip"]["url"], status=200)
        self.assertEqual("application/zip", answer.fields["content-type"])
        self.assertEqual(str(kit["zip"]["size_bytes"]), answer.fields["content-length"])
        self.assertIn("Th%C3%A1ng%20C%C3%B4ng%20nh%C3%A2n", answer.fields["content-disposition"])
        with zipfile.ZipFile(io.BytesIO(answer.body)) as packed:
            self.assertIsNone(packed.testzip())
            files = {name: packed.read(name) for name in packed.namelist()}
        self.assertTrue(is_the_same_picture(PHOTO, files["Ảnh/01 Lễ phát động.jpg"]))
        words = subprocess.run(["exiv2", "-pa", "-"], input=files["Ảnh/01 Lễ phát động.jpg"], capture_output=True,
                               check=True).stdout.decode()
        for field, said in (("Iptc.Application2.Caption", "Công nhân tại lễ phát động"),
                            ("Iptc.Application2.Credit", "Ảnh: Báo Lao động"),
                            ("Xmp.dc.description", "Công nhân tại lễ phát động"),
                            ("Xmp.photoshop.Credit", "Ảnh: Báo Lao động")):
            self.assertRegex(words, rf"{field} .*{said}")
        self.assertEqual(SPEECH + b"a", files["Tài liệu/01 Phát biểu khai mạc.txt"])
        beside = files["Ảnh/01 Lễ phát động.jpg.txt"].decode()
        self.assertIn("Công nhân tại lễ phát động", beside)
        self.assertIn("Ảnh: Báo Lao động", beside)
        text = files["Thông cáo báo chí.txt"].decode()
        for words in ("Tháng Công nhân 2026", "mở từ ngày 1 tháng 5", "“Không ai bị bỏ lại.”", "024 3942 1794",
                      "Dùng tự do khi ghi nguồn."):
            self.assertIn(words, text)
        rows = list(csv.reader(io.StringIO(files["Chú thích và ghi nguồn.csv"].decode("utf-8-sig"))))
        self.assertEqual(["Ảnh/01 Lễ phát động.jpg", "Công nhân tại lễ phát động", "Ảnh: Báo Lao động", "",
                          sha256(files["Ảnh/01 Lễ phát động.jpg"])], rows[1])
        with zipfile.ZipFile(io.BytesIO(files["Thông cáo báo chí.docx"])) as document:
            self.assertIn("Tháng Công nhân 2026", document.read("word/document.xml").decode())

    def test_its_sums_and_its_signature_can_be_checked_with_public_tools(self):
        photo, speech = self.photo_and_speech("b")
        kit = self.published(self.item(photo), self.item(speech))
        with tempfile.TemporaryDirectory() as folder:
            zipped = pathlib.Path(folder) / "kit.zip"
            zipped.write_bytes(self.ask("nobody", "GET", kit["zip"]["url"]).body)
            subprocess.run(["unzip", "-q", zipped, "-d", folder], check=True, env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})
            subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
            manifest = json.loads((pathlib.Path(folder) / "manifest.json").read_text())
            signature = base64.b64decode(manifest.pop("signature"))
            said = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
            (pathlib.Path(folder) / "said").write_bytes(said)
            (pathlib.Path(folder) / "signature").write_bytes(signature)
            key = self.archive.data / f"store/audit/keys/{manifest['key']}.pem"
            subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin", "-in", "said",
                            "-sigfile", "signature"], cwd=folder, check=True, capture_output=True)
            self.assertEqual((1, kit["id"]), (manifest["version"], manifest["id"]))

    def test_any_range_is_that_part_of_the_same_bytes(self):
        kit = self.published(*(self.item(one) for one in self.photo_and_speech("c")))
        url = kit["zip"]["url"]
        whole = self.ask("nobody", "GET", url)
        self.assertEqual(whole.body, self.ask("nobody", "GET", url).body)
        head = self.ask("nobody", "HEAD", url, status=200)
        for name in ("content-length", "etag", "last-modified", "accept-ranges"):
            self.assertEqual(whole.fields[name], head.fields[name])
        chance = random.Random(20261128)
        for _ in range(200):
            first = chance.randrange(len(whole.body))
            last = chance.randrange(first, len(whole.body))
            part = self.ask("nobody", "GET", url, fields={"Range": f"bytes={first}-{last}",
                                                          "If-Range": whole.fields["etag"]}, status=206)
            self.assertEqual(whole.body[first:last + 1], part.body)
        self.ask("nobody", "GET", url, fields={"If-None-Match": whole.fields["etag"]}, status=304)
        suffix = self.ask("nobody", "GET", url, fields={"Range": "bytes=-100"}, status=206)
        self.assertEqual(whole.body[-100:], suffix.body)
        self.ask("nobody", "GET", url, fields={"Range": f"bytes={len(whole.body)}-"}, status=416)

    def test_a_correction_is_a_version_of_its_own_and_the_first_stays_as_it_was(self):
        photo, speech = self.photo_and_speech("d")
        first = self.published(self.item(photo), self.item(speech))
        bytes_before = self.ask("nobody", "GET", first["zip"]["url"]).body
        draft = self.change(first, {"release": "Lễ phát động dời sang ngày 3 tháng 5.", "items": [self.item(photo)]})
        # Until it is published nobody sees it.
        seen = self.ask("nobody", "GET", "/api/v1/kits/" + first["id"], status=200).json
        self.assertEqual((RELEASE, 2), (seen["release"], len(seen["items"])))
        self.assertNotIn("draft", seen)
        for way in "/api/v1/kits/", "/api/v1/materials/", "/kit/":
            said = self.ask("nobody", "GET", way + first["id"], status=200).body.decode()
            self.assertNotIn("dời sang ngày 3", said, way)
            self.assertNotIn("draft", said, way)
        self.assertEqual(bytes_before, self.ask("nobody", "GET", first["zip"]["url"]).body)
        refused = self.publish(draft, status=409)
        self.assertIn("đính chính", refused["detail"])
        second = self.publish(draft, "Đổi ngày phát động")
        self.assertEqual([(1, ""), (2, "Đổi ngày phát động")], [(one["number"], one["note"]) for one in second["versions"]])
        newest = self.ask("nobody", "GET", second["zip"]["url"])
        with zipfile.ZipFile(io.BytesIO(newest.body)) as packed:
            text = packed.read("Thông cáo báo chí.txt").decode()
            self.assertNotIn("Tài liệu/01 Phát biểu khai mạc.txt", packed.namelist())
        self.assertIn("dời sang ngày 3", text)
        self.assertIn("Đổi ngày phát động", text)
        old = self.ask("nobody", "GET", second["versions"][0]["zip_url"], status=200)
        self.assertEqual(bytes_before, old.body)
        self.assertNotEqual(newest.fields["etag"], old.fields["etag"])
        self.ask("nobody", "GET", second["zip"]["url"] + "?version=3", status=404)

    def test_going_back_leaves_what_was_published(self):
        photo, speech = self.photo_and_speech("e")
        first = self.published(self.item(photo))
        second = self.publish(self.change(first, {"items": [self.item(speech)]}), "Thay ảnh bằng bài")
        path = f"/api/v1/materials/{first['id']}/revisions/1/restore"
        self.ask("hoa", "POST", path, {"why": "Thử"}, {"If-Match": f'"r{second["revision"]}"'}, 200)
        kit = self.ask("hoa", "GET", "/api/v1/kits/" + first["id"], status=200).json
        self.assertEqual(2, len(kit["versions"]))
        self.assertEqual([photo["id"]], [item["material"] for item in kit["draft"]["items"]])

    def test_what_is_for_fewer_eyes_than_the_kit_is_not_published_with_it(self):
        for fields in ({"visibility": "unit"}, {"visibility": "press"}, {"state": "draft"},
                       {"sensitivity": "internal"}, {"embargo_until": "2099-01-01T00:00:00Z"}):
            with self.subTest(fields=fields):
                inner = self.take_in(f"kin-{len(str(fields))}.txt", SPEECH + str(fields).encode(), **fields)
                kit = self.begin(self.item(inner))
                refused = self.publish(kit, status=409)
                self.assertEqual("kit_item_closed", refused["reason"])
                after = self.ask("hoa", "GET", "/api/v1/kits/" + kit["id"]).json
                self.assertEqual(("draft", []), (after["state"], after["versions"]))

    def test_nobody_gets_a_kit_of_which_a_material_was_withdrawn(self):
        photo, speech = self.photo_and_speech("g")
        kit = self.published(self.item(photo), self.item(speech))
        self.ask("hoa", "PATCH", "/api/v1/materials/" + photo["id"], {"state": "withdrawn", "notice": "Sai người"},
                 {"If-Match": f'"r{self.revision_of(photo)}"'}, 200)
        answer = self.ask("nobody", "GET", kit["zip"]["url"])
        self.assertEqual((410, "kit_item_gone"), (answer.status, answer.json["reason"]))
        corrected = self.publish(self.change(kit, {"items": [self.item(speech)]}), "Bỏ một ảnh")
        self.ask("nobody", "GET", corrected["zip"]["url"], status=200)
        self.ask("nobody", "GET", corrected["versions"][0]["zip_url"], status=410)

    def revision_of(self, material):
        return self.ask("hoa", "GET", "/api/v1/materials/" + material["id"]).json["revision"]

    def test_a_damaged_file_stops_the_kit_before_its_first_byte_once_it_is_known(self):
        photo, speech = self.photo_and_speech("h")
        kit = self.published(self.item(photo), self.item(speech))
        whole = self.ask("nobody", "GET", kit["zip"]["url"]).body
        digest = speech["files"][0]["sha256"]
        blob = self.archive.data / f"store/blobs/sha256/{digest[:2]}/{digest[2:4]}/{digest}"
        blob.chmod(0o600)
        content = blob.read_bytes()
        blob.write_bytes(bytes([content[0] ^ 1]) + content[1:])
        found = self.archive.run("verify", "--all", "--json")
        self.assertEqual(7, found.exit_code)
        answer = self.ask("nobody", "GET", kit["zip"]["url"])
        self.assertEqual((503, "kit_damaged"), (answer.status, answer.json["reason"]))
        blob.write_bytes(content)
        self.archive.run("verify", "--all")
        self.assertEqual(whole, self.ask("nobody", "GET", kit["zip"]["url"], status=200).body)
        blob.unlink()
        self.ask("nobody", "GET", kit["zip"]["url"], status=503)

    def test_rights(self):
        photo, _ = self.photo_and_speech("i")
        kit = self.begin(self.item(photo), visibility="press")
        self.ask("nobody", "GET", "/api/v1/kits/" + kit["id"], status=404)
        self.ask("nobody", "GET", f"/kits/{kit['id']}.zip", status=404)
        self.ask("hoa", "GET", f"/kits/{kit['id']}.zip", status=404)  # nothing was published
        self.ask("ba", "POST", f"/api/v1/kits/{kit['id']}/versions", {}, {"If-Match": f'"r{kit["revision"]}"'}, 403)
        self.ask("nobody", "POST", f"/api/v1/kits/{kit['id']}/versions", {}, status=401)
        self.ask("hoa", "POST", f"/api/v1/kits/{kit['id']}/versions", {}, status=428)
        self.ask("hoa", "PATCH", "/api/v1/kits/" + kit["id"], {"state": "published"},
                 {"If-Match": f'"r{kit["revision"]}"'}, 409)
        self.publish(kit)
        self.ask("nobody", "GET", f"/kits/{kit['id']}.zip", status=404)
        self.ask("hoa", "GET", f"/kits/{kit['id']}.zip", status=200)
        self.ask("hoa", "GET", "/kits/" + photo["id"] + ".zip", status=404)
        self.ask("hoa", "GET", "/api/v1/kits/" + photo["id"], status=404)

    def test_bad_kits_are_refused(self):
        photo, _ = self.photo_and_speech("k")
        for body in ({}, {"title": ""}, {"title": "x", "items": "y"}, {"title": "x", "items": [{"material": "y"}]},
                     {"title": "x", "unit": "no-such-unit"}, {"title": "x", "colour": "red"}, [1], "no json"):
            with self.subTest(body=body):
                self.assertEqual(400, self.ask("hoa", "POST", "/api/v1/kits", body).status)
        self.ask("hoa", "POST", "/api/v1/kits", {"title": "x", "items": [self.item(photo)] * 1001}, status=413)
        self.assertEqual("kit_empty", self.publish(
            self.ask("hoa", "POST", "/api/v1/kits", {"title": "Trống"}, status=201).json, status=409)["reason"])

    def test_its_words_are_found_and_gc_and_export_keep_its_files(self):
        photo, speech = self.photo_and_speech("l")
        kit = self.published(self.item(photo), self.item(speech), release="Lễ phát động ở Zzyzx.")
        hits = self.archive.run("search", "Zzyzx", "--json").json["hits"]
        self.assertEqual([kit["id"]], [hit["id"] for hit in hits])
        whole = self.ask("nobody", "GET", kit["zip"]["url"]).body
        with tempfile.TemporaryDirectory() as folder:
            done = self.archive.run("export", f"{folder}/bag", "--material", kit["id"])
            self.assertEqual(0, done.exit_code, done.complaint)
            subprocess.run(["sha256sum", "-c", "--quiet", "manifest-sha256.txt"], cwd=f"{folder}/bag", check=True)
            there = {sha256(path.read_bytes()) for path in pathlib.Path(folder).rglob("*") if path.is_file()}
            self.assertIn(speech["files"][0]["sha256"], there)
        self.archive.stop()
        for rest in ("catalogue.sqlite", "catalogue.sqlite-wal", "catalogue.sqlite-shm"):
            (self.archive.data / rest).unlink(missing_ok=True)
        self.assertEqual(0, self.archive.run("rebuild").exit_code)
        self.assertEqual(0, self.archive.run("gc", "--grace-days", "0").exit_code)
        self.archive.serve()
        self.assertEqual(whole, self.ask("nobody", "GET", kit["zip"]["url"], status=200).body)


    def test_the_commands_make_publish_and_save_the_same_bytes(self):
        photo, speech = self.photo_and_speech("m")
        release = self.archive.file("thong-cao.txt", RELEASE)
        made = self.archive.run("kit", "make", "Bộ từ dòng lệnh", photo["id"], speech["id"], "--release", release,
                                "--visibility", "public", "--json")
        self.assertEqual(0, made.exit_code, made.complaint)
        id = made.json["id"]
        published = self.archive.run("kit", "publish", id, "--json")
        self.assertEqual((0, 1), (published.exit_code, published.json["zip"]["version"]))
        saved = self.archive.folder / "kit.zip"
        self.assertEqual(0, self.archive.run("kit", "save", id, saved).exit_code)
        self.assertEqual(self.ask("nobody", "GET", f"/kits/{id}.zip").body, saved.read_bytes())
        self.assertNotEqual(0, self.archive.run("kit", "save", id, saved).exit_code)  # it is there already
        self.assertIn("Bộ từ dòng lệnh", self.archive.run("kit", "show", id).output)


if __name__ == "__main__":
    unittest.main()
