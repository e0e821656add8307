"""Two archives that differ only in what is hidden from a viewer answer that viewer alike: hits, order, scores, counts,
facets, suggestions, corrections, snippets, tags, feeds, sitemaps, pages and errors.

One archive is filled with what the viewers may read, stopped and copied, so that both give the same ids; the copy then
takes in what none of the viewers may read, and changes and withdraws some of it. KHOCHUNG_SEED repeats a run.

Two exceptions are known and lie beyond the size of these archives. From 10,000 matches on totals are estimated from a sample
of all documents, and facets count what the search came by: counting all of them takes too long. And a sitemap holds 10,000
arrivals, so that the number of sitemaps tells how many ten thousands of materials there are: whoever asks for the newest
must not make the server count."""
import itertools
import json
import os
import pathlib
import random
import re
import shutil
import sys
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import CORPUS, Archive, AsksWithTokens, multipart  # noqa: E402

PASSWORD = "một mật khẩu thật dài"
LATER = "2099-01-01T00:00:00Z"
HOST = {"Host": "kho.example.vn"}
# "tinh" with "xa" beneath it and "khac" own what the viewers read; in "kin" none of them has anything to say.
UNITS = (("tinh", "tld"), ("khac", "tld"), ("xa", "tinh"), ("kin", "tld"))
PEOPLE = {"chủ": ("union_person", "administrator", "tld"), "báo": ("press", None, None),
          "mời": ("press", None, None), "đọc": ("union_person", "reader", "tinh"),
          "sửa": ("union_person", "editor", "tinh"), "bên": ("union_person", "administrator", "khac"),
          "xã": ("union_person", "contributor", "xa")}
VIEWERS = ("nobody", "báo", "đọc", "sửa", "bên", "xã")
# Syllables that differ in their marks alone stand beside each other: corrections and readings without marks depend on them.
WORDS = ("công đoàn", "cống", "cộng", "đoàn viên", "đoan", "đoạn", "người lao động", "lão", "láo", "đông", "đồng", "tiền lương",
         "lượng", "an toàn", "toán", "vệ sinh", "sính", "bảo hiểm", "bao", "báo chí", "chỉ", "chị", "thỏa ước", "uốc",
         "tập thể", "thế", "the", "hội nghị", "hỏi", "nghỉ", "nghi", "kế hoạch", "khai mạc", "mác", "tuyên truyền", "quyên",
         "nhà ở", "nhả", "sức khỏe", "văn hóa", "van", "vạn", "thể thao", "tháo", "nữ công", "phong trào", "phòng", "thi đua",
         "đưa", "biểu dương", "đường", "dương", "duong", "safety", "union", "workers", "rights")
# Words that only what is hidden has; some are an edit away from those above, or begin with them.
HIDDEN_WORDS = ("congg", "doann", "luongg", "tuyenn", "safetyy", "unionist", "zorvex", "quimblat", "thưởng", "mật lệnh", "cồng",
                "đoản", "lào", "động đất", "lưỡng", "tràn", "zafety", "duongg", "khaii", "phongg", "vuong", "righty")
HIDDEN_WAYS = (  # each of "kin", so that it is nothing to the viewers
    {"visibility": "unit"}, {"visibility": "private"}, {"visibility": "branch"}, {"visibility": "public", "state": "draft"},
    {"visibility": "public", "state": "submitted"}, {"visibility": "public", "state": "approved"},
    {"visibility": "public", "sensitivity": "restricted"}, {"visibility": "public", "embargo_until": LATER},
    {"visibility": "press", "embargo_until": LATER, "press_recipients": ["mời"]}, {"visibility": "union", "embargo_until": LATER})


