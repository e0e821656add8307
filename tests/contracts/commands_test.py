"""The commands of Kho Chung: what each answers to machines and how it ends. Every row is run against the
real program, first with no server and then as a client of one."""
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import shutil
import socket
import sqlite3
import struct
import subprocess
import sys
import unicodedata
import unittest
import zipfile
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import CORPUS, PROGRAM, Archive, give_pages_their_sums  # noqa: E402
from shape import Text, UUID, fault_of  # noqa: E402
from shapes import ANY, INGEST, MATERIAL, SEARCH, VERIFY  # noqa: E402

UNKNOWN = "01940000-0000-7000-8000-000000000000"
PASSWORD = "một mật khẩu thật dài"

# command, what is typed in, exit code, shape of the JSON answer (None: no promise)
COMMANDS = [
    (["search", "phat ngon", "--json"], "", 0, SEARCH),
    (["search", "người phát ngôn", "--json"], "", 0, SEARCH),
    (["search", "phat ngon", "--json", "--as", "anonymous"], "", 0, SEARCH),
    (["search", "phat ngon", "--json", "--as", "nobody-of-this-name"], "", 3, None),
    (["search", "khongcochunaonhuthe", "--json"], "", 0, SEARCH),
    (["show", "{public}", "--json"], "", 0, MATERIAL),
    (["show", "{public}", "--json", "--as", "anonymous"], "", 0, MATERIAL),
    (["show", "{unit}", "--json", "--as", "anonymous"], "", 3, None),
    (["show", UNKNOWN, "--json"], "", 3, None),
    (["show", "no-such-id", "--json"], "", 3, None),
    (["verify", "--json"], "", 0, VERIFY),
    (["verify", "--fast", "--json"], "", 0, VERIFY),
    (["verify", "--since", "2026-01-01T00:00:00Z", "--json"], "", 0, VERIFY),
    (["verify", "--since", "yesterday", "--json"], "", 2, None),
    (["audit", "verify", "--json"], "", 0, {"intact": bool, "entries": int, "checkpoints": int, "bytes": int,
                                            "proven_until": int, "sentence": str}),
    (["audit", "verify", "--checkpoint", "{files}/no-such-file", "--json"], "", 3, None),
    (["audit", "list", "--json"], "", 0, ANY),
    (["audit", "checkpoint"], "", 0, ANY),
    (["gc", "--json"], "", 0, {"removed": int, "bytes": int, "orphans": int}),
    (["gc", "--grace-days", "-1"], "", 2, None),
    (["export", "{files}/a/table.jsonl", "--format", "zip", "--json"], "", 2, None),
    (["export", "{files}/no-such-unit", "--unit", "no-such-unit", "--json"], "", 3, None),
    (["import", "{files}/no-such-bag", "--json"], "", 3, None),
    (["check", "{files}/no-such-bag", "--json"], "", 3, None),
    (["backup", "{files}/backup-set", "--json"], "", 0,
     {"set": str, "run": Text(r"\d{6}-\d{8}T\d{6}Z"), "at": str, "sha256": Text("[0-9a-f]{64}"), "materials": int,
      "blobs": int, "records": int, "bytes": int, "new": int, "new_bytes": int, "removed": int, "missing": [str]}),
    (["backup", "{files}/backup-set", "--check", "--json"], "", 0,
     {"set": str, "run": str, "at": str, "checked": int, "bytes": int, "corrupt": [str], "missing": [str]}),
    (["backup", "{files}/no-such-set", "--check", "--json"], "", 3, None),
    (["backup", "s3://x", "--json"], "", 2, None),
    (["backup", "{files}/backup-set", "--keep", "0"], "", 2, None),
    (["restore", "{files}/backup-set", "--json"], "", 5, None),
    (["restore", "{files}/no-such-set", "--json"], "", 3, None),
    (["rebuild", "--index", "--json"], "", 0, ANY),
    (["kit", "make", "Bộ thử", "{public}", "--json"], "", 0, ANY),
    (["kit", "make", "Bộ thử", UNKNOWN, "--json"], "", 3, None),
    (["kit", "make", "Bộ thử", "--release", "{files}/no-such-file", "--json"], "", 2, None),
    (["kit", "publish", UNKNOWN, "--json"], "", 3, None),
    (["kit", "show", "{public}", "--json"], "", 3, None),
    (["kit", "save", UNKNOWN, "{files}/kit.zip", "--json"], "", 3, None),
    (["kit", "save", "{public}", "{files}/thong-bao.txt", "--json"], "", 5, None),
    (["share", "make", "{public}", "--json"], "", 0, ANY),
    (["share", "make", "{public}", "--recipient", "Báo Lao Động", "--days", "3", "--downloads", "2",
      "--password-stdin", "--json"], PASSWORD, 0, ANY),
    (["share", "make", "{public}", "--password-stdin", "--json"], "ngan", 2, None),
    (["share", "make", "{public}", "--days", "367"], "", 2, None),
    (["share", "make", "{public}", "--kit-version", "1", "--json"], "", 2, None),
    (["share", "make", UNKNOWN, "--json"], "", 3, None),
    (["share", "list", "{public}", "--json"], "", 0, ANY),
    (["share", "list", UNKNOWN, "--json"], "", 3, None),
    (["share", "revoke", UNKNOWN, "--json"], "", 3, None),
    (["unit", "list", "--json"], "", 0, ANY),
    (["unit", "import", "{files}/no-such-file.jsonl", "--json"], "", 3, None),
    (["user", "add", "{name}", "--unit", "{root}", "--role", "archivist", "--password-stdin", "--json"],
     PASSWORD, 0, ANY),
    (["user", "add", "{name}", "--unit", "{root}", "--role", "archivist", "--password-stdin", "--json"],
     PASSWORD, 5, None),
    (["user", "add", "another", "--unit", "no-such-unit", "--role", "archivist", "--password-stdin"],
     PASSWORD, 2, None),
    (["user", "add", "another", "--unit", "{root}", "--role", "emperor", "--password-stdin"],
     PASSWORD, 2, None),
    (["user", "token", "{name}", "--json"], "", 0, {"token": Text(".{20,}")}),
    (["user", "token", "nobody-of-this-name", "--json"], "", 3, None),
    (["ingest", "{files}/no-such-folder", "--json"], "", 3, None),
    (["ingest", "{files}/thong-bao.txt", "--visibility", "everyone", "--json"], "", 2, None),
    (["search", "phat ngon", "--no-such-option"], "", 2, None),
    (["search", "phat ngon", "--limit", "0", "--json"], "", 2, None),
    (["no-such-command"], "", 2, None),
]

