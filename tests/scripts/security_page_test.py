"""SECURITY.md names only tests that there are."""
import os
import pathlib
import re
import unittest

ROOT = pathlib.Path(os.environ.get("KHOCHUNG_SOURCE_DIR") or pathlib.Path(__file__).parents[2])


class SecurityPage(unittest.TestCase):
    def test_every_test_that_it_names_exists(self):
        files = {}
        for path in (ROOT / "tests").rglob("*_test.*"):
            files.setdefault(path.name, []).append(path)
        named = re.findall(r"`([a-z_0-9]+_test\.(?:py|cpp)): ([a-z_0-9]+|\*)`", (ROOT / "SECURITY.md").read_text(encoding="utf-8"))
        self.assertGreater(len(named), 80)
        missing = []
        for file, test in named:
            text = "".join(path.read_text(encoding="utf-8") for path in files.get(file, []))
            written = rf"def {test}\(" if file.endswith(".py") else rf"CASE(?:_TEMPLATE)?\({test}\b"
            if not text or (test != "*" and not re.search(written, text)):
                missing.append(f"{file}: {test}")
        self.assertEqual([], missing)


if __name__ == "__main__":
    unittest.main()