class Twins(AsksWithTokens, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        seed = int(os.environ.get("KHOCHUNG_SEED") or random.randrange(1 << 32))
        print(f"KHOCHUNG_SEED={seed}", flush=True)
        cls.chance = random.Random(seed)
        cls.pairs = 0
        cls.plain, cls.fuller = Archive(), Archive()
        cls.addClassCleanup(cls.plain.remove)
        cls.addClassCleanup(cls.fuller.remove)
        cls.archive = cls.plain
        table = cls.plain.file("don-vi.jsonl", "".join(
            json.dumps({"code": code, "name_vi": "Công đoàn " + code, "parent": parent}) + "\n" for code, parent in UNITS))
        assert cls.plain.run("unit", "import", table).exit_code == 0
        for name, (kind, role, unit) in PEOPLE.items():
            words = ["--kind", "press"] if kind == "press" else ["--unit", unit, "--role", role]
            added = cls.plain.run("user", "add", name, *words, "--password-stdin", given=PASSWORD)
            assert added.exit_code == 0, added.complaint
        assert cls.plain.run("user", "grant", "chủ", "--unit", "tld", "--role", "spokesperson").exit_code == 0
        cls.plain.serve()
        cls.tokens = {name: cls.plain.run("user", "token", name, "--json").json["token"] for name in PEOPLE}
        made = cls()
        made.fill()
        cls.plain.stop()
        shutil.copytree(cls.plain.data, cls.fuller.data, ignore=shutil.ignore_patterns("control.sock", "*.lock"))
        cls.plain.serve()
        cls.fuller.serve()

    def runTest(self):
        """The class makes one of itself to prepare with."""

    # -- what the archives hold

    def text(self, hidden=False):
        """Common words often, others seldom; short and long."""
        chance = self.chance
        words = chance.choices(WORDS, [1 / (place + 2) for place in range(len(WORDS))], k=chance.randint(4, 90))
        if hidden:
            words = chance.choices(WORDS[20:], k=chance.randint(20, 200)) + chance.choices(HIDDEN_WORDS, k=chance.randint(3, 30))
            chance.shuffle(words)
        lines = [" ".join(words[at:at + 9]) for at in range(0, len(words), 9)]
        return (". ".join(lines) + f".\n\nSố {chance.random()}\n").encode()

    def title(self, hidden=False):
        # Titles of what is hidden often begin as those that everybody may read.
        words = self.chance.choices(WORDS[:25], k=3) + self.chance.choices(HIDDEN_WORDS if hidden else WORDS, k=2)
        return " ".join(words).capitalize()

    def send(self, who, content, name="tin.txt", **fields):
        body, media_type = multipart([(name, content)], fields)
        answer = self.ask(who, "POST", "/api/v1/materials", body, {"Content-Type": media_type})
        self.assertIn(answer.status, (200, 201), answer.body[:500])
        return answer.json

    def change(self, id, changes, status=200):
        newest = self.ask("chủ", "GET", "/api/v1/materials/" + id)
        return self.ask("chủ", "PATCH", "/api/v1/materials/" + id, changes, {"If-Match": newest.fields["etag"]}, status)

    def kit(self, unit, visibility, material, title):
        body = {"title": title, "unit": unit, "visibility": visibility, "release": self.text(visibility == "unit").decode(),
                "items": [{"material": material["id"], "file": material["files"][0]["sha256"]}]}
        made = self.ask("chủ", "POST", "/api/v1/kits", body, status=201)
        self.ask("chủ", "POST", f"/api/v1/kits/{made.json['id']}/versions", {}, {"If-Match": made.fields["etag"]}, 201)
        return made.json["id"]

    def fill(self):
        cls = type(self)
        ways = list(itertools.product(("tinh", "khac", "xa"), ("public", "public", "press", "union", "branch", "unit")))
        cls.ids, cls.kits, cls.material_of = [], [], {}
        for number in range(72):
            unit, visibility = ways[number % len(ways)]
            content, name = self.text(), "tin.txt"
            if number % 18 == 0:
                content, name = (CORPUS / "anh.jpg").read_bytes() + str(self.chance.random()).encode(), "anh.jpg"
            made = self.send("chủ", content, name, title=self.title(), unit=unit, visibility=visibility, state="published",
                             description=self.chance.choice(WORDS), date=str(self.chance.choice((2019, 2023, 2026))),
                             kind=self.chance.choice(("ke_hoach", "quyet_dinh", "thong_bao")),
                             theme=self.chance.choice(("", "safety", "workers_month;safety", "values")),
                             audience=self.chance.choice(("", "women", "age_25_34")))
            cls.ids.append(made["id"])
            if visibility == "public":
                cls.material_of[made["id"]] = made
        for id in self.chance.sample(self.ids, 4):
            if id not in self.material_of:
                self.change(id, {"state": "withdrawn", "notice": "Có sai sót"})
        for made in list(self.material_of.values())[:2]:
            cls.kits.append(self.kit("tinh", "public", made, self.title()))
        self.wait_until_indexed(self.plain, self.kits[-1])

    def wait_until_indexed(self, archive, id):
        cls, before = type(self), self.archive
        cls.archive = archive
        made = self.send("chủ", f"zzmốc {self.chance.random()}".encode(), unit="kin", visibility="private", state="published") \
            if archive is self.fuller else self.ask("chủ", "GET", "/api/v1/materials/" + id).json
        wanted = "zzmoc" if archive is self.fuller else made["title"]
        end = time.monotonic() + 60
        while self.ask("chủ", "GET", "/api/v1/search?q=" + urllib.parse.quote(wanted)).json["total"] < 1:
            self.assertLess(time.monotonic(), end, "the index does not follow")
            time.sleep(0.1)
        time.sleep(0.5)
        cls.archive = before

    def hide(self, rounds):
        """Takes into the fuller archive what none of the viewers may read; gives the ids and bytes."""
        cls, made = type(self), []
        cls.archive = self.fuller
        try:
            for number in range(rounds):
                way = dict(self.chance.choice(HIDDEN_WAYS))
                state = way.pop("state", "published")
                visibility = way.pop("visibility")
                content, name = self.text(True), self.chance.choice(("tin.txt", "rieng.md"))
                if number % 25 == 0:
                    content, name = (CORPUS / "anh.jpg").read_bytes() + str(self.chance.random()).encode(), "anh.jpg"
                # It is taken in closed, and opened as far as it should be.
                one = self.send("chủ", content, name, title=self.title(True), unit="kin", visibility="private", state="draft",
                                kind=self.chance.choice(("ke_hoach", "huong_dan")), language=self.chance.choice(("vi", "en")),
                                date=str(self.chance.choice((1990, 2023))),
                                theme=self.chance.choice(("safety", "tet_sum_vay", "values;tet_sum_vay")),
                                audience=self.chance.choice(("men", "age_25_34")), channel="radio", format="poster")
                self.change(one["id"], {**way, "sensitivity": way.get("sensitivity", "open"), "visibility": visibility, "state": state})
                made.append(one)
            for one in self.chance.sample(made, rounds // 4):
                self.change(one["id"], {"title": self.title(True), "description": " ".join(self.chance.choices(WORDS, k=20))})
            for one in self.chance.sample(made, rounds // 8):
                self.change(one["id"], {"visibility": "unit", "embargo_until": None, "sensitivity": "open", "state": "withdrawn",
                                        "notice": "Thu hồi kín"})
            for number in range(4):
                item = next(iter(self.material_of.values()))
                made.append({"id": self.kit("kin", "unit", item, self.title(True)), "files": []})
            # More titles than suggestions look at, before those of the viewers in the order of letters.
            for number in range(40):
                one = self.send("chủ", f"Mục {number}, {self.chance.random()}\n".encode(), title="an " * 11 + f"b{number}", unit="kin",
                                visibility="private", state="draft")
                self.change(one["id"], {"visibility": "public", "embargo_until": LATER, "state": "published"})
            # A mark of secrecy: goes to quarantine.
            self.send("chủ", "TỐI MẬT\n\nSố: 01/QĐ-TLĐ\n\nQUYẾT ĐỊNH\nVề công đoàn zorvex\n".encode() + self.text(True), unit="kin",
                      visibility="public", state="published")
        finally:
            cls.archive = self.plain
        self.wait_until_indexed(self.fuller, None)
        return made

    # -- what is asked

    def queries(self):
        chance = self.chance
        folded = str.maketrans("áàạãảăâấầậẫẩđéèẹẽẻêếềệễểíìịĩỉóòọõỏôốồộỗổơớờợỡởúùụũủưứừựữửýỳỵỹỷ",
                               "aaaaaaaaaaaadeeeeeeeeeeeiiiiiooooooooooooooooouuuuuuuuuuuyyyyy")
        while True:
            words = chance.choices(WORDS + HIDDEN_WORDS, [3] * len(WORDS) + [2] * len(HIDDEN_WORDS), k=chance.choice((1, 1, 2, 2, 3)))
            query = " ".join(words)
            shape = chance.randrange(9)
            if shape in (1, 2):
                query = query.translate(folded)
            if shape == 3 and len(query) > 4:  # a letter wrong
                at = chance.randrange(1, len(query) - 1)
                query = (query[:at] + chance.choice("abcdehmnostuy") + query[at + 1:]).translate(folded)
            if shape == 4:
                query = f'"{query}"'
            if shape == 5:
                query += " -" + chance.choice(WORDS).split()[0]
            if shape == 6:
                query = query[:chance.randint(1, len(query))]
            if shape == 7:
                query = chance.choice(HIDDEN_WORDS)
            yield query

    def ways(self):
        """Addresses, without end."""
        chance, queries = self.chance, self.queries()
        while True:
            q = urllib.parse.quote(next(queries))
            more = chance.choice(("", "", "", "&unit=tinh", "&unit=kin", "&unit=tld", "&kind=ke_hoach", "&kind=huong_dan", "&year=2023",
                                  "&theme=safety", "&theme=yearly_events", "&audience=gender&theme=values", "&channel=radio", "&year=1990", "&language=en", "&sort=newest", "&sort=oldest", "&limit=3", "&limit=5&offset=3"))
            yield chance.choice(("/api/v1/search?q={q}{more}",) * 8 + (
                "/search?q={q}{more}", "/search?q={q}{more}", "/api/v1/suggest?q={q}", "/opensearch/suggest?q={q}", "/feed.atom?q={q}{more}",
                "/selection?q={q}{more}", "/api/v1/search?q={more}")).format(q=q, more=more)

    def standing_ways(self, hidden):
        """What is asked once: pages, lists, each material, and what is hidden by its address."""
        yield from ("/", "/search?q=", "/sitemap.xml", "/sitemap/1.xml", "/sitemap/2.xml", "/feed.atom", "/feed.atom?unit=tinh",
                    "/feed.atom?unit=kin", "/opensearch.xml", "/robots.txt", "/units", "/units?unit=tinh", "/units?unit=kin",
                    "/api/v1/units", "/api/v1/units/kin", "/api/v1/units/tinh", "/api/v1/search?q=&limit=100", "/api/v1/search?q=&sort=oldest&limit=100",
                    "/api/v1/search?q=&unit=kin", "/api/v1/suggest?q=an", "/opensearch/suggest?q=a", "/api/v1/uploads", "/api/v1/status", "/metrics", "/preservation", "/people", "/readyz")
        for id in self.ids[::3] + self.kits:
            for way in ("/api/v1/materials/{}", "/m/{}", "/api/v1/materials/{}/files/tin.txt", "/api/v1/materials/{}/files/thumbnail.jpg",
                        "/api/v1/materials/{}/pages/1/text", "/embed/{}", "/kit/{}", "/kits/{}.zip", "/kits/{}.atom"):
                if "kit" in way and id not in self.kits:
                    continue
                yield way.format(id)
        for one in self.chance.sample(hidden, min(24, len(hidden))):
            for way in ("/api/v1/materials/{}", "/m/{}", "/api/v1/materials/{}/files/tin.txt", "/api/v1/materials/{}/files/thumbnail.jpg", "/kits/{}.zip"):
                yield way.format(one["id"])
            for file in one["files"][:1]:
                yield "/api/v1/files/" + file["sha256"]
                yield f"/selection.zip?ids={self.kits[0]},{one['id']}"

    @staticmethod
    def told(answer, without_instants):
        """An answer without its time, number and duration."""
        body = answer.body.decode("utf-8", "replace")
        length = len(body)
        if number := answer.fields.get("x-request-id"):
            body = body.replace(number, "")
        body = re.sub(r'"took_ms":\d+', "", body)
        fields = {name: value for name, value in answer.fields.items() if name not in ("date", "x-request-id", "server-timing")}
        if len(body) != length:
            fields.pop("content-length", None)
        if without_instants:
            body = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "", body)
            fields = {name: value for name, value in fields.items() if name not in ("etag", "last-modified", "content-length")}
        return answer.status, fields, body

    def compare(self, viewer, way, without_instants=False):
        cls, both = type(self), []
        for archive in self.plain, self.fuller:
            cls.archive = archive
            both.append(self.told(self.ask(viewer, "GET", way, fields=HOST), without_instants))
        cls.archive = self.plain
        cls.pairs += 1
        if both[0] != both[1]:
            cls.differing.append((viewer, way, *both))

    def report(self):
        """The first of each kind that differ, with the place at which they do."""
        lines = []
        for viewer, way, one, other in type(self).differing[:12]:
            at = next((place for place, (a, b) in enumerate(zip(one[2], other[2])) if a != b), 0)
            fields = sorted(set(one[1].items()) ^ set(other[1].items()))
            lines.append(f"{viewer} {way}\n  {one[0]} …{one[2][max(0, at - 120):at + 120]}\n  {other[0]} …{other[2][max(0, at - 120):at + 120]}\n  {fields}")
        self.assertEqual(0, len(type(self).differing), "\n".join(lines))

    def compare_many(self, count, hidden, without_instants):
        type(self).differing = []
        for viewer in VIEWERS:
            for way in self.standing_ways(hidden):
                self.compare(viewer, way, without_instants)
            for way in itertools.islice(self.ways(), count):
                self.compare(viewer, way, without_instants)
        self.report()

    def test_what_is_hidden_changes_no_answer(self):
        type(self).differing = []
        for viewer in VIEWERS:
            for way in itertools.islice(self.ways(), 6):
                self.compare(viewer, way)
        self.report()  # the copy is as its original
        hidden = self.hide(40)
        with self.subTest("some is hidden"):
            self.compare_many(120, hidden, False)
        hidden += self.hide(110)
        with self.subTest("more is hidden than is shown"):
            self.compare_many(160, hidden, False)
        # Both archives are then changed alike.
        for archive in self.plain, self.fuller:
            type(self).archive = archive
            for number, id in enumerate(self.ids[1::9]):
                self.change(id, {"description": WORDS[number % len(WORDS)], "title": "Sửa lại " + WORDS[(7 * number) % len(WORDS)]})
        time.sleep(2.5)
        type(self).archive = self.plain
        with self.subTest("changed alike"):
            self.compare_many(80, hidden, True)

    @classmethod
    def tearDownClass(cls):
        print(f"{cls.pairs} pairs of answers", flush=True)
        assert cls.pairs >= 2000, cls.pairs


if __name__ == "__main__":
    unittest.main()
