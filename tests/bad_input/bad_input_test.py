#!/usr/bin/env python3
"""Runs corewalk on files that are not what it needs.

Each case: the right exit code, one line of stderr that says what is wrong and what to do, no crash.
Cases that need a core of Node.js run with --corefiles; what the machine cannot do is skipped,
visibly.
"""

import argparse
import gzip
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

USAGE, PARTIAL, UNSUPPORTED = 2, 3, 4
TIMEOUT_SECONDS = 120
NOBODY = 65534

OPTIONS = argparse.Namespace(program=None, core=None, wrong_node=None)


def corewalk(*arguments, environment=None, **popen):
    """Runs the program; returns (exit code, stdout, lines of stderr)."""
    done = subprocess.run(
        [OPTIONS.program, *map(str, arguments)],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_SECONDS,
        env=environment, check=False, **popen)
    return (done.returncode, done.stdout.decode("utf-8", "replace"),
            done.stderr.decode("utf-8", "replace").splitlines())


class BadInput(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="corewalk-bad-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def file(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return path

    def refuses(self, path, exit_code, says, *options, **popen):
        """One line on stderr that holds every one of `says`, nothing on stdout."""
        code, out, lines = corewalk("findjsobjects", path, *options, **popen)
        self.assertEqual(code, exit_code, lines)
        self.assertEqual(out, "")
        self.assertEqual(len(lines), 1, lines)
        for part in says:
            self.assertIn(part, lines[0])


class NoCore(BadInput):
    def test_text(self):
        self.refuses(self.file("notes.txt", b"hello\n"), USAGE,
                     ["notes.txt", "not an ELF file", "kernel or gcore"])

    def test_empty_file(self):
        self.refuses(self.file("core", b""), USAGE, ["is empty", "ulimit -c"])

    def test_start_of_an_elf_file(self):
        self.refuses(self.file("core", b"\x7fELF\x02\x01\x01"), USAGE, ["cut off", "again"])

    def test_executable(self):
        self.refuses(os.path.realpath(sys.executable), USAGE,
                     ["executable", "the core comes first"])

    def test_object_file(self):
        header = bytearray(pathlib.Path(os.path.realpath(sys.executable)).read_bytes()[:64])
        header[16:18] = b"\x01\x00"  # ET_REL
        header[32:64] = bytes(32)
        self.refuses(self.file("a.o", bytes(header)), USAGE, ["not a core dump"])

    def test_folder(self):
        self.refuses(self.folder, USAGE, ["is a directory", "name a file"])

    def test_nothing_there(self):
        self.refuses(self.folder / "none", USAGE, ["no such file"])

    def test_compressed(self):
        self.refuses(self.file("core.gz", gzip.compress(b"core")), USAGE,
                     ["compressed with gzip", "gunzip -k"])

    def test_pipe(self):
        path = self.folder / "pipe"
        os.mkfifo(path)
        self.refuses(path, USAGE, ["not a regular file", "write it to one first"])

    def test_device(self):
        self.refuses("/dev/zero", USAGE, ["not a regular file"])

    def test_no_permission(self):
        path = self.file("core", b"\x7fELF")
        path.chmod(0)
        self.folder.chmod(0o755)
        if os.geteuid() != 0:
            self.refuses(path, USAGE, ["no permission"])
            return
        program = pathlib.Path(OPTIONS.program)
        if not all(parent.stat().st_mode & 1 for parent in program.parents):
            self.skipTest("root can read everything, and nobody else can run the program here")
        self.refuses(path, USAGE, ["no permission"], user=NOBODY, group=NOBODY)


class OtherProgram(BadInput):
    def test_core_of_sleep(self):
        gcore = shutil.which("gcore")
        if gcore is None:
            self.skipTest("no gcore to make a core of another program with")
        with subprocess.Popen(["sleep", "60"]) as sleep:
            made = subprocess.run([gcore, "-o", str(self.folder / "core"), str(sleep.pid)],
                                  capture_output=True, timeout=TIMEOUT_SECONDS, check=False)
            sleep.send_signal(signal.SIGKILL)
        cores = list(self.folder.glob("core.*"))
        if not cores:
            self.skipTest(f"gcore cannot attach here: {made.stderr.decode().strip()}")
        self.refuses(cores[0], UNSUPPORTED, ["program 'sleep'", "no V8 heap", "--exe"])


class NodeCore(BadInput):
    @classmethod
    def setUpClass(cls):
        if OPTIONS.core is None:
            raise unittest.SkipTest("no cores of Node.js given (--corefiles)")
        cls.bytes = pathlib.Path(OPTIONS.core).read_bytes()

    def partial(self, data, says, command=("findjsobjects",)):
        """An answer of lower bounds, with what is missing in a warning; or one line why not."""
        name, *options = command
        code, out, lines = corewalk(name, self.file("core", data), *options)
        self.assertEqual(code, PARTIAL, lines)
        self.assertEqual(len(lines), 1, lines)
        for part in [*says, "lower bounds" if out else "error: "]:
            self.assertIn(part, lines[0])
        return out

    def test_truncated(self):
        for percent in (10, 50, 90, 99):
            with self.subTest(percent=percent):
                self.partial(self.bytes[:len(self.bytes) * percent // 100],
                             ["the core file is truncated"])

    def graph_commands(self):
        """Commands that need the graph of the heap."""
        return (("findjsobjects", "--live"), ("findjsobjects", "--dead"),
                ("path", "--class", "Function"), ("dominators",),
                ("snapshot", "-o", self.folder / "one.heapsnapshot"))

    def test_truncated_and_who_holds_what(self):
        for percent in (50, 90, 99):
            for command in self.graph_commands():
                with self.subTest(percent=percent, command=command):
                    self.partial(self.bytes[:len(self.bytes) * percent // 100],
                                 ["the core file is truncated"], command)

    def heap_offsets(self):
        """Where heap pages lie in the file: by the segments of the size V8 maps them in."""
        count = int.from_bytes(self.bytes[56:58], "little")
        table = int.from_bytes(self.bytes[32:40], "little")
        for index in range(count):
            header = self.bytes[table + 56 * index:table + 56 * (index + 1)]
            offset, address, _, size = (
                int.from_bytes(header[at:at + 8], "little") for at in (8, 16, 24, 32))
            if address % 0x40000 == 0 and size >= 0x40000 and header[4] & 2:
                yield from range(offset, offset + size - 0x40000 + 1, 0x40000)

    def test_zeroed_pages(self):
        data = bytearray(self.bytes)
        zeroed = 0
        for offset in self.heap_offsets():
            if any(data[offset + 0x8000:offset + 0x9000]):
                data[offset + 0x8000:offset + 0x9000] = bytes(0x1000)
                zeroed += 1
        self.assertGreater(zeroed, 0)
        code, _, lines = corewalk("findjsobjects", self.file("core", bytes(data)))
        self.assertIn(code, (PARTIAL, UNSUPPORTED), lines)
        self.assertEqual(len(lines), 1, lines)

    def test_page_zeroed_with_its_header(self):
        data = bytearray(self.bytes)
        page = [offset for offset in self.heap_offsets()
                if int.from_bytes(data[offset + 0x10:offset + 0x18], "little") == 0x40000][-1]
        data[page:page + 0x40000] = bytes(0x40000)
        self.partial(bytes(data), ["1 heap page missing"])

    def test_flipped_bits(self):
        data = bytearray(self.bytes)
        for offset in self.heap_offsets():
            for at in range(offset + 0x3000, offset + 0x40000, 0x4e8):
                data[at] ^= 0x10
        code, out, lines = corewalk("findjsobjects", self.file("core", bytes(data)))
        self.assertIn(code, (PARTIAL, UNSUPPORTED), lines)
        self.assertTrue(out or lines)

    def test_flipped_bits_and_who_holds_what(self):
        data = bytearray(self.bytes)
        for offset in self.heap_offsets():
            for at in range(offset + 0x8000, offset + 0x40000, 0x2ff8):
                data[at] ^= 0x10
        core = self.file("core", bytes(data))
        for name, *options in self.graph_commands():
            with self.subTest(command=name, options=options):
                code, out, lines = corewalk(name, core, *options)
                self.assertIn(code, (PARTIAL, UNSUPPORTED), lines)
                self.assertTrue(out or lines)

    def test_wrong_node(self):
        code, _, lines = corewalk("findjsobjects", OPTIONS.core, "--exe", OPTIONS.wrong_node)
        self.assertEqual(code, USAGE, lines)
        self.assertEqual(len(lines), 1, lines)
        ids = set(re.findall(r"\b[0-9a-f]{40}\b", lines[0]))
        self.assertEqual(len(ids), 2, "names both build-ids")
        self.assertIn("Give the right one", lines[0])

    def test_no_node(self):
        nowhere = re.sub(rb"/v(\d+\.\d+\.\d+)/bin/node",
                         lambda match: match.group(0).replace(b"/bin/", b"/bon/"), self.bytes)
        core = self.file("core", nowhere)
        environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
        code, out, lines = corewalk("findjsobjects", core, environment=environment)
        self.assertEqual(code, 0, lines)
        self.assertIn("Function", out)
        self.assertEqual(len(lines), 1, lines)
        self.assertIn("the executable was not found", lines[0])

    def test_layout_of_another_version(self):
        layout = self.file("odd.layout", b"inherit 7.8\nlayout 99.1\nnode 99\n")
        self.refuses(OPTIONS.core, UNSUPPORTED, ["V8 99.1", "odd.layout", "does not fit"],
                     "--layout", layout)

    def test_layout_with_a_mistake(self):
        layout = self.file("odd.layout", b"layout 99.1\nPage.size big\n")
        self.refuses(OPTIONS.core, USAGE, ["odd.layout:2", "'big' is not a number"],
                     "--layout", layout)

    def test_layout_that_is_not_there(self):
        self.refuses(OPTIONS.core, USAGE, ["none.layout", "cannot be read"],
                     "--layout", self.folder / "none.layout")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="the corewalk to test")
    parser.add_argument("--corefiles", help="the script that makes cores of Node.js")
    parser.parse_args(namespace=OPTIONS)
    OPTIONS.program = os.path.abspath(OPTIONS.program)
    if OPTIONS.corefiles is not None:
        ask = [OPTIONS.corefiles, "path", "--node", "22", "--program", "midalloc"]
        folder = subprocess.run(ask, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        OPTIONS.core = pathlib.Path(folder) / "core"
        ask = [OPTIONS.corefiles, "node", "--node", "20"]
        OPTIONS.wrong_node = subprocess.run(
            ask, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    unittest.main(argv=sys.argv[:1], verbosity=2)


if __name__ == "__main__":
    main()
