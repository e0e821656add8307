"""Attacks by name: forged requests, other people's ids, guessing, telling names apart, links of resets, false hosts, ways
out to other sites. people_test.py has those that belong to its subjects: sessions given before, cookies, equal answers for
unknown names at sign-in and at resets, strict locking, forms of the account, tokens of others; leak_doors_test.py has the
ids of uploads, receipts and links."""
import contextlib
import json
import os
import pathlib
import re
import statistics
import sys
import time
import unittest
import urllib.parse

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parents[1])]
from api_test import described  # noqa: E402
from archive import in_days, multipart  # noqa: E402
from people_test import OTHER, PASSWORD, WRONG, SecondStep, WithPeople, words_of  # noqa: E402

turn_on = SecondStep.turn_on
del SecondStep  # its tests are not ours
ORIGIN = "https://kho.example.vn"
BEHIND_A_PROXY = '[server]\nproxies = ["127.0.0.1"]\n'
# These need no session: a password, a code or the secret of a link stands for it.
WITHOUT_SESSION = {"/api/v1/session", "/api/v1/session/invitation", "/sign-in", "/sign-in/code", "/s/{token}", "/n/{token}",
                   "/api/v1/calls/{call}/contributions", "/n/{token}/leave", "/invitation/{token}", "/api/v1/notices/confirm", "/api/v1/notices/leave",
                   "/address/{token}", "/press/confirm/{token}"}
PAGES = ("/upload", "/batches/{id}/merge", "/m/{id}/split", "/people", "/people/reset", "/people/{id}/revoke", "/units/change",
         "/m/{id}/history/{n}/restore", "/m/{id}/delete", "/m/{id}/hold", "/m/{id}/shares", "/m/{id}/shares/{share}/revoke",
         "/account/sessions/end", "/account/password", "/account/second-step", "/account/second-step/confirm",
         "/account/second-step/off", "/account/address", "/account/address/remove", "/account/address/work", "/account/erase",
         "/press/requests/{id}/grant", "/press/requests/{id}/refuse", "/press/requests/{id}/end", "/privacy/requests/{id}/answer",
         "/account/tokens", "/account/tokens/end", "/kit/{id}/notices", "/kit/{id}/edit",
         "/kits/new", "/sign-out")


class WithMaterials(WithPeople):
    def take_in(self, viewer="ha", content=None, **fields):
        type(self).made = getattr(type(self), "made", 0) + 1
        content = content or f"Bản tin số {type(self).made}\n".encode()
        body, media_type = multipart([("tin.txt", content)], {"unit": "ldld-hn", "visibility": "public", "state": "published",
                                                              "title": f"Bản tin {type(self).made}", **fields})
        return self.ask(viewer, "POST", "/api/v1/materials", body, {"Content-Type": media_type}, 201).json

    def signed_in(self, name, password=PASSWORD):
        browser = self.browser()
        self.assertEqual(303, browser.sign_in(name, password).status)
        return browser

    def csrf_of(self, browser):
        return json.loads(browser.get("/api/v1/session").body)["csrf_token"]


