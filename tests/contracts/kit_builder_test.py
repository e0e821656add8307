"""The pages on which press kits are put together, as a browser without scripts sends their forms."""
import html.parser
import pathlib
import re
import sys
import unittest
import urllib.parse

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parents[1])]
from archive import CORPUS, AsksWithTokens, multipart  # noqa: E402
from people_test import PASSWORD, Browser, Keeping, words_of  # noqa: E402

PHOTO = (CORPUS / "anh.jpg").read_bytes()
PEOPLE = {"noi": ("tld", "spokesperson"), "bien": ("tld", "editor"), "hai": ("tld", "editor"), "gui": ("tld", "contributor"),
          "xa": ("ldld-hp", "editor"), "doc": ("tld", "reader")}


class Fields(html.parser.HTMLParser):
    """What a browser would send of the form to `action`: its fields in their order, as pairs."""

    def __init__(self, page, action):
        super().__init__()
        self.action, self.inside, self.pairs, self.buttons, self.select, self.area = action, False, [], [], None, None
        self.feed(page)

    def handle_starttag(self, tag, given):
        of = dict(given)
        if tag == "form":
            self.inside = of.get("action") == self.action
        if not self.inside:
            return
        if tag == "input" and (of.get("type") != "radio" or "checked" in of):
            self.pairs.append((of["name"], of.get("value") or ""))
        if tag == "button":
            self.buttons.append((of["value"], "disabled" in of, "autofocus" in of))
        if tag == "select":
            self.select = of["name"]
        if tag == "option" and "selected" in of:
            self.pairs.append((self.select, of["value"]))
        if tag == "textarea":
            self.area = [of["name"], ""]

    def handle_data(self, data):
        if self.area:
            self.area[1] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False
        if tag == "textarea" and self.area:
            self.pairs.append(tuple(self.area))
            self.area = None

    def all(self, name):
        return [value for key, value in self.pairs if key == name]


class Building:
    """One person's form, as it stands in the browser."""

    def __init__(self, test, who, path):
        self.test, self.browser, self.path = test, test.signed_in(who), path
        self.answer = self.browser.get(path)
        self.read()

    def read(self):
        self.path = self.path.split("?")[0]
        self.page = words_of(self.answer)
        self.form = Fields(self.answer.body.decode(), self.path)

    def type(self, name, value, place=0):
        at = [i for i, (key, _) in enumerate(self.form.pairs) if key == name][place]
        self.form.pairs[at] = (name, value)

    def press(self, button, status=None):
        body = urllib.parse.urlencode([*self.form.pairs, ("do", button)])
        self.answer = self.browser.request("POST", self.path, body=body.encode(),
                                           fields={"Content-Type": "application/x-www-form-urlencoded"})
        if status is not None:
            self.test.assertEqual(status, self.answer.status, words_of(self.answer)[:3000])
        if self.answer.status == 303:
            self.went = self.answer.fields["location"]
            moved = re.match(r"/kit/[0-9a-f-]{36}/edit", self.went)
            if moved:
                self.path, self.answer = moved[0], self.browser.get(self.went)
                self.read()
        else:
            if "/edit" in self.answer.body.decode():
                self.path = (re.search(r'action="(/kit/[0-9a-f-]{36}/edit)"', self.answer.body.decode()) or [0, self.path])[1]
            self.read()
        return self


