"""All but the store is lost: catalogue, index and derivatives. `khochung rebuild` gives back the same materials, the
same revisions and the same search results, compared by an export and by searches from before.

Without options a few materials; --materials 10000 by hand."""
import argparse
import json
import pathlib
import random
import shutil
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from archive import CORPUS, ROOT, Archive  # noqa: E402
from rig import ControlClient, end_tidily, new_seed  # noqa: E402
from workloads import change  # noqa: E402

DATED = ("bag-info.txt", "tagmanifest-sha256.txt")  # they tell the day of packing
QUERIES = 60
HITS = 50
LONGEST_SECONDS = 3600


def sentences():
    texts = sorted((ROOT / "scripts/demo_material/texts").glob("*.txt"))
    lines = (line.strip() for text in texts for line in text.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if len(line) > 40]


def run_well(archive, *words):
    done = archive.run(*words, "--json", timeout=LONGEST_SECONDS)
    if done.exit_code != 0:
        sys.exit(f"{words[0]} ends with {done.exit_code}: {done.output[-500:]}{done.complaint[-500:]}")
    return done.json


def fill(archive, count, chance):
    """Texts, what the corpus has of other kinds, edits, deletions and a restoring."""
    lines = sentences()
    for number in range(count):
        text = f"Văn bản số {number}\n\n" + "\n".join(chance.choices(lines, k=chance.randrange(2, 12))) + "\n"
        archive.file(f"{number // 1000:02}/van-ban-{number:05}.txt", text)
    for name in ("thong-bao.html", "danh-sach.csv", "bo.zip"):
        shutil.copy(CORPUS / name, archive.folder / "files" / name)
    ids = [line["id"] for line in run_well(archive, "ingest", archive.folder / "files")["materials"] if line["id"]]
    archive.serve()
    client = ControlClient(archive.data)
    for id in chance.sample(ids, max(10, count // 50)):
        works = [("PATCH", "", {"title": f"Tên mới {chance.randrange(10 ** 6)}"}), ("DELETE", "", {"reason": "Nộp nhầm"}),
                 ("POST", "/revisions/1/restore", {})][:chance.randrange(1, 4)]
        for method, rest, body in works:
            status, _ = change(client, id, method, rest, body)
            assert status == 200, f"{method} {rest} is answered {status}"
    client.close()
    archive.stop()


def queries(chance):
    words = [line.split() for line in sentences()]
    for _ in range(QUERIES):
        line = chance.choice(words)
        first = chance.randrange(max(1, len(line) - 3))
        yield " ".join(line[first:first + chance.randrange(1, 4)])


def in_sure_order(hits):
    """Equal scores (in a list by age: arrivals of the same millisecond) may change places, and may be cut off."""
    if len(hits) == HITS:
        hits = [hit for hit in hits if hit["score"] != hits[-1]["score"]]
    return sorted(hits, key=lambda hit: (-hit["score"], hit["id"]))


def answers(archive, texts):
    """What each search finds: total, facets, and its best hits with their scores."""
    archive.serve()
    client, found = ControlClient(archive.data), {}
    deadline = time.monotonic() + LONGEST_SECONDS
    while (status := client.json("GET", "/api/v1/status"))["queued_jobs"] or status["has_more_to_index"]:
        assert time.monotonic() < deadline, f"not everything is read: {status}"
        time.sleep(0.2)
    for text in texts:
        answer = client.json("GET", f"/api/v1/search?limit={HITS}&q={urllib.parse.quote(text)}")
        answer.pop("took_ms", None)
        answer["hits"] = in_sure_order(answer["hits"])
        found[text] = json.dumps(answer, sort_keys=True)
    client.close()
    archive.stop()
    return found


def exported(archive, name):
    """{path: bytes} of a bag and of the tables."""
    files = {}
    for form in ("bagit", "jsonl"):
        target = archive.folder / f"{name}-{form}"
        run_well(archive, "export", target, "--format", form)
        if form == "bagit":
            subprocess.run(["sha256sum", "--check", "--quiet", "manifest-sha256.txt"], cwd=target, check=True)
        for path in target.rglob("*"):
            if path.is_file() and path.name not in DATED:
                files[f"{form}/{path.relative_to(target)}"] = path.read_bytes()
    return files


def differences(before, after):
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def main():
    end_tidily()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--materials", type=int, default=150)
    parser.add_argument("--seed", type=int, default=new_seed())
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    chance = random.Random(options.seed)
    archive = Archive()
    try:
        fill(archive, options.materials, chance)
        texts = list(queries(chance))
        found, files = answers(archive, texts), exported(archive, "before")
        assert sum('"hits": []' not in answer for answer in found.values()) > QUERIES / 2, "the searches find nothing"
        for path in archive.data.glob("catalogue.sqlite*"):
            path.unlink()
        shutil.rmtree(archive.data / "index")
        shutil.rmtree(archive.data / "derived")
        begun = time.monotonic()
        run_well(archive, "rebuild")
        took = time.monotonic() - begun
        other_files = differences(files, exported(archive, "after"))
        other_answers = differences(found, answers(archive, texts))
    finally:
        archive.remove()
    print(f"{options.materials} materials and more, rebuilt in {took:.0f} s: {len(files)} files exported, "
          f"{len(other_files)} differ; {len(found)} searches, {len(other_answers)} differ")
    for name in (other_files + other_answers)[:10]:
        print(f"    {name}")
    sys.exit(1 if other_files or other_answers else 0)


if __name__ == "__main__":
    main()