class ForgedRequests(WithMaterials):
    """CSRF: whoever is signed in visits a page that makes the browser send something here."""

    def unsafe_routes(self):
        """Those of openapi.yaml, which api_test.py holds against the server, and the forms of the pages."""
        routes = {(method, route) for route, methods in described().items() for method in methods - {"GET"}}
        routes |= {("POST", route) for route in PAGES}
        self.assertGreater(len(routes), 60)
        return sorted(routes)

    def target(self, route, material):
        token = "0" * 64
        values = {"id": material["id"], "name": "lan", "token": token, "share": material["id"], "sha256": token, "n": "1"}
        if route.startswith("/api/v1/invitations") or route.startswith("/people"):
            values["id"] = token
        return re.sub(r"\{(\w+)(?:\.\.\.)?\}", lambda found: values.get(found[1], "1"), route)

    def body(self, route, csrf):
        """What would be taken, were it not forged; as far as the token goes."""
        if route == "/upload" or route == "/api/v1/materials":
            fields = {"unit": "ldld-hn", "csrf": csrf} if csrf else {"unit": "ldld-hn"}
            return multipart([("x.txt", "Giả mạo.\n".encode())], fields)
        if route.startswith("/api/v1/uploads"):
            return b"", "application/offset+octet-stream"
        if route.startswith("/api/"):
            return json.dumps({"name_vi": "Giả", "code": "gia", "parent": "tld", "units": [], "why": "x", "notice": "x", "steps": [],
                               "title": "x", "address": "a@example.vn", "name": "gia-mao", "role": "reader", "unit": "ldld-hn"}), "application/json"
        form = {"name": "gia-mao", "unit": "ldld-hn", "role": "reader", "why": "x", "address": "a@example.vn", "csrf": csrf}
        return urllib.parse.urlencode(form), "application/x-www-form-urlencoded"

    def forged(self, browser, method, route, material, csrf="", **fields):
        body, media_type = self.body(route, csrf)
        fields = {"Content-Type": media_type, "If-Match": '"r1"', "Tus-Resumable": "1.0.0", "Upload-Length": "1", "Upload-Offset": "0", **fields}
        if (method, route) == ("POST", "/api/v1/uploads/{id}"):
            fields["X-HTTP-Method-Override"] = "PATCH"
        if csrf:
            fields["X-CSRF-Token"] = csrf
        if method == "DELETE" and not route.startswith("/api/v1/materials"):
            body = None
        return browser.request(method, self.target(route, material), None, fields, body)

    def test_no_route_takes_what_another_site_made_a_browser_send(self):
        material = self.take_in()
        hoa, other = self.signed_in("hoa"), self.signed_in("ha")
        own, others = self.csrf_of(hoa), self.csrf_of(other)
        before = self.state(material)
        ways = {"no token": {}, "another session's token": {"csrf": others}, "a wrong token": {"csrf": WRONG},
                "the right token from another site": {"csrf": own, "Sec-Fetch-Site": "cross-site"},
                "the right token from a neighbour": {"csrf": own, "Sec-Fetch-Site": "same-site"},
                "the right token from another origin": {"csrf": own, "Origin": "https://evil.example"}}
        tried, taken = 0, []
        for method, route in self.unsafe_routes():
            if route in WITHOUT_SESSION:
                continue
            for way, fields in ways.items():
                answer = self.forged(hoa, method, route, material, **fields)
                tried += 1
                if answer.status != 403:
                    taken.append((method, route, way, answer.status, answer.body[:200]))
        self.assertEqual([], taken)
        self.assertEqual(before, self.state(material))
        self.assertTrue(hoa.is_in())
        print(f"{tried} forged requests", flush=True)

    def test_the_same_with_the_token_is_taken(self):
        """Otherwise the test above would hold for a server that refuses everything."""
        material, hoa = self.take_in(), self.signed_in("hoa")
        csrf = self.csrf_of(hoa)
        for fields in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": f"http://127.0.0.1:{self.archive.port}"}, {"Origin": "null"}, {}):
            made = self.forged(hoa, "POST", "/api/v1/invitations", material, csrf, **fields)
            self.assertEqual(201, made.status, (fields, made.body))
            self.ask("hoa", "DELETE", "/api/v1/invitations/" + made.json["id"], status=204)

    def state(self, material):
        kept = self.ask("hoa", "GET", "/api/v1/materials/" + material["id"], status=200).json
        return (kept["revision"], self.ask("hoa", "GET", "/api/v1/invitations").body, self.ask("hoa", "GET", "/api/v1/units").body,
                self.ask("hoa", "GET", "/api/v1/search?q=").json["total"], self.ask("hoa", "GET", "/api/v1/users/lan/tokens").body)

    def test_nobody_is_signed_in_by_another_site(self):
        name, _ = self.person()
        for fields in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}, {"Origin": "nonsense"}):
            for path, form in (("/sign-in", {"name": name, "password": PASSWORD}), ("/sign-in/code", {"code": "000000"})):
                browser = self.browser()
                self.assertEqual(403, browser.request("POST", path, form, fields).status, (path, fields))
                self.assertNotIn("session", browser.cookies)
            body = json.dumps({"name": name, "password": PASSWORD})
            answer = self.archive.request("POST", "/api/v1/session", body, {"Content-Type": "application/json", **fields})
            self.assertEqual(403, answer.status, fields)

    def test_a_token_of_a_session_that_ended_is_nothing(self):
        name, browser = self.person()
        csrf, kept = self.csrf_of(browser), dict(browser.cookies)
        browser.send("/sign-out")
        browser.cookies = kept
        answer = browser.request("POST", "/account/tokens", {"csrf": csrf, "label": "x", "scope": "read", "days": "1"})
        self.assertEqual(401, answer.status)

    def test_reading_changes_nothing(self):
        """No route that a link or picture can call does what a form does."""
        material, hoa = self.take_in(), self.signed_in("hoa")
        before = self.state(material)
        for _, route in self.unsafe_routes():
            hoa.get(self.target(route, material) + "?csrf=" + self.csrf_of(hoa) + "&confirm=yes")
        self.assertEqual(before, self.state(material))
        self.assertTrue(hoa.is_in())


