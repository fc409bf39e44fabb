"""No request is answered with 5xx, whoever asks and whatever it holds; a fault that is ours says where it was."""

import asyncio
import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from telephony.domain.calls.operators import OperatorState
from telephony.web import make_app
from telephony.web.http.requests import is_text
from tests.absurd import ABSURD, DAYS, DIGITS, HALF, TEXTS, json_values, texts
from tests.effort import LONG, cases
from tests.scenes.pages import Pages, open_pages
from tests.web.browserless import Visitor
from tests.web.conftest import Visit

STREAMS = ("/floor/stream", "/desk/socket", "/floor/events")
"""Answers that do not end by themselves."""
UUID = "00000000-0000-0000-0000-000000000000"
PARTS = {"recording": UUID, "day": "2026-11-20", "sha256": "ab" * 32, "name": "x.css", "move": "pause"}
FIELDS = (
    *("q", "operator", "campaign", "digits", "day", "hour", "unanswered", "after", "play", "next", "seen"),
    *("reason", "reference", "note", "result", "callback_at", "callback_zone", "callback_anyone", "preview"),
    *("id", "scope", "target", "mode", "ratio", "confirm", "confirmed", "after_s", "entry", "cause", "username"),
    *("password", "language", "theme", "back", "name", "attempt", "ends_calls", "limit", "since"),
)


def routes(app: web.Application) -> list[tuple[str, str]]:
    """Every route there is: method and address, its parts filled in."""
    urls = []
    for route in app.router.routes():
        resource = route.resource
        assert resource is not None
        address = re.sub(r"\{(\w+)[^}]*\}", lambda part: PARTS.get(part[1], "1"), resource.canonical)
        if route.method != "HEAD" and not address.endswith(STREAMS):
            urls.append((route.method, address))
    return urls


ROLES = ("", "supervisor", "manager", "compliance", "admin", "claire")
KINDS = ("application/json; charset=klingon", "application/x-www-form-urlencoded; charset=utf-7", "text/plain", "x/y")


class Doors:
    """The pages on a loop of its own, which stands still between requests, and one visitor of each kind."""

    def __init__(self, folder: Path) -> None:
        self._runner = asyncio.Runner()
        self._stack = contextlib.AsyncExitStack()
        self.visitors: dict[str, Visitor] = {}
        self.routes: list[tuple[str, str]] = []
        self.loop = self._runner.get_loop()
        self._runner.run(self._open(folder))

    async def _open(self, folder: Path) -> None:
        self.pages = pages = await self._stack.enter_async_context(open_pages(folder))
        app = make_app(pages.deps)
        self.routes = routes(app)
        server = TestServer(app)
        await server.start_server()
        self._stack.push_async_callback(server.close)
        for role in ROLES:
            client = TestClient(server)
            self._stack.push_async_callback(client.session.close)
            self.visitors[role] = Visitor(client, pages.passwords)
            await self.visitors[role].get("/sign-in")
            if role:
                await self.visitors[role].sign_in(role)

    def close(self) -> None:
        self._runner.run(self._stack.aclose())
        self._runner.close()

    def ask(self, role: str, method: str, path: str, **more: Any) -> tuple[int, bytes]:
        """Ask with the visitor's token; a connection that was ended is not an answer."""
        visitor = self.visitors[role]
        headers = {"X-CSRF-Token": visitor.form_token, **more.pop("headers", {})}
        address = URL(path, encoded=True)

        async def asked() -> tuple[int, bytes]:
            async with visitor.client.request(
                method, address, headers=headers, allow_redirects=False, **more
            ) as answer:
                status_and_body = answer.status, await answer.read()
            if role and "/sign-" in path:  # whoever was signed out would be a stranger in all that follows
                await visitor.sign_in(role)
            return status_and_body

        return self._runner.run(asked())

    def talk(self, frames: bytes, **headers: str) -> bytes:
        """Open a desk socket and send bytes as they are; return what came back, a change of the desk included."""
        desk, operator_id = self.pages.desk, self.pages.operator.operator_id
        client = self.visitors["claire"].client
        given = {
            "Host": f"{client.host}:{client.port}",
            "Cookie": client.session.cookie_jar.filter_cookies(client.make_url("/")).output([], "", ";"),
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
            **headers,
        }

        async def talked() -> bytes:
            reader, writer = await asyncio.open_connection(client.host, client.port)
            lines = ["GET /desk/socket HTTP/1.1", *(f"{name}: {value}" for name, value in given.items()), "", ""]
            writer.write("\r\n".join(lines).encode() + frames)
            desk.put(operator_id, OperatorState.READY)
            back = b""
            try:
                async with asyncio.timeout(10):
                    while b'"state":"paused"' not in back and (more := await reader.read(4096)):
                        back += more
                        if b'"state":"ready"' in back:
                            desk.put(operator_id, OperatorState.PAUSED)
            except ConnectionError:  # what is no frame ends the connection
                pass
            finally:
                writer.close()
                with contextlib.suppress(ConnectionError):
                    await writer.wait_closed()
            return back

        return self._runner.run(talked())


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    open_doors = Doors(tmp_path_factory.mktemp("doors"))
    yield open_doors
    open_doors.close()


