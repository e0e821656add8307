"""One bit goes wrong in each of many things that an archive has; `khochung verify` has to name every one of them and
nothing else. Without options: a sample of each kind that fits into a minute. --kind and --count choose otherwise;
--count 400 is the run of 2,000."""
import argparse
import collections
import dataclasses
import json
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import typing

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from archive import Archive  # noqa: E402
from rig import DAMAGED, new_seed, run_program  # noqa: E402
from workloads import text  # noqa: E402

MATERIALS = 700
SAMPLE = 10  # of the kinds that rot one by one
SMALL_FILE_TIMES = 10  # there are few small files of the index, and each of their bits counts
CURED = 2  # of what is found by one, so often it is also seen that it can be mended
CATALOGUE_PAGE_BYTES = 4096
INDEX_BLOCK_BYTES = 8192
INDEX_TABLES = ("postlist", "docdata", "termlist", "position", "spelling", "synonym")
SEAL_SECTOR_BYTES = 512
LEFT_ALONE = ("store", "derived")


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
        sound = self.path.read_bytes()

        def put(content):
            if self.path.exists():
                self.path.chmod(0o600)
            self.path.write_bytes(content)  # a damaged derivative is removed by verify
            self.path.chmod(mode)

        put(sound[:at] + bytes([sound[at] ^ bit]) + sound[at + 1:])
        return lambda: put(sound)


def files(kind, folder, pattern):
    return lambda data: [Thing(kind, path) for path in sorted((data / folder).rglob(pattern)) if path.is_file()]


def parts(kind, pattern, length):
    return lambda data: [Thing(kind, path, at, length) for path in sorted(data.glob(pattern)) if path.is_file()
                         for at in range(0, path.stat().st_size, length)]


