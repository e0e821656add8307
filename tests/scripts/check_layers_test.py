"""scripts/check_layers passes the tree as it is and refuses each forbidden include added to a copy."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("KHOCHUNG_SOURCE_DIR") or pathlib.Path(__file__).parents[2])


class Layers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="khochung-layers-")
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name)
        (self.tree / "scripts").mkdir()
        shutil.copy(ROOT / "scripts/layers.txt", self.tree / "scripts/layers.txt")
        self.write("schemas/result.hpp", "#include <string>\n")
        self.write("storage/blobs/blob_store.hpp", '#include "schemas/result.hpp"\n')
        self.write("indexer/search/search.cpp", '#include <xapian.h>\n#include "schemas/result.hpp"\n')

    def write(self, name, text):
        (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
        (self.tree / name).write_text(text, encoding="utf-8")

    def check(self, root=None):
        return subprocess.run([sys.executable, ROOT / "scripts/check_layers", "--root",
                               root or self.tree], capture_output=True, text=True)

    def refused(self, name, text, why):
        self.write(name, text)
        answer = self.check()
        self.assertEqual(answer.returncode, 1, answer.stdout)
        self.assertIn(f"{name}:1: ", answer.stdout)
        self.assertIn(why, answer.stdout)

    def test_the_tree_as_it_is_passes(self):
        answer = self.check(ROOT)
        self.assertEqual(answer.returncode, 0, answer.stdout + answer.stderr)

    def test_the_small_tree_passes_before_anything_is_added(self):
        answer = self.check()
        self.assertEqual(answer.returncode, 0, answer.stdout + answer.stderr)

    def test_a_lower_floor_may_not_include_a_higher_one(self):
        self.refused("storage/blobs/bad.cpp", '#include "indexer/search/search.cpp"\n',
                     "storage/blobs may include")

    def test_schemas_may_not_include_storage(self):
        self.refused("schemas/bad.hpp", '#include "storage/blobs/blob_store.hpp"\n', "schemas may include: schemas")

    def test_the_write_side_may_not_include_the_read_side_of_the_index(self):
        self.refused("indexer/index/bad.cpp", '#include "indexer/search/search.cpp"\n',
                     "indexer/index may include")

    def test_a_library_stays_in_its_room(self):
        self.refused("server/api/bad.cpp", "#include <boost/beast/http.hpp>\n",
                     "only server/net may include boost/beast")

    def test_the_server_maps_no_parser(self):
        self.refused("server/app/bad.cpp", "#include <poppler/cpp/poppler-document.h>\n",
                     "only indexer/workers may include poppler")

    def test_a_library_that_nobody_has_named_is_refused(self):
        self.refused("indexer/text/bad.cpp", "#include <lua/lua.hpp>\n",
                     "this library is not in scripts/layers.txt")

    def test_angle_brackets_do_not_hide_our_own_files(self):
        self.refused("schemas/bad.hpp", "#  include <storage/blobs/blob_store.hpp>\n", "schemas may include: schemas")

    def test_includes_are_written_from_the_root(self):
        self.refused("storage/blobs/bad.cpp", '#include "blob_store.hpp"\n', "there is no such file")

    def test_a_room_that_nobody_has_named_is_refused(self):
        self.refused("server/utils/strings.hpp", "#include <string>\n", "stands in no room")

    def test_the_architecture_page_names_every_room(self):
        page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
        table = (ROOT / "scripts/layers.txt").read_text(encoding="utf-8")
        rooms = re.findall(r"^([a-z]+/[a-z]+):", table.split("[headers]")[0], re.M)
        self.assertEqual([], [room for room in rooms if f"`{room}`" not in page])


if __name__ == "__main__":
    unittest.main()
