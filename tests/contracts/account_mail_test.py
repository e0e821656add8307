"""What accounts hear by mail: forgotten passwords, changes, work that waits; journalists who ask for an account; and
what is left of an account that was erased."""
import datetime
import json
import pathlib
import re
import sqlite3
import sys
import time
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parents[1])]
from archive import multipart  # noqa: E402
from mail_place import MailPlace, until  # noqa: E402
from people_test import OTHER, PASSWORD, SecondStep, WithPeople, code_at, words_of  # noqa: E402

turn_on = SecondStep.turn_on
del SecondStep  # its tests are not ours
ORIGIN = "https://kho.example.vn"
LINK = re.escape(ORIGIN) + r"(/(?:invitation|address|press/confirm)/[0-9a-f]{64})"


class WithMail(WithPeople):
    """Everybody comes from another network, so that nobody is held up by another test."""

    @classmethod
    def setUpClass(cls):
        cls.place = MailPlace()
        cls.addClassCleanup(cls.place.close)
        cls.config = (f'[server]\norigin = "{ORIGIN}"\nproxies = ["127.0.0.1"]\n[mail]\nserver = "smtp://127.0.0.1:{cls.place.port}"\n'
                      'from = "kho@example.vn"\n')
        cls.clients = 0
        super().setUpClass()
        cls.place.open()

    def setUp(self):
        self.place.behave()
        with self.place.changed:
            del self.place.arrived[:]

    def post(self, path, client=None, **form):
        """A form that somebody sends, each time from another network unless it is said."""
        type(self).clients += 1
        client = client or f"198.{self.clients // 250}.{self.clients % 250}.7"
        return self.browser().request("POST", path, form, {"X-Forwarded-For": client})

    def take_for(self, address):
        """The mail to that address; what came before it, of an earlier test perhaps, is put away."""
        def arrived():
            with self.place.changed:
                found = [mail for mail in self.place.arrived if mail.envelope[1] == [address]]
                if found:
                    del self.place.arrived[:]
                return found
        return until(arrived)[0]

    def link_in(self, mail):
        return re.search(LINK, mail.get_content())[1]

    def account(self, name=None, role="archivist", unit="ldld-hn", kind="union_person"):
        name = name or self.new_name()
        rights = ["--unit", unit, "--role", role] if kind == "union_person" else ["--kind", kind]
        added = self.archive.run("user", "add", name, *rights, "--password-stdin", given=PASSWORD)
        self.assertEqual(0, added.exit_code, added.complaint)
        browser = self.browser()
        self.assertEqual(303, browser.sign_in(name).status)
        return name, browser

    def with_address(self, address=None, **account):
        name, browser = self.account(**account)
        address = address or f"{name}@example.vn"
        self.assertEqual(303, browser.send("/account/address", address=address, password=PASSWORD).status)
        mail = self.take_for(address)
        confirmed = self.browser().request("POST", self.link_in(mail), {})
        self.assertEqual(200, confirmed.status, confirmed.body[:400])
        return name, browser, address

    def untried_mails(self):
        database = sqlite3.connect(f"file:{self.archive.data}/accounts.sqlite?mode=ro", uri=True)
        try:
            return database.execute("SELECT COUNT(*) FROM mail WHERE attempts = 0").fetchone()[0]
        finally:
            database.close()

    def change_accounts(self, sql, *values):
        """As elsewhere, once nothing is under way: a mail that a stop cuts off comes again."""
        until(lambda: self.untried_mails() == 0)
        super().change_accounts(sql, *values)

    def look_now(self, *names, earlier=0):
        """Has the archive look at once at what waits for them, as if it had told them so much earlier."""
        marks = ", ".join("?" * len(names))
        self.change_accounts(f"UPDATE account_address SET told_at = told_at - {earlier}, look_at = 0 WHERE account IN "
                             f"(SELECT id FROM account WHERE name IN ({marks}))", *names)


