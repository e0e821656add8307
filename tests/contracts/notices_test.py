"""Notices of corrections by mail: who gets them, who never does, and what becomes of them when things break."""
import html
import json
import pathlib
import re
import signal
import sqlite3
import sys
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import Archive, AsksWithTokens, free_port, multipart  # noqa: E402
from mail_place import MailPlace, until  # noqa: E402

PASSWORD = "một mật khẩu thật dài"
ORIGIN = "https://kho.example.vn"
PEOPLE = {"hoa": ("spokesperson", "union_person"), "quan": ("administrator", "union_person"), "bao": (None, "press")}
LONG_TITLE = "Thông cáo báo chí về Tháng Công nhân và Tháng hành động về an toàn, vệ sinh lao động: những hoạt động nổi bật"


class Mailing(AsksWithTokens):
    """An archive that serves, with a mail server beside it."""

    @classmethod
    def begin(cls, place, config=""):
        cls.place = place
        cls.addClassCleanup(place.close)
        cls.archive = archive = Archive()
        cls.addClassCleanup(archive.remove)
        for name, (role, kind) in PEOPLE.items():
            rights = ["--unit", "tld", "--role", role] if role else []
            added = archive.run("user", "add", name, "--kind", kind, *rights, "--password-stdin", given=PASSWORD)
            assert added.exit_code == 0, added.complaint
        cls.configure(config)
        archive.serve()
        cls.tokens = {name: archive.run("user", "token", name, "--json").json["token"] for name in PEOPLE}
        cls.count = 0

    @classmethod
    def configure(cls, more="", scheme="smtp"):
        (cls.archive.data / "config.toml").write_text(
            f'[server]\norigin = "{ORIGIN}"\nproxies = ["127.0.0.1"]\n[mail]\nserver = "{scheme}://127.0.0.1:{cls.place.port}"\n'
            f'from = "kho@example.vn"\nfrom_name = "Kho Chung, \\"Tổng LĐLĐ\\""\n{more}')

    def kit(self, title="Tháng Công nhân", visibility="public", viewer="hoa", **fields):
        begun = self.ask(viewer, "POST", "/api/v1/kits", {"title": title, "visibility": visibility, "unit": "tld",
                                                          "release": "Thông cáo thứ nhất", **fields}, status=201).json
        return self.publish(begun)

    def publish(self, kit, note=""):
        return self.ask("hoa", "POST", f"/api/v1/kits/{kit['id']}/versions", {"note": note},
                        {"If-Match": f'"r{kit["revision"]}"'}, 201).json

    def correct(self, kit, note="Sửa số liệu trong đoạn hai"):
        type(self).count += 1
        now = self.ask("hoa", "GET", "/api/v1/kits/" + kit["id"], status=200).json
        changed = self.ask("hoa", "PATCH", "/api/v1/kits/" + kit["id"], {"release": f"Thông cáo lần {self.count}"},
                           {"If-Match": f'"r{now["revision"]}"'}, 200).json
        return self.publish(changed, note)

    def patch(self, kit, body):
        now = self.ask("hoa", "GET", "/api/v1/kits/" + kit["id"], status=200).json
        return self.ask("hoa", "PATCH", "/api/v1/materials/" + kit["id"], body, {"If-Match": f'"r{now["revision"]}"'}, 200).json

    def address(self):
        type(self).count += 1
        return f"phong.vien.{self.count}@bao.example.vn"

    def path_in(self, mail, what=r"/n/[0-9a-f]{64}(?:/leave)?"):
        return re.search(re.escape(ORIGIN) + f"({what})", mail.get_content())[1]

    def wish(self, kit, address, viewer="nobody", status=202, client=None, **fields):
        """Asks, each time from another network unless it is said."""
        type(self).count += 1
        client = client or f"198.{self.count // 250}.{self.count % 250}.7"
        return self.ask(viewer, "POST", f"/api/v1/kits/{kit['id']}/notices", {"address": address, **fields},
                        {"X-Forwarded-For": client}, status)

    def follow(self, kit, address=None, viewer="nobody", **fields):
        """Asks, reads the mail and confirms."""
        address = address or self.address()
        self.wish(kit, address, viewer, **fields)
        mail = self.place.take()
        self.assertEqual(address, mail["To"])
        self.ask("nobody", "POST", self.path_in(mail), "", status=200)
        return address

    def metric(self, name):
        text = self.ask("quan", "GET", "/metrics", status=200).body.decode()
        return float(re.search(rf"^{name} (\S+)$", text, re.M)[1])

    def rows(self, table):
        with sqlite3.connect(f"file:{self.archive.data}/accounts.sqlite?mode=ro", uri=True) as database:
            return database.execute(f"SELECT * FROM {table}").fetchall()

    def assert_nothing_comes(self, kit_with_follower):
        """The next mail is that of another kit: what was queued before it would have come before."""
        self.correct(kit_with_follower, "Mốc")
        mail = self.place.take()
        self.assertIn("Mốc", mail.get_content())


