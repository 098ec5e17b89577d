"""A node's answers, good and bad, over real HTTP on this machine."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from novate.chain import NodeError, Reverted, RpcChain, Unreachable
from novate.chain.node import Node


class Canned(HTTPServer):
    """Answers every request with one prepared body; `{id}` in it is the request's."""

    body = b"{}"
    status = 200
    asked: list[dict[str, Any]]


class Handler(BaseHTTPRequestHandler):
    server: Canned

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(request)
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.body.replace(b"{id}", str(request["id"]).encode()))

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def server() -> Iterator[Canned]:
    made = Canned(("127.0.0.1", 0), Handler)
    made.asked = []
    thread = Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def url_of(server: Canned) -> str:
    """Where it listens."""
    return f"http://127.0.0.1:{server.server_port}"


def test_a_question_and_its_answer(server: Canned) -> None:
    server.body = b'{"jsonrpc": "2.0", "id": {id}, "result": "0x7a69"}'
    assert Node(url_of(server)).ask("eth_chainId", "a", 1) == "0x7a69"
    assert server.asked[0]["method"] == "eth_chainId"
    assert server.asked[0]["params"] == ["a", 1]
    assert RpcChain(url_of(server)).chain_id == 31337


REASON = "0x08c379a0" + "20".zfill(64) + "2".zfill(64) + b"no".hex().ljust(64, "0")


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        ({"code": 3, "message": "execution reverted: no", "data": REASON}, Reverted, "refused: no"),
        ({"code": 3, "message": "execution reverted", "data": {"data": REASON}}, Reverted, "no"),
        ({"code": 3, "message": "Reverted"}, Reverted, "no reason given"),
        ({"code": -32601, "message": "not found"}, NodeError, "eth_call failed with -32601"),
        ({"message": "odd"}, NodeError, "odd"),
        ("text", NodeError, "text"),
    ],
)
def test_errors_are_told_apart(
    server: Canned, error: object, kind: type[Exception], words: str
) -> None:
    server.body = b'{"id": {id}, "error": ' + json.dumps(error).encode() + b"}"
    with pytest.raises(kind, match=words):
        Node(url_of(server)).ask("eth_call")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"no json", "cannot be used"),
        (b"[]", "not one to this request"),
        (b'{"id": 99, "result": 1}', "not one to this request"),
        (b'{"id": {id}}', "has no result"),
        (b"\xff\xfe", "cannot be used"),
    ],
)
def test_an_answer_that_is_none_makes_the_node_unreachable(
    server: Canned, body: bytes, words: str
) -> None:
    server.body = body
    with pytest.raises(Unreachable, match=words):
        Node(url_of(server)).ask("eth_chainId")


def test_a_status_of_http_is_told(server: Canned) -> None:
    server.status = 503
    with pytest.raises(Unreachable, match="HTTP status 503"):
        Node(url_of(server)).ask("eth_chainId")


def test_nobody_there_is_told() -> None:
    with pytest.raises(Unreachable, match="refused"):
        RpcChain("http://127.0.0.1:9")


def test_a_url_of_another_kind_is_refused() -> None:
    with pytest.raises(Unreachable, match="must begin with http"):
        RpcChain("file:///etc/passwd")