class Addresses(WithMail):
    def test_an_address_counts_once_its_mailbox_has_answered(self):
        name, browser = self.account()
        self.assertEqual(303, browser.send("/account/address", address=f"{name}@example.vn", password=PASSWORD).status)
        mail = self.place.take()
        self.assertIn(name, mail.get_content())
        self.assertNotIn(f"<b>{name}@example.vn</b>", words_of(browser.get("/account")))
        path = self.link_in(mail)
        shown = self.browser().get(path)
        self.assertEqual(200, shown.status)
        self.assertIn("no-store", shown.fields["cache-control"])
        self.assertEqual("no-referrer", shown.fields["referrer-policy"])
        # Looking is no answer: mail programs open links by themselves.
        self.assertNotIn(f"<b>{name}@example.vn</b>", words_of(browser.get("/account")))
        self.assertEqual(200, self.browser().request("POST", path, {}).status)
        self.assertIn(f"<b>{name}@example.vn</b>", words_of(browser.get("/account")))
        self.assertEqual(404, self.browser().request("POST", path, {}).status)

    def test_only_with_the_password_and_a_true_address(self):
        name, browser = self.account()
        self.assertEqual(401, browser.send("/account/address", address="a@example.vn", password=OTHER).status)
        for wrong in ("", "no address", "a@b\r\nBcc: c@d.vn", "a" * 250 + "@example.vn"):
            self.assertEqual(400, browser.send("/account/address", address=wrong, password=PASSWORD).status, wrong)
        self.assertEqual([], self.place.arrived)

    def test_the_present_address_hears_of_a_new_one_and_of_changes(self):
        name, browser, address = self.with_address()
        self.assertEqual(303, browser.send("/account/address", address=f"moi-{name}@example.vn", password=PASSWORD).status)
        mails = self.place.take(2)
        self.assertEqual({address, f"moi-{name}@example.vn"}, {mail.envelope[1][0] for mail in mails})
        warned = next(mail for mail in mails if mail.envelope[1] == [address])
        self.assertIn(name, warned["subject"])
        self.assertNotIn("moi-", warned.get_content())
        self.assertEqual(303, browser.send("/account/password", present=PASSWORD, password=OTHER, again=OTHER).status)
        self.assertEqual([address], self.place.take().envelope[1])
        self.assertEqual(303, browser.send("/account/address/remove", password=OTHER).status)
        browser.send("/account/password", present=OTHER, password=PASSWORD, again=PASSWORD)
        time.sleep(3)
        self.assertEqual([], self.place.arrived)