def frame(opcode: int, body: bytes, *, is_last: bool = True, reserved: int = 0) -> bytes:
    """Return a WebSocket frame as browsers mask it, with a mask that changes nothing."""
    first = bytes([is_last << 7 | reserved << 4 | opcode])
    size = len(body).to_bytes(1) if len(body) < 126 else b"\x7e" + len(body).to_bytes(2)
    return first + bytes([size[0] | 0x80]) + size[1:] + bytes(4) + body


def refuse_faults(doors: Doors, role: str, method: str, path: str, **more: Any) -> None:
    status, body = doors.ask(role, method, path, **more)
    assert status < 500, f"{role or 'nobody'}: {method} {path[:200]} {more} gave {status}: {body[:300]!r}"


@pytest.mark.slow
@settings(max_examples=cases(60, long=5000), suppress_health_check=list(HealthCheck), derandomize=LONG)
@given(data=st.data())
def test_every_route_against_absurd_values(doors: Doors, data: st.DataObject):
    draw = data.draw
    role, (method, path) = draw(st.sampled_from(ROLES)), draw(st.sampled_from(doors.routes))
    if "/1" in path and draw(st.booleans()):
        path = path.replace("/1", "/" + quote(draw(st.sampled_from(ABSURD))[:200], safe=""), 1)
    fields = draw(st.dictionaries(st.sampled_from(FIELDS), texts, max_size=4))
    kind = draw(st.sampled_from(("form", "json", "multipart", "raw")))
    encoded = urlencode(fields, errors="surrogatepass")
    if method == "GET":
        refuse_faults(doors, role, method, f"{path}?{encoded}"[:6000])
    elif kind == "form":
        of = {"Content-Type": "application/x-www-form-urlencoded"}
        refuse_faults(doors, role, method, path, data=encoded.encode(), headers=of)
    elif kind == "json":
        body = draw(st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=4))
        of = {"Content-Type": "application/json"}
        refuse_faults(doors, role, method, path, data=json.dumps(body).encode(), headers=of)
    else:
        of = {
            "Content-Type": "multipart/form-data; boundary=x" if kind == "multipart" else draw(st.sampled_from(KINDS))
        }
        refuse_faults(doors, role, method, path, data=draw(st.binary(max_size=60)), headers=of)


JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SEARCHES = [f"{name}={quote(value, safe='')}" for name in ("operator", "campaign", "hour") for value in DIGITS]
SEARCHES += [f"{name}={quote(value, safe='')}" for name in ("day", "after", "q") for value in DAYS]
SEARCHES += [f"{name}={quote(value[:2000], safe='')}" for name in ("digits", "q") for value in (*DIGITS, *TEXTS)]


@pytest.mark.slow
def test_no_search_of_recordings_is_a_fault(doors: Doors):
    for search in SEARCHES:
        refuse_faults(doors, "compliance", "GET", f"/recordings?{search}"[:6000])


