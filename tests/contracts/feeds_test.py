"""What other programs get without asking anybody: feeds, sitemaps, link previews, frames, metrics; and that none of
it tells of what its reader may not see."""
import contextlib
import datetime
import html.parser
import json
import pathlib
import re
import socket
import subprocess
import sys
import time
import unittest
import urllib.parse
import urllib.robotparser
import xml.etree.ElementTree as xml

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import CORPUS, Archive, multipart  # noqa: E402
from atom_rules import ATOM, XML_LANG, children, faults_of_feed, links, text_of  # noqa: E402

PASSWORD = "một mật khẩu thật dài"
UNKNOWN = "01940000-0000-7000-8000-000000000000"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
HOSTILE = "Ảnh <b>\"lễ\" & 'hội'</b> </script>\x01"


def read_by_debian(program, given):
    """What a program for Debian's own Python makes of `given`: libraries of other hands are packages there."""
    done = subprocess.run(["/usr/bin/python3", "-c", program], input=given, capture_output=True)
    if done.returncode != 0:
        raise AssertionError(done.stderr.decode())
    return json.loads(done.stdout)


def read_feed(document):
    """The feed as the Universal Feed Parser reads it."""
    return read_by_debian(
        "import feedparser, json, sys\n"
        "feed = feedparser.parse(sys.stdin.buffer.read())\n"
        "json.dump({'bozo': int(feed.bozo), 'version': feed.version, 'title': feed.feed.title,\n"
        "           'entries': [{'id': e.id, 'title': e.title, 'author': e.author, 'link': e.link,\n"
        "                        'enclosures': [dict(x) for x in e.enclosures]} for e in feed.entries]}, sys.stdout)",
        document)


def read_metrics(text):
    """{name: [[labels, value]]} as Prometheus' own client reads it."""
    return read_by_debian(
        "import json, sys\n"
        "from prometheus_client.parser import text_string_to_metric_families as families\n"
        "text = sys.stdin.buffer.read().decode()\n"
        "out = {}\n"
        "for family in families(text):\n"
        "    for sample in family.samples:\n"
        "        out.setdefault(sample.name, []).append([dict(sample.labels), sample.value])\n"
        "json.dump(out, sys.stdout)", text)


class Page(html.parser.HTMLParser):
    """What stands in a page's head for programs, and its frames."""

    def __init__(self, document):
        super().__init__()
        self.meta, self.links, self.linked_data, self.frames = {}, [], [], []
        self.in_data = False
        self.feed(document.decode())

    def handle_starttag(self, tag, attributes):
        said = dict(attributes)
        if tag == "meta" and "content" in said:
            self.meta.setdefault(said.get("property") or said.get("name"), said["content"])
        if tag == "link":
            self.links.append(said)
        if tag == "iframe":
            self.frames.append(said)
        if tag == "script" and said.get("type") == "application/ld+json":
            self.in_data = True
            self.linked_data.append("")

    def handle_data(self, data):
        if self.in_data:
            self.linked_data[-1] += data

    def handle_endtag(self, tag):
        self.in_data = self.in_data and tag != "script"

    def link(self, rel, media_type):
        return [one["href"] for one in self.links if one.get("rel") == rel and one.get("type") == media_type]


