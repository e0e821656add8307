"""The way of a material: contributed from below, checked, approved, by the spokesperson where it speaks for the union,
published with an embargo; and every other door by which somebody may try to publish."""
import base64
import datetime
import json
import pathlib
import sys
import threading
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import Archive, AsksWithTokens, in_days, multipart  # noqa: E402

PASSWORD = "một mật khẩu thật dài"
UNITS = ("code,name_vi,parent,two_person_rule\n"
         "ldld-nghe-an,Liên đoàn Lao động tỉnh Nghệ An,tld,\n"
         "cdcs-may,Công đoàn cơ sở Công ty May Hoàng Mai,ldld-nghe-an,\n"
         "ldld-hue,Liên đoàn Lao động thành phố Huế,tld,true\n"
         "cdcs-hue,Công đoàn cơ sở Bến xe Huế,ldld-hue,\n")
PEOPLE = {"co-so": ("cdcs-may", "contributor"), "bien-tap": ("ldld-nghe-an", "editor"),
          "phat-ngon": ("ldld-nghe-an", "spokesperson"), "luu-tru": ("ldld-nghe-an", "archivist"),
          "quan-tri": ("tld", "administrator"), "hue": ("ldld-hue", "editor"), "hue-hai": ("ldld-hue", "editor"),
          "doc": ("ldld-nghe-an", "reader")}


