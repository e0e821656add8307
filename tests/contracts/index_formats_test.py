"""An index that another version of the program made is built anew by itself, and searches answer as before. It differs in one
byte: the format that stands in it, in a block that is sealed again as schemas/formats.md says."""
import pathlib
import re
import struct
import sys
import unittest
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import Archive  # noqa: E402

SOURCE = pathlib.Path(__file__).parents[2]
BLOCK = 8192
TABLES = ("postlist", "docdata", "termlist", "position", "spelling", "synonym")
PRESENT = re.search(r'format_version = "(\d+)"', (SOURCE / "indexer/index/terms.hpp").read_text())[1]


def generation(data):
    return data / "index" / (data / "index/current").read_text().strip()


def places_of_format(database):
    """Where the format stands in the table of postings, beside what blocks that are free hold still."""
    postings = (database / "postlist.glass").read_bytes()
    sums = sums_of(database)
    for found in re.finditer(rb"khochung\.format.{0,3}?(\d+)", postings, re.S):
        block = found.start() // BLOCK
        if sums.get(block):
            yield found.start(1), found[1].decode()


def sums_of(database):
    """The sums of the blocks of the postings, by block."""
    sums = {}
    for at, (number,) in enumerate(struct.iter_unpack("<I", (database / "seal").read_bytes()[512:])):
        stretch, table = divmod(at // 128, len(TABLES))
        if TABLES[table] == "postlist":
            sums[stretch * 128 + at % 128] = number
    return sums


def set_format(database, number):
    """Writes another format into the index, and the block's sum into its seal."""
    assert len(number) == len(PRESENT) == 1
    places = list(places_of_format(database))
    assert [PRESENT] == [found for _, found in places], places
    at = places[0][0]
    table = database / "postlist.glass"
    content = bytearray(table.read_bytes())
    content[at:at + 1] = number.encode()
    table.write_bytes(content)
    block = at // BLOCK
    seal = database / "seal"
    sums = bytearray(seal.read_bytes())
    place = 512 + 4 * (block // 128 * 128 * len(TABLES) + block % 128)
    struct.pack_into("<I", sums, place, max(zlib.crc32(content[block * BLOCK:(block + 1) * BLOCK]), 1))
    seal.write_bytes(sums)


class IndexFormats(unittest.TestCase):
    def setUp(self):
        self.archive = Archive()
        self.addCleanup(self.archive.remove)
        for number, words in enumerate(("thỏa ước lao động tập thể", "bữa ăn ca của công nhân", "nhà ở cho người lao động")):
            taken = self.archive.run("ingest", self.archive.file(f"{number}.txt", f"{words}\n"), "--visibility", "public", "--json")
            self.assertEqual(0, taken.exit_code, taken.complaint)
        self.before = self.found("")
        self.assertEqual(3, len(self.before))

    def found(self, words):
        outcome = self.archive.run("search", words, "--json")
        self.assertEqual(0, outcome.exit_code, outcome.output + outcome.complaint)
        return [hit["id"] for hit in outcome.json["hits"]]

    def test_an_older_or_newer_format_is_built_anew_and_searches_answer_as_before(self):
        # 3 is the format before the concepts of materials were told apart in it.
        for other in {"3", "1", str(int(PRESENT) + 1)}:
            with self.subTest(format=other):
                old = generation(self.archive.data)
                set_format(old, other)
                outcome = self.archive.run("search", "an ca", "--json")
                self.assertEqual(0, outcome.exit_code, outcome.output + outcome.complaint)
                self.assertEqual(1, len(outcome.json["hits"]), outcome.output)
                new = generation(self.archive.data)
                self.assertNotEqual(old, new)
                self.assertFalse(old.exists())
                self.assertEqual([PRESENT], [found for _, found in places_of_format(new)])
                self.assertEqual(self.before, self.found(""))
                self.assertEqual(1, len(self.found("thoa uoc lao dong")))
                # It is not built a second time.
                self.assertEqual(new, generation(self.archive.data))

    def test_the_server_builds_it_before_it_answers_and_takes_the_old_one_for_no_damage(self):
        old = generation(self.archive.data)
        set_format(old, "3")
        self.archive.serve()
        answer = self.archive.request("GET", "/api/v1/search?q=nha+o")
        self.assertEqual((200, 1), (answer.status, answer.json["total"]))
        self.assertNotEqual(old, generation(self.archive.data))
        self.archive.stop()
        # It is for the format, and not for a sum that is wrong; and it is done once.
        log = (self.archive.folder / "serve.log").read_text()
        self.assertEqual([f'index: its format is "3", not {PRESENT}'], re.findall(r"the index is built anew: (.*)", log))
        report = self.archive.run("verify", "--json").json
        self.assertEqual(([], []), (report["corrupt"], report["missing"]))

    def test_a_rebuild_that_was_cut_off_is_begun_again(self):
        old = generation(self.archive.data)
        set_format(old, "3")
        # What a process that died in the middle leaves: the half of a generation that nothing names.
        half = old.with_name("g%06d" % (int(old.name[1:]) + 1))
        half.mkdir()
        (half / "postlist.glass").write_bytes(b"half")
        self.assertEqual(self.before, self.found(""))
        self.assertEqual([PRESENT], [found for _, found in places_of_format(generation(self.archive.data))])


if __name__ == "__main__":
    unittest.main()
