"""One bit goes wrong in each of many things that an archive has; `khochung verify` has to name every one of them and
nothing else. Without options: the kinds of things that verify promises to cover. --kind and --count try any kind and
say how many were seen (for kinds that verify does not cover yet)."""
import argparse
import collections
import dataclasses
import json
import pathlib
import random
import shutil
import sqlite3
import subprocess
import sys
import typing

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from archive import Archive  # noqa: E402
from rig import DAMAGED, new_seed, run_program  # noqa: E402
from workloads import text  # noqa: E402

MATERIALS = 700
CATALOGUE_PAGE_BYTES = 4096
INDEX_BLOCK_BYTES = 8192


@dataclasses.dataclass(frozen=True)
class Thing:
    """What can rot by itself: a file or a part of one."""
    kind: str
    path: pathlib.Path
    offset: int = 0
    length: int = None  # None: to the end

    def flip(self, chance):
        """Turns one bit over; gives what turns it back."""
        size = self.path.stat().st_size
        at = self.offset + chance.randrange(size if self.length is None else min(self.length, size - self.offset))
        bit = 1 << chance.randrange(8)
        mode = self.path.stat().st_mode
        self.path.chmod(0o600)

        def turn():
            with open(self.path, "r+b") as file:
                file.seek(at)
                byte = file.read(1)[0]
                file.seek(at)
                file.write(bytes([byte ^ bit]))

        def turn_back():
            turn()
            self.path.chmod(mode)

        turn()
        return turn_back


def files(kind, folder, pattern):
    return lambda data: [Thing(kind, path) for path in sorted((data / folder).rglob(pattern)) if path.is_file()]


def parts(kind, pattern, length):
    return lambda data: [Thing(kind, path, at, length) for path in sorted(data.glob(pattern)) if path.is_file()
                         for at in range(0, path.stat().st_size, length)]


@dataclasses.dataclass(frozen=True)
class Kind:
    name: str
    things: typing.Callable
    is_covered: bool  # verify promises to name each of them
    at_once: bool  # many can be wrong in one run: each is a file of its own that verify reads by itself


KINDS = (
    Kind("blob", files("blob", "store/blobs/sha256", "*"), True, True),
    Kind("record", files("record", "store/records", "*.json"), True, True),
    Kind("derivative", files("derivative", "derived", "*.reading"), False, True),
    Kind("catalogue", parts("catalogue", "catalogue.sqlite", CATALOGUE_PAGE_BYTES), False, False),
    Kind("index", parts("index", "index/g*/*.glass", INDEX_BLOCK_BYTES), False, False),
)


class RottenArchive:
    def __init__(self, chance):
        self.chance = chance
        self.archive = Archive()
        self.log = self.archive.folder / "said"
        for number in range(MATERIALS):
            self.archive.file(f"{number % 10}/van-ban-{number}.txt", text(number) + b"chu " * (number % 97))
        taken = self.archive.run("ingest", self.archive.folder / "files", "--json")
        assert taken.exit_code == 0 and taken.json["accepted"] == MATERIALS, taken.complaint
        with sqlite3.connect(self.archive.data / "catalogue.sqlite") as catalogue:
            catalogue.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # what rots is the file itself

    def verify(self, data=None):
        """Exit code, the paths and the kinds that verify names."""
        done = run_program(data or self.archive.data, ("verify", "--json"), self.log)
        answer = json.loads(done.stdout.strip().splitlines()[-1]) if done.stdout.strip() else {}
        entries = answer.get("corrupt", []) + answer.get("missing", [])
        return done.returncode, collections.Counter(one["path"] for one in entries), {one["kind"] for one in entries}

    def unnamed_at_once(self, things):
        """Half of the things rot, then the other half: those that were not named, and paths wrongly named."""
        things = list(things)
        self.chance.shuffle(things)
        middle = len(things) // 2
        for half in (things[:middle], things[middle:]):
            back = [thing.flip(self.chance) for thing in half]
            code, paths, _ = self.verify()
            for turn in back:
                turn()
            wanted = {str(thing.path) for thing in half}
            yield from (f"{path} rotted and is not named" for path in sorted(wanted - paths.keys()))
            yield from (f"{path} is sound and is named" for path in sorted(paths.keys() - wanted))
            yield from (f"{path} is named {times} times" for path, times in paths.items() if times > 1)
            if code != DAMAGED:
                yield f"verify ends with {code} though {len(half)} things rotted"

    def unnamed_by_one(self, things):
        """Each rots alone, in a copy, since the program may write to it: it has to name the thing or its kind, or
        to end with the exit code for damage."""
        sound, rotting = self.archive.data, self.archive.folder / "rotting"
        for thing in things:
            subprocess.run(["cp", "-a", "--reflink=auto", sound, rotting], check=True)
            dataclasses.replace(thing, path=rotting / thing.path.relative_to(sound)).flip(self.chance)
            code, _, kinds = self.verify(rotting)
            if thing.kind not in kinds and code != DAMAGED:
                yield f"{thing.path.name} at {thing.offset} rotted and verify ends with {code}"
            shutil.rmtree(rotting)

    def unnamed(self, kind, count=None):
        """Sentences, and how many things rotted."""
        things = kind.things(self.archive.data)
        if count and count < len(things):
            things = self.chance.sample(things, count)
        return list((self.unnamed_at_once if kind.at_once else self.unnamed_by_one)(things)), len(things)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", choices=[kind.name for kind in KINDS] + ["all"])
    parser.add_argument("--count", type=int, help="how many things of a kind at most")
    parser.add_argument("--seed", type=int, default=new_seed())
    return parser.parse_args()


def main():
    options = arguments()
    print(f"seed {options.seed}")
    kinds = [kind for kind in KINDS if options.kind in (kind.name, "all") or (not options.kind and kind.is_covered)]
    rotten = RottenArchive(random.Random(options.seed))
    broken = 0
    try:
        code, paths, _ = rotten.verify()
        assert code == 0 and not paths, f"a sound archive is called damaged: {code} {paths}"
        for kind in kinds:
            sentences, total = rotten.unnamed(kind, options.count)
            print(f"{kind.name}: {total} rotted, {len(sentences)} complaints"
                  f"{'' if kind.is_covered else ' (verify does not promise these yet)'}")
            for sentence in sentences[:5]:
                print(f"    {sentence}")
            broken += len(sentences) if kind.is_covered else 0
    finally:
        rotten.archive.remove()
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
