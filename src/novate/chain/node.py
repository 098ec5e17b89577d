"""A JSON-RPC node by its URL: one HTTP request, one answer."""

import json
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from novate.chain.failure import NodeError, Reverted, Unreachable


class Node:
    """A client of one node. Each request is tried once; whoever calls decides what to repeat."""

    def __init__(self, url: str, *, timeout_s: float = 30.0) -> None:
        if not url.startswith(("http://", "https://")):
            raise Unreachable(url=url, cause="the URL must begin with http:// or https://")
        self.url, self._timeout_s, self._last = url, timeout_s, 0

    def ask(self, method: str, *parameters: Any) -> Any:
        """The result of a method. Raises: Unreachable, Reverted, NodeError."""
        self._last += 1
        body = {"jsonrpc": "2.0", "id": self._last, "method": method, "params": parameters}
        request = Request(self.url, json.dumps(body).encode(), {"Content-Type": "application/json"})
        try:
            with urlopen(request, timeout=self._timeout_s) as response:
                answer = json.load(response)
        except HTTPError as error:
            raise Unreachable(url=self.url, cause=f"HTTP status {error.code}") from error
        except (URLError, OSError, ValueError) as error:
            raise Unreachable(url=self.url, cause=str(error)) from error
        if not isinstance(answer, dict) or answer.get("id") != self._last:
            raise Unreachable(url=self.url, cause="the answer is not one to this request")
        if (error_fields := answer.get("error")) is not None:
            raise _failure(method, error_fields)
        if "result" not in answer:
            raise Unreachable(url=self.url, cause="the answer has no result")
        return answer["result"]


def _failure(method: str, error: Any) -> Exception:
    """Nodes put revert data into `error.data`, as text or as an object with another `data`."""
    if not isinstance(error, dict):
        return NodeError(method=method, code=0, message=str(error))
    data = error.get("data")
    if isinstance(data, dict):
        data = data.get("data")
    message, code = str(error.get("message", "")), error.get("code", 0)
    if "revert" in message.lower():
        known = data if isinstance(data, str) and data.startswith("0x") else "0x"
        return Reverted(call=method, data=bytes.fromhex(known[2:]))
    return NodeError(method=method, code=code if isinstance(code, int) else 0, message=message)
