"""An archive with materials of every visibility, state, sensitivity and embargo, and twelve kinds of viewer: for the
suites that prove that nothing is shown to the wrong eyes."""
import hashlib
import itertools
import json
import pathlib
import re
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import Archive, AsksWithTokens, multipart  # noqa: E402

PASSWORD = "một mật khẩu thật dài"
UNKNOWN = "0193f5a0-1f00-7000-8000-000000000001"
VISIBILITIES = ("public", "press", "union", "branch", "unit", "private")
SENSITIVITIES = ("open", "internal", "restricted")
LATER, EARLIER = "2099-01-01T00:00:00Z", "2020-01-01T00:00:00Z"
STANDINGS = (("published", None), ("published", EARLIER), ("published", LATER), ("draft", None), ("draft", LATER),
             ("submitted", None), ("approved", None), ("withdrawn", None))
ROLES = ("reader", "contributor", "archivist", "editor", "spokesperson", "administrator")
# Who they are: kind, role, unit. "tỉnh" owns every material; "xã" stands beneath it, "khác" beside it, "tld" above.
VIEWERS = {"nobody": None, "báo": ("press", None, None), "mời": ("press", None, None),
           "đọc": ("union_person", "reader", "tinh"), "góp": ("union_person", "contributor", "tinh"),
           "lưu": ("union_person", "archivist", "tinh"), "sửa": ("union_person", "editor", "tinh"),
           "quản": ("union_person", "administrator", "tinh"), "dưới": ("union_person", "administrator", "xa"),
           "bên": ("union_person", "administrator", "khac"), "trên": ("union_person", "reader", "tld"),
           "tác": ("union_person", "contributor", "tinh")}
# Units that a unit and its branch reach: who holds a role at the key holds it at the values.
BENEATH = {"tld": {"tld", "tinh", "xa", "khac"}, "tinh": {"tinh", "xa"}, "xa": {"xa"}, "khac": {"khac"}}


def secret(number):
    """A word that stands nowhere else, and like which there is none."""
    letters = "bcdghklmntpsvxyz"
    return "zq" + "".join(letters[byte % 16] for byte in hashlib.sha256(str(number).encode()).digest()[:9]) + "x"


class Material:
    def __init__(self, number, visibility, sensitivity, state, embargo):
        self.word = secret(number)
        self.visibility, self.sensitivity, self.state, self.embargo = visibility, sensitivity, state, embargo
        self.creator = "tác" if number % 2 else "chủ"
        self.invited = number % 3 == 0
        self.name = self.word + ".txt"
        self.bytes = f"Tin {self.word}\n\nNội dung có chữ {self.word} ở giữa.\n".encode()
        self.id = self.sha256 = None

    def may_be_read_by(self, viewer):
        """The rules of the archive, written down once more and from nothing else."""
        kind, role, unit = VIEWERS[viewer] or (None, None, None)
        least = {"open": 0, "internal": VISIBILITIES.index("union"), "restricted": VISIBILITIES.index("unit")}
        visibility = VISIBILITIES[max(VISIBILITIES.index(self.visibility), least[self.sensitivity])]
        rank = ROLES.index(role) if role and "tinh" in BENEATH[unit] else -1
        made_it = viewer == self.creator
        if self.embargo == LATER:
            if self.state == "published" and self.invited and viewer == "mời":
                return True
            if rank < ROLES.index("editor"):
                return False
        if self.state not in ("published", "withdrawn"):
            return made_it or rank >= ROLES.index("administrator") or (rank >= 1 and visibility != "private")
        return {"public": True, "press": kind is not None, "union": kind == "union_person",
                "branch": rank >= 0 or (kind == "union_person" and unit in BENEATH["tinh"]), "unit": rank >= 0,
                "private": rank >= ROLES.index("administrator") or made_it}[visibility]

    def is_found_by(self, viewer):
        return self.state != "withdrawn" and self.may_be_read_by(viewer)


