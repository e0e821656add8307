"""Signing in by OpenID Connect: through a real provider, and against one that lies."""
import base64
import hashlib
import hmac
import json
import pathlib
import re
import sqlite3
import sys
import threading
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from archive import free_port, give_pages_their_sums  # noqa: E402
from oidc_place import CLIENT, SECRET, Key, Liar, RealProvider, b64, config_of  # noqa: E402
from people_test import PASSWORD, Browser, Keeping, code_at, words_of  # noqa: E402

from cryptography.hazmat.primitives import serialization  # noqa: E402

RULES = """
[[oidc.grants]]
claim = "groups"
value = "ban-tuyen-giao"
unit = "ldld-hn"
role = "editor"
[[oidc.grants]]
claim = "realm_access.roles"
value = "luu-tru"
unit_claim = "don_vi"
role = "archivist"
[[oidc.grants]]
claim = "groups"
value = "quan-tri"
unit = "tld"
role = "administrator"
"""
PATH = "/sign-in/provider/answer"


class WithProvider(unittest.TestCase):
    """An archive with three units, hoa who administers it, and a provider that `provider()` makes."""
    more = ""
    accounts = ""

    @classmethod
    def setUpClass(cls):
        cls.archive = archive = Keeping()
        cls.addClassCleanup(archive.remove)
        added = archive.run("user", "add", "hoa", "--unit", "tld", "--role", "administrator", "--password-stdin",
                            given=PASSWORD)
        assert added.exit_code == 0, added.complaint
        rows = [{"code": code, "name_vi": "Liên đoàn " + code, "level": "tinh", "parent": "tld"}
                for code in ("ldld-hn", "ldld-hp")]
        units = archive.file("don-vi.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
        assert archive.run("unit", "import", units).exit_code == 0
        archive.port = free_port()
        cls.provider = cls.make_provider()
        cls.addClassCleanup(cls.provider.stop)
        (archive.data / "oidc-secret").write_text(SECRET + "\n")
        (archive.data / "config.toml").write_text(cls.accounts + config_of(cls.provider.issuer, cls.more, RULES))
        cls.serve()

    @classmethod
    def serve(cls):
        """On the port that the provider knows."""
        archive = cls.archive
        import archive as module
        port, module.free_port = archive.port, lambda: archive.port
        try:
            archive.serve()
        finally:
            module.free_port = free_port
        assert archive.port == port

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.archive.port}"

    def browser(self):
        return Browser(self.archive)

    def start(self, browser, next="/"):
        """Goes to the provider; gives what the browser takes along."""
        answer = browser.get("/sign-in/provider?next=" + urllib.parse.quote(next, safe=""))
        self.assertEqual(303, answer.status, words_of(answer))
        return self.taken_along(answer.fields["location"])

    def taken_along(self, location):
        self.location = location
        self.assertTrue(location.startswith(self.provider.issuer + "/"), location)
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))

    def grants(self, name):
        shown = self.asked_by_hoa("GET", f"/api/v1/users/{urllib.parse.quote(name)}/grants")
        self.assertEqual(200, shown.status, shown.body)
        return sorted((one["role"], one["unit"], one["is_from_provider"]) for one in shown.json["grants"])

    def audit(self, action):
        entries = self.asked_by_hoa("GET", "/api/v1/audit?from=1&limit=1000").json["entries"]
        self.assertLess(len(entries), 1000)
        return [entry for entry in entries if entry["action"] == action]

    def asked_by_hoa(self, method, path):
        token = self.archive.run("user", "token", "hoa", "--json").json["token"]
        return self.archive.request(method, path, fields={"Authorization": "Bearer " + token})

    def change_accounts(self, sql, *values):
        self.archive.stop()
        file = self.archive.data / "accounts.sqlite"
        with sqlite3.connect(file) as database:
            database.execute(sql, values)
        database.close()
        give_pages_their_sums(file)
        self.serve()

    def name_of(self, browser):
        page = words_of(browser.get("/account"))
        return re.search(r'<p class="lead"><b>([^<]+)</b>', page)[1]


