"""Every point at which the program changes its data folder or makes it durable meets every kind of fault: after the
next start all that was acknowledged is there, nothing is shown by halves, and work goes on.

Without options a sample; --all takes every point and kind (scripts/dev faults), in an order that the seed gives, so
that each part of a run is a sample of the whole: --minutes ends it, and with the same --log a later run goes on. What
failed is listed with the options that repeat it. Threads race, so the N-th point is not always the same call: the log
names it."""
import argparse
import collections
import concurrent.futures
import dataclasses
import hashlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from rig import (ControlClient, FAULT_POINTS, Fault, Gone, Server, calls_in, end_tidily, faults_on_disk,  # noqa: E402
                 half_shown, new_seed, points_in, records_of, run_program, sha256, verify, watching, workplace)
from workloads import COMMON_WORDS, WORKLOADS, Case, make_inputs, text  # noqa: E402

KINDS = ("kill", "kill-after", "eio-once", "eio-forever", "enospc-once", "enospc-forever", "short", "eintr")
KILLS = ("kill", "kill-after")
SURE_KINDS = ("eio-once", "enospc-once", "short", "eintr")  # what is refused under them was not done
WRITES = ("write", "pwrite", "pwrite64", "writev", "copy_file_range")
FREEING = ("unlink", "unlinkat", "remove", "rmdir")
UNINTERRUPTED = ("syncfs", "rename", "renameat", "renameat2", "link", "linkat", "mkdir", "mkdirat", "chmod", "fchmod",
                 "fchmodat", "symlink", "sync_file_range", *FREEING)
SAMPLE = 120
SAMPLE_MINUTES = 3
LEAST_TRIALS = 30
STRACED = 100
STRACED_CALLS = (("pwrite64", 40), ("fdatasync", 8), ("fsync", 4), ("syncfs", 2), ("rename", 4), ("renameat2", 2))
STRACED_FAULTS = ("error=EIO", "error=EIO", "error=ENOSPC", "signal=SIGKILL")
LAST_POINT_OF_A_START = 60  # a second fault falls into the start after the first


@dataclasses.dataclass(frozen=True)
class Trial:
    """A workload that meets a fault through the library."""
    workload: object
    fault: Fault
    second: Fault = None  # during the recovery

    @property
    def kind(self):
        return self.fault.kind

    def prepare(self, case):
        case.environment = self.fault.environment(case.data, case.folder / "points")
        case.may_die = self.fault.kind in KILLS
        case.is_refusal_sure = self.fault.kind in SURE_KINDS

    def point(self, case):
        """The call that was hit; None when the run was over before."""
        _, hit = points_in(case.folder / "points")
        return hit and hit.replace(str(case.data), "")

    @property
    def name(self):
        return f"--workload {self.workload.name} --at {self.fault.at} --kind {self.fault.kind}"

    def __str__(self):
        return self.name + (f" --second {self.second.at}:{self.second.kind}" if self.second else "")


@dataclasses.dataclass(frozen=True)
class StracedTrial:
    """The same by strace, which knows nothing of the library: the `when`-th of its calls in each thread."""
    workload: object
    number: int  # of these trials
    call: str
    how: str
    when: int
    second = None
    kind = "strace"

    def prepare(self, case):
        case.tracer = ("strace", "-f", "-qq", "-b", "execve", "-o", str(case.folder / "strace"),
                       "-e", f"trace={self.call}", "-e", f"inject={self.call}:{self.how}:when={self.when}")
        case.may_die = self.how.startswith("signal")

    def point(self, case):
        lines = (case.folder / "strace").read_text(errors="replace").splitlines()
        return next((line for line in lines if "INJECTED" in line or "killed by" in line), None)

    @property
    def name(self):
        return f"strace {self.number}"

    def __str__(self):
        return f"{self.workload.name} under strace -e inject={self.call}:{self.how}:when={self.when}"