class Notices(Mailing, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.begin(MailPlace().open())

    def test_from_asking_to_leaving(self):
        kit = self.kit(LONG_TITLE)
        address = self.address()
        asked = self.wish(kit, address)
        self.assertEqual({"kit": kit["id"], "state": "confirmation_sent"}, asked.json)
        confirmation = self.place.take()
        self.assertEqual("Xác nhận nhận tin đính chính: " + LONG_TITLE, confirmation["Subject"])
        self.assertEqual((address, "kho@example.vn"), (confirmation["To"], confirmation["From"].addresses[0].addr_spec))
        self.assertEqual('Kho Chung, "Tổng LĐLĐ"', confirmation["From"].addresses[0].display_name)
        self.assertEqual(("kho@example.vn", [address]), confirmation.envelope)
        self.assertEqual("auto-generated", confirmation["Auto-Submitted"])
        self.assertIsNone(confirmation["List-Unsubscribe"])
        self.assertEqual([], [d for d in confirmation.defects])
        self.assertLessEqual(max(len(line) for line in confirmation.raw.split(b"\r\n")), 76)
        # Nothing else is sent before it is confirmed, and a look confirms nothing.
        path = self.path_in(confirmation)
        self.correct(kit, "Chưa ai được báo")
        for _ in range(2):
            page = self.ask("nobody", "GET", path, status=200)
            self.assertIn("Tôi muốn nhận", page.body.decode())
            self.assertEqual("private, no-store", page.fields["cache-control"])
            self.assertEqual("no-referrer", page.fields["referrer-policy"])
            self.assertEqual("noindex, nofollow", page.fields["x-robots-tag"])
        self.assertEqual([], self.place.arrived)
        self.assertIn("Đã đăng ký", self.ask("nobody", "POST", path, "", status=200).body.decode())
        self.ask("nobody", "GET", path, status=404)
        self.ask("nobody", "POST", path, "", status=404)
        # What was corrected between asking and confirming is told, then each correction once.
        self.assertIn("Chưa ai được báo", self.place.take().get_content())
        self.correct(kit, "Ảnh số 3 ghi sai tên\r\nBcc: x@example.vn")
        notice = self.place.take()
        self.assertEqual("Đính chính: " + LONG_TITLE, notice["Subject"])
        self.assertIsNone(notice["Bcc"])
        text = notice.get_content()
        for said in ("Tổng Liên đoàn", LONG_TITLE, "Bản 3", "Ảnh số 3 ghi sai tên", f"{ORIGIN}/kit/{kit['id']}"):
            self.assertIn(said, text)
        self.assertNotIn("Chưa ai được báo", text)
        # One click, as RFC 8058 has it; a look changes nothing.
        self.assertEqual("List-Unsubscribe=One-Click", notice["List-Unsubscribe-Post"])
        leave = re.fullmatch(rf"<{re.escape(ORIGIN)}(/n/\w+/leave)>", notice["List-Unsubscribe"])[1]
        self.assertEqual(leave, self.path_in(notice))
        self.assertIn("Thôi nhận", self.ask("nobody", "GET", leave, status=200).body.decode())
        self.assertIn(address, str(self.rows("notice_follower")))
        form = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "cross-site"}
        for _ in range(2):
            left = self.ask("nobody", "POST", leave, "List-Unsubscribe=One-Click", form, 200)
            self.assertIn("Đã thôi nhận", left.body.decode())
        self.ask("nobody", "GET", leave, status=404)
        other = self.kit("Bộ khác")
        self.follow(other)
        self.correct(kit, "Không ai được báo nữa")
        self.assert_nothing_comes(other)
        for table in ("notice_follower", "notice_wish", "mail"):
            self.assertNotIn(address, str(self.rows(table)))

    def test_the_page_offers_it_and_speaks_both_languages(self):
        kit = self.kit("Kit for <b>all</b>")
        page = f"/kit/{kit['id']}/notices"
        self.assertIn(page, self.ask("nobody", "GET", "/kit/" + kit["id"], status=200).body.decode())
        english = {"Accept-Language": "en"}
        form = html.unescape(self.ask("nobody", "GET", page, fields=english, status=200).body.decode())
        self.assertIn("Tell me", form)
        sent = {"Content-Type": "application/x-www-form-urlencoded", **english}
        wrong = self.ask("nobody", "POST", page, urllib.parse.urlencode({"address": "a@b c"}), sent, 400)
        self.assertIn("This is no mail address", html.unescape(wrong.body.decode()))
        self.assertIn('value="a@b c"', html.unescape(wrong.body.decode()))
        address = self.address()
        asked = self.ask("nobody", "POST", page, urllib.parse.urlencode({"address": address}), sent, 202)
        self.assertIn("look into your mailbox", asked.body.decode())
        mail = self.place.take()
        self.assertEqual(("Confirm notices of corrections: Kit for <b>all</b>", "en"), (mail["Subject"], mail["Content-Language"]))
        self.ask("nobody", "POST", self.path_in(mail), "", status=200)
        self.correct(kit, "Wrong date")
        self.assertIn("See and download the new version", self.place.take().get_content())
        # Another site makes no visitor ask.
        self.ask("nobody", "POST", page, urllib.parse.urlencode({"address": address}), {**sent, "Sec-Fetch-Site": "cross-site"}, 403)

    def test_it_never_tells_whether_an_address_is_known_and_floods_nobody(self):
        kit, address = self.kit(), self.address()
        looks = []
        for _ in range(6):
            answer = self.wish(kit, address)
            looks.append((answer.status, answer.body, sorted(set(answer.fields) - {"x-request-id", "date"})))
        self.assertEqual(1, len({str(look) for look in looks}))
        self.place.take(3)
        self.assertEqual(3, sum(address in str(row) for row in self.rows("notice_wish")))
        other = self.kit("Bộ khác nữa")
        self.wish(other, address.upper())
        self.follow(other)
        self.assert_nothing_comes(other)

    def test_one_client_asks_only_so_often(self):
        kit = self.kit("Hỏi dồn")
        for number in range(20):
            self.wish(kit, f"nan.nhan.{number}@example.vn", client=f"203.0.113.{number}")
        refused = self.wish(kit, "nan.nhan.20@example.vn", client="203.0.113.99", status=429)
        self.assertEqual("notice_too_many", refused.json["reason"])
        self.wish(kit, "nan.nhan.20@example.vn", client="203.0.114.1")
        self.place.take(21)

    def test_metrics_count_what_is_sent(self):
        sent = self.metric("khochung_mail_sent_total")
        self.follow(self.kit("Đếm"))
        self.assertEqual(sent + 1, self.metric("khochung_mail_sent_total"))
        until(lambda: self.metric("khochung_mail_queued") == 0)

    def test_wrong_addresses_are_refused(self):
        kit = self.kit()
        for wrong in ("", "a", "a@", "@b.vn", "a@b@c.vn", "a b@c.vn", "a@b.vn\r\nRCPT TO:<x@y.vn>", "a@b.vn\n", "<a@b.vn>",
                      "a@[127.0.0.1]", "a@-b.vn", ".a@b.vn", "x" * 65 + "@b.vn", "ông@b.vn", 'a"b@c.vn', "a@" + "b" * 64 + ".vn"):
            with self.subTest(wrong):
                self.assertEqual("mail_address", self.wish(kit, wrong, status=400).json["reason"])

    def test_hidden_kits_leak_nothing(self):
        closed, drafted = self.kit("Nội bộ", "unit"), self.ask("hoa", "POST", "/api/v1/kits", {
            "title": "Chưa công bố", "visibility": "public", "release": "x"}, status=201).json
        embargoed = self.kit("Chưa đến giờ", embargo_until="2099-01-01T00:00:00Z")
        for kit in (closed, drafted, embargoed, {"id": "0193f5a0-1f00-7000-8000-000000000001"}):
            answer = self.wish(kit, "x@example.vn", status=404)
            self.assertNotIn("title", answer.body.decode().replace('"title":', ""))
            self.ask("nobody", "GET", f"/kit/{kit['id']}/notices", status=404)
        self.assertEqual("notice_kit_unpublished", self.wish(drafted, "x@example.vn", "hoa", 409).json["reason"])
        # What becomes hidden after it was asked for is told to nobody, and is told when it is open again.
        mark = self.kit("Mốc")
        self.follow(mark)
        kit = self.kit("Mở rồi đóng")
        self.follow(kit)
        for closing, opening in (({"visibility": "unit"}, {"visibility": "public"}),
                                 ({"embargo_until": "2099-01-01T00:00:00Z"}, {"embargo_until": ""})):
            self.patch(kit, closing)
            self.correct(kit, "Tin còn kín")
            self.assert_nothing_comes(mark)
            self.patch(kit, opening)
            self.assertIn("Tin còn kín", self.place.take().get_content())

    def test_a_wish_for_what_is_closed_meanwhile_is_not_confirmed_with_its_title(self):
        kit = self.kit("Tên sẽ kín")
        self.wish(kit, self.address())
        path = self.path_in(self.place.take())
        self.patch(kit, {"visibility": "unit"})
        self.assertNotIn("Tên sẽ kín", self.ask("nobody", "GET", path, status=200).body.decode())

    def test_a_signed_in_journalist_follows_what_is_for_the_press(self):
        kit = self.kit("Chỉ cho báo chí", "press")
        self.wish(kit, self.address(), status=404)
        self.follow(kit, viewer="bao")
        self.correct(kit, "Sửa chức danh")
        self.assertIn("Sửa chức danh", self.place.take().get_content())
        # The form of a signed-in person needs its session's token.
        answer = self.ask("nobody", "POST", "/api/v1/session", {"name": "bao", "password": PASSWORD}, status=200)
        cookie = {"Cookie": answer.fields["set-cookie"].split(";")[0], "Content-Type": "application/x-www-form-urlencoded"}
        page = f"/kit/{kit['id']}/notices"
        self.ask("nobody", "POST", page, "address=a@example.vn", cookie, 403)
        form = self.ask("nobody", "GET", page, fields=cookie, status=200).body.decode()
        csrf = re.search(r'action="' + page + r'">\s*<input type="hidden" name="csrf" value="(\w+)"', form)[1]
        self.ask("nobody", "POST", page, urllib.parse.urlencode({"csrf": csrf, "address": self.address()}), cookie, 202)
        self.place.take()

    def test_a_withdrawal_is_told_once_with_its_reason(self):
        kit = self.kit("Sẽ thu hồi")
        self.follow(kit)
        self.patch(kit, {"state": "withdrawn", "notice": "Sai nhân vật trong ảnh"})
        mail = self.place.take()
        self.assertEqual("Thu hồi: Sẽ thu hồi", mail["Subject"])
        self.assertIn("Sai nhân vật trong ảnh", mail.get_content())
        mark = self.kit("Mốc thu hồi")
        self.follow(mark)
        self.assert_nothing_comes(mark)

    def test_the_api_confirms_and_ends(self):
        kit, address = self.kit(), self.address()
        self.wish(kit, address, language="en")
        token = self.path_in(self.place.take()).rsplit("/", 1)[1]
        for path in ("confirm", "leave"):
            self.ask("nobody", "POST", "/api/v1/notices/" + path, "[]", status=400)
        self.ask("nobody", "POST", "/api/v1/notices/confirm", {"token": "0" * 64}, status=404)
        done = self.ask("nobody", "POST", "/api/v1/notices/confirm", {"token": token}, status=200).json
        self.assertEqual({"kit": kit["id"], "state": "following"}, done)
        self.correct(kit)
        leave = self.path_in(self.place.take()).split("/")[2]
        self.ask("nobody", "POST", "/api/v1/notices/leave", {"token": leave}, status=204)
        self.assertNotIn(address, str(self.rows("notice_follower")))

    def test_logs_and_the_audit_chain_have_neither_addresses_nor_secrets(self):
        kit, address = self.kit(), self.follow(self.kit("Nhật ký"))
        self.wish(kit, address)
        path = self.path_in(self.place.take())
        token = path.split("/")[2]
        self.ask("nobody", "GET", path + "/elsewhere/x", status=404)
        self.ask("nobody", "POST", path, "", status=200)
        self.archive.log.flush()
        said = (self.archive.folder / "serve.log").read_text()
        self.assertIn("/n/{token}", said)
        for secret in (address, token):
            self.assertNotIn(secret, said)
            for file in (self.archive.data / "store/audit").rglob("*.jsonl"):
                self.assertNotIn(secret, file.read_text())
        for file in self.archive.data.glob("accounts.sqlite*"):
            self.assertNotIn(token.encode(), file.read_bytes())


