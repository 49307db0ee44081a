"""What a benchmark ends and removes, also if it fails or is cut off."""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile

CUTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# How long a process may take from SIGTERM to its end: a daemon stops its thousands of children first.
PATIENCE = 60

processes = []
directories = []


def start(arguments, **options):
    """A process that does not outlive the benchmark."""
    process = subprocess.Popen(arguments, **options)
    processes.append(process)
    return process


def stop(process):
    """Its status, after SIGTERM: a daemon and s6 stop what they have started, which SIGKILL would leave running."""
    process.send_signal(signal.SIGTERM)
    status = process.wait()
    processes.remove(process)
    return status


def directory(**options):
    """A directory that is there until the benchmark ends."""
    path = tempfile.mkdtemp(prefix="exeio-bench-", **options)
    directories.append(path)
    return path


def write(line):
    """A line of output. Where its reader has gone, as that of `| head`, the benchmark ends."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        # Or Python would fail once more, at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + signal.SIGPIPE)


@atexit.register
def clean():
    for number in CUTS:
        signal.signal(number, signal.SIG_IGN)
    for process in processes:
        # What reads from the benchmark ends what it has started when that is over.
        if process.stdin:
            process.stdin.close()
        else:
            process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            print(f"bench: {process.args[0]} has not ended in {PATIENCE} s: what it started may be left", file=sys.stderr)
            process.kill()
    for path in directories:
        shutil.rmtree(path, ignore_errors=True)


for number in CUTS:
    signal.signal(number, lambda number, _: sys.exit(128 + number))
