"""The pages at an address of their own, for a browser; they can be stopped and served again."""

from dataclasses import dataclass

from aiohttp import web

from telephony.ids import RecordingId
from telephony.web import make_app
from tests.scenes.pages import Pages


@dataclass
class ServedPages:
    """The pages under test."""

    address: str
    pages: Pages
    calls: list[RecordingId]
    port: int
    runner: web.AppRunner | None = None

    @property
    def app(self) -> web.Application:
        assert self.runner is not None
        assert self.runner.app is not None
        return self.runner.app

    async def start(self) -> None:
        """Serve the pages, at the same address as before."""
        self.runner = web.AppRunner(make_app(self.pages.deps), shutdown_timeout=2)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", self.port).start()

    async def stop(self) -> None:
        """Serve nothing: no request gets an answer."""
        if self.runner is not None:
            await self.runner.cleanup()
        self.runner = None
