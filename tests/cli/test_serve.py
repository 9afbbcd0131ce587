"""`isograd view --serve`: one page on loopback, for whoever was given its address."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from isograd.cli import live_page
from isograd.cli.live_page import LivePage, Page, page_of
from isograd.cli.serve import Server
from isograd.errors import UsageError
from isograd.facts import Run, StepRow
from isograd.record import RecordWriter


def started(folder: Path, status: str = "running") -> RecordWriter:
    """A record on disk whose writer is still at work."""
    writer = RecordWriter(folder / "record.sqlite", Run("train", ("train.py",), 1.7e9, 2.0, status, "", {}, 0.0))
    writer.step(0, StepRow(0, 1.0, 0.0, 0.0, -1.0, 0.1, 0.01, 0))
    assert writer.flush()
    return writer


@pytest.fixture
def serving() -> Iterator:
    """Starts servers, and stops them after the test."""
    servers: list[Server] = []

    def start(page) -> Server:
        server = Server(0, page)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def small(serving) -> Server:
    """Serves a page that is no report, so that what is tested is the server."""
    return serving(lambda: Page(b"<p>here</p>", True, 5))


def ask(server: Server, path: str | None = None, method: str = "GET", host: str | None = None):
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    headers = {} if host is None else {"Host": host}
    connection.request(method, server.path if path is None else path, headers=headers)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response, content


def test_the_address_shows_the_page_with_headers_that_shut_others_out(small) -> None:
    response, content = ask(small)
    assert (response.status, content) == (200, b"<p>here</p>")
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Refresh"] == "5"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert "Python" not in response.headers["Server"]
    assert "Access-Control-Allow-Origin" not in response.headers


def test_it_listens_on_loopback_alone_and_under_a_token_of_its_own(small, serving) -> None:
    assert small.socket.getsockname()[0] == "127.0.0.1"
    other = serving(small.page)
    assert small.path != other.path
    assert len(small.path.strip("/")) >= 20
    assert small.url == f"http://127.0.0.1:{small.server_port}{small.path}"


@pytest.mark.parametrize("path", ["/", "/favicon.ico", "/..%2f..%2fetc/passwd", "/record.sqlite", "{token}x", "{cut}"])
def test_any_other_path_shows_nothing(small, path: str) -> None:
    response, content = ask(small, path.format(token=small.path, cut=small.path[:-1]))
    assert response.status == 404
    assert b"here" not in content.replace(b"There is nothing here", b"")
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "", "[::1]:{port}"]
)
def test_another_name_is_refused_even_with_the_token(small, host: str) -> None:
    response, content = ask(small, host=host.format(port=small.server_port))
    assert (response.status, b"<p>" in content) == (421, False)


@pytest.mark.parametrize("host", ["localhost:{port}", "LOCALHOST:{port}", "127.0.0.1:{port}"])
def test_this_machine_has_two_names(small, host: str) -> None:
    assert ask(small, host=host.format(port=small.server_port))[0].status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_nothing_can_be_sent(small, method: str) -> None:
    response, _ = ask(small, method=method)
    assert (response.status, response.headers["Allow"]) == (405, "GET, HEAD")


def test_head_is_get_without_the_page(small) -> None:
    response, content = ask(small, method="HEAD")
    assert (response.status, response.headers["Content-Length"], content) == (200, "11", b"")


def test_a_browser_that_says_nothing_holds_up_no_other(small) -> None:
    with socket.create_connection(("127.0.0.1", small.server_port)) as mute:
        mute.sendall(b"GET /")
        assert ask(small)[0].status == 200


def test_a_port_in_use_costs_one_sentence(small) -> None:
    with pytest.raises(UsageError, match=rf"--port {small.server_port} cannot be had \(.*\); name another"):
        Server(small.server_port, small.page)


def test_a_running_run_reloads_and_a_finished_one_does_not(serving, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(live_page, "SHORTEST_WAIT_SECONDS", 0.0)
    monkeypatch.setattr(live_page, "WAIT_PER_MAKING", 0)
    writer = started(tmp_path)
    server = serving(page_of(tmp_path, "en"))
    response, content = ask(server)
    assert response.status == 200
    assert response.headers["Refresh"] is not None
    assert b"<!doctype html" in content[:40].lower()
    assert b"train.py" in content
    writer.run(Run("train", ("train.py",), 1.7e9, 2.0, "finished", "", {}, 0.0))
    writer.close()
    response, content = ask(server)
    assert (response.status, response.headers["Refresh"]) == (200, None)


def test_a_record_that_cannot_be_read_is_one_plain_sentence(serving, tmp_path) -> None:
    (tmp_path / "record.sqlite").write_bytes(b"no database at all" * 100)
    response, content = ask(serving(page_of(tmp_path, "en")))
    assert response.status == 503
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert re.fullmatch(r".*record\.sqlite cannot be read .*\n", content.decode())


@pytest.fixture
def made(tmp_path) -> Iterator[tuple[LivePage, list[str], RecordWriter]]:
    """A live page of a running run, what it was made from so far, and the run's writer."""
    writer = started(tmp_path)
    makings: list[str] = []
    yield LivePage(tmp_path, lambda record: makings.append(record.run.status) or str(len(makings))), makings, writer
    writer.close()


