"""The power goes while people upload and edit, while a command takes files in, or soon after a process died: ext4 on
a loop device is shut down without flushing its journal, after some dirty pages were written in no order.
When it comes back, all that was acknowledged is there with its bytes, verify is clean and a search finds it.

Without options 200 cuts; --cuts 5000 for long (scripts/dev powercuts). KHOCHUNG_SEED or --seed repeats the moments
as far as threads allow. On a disk that lies about fsync the same check has to see losses, or it proves nothing."""
import argparse
import dataclasses
import itertools
import os
import pathlib
import random
import shutil
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from archive import PROGRAM  # noqa: E402
from rig import (ControlClient, Fault, Gone, Promises, Server, end_tidily, faults_on_disk, half_shown,  # noqa: E402
                 new_seed, sha256, verify)
from volume import Volume, why_not  # noqa: E402
from workloads import edit_one, last_object, text  # noqa: E402

VOLUME_BYTES = 1 << 30
CUTS_A_VOLUME = 20
UPLOADERS = 3
LONGEST_MOMENT_SECONDS = 0.25
INGEST_SHARE = 0.15  # of the cuts fall into `khochung ingest`
KILLED_SHARE = 0.25  # of the others come soon after the death of a process
LYING_CUTS = 6
SKIPPED = 77  # CTest: SKIP_RETURN_CODE


@dataclasses.dataclass
class Tally:
    """What the cuts came to."""
    cuts: int = 0
    acknowledged: int = 0
    edits: int = 0
    in_ingest: int = 0
    after_death: int = 0
    canaries_lost: int = 0
    broken: list = dataclasses.field(default_factory=list)

    def line(self, seed, seconds):
        return (f"seed {seed}: {self.cuts} cuts ({self.in_ingest} in ingest, {self.after_death} after a death), "
                f"{seconds / max(1, self.cuts):.2f} s each; "
                f"{self.acknowledged} uploads and {self.edits} edits acknowledged since the cut before; "
                f"{self.canaries_lost} unsynced canaries lost; {len(self.broken)} promises broken")


class Scene:
    """One volume with a data folder through its cuts."""

    def __init__(self, volume, chance, tally, environment=None):
        self.volume = volume
        self.chance = chance
        self.tally = tally
        self.environment = environment or {}
        self.data = volume.place / "data"
        self.log = volume.folder / "said"
        self.promises = Promises()
        self.recent = Promises()  # since the last cut
        self.next_text = 0
        self.unanswered = []
        self.lock = threading.Lock()

    def new_text(self):
        with self.lock:
            if self.unanswered:
                return self.unanswered.pop()
            self.next_text += 1
            return f"van-ban-{self.next_text}.txt", text(1000 + self.next_text) + f"{self.mark}\n".encode()

    @property
    def mark(self):
        """A word that only the texts since the last cut have."""
        return f"mất điện lần{self.tally.cuts}x"

    def start(self):
        server = Server(self.data, self.log, self.environment)
        if not server.is_up():
            raise AssertionError(f"the program does not start any more: {server.said()}")
        return server

    # -- before the cut

    def upload(self, over):
        """Uploads until the power goes."""
        client = ControlClient(self.data)
        while not over.is_set():
            name, content = self.new_text()
            try:
                status, answer = client.upload([(name, content)])
            except Gone:
                with self.lock:
                    self.unanswered.append((name, content))
                return
            if status in (200, 201):
                self.recent.keep(answer["id"], sha256(content), is_searched=True)

    def edit(self, over, ids):
        """Edits what was there until the power goes."""
        client, number = ControlClient(self.data), 0
        try:
            while ids and not over.is_set():
                number += 1
                id, title = ids[number % len(ids)], f"Tên {number}"
                status, revision = edit_one(client, id, title)
                if status == 200:
                    self.recent.keep(id, next(iter(self.promises.materials[id].digests)))
                    self.recent.revised(id, revision, title)
                    self.tally.edits += 1
        except Gone:
            pass

    def die_and_serve_until_cut(self, server):
        """A process dies at work and the next one goes on from what the page cache has, which is more than the disk
        has; people send again what was not answered. All of that before the power goes."""
        self.tally.after_death += 1
        self.serve_until(server, server.kill)
        self.serve_until_cut(self.start())

    def serve_until_cut(self, server):
        self.serve_until(server, self.cut)

    def serve_until(self, server, the_end):
        over = threading.Event()
        ids = sorted(self.promises.materials)[-8:]
        people = [threading.Thread(target=self.upload, args=(over,)) for _ in range(UPLOADERS)]
        people.append(threading.Thread(target=self.edit, args=(over, ids)))
        for one in people:
            one.start()
        try:
            time.sleep(self.chance.uniform(0, LONGEST_MOMENT_SECONDS))
            the_end()
        finally:
            over.set()
            server.kill()
            for one in people:
                one.join()

    def ingest_until_cut(self):
        """Nobody owns the folder: the command does the work itself. Its receipt acknowledges."""
        self.tally.in_ingest += 1
        files = self.volume.folder / f"in-{self.tally.cuts}"
        files.mkdir()
        for _ in range(40):
            name, content = self.new_text()
            (files / name).write_bytes(content)
        with subprocess.Popen([PROGRAM, "ingest", files, "--json", "--no-wait", "--data", self.data],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              env={**os.environ, **self.environment}) as command:
            try:
                time.sleep(self.chance.uniform(0, 2 * LONGEST_MOMENT_SECONDS))
                self.cut()
            finally:
                command.kill()
            receipt = last_object(command.stdout.read())
        for line in receipt.get("materials", ()):
            if line["state"] == "done":
                self.recent.keep(line["id"], line["sha256"], is_searched=True)
        shutil.rmtree(files)

    def cut(self):
        self.volume.cut(self.chance, self.volume.place / f"canary-{self.tally.cuts}")
        self.searched = self.mark
        self.tally.cuts += 1

    # -- after it

    def look(self):
        """Powers on, starts and checks. The server that is left running, and what is wrong, in sentences."""
        self.volume.power_on()
        canary = self.volume.place / f"canary-{self.tally.cuts - 1}"
        if not canary.exists() or canary.read_bytes() != b"x" * 5000:
            self.tally.canaries_lost += 1
        self.tally.acknowledged += len(self.recent.materials)
        server = self.start()
        try:
            broken = list(itertools.islice(self.faults(ControlClient(self.data)), 5))
        except BaseException:
            server.kill()
            raise
        self.promises.take_over(self.recent)
        self.recent = Promises()
        self.unanswered.clear()  # they have the mark of this cut
        return server, broken

    def faults(self, client):
        yield from self.recent.broken_in(client)
        for id in self.recent.unfound_in(client, self.searched):
            yield f"{id} was acknowledged and is not found"
        yield from half_shown(client, self.searched)
        records, faults = faults_on_disk(self.data, is_running=True)
        yield from faults
        revisions = {id: revision for id, revision in sorted(records)}
        for id, promise in self.promises.materials.items():
            if revisions.get(id, 0) < promise.revision:
                yield f"{id}: the record of revision {promise.revision} is not there any more"
        # The same with the program's own eyes; a quarter of the time of a cut.
        if self.chance.random() < 0.25:
            yield from (f"verify: {one['kind']} {one['path']}" for one in verify(client))


