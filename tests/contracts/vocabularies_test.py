"""Controlled words: what the program brings, what administrators make of them, and where they show."""
import json
import pathlib
import sys
import unittest
import urllib.parse

import rdflib
from rdflib.namespace import SKOS

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import Archive, AsksWithTokens, multipart  # noqa: E402

PASSWORD = "một mật khẩu thật dài"
PEOPLE = {"an": ("tld", "administrator"), "hue": ("ldld-hue", "administrator"), "lan": ("tld", "editor")}


class Vocabularies(AsksWithTokens, unittest.TestCase):
    def setUp(self):
        self.archive = archive = Archive()
        self.addCleanup(archive.remove)
        archive.run("unit", "import", archive.file("u.csv", "code,name_vi,parent\nldld-hue,LĐLĐ thành phố Huế,tld\n"))
        for name, (unit, role) in PEOPLE.items():
            archive.run("user", "add", name, "--unit", unit, "--role", role, "--password-stdin", given=PASSWORD)
        archive.serve()
        self.tokens = {name: archive.run("user", "token", name, "--json").json["token"] for name in PEOPLE}

    def get(self, name, status=200):
        return self.ask(None, "GET", "/api/v1/vocabularies/" + name, status=status).json

    def put(self, viewer, name, concepts, revision, status=200, **more):
        fields = {} if revision is None else {"If-Match": f'"r{revision}"'}
        return self.ask(viewer, "PUT", "/api/v1/vocabularies/" + name, {"concepts": concepts, **more}, fields, status).json

    def labels(self, name):
        return {one["id"]: one["prefLabel"]["vi"] for one in self.get(name)["concepts"]}

    def test_the_words_of_the_programme_are_there_in_both_languages(self):
        listed = self.ask(None, "GET", "/api/v1/vocabularies", status=200).json["vocabularies"]
        self.assertEqual(["themes", "audience", "kinds", "channels", "formats"], [one["name"] for one in listed])
        for one in listed:
            vocabulary = self.get(one["name"])
            self.assertEqual((0, one["concepts"]), (vocabulary["revision"], len(vocabulary["concepts"])))
            ids = {entry["id"] for entry in vocabulary["concepts"]}
            self.assertEqual(len(vocabulary["concepts"]), len(ids))
            for entry in vocabulary["concepts"]:
                self.assertTrue(entry["prefLabel"]["vi"] and entry["prefLabel"]["en"], entry)
                self.assertIn(entry["broader"], ids | {""})
        kinds = {entry["notation"] for entry in self.get("kinds")["concepts"]}
        self.assertLessEqual({"NQ", "QĐ", "CTr", "KH", "TTr"}, kinds)
        segments = {entry["id"] for entry in self.get("audience")["concepts"] if not entry["broader"]}
        self.assertLessEqual({"age", "gender", "education", "sector", "region", "habits", "hours"}, segments)

    def test_skos_names_each_concept_once(self):
        answer = self.ask(None, "GET", "/api/v1/vocabularies/themes?format=jsonld", status=200)
        self.assertEqual("application/ld+json", answer.fields["content-type"].split(";")[0])
        graph = answer.json["@graph"]
        self.assertEqual("skos:ConceptScheme", graph[0]["type"])
        by_id = {node["id"]: node for node in graph}
        self.assertEqual(len(graph), len(by_id))
        self.assertEqual("#yearly_events", by_id["#tet_sum_vay"]["broader"])
        self.assertEqual({"vi": "An toàn, vệ sinh lao động", "en": "Occupational safety and health"},
                         by_id["#safety"]["prefLabel"])

    def test_turtle_says_the_same_to_a_parser_that_is_not_ours(self):
        concepts = self.get("formats")["concepts"]
        odd = {"id": "odd", "prefLabel": {"vi": 'Nói "thật" \\ ngã ba’', "en": "It's \"so\""}, "altLabel": {"vi": ["một", 'hai"@en'], "en": []},
               "note": {"vi": "dòng một\ndòng hai\t<#x> .", "en": ""}, "notation": 'a"b\\', "broader": "poster", "retired": True}
        self.put("an", "formats", [*concepts, odd], 0)
        for name in ("themes", "audience", "kinds", "channels", "formats"):
            answers = [self.ask(None, "GET", f"/api/v1/vocabularies/{name}{ending}", None, fields, 200) for ending, fields in (
                (".ttl", {}), ("?format=turtle", {}), ("", {"Accept": "text/turtle"}), ("", {"Accept": "text/turtle, application/json;q=0.5"}))]
            self.assertEqual({"text/turtle"}, {answer.fields["content-type"].split(";")[0] for answer in answers})
            self.assertEqual(1, len({answer.body for answer in answers}))
            self.assertIn("Accept", answers[0].fields["vary"])
            base = "http://kho.example/" + name
            graph = rdflib.Graph().parse(data=answers[0].body, format="turtle", publicID=base)
            linked = self.ask(None, "GET", f"/api/v1/vocabularies/{name}?format=jsonld", status=200)
            concepts = {one["id"]: one for one in self.get(name)["concepts"]}
            self.assertEqual({base + "#" + id for id in concepts}, {str(one) for one in graph.subjects(rdflib.RDF.type, SKOS.Concept)})
            for id, one in concepts.items():
                node = rdflib.URIRef(base + "#" + id)
                self.assertEqual({(text, language) for language, text in one["prefLabel"].items() if text},
                                 {(str(label), label.language) for label in graph.objects(node, SKOS.prefLabel)})
                self.assertEqual({(text, language) for language, texts in one["altLabel"].items() for text in texts},
                                 {(str(label), label.language) for label in graph.objects(node, SKOS.altLabel)})
                self.assertEqual({(text, language) for language, text in one["note"].items() if text},
                                 {(str(note), note.language) for note in graph.objects(node, SKOS.scopeNote)})
                self.assertEqual([one["notation"]] if one["notation"] else [], [str(code) for code in graph.objects(node, SKOS.notation)])
                self.assertEqual([base + "#" + one["broader"]] if one["broader"] else [], [str(wider) for wider in graph.objects(node, SKOS.broader)])
                self.assertEqual(one["retired"], (node, rdflib.OWL.deprecated, rdflib.Literal(True)) in graph)
            if name != "formats":  # where a note has two lines, which JSON-LD parts
                self.assertEqual(len(graph), len(rdflib.Graph().parse(data=linked.body, format="json-ld", publicID=base)), name)
        self.assertEqual("application/json", self.ask(None, "GET", "/api/v1/vocabularies/themes", None, {"Accept": "application/json, text/turtle"}, 200)
                         .fields["content-type"].split(";")[0])
        self.ask(None, "GET", "/api/v1/vocabularies/no_such.ttl", status=404)
        self.ask(None, "GET", "/api/v1/vocabularies/.ttl", status=404)

    def test_only_administrators_of_the_whole_tree_edit_and_nobody_overwrites(self):
        concepts = self.get("channels")["concepts"]
        new = {"id": "zalo_oa", "prefLabel": {"vi": "Trang Zalo của công đoàn", "en": "Zalo page"}, "broader": "social_networks"}
        for viewer, status in ((None, 401), ("lan", 403), ("hue", 403)):
            self.put(viewer, "channels", [*concepts, new], 0, status)
        self.put("an", "channels", [*concepts, new], None, 428)
        self.put("an", "channels", [*concepts, new], 1, 412)
        self.put("an", "no-such", [new], 0, 404)
        saved = self.put("an", "channels", [*concepts, new], 0, reason="Mở trang Zalo")
        self.assertEqual((1, "Trang Zalo của công đoàn"), (saved["revision"], self.labels("channels")["zalo_oa"]))
        self.put("an", "channels", concepts, 0, 412)
        self.put("an", "channels", concepts, 1, 409)
        after = self.get("channels")["concepts"]
        after[0]["retired"] = True
        self.put("an", "channels", after, 1)
        self.assertTrue(self.get("channels")["concepts"][0]["retired"])
        entries = self.ask("an", "GET", "/api/v1/audit?limit=500", status=200).json["entries"]
        self.assertEqual(2, sum(entry["action"] == "vocabulary.revise" for entry in entries))

    def test_what_is_no_vocabulary_is_refused(self):
        concepts = self.get("formats")["concepts"]
        good = {"id": "zine", "prefLabel": {"vi": "Báo tường"}}
        for bad in ({}, {"id": "zine"}, {"id": "Zine", "prefLabel": {"vi": "x"}}, {"id": "", "prefLabel": {"vi": "x"}},
                    {"id": "a" * 65, "prefLabel": {"vi": "x"}}, {**good, "prefLabel": {"vi": ""}}, {**good, "prefLabel": "x"},
                    {**good, "prefLabel": {"vi": "a\nb"}}, {**good, "prefLabel": {"vi": "x" * 301}}, {**good, "broader": "no_such"},
                    {**good, "broader": "zine"}, {**good, "id": "poster"}, {**good, "altLabel": {"vi": ["x"] * 51}},
                    {**good, "note": {"vi": "x" * 4001}}, 5, "x", None):
            self.put("an", "formats", [*concepts, bad], 0, 400)
        circle = [{**good, "broader": "other"}, {"id": "other", "prefLabel": {"vi": "x"}, "broader": "zine"}]
        self.put("an", "formats", concepts + circle, 0, 400)
        many = [{"id": f"c{number}", "prefLabel": {"vi": "x"}} for number in range(1001)]
        self.put("an", "formats", many, 0, 400)
        self.put("an", "formats", "x", 0, 400)
        self.assertEqual(0, self.get("formats")["revision"])

    def test_edited_words_show_in_searches_and_on_pages_and_outlive_a_rebuild(self):
        kinds = self.get("kinds")["concepts"]
        for entry in kinds:
            if entry["id"] == "to_roi":
                entry["prefLabel"] = {"vi": "Tờ rơi các loại", "en": "Leaflets of all sorts"}
        kinds.append({"id": "podcast", "prefLabel": {"vi": "Pốt-cát công đoàn", "en": "Union podcast"}})
        self.put("an", "kinds", kinds, 0)
        themes = self.get("themes")["concepts"]
        themes.append({"id": "digital_skills", "prefLabel": {"vi": "Kỹ năng số", "en": "Digital skills"}})
        self.put("an", "themes", themes, 0)
        ids = []
        for kind in ("to_roi", "podcast"):
            body, media_type = multipart([("a.txt", kind.encode())], {"state": "published", "visibility": "public", "kind": kind,
                                                                     "theme": "digital_skills", "title": "Tư liệu " + kind})
            ids.append(self.ask("an", "POST", "/api/v1/materials", body, {"Content-Type": media_type}, 201).json["id"])
        self.assertEqual(0, self.archive.stop())
        rebuilt = self.archive.run("rebuild", timeout=300)
        self.assertEqual(0, rebuilt.exit_code, rebuilt.complaint)
        self.archive.serve()
        self.assertEqual("Pốt-cát công đoàn", self.labels("kinds")["podcast"])
        for language, shown in (("vi", ("Tờ rơi các loại", "Pốt-cát công đoàn", "Kỹ năng số")),
                                ("en", ("Leaflets of all sorts", "Union podcast", "Digital skills"))):
            answer = self.ask(None, "GET", f"/api/v1/search?q=tu+lieu&lang={language}", status=200).json
            self.assertEqual(set(shown[:2]), {value["label"] for value in answer["facets"]["kind"]})
            self.assertEqual(set(shown[:2]), {hit["kind_label"] for hit in answer["hits"]})
            search = self.ask(None, "GET", f"/search?q=tu+lieu&lang={language}", status=200).body.decode()
            page = self.ask(None, "GET", f"/m/{ids[1]}?lang={language}", status=200).body.decode()
            self.assertIn(shown[0], search)
            self.assertIn(shown[1], search)
            self.assertIn(shown[1], page)
            self.assertIn(shown[2], page)

    def test_pages_show_them_to_all_and_let_administrators_edit(self):
        self.assertIn("Kênh truyền thông", self.ask(None, "GET", "/vocabularies", status=200).body.decode())
        page = self.ask(None, "GET", "/vocabularies/channels?edit=radio", status=200).body.decode()
        self.assertIn("Loa truyền thanh", page)
        self.assertNotIn("<form class=\"stack\"", page)
        signed_in = self.archive.request("POST", "/api/v1/session", json.dumps({"name": "an", "password": PASSWORD}),
                                         {"Content-Type": "application/json"})
        cookie = {"Cookie": signed_in.fields["set-cookie"].split(";")[0]}

        def post(status, revision, **form):
            body = urllib.parse.urlencode({"csrf": signed_in.json["csrf_token"], "revision": revision, **form})
            answer = self.archive.request("POST", "/vocabularies/channels", body, {
                **cookie, "Content-Type": "application/x-www-form-urlencoded"})
            self.assertEqual(status, answer.status, answer.body[-800:])
            return answer.body.decode()
        self.assertIn('value="Phát thanh"', self.archive.request("GET", "/vocabularies/channels?edit=radio", None, cookie).body.decode())
        post(303, 0, id="radio", label_vi="Phát thanh, pốt-cát", label_en="Radio", also_vi="Đài\r\n  Ra-đi-ô \r\n\r\n", broader="traditional")
        radio = next(one for one in self.get("channels")["concepts"] if one["id"] == "radio")
        self.assertEqual(("Phát thanh, pốt-cát", ["Đài", "Ra-đi-ô"], "traditional"),
                         (radio["prefLabel"]["vi"], radio["altLabel"]["vi"], radio["broader"]))
        self.assertIn('role="alert"', post(412, 0, id="radio", label_vi="Cũ"))
        self.assertIn("Cũ", post(412, 0, id="radio", label_vi="Cũ"))
        self.assertIn('role="alert"', post(400, 1, id="radio", is_new="1", label_vi="Trùng mã"))
        post(400, 1, id="Mã sai", is_new="1", label_vi="x")
        post(303, 1, id="zalo", is_new="1", label_vi="Zalo", broader="social_networks")
        post(403, 2, csrf="x", id="zalo", label_vi="y")
        self.assertEqual("Zalo", self.labels("channels")["zalo"])


if __name__ == "__main__":
    unittest.main()