class IdsOfOthers(WithMaterials):
    """IDOR: what one may read, or whose id one was told, is not one's to change."""

    def test_what_belongs_to_another_unit_is_not_changed_by_its_id(self):
        material = self.take_in()
        path = "/api/v1/materials/" + material["id"]
        kit = self.ask("ha", "POST", "/api/v1/kits", {"title": "Bộ", "unit": "ldld-hn", "visibility": "public", "release": "x",
                                                      "items": [{"material": material["id"], "file": material["files"][0]["sha256"]}]}, status=201)
        spoken = self.archive.run("user", "grant", "ha", "--unit", "ldld-hn", "--role", "spokesperson")
        self.assertEqual(0, spoken.exit_code, spoken.complaint)
        published = self.ask("ha", "POST", f"/api/v1/kits/{kit.json['id']}/versions", {}, {"If-Match": kit.fields["etag"]}, 201)
        # "hai" administers another federation, and reads both.
        newest = self.ask("hai", "GET", path, status=200)
        def as_kept(answer):
            return {**answer.json, "searchable": None}  # it may become so meanwhile
        changes = [("PATCH", path, {"title": "Chiếm"}), ("PATCH", path, {"unit": "ldld-hp"}), ("PATCH", path, {"state": "withdrawn", "notice": "x"}),
                   ("DELETE", path, {"reason": "x"}), ("POST", path + "/revisions/1/restore", {"reason": "x"}),
                   ("POST", path + "/shares", {"recipient": "x", "expires_at": in_days(30)}), ("GET", path + "/shares", None),
                   ("GET", path + "/revisions/1", None),
                   ("POST", path + "/erasure", {"reason": "x"}), ("POST", path + "/erasure/approve", {"why": "x"})]
        for method, way, body in changes:
            answer = self.ask("hai", method, way, body, {"If-Match": newest.fields["etag"]})
            self.assertIn(answer.status, (403, 404, 409), (method, way, answer.body[:300]))
            self.assertNotEqual(409, answer.status if method == "PATCH" else 0, (way, answer.body[:300]))
        kit_path = "/api/v1/kits/" + kit.json["id"]
        for method, way, body in (("PATCH", kit_path, {"release": "Chiếm"}), ("POST", kit_path + "/versions", {"note": "x"})):
            self.assertEqual(403, self.ask("hai", method, way, body, {"If-Match": published.fields["etag"]}).status, way)
        self.assertEqual(as_kept(newest), as_kept(self.ask("hai", "GET", path)))
        self.assertEqual("x", self.ask("hai", "GET", kit_path).json["release"])

    def test_nothing_is_put_into_another_unit(self):
        own = self.take_in("hai", unit="ldld-hp")
        for unit in "ldld-hn", "tld":
            body, media_type = multipart([("x.txt", b"x\n")], {"unit": unit})
            self.assertEqual(403, self.ask("hai", "POST", "/api/v1/materials", body, {"Content-Type": media_type}).status)
            self.assertEqual(403, self.ask("hai", "POST", "/api/v1/kits", {"title": "x", "unit": unit}).status)
            newest = self.ask("hai", "GET", "/api/v1/materials/" + own["id"])
            moved = self.ask("hai", "PATCH", "/api/v1/materials/" + own["id"], {"unit": unit}, {"If-Match": newest.fields["etag"]})
            self.assertIn(moved.status, (400, 403), moved.body)
            self.ask("hai", "POST", "/api/v1/users", {"name": self.new_name(), "unit": unit, "role": "reader", "password": PASSWORD}, status=403)
        self.assertEqual("Liên đoàn ldld-hp", self.ask("hai", "GET", "/api/v1/materials/" + own["id"]).json["unit"]["name"])

    def test_units_accounts_and_tokens_are_not_changed_by_others(self):
        self.ask("hai", "POST", "/api/v1/units", {"code": "ldld-hn", "name_vi": "Chiếm", "parent": "tld"}, status=403)
        self.ask("hai", "POST", "/api/v1/unit-changes", {"action": "close", "units": ["ldld-hn"], "unit": "ldld-hn", "day": "2099-01-01", "why": "x"}, status=403)
        for viewer in "hai", "lan":
            self.ask(viewer, "GET", "/api/v1/users/ha/tokens", status=403)
            self.ask(viewer, "POST", "/api/v1/users/ha/tokens", {}, status=403)
            self.ask(viewer, "DELETE", "/api/v1/users/ha/tokens/" + WRONG, status=403)
            self.ask(viewer, "POST", "/api/v1/users/hoa/reset", {}, status=403)
        self.ask("lan", "POST", "/api/v1/users", {"name": self.new_name(), "unit": "ldld-hn", "role": "administrator", "password": PASSWORD}, status=403)

    def test_what_is_for_the_keepers_of_the_archive_is_for_nobody_else(self):
        for viewer, status in (("nobody", (401, 403)), ("lan", (403,)), ("ha", (403,))):
            for method, way in (("GET", "/api/v1/audit"), ("GET", "/api/v1/audit/files"), ("GET", "/api/v1/audit/checkpoint"), ("POST", "/api/v1/audit/key"),
                                ("GET", "/api/v1/records"), ("GET", "/api/v1/snapshots/accounts"), ("GET", "/api/v1/blobs/" + WRONG),
                                ("GET", "/api/v1/backups"), ("GET", "/metrics"), ("GET", "/api/v1/status"), ("POST", "/api/v1/verify"),
                                ("POST", "/api/v1/gc"), ("POST", "/api/v1/export"), ("GET", "/api/v1/export/materials"), ("GET", "/api/v1/preservation")):
                answer = self.ask(viewer, method, way, {} if method == "POST" else None)
                self.assertIn(answer.status, status, (viewer, method, way))

    def test_acting_as_another_is_not_for_the_network(self):
        for name in "hoa", "anonymous", "local":
            seen = self.ask("lan", "GET", "/api/v1/session", fields={"X-Act-As": name}, status=200).json
            self.assertEqual("lan", seen["name"])
            self.assertEqual("", self.ask("nobody", "GET", "/api/v1/session", fields={"X-Act-As": name}).json["name"])


