"""Providers of OpenID Connect for suites: a real one, and one that says whatever a test wants."""
import base64
import contextlib
import hashlib
import http.server
import json
import os
import subprocess
import threading
import time
import urllib.parse
import urllib.request

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from archive import ROOT, free_port

CLIENT, SECRET = "kho chung", "s3cret: %+/&='x"


def config_of(issuer, more="", rules=""):
    """The lines of config.toml; the secret stands in the data folder."""
    return f"""[oidc]
issuer = "{issuer}"
client_id = "{CLIENT}"
client_secret_file = "oidc-secret"
name = "Công đoàn số"
name_en = "Union ID"
{more}
{rules}"""


class RealProvider:
    """npm's oidc-provider, in a process of its own that ends with the test."""

    def __init__(self, redirect_uris, **more):
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        told = {"port": self.port, "client_id": CLIENT, "client_secret": SECRET, "redirect_uris": redirect_uris, **more}
        self.process = subprocess.Popen(["node", "provider.mjs", json.dumps(told)], cwd=ROOT / "tests/oidc",
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, "NODE_NO_WARNINGS": "1"})
        while line := self.process.stdout.readline():
            if line.strip() == "ready":
                return
        raise RuntimeError("the provider did not start")

    def stop(self):
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()

    def tell(self, what, **values):
        urllib.request.urlopen(urllib.request.Request(f"{self.issuer}/test/{what}", json.dumps(values).encode())).read()

    def person(self, sub, **claims):
        self.tell("person", sub=sub, claims=claims)


def b64(data):
    return base64.urlsafe_b64encode(data if isinstance(data, bytes) else json.dumps(data).encode()).rstrip(b"=").decode()


def number(value):
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class Key:
    """A key that signs, and its public half as a JWK."""

    def __init__(self, kid, kind="RSA", bits=2048):
        self.kid, self.kind = kid, kind
        if kind == "RSA":
            self.private = rsa.generate_private_key(65537, bits)
            numbers = self.private.public_key().public_numbers()
            self.jwk = {"kty": "RSA", "kid": kid, "use": "sig", "n": number(numbers.n), "e": number(numbers.e)}
        else:
            self.private = ec.generate_private_key(ec.SECP256R1())
            numbers = self.private.public_key().public_numbers()
            self.jwk = {"kty": "EC", "kid": kid, "use": "sig", "crv": "P-256",
                        "x": b64(numbers.x.to_bytes(32, "big")), "y": b64(numbers.y.to_bytes(32, "big"))}

    def sign(self, alg, text):
        if alg == "ES256":
            r, s = decode_dss_signature(self.private.sign(text, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        pad = padding.PSS(padding.MGF1(hashes.SHA256()), 32) if alg == "PS256" else padding.PKCS1v15()
        return self.private.sign(text, pad, hashes.SHA256())


class Liar:
    """A provider in this process. What it answers is what its members say; a good one unless they are changed."""

    def __init__(self):
        self.key = Key("k1")
        self.keys = [self.key.jwk]
        self.metadata = {}       # in place of what it says of itself
        self.claims = {}         # of the person, over what an ID token must have
        self.header = {}
        self.make = self.token   # what the token endpoint answers with: bytes, or a JSON object
        self.before = lambda path: None
        self.status = 200
        self.asked = []          # paths
        self.forms = []          # what came to the token endpoint
        self.nonce = self.challenge = ""
        liar = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def give(self, status, body, **fields):
                body = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in fields.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                with contextlib.suppress(OSError):
                    liar.asked.append(self.path)
                    liar.before(self.path)
                    if self.path == "/.well-known/openid-configuration":
                        return self.give(200, liar.about())
                    if self.path == "/keys":
                        return self.give(200, {"keys": liar.keys})
                    self.give(404, {})

            def do_POST(self):
                with contextlib.suppress(OSError):
                    body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                    liar.asked.append(self.path)
                    liar.forms.append((dict(urllib.parse.parse_qsl(body)), self.headers.get("Authorization", "")))
                    liar.before(self.path)
                    if liar.status != 200:
                        return self.give(liar.status, {"error": "invalid_grant", "error_description": "<script>"},
                                         Location=liar.issuer + "/elsewhere")
                    self.give(200, liar.make())

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def about(self):
        if isinstance(self.metadata, bytes):
            return self.metadata
        return {"issuer": self.issuer, "authorization_endpoint": self.issuer + "/auth",
                "token_endpoint": self.issuer + "/token", "jwks_uri": self.issuer + "/keys",
                "authorization_response_iss_parameter_supported": True, **self.metadata}

    def good_claims(self):
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "s1", "exp": now + 300, "iat": now, "nonce": self.nonce,
                  **self.claims}
        return {name: value for name, value in claims.items() if value is not None}

    def signed(self, claims, alg="RS256", key=None, header=None):
        key = key or self.key
        head = {"alg": alg, "kid": key.kid, **self.header, **(header or {})}
        text = b64({name: value for name, value in head.items() if value is not None}) + "." + b64(claims)
        return text + "." + b64(key.sign(alg, text.encode()))

    def token(self):
        return {"access_token": "a", "token_type": "Bearer", "id_token": self.signed(self.good_claims())}

    def proves(self, verifier):
        return b64(hashlib.sha256(verifier.encode()).digest()) == self.challenge
