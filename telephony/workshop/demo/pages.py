"""A small client of the product's own API, for robots and the board: the standard library only, in threads."""

import asyncio
import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from telephony.workshop.demo.setup import Person

TIMEOUT_S = 10.0


class PagesError(Exception):
    """The controller's pages did not answer, or refused."""


class Pages:
    """One signed-in person's connection; signs in again by itself when the controller was restarted."""

    def __init__(self, address: str, person: Person) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._person = person
        self._connection: http.client.HTTPConnection | None = None
        self._headers: dict[str, str] = {}

    def close(self) -> None:
        """Close the connection; the next request connects again."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    async def get(self, path: str) -> Any:
        """Return the JSON of a page."""
        return await asyncio.to_thread(self._ask, "GET", path, None)

    async def floor(self) -> dict[str, Any] | None:
        """Return the floor, None while the controller does not answer."""
        try:
            floor: dict[str, Any] = await self.get("/api/v1/floor")
        except PagesError:
            return None
        return floor

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        """Send JSON and return the JSON answered."""
        return await asyncio.to_thread(self._ask, "POST", path, body)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        try:
            if not self._headers:
                self._sign_in()
            status, answer = self._send(method, path, body)
            if status == http.client.UNAUTHORIZED:
                self._sign_in()
                status, answer = self._send(method, path, body)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise PagesError(f"{path}: {type(error).__name__}") from error
        if status >= http.client.BAD_REQUEST:
            raise PagesError(f"{path}: {status}")
        return answer

    def _sign_in(self) -> None:
        self._headers = {}
        credentials = {"username": self._person.username, "password": self._person.password}
        status, answer = self._send("POST", "/api/v1/sign-in", credentials)
        if status != http.client.OK:
            raise PagesError(f"sign-in: {status}")
        self._headers["X-CSRF-Token"] = str(answer.get("form_token", ""))

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> tuple[int, Any]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_S)
        headers = self._headers | {"Content-Type": "application/json", "Accept": "application/json"}
        self._connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        response = self._connection.getresponse()
        data = response.read()
        cookies = [header.partition(";")[0] for header in response.msg.get_all("Set-Cookie") or ()]
        if cookies:
            self._headers["Cookie"] = "; ".join(cookies)
        return response.status, json.loads(data) if data else None
