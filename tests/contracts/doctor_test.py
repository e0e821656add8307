"""`khochung doctor` finds what would let the archive down, and says for each finding what to do."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import PROGRAM, Archive  # noqa: E402

CHECKS = {"disk_space", "file_system", "sync", "clock", "permissions", "programs", "certificate", "replica",
          "scrub", "damage", "backup", "archive"}


class Doctor(unittest.TestCase):
    def setUp(self):
        self.archive = Archive()
        self.addCleanup(self.archive.remove)

    def findings(self, data=None):
        done = subprocess.run([str(PROGRAM), "doctor", "--json", "--data", str(data or self.archive.data)],
                              capture_output=True, text=True, timeout=60)

        report = json.loads(done.stdout)
        bad = [finding for finding in report["findings"] if finding["level"] == "bad"]
        self.assertEqual((not bad, 8 if bad else 0), (report["complete"], done.returncode))
        for finding in report["findings"]:
            self.assertIn(finding["check"], CHECKS)
            self.assertEqual(finding["level"] == "good", finding["fix"] == "", finding)
        return report["findings"]

    def levels(self, check, data=None):
        return [finding["level"] for finding in self.findings(data) if finding["check"] == check]

    def take_in(self):
        path = self.archive.file("a.txt", "Biên bản kiểm tra\n")
        outcome = self.archive.run("ingest", path, "--json")
        self.assertEqual(0, outcome.exit_code, outcome.complaint)
        return path.read_bytes()

    def configure(self, text):
        self.archive.data.mkdir(exist_ok=True)
        (self.archive.data / "config.toml").write_text(text)

    def test_a_machine_without_an_archive_is_looked_at_and_nothing_is_made(self):
        self.assertEqual(1, len(self.levels("disk_space")))
        self.assertEqual([], self.levels("backup"))
        self.assertFalse(self.archive.data.exists())

    def test_an_archive_with_materials_needs_a_backup(self):
        self.take_in()
        self.assertEqual(["bad"], self.levels("backup"))
        self.assertEqual(["good"], self.levels("damage"))

    def test_secrets_that_others_can_read_are_named_with_the_command_that_helps(self):
        self.take_in()
        self.assertEqual(["good"], self.levels("permissions"))
        secret = self.archive.data / "audit-key.pem"
        secret.chmod(0o644)
        self.assertEqual(["good"], self.levels("permissions"))  # the folder is shut
        self.archive.data.chmod(0o755)
        fixes = [finding["fix"] for finding in self.findings() if finding["check"] == "permissions"]
        for fix in fixes:
            subprocess.run(fix.split(), check=True)
        self.assertIn(f"chmod 600 {secret}", fixes)
        self.assertEqual(["good"], self.levels("permissions"))

    def test_a_damaged_file_is_bad_while_a_server_runs_too(self):
        content = self.take_in()
        name = hashlib.sha256(content).hexdigest()
        blob = self.archive.data / "store/blobs/sha256" / name[:2] / name[2:4] / name
        blob.chmod(0o600)
        blob.write_bytes(content[:-1] + b"?")
        self.archive.run("verify")
        self.assertEqual(["bad"], self.levels("damage"))
        self.archive.serve()
        self.assertEqual(["bad"], self.levels("damage"))

    @unittest.skipUnless(os.path.ismount("/dev/shm"), "no tmpfs here")
    def test_memory_is_no_place_for_an_archive(self):
        data = pathlib.Path(tempfile.mkdtemp(dir="/dev/shm"))
        self.addCleanup(shutil.rmtree, data)
        self.assertEqual((["bad"], ["bad"]), (self.levels("file_system", data), self.levels("sync", data)))

    def test_replicas_must_be_there_and_elsewhere(self):
        near = self.archive.folder / "near"
        near.mkdir()
        self.configure(f'[store]\nreplicas = ["{near}", "{self.archive.folder / "away"}"]\n')
        self.assertEqual(["warning", "bad"], self.levels("replica"))

    def test_a_certificate_is_told_before_it_expires(self):
        certificate = self.archive.folder / "certificate.pem"
        self.configure(f'[server]\ntls_cert = "{certificate}"\ntls_key = "{certificate}"\n')
        self.assertEqual(["bad"], self.levels("certificate"))
        for days, level in ((400, "good"), (10, "warning")):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                            "-nodes", "-days", str(days), "-subj", "/CN=test", "-keyout", "/dev/null",
                            "-out", certificate], check=True, stderr=subprocess.DEVNULL)
            self.assertEqual([level], self.levels("certificate"))

    def test_an_archive_that_does_not_open_is_a_finding_not_a_crash(self):
        self.take_in()
        (self.archive.data / "catalogue.sqlite").write_bytes(b"no database" * 1000)
        self.assertEqual(["bad"], self.levels("archive"))

    def test_for_people_each_finding_has_its_fix_beneath_it(self):
        self.take_in()
        lines = self.archive.run("doctor").output.splitlines()
        for line, next_line in zip(lines, lines[1:] + [""]):
            if "SỬA" in line:
                self.assertRegex(next_line, r"^ +→ \S")
            elif not re.match(r" +→", line):
                self.assertTrue(line.startswith("  đạt"), line)


if __name__ == "__main__":
    unittest.main()
