"""The lab's nftables table: loaded when this machine allows it, removed always."""

import os
import shutil
import subprocess

from telephony.errors import LabError


def table_of(lab_id: str) -> str:
    """Return the name of the lab's table."""
    return f"telephony_lab_{lab_id}"


def apply(script: str) -> str:
    """Load an ``nft -f`` script; returns "" when it is in force, or why it is not."""
    if os.geteuid() != 0:
        return "not root"
    if shutil.which("nft") is None:
        return "nft is not installed"
    done = _nft("-f", "-", given=script)
    return "" if done.returncode == 0 else f"nft refused the rules: {' '.join(done.stderr.split())[:200]}"


def remove(lab_id: str) -> None:
    """Remove the lab's table; none is fine.

    Raises:
        LabError: it is there and cannot be removed.
    """
    if table_of(lab_id) not in tables():
        return
    done = _nft("delete", "table", "inet", table_of(lab_id))
    if done.returncode != 0:
        raise LabError(f"nft cannot delete the table {table_of(lab_id)}: {' '.join(done.stderr.split())[:200]}")


def tables() -> set[str]:
    """Return the names of the labs' tables that are loaded now."""
    if os.geteuid() != 0 or shutil.which("nft") is None:
        return set()
    names = (line.rpartition(" ")[2] for line in _nft("list", "tables", "inet").stdout.splitlines())
    return {name for name in names if name.startswith("telephony_lab_")}


def _nft(*arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["nft", *arguments], input=given, capture_output=True, text=True, timeout=20, check=False)
