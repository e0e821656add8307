"""scripts/run stops with one clear sentence, in both languages, before it does anything it cannot finish."""
import os
import pathlib
import socket
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("KHOCHUNG_SOURCE_DIR") or pathlib.Path(__file__).parents[2])


class Run(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="khochung-run-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        # A copy: what the scripts find missing here must not touch the tree under test.
        subprocess.run(["cp", "-r", ROOT / "scripts", self.folder / "scripts"], check=True)
        (self.folder / "programs").mkdir()

    def pretend(self, program, text):
        """A program found before the machine's own."""
        path = self.folder / "programs" / program
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o755)

    def run_script(self, *words):
        path = f"{self.folder / 'programs'}:{os.environ['PATH']}"
        return subprocess.run([self.folder / "scripts/run", *words], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "PATH": path}, cwd=self.folder)

    def stops(self, outcome, exit_code, *words):
        self.assertEqual(exit_code, outcome.returncode, outcome.stdout + outcome.stderr)
        for word in ("Dừng: ", "Stopped: ", *words):
            self.assertIn(word, outcome.stderr)

    def test_help_says_what_it_does(self):
        outcome = self.run_script("--help")
        self.assertEqual(0, outcome.returncode)
        for option in ("--port", "--data", "--build-only"):
            self.assertIn(option, outcome.stdout)

    def test_an_unknown_option_is_named(self):
        self.stops(self.run_script("--colour"), 2, "--colour")

    def test_an_option_without_its_value_is_named(self):
        self.stops(self.run_script("--port"), 2, "--port")

    def test_a_port_that_is_none_is_refused(self):
        for port in ("0", "65536", "http", "-1", "08080"):
            with self.subTest(port=port):
                self.stops(self.run_script("--port", port), 2, "65535")

    def test_a_taken_port_is_said_before_anything_is_built(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            self.stops(self.run_script("--port", str(port)), 1, f"Port {port} is taken")
        self.assertFalse((self.folder / "build").exists())

    def test_a_full_disk_is_said_before_anything_is_installed(self):
        self.pretend("df", "echo Filesystem 1024-blocks Used Available; echo disk 9 9 1000000\n")
        self.pretend("apt-get", "touch was-asked\n")
        self.stops(self.run_script("--build-only"), 1, "976 MB left", "6 GB")
        self.assertFalse((self.folder / "was-asked").exists())

    def test_packages_that_cannot_be_had_are_said(self):
        self.pretend("df", "echo Filesystem 1024-blocks Used Available; echo disk 9 9 99000000\n")
        self.pretend("dpkg-query", "exit 0\n")
        self.pretend("apt-get", "echo 'E: Unable to locate package' >&2; exit 100\n")
        self.pretend("sudo", 'exec "$@"\n')
        outcome = self.run_script("--build-only")
        self.stops(outcome, 1, "network", "Debian 12")
        self.assertIn("Unable to locate package", outcome.stderr)

    def test_a_build_that_fails_shows_why(self):
        self.pretend("df", "echo Filesystem 1024-blocks Used Available; echo disk 9 9 99000000\n")
        self.pretend("cmake", "echo 'CMake Error: no such thing'; exit 1\n")
        self.pretend("comm", "exit 0\n")
        outcome = self.run_script("--build-only")
        self.stops(outcome, 1, "build/build.log")
        self.assertIn("CMake Error: no such thing", outcome.stderr)


if __name__ == "__main__":
    unittest.main()
