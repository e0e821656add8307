"""The server among its neighbours: systemd's socket, proxies in front, certificates that change, its log."""
import contextlib
import http.client
import json
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import ROOT, Archive, free_port  # noqa: E402


def make_certificate(folder, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True, capture_output=True)


def wait_for_port(port):
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"nobody listens on {port}")


class Serving(unittest.TestCase):
    def setUp(self):
        self.archive = Archive()
        self.addCleanup(self.archive.remove)
        self.archive.data.mkdir()

    def say(self, text):
        (self.archive.data / "config.toml").write_text(text)

    def spawn(self, words, **more):
        log = open(self.archive.folder / "other.log", "ab")
        self.addCleanup(log.close)
        process = subprocess.Popen(words, stdout=log, stderr=log, cwd=self.archive.folder, **more)

        def end():
            process.terminate()
            process.wait(30)
        self.addCleanup(end)
        return process

    def start_by_socket(self, listener):
        """As systemd starts it: the socket is descriptor 3."""
        line = self.archive.command("serve", "--wait")
        number = listener.fileno()
        return self.spawn(["sh", "-c", f'exec env LISTEN_PID=$$ LISTEN_FDS=1 "$0" "$@" 3<&{number}', *line],
                          pass_fds=(number,))

    def test_restarts_lose_no_request(self):
        with socket.create_server(("127.0.0.1", 0), backlog=4096) as listener:
            port = listener.getsockname()[1]
            server = self.start_by_socket(listener)
            faults, answered, ended = [], [0] * 8, threading.Event()

            def ask_on(number):
                connection = None
                while not ended.is_set():
                    try:
                        if connection is None:
                            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                        connection.request("GET", "/healthz")
                        answer = connection.getresponse()
                        answer.read()
                        if answer.status != 200:
                            faults.append(answer.status)
                        answered[number] += 1
                        # Half of them come anew each time, half keep their connection as long as they may.
                        if number % 2 == 0 or answer.getheader("Connection") == "close":
                            connection.close()
                            connection = None
                    except (OSError, http.client.HTTPException) as problem:
                        faults.append(repr(problem))
                        connection = None
                if connection is not None:
                    connection.close()
            askers = [threading.Thread(target=ask_on, args=(number,)) for number in range(8)]
            for asker in askers:
                asker.start()
            for _ in range(4):
                before = list(answered)
                while any(now < then + 20 for now, then in zip(answered, before)):
                    time.sleep(0.02)
                server.terminate()
                self.assertEqual(0, server.wait(30))
                server = self.start_by_socket(listener)
            before = list(answered)
            while any(now < then + 20 for now, then in zip(answered, before)):
                time.sleep(0.02)
            ended.set()
            for asker in askers:
                asker.join()
        self.assertEqual([], faults[:5])

    def test_a_wrong_socket_is_told_at_once(self):
        line = self.archive.command("serve")
        done = subprocess.run(["sh", "-c", 'exec env LISTEN_PID=$$ LISTEN_FDS=1 "$0" "$@" 3</dev/null', *line],
                              capture_output=True, timeout=30)
        self.assertEqual(2, done.returncode)

    def test_a_new_certificate_is_read_without_a_restart(self):
        make_certificate(self.archive.folder, "cu.example.vn")
        port = free_port()
        server = self.spawn(self.archive.command(
            "serve", "--listen", f"127.0.0.1:{port}", "--tls-cert", self.archive.folder / "cert.pem",
            "--tls-key", self.archive.folder / "key.pem"))
        wait_for_port(port)
        context = ssl._create_unverified_context()

        def name_seen():
            with socket.create_connection(("127.0.0.1", port), timeout=10) as peer, context.wrap_socket(peer) as tls:
                return tls.getpeercert(binary_form=True)
        old = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=10)
        self.addCleanup(old.close)
        old.request("GET", "/healthz")
        answer = old.getresponse()
        self.assertEqual(200, answer.status)
        self.assertIn("max-age", answer.getheader("Strict-Transport-Security"))
        answer.read()
        first = name_seen()
        # A key that does not belong to it: the old certificate stays.
        (self.archive.folder / "cert.pem").write_text("no certificate")
        server.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        self.assertEqual(first, name_seen())
        make_certificate(self.archive.folder, "moi.example.vn")
        server.send_signal(signal.SIGHUP)
        for _ in range(100):
            if name_seen() != first:
                break
            time.sleep(0.05)
        self.assertIn(b"moi.example.vn", name_seen())
        old.request("GET", "/healthz")
        self.assertEqual(200, old.getresponse().status)
        self.assertIsNone(server.poll())

    def test_the_log_of_requests_is_json_without_secrets_and_begins_anew(self):
        self.say('[server]\naccess_log = "logs/access.jsonl"\naccess_log_mib = 1\naccess_log_files = 2\n')
        self.archive.serve()
        answer = self.archive.request("GET", "/m/none?token=bi-mat", fields={"Cookie": "session=bi-mat",
                                                                               "Accept": "text/html"})
        connection = http.client.HTTPConnection("127.0.0.1", self.archive.port)
        self.addCleanup(connection.close)
        folder = self.archive.data / "logs"
        padding = "/" + "x" * 900
        for number in range(1700):
            connection.request("GET", padding + str(number))
            connection.getresponse().read()
        self.archive.stop()
        files = sorted(path.name for path in folder.iterdir())
        self.assertIn(files, (["access.1.jsonl", "access.jsonl"], ["access.1.jsonl", "access.2.jsonl", "access.jsonl"]))
        text = "".join((folder / name).read_text() for name in files)
        lines = [json.loads(line) for line in text.splitlines()]
        self.assertNotIn("bi-mat", text)
        number = next(line["request"] for line in lines if line["path"] == "/m/none")
        self.assertIn(number.encode(), answer.body)
        self.assertEqual(1700, sum(1 for line in lines if line["path"].startswith("/xxx")))
        self.assertLess((folder / "access.1.jsonl").stat().st_size, 3 << 20)

    def seen_by(self, make_proxy):
        """The addresses that the log has for requests through a proxy: of a client, and of one that lies."""
        self.say('[server]\naccess_log = "access.jsonl"\nproxies = ["127.0.0.1"]\n')
        make_certificate(self.archive.folder, "kho.example.vn")
        self.archive.serve()
        port = free_port()
        make_proxy(port)
        wait_for_port(port)
        ask = ["curl", "-sS", "--http2", "-k", "--interface", "127.0.0.2", "-o", "page", "-w",
               "%{http_version} %{http_code} %{header_json}"]
        for path, more in (("/healthz?a", []), ("/readyz", ["-H", "X-Forwarded-For: 198.51.100.1"])):
            done = subprocess.run([*ask, *more, f"https://127.0.0.1:{port}{path}"], capture_output=True, text=True,
                                  cwd=self.archive.folder, timeout=60)
            self.assertEqual(0, done.returncode, done.stderr)
            self.assertEqual(["2", "200"], done.stdout.split(" ", 2)[:2])
        page = subprocess.run([*ask[:-1], "", "--interface", "127.0.0.2", f"https://127.0.0.1:{port}/"], check=True,
                              capture_output=True, cwd=self.archive.folder)
        self.assertEqual(b"", page.stderr)
        self.assertIn("https://", (self.archive.folder / "page").read_text())
        self.archive.stop()
        lines = [json.loads(line) for line in (self.archive.data / "access.jsonl").read_text().splitlines()]
        return [line["client"] for line in lines if line["path"] in ("/healthz", "/readyz")
                and line["client"] != "127.0.0.1"]

    @unittest.skipUnless(shutil.which("nginx"), "nginx is not installed")
    def test_the_sample_for_nginx_tells_who_asks(self):
        def make(port):
            text = (ROOT / "scripts/proxies/nginx.conf").read_text()
            text = text.replace("127.0.0.1:8080", f"127.0.0.1:{self.archive.port}").replace("443", f"127.0.0.1:{port}")
            text = text.replace("/etc/ssl/kho.example.vn.pem", str(self.archive.folder / "cert.pem"))
            text = text.replace("/etc/ssl/private/kho.example.vn.key", str(self.archive.folder / "key.pem"))
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
                text += f"{kind}_temp_path {self.archive.folder}/{kind};\n"
            whole = (f"daemon off; pid {self.archive.folder}/nginx.pid; error_log stderr;\n"
                     f"events {{}}\nhttp {{ access_log off;\n{text}}}\n")
            file = self.archive.file("nginx.conf", whole)
            self.spawn(["nginx", "-p", str(self.archive.folder), "-c", str(file)])
        self.assertEqual(["127.0.0.2", "127.0.0.2"], self.seen_by(make))

    @unittest.skipUnless(shutil.which("caddy"), "Caddy is not installed")
    def test_the_sample_for_caddy_tells_who_asks(self):
        def make(port):
            text = (ROOT / "scripts/proxies/Caddyfile").read_text()
            text = text.replace("127.0.0.1:8080", f"127.0.0.1:{self.archive.port}")
            text = text.replace("kho.example.vn {", f"https://127.0.0.1:{port} {{\n\ttls cert.pem key.pem\n")
            file = self.archive.file("Caddyfile", "{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + text)
            home = {"HOME": str(self.archive.folder), "PATH": "/usr/bin:/bin"}
            self.spawn(["caddy", "run", "--adapter", "caddyfile", "--config", str(file)], env=home)
        self.assertEqual(["127.0.0.2", "127.0.0.2"], self.seen_by(make))


if __name__ == "__main__":
    unittest.main()
