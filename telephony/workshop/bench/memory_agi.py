"""The FastAGI server in memory: a test that acts as the dialplan asks it, and every answer is kept."""

from collections.abc import Mapping, Sequence

from telephony.ids import ChannelId
from telephony.ports.calls.switch import AgiCall, AgiRoute


class MemoryAgi:
    """The FastAGI server; ``ask`` is the dialplan."""

    def __init__(self) -> None:
        self.routes: dict[str, AgiRoute] = {}
        self.is_listening = False
        self.asked: list[tuple[AgiCall, Mapping[str, str]]] = []
        """Every question with its answer; {} when it was refused."""
        self.faults: list[Exception] = []
        """Errors raised by routes; the real server refuses and logs."""

    async def start(self, routes: Mapping[str, AgiRoute]) -> None:
        """Listen."""
        self.routes = dict(routes)
        self.is_listening = True

    async def stop(self) -> None:
        """Stop listening."""
        self.is_listening = False

    async def ask(
        self,
        route: str,
        channel: str,
        extension: str = "",
        *,
        name: str = "PJSIP/x-1",
        peer: str = "127.0.0.1",
        arguments: Sequence[str] = (),
    ) -> Mapping[str, str]:
        """Ask as the dialplan does; {} is a refusal, also when the route raises, is unknown or nobody listens."""
        headers = {
            "agi_network_script": route,
            "agi_uniqueid": channel,
            "agi_channel": name,
            "agi_extension": extension,
        } | {f"agi_arg_{place}": text for place, text in enumerate(arguments, 1)}
        call = AgiCall(route, peer, ChannelId(channel), name, extension, headers)
        answer: Mapping[str, str] = {}
        if self.is_listening and route in self.routes:
            try:
                answer = await self.routes[route](call)
            except Exception as error:  # noqa: BLE001 - the real server does the same
                self.faults.append(error)
        self.asked.append((call, answer))
        return answer
