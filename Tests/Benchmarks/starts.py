"""What starts cost: one, many, with few processes and with thousands; beside posix_spawn(3) and s6."""

import os
import select
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import time

import cleanup
from measured import KEY, Daemon, memory_root, root, show

# How many of one kind, for the comparison with the C loop and with s6.
FEW, MANY = 500, 1000
SIZES = (100, 1000, 3500)
HERE = os.path.dirname(os.path.abspath(__file__))


class Crew:
    """The program that is started, and the FIFO by which each of its processes says that it runs."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(dir=root())
        self.program = self.compile("child", "-static")
        self.path = os.path.join(self.directory, "fifo")
        os.mkfifo(self.path)
        # For reading and writing: it is at its end when no process has it open.
        self.fifo = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)
        os.environ["BENCH_FIFO"] = self.path

    def compile(self, name, *options):
        compiler = shutil.which("clang") or shutil.which("cc")
        if compiler is None:
            sys.exit("bench: neither clang, which comes with Swift, nor cc is in PATH")
        target = os.path.join(self.directory, name)
        subprocess.run([compiler, "-O2", *options, "-o", target, os.path.join(HERE, f"{name}.c")], check=True)
        return target

    def wait(self, count):
        """The pids of the next `count` that run."""
        pids, rest = [], b""
        waiting = select.poll()
        waiting.register(self.fifo, select.POLLIN)
        while len(pids) < count:
            if not waiting.poll(60_000):
                sys.exit(f"bench: only {len(pids)} of {count} processes run after a minute")
            rest += os.read(self.fifo, 1 << 16)
            whole = len(rest) // 4
            pids += struct.unpack(f"{whole}i", rest[: 4 * whole])
            rest = rest[4 * whole:]
        if len(pids) != count:
            sys.exit(f"bench: {len(pids)} processes have started, and {count} were to")
        return pids

    def close(self):
        os.close(self.fifo)


class S6:
    """s6-svscan with a service for each process."""

    @staticmethod
    def is_there():
        return shutil.which("s6-svscan") is not None

    def __init__(self, crew, count):
        self.directory = tempfile.mkdtemp(dir=root())
        for index in range(count):
            service = os.path.join(self.directory, f"p{index}")
            os.makedirs(service)
            os.symlink(crew.program, os.path.join(service, "run"))
        self.controls = [os.path.join(self.directory, f"p{index}", "supervise", "control") for index in range(count)]
        self.process = cleanup.start(["s6-svscan", "-c", str(count + 10), self.directory])

    def restart_all(self):
        """What s6-svc -r does to a service, without a process for each."""
        for path in self.controls:
            control = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
            os.write(control, b"t")
            os.close(control)

    def stop(self):
        cleanup.stop(self.process)


def measured(body):
    start = time.perf_counter()
    body()
    return time.perf_counter() - start


def back_after_kill(crew, pids):
    """Seconds from the first SIGKILL until as many run again."""
    def body():
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        crew.wait(len(pids))
    return measured(body)


def add(daemon, crew, name, **more):
    return daemon.timed("POST", "/add", {"id": name, "command": crew.program, **more})


def growth(crew):
    """What a start costs, and a restart of all, with more and more processes beside it."""
    daemon = Daemon()
    present, medians = 0, {}
    for size in (10, *SIZES):
        while present < size:
            add(daemon, crew, f"p{present}")
            present += 1
        crew.wait(present if size == 10 else size - sizes_before(size))
        time.sleep(1)
        cpu = daemon.cpu()
        times = [add(daemon, crew, f"extra{index}") for index in range(200)]
        crew.wait(200)
        used = (daemon.cpu() - cpu) / 200
        medians[size] = statistics.median(times)
        show(f"/add beside {size:,} processes, p50 / CPU of the daemon", f"{medians[size] * 1000:.2f} / {used * 1000:.2f} ms",
             medians[size])
        for index in range(200):
            daemon.timed("POST", f"/remove/extra{index}")
        if size == 10:
            continue
        cpu = daemon.cpu()
        passed = measured(lambda: (daemon.timed("POST", "/restart-all"), crew.wait(size)))
        show(f"  /restart-all of {size:,}: all run again / CPU", f"{passed:.2f} / {daemon.cpu() - cpu:.2f} s", passed)
    show("  ratio of /add, 3,500 : 10", f"{medians[SIZES[-1]] / medians[10]:.2f}")
    daemon.stop()


def sizes_before(size):
    before = (10, *SIZES)
    return before[before.index(size) - 1]


def plain(crew):
    """500 starts in a row, against a C loop, which makes no file."""
    spawn, adder = crew.compile("spawn"), crew.compile("add")
    ratios, own, peers, requests = [], [], [], []
    for _ in range(3):
        loop = cleanup.start([spawn, str(FEW), crew.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        peer = int(loop.stdout.readline()) / 1e9
        crew.wait(FEW)
        loop.communicate()
        cleanup.processes.remove(loop)
        daemon = Daemon(below=memory_root())
        add(daemon, crew, "first")
        # In C as well: what Python takes for a request is not the daemon's.
        client = subprocess.run([adder, str(daemon.port), KEY, crew.program, str(FEW)], check=True, stdout=subprocess.PIPE)
        own.append(int(client.stdout) / 1e9)
        crew.wait(FEW + 1)
        requests.append(statistics.median(daemon.timed("GET", "/status/first") for _ in range(FEW)))
        daemon.stop()
        peers.append(peer)
        ratios.append(own[-1] / peer)
    show(f"{FEW} × POST /add, one after the other, each", f"{statistics.median(own) / FEW * 1000:.3f} ms", statistics.median(own))
    show("  a GET /status", f"{statistics.median(requests) * 1000:.3f} ms")
    show("  posix_spawn(3) in C in the same run, each", f"{statistics.median(peers) / FEW * 1000:.3f} ms")
    show("  ratio (below 1: faster)", f"{statistics.median(ratios):.2f}")


def crowds(crew):
    """1,000 that are restarted, and 1,000 that are killed at once, against s6."""
    delay = 0.1
    restarts, crashes = {}, {}
    for _ in range(3):
        daemon = Daemon()
        for index in range(MANY):
            add(daemon, crew, f"p{index}", auto_restart=True, restart_delay_seconds=[delay])
        pids = crew.wait(MANY)
        time.sleep(2)
        crashes.setdefault("exeio", []).append(back_after_kill(crew, pids) - delay)
        time.sleep(2)
        restarts.setdefault("exeio", []).append(measured(lambda: (daemon.timed("POST", "/restart-all"), crew.wait(MANY))))
        daemon.stop()
        if not S6.is_there():
            continue
        s6 = S6(crew, MANY)
        pids = crew.wait(MANY)
        # What has run for less than a second is not started before that.
        time.sleep(2)
        crashes.setdefault("s6", []).append(back_after_kill(crew, pids))
        time.sleep(2)
        restarts.setdefault("s6", []).append(measured(lambda: (s6.restart_all(), crew.wait(MANY))))
        s6.stop()
    for name, figures in ((f"{MANY:,} killed at once, all run again, without the delay", crashes),
                          (f"/restart-all of {MANY:,}, all run again", restarts)):
        own = statistics.median(figures["exeio"])
        show(name, f"{own:.2f} s", own)
        if "s6" in figures:
            peer = statistics.median(figures["s6"])
            show("  s6 in the same run", f"{peer:.2f} s")
            show("  ratio (below 1: faster)", f"{own / peer:.2f}")
        else:
            show("  s6 in the same run", "s6 is not installed")


def starts():
    crew = Crew()
    try:
        for part in (plain, crowds, growth):
            part(crew)
    finally:
        crew.close()