class Recovery(WithMail):
    def recover(self, asked, client=None):
        answer = self.post("/forgot", client, name=asked)
        self.assertEqual(202, answer.status, answer.body[:300])
        return answer

    def test_by_name_and_by_address(self):
        name, browser, address = self.with_address()
        for asked, secret in ((name, OTHER), (address.upper(), PASSWORD)):
            self.recover(asked)
            mail = self.place.take()
            self.assertEqual([address], mail.envelope[1])
            path = self.link_in(mail)
            self.assertEqual(200, self.browser().get(path).status)
            fresh = self.browser()
            chosen = fresh.request("POST", path, {"password": secret, "again": secret})
            self.assertEqual((303, "/sign-in?done=recovered"), (chosen.status, chosen.fields["location"]))
            self.assertFalse(fresh.is_in())
            self.assertEqual(404, self.browser().request("POST", path, {"password": secret, "again": secret}).status)
            self.assertIn(name, self.place.take().get_content())
            self.assertEqual(303, self.browser().sign_in(name, secret).status)
        # Browsers that were signed in before are out.
        self.assertFalse(browser.is_in())

    def test_asking_changes_nothing_and_tells_nothing(self):
        name, browser, address = self.with_address()
        known, unknown = self.recover(name), self.recover("nobody.is.called.so")
        without_number = [re.sub(r"<code>.*?</code>", "", words_of(page)) for page in (unknown, known)]
        self.assertEqual(*without_number)
        mail = self.place.take()
        self.assertEqual([address], mail.envelope[1])
        self.assertTrue(browser.is_in())
        self.assertEqual(303, self.browser().sign_in(name).status)
        # An account without an address gets nothing, nor does one that is disabled.
        other, _ = self.account()
        self.recover(other)
        closed, _, _ = self.with_address()
        self.change_accounts("UPDATE account SET is_disabled = 1 WHERE name = ?", closed)
        self.recover(closed)
        last, _, address = self.with_address()
        self.recover(last)
        self.assertEqual([address], self.place.take().envelope[1])

    def test_the_second_step_stays(self):
        name, browser, address = self.with_address()
        secret, *_ = turn_on(self, browser)
        self.place.take()
        self.recover(name)
        path = self.link_in(self.place.take())
        self.assertEqual(303, self.browser().request("POST", path, {"password": OTHER, "again": OTHER}).status)
        fresh = self.browser()
        awaited = fresh.sign_in(name, OTHER)
        self.assertEqual(200, awaited.status)
        self.assertFalse(fresh.is_in())
        self.assertEqual(303, fresh.request("POST", "/sign-in/code", {"code": code_at(secret, time.time() + 30)}).status)
        self.assertTrue(fresh.is_in())

    def test_a_reset_takes_the_address_and_every_link_away(self):
        """Whoever held the account may have put his own address there."""
        name, browser, address = self.with_address()
        self.assertEqual(303, browser.send("/account/address", address=f"ke.gian.{name}@example.vn", password=PASSWORD).status)
        pending = next(self.link_in(mail) for mail in self.place.take(2) if mail.envelope[1] != [address])
        self.recover(name)
        link = self.link_in(self.place.take())
        self.assertEqual(0, self.archive.run("user", "reset", name).exit_code)
        self.assertEqual(404, self.browser().get(link).status)
        self.assertEqual(404, self.browser().request("POST", pending, {}).status)
        self.recover(name)
        other, _, address = self.with_address()
        self.recover(other)
        self.assertEqual([address], self.place.take().envelope[1])

    def test_a_new_password_ends_the_wish_of_whoever_was_in_before(self):
        """His address, not confirmed yet, would be a way back in."""
        name, browser, address = self.with_address()
        self.assertEqual(303, browser.send("/account/address", address=f"ke.gian.{name}@example.vn", password=PASSWORD).status)
        pending = next(self.link_in(mail) for mail in self.place.take(2) if mail.envelope[1] != [address])
        self.recover(name)
        link = self.link_in(self.place.take())
        self.assertEqual(303, self.browser().request("POST", link, {"password": OTHER, "again": OTHER}).status)
        self.assertEqual([404, 404], [self.browser().request(method, pending, {} if method == "POST" else None).status
                                      for method in ("GET", "POST")])
        self.place.take()  # that the password was chosen
        self.recover(name)
        self.assertEqual([address], self.place.take().envelope[1])

    def test_one_mailbox_of_several_accounts_gets_one_mail(self):
        shared = f"van.phong.{self.new_name()}@example.vn"
        first, _, _ = self.with_address(shared)
        second, _, _ = self.with_address(shared)
        self.recover(shared)
        said = self.place.take().get_content()
        self.assertEqual(2, len(re.findall(LINK, said)))
        self.assertTrue(first in said and second in said)

    def test_a_mailbox_is_not_flooded(self):
        name, _, address = self.with_address()
        for _ in range(6):
            self.recover(name)
        self.place.wait_for(3)
        time.sleep(3)
        self.assertEqual(3, len(self.place.arrived))
        # Each of them opens, until one was used.
        links = [self.link_in(mail) for mail in self.place.arrived]
        self.assertEqual([200] * 3, [self.browser().get(link).status for link in links])
        self.assertEqual(303, self.browser().request("POST", links[0], {"password": OTHER, "again": OTHER}).status)
        self.assertEqual([404] * 3, [self.browser().get(link).status for link in links])

    def test_a_client_does_not_ask_without_end(self):
        statuses = [self.post("/forgot", "203.0.113.7", name=f"ai-{n}").status for n in range(22)]
        self.assertEqual([202] * 20 + [429] * 2, statuses)

    def test_a_link_is_over_after_an_hour(self):
        name, _, _ = self.with_address()
        self.recover(name)
        path = self.link_in(self.place.take())
        self.change_accounts("UPDATE invitation SET ends_at = ends_at - 3600000 WHERE kind = 'recover' AND name = ?", name)
        self.assertEqual(404, self.browser().get(path).status)

    def test_whose_host_the_link_names(self):
        """The address in the mail is the archive's, whatever Host the request names."""
        name, _, _ = self.with_address()
        answer = self.browser().request("POST", "/forgot", {"name": name}, {"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "192.0.2.44"})
        self.assertEqual(202, answer.status)
        self.assertNotIn("evil.example", self.place.take().get_content())

    def test_other_sites_cannot_ask(self):
        refused = self.browser().request("POST", "/forgot", {"name": "hoa"}, {"Origin": "https://evil.example"})
        self.assertEqual(403, refused.status)


class Work(WithMail):
    def contribute(self, name, **fields):
        type(self).made = getattr(type(self), "made", 0) + 1
        token = self.archive.run("user", "token", name, "--json").json["token"]
        self.tokens[name] = token
        body, media_type = multipart([("tin.txt", f"Tin số {self.made}\n".encode())],
                                     {"unit": "ldld-hn", "title": f"Ảnh hội thao {self.made}", "kind": "anh", "visibility": "unit",
                                      "state": "draft", **fields})
        return self.ask(name, "POST", "/api/v1/materials", body, {"Content-Type": media_type}, 201).json["id"]

    def take(self, who, material, step, **body):
        tag = self.ask(who, "GET", "/api/v1/materials/" + material, status=200).fields["etag"]
        return self.ask(who, "POST", f"/api/v1/materials/{material}/review", {"step": step, **body}, {"If-Match": tag}, 200)

    def test_an_editor_hears_once_of_what_waits_and_when_it_is_due(self):
        editor, browser, address = self.with_address(role="editor")
        sender, _, _ = self.with_address(role="contributor")
        material = self.contribute(sender)
        self.take(sender, material, "submit", due="2099-12-31")
        self.look_now(editor)
        mail = self.place.take()
        self.assertEqual([address], mail.envelope[1])
        self.assertIn(f"{ORIGIN}/m/{material}/review", mail.get_content())
        self.assertIn("hạn 31/12/2099", mail.get_content())
        self.assertIn("Ảnh hội thao", mail["subject"])
        self.look_now(editor, sender)
        time.sleep(4)
        self.assertEqual([], self.place.arrived)

    def test_a_contributor_hears_what_became_of_it(self):
        editor, _, _ = self.with_address(role="editor")
        sender, browser, address = self.with_address(role="contributor")
        self.tokens[editor] = self.archive.run("user", "token", editor, "--json").json["token"]
        material = self.contribute(sender)
        self.take(sender, material, "submit")
        self.take(editor, material, "return", text="Ảnh mờ quá, xin chụp lại")
        mail = self.place.take()
        self.assertEqual([address], mail.envelope[1])
        self.assertIn("Ảnh mờ quá", mail.get_content())
        self.take(sender, material, "submit")
        self.take(editor, material, "approve")
        self.take(editor, material, "publish")
        mail = self.place.take()
        self.assertIn("công bố", mail["subject"])
        # Who does not want it is left alone; the choice is kept.
        self.assertEqual(303, browser.send("/account/address/work").status)
        other = self.contribute(sender)
        self.take(sender, other, "submit")
        self.take(editor, other, "return", text="Chưa được")
        time.sleep(4)
        self.assertEqual([], self.place.arrived)

    def test_a_mail_tells_nothing_that_its_reader_may_not_see(self):
        editor, _, _ = self.with_address(role="editor")
        sender, _, to = self.with_address(role="contributor")
        self.tokens[editor] = self.archive.run("user", "token", editor, "--json").json["token"]
        material = self.contribute(sender)
        self.take(sender, material, "submit")
        self.place.answers |= {address: "451 later" for address in (to, f"{editor}@example.vn")}
        self.take(editor, material, "return", text="Xin sửa")
        self.look_now(editor)
        time.sleep(3)
        self.change_accounts("DELETE FROM account_grant WHERE account IN (SELECT id FROM account WHERE name IN (?, ?))",
                             editor, sender)
        self.place.behave()
        self.change_accounts("UPDATE mail SET due_at = 0")
        time.sleep(4)
        # Whoever made it sees it all the same.
        self.assertEqual([[to]], [mail.envelope[1] for mail in self.place.arrived])


class Press(WithMail):
    def wish(self, status=202, client=None, **more):
        type(self).asked = getattr(type(self), "asked", 0) + 1
        wish = {"person": "Nguyễn Thị Hoa", "newsroom": "Báo Lao Động", "card": "IBT 01234", "address": f"pv{self.asked}@bao.example.vn", **more}
        answer = self.post("/press", client, **wish)
        self.assertEqual(status, answer.status, answer.body[:500])
        return wish["address"]

    def asked_for(self, **more):
        address = self.wish(**more)
        path = self.link_in(self.take_for(address))
        shown = self.browser().get(path)
        self.assertEqual(200, shown.status, shown.body[:3000])
        self.assertEqual(200, self.browser().request("POST", path, {}).status)
        return address

    def spokesperson(self):
        if not hasattr(Press, "speaker"):
            self.account("phat-ngon", role="spokesperson", unit="tld")
            Press.speaker = self.browser()
            self.assertEqual(303, Press.speaker.sign_in("phat-ngon").status)
        return Press.speaker

    def number(self, address):
        page = words_of(self.spokesperson().get("/press/requests"))
        return re.search(re.escape(address) + r".*?/press/requests/([0-9a-f-]+)/(?:grant|end)", page, re.S)[1]

    def day(self, days):
        return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=7, days=days)).strftime("%Y-%m-%d")

    def grant(self, address, days=200, status=303, account=None):
        answer = self.spokesperson().send(f"/press/requests/{self.number(address)}/grant", account=address if account is None else account, ends_on=self.day(days))
        self.assertEqual(status, answer.status, answer.body[:600])
        return answer

    def let_in(self, **more):
        address = self.asked_for(**more)
        self.grant(address)
        mail = self.place.take()
        self.assertEqual([address], mail.envelope[1])
        browser = self.browser()
        chosen = browser.request("POST", self.link_in(mail), {"password": PASSWORD, "again": PASSWORD})
        self.assertEqual(303, chosen.status)
        self.place.take()  # that the password was chosen
        self.assertEqual(303, browser.sign_in(address).status)
        return address, browser

    def for_the_press(self):
        self.archive.run("user", "grant", "hoa", "--unit", "tld", "--role", "spokesperson")
        body, media_type = multipart([("anh.txt", b"Anh cho bao chi\n")], {"unit": "tld", "title": "Ảnh cho báo chí", "visibility": "press", "state": "published", "kind": "anh"})
        return self.ask("hoa", "POST", "/api/v1/materials", body, {"Content-Type": media_type}, 201).json["id"]

    def test_from_the_request_to_the_end(self):
        material = self.for_the_press()
        self.assertEqual(404, self.browser().get("/m/" + material).status)
        address, browser = self.let_in()
        self.assertEqual(200, browser.get("/m/" + material).status)
        listed = words_of(self.spokesperson().get("/press/requests"))
        self.assertIn(address, listed)
        # The archive reminds, once, and closes the account on time.
        self.change_accounts("UPDATE accreditation SET ends_at = ? WHERE address = ?", int((time.time() + 5 * 86400) * 1000), address)
        self.assertIn(address, self.place.take().get_content())
        # As it is after the 200 days that were granted.
        self.change_accounts("UPDATE account SET ends_at = ends_at - 201*86400000 WHERE name = ?", address)
        self.assertEqual(404, browser.get("/m/" + material).status)
        late = self.browser().sign_in(address)
        self.assertEqual(401, late.status)
        self.assertIn("hết hạn", words_of(late))
        self.assertEqual(401, self.browser().sign_in(address, OTHER).status)
        self.assertNotIn("hết hạn", words_of(self.browser().sign_in(address, OTHER)))
        # Renewed by the same way; the account and its password are the same.
        self.assertEqual(address, self.asked_for(address=address))
        self.grant(address)
        self.assertIn("/sign-in", self.place.take().get_content())
        fresh = self.browser()
        self.assertEqual(303, fresh.sign_in(address).status)
        self.assertEqual(200, fresh.get("/m/" + material).status)
        # Ended at once.
        self.assertEqual(303, self.spokesperson().send(f"/press/requests/{self.number(address)}/end").status)
        self.assertEqual(404, fresh.get("/m/" + material).status)
        self.assertFalse(fresh.is_in())

    def test_a_refusal_says_why(self):
        address = self.asked_for()
        number = self.number(address)
        self.assertEqual(400, self.spokesperson().send(f"/press/requests/{number}/refuse", reason="").status)
        self.assertEqual(303, self.spokesperson().send(f"/press/requests/{number}/refuse", reason="Chưa thấy giới thiệu của tòa soạn").status)
        self.assertIn("giới thiệu của tòa soạn", self.place.take().get_content())
        for what in ("grant", "refuse"):
            again = self.spokesperson().send(f"/press/requests/{number}/{what}", account="x", ends_on=self.day(9), reason="x")
            self.assertEqual(409, again.status, what)

    def test_nobody_takes_an_account_that_is_not_theirs(self):
        address = self.asked_for()
        # Neither that of a person of the union, nor that of another journalist.
        other, _ = self.let_in()
        for name in ("hoa", "HOA", other, ""):
            self.grant(address, account=name, status=409 if name else 400)
        for days in (-1, -400, 400):
            self.grant(address, days=days, status=400)
        self.grant(address)
        self.assertEqual([address], self.place.take().envelope[1])

    def test_who_decides(self):
        address = self.asked_for()
        number = self.number(address)
        self.assertEqual(303, self.browser().get("/press/requests").status)
        of_the_top, _ = self.account(role="editor", unit="tld")
        for name in ("lan", "ha", of_the_top):
            browser = self.browser()
            self.assertEqual(303, browser.sign_in(name).status)
            self.assertEqual(403, browser.get("/press/requests").status)
            for what in ("grant", "refuse", "end"):
                refused = browser.send(f"/press/requests/{number}/{what}", account=address, ends_on=self.day(9), reason="x")
                self.assertEqual(403, refused.status, (name, what))
        _, journalist = self.let_in()
        self.assertEqual(403, journalist.get("/press/requests").status)

    def test_what_is_sent(self):
        for wrong in ({"person": ""}, {"newsroom": ""}, {"address": "x"}, {"purpose": "a" * 3000}, {"person": "a\x00b"}):
            self.wish(400, **wrong)
        self.assertEqual([], self.place.arrived)
        # A mailbox that never answers is not shown to anybody, and is forgotten.
        address = self.wish()
        path = self.link_in(self.take_for(address))
        self.assertNotIn(address, words_of(self.spokesperson().get("/press/requests")))
        self.change_accounts("UPDATE accreditation SET asked_at = asked_at - 4*86400000 WHERE address = ?", address)
        until(lambda: self.browser().get(path).status == 404)


