#!/usr/bin/env python3
"""Measures the release binary: `bench.py --help` says what it takes."""

import json
import os
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import cleanup
from measured import ARGUMENTS, BINARY, FIGURES, KEY, Daemon, memory_root, percentile, root, show
from starts import starts

# Even: each of two binaries is first as often as the other.
ROUNDS = 4
GIB = 1 << 30


def idle():
    daemon = Daemon()
    daemon.request("GET", "/info")
    time.sleep(1)
    rss, pss, anonymous = daemon.memory()
    show("idle memory: RSS / PSS / anonymous", f"{rss} / {pss} / {anonymous} KiB", pss)
    before = daemon.wakeups()
    time.sleep(10)
    show("wakeups in 10 s, idle", daemon.wakeups() - before)
    starts = []
    for index in range(1000):
        start = time.perf_counter()
        daemon.add(id=f"p{index}", command="sleep", args=["10000"])
        starts.append(time.perf_counter() - start)
    show("/add of one process, the first 1,000, p50", f"{statistics.median(starts) * 1000:.2f} ms", statistics.median(starts))
    time.sleep(1)
    _, _, with_children = daemon.memory()
    show("growth per idle child, anonymous", f"{(with_children - anonymous) / 1000:.2f} KiB",
         with_children - anonymous)
    before = daemon.wakeups()
    time.sleep(10)
    show("wakeups in 10 s, 1,000 idle children", daemon.wakeups() - before)
    fresh, known = [], []
    for _ in range(5):
        time.sleep(1.1)
        for times in (fresh, known):
            start = time.perf_counter()
            daemon.request("GET", "/status/p0")
            times.append(time.perf_counter() - start)
    show("a look at what 1,000 children use, once a second at most",
         f"{(statistics.median(fresh) - statistics.median(known)) * 1000:.2f} ms",
         statistics.median(fresh) - statistics.median(known))
    seen = []
    for index in range(100):
        pid = daemon.request("GET", f"/status/p{index}")[1]["pid"]
        start = time.perf_counter()
        os.kill(pid, signal.SIGKILL)
        while daemon.request("GET", f"/status/p{index}")[1]["status"] == "running":
            pass
        seen.append(time.perf_counter() - start)
    one = []
    for _ in range(100):
        start = time.perf_counter()
        daemon.request("GET", "/status/p999")
        one.append(time.perf_counter() - start)
    show("crash to /status showing it, 1,000 children, p50 / p99",
         f"{statistics.median(seen) * 1000:.2f} / {percentile(seen, 0.99) * 1000:.2f} ms"
         f" (one request by itself: {statistics.median(one) * 1000:.2f} ms)", statistics.median(seen))
    start = time.perf_counter()
    daemon.request("POST", "/stop-all")
    stopped = time.perf_counter() - start
    show("/stop-all of 1,000", f"{stopped:.2f} s", stopped)
    daemon.stop()


