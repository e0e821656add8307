"""The reference workloads: what the program is asked to do while a fault befalls it, and what it acknowledges.

A workload is a row of WORKLOADS: its name, how many points at least it has to meet (fewer means that the library
for LD_PRELOAD no longer sees the calls), what comes before it without a fault, and what it does under one. Both are
functions of a Case; `command(…)` makes one of a command line."""
import concurrent.futures
import dataclasses
import json
import pathlib
import shutil
import threading
import typing

from archive import CORPUS
from rig import CLEAR_REFUSALS, ControlClient, Gone, Promises, Server, half_shown, in_slice, run_program, sha256

COMMON_WORDS = "người phát ngôn"
SENTENCES = ("Người phát ngôn của công đoàn cơ sở là chủ tịch.", "Kế hoạch tháng Công nhân năm 2025.",
             "Chương trình tết sum vầy cho đoàn viên.", "An toàn vệ sinh lao động ở tổ sản xuất.")
UPLOADERS = 3
UPLOADS_EACH = 2


def text(number):
    return (f"Văn bản thử số {number}\n\n{COMMON_WORDS.capitalize()} nêu lịch làm việc.\n"
            f"{SENTENCES[number % len(SENTENCES)]}\n").encode()


def make_inputs(folder):
    """A dozen small files: texts, a page, a table, a ZIP with two files, a group of two sheets, one row with a
    description."""
    loose, described = folder / "loose", folder / "described"
    loose.mkdir(parents=True)
    described.mkdir()
    for number in range(5):
        (loose / f"van-ban-{number}.txt").write_bytes(text(number))
    for name in ("thong-bao.html", "danh-sach.csv", "bo.zip"):
        shutil.copy(CORPUS / name, loose / name)
    for number in range(3):
        (described / f"to-{number}.txt").write_bytes(text(100 + number))
    (described / "manifest.csv").write_text(
        "file,title,visibility,group\nto-0.txt,Biên bản hội nghị,public,hoi_nghi\nto-1.txt,,,hoi_nghi\n"
        "to-2.txt,Nghị quyết về tư liệu,public,\n", encoding="utf-8")


@dataclasses.dataclass
class Case:
    """One data folder on its way through a workload, a fault and what comes after."""
    folder: pathlib.Path
    inputs: pathlib.Path
    promises: Promises = dataclasses.field(default_factory=Promises)
    environment: dict = dataclasses.field(default_factory=dict)
    tracer: tuple = ()  # what runs the program, when not the library for LD_PRELOAD makes the fault
    may_die: bool = False  # the fault kills
    # What was refused was not done. A disk that fails for good in the middle of a commit leaves that open.
    is_refusal_sure: bool = False
    refused: set = dataclasses.field(default_factory=set)  # digests and titles
    destroyed: set = dataclasses.field(default_factory=set)  # digests that may be gone
    broken: list = dataclasses.field(default_factory=list)
    refusals: int = 0

    @property
    def data(self):
        return self.folder / "data"

    @property
    def log(self):
        return self.folder / "said"

    def expect(self, holds, sentence):
        if not holds:
            self.broken.append(sentence)

    def ended(self, what, code, said):
        """A process may end well, with an exit code and a sentence, or by the kill of its fault; by nothing else."""
        if code == -9 and self.may_die:
            return
        self.expect(0 <= code <= 10, f"{what} ended with {code}: {said[-300:]}")
        if code:
            self.refusals += 1
            self.expect(said.strip(), f"{what} failed ({code}) and said nothing")

    def run(self, *words, given=""):
        """Runs a command under the fault."""
        done = run_program(self.data, words, self.log, self.environment, given, self.tracer)
        self.ended(words[0], done.returncode, done.stdout + done.stderr)
        return done


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    least_points: int
    before: typing.Callable[[Case], None]
    act: typing.Callable[[Case], None]
    is_a_command: bool = True  # it ends by itself
    # Goes on with what was cut short, when the program is up again.
    finish: typing.Callable[[Case, ControlClient], None] = lambda _case, _client: None