class Feeds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.archive = archive = Archive()
        cls.addClassCleanup(archive.remove)
        below = {"code": "cdcs-mau", "name_vi": "Công đoàn cơ sở mẫu", "level": "co_so", "parent": "tld"}
        for words, given in ((("unit", "import", archive.file("don-vi.jsonl", json.dumps(below) + "\n")), ""),
                             (("user", "add", "hoa", "--unit", "tld", "--role", "administrator", "--password-stdin"),
                              PASSWORD),
                             (("user", "grant", "hoa", "--unit", "tld", "--role", "spokesperson"), "")):
            outcome = archive.run(*words, given=given)
            assert outcome.exit_code == 0, outcome.complaint
        archive.serve()
        cls.token = archive.run("user", "token", "hoa", "--json").json["token"]
        cls.origin = f"http://127.0.0.1:{archive.port}"
        photo = (CORPUS / "anh.jpg").read_bytes()
        cls.photo = cls.take_in("anh.jpg", photo, title=HOSTILE, credit="Ảnh: Báo Lao động",
                                description="Lễ <i>phát động</i> & tri ân", kind="poster", date="2026-05-01")
        cls.scan = cls.take_in("thong-bao.pdf", (CORPUS / "thong-bao.pdf").read_bytes(), title="Thông báo số 7",
                               unit="cdcs-mau", terms="Dùng tự do khi ghi nguồn.")
        cls.hidden = {
            "union": cls.take_in("kin-1.txt", "Tin nội bộ zxqunion\n".encode(), title="Kín một", visibility="union"),
            "draft": cls.take_in("kin-2.txt", "Bản nháp zxqdraft\n".encode(), title="Kín hai", state="draft"),
            "embargo": cls.take_in("kin-3.txt", "Cấm công bố zxqlater\n".encode(), title="Kín ba",
                                   embargo_until="2099-01-01T00:00:00Z"),
            "restricted": cls.take_in("kin-4.txt", "Hạn chế zxqless\n".encode(), title="Kín bốn",
                                      sensitivity="restricted"),
            "withdrawn": cls.take_in("kin-5.txt", "Thu hồi zxqgone\n".encode(), title="Kín năm"),
        }
        gone = cls.ask("PATCH", "/api/v1/materials/" + cls.hidden["withdrawn"]["id"],
                       {"state": "withdrawn", "notice": "Sai"}, {"If-Match": '"r1"'}, viewer="hoa")
        assert gone.status == 200, gone.body
        item = {"material": cls.photo["id"], "file": cls.photo["files"][0]["sha256"], "caption": "Công nhân dự lễ"}
        kit = cls.ask("POST", "/api/v1/kits", {"title": "Tháng Công nhân 2026", "visibility": "public",
                                               "release": "Mở từ ngày 1 tháng 5.", "items": [item]}, viewer="hoa")
        assert kit.status == 201, kit.body
        cls.kit = cls.publish(kit.json)
        cls.until("tld", lambda: cls.ask("GET", "/api/v1/search").json["total"] == 3)

    @classmethod
    def ask(cls, method, path, body=None, fields=None, viewer="nobody"):
        fields = dict(fields or {})
        if viewer == "hoa":
            fields["Authorization"] = "Bearer " + cls.token
        if isinstance(body, dict):
            body, fields["Content-Type"] = json.dumps(body), "application/json"
        return cls.archive.request(method, path.removeprefix(cls.origin), body, fields)

    @classmethod
    def take_in(cls, name, content, **fields):
        body, media_type = multipart([(name, content)], {"visibility": "public", "state": "published", **fields})
        answer = cls.ask("POST", "/api/v1/materials", body, {"Content-Type": media_type}, viewer="hoa")
        assert answer.status == 201, answer.body
        return answer.json

    @classmethod
    def publish(cls, kit, note=""):
        answer = cls.ask("POST", f"/api/v1/kits/{kit['id']}/versions", {"note": note},
                         {"If-Match": f'"r{kit["revision"]}"'}, viewer="hoa")
        assert answer.status == 201, answer.body
        return answer.json

    @staticmethod
    def until(what, holds):
        end = time.monotonic() + 30
        while not holds():
            assert time.monotonic() < end, what
            time.sleep(0.05)

    def feed(self, path, **asking):
        """The feed, held against the rules and read by another hand."""
        answer = self.ask("GET", path, **asking)
        self.assertEqual(200, answer.status, answer.body[:400])
        self.assertEqual("application/atom+xml; charset=utf-8", answer.fields["content-type"])
        self.assertEqual([], faults_of_feed(answer.body))
        feed = xml.fromstring(answer.body)
        other = read_feed(answer.body)
        self.assertEqual((0, "atom10"), (other["bozo"], other["version"]))
        self.assertEqual([text_of(entry, "id") for entry in children(feed, "entry")],
                         [entry["id"] for entry in other["entries"]])
        return answer, feed, other

    def ids(self, path, **asking):
        return [entry["id"].removeprefix("urn:uuid:") for entry in self.feed(path, **asking)[2]["entries"]]

    # -- feeds

    def test_the_newest_feed_has_what_everybody_may_read_newest_first(self):
        answer, feed, other = self.feed("/feed.atom")
        self.assertEqual(["urn:uuid:" + one["id"] for one in (self.kit, self.scan, self.photo)],
                         [entry["id"] for entry in other["entries"]])
        self.assertEqual("vi", feed.get(XML_LANG))
        self.assertNotIn("Kín", answer.body.decode())
        self.assertEqual(self.origin + "/feed.atom", links(feed, "self")[0]["href"])
        self.assertEqual(self.origin + "/search", links(feed, "alternate")[0]["href"])
        entries = children(feed, "entry")
        self.assertEqual(["Công đoàn cơ sở mẫu"], [person.findtext(ATOM + "name") for person in
                                                   children(entries[1], "author")])
        self.assertEqual("Dùng tự do khi ghi nguồn.", text_of(entries[1], "rights"))
        self.assertEqual(HOSTILE.replace("\x01", ""), text_of(entries[2], "title"))
        self.assertEqual("Lễ <i>phát động</i> & tri ân", text_of(entries[2], "summary"))
        self.assertEqual(f"{self.origin}/kit/{self.kit['id']}", links(entries[0], "alternate")[0]["href"])

    def test_every_address_in_a_feed_leads_somewhere_and_enclosures_have_their_length(self):
        _, feed, other = self.feed("/feed.atom")
        addresses = [link.get("href") for link in feed.iter(ATOM + "link")]
        addresses += [person.text for person in feed.iter(ATOM + "uri")]
        addresses += [one.get("url") for one in feed.iter("{http://search.yahoo.com/mrss/}thumbnail")]
        self.assertGreater(len(addresses), 9)
        for address in addresses:
            self.assertTrue(address.startswith(self.origin + "/"), address)
            self.assertEqual(200, self.ask("GET", address).status, address)
        enclosures = [one for entry in other["entries"] for one in entry["enclosures"]]
        self.assertEqual(3, len(enclosures))
        for one in enclosures:
            got = self.ask("HEAD", one["href"])
            self.assertEqual((one["length"], one["type"]), (got.fields["content-length"], got.fields["content-type"]))

    def test_a_feed_takes_the_parameters_of_a_search(self):
        self.assertEqual([self.scan["id"]], self.ids("/feed.atom?unit=cdcs-mau"))
        self.assertEqual(3, len(self.ids("/feed.atom?unit=tld")))
        self.assertEqual([self.photo["id"]], self.ids("/feed.atom?kind=poster&year=2026"))
        self.assertEqual([self.scan["id"]], self.ids("/feed.atom?q=" + urllib.parse.quote("thông báo số 7")))
        self.assertEqual([], self.ids("/feed.atom?q=zxqunion"))
        for bad in "unit=no-such-unit", "limit=0", "limit=ten", "sort=prettiest", "offset=-1":
            self.assertEqual(400, self.ask("GET", "/feed.atom?" + bad).status, bad)
        title = self.feed("/feed.atom?unit=cdcs-mau&q=" + urllib.parse.quote("thông báo"))[2]["title"]
        self.assertIn("“thông báo” · Công đoàn cơ sở mẫu", title)
        english = self.feed("/feed.atom?lang=en")
        self.assertEqual(("en", self.origin + "/feed.atom?lang=en"),
                         (english[1].get(XML_LANG), links(english[1], "self")[0]["href"]))

    def test_a_paged_feed_gives_everything_once(self):
        seen, address, totals = [], "/feed.atom?limit=1", set()
        while address:
            _, feed, other = self.feed(address)
            seen += [entry["id"] for entry in other["entries"]]
            totals.add(feed.findtext(OPENSEARCH + "totalResults"))
            address = next((link["href"] for link in links(feed, "next")), None)
        self.assertEqual(["urn:uuid:" + one["id"] for one in (self.kit, self.scan, self.photo)], seen)
        self.assertEqual({"3"}, totals)
        last = self.feed("/feed.atom?limit=1&offset=2")[1]
        self.assertEqual(self.origin + "/feed.atom?limit=1&offset=1", links(last, "previous")[0]["href"])
        self.assertEqual(self.origin + "/feed.atom?limit=1", links(last, "first")[0]["href"])

    def test_a_feed_is_sent_again_only_when_it_changed(self):
        first = self.ask("GET", "/feed.atom?q=hzqxe")
        self.assertTrue(first.fields["etag"].startswith('W/"'))
        self.assertNotIn("last-modified", first.fields)
        again = {"If-None-Match": first.fields["etag"]}
        self.assertEqual((304, b""), (lambda a: (a.status, a.body))(self.ask("GET", "/feed.atom?q=hzqxe", None, again)))
        made = self.take_in("moi.txt", "Từ lạ hzqxe\n".encode(), title="Tin mới", visibility="union")
        self.until("indexed", lambda: self.ids("/feed.atom?q=hzqxe", viewer="hoa"))
        self.assertEqual(304, self.ask("GET", "/feed.atom?q=hzqxe", None, again).status)
        theirs = self.ask("GET", "/feed.atom?q=hzqxe", viewer="hoa")
        self.assertEqual("private, no-cache", theirs.fields["cache-control"])
        self.assertIn("public", first.fields["cache-control"])
        self.assertIn("Cookie", first.fields["vary"])
        since = {"If-Modified-Since": theirs.fields["last-modified"]}
        self.assertEqual(304, self.ask("GET", "/feed.atom?q=hzqxe", None, since, viewer="hoa").status)
        self.ask("DELETE", "/api/v1/materials/" + made["id"], {"reason": "thử"}, {"If-Match": '"r1"'}, viewer="hoa")

    def test_what_is_published_late_comes_first_and_an_embargo_ends_on_time(self):
        late = self.take_in("muon.txt", "Duyệt muộn qxzwait\n".encode(), title="Duyệt muộn", state="draft",
                            visibility="union")
        made = self.take_in("cho.txt", "Chờ duyệt qxzwait\n".encode(), title="Chờ duyệt", state="draft", unit="cdcs-mau")
        self.take_in("sau.txt", "Đến sau qxzwait\n".encode(), title="Đến sau", unit="cdcs-mau", visibility="union")
        path = "/feed.atom?q=qxzwait"
        self.until("all are found", lambda: len(self.ids(path, viewer="hoa")) == 3)
        self.assertEqual([], self.ids(path))
        self.assertEqual(late["id"], self.ids(path, viewer="hoa")[2])
        published = self.ask("PATCH", "/api/v1/materials/" + late["id"], {"state": "published"},
                             {"If-Match": f'"r{late["revision"]}"'}, viewer="hoa").json
        self.assertGreater(published["published_at"], published["created_at"])
        self.until("it comes first", lambda: self.ids(path, viewer="hoa")[0] == late["id"])
        ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
        changed = self.ask("PATCH", "/api/v1/materials/" + made["id"],
                           {"state": "published", "embargo_until": ends.isoformat(timespec="milliseconds")},
                           {"If-Match": f'"r{made["revision"]}"'}, viewer="hoa")
        self.assertEqual(200, changed.status, changed.body)
        self.until("it is published", lambda: self.ids(path) == [made["id"]])
        self.assertGreaterEqual(datetime.datetime.now(datetime.timezone.utc), ends)
        entry = children(self.feed(path)[1], "entry")[0]
        for name in "updated", "published":
            self.assertGreaterEqual(datetime.datetime.fromisoformat(text_of(entry, name).replace("Z", "+00:00")),
                                    ends.replace(microsecond=ends.microsecond // 1000 * 1000))
        self.assertEqual(made["id"], self.ids(path, viewer="hoa")[0])
        self.ask("PATCH", "/api/v1/materials/" + made["id"], {"visibility": "unit"},
                 {"If-Match": changed.fields["etag"]}, viewer="hoa")
        self.assertEqual([], self.ids(path))

    def test_who_signs_in_follows_what_they_may_read(self):
        seen = self.ids("/feed.atom", viewer="hoa")
        for name in "union", "draft", "embargo", "restricted":
            self.assertIn(self.hidden[name]["id"], seen)
        self.assertNotIn(self.hidden["withdrawn"]["id"], seen)

    def test_a_kit_announces_its_corrections(self):
        item = {"material": self.photo["id"], "file": self.photo["files"][0]["sha256"]}
        kit = self.publish(self.ask("POST", "/api/v1/kits", {"title": "Bộ có đính chính", "visibility": "union",
                                                             "release": "Một.", "items": [item]}, viewer="hoa").json)
        path = f"/kits/{kit['id']}.atom"
        self.assertEqual(path, kit["feed_url"])
        self.assertEqual(404, self.ask("GET", path).status)
        first = self.feed(path, viewer="hoa")[2]["entries"]
        self.assertEqual(1, len(first))
        changed = self.ask("PATCH", "/api/v1/kits/" + kit["id"], {"release": "Hai."},
                           {"If-Match": f'"r{kit["revision"]}"'}, viewer="hoa").json
        self.publish(changed, "Đổi ngày <phát> động")
        _, feed, other = self.feed(path, viewer="hoa")
        self.assertEqual(2, len(other["entries"]))
        self.assertEqual(first[0]["id"], other["entries"][1]["id"])
        newest = children(feed, "entry")[0]
        self.assertIn("đính chính, bản 2", text_of(newest, "title"))
        self.assertEqual("Đổi ngày <phát> động", text_of(newest, "summary"))
        for entry in children(feed, "entry"):
            zipped = links(entry, "enclosure")[0]
            got = self.ask("HEAD", zipped["href"], viewer="hoa")
            self.assertEqual(200, got.status)
            self.assertEqual(zipped.get("length", got.fields["content-length"]), got.fields["content-length"])
        page = self.ask("GET", "/kit/" + kit["id"], viewer="hoa")
        self.assertIn("đính chính: Đổi ngày &lt;phát&gt; động", page.body.decode())
        self.assertEqual([path], Page(page.body).link("alternate", "application/atom+xml"))
        for other_path in f"/kits/{self.photo['id']}.atom", f"/kits/{UNKNOWN}.atom", "/kits/x.atom":
            self.assertEqual(404, self.ask("GET", other_path).status)

    # -- sitemap, robots, OpenSearch

    def test_the_sitemap_has_exactly_what_everybody_may_see(self):
        index = xml.fromstring(self.ask("GET", "/sitemap.xml").body)
        self.assertEqual(SITEMAP + "sitemapindex", index.tag)
        parts = [loc.text for loc in index.iter(SITEMAP + "loc")]
        self.assertEqual([self.origin + "/sitemap/1.xml"], parts)
        answer = self.ask("GET", parts[0])
        self.assertEqual("application/xml; charset=utf-8", answer.fields["content-type"])
        sitemap = xml.fromstring(answer.body)
        self.assertEqual(SITEMAP + "urlset", sitemap.tag)
        pages = [loc.text.removeprefix(self.origin) for loc in sitemap.iter(SITEMAP + "loc")]
        self.assertEqual({"/", "/m/" + self.photo["id"], "/m/" + self.scan["id"], "/kit/" + self.kit["id"]}, set(pages))
        self.assertEqual(4, len(pages))
        for page in pages:
            self.assertEqual(200, self.ask("GET", page).status, page)
        for lastmod in sitemap.iter(SITEMAP + "lastmod"):
            datetime.datetime.fromisoformat(lastmod.text.replace("Z", "+00:00"))
        for bad in "/sitemap/2.xml", "/sitemap/0.xml", "/sitemap/-1.xml", "/sitemap/x.xml", "/sitemap/99999999999999.xml":
            self.assertEqual(404, self.ask("GET", bad).status, bad)
        etag = {"If-None-Match": answer.fields["etag"]}
        self.assertEqual(304, self.ask("GET", parts[0], None, etag).status)
        # Who signs in gets the same: it is for programs.
        self.assertEqual(answer.body, self.ask("GET", parts[0], viewer="hoa").body)

    def test_robots_know_what_is_without_number(self):
        answer = self.ask("GET", "/robots.txt")
        self.assertEqual((200, "text/plain; charset=utf-8"), (answer.status, answer.fields["content-type"]))
        robots = urllib.robotparser.RobotFileParser()
        robots.parse(answer.body.decode().splitlines())
        self.assertEqual([self.origin + "/sitemap.xml"], robots.site_maps())
        for path in "/", "/m/" + self.photo["id"], "/kit/" + self.kit["id"], "/units", self.photo["files"][0]["url"]:
            self.assertTrue(robots.can_fetch("Googlebot", self.origin + path), path)
        for path in "/search?q=a", "/search?unit=tld", "/feed.atom?q=a", "/api/v1/search?q=a", "/sign-in", "/upload":
            self.assertFalse(robots.can_fetch("Googlebot", self.origin + path), path)
        self.assertTrue(robots.can_fetch("facebookexternalhit", self.origin + "/search?q=a"))

    def test_a_browser_learns_to_search_here(self):
        [address] = Page(self.ask("GET", "/").body).link("search", "application/opensearchdescription+xml")
        answer = self.ask("GET", address)
        self.assertEqual("application/opensearchdescription+xml; charset=utf-8", answer.fields["content-type"])
        description = xml.fromstring(answer.body)
        self.assertEqual(OPENSEARCH + "OpenSearchDescription", description.tag)
        self.assertLessEqual(len(description.findtext(OPENSEARCH + "ShortName")), 16)
        self.assertLessEqual(len(description.findtext(OPENSEARCH + "LongName")), 48)
        urls = {url.get("type"): url.get("template") for url in description.iter(OPENSEARCH + "Url")}
        typed = urllib.parse.quote("thông báo")
        fill = lambda template: re.sub(r"&\w+=\{\w+\?\}", "", template).replace("{searchTerms}", typed)  # noqa: E731
        self.assertEqual(200, self.ask("GET", fill(urls["text/html"])).status)
        self.assertEqual([self.scan["id"]], self.ids(fill(urls["application/atom+xml"])))
        suggested = self.ask("GET", fill(urls["application/x-suggestions+json"]))
        self.assertEqual("application/x-suggestions+json", suggested.fields["content-type"])
        self.assertEqual(["thông báo", ["Thông báo số 7"], [], [f"{self.origin}/m/{self.scan['id']}"]], suggested.json)

    # -- link previews

    def picture_size(self, address):
        got = self.ask("GET", address)
        self.assertEqual(200, got.status, address)
        self.assertTrue(got.fields["content-type"].startswith("image/"))
        size = subprocess.run(["identify", "-format", "%w %h", "-"], input=got.body, capture_output=True, check=True)
        return [int(side) for side in size.stdout.split()]

    def test_every_kind_of_page_unfolds(self):
        photo, scan, kit = "/m/" + self.photo["id"], "/m/" + self.scan["id"], "/kit/" + self.kit["id"]
        expected = {
            "/": ("website", "WebSite", None), "/units": ("website", "WebSite", None),
            "/search?q=" + urllib.parse.quote("thông báo"): ("website", "SearchResultsPage", None),
            photo: ("article", "ImageObject", HOSTILE.replace("\x01", "")),
            scan: ("article", "DigitalDocument", "Thông báo số 7"), kit: ("article", "Collection", "Tháng Công nhân 2026")}
        for path, (og_type, schema_type, title) in expected.items():
            with self.subTest(path):
                page = Page(self.ask("GET", path).body)
                said = page.meta
                self.assertEqual(og_type, said["og:type"])
                self.assertEqual(("vi_VN", "en_US"), (said["og:locale"], said["og:locale:alternate"]))
                self.assertEqual(self.origin + path, said["og:url"])
                self.assertEqual(200, self.ask("GET", said["og:url"]).status)
                self.assertTrue(said["og:title"] and said["og:description"] and said["og:image:alt"])
                self.assertTrue(said["og:image"].startswith(self.origin + "/"))
                width, height = self.picture_size(said["og:image"])
                self.assertEqual(width, int(said["og:image:width"]))
                self.assertAlmostEqual(height, int(said["og:image:height"]), delta=1)
                self.assertEqual("summary_large_image", said["twitter:card"])
                [text] = page.linked_data
                data = json.loads(text)
                self.assertEqual(("https://schema.org", schema_type), (data["@context"], data["@type"]))
                if title:
                    self.assertEqual((title, title), (said["og:title"].replace("\x01", ""), data["name"].replace("\x01", "")))
        english = Page(self.ask("GET", scan + "?lang=en").body).meta
        self.assertEqual(("en_US", "vi_VN"), (english["og:locale"], english["og:locale:alternate"]))

    def test_a_link_to_a_material_names_its_unit_and_one_to_a_search_its_filters(self):
        self.assertIn("Công đoàn cơ sở mẫu", Page(self.ask("GET", "/m/" + self.scan["id"]).body).meta["og:description"])
        page = Page(self.ask("GET", "/search?unit=cdcs-mau").body)
        self.assertIn("Công đoàn cơ sở mẫu", page.meta["og:title"])
        [feed] = page.link("alternate", "application/atom+xml")
        self.assertEqual([self.scan["id"]], self.ids(feed))

    def test_linked_data_leads_to_the_bytes_and_names_the_unit(self):
        data = json.loads(Page(self.ask("GET", "/m/" + self.scan["id"]).body).linked_data[0])
        self.assertEqual("Công đoàn cơ sở mẫu", data["publisher"]["name"])
        [file] = data["encoding"]
        got = self.ask("GET", file["contentUrl"])
        self.assertEqual((200, file["contentSize"], "application/pdf"),
                         (got.status, str(len(got.body)), file["encodingFormat"]))
        kit = json.loads(Page(self.ask("GET", "/kit/" + self.kit["id"]).body).linked_data[0])
        self.assertEqual(("1", "Công nhân dự lễ"), (kit["version"], kit["hasPart"][0]["name"]))
        self.assertEqual(200, self.ask("GET", kit["hasPart"][0]["contentUrl"]).status)

    def test_nothing_unfolds_that_is_not_for_everybody_not_even_for_who_may_see_it(self):
        for name in "union", "draft", "embargo", "restricted":
            with self.subTest(name):
                material = self.hidden[name]
                self.assertEqual(404, self.ask("GET", "/m/" + material["id"]).status)
                page = Page(self.ask("GET", "/m/" + material["id"], viewer="hoa").body)
                self.assertNotIn("Kín", json.dumps(page.meta, ensure_ascii=False))
                self.assertNotIn(material["id"], json.dumps(page.meta))
                self.assertEqual(([], "noindex"), (page.linked_data, page.meta["robots"]))
                self.assertEqual([], page.link("alternate", "application/json+oembed"))

    # -- frames on other sites

    def test_another_site_shows_a_material_in_a_frame(self):
        for path, title in (("/m/" + self.photo["id"], HOSTILE), ("/kit/" + self.kit["id"], "Tháng Công nhân 2026")):
            page = Page(self.ask("GET", path).body)
            [as_json] = page.link("alternate", "application/json+oembed")
            [as_xml] = page.link("alternate", "text/xml+oembed")
            answer = self.ask("GET", as_json)
            self.assertEqual((200, "application/json", "*"), (answer.status, answer.fields["content-type"],
                                                              answer.fields["access-control-allow-origin"]))
            said = answer.json
            self.assertEqual(("1.0", "rich", title), (said["version"], said["type"], said["title"]))
            tree = xml.fromstring(self.ask("GET", as_xml).body)
            self.assertEqual("oembed", tree.tag)
            self.assertEqual({name: str(value).replace("\x01", "") for name, value in said.items()},
                             {child.tag: child.text for child in tree})
            frame = Page(said["html"].encode()).frames[0]
            self.assertEqual((str(said["width"]), title.replace("\x01", "")), (frame["width"], frame["title"]))
            shown = self.ask("GET", frame["src"])
            self.assertEqual(200, shown.status)
            self.assertIn("frame-ancestors *", shown.fields["content-security-policy"])
            self.assertNotIn("script-src", shown.fields["content-security-policy"])
            self.assertNotIn("<script", shown.body.decode())
            self.assertNotIn("set-cookie", shown.fields)
            self.assertIn(f'href="{self.origin}{path}"', shown.body.decode())
            picture = re.search(r'<img src="([^"]+)"', shown.body.decode())[1].replace("&amp;", "&")
            self.picture_size(picture)

    def test_a_frame_is_as_large_as_the_site_allows_and_other_addresses_have_none(self):
        address = urllib.parse.quote(f"{self.origin}/m/{self.scan['id']}", safe="")
        said = self.ask("GET", f"/oembed?url={address}&maxwidth=300&maxheight=200").json
        self.assertEqual((300, 200, "Công đoàn cơ sở mẫu"), (said["width"], said["height"], said["author_name"]))
        width, height = self.picture_size(said["thumbnail_url"])
        self.assertEqual(width, said["thumbnail_width"])
        self.assertAlmostEqual(height, said["thumbnail_height"], delta=1)
        for query, status in ((f"url={address}&format=yaml", 501), (f"url={address}&maxwidth=x", 400), ("url=", 400), ("", 400),
                              ("url=no%20address", 400), ("url=https://elsewhere.example/m/1", 404),
                              (f"url={urllib.parse.quote(self.origin)}.evil.example/m/{self.scan['id']}", 404),
                              (f"url={urllib.parse.quote(self.origin.replace('//', '//a@'))}/m/{self.scan['id']}", 404),
                              (f"url={urllib.parse.quote(self.origin.replace('http', 'ftp'))}/m/{self.scan['id']}", 404),
                              (f"url={urllib.parse.quote(self.origin.replace('http', 'https'))}/m/{self.scan['id']}", 200),
                              (f"url={urllib.parse.quote(self.origin + '/units')}", 404),
                              (f"url={urllib.parse.quote(self.origin + '/m/' + UNKNOWN)}", 404)):
            self.assertEqual(status, self.ask("GET", "/oembed?" + query).status, query)

    def test_frames_show_what_everybody_may_see_whoever_looks(self):
        for name, material in self.hidden.items():
            for viewer in "nobody", "hoa":
                with self.subTest(name=name, viewer=viewer):
                    address = urllib.parse.quote(f"{self.origin}/m/{material['id']}", safe="")
                    status = 410 if name == "withdrawn" else 404
                    self.assertEqual(status, self.ask("GET", "/oembed?url=" + address, viewer=viewer).status)
                    shown = self.ask("GET", "/embed/" + material["id"], viewer=viewer)
                    self.assertEqual(status, shown.status)
                    self.assertNotIn("Kín", shown.body.decode())
                    self.assertIn("frame-ancestors *", shown.fields["content-security-policy"])
        for path in "/", "/m/" + self.photo["id"], "/kit/" + self.kit["id"]:
            self.assertIn("frame-ancestors 'none'", self.ask("GET", path).fields["content-security-policy"])

    # -- metrics

    def metrics(self):
        answer = self.ask("GET", "/metrics", viewer="hoa")
        self.assertEqual((200, "text/plain; version=0.0.4; charset=utf-8"), (answer.status, answer.fields["content-type"]))
        return read_metrics(answer.body)

    @staticmethod
    def requests(metrics, **labels):
        return sum(value for said, value in metrics["khochung_http_request_seconds_count"]
                   if labels.items() <= said.items())

    def test_metrics_count_requests_by_route_and_class_of_status_and_never_by_address(self):
        before = self.metrics()
        for number in range(20):
            self.ask("GET", f"/m/{UNKNOWN[:-2]}{number:02}")
            self.ask("GET", f"/no-such-page-{number}")
        self.ask("GET", "/m/" + self.photo["id"])
        after = self.metrics()
        grown = lambda **labels: self.requests(after, **labels) - self.requests(before, **labels)  # noqa: E731
        self.assertEqual(20, grown(route="/m/{id}", method="GET", status="4xx"))
        self.assertEqual(1, grown(route="/m/{id}", method="GET", status="2xx"))
        self.assertEqual(20, grown(route="", status="4xx"))
        self.assertEqual(1, grown(route="/metrics", status="2xx"))
        routes = {said["route"] for said, _ in after["khochung_http_request_seconds_count"]}
        self.assertEqual([], [route for route in routes if UNKNOWN[:8] in route or "no-such" in route])
        self.assertLessEqual(len(routes), 200)
        for said, count in after["khochung_http_request_seconds_count"]:
            buckets = [value for labels, value in after["khochung_http_request_seconds_bucket"]
                       if said.items() <= labels.items()]
            self.assertEqual((13, sorted(buckets), count), (len(buckets), buckets, buckets[-1]))

    def test_metrics_tell_of_queues_store_scrub_and_process(self):
        said = self.metrics()
        one = lambda name: said[name][0][1]  # noqa: E731
        self.assertEqual({("quick", "due"), ("quick", "held"), ("slow", "due"), ("slow", "held")},
                         {(labels["lane"], labels["state"]) for labels, _ in said["khochung_jobs"]})
        self.assertGreaterEqual(one("khochung_materials"), 8)
        self.assertGreater(one("khochung_blob_bytes"), 1000)
        self.assertGreaterEqual(one("khochung_index_backlog"), 0)
        for name in "khochung_scrub_round_ended_seconds", "khochung_scrub_damaged", "khochung_blobs_bad":
            self.assertEqual(0, one(name), name)
        process = self.archive.server.pid
        resident = int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{process}/status").read_text())[1]) * 1024
        self.assertAlmostEqual(resident, one("process_resident_memory_bytes"), delta=resident / 2)
        self.assertAlmostEqual(len(list(pathlib.Path(f"/proc/{process}/fd").iterdir())), one("process_open_fds"), delta=20)
        self.assertGreater(one("process_cpu_seconds_total"), 0)
        self.assertGreaterEqual(one("khochung_http_connections"), 1)

    def test_open_connections_are_counted_and_forgotten(self):
        open_now = lambda: self.metrics()["khochung_http_connections"][0][1]  # noqa: E731
        self.until("only the one that asks", lambda: open_now() == 1)
        with contextlib.ExitStack() as stack:
            for _ in range(5):
                stack.enter_context(socket.create_connection(("127.0.0.1", self.archive.port)))
            self.until("five more", lambda: open_now() == 6)
        self.until("they are gone", lambda: open_now() == 1)

    def test_metrics_are_for_administrators(self):
        self.assertEqual(403, self.ask("GET", "/metrics").status)
        self.assertEqual(403, self.ask("GET", "/metrics", None, {"X-Forwarded-For": "127.0.0.1"}).status)


class Origin(unittest.TestCase):
    """Addresses that leave the archive begin with its own, however a request came."""

    def test_every_address_that_leaves_begins_with_the_configured_origin(self):
        archive = Archive()
        self.addCleanup(archive.remove)
        path = archive.file("tin.txt", "Tin công khai\n")
        made = archive.run("ingest", path, "--visibility", "public", "--json").json["materials"][0]["id"]
        (archive.data / "config.toml").write_text('[server]\norigin = "https://kho.example.vn/"\nsite_name = "Kho & Mẫu"\n')
        archive.serve()
        other = {"Host": "elsewhere.example"}
        page = archive.request("GET", "/m/" + made, None, other)
        said = Page(page.body)
        self.assertEqual(f"https://kho.example.vn/m/{made}", said.meta["og:url"])
        self.assertEqual("Kho & Mẫu", said.meta["og:site_name"])
        self.assertTrue(said.meta["og:image"].startswith("https://kho.example.vn/"))
        embedded = said.link("alternate", "application/json+oembed")[0].removeprefix("https://kho.example.vn")
        self.assertIn("https://kho.example.vn/embed/" + made, archive.request("GET", embedded, None, other).json["html"])
        for path in ("/", "/m/" + made, "/feed.atom", "/sitemap.xml", "/sitemap/1.xml", "/robots.txt", "/opensearch.xml",
                     "/opensearch/suggest?q=tin", "/embed/" + made):
            answer = archive.request("GET", path, None, other)
            self.assertEqual(200, answer.status, path)
            self.assertNotIn("elsewhere.example", answer.body.decode(), path)
            self.assertNotIn("kho.example.vn//", answer.body.decode(), path)
            self.assertIn("https://kho.example.vn/", answer.body.decode(), path)
        self.assertEqual([], faults_of_feed(archive.request("GET", "/feed.atom").body))

    def test_without_one_they_begin_as_the_request_came_also_through_a_proxy_that_ends_tls(self):
        archive = Archive()
        self.addCleanup(archive.remove)
        archive.run("ingest", archive.file("tin.txt", "Tin công khai\n"), "--visibility", "public")
        (archive.data / "config.toml").write_text('[server]\nproxies = ["127.0.0.1"]\n')
        archive.serve()
        feeds = {}
        for scheme, fields in (("http", {"Host": "kho.example.vn"}),
                               ("https", {"Host": "kho.example.vn", "X-Forwarded-Proto": "https"})):
            feeds[scheme] = archive.request("GET", "/feed.atom", None, fields).body
            self.assertEqual([], faults_of_feed(feeds[scheme]))
            self.assertEqual(f"{scheme}://kho.example.vn/feed.atom", links(xml.fromstring(feeds[scheme]), "self")[0]["href"])
        # An archive that moves makes no reader show everything again.
        ids = [[element.text for element in xml.fromstring(feed).iter(ATOM + "id")] for feed in feeds.values()]
        self.assertEqual(ids[0], ids[1])
        self.assertEqual(2, len(ids[0]))


if __name__ == "__main__":
    unittest.main()
