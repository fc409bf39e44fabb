"""Requests to the controller: one FastAGI connection per question; the answer must carry a valid proof.

FastAGI fails open: a server that closes, resets or sends garbage looks like one that has nothing to report. Here only
an answer with the controller's proof counts. ``guard`` decides when to ask.
"""

import asyncio
import contextlib
from typing import Final

from telephony.errors import PeerProtocolError, SwitchTimeoutError, SwitchUnavailableError
from telephony.wire.agi import read_variables
from telephony.wire.watch import WatchAnswer, WatchQuestion, question_headers, read_answer

PATIENCE_S: Final = 2.5
"""Seconds for question and answer together; the controller delays an answer without orders for about one."""
_LINE_BYTES: Final = 4096
_LINES: Final = 16


class Controller:
    """The controller's FastAGI server.

    Args:
        host: its address.
        port: TCP port of it.
        key: the key shared with it.
    """

    def __init__(self, host: str, port: int, key: str) -> None:
        self._host = host
        self._port = port
        self._key = key

    async def ask(self, question: WatchQuestion) -> WatchAnswer:
        """Ask once.

        Raises:
            SwitchUnavailableError: nobody listens, or the connection broke.
            SwitchTimeoutError: no whole answer in time.
            PeerProtocolError: the answer is not the controller's, or not to this question.
        """
        try:
            async with asyncio.timeout(PATIENCE_S):
                return read_answer(await self._variables(question), question, self._key)
        except TimeoutError as error:
            raise SwitchTimeoutError("the controller did not answer the watch in time") from error
        except OSError as error:
            raise SwitchUnavailableError(f"the controller cannot be reached ({type(error).__name__})") from error

    async def _variables(self, question: WatchQuestion) -> dict[str, str]:
        reader, writer = await asyncio.open_connection(self._host, self._port, limit=_LINE_BYTES)
        try:
            headers = question_headers(question, self._key)
            writer.write("".join(f"{name}: {value}\n" for name, value in headers.items()).encode() + b"\n")
            await writer.drain()
            return await _answers(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def _answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> dict[str, str]:
    """Read variables as Asterisk would, until the verdict arrives or the server closes."""
    variables: dict[str, str] = {}
    for _ in range(_LINES):
        try:
            line = await reader.readline()
        except ValueError as error:
            raise PeerProtocolError("the controller sent a line that is too long") from error
        line_variables = read_variables(line)
        if not line_variables:
            break
        variables |= line_variables
        writer.write(b"200 result=1\n")
        await writer.drain()
        if "VERDICT" in line_variables:
            break
    return variables