class Privacy(WithMail):
    def wish(self, status=202, **more):
        type(self).asked = getattr(type(self), "asked", 0) + 1
        wish = {"wish": "withdraw_consent", "person": "Trần Văn Bình", "subject": f"{ORIGIN}/m/anh-hoi-thao", "address": f"nguoi{self.asked}@example.vn", **more}
        answer = self.post("/privacy", **wish)
        self.assertEqual(status, answer.status, answer.body[:500])
        return wish["address"]

    def test_asked_and_answered(self):
        address = self.wish()
        self.take_for(address)
        browser = self.browser()
        self.assertEqual(303, browser.sign_in("hoa").status)
        page = words_of(browser.get("/privacy/requests"))
        self.assertIn(address, page)
        number = re.search(re.escape(address) + r".*?/privacy/requests/([0-9a-f-]+)/answer", page, re.S)[1]
        self.assertEqual(400, browser.send(f"/privacy/requests/{number}/answer", answer="").status)
        self.assertEqual(303, browser.send(f"/privacy/requests/{number}/answer", answer="Đã gỡ ảnh khỏi kho.").status)
        mail = self.place.take()
        self.assertEqual([address], mail.envelope[1])
        self.assertIn("Đã gỡ ảnh khỏi kho.", mail.get_content())
        self.assertNotIn(address, words_of(browser.get("/privacy/requests")))
        self.assertEqual(409, browser.send(f"/privacy/requests/{number}/answer", answer="Lần nữa").status)
        self.assertTrue(self.audit("privacy.read") and self.audit("privacy.answer"))

    def test_who_answers_and_what_is_sent(self):
        self.take_for(self.wish())
        self.assertEqual(303, self.browser().get("/privacy/requests").status)
        for name in ("ha", "lan"):
            browser = self.browser()
            self.assertEqual(303, browser.sign_in(name).status)
            self.assertEqual(403, browser.get("/privacy/requests").status)
            self.assertEqual(403, browser.send("/privacy/requests/0/answer", answer="x").status)
        for wrong in ({"wish": "all"}, {"person": ""}, {"subject": ""}, {"address": "x"}, {"subject": "a" * 5000}):
            self.wish(400, **wrong)
        self.assertEqual([], self.place.arrived)