def nothing(_case):
    """A new data folder."""


def command(*words):
    """A workload of one command that acknowledges nothing by itself."""
    return lambda case: case.run(*words)


# -- ingest


def is_searched(path):
    """Whether the file at this path of a receipt has the common words and is found by its text."""
    return pathlib.PurePath(path).suffix in (".txt", ".html", ".csv") and "danh-sach" not in path


def take_in(case):
    """Both runs of ingest; every line of a receipt that is no failure is a promise."""
    for words in ((case.inputs / "loose",), ("--manifest", case.inputs / "described/manifest.csv")):
        done = case.run("ingest", *words, "--json")
        answer = last_object(done.stdout)
        if "materials" not in answer:
            case.expect(done.returncode != 0, "ingest succeeded without a receipt")
            continue
        note_receipt(case, answer)
        if done.returncode == 0:
            case.expect(answer["failed"] == 0, "ingest succeeded with failed files")


def last_object(output):
    """The answer for machines; {} when the program was killed before its end."""
    lines = [line for line in output.split("\n")[:-1] if line.startswith("{")]
    return json.loads(lines[-1]) if lines else {}


def note_receipt(case, receipt):
    for line in receipt["materials"]:
        if line["state"] == "failed":
            case.expect(line["error"], f"{line['path']} failed without a sentence")
        elif line["id"] and line["sha256"]:
            words = line["state"] == "done" and is_searched(line["path"])
            case.promises.keep(line["id"], line["sha256"], words)


# -- a server with several people


def served(work):
    """A workload of a server: `work` is done with it, then it ends."""
    def act(case):
        server = Server(case.data, case.log, case.environment)
        if not server.is_up():
            return case.ended("serve", server.process.returncode, server.said())
        try:
            work(case)
            if server.process.poll() is None:
                server.stop()
            case.ended("serve", server.process.returncode, server.said())
        finally:
            server.kill()
    return act


def beside_a_reader(case, *works):
    """Each of `works` takes the case and runs on a thread of its own; another reads what was there before."""
    known, over = case.promises.copy(), threading.Event()
    with concurrent.futures.ThreadPoolExecutor(len(works) + 1) as people:
        reader = people.submit(read, case, known, over)
        writers = [people.submit(work, case) for work in works]
        try:
            for one in writers:
                one.result()
        finally:
            over.set()
        reader.result()


def upload_and_edit(case):
    """People upload and edit at once while another reads; then the index is built anew."""
    def uploader(number):
        return lambda case: upload(case, number)
    beside_a_reader(case, *(uploader(number) for number in range(UPLOADERS)), edit)
    rebuild(case)


def refused(case, what, status, answer, *done_to):
    case.refusals += 1
    case.refused.update(one for one in done_to if one)
    case.expect(status in CLEAR_REFUSALS, f"{what} is answered {status}: {answer}")


def upload(case, number):
    client = ControlClient(case.data)
    for one in range(UPLOADS_EACH):
        name, content = f"moi-{number}-{one}.txt", text(200 + 10 * number + one)
        try:
            status, answer = client.upload([(name, content)])
        except Gone:
            return
        if status in (200, 201):
            case.promises.keep(answer["id"], sha256(content), is_searched=True)
        else:
            refused(case, "an upload", status, answer, sha256(content))


def change(client, id, method, rest, body):
    """Status and new revision of a change of the revision that is there."""
    target = f"/api/v1/materials/{id}"
    revision = json.loads(client.ask("GET", target)[1]).get("revision", 0)
    status, answer = client.ask(method, target + rest, json.dumps(body),
                                {"If-Match": f'"r{revision}"', "Content-Type": "application/json"})
    return status, json.loads(answer).get("revision", revision + 1)


def edit_one(client, id, title):
    """Status and new revision of an edit of the revision that is there."""
    return change(client, id, "PATCH", "", {"title": title})


