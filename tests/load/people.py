"""Ordinary users of an archive, each a thread: what they ask is noted with how long it took and what came back."""
import collections
import contextlib
import http.client
import json
import random
import threading
import time
import urllib.parse

WORDS = ("cong doan", "quyết định", "ke hoach", "tháng công nhân", "luong", "an toan lao dong", "đại hội", "hội nghị",
         "bao ho", "nữ công", "thi đua", "khen thuong", "tap huan", "nha o", "tết sum vầy")


def text_of(number):
    """A text of an archive's kind, another for each number."""
    chance = random.Random(number)
    lines = [f"Số: {number}/KH-TLĐ", f"KẾ HOẠCH số {number}"]
    lines += [" ".join(chance.choice(WORDS) for _ in range(30)) + "." for _ in range(12)]
    return "\n".join(lines)


class Diary:
    """What was asked, by kind: seconds and statuses. Threads: safe from many threads."""

    def __init__(self):
        self.lock = threading.Lock()
        self.seconds = collections.defaultdict(list)
        self.statuses = collections.Counter()
        self.unexpected = []

    def note(self, kind, seconds, status, what, is_fine):
        with self.lock:
            self.seconds[kind].append(seconds)
            self.statuses[kind, status] += 1
            if not is_fine:
                self.unexpected.append(f"{kind}: {what}: {status}")

    def percentile(self, kind, percent):
        ordered = sorted(self.seconds[kind])
        return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else float("nan")


class Person(threading.Thread):
    """One user. `act` of the subclass does one thing and is called until the end, with the day's pause between."""

    def __init__(self, number, port, diary, pause, host="127.0.0.1"):
        super().__init__(daemon=True)
        self.host, self.port, self.diary, self.pause = host, port, diary, pause
        self.chance = random.Random(number)
        self.ended = threading.Event()
        self.connection = None

    def run(self):
        while not self.ended.is_set():
            self.act()
            self.ended.wait(self.pause())
        self.leave()

    def leave(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def ask(self, kind, method, target, body=None, fields=None, fine=(200,)):
        """The body of the answer. A kept connection that the server has closed meanwhile is opened again, once."""
        begun = time.monotonic()
        is_kept = self.connection is not None
        for is_last in ((False, True) if is_kept else (True,)):
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
            try:
                self.connection.request(method, target, body, fields or {})
                answer = self.connection.getresponse()
                content = answer.read()
                if answer.will_close:
                    self.leave()
                self.diary.note(kind, time.monotonic() - begun, answer.status, target, answer.status in fine)
                return content, answer
            except (OSError, http.client.HTTPException) as problem:
                self.leave()
                if is_last:
                    self.diary.note(kind, time.monotonic() - begun, type(problem).__name__, target, False)
        return b"", None


class Searcher(Person):
    """Searches as an officer does, and reads what comes up."""

    def act(self):
        if self.chance.random() < 0.5:
            self.leave()  # a weak phone's connection seldom lasts
        words = " ".join(self.chance.sample(WORDS, self.chance.randrange(1, 4)))
        self.ask("search", "GET", "/api/v1/search?" + urllib.parse.urlencode({"q": words}))


class Browser(Person):
    """Follows pages: the first, results, a material, its file, feeds."""

    def act(self):
        query = urllib.parse.urlencode({"q": self.chance.choice(WORDS)})
        self.ask("page", "GET", "/")
        self.ask("page", "GET", "/search?" + query)
        content, answer = self.ask("search", "GET", "/api/v1/search?" + query)
        hits = json.loads(content)["hits"] if answer is not None and answer.status == 200 else []
        if not hits:
            return
        one = self.chance.choice(hits)["id"]
        self.ask("page", "GET", "/m/" + one)
        content, answer = self.ask("json", "GET", "/api/v1/materials/" + one)
        for file in json.loads(content).get("files", []) if answer is not None and answer.status == 200 else []:
            self.ask("file", "GET", f"/api/v1/materials/{one}/files/" + urllib.parse.quote(file["name"]))
        with contextlib.suppress(IndexError):
            self.ask("feed", "GET", self.chance.choice(("/feed.atom?" + query, "/sitemap.xml", "/opensearch.xml")))


class Journalist(Person):
    """Fetches a press kit: whole, in pieces, and not to its end."""

    kit = ""

    def act(self):
        way = self.chance.randrange(3)
        if way == 0:
            self.ask("kit", "GET", f"/kits/{self.kit}.zip")
        elif way == 1:
            first = self.chance.randrange(10_000)
            self.ask("kit", "GET", f"/kits/{self.kit}.zip", fields={"Range": f"bytes={first}-{first + 200_000}"},
                     fine=(206,))
        else:
            connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection.request("GET", f"/kits/{self.kit}.zip")
                connection.getresponse().read(50_000)
            connection.close()


class Contributor(Person):
    """Sends texts: by a form, and by tus in pieces with an end in the middle now and then."""

    token = ""
    unit = ""
    sent = 0

    def fields(self, **more):
        return {"Authorization": "Bearer " + self.token, "Tus-Resumable": "1.0.0", **more}

    def act(self):
        Contributor.sent += 1
        content = (text_of(self.chance.randrange(10 ** 9)) + "\n" + "x" * self.chance.randrange(200_000)).encode()
        made, answer = self.ask("tus", "POST", "/api/v1/uploads", b"",
                                self.fields(**{"Upload-Length": str(len(content)),
                                               "Upload-Metadata": "filename dGluLnR4dA=="}), fine=(201,))
        if answer is None or answer.status != 201:
            return
        place = urllib.parse.urlsplit(answer.headers["Location"]).path
        half = len(content) // 2
        patch = {"Content-Type": "application/offset+octet-stream"}
        self.ask("tus", "PATCH", place, content[:half], self.fields(**patch, **{"Upload-Offset": "0"}), fine=(204,))
        if self.chance.random() < 0.1:
            self.ask("tus", "DELETE", place, fields=self.fields(), fine=(204,))
            return
        self.ask("tus", "HEAD", place, fields=self.fields(), fine=(200,))
        self.ask("tus", "PATCH", place, content[half:], self.fields(**patch, **{"Upload-Offset": str(half)}), fine=(204,))
