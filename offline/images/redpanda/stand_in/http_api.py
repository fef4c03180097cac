"""What the admin API and the schema registry have in common: routes, logins and answers over HTTP."""

import base64
import json
import re
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_LARGEST_BODY = 4 * 1024 * 1024


class Answer(Exception):
    """An HTTP answer other than 200; `code` is the schema registry's own error code."""

    def __init__(self, status: int, message: str, code: int = 0):
        super().__init__(message)
        self.status, self.body = status, {"error_code": code or status, "message": message}


class Text(str):
    """An answer that is no JSON."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    # By itself it is 5: the next one who connects at the same moment would try again after a second.
    request_queue_size = 128


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    # Written at once: a body after its headers would wait 40 ms for the client to acknowledge those.
    wbufsize = -1
    routes, open_paths, needs_login = [], (), False
    broker: "Broker"
    content_type = "application/json"

    def log_message(self, *_):
        pass  # a probe a second would bury the broker's own lines

    def _serve(self):
        try:
            length = int(self.headers.get("Content-Length") or 0)
            if length > _LARGEST_BODY:
                self.close_connection = True
                raise Answer(413, f"at most {_LARGEST_BODY} bytes are taken")
            # Read before anything is refused, or it would be taken for the next request.
            body = self.rfile.read(length)
            url = urllib.parse.urlsplit(self.path)
            if self.needs_login and url.path not in self.open_paths:
                self._check_login()
            query = dict(urllib.parse.parse_qsl(url.query))
            status, answer = 200, self._route(url.path, query, body)
        except Answer as refused:
            status, answer = refused.status, refused.body
        is_text = isinstance(answer, Text)
        raw = (answer if is_text else json.dumps(answer)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if is_text else self.content_type)
        self.send_header("Content-Length", str(len(raw)))
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="redpanda"')
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_POST = do_PUT = do_DELETE = _serve

    def _route(self, path: str, query: dict, body: bytes):
        for method, pattern, act in self.routes:
            match = re.fullmatch(pattern, path)
            if match and method == self.command:
                parts = [urllib.parse.unquote(part) for part in match.groups() if part is not None]
                return act(self, *parts, query=query, body=body)
        raise Answer(404, f"{self.command} {path} is not in the stand-in for Redpanda")

    def _check_login(self):
        scheme, _, value = self.headers.get("Authorization", "").partition(" ")
        try:
            user, colon, password = base64.b64decode(value).decode().partition(":")
        except ValueError:
            colon = ""
        if scheme.lower() != "basic" or not colon or not self.broker.accepts(user, password):
            raise Answer(401, "Unauthorized", 40101)


def read_json(body: bytes, what: str) -> dict:
    try:
        value = json.loads(body)
    except ValueError as error:
        raise Answer(422, f"{what}: the body is not JSON", 42201) from error
    if not isinstance(value, dict):
        raise Answer(422, f"{what}: expected a JSON object", 42201)
    return value