class Watching(WithMaterials):
    def test_whoever_reads_the_audit_log_stands_in_it(self):
        before = len(self.audit("audit.read"))
        self.ask("hoa", "GET", "/api/v1/audit?from=1&limit=5", status=200)
        self.ask("ha", "GET", "/api/v1/audit?from=1&limit=5", status=403)
        entries = self.audit("audit.read")[before:]
        self.assertEqual(["hoa"], [entry["by"] for entry in entries if entry["by"] in ("hoa", "ha")])
        self.assertEqual({"first": 1, "count": 5}, [entry["detail"] for entry in entries if entry["by"] == "hoa"][0])

    def sockets(self):
        """(protocol, own port) of the server's sockets, all of its threads' and of what it started."""
        inodes = {os.readlink(link) for link in pathlib.Path(f"/proc/{self.archive.server.pid}/fd").iterdir() if link.is_symlink()}
        for protocol in "tcp", "tcp6", "udp", "udp6":
            for line in pathlib.Path("/proc/net", protocol).read_text().splitlines()[1:]:
                words = line.split()
                if f"socket:[{words[9]}]" in inodes:
                    yield protocol, int(words[1].rpartition(":")[2], 16)

    def test_the_server_opens_no_connection_of_its_own(self):
        """It is looked at while it takes in, indexes, searches and mails nothing."""
        seen = set()
        for number in range(12):
            self.take_in()
            for way in "/", "/search?q=tin", "/feed.atom":
                self.archive.request("GET", way)
            with contextlib.suppress(FileNotFoundError):
                seen |= set(self.sockets())
        self.assertEqual({self.archive.port}, {port for _, port in seen})