class Trouble(Mailing, unittest.TestCase):
    """What becomes of mails when something breaks."""

    @classmethod
    def setUpClass(cls):
        cls.begin(MailPlace().open())

    def tearDown(self):
        self.place.behave()
        # A mail that was sent twice is no part of the next test.
        until(lambda: not self.rows("mail"))
        del self.place.arrived[:]

    def follow_two(self, title):
        kit = self.kit(title)
        return kit, self.follow(kit), self.follow(kit)

    def test_a_refusal_for_good_ends_that_mail_alone(self):
        kit, refused, good = self.follow_two("Một địa chỉ hỏng")
        self.place.answers[refused] = "550 5.1.1 no such user " + refused
        self.correct(kit)
        self.assertEqual(good, self.place.take()["To"])
        until(lambda: not self.rows("mail"))
        self.assertNotIn(refused, (self.archive.folder / "serve.log").read_text())

    def test_a_refusal_for_now_is_tried_again_with_the_same_number(self):
        kit = self.kit("Hộp thư đầy")
        address = self.follow(kit)
        self.place.answers["END"] = "451 4.3.0 taken and lost"
        self.correct(kit)
        first = self.place.take()
        self.place.answers.clear()
        again = self.place.take()
        self.assertEqual((address, first["Message-ID"]), (again["To"], again["Message-ID"]))
        self.assertEqual(first.get_content(), again.get_content())
        self.assertTrue(first["Message-ID"].endswith("@example.vn>"))
        until(lambda: not self.rows("mail"))

    def test_a_server_that_refuses_us_ends_no_mail(self):
        kit = self.kit("Máy chủ không nhận kho")
        self.follow(kit)
        self.place.answers["MAIL"] = "550 5.7.1 you may not send"
        self.correct(kit)
        until(lambda: any(row[-1] > 0 for row in self.rows("mail")))
        self.place.answers.clear()
        self.place.take()

    def test_a_server_that_is_away_is_waited_for_even_past_a_kill(self):
        kit = self.kit("Máy chủ nghỉ")
        address = self.follow(kit)
        self.place.close()
        self.correct(kit, "Khi máy chủ nghỉ")
        until(lambda: self.rows("mail"))
        self.archive.stop(signal.SIGKILL)
        self.place.open()
        self.archive.serve()
        mail = self.place.take()
        self.assertEqual(address, mail["To"])
        self.assertIn("Khi máy chủ nghỉ", mail.get_content())

    def test_a_kill_while_a_mail_is_under_way_sends_it_again(self):
        kit = self.kit("Chết giữa chừng")
        self.follow(kit)
        self.place.hang_in("DATA")
        self.correct(kit)
        self.assertTrue(self.place.asked.wait(30))
        self.archive.stop(signal.SIGKILL)
        self.place.behave()
        self.archive.serve()
        mails = [self.place.take()]
        until(lambda: not self.rows("mail"))
        mails += self.place.arrived
        self.assertEqual(1, len({mail["Message-ID"] for mail in mails}))

    def test_a_kill_right_after_the_publication_loses_no_notice(self):
        kit = self.kit("Chết ngay sau khi công bố")
        self.follow(kit)
        self.place.close()
        self.correct(kit, "Ngay trước khi chết")
        self.archive.stop(signal.SIGKILL)
        self.place.open()
        self.archive.serve()
        self.assertIn("Ngay trước khi chết", self.place.take().get_content())

    def test_a_server_that_hangs_holds_up_neither_requests_nor_the_end(self):
        kit = self.kit("Máy chủ treo")
        self.follow(kit)
        self.place.hang_in("RCPT")
        self.correct(kit)
        self.assertTrue(self.place.asked.wait(30))
        began = time.monotonic()
        self.ask("nobody", "GET", "/kit/" + kit["id"], status=200)
        self.wish(kit, self.address())
        self.assertLess(time.monotonic() - began, 2)
        began = time.monotonic()
        self.assertEqual(0, self.archive.stop())
        self.assertLess(time.monotonic() - began, 5)
        self.place.behave()
        self.archive.serve()
        self.place.take(2)