def edit(case):
    """Each of three twice: what failed once may not stand in the way of the next."""
    client = ControlClient(case.data)
    for turn, id in enumerate(list(case.promises.materials)[:3] * 2):
        title = f"Tên {turn} của {id}"
        try:
            status, revision = change(client, id, "PATCH", "", {"title": title})
        except Gone:
            return
        if status == 200:
            case.promises.revised(id, revision, title)
        else:
            refused(case, "an edit", status, id, title)


def uploaded(case, numbers):
    """Ids of new texts, taken in by a server without a fault. None is looked for by its words: it may be deleted."""
    server = Server(case.data, case.log)
    assert server.is_up()
    client, ids = ControlClient(case.data), []
    for number in numbers:
        content = text(number)
        status, answer = client.upload([(f"them-{number}.txt", content)])
        case.expect(status == 201, f"an upload is answered {status}")
        case.promises.keep(answer["id"], sha256(content))
        ids.append(answer["id"])
    client.close()
    server.stop()
    return ids


def take_in_more(case):
    """What may be deleted for a while is none of what comes in again afterwards."""
    take_in(case)
    uploaded(case, range(500, 506))


def change_back(ids):
    """Renames, deletes and restores each of the materials with these places in the order of arrival."""
    def work(case):
        client = ControlClient(case.data)
        for id in list(case.promises.materials)[ids]:
            title = f"Tên mới của {id}"
            for method, rest, body in (("PATCH", "", {"title": title}), ("DELETE", "", {"reason": "Thử xóa"}),
                                       ("POST", "/revisions/1/restore", {}), ("PATCH", "", {"title": title + " (2)"})):
                try:
                    status, revision = change(client, id, method, rest, body)
                except Gone:
                    return
                if status == 200:
                    case.promises.revised(id, revision, body.get("title"))
                elif status != 409:  # such as deleting what could not be restored
                    refused(case, f"{method} {rest}", status, id, body.get("title"))
    return work


def edit_and_restore(case):
    beside_a_reader(case, change_back(slice(-6, -3)), change_back(slice(-3, None)))


# -- a bulk edit


def bulk_edit(case):
    """Gives many a theme in one go and takes it back. What is refused may be done in part: its list says which."""
    client = ControlClient(case.data)
    fields = {"Content-Type": "application/json"}
    try:
        seen = [{"id": id, "revision": json.loads(client.ask("GET", f"/api/v1/materials/{id}")[1]).get("revision", 1)}
                for id in list(case.promises.materials)[-6:]]
        status, answer = client.ask("POST", "/api/v1/bulk-edits",
                                    json.dumps({"materials": seen, "changes": {"theme": "safety"}}), fields)
        if status != 201:
            return refused(case, "a bulk edit", status, answer)
        edit = json.loads(answer)
        note_revisions(case, edit, "made")
        status, answer = client.ask("POST", f"/api/v1/bulk-edits/{edit['id']}/undo", "", fields)
        if status != 200:
            return refused(case, "its undoing", status, answer)
        note_revisions(case, json.loads(answer), "undone")
    except Gone:
        pass


def note_revisions(case, edit, member):
    for item in edit["items"]:
        if item.get(member):
            case.promises.revised(item["id"], item[member], None)


def finish_bulk_edit(case, client):
    """What the list says is what is there, and all of it can still be taken back."""
    for one in client.json("GET", "/api/v1/bulk-edits")["bulk_edits"]:
        place = "/api/v1/bulk-edits/" + one["id"]
        edit = client.json("GET", place)
        for item in edit["items"]:
            theme = client.json("GET", "/api/v1/materials/" + item["id"])["theme"]
            is_said = item["outcome"] == "changed" and not item.get("undone")
            case.expect((theme == "safety") == is_said, f"{item} is said of a material with the theme “{theme}”")
        if edit["state"] != "undone" and edit["can_be_undone"]:
            status, answer = client.ask("POST", place + "/undo", "")
            case.expect(status == 200, f"a later undoing is answered {status}: {answer}")
    left = [id for id in case.promises.materials if client.json("GET", "/api/v1/materials/" + id)["theme"]]
    case.expect(not left, f"{left} keep what was undone")