@dataclasses.dataclass
class Verdict:
    """What became of a trial; a line of the log."""
    trial: str
    repeat: str  # the options that repeat it
    workload: str
    kind: str
    has_second: bool
    point: str  # the call that was hit; None when the run was over before
    refusals: int
    broken: list


class Bench:
    """Data folders as the workloads find them, made once, and a copy for each trial."""

    def __init__(self, kept=None):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="kc-", dir=workplace())).resolve()
        self.kept = kept
        self.inputs = self.root / "inputs"
        make_inputs(self.inputs)
        self.begun = {}

    def remove(self):
        shutil.rmtree(self.root, ignore_errors=True)

    def begin(self, workload):
        """Runs what comes before the workload, then the workload itself without a fault: the calls at its points."""
        before = self.case(f"{workload.name}-before")
        workload.before(before)
        self.begun[workload.name] = before
        sound(before.broken, f"before {workload.name}")
        case = self.copy(workload, "count")
        case.environment = watching(case.data, case.folder / "points")
        workload.act(case)
        after = recover(case, workload)
        sound(case.broken + after, f"{workload.name} without a fault")
        if case.refusals:
            raise SystemExit(f"{workload.name} is refused without a fault: {case.log.read_text()[-2000:]}")
        calls = calls_in(case.folder / "points")
        if len(calls) < workload.least_points:
            raise SystemExit(f"{workload.name} met {len(calls)} points, not {workload.least_points}: "
                             f"does {FAULT_POINTS} see the calls?")
        shutil.rmtree(case.folder)
        return calls

    def case(self, name):
        folder = self.root / name
        folder.mkdir()
        return Case(folder, self.inputs)

    def copy(self, workload, name):
        before, case = self.begun[workload.name], self.case(name)
        if before.data.exists():
            subprocess.run(["cp", "-a", "--reflink=auto", before.data, case.data], check=True)
        case.promises = before.promises.copy()
        case.destroyed = before.destroyed
        return case

    def attempt(self, trial, number):
        case = self.copy(trial.workload, f"t{number}")
        trial.prepare(case)
        try:
            trial.workload.act(case)
            after = recover(case, trial.workload, trial.second)
            broken = case.broken + after
        except (AssertionError, Gone) as error:
            broken = [*case.broken, f"{type(error).__name__}: {error}"]
        point = trial.point(case)
        if broken and self.kept:
            shutil.copytree(case.folder, self.kept / case.folder.name, dirs_exist_ok=True,
                            ignore=shutil.ignore_patterns("control.sock"))
        shutil.rmtree(case.folder)
        return Verdict(trial.name, str(trial), trial.workload.name, trial.kind, trial.second is not None, point,
                       case.refusals, broken)


def sound(broken, when):
    if broken:
        raise SystemExit(f"{when}: " + "; ".join(broken[:5]))


def start_again(case):
    """A server without a fault; None when it does not start."""
    case.environment, case.tracer, case.may_die = {}, (), False
    server = Server(case.data, case.log)
    return server if server.is_up() else None


def recover(case, workload, second=None):
    """What is wrong after the next start, in sentences. With `second` a start meets a fault before that."""
    if second:
        case.may_die = second.kind in KILLS
        case.environment = second.environment(case.data, case.folder / "second")
        case.run("verify", "--json")
    server = start_again(case)
    if server is None:
        return [f"the program does not start any more: {case.log.read_text(errors='replace')[-1500:]}"]
    try:
        client = ControlClient(case.data)
        workload.finish(case, client)
        broken = list(case.promises.broken_in(client))
        broken += [f"verify: {one['kind']} {one['path']}" for one in verify(client)]
        broken += half_shown(client, COMMON_WORDS)
        broken += work_on(case, client)
        unfound = case.promises.unfound_in(client, COMMON_WORDS)
        broken += [f"{id} was acknowledged and is not found" for id in unfound]
        code = server.stop()
        if code != 0:
            broken.append(f"the server ended with {code}: {server.said()[-300:]}")
    finally:
        server.kill()
    records, faults = faults_on_disk(case.data, destroyed=case.destroyed)
    return broken + faults + list(done_though_refused(case, records))


