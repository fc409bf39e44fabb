"""Where the files live that ship with the code but are not code: dialplan templates and configuration examples.

In a clone they stand at the top of the repository, where a telephony engineer looks for them; in a wheel they
stand in ``telephony/_shipped``. Nothing else in the project knows about these two places.
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """Return the folder ``dialplan`` or ``config`` of this installation.

    Args:
        name: ``"dialplan"`` or ``"config"``.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    for root in (_PACKAGE / "_shipped", _PACKAGE.parent):
        folder = root / name
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the folder {name}/ is missing beside {_PACKAGE}: reinstall the package")