def capture():
    """One child that writes 1 GiB of 100-byte lines, against `cat > file`."""
    source = f"{memory_root()}/lines"
    target = f"{root()}/copy"
    line = b"x" * 99 + b"\n"
    with open(source, "wb") as file:
        for _ in range(GIB // (1 << 20)):
            file.write((line * (1 + (1 << 20) // 100))[:1 << 20])
    # The first touch of a page costs several times more than the next, on a virtual machine above all:
    # touch all that will be used before anything is timed.
    subprocess.run(["sh", "-c", f"cat {source} {source} {source} {source} > {source}-warm"], check=True)
    os.unlink(f"{source}-warm")
    ratios, ours, cats, cpus, cat_cpus = [], [], [], [], []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        subprocess.run(["sh", "-c", f"cat {source} | cat > {target}"], check=True)
        cat = time.perf_counter() - start
        os.unlink(target)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cat_cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        daemon = Daemon()
        cpu = daemon.cpu()
        start = time.perf_counter()
        daemon.add(id="flood", command="cat", args=[source], log_max_bytes=0)
        daemon.wait("flood", "stopped")
        own = time.perf_counter() - start
        cpus.append(daemon.cpu() - cpu)
        lines = daemon.request("GET", "/logs/flood?page_size=1&stream=stdout")[1]["total_lines"]
        with open(source, "rb") as file:
            wanted = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
        if lines not in (wanted, wanted + 1):
            sys.exit(f"{lines} lines in the log of {wanted}")
        daemon.stop()
        ours.append(own)
        cats.append(cat)
        ratios.append(cat / own)
    show("log capture, one child, 1 GiB of 100-byte lines", f"{GIB / 1e6 / statistics.median(ours):.0f} MB/s",
         statistics.median(ours))
    show("  `cat file | cat > file` in the same run", f"{GIB / 1e6 / statistics.median(cats):.0f} MB/s")
    show("  ratio (above 1: faster than cat)", f"{statistics.median(ratios):.2f}")
    show("  CPU seconds per GB: exeio / both cats", f"{statistics.median(cpus) / 1.074:.2f} / {statistics.median(cat_cpus) / 1.074:.2f}",
         statistics.median(cpus))
    os.unlink(source)


def quiet_writers():
    daemon = Daemon()
    script = ("import sys, time\nline = 'x' * 99 + '\\n'\nnext = time.monotonic()\nwhile True:\n"
              " sys.stdout.write(line * 10); sys.stdout.flush()\n next += 0.01\n time.sleep(max(0, next - time.monotonic()))\n")
    for index in range(200):
        daemon.add(id=f"w{index}", command=sys.executable, args=["-c", script], log_max_bytes=0)
    time.sleep(5)
    cpu, start = daemon.cpu(), time.perf_counter()
    first = sum(os.stat(f"{daemon.directory}/logs/w{i}.log").st_size for i in range(200))
    time.sleep(10)
    used, passed = daemon.cpu() - cpu, time.perf_counter() - start
    last = sum(os.stat(f"{daemon.directory}/logs/w{i}.log").st_size for i in range(200))
    rate = (last - first) / 130 / passed
    show("200 children, 1,000 lines/s each: lines/s logged", f"{rate:.0f}")
    show("  CPU", f"{100 * used / passed:.1f} % of a core", used / passed)
    daemon.stop()


def pages():
    daemon = Daemon()
    script = f"exec yes {'x' * 99} | head -c {GIB}"
    daemon.add(id="big", command="sh", args=["-c", script], log_max_bytes=0)
    daemon.wait("big", "stopped")
    total = daemon.request("GET", "/logs/big?page_size=1")[1]["total_lines"]
    times = []
    for index in range(500):
        page = 1 + (index * 7919) % (total // 50)
        start = time.perf_counter()
        daemon.request("GET", f"/logs/big?page={page}&page_size=50")
        times.append(time.perf_counter() - start)
    show("50-line page anywhere in a 1 GiB log over HTTP, p50 / p99",
         f"{statistics.median(times) * 1000:.2f} / {percentile(times, 0.99) * 1000:.2f} ms", statistics.median(times))
    start = time.perf_counter()
    daemon.request("GET", "/logs/big?q=nowhere")
    searched = time.perf_counter() - start
    show("search through 1 GiB", f"{searched:.2f} s", searched)
    daemon.stop()


def refusals():
    """Bodies that are refused after as much work as a client can ask for."""
    daemon = Daemon()
    bodies = {"90,000 unknown fields": json.dumps(dict.fromkeys(map(str, range(90_000)), 0), separators=(",", ":")),
              "an array of 300,000 numbers": json.dumps([0] * 300_000)}
    for name, body in bodies.items():
        times = []
        for _ in range(5):
            start = time.perf_counter()
            daemon.connection.request("POST", "/add", body, {"exeio-api-key": KEY})
            answer = daemon.connection.getresponse()
            answer.read()
            times.append(time.perf_counter() - start)
            if answer.status != 400:
                sys.exit(f"{name}: {answer.status}")
        show(f"POST /add refused, {name}", f"{statistics.median(times) * 1000:.0f} ms", statistics.median(times))
    daemon.stop()


def requests():
    if not shutil.which("wrk"):
        show("requests/s", "wrk is not installed")
        return
    daemon = Daemon()
    for index in range(100):
        daemon.add(id=f"p{index:03}", command="sleep", args=["10000"])

    def rate(path, port=daemon.port):
        text = subprocess.run(
            ["wrk", "-t1", "-c32", "-d5", "-H", f"exeio-api-key: {KEY}", f"http://127.0.0.1:{port}{path}"],
            check=True, capture_output=True, text=True).stdout
        if "Non-2xx" in text:
            sys.exit(text)
        return float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))

    info = rate("/info")
    show("requests/s of /info", f"{info:.0f}", info, True)
    for path in ("/list", "/metrics"):
        figure = rate(path)
        show(f"requests/s of {path}, 100 processes", f"{figure:.0f}", figure, True)
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    if os.path.exists(nginx):
        with tempfile.TemporaryDirectory() as directory:
            with open(f"{directory}/nginx.conf", "w") as file:
                file.write(f"""daemon off; worker_processes 1; pid {directory}/pid; error_log stderr crit;
                    events {{}} http {{ access_log off; keepalive_requests 1000000;
                    server {{ listen 127.0.0.1:{daemon.port + 1}; location / {{ default_type application/json; return 200 '{"x" * 1200}'; }} }} }}""")
            process = cleanup.start([nginx, "-p", directory, "-c", f"{directory}/nginx.conf"])
            time.sleep(1)
            peer = rate("/", daemon.port + 1)
            cleanup.stop(process)
        show("  nginx, one worker, a fixed answer, in the same run", f"{peer:.0f}")
        show("  ratio /info : nginx", f"{info / peer:.2f}")
    daemon.stop()


PARTS = {part.__name__: part for part in (idle, starts, capture, quiet_writers, pages, refusals, requests)}


def chosen_parts():
    if ARGUMENTS.parts is None:
        return list(PARTS)
    names = ARGUMENTS.parts.split(",")
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        sys.exit(f"--parts {','.join(unknown)}: choose from {', '.join(PARTS)}")
    return names


def compare(other):
    """Runs each part with both binaries in turns, the order changing from round to round, and prints the median of each ratio.

    A machine is not the same from one minute to the next: the two runs of a part follow each other at once.
    """
    root()
    cleanup.write(f"{BINARY} against {other}, {ROUNDS} rounds: median (least to most); above 1 is worse")
    for part in chosen_parts():
        ratios = {}
        for number in range(ROUNDS):
            results = {}
            for binary in (BINARY, other) if number % 2 == 0 else (other, BINARY):
                with tempfile.NamedTemporaryFile("r") as file:
                    run = cleanup.start(
                        [sys.executable, __file__, binary, "--parts", part, "--write", file.name],
                        stdout=subprocess.DEVNULL)
                    if run.wait() != 0:
                        sys.exit(f"bench: {part} of {binary} has failed")
                    cleanup.processes.remove(run)
                    results[binary] = json.load(file)
            for name, (figure, more_is_better) in results[BINARY].items():
                # A figure from which something was taken off may be nothing.
                ratio = max(figure, 1e-6) / max(results[other][name][0], 1e-6)
                ratios.setdefault(name, []).append(1 / ratio if more_is_better else ratio)
        for name, values in ratios.items():
            show(name, f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})")


if __name__ == "__main__":
    if ARGUMENTS.against:
        compare(os.path.abspath(ARGUMENTS.against))
    else:
        for part in chosen_parts():
            PARTS[part]()
        if ARGUMENTS.write:
            with open(ARGUMENTS.write, "w") as file:
                json.dump(FIGURES, file)
