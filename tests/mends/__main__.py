"""Take mends out one by one and run their tests: ``python -m tests.mends --draw 10 --seed $(git rev-parse HEAD)``.

Each is taken out in a copy of the checkout's files; the tests run there. A mend whose tests still pass is held by none.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.mends import ROOT, Mend, mends

FAILED = 1
"""What pytest says when tests ran and some failed; anything else is no answer."""


def copy(folder: Path) -> None:
    """Copy what git knows, or would take."""
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def is_caught(mend: Mend, folder: Path) -> bool:
    """Take a mend out of the copy, run its tests, put it back."""
    before = {change.file: (folder / change.file).read_text(encoding="utf-8") for change in mend.changes}
    for change in mend.changes:
        path = folder / change.file
        text = path.read_text(encoding="utf-8")
        assert text.count(change.old) == 1, f"{change.file}: these words stand there {text.count(change.old)} times"
        path.write_text(text.replace(change.old, change.new), encoding="utf-8")
    words = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *mend.tests]
    done = subprocess.run(
        words, cwd=folder, env=os.environ | {"PYTHONPATH": str(folder)}, capture_output=True, text=True, check=False
    )
    for name, text in before.items():
        (folder / name).write_text(text, encoding="utf-8")
    if done.returncode not in {0, FAILED}:
        sys.stderr.write(done.stdout[-2000:] + done.stderr[-2000:])
    return done.returncode == FAILED


def main() -> int:
    """Take out the numbers named, or some that are drawn, or all; 1 when a mend is held by no test."""
    ask = argparse.ArgumentParser(prog="python -m tests.mends", description=__doc__)
    ask.add_argument("numbers", nargs="*", type=int, help="which; none named: all")
    ask.add_argument("--draw", type=int, default=0, help="draw so many instead")
    ask.add_argument("--seed", default="", help="what they are drawn by, such as a commit's hash")
    given = ask.parse_args()
    every = {mend.number: mend for mend in mends()}
    chosen = given.numbers or sorted(every)
    if given.draw:
        chosen = sorted(random.Random(given.seed).sample(sorted(every), given.draw))
    held = True
    with tempfile.TemporaryDirectory(prefix="telephony-mends-") as name:
        copy(Path(name))
        for number in chosen:
            began = time.monotonic()
            caught = is_caught(every[number], Path(name))
            held = held and caught
            said = "its tests fail" if caught else "NO TEST FAILS"
            sys.stdout.write(f"{number:2} {every[number].name}: {said} ({time.monotonic() - began:.0f} s)\n")
            sys.stdout.flush()
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
