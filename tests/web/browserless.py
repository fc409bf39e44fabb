"""What a browser does, without one: cookies, forms with their token, JSON with its header."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp.test_utils import TestClient

TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """An answer, read."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Visitor:
    """One browser."""

    def __init__(self, client: TestClient[Any, Any], passwords: Mapping[str, str]) -> None:
        self.client = client
        self.passwords = passwords
        self.form_token = ""

    async def ask(self, method: str, path: str, **more: Any) -> Answer:
        async with self.client.request(method, path, allow_redirects=False, **more) as response:
            body = await response.read()
            answer = Answer(response.status, response.headers, body)
        if answer.headers.get("Content-Type", "").startswith("text/html") and (matched := TOKEN.search(answer.text)):
            self.form_token = matched[1]
        return answer

    async def get(self, path: str, **more: Any) -> Answer:
        return await self.ask("GET", path, **more)

    async def send(self, path: str, /, **fields: str) -> Answer:
        """Send a form with its token."""
        return await self.ask("POST", path, data={"form_token": self.form_token, **fields})

    async def post_json(self, path: str, body: object = None, **headers: str) -> Answer:
        return await self.ask("POST", path, json=body or {}, headers={"X-CSRF-Token": self.form_token, **headers})

    async def sign_in(self, username: str, password: str | None = None) -> Answer:
        await self.get("/sign-in")
        answer = await self.send("/sign-in", username=username, password=password or self.passwords[username])
        if answer.status == 303:
            await self.get("/no-such-page")
        return answer
