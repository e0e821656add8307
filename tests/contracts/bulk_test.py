"""Bulk edits: a look before, all told after, and taken back; under everybody's own rights, against changes of others and
through a kill in the middle."""
import concurrent.futures
import json
import os
import pathlib
import re
import signal
import sys
import time
import unittest
import urllib.parse
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import Archive, AsksWithTokens, multipart  # noqa: E402

PASSWORD = "một mật khẩu thật dài"
UNITS = "code,name_vi,parent\nldld-hue,Liên đoàn Lao động thành phố Huế,tld\nldld-vinh,Liên đoàn Lao động Vinh,tld\n"
PEOPLE = {"an": ("tld", "administrator"), "hue": ("ldld-hue", "archivist"), "vinh": ("ldld-vinh", "contributor"),
          "bac": ("ldld-vinh", "archivist"), "doc": ("ldld-hue", "reader")}
MANY = int(os.environ.get("KHOCHUNG_BULK_MANY", "200"))


class Bulk(AsksWithTokens, unittest.TestCase):
    def setUp(self):
        self.archive = archive = Archive()
        self.addCleanup(archive.remove)
        taken = archive.run("unit", "import", archive.file("don-vi.csv", UNITS))
        self.assertEqual(0, taken.exit_code, taken.complaint)
        for name, (unit, role) in PEOPLE.items():
            archive.run("user", "add", name, "--unit", unit, "--role", role, "--password-stdin", given=PASSWORD)
        archive.serve()
        self.tokens = {name: archive.run("user", "token", name, "--json").json["token"] for name in PEOPLE}

    def take_in(self, count, unit="ldld-hue", **fields):
        ids = []
        for number in range(count):
            words = f"tờ rơi an toàn số {number} {uuid.uuid4()}"
            body, media_type = multipart([(f"{number}.txt", words.encode())],
                                         {"unit": unit, "visibility": "unit", "state": "published", "title": words, **fields})
            answer = self.ask("an", "POST", "/api/v1/materials", body, {"Content-Type": media_type}, 201)
            ids.append(answer.json["id"])
        return ids

    def material(self, id, viewer="an"):
        return self.ask(viewer, "GET", "/api/v1/materials/" + id, status=200).json

    def post(self, viewer, status, materials, changes, **more):
        return self.ask(viewer, "POST", "/api/v1/bulk-edits", {"materials": materials, "changes": changes, **more},
                        status=status).json

    def preview(self, viewer, ids, changes):
        return self.post(viewer, 200, ids, changes, preview=True)

    def apply(self, viewer, ids, changes, status=201):
        return self.post(viewer, status, self.preview(viewer, ids, changes)["materials"], changes)

    def undo(self, viewer, edit, status=200):
        return self.ask(viewer, "POST", f"/api/v1/bulk-edits/{edit['id']}/undo", status=status).json

    def show(self, viewer, edit, status=200):
        return self.ask(viewer, "GET", "/api/v1/bulk-edits/" + edit["id"], status=status).json

    def change(self, id, **fields):
        answer = self.ask("an", "GET", "/api/v1/materials/" + id)
        self.ask("an", "PATCH", "/api/v1/materials/" + id, fields, {"If-Match": answer.fields["etag"]}, 200)

    def records_of_edits(self):
        texts = [path.read_text() for path in (self.archive.data / "store/records").rglob("*.json")]
        return [text for text in texts if "khochung/bulk_edit/1" in text]

    def outcomes(self, edit, member="outcome"):
        return [item.get(member) for item in edit["items"]]

    def test_a_preview_tells_and_changes_nothing_then_it_happens_and_is_taken_back(self):
        ids = self.take_in(3, theme="benefits", credit="Ảnh: Lan")
        self.change(ids[2], theme="safety", credit="")
        changes = {"theme": "safety", "credit": None}
        preview = self.preview("hue", ids, changes)
        self.assertEqual(({"changed": 2, "unchanged": 1, "refused": 0, "not_reached": 0}, []), (preview["counts"], preview["refused"]))
        self.assertEqual(({"theme": "benefits", "credit": "Ảnh: Lan"}, {"theme": "safety", "credit": ""}),
                         (preview["items"][0]["before"], preview["items"][0]["after"]))
        self.assertEqual([1, 1, 2], [self.material(id)["revision"] for id in ids])
        self.assertEqual([], self.records_of_edits())
        edit = self.apply("hue", ids, changes)
        self.assertEqual((["changed", "changed", "unchanged"], "applied", "hue", 2),
                         (self.outcomes(edit), edit["state"], edit["by"], edit["can_be_undone"]))
        self.assertEqual([("safety", "", 2)] * 3,
                         [tuple(self.material(id)[name] for name in ("theme", "credit", "revision")) for id in ids])
        self.assertEqual([edit["id"]], [one["id"] for one in self.ask("hue", "GET", "/api/v1/bulk-edits").json["bulk_edits"]])
        # What was written stands in the materials' own histories alone, where an erasure reaches it.
        self.assertEqual(["theme", "credit"], edit["fields"])
        self.assertEqual(2, len(self.records_of_edits()))
        for record in self.records_of_edits():
            self.assertNotIn("safety", record)
        self.change(ids[1], issuer="Người khác")
        undone = self.undo("hue", edit)
        self.assertEqual((["undone", "revised", None], "undone", 1), (self.outcomes(undone, "undo_outcome"), undone["state"],
                                                                      undone["counts"]["undone"]))
        self.assertEqual([("benefits", "Ảnh: Lan", 3), ("safety", "", 3), ("safety", "", 2)],
                         [tuple(self.material(id)[name] for name in ("theme", "credit", "revision")) for id in ids])
        self.undo("hue", edit, 409)
        actions = [entry["action"] for entry in self.ask("an", "GET", "/api/v1/audit?limit=500", status=200).json["entries"]]
        self.assertEqual(["bulk_edit.begin", "bulk_edit.end", "bulk_edit.undo", "bulk_edit.undone"],
                         [action for action in actions if action.startswith("bulk_edit")])

    def test_the_command_shows_then_changes_and_takes_back(self):
        ids = self.take_in(3, theme="benefits", title="Lệnh hàng loạt")
        words = ("bulk-edit", "--set", "theme=safety;values", "--clear", "credit")
        named = [part for id in ids for part in ("--material", id)]
        looked = self.archive.run(*words, *named)
        self.assertEqual(0, looked.exit_code, looked)
        self.assertIn("Sẽ sửa 3 tư liệu", looked.output)
        self.assertIn("theme: benefits → safety;values", looked.output)
        self.assertEqual([1] * 3, [self.material(id)["revision"] for id in ids])
        self.assertTrue(self.archive.run(*words, *named, "--json").json["preview"])
        end = time.monotonic() + 20
        while (seen := self.archive.run(*words, '"Lệnh hàng loạt"', "--theme", "benefits", "--json").json)["counts"]["changed"] < 3:
            self.assertLess(time.monotonic(), end, seen)
            time.sleep(0.1)
        done = self.archive.run(*words, '"Lệnh hàng loạt"', "--theme", "benefits", "--apply", "--note", "Gộp chủ đề", "--json").json
        self.assertEqual((3, "Gộp chủ đề"), (done["counts"]["changed"], done["note"]))
        self.assertEqual(["safety;values"] * 3, [self.material(id)["theme"] for id in ids])
        undone = self.archive.run("bulk-edit", "--undo", done["id"])
        self.assertEqual((0, "Đã trả 3 tư liệu về như trước.\n"), (undone.exit_code, undone.output))
        self.assertEqual(["benefits"] * 3, [self.material(id)["theme"] for id in ids])
        for wrong in (("--set", "theme=safety"), ("--set", "theme", *named), ("--set", "theme=no_such", *named), ("--set", "state=draft", *named),
                      (*named,), ("--set", "theme=safety", "word", *named), ("--undo", done["id"], "--apply"), ("--undo", "no-such"),
                      ("--set", "theme=benefits", *named, "--apply")):
            outcome = self.archive.run("bulk-edit", *wrong)
            self.assertNotEqual(0, outcome.exit_code, (wrong, outcome))
            self.assertEqual(["benefits"] * 3, [self.material(id)["theme"] for id in ids])

    def test_rights_are_decided_for_each_material_and_what_is_hidden_is_unknown(self):
        own, other = self.take_in(1), self.take_in(1, unit="ldld-vinh")
        shown = self.take_in(1, unit="ldld-vinh", visibility="public")
        nowhere = str(uuid.uuid4())
        self.change(other[0], credit="x")
        mixed = own + other + shown + [nowhere]
        edit = self.apply("hue", mixed, {"theme": "safety"})
        self.assertEqual(["changed", "unknown", "forbidden", "unknown"], self.outcomes(edit))
        hidden, missing = edit["items"][1], edit["items"][3]
        self.assertEqual({**hidden, "id": ""}, {**missing, "id": ""})
        self.assertEqual("", self.material(other[0])["theme"])
        # A contributor edits drafts of his own unit; what others have published he may not, and what is theirs he does not see.
        preview = self.preview("vinh", mixed, {"theme": "safety"})
        self.assertEqual(0, preview["counts"]["changed"])
        first, last = preview["items"][0], preview["items"][3]
        self.assertEqual({**first, "id": ""}, {**last, "id": ""})
        self.post("vinh", 409, [{"id": own[0], "revision": 2}], {"theme": "values"})
        self.post("doc", 403, own, {"theme": "values"}, preview=True)
        self.post(None, 401, own, {"theme": "values"}, preview=True)
        # To give a material away one needs rights on both sides.
        self.assertEqual(["forbidden"], [item["outcome"] for item in self.preview("hue", own, {"unit": "ldld-vinh"})["items"]])
        # The edit is its maker's, and an administrator's of the whole tree.
        for viewer in ("vinh", "bac", "doc", None):
            self.show(viewer, edit, 404)
        for viewer, status in (("vinh", 404), ("bac", 404), (None, 401)):
            self.undo(viewer, edit, status)
        self.assertEqual(edit["items"][0]["title"], self.show("an", edit)["items"][0]["title"])
        self.assertEqual("safety", self.material(own[0])["theme"])

    def test_who_loses_the_right_undoes_nothing_and_reads_no_title(self):
        ids = self.take_in(2)
        edit = self.apply("hue", ids, {"theme": "safety"})
        self.change(ids[0], unit="ldld-vinh")
        shown = self.show("hue", edit)["items"]
        self.assertEqual("", shown[0]["title"])
        self.assertNotEqual("", shown[1]["title"])
        undone = self.undo("hue", edit)
        self.assertEqual(["unknown", "undone"], self.outcomes(undone, "undo_outcome"))

    def test_what_was_taken_out_is_as_closed_as_on_its_own_address(self):
        ids = self.take_in(3, visibility="public")
        edit = self.apply("hue", ids, {"theme": "safety"})
        self.change(ids[0], state="withdrawn", notice="Nhầm tệp")
        tag = self.ask("an", "GET", "/api/v1/materials/" + ids[1]).fields["etag"]
        self.ask("an", "DELETE", "/api/v1/materials/" + ids[1], {"reason": "Trùng"}, {"If-Match": tag})
        self.ask("bac", "PATCH", "/api/v1/materials/" + ids[0], {"theme": "values"}, {"If-Match": '"r3"'}, 410)
        preview = self.preview("bac", ids, {"theme": "values"})
        self.assertEqual(["gone", "gone", "forbidden"], [item["outcome"] for item in preview["items"]])
        self.assertNotIn("before", preview["items"][0])
        self.assertEqual(["changed", "deleted", "changed"],
                         [item["outcome"] for item in self.preview("hue", ids, {"theme": "values"})["items"]])
        self.assertEqual(["revised", "revised", "undone"], self.outcomes(self.undo("hue", edit), "undo_outcome"))

    def test_what_changed_since_it_was_seen_is_not_overwritten(self):
        ids = self.take_in(2)
        seen = self.preview("hue", ids, {"theme": "safety"})["materials"]
        self.change(ids[0], theme="values")
        edit = self.post("hue", 201, seen, {"theme": "safety"})
        self.assertEqual(["revised", "changed"], self.outcomes(edit))
        self.assertEqual("values", self.material(ids[0])["theme"])

    def test_two_undos_and_two_edits_at_once_give_each_material_one_revision(self):
        ids = self.take_in(20)
        seen = self.preview("hue", ids, {"theme": "safety"})["materials"]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            edits = [one.json for one in pool.map(lambda theme: self.ask("hue", "POST", "/api/v1/bulk-edits", {
                "materials": seen, "changes": {"theme": theme}}), ["safety", "values", "benefits", "emulation"])]
        made = [edit for edit in edits if "items" in edit]
        self.assertEqual(20, sum(edit["counts"]["changed"] for edit in made))
        self.assertEqual([2] * 20, [self.material(id)["revision"] for id in ids])
        for edit in made:
            if edit["counts"]["changed"] == 0:
                continue
            with concurrent.futures.ThreadPoolExecutor(3) as pool:
                statuses = list(pool.map(lambda unused, edit=edit: self.ask(
                    "hue", "POST", f"/api/v1/bulk-edits/{edit['id']}/undo").status, range(3)))
            self.assertEqual([200, 409, 409], sorted(statuses))
        self.assertEqual([("", 3)] * 20, [(self.material(id)["theme"], self.material(id)["revision"]) for id in ids])

    def test_every_field_that_is_for_many_goes_and_comes_back(self):
        ids = self.take_in(1, date="2020", kind="to_roi")
        before = self.material(ids[0])
        changes = {"description": "Mới", "date": "2021-05", "kind": "poster", "language": "en", "issuer": "TLĐ", "signer": "An",
                   "theme": "values", "credit": "c", "terms": "t", "retention": "10", "unit": "ldld-vinh",
                   "visibility": "public", "sensitivity": "internal", "embargo_until": "2099-01-01T00:00:00Z"}
        edit = self.apply("an", ids, changes)
        self.assertEqual(1, edit["counts"]["changed"], edit["refused"])
        after = self.material(ids[0])
        self.assertEqual(("poster", "public", "2021-05"), (after["kind"], after["visibility"], after["date"]))
        self.assertEqual("undone", self.undo("an", edit)["items"][0]["undo_outcome"])
        self.assertEqual({**before, "revision": 3}, self.material(ids[0]))

    def test_what_makes_no_sense_is_refused_and_changes_nothing(self):
        ids = self.take_in(1)
        for status, body in (
                (400, {"materials": ids}), (400, {"materials": ids, "changes": {}}), (400, {"materials": ids, "changes": []}),
                (400, {"materials": ids, "changes": {"theme": 5}}), (400, {"materials": ids, "changes": {"state": "withdrawn"}}),
                (400, {"materials": ids, "changes": {"title": "Một tên"}}), (400, {"materials": ids, "changes": {"hold": "x"}}),
                (400, {"materials": ids, "changes": {"theme": "a" * 2001}}), (400, {"materials": ids, "changes": {"không": ""}}),
                (400, {"materials": [], "changes": {"theme": "a"}}), (400, {"materials": ids * 2, "changes": {"theme": "a"}}),
                (400, {"materials": ["x"], "changes": {"theme": "a"}}), (400, {"materials": [{}], "changes": {"theme": "a"}}),
                (400, {"materials": [{"id": ids[0], "revision": 0}], "changes": {"theme": "a"}}),
                (400, {"materials": [{"id": ids[0], "revision": "1"}], "changes": {"theme": "a"}}),
                (400, {"materials": [{"id": ids[0], "revision": 2 ** 63 - 1}], "changes": {"theme": "a"}}),
                (400, {"materials": "x", "changes": {"theme": "a"}}), (400, {"query": "x", "changes": {"theme": "a"}}),
                (400, {"materials": ids, "query": {}, "changes": {"theme": "a"}}), (400, {"changes": {"theme": "a"}}),
                (400, {"materials": ids, "changes": {"theme": "a"}, "note": "a" * 2001}),
                (413, {"materials": [str(uuid.uuid4()) for unused in range(1001)], "changes": {"theme": "a"}}),
                (428, {"materials": ids, "changes": {"theme": "a"}}), (428, {"query": {"q": "x"}, "changes": {"theme": "a"}})):
            answer = self.ask("an", "POST", "/api/v1/bulk-edits", body)
            self.assertEqual(status, answer.status, (body, answer.body))
        for body in ("", "[]", "{", "\xff", "null", '{"changes":{"theme":"\\ud800"}}'):
            self.assertEqual(400, self.ask("an", "POST", "/api/v1/bulk-edits", body.encode("latin-1"),
                                           {"Content-Type": "application/json"}).status, body)
        # Values that a PATCH refuses are refused for each material.
        for changes, reason in (({"date": "hôm qua"}, "bad_input"), ({"unit": "no-such"}, "unknown_unit"),
                                ({"retention": "-3"}, "bad_input"), ({"sensitivity": "quarantined"}, "bad_input"),
                                ({"visibility": None}, "bad_input")):
            preview = self.preview("an", ids, changes)
            self.assertEqual([reason], [one["reason"] for one in preview["refused"]])
            self.assertTrue(preview["refused"][0]["sentence"])
            self.post("an", 409, preview["materials"], changes)
        self.assertEqual(1, self.material(ids[0])["revision"])
        for id in ("x", str(uuid.uuid4()), ids[0]):
            self.show("an", {"id": id}, 404)
            self.undo("an", {"id": id}, 404)

    def test_a_search_is_previewed_and_what_came_meanwhile_is_left_alone(self):
        self.take_in(3)
        query = {"q": "tờ rơi an toàn", "unit": "ldld-hue"}
        deadline = time.monotonic() + 30
        while True:
            preview = self.ask("hue", "POST", "/api/v1/bulk-edits", {"query": query, "changes": {"theme": "safety"},
                                                                     "preview": True}, status=200).json
            if preview["selected"] == 3:
                break
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        late = self.take_in(1)
        self.assertEqual(3, self.post("hue", 201, preview["materials"], {"theme": "safety"})["counts"]["changed"])
        self.assertEqual("", self.material(late[0])["theme"])

    def test_an_edit_outlives_a_restart_and_a_rebuild_and_is_undone_after(self):
        ids = self.take_in(2, theme="benefits")
        edit = self.apply("hue", ids, {"theme": "safety"})
        self.assertEqual(0, self.archive.stop())
        rebuilt = self.archive.run("rebuild", timeout=300)
        self.assertEqual(0, rebuilt.exit_code, rebuilt.complaint)
        self.archive.serve()
        self.assertEqual(edit, self.show("hue", edit))
        self.assertEqual([edit["id"]], [one["id"] for one in self.ask("hue", "GET", "/api/v1/bulk-edits").json["bulk_edits"]])
        self.assertEqual(["undone"] * 2, self.outcomes(self.undo("hue", edit), "undo_outcome"))
        self.assertEqual(["benefits"] * 2, [self.material(id)["theme"] for id in ids])

    def kill_while(self, call, folder_grows_by):
        """Kills the server after some of the work of `call` has reached the store."""
        records = self.archive.data / "store/records"
        count = lambda: sum(1 for unused in records.rglob("*.json"))  # noqa: E731
        before = count()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            asked = pool.submit(call)
            while count() < before + folder_grows_by and not asked.done():
                pass
            self.archive.stop(signal.SIGKILL)
            was_cut_off = asked.exception() is not None
        self.archive.serve()
        return was_cut_off

    def test_a_kill_in_the_middle_leaves_nothing_unknown_and_all_can_be_undone(self):
        ids = self.take_in(MANY, theme="benefits")
        seen = self.preview("hue", ids, {"theme": "safety"})["materials"]
        body = {"materials": seen, "changes": {"theme": "safety"}}
        self.assertTrue(self.kill_while(lambda: self.ask("hue", "POST", "/api/v1/bulk-edits", body), MANY // 4))
        edit = self.ask("hue", "GET", "/api/v1/bulk-edits").json["bulk_edits"][0]
        edit = self.show("hue", edit)
        changed = [id for id in ids if self.material(id)["theme"] == "safety"]
        self.assertTrue(0 < len(changed) < MANY)
        self.assertEqual(changed, [item["id"] for item in edit["items"] if item["outcome"] == "changed"])
        self.assertEqual({"changed", "not_reached"}, set(self.outcomes(edit)))
        self.assertEqual((len(changed), False), (edit["can_be_undone"], edit["is_running"]))
        undo = f"/api/v1/bulk-edits/{edit['id']}/undo"
        self.assertTrue(self.kill_while(lambda: self.ask("hue", "POST", undo), len(changed) // 3))
        half = self.show("hue", edit)
        self.assertEqual(half["counts"]["undone"], len(changed) - sum(self.material(id)["theme"] == "safety" for id in ids))
        done = self.undo("hue", edit)
        self.assertEqual(len(changed), done["counts"]["undone"])
        self.assertEqual({"benefits"}, {self.material(id)["theme"] for id in ids})
        self.assertEqual({1, 3}, {self.material(id)["revision"] for id in ids})
        self.assertEqual([], self.archive.run("verify", "--json").json["corrupt"])

    def test_the_largest_edit_is_done_in_seconds_and_nobody_waits_for_it(self):
        ids = self.take_in(MANY)
        seen = self.preview("an", ids, {"theme": "safety"})["materials"]
        begun = time.monotonic()
        slowest = 0
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            asked = pool.submit(lambda: self.post("an", 201, seen, {"theme": "safety"}))
            while not asked.done():
                at = time.monotonic()
                self.change(ids[-1], credit=str(at))
                slowest = max(slowest, time.monotonic() - at)
            edit = asked.result()
        print(f"{MANY} materials in {time.monotonic() - begun:.2f} s; others waited {slowest * 1000:.0f} ms at most", file=sys.stderr)
        self.assertEqual(MANY - 1, edit["counts"]["changed"])
        self.assertLess(slowest, 5)

    def sign_in(self, name):
        answer = self.archive.request("POST", "/api/v1/session", json.dumps({"name": name, "password": PASSWORD}),
                                      {"Content-Type": "application/json"})
        return {"Cookie": answer.fields["set-cookie"].split(";")[0]}, answer.json["csrf_token"]

    def test_pages_do_the_same_without_scripts(self):
        ids = self.take_in(2)
        cookie, csrf = self.sign_in("hue")

        def page(method, path, status, **form):
            body = urllib.parse.urlencode(form, doseq=True) if form else None
            fields = {**cookie, **({"Content-Type": "application/x-www-form-urlencoded"} if form else {})}
            answer = self.archive.request(method, path, body, fields)
            self.assertEqual(status, answer.status, answer.body[-1500:])
            return answer
        form = page("GET", f"/bulk-edit?id={ids[0]}&id={ids[1]}", 200).body.decode()
        self.assertIn('<option value="safety">', form)
        chosen = {"csrf": csrf, "listed": "1", "id": ids}
        self.assertIn('role="alert"', page("POST", "/bulk-edit", 400, **chosen).body.decode())
        self.assertIn('role="alert"', page("POST", "/bulk-edit", 400, csrf=csrf, scope="ticked", set_theme="safety").body.decode())
        preview = page("POST", "/bulk-edit", 200, **chosen, set_theme="safety", note="Tháng an toàn").body.decode()
        hidden = dict(re.findall(r'name="(materials|changes|note)" value="([^"]*)"', preview.replace("&quot;", '"'))) or {}
        hidden["changes"] = '{"theme":"safety"}'
        page("POST", "/bulk-edit", 403, confirmed="1", **hidden)
        for bad in ({"materials": "x"}, {"materials": ids[0] + ":x"}, {"changes": "{"}, {"changes": '{"state":"withdrawn"}'}):
            page("POST", "/bulk-edit", 400, csrf=csrf, confirmed="1", **{**hidden, **bad})
        done = page("POST", "/bulk-edit", 303, csrf=csrf, confirmed="1", **hidden)
        place = done.fields["location"]
        self.assertIn("Tháng an toàn", page("GET", place, 200).body.decode())
        page("POST", place + "/undo", 303, csrf=csrf)
        self.assertIn("Đã hoàn tác", page("GET", place, 200).body.decode())
        self.assertEqual([("", 3)] * 2, [(self.material(id)["theme"], self.material(id)["revision"]) for id in ids])


if __name__ == "__main__":
    unittest.main()
