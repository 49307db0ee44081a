"""What the benchmarks are told on the command line."""

import argparse


def read():
    """The options; `--help`, and what is none of them, end the program before anything is measured."""
    parser = argparse.ArgumentParser(
        prog="bench.py", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures the release binary: memory, wakeups, starts, log capture, HTTP. Each speed stands beside a peer's.")
    parser.add_argument("binary", nargs="?", default=".build/release/exeio", help="what is measured (default: %(default)s)")
    parser.add_argument("--against", metavar="OTHER", help="run the two in turns, part by part, and print the ratio of each figure")
    parser.add_argument(
        "--parts", metavar="NAME,NAME",
        help="run these parts alone: idle, starts, capture, quiet_writers, pages, refusals, requests")
    # For the runs that a comparison starts: where their figures go, as JSON.
    parser.add_argument("--write", help=argparse.SUPPRESS)
    return parser.parse_args()