class Encrypted(Mailing, unittest.TestCase):
    """The way to a mail server that is elsewhere."""

    @classmethod
    def setUpClass(cls):
        import tempfile
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        place = MailPlace(folder=pathlib.Path(folder.name), user="kho", password="mật khẩu : thư").open()
        (pathlib.Path(folder.name) / "password").write_text("mật khẩu : thư\n")
        cls.more = f'user = "kho"\npassword_file = "{folder.name}/password"\n'
        cls.begin(place, cls.more + f'ca_file = "{place.authority}"\n')

    def test_it_is_encrypted_before_the_password_is_said(self):
        kit = self.kit("Qua TLS")
        self.follow(kit)
        self.assertEqual({("kho", "mật khẩu : thư", True)}, {sign_in[1:] for sign_in in self.place.sign_ins})
        sent = self.archive.run("mail", "test", "quan.tri@example.vn")
        self.assertEqual(0, sent.exit_code, sent.complaint)
        mail = self.place.take()
        self.assertEqual(("Thư thử từ Kho Chung", "quan.tri@example.vn"), (mail["Subject"], mail["To"]))

    def test_one_that_cannot_prove_who_it_is_gets_nothing(self):
        self.archive.stop()
        try:
            other = self.archive.file("other.pem", "")
            import subprocess
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "/dev/null", "-out", other,
                            "-subj", "/CN=other", "-days", "2"], check=True, capture_output=True)
            self.place.sign_ins.clear()
            self.configure(self.more + f'ca_file = "{other}"\n')
            refused = self.archive.run("mail", "test", "x@example.vn", "--json")
            self.assertEqual(("mail_server", 8), (refused.json["reason"], refused.exit_code))
            self.configure(self.more)  # on this machine it may do without, but this server may not
            refused = self.archive.run("mail", "test", "x@example.vn", "--json")
            self.assertEqual("mail_server", refused.json["reason"])
            self.assertEqual([], self.place.sign_ins)
            self.assertEqual([], self.place.arrived)
        finally:
            self.configure(self.more + f'ca_file = "{self.place.authority}"\n')
            self.archive.serve()