def test_the_page_is_made_when_asked_for_and_not_more_often_than_it_may(made, monkeypatch) -> None:
    page, makings, writer = made
    assert makings == []
    assert page().content == b"1"
    writer.step(0, StepRow(1, 1.0, 0.0, 0.0, -1.0, 0.1, 0.01, 0))
    assert writer.flush()
    assert page().content == b"1"
    later = time.monotonic() + 3600
    monkeypatch.setattr(live_page.time, "monotonic", lambda: later)
    assert page().content == b"2"


def test_a_record_that_has_not_grown_is_not_read_again(made, monkeypatch) -> None:
    page, makings, _ = made
    page()
    later = time.monotonic() + 3600
    monkeypatch.setattr(live_page.time, "monotonic", lambda: later)
    assert page().refresh_seconds is not None
    assert len(makings) == 1


def test_a_killed_run_stops_reloading(made, monkeypatch) -> None:
    page, _, _ = made
    assert page().refresh_seconds is not None
    later = time.time() + 2 * live_page.QUIET_SECONDS
    monkeypatch.setattr(live_page.time, "time", lambda: later)
    assert page().refresh_seconds is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--port", "8000"), "--port 8000 is for the live page; add --serve"),
        (("--serve", "--json", "-"), "--serve prints the page's address where --json - would print"),
        (("--serve", "nowhere"), "There is no record at nowhere"),
    ],
)
def test_what_cannot_be_served_is_told(isograd, arguments: tuple[str, ...], sentence: str) -> None:
    status, stdout, stderr = isograd("view", *arguments)
    assert (status, stdout, stderr.count("\n")) == (2, "", 1)
    assert stderr.startswith(f"isograd: {sentence}")


def test_a_port_in_use_ends_the_command(isograd, small, tmp_path) -> None:
    started(tmp_path / "run", "finished").close()
    status, stdout, stderr = isograd("view", "--serve", "--port", str(small.server_port), "run")
    assert (status, stdout, stderr.count("\n")) == (2, "", 1)


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT to a process")
def test_the_command_prints_its_address_and_ends_quietly_on_ctrl_c(tmp_path) -> None:
    started(tmp_path / "run", "finished").close()
    command = [sys.executable, "-m", "isograd", "view", "--serve", "-q", "run"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline()
        found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)(/[\w-]+/)\n", address)
        assert found, address
        connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=60)
        connection.request("GET", found[2])
        assert b"train.py" in connection.getresponse().read()
        process.send_signal(signal.SIGINT)
        rest, complaints = process.communicate(timeout=60)
    assert (process.returncode, rest, complaints) == (0, "", "")