class KitBuilder(AsksWithTokens, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.archive = archive = Keeping()
        cls.addClassCleanup(archive.remove)
        table = archive.file("don-vi.csv", "code,name_vi,name_en,parent\nldld-hp,Liên đoàn Lao động Hải Phòng,,tld\n")
        assert archive.run("unit", "import", table).exit_code == 0
        for name, (unit, role) in PEOPLE.items():
            added = archive.run("user", "add", name, "--unit", unit, "--role", role, "--password-stdin", given=PASSWORD)
            assert added.exit_code == 0, added.complaint
        assert archive.run("user", "add", "bao", "--kind", "press", "--password-stdin", given=PASSWORD).exit_code == 0
        archive.serve()
        cls.tokens = {name: archive.run("user", "token", name, "--json").json["token"] for name in [*PEOPLE, "bao"]}
        cls.browsers, cls.made = {}, 0

    def signed_in(self, name):
        if name not in self.browsers:
            self.browsers[name] = Browser(self.archive)
            self.assertEqual(303, self.browsers[name].sign_in(name).status)
        return self.browsers[name]

    def take_in(self, title, content=None, **fields):
        type(self).made += 1
        name, content = ("anh.jpg", PHOTO + str(self.made).encode()) if content is None else ("bai.txt", content.encode())
        body, media_type = multipart([(name, content)], {"visibility": "public", "state": "published", "title": title, **fields})
        answer = self.ask("noi", "POST", "/api/v1/materials", body, {"Content-Type": media_type})
        self.assertIn(answer.status, (200, 201), answer.body)
        return answer.json

    def begun(self, who, *materials, title="Họp báo Tháng Công nhân", visibility="public"):
        path = "/kits/new" + ("?ids=" + ",".join(one["id"] for one in materials) if materials else "")
        building = Building(self, who, path)
        self.assertEqual(200, building.answer.status)
        building.type("title", title)
        building.type("visibility", visibility)
        building.type("release", "Đoạn một.\r\n\r\nĐoạn hai.")
        return building

    def kit(self, building):
        return self.ask("noi", "GET", "/api/v1/kits/" + building.path.split("/")[2], status=200).json

    def titles(self, building):
        return re.findall(r'<li data-title="([^"]*)"', building.page)

    def test_a_kit_is_made_from_its_first_line_to_its_publication(self):
        photo, speech = self.take_in("Lễ phát động", credit="Ảnh: Ban Tuyên giáo"), self.take_in("Phát biểu khai mạc", "Thưa đoàn viên.\n")
        made = self.begun("noi", photo, speech)
        self.assertEqual(["Lễ phát động", "Phát biểu khai mạc"], self.titles(made))
        self.assertIn('placeholder="Ảnh: Ban Tuyên giáo"', made.page)
        made.type("caption", "Công nhân tại lễ phát động")
        made.press("down 0", 200)
        self.assertEqual(["Phát biểu khai mạc", "Lễ phát động"], self.titles(made))
        self.assertIn("“Lễ phát động” nay ở vị trí 2/2", made.page)
        self.assertIn(("up 1", False, True), made.form.buttons)  # the focus stays with what was moved
        self.assertEqual(["", "Công nhân tại lễ phát động"], made.form.all("caption"))
        self.assertEqual("Đoạn một.\n\nĐoạn hai.", made.form.all("release")[0])
        self.assertIn("chưa được lưu", made.page)
        made.press("add_quote", 200)
        made.type("quote", "Không ai bị bỏ lại.")
        made.type("speaker", "Chủ tịch công đoàn")
        made.press("save")
        self.assertIn("Đã lưu bản nháp", made.page)
        kit = self.kit(made)
        self.assertEqual(("draft", "public", "Đoạn một.\n\nĐoạn hai."), (kit["state"], kit["visibility"], kit["draft"]["release"]))
        self.assertEqual([speech["id"], photo["id"]], [item["material"] for item in kit["draft"]["items"]])
        self.assertEqual([{"text": "Không ai bị bỏ lại.", "speaker": "Chủ tịch công đoàn"}], kit["draft"]["quotes"])
        # Saved again as it is, it makes no revision.
        made.press("save")
        self.assertEqual(kit["revision"], self.kit(made)["revision"])
        made.press("publish", 303)
        self.assertEqual("/kit/" + kit["id"], made.went)
        self.assertEqual(1, len(self.kit(made)["versions"]))
        self.ask(None, "GET", f"/kits/{kit['id']}.zip", status=200)
        # A correction is a version with a note.
        again = Building(self, "noi", f"/kit/{kit['id']}/edit")
        again.type("contact", "Ban Tuyên giáo, 024 3942 1794")
        again.press("publish", 409)
        self.assertIn("đính chính", again.page)
        self.assertEqual("Ban Tuyên giáo, 024 3942 1794", again.form.all("contact")[0])
        again.type("note", "Thêm nơi liên hệ")
        again.press("publish", 303)
        self.assertEqual([(1, ""), (2, "Thêm nơi liên hệ")], [(one["number"], one["note"]) for one in self.kit(again)["versions"]])

    def test_materials_are_found_added_once_and_taken_out(self):
        mine = self.take_in("Ảnh hội thao xanhbiec")
        hidden = self.take_in("Ảnh kín xanhbiec", visibility="unit", unit="tld", state="draft")
        over = self.take_in("Ảnh hết phép xanhbiec")
        revision = self.ask("noi", "GET", "/api/v1/materials/" + over["id"]).json["revision"]
        self.ask("noi", "PATCH", "/api/v1/materials/" + over["id"], {"licence_until": "2001-01-01"}, {"If-Match": f'"r{revision}"'}, 200)
        self.archive.run("search", "xanhbiec")  # waits until the index has it
        made = self.begun("xa")
        made.type("find", "xanhbiec")
        made.press("find", 200)
        offered = [value.split()[1] for value, _, _ in made.form.buttons if value.startswith("add ")]
        self.assertEqual([mine["id"]], offered)
        made.press("add " + mine["id"], 200)
        self.assertEqual(["Ảnh hội thao xanhbiec"], self.titles(made))
        self.assertIn("đã có trong bộ", made.page)
        made.press("add " + mine["id"], 200)
        self.assertEqual(1, len(made.form.all("item")))
        made.press("add " + hidden["id"], 404)
        self.assertEqual(1, len(made.form.all("item")))
        made.press("remove 0", 200)
        self.assertEqual([], made.form.all("item"))
        self.assertIn("Đã bỏ ra", made.page)

    def test_what_the_press_will_not_get_is_named_with_the_reason(self):
        open_one, draft = self.take_in("Ảnh đã công bố"), self.take_in("Ảnh chưa công bố", state="draft")
        inner = self.take_in("Ảnh nội bộ", visibility="unit")
        made = self.begun("noi", open_one, draft, inner)
        self.assertEqual(2, made.page.count('class="note bad"'))
        made.press("preview", 303)
        page = words_of(self.signed_in("noi").get(made.went))
        note = page[page.index('id="preview"'):page.index("<article")]
        self.assertRegex(note, r"Ảnh chưa công bố</a>: Tư liệu này chưa công bố")
        self.assertRegex(note, r"Ảnh nội bộ</a>: Tư liệu này dành cho ít người hơn")
        article = page[page.index("<article"):page.index("</article>")]
        self.assertIn("Ảnh đã công bố", article)
        for title in ("Ảnh chưa công bố", "Ảnh nội bộ", "Soạn bộ tài liệu", "chưa công bố."):
            self.assertNotIn(title, article)
        made = Building(self, "noi", made.went.replace("preview", "edit"))
        made.press("publish", 409)
        self.assertIn("chưa công bố hoặc không dành cho", made.page)
        made.press("remove 1", 200).press("remove 1", 200)
        made.press("save")
        ahead = words_of(self.signed_in("noi").get(made.path.replace("edit", "preview")))
        made.press("publish", 303)
        really = words_of(self.signed_in("bao").get(made.went))
        body_of = lambda text: re.sub(r"\d\d/\d\d/\d{4} \d\d:\d\d|<a class=\"button main\".*?</a>", "",  # noqa: E731
                                      text[text.index("<article"):text.index("</article>")])
        strip = lambda text: [line for line in re.sub(r".*(/notices|\.atom|Atom).*", "", text).splitlines() if line.strip()]  # noqa: E731
        self.assertEqual(strip(body_of(really)), strip(body_of(ahead)))

    def test_two_editors_lose_nothing(self):
        photo = self.take_in("Ảnh chung")
        first = self.begun("bien", photo, visibility="union").press("save")
        second = Building(self, "hai", first.path)
        first.type("contact", "Gọi chị Biên")
        first.type("title", "Tên do Biên đặt")
        first.press("save")
        second.type("release", "Thông cáo do Hai viết.")
        second.type("title", "Tên do Hai đặt")
        second.press("save", 412)
        kit = self.kit(first)
        self.assertEqual(("Tên do Biên đặt", "Đoạn một.\n\nĐoạn hai."), (kit["title"], kit["draft"]["release"]))
        self.assertIn("Chưa có gì bị ghi đè", second.page)
        self.assertIn("bien lưu lúc", second.page)
        meanwhile = second.page[second.page.index('class="meanwhile"'):second.page.index("<form method=\"post\" action=\"/kit")]
        self.assertIn("Tên do Biên đặt", meanwhile)
        self.assertIn("Gọi chị Biên", meanwhile)
        # What one typed stays; what the other saved beside it is there, too.
        self.assertEqual(["Thông cáo do Hai viết."], second.form.all("release"))
        self.assertEqual(["Tên do Hai đặt"], second.form.all("title"))
        self.assertEqual(["Gọi chị Biên"], second.form.all("contact"))
        second.press("save")
        kit = self.kit(first)
        self.assertEqual(("Tên do Hai đặt", "Thông cáo do Hai viết.", "Gọi chị Biên"),
                         (kit["title"], kit["draft"]["release"], kit["draft"]["contact"]))

    def test_it_says_who_is_awaited_and_sends_it_for_review(self):
        photo = self.take_in("Ảnh của biên tập")
        made = self.begun("bien", photo)
        made.press("find", 200)
        self.assertIn("Chờ người phát ngôn của", made.page)
        self.assertNotIn("publish", [value for value, _, _ in made.form.buttons])
        made.press("publish", 403)  # a button that the page does not have
        self.assertEqual(made.form.all("release"), ["Đoạn một.\n\nĐoạn hai."])
        made.press("review", 303)
        self.assertRegex(made.went, r"^/m/[0-9a-f-]{36}/review$")
        way = words_of(self.signed_in("bien").get(made.went))
        self.assertIn(made.went.replace("/m/", "/kit/").replace("review", "edit"), way)
        # Within the union nobody else need agree.
        inner = self.begun("bien", photo, visibility="union")
        inner.press("find", 200)
        self.assertIn("publish", [value for value, _, _ in inner.form.buttons])
        # Whoever only contributes publishes nothing, for however few eyes and by whatever door.
        own = self.begun("gui", visibility="unit")
        own.press("find", 200)
        self.assertNotIn("publish", [value for value, _, _ in own.form.buttons])
        own.press("publish", 403)
        own.press("save")
        kit = own.path.split("/")[2]
        tag = self.ask("gui", "GET", "/api/v1/kits/" + kit, status=200).fields["etag"]
        self.ask("gui", "POST", f"/api/v1/kits/{kit}/versions", {"note": ""}, {"If-Match": tag}, 403)
        self.assertEqual("draft", self.ask("gui", "GET", "/api/v1/kits/" + kit, status=200).json["state"])

    def test_who_may_not(self):
        kit = self.begun("bien", visibility="unit", title="Bộ kín").press("save")
        for who, status in (("xa", 404), ("bao", 404)):
            for path in (kit.path, kit.path.replace("edit", "preview")):
                answer = self.signed_in(who).get(path)
                self.assertEqual(status, answer.status, (who, path))
                self.assertNotIn("Bộ kín", words_of(answer))
        self.assertEqual(403, self.signed_in("doc").get("/kits/new").status)
        self.assertEqual(403, self.signed_in("doc").get("/kits").status)
        self.assertEqual(403, self.signed_in("bao").get("/kits").status)
        for path in ("/kits", "/kits/new", kit.path, kit.path.replace("edit", "preview")):
            self.assertEqual(303, Browser(self.archive).get(path).status, path)
        self.assertNotIn("Bộ kín", words_of(self.signed_in("xa").get("/kits")))
        self.assertIn("Bộ kín", words_of(self.signed_in("bien").get("/kits")))
        # A unit at which one may not make kits is no way in, and what was typed comes back.
        far = self.begun("xa", title="Ở nơi khác")
        far.form.pairs = [("unit", "tld") if key == "unit" else (key, value) for key, value in far.form.pairs]
        far.press("save", 403)
        self.assertEqual(["Ở nơi khác"], far.form.all("title"))

    def test_who_reads_a_kit_does_not_edit_it(self):
        made = self.begun("noi", self.take_in("Ảnh ai cũng xem"), title="Bộ ai cũng xem")
        made.press("save").press("publish", 303)
        edit = made.went + "/edit"
        kit = self.ask("noi", "GET", "/api/v1/kits/" + made.went.split("/")[2], status=200).json
        for who in ("xa", "doc", "gui", "bao"):
            browser = self.signed_in(who)
            self.assertEqual(200, browser.get(made.went).status, who)
            self.assertEqual(403, browser.get(edit).status, who)
            self.assertEqual(403, browser.get(made.went + "/preview").status, who)
            for button in ("find", "save", "publish"):
                sent = browser.send(edit, do=button, title="Bộ của người khác", revision=str(kit["revision"]))
                self.assertEqual(403, sent.status, (who, button))
            self.assertNotIn(edit, words_of(browser.get("/kits")))
        self.assertEqual(kit["revision"], self.kit(Building(self, "noi", edit))["revision"])

    def test_a_revision_that_was_for_others_is_shown_to_nobody_who_comes_late(self):
        made = self.begun("noi", visibility="unit", title="Tên kín trước khi chuyển")
        made.type("contact", "Số riêng của lãnh đạo")
        made.press("save")
        early = self.kit(made)["revision"]
        made.type("contact", "Số chung")
        made.type("title", "Bộ đã chuyển xuống")
        made.form.pairs = [("unit", "ldld-hp") if key == "unit" else (key, value) for key, value in made.form.pairs]
        made.press("save")
        own = Building(self, "xa", made.path)
        self.assertEqual(["Bộ đã chuyển xuống"], own.form.all("title"))
        own.form.pairs = [("revision", str(early)) if key == "revision" else (key, value) for key, value in own.form.pairs]
        own.press("save", 412)
        for words in ("Tên kín trước khi chuyển", "Số riêng của lãnh đạo"):
            self.assertNotIn(words, own.page)

    def test_an_item_that_one_may_not_see_tells_nothing(self):
        secret = self.take_in("Tên tối mật không ai đoán", visibility="unit", unit="tld", state="draft")
        made = self.begun("xa", title="Dò tìm", visibility="unit")
        forged = f"0 {secret['id']} {secret['files'][0]['sha256']}"
        nothing = f"0 {secret['id'][:-4]}0000 {secret['files'][0]['sha256']}"
        pages = []
        for item in (forged, nothing):
            made.form.pairs = [pair for pair in made.form.pairs if pair[0] not in ("item", "caption", "credit", "item_terms")]
            made.form.pairs += [("item", item), ("caption", ""), ("credit", ""), ("item_terms", "")]
            made.press("find", 200)
            self.assertNotIn("tối mật", made.page)
            # Requests have numbers of their own.
            pages.append(re.sub(r"<code>.*?</code>|[0-9a-f-]{16,}", "", made.page))
        self.assertEqual(*pages)

    def test_garbage_is_refused_and_a_title_is_asked_for(self):
        made = self.begun("bien", title="")
        made.press("save", 400)
        self.assertIn("cần có tên", made.page)
        self.assertEqual(["Đoạn một.\n\nĐoạn hai."], made.form.all("release"))
        for name, value in (("item", "0 x y"), ("caption", "thừa"), ("quote", "thiếu người"), ("revision", "x")):
            bad = self.begun("bien")
            bad.form.pairs = [pair for pair in bad.form.pairs if pair[0] != "revision" or name != "revision"] + [(name, value)]
            bad.press("save")
            self.assertIn(bad.answer.status, (400, 428), name)
        for button in ("up 7", "down x", "remove ", "remove_quote 99999999999999999999", "add x", "nothing", "up", ""):
            odd = self.begun("bien", self.take_in("Ảnh lẻ"))
            odd.press(button)
            self.assertIn(odd.answer.status, (200, 404), button)
            self.assertEqual(1, len(odd.form.all("item")), button)
        late = self.begun("bien")
        late.type("embargo", "ngày mai")
        late.press("save", 400)
        self.assertEqual(["ngày mai"], late.form.all("embargo"))

    def test_an_embargo_is_kept_in_vietnamese_time(self):
        made = self.begun("noi")
        made.type("embargo", "2099-05-01T08:30")
        made.press("save")
        self.assertEqual("2099-05-01T01:30:00.000Z", self.kit(made)["embargo_until"])
        self.assertEqual(["2099-05-01T08:30"], made.form.all("embargo"))

    def test_it_speaks_english_alone_to_who_asks_for_it(self):
        self.take_in("Ảnh một")
        for path in ("/kits", "/kits/new"):
            page = words_of(self.signed_in("bien").get(path + "?lang=en"))
            main = page[page.index("<main"):page.index("</main>")]
            main = re.sub(r"<select.*?</select>|<ul class=\"lots\">.*?</ul>", "", main, flags=re.S)
            self.assertNotRegex(re.sub(r"Tổng Liên đoàn Lao động Việt Nam", "", main), r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệọỏốồổỗộớờởỡợụủứừửữự]")
        self.signed_in("bien").get("/kits?lang=vi")


if __name__ == "__main__":
    unittest.main()