class Guessing(WithMaterials):
    """Brute force, from networks that a proxy names."""
    config = BEHIND_A_PROXY

    def try_to_sign_in(self, name, password, client):
        return self.archive.request("POST", "/api/v1/session", json.dumps({"name": name, "password": password}),
                                    {"Content-Type": "application/json", "X-Forwarded-For": client}).status

    def fill(self, name, client="198.51.100.7"):
        self.assertIn(429, [self.try_to_sign_in(name, "sai mật khẩu rồi", client) for _ in range(9)])

    def test_an_account_is_slowed_down_for_the_network_that_guesses(self):
        name, _ = self.person()
        self.fill(name)
        self.assertEqual(429, self.try_to_sign_in(name, PASSWORD, "198.51.100.7"))
        self.assertEqual(429, self.try_to_sign_in(name, PASSWORD, "198.51.100.200"))
        self.assertEqual(200, self.try_to_sign_in(name, PASSWORD, "203.0.113.5"))

    def test_it_can_be_slowed_down_by_ipv6_too(self):
        name, _ = self.person()
        self.fill(name, "2001:db8:1:2::7")
        self.assertEqual(429, self.try_to_sign_in(name, PASSWORD, "2001:db8:1:2:ffff::1"))

    def test_names_are_one_however_they_are_written(self):
        name, _ = self.person()
        self.fill(name.upper())
        self.assertEqual(429, self.try_to_sign_in(name, PASSWORD, "198.51.100.7"))

    def test_the_password_of_an_account_page_is_not_guessed_there_either(self):
        name, browser = self.person()
        form = {"present": "sai mật khẩu rồi", "password": OTHER, "again": OTHER}
        answers = [browser.send("/account/password", **form).status for _ in range(12)]
        self.assertEqual({401, 429}, set(answers))
        self.assertEqual(429, answers[-1])

    def test_secrets_of_links_are_too_long_to_guess_and_tell_nothing(self):
        unknown = self.looks("/invitation/" + WRONG)
        for token in ("1" * 64, "f" * 64, "0" * 63, "0" * 65, "..%2f..%2fx", "%00"):
            self.assertIn(self.archive.request("GET", "/invitation/" + token).status, (unknown[0], 400), token)


class GuessingUntrusted(WithMaterials):
    def test_a_client_that_is_no_proxy_cannot_say_whence_it_comes(self):
        name, _ = self.person()
        statuses = [self.archive.request("POST", "/api/v1/session", json.dumps({"name": name, "password": "sai mật khẩu rồi"}),
                                         {"Content-Type": "application/json", "X-Forwarded-For": f"203.0.113.{n}",
                                          "Forwarded": f"for=203.0.{n}.7", "X-Real-IP": f"203.{n}.113.7"}).status for n in range(10)]
        self.assertEqual(429, statuses[-1])