FOUND = [
    ("", "POST", "/api/v1/sign-in", b"[" * 60_000, JSON),
    ("", "POST", "/api/v1/sign-in", b'{"username":"\\ud800","password":"\\ud800"}', JSON),
    ("", "POST", "/api/v1/sign-in", b'{"username":"admin","password":"\\udfff"}', JSON),
    ("", "POST", "/api/v1/sign-in", b'{"username":"a\\u0000","password":"x"}', JSON),
    ("", "POST", "/api/v1/sign-in", b"9" * 5000, JSON),
    ("", "POST", "/api/v1/sign-in", b"{}", {"Content-Type": "application/json; charset=klingon"}),
    ("", "POST", "/api/v1/sign-in", b"\xff\xfe", JSON),
    ("", "POST", "/sign-in", b"username=x", {"Content-Type": "application/x-www-form-urlencoded; charset=klingon"}),
    ("", "POST", "/sign-in", b"no parts", {"Content-Type": "multipart/form-data; boundary=x"}),
    ("", "POST", "/sign-in", b"no parts", {"Content-Type": "multipart/form-data"}),
    ("", "POST", "/sign-in", b"--x\r\n\r\n", {"Content-Type": "multipart/form-data; boundary=x"}),
    ("", "POST", "/sign-in", b"username=%00&password=%ED%A0%80", FORM),
    ("", "POST", "/sign-in", b"username=x", {**FORM, "X-CSRF-Token": "é" * 8}),
    ("", "POST", "/sign-in", b"username=x", {**FORM, "Origin": "http://["}),
    ("claire", "GET", "/desk/socket", None, {"Origin": "http://["}),
    ("claire", "GET", "/desk/socket", None, {"Upgrade": "websocket", "Connection": "Upgrade"}),
    ("", "GET", "/sign-in?next=%00", None, {}),
    ("", "GET", "/?q=" + "%C3%A9" * 900, None, {}),
    ("", "GET", "/sign-in?next=/" + "x" * 7000, None, {}),
    ("", "GET", "/static/%00", None, {}),
    ("", "GET", "/", None, {"Cookie": "session=\xe9\xff; visitor=\xe9"}),
    ("manager", "POST", "/api/v1/campaigns/1/mode", b'{"mode":"power","ratio":1e308}', JSON),
    ("manager", "POST", "/api/v1/campaigns/1/mode", b'{"mode":"power","ratio":NaN}', JSON),
    ("manager", "POST", "/campaigns/1/mode", b"mode=power&ratio=1e308", FORM),
    ("manager", "POST", "/campaigns/1/mode", b"mode=power&ratio=nan", FORM),
    ("manager", "POST", f"/campaigns/{'9' * 18}/withdraw-dials", b"after=" + b"9" * 5000, FORM),
    ("manager", "POST", "/lists", b"no parts", {"Content-Type": "multipart/form-data; boundary=x"}),
    ("claire", "POST", "/api/v1/desk/call", b'{"id":' + b"9" * 40 + b"}", JSON),
    ("compliance", "POST", "/proofs", b"day=0001-01-01", FORM),
    ("compliance", "POST", "/proofs", b"day=9999-12-31", FORM),
    ("supervisor", "POST", "/api/v1/lock", b'{"scope":"seat","target":"' + b"9" * 5000 + b'"}', JSON),
    ("supervisor", "POST", "/lock", b"reason=%00", FORM),
]


@pytest.mark.slow
def test_what_was_found_once_is_no_fault(doors: Doors):
    for role, method, path, body, headers in FOUND:
        refuse_faults(doors, role, method, path, data=body, headers=headers)


orderly = st.builds(frame, st.sampled_from((1, 9, 10)), st.text(max_size=25).map(str.encode))
"""What a browser, or a script in one, can send: texts, pings, answers to pings."""
frames = st.builds(
    frame,
    st.integers(0, 15),
    st.one_of(
        st.binary(max_size=130), st.just(b"x" * 5000), texts.map(lambda text: text.encode("utf-8", "replace")[:9000])
    ),
    is_last=st.booleans(),
    reserved=st.sampled_from((0, 0, 0, 1, 4, 7)),
)


@pytest.mark.slow
@settings(max_examples=cases(20, long=300), suppress_health_check=list(HealthCheck), derandomize=LONG)
@given(sent=st.lists(st.one_of(orderly, orderly, frames, st.binary(max_size=40)), max_size=8))
def test_the_desks_socket_against_absurd_frames(doors: Doors, sent: list[bytes]):
    with structlog.testing.capture_logs() as lines:
        doors.talk(b"".join(sent))
    assert [line["event"] for line in lines if line["log_level"] in {"error", "critical"}] == []
    assert b'"state":"paused"' in doors.talk(b""), "whatever one socket was sent, the next one tells the desk"


def test_half_characters_and_nul_are_no_text():
    assert [is_text(text) for text in (*HALF, "a\x00b", "é", "")] == [False, False, False, True, True]


async def test_a_fault_of_ours_says_where_it_was_and_no_value(pages: Pages, visit: Visit):
    def broken() -> None:
        raise KeyError("33199004127")

    pages.floor.view = broken  # type: ignore[method-assign,assignment]
    visitor = await visit()
    await visitor.sign_in("supervisor")
    with structlog.testing.capture_logs() as lines:
        assert (await visitor.get("/api/v1/floor")).status == 500
    (line,) = [line for line in lines if line["event"] == "page_failed"]
    assert line["kind"] == "KeyError"
    assert "test_absurd_requests.py" in line["traceback"]
    assert "broken" in line["traceback"]
    assert "33199004127" not in str(line)