class LeakWorld(AsksWithTokens):
    """Mixed into a TestCase. What a class takes in besides, it does in `prepare`, before the index is waited for."""

    @classmethod
    def setUpClass(cls):
        cls.archive = archive = Archive()
        cls.addClassCleanup(archive.remove)
        rows = [("tinh", "tld"), ("khac", "tld"), ("xa", "tinh")]
        table = archive.file("don-vi.jsonl", "".join(
            json.dumps({"code": code, "name_vi": "Công đoàn " + code, "parent": parent}) + "\n" for code, parent in rows))
        assert archive.run("unit", "import", table).exit_code == 0
        people = {**VIEWERS, "chủ": ("union_person", "administrator", "tld")}
        del people["nobody"]
        for name, (kind, role, unit) in people.items():
            words = ["--kind", "press"] if kind == "press" else ["--unit", unit, "--role", role]
            added = archive.run("user", "add", name, *words, "--password-stdin", given=PASSWORD)
            assert added.exit_code == 0, added.complaint
        assert archive.run("user", "grant", "chủ", "--unit", "tld", "--role", "spokesperson").exit_code == 0
        archive.serve()
        cls.tokens = {name: archive.run("user", "token", name, "--json").json["token"] for name in people}
        cls.materials = [Material(number, *values, *standing) for number, (*values, standing) in
                         enumerate(itertools.product(VISIBILITIES, SENSITIVITIES, STANDINGS))]
        cls.probes = 0
        made = cls()
        for material in cls.materials:
            made.take_in(material)
        made.prepare()
        made.wait_until_found()

    def runTest(self):
        """The class makes one of itself to prepare with."""

    def prepare(self):
        pass

    def take_in(self, material):
        body, media_type = multipart([(material.name, material.bytes)],
                                     {"unit": "tinh", "title": f"Tin {material.word}", "visibility": material.visibility,
                                      "state": "draft", "description": f"Nói về {material.word}",
                                      "theme": "tet_sum_vay", "audience": "women;age_25_34"})
        taken = self.ask(material.creator, "POST", "/api/v1/materials", body, {"Content-Type": media_type}, 201).json
        material.id = taken["id"]
        newest = self.ask("chủ", "GET", "/api/v1/materials/" + material.id, status=200)
        material.sha256 = newest.json["files"][0]["sha256"]
        self.let_it_stand(material, newest)

    def let_it_stand(self, material, newest):
        """Gives what was just taken in its state, sensitivity and embargo."""
        changes = {"state": material.state, "sensitivity": material.sensitivity}
        if material.embargo:
            changes["embargo_until"] = material.embargo
        if material.invited:
            changes["press_recipients"] = ["mời"]
        if material.state == "withdrawn":
            changes["notice"] = "Có sai sót."
        self.ask("chủ", "PATCH", "/api/v1/materials/" + material.id, changes, {"If-Match": newest.fields["etag"]}, 200)

    def wait_until_found(self):
        """Until the newest that is to be found is found, and the newest that is not to be found is not."""
        by_found = {material.is_found_by("quản"): material for material in self.materials}
        for _ in range(300):
            if all(self.search("quản", last.word)["total"] == found for found, last in by_found.items()):
                return
            time.sleep(0.1)
        self.fail("the index does not follow")

    def search(self, viewer, word):
        return self.ask(viewer, "GET", "/api/v1/search?q=" + word, status=200).json

    def probe(self, viewer, method, path, **more):
        type(self).probes += 1
        return self.ask(viewer, method, path, **more)

    @staticmethod
    def bare(answer, *words):
        """An answer without what differs by nature: the word or id that was asked for, its number, its time."""
        def without(text):
            for word in words:
                text = text.replace(urllib.parse.quote(word), "…").replace(word, "…")
            return text

        text = without(answer.body.decode("utf-8", "replace"))
        text = re.sub(r'"(request|took_ms)":\s*("[^"]*"|[\d.]+)', "", text)
        text = re.sub(r"[0-9a-f]{6}-\d+|[0-9a-f]{8,}(-[0-9a-f]+)*|\d{4}-\d\d-\d\dT[\d:.]+Z", "", text)
        fields = {name: without(value) for name, value in answer.fields.items()
                  if name.lower() not in ("date", "x-request-id", "content-length", "etag", "server-timing")}
        return answer.status, fields, text