# command line without a data folder
HELP = [["--help"], *([command, "--help"] for command in
                      "serve ingest search show verify gc backup restore rebuild export import check audit unit user "
                      "doctor".split())]

NOTICE = "Thông báo về người phát ngôn\n\nNgười phát ngôn của công đoàn cơ sở là chủ tịch.\n"
PLAN = "Kế hoạch tháng Công nhân\n\nNgười phát ngôn nêu lịch làm việc của liên đoàn.\n"


def sheet(number):
    """A small picture of a page as PNG, different for each number."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    width, height = 200, 280
    rows = b"".join(b"\0" + bytes([255 - (number if y < 9 else 0)] * width) for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Commands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.archive = archive = Archive()
        cls.addClassCleanup(archive.remove)
        public = archive.run("ingest", archive.file("thong-bao.txt", NOTICE), "--visibility", "public", "--json")
        unit = archive.run("ingest", archive.file("ke-hoach.txt", unicodedata.normalize("NFD", PLAN)), "--json")
        assert public.exit_code == 0 and unit.exit_code == 0, public.complaint + unit.complaint
        units = archive.run("unit", "list", "--json").json
        cls.names = {"public": public.json["materials"][0]["id"], "unit": unit.json["materials"][0]["id"],
                     "files": archive.folder / "files", "root": units["units"][0]["code"]}

    def check_rows(self, name):
        names = {**self.names, "name": name}
        for words, given, exit_code, shape in COMMANDS:
            with self.subTest(command=" ".join(words)):
                outcome = self.archive.run(*(word.format(**names) for word in words), given=given)
                self.assertEqual(exit_code, outcome.exit_code, outcome.output + outcome.complaint)
                if shape is not None:
                    self.assertIsNone(fault_of(outcome.json, shape))
                if exit_code != 0:
                    self.assertTrue((outcome.output + outcome.complaint).strip(), "a failure says why")

    def test_every_row_holds_without_a_server(self):
        self.check_rows("lan")

    def test_every_row_holds_as_a_client_of_a_server(self):
        self.archive.serve()
        self.addCleanup(self.archive.stop)
        self.check_rows("hoa")

    def test_every_command_explains_itself(self):
        for words in HELP:
            with self.subTest(command=" ".join(words)):
                outcome = self.archive.run(*words, data=False)
                self.assertEqual(0, outcome.exit_code, outcome.complaint)
                self.assertTrue(outcome.output.strip())

    def test_a_search_shows_only_what_the_person_may_read(self):
        def ids(*words):
            return {hit["id"] for hit in self.archive.run("search", "phat ngon", "--json", *words).json["hits"]}

        self.assertEqual({self.names["public"], self.names["unit"]}, ids())
        self.assertEqual({self.names["public"]}, ids("--as", "anonymous"))

    def test_marked_and_unmarked_queries_find_the_same_materials_in_nfc_and_nfd(self):
        for query in ("nguoi phat ngon", "người phát ngôn", unicodedata.normalize("NFD", "người phát ngôn"),
                      "NGƯỜI PHÁT NGÔN"):
            with self.subTest(query=query):
                answer = self.archive.run("search", query, "--json").json
                self.assertEqual({self.names["public"], self.names["unit"]}, {hit["id"] for hit in answer["hits"]})
                for hit in answer["hits"]:
                    self.assertIn("<mark>", hit["snippet"])

    def test_a_second_server_on_a_held_folder_is_told_who_holds_it(self):
        self.archive.serve()
        self.addCleanup(self.archive.stop)
        outcome = self.archive.run("serve", "--listen", "127.0.0.1:0", timeout=20)
        self.assertEqual(10, outcome.exit_code, outcome.complaint)
        self.assertIn("serve", outcome.output + outcome.complaint)

    def test_a_taken_port_is_said_in_a_sentence(self):
        other = Archive()
        self.addCleanup(other.remove)
        self.archive.serve()
        self.addCleanup(self.archive.stop)
        outcome = other.run("serve", "--listen", f"127.0.0.1:{self.archive.port}", timeout=20)
        self.assertNotEqual(0, outcome.exit_code)
        self.assertTrue(outcome.complaint.strip())

    def test_a_server_stops_cleanly_when_asked(self):
        self.archive.serve()
        self.assertEqual(0, self.archive.stop())


class Program(unittest.TestCase):
    def test_the_program_links_no_parser_of_documents_or_pictures(self):
        linked = subprocess.run(["ldd", PROGRAM], capture_output=True, text=True, check=True).stdout
        for library in ("poppler", "tesseract", "lept", "Magick", "archive", "xml2", "magic", "jpeg", "png", "tiff"):
            self.assertNotRegex(linked, f"lib{library}")

    def test_every_worker_refuses_to_run_as_anything_but_a_worker(self):
        workers = sorted(PROGRAM.parent.glob("khochung-worker-*"))
        self.assertTrue(workers)
        for worker in workers:
            with self.subTest(worker.name):
                done = subprocess.run([worker], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
                self.assertNotIn(b'"outcome":"ok"', done.stdout)


class Ingest(unittest.TestCase):
    """What ingest says of each file, whatever else is in the folder."""

    def setUp(self):
        self.archive = Archive()
        self.addCleanup(self.archive.remove)

    def ingest(self, *words, exit_code=0):
        outcome = self.archive.run("ingest", *words, "--json")
        self.assertEqual(exit_code, outcome.exit_code, outcome.output + outcome.complaint)
        self.assertIsNone(fault_of(outcome.json, INGEST))
        return outcome.json

    def test_a_batch_goes_on_past_broken_files_and_names_each(self):
        good = self.archive.file("a/tot.txt", NOTICE)
        empty = self.archive.file("a/rong.txt", "")
        for name in ("thong-bao-cut.pdf", "thong-bao-khoa.pdf", "thong-bao.pdf"):
            shutil.copy(CORPUS / name, good.parent / name)
        answer = self.ingest(good.parent, exit_code=1)
        state = {pathlib.Path(line["path"]).name: line for line in answer["materials"]}
        self.assertEqual(5, len(state))
        for name in ("tot.txt", "thong-bao.pdf"):
            self.assertIsNone(fault_of(state[name], {"id": UUID, "error": None}))
        for name in ("rong.txt", "thong-bao-cut.pdf", "thong-bao-khoa.pdf"):
            self.assertEqual("failed", state[name]["state"])
            self.assertTrue(state[name]["error"])
        self.assertIn("mật khẩu", state["thong-bao-khoa.pdf"]["error"])
        self.assertEqual((2, 0, 3), (answer["accepted"], answer["duplicates"], answer["failed"]))
        self.assertEqual(str(empty), state["rong.txt"]["path"])

    def test_the_same_file_twice_is_one_material(self):
        first = self.ingest(self.archive.file("mot.txt", NOTICE))
        second = self.ingest(self.archive.file("hai.txt", NOTICE))
        self.assertEqual((0, 1), (second["accepted"], second["duplicates"]))
        self.assertEqual("duplicate", second["materials"][0]["state"])
        self.assertEqual(first["materials"][0]["id"], second["materials"][0]["id"])

    def test_parts_of_an_archive_are_materials_of_their_own(self):
        path = self.archive.folder / "kho.zip"
        with zipfile.ZipFile(path, "w") as whole:
            whole.writestr("trong/thông báo.txt", NOTICE)
        answer = self.ingest(path)
        paths = {line["path"]: line for line in answer["materials"]}
        self.assertIn(f"{path}!/trong/thông báo.txt", paths)
        part = self.archive.run("show", paths[f"{path}!/trong/thông báo.txt"]["id"], "--json").json
        self.assertEqual(paths[str(path)]["id"], part["part_of"])
        self.assertEqual(1, self.archive.run("search", "phat ngon", "--json").json["total"])

    def test_loose_sheets_become_one_document_by_name(self):
        for number in (1, 2, 3):
            self.archive.file(f"A_{number:03}.png", sheet(number))
        answer = self.ingest(self.archive.folder / "files", "--group-by", "name")
        self.assertEqual(1, len({line["id"] for line in answer["materials"]}))
        material = self.archive.run("show", answer["materials"][0]["id"], "--json").json
        self.assertEqual(3, material["page_count"])
        self.assertEqual(["A_001.png", "A_002.png", "A_003.png"],
                         [file["name"] for file in material["files"] if file["role"] == "original"])

    def test_a_manifest_gives_metadata_by_row(self):
        self.archive.file("m/a.txt", NOTICE)
        manifest = self.archive.file("m/manifest.csv", "file,title,visibility,kind,date\n"
                                     "a.txt,Thông báo số 1,public,thong_bao,2024-05\n")
        answer = self.ingest("--manifest", manifest)
        shown = self.archive.run("show", answer["materials"][0]["id"], "--json").json
        self.assertEqual(("Thông báo số 1", "public", "thong_bao", "2024-05", "published"),
                         tuple(shown[name] for name in ("title", "visibility", "kind", "date", "state")))

    def test_a_manifest_row_that_is_wrong_stops_before_anything_is_taken_in(self):
        self.archive.file("m/a.txt", NOTICE)
        manifest = self.archive.file("m/manifest.csv", "file,title\na.txt,Một\nno-such-file.txt,Hai\n")
        outcome = self.archive.run("ingest", "--manifest", manifest, "--json")
        self.assertEqual(3, outcome.exit_code, outcome.output)
        self.assertIn("row 2", outcome.output + outcome.complaint)
        self.assertEqual(0, self.archive.run("search", "phat ngon", "--json").json["total"])

    def test_a_manifest_that_is_no_table_of_files_stops_before_anything_is_taken_in(self):
        self.archive.file("m/a.txt", NOTICE)
        manifest = self.archive.file("m/manifest.csv", "title,colour\na.txt,red\n")
        outcome = self.archive.run("ingest", "--manifest", manifest, "--json")
        self.assertEqual(2, outcome.exit_code, outcome.output)
        self.assertEqual(0, self.archive.run("search", "phat ngon", "--json").json["total"])

    def test_without_a_word_more_a_material_is_published_for_the_root_unit(self):
        answer = self.ingest(self.archive.file("a.txt", NOTICE))
        shown = self.archive.run("show", answer["materials"][0]["id"], "--json").json
        self.assertEqual(("published", "unit"), (shown["state"], shown["visibility"]))

    def test_a_state_secret_is_put_in_quarantine_and_never_found(self):
        answer = self.ingest(self.archive.file("mat.txt", "TUYỆT MẬT\n\nPhương án phát ngôn\n"), exit_code=1)
        self.assertEqual("quarantined", answer["materials"][0]["state"])
        self.assertTrue(answer["materials"][0]["error"])
        self.assertEqual(0, self.archive.run("search", "phuong an", "--json").json["total"])

    def test_an_unreadable_name_is_refused_and_the_rest_goes_on(self):
        self.archive.file("b/tot.txt", NOTICE)
        bad = os.fsencode(self.archive.folder / "files/b") + b"/hong-\xff.txt"
        with open(bad, "wb") as file:
            file.write(b"x")
        answer = self.ingest(self.archive.folder / "files/b", exit_code=1)
        self.assertEqual((1, 1), (answer["accepted"], answer["failed"]))


class Fixity(unittest.TestCase):
    def test_verify_names_each_file_that_differs_and_ends_with_corrupt(self):
        archive = Archive()
        self.addCleanup(archive.remove)
        line = archive.run("ingest", archive.file("a.txt", NOTICE), "--json").json["materials"][0]
        sha256 = line["sha256"]
        blob = archive.data / "store/blobs/sha256" / sha256[:2] / sha256[2:4] / sha256
        self.assertEqual(NOTICE.encode(), blob.read_bytes())
        blob.chmod(0o600)
        blob.write_bytes(NOTICE.replace("chủ tịch", "chú tích").encode())
        outcome = archive.run("verify", "--json")
        self.assertEqual(7, outcome.exit_code, outcome.complaint)
        self.assertIsNone(fault_of(outcome.json, VERIFY))
        self.assertEqual([("blob", sha256)], [(bad["kind"], bad["id"]) for bad in outcome.json["corrupt"]])
        blob.unlink()
        outcome = archive.run("verify", "--json")
        self.assertEqual(7, outcome.exit_code)
        self.assertEqual([sha256], [gone["id"] for gone in outcome.json["missing"]])

    def test_a_rebuild_expects_no_destroyed_bytes_and_loses_no_record_that_only_the_catalogue_has(self):
        archive = Archive()
        self.addCleanup(archive.remove)
        ids = {name: archive.run("ingest", archive.file(name, text), "--json").json["materials"][0]["id"]
               for name, text in (("huy.txt", "Hết thời hạn\n"), ("giu.txt", "Còn thời hạn\n"))}
        archive.serve()
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(archive.data / "control.sock"))
        connection.request("DELETE", "/api/v1/materials/" + ids["huy.txt"], '{"reason": "Hết hạn"}'.encode(),
                           {"If-Match": '"r1"', "Content-Type": "application/json"})
        self.assertEqual(200, connection.getresponse().status)
        connection.close()
        archive.stop()
        self.assertEqual(1, archive.run("gc", "--grace-days", "0", "--json").json["removed"])
        # As a process leaves it that dies between the catalogue's commit and the record's file.
        hex = ids["giu.txt"].replace("-", "")
        record, = (archive.data / "store/records" / hex[-4:-2] / hex[-2:]).glob(ids["giu.txt"] + ".*")
        with contextlib.closing(sqlite3.connect(archive.data / "catalogue.sqlite")) as catalogue, catalogue:
            catalogue.execute("INSERT INTO owed_record (id, revision, body) VALUES (?, 1, ?)",
                              (ids["giu.txt"], record.read_text()))
        give_pages_their_sums(archive.data / "catalogue.sqlite")
        record.unlink()
        self.assertEqual([], archive.run("rebuild", "--json").json["damaged"])
        self.assertTrue(record.exists())
        self.assertEqual(1, archive.run("show", ids["giu.txt"], "--json").json["revision"])
        verdict = archive.run("verify", "--json")
        self.assertEqual(0, verdict.exit_code, verdict.output)

    def test_known_files_are_not_sent_again_and_damage_is_healed_by_sending_them(self):
        archive = Archive()
        self.addCleanup(archive.remove)
        for number in range(300):
            archive.file(f"box/{number:03}.txt", f"Phiếu số {number}\n")
        first = archive.run("ingest", archive.folder / "files/box", "--json").json
        self.assertEqual((300, 0), (first["accepted"], first["duplicates"]))
        archive.file("box/moi.txt", "Phiếu mới\n")
        again = archive.run("ingest", archive.folder / "files/box", "--json").json
        self.assertEqual((1, 300, 0), (again["accepted"], again["duplicates"], again["failed"]))
        self.assertLess(again["bytes"], first["bytes"] / 2)
        ids = {one["path"]: one["id"] for one in first["materials"]}
        for one in again["materials"]:
            self.assertEqual(ids.get(one["path"], one["id"]), one["id"])
        # Another unit's: new materials over the same bytes.
        root = archive.run("unit", "list", "--json").json["units"][0]["code"]
        below = {"code": "cs", "name_vi": "Cơ sở", "level": "co_so", "parent": root}
        archive.run("unit", "import", archive.file("don-vi.jsonl", json.dumps(below) + "\n"))
        other = archive.run("ingest", archive.folder / "files/box", "--unit", "cs", "--json").json
        self.assertEqual((301, 0), (other["accepted"], other["duplicates"]))
        # What a check found damaged is not taken for known: the bytes come and heal it.
        sha256 = first["materials"][7]["sha256"]
        blob = archive.data / "store/blobs/sha256" / sha256[:2] / sha256[2:4] / sha256
        blob.chmod(0o600)
        blob.write_bytes(b"?" + blob.read_bytes()[1:])
        self.assertEqual(7, archive.run("verify").exit_code)
        archive.run("ingest", archive.folder / "files/box", "--json")
        self.assertEqual(0, archive.run("verify").exit_code)

    def test_a_record_stands_under_the_last_hex_digits_of_its_id_and_its_own_digest(self):
        archive = Archive()
        self.addCleanup(archive.remove)
        id = archive.run("ingest", archive.file("a.txt", NOTICE), "--json").json["materials"][0]["id"]
        hex = id.replace("-", "")
        records = list((archive.data / "store/records" / hex[-4:-2] / hex[-2:]).glob(f"{id}.r000001.*.json"))
        self.assertEqual(1, len(records))
        self.assertEqual(hashlib.sha256(records[0].read_bytes()).hexdigest(), records[0].name.split(".")[2])


if __name__ == "__main__":
    unittest.main()
