"""Uploads by tus 1.0 against the real server: broken off, taken up again, lied to, killed."""
import base64
import hashlib
import json
import pathlib
import signal
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import CORPUS, Archive  # noqa: E402

PASSWORD = "một mật khẩu thật dài"
UPLOADS = "/api/v1/uploads"


def metadata(**values):
    return ",".join(key + " " + base64.b64encode(str(value).encode()).decode() for key, value in values.items())


def checksum(content, algorithm="sha256"):
    return algorithm + " " + base64.b64encode(hashlib.new(algorithm, content).digest()).decode()


def document(number):
    """A text that no other test has taken in."""
    return f"Thông báo số {number}\n\nNgười lao động được nghỉ.\n".encode() + b"Kinh g\xe1\xbb\xadi. " * 20


class Uploads(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.archive = Archive()
        for name in ("lan", "hoa"):
            added = cls.archive.run("user", "add", name, "--unit", "tld", "--role", "archivist", "--password-stdin",
                                    given=PASSWORD)
            assert added.exit_code == 0, added.complaint
        (cls.archive.data / "config.toml").write_text("[uploads]\nfile_gib = 1\nunit_gib = 2\n")
        cls.archive.serve()
        cls.tokens = {name: cls.archive.run("user", "token", name, "--json").json["token"] for name in ("lan", "hoa")}

    @classmethod
    def tearDownClass(cls):
        cls.archive.remove()

    def ask(self, method, path, body=None, fields=None, who="lan", status=None, speaks_tus=True):
        fields = dict(fields or {})
        if speaks_tus:
            fields.setdefault("Tus-Resumable", "1.0.0")
        if who:
            fields["Authorization"] = "Bearer " + self.tokens[who]
        answer = self.archive.request(method, path, body, fields)
        if status is not None:
            self.assertEqual(status, answer.status, answer.body[:500])
        return answer

    def create(self, size, who="lan", status=201, body=None, fields=None, **said):
        said = {"filename": "thong-bao.txt", **said}
        given = {"Upload-Length": str(size), "Upload-Metadata": metadata(**said), **(fields or {})}
        if body is not None:
            given["Content-Type"] = "application/offset+octet-stream"
        answer = self.ask("POST", UPLOADS, body, given, who, status)
        return answer.fields["location"] if status == 201 else answer

    def send(self, place, offset, content, status=204, who="lan", **fields):
        given = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
        given.update({name.replace("_", "-"): value for name, value in fields.items()})
        return self.ask("PATCH", place, content, given, who, status)

    def offset(self, place):
        return int(self.ask("HEAD", place, status=200).fields["upload-offset"])

    def test_the_protocol_is_announced(self):
        answer = self.ask("OPTIONS", UPLOADS, who=None, status=204)
        self.assertEqual("1.0.0", answer.fields["tus-version"])
        self.assertEqual({"creation", "creation-with-upload", "expiration", "checksum", "termination"},
                         set(answer.fields["tus-extension"].split(",")))
        self.assertIn("sha1", answer.fields["tus-checksum-algorithm"].split(","))
        self.assertEqual(str(1 << 30), answer.fields["tus-max-size"])

    def test_a_file_in_three_parts_becomes_a_material(self):
        content = document(1)
        place = self.create(len(content), visibility="public", state="published")
        self.assertEqual(0, self.offset(place))
        first = self.send(place, 0, content[:100])
        self.assertEqual("100", first.fields["upload-offset"])
        self.assertIn("GMT", first.fields["upload-expires"])
        self.assertEqual(100, self.offset(place))
        self.send(place, 100, content[100:150])
        last = self.send(place, 150, content[150:])
        self.assertEqual(str(len(content)), last.fields["upload-offset"])
        shown = self.ask("GET", place, status=200).json
        self.assertEqual(("taken", len(content)), (shown["state"], shown["offset_bytes"]))
        material = self.ask("GET", "/api/v1/materials/" + shown["material"], status=200).json
        self.assertEqual(hashlib.sha256(content).hexdigest(), material["files"][0]["sha256"])
        self.assertEqual("thong-bao.txt", material["files"][0]["name"])
        self.assertEqual(content, self.ask("GET", material["files"][0]["url"], status=200).body)
        # Sent once more it is nothing new, and the answer says so.
        again = self.create(len(content), body=content)
        self.assertEqual("duplicate", self.ask("GET", again).json["intake"])
        self.assertEqual(shown["material"], self.ask("GET", again).json["material"])

    def test_one_request_can_carry_the_whole_file(self):
        content = document(2)
        place = self.create(len(content), body=content)
        self.assertEqual(len(content), self.offset(place))
        self.assertEqual("taken", self.ask("GET", place).json["state"])

    def test_lies_are_refused_and_nothing_half_taken_is_seen(self):
        content = document(3)
        place = self.create(len(content))
        self.send(place, 0, content[:50])
        self.send(place, 49, content[49:], status=409)
        self.send(place, 51, content[51:], status=409)
        self.send(place, 50, content[50:] + b"more", status=413)
        self.send(place, "x", content[50:], status=400)
        self.ask("PATCH", place, content[50:], {"Upload-Offset": "50", "Content-Type": "text/plain"}, status=415)
        self.ask("PATCH", place, content[50:], {"Upload-Offset": "50", "Tus-Resumable": "0.2.2",
                                                "Content-Type": "application/offset+octet-stream"}, status=412)
        self.assertEqual(50, self.offset(place))
        self.assertEqual([], self.ask("GET", "/api/v1/search?q=%22so+3%22").json["hits"])
        self.send(place, 50, content[50:])
        self.assertEqual("taken", self.ask("GET", place).json["state"])

    def test_a_wrong_checksum_takes_nothing(self):
        content = document(4)
        place = self.create(len(content))
        self.send(place, 0, content[:64], Upload_Checksum=checksum(content[:64]))
        answer = self.send(place, 64, content[64:], 460, Upload_Checksum=checksum(b"other", "sha1"))
        self.assertEqual("1.0.0", answer.fields["tus-resumable"])
        self.assertEqual("checksum_mismatch", answer.json["reason"])
        self.assertEqual(64, self.offset(place))
        self.send(place, 64, content[64:], 400, Upload_Checksum="crc99 AAAA")
        self.send(place, 64, content[64:], 400, Upload_Checksum="sha1 ?")
        self.send(place, 64, content[64:], Upload_Checksum=checksum(content[64:], "md5"))
        self.assertEqual("taken", self.ask("GET", place).json["state"])

    def test_a_file_with_another_digest_than_announced_is_refused_whole(self):
        content = document(5)
        place = self.create(len(content), sha256=hashlib.sha256(b"what was meant").hexdigest())
        self.send(place, 0, content, status=460)
        self.assertEqual(410, self.ask("HEAD", place).status)
        shown = self.ask("GET", place, status=200).json
        self.assertEqual(("refused", "checksum_mismatch"), (shown["state"], shown["reason"]))
        self.assertTrue(shown["message"])
        right = self.create(len(content), sha256=hashlib.sha256(content).hexdigest(), body=content)
        self.assertEqual("taken", self.ask("GET", right).json["state"])

    def test_what_cannot_become_a_material_is_refused_before_its_first_byte(self):
        for problem, said in ((400, {"unit": "no-such-unit"}), (400, {"visibility": "everybody"}),
                              (400, {"filename": ""}), (400, {"sha256": "ab"}), (400, {"colour": "red"}),
                              (404, {"batch": "01940000-0000-7000-8000-000000000000"})):
            self.create(10, status=problem, **said)
        self.create((1 << 30) + 1, status=413)
        self.create("ten", status=400)
        self.create(10, who=None, status=401)
        for bad in ("filename", "filename ?", "filename YQ==,filename YQ==", "a YQ==,,b YQ=="):
            self.ask("POST", UPLOADS, None, {"Upload-Length": "1", "Upload-Metadata": bad}, status=400)

    def test_a_damaged_file_is_refused_with_its_reason_and_goes(self):
        content = (CORPUS / "thong-bao-cut.pdf").read_bytes()
        place = self.create(len(content), filename="hong.pdf")
        answer = self.send(place, 0, content, status=415)
        self.assertTrue(answer.json["detail"])
        self.assertEqual("refused", self.ask("GET", place).json["state"])
        name = place.rsplit("/", 1)[1] + ".part"
        self.assertFalse((self.archive.data / "uploads" / name).exists())
        self.send(place, 0, content, status=410)

    def test_nobody_else_has_an_upload(self):
        content = document(6)
        place = self.create(len(content))
        for who, method in (("hoa", "HEAD"), ("hoa", "GET"), ("hoa", "DELETE"), (None, "HEAD"), (None, "GET")):
            self.assertEqual(404, self.ask(method, place, who=who).status, (who, method))
        self.assertEqual(404, self.send(place, 0, content, None, "hoa").status)
        self.assertEqual([], [one for one in self.ask("GET", UPLOADS, who="hoa").json["uploads"]
                              if place.endswith(one["id"])])
        mine = self.ask("GET", UPLOADS).json["uploads"]
        self.assertTrue(any(place.endswith(one["id"]) for one in mine))
        self.ask("DELETE", place, status=204)
        self.assertEqual(404, self.ask("HEAD", place).status)

    def test_methods_may_stand_behind_post(self):
        content = document(7)
        place = self.create(len(content))
        body = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
        self.ask("POST", place, content[:10], {**body, "X-HTTP-Method-Override": "PATCH"}, status=204)
        self.assertEqual(10, self.offset(place))
        self.ask("POST", place, None, {"X-HTTP-Method-Override": "DELETE"}, status=204)
        self.ask("POST", place, None, {}, status=405)

    def test_sheets_become_one_material(self):
        sheets = [document(80), document(81)]
        places = [self.create(len(sheet), filename=f"to-{i}.txt", sheet=1, body=sheet) for i, sheet in enumerate(sheets)]
        for place in places:
            self.assertEqual("receiving", self.ask("GET", place).json["state"])
        ids = [place.rsplit("/", 1)[1] for place in places]
        half = self.create(100, sheet=1)
        waits = {"uploads": ids + [half.rsplit("/", 1)[1]], "fields": {"title": "Hai tờ"}}
        kind = {"Content-Type": "application/json"}
        self.assertEqual("upload_not_whole",
                         self.ask("POST", "/api/v1/materials", json.dumps(waits), kind, status=409).json["reason"])
        whole = {"uploads": ids, "fields": {"title": "Hai tờ", "visibility": "public"}}
        self.ask("POST", "/api/v1/materials", json.dumps(whole), kind, who="hoa", status=404)
        made = self.ask("POST", "/api/v1/materials", json.dumps(whole), kind, status=201).json
        self.assertEqual([hashlib.sha256(sheet).hexdigest() for sheet in sheets],
                         [file["sha256"] for file in made["files"]])
        self.assertEqual({"taken"}, {self.ask("GET", place).json["state"] for place in places})

    def test_a_client_that_vanishes_goes_on_where_it_was(self):
        content = document(9) * 2000
        place = self.create(len(content))
        head = (f"PATCH {place} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.tokens['lan']}\r\n"
                f"Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Length: {len(content)}\r\n"
                "Content-Type: application/offset+octet-stream\r\n\r\n").encode()
        with socket.create_connection(("127.0.0.1", self.archive.port)) as peer:
            peer.sendall(head + content[:len(content) // 2])
            time.sleep(0.3)
            # The connection still stands: the client's network died without a word. Another takes over.
            offset = self.offset(place)
        self.assertLessEqual(len(content) // 2 - offset, 256 << 10)
        self.send(place, offset, content[offset:])
        self.assertEqual("taken", self.ask("GET", place).json["state"])

    def test_a_killed_server_goes_on(self):
        content = document(10) * 40_000
        place = self.create(len(content))
        cut = len(content) * 3 // 4
        head = (f"PATCH {place} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.tokens['lan']}\r\n"
                f"Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Length: {len(content)}\r\n"
                "Content-Type: application/offset+octet-stream\r\n\r\n").encode()
        with socket.create_connection(("127.0.0.1", self.archive.port)) as peer:
            peer.sendall(head + content[:cut])
            self.archive.stop(signal.SIGKILL)
        self.archive.serve()
        offset = self.offset(place)
        self.assertLessEqual(offset, cut)
        self.assertLess(cut - offset, 24 << 20)
        self.send(place, offset, content[offset:])
        shown = self.ask("GET", place).json
        material = self.ask("GET", "/api/v1/materials/" + shown["material"]).json
        self.assertEqual(hashlib.sha256(content).hexdigest(), material["files"][0]["sha256"])

    def test_two_that_send_the_same_upload_never_mix(self):
        content = document(11) * 3000
        place = self.create(len(content))
        failures = []

        def send_all():
            for _ in range(200):
                asked = self.ask("HEAD", place)
                if asked.status != 200:
                    continue
                offset = int(asked.fields["upload-offset"])
                if offset == len(content):
                    return
                answer = self.send(place, offset, content[offset:offset + 100_000], None)
                if answer.status not in (204, 409, 423):
                    failures.append(answer.status)
        threads = [threading.Thread(target=send_all) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([], failures)
        shown = self.ask("GET", place).json
        material = self.ask("GET", "/api/v1/materials/" + shown["material"]).json
        self.assertEqual(hashlib.sha256(content).hexdigest(), material["files"][0]["sha256"])

    def test_a_unit_has_a_quota(self):
        first = self.create(1 << 30)
        second = self.create((1 << 30) - (8 << 20))
        answer = self.create(64 << 20, status=413)
        self.assertEqual("unit_quota", answer.json["reason"])
        for place in (first, second):
            self.ask("DELETE", place, status=204)


if __name__ == "__main__":
    unittest.main()