# -- gc


def take_in_and_delete(case):
    """Beside what stays there are four texts that everybody has agreed to lose."""
    take_in(case)
    ids = uploaded(case, range(400, 404))
    server = Server(case.data, case.log)
    assert server.is_up()
    client = ControlClient(case.data)
    for id in ids:
        status, _ = change(client, id, "DELETE", "", {"reason": "Hết thời hạn bảo quản"})
        case.expect(status == 200, f"a deletion is answered {status}")
        case.destroyed |= case.promises.materials.pop(id).digests
    client.close()
    server.stop()


def collect_garbage(case, client):
    """Status and answer of the first slice that was refused, or of the last. Only slices with something to destroy
    are asked for: the others write nothing."""
    for number in sorted({int(digest[:2], 16) for digest in case.destroyed}):
        status, answer = client.ask("POST", f"/api/v1/gc?grace_days=0&{in_slice(number)}", "{}")
        if status != 200:
            break
    return status, answer


def destroy(case):
    try:
        status, answer = collect_garbage(case, ControlClient(case.data))
    except Gone:
        return
    if status != 200:
        refused(case, "gc", status, answer)


def finish_gc(case, client):
    status, answer = collect_garbage(case, client)
    case.expect(status == 200, f"a later gc is answered {status}: {answer}")
    left = [path.name for path in (case.data / "store/blobs/sha256").rglob("*") if path.name in case.destroyed]
    case.expect(not left, f"gc leaves {left}")


def gc_beside_a_reader(case):
    beside_a_reader(case, destroy)


# -- backup


def set_of(case):
    """Within the data folder, where the calls are seen."""
    return case.data / "set"


def back_up(case):
    case.run("backup", set_of(case), "--json")


def finish_backup(case, _client):
    """The next one goes on from what is there, and brings everything back."""
    restored = case.folder / "restored"
    for data, words in ((case.data, ("backup", set_of(case))), (case.data, ("backup", set_of(case), "--check")),
                        (restored, ("restore", set_of(case), "--no-wait"))):
        done = run_program(data, words, case.log)
        case.expect(done.returncode == 0, f"a later {' '.join(map(str, words))} ends with {done.returncode}: "
                                          f"{(done.stdout + done.stderr)[-300:]}")
    there = {path.name for path in (restored / "store/blobs/sha256").rglob("*") if path.is_file()}
    lost = {digest for promise in case.promises.materials.values() for digest in promise.digests} - there
    case.expect(not lost, f"the backup does not bring back {lost}")


def rebuild(case):
    try:
        status, answer = ControlClient(case.data).ask("POST", "/api/v1/rebuild-index", "{}")
    except Gone:
        return
    if status != 200:
        refused(case, "a rebuild", status, json.loads(answer)["title"])


def read(case, known, over):
    """Until the others are done: what was there before stays readable, and what is shown can be opened."""
    client = ControlClient(case.data)
    try:
        while not over.is_set():
            for fault in (*known.broken_in(client, is_disk_failing=True),
                          *half_shown(client, COMMON_WORDS, is_disk_failing=True)):
                case.broken.append(f"while writing: {fault}")
            if case.broken:
                return
    except Gone:
        pass


WORKLOADS = [
    Workload("ingest", 400, nothing, take_in),
    Workload("rebuild", 90, take_in, command("rebuild", "--index", "--json")),
    Workload("rebuild-all", 400, take_in, command("rebuild", "--json")),
    Workload("serve", 400, take_in, served(upload_and_edit), is_a_command=False),
    Workload("edit", 200, take_in_more, served(edit_and_restore), is_a_command=False),
    Workload("bulk-edit", 150, take_in_more, served(bulk_edit), is_a_command=False, finish=finish_bulk_edit),
    Workload("gc", 60, take_in_and_delete, served(gc_beside_a_reader), is_a_command=False, finish=finish_gc),
    Workload("backup", 200, take_in, back_up, finish=finish_backup),
]
