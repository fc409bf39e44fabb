"""The client side of FastAGI, as Asterisk speaks it: one connection for each call, one reply to each command."""

import asyncio
from collections.abc import Mapping
from typing import Final

from telephony.wire.agi import read_variables

DEADLINE_S: Final = 5.0


async def ask(host: str, port: int, extension: str, channel: str) -> Mapping[str, str]:
    """Ask ``/verdict`` for one permit; return the variables that were set before the server closed.

    Args:
        host: of the FastAGI server.
        port: its TCP port.
        extension: the permit id, or a forged one.
        channel: unique id of the asking channel.
    """
    variables: dict[str, str] = {}
    async with asyncio.timeout(DEADLINE_S):
        reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(_request(host, extension, channel))
            while line := await reader.readline():
                assignments = read_variables(line)
                if not assignments:
                    raise ConnectionError("the FastAGI server sent a command that sets nothing")
                variables |= assignments
                writer.write(b"200 result=1\n")
        finally:
            writer.close()
    return variables


def _request(host: str, extension: str, channel: str) -> bytes:
    headers = {
        "network": "yes",
        "network_script": "verdict",
        "request": f"agi://{host}/verdict",
        "channel": "PJSIP/pbx-00000001",
        "language": "en",
        "type": "PJSIP",
        "uniqueid": channel,
        "version": "22.10.1",
        "callerid": "unknown",
        "calleridname": "unknown",
        "callingpres": "0",
        "callingani2": "0",
        "callington": "0",
        "callingtns": "0",
        "dnid": extension,
        "rdnis": "unknown",
        "context": "gate",
        "extension": extension,
        "priority": "10",
        "enhanced": "0.0",
        "accountcode": "",
        "threadid": "1",
    }
    return "".join(f"agi_{name}: {value}\n" for name, value in headers.items()).encode() + b"\n"