def done_though_refused(case, records):
    if not case.is_refusal_sure:
        return
    for (id, revision), record in records.items():
        for one in {record["body"].get("title"), *(file["sha256"] for file in record["body"].get("files", []))}:
            if one in case.refused:
                yield f"{id} revision {revision} has {one}, which was refused"


def work_on(case, client):
    """The same files and a new one are taken in: afterwards everything is there, and single files are there once."""
    done = run_program(case.data, ("ingest", case.inputs / "loose", "--json"), case.log)
    if done.returncode != 0:
        yield f"a later ingest ends with {done.returncode}: {(done.stdout + done.stderr)[-300:]}"
        return
    content = text(999)
    status, answer = client.upload([("sau.txt", content)])
    if status != 201:
        yield f"a later upload is answered {status}: {answer}"
        return
    case.promises.keep(answer["id"], sha256(content), is_searched=True)
    records, _ = records_of(case.data)
    times = collections.Counter(file["sha256"] for (_, revision), record in records.items() if revision == 1
                                for file in record["body"].get("files", []))
    for path in (case.inputs / "loose").iterdir():
        found = times[sha256(path.read_bytes())]
        if found != 1:
            yield f"{path.name} is there {found} times"


# -- which trials, and what became of them


def befalls(kind, call):
    if kind == "short":
        return call in WRITES
    if kind == "eintr":
        return call not in UNINTERRUPTED
    return not (kind.startswith("enospc") and call in FREEING)


def every_trial(workload, calls, kinds, seed):
    for at, call in enumerate(calls, 1):
        for kind in kinds:
            if befalls(kind, call):
                trial = Trial(workload, Fault(at, kind))
                yield dataclasses.replace(trial, second=second_of(random.Random(f"{seed} {trial.name}")))


def straced_trials(workloads, seed):
    """Of calls that only the program itself makes, so that no worker meets them."""
    commands = [one for one in workloads if one.is_a_command]
    for number in range(STRACED if commands else 0):
        chance = random.Random(f"{seed} strace {number}")
        call, most = chance.choice(STRACED_CALLS)
        yield StracedTrial(chance.choice(commands), number, call, chance.choice(STRACED_FAULTS),
                           chance.randint(1, most))


def second_of(chance):
    """A quarter of the recoveries meet a fault themselves."""
    if chance.random() >= 0.25:
        return None
    return Fault(chance.randint(1, LAST_POINT_OF_A_START), chance.choice(KINDS))