def blocks_in_use(generation):
    """Table and number of each block that has a sum: see schemas/formats.md, "Seal of the index"."""
    sums = (generation / "seal").read_bytes()[SEAL_SECTOR_BYTES:]
    for at, (sum_of_block,) in enumerate(struct.iter_unpack("<I", sums)):
        sector, place = divmod(at, SEAL_SECTOR_BYTES // 4)
        stretch, table = divmod(sector, len(INDEX_TABLES))
        if sum_of_block:
            yield INDEX_TABLES[table], stretch * SEAL_SECTOR_BYTES // 4 + place


def index_parts(data):
    generation, = (data / "index").glob("g*")
    blocks = [Thing("index", generation / f"{table}.glass", number * INDEX_BLOCK_BYTES, INDEX_BLOCK_BYTES)
              for table, number in blocks_in_use(generation)]
    small = [Thing("index", path) for path in (generation / "iamglass", generation / "seal", data / "index/current")]
    return blocks + small * SMALL_FILE_TIMES


@dataclasses.dataclass(frozen=True)
class Kind:
    name: str
    things: typing.Callable
    at_once: bool  # many can be wrong in one run: each is a file of its own that verify reads by itself
    cure: tuple = ()  # the command that mends it; nothing: it mends itself


# The first two while nothing is queued: a block that a change of the index replaces is not checked any more.
KINDS = (
    Kind("catalogue", parts("catalogue", "catalogue.sqlite", CATALOGUE_PAGE_BYTES), False, ("rebuild",)),
    Kind("index", index_parts, False),
    Kind("blob", files("blob", "store/blobs/sha256", "*"), True),
    Kind("record", files("record", "store/records", "*.json"), True),
    Kind("derivative", files("derivative", "derived", "*.reading"), True),
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

    def verify(self, data=None):
        """Exit code, the paths and the kinds that verify names; a program that does not start names none."""
        done = run_program(data or self.archive.data, ("verify", "--json"), self.log)
        try:
            answer = json.loads(done.stdout.strip().splitlines()[-1])
        except (IndexError, json.JSONDecodeError):
            answer = {}
        entries = answer.get("corrupt", []) + answer.get("missing", [])
        return done.returncode, collections.Counter(one["path"] for one in entries), {one["kind"] for one in entries}

    def unnamed_at_once(self, things):
        """Half of the things rot, then the other half: those that were not named, and paths wrongly named."""
        things = list(things)
        self.chance.shuffle(things)
        middle = len(things) // 2
        for half in (things[:middle], things[middle:]):
            back = [thing.flip(self.chance) for thing in half]
            code, paths, kinds = self.verify()
            for turn in back:
                turn()
            wanted = {str(thing.path) for thing in half}
            yield from (f"{path} rotted and is not named" for path in sorted(wanted - paths.keys()))
            yield from (f"{path} is sound and is named" for path in sorted(paths.keys() - wanted))
            yield from (f"{path} is named {times} times" for path, times in paths.items() if times > 1)
            if kinds != {thing.kind for thing in half}:
                yield f"verify calls them {kinds}"
            if code != DAMAGED:
                yield f"verify ends with {code} though {len(half)} things rotted"

    def unnamed_by_one(self, things, cure):
        """Each rots alone, in a copy, since the program writes to it. It has to end with the exit code for damage, and
        to name the kind wherever it could be started at all."""
        sound, rotting = self.archive.data, self.archive.folder / "rotting"
        for number, thing in enumerate(things):
            self.copy(sound, rotting)
            dataclasses.replace(thing, path=rotting / thing.path.relative_to(sound)).flip(self.chance)
            code, _, kinds = self.verify(rotting)
            if code != DAMAGED or (kinds and kinds != {thing.kind}):
                yield f"{thing.path.name} at {thing.offset} rotted, verify ends with {code} and names {kinds}"
            if thing.kind == "index" and not kinds:
                yield f"{thing.path.name} at {thing.offset} rotted, and the index is not named"
            if number < CURED:
                if cure:
                    run_program(rotting, cure, self.log)
                code, _, kinds = self.verify(rotting)
                if code != 0:
                    yield f"{thing.path.name} at {thing.offset} was mended, and verify ends with {code}: {kinds}"
        shutil.rmtree(rotting)

    @staticmethod
    def copy(sound, rotting):
        """All anew but for the many small files, which verify does not change."""
        rotting.mkdir(exist_ok=True)
        for path in rotting.iterdir():
            if path.name in LEFT_ALONE:
                continue
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        missing = [path for path in sound.iterdir() if not (rotting / path.name).exists()]
        subprocess.run(["cp", "-a", "--reflink=auto", *missing, rotting], check=True)

    def unnamed(self, kind, count=None):
        """Sentences, and how many things rotted."""
        things = kind.things(self.archive.data)
        if count and not kind.at_once:
            things = self.chance.choices(things, k=count)
        elif count and count < len(things):
            things = self.chance.sample(things, count)
        if kind.at_once:
            return list(self.unnamed_at_once(things)), len(things)
        return list(self.unnamed_by_one(things, kind.cure)), len(things)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", choices=[kind.name for kind in KINDS] + ["all"])
    parser.add_argument("--count", type=int, help="how many things of a kind at most")
    parser.add_argument("--seed", type=int, default=new_seed())
    return parser.parse_args()


def main():
    options = arguments()
    print(f"seed {options.seed}")
    kinds = [kind for kind in KINDS if options.kind in (kind.name, "all", None)]
    rotten = RottenArchive(random.Random(options.seed))
    broken = 0
    try:
        code, paths, _ = rotten.verify()
        assert code == 0 and not paths, f"a sound archive is called damaged: {code} {paths}"
        for kind in kinds:
            count = options.count or (None if kind.at_once else SAMPLE)
            sentences, total = rotten.unnamed(kind, count)
            print(f"{kind.name}: {total} rotted, {len(sentences)} complaints")
            for sentence in sentences[:5]:
                print(f"    {sentence}")
            broken += len(sentences)
    finally:
        rotten.archive.remove()
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