class WithoutMail(WithPeople):
    def test_what_is_offered(self):
        self.assertEqual(404, self.browser().get("/forgot").status)
        self.assertNotIn("/forgot", words_of(self.browser().get("/sign-in")))
        browser = self.browser()
        self.assertEqual(303, browser.sign_in("lan").status)
        self.assertNotIn("/account/address", words_of(browser.get("/account")))
        # Journalists can ask all the same; the link is handed over by whoever lets them in.
        asked = self.browser().request("POST", "/press", {"person": "Trần Văn Bình", "newsroom": "Báo Người Lao Động", "address": "binh@bao.example.vn"})
        self.assertEqual(202, asked.status)
        hoa = self.browser()
        self.assertEqual(303, hoa.sign_in("hoa").status)
        page = words_of(hoa.get("/press/requests"))
        number = re.search(r"/press/requests/([0-9a-f-]+)/grant", page)[1]
        day = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=30)).strftime("%Y-%m-%d")
        granted = hoa.send(f"/press/requests/{number}/grant", account="binh", ends_on=day)
        self.assertEqual(201, granted.status, granted.body[:500])
        path = re.search(r"(/invitation/[0-9a-f]{64})", words_of(granted))[1]
        journalist = self.browser()
        self.assertEqual(303, journalist.request("POST", path, {"password": PASSWORD, "again": PASSWORD}).status)
        self.assertEqual(303, journalist.sign_in("binh").status)
        self.assertTrue(journalist.is_in())