class Unset(AsksWithTokens, unittest.TestCase):
    """Without a mail server, and with one that is said wrong."""

    @classmethod
    def setUpClass(cls):
        cls.archive = Archive()
        cls.addClassCleanup(cls.archive.remove)
        added = cls.archive.run("user", "add", "hoa", "--unit", "tld", "--role", "spokesperson", "--password-stdin", given=PASSWORD)
        assert added.exit_code == 0, added.complaint

    def test_without_a_mail_server_nothing_is_offered(self):
        self.archive.serve()
        self.addCleanup(self.archive.stop)
        self.tokens = {"hoa": self.archive.run("user", "token", "hoa", "--json").json["token"]}
        begun = self.ask("hoa", "POST", "/api/v1/kits", {"title": "Bộ", "visibility": "public", "release": "x"}, status=201).json
        kit = self.ask("hoa", "POST", f"/api/v1/kits/{begun['id']}/versions", {}, {"If-Match": f'"r{begun["revision"]}"'}, 201).json
        self.assertNotIn("/notices", self.ask("nobody", "GET", "/kit/" + kit["id"], status=200).body.decode())
        self.ask("nobody", "GET", f"/kit/{kit['id']}/notices", status=404)
        problem = self.ask("nobody", "POST", f"/api/v1/kits/{kit['id']}/notices", {"address": "a@example.vn"}, status=501)
        self.assertEqual(("mail_unset", "application/problem+json"), (problem.json["reason"], problem.fields["content-type"]))
        self.assertIn("Atom", problem.json["detail"])

    def test_what_is_wrong_in_the_config_is_said(self):
        config = self.archive.data / "config.toml"
        self.addCleanup(config.unlink)
        good = {"server": "smtp://127.0.0.1:25", "from": "kho@example.vn"}
        for wrong, reason in (({"from": None}, "mail_incomplete"), ({"server": None}, "mail_incomplete"),
                              ({"user": "kho"}, "mail_incomplete"), ({"server": "http://x"}, "mail_server_address"),
                              ({"server": "smtp://a:b@x"}, "mail_server_address"), ({"server": "smtp://x/path"}, "mail_server_address"),
                              ({"from": "Kho <kho@example.vn>"}, "mail_address"),
                              ({"user": "kho", "password_file": "none"}, "mail_password_file"), ({"ca_file": "none"}, "")):
            lines = {name: value for name, value in {**good, **wrong}.items() if value}
            config.write_text('[server]\norigin = "https://kho.example.vn"\n[mail]\n' +
                              "".join(f"{name} = {json.dumps(value)}\n" for name, value in lines.items()))
            for words in (("unit", "list"), ("mail", "test", "a@example.vn")):
                refused = self.archive.run(*words, "--json")
                self.assertEqual((2, reason), (refused.exit_code, refused.json["reason"]), (wrong, words))
        config.write_text('[mail]\nserver = "smtp://127.0.0.1"\nfrom = "kho@example.vn"\n')
        refused = self.archive.run("serve", "--listen", f"127.0.0.1:{free_port()}")
        self.assertEqual(2, refused.exit_code)
        self.assertIn("origin", refused.complaint)
        config.write_text('[mail]\nservr = "x"\n')
        self.assertIn('[mail] has no "servr"', self.archive.run("unit", "list").complaint)


if __name__ == "__main__":
    unittest.main()