def cut_on_one_volume(cuts, chance, tally, environment=None):
    """Cuts the power `cuts` times on a new volume."""
    with Volume(VOLUME_BYTES) as volume:
        scene = Scene(volume, chance, tally, environment)
        server = scene.start()
        try:
            for _ in range(cuts):
                if chance.random() < INGEST_SHARE:
                    server.stop()
                    scene.ingest_until_cut()
                elif chance.random() < KILLED_SHARE:
                    scene.die_and_serve_until_cut(server)
                else:
                    scene.serve_until_cut(server)
                server, broken = scene.look()
                tally.broken += [f"cut {tally.cuts}: {one}" for one in broken]
                if broken:
                    return
            server.stop()
            if fault := volume.fault():
                raise AssertionError(f"the file system itself is damaged: {fault}")
        finally:
            server.kill()


def check_that_losses_are_seen(seed):
    """The same on a disk whose fsync does nothing: the check must find something missing."""
    chance = random.Random(seed)
    for _ in range(LYING_CUTS):
        if seen := lying_cut(chance):
            return print(f"on a disk that lies about fsync, as it has to be: {seen}")
    raise SystemExit(f"{LYING_CUTS} cuts on a disk that lies about fsync lost nothing: this suite proves nothing")


def lying_cut(chance):
    """What is missing afterwards, in a sentence, or None."""
    with Volume(VOLUME_BYTES) as volume:
        lie = Fault(1, "lie").environment(volume.place, volume.folder / "points")
        scene = Scene(volume, chance, Tally(), lie)
        server = scene.start()
        try:
            name, content = scene.new_text()
            status, answer = ControlClient(scene.data).upload([(name, content)])
            assert status == 201, answer
            scene.recent.keep(answer["id"], sha256(content))
            scene.serve_until_cut(server)
            server, broken = scene.look()
            return broken[0] if broken else None
        except AssertionError as error:
            return str(error)
        finally:
            server.kill()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--seed", type=int, default=new_seed())
    parser.add_argument("--log", type=pathlib.Path, help="a line for each run is appended to it")
    return parser.parse_args()


def cut_again_and_again(options, tally):
    chance = random.Random(options.seed)
    while tally.cuts < options.cuts and not tally.broken:
        try:
            cut_on_one_volume(min(CUTS_A_VOLUME, options.cuts - tally.cuts), chance, tally)
        except AssertionError as error:
            tally.broken.append(f"cut {tally.cuts}: {error}")
        if options.cuts > 400:
            print(f"{tally.cuts}/{options.cuts} cuts", flush=True)


def main():
    end_tidily()
    options = arguments()
    if reason := why_not():
        print(f"SKIPPED: no power was cut on this machine, so nothing is proved here. {reason}", file=sys.stderr)
        sys.exit(SKIPPED)
    print(f"seed {options.seed}", flush=True)
    check_that_losses_are_seen(options.seed)
    tally, begun = Tally(), time.monotonic()
    try:
        cut_again_and_again(options, tally)
    finally:
        line = tally.line(options.seed, time.monotonic() - begun)
        print(line + "".join(f"\nBROKEN {one}" for one in tally.broken))
        if options.log:
            with open(options.log, "a", encoding="utf-8") as log:
                log.write(line + "".join(f"\n    {one}" for one in tally.broken) + "\n")
    if tally.canaries_lost * 2 < tally.cuts:
        sys.exit("most of what was never synced survived: these were no power cuts")
    sys.exit(1 if tally.broken else 0)


if __name__ == "__main__":
    main()
