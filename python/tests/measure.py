"""Documents a second in one run: the program, the package, and Spark with one and with two workers.

    python python/tests/measure.py [--copies N]

Spark is given the documents once and N times. The difference shows what each further document costs, the rest is
what starting costs. Builds are those that are installed and in target/; say which when you quote the figures.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import sendlens  # noqa: E402
from cluster import FIXTURES, SHARED, Cluster, end, program, reference_of, the_documents  # noqa: E402


def timed(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copies", type=int, default=4)
    args = parser.parse_args()
    folder = SHARED if SHARED.is_dir() else FIXTURES / "letters"
    reference = reference_of(folder)
    reader = sendlens.Reader(*([FIXTURES / "reference"] if reference else []))
    with tempfile.TemporaryDirectory(prefix="sendlens-measure-") as temporary:
        home = Path(temporary)
        once = the_documents(folder, home / "once", 1)
        often = the_documents(folder, home / "often", args.copies)
        paths = sorted(often.rglob("*.pdf"))
        few, many = len(list(once.rglob("*.pdf"))), len(paths)
        size = sum(path.stat().st_size for path in paths)
        load = os.getloadavg()[0]
        print(f"{many} documents, {size / 1e6:.0f} MB, {os.cpu_count()} cores, load {load:.1f}, {platform.machine()}")

        def program_with(threads: int) -> None:
            data = home / f"data-{threads}"
            command = [program(), "--data", data, *reference, "--threads", str(threads), "--quiet", "ingest", often]
            subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def package_with(threads: int) -> None:
            def one(path: Path) -> None:
                reader.record(path.read_bytes(), str(path))

            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(one, paths))

        for threads in (1, 2):
            print(f"program, {threads} threads, into a dataset: {many / timed(lambda: program_with(threads)):.1f} documents/s")
        for threads in (1, 2):
            print(f"package, {threads} threads, rows in memory: {many / timed(lambda: package_with(threads)):.1f} documents/s")

        for workers in (1, 2):
            place = home / f"cluster-{workers}"
            place.mkdir()
            with Cluster(place, workers) as cluster:
                def job(documents: Path, name: str) -> None:
                    end(cluster.job(*reference, "--task-bytes", "4194304", documents, place / name), place)

                short, long = timed(lambda: job(once, "once")), timed(lambda: job(often, "often"))
            rate = (many - few) / (long - short)
            print(
                f"Spark, {workers} workers of one core: {many / long:.1f} documents/s in all "
                f"({long:.0f} s; {few} documents {short:.0f} s), {rate:.1f} documents/s for each further document"
            )


if __name__ == "__main__":
    main()
