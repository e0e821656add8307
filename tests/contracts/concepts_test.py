"""Themes, audiences, channels and forms of materials: how they come in, and how they find."""
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
PEOPLE = {"an": ("tld", "administrator"), "lan": ("tld", "archivist")}
NAMES = ("theme", "audience", "channel", "format")


class Concepts(AsksWithTokens, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.archive = archive = Archive()
        cls.addClassCleanup(archive.remove)
        for name, (unit, role) in PEOPLE.items():
            archive.run("user", "add", name, "--unit", unit, "--role", role, "--password-stdin", given=PASSWORD)
        archive.serve()
        cls.tokens = {name: archive.run("user", "token", name, "--json").json["token"] for name in PEOPLE}
        cls.count = 0

    def send(self, status=201, viewer="an", **fields):
        type(self).count += 1
        fields = {"title": f"Tin số {self.count}", "state": "published", "visibility": "public", **fields}
        body, media_type = multipart([("a.txt", f"Nội dung {self.count}".encode())], fields)
        return self.ask(viewer, "POST", "/api/v1/materials", body, {"Content-Type": media_type}, status).json

    def change(self, id, changes, status=200):
        newest = self.ask("an", "GET", "/api/v1/materials/" + id, status=200)
        return self.ask("an", "PATCH", "/api/v1/materials/" + id, changes, {"If-Match": newest.fields["etag"]}, status).json

    def found(self, **asked):
        asked = {"q": "", "limit": 100, **asked}
        return self.ask(None, "GET", "/api/v1/search?" + urllib.parse.urlencode(asked), status=200).json

    def wait_until(self, wanted, **asked):
        end = time.monotonic() + 20
        while {hit["id"] for hit in self.found(**asked)["hits"]} != wanted:
            self.assertLess(time.monotonic(), end, (asked, wanted, self.found(**asked)))
            time.sleep(0.05)

    def test_they_come_in_with_a_file_and_say_what_they_are(self):
        made = self.send(theme=" safety ; workers_month;safety;", audience="women", channel="radio", format="bulletin_audio")
        shown = self.ask(None, "GET", "/api/v1/materials/" + made["id"], status=200).json
        self.assertEqual(["safety;workers_month", "women", "radio", "bulletin_audio"], [shown[name] for name in NAMES])
        self.assertEqual({"theme": ["safety", "workers_month"], "audience": ["women"], "channel": ["radio"],
                          "format": ["bulletin_audio"]}, shown["concepts"])
        for language, words in (("vi", ("An toàn, vệ sinh lao động", "Nữ", "Bản tin âm thanh")),
                                ("en", ("Occupational safety and health", "Women", "Audio bulletin"))):
            page = self.ask(None, "GET", f"/m/{made['id']}?lang={language}", status=200).body.decode()
            for word in words:
                self.assertIn(word, page)
            self.assertIn('href="/search?theme=workers_month"', page)
        bare = self.ask(None, "GET", "/api/v1/materials/" + self.send()["id"], status=200).json
        self.assertEqual(({}, ""), (bare["concepts"], bare["theme"]))
        self.assertNotIn("audience", bare)

    def test_a_patch_gives_them_as_text_or_as_a_list(self):
        id = self.send(theme="values")["id"]
        self.assertEqual("safety;values", self.change(id, {"theme": ["safety", "values"]})["theme"])
        changed = self.change(id, {"theme": "safety;workers_month", "audience": ["age_25_34"]})
        self.assertEqual(("safety;workers_month", "age_25_34"), (changed["theme"], changed["audience"]))
        changed = self.change(id, {"theme": None, "audience": []})
        self.assertEqual(("", {}), (changed["theme"], changed["concepts"]))
        for bad in ({"theme": "no_such"}, {"theme": ["safety", "no_such"]}, {"audience": "safety"}, {"theme": [5]}, {"theme": {}},
                    {"theme": ["safety;values"]}, {"title": ["a"]}, {"channel": "Radio"}, {"format": "\u0000"},
                    {"theme": ";".join(f"c{number}" for number in range(21))}):
            self.change(id, bad, 400)
        problem = self.change(id, {"theme": "no_such"}, 400)
        self.assertIn("danh mục", problem["detail"])

    def test_the_upload_form_offers_kind_and_themes_and_needs_no_scripts(self):
        for language, kind, theme in (("vi", "Quyết định", "An toàn, vệ sinh lao động"), ("en", "Decision", "Occupational safety and health")):
            page = self.ask("lan", "GET", f"/upload?lang={language}", status=200).body.decode()
            form = page[page.index('id="upload"'):]
            self.assertIn(f'<option value="quyet_dinh">{kind}</option>', form)
            self.assertRegex(form, r'type="checkbox" name="theme" value="safety"> <span>' + theme)
        files = [(f"{letter}.txt", f"Tờ {letter} của biểu mẫu nạp.".encode()) for letter in "ab"]
        body, media_type = multipart(files, {"kind": "poster", "theme": "safety"})
        end = body.rindex(b"--" + media_type.split("boundary=")[1].encode())
        def ticked(*themes):
            return b"".join(b'--%b\r\nContent-Disposition: form-data; name="theme"\r\n\r\n%b\r\n'
                            % (media_type.split("boundary=")[1].encode(), theme.encode()) for theme in themes)
        sent = self.ask("lan", "POST", "/upload", body[:end] + ticked("values", "safety") + body[end:], {"Content-Type": media_type}, 303)
        receipt = self.ask("lan", "GET", "/api/v1" + sent.fields["location"], status=200).json
        for item in receipt["items"]:
            kept = self.ask("lan", "GET", "/api/v1/materials/" + item["id"], status=200).json
            self.assertEqual(("poster", "safety;values"), (kept["kind"], kept["theme"]))
        self.assertEqual(2, len(receipt["items"]))
        # What no form offers is refused, and nothing of it is kept.
        too_many = ticked(*(f"c{number}" for number in range(30)))
        self.ask("lan", "POST", "/upload", body[:end] + too_many + body[end:], {"Content-Type": media_type}, 400)
        other, media_type = multipart([("c.txt", b"mot to khac")], {"theme": "no_such"})
        sent = self.ask("lan", "POST", "/upload", other, {"Content-Type": media_type}, 303)
        receipt = self.ask("lan", "GET", "/api/v1" + sent.fields["location"], status=200).json
        self.assertEqual([("failed", None)], [(item["state"], item.get("id")) for item in receipt["items"]])

    def test_an_unknown_one_is_refused_at_every_door(self):
        before = self.found()["total"]
        self.assertIn("danh mục", self.send(400, theme="no_such")["detail"])
        self.send(400, format="safety")
        made = self.send()
        order = {"materials": [{"id": made["id"], "revision": 1}], "changes": {"channel": "no_such"}}
        self.ask("lan", "POST", "/api/v1/bulk-edits", {**order, "preview": True}, status=400)
        self.ask("lan", "POST", "/api/v1/bulk-edits", order, status=400)
        self.ask("an", "POST", "/api/v1/calls", {"unit": "tld", "title": "Gửi ảnh", "ends_at": time.strftime(
            "%Y-%m-%dT00:00:00Z", time.gmtime(time.time() + 30 * 86400)), "preset": {"theme": "no_such"}}, status=400)
        manifest = self.archive.file("sai/manifest.csv", "file,title,theme\na.txt,Một,no_such\n")
        self.archive.file("sai/a.txt", "Một tệp có chủ đề lạ")
        self.assertNotEqual(0, self.archive.run("ingest", "--manifest", manifest, "--json").exit_code)
        self.wait_until({made["id"]}, q='"' + f"Tin số {self.count}" + '"')
        self.assertEqual(before + 1, self.found()["total"])

    def test_a_broader_one_finds_what_is_narrower_and_facets_count_as_filters_find(self):
        own = "hội thao cơ sở"
        month = self.send(theme="workers_month", title=own + " một")["id"]
        tet = self.send(theme="tet_sum_vay;workers_month", title=own + " hai")["id"]
        year = self.send(theme="yearly_events", title=own + " ba", audience="women;age_25_34")["id"]
        other = self.send(theme="safety", title=own + " bốn")["id"]
        words = f'"{own}"'
        self.wait_until({month, tet, year, other}, q=words)
        self.wait_until({month, tet, year}, q=words, theme="yearly_events")
        self.wait_until({month, tet}, q=words, theme="workers_month")
        self.wait_until({tet}, q=words, theme="tet_sum_vay")
        self.wait_until({year}, q=words, theme="yearly_events", audience="age")
        self.wait_until(set(), q=words, theme="tet_sum_vay", audience="age")
        self.wait_until(set(), q=words, theme="no_such")
        for language, label in (("vi", "Hoạt động nổi bật trong năm"), ("en", "Outstanding events of the year")):
            facets = self.found(q=words, lang=language)["facets"]
            counts = {one["value"]: one["count"] for one in facets["theme"]}
            self.assertEqual({"yearly_events": 3, "workers_month": 2, "tet_sum_vay": 1, "safety": 1}, counts)
            self.assertEqual(label, facets["theme"][0]["label"])
            self.assertEqual({"gender": 1, "women": 1, "age": 1, "age_25_34": 1},
                             {one["value"]: one["count"] for one in facets["audience"]})
            self.assertEqual([], facets["channel"])
            for theme, count in counts.items():
                self.assertEqual(count, self.found(q=words, theme=theme)["total"], theme)
        query = urllib.parse.urlencode({"q": words, "theme": "yearly_events"})
        page = self.ask(None, "GET", "/search?lang=vi&" + query, status=200).body.decode()
        self.assertIn("Chủ đề: Hoạt động nổi bật trong năm", page)
        self.assertIn("Nữ", page)
        self.assertNotIn("Kênh</h", page)
        self.assertIn("/bulk-edit?", self.page_of("lan", "/search?" + query))
        self.assertIn('name="theme" value="yearly_events"', self.page_of("lan", "/bulk-edit?" + query))
        feed = self.ask(None, "GET", "/feed.atom?lang=en&" + query, status=200).body.decode()
        self.assertIn('term="tet_sum_vay" label="Tết reunion programme"', feed)
        self.assertIn("Outstanding events of the year", re.search("<title[^>]*>(.*?)</title>", feed)[1])
        command = self.archive.run("search", own, "--theme", "yearly_events", "--json").json
        self.assertEqual(3, command["total"])

    def page_of(self, name, path):
        signed_in = self.archive.request("POST", "/api/v1/session", json.dumps({"name": name, "password": PASSWORD}),
                                         {"Content-Type": "application/json"})
        cookie = {"Cookie": signed_in.fields["set-cookie"].split(";")[0]}
        type(self).cookie, type(self).csrf = cookie, signed_in.json["csrf_token"]
        answer = self.archive.request("GET", path, None, cookie)
        self.assertEqual(200, answer.status, answer.body[:500])
        return answer.body.decode()

    def test_the_form_ticks_them_and_says_nothing_where_nothing_changed(self):
        id = self.send(theme="workers_month;safety")["id"]
        address = f"/m/{id}/edit"

        def post(status, *more, revision):
            form = [("csrf", self.csrf), ("revision", revision), *more]
            answer = self.archive.request("POST", address, urllib.parse.urlencode(form), {
                **self.cookie, "Content-Type": "application/x-www-form-urlencoded"})
            self.assertEqual(status, answer.status, answer.body[:500])
            return self.ask("an", "GET", "/api/v1/materials/" + id, status=200).json
        form = self.page_of("an", address + "?lang=en")
        self.assertRegex(form, r'name="theme" value="safety" checked')
        self.assertNotRegex(form, r'name="theme" value="values" checked')
        self.assertIn("Occupational safety and health", form)
        self.assertNotIn("An toàn, vệ sinh", form)
        self.assertEqual(1, post(303, ("theme", ""), ("theme", "safety"), ("theme", "workers_month"), revision=1)["revision"])
        changed = post(303, ("theme", ""), ("theme", "safety"), ("audience", ""), ("audience", "women"), revision=1)
        self.assertEqual((2, "safety", "women"), (changed["revision"], changed["theme"], changed["audience"]))
        self.assertEqual("", post(303, ("theme", ""), revision=2)["theme"])
        self.assertEqual(3, post(400, ("theme", "no_such"), revision=3)["revision"])

    def test_a_retired_one_stays_with_what_has_it_and_is_offered_to_nothing_else(self):
        id = self.send(channel="forums")["id"]
        bare = self.send()["id"]
        channels = self.ask(None, "GET", "/api/v1/vocabularies/channels", status=200)
        concepts = channels.json["concepts"]
        next(one for one in concepts if one["id"] == "forums")["retired"] = True
        self.ask("an", "PUT", "/api/v1/vocabularies/channels", {"concepts": concepts}, {"If-Match": channels.fields["etag"]}, 200)
        self.assertIn("Diễn đàn trực tuyến", self.ask(None, "GET", f"/m/{id}?lang=vi", status=200).body.decode())
        self.assertIn('value="forums" checked', self.page_of("an", f"/m/{id}/edit"))
        self.assertNotIn('value="forums"', self.page_of("an", f"/m/{bare}/edit"))
        self.wait_until({id}, channel="modern")
        self.assertIn("forums", {one["value"] for one in self.found()["facets"]["channel"]})
        self.assertEqual("Đổi tên", self.change(id, {"title": "Đổi tên"})["title"])

    def test_a_bulk_edit_and_a_manifest_give_them_to_many(self):
        made = [self.send()["id"] for _ in range(3)]
        order = {"materials": [{"id": id, "revision": 1} for id in made], "changes": {"format": "poster", "theme": "safety;values"}}
        done = self.ask("lan", "POST", "/api/v1/bulk-edits", order, status=201).json
        self.assertEqual(3, done["counts"]["changed"])
        self.wait_until(set(made), format="poster")
        self.ask("lan", "POST", f"/api/v1/bulk-edits/{done['id']}/undo", {}, status=200)
        self.wait_until(set(), format="poster")
        self.archive.file("loat/a.txt", "Một tệp trong một loạt")
        manifest = self.archive.file("loat/manifest.csv", "file,title,theme,audience,visibility,state\n"
                                     "a.txt,Loạt,\"safety; values\",women,public,published\n")
        self.assertEqual(0, self.archive.run("ingest", "--manifest", manifest, "--json").exit_code)
        end = time.monotonic() + 20
        while not (hits := self.found(q="Một tệp trong một loạt")["hits"]):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)
        self.assertEqual("safety;values", self.ask("an", "GET", "/api/v1/materials/" + hits[0]["id"], status=200).json["theme"])


if __name__ == "__main__":
    unittest.main()