class Erasing(WithPeople):
    def test_somebody_leaves(self):
        made = self.invite()
        browser = self.browser()
        self.assertEqual(303, self.accept(made, browser=browser).status)
        name = made["name"]
        token = self.archive.run("user", "token", name, "--json").json["token"]
        self.tokens[name] = token
        body, media_type = multipart([("tin.txt", b"Tin cua toi\n")], {"unit": "ldld-hn", "title": "Bản nháp của tôi", "state": "draft"})
        draft = self.ask(name, "POST", "/api/v1/materials", body, {"Content-Type": media_type}, 201).json["id"]
        self.assertEqual(401, browser.send("/account/erase", password=OTHER).status)
        self.assertTrue(browser.is_in())
        gone = browser.send("/account/erase", password=PASSWORD)
        self.assertEqual((303, "/sign-in?done=erased"), (gone.status, gone.fields["location"]))
        self.assertFalse(browser.is_in())
        self.assertEqual(401, self.browser().sign_in(name).status)
        self.assertEqual(401, self.ask(name, "GET", "/api/v1/session").status)
        database = sqlite3.connect(self.archive.data / "accounts.sqlite")
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        held = [table for table in tables for row in database.execute(f"SELECT * FROM {table}")
                if any(name == value for value in row if isinstance(value, str))]
        database.close()
        self.assertEqual([], held)
        # Nobody comes by what the person made by taking the name.
        self.assertEqual("name_taken", self.invite(name=name, status=409)["reason"])
        again = self.archive.run("user", "add", name.upper(), "--unit", "ldld-hn", "--role", "reader", "--password-stdin", given=PASSWORD)
        self.assertNotEqual(0, again.exit_code)
        self.assertEqual(200, self.ask("hoa", "GET", "/api/v1/materials/" + draft).status)
        log = self.archive.run("audit", "list", "--json")
        self.assertIn("account.erase", log.output)

    def test_by_an_administrator_and_nobody_else(self):
        made = self.invite()
        self.accept(made)
        path = "/api/v1/users/" + made["name"]
        for viewer, status in (("nobody", 401), ("lan", 403), ("hai", 403)):
            browser = self.browser()
            if viewer != "nobody":
                self.assertEqual(303, browser.sign_in(viewer).status)
                csrf = json.loads(browser.get("/api/v1/session").body)["csrf_token"]
                answer = browser.request("DELETE", path, None, {"X-CSRF-Token": csrf, "Accept": "application/json"})
            else:
                answer = browser.request("DELETE", path)
            self.assertEqual(status, answer.status, viewer)
        # Not by a token, however much it may.
        self.assertEqual(403, self.ask("hoa", "DELETE", path).status)
        browser = self.browser()
        browser.sign_in("ha")
        csrf = json.loads(browser.get("/api/v1/session").body)["csrf_token"]
        self.assertEqual(204, browser.request("DELETE", path, None, {"X-CSRF-Token": csrf}).status)
        self.assertEqual(404, browser.request("DELETE", path, None, {"X-CSRF-Token": csrf}).status)
        # One's own account only where the password is asked for.
        self.assertEqual(403, browser.request("DELETE", "/api/v1/users/ha", None, {"X-CSRF-Token": csrf}).status)
        self.assertTrue(browser.is_in())

    def test_nobody_gives_a_role_to_himself(self):
        browser = self.browser()
        self.assertEqual(303, browser.sign_in("hoa").status)
        csrf = json.loads(browser.get("/api/v1/session").body)["csrf_token"]
        refused = browser.request("POST", "/api/v1/users/hoa/grants", None, {"X-CSRF-Token": csrf, "Content-Type": "application/json"},
                                  json.dumps({"role": "spokesperson", "unit": "tld"}))
        self.assertEqual((403, "grant_to_oneself"), (refused.status, json.loads(refused.body)["reason"]))

    def test_no_unit_is_left_without_an_administrator(self):
        browser = self.browser()
        self.assertEqual(303, browser.sign_in("hoa").status)
        refused = browser.send("/account/erase", password=PASSWORD)
        self.assertEqual(409, refused.status)
        self.assertIn("quản trị", words_of(refused))
        self.assertTrue(browser.is_in())
        csrf = json.loads(browser.get("/api/v1/session").body)["csrf_token"]
        kept = browser.request("DELETE", "/api/v1/users/hoa/grants/tld/administrator", None, {"X-CSRF-Token": csrf})
        self.assertEqual((409, "last_administrator"), (kept.status, json.loads(kept.body)["reason"]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