class RestingRights(WithMaterials):
    config = "[accounts]\nidle_days = 45\nadministrators_need_second_step = true\n"

    def test_an_administrator_without_a_second_step_administers_nothing(self):
        for viewer in "hoa", "ha":
            self.ask(viewer, "POST", "/api/v1/invitations", {"name": self.new_name(), "unit": "ldld-hn", "role": "reader"}, status=403)
        self.ask("hoa", "GET", "/api/v1/audit", status=403)
        browser = self.signed_in("ha")
        self.assertEqual(403, browser.get("/people").status)
        self.assertIn("chỉ dùng được khi đã bật bước thứ hai", words_of(browser.get("/account")))
        self.take_in("ha")  # what a spokesperson may stays
        turn_on(self, browser)
        self.assertEqual(200, browser.get("/people").status)
        self.assertNotIn("chỉ dùng được khi", words_of(browser.get("/account")))
        self.ask("ha", "POST", "/api/v1/invitations", {"name": self.new_name(), "unit": "ldld-hn", "role": "reader"}, status=201)
        self.ask("hoa", "GET", "/api/v1/audit", status=403)

    def test_an_account_that_nobody_used_for_long_is_closed_until_it_is_reset(self):
        self.change_accounts("UPDATE account SET used_at = 1, created_at = 1 WHERE name = ?", "lan")
        refused = self.browser().sign_in("lan")
        self.assertEqual(401, refused.status)
        self.assertIn("đã lâu không dùng", words_of(refused))
        # Who does not know the password learns nothing of it.
        self.assertNotIn("đã lâu không dùng", words_of(self.browser().sign_in("lan", "sai mật khẩu rồi")))
        made = self.archive.run("user", "reset", "lan", "--json").json
        self.assertEqual(303, self.accept(made, OTHER).status)
        self.assertEqual(303, self.browser().sign_in("lan", OTHER).status)


class TellingNamesApart(WithMaterials):
    def seconds(self, ask):
        begun = time.perf_counter()
        ask()
        return time.perf_counter() - begun

    def test_a_wrong_password_is_answered_alike_whoever_it_is(self):
        """A union person, one with a second step, a journalist, one that was reset, and nobody. The lots are drawn
        by turns, so that a busy machine slows all of them."""
        names = {}
        names["plain"], _ = self.person()
        names["second step"], browser = self.person()
        turn_on(self, browser)
        names["reset"], _ = self.person()
        self.ask("ha", "POST", f"/api/v1/users/{names['reset']}/reset", {}, status=201)
        names["press"] = self.new_name()
        self.ask("hoa", "POST", "/api/v1/users", {"name": names["press"], "kind": "press", "password": PASSWORD}, status=201)
        names["nobody"] = "khong-co-ai-" + self.new_name()
        answers, times = {}, {kind: [] for kind in names}
        for _ in range(3):
            for kind, name in names.items():
                def ask():
                    answers[kind] = self.archive.request("POST", "/api/v1/session", json.dumps({"name": name, "password": "sai mật khẩu rồi"}),
                                                         {"Content-Type": "application/json"})
                times[kind].append(self.seconds(ask))
        told = {(answer.status, answer.json["title"], answer.json.get("detail"), answer.json.get("reason"), tuple(sorted(answer.fields)))
                for answer in answers.values()}
        self.assertEqual(1, len(told), told)
        middle = {kind: statistics.median(all_) for kind, all_ in times.items()}
        self.assertLess(max(middle.values()), 3 * min(middle.values()), middle)

    def test_a_reset_and_an_invitation_tell_a_stranger_nothing_of_names(self):
        for viewer in "hai", "lan":
            told = {(answer.status, answer.json["title"], answer.json.get("detail")) for name in ("lan", "ha", "khong-co-ai")
                    for answer in [self.ask(viewer, "POST", f"/api/v1/users/{name}/reset", {})] if name != viewer}
            self.assertEqual(1, len(told), told)
        told = {(answer.status, answer.json["title"]) for name in ("lan", "khong-co-ai") for answer in
                [self.ask("lan", "POST", "/api/v1/invitations", {"name": name, "unit": "ldld-hn", "role": "reader"})]}
        self.assertEqual(1, len(told), told)

    def test_tokens_of_somebody_else_are_refused_alike(self):
        told = {(answer.status, answer.json["title"]) for name in ("ha", "khong-co-ai")
                for answer in [self.ask("lan", "GET", f"/api/v1/users/{name}/tokens")]}
        self.assertEqual(1, len(told), told)


