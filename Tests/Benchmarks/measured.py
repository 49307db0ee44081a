"""A daemon to be measured, and how figures are shown."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

import arguments
import cleanup

ARGUMENTS = arguments.read()
# As /proc names it: .build/release is a link.
BINARY = os.path.realpath(ARGUMENTS.binary)
# What the comparison takes of a run: by name the figure, and whether more of it is better.
FIGURES = {}
KEY = "bench-key"


def root():
    """Where all directories are until the end, also those of the runs that a comparison starts.

    ext4 takes no inode again for minutes after its file was removed, and looks at all of those before it finds another:
    after some thousand logs each new one would take half a millisecond.
    """
    if "BENCH_ROOT" not in os.environ:
        os.environ["BENCH_ROOT"] = cleanup.directory(dir="/var/tmp")
    return os.environ["BENCH_ROOT"]


def memory_root():
    """A directory on a tmpfs, where what a disk's file system takes for a new file is not measured; else that of all."""
    if not os.access("/dev/shm", os.W_OK):
        return root()
    if "BENCH_MEMORY_ROOT" not in os.environ:
        os.environ["BENCH_MEMORY_ROOT"] = cleanup.directory(dir="/dev/shm")
    return os.environ["BENCH_MEMORY_ROOT"]


class Daemon:
    """The binary on directories of its own."""

    def __init__(self, below=None):
        self.directory = tempfile.mkdtemp(dir=below or root())
        self.process = cleanup.start(
            [BINARY, "--port", "0", "--api-key", KEY, "--config-dir", self.directory, "--data-dir", self.directory],
            stdout=subprocess.PIPE, text=True)
        banner = ""
        while "Config file" not in banner:
            line = self.process.stdout.readline()
            if not line:
                sys.exit("the daemon did not start")
            banner += line
        self.port = int(re.search(r"on port (\d+)", banner).group(1))
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port)
        self.socket = None
        self.pid = self.process.pid

    def request(self, method, path, body=None):
        data = json.dumps(body) if body is not None else None
        self.connection.request(method, path, data, {"exeio-api-key": KEY})
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())

    def timed(self, method, path, body=None):
        """Seconds from the first byte of a request to the last one of its answer, with as little as can be of the client's own."""
        data = json.dumps(body).encode() if body is not None else b""
        head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\nexeio-api-key: {KEY}\r\nContent-Length: {len(data)}\r\n\r\n"
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port))
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        start = time.perf_counter()
        self.socket.sendall(head.encode() + data)
        answer = self.receive()
        while b"\r\n\r\n" not in answer:
            answer += self.receive()
        head, _, rest = answer.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?i)content-length: (\d+)", head).group(1))
        while len(rest) < length:
            rest += self.receive()
        passed = time.perf_counter() - start
        if not head.startswith(b"HTTP/1.1 2"):
            sys.exit(f"{path}: {answer}")
        return passed

    def receive(self):
        part = self.socket.recv(1 << 20)
        if not part:
            sys.exit("the daemon has closed the connection")
        return part

    def add(self, **definition):
        status, answer = self.request("POST", "/add", definition)
        if status != 201:
            sys.exit(f"/add: {status} {answer}")

    def wait(self, name, wanted):
        while True:
            status, entry = self.request("GET", f"/status/{name}")
            if entry["status"] == wanted:
                return entry
            time.sleep(0.005)

    def own(self):
        """The daemon and what it has made of itself: the process that starts children for it is part of its cost."""
        found = [self.pid]
        for task in os.listdir(f"/proc/{self.pid}/task"):
            with open(f"/proc/{self.pid}/task/{task}/children") as file:
                for pid in file.read().split():
                    try:
                        if os.readlink(f"/proc/{pid}/exe") == BINARY:
                            found.append(int(pid))
                    except FileNotFoundError:
                        pass
        return found

    def memory(self):
        """RSS, PSS and anonymous memory in KiB."""
        rss = pss = anonymous = 0
        for pid in self.own():
            with open(f"/proc/{pid}/smaps_rollup") as file:
                values = dict(re.findall(r"(\w+):\s+(\d+) kB", file.read()))
            rss, pss, anonymous = rss + int(values["Rss"]), pss + int(values["Pss"]), anonymous + int(values["Anonymous"])
        return rss, pss, anonymous

    def cpu(self):
        """CPU seconds so far, of all threads (the CPU clock of a process, clock_getcpuclockid(3))."""
        return sum(time.clock_gettime(~pid << 3 | 2) for pid in self.own())

    def wakeups(self):
        """Times that any of its threads went to sleep of its own will."""
        total = 0
        for pid in self.own():
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/status") as file:
                    total += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", file.read(), re.M).group(1))
        return total

    def stop(self):
        self.connection.close()
        if self.socket is not None:
            self.socket.close()
        if cleanup.stop(self.process) != 0:
            sys.exit("the daemon did not end well")
        for log in os.scandir(f"{self.directory}/logs"):
            if log.stat().st_size > 1 << 20:
                os.unlink(log.path)


def show(name, value, figure=None, more_is_better=False):
    cleanup.write(f"{name:<58} {value}")
    if figure is not None:
        FIGURES[name.strip()] = (figure, more_is_better)


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]
