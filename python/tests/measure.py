"""Measures what reading documents costs, in one run: the program, the package, and Spark with one and two workers.

    python python/tests/measure.py [--copies N] [FOLDER]

Prints the tables of ../README.md. Spark is given the documents once and N times: the difference is what further
documents cost, the rest is what starting costs. Core-seconds are the processor time of all processes together, which
other work on the machine disturbs less than elapsed time. The program is given each document only once, since it caches
the scores of sentences. The package is the installed one, the program the one in target/ or SENDLENS_PROGRAM; say which
builds they are when you quote the figures.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

import sendlens  # noqa: E402
from cluster import FIXTURES, SHARED, Cluster, program, reference_of, copy_documents  # noqa: E402

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Cost(NamedTuple):
    """What something cost: elapsed seconds, core-seconds, and peak memory in MB."""

    elapsed: float
    cores: float
    memory: float


def measure_process(command: list[str | Path]) -> Cost:
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 2):
        sys.exit(f"{' '.join(map(str, command))} ended with {process.returncode}")
    return Cost(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


class Watch:
    """Processor time and memory of trees of processes, sampled twice a second. Shared memory is counted once."""

    def __init__(self, roots: dict[str, int]) -> None:
        self.roots = roots
        self.before: dict[int, float] = {}
        self.cores: dict[str, dict[int, float]] = defaultdict(dict)
        self.memory: dict[str, float] = defaultdict(float)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def __enter__(self) -> Watch:
        self._sample()
        self.before = {pid: spent for tree in self.cores.values() for pid, spent in tree.items()}
        self.start = time.perf_counter()
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.elapsed = time.perf_counter() - self.start
        self.over.set()
        self.thread.join()

    def cost(self, name: str) -> Cost:
        spent = sum(spent - self.before.get(pid, 0) for pid, spent in self.cores[name].items())
        return Cost(self.elapsed, spent, self.memory[name])

    def _run(self) -> None:
        while not self.over.wait(0.5):
            self._sample()

    def _sample(self) -> None:
        parents, spent = {}, {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                parents[int(entry.name)] = int(fields[1])
                spent[int(entry.name)] = (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND
        for name, root in self.roots.items():
            tree = [pid for pid in parents if descends(pid, root, parents)]
            self.cores[name].update((pid, spent[pid]) for pid in tree)
            self.memory[name] = max(self.memory[name], sum(map(memory_of, tree)))


def descends(pid: int, root: int, parents: dict[int, int]) -> bool:
    while pid not in (0, root):
        pid = parents.get(pid, 0)
    return pid == root


def memory_of(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


@dataclass
class Spark:
    """What a job with this many workers costs, over few documents and over many."""

    workers: int
    started: float
    few: Cost
    many: Cost
    worker: Cost


def measure_workers(workers: int, once: Path, often: Path, reference: list[str | Path], home: Path) -> Spark:
    home.mkdir()
    start = time.perf_counter()
    with Cluster(home, workers) as cluster:
        started = time.perf_counter() - start

        def job(documents: Path) -> tuple[Cost, Cost]:
            running = cluster.job(*reference, "--task-bytes", "4194304", documents, home / documents.name)
            names = [f"worker {number}" for number in range(workers)]
            roots = dict(zip(names, (process.pid for process in cluster.processes[1:]), strict=True))
            with Watch({**roots, "master": cluster.processes[0].pid, "driver": running.pid}) as watch:
                cluster.end(running)
            each = [watch.cost(name) for name in names]
            everyone = [*each, watch.cost("master"), watch.cost("driver")]
            whole = Cost(watch.elapsed, sum(c.cores for c in everyone), sum(c.memory for c in everyone))
            return whole, max(each, key=lambda cost: cost.memory)

        few, _ = job(once)
        many, worker = job(often)
    return Spark(workers, started, few, many, worker)


def package(threads: int, folder: Path, reference: list[str | Path]) -> None:
    """Rows of all documents of a folder, as a notebook would read them."""
    reader = sendlens.Reader(*reference[1:])

    def one(path: Path) -> None:
        reader.record(path.read_bytes(), str(path))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, sorted(folder.rglob("*.pdf"))))


def by_kind(folder: Path, reference: list[str | Path]) -> dict[str, list[tuple[float, int]]]:
    """Core-seconds and bytes of each document, by its status."""
    reader = sendlens.Reader(*reference[1:])
    reader.tag("The model is loaded before the first document.")
    found = defaultdict(list)
    for path in sorted(folder.rglob("*.pdf")):
        data = path.read_bytes()
        start = time.thread_time()
        row = reader.record(data, str(path))
        found[row["status"]].append((time.thread_time() - start, len(data)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="the documents; else ../shared/letters, or the fixtures")
    parser.add_argument("--copies", type=int, default=4)
    parser.add_argument("--package", nargs=2, metavar=("THREADS", "FOLDER"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    folder = (args.folder or (SHARED if SHARED.is_dir() else FIXTURES / "letters")).resolve()
    reference = reference_of(folder)
    if args.package:
        package(int(args.package[0]), Path(args.package[1]), reference)
        return
    with tempfile.TemporaryDirectory(prefix="sendlens-measure-") as temporary:
        home = Path(temporary)
        once, often = copy_documents(folder, home / "once", 1), copy_documents(folder, home / "often", args.copies)
        few, many = (len(list(place.rglob("*.pdf"))) for place in (once, often))
        size = sum(path.stat().st_size for path in once.rglob("*.pdf"))
        print(
            f"{few} documents, {size / 1e6:.0f} MB, {os.cpu_count()} cores ({platform.machine()}), "
            f"load {os.getloadavg()[0]:.1f} before, sendlens {sendlens.__version__}\n"
        )
        print("| what becomes of a document | documents | mean size | core-seconds each |\n|---|---|---|---|")
        for status, each in sorted(by_kind(once, reference).items()):
            seconds, sizes = map(sum, zip(*each, strict=True))
            print(f"| {status} | {len(each)} | {sizes / len(each) / 1e3:.0f} kB | {seconds / len(each):.3f} |")

        print("\n| what | documents | seconds | documents/s | core-seconds a document | peak memory |")
        print("|---|---|---|---|---|---|")

        def row(what: str, documents: int, cost: Cost) -> None:
            print(
                f"| {what} | {documents} | {cost.elapsed:.1f} | {documents / cost.elapsed:.1f} | "
                f"{cost.cores / documents:.3f} | {cost.memory:,.0f} MB |",
                flush=True,
            )

        for threads in (1, 2):
            command = [program(), "--data", home / f"data-{threads}", *reference, "--threads", str(threads), "--quiet"]
            row(f"program, {threads} threads, into a dataset", few, measure_process([*command, "ingest", once]))
        for threads in (1, 2):
            command = [sys.executable, __file__, "--package", str(threads), once, folder]
            row(f"package, {threads} threads, rows in memory", few, measure_process(command))
        jobs = [measure_workers(workers, once, often, reference, home / f"cluster-{workers}") for workers in (1, 2)]
        for job in jobs:
            row(f"Spark, {job.workers} workers of one core", few, job.few)
            row(f"Spark, {job.workers} workers of one core", many, job.many)
            more = Cost(job.many.elapsed - job.few.elapsed, job.many.cores - job.few.cores, job.many.memory)
            row(f"Spark, {job.workers} workers, each further document", many - few, more)
        one, two = jobs
        start = one.few.elapsed - few * (one.many.elapsed - one.few.elapsed) / (many - few)
        print(
            f"\nStarting a job: {start:.0f} s. One more worker: {two.started - one.started:.1f} s more until the cluster "
            f"is up, {two.worker.memory:,.0f} MB (two JVMs and a Python), {two.many.cores - one.many.cores:.0f} "
            f"core-seconds more for the same {many} documents, {one.many.elapsed / two.many.elapsed:.2f} times as fast."
        )


if __name__ == "__main__":
    main()
