"""Style, scripts and icons: read once at start, served from memory with a digest in their address.

Every address carries the file's digest, so a browser keeps it for ever and never runs an old one beside a new page.
Files of others lie untouched in ``static/vendor`` with licence, version and digest (``vendored.toml``).
"""

import base64
import functools
import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

STATIC: Final = Path(__file__).parents[1] / "static"
_KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file, as it is sent."""

    address: str
    kind: str
    body: bytes
    gzipped: bytes
    integrity: str


class Assets:
    """Every static file by name, for example ``site.css`` or ``vendor/htmx.min.js``."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._assets = {
            path.relative_to(folder).as_posix(): _read(path, path.relative_to(folder).as_posix())
            for path in sorted(folder.rglob("*"))
            if path.suffix in _KINDS
        }

    def __getitem__(self, name: str) -> Asset:
        return self._assets[name]

    def get(self, name: str) -> Asset | None:
        """Return the file or None; the name is only looked up, never opened."""
        return self._assets.get(name)

    def names(self) -> tuple[str, ...]:
        """Return the names of all files."""
        return tuple(self._assets)


@functools.cache
def shipped_assets() -> Assets:
    """Return the files that ship with the pages, read once per process."""
    return Assets()


def _read(path: Path, name: str) -> Asset:
    body = path.read_bytes()
    digest = hashlib.sha384(body).digest()
    return Asset(
        address=f"/static/{name}?v={digest.hex()[:12]}",
        kind=_KINDS[path.suffix],
        body=body,
        gzipped=gzip.compress(body, mtime=0),
        integrity="sha384-" + base64.b64encode(digest).decode(),
    )
