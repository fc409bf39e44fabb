"""One query to a manager interface, for ``telephony check``: is it Asterisk, and does it accept our account?

It uses pyst2's synchronous manager, in its own thread and with a time-out, because pyst2 waits forever for a missing
answer. The running service uses ``telephony.asterisk.ami`` instead.
"""

import contextlib
import socket
import threading
import time
import warnings
from queue import Empty, Queue

from telephony.errors import SwitchError, SwitchTimeoutError, SwitchUnavailableError
from telephony.wire.ami import BANNER, encode_action

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from asterisk.manager import Manager, ManagerAuthException, ManagerException, ManagerSocketException


_Results = Queue[str | Exception]


class _Event(threading.Event):
    """An event with pyst2's old name for ``is_set``, to avoid a warning."""

    def isSet(self) -> bool:  # noqa: N802 - pyst2's word
        return self.is_set()


class _Manager(Manager):
    """pyst2's manager, which can be ended from outside without an exception."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._running = _Event()
        self._connected = _Event()

    def __del__(self) -> None:
        """Do nothing: pyst2 would log off here and wait for an answer during garbage collection."""

    def message_loop(self) -> None:
        """Read messages; one that pyst2 cannot parse ends the connection instead of blocking it."""
        try:
            super().message_loop()  # type: ignore[no-untyped-call]
        except Exception:  # noqa: BLE001 - outermost frame of pyst2's thread
            self._response_queue.put(None)

    def end(self) -> None:
        """End the threads without ``close``, which would log off and wait for an answer."""
        self._running.clear()
        self._connected.clear()
        with contextlib.suppress(OSError, AttributeError):
            self._sock._sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]  # noqa: SLF001 - pyst2 wraps it
        for queue in (self._message_queue, self._event_queue, self._response_queue):
            queue.put(None)


def asterisk_version(host: str, port: int, user: str, secret: str, deadline_s: float = 5.0) -> str:
    """Log in and return Asterisk's version; blocks until the deadline at most.

    Args:
        host: address of the manager interface.
        port: its TCP port.
        user: manager account, with class reporting.
        secret: its secret.
        deadline_s: time-out for everything, in seconds.

    Returns:
        The version as Asterisk reports it, e.g. ``22.10.1``.

    Raises:
        SwitchUnavailableError: nothing listens there, or something that is not Asterisk.
        SwitchTimeoutError: it listens but sends nothing in time.
        SwitchError: the account is refused or lacks the right.
        ForbiddenTextError: account or secret contain control characters.
    """
    encode_action([("Action", "Login"), ("Username", user), ("Secret", secret)])
    until_s = time.monotonic() + deadline_s
    place = f"{host}:{port}"
    _expect_greeting(host, port, deadline_s)
    with warnings.catch_warnings():
        # pyst2 uses names that Python has deprecated since 3.10.
        warnings.simplefilter("ignore", DeprecationWarning)
        return _ask(host, port, user, secret, place, until_s)


def _expect_greeting(host: str, port: int, deadline_s: float) -> None:
    place = f"{host}:{port}"
    until_s = time.monotonic() + deadline_s
    greeting = b""
    try:
        with socket.create_connection((host, port), timeout=deadline_s) as probe:
            while len(greeting) < len(BANNER):
                probe.settimeout(max(0.001, until_s - time.monotonic()))
                data = probe.recv(len(BANNER) - len(greeting))
                if not data:
                    break
                greeting += data
    except TimeoutError as error:
        raise SwitchTimeoutError(
            f"{place} says nothing within {deadline_s:g} s: is this the manager port, and is Asterisk stuck?"
        ) from error
    except OSError as error:
        raise SwitchUnavailableError(
            f"{place} refuses the connection ({type(error).__name__}): start Asterisk, or correct ami_host and ami_port"
        ) from error
    if greeting != BANNER:
        raise SwitchUnavailableError(
            f"{place} is not an Asterisk manager interface: correct ami_host and ami_port, or enable it in manager.conf"
        )


def _ask(host: str, port: int, user: str, secret: str, place: str, until_s: float) -> str:
    manager = _Manager()
    results: _Results = Queue()
    asking = threading.Thread(target=_converse, args=(manager, host, port, user, secret, results), daemon=True)
    asking.start()
    try:
        result = results.get(timeout=max(0.001, until_s - time.monotonic()))
    except Empty:
        raise SwitchTimeoutError(
            f"Asterisk at {place} greets but does not answer: look at its log, restart it"
        ) from None
    finally:
        manager.end()
        asking.join(1.0)
    if isinstance(result, str):
        return result
    if isinstance(result, ManagerAuthException):
        raise SwitchError(
            f"Asterisk at {place} refuses manager account {user}: make ami_secret and manager.conf agree"
        ) from None
    if isinstance(result, (ManagerSocketException, OSError)):
        raise SwitchUnavailableError(
            f"Asterisk at {place} closed the connection or talked nonsense: look at its permit list and log"
        ) from None
    raise SwitchError(f"Asterisk at {place} refused account {user} the question: grant it write = reporting") from None


def _converse(manager: _Manager, host: str, port: int, user: str, secret: str, results: "_Results") -> None:
    try:
        manager.connect(host, port)  # type: ignore[no-untyped-call]
        manager.login(user, secret)  # type: ignore[no-untyped-call]
        response = manager.send_action({"Action": "CoreSettings"})  # type: ignore[no-untyped-call]
        version = response.get_header("AsteriskVersion")
        results.put(str(version) if version else ManagerException("no version"))
    except Exception as error:  # noqa: BLE001 - outermost frame of the thread: the caller raises it
        results.put(error)
