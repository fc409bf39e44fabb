"""The Asterisk a lab runs: the machine's own when it is recent enough, otherwise a private tree from Debian.

The tree is built once per machine, outside the repository, beside its final place and renamed when complete; a
second builder waits for the first. The machine's apt says where packages come from; no address is written here.
"""

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from telephony.errors import LabError

Report = Callable[[str], None]
"""Called with each step, as one sentence."""

SUITES: Final = ("forky", "sid")
"""Debian suites that carry Asterisk; bookworm and trixie do not."""
OLDEST: Final = (20, 10)
"""The first version whose event filters know event names."""
_KEYRING: Final = "/usr/share/keyrings/debian-archive-keyring.gpg"
_BUILD_TIMEOUT_S: Final = 900


@dataclass(frozen=True, slots=True)
class AsteriskTree:
    """Where Asterisk is: ``root`` is "/" for the machine's own; ``program`` is its path within ``root``."""

    root: Path
    program: str
    version: str

    @property
    def is_private(self) -> bool:
        """Whether it must be entered with chroot."""
        return self.root != Path("/")


def find_asterisk(report: Report) -> AsteriskTree:
    """Return the machine's Asterisk, or the private tree, built now when there is none yet.

    Raises:
        LabError: there is none and none can be built; the message says what is missing.
    """
    own = shutil.which("asterisk")
    if own is not None and _is_recent(version := _version([own, "-V"])):
        return AsteriskTree(Path("/"), own, version)
    if os.geteuid() != 0:
        raise LabError("a lab without Asterisk 20.10 or later on PATH needs root: it runs one in a tree of its own")
    root = cache_folder() / "asterisk"
    with _lock(cache_folder() / "lock"):
        if not (root / "usr/sbin/asterisk").exists():
            _build(root, report)
    return AsteriskTree(root, "/usr/sbin/asterisk", _version(["chroot", str(root), "/usr/sbin/asterisk", "-V"]))


def cache_folder() -> Path:
    """Return where the tree is kept: ``TELEPHONY_LAB_CACHE``, or ``/var/cache/telephony-lab``."""
    return Path(os.environ.get("TELEPHONY_LAB_CACHE", "/var/cache/telephony-lab")).absolute()


def _build(root: Path, report: Report) -> None:
    for tool in ("mmdebstrap", "apt-get"):
        if shutil.which(tool) is None:
            raise LabError(
                f"{tool} is missing, so no private Asterisk can be built; apt-get install mmdebstrap,"
                " or install the package asterisk 20.10 or later"
            )
    for stale in root.parent.glob("building-*"):
        _remove_tree(stale)
    mirror = _mirror()
    failures = []
    for suite in SUITES:
        report(f"building a private Asterisk from Debian {suite} (once per machine, about half a minute)")
        building = Path(tempfile.mkdtemp(prefix="building-", dir=root.parent))
        try:
            failure = _bootstrap(suite, mirror, building)
            if failure is None:
                building.chmod(0o755)
                building.rename(root)
                return
            failures.append(f"{suite}: {failure}")
        finally:
            if building.exists():
                _remove_tree(building)
    raise LabError("no private Asterisk could be built: " + "; ".join(failures))


def _bootstrap(suite: str, mirror: str, building: Path) -> str | None:
    """Fill ``building``; returns what went wrong, or None."""
    # The archive's Release file of a suite in the making may be past its date on a mirror; signatures are checked.
    command = ["mmdebstrap", "--variant=apt", "--quiet", "--aptopt=Acquire::Check-Valid-Until false"]
    command += [f"--aptopt={line}" for line in _apt_proxies()]
    command += ["--include=asterisk,ca-certificates", suite, str(building), "-"]
    source = f"deb [signed-by={_KEYRING}] {mirror} {suite} main\n"
    try:
        done = subprocess.run(
            command, input=source, capture_output=True, text=True, timeout=_BUILD_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"not finished after {_BUILD_TIMEOUT_S} s"
    if done.returncode != 0:
        return " ".join(done.stderr.split())[-300:] or f"mmdebstrap ended with status {done.returncode}"
    return None


def _mirror() -> str:
    """Return the address of the machine's main Debian archive, as its apt knows it."""
    done = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(LABEL) $(COMPONENT) $(CREATED_BY)"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    for line in done.stdout.splitlines():
        uri, *rest = line.split(" ")
        if rest == ["Debian", "Debian", "main", "Packages"]:
            return uri
    raise LabError(
        "apt knows no Debian archive on this machine, so no private Asterisk can be built;"
        " run apt-get update, or install the package asterisk 20.10 or later"
    )


def _apt_proxies() -> list[str]:
    done = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, timeout=60, check=False)
    return [line.rstrip(";") for line in done.stdout.splitlines() if re.match(r"Acquire::https?::Proxy", line)]


def _version(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except OSError as error:
        raise LabError(f"{command[0]} does not start: {error.strerror}") from error
    match = re.search(r"Asterisk (\S+)", done.stdout)
    if match is None:
        raise LabError(f"{' '.join(command)} shows no version: {done.stderr.strip()[:200]}")
    return match.group(1)


def _is_recent(version: str) -> bool:
    match = re.match(r"([0-9]+)\.([0-9]+)", version)
    return match is not None and (int(match.group(1)), int(match.group(2))) >= OLDEST


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _remove_tree(folder: Path) -> None:
    """Remove a half-built tree, unless something is still mounted in it."""
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    if any(line.split(" ")[1].startswith(f"{folder}/") for line in mounts):
        raise LabError(f"{folder} is a half-built tree with mounts in it; unmount them and remove it")
    shutil.rmtree(folder)