class Review(AsksWithTokens, unittest.TestCase):
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
        cls.count = 0

    def contribute(self, who="co-so", unit="cdcs-may", status=201, **fields):
        Review.count += 1
        fields = {"unit": unit, "title": f"Tư liệu {self.count}", "kind": "anh", "visibility": "unit", "state": "draft",
                  **fields}
        body, media_type = multipart([("tep.txt", f"Nội dung số {self.count}\n".encode())], fields)
        answer = self.ask(who, "POST", "/api/v1/materials", body, {"Content-Type": media_type}, status).json
        return answer.get("id")

    def tag(self, who, material):
        return self.ask(who, "GET", "/api/v1/materials/" + material, status=200).fields["etag"]

    def take(self, who, material, step, status=200, tag=None, **body):
        fields = {"If-Match": tag or self.tag(who, material)}
        return self.ask(who, "POST", f"/api/v1/materials/{material}/review", {"step": step, **body}, fields, status).json

    def review(self, who, material):
        return self.ask(who, "GET", f"/api/v1/materials/{material}/review", status=200).json

    def waiting(self, who, **query):
        return [one["id"] for one in self.ask(who, "GET", "/api/v1/review?" + urllib.parse.urlencode(query), status=200)
                .json["materials"]]

    def patch(self, who, material, status, **fields):
        return self.ask(who, "PATCH", "/api/v1/materials/" + material, fields, {"If-Match": self.tag(who, material)}, status).json

    def feed(self, token, scheme="Bearer"):
        return self.archive.request("GET", "/review.atom", None, {"Authorization": f"{scheme} {token}"} if token else {})

    def test_a_feed_of_what_waits(self):
        material, feed = self.contribute(title="Chờ trong nguồn tin"), self.feed
        def as_password(who, name=None):
            return base64.b64encode(f"{name or who}:{self.tokens[who]}".encode()).decode()
        self.take("co-so", material, "submit", to="ldld-nghe-an", due="2099-12-31")
        for answer in (feed(self.tokens["bien-tap"]), feed(as_password("bien-tap"), "Basic"), feed(as_password("bien-tap", ""), "Basic")):
            self.assertEqual(200, answer.status)
            self.assertIn(f"/m/{material}/review", answer.body.decode())
            self.assertIn("2099-12-31", answer.body.decode())
            self.assertIn("private", answer.fields.get("cache-control", "private"))
        etag = feed(self.tokens["bien-tap"]).fields["etag"]
        self.assertEqual(304, self.archive.request("GET", "/review.atom", None, {"Authorization": "Bearer " + self.tokens["bien-tap"],
                                                                               "If-None-Match": etag}).status)
        # Nobody else hears of it, nor does the one who sent it.
        for who in ("co-so", "hue", "doc", "luu-tru"):
            self.assertNotIn(material, feed(self.tokens[who]).body.decode(), who)
        for answer in (feed(None), feed("x" * 40, "Basic"), feed("!!", "Basic"), feed("kc_" + "0" * 64)):
            self.assertEqual(401, answer.status)
            self.assertIn("Basic", answer.fields["www-authenticate"])
        # Browsers send such a password by themselves: it is good for nothing else.
        elsewhere = self.archive.request("GET", "/api/v1/review", None, {"Authorization": "Basic " + as_password("bien-tap")})
        self.assertEqual(401, elsewhere.status)
        self.take("bien-tap", material, "approve")
        self.take("bien-tap", material, "publish")
        self.assertNotIn(material, feed(self.tokens["bien-tap"]).body.decode())

    def test_a_feed_leaves_out_what_waits_for_somebody_else(self):
        own = self.contribute("hue", "cdcs-hue")
        self.take("hue", own, "submit", to="ldld-hue")
        statement = self.contribute(kind="thong_cao_bao_chi", visibility="press")
        self.take("co-so", statement, "submit", to="ldld-nghe-an")
        self.take("bien-tap", statement, "approve")
        for material, whose, other in ((own, "hue-hai", "hue"), (statement, "phat-ngon", "bien-tap")):
            self.assertIn(material, self.feed(self.tokens[whose]).body.decode())
            self.assertNotIn(material, self.feed(self.tokens[other]).body.decode())

    def test_from_the_grassroots_to_the_press_with_an_embargo(self):
        material = self.contribute(kind="thong_cao_bao_chi")
        self.assertEqual(["submit"], self.review("co-so", material)["steps"])
        self.assertIsNone(self.ask("co-so", "GET", "/api/v1/materials/" + material).json.get("review"))
        self.take("co-so", material, "submit", to="ldld-nghe-an", text="Xin duyệt sớm", due="2099-01-31")
        self.assertIn(material, self.waiting("bien-tap"))
        self.assertIn(material, self.waiting("co-so", list="contributed"))
        way = self.review("bien-tap", material)
        self.assertEqual(("check", "ldld-nghe-an", "2099-01-31", False), (way["awaits"], way["to"]["code"], way["due"],
                                                                         way["is_overdue"]))
        self.assertEqual(["comment", "approve", "return"], way["steps"])
        self.take("bien-tap", material, "comment", tag="*", text="Ảnh nào đi kèm?")
        self.take("bien-tap", material, "approve")
        # It is still for its unit alone: a statement only when it goes to the press.
        self.assertEqual("publication", self.review("bien-tap", material)["awaits"])
        until = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=4)).strftime("%Y-%m-%dT%H:%M:%SZ")
        released = {"visibility": "public", "unit": "ldld-nghe-an", "embargo_until": until}
        refused = self.take("bien-tap", material, "publish", 403, publish_as=released)
        self.assertEqual("needs_spokesperson", refused["reason"])
        self.patch("bien-tap", material, 200, visibility="public")
        self.assertEqual(["check", "spokesperson"], self.review("phat-ngon", material)["missing"])
        self.take("bien-tap", material, "approve")
        self.assertEqual("spokesperson", self.review("phat-ngon", material)["awaits"])
        self.take("phat-ngon", material, "approve", text="Đồng ý")
        out = self.take("bien-tap", material, "publish", publish_as=released)
        self.assertEqual(("published", "public", "ldld-nghe-an"),
                         (out["state"], out["visibility"], self.unit_code(out["unit"]["id"])))
        self.assertEqual(404, self.ask(None, "GET", "/api/v1/materials/" + material).status)
        self.wait_until(lambda: self.ask(None, "GET", "/api/v1/materials/" + material).status == 200)
        # What was said on the way is told to nobody outside.
        history = self.ask(None, "GET", f"/api/v1/materials/{material}/history", status=200).json
        self.assertEqual(["Công bố sau khi duyệt"], [one["why"] for one in history])
        self.assertEqual(404, self.ask("bien-tap", "GET", f"/api/v1/materials/{material}/review").status)
        self.assertNotIn(material, self.waiting("bien-tap"))
        self.assertNotIn(material, self.waiting("co-so", list="contributed"))

    def unit_code(self, unit):
        return self.ask(None, "GET", "/api/v1/units/" + unit, status=200).json["code"]

    def wait_until(self, holds, seconds=20):
        ends = time.monotonic() + seconds
        while not holds():
            self.assertLess(time.monotonic(), ends)
            time.sleep(0.1)

    def test_what_is_returned_says_why_and_comes_again(self):
        material = self.contribute()
        self.take("co-so", material, "submit")
        self.assertEqual("reason_missing", self.take("bien-tap", material, "return", 400)["reason"])
        self.take("bien-tap", material, "return", text="Thiếu chú thích")
        way = self.review("co-so", material)
        self.assertEqual(("contributor", ["submit", "comment"]), (way["awaits"], way["steps"]))
        self.assertEqual("Thiếu chú thích", way["remarks"][-1]["text"])
        self.patch("co-so", material, 200, description="Hội thao 2026")
        self.take("co-so", material, "submit", text="Đã thêm")
        self.take("bien-tap", material, "approve")
        self.assertEqual("review_state", self.take("phat-ngon", material, "approve", 409)["reason"])

    def test_an_approval_is_of_what_was_seen(self):
        material = self.contribute()
        self.take("co-so", material, "submit")
        seen = self.tag("bien-tap", material)
        self.patch("co-so", material, 200, title="Đã đổi sau khi xem")
        self.take("bien-tap", material, "approve", 412, tag=seen)
        self.take("bien-tap", material, "approve")
        self.patch("luu-tru", material, 200, title="Đổi sau khi duyệt")
        way = self.review("bien-tap", material)
        self.assertEqual(("check", []), (way["awaits"], way["approvals"]))
        self.take("bien-tap", material, "publish", 409, publish_as={"visibility": "branch"})

    def test_two_people_where_the_rule_holds(self):
        material = self.contribute("hue", "cdcs-hue")
        self.take("hue", material, "submit", to="ldld-hue")
        self.assertNotIn("approve", self.review("hue", material)["steps"])
        self.assertEqual("needs_second_person", self.take("hue", material, "approve", 403)["reason"])
        self.assertEqual("needs_second_person", self.patch("hue", material, 403, state="published")["reason"])
        self.take("hue-hai", material, "approve")
        self.take("hue", material, "publish", publish_as={"visibility": "union"})
        self.contribute("hue", "cdcs-hue", 403, state="published")
        self.assertTrue(self.ask(None, "GET", "/api/v1/units/ldld-hue").json["two_person_rule"])

    def test_the_rule_holds_whoever_decides_further_up(self):
        material = self.contribute("hue", "cdcs-hue")
        self.take("hue", material, "submit", to="tld")
        self.assertEqual("needs_second_person", self.patch("hue", material, 403, state="published", visibility="public")["reason"])
        self.take("quan-tri", material, "approve")
        self.take("quan-tri", material, "publish", publish_as={"visibility": "public"})

    def test_what_goes_above_is_not_published_from_below(self):
        material = self.contribute()
        self.take("co-so", material, "submit", to="tld")
        self.patch("luu-tru", material, 403, state="published", visibility="public")
        self.patch("bien-tap", material, 403, state="published", visibility="public")

    def test_named_journalists_get_no_statement_without_the_spokesperson(self):
        material = self.contribute("luu-tru", "ldld-nghe-an", kind="thong_cao_bao_chi")
        fields = {"state": "published", "embargo_until": "2099-01-01T00:00:00Z", "press_recipients": ["nha-bao"]}
        self.assertEqual("needs_spokesperson", self.patch("luu-tru", material, 403, **fields)["reason"])
        self.patch("luu-tru", material, 200, state="published")
        later = self.patch("luu-tru", material, 403, press_recipients=["nha-bao"])
        self.assertEqual("needs_spokesperson", later["reason"])
        self.patch("phat-ngon", material, 200, press_recipients=["nha-bao"])

    def test_a_link_carries_no_statement_out_before_the_spokesperson_agreed(self):
        material = self.contribute("luu-tru", "ldld-nghe-an", kind="thong_cao_bao_chi")
        path, wish = f"/api/v1/materials/{material}/shares", {"expires_at": in_days(30), "recipient": "Báo Lao Động"}
        for who in ("luu-tru", "bien-tap", "quan-tri"):
            self.assertIn(self.ask(who, "POST", path, wish).status, (403, 409), who)
        self.ask("phat-ngon", "POST", path, wish, status=201)
        photo = self.contribute("luu-tru", "ldld-nghe-an")
        self.ask("luu-tru", "POST", f"/api/v1/materials/{photo}/shares", wish, status=201)

    def test_what_a_file_says_of_itself_is_no_way_around(self):
        body, media_type = multipart([("tin.txt", "THÔNG CÁO BÁO CHÍ\n\nCông đoàn tỉnh họp báo.\n".encode())],
                                     {"unit": "ldld-nghe-an", "state": "published", "visibility": "public"})
        taken = self.ask("bien-tap", "POST", "/api/v1/materials", body, {"Content-Type": media_type}, 201).json
        self.assertEqual(("thong_cao_bao_chi", "submitted"), (taken["kind"], taken["state"]))
        self.assertEqual("check", self.review("phat-ngon", taken["id"])["awaits"])

    def test_no_other_door_publishes_a_statement(self):
        self.contribute("bien-tap", "ldld-nghe-an", 403, kind="thong_cao_bao_chi", visibility="public", state="published")
        material = self.contribute("bien-tap", "ldld-nghe-an", kind="thong_cao_bao_chi", visibility="press", state="draft")
        for who in ("bien-tap", "luu-tru", "quan-tri"):
            self.assertEqual("needs_spokesperson", self.patch(who, material, 403, state="published")["reason"], who)
        self.patch("luu-tru", material, 200, state="published", visibility="branch")
        self.assertEqual("needs_spokesperson", self.patch("bien-tap", material, 403, visibility="public")["reason"])
        kit = self.ask("bien-tap", "POST", "/api/v1/kits", {"title": "Họp báo", "unit": "ldld-nghe-an", "release": "Tin."},
                       status=201)
        address = f"/api/v1/kits/{kit.json['id']}/versions"
        fields = {"If-Match": kit.fields["etag"]}
        self.assertEqual("needs_spokesperson", self.ask("bien-tap", "POST", address, {}, fields, 403).json["reason"])
        self.ask("phat-ngon", "POST", address, {}, fields, 201)

    def test_who_takes_no_part_sees_nothing_and_changes_nothing(self):
        material = self.contribute()
        self.take("co-so", material, "submit", text="lời riêng")
        for who in (None, "hue", "doc"):
            for path in (f"/api/v1/materials/{material}", f"/api/v1/materials/{material}/review"):
                self.assertEqual(404, self.ask(who, "GET", path).status, (who, path))
            sent = self.ask(who, "POST", f"/api/v1/materials/{material}/review", {"step": "approve"}, {"If-Match": '"r2"'})
            self.assertIn(sent.status, (401, 404))
        self.ask(None, "GET", "/api/v1/review", status=401)
        self.ask("hue", "GET", "/api/v1/review?unit=ldld-nghe-an", status=403)
        self.ask("co-so", "GET", "/api/v1/review?unit=cdcs-may", status=403)
        self.assertEqual([], self.waiting("doc"))
        self.assertNotIn(material, self.waiting("hue"))
        # An editor of the unit that keeps it does not decide what went above him.
        self.take("luu-tru", material, "approve", 403)

    def test_bad_steps_change_nothing(self):
        material = self.contribute()
        for body in ({}, {"step": "fly"}, {"step": "submit", "to": "ldld-hue"}, {"step": "submit", "to": "không có"},
                     {"step": "submit", "due": "hôm qua"}, {"step": "submit", "due": "2020-01-01"},
                     {"step": "submit", "text": "a" * 3000}, {"step": "submit", "publish_as": {"visibility": "public"}}):
            answer = self.ask("co-so", "POST", f"/api/v1/materials/{material}/review", body,
                              {"If-Match": self.tag("co-so", material)})
            self.assertEqual(400, answer.status, body)
        self.assertEqual('"r1"', self.tag("co-so", material))
        self.take("co-so", material, "approve", 409)
        self.ask("co-so", "POST", f"/api/v1/materials/{material}/review", {"step": "submit"}, status=428)

    def test_of_two_who_decide_at_once_one_is_told(self):
        material = self.contribute()
        self.take("co-so", material, "submit")
        tag = self.tag("bien-tap", material)
        statuses = []

        def decide(who, step):
            answer = self.ask(who, "POST", f"/api/v1/materials/{material}/review", {"step": step, "text": "vì thế"},
                              {"If-Match": tag})
            statuses.append(answer.status)

        threads = [threading.Thread(target=decide, args=one)
                   for one in (("bien-tap", "approve"), ("phat-ngon", "return"), ("quan-tri", "approve"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([200, 412, 412], sorted(statuses))

    def test_the_lists_go_on_page_by_page_and_survive_a_rebuild(self):
        made = [self.contribute() for _ in range(5)]
        for material in made:
            self.take("co-so", material, "submit")
        pages, after = [], ""
        while after is not None:
            answer = self.ask("co-so", "GET", "/api/v1/review?list=contributed&limit=2&after=" + after, status=200).json
            pages += [one["id"] for one in answer["materials"]]
            after = answer["next"]
        self.assertEqual(len(pages), len(set(pages)))
        self.assertEqual(made[::-1], [one for one in pages if one in made])
        self.take("bien-tap", made[0], "return", text="Xem lại")
        before = self.ask("quan-tri", "GET", "/api/v1/review?unit=cdcs-may&limit=100", status=200).json["materials"]
        waiting = [one["id"] for one in before]
        self.assertEqual(made[1:], [one for one in waiting if one in made])
        self.archive.stop()
        self.assertEqual(0, self.archive.run("rebuild").exit_code)
        self.archive.serve()
        after = self.ask("quan-tri", "GET", "/api/v1/review?unit=cdcs-may&limit=100", status=200).json["materials"]
        self.assertEqual([(one["id"], one["review"]["since"]) for one in before],
                         [(one["id"], one["review"]["since"]) for one in after])

    def in_person(self, name):
        session = self.archive.request("POST", "/api/v1/session", json.dumps({"name": name, "password": PASSWORD}),
                                       {"Content-Type": "application/json"})
        return {"Cookie": session.fields["set-cookie"].split(";")[0], "X-CSRF-Token": session.json["csrf_token"]}

    def test_what_was_delegated_is_not_delegated_further(self):
        grant = {"role": "spokesperson", "unit": "ldld-nghe-an", "until": in_days(30)}
        held = "/api/v1/users/luu-tru/grants"
        owner, deputy = self.in_person("phat-ngon"), self.in_person("luu-tru")
        self.ask(None, "POST", held, grant, owner, 200)
        self.ask(None, "POST", "/api/v1/users/doc/grants", grant, deputy, 403)
        self.ask(None, "POST", "/api/v1/users/doc/grants", grant, owner, 200)
        # Nor is what others delegated ended by whoever only holds it so.
        ends = "/api/v1/users/doc/grants/ldld-nghe-an/spokesperson"
        self.ask(None, "DELETE", ends, fields=deputy, status=403)
        self.ask(None, "DELETE", ends, fields=owner, status=200)
        self.ask(None, "DELETE", held + "/ldld-nghe-an/spokesperson", fields=owner, status=200)

    def test_a_role_is_delegated_until_an_instant_and_no_further(self):
        fields = self.in_person("phat-ngon")
        grant = {"role": "spokesperson", "unit": "ldld-nghe-an"}
        path = "/api/v1/users/bien-tap/grants"
        soon = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.ask(None, "POST", path, {**grant, "until": soon}, status=401)
        self.ask("phat-ngon", "POST", path, {**grant, "until": soon}, status=403)  # never by a token
        for wrong, status in ((grant, 400), ({**grant, "until": "2099-01-01T00:00:00Z"}, 400),
                              ({**grant, "until": "2020-01-01T00:00:00Z"}, 400),
                              ({**grant, "role": "administrator", "until": soon}, 400),
                              ({**grant, "unit": "ldld-hue", "until": soon}, 403), ({**grant, "unit": "x", "until": soon}, 400)):
            self.ask(None, "POST", path, wrong, fields, status)
        given = self.ask(None, "POST", path, {**grant, "until": soon}, fields, 200).json
        self.assertEqual(["spokesperson"], [one["role"] for one in given["grants"]])
        material = self.contribute(kind="thong_cao_bao_chi", visibility="press")
        self.take("co-so", material, "submit", to="ldld-nghe-an")
        self.take("bien-tap", material, "approve")
        self.assertEqual("publication", self.review("bien-tap", material)["awaits"])
        self.wait_until(lambda: datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") > soon)
        other = self.contribute(kind="thong_cao_bao_chi", visibility="press")
        self.take("co-so", other, "submit", to="ldld-nghe-an")
        self.take("bien-tap", other, "approve")
        self.assertEqual("spokesperson", self.review("bien-tap", other)["awaits"])
        data = self.ask(None, "GET", "/api/v1/users/phat-ngon/data", fields={"Cookie": fields["Cookie"]}, status=200)
        self.assertEqual(("phat-ngon", ["spokesperson"], 1, 1), (data.json["name"], [one["role"] for one in data.json["roles"]],
                                                                 len(data.json["sessions"]), len(data.json["tokens"])))
        self.assertNotIn(fields["Cookie"].split("=")[1].encode(), data.body)
        self.ask(None, "GET", "/api/v1/users/bien-tap/data", fields={"Cookie": fields["Cookie"]}, status=403)
        self.ask("phat-ngon", "GET", "/api/v1/users/phat-ngon/data", status=403)
        self.ask(None, "GET", "/api/v1/users/phat-ngon/data", status=401)
        ended = self.ask(None, "DELETE", path + "/ldld-nghe-an/spokesperson", fields=fields, status=200).json
        self.assertEqual([], ended["grants"])
        own = self.ask("bien-tap", "GET", path, status=200).json["grants"]
        self.assertEqual(["editor"], [one["role"] for one in own])
        self.ask(None, "DELETE", path + "/ldld-nghe-an/editor", fields=fields, status=403)


if __name__ == "__main__":
    unittest.main()
