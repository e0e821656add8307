"""The disk fills while eight people upload: each upload is refused with 507 or kept whole, reading goes on, and when
there is room again so does everything else. On ext4 of its own, or a tmpfs where there is no loop device; root."""
import collections
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from rig import (ControlClient, Promises, Server, end_tidily, faults_on_disk, half_shown, sha256,  # noqa: E402
                 verify, workplace)
from volume import Volume, run, why_not  # noqa: E402
from workloads import COMMON_WORDS, edit_one, text  # noqa: E402

HEAD_ROOM_BYTES = 256 << 20  # what the store keeps for catalogue and index
DISK_BYTES = HEAD_ROOM_BYTES + (160 << 20)
UPLOADERS = 8
REFUSALS = 12  # each uploader's, before a round is over
UPLOADS = 120  # each uploader's at most
LEFT_BYTES = 6 << 20  # above the head-room, before the first round
FLICKERS = 40
SKIPPED = 77


class NoDisk(Exception):
    """This machine can make no disk to fill."""


@contextlib.contextmanager
def small_disk(size_bytes):
    if why_not() is None:
        with Volume(size_bytes) as volume:
            yield volume.place
        return
    folder = pathlib.Path(tempfile.mkdtemp(prefix="kc-", dir=workplace())).resolve()
    place = folder / "mnt"
    place.mkdir()
    try:
        run("mount", "-t", "tmpfs", "-o", f"size={size_bytes}", "tmpfs", place)
        yield place
    except subprocess.CalledProcessError as error:
        raise NoDisk(f"It takes a loop device or a tmpfs: {error.stderr}") from error
    finally:
        subprocess.run(["umount", "--lazy", place], check=False, capture_output=True)
        shutil.rmtree(folder)


class Scene:
    def __init__(self, disk):
        self.disk = disk
        self.data = disk / "data"
        self.ballast = disk / "ballast"
        self.log = disk.parent / "said"  # not on the disk that fills
        self.promises = Promises()
        self.answers = collections.Counter()
        self.broken = []
        self.server = self.start()

    def start(self):
        server = Server(self.data, self.log)
        if not server.is_up():
            raise AssertionError(f"the program does not start: {server.said()}")
        return server

    def leave(self, size_bytes):
        """Something else takes the disk but for so many bytes."""
        self.ballast.unlink(missing_ok=True)
        with open(self.ballast, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(self.disk).free - size_bytes)

    def upload(self, round_name, number):
        """Uploads until it was refused often enough. Files of 0.3 to 330 KB."""
        client, refusals, turn = ControlClient(self.data), 0, 0
        while refusals < REFUSALS and turn < UPLOADS:
            turn += 1
            content = text(turn) + f"{round_name} {number} {turn}\n".encode() + b"chu nghia " * (1 << (turn % 16))
            status, answer = client.upload([(f"v-{number}-{turn}.txt", content)])
            self.answers[status] += 1
            if status == 201:
                self.promises.keep(answer["id"], sha256(content))
            elif status == 507:
                refusals += 1
            else:
                self.broken.append(f"an upload on a full disk is answered {status}: {answer['detail']}")
                return
        if not refusals:
            self.broken.append("the disk never filled")

    def read(self, known, over):
        """What was there stays readable all the while."""
        client = ControlClient(self.data)
        while not over.is_set():
            faults = (*known.broken_in(client), *half_shown(client, COMMON_WORDS))
            self.broken += [f"while full: {one}" for one in faults]
            if self.broken:
                return

    def edit(self, known, over):
        """An edit needs no blob, so that no head-room stops it before the disk does."""
        client, turn = ControlClient(self.data), 0
        while not over.is_set():
            for id in known.materials:
                turn += 1
                title = f"Tên {turn}"
                status, revision = edit_one(client, id, title)
                self.answers[f"edit {status}"] += 1
                if status == 200:
                    self.promises.revised(id, revision, title)
                elif status != 507:
                    self.broken.append(f"an edit on a full disk is answered {status}")
                    return

    def fill(self, round_name, meanwhile):
        """Everybody works until the uploads were refused often enough; `meanwhile` is done beside them."""
        over, known = threading.Event(), self.promises.copy()
        others = [threading.Thread(target=work, args=(known, over)) for work in (self.read, self.edit)]
        people = [threading.Thread(target=self.upload, args=(round_name, number)) for number in range(UPLOADERS)]
        for one in (*others, *people):
            one.start()
        meanwhile(people)
        for one in people:
            one.join()
        over.set()
        for one in others:
            one.join()
        print(f"{round_name}: answers so far {dict(self.answers)}", flush=True)

    def flicker(self, people):
        """Others take all that is left and give it back, so that the disk fills between any two writes."""
        for _ in range(FLICKERS):
            with contextlib.suppress(OSError):  # others took some of it meanwhile
                self.leave(0)
            self.wait_for(507, people)
            self.ballast.unlink(missing_ok=True)
            self.wait_for(201, people)

    def wait_for(self, status, people):
        """Until there is one more such answer, or nobody uploads any more."""
        before = self.answers[status]
        while self.answers[status] == before and any(one.is_alive() for one in people):
            time.sleep(0.001)

    def after(self):
        """Room comes back: uploads work, everything acknowledged is whole, nothing else is shown."""
        self.ballast.unlink(missing_ok=True)
        client = ControlClient(self.data)
        content = text(900 + len(self.promises.materials))
        status, answer = client.upload([("sau.txt", content)])
        if status != 201:
            free_mib = shutil.disk_usage(self.disk).free >> 20
            self.broken.append(f"with {free_mib} MiB free an upload is answered {status}")
        else:
            self.promises.keep(answer["id"], sha256(content), is_searched=True)
        self.look(client)

    def look(self, client):
        self.broken += self.promises.broken_in(client)
        self.broken += half_shown(client, COMMON_WORDS)
        self.broken += [f"{id} is not found" for id in self.promises.unfound_in(client, COMMON_WORDS)]
        self.broken += [f"verify: {one['kind']} {one['path']}" for one in verify(client)]
        self.broken += faults_on_disk(self.data, is_running=True)[1]

    def end(self):
        """A new start finds the same."""
        if code := self.server.stop():
            self.broken.append(f"the server ended with {code}: {self.server.said()}")
        self.server = self.start()
        self.look(ControlClient(self.data))
        if code := self.server.stop():
            self.broken.append(f"the server ended with {code}: {self.server.said()}")


def main():
    end_tidily()
    try:
        broken = fill_and_look()
    except NoDisk as reason:
        print(f"SKIPPED: no disk was filled on this machine, so nothing is proved. {reason}", file=sys.stderr)
        sys.exit(SKIPPED)
    for one in broken[:10]:
        print(f"BROKEN {one}")
    sys.exit(1 if broken else 0)


def fill_and_look():
    """What is broken, in sentences."""
    with small_disk(DISK_BYTES) as disk:
        scene = Scene(disk)
        try:
            status, answer = ControlClient(scene.data).upload([("truoc.txt", text(1))])
            assert status == 201, answer
            scene.promises.keep(answer["id"], sha256(text(1)), is_searched=True)
            scene.leave(HEAD_ROOM_BYTES + LEFT_BYTES)
            scene.fill("up to the head-room", lambda people: None)
            scene.after()
            scene.fill("the disk fills and empties", scene.flicker)
            scene.after()
            scene.end()
        finally:
            scene.server.kill()
        return scene.broken


if __name__ == "__main__":
    main()
