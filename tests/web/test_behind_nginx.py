"""The nginx block of the administrator's guide, as it stands there, before real pages: addresses, forms, streams."""

import asyncio
import re
import shutil
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar, TCPConnector
from aiohttp.test_utils import TestServer, unused_port

from telephony.web import make_app
from tests.absence import absent
from tests.scenes.pages import Pages, open_pages
from tests.waiting import until

GUIDE = Path(__file__).parents[2] / "docs" / "administrator.md"
TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
pytestmark = pytest.mark.slow


def block(port: int, pages: int, folder: Path) -> str:
    """Return the guide's block with this test's ports and certificate."""
    matched = re.search(r"```nginx\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert matched is not None
    text = matched[1].replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    text = text.replace("127.0.0.1:8080", f"127.0.0.1:{pages}").replace("/etc/ssl/", f"{folder}/")
    paths = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    http = f"http {{\naccess_log off;\n{paths}{text}}}\n"
    return f"daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nevents {{}}\n{http}"


async def run(*words: str) -> None:
    made = await asyncio.create_subprocess_exec(*words, stderr=asyncio.subprocess.DEVNULL)
    assert await made.wait() == 0, words


@asynccontextmanager
async def behind_nginx(pages: Pages, folder: Path) -> AsyncIterator[str]:
    """Give the address of the pages behind nginx, as the guide sets both up."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        absent("no nginx on PATH: apt install nginx-light")
    web = pages.deps.web.model_copy(update={"trusted_proxies": (IPv4Network("127.0.0.1/32"),), "secure_cookies": True})
    server = TestServer(make_app(replace(pages.deps, web=web)))
    await server.start_server()
    port = unused_port()
    key, certificate = str(folder / "telephony.key"), str(folder / "telephony.crt")
    made = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=telephony")
    await run(*made, "-keyout", key, "-out", certificate)
    (folder / "nginx.conf").write_text(block(port, server.port or 0, folder))
    process = await asyncio.create_subprocess_exec(
        nginx, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log"), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await until(lambda: is_listening(port))
        yield f"https://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()
        await server.close()


async def is_listening(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def a_seat(address: str) -> ClientSession:
    """Return a browser at another address of the loopback network."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connector = TCPConnector(ssl=context, local_addr=(address, 0))
    return ClientSession(connector=connector, cookie_jar=CookieJar(unsafe=True))


async def enter(seat: ClientSession, site: str, username: str, password: str) -> int:
    async with seat.get(f"{site}/sign-in") as answer:
        matched = TOKEN.search(await answer.text())
    assert matched is not None
    fields = {"form_token": matched[1], "username": username, "password": password}
    headers = {"Origin": site, "X-Forwarded-For": "203.0.113.9"}
    async with seat.post(f"{site}/sign-in", data=fields, headers=headers, allow_redirects=False) as answer:
        return answer.status


async def test_behind_the_guides_nginx_each_seat_has_its_own_address(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    async with (
        open_pages(tmp_path / "pages") as pages,
        behind_nginx(pages, tmp_path) as site,
        a_seat("127.0.7.1") as guessing,
        a_seat("127.0.7.2") as working,
    ):
        statuses = [await enter(guessing, site, f"name{number}", "wrong") for number in range(31)]
        assert statuses == [401] * 30 + [429]
        assert await enter(working, site, "supervisor", pages.passwords["supervisor"]) == 303
        texts = {
            str(entry.note.body["address"])
            async for entry in pages.store.ledger.entries()
            if "address" in entry.note.body
        }
        assert texts == {"127.0.7.1"}
        async with working.get(f"{site}/floor/events") as stream:
            assert stream.status == 200
            async with asyncio.timeout(5):
                assert (await stream.content.readline()).startswith((b"id: ", b"event: "))
