"""A live page on loopback: one address that nobody can guess, one page, nothing else."""

import http.server
import os
import secrets
import socketserver
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from isograd.errors import UsageError

if TYPE_CHECKING:
    from isograd.cli.live_page import Page

LOOPBACK = "127.0.0.1"
"""The only address that is ever listened on."""
_SLOWEST_SECONDS = 30.0
_HEADERS = {
    # The page brings a policy of its own, by hashes; this adds that nobody frames it.
    "Content-Security-Policy": "frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Server(http.server.ThreadingHTTPServer):
    """Answers each browser in a thread of its own.

    Args:
        port: 0 for any that is free.
        page: What is shown, as of now.

    Raises:
        UsageError: The port cannot be had.
    """

    daemon_threads = True
    allow_reuse_address = os.name == "posix"  # elsewhere it would let a second server listen on the same port

    def __init__(self, port: int, page: "Callable[[], Page]") -> None:
        self.page = page
        self.path = f"/{secrets.token_urlsafe(16)}/"
        try:
            super().__init__((LOOPBACK, port), _Answer)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise UsageError(f"--port {port} cannot be had ({reason}); name another, or none at all") from None
        names = (LOOPBACK, "localhost")
        self.hosts = frozenset(f"{name}:{self.server_port}" for name in names) | (
            frozenset(names) if self.server_port == 80 else frozenset()  # browsers leave out the usual port
        )

    @property
    def url(self) -> str:
        """The one address that shows something."""
        return f"http://{LOOPBACK}:{self.server_port}{self.path}"

    def server_bind(self) -> None:
        """Binds, without the look-up of the machine's name that `HTTPServer` does, which may take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing of browsers that leave or dawdle; everything else is shown with its traceback."""
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class _Answer(http.server.BaseHTTPRequestHandler):
    """One request: the page, or a refusal."""

    server: Server
    timeout = _SLOWEST_SECONDS
    server_version = "isograd"
    sys_version = ""

    def do_GET(self) -> None:
        if not self._is_welcome():
            return
        page = self.server.page()
        self.send_response(200 if page.is_html else 503)
        self.send_header("Content-Type", f"text/{'html' if page.is_html else 'plain'}; charset=utf-8")
        self.send_header("Content-Length", str(len(page.content)))
        if page.refresh_seconds is not None:
            self.send_header("Refresh", str(page.refresh_seconds))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(page.content)

    do_HEAD = do_GET  # noqa: N815  the base class finds its methods by these names

    def do_POST(self) -> None:
        self._refuse(405, "Only GET and HEAD are answered here.", {"Allow": "GET, HEAD"})

    do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_POST  # noqa: N815  as above

    def end_headers(self) -> None:
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Keeps the terminal quiet, and the address with its token out of logs."""

    def _is_welcome(self) -> bool:
        """Refuses, with its reason, what no browser that was given the address would ask for.

        A page of somebody else's may lead its own name to 127.0.0.1 (DNS rebinding); the Host header tells.
        """
        if self.headers.get("Host", "").lower() not in self.server.hosts:
            self._refuse(421, "This server answers to 127.0.0.1 and localhost only.")
            return False
        if not secrets.compare_digest(self.path.encode(), self.server.path.encode()):
            self._refuse(404, "There is nothing here; use the whole address that isograd printed.")
            return False
        return True

    def _refuse(self, status: int, sentence: str, headers: dict[str, str] | None = None) -> None:
        content = f"{sentence}\n".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def serve(server: Server) -> None:
    """Answers until Ctrl-C, which is the way to end it and no failure."""
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return
    finally:
        server.server_close()