class Resets(WithMaterials):
    def reset(self, name):
        return self.ask("ha", "POST", f"/api/v1/users/{name}/reset", {}, status=201).json

    def test_a_new_link_ends_the_one_before(self):
        name, _ = self.person()
        first, second = self.reset(name), self.reset(name)
        self.assertEqual(self.looks("/invitation/" + WRONG), self.looks(self.path(first)))
        self.assertEqual(404, self.accept(first, OTHER).status)
        self.assertEqual(303, self.accept(second, OTHER).status)
        self.assertEqual(404, self.accept(second, PASSWORD).status)

    def test_a_link_ends_after_a_week(self):
        name, _ = self.person()
        made = self.reset(name)
        self.change_accounts("UPDATE invitation SET ends_at = 1 WHERE name = ?", name)
        self.assertEqual(self.looks("/invitation/" + WRONG), self.looks(self.path(made)))
        self.assertEqual(404, self.accept(made, OTHER).status)
        self.assertEqual(401, self.browser().sign_in(name, OTHER).status)

    def test_a_link_opens_the_account_it_was_made_for_alone(self):
        name, _ = self.person()
        self.assertEqual(303, self.accept(self.reset(name), OTHER, name="hoa", unit="tld", role="administrator").status)
        self.assertEqual(401, self.browser().sign_in("hoa", OTHER).status)
        self.assertEqual(403, self.signed_in(name, OTHER).get("/people").status)

    def test_whoever_held_the_account_holds_nothing_of_it_any_more(self):
        name, thief = self.person()
        page = thief.send("/account/tokens", label="máy", scope="write", days="30")
        self.tokens = {**self.tokens, "thief": re.search(r'value="(kc_[0-9a-f]{64})"', words_of(page))[1]}
        made = self.reset(name)
        self.assertFalse(thief.is_in())
        self.ask("thief", "GET", "/api/v1/session", status=401)
        self.assertEqual(303, self.accept(made, OTHER).status)
        self.assertFalse(thief.is_in())
        self.ask("thief", "GET", "/api/v1/session", status=401)
        self.assertEqual(401, thief.sign_in(name, PASSWORD).status)
        self.assertEqual(303, self.browser().sign_in(name, OTHER).status)

    def test_the_link_leaves_by_no_referrer_cache_or_log(self):
        made = self.reset(self.person()[0])
        page = self.archive.request("GET", self.path(made))
        self.assertEqual(("no-referrer", "private, no-store"), (page.fields["referrer-policy"], page.fields["cache-control"]))
        self.assertNotIn(self.path(made).split("/")[2], (self.archive.folder / "serve.log").read_text())


class FalseHosts(WithMaterials):
    config = f'[server]\norigin = "{ORIGIN}"\n'
    FALSE = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Original-Host": "evil.example",
             "Forwarded": "host=evil.example", "X-Forwarded-Server": "evil.example", "X-Host": "evil.example"}
    WAYS = ("/", "/search?q=tin", "/feed.atom", "/sitemap.xml", "/sitemap/1.xml", "/robots.txt", "/opensearch.xml", "/opensearch/suggest?q=ban", "/sign-in",
            "/account", "/api/v1/search?q=tin", "/m/{id}", "/embed/{id}", "/m/{id}/qr.svg", "/selection?q=tin", "/no-such-page",
            "/oembed?url=" + urllib.parse.quote(ORIGIN + "/m/", "") + "{id}")

    def test_links_are_made_from_the_configured_address_alone(self):
        material = self.take_in()
        for way in self.WAYS:
            answer = self.archive.request("GET", way.format(id=material["id"]), fields=self.FALSE)
            self.assertNotIn(b"evil.example", answer.body, way)
            self.assertNotIn("evil.example", json.dumps(answer.fields), way)
        oembed = self.archive.request("GET", self.WAYS[-1].format(id=material["id"]), fields=self.FALSE)
        self.assertIn(ORIGIN, oembed.json["html"])

    def test_so_are_links_that_open_an_account_or_a_material(self):
        material = self.take_in()
        for way, body in (("/api/v1/invitations", {"name": self.new_name(), "unit": "ldld-hn", "role": "reader"}), ("/api/v1/users/lan/reset", {}),
                          (f"/api/v1/materials/{material['id']}/shares", {"recipient": "Báo", "expires_at": in_days(30)})):
            made = self.ask("ha", "POST", way, body, self.FALSE, 201)
            self.assertTrue(made.json["url"].startswith(ORIGIN + "/"), made.json)
            self.assertNotIn("evil.example", made.body.decode() + json.dumps(made.fields))