def progress(done, total, failed, begun):
    if not sys.stdout.isatty() and done % max(1, total // 20):
        return
    filled = 30 * done // max(1, total)
    pace = (time.monotonic() - begun) / max(1, done)
    print(f"\r[{'#' * filled}{'.' * (30 - filled)}] {done}/{total}, {failed} failed, "
          f"{pace * (total - done) / 60:.0f} min left ", end="" if sys.stdout.isatty() else "\n", flush=True)


def attempt_all(bench, trials, jobs, minutes, log):
    """The verdicts on as many of the trials, from the first on, as can be begun within the time; each goes to `log`."""
    verdicts, begun, failed = [], time.monotonic(), 0

    def attempt(trial, number):
        return bench.attempt(trial, number) if time.monotonic() < begun + 60 * minutes else None

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        running = [pool.submit(attempt, trial, number) for number, trial in enumerate(trials)]
        try:
            for done, one in enumerate(concurrent.futures.as_completed(running), 1):
                if one.result() is None:
                    continue
                verdicts.append(one.result())
                print(json.dumps(dataclasses.asdict(verdicts[-1])), file=log, flush=True)
                if verdicts[-1].broken:
                    failed += 1
                    tell(verdicts[-1])
                progress(done, len(trials), failed, begun)
        finally:
            pool.shutdown(cancel_futures=True)  # also when somebody has had enough
    print(f"\n{len(verdicts)} trials in {time.monotonic() - begun:.0f} s")
    return verdicts


def report(verdicts):
    rows = collections.defaultdict(collections.Counter)
    for one in verdicts:
        rows[one.workload, one.kind].update(trials=1, met=one.point is not None, refused=one.refusals > 0,
                                            second=one.has_second, failed=bool(one.broken))
    print(f"{'workload':<12} {'fault':<16} {'trials':>7} {'met':>7} {'refused':>8} {'second':>7} {'failed':>7}")
    for (workload, kind), row in sorted(rows.items()):
        print(f"{workload:<12} {kind:<16} " + " ".join(
            f"{row[name]:>{width}}" for name, width in
            (("trials", 7), ("met", 7), ("refused", 8), ("second", 7), ("failed", 7))))


def tell(verdict):
    print(f"\nFAILED {verdict.repeat}\n    at {verdict.point}")
    for sentence in verdict.broken[:5]:
        print(f"    {sentence}")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="every point and kind, and the ones by strace")
    parser.add_argument("--workload", choices=[one.name for one in WORKLOADS])
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--at", type=int, help="only this point")
    parser.add_argument("--second", help="AT:KIND of a fault during the recovery; with --at")
    parser.add_argument("--sample", type=int, default=SAMPLE, help=f"how many trials ({SAMPLE})")
    parser.add_argument("--minutes", type=float,
                        help=f"begin no trial after that ({SAMPLE_MINUTES}; with --all no end)")
    parser.add_argument("--log", type=pathlib.Path, default=os.devnull,
                        help="each verdict is appended to it; trials that stand there already are passed over")
    parser.add_argument("--seed", type=int, default=new_seed())
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--keep", type=pathlib.Path, help="a folder for the data of failed trials")
    return parser.parse_args()


def chosen(options, bench):
    """The trials that the options ask for, in the order of the seed."""
    workloads = [one for one in WORKLOADS if options.workload in (None, one.name)]
    kinds = (options.kind,) if options.kind else KINDS
    trials = []
    for workload in workloads:
        calls = bench.begin(workload)
        print(f"{workload.name}: {len(calls)} points", flush=True)
        if options.at:
            second = options.second.split(":") if options.second else None
            second = second and Fault(int(second[0]), second[1])
            trials += [Trial(workload, Fault(options.at, kind), second) for kind in kinds]
        else:
            trials += every_trial(workload, calls, kinds, options.seed)
    if options.all:
        trials += straced_trials(workloads, options.seed)
    trials.sort(key=lambda trial: hashlib.sha256(f"{options.seed} {trial.name}".encode()).digest())
    return trials if options.all or options.at else trials[:options.sample]


def main():
    end_tidily()
    options = arguments()
    print(f"seed {options.seed}")
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    with open(options.log, "a+", encoding="utf-8") as log:
        log.seek(0)
        verdicts = [Verdict(**json.loads(line)) for line in log]
        bench = Bench(options.keep)
        try:
            trials = chosen(options, bench)
            done = {one.trial for one in verdicts}
            left = [trial for trial in trials if trial.name not in done]
            minutes = options.minutes or (float("inf") if options.all or options.at else SAMPLE_MINUTES)
            verdicts += attempt_all(bench, left, options.jobs, minutes, log)
        finally:
            bench.remove()
    report(verdicts)
    met = sum(1 for one in verdicts if one.point)
    print(f"{met} faults met by {len(verdicts)} trials")
    names = {one.trial for one in verdicts}
    if options.all:
        print(f"{sum(1 for trial in trials if trial.name not in names)} trials are left")
    if not options.at and len(verdicts) < min(LEAST_TRIALS, len(trials)):
        sys.exit(f"only {len(verdicts)} trials in the time there was")
    if not options.at and met < 0.7 * len(verdicts):
        sys.exit("fewer than 7 in 10 trials met their fault: is the library in place?")
    sys.exit(1 if any(one.broken for one in verdicts) else 0)


if __name__ == "__main__":
    main()
