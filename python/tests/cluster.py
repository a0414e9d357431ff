"""The Spark job on a real standalone cluster on this machine: one master and two workers, of which one is killed.

    python python/tests/cluster.py            all PDFs of ../shared/letters, or the fixtures where that is missing
    python python/tests/cluster.py --short    the fixtures, coded without the language model

The rows must be those of `sendlens ingest` and `sendlens export` both times, and hostile files in the input must cost
one row each and no executor. Needs the package with PySpark, Java 17 and the program (`cargo build`, or
SENDLENS_PROGRAM).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType

sys.path.insert(0, str(Path(__file__).parent))

import pyarrow.dataset as ds  # noqa: E402
from compare import assert_same  # noqa: E402
from samples import ROOT, hostile  # noqa: E402

SHARED = ROOT.parent / "shared" / "letters"
FIXTURES = ROOT / "fixtures"
HOST = "127.0.0.1"
TIMEOUT_SECONDS = 300.0


def program() -> Path:
    given = os.environ.get("SENDLENS_PROGRAM")
    places = [Path(given)] if given else [ROOT / "target" / p / "sendlens" for p in ("release", "debug")]
    found = [place for place in places if place.is_file()]
    if not found:
        sys.exit("the program is not built: run `cargo build` first, or set SENDLENS_PROGRAM")
    return max(found, key=lambda place: place.stat().st_mtime)


def free_ports(count: int) -> list[int]:
    """Free ports, below those that the system gives to outgoing connections and might give away before they are used."""
    found: list[int] = []
    for port in random.sample(range(20_000, 32_000), 1000):
        with socket.socket() as server, suppress(OSError):
            server.bind((HOST, port))
            found.append(port)
        if len(found) == count:
            return found
    sys.exit("no free ports")


def wait_for(what: str, check):
    """Waits for the first answer of `check` that is not empty. No connection yet, or no JSON yet, is no error."""
    until = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < until:
        with suppress(OSError, ValueError):
            if answer := check():
                return answer
        time.sleep(0.02)
    raise TimeoutError(f"waited {TIMEOUT_SECONDS:.0f} s for {what}")


def ask(url: str):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.load(answer)


class Cluster:
    """A Spark standalone cluster of processes on this machine."""

    def __init__(self, home: Path, workers: int) -> None:
        import pyspark

        self.home = home
        self.spark = Path(pyspark.__file__).parent
        self.port, self.page, self.driver_page = free_ports(3)
        self.count = workers
        self.processes: list[subprocess.Popen] = []
        conf = home / "conf"
        conf.mkdir()
        self.events = home / "events"
        self.events.mkdir()
        (conf / "spark-defaults.conf").write_text(
            f"spark.master spark://{HOST}:{self.port}\n"
            f"spark.driver.host {HOST}\nspark.ui.port {self.driver_page}\nspark.ui.showConsoleProgress false\n"
            "spark.executor.cores 1\nspark.executor.memory 768m\nspark.driver.memory 768m\n"
            f"spark.sql.shuffle.partitions 4\nspark.eventLog.enabled true\nspark.eventLog.dir {self.events.as_uri()}\n"
            "spark.eventLog.compress false\nspark.eventLog.rolling.enabled false\n"
        )
        self.environment = {
            **os.environ,
            "SPARK_HOME": str(self.spark),
            "SPARK_CONF_DIR": str(conf),
            "SPARK_LOCAL_IP": HOST,
            "SPARK_LOG_DIR": str(home),
            "PYSPARK_PYTHON": sys.executable,
            "PYSPARK_DRIVER_PYTHON": sys.executable,
        }

    def __enter__(self) -> Cluster:
        try:
            self._start("master.Master", "--host", HOST, "--port", str(self.port), "--webui-port", str(self.page))
            wait_for("the master", lambda: ask(f"http://{HOST}:{self.page}/json/"))
            for number in range(self.count):
                work = self.home / f"work-{number}"
                self._start(
                    "worker.Worker", "--host", HOST, "--cores", "1", "--memory", "1g", "--webui-port", "0",
                    "--work-dir", str(work), f"spark://{HOST}:{self.port}",
                )  # fmt: skip
            wait_for("the workers", lambda: self.alive() == self.count)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _start(self, what: str, *arguments: str) -> None:
        log = (self.home / f"{what}-{len(self.processes)}.log").open("w")
        command = [self.spark / "bin" / "spark-class", f"org.apache.spark.deploy.{what}", *arguments]
        process = subprocess.Popen(
            command, env=self.environment, stdout=log, stderr=log, start_new_session=True, cwd=self.home
        )
        self.processes.append(process)

    def alive(self) -> int:
        return ask(f"http://{HOST}:{self.page}/json/")["aliveworkers"]

    def halt(self, worker: int) -> None:
        """Stops a worker with the executor that it started, like a machine that hangs."""
        os.killpg(self.processes[1 + worker].pid, signal.SIGSTOP)

    def kill(self, worker: int) -> None:
        """Kills a worker with the executor that it started, like a machine that loses its power."""
        process = self.processes[1 + worker]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def job(self, *arguments: str | Path, submitted: bool = False) -> subprocess.Popen:
        """Starts the job, as a module or with Spark's own command."""
        submit = [self.spark / "bin" / "spark-submit", ROOT / "python" / "spark_job.py"]
        command = [*(submit if submitted else [sys.executable, "-m", "sendlens.spark"]), *map(str, arguments)]
        log = (self.home / "job.log").open("a")
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True)

    def end(self, job: subprocess.Popen) -> dict[str, int]:
        """Waits for the end of the job, and gives its report."""
        out, _ = job.communicate(timeout=1800)
        if job.returncode not in (0, 2):
            sys.exit(f"the job failed ({job.returncode}):\n{self.log()}")
        return json.loads(out.strip().splitlines()[-1])

    def log(self) -> str:
        """The end of the log of the jobs."""
        return (self.home / "job.log").read_text()[-4000:]

    def losses(self) -> tuple[int, int]:
        """Executors that the latest job lost before its end, and tasks of it that failed, by its own event log."""
        log = max(self.events.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        executors = tasks = 0
        for line in log.read_text().splitlines():
            event = json.loads(line)
            match event["Event"]:
                case "SparkListenerExecutorRemoved":
                    executors += 1
                case "SparkListenerTaskEnd":
                    tasks += event["Task End Reason"]["Reason"] != "Success"
                case "SparkListenerApplicationEnd":
                    break
        return executors, tasks

    def reading(self, job: subprocess.Popen, done: int = 0) -> tuple[int, int] | None:
        """How many tasks are done, of how many, in the stage that reads the documents. `None` until all workers read and
        `done` tasks are done."""
        if job.poll() is not None:
            sys.exit(f"the job ended too early ({job.returncode}):\n{self.log()}")
        base = f"http://{HOST}:{self.driver_page}/api/v1/applications"
        for application in ask(base):
            for stage in ask(f"{base}/{application['id']}/stages?status=active"):
                busy = stage["numActiveTasks"] == self.count
                if stage["numTasks"] >= 20 and busy and stage["numCompleteTasks"] >= done:
                    return stage["numCompleteTasks"], stage["numTasks"]
        return None


def copy_documents(folder: Path, to: Path, copies: int) -> Path:
    """Copies the documents several times, so that a job takes long enough to be disturbed.

    Each copy has bytes of its own, as editions of a letter have.
    """
    for copy in range(copies):
        for path in sorted(folder.rglob("*.pdf")):
            place = to / f"copy-{copy}" / path.relative_to(folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes() + (f"\n% edition {copy}\n".encode() if copy else b""))
    return to


def reference_of(folder: Path) -> list[str | Path]:
    return ["--reference", FIXTURES / "reference"] if FIXTURES in folder.parents else []


def call(*arguments: str | Path) -> str:
    done = subprocess.run([program(), *arguments], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 2):
        sys.exit(f"sendlens {' '.join(map(str, arguments))}: {done.stderr}")
    return done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="read the fixtures only, and code without the model")
    parser.add_argument("--copies", type=int, help="how often each document is there")
    args = parser.parse_args()
    short = args.short or not SHARED.is_dir()
    folder = FIXTURES / "letters" if short else SHARED
    copies = args.copies or (4 if short else 1)
    if short:
        # The JVM lives too briefly for thorough compilation to pay.
        os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        os.environ["SENDLENS_NO_MODEL"] = "true"
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sendlens-cluster-")))
        documents = copy_documents(folder, home / "documents", copies)
        for name, data in hostile().items():
            (documents / name).write_bytes(data)
        reference = reference_of(folder)
        ingested = json.loads(call("--data", home / "data", *reference, "ingest", documents, "--format", "json"))
        refused = {
            document["file"]: (document["status"], document["reason"]["code"])
            for document in ingested["documents"]
            if document["reason"]
        }
        call("--data", home / "data", *reference, "export", "--to", home / "export", "--format", "parquet")
        cluster = stack.enter_context(Cluster(home, workers=2))
        options = [*reference, "--task-bytes", "65536", *(["--patterns-only"] if "SENDLENS_NO_MODEL" in os.environ else [])]

        report = cluster.end(cluster.job(*options, documents, home / "whole"))
        counts = assert_same(home / "whole", home / "export")
        assert {str(documents / name) for name in hostile()} <= {path for path, (status, _) in refused.items() if status == "failed"}
        assert no_letters(home / "whole") == refused
        assert cluster.losses() == (0, 0), "documents cost executors or tasks: {} and {}".format(*cluster.losses())
        print(
            f"ok   two workers: {sum(report.values())} documents ({report['failed']} failed, {len(hostile())} of them "
            f"hostile, no executor lost), {counts['letters']} letters, {counts['findings']} findings, the rows of ingest and export",
            flush=True,
        )

        job = cluster.job(*options, documents, home / "disturbed", submitted=True)
        # One worker hangs as soon as it has documents, so that the job cannot end before that worker is killed.
        wait_for("the job to read documents", lambda: cluster.reading(job))
        cluster.halt(0)
        done, tasks = wait_for("some documents to be read", lambda: cluster.reading(job, done=4))
        cluster.kill(0)
        after = cluster.end(job)
        wait_for("the master to notice", lambda: cluster.alive() == 1)
        lost, again = cluster.losses()
        assert lost > 0, "the job did not notice that it lost a worker"
        assert after == report, f"{after} is not {report}"
        assert no_letters(home / "disturbed") == refused
        assert_same(home / "disturbed", home / "export")
        print(
            f"ok   one of two workers killed after {done} of {tasks} tasks: {lost} executor lost, {again} tasks failed and "
            "were done again, the job completed with the same rows"
        )


def no_letters(output: Path) -> dict[str, tuple[str, str]]:
    """The status of each document of a dataset that gave no letter, and the code of the reason."""
    rows = ds.dataset(output / "documents", format="parquet", partitioning="hive").to_table().to_pylist()
    return {
        row["path"].removeprefix("file:"): (row["status"], row["reason_code"]) for row in rows if row["status"] != "letter"
    }


if __name__ == "__main__":
    main()