class UnnamedHosts(WithMaterials):
    def test_what_is_no_proxy_names_no_host(self):
        """Without an address in config.toml, Host alone says how a client came here."""
        false = {name: value for name, value in FalseHosts.FALSE.items() if name != "Host"}
        material = self.take_in()
        for way in FalseHosts.WAYS[:-1]:
            answer = self.archive.request("GET", way.format(id=material["id"]), fields=false)
            self.assertNotIn(b"evil.example", answer.body, way)
            self.assertNotIn("https://127.0.0.1", answer.body.decode("utf-8", "replace"), way)

    def test_a_host_that_is_none_is_refused(self):
        for host in ('a"><script>', "a b", "a@evil.example", "a/evil", "a\\evil", "a?b", "a#b", "", "a, b", "[::1", "a:b", "a:99999999"):
            status = self.archive.raw(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            self.assertEqual(400, status, host)


class WaysOut(WithMaterials):
    """Open redirects."""
    OUT = ("//evil.example", "///evil.example", "////evil.example", "\\\\evil.example", "/\\evil.example", "\\/evil.example",
           "https://evil.example", "https:evil.example", "HTTPS://evil.example", "http:/\\evil.example", "javascript:alert(1)",
           "data:text/html,x", "/\t/evil.example", "/\n/evil.example", "/\r/evil.example", "\t//evil.example", " //evil.example",
           "/%09/evil.example", "%2F%2Fevil.example", "/%5Cevil.example", "//evil.example/%2e%2e", "/\x00/evil.example", "/\x7f/evil.example",
           "//evil.example@127.0.0.1", "@evil.example", ".evil.example", "/\u2028/evil.example", "//google.com%E3%80%82evil.example",
           "/account\r\nLocation: https://evil.example", "/account\r\nSet-Cookie: session=x")

    def goes_to(self, location):
        """Where a browser goes, that takes away what browsers take away."""
        cleaned = re.sub(r"[\t\r\n]", "", location.strip(" \t\r\n\x00\x0c")).replace("\\", "/")
        return urllib.parse.urlsplit(urllib.parse.urljoin("http://ours.example/sign-in", cleaned))

    def assert_is_ours(self, answer, out):
        self.assertEqual("ours.example", self.goes_to(answer.fields["location"]).netloc, (out, answer.fields["location"]))
        self.assertEqual("http", self.goes_to(answer.fields["location"]).scheme, (out, answer.fields["location"]))
        self.assertNotIn("session=x", answer.fields.get("set-cookie", ""))

    def test_signing_in_leads_to_no_other_site(self):
        name, _ = self.person()
        browser = self.browser()
        for out in self.OUT:
            answer = browser.sign_in(name, next=out)
            self.assertIn(answer.status, (303, 400), out)
            if answer.status == 303:
                self.assert_is_ours(answer, out)
        self.assertEqual("/units?q=a", browser.sign_in(name, next="/units?q=a").fields["location"])

    def test_the_form_carries_none_on(self):
        for out in self.OUT:
            page = words_of(self.browser().get("/sign-in?next=" + urllib.parse.quote(out, "")))
            carried = re.search(r'name="next" value="([^"]*)"', page)
            if carried and carried[1]:
                self.assertEqual("ours.example", self.goes_to(carried[1]).netloc, (out, carried[1]))

    def test_nor_does_the_second_step(self):
        name, own = self.person()
        _, codes, _ = turn_on(self, own)
        for out, code in zip(self.OUT[::4], codes):
            browser = self.browser()
            browser.sign_in(name, next=out)
            answer = browser.request("POST", "/sign-in/code", {"code": code, "next": out})
            self.assertEqual(303, answer.status, out)
            self.assert_is_ours(answer, out)

    def test_nor_does_a_page_that_asks_to_sign_in(self):
        for path in ("/account", "/upload", "/people", "/account?x=//evil.example", "//evil.example/account", "/account%0d%0aLocation:%20https://evil.example"):
            answer = self.browser().get(path)
            if answer.status == 303:
                self.assert_is_ours(answer, path)
                after = urllib.parse.parse_qs(urllib.parse.urlsplit(answer.fields["location"]).query).get("next", ["/"])[0]
                self.assertEqual("ours.example", self.goes_to(after).netloc, (path, after))


if __name__ == "__main__":
    unittest.main()