class RealSignIn(WithProvider):
    alg = "RS256"
    method = None

    @classmethod
    def make_provider(cls):
        told = {"alg": cls.alg}
        if cls.method:
            told["token_endpoint_auth_method"] = cls.method
        return RealProvider([f"http://127.0.0.1:{cls.archive.port}{PATH}"], **told)

    def through(self, location, login, do="login", cookies=None):
        """What a browser does at the provider; gives the address of the archive that it comes back to."""
        import http.client
        cookies = {} if cookies is None else cookies
        method, body = "GET", None
        for _ in range(12):
            if location.startswith(self.origin + "/"):
                return location[len(self.origin):]
            address = urllib.parse.urlsplit(urllib.parse.urljoin(self.provider.issuer, location))
            connection = http.client.HTTPConnection(address.netloc, timeout=20)
            fields = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
            if body is not None:
                fields["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request(method, address.path + ("?" + address.query if address.query else ""), body, fields)
            answer = connection.getresponse()
            page = answer.read().decode()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie":
                    key, rest = value.split("=", 1)
                    cookies[key] = rest.split(";")[0]
            connection.close()
            if answer.status in (302, 303):
                method, body, location = "GET", None, answer.getheader("Location")
            else:
                self.assertEqual(200, answer.status, page)
                self.assertIn("/interaction/", address.path, page)
                method, body, location = "POST", urllib.parse.urlencode({"login": login, "do": do}), address.path
        self.fail("the provider leads in circles")

    def sign_in(self, browser, login, next="/"):
        self.start(browser, next)
        return browser.get(self.through(self.location, login))

    def test_a_person_of_the_provider_comes_in_with_the_rights_of_the_claims(self):
        self.provider.person("u-lan", preferred_username="lan", name="Lan", groups=["khac", "ban-tuyen-giao"],
                             realm_access={"roles": ["luu-tru"]}, don_vi="ldld-hp")
        browser = self.browser()
        self.assertIn("Đăng nhập bằng Công đoàn số", words_of(browser.get("/sign-in")))
        came = self.sign_in(browser, "u-lan", "/search?q=a")
        self.assertEqual((303, "/search?q=a"), (came.status, came.fields["location"]))
        self.assertNotIn("provider", browser.cookies)
        self.assertTrue(browser.is_in())
        self.assertEqual("lan", self.name_of(browser))
        self.assertEqual([("archivist", "ldld-hp", True), ("editor", "ldld-hn", True)], self.grants("lan"))
        begun = [one for one in self.audit("session.begin") if one["by"] == "lan"]
        self.assertEqual(self.provider.issuer, begun[-1]["detail"]["provider"])
        self.assertEqual(1, len([one for one in self.audit("account.join") if one["object"] == "lan"]))
        # again, with other claims: what is gone is gone, what was given by hand stays
        token = self.archive.run("user", "grant", "lan", "--unit", "ldld-hn", "--role", "contributor")
        self.assertEqual(0, token.exit_code, token.complaint)
        self.provider.person("u-lan", preferred_username="renamed", groups="ban-tuyen-giao")
        again = self.browser()
        self.assertEqual(303, self.sign_in(again, "u-lan").status)
        self.assertEqual("lan", self.name_of(again))
        self.assertEqual([("contributor", "ldld-hn", False), ("editor", "ldld-hn", True)], self.grants("lan"))

    def test_whoever_stops_at_the_provider_is_told_so_and_nothing_of_its_words_is_shown(self):
        browser = self.browser()
        self.start(browser)
        came = browser.get(self.through(self.location, "x", do="cancel"))
        self.assertEqual(403, came.status)
        self.assertIn("Anh chị đã dừng việc đăng nhập", words_of(came))
        self.assertNotIn("không</b>", came.body.decode())
        self.assertFalse(browser.is_in())

    def test_a_code_works_once(self):
        self.provider.person("u-once", preferred_username="once", groups="ban-tuyen-giao")
        browser = self.browser()
        self.start(browser)
        cookie = dict(browser.cookies)
        back = self.through(self.location, "u-once")
        self.assertEqual(303, browser.get(back).status)
        replay = self.browser()
        replay.cookies = cookie
        self.assertEqual(403, replay.get(back).status)
        self.assertFalse(replay.is_in())

    def test_an_answer_in_another_browser_signs_nobody_in(self):
        self.provider.person("u-mallory", preferred_username="mallory", groups="ban-tuyen-giao")
        mallory, victim = self.browser(), self.browser()
        self.start(mallory)
        back = self.through(self.location, "u-mallory")
        self.assertEqual(400, victim.get(back).status)
        self.start(victim)
        self.assertEqual(400, victim.get(back).status)
        self.assertFalse(victim.is_in())

    def test_new_keys_of_the_provider_are_learnt(self):
        self.provider.person("u-keys", preferred_username="keys", groups="ban-tuyen-giao")
        self.assertEqual(303, self.sign_in(self.browser(), "u-keys").status)
        self.provider.tell("keys")
        self.assertEqual(303, self.sign_in(self.browser(), "u-keys").status)


class RealSignInWithPoints(RealSignIn):
    alg, method = "ES256", "client_secret_post"


class RealSignInWithPss(RealSignIn):
    alg = "PS256"


class WithLiar(WithProvider):
    @classmethod
    def make_provider(cls):
        return Liar()

    def setUp(self):
        liar = self.provider
        liar.metadata, liar.claims, liar.header, liar.status = {}, {}, {}, 200
        liar.make, liar.before = liar.token, lambda path: None
        liar.keys = [liar.key.jwk]

    def start(self, browser, next="/"):
        taken = super().start(browser, next)
        self.provider.nonce, self.provider.challenge = taken["nonce"], taken["code_challenge"]
        return taken

    def back(self, browser, taken, **more):
        values = {"code": "c", "state": taken["state"], "iss": self.provider.issuer, **more}
        return browser.get(PATH + "?" + urllib.parse.urlencode({k: v for k, v in values.items() if v is not None}))

    def sign_in(self, browser, next="/", **claims):
        self.provider.claims = {"groups": "ban-tuyen-giao", **claims}
        return self.back(browser, self.start(browser, next))

    def refused(self, make=None, status=400, words="không đúng nên kho không nhận", **claims):
        """The provider's word is not taken, and nobody is signed in."""
        browser = self.browser()
        self.provider.make = make or self.provider.token
        came = self.sign_in(browser, **{"sub": "refused", "preferred_username": "refused", **claims})
        self.assertEqual(status, came.status, words_of(came))
        self.assertIn(words, words_of(came))
        self.assertFalse(browser.is_in())
        self.assertNotIn("session", browser.cookies)


class Protocol(WithLiar):
    def test_the_way_there_names_state_nonce_and_challenge_and_the_verifier_proves_it(self):
        browser = self.browser()
        taken = self.start(browser)
        self.assertEqual(("code", CLIENT, "S256", self.origin + PATH),
                         (taken["response_type"], taken["client_id"], taken["code_challenge_method"],
                          taken["redirect_uri"]))
        self.assertEqual("openid profile email", taken["scope"])
        cookie = next(one for one in browser.set if one.startswith("provider="))
        for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"):
            self.assertIn(part, cookie)
        kept = browser.cookies["provider"]
        for name in ("state", "nonce", "code_challenge"):
            self.assertNotIn(taken[name], kept)
        self.provider.claims = {"sub": "pkce", "preferred_username": "pkce", "groups": "ban-tuyen-giao"}
        self.assertEqual(303, self.back(browser, taken).status)
        form, authorization = self.provider.forms[-1]
        self.assertTrue(self.provider.proves(form["code_verifier"]))
        self.assertEqual(("authorization_code", "c", self.origin + PATH),
                         (form["grant_type"], form["code"], form["redirect_uri"]))
        self.assertNotIn("client_secret", form)
        name, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().split(":")
        self.assertEqual((CLIENT, SECRET), (urllib.parse.unquote_plus(name), urllib.parse.unquote_plus(secret)))
        other = self.start(self.browser())
        self.assertFalse({taken[n] for n in ("state", "nonce", "code_challenge")} & set(other.values()))

    def test_over_tls_the_cookie_is_bound_to_this_host(self):
        # A trusted proxy says so; see [server] proxies.
        self.archive.stop()
        config = self.archive.data / "config.toml"
        before = config.read_text()
        config.write_text('[server]\nproxies = ["127.0.0.1"]\n' + before)
        self.serve()
        try:
            browser = self.browser()
            browser.request("GET", "/sign-in/provider", fields={"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"})
            cookie = next(one for one in browser.set if "provider" in one)
            self.assertTrue(cookie.startswith("__Host-provider="), cookie)
            self.assertIn("; Secure", cookie)
            self.assertNotIn("Domain", cookie)
        finally:
            self.archive.stop()
            config.write_text(before)
            self.serve()

    def test_claims_that_do_not_hold_are_not_taken(self):
        now = int(time.time())
        for claims in ({"nonce": "0" * 64}, {"nonce": None}, {"aud": "somebody"}, {"aud": None}, {"aud": [CLIENT, "x"]},
                       {"aud": [CLIENT], "azp": "x"}, {"azp": 7}, {"exp": now - 120}, {"exp": None}, {"exp": "soon"},
                       {"iat": now + 600}, {"iat": now - 3600}, {"iat": None}, {"nbf": now + 600},
                       {"iss": "http://127.0.0.1:1"}, {"iss": None}, {"iss": self.provider.issuer + "/"}, {"sub": None},
                       {"sub": ""}, {"sub": "a" * 256}, {"sub": "a\nb"}, {"at_hash": b64(b"0" * 16)}, {"at_hash": 1}):
            with self.subTest(claims=claims):
                self.refused(**claims)

    def test_good_claims_of_other_shapes_are_taken(self):
        half = b64(hashlib.sha256(b"a").digest()[:16])
        for number, claims in enumerate(({"aud": [CLIENT, "x"], "azp": CLIENT}, {"at_hash": half},
                                         {"exp": time.time() + 9.5}, {"groups": ["ban-tuyen-giao", 7, None, {}]})):
            with self.subTest(claims=claims):
                came = self.sign_in(self.browser(), sub=f"good{number}", preferred_username=f"good{number}", **claims)
                self.assertEqual(303, came.status, words_of(came))

    def test_signatures_that_do_not_hold_are_not_taken(self):
        liar, stranger, point = self.provider, Key("k1"), Key("p1", "EC")
        pem = liar.key.private.public_key().public_bytes(serialization.Encoding.PEM,
                                                         serialization.PublicFormat.SubjectPublicKeyInfo)
        liar.keys = [liar.key.jwk, point.jwk, {"kty": "oct", "kid": "h1", "k": b64(b"secret")}]

        def unsigned(alg):
            text = b64({"alg": alg}) + "." + b64(liar.good_claims())
            return text + "."

        def by_hmac(secret, kid):
            text = b64({"alg": "HS256", "kid": kid}) + "." + b64(liar.good_claims())
            return text + "." + b64(hmac.new(secret, text.encode(), hashlib.sha256).digest())

        def changed():
            head, claims, signature = liar.signed(liar.good_claims()).split(".")
            return ".".join((head, b64({**liar.good_claims(), "groups": "quan-tri"}), signature))

        def by_own_key():
            return liar.signed(liar.good_claims(), key=stranger, header={"jwk": stranger.jwk, "kid": None})

        def der_point():
            from cryptography.hazmat.primitives import hashes
            from cryptography.hazmat.primitives.asymmetric import ec
            text = b64({"alg": "ES256", "kid": "p1"}) + "." + b64(liar.good_claims())
            return text + "." + b64(point.private.sign(text.encode(), ec.ECDSA(hashes.SHA256())))

        def of_zeros():
            text = b64({"alg": "ES256", "kid": "p1"}) + "." + b64(liar.good_claims())
            return text + "." + b64(bytes(64))

        def tokens(text):
            return lambda: {"access_token": "a", "id_token": text()}

        lies = {"none": lambda: unsigned("none"), "None": lambda: unsigned("None"), "no alg": lambda: unsigned(""),
                "RS256 without a signature": lambda: unsigned("RS256"),
                "HMAC by the public key": lambda: by_hmac(pem, "k1"), "HMAC by n": lambda: by_hmac(
                    base64.urlsafe_b64decode(liar.key.jwk["n"] + "=="), "k1"),
                "HMAC by a key of the set": lambda: by_hmac(b"secret", "h1"),
                "HMAC by our secret": lambda: by_hmac(SECRET.encode(), "k1"), "changed": changed,
                "by a stranger of that name": lambda: liar.signed(liar.good_claims(), key=stranger),
                "by its own key": by_own_key,
                "RSA by a point": lambda: liar.signed(liar.good_claims(), header={"alg": "ES256"}),
                "PSS as PKCS": lambda: liar.signed(liar.good_claims(), header={"alg": "PS256"}),
                "DER": der_point, "zeros": of_zeros,
                "crit": lambda: liar.signed(liar.good_claims(), header={"crit": ["b64"], "b64": False}),
                "an access token": lambda: liar.signed(liar.good_claims(), header={"typ": "at+jwt"}),
                "encrypted": lambda: "a.b.c.d.e", "no dots": lambda: "abc", "empty": lambda: "", "number": lambda: 7,
                "line end": lambda: liar.signed(liar.good_claims()) + "\n",
                "padding": lambda: liar.signed(liar.good_claims()) + "="}
        self.archive.stop()
        self.serve()
        for name, lie in lies.items():
            with self.subTest(lie=name):
                self.refused(make=tokens(lie))
        # The same keys, used as they should be.
        liar.make = tokens(lambda: liar.signed(liar.good_claims(), "ES256", point))
        self.assertEqual(303, self.sign_in(self.browser(), sub="points", preferred_username="points").status)
        liar.make = tokens(lambda: liar.signed(liar.good_claims(), "PS256", header={"kid": None}))
        self.assertEqual(303, self.sign_in(self.browser(), sub="points").status)

    def test_weak_and_foreign_keys_are_passed_over(self):
        liar = self.provider
        weak, other = Key("w1", bits=1024), Key("e1")
        for name, key, jwk in (("1,024 bits", weak, weak.jwk), ("for encryption", other, {**other.jwk, "use": "enc"}),
                               ("for another way", other, {**other.jwk, "alg": "PS256"}),
                               ("exponent 2", other, {**other.jwk, "e": b64(b"\x02")}),
                               ("exponent 1", other, {**other.jwk, "e": b64(b"\x01")}),
                               ("not on the curve", other, {"kty": "EC", "kid": "e1", "crv": "P-256",
                                                            "x": b64(bytes(31) + b"\1"), "y": b64(bytes(31) + b"\1")})):
            with self.subTest(key=name):
                self.archive.stop()
                self.serve()
                liar.keys = [jwk]
                self.refused(make=lambda: {"id_token": liar.signed(liar.good_claims(), key=key)})

    def test_an_answer_must_be_of_this_browser_and_this_provider(self):
        for name, more in (("no state", {"state": None}), ("empty state", {"state": ""}),
                           ("other state", {"state": "0" * 64})):
            with self.subTest(name):
                browser = self.browser()
                self.assertEqual(400, self.back(browser, self.start(browser), **more).status)
                self.assertFalse(browser.is_in())
        for name, more in (("mix-up", {"iss": "https://other.example.vn"}), ("no issuer", {"iss": None}),
                           ("slash", {"iss": self.provider.issuer + "/"}), ("no code", {"code": None})):
            with self.subTest(name):
                browser = self.browser()
                asked = len(self.provider.forms)
                self.assertEqual(400, self.back(browser, self.start(browser), **more).status)
                self.assertEqual(asked, len(self.provider.forms), "the code went out all the same")
        browser, asked = self.browser(), len(self.provider.forms)
        for garbage in ("", "x", "0" * 64, "0" * 64 + ".", "0" * 64 + "..", "0" * 64 + ".link.%zz", "." * 80):
            browser.cookies = {"provider": garbage}
            self.assertEqual(400, browser.get(PATH + "?code=c&state=x").status)
        self.assertEqual(asked, len(self.provider.forms))

    def test_the_purpose_that_the_browser_keeps_cannot_be_changed(self):
        browser = self.browser()
        taken = self.start(browser)
        browser.cookies["provider"] = browser.cookies["provider"].replace(".sign_in.", ".link.")
        self.assertEqual(400, self.back(browser, taken).status)
        browser = self.browser()
        taken = self.start(browser)
        browser.cookies["provider"] = browser.cookies["provider"].replace(".sign_in.%2F", ".sign_in.%2Fupload")
        self.assertEqual(400, self.back(browser, taken).status)

    def test_errors_of_the_provider_become_sentences_of_ours(self):
        for error, status in (("access_denied", 403), ("server_error", 503), ("<script>alert(1)</script>", 403),
                              ("login_required", 403), ("x" * 2_000, 403)):
            browser = self.browser()
            came = self.back(browser, self.start(browser), error=error, error_description="<script>alert(2)</script>")
            self.assertEqual(status, came.status)
            self.assertNotIn("alert(", came.body.decode())
            self.assertNotIn("provider", browser.cookies)
        for status, shown in ((400, 403), (401, 403), (302, 403), (500, 503), (429, 503)):
            self.provider.status = status
            browser = self.browser()
            came = self.back(browser, self.start(browser))
            self.assertEqual(shown, came.status)
            self.assertNotIn("<script>", came.body.decode())
        self.assertNotIn("/elsewhere", self.provider.asked)
        english = self.browser()
        self.start(english)
        english.cookies["lang"] = "en"
        page = words_of(english.get("/sign-in?lang=en"))
        self.assertIn("Sign in with Union ID", page)
        self.assertNotIn("Công đoàn số", page)

    def test_after_signing_in_nobody_is_led_elsewhere(self):
        for evil in ("//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "/a\nb", "\t//x",
                     "/%0d%0aSet-Cookie:x=y", "/" + "a" * 3000):
            with self.subTest(next=evil):
                came = self.sign_in(self.browser(), evil, sub="next", preferred_username="next")
                self.assertEqual(303, came.status)
                self.assertTrue(re.fullmatch(r"/([^/\\\s].*)?", came.fields["location"]), came.fields["location"])
                self.assertNotIn("x", came.fields.get("set-cookie", "").split("=")[0])

    def test_answers_without_measure_are_not_taken(self):
        huge = b'{"id_token":"' + b"a" * 400_000 + b'"}'
        self.refused(make=lambda: huge, status=503, words="chưa trả lời")
        self.refused(make=lambda: {"id_token": "a." * 40_000})
        self.refused(make=lambda: b"[" * 100_000)
        self.refused(make=lambda: b"")
        self.refused(make=lambda: b"null")
        self.refused(make=lambda: {"id_token": b64(b"{" * 2000) + ".e30.e30"})

    def test_many_groups_are_read(self):
        groups = [f"nhom-{i}" for i in range(500)] + ["ban-tuyen-giao"]
        self.assertEqual(303, self.sign_in(self.browser(), sub="many", preferred_username="many", groups=groups).status)


class Discovery(WithLiar):
    def setUp(self):
        super().setUp()
        self.archive.stop()
        self.serve()

    def away(self, status=(400, 503)):
        answer = self.browser().get("/sign-in/provider")
        self.assertIn(answer.status, status, words_of(answer))
        self.assertIn("nơi đăng nhập chung", words_of(answer).lower())
        self.assertEqual(200, self.browser().get("/sign-in").status)

    def test_metadata_that_do_not_hold_are_not_taken(self):
        liar = self.provider
        for metadata in ({"issuer": "https://other.example.vn"}, {"issuer": liar.issuer + "/"}, {"issuer": None},
                         {"token_endpoint": None}, {"jwks_uri": "http://192.0.2.7/keys"},
                         {"token_endpoint": "file:///etc/passwd"}, {"jwks_uri": "gopher://127.0.0.1/"},
                         {"authorization_endpoint": "javascript:alert(1)"}, {"token_endpoint": "http://a@192.0.2.7/"},
                         {"authorization_endpoint": "http://evil.example/"}, {"jwks_uri": liar.issuer + "/none"},
                         {"authorization_endpoint": liar.issuer + "/a#b"},
                         {"authorization_endpoint": liar.issuer + "/a\r\nSet-Cookie: x=y"},
                         {"token_endpoint_auth_methods_supported": ["private_key_jwt"]},
                         b"[]", b"", b"{", b"<html>", b"a" * 400_000):
            with self.subTest(metadata=str(metadata)[:80]):
                self.archive.stop()
                self.serve()
                liar.metadata = metadata
                self.away()

    def test_the_secret_goes_into_the_form_only_where_the_provider_asks_for_that(self):
        self.provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
        self.assertEqual(303, self.sign_in(self.browser(), sub="post", preferred_username="post").status)
        form, authorization = self.provider.forms[-1]
        self.assertEqual((CLIENT, SECRET, ""), (form["client_id"], form["client_secret"], authorization))

    def test_a_provider_that_is_away_is_not_asked_by_everybody(self):
        self.provider.metadata = b"x"
        before = len(self.provider.asked)
        for _ in range(5):
            self.away()
        self.assertEqual(1, len(self.provider.asked) - before)

    def test_a_key_that_is_not_known_is_asked_for_seldom(self):
        liar, other = self.provider, Key("k2")
        self.assertEqual(303, self.sign_in(self.browser(), sub="rotates", preferred_username="rotates").status)
        liar.keys = [other.jwk]
        liar.make = lambda: {"id_token": liar.signed(liar.good_claims(), key=other)}
        self.assertEqual(303, self.sign_in(self.browser(), sub="rotates").status)
        before = liar.asked.count("/keys")
        for i in range(5):
            self.refused(make=lambda: {"id_token": liar.signed(liar.good_claims(), key=Key(f"x{i}"))})
        self.assertEqual(before, liar.asked.count("/keys"))
        # the old one is no longer good
        self.refused(make=lambda: {"id_token": liar.signed(liar.good_claims())})

    def test_a_slow_provider_holds_up_nobody_else(self):
        liar, came, release = self.provider, [], threading.Event()
        browsers = [self.browser() for _ in range(6)]
        taken = [self.start(browser) for browser in browsers]
        liar.before = lambda path: release.wait(20) if path == "/token" else None

        def go(browser, along):
            begun = time.monotonic()
            came.append((self.back(browser, along).status, time.monotonic() - begun))

        threads = [threading.Thread(target=go, args=pair) for pair in zip(browsers, taken)]
        for thread in threads:
            thread.start()
        while len(came) < 2:  # those beyond four are turned away at once
            time.sleep(0.01)
        self.assertTrue(all(status == 503 and took < 2 for status, took in came), came)
        begun = time.monotonic()
        self.assertEqual(200, self.browser().get("/").status)
        self.assertLess(time.monotonic() - begun, 1)
        for thread in threads:
            thread.join()
        release.set()
        self.assertEqual([503] * 6, [status for status, _ in came])
        self.assertLess(max(took for _, took in came), 8)
        liar.before = lambda path: None
        self.assertEqual(303, self.sign_in(self.browser(), sub="later", preferred_username="later").status)


class Accounts(WithLiar):
    def made(self, name, **claims):
        """Somebody new by the provider, and the browser."""
        browser = self.browser()
        came = self.sign_in(browser, sub="sub-" + name, preferred_username=name, **claims)
        self.assertEqual(303, came.status, words_of(came))
        return browser

    def local(self, name, role="contributor", unit="ldld-hp"):
        added = self.archive.run("user", "add", name, "--unit", unit, "--role", role, "--password-stdin", given=PASSWORD)
        self.assertEqual(0, added.exit_code, added.complaint)
        browser = self.browser()
        self.assertEqual(303, browser.sign_in(name).status)
        return browser

    def link(self, browser, present=PASSWORD, status=200):
        answer = browser.send("/account/identities", present=present)
        self.assertEqual(status, answer.status, words_of(answer))
        if status != 200:
            return None
        address = re.search(r'href="(http://127[^"]+)"', words_of(answer))[1]
        taken = self.taken_along(address)
        self.provider.nonce, self.provider.challenge = taken["nonce"], taken["code_challenge"]
        return taken

    def test_an_equal_name_or_address_opens_no_account_of_somebody_else(self):
        for name in ("hoa", "HOA"):
            browser = self.browser()
            came = self.sign_in(browser, sub="takes-" + name, preferred_username=name, email="hoa@example.vn",
                                email_verified=True)
            self.assertEqual(303, came.status)
            self.assertNotEqual("hoa", self.name_of(browser).lower())
            self.assertEqual(403, browser.get("/people").status)
        self.assertEqual([("administrator", "tld", False)], self.grants("hoa"))

    def test_a_name_that_could_pass_for_another_is_not_taken_over(self):
        for name in ("hoa ", "h\u043ea", "hoa\u200b", "", 7, None, "a b", "hoa\u0301", "system", "anonymous", "Lê Hoa"):
            with self.subTest(name=name):
                browser = self.browser()
                came = self.sign_in(browser, sub=f"name-{name!r}", preferred_username=name)
                self.assertEqual(303, came.status, words_of(came))
                self.assertRegex(self.name_of(browser), r"^(nguoi-dung-[0-9a-f]{8}(-2)?|system-2|anonymous-2)$")

    def test_without_a_right_no_account_is_made(self):
        browser = self.browser()
        for claims in ({"groups": "khac"}, {"groups": None}, {"groups": {"ban-tuyen-giao": True}},
                       {"groups": "x", "realm_access": {"roles": ["luu-tru"]}, "don_vi": "no-such-unit"},
                       {"groups": "x", "realm_access.roles": "luu-tru"}):
            came = self.sign_in(browser, sub="nobody", preferred_username="nobody", **claims)
            self.assertEqual(403, came.status)
            self.assertIn("chưa có quyền nào", words_of(came))
        self.assertFalse(browser.is_in())
        with sqlite3.connect(f"file:{self.archive.data}/accounts.sqlite?mode=ro", uri=True) as database:
            self.assertEqual(0, database.execute("SELECT COUNT(*) FROM account WHERE name = 'nobody'").fetchone()[0])

    def test_whoever_lost_every_right_is_out_at_once(self):
        browser = self.made("gone")
        other = self.browser()
        refused = self.sign_in(other, sub="sub-gone", groups="khac")
        self.assertEqual(403, refused.status)
        self.assertIn("chưa có quyền nào", words_of(refused))
        self.assertFalse(browser.is_in())
        self.assertEqual([], self.grants("gone"))
        taken = [one for one in self.audit("account.provider_rights") if one["object"] == "gone"]
        self.assertEqual("editor ldld-hn", taken[-1]["detail"]["taken"])
        self.assertEqual(303, self.sign_in(other, sub="sub-gone").status)
        self.assertFalse(browser.is_in(), "a right that comes back opens no session of before")

    def test_rights_that_are_not_confirmed_end(self):
        browser = self.made("leaver")
        self.assertEqual(200, browser.get("/upload").status)
        self.change_accounts("UPDATE account_grant SET ends_at = ends_at - 2592000000 WHERE identity <> 0")
        self.assertNotEqual(200, browser.get("/upload").status)
        self.assertEqual(303, self.sign_in(browser, sub="sub-leaver").status)
        self.assertEqual(200, browser.get("/upload").status)

    def test_an_account_that_was_disabled_stays_out(self):
        browser = self.made("closed")
        self.assertEqual(0, self.archive.run("user", "grant", "closed", "--unit", "tld", "--role", "reader").exit_code)
        self.change_accounts("UPDATE account SET is_disabled = 1 WHERE name = 'closed'")
        self.assertFalse(browser.is_in())
        came = self.sign_in(self.browser(), sub="sub-closed")
        self.assertEqual(403, came.status)
        self.assertIn("Tài khoản này đã bị khóa", words_of(came))

    def test_it_has_no_password_until_it_sets_one_after_a_fresh_sign_in(self):
        browser = self.made("nopass")
        for password in ("", PASSWORD):
            self.assertEqual(401, self.browser().sign_in("nopass", password).status)
        page = words_of(browser.get("/account"))
        self.assertIn("Đặt mật khẩu", page)
        self.change_accounts("UPDATE session SET created_at = created_at - 700000")
        late = browser.send("/account/password", password=PASSWORD, again=PASSWORD, present="")
        self.assertEqual(401, late.status)
        self.assertIn("vừa mới đăng nhập", words_of(late))
        browser = self.browser()
        self.sign_in(browser, sub="sub-nopass")
        self.assertEqual(303, browser.send("/account/password", password=PASSWORD, again=PASSWORD).status)
        self.assertEqual(303, self.browser().sign_in("nopass").status)
        # from now on the present one is asked for
        self.assertEqual(401, browser.send("/account/password", password=PASSWORD + "2", again=PASSWORD + "2").status)

    def test_its_own_person_links_an_account_and_unlinks_it(self):
        browser = self.local("linh")
        self.link(browser, present="wrong password", status=401)
        taken = self.link(browser)
        self.provider.claims = {"sub": "linh-there", "preferred_username": "linh.ng", "groups": "ban-tuyen-giao"}
        came = self.back(browser, taken)
        self.assertEqual((303, "/account?done=linked"), (came.status, came.fields["location"]))
        self.assertIn("linh.ng", words_of(browser.get("/account")))
        self.assertEqual([("contributor", "ldld-hp", False), ("editor", "ldld-hn", True)], self.grants("linh"))
        other = self.browser()
        self.assertEqual(303, self.sign_in(other, sub="linh-there").status)
        self.assertEqual("linh", self.name_of(other))
        data = other.get("/api/v1/users/linh/data").json
        self.assertEqual([self.provider.issuer], [one["provider"] for one in data["identities"]])
        identity = re.search(r'action="/account/identities/end".*?name="id" value="([0-9a-f]{64})"',
                             words_of(browser.get("/account")), re.S)[1]
        self.assertEqual(404, self.local("khac").send("/account/identities/end", id=identity, present=PASSWORD).status)
        for present in ("", "wrong password"):
            refused = browser.send("/account/identities/end", id=identity, present=present)
            self.assertEqual(401, refused.status)
            self.assertIn("Bỏ nối", words_of(refused))
        self.assertEqual(303, browser.send("/account/identities/end", id=identity, present=PASSWORD).status)
        self.assertEqual([("contributor", "ldld-hp", False)], self.grants("linh"))
        for action in ("account.link", "account.unlink"):
            self.assertEqual(["linh"], [one["object"] for one in self.audit(action) if one["object"] == "linh"])
        # the identity is nobody's now: it makes an account of its own
        stranger = self.browser()
        self.sign_in(stranger, sub="linh-there", preferred_username="linh")
        self.assertEqual("linh-2", self.name_of(stranger))

    def test_a_journalist_gets_no_role_of_the_claims(self):
        name = "nha.bao"
        added = self.archive.run("user", "add", name, "--kind", "press", "--password-stdin", given=PASSWORD)
        self.assertEqual(0, added.exit_code, added.complaint)
        browser = self.browser()
        self.assertEqual(303, browser.sign_in(name).status)
        taken = self.link(browser)
        self.provider.claims = {"sub": "journalist", "groups": ["ban-tuyen-giao", "quan-tri"]}
        self.assertEqual("/account?done=linked", self.back(browser, taken).fields["location"])
        again = self.browser()
        self.assertEqual(303, self.sign_in(again, sub="journalist", groups=["ban-tuyen-giao", "quan-tri"]).status)
        self.assertEqual((name, []), (self.name_of(again), self.grants(name)))
        self.assertEqual([403, 403], [again.get(path).status for path in ("/people", "/kits")])

    def test_a_right_of_the_provider_is_delegated_as_long_as_it_lasts(self):
        browser, other = self.local("deputises"), self.local("deputy")
        taken = self.link(browser)
        self.provider.claims = {"sub": "deputises", "groups": "ban-tuyen-giao"}
        self.assertEqual(303, self.back(browser, taken).status)
        until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400))

        def delegate():
            csrf = browser.get("/api/v1/session").json["csrf_token"]
            body = json.dumps({"role": "editor", "unit": "ldld-hn", "until": until})
            fields = {"X-CSRF-Token": csrf, "Content-Type": "application/json"}
            return browser.request("POST", "/api/v1/users/deputy/grants", None, fields, body).status
        self.assertEqual(200, delegate())
        self.change_accounts("UPDATE account_grant SET ends_at = ends_at - 2592000000 WHERE identity <> 0")
        self.assertTrue(browser.is_in() and other.is_in())
        self.assertEqual(403, delegate())

    def test_an_identity_has_one_account(self):
        self.made("first")
        browser = self.local("second")
        taken = self.link(browser)
        self.provider.claims = {"sub": "sub-first", "groups": "ban-tuyen-giao"}
        came = self.back(browser, taken)
        self.assertEqual("/account?trouble=identity_taken", came.fields["location"])
        self.assertIn("đã nối với một tài khoản khác", words_of(browser.get(came.fields["location"])))

    def test_a_link_is_for_the_session_that_asked_for_it(self):
        browser, other = self.local("asks"), self.local("other")
        taken = self.link(browser)
        self.provider.claims = {"sub": "asks-there", "groups": "ban-tuyen-giao"}
        other.cookies["provider"] = browser.cookies["provider"]
        self.assertNotIn("done=linked", self.back(other, taken).fields.get("location", ""))
        nobody = self.browser()
        nobody.cookies["provider"] = browser.cookies["provider"]
        self.assertEqual(400, self.back(nobody, taken).status)
        self.assertEqual([("contributor", "ldld-hp", False)], self.grants("other"))
        # nor does an answer to a sign-in link anything
        signing = self.start(browser)
        self.assertEqual(303, self.back(browser, signing).status)
        self.assertNotEqual("asks", self.name_of(browser))

    def test_links_are_refused_to_other_sites_and_tokens(self):
        browser = self.local("forged")
        for path in ("/account/identities", "/account/identities/end"):
            self.assertEqual(403, browser.request("POST", path, {"csrf": "0" * 64, "present": PASSWORD}).status)
            token = self.archive.run("user", "token", "forged", "--json").json["token"]
            self.assertEqual(403, self.archive.request(
                "POST", path, b"", {"Authorization": "Bearer " + token,
                                    "Content-Type": "application/x-www-form-urlencoded"}).status)

    def test_the_only_way_in_is_not_unlinked(self):
        browser = self.made("onlyway")
        identity = re.search(r'name="id" value="([0-9a-f]{64})">Bỏ nối', words_of(browser.get("/account")))[1]
        answer = browser.send("/account/identities/end", id=identity)
        self.assertEqual(409, answer.status)
        self.assertIn("cách đăng nhập duy nhất", words_of(answer))
        self.change_accounts("UPDATE session SET created_at = created_at - 700000")
        late = browser.send("/account/identities/end", id=identity)
        self.assertEqual(401, late.status)
        self.assertIn("vừa mới đăng nhập", words_of(late))

    def test_a_reset_takes_linked_identities_away(self):
        browser = self.local("hijacked")
        taken = self.link(browser)
        self.provider.claims = {"sub": "thief", "preferred_username": "thief", "groups": "ban-tuyen-giao"}
        self.assertEqual(303, self.back(browser, taken).status)
        self.assertEqual(0, self.archive.run("user", "reset", "hijacked").exit_code)
        thief = self.browser()
        self.assertEqual(303, self.sign_in(thief, sub="thief", preferred_username="thief").status)
        self.assertEqual("thief", self.name_of(thief))
        self.assertEqual([("contributor", "ldld-hp", False)], self.grants("hijacked"))

    def test_a_right_of_the_provider_is_not_ended_by_hand(self):
        self.made("byhand")
        hoa = self.browser()
        self.assertEqual(303, hoa.sign_in("hoa").status)
        csrf = hoa.get("/api/v1/session").json["csrf_token"]
        ended = hoa.request("DELETE", "/api/v1/users/byhand/grants/ldld-hn/editor", fields={"X-CSRF-Token": csrf})
        self.assertEqual(409, ended.status, ended.body)
        self.assertEqual([("editor", "ldld-hn", True)], self.grants("byhand"))
        self.assertEqual(0, self.archive.run("user", "grant", "byhand", "--unit", "ldld-hn", "--role", "editor").exit_code)
        self.sign_in(self.browser(), sub="sub-byhand", groups="khac")
        self.assertEqual([("editor", "ldld-hn", False)], self.grants("byhand"))

    def test_the_second_step_of_an_account_is_asked_for_here_too(self):
        browser = self.made("steps")
        page = browser.send("/account/second-step")
        secret = re.search(r"[A-Z2-7]{4}(?: [A-Z2-7]{4}){7}", words_of(page))[0].replace(" ", "")
        self.assertEqual(200, browser.send("/account/second-step/confirm", code=code_at(secret, time.time())).status)
        again = self.browser()
        came = self.sign_in(again, "/upload", sub="sub-steps", amr=["pwd"])
        self.assertEqual(200, came.status)
        self.assertIn("Công đoàn số đã nhận ra anh chị", words_of(came))
        self.assertFalse(again.is_in())
        self.assertEqual(401, again.request("POST", "/sign-in/code", {"code": "000000"}).status)
        right = again.request("POST", "/sign-in/code", {"code": code_at(secret, time.time() + 30), "next": "/upload"})
        self.assertEqual((303, "/upload"), (right.status, right.fields["location"]))
        self.assertTrue(again.is_in())

    def test_twenty_at_once_make_one_account(self):
        taken = [(browser, self.start(browser)) for browser in [self.browser() for _ in range(20)]]
        nonces = iter([along["nonce"] for _, along in taken])
        liar, came = self.provider, []
        by_code = {str(i): along["nonce"] for i, (_, along) in enumerate(taken)}
        liar.claims = {"sub": "race", "preferred_username": "race", "groups": "ban-tuyen-giao"}
        liar.make = lambda: {"id_token": liar.signed({**liar.good_claims(), "nonce": next(nonces)})}
        del by_code

        def go(number):
            browser, along = taken[number]
            # Which nonce goes to whom is the server's order; those that do not meet theirs are refused.
            came.append(self.back(browser, along).status)

        threads = [threading.Thread(target=go, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with sqlite3.connect(f"file:{self.archive.data}/accounts.sqlite?mode=ro", uri=True) as database:
            count = database.execute("SELECT COUNT(*) FROM account WHERE folded LIKE 'race%'").fetchone()[0]
        self.assertLessEqual(count, 1)


class SecondFactor(WithLiar):
    accounts = "[accounts]\nadministrators_need_second_step = true\n"
    more = 'second_factor_values = ["mfa", "https://refeds.org/profile/mfa"]'

    def test_a_second_factor_of_the_provider_counts_where_the_configuration_says_so(self):
        for number, (claims, may) in enumerate((({}, False), ({"amr": ["pwd"]}, False), ({"amr": ["pwd", "mfa"]}, True),
                                                ({"acr": "https://refeds.org/profile/mfa"}, True), ({"acr": "1"}, False),
                                                ({"amr": {"mfa": 1}}, False))):
            with self.subTest(claims=claims):
                browser = self.browser()
                came = self.sign_in(browser, sub=f"admin{number}", preferred_username=f"admin{number}",
                                    groups="quan-tri", **claims)
                self.assertEqual(303, came.status)
                self.assertEqual(200 if may else 403, browser.get("/people").status)
                # A first password begins another session: what was proven still is, and no more.
                self.assertEqual(303, browser.send("/account/password", password=PASSWORD, again=PASSWORD).status)
                self.assertEqual(200 if may else 403, browser.get("/people").status)


class Configuration(unittest.TestCase):
    def test_what_is_wrong_is_said_at_the_start(self):
        archive = Keeping()
        self.addCleanup(archive.remove)
        self.assertEqual(0, archive.run("user", "add", "hoa", "--role", "administrator", "--password-stdin",
                                        given=PASSWORD).exit_code)
        (archive.data / "oidc-secret").write_text(SECRET)
        good = config_of("https://sso.example.vn/realms/a")
        (archive.data / "config.toml").write_text(good)
        self.assertEqual(0, archive.run("unit", "list").exit_code)

        def rule(**said):
            return good + "[[oidc.grants]]\n" + "".join(f'{name} = "{value}"\n' for name, value in said.items())

        for wrong in (good.replace("https://", "http://"), good.replace('issuer = "', 'issuer = "ftp://a '),
                      good.replace("oidc-secret", "no-such-file"), good.replace("client_id", "client"),
                      '[oidc]\nname = "a"\n', good + 'scopes = "profile"\n', good + "second_factor_values = [7]\n",
                      rule(claim="a", value="b", unit="tld"), rule(claim="a", unit="tld", role="editor"),
                      rule(unit="tld", role="editor"), rule(unit="tld", unit_claim="a", role="reader"),
                      rule(unit="tld", role="king"), rule(units="tld", role="reader"), good + "grants = 7\n"):
            with self.subTest(wrong=wrong):
                (archive.data / "config.toml").write_text(wrong)
                self.assertNotEqual(0, archive.run("unit", "list").exit_code)
        (archive.data / "config.toml").write_text(rule(unit="tld", role="reader"))
        self.assertEqual(0, archive.run("unit", "list").exit_code)


if __name__ == "__main__":
    unittest.main()
