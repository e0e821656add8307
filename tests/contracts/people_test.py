"""People's accounts: how they come in, the second step, what they see of themselves, and what is refused."""
import base64
import hashlib
import hmac
import html
import http.client
import json
import pathlib
import re
import sqlite3
import struct
import sys
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import Answer, Archive, AsksWithTokens, give_pages_their_sums  # noqa: E402

PASSWORD = "một mật khẩu thật dài"
OTHER = "một mật khẩu khác hẳn"
# hoa administers the whole tree, ha and hai one federation each
PEOPLE = {"hoa": ("tld", "administrator"), "ha": ("ldld-hn", "administrator"), "hai": ("ldld-hp", "administrator"),
          "lan": ("ldld-hn", "archivist")}
WRONG = "0" * 64


def code_at(secret, when):
    """RFC 6238, written again here so that the server's own code proves nothing to itself."""
    mac = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(when) // 30), hashlib.sha1).digest()
    number = struct.unpack(">I", mac[mac[-1] & 15:][:4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


class Browser:
    """Keeps cookies and follows nothing by itself."""

    def __init__(self, archive, agent="Mozilla/5.0 (Linux; Android 10) Gecko Firefox/140.0"):
        self.archive, self.agent, self.cookies = archive, agent, {}

    def request(self, method, path, form=None, fields=None, body=None):
        fields = {"User-Agent": self.agent, "Accept": "text/html", **(fields or {})}
        if self.cookies:
            fields["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if form is not None:
            body, fields["Content-Type"] = urllib.parse.urlencode(form), "application/x-www-form-urlencoded"
        answer, self.set = self.archive.request_keeping_cookies(method, path, body, fields)
        for cookie in self.set:
            name, value = cookie.split(";")[0].split("=", 1)
            if "Max-Age=0" in cookie:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer

    def get(self, path):
        return self.request("GET", path)

    def send(self, path, **form):
        """A form of a page, with the token that its pages carry."""
        csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', self.get("/account").body.decode())
        return self.request("POST", path, {"csrf": csrf[1] if csrf else "", **form})

    def sign_in(self, name, password=PASSWORD, **more):
        return self.request("POST", "/sign-in", {"name": name, "password": password, **more})

    def is_in(self):
        return self.get("/account").status == 200


class Keeping(Archive):
    def request_keeping_cookies(self, method, target, body, fields):
        """As request(), and every Set-Cookie field, of which there may be several."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, target, body=body, headers=fields)
            answer = connection.getresponse()
            whole = Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
            return whole, [value for name, value in answer.getheaders() if name.lower() == "set-cookie"]
        finally:
            connection.close()


def words_of(answer):
    return html.unescape(answer.body.decode())


class WithPeople(AsksWithTokens, unittest.TestCase):
    config = ""

    @classmethod
    def setUpClass(cls):
        cls.archive = archive = Keeping()
        cls.addClassCleanup(archive.remove)
        cls.count = 0
        first = archive.run("user", "add", "hoa", "--unit", "tld", "--role", "administrator", "--password-stdin",
                            given=PASSWORD)
        assert first.exit_code == 0, first.complaint
        rows = [{"code": code, "name_vi": "Liên đoàn " + code, "level": "tinh", "parent": "tld"}
                for code in ("ldld-hn", "ldld-hp")]
        units = archive.file("don-vi.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
        assert archive.run("unit", "import", units).exit_code == 0
        for name, (unit, role) in list(PEOPLE.items())[1:]:
            added = archive.run("user", "add", name, "--unit", unit, "--role", role, "--password-stdin", given=PASSWORD)
            assert added.exit_code == 0, added.complaint
        if cls.config:
            (archive.data / "config.toml").write_text(cls.config)
        archive.serve()
        cls.tokens = {name: archive.run("user", "token", name, "--json").json["token"] for name in PEOPLE}

    def new_name(self):
        WithPeople.count = getattr(WithPeople, "count", 0) + 1
        return f"lan{WithPeople.count}"

    def invite(self, viewer="ha", status=201, **wish):
        wish = {"name": self.new_name(), "unit": "ldld-hn", "role": "archivist", **wish}
        return self.ask(viewer, "POST", "/api/v1/invitations", wish, status=status).json

    def path(self, made):
        return urllib.parse.urlsplit(made["url"]).path

    def browser(self, *words):
        return Browser(self.archive, *words)

    def accept(self, made, password=PASSWORD, again=None, browser=None, **more):
        browser = browser or self.browser()
        return browser.request("POST", self.path(made), {"password": password, "again": again or password, **more})

    def person(self):
        """Somebody new, signed in, and the browser."""
        made, browser = self.invite(), self.browser()
        self.assertEqual(303, self.accept(made, browser=browser).status)
        return made["name"], browser

    def change_accounts(self, sql, *values):
        """Changes the file of a stopped server's accounts, such as the time at which something ends."""
        self.archive.stop()
        file = self.archive.data / "accounts.sqlite"
        with sqlite3.connect(file) as database:
            database.execute(sql, values)
        database.close()
        give_pages_their_sums(file)
        self.archive.serve()

    def audit(self, action):
        found = self.archive.run("audit", "list", "--limit", "1000", "--json").json
        return [entry for entry in found["entries"] if entry["action"] == action]

    def looks(self, path):
        """An answer without what differs between any two requests."""
        answer = self.archive.request("GET", path)
        body = re.sub(rb"<code>[^<]*</code>", b"", answer.body).replace(path.encode(), b"PATH")
        body = body.replace(urllib.parse.quote(path, safe="").encode(), b"PATH")
        return answer.status, body


class Invitations(WithPeople):
    def test_an_invitation_lets_somebody_choose_a_password_and_signs_them_in(self):
        made, browser = self.invite(), self.browser()
        page = browser.get(self.path(made))
        self.assertEqual(200, page.status)
        self.assertIn("người lưu trữ tại Liên đoàn ldld-hn", words_of(page))
        for field, value in (("cache-control", "private, no-store"), ("referrer-policy", "no-referrer"),
                             ("x-robots-tag", "noindex, nofollow")):
            self.assertEqual(value, page.fields[field])
        done = self.accept(made, browser=browser)
        self.assertEqual((303, "/account"), (done.status, done.fields["location"]))
        self.assertIn(made["name"], words_of(browser.get("/account")))
        self.assertEqual(303, self.browser().sign_in(made["name"]).status)
        entry = [one for one in self.audit("account.invite") if one["object"] == made["name"]]
        self.assertEqual(("ha", "ldld-hn"), (entry[0]["by"], entry[0]["detail"]["unit"]))
        self.assertIn(made["name"], [one["by"] for one in self.audit("account.join")])
        self.assertNotIn(self.path(made).split("/")[2], json.dumps(self.audit("account.invite")))

    def test_it_speaks_english_too(self):
        page = self.archive.request("GET", self.path(self.invite()), fields={"Accept-Language": "en"})
        self.assertIn("You are invited to use the archive", words_of(page))

    def test_it_works_once(self):
        made = self.invite()
        self.assertEqual(303, self.accept(made).status)
        self.assertEqual(404, self.accept(made, OTHER).status)
        self.assertEqual(self.looks("/invitation/" + WRONG), self.looks(self.path(made)))
        self.assertEqual(401, self.browser().sign_in(made["name"], OTHER).status)

    def test_looking_at_it_uses_nothing_up_nor_does_a_bad_password(self):
        made = self.invite()
        for _ in range(2):
            self.assertEqual(200, self.archive.request("GET", self.path(made)).status)
        self.assertEqual(400, self.accept(made, "ngắn").status)
        differing = self.accept(made, PASSWORD, OTHER)
        self.assertEqual(400, differing.status)
        self.assertIn("không giống nhau", words_of(differing))
        self.assertEqual(303, self.accept(made).status)

    def test_an_invitation_that_ended_or_was_revoked_looks_as_if_there_had_been_none(self):
        late, revoked = self.invite(), self.invite()
        listed = self.ask("ha", "GET", "/api/v1/invitations", status=200).json["invitations"]
        self.assertLessEqual({late["id"], revoked["id"]}, {one["id"] for one in listed})
        self.assertTrue(all("url" not in one for one in listed))
        self.ask("ha", "DELETE", "/api/v1/invitations/" + revoked["id"], status=204)
        self.change_accounts("UPDATE invitation SET ends_at = 1 WHERE name = ?", late["name"])
        for made in (late, revoked):
            self.assertEqual(self.looks("/invitation/" + WRONG), self.looks(self.path(made)))
            self.assertEqual(404, self.accept(made).status)
            self.ask("ha", "DELETE", "/api/v1/invitations/" + made["id"], status=404)

    def test_an_invitation_opens_only_as_long_as_its_maker_could_make_it(self):
        self.ask("hoa", "POST", "/api/v1/users", {"name": "hong", "unit": "ldld-hn", "role": "administrator",
                                                  "password": PASSWORD}, status=201)
        browser = self.browser()
        browser.sign_in("hong")
        csrf = json.loads(browser.get("/api/v1/session").body)["csrf_token"]
        wish = {"name": self.new_name(), "unit": "ldld-hn", "role": "administrator"}
        made = browser.request("POST", "/api/v1/invitations", None, {"X-CSRF-Token": csrf, "Content-Type": "application/json"}, json.dumps(wish))
        self.assertEqual((201, "hong"), (made.status, made.json["maker"]))
        self.assertEqual(200, self.archive.request("GET", self.path(made.json)).status)
        self.change_accounts("UPDATE account_grant SET role = 'editor' WHERE account = "
                             "(SELECT id FROM account WHERE name = 'hong')")
        self.assertEqual(self.looks("/invitation/" + WRONG), self.looks(self.path(made.json)))
        self.assertEqual(404, self.accept(made.json).status)

    def test_only_an_administrator_of_the_unit_invites_sees_and_revokes(self):
        made = self.invite()
        for viewer, status in (("nobody", 401), ("lan", 403), ("hai", 403)):
            self.invite(viewer, status)
        self.invite("ha", 403, unit="tld")
        self.invite("ha", 403, unit="ldld-hp")
        self.invite("ha", 400, unit="no-such-unit")
        self.invite("ha", 400, role="emperor")
        self.invite("ha", 409, name="LAN")
        for viewer in ("hai", "lan"):
            listed = self.ask(viewer, "GET", "/api/v1/invitations", status=200).json["invitations"]
            self.assertNotIn(made["id"], [one["id"] for one in listed])
            self.ask(viewer, "DELETE", "/api/v1/invitations/" + made["id"], status=404)
        self.ask("nobody", "GET", "/api/v1/invitations", status=401)
        self.assertEqual(303, self.accept(made).status)

    def test_a_form_of_another_site_is_refused(self):
        made = self.invite()
        answer = self.browser().request("POST", self.path(made), {"password": PASSWORD, "again": PASSWORD},
                                        {"Sec-Fetch-Site": "cross-site"})
        self.assertEqual(403, answer.status)
        self.assertEqual(303, self.accept(made).status)

    def test_programs_accept_one_too(self):
        made = self.invite()
        body = {"token": self.path(made).split("/")[2], "password": PASSWORD}
        answer = self.ask("nobody", "POST", "/api/v1/session/invitation", body, status=200)
        self.assertEqual(made["name"], answer.json["name"])
        self.ask("nobody", "POST", "/api/v1/session/invitation", body, status=404)

    def test_the_secret_of_a_link_stands_in_no_log(self):
        made = self.invite()
        self.accept(made)
        log = (self.archive.folder / "serve.log").read_text()
        self.assertNotIn(self.path(made).split("/")[2], log)
        self.assertIn("/invitation/{token}", log)

    def test_the_command_prints_the_link_alone_on_its_first_line(self):
        name = self.new_name()
        done = self.archive.run("user", "invite", name, "--unit", "ldld-hn", "--role", "reader")
        self.assertEqual(0, done.exit_code, done.complaint)
        url = done.output.splitlines()[0]
        self.assertTrue(url.startswith(f"http://127.0.0.1:{self.archive.port}/invitation/"), url)
        self.assertEqual(200, self.archive.request("GET", urllib.parse.urlsplit(url).path).status)


class InvitingOnThePage(WithPeople):
    def signed_in(self, name):
        browser = self.browser()
        browser.sign_in(name)
        return browser

    def link(self, page):
        return urllib.parse.urlsplit(re.search(r'value="(http[^"]+/invitation/[0-9a-f]{64})"', words_of(page))[1]).path

    def test_an_administrator_invites_sees_what_is_open_and_revokes_it(self):
        ha, name = self.signed_in("ha"), self.new_name()
        self.assertIn('href="/people"', words_of(ha.get("/account")))
        page = ha.send("/people", name=name, unit="ldld-hn", role="editor")
        self.assertEqual(201, page.status, page.body[:300])
        link = self.link(page)
        self.assertEqual(200, self.archive.request("GET", link).status)
        words = words_of(ha.get("/people"))
        self.assertIn(name, words)
        self.assertIn("biên tập viên tại Liên đoàn ldld-hn", words)
        self.assertNotIn(link, words)
        id = re.search(name + r"</b>.*?/people/([0-9a-f]{64})/revoke", words, re.S)[1]
        self.assertNotIn(name, words_of(self.signed_in("hai").get("/people")))
        self.assertEqual(404, self.signed_in("hai").send(f"/people/{id}/revoke").status)
        self.assertEqual(200, self.archive.request("GET", link).status)
        self.assertEqual(303, ha.send(f"/people/{id}/revoke").status)
        self.assertEqual(404, self.archive.request("GET", link).status)

    def test_what_may_not_be_made_comes_back_as_it_was_typed(self):
        ha = self.signed_in("ha")
        refused = ha.send("/people", name="người mới", unit="ldld-hp", role="editor")
        self.assertEqual(403, refused.status)
        for kept in ('value="người mới"', 'value="ldld-hp"', 'value="editor" selected'):
            self.assertIn(kept, words_of(refused))
        self.assertEqual(409, ha.send("/people", name="lan", unit="ldld-hn", role="editor").status)

    def test_an_account_is_reset_on_the_page(self):
        name, browser = self.person()
        self.assertEqual(403, self.signed_in("hai").send("/people/reset", name=name).status)
        self.assertTrue(browser.is_in())
        page = self.signed_in("ha").send("/people/reset", name=name)
        self.assertEqual(201, page.status)
        self.assertFalse(browser.is_in())
        self.assertEqual(200, self.archive.request("GET", self.link(page)).status)

    def test_it_is_for_administrators(self):
        self.assertEqual(303, self.browser().get("/people").status)
        lan = self.signed_in("lan")
        self.assertNotIn('href="/people"', words_of(lan.get("/account")))
        self.assertEqual(403, lan.get("/people").status)
        self.assertEqual(403, lan.send("/people", name=self.new_name(), unit="ldld-hn", role="reader").status)
        ha = self.signed_in("ha")
        self.assertEqual(403, ha.request("POST", "/people", {"csrf": WRONG, "name": "x"}).status)


class Resets(WithPeople):
    def reset(self, name, viewer="ha", status=201):
        return self.ask(viewer, "POST", f"/api/v1/users/{name}/reset", {}, status=status).json

    def test_a_reset_ends_sessions_and_the_old_password_at_once(self):
        name, browser = self.person()
        made = self.reset(name)
        self.assertFalse(browser.is_in())
        self.assertEqual(401, self.browser().sign_in(name).status)
        self.assertIn("Đặt mật khẩu mới", words_of(self.archive.request("GET", self.path(made))))
        self.assertEqual(303, self.accept(made, OTHER).status)
        self.assertEqual(303, self.browser().sign_in(name, OTHER).status)
        self.assertEqual(404, self.accept(made, PASSWORD).status)
        self.assertEqual(["ha"], [one["by"] for one in self.audit("account.reset") if one["object"] == name])

    def test_only_who_administers_every_unit_of_the_account_resets_it(self):
        name, browser = self.person()
        for viewer, status in (("nobody", 401), ("lan", 403), ("hai", 403)):
            self.reset(name, viewer, status)
        # Of two units the other's administrator is not enough, nor is the own one.
        self.change_accounts("INSERT INTO account_grant (account, role, unit) SELECT a.id, 'reader', g.unit FROM account a, "
                             "account_grant g JOIN account h ON h.id = g.account WHERE a.name = ? AND h.name = 'hai'", name)
        for viewer in ("ha", "hai"):
            self.reset(name, viewer, 403)
        self.assertTrue(browser.is_in())
        self.reset("hoa", "ha", 403)
        self.reset(name, "hoa")
        self.assertFalse(browser.is_in())

    def test_names_that_nobody_has_answer_as_those_of_others(self):
        unknown = self.ask("hai", "POST", "/api/v1/users/nobody-at-all/reset", {})
        other = self.ask("hai", "POST", "/api/v1/users/lan/reset", {})
        self.assertEqual((403, other.json["title"]), (unknown.status, unknown.json["title"]))
        self.reset("nobody-at-all", "hoa", 404)

    def test_the_command_resets_too(self):
        name, browser = self.person()
        done = self.archive.run("user", "reset", name, "--json")
        self.assertEqual(0, done.exit_code, done.complaint)
        self.assertFalse(browser.is_in())
        self.assertEqual(303, self.accept(done.json, OTHER).status)


class TheFirst(unittest.TestCase):
    def links(self, archive):
        return re.findall(r"http://\S+(/invitation/[0-9a-f]{64})", (archive.folder / "serve.log").read_text())

    def test_an_archive_without_accounts_offers_a_link_for_its_first_administrator(self):
        archive = Keeping()
        self.addCleanup(archive.remove)
        archive.serve()
        first = self.wait_for_links(archive, 1)[0]
        archive.stop()
        archive.serve()
        second = self.wait_for_links(archive, 2)[1]
        self.assertEqual(404, archive.request("GET", first).status)
        page = archive.request("GET", second)
        self.assertIn("Lập tài khoản quản trị đầu tiên", words_of(page))
        browser = Browser(archive)
        form = {"name": "hoa", "password": PASSWORD, "again": PASSWORD}
        self.assertEqual(400, browser.request("POST", second, {**form, "name": ""}).status)
        self.assertEqual(303, browser.request("POST", second, form).status)
        self.assertEqual(200, browser.get("/account").status)
        self.assertEqual(200, browser.get("/preservation").status)
        self.assertEqual(404, browser.request("POST", second, {**form, "name": "khac"}).status)
        archive.stop()
        archive.serve()
        time.sleep(0.2)
        self.assertEqual(2, len(self.links(archive)))

    def wait_for_links(self, archive, count):
        end = time.monotonic() + 10
        while len(self.links(archive)) < count:
            self.assertLess(time.monotonic(), end, "no link in the log")
            time.sleep(0.02)
        return self.links(archive)


class SigningIn(WithPeople):
    def sign_in(self, name, password, **fields):
        return self.archive.request("POST", "/api/v1/session", json.dumps({"name": name, "password": password}),
                                    {"Content-Type": "application/json", **fields})

    def test_names_that_nobody_has_get_the_same_answer_and_about_the_same_time(self):
        name, _ = self.person()

        def answer(who):
            begun = time.perf_counter()
            given = self.sign_in(who, "sai mật khẩu rồi")
            return given, time.perf_counter() - begun

        times = {"known": [], "unknown": []}
        for _ in range(4):
            known, took = answer(name)
            times["known"].append(took)
            unknown, took = answer("khong-co-ai")
            times["unknown"].append(took)
            self.assertEqual((401, known.json["title"]), (unknown.status, unknown.json["title"]))
            self.assertEqual(set(known.fields), set(unknown.fields))
        # The password is hashed in both cases, which takes most of the time.
        self.assertGreater(min(times["unknown"]), min(times["known"]) / 2)
        self.assertGreater(min(times["known"]), min(times["unknown"]) / 2)

    def test_a_session_that_was_given_before_is_not_the_one_that_begins(self):
        name, attacker = self.person()
        victim = self.browser()
        victim.cookies["session"] = planted = attacker.cookies["session"]
        self.assertEqual(303, victim.sign_in(name).status)
        self.assertNotEqual(planted, victim.cookies["session"])
        victim.cookies["session"] = WRONG
        self.assertEqual(303, victim.sign_in(name).status)
        self.assertNotEqual(WRONG, victim.cookies["session"])
        made = self.invite()
        victim.cookies["session"] = WRONG
        self.accept(made, browser=victim)
        self.assertNotEqual(WRONG, victim.cookies["session"])

    def test_cookies_are_out_of_reach_of_scripts_and_other_sites(self):
        name, _ = self.person()
        browser = self.browser()
        browser.sign_in(name)
        self.assertEqual({"session", "device", "awaited_code"}, {cookie.split("=")[0] for cookie in browser.set})
        for cookie in browser.set:
            self.assertIn("HttpOnly", cookie)
            self.assertIn("SameSite=Lax", cookie)

    def test_a_browser_that_signed_in_before_is_not_slowed_down_by_others(self):
        name, browser = self.person()
        browser.send("/sign-out")
        self.assertFalse(browser.is_in())
        for _ in range(8):
            self.sign_in(name, "sai mật khẩu rồi")
        self.assertEqual(429, self.sign_in(name, PASSWORD).status)
        self.assertEqual(303, browser.sign_in(name).status)


class SecondStep(WithPeople):
    def turn_on(self, browser):
        page = browser.send("/account/second-step")
        self.assertEqual(200, page.status, page.body[:400])
        self.assertIn("<svg", words_of(page))
        secret = re.search(r"<code>([A-Z2-7 ]+)</code>", words_of(page))[1].replace(" ", "")
        wrong = browser.send("/account/second-step/confirm", code="000000")
        self.assertEqual(401, wrong.status)
        self.assertIn(secret, words_of(wrong).replace(" ", ""))
        now = time.time()
        before = browser.cookies["session"]
        page = browser.send("/account/second-step/confirm", code=code_at(secret, now))
        codes = re.findall(r"<code>([0-9a-f]{4}(?:-[0-9a-f]{4}){3})</code>", words_of(page))
        self.assertEqual((200, 10), (page.status, len(set(codes))))
        self.assertNotEqual(before, browser.cookies["session"])
        return secret, codes, now

    def test_the_code_is_asked_for_after_the_password_and_taken_once(self):
        name, own = self.person()
        secret, _, now = self.turn_on(own)
        browser = self.browser()
        page = browser.sign_in(name)
        self.assertIn("Sáu số", words_of(page))
        self.assertFalse(browser.is_in())
        self.assertNotIn("session", browser.cookies)
        # The code that turned it on is a replay by now.
        self.assertEqual(401, browser.request("POST", "/sign-in/code", {"code": code_at(secret, now)}).status)
        done = browser.request("POST", "/sign-in/code", {"code": code_at(secret, now + 30), "next": "/units"})
        self.assertEqual((303, "/units"), (done.status, done.fields["location"]))
        self.assertTrue(browser.is_in())
        again = self.browser()
        again.sign_in(name)
        self.assertEqual(401, again.request("POST", "/sign-in/code", {"code": code_at(secret, now + 30)}).status)
        self.assertFalse(again.is_in())
        self.assertEqual([name], [one["by"] for one in self.audit("account.second_step_on") if one["object"] == name])

    def test_a_recovery_code_lets_in_once(self):
        name, own = self.person()
        _, codes, _ = self.turn_on(own)
        browser = self.browser()
        browser.sign_in(name)
        self.assertEqual(303, browser.request("POST", "/sign-in/code", {"code": codes[0]}).status)
        self.assertIn("Còn 9 mã dự phòng", words_of(browser.get("/account")))
        again = self.browser()
        again.sign_in(name)
        self.assertEqual(401, again.request("POST", "/sign-in/code", {"code": codes[0]}).status)
        self.assertFalse(again.is_in())

    def test_the_api_takes_the_code_beside_the_password(self):
        name, own = self.person()
        secret, _, now = self.turn_on(own)
        body = {"name": name, "password": PASSWORD}
        refused = self.ask("nobody", "POST", "/api/v1/session", body, status=401)
        self.assertNotIn("set-cookie", refused.fields)
        self.assertIn("bước thứ hai", refused.json["title"] + refused.json.get("detail", ""))
        self.ask("nobody", "POST", "/api/v1/session", {**body, "code": code_at(secret, now + 30)}, status=200)

    def test_a_code_without_the_cookie_of_the_password_is_nothing(self):
        name, own = self.person()
        secret, codes, now = self.turn_on(own)
        stranger = self.browser()
        self.assertEqual(401, stranger.request("POST", "/sign-in/code", {"code": codes[1]}).status)
        self.assertFalse(stranger.is_in())

    def test_a_right_code_is_not_slowed_down_by_others(self):
        name, own = self.person()
        secret, codes, _ = self.turn_on(own)
        for _ in range(8):
            refused = self.browser().sign_in(name, "sai mật khẩu rồi")
        self.assertEqual(429, refused.status)
        self.assertIn('name="code"', words_of(refused))
        self.assertEqual(429, self.browser().sign_in(name, code="000000").status)
        self.assertEqual(303, self.browser().sign_in(name, code=codes[2]).status)

    def test_it_is_turned_off_by_password_and_code_together(self):
        name, browser = self.person()
        secret, codes, _ = self.turn_on(browser)
        for form in ({"password": PASSWORD, "code": ""}, {"password": PASSWORD, "code": "000000"},
                     {"password": "sai mật khẩu rồi", "code": codes[0]}):
            self.assertEqual(401, browser.send("/account/second-step/off", **form).status, form)
        self.assertIn("Đang bật", words_of(browser.get("/account")))
        done = browser.send("/account/second-step/off", password=PASSWORD, code=codes[1])
        self.assertEqual((303, "/account?done=second_step_off"), (done.status, done.fields["location"]))
        self.assertEqual(303, self.browser().sign_in(name).status)

    def test_an_administrators_reset_turns_it_off(self):
        name, browser = self.person()
        self.turn_on(browser)
        made = self.ask("ha", "POST", f"/api/v1/users/{name}/reset", {}, status=201).json
        self.assertEqual(303, self.accept(made, OTHER).status)
        fresh = self.browser()
        self.assertEqual(303, fresh.sign_in(name, OTHER).status)
        self.assertTrue(fresh.is_in())


class OwnAccount(WithPeople):
    def test_a_person_sees_and_ends_own_sessions(self):
        name, phone = self.person()
        desk = self.browser("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit Chrome/130.0 Safari/537.36")
        desk.sign_in(name)
        words = words_of(desk.get("/account"))
        for said in ("Firefox, Android", "Chrome, Windows", "127.0.0…", "máy này"):
            self.assertIn(said, words)
        self.assertNotIn("127.0.0.1", words)
        self.assertNotIn("Win64", words)
        other = re.search(r'name="id" value="([0-9a-f]{64})"', words)[1]
        stranger_name, stranger = self.person()
        self.assertEqual(404, stranger.send("/account/sessions/end", id=other).status)
        self.assertTrue(phone.is_in())
        self.assertEqual(303, desk.send("/account/sessions/end", id=other).status)
        self.assertFalse(phone.is_in())
        phone.sign_in(name)
        self.assertEqual(303, desk.send("/account/sessions/end", id="others").status)
        self.assertFalse(phone.is_in())
        self.assertTrue(desk.is_in())
        self.assertEqual(2, len([one for one in self.audit("session.end") if one["object"] == name]))

    def test_changing_the_password_needs_the_present_one_and_ends_other_sessions(self):
        name, browser = self.person()
        other = self.browser()
        other.sign_in(name)
        form = {"present": PASSWORD, "password": OTHER, "again": OTHER}
        for wrong, status in (({"present": "sai mật khẩu rồi"}, 401), ({"again": PASSWORD}, 400),
                              ({"password": "ngắn", "again": "ngắn"}, 400)):
            self.assertEqual(status, browser.send("/account/password", **{**form, **wrong}).status, wrong)
        self.assertTrue(other.is_in())
        before = browser.cookies["session"]
        self.assertEqual(303, browser.send("/account/password", **form).status)
        self.assertNotEqual(before, browser.cookies["session"])
        self.assertTrue(browser.is_in())
        self.assertFalse(other.is_in())
        browser.cookies["session"] = before
        self.assertFalse(browser.is_in())
        self.assertEqual(303, self.browser().sign_in(name, OTHER).status)

    def test_forms_need_the_token_of_the_session(self):
        name, browser = self.person()
        for path in ("password", "sessions/end", "tokens", "tokens/end", "second-step", "second-step/confirm",
                     "second-step/off"):
            self.assertEqual(403, browser.request("POST", "/account/" + path, {"csrf": WRONG}).status, path)
            self.assertEqual(401, self.browser().request("POST", "/account/" + path, {"csrf": WRONG}).status, path)
        self.assertEqual(303, self.browser().get("/account").status)

    def token_by_page(self, browser, **form):
        page = browser.send("/account/tokens", **{"label": "máy quét", "scope": "read", "days": "30", **form})
        self.assertEqual(201, page.status, page.body[:300])
        return re.search(r'value="(kc_[0-9a-f]{64})"', words_of(page))[1]

    def test_a_read_token_may_not_change_anything(self):
        name, browser = self.person()
        self.tokens = {**self.tokens, "reads": self.token_by_page(browser),
                       "writes": self.token_by_page(browser, scope="write")}
        for viewer in ("reads", "writes"):
            self.assertEqual(name, self.ask(viewer, "GET", "/api/v1/session", status=200).json["name"])
        changes = [("POST", "/api/v1/materials", b""), ("POST", "/api/v1/uploads", ""), ("POST", "/upload", b""),
                   ("POST", "/api/v1/kits", {"title": "x"}), ("DELETE", "/api/v1/session", None),
                   ("POST", "/api/v1/invitations", {}), ("POST", f"/api/v1/users/{name}/tokens", {}),
                   ("PATCH", "/api/v1/materials/01940000-0000-7000-8000-000000000000", {"title": "x"})]
        for method, path, body in changes:
            answer = self.ask("reads", method, path, body, {"Tus-Resumable": "1.0.0", "Upload-Length": "1"})
            self.assertEqual(403, answer.status, (method, path))
            self.assertIn("chỉ được đọc", answer.body.decode(), (method, path))
        self.ask("writes", "PATCH", changes[-1][1], changes[-1][2], {"If-Match": '"r1"'}, 404)

    def test_a_token_is_its_persons_to_make_list_and_revoke(self):
        name, browser = self.person()
        token = self.token_by_page(browser, scope="write")
        self.tokens = {**self.tokens, "writes": token}
        listed = self.ask("writes", "GET", f"/api/v1/users/{name}/tokens", status=200).json["tokens"]
        self.assertEqual([("máy quét", "write")], [(one["label"], one["scope"]) for one in listed])
        self.ask("lan", "GET", f"/api/v1/users/{name}/tokens", status=403)
        self.ask("nobody", "GET", f"/api/v1/users/{name}/tokens", status=401)
        self.ask("hoa", "GET", f"/api/v1/users/{name}/tokens", status=200)
        # A token makes no token, and no other person revokes it.
        self.ask("writes", "POST", f"/api/v1/users/{name}/tokens", {}, status=403)
        self.ask("lan", "DELETE", f"/api/v1/users/{name}/tokens/{listed[0]['id']}", status=403)
        self.assertEqual(404, self.person()[1].send("/account/tokens/end", id=listed[0]["id"]).status)
        self.assertEqual(303, browser.send("/account/tokens/end", id=listed[0]["id"]).status)
        self.ask("writes", "GET", "/api/v1/session", status=401)

    def test_a_token_lives_a_year_at_most(self):
        name, browser = self.person()
        for days in ("0", "366", "x"):
            answer = browser.send("/account/tokens", label="máy quét", scope="read", days=days)
            self.assertEqual(400, answer.status)
            self.assertIn("máy quét", words_of(answer))
        self.ask("hoa", "POST", f"/api/v1/users/{name}/tokens", {"expires_at": "2199-01-01T00:00:00Z"}, status=400)
        self.ask("hoa", "POST", f"/api/v1/users/{name}/tokens", {"scope": "everything"}, status=400)


class StrictLockout(WithPeople):
    config = "[accounts]\nstrict_lockout = true\n"

    def test_five_failures_lock_the_account_for_everybody(self):
        name, browser = self.person()
        own, _ = self.person()
        for _ in range(5):
            self.assertEqual(401, self.browser().sign_in(name, "sai mật khẩu rồi").status)
        self.assertEqual(429, self.browser().sign_in(name).status)
        browser.send("/sign-out")
        self.assertEqual(429, browser.sign_in(name).status)
        self.assertEqual(303, self.browser().sign_in(own).status)
        for _ in range(5):
            self.assertEqual(401, self.browser().sign_in("khong-co-ai", "sai mật khẩu rồi").status)
        self.assertEqual(429, self.browser().sign_in("khong-co-ai", "sai mật khẩu rồi").status)


if __name__ == "__main__":
    unittest.main()
