"""A file system of its own on a loop device, whose power can be cut. Needs root, loop devices and ext4."""
import ctypes
import fcntl
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile

from rig import workplace

EXT4_IOC_SHUTDOWN = 0x8004587D  # _IOR('X', 125, __u32), linux/ext4.h
WITHOUT_LOG_FLUSH = 2
SYNC_FILE_RANGE_WRITE_AND_WAIT = 2 | 4
libc = ctypes.CDLL(None, use_errno=True)
libc.sync_file_range.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


def why_not():
    """Why this machine can make no volume, in a sentence; None when it can."""
    if os.geteuid() != 0:
        return "it takes root"
    try:
        with Volume(64 << 20):
            return None
    except (OSError, subprocess.CalledProcessError) as error:
        return f"no ext4 on a loop device: {getattr(error, 'stderr', None) or error}".strip()


class Volume:
    """ext4 in a sparse file; everything is undone at the end of `with`, however it comes."""

    def __init__(self, size_bytes):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kc-", dir=workplace())).resolve()
        self.place = self.folder / "mnt"
        self.device = None
        try:
            self.place.mkdir()
            with open(self.folder / "image", "wb") as image:
                image.truncate(size_bytes)
            run("mkfs.ext4", "-q", "-E", "lazy_itable_init=1,nodiscard", "-m", "0", self.folder / "image")
            self.device = run("losetup", "--find", "--show", self.folder / "image")
            self.mount()
        except BaseException:
            self.remove()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()

    def mount(self):
        run("mount", "-t", "ext4", "-o", "noatime", self.device, self.place)

    def unmount(self):
        run("umount", self.place)

    def remove(self):
        if os.path.ismount(self.place):
            # Lazily: a failure may have left a process with open files, and it must not keep us from the rest.
            subprocess.run(["umount", "--lazy", self.place], check=False)
        if self.device:
            subprocess.run(["losetup", "--detach", self.device], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def cut(self, chance, canary, going_off):
        """Some dirty pages reach the disk, in no order, then no more and no journal: as when the power goes.
        `canary` is a file that nobody makes durable: it goes with the power, which shows that this was a cut.
        `going_off` is called before: what the program says afterwards nobody would hear. (An fsync that is under way
        may succeed then: ext4 asks whether the journal has come so far, and an aborted one has.)"""
        share = chance.choice((0, 0.1, 0.5, 1))
        files = [path for path in likely_dirty(self.place / "data", chance) if chance.random() < share]
        chance.shuffle(files)
        for path in files:
            write_back_some(path, chance)
        canary.write_text("x" * 5000)
        folder = os.open(self.place, os.O_RDONLY)
        try:
            going_off()
            fcntl.ioctl(folder, EXT4_IOC_SHUTDOWN, struct.pack("I", WITHOUT_LOG_FLUSH))
        finally:
            os.close(folder)

    def power_on(self):
        """After a cut, with nobody using it: mounts anew, which replays the journal."""
        self.unmount()
        self.mount()

    def fault(self):
        """What fsck says of the unmounted file system, or None."""
        self.unmount()
        done = subprocess.run(["e2fsck", "-fn", self.device], capture_output=True, text=True, check=False)
        return None if done.returncode == 0 else done.stdout


def likely_dirty(data, chance):
    """What the program writes again and again, and some of the rest: a walk of all would take longer than the
    moments between two writes."""
    for pattern in ("*.sqlite*", "index/*/*", "store/*/tmp/*", "derived/tmp/*"):
        yield from data.glob(pattern)
    for _ in range(20):
        path = data / chance.choice(("store/blobs/sha256", "store/records", "derived"))
        while path.is_dir() and (names := os.listdir(path)):
            path /= chance.choice(names)
        yield path


def write_back_some(path, chance):
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return  # it went meanwhile
    try:
        pages = max(1, os.fstat(descriptor).st_size // 4096)
        first = chance.randrange(pages)
        libc.sync_file_range(descriptor, first * 4096, chance.randint(1, 8) * 4096, SYNC_FILE_RANGE_WRITE_AND_WAIT)
    finally:
        os.close(descriptor)
