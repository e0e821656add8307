"""Calls: members without an account send photos into the inbox of a unit, and nothing of it is published by itself."""
import pathlib
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import CORPUS, Archive, AsksWithTokens, in_days, multipart  # noqa: E402

PASSWORD = "một mật khẩu thật dài"
UNITS = ("code,name_vi,parent\nldld-nghe-an,Liên đoàn Lao động tỉnh Nghệ An,tld\n"
         "ldld-hue,Liên đoàn Lao động thành phố Huế,tld\n")
PEOPLE = {"bien-tap": ("ldld-nghe-an", "editor"), "nhap": ("ldld-nghe-an", "contributor"), "hue": ("ldld-hue", "editor")}
UNKNOWN = "01890000-0000-7000-8000-000000000000"
YES = {"agrees": "1"}


class Calls(AsksWithTokens, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.archive = archive = Archive()
        cls.addClassCleanup(archive.remove)
        taken = archive.run("unit", "import", archive.file("don-vi.csv", UNITS), "--json")
        assert taken.exit_code == 0, taken.complaint
        for name, (unit, role) in PEOPLE.items():
            added = archive.run("user", "add", name, "--unit", unit, "--role", role, "--password-stdin", given=PASSWORD)
            assert added.exit_code == 0, added.complaint
        archive.serve()
        cls.tokens = {name: archive.run("user", "token", name, "--json").json["token"] for name in PEOPLE}

    def make(self, status=201, who="bien-tap", **terms):
        terms = {"unit": "ldld-nghe-an", "title": "Ảnh hội thao", "ends_at": in_days(30), "preset": {"kind": "anh"}, **terms}
        return self.ask(who, "POST", "/api/v1/calls", terms, status=status).json

    def send(self, call, files, fields=None, status=201, headers=None):
        body, media_type = multipart(files, YES if fields is None else fields)
        return self.ask(None, "POST", f"/api/v1/calls/{call}/contributions", body,
                        {"Content-Type": media_type, **(headers or {})}, status).json

    def inbox(self, who="bien-tap", unit="ldld-nghe-an"):
        return self.ask(who, "GET", "/api/v1/review?limit=100&unit=" + unit, status=200).json["materials"]

    def test_a_photo_comes_into_the_inbox_and_stays_there_until_it_is_published(self):
        call = self.make(text="Gửi ảnh rõ nét")
        photo = (CORPUS / "anh.jpg").read_bytes()
        said = {**YES, "has_consent": "1", "name": "Trần Thị Hoa", "contact": "0912 000 000", "note": "Chụp sáng nay"}
        self.assertEqual({"files": 1}, self.send(call["id"], [("anh.jpg", photo)], said))
        line = self.inbox()[-1]
        self.assertEqual(("Ảnh hội thao", "anh", "Trần Thị Hoa", "given", "submitted", "unit", ""),
                         tuple(line[name] for name in ("title", "kind", "credit", "consent", "state", "visibility", "creator")))
        way = self.ask("bien-tap", "GET", f"/api/v1/materials/{line['id']}/review", status=200)
        self.assertEqual("Trần Thị Hoa\n0912 000 000\nChụp sáng nay", way.json["remarks"][0]["text"])
        heard = self.ask("nhap", "GET", f"/api/v1/materials/{line['id']}/review", status=200)
        self.assertNotIn(b"0912", heard.body, "contributors of the unit are not told how to reach others")
        for who in (None, "hue"):
            self.assertEqual(404, self.ask(who, "GET", "/api/v1/materials/" + line["id"]).status)
            hits = self.ask(who, "GET", "/api/v1/search?q=h%E1%BB%99i+thao", status=200).json
            self.assertNotIn(line["id"], [hit["id"] for hit in hits["hits"]])
        # The same photo again is answered as before and changes nothing.
        self.assertEqual({"files": 1}, self.send(call["id"], [("khac.jpg", photo)], said))
        tag = way.fields["etag"]
        for step, extra in (("approve", {}), ("publish", {"publish_as": {"visibility": "public"}})):
            done = self.ask("bien-tap", "POST", f"/api/v1/materials/{line['id']}/review", {"step": step, **extra},
                            {"If-Match": tag}, 200)
            tag = done.fields["etag"]
        shown = self.ask(None, "GET", "/api/v1/materials/" + line["id"], status=200)
        for secret in (b"0912", b"Ch\xe1\xbb\xa5p"):
            self.assertNotIn(secret, shown.body)
            self.assertNotIn(secret, self.ask(None, "GET", f"/api/v1/materials/{line['id']}/history").body)
            self.assertNotIn(secret, self.ask(None, "GET", f"/m/{line['id']}").body)
        self.send(call["id"], [("lai.jpg", photo)], said)
        self.assertEqual(tag, self.ask(None, "GET", "/api/v1/materials/" + line["id"]).fields["etag"])

    def test_who_may_make_and_see_and_end_calls(self):
        self.make(401, who=None)
        self.make(403, who="nhap")
        self.make(403, who="hue")
        for wrong in ({"title": ""}, {"title": "a" * 300}, {"ends_at": in_days(-1)}, {"ends_at": in_days(400)}, {"ends_at": "mai"},
                      {"limit": 0}, {"unit": "x"}, {"preset": {"state": "published"}}, {"preset": {"visibility": "public"}},
                      {"preset": {"date": "hôm qua"}}):
            self.make(400, **wrong)
        hidden, listed = self.make(), self.make(is_listed=True, title="Mở cho mọi người")
        shown = [one["id"] for one in self.ask(None, "GET", "/api/v1/calls", status=200).json["calls"]]
        self.assertIn(listed["id"], shown)
        self.assertNotIn(hidden["id"], shown)
        self.ask("nhap", "GET", "/api/v1/calls?unit=ldld-nghe-an", status=403)
        own = self.ask("bien-tap", "GET", "/api/v1/calls?unit=ldld-nghe-an", status=200).json["calls"]
        self.assertEqual([listed["id"], hidden["id"]], [one["id"] for one in own][:2])
        public = self.ask(None, "GET", "/api/v1/calls/" + hidden["id"], status=200).json
        self.assertNotIn("received", public)
        self.ask("hue", "DELETE", "/api/v1/calls/" + hidden["id"], status=403)
        self.ask(None, "DELETE", "/api/v1/calls/" + hidden["id"], status=401)
        self.ask("bien-tap", "DELETE", "/api/v1/calls/" + hidden["id"], status=204)
        for path in ("/api/v1/calls/", "/call/"):
            self.assertEqual(404, self.ask(None, "GET", path + hidden["id"]).status)
            self.assertEqual(404, self.ask(None, "GET", path + UNKNOWN).status)
        self.assertEqual("call_over", self.send(hidden["id"], [("a.txt", b"a\n")], status=404)["reason"])

    def test_what_is_not_in_order_leaves_nothing_behind(self):
        call = self.make(limit=1)["id"]
        before = len(self.inbox())
        text = [("thu.txt", b"Mot la thu\n")]
        self.assertEqual("call_agreement", self.send(call, text, {}, 400)["reason"])
        self.assertEqual("call_no_file", self.send(call, [], YES, 400)["reason"])
        self.send(call, [(f"{i}.txt", b"x%d\n" % i) for i in range(11)], status=413)
        self.send(call, [("to.txt", b"a" * 51_000_000)], status=413)
        self.assertEqual("csrf", self.send(call, text, status=403, headers={"Sec-Fetch-Site": "cross-site"})["reason"])
        self.ask(None, "POST", f"/api/v1/calls/{call}/contributions", b"x", {"Content-Type": "text/plain"}, 415)
        self.assertEqual(before, len(self.inbox()))
        archives = self.make()["id"]
        self.send(archives, [("bo.zip", (CORPUS / "bo.zip").read_bytes())], status=415)
        self.assertEqual(before, len(self.inbox()))
        self.send(call, text)
        self.assertEqual("call_full", self.send(call, [("hai.txt", b"Thu hai\n")], status=409)["reason"])
        self.assertEqual(before + 1, len(self.inbox()))

    def test_of_many_at_once_no_more_come_in_than_the_limit_has(self):
        call = self.make(limit=3)["id"]
        before = len(self.inbox())
        answers = []

        def send(number):
            body, media_type = multipart([("a.txt", b"Dong thoi so %d\n" % number)], YES)
            answers.append(self.ask(None, "POST", f"/api/v1/calls/{call}/contributions", body, {"Content-Type": media_type}).status)

        threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([201] * 3 + [409] * 5, sorted(answers))
        self.assertEqual(before + 3, len(self.inbox()))


if __name__ == "__main__":
    unittest.main()
