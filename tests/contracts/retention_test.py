"""Retention, disposal and erasure, seen from outside: who may do what, and what is left on the disk."""
import hashlib
import json
import pathlib
import signal
import sqlite3
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import Archive, give_pages_their_sums, multipart  # noqa: E402

PEOPLE = {"lan": "editor", "minh": "archivist", "quan": "administrator", "thu": "administrator"}
PASSWORD = "một mật khẩu thật dài"


class Retention(unittest.TestCase):
    def setUp(self):
        self.archive = archive = Archive()
        self.addCleanup(archive.remove)
        root = archive.run("unit", "list", "--json").json["units"][0]["code"]
        self.tokens = {}
        for name, role in PEOPLE.items():
            archive.run("user", "add", name, "--unit", root, "--role", role, "--password-stdin", given=PASSWORD)
            self.tokens[name] = archive.run("user", "token", name, "--json").json["token"]
        archive.serve()

    def ask(self, person, method, path, body=None, revision=None):
        fields = {"Authorization": "Bearer " + self.tokens[person]} if person else {}
        if revision is not None:
            fields["If-Match"] = f'"r{revision}"'
        return self.archive.request(method, "/api/v1" + path, None if body is None else json.dumps(body), fields)

    def take_in(self, name, text, **fields):
        body, media_type = multipart([(name, text.encode())], {"state": "published", **fields})
        answer = self.archive.request("POST", "/api/v1/materials", body, {
            "Content-Type": media_type, "Authorization": "Bearer " + self.tokens["lan"]})
        self.assertEqual(201, answer.status, answer.body)
        return answer.json["id"]

    def succeed(self, answer, status=200):
        self.assertEqual(status, answer.status, answer.body)
        return answer.json

    def run_well(self, *words):
        outcome = self.archive.run(*words)
        self.assertEqual(0, outcome.exit_code, outcome.output + outcome.complaint)
        return outcome.json

    def documents(self):
        return [self.take_in(f"{name}.txt", f"Văn bản {name}\n") for name in ("tham-dinh", "quyet-dinh", "bien-ban")]

    def step(self, person, disposal, state, document=None):
        return self.ask(person, "POST", f"/disposals/{disposal['id']}/steps",
                        {"state": state, "document": document or ""}, disposal["revision"])

    def blob_of(self, text):
        digest = hashlib.sha256(text.encode()).hexdigest()
        return self.archive.data / "store/blobs/sha256" / digest[:2] / digest[2:4] / digest

    def test_the_table_is_a_proposal_until_an_administrator_edits_it(self):
        proposed = self.ask(None, "GET", "/retention")
        self.assertEqual((200, '"r0"'), (proposed.status, proposed.fields["etag"]))
        table = {"classes": [{"kind": "cong_van", "term": "5", "basis": "Bảng thời hạn của đơn vị"}]}
        self.assertEqual(401, self.ask(None, "PUT", "/retention", table, 0).status)
        self.assertEqual(403, self.ask("lan", "PUT", "/retention", table, 0).status)
        self.assertEqual(428, self.ask("quan", "PUT", "/retention", table).status)
        for bad in ({}, {"classes": [{"kind": "khong_co", "term": "5"}]}, {"classes": [{"kind": "cong_van", "term": "0"}]},
                    {"classes": table["classes"] * 2}):
            self.assertEqual(400, self.ask("quan", "PUT", "/retention", bad, 0).status, bad)
        self.succeed(self.ask("quan", "PUT", "/retention", table, 0))
        self.assertEqual(412, self.ask("quan", "PUT", "/retention", table, 0).status)
        self.assertEqual(table["classes"], self.ask(None, "GET", "/retention").json["classes"])
        self.run_well("retention", "set", "giay_moi", "3", "--basis", "Như trên", "--json")
        self.assertEqual({"cong_van": "5", "giay_moi": "3"},
                         {one["kind"]: one["term"] for one in self.run_well("retention", "list", "--json")["classes"]})

    def test_what_is_due_follows_kind_own_term_and_the_last_year(self):
        old = self.take_in("a.txt", "Công văn cũ\n", kind="cong_van", date="2010-05-01")
        self.take_in("b.txt", "Công văn mới\n", kind="cong_van", date="2020")
        self.take_in("c.txt", "Quyết định cũ\n", kind="quyet_dinh", date="1990")
        own = self.take_in("d.txt", "Tờ rơi\n", kind="to_roi", date="2015", retention="2")
        span = self.take_in("e.txt", "Nhiều năm\n", kind="cong_van", date="2009/2014")
        self.take_in("f.txt", "Không ngày\n", kind="giay_moi", date="")

        def due(before):
            return {one["id"]: one["due"] for one in self.run_well("retention", "due", "--before", before, "--json")["materials"]}

        self.assertEqual({own: "2018-01-01"}, due("2020-12-31"))
        self.assertEqual({own: "2018-01-01", old: "2021-01-01"}, due("2021-01-01"))
        self.assertEqual({own: "2018-01-01", old: "2021-01-01", span: "2025-01-01"}, due("2026-11-27"))
        self.assertEqual(401, self.ask(None, "GET", "/retention/due").status)
        self.assertEqual(400, self.ask("lan", "GET", "/retention/due?before=hom-nay").status)
        self.assertEqual(400, self.ask("lan", "GET", "/retention/due?after=xyz").status)

    def test_what_has_a_class_goes_only_with_a_whole_paper_trail(self):
        text, held_text = "Công văn hết hạn\n", "Công văn đang có khiếu nại\n"
        old = self.take_in("a.txt", text, kind="cong_van", date="2010")
        held = self.take_in("b.txt", held_text, kind="cong_van", date="2010")
        fresh = self.take_in("c.txt", "Công văn còn hạn\n", kind="cong_van", date="2025")
        appraisal, approval, minutes = self.documents()
        self.assertEqual(409, self.ask("lan", "POST", "/disposals", {"materials": [fresh]}).status)
        self.assertEqual(400, self.ask("lan", "POST", "/disposals", {"materials": []}).status)
        self.assertEqual(401, self.ask(None, "POST", "/disposals", {"materials": [old]}).status)
        draft = self.succeed(self.ask("minh", "POST", "/disposals", {"materials": [old, held], "note": "Đợt 1"}), 201)
        self.assertEqual(404, self.ask(None, "GET", "/disposals/" + draft["id"]).status)

        self.assertEqual(409, self.step("quan", draft, "approved", approval).status)
        self.assertEqual(400, self.step("lan", draft, "appraised").status)
        self.assertEqual(400, self.step("lan", draft, "appraised", old).status)
        appraised = self.succeed(self.step("quan", draft, "appraised", appraisal))
        self.assertEqual(412, self.step("thu", draft, "approved", approval).status)
        self.assertEqual(403, self.step("quan", appraised, "approved", approval).status)
        self.assertEqual(403, self.step("lan", appraised, "approved", approval).status)
        approved = self.succeed(self.step("thu", appraised, "approved", approval))

        revision = self.ask("quan", "GET", "/materials/" + held).json["revision"]
        self.succeed(self.ask("quan", "PATCH", "/materials/" + held, {"hold": "Khiếu nại số 7"}, revision))
        executed = self.succeed(self.step("minh", approved, "executed", minutes))
        self.assertEqual({old: "destroyed", held: "held"},
                         {item["material"]: item["outcome"] for item in executed["items"]})
        self.assertEqual(["draft", "appraised", "approved", "executed"], [step["state"] for step in executed["steps"]])
        self.assertEqual(409, self.step("minh", executed, "cancelled").status)
        self.assertEqual("deleted", self.ask("lan", "GET", "/materials/" + old).json["state"])

        self.assertEqual(1, self.run_well("gc", "--grace-days", "0", "--json")["removed"])
        self.assertFalse(self.blob_of(text).exists())
        self.assertTrue(self.blob_of(held_text).exists())
        # The documents of the trail stay, whoever asks.
        at = self.ask("quan", "GET", "/materials/" + minutes).json["revision"]
        self.assertEqual(409, self.ask("quan", "DELETE", "/materials/" + minutes, {"reason": "x"}, at).status)
        table = self.archive.run("disposal", "show", executed["id"], "--csv").output
        self.assertIn(hashlib.sha256(text.encode()).hexdigest(), table)
        self.assertEqual([executed["id"]], [one["id"] for one in self.run_well("disposal", "list", "--json")["disposals"]])

        # It all comes back from the store alone.
        self.archive.stop()
        self.assertEqual(0, self.archive.run("rebuild", "--json").exit_code)
        self.assertEqual(executed["items"], self.run_well("disposal", "show", executed["id"], "--json")["items"])

    def test_a_tombstone_alone_destroys_nothing_that_has_a_class(self):
        text, free_text = "Quyết định số 9\n", "Ảnh chụp màn hình\n"
        classed = self.take_in("a.txt", text, kind="quyet_dinh", date="2010")
        free = self.take_in("b.txt", free_text, kind="khac")
        for id in classed, free:
            at = self.ask("lan", "GET", "/materials/" + id).json["revision"]
            self.succeed(self.ask("lan", "DELETE", "/materials/" + id, {"reason": "Nhầm"}, at))
        self.assertEqual(1, self.run_well("gc", "--grace-days", "0", "--json")["removed"])
        self.assertTrue(self.blob_of(text).exists())
        self.assertFalse(self.blob_of(free_text).exists())

    def test_the_commands_do_what_one_person_may_and_refuse_to_be_two(self):
        olds = [self.take_in(f"{n}.txt", f"Công văn {n}\n", kind="cong_van", date="2010") for n in range(60)]
        documents = self.documents()
        disposal = self.run_well("disposal", "begin", *olds, "--note", "Đợt 2", "--json")
        self.run_well("disposal", "step", disposal["id"], "appraised", "--document", documents[0], "--json")
        refused = self.archive.run("disposal", "step", disposal["id"], "approved", "--document", documents[1], "--json")
        self.assertEqual((4, "two_persons"), (refused.exit_code, refused.json["reason"]))
        appraised = self.ask("thu", "GET", "/disposals/" + disposal["id"]).json
        self.succeed(self.step("thu", appraised, "approved", documents[1]))
        # More than one request carries out.
        executed = self.run_well("disposal", "step", disposal["id"], "executed", "--document", documents[2], "--json")
        self.assertEqual({"destroyed"}, {item["outcome"] for item in executed["items"]})
        self.assertEqual(60, self.run_well("gc", "--grace-days", "0", "--json")["removed"])

        id, _, minutes, _ = self.personal()
        self.run_well("erase", id, "--ground", "Yêu cầu số 3", "--minutes", minutes, "--json")
        refused = self.archive.run("erase", id, "--approve", "--json")
        self.assertEqual((4, "two_persons"), (refused.exit_code, refused.json["reason"]))
        at = self.ask("quan", "GET", "/materials/" + id).json["revision"]
        self.succeed(self.ask("quan", "POST", f"/materials/{id}/erasure/approve", {}, at))
        self.assertEqual(5, self.archive.run("erase", id, "--approve", "--json").exit_code)

    def personal(self):
        secret = "Nguyễn Thị Xuyênxyz, căn cước 079185012345"
        text = f"Đơn xin trợ cấp của {secret}\n"
        id = self.take_in("don-xuyenxyz.txt", text, title="Đơn của chị Xuyênxyz", kind="cong_van", date="2024-03-02")
        at = self.ask("lan", "GET", "/materials/" + id).json["revision"]
        self.succeed(self.ask("lan", "PATCH", "/materials/" + id, {"description": "Xuyênxyz, tổ 3"}, at))
        minutes = self.take_in("bien-ban-xoa.txt", "Biên bản xóa dữ liệu\n")
        return id, text, minutes, at + 1

    def left_on_disk(self, words):
        return [str(path.relative_to(self.archive.data)) for path in self.archive.data.rglob("*")
                if path.is_file() and "index" not in path.relative_to(self.archive.data).parts
                and any(word.encode() in path.read_bytes() for word in words)]

    def ask_to_erase(self, id, minutes, at):
        ask = {"ground": "Luật 91/2025/QH15; yêu cầu số 12", "minutes": minutes}
        return self.succeed(self.ask("lan", "POST", f"/materials/{id}/erasure", ask, at))["revision"]

    def erase(self, id, minutes, at):
        at = self.ask_to_erase(id, minutes, at)
        return self.ask("quan", "POST", f"/materials/{id}/erasure/approve", {}, at)

    def test_an_erasure_needs_ground_minutes_and_two_persons(self):
        id, _, minutes, at = self.personal()
        path, ask = f"/materials/{id}/erasure", {"ground": "Yêu cầu số 12", "minutes": minutes}
        self.assertEqual(401, self.ask(None, "POST", path, ask, at).status)
        self.assertEqual(409, self.ask("quan", "POST", path + "/approve", {}, at).status)
        self.assertEqual(400, self.ask("lan", "POST", path, {"minutes": minutes}, at).status)
        self.assertEqual(400, self.ask("lan", "POST", path, {"ground": "x"}, at).status)
        self.assertEqual(428, self.ask("lan", "POST", path, ask).status)
        asked = self.succeed(self.ask("quan", "POST", path, ask, at))
        self.assertEqual(403, self.ask("quan", "POST", path + "/approve", {}, asked["revision"]).status)
        self.assertEqual(403, self.ask("lan", "POST", path + "/approve", {}, asked["revision"]).status)
        self.succeed(self.ask("quan", "PATCH", "/materials/" + id, {"hold": "Tranh chấp"}, asked["revision"]))
        self.assertEqual(409, self.ask("thu", "POST", path + "/approve", {}, asked["revision"] + 1).status)

    def test_what_was_erased_is_nowhere_and_its_skeleton_stays(self):
        id, text, minutes, at = self.personal()
        done = self.succeed(self.erase(id, minutes, at))
        self.assertEqual((1, 3, []), (done["erased_files"], done["erased_revisions"], done["kept_for_others"]))
        self.assertFalse(self.blob_of(text).exists())
        end = time.monotonic() + 5
        while self.ask("lan", "GET", "/search?q=xuyenxyz").json["total"]:
            self.assertLess(time.monotonic(), end, "still found after five seconds")
            time.sleep(0.05)
        skeleton = self.ask("quan", "GET", "/materials/" + id).json
        self.assertEqual(("deleted", [], "", "cong_van", "2024"),
                         (skeleton["state"], skeleton["files"], skeleton["description"], skeleton["kind"], skeleton["date"]))
        digest = hashlib.sha256(text.encode()).hexdigest()
        self.assertEqual([digest], [file["sha256"] for file in skeleton["erasure"]["files"]])
        self.assertEqual(("lan", "quan"), (skeleton["erasure"]["asked_by"], skeleton["erasure"]["approved_by"]))
        self.assertEqual([4], [one["revision"] for one in self.ask("quan", "GET", f"/materials/{id}/history").json])
        self.assertEqual(409, self.ask("quan", "POST", f"/materials/{id}/revisions/4/restore", {}, 4).status)
        self.archive.stop()
        self.assertEqual([], self.left_on_disk(["Xuyênxyz", "xuyenxyz", "079185012345"]))
        for _ in range(2):
            verdict = self.archive.run("verify", "--json")
            self.assertEqual(0, verdict.exit_code, verdict.output)
            self.assertEqual(0, self.archive.run("audit", "verify", "--json").exit_code)
            self.assertEqual(0, self.archive.run("rebuild", "--json").exit_code)
        entries = self.run_well("audit", "list", "--limit", "1000", "--json")["entries"]
        destroyed = [(one["action"], one["object"]) for one in entries if one["action"].endswith(".destroy")]
        self.assertEqual([("blob.destroy", digest)], [one for one in destroyed if one[0] == "blob.destroy"])
        self.assertEqual(3, len([one for one in destroyed if one[0] == "record.destroy"]))

    def test_bytes_that_another_material_holds_stay_for_it(self):
        id, text, minutes, at = self.personal()
        below = {"code": "cdcs-mau", "name_vi": "Công đoàn cơ sở mẫu", "level": "co_so",
                 "parent": self.ask("quan", "GET", "/units").json["units"][0]["code"]}
        self.run_well("unit", "import", self.archive.file("don-vi.jsonl", json.dumps(below) + "\n"), "--json")
        other = self.take_in("khac.txt", text, unit="cdcs-mau")
        self.assertNotEqual(id, other)
        done = self.succeed(self.erase(id, minutes, at))
        self.assertEqual((0, [hashlib.sha256(text.encode()).hexdigest()]), (done["erased_files"], done["kept_for_others"]))
        self.assertEqual(text.encode(), self.ask("lan", "GET", f"/materials/{other}/files/khac.txt").body)

    def test_an_erasure_that_a_crash_cut_is_ended_at_the_next_start(self):
        id, text, minutes, at = self.personal()
        at = self.ask_to_erase(id, minutes, at)
        blob = self.blob_of(text)
        records = self.archive.data / "store/records" / id[-4:-2] / id[-2:]
        before = {path: path.read_bytes() for path in [blob, *records.glob(id + ".*")]}
        self.succeed(self.ask("quan", "POST", f"/materials/{id}/erasure/approve", {}, at))
        self.archive.stop(signal.SIGKILL)
        # As the process leaves it that dies once the skeleton is durable.
        for path, content in before.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        with sqlite3.connect(self.archive.data / "catalogue.sqlite") as catalogue:
            catalogue.execute("UPDATE upkeep SET value = ? WHERE name = 'erasing'", (id,))
        catalogue.close()
        give_pages_their_sums(self.archive.data / "catalogue.sqlite")
        self.archive.serve()
        self.assertFalse(blob.exists())
        self.assertEqual([4], [int(path.name.split(".r")[1][:6]) for path in records.glob(id + ".*")])


if __name__ == "__main__":
    unittest.main()
