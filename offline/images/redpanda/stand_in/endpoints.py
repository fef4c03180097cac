"""The admin API's and the schema registry's few endpoints, over HTTP."""

import base64
import hmac
import json
import re
import secrets
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from . import metrics, settings, wire

_LOGIN_KEPT_SECONDS = 60
_LARGEST_BODY = 4 * 1024 * 1024


class Answer(Exception):
    """An HTTP answer other than 200; `code` is the schema registry's own error code."""

    def __init__(self, status: int, message: str, code: int = 0):
        super().__init__(message)
        self.status, self.body = status, {"error_code": code or status, "message": message}


class Text(str):
    """An answer that is no JSON."""


class Broker:
    """What the endpoints ask the broker on this machine."""

    def __init__(self, config: settings.Settings):
        self._config = config
        self._was_up = False
        self._key = secrets.token_bytes(32)
        self._known, self._lock = {}, threading.Lock()

    def ready(self) -> bool:
        """True when every client listener answers and the broker has joined its cluster."""
        try:
            for listener in self._config.listeners:
                shown = listener.certificates
                context = None if shown is None else shown.client_context()
                with wire.Connection(
                    listener.probe_address, listener.port, context=context
                ) as connection:
                    connection.api_versions()
            if not self._was_up:
                with self._config.connection() as connection:
                    self._was_up = connection.brokers() >= self._config.cluster_nodes.majority
        except (OSError, wire.LoginRefused):
            return False
        return self._was_up

    def metrics(self) -> str:
        """The broker's series, in the text format of Prometheus."""
        with self._config.connection() as connection:
            return metrics.text(connection, self._config)

    def cluster(self) -> tuple:
        """Ids of all brokers, of those that do not answer, and the partitions that lack a leader or a copy."""
        with self._config.connection() as connection:
            up, topics = connection.topics()
        every = sorted({*range(len(self._config.cluster_nodes.seeds) or 1), *up})
        parts = [(f"kafka/{name}/{part.number}", part) for name, all_ in topics.items() for part in all_]
        leaderless = [name for name, part in parts if part.leader < 0]
        lacking = [name for name, part in parts if len(part.in_sync) < len(part.replicas)]
        return every, [id_ for id_ in every if id_ not in up], leaderless, lacking

    def accepts(self, user: str, password: str) -> bool:
        """Whether the broker lets this SCRAM user in; a yes is remembered for a minute."""
        mark = hmac.digest(self._key, f"{len(user)}:{user}{password}".encode(), "sha256")
        with self._lock:
            now = time.monotonic()
            self._known = {key: until for key, until in self._known.items() if until > now}
            if mark in self._known:
                return True
        for mechanism in settings.SCRAM:
            try:
                with wire.Connection("127.0.0.1", self._config.broker_port) as connection:
                    connection.login_scram(user, password, mechanism)
            except wire.LoginRefused:
                continue
            except OSError as error:
                raise Answer(503, "the broker cannot be asked about this login now") from error
            with self._lock:
                self._known[mark] = time.monotonic() + _LOGIN_KEPT_SECONDS
            return True
        return False


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    routes, open_paths, needs_login = [], (), False
    broker: Broker
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


def _json(body: bytes, what: str) -> dict:
    try:
        value = json.loads(body)
    except ValueError as error:
        raise Answer(422, f"{what}: the body is not JSON", 42201) from error
    if not isinstance(value, dict):
        raise Answer(422, f"{what}: expected a JSON object", 42201)
    return value


def admin_handler(broker_: Broker):
    """Readiness, health and metrics, all without a login, whatever `admin_api_require_auth` says."""

    class Admin(_Handler):
        broker = broker_

        def _ready(self, query, body):
            # Answered 200 from the start: src/v/redpanda/admin/server.cc, register_status_routes.
            return {"status": "ready" if self.broker.ready() else "booting"}

        def _health(self, query, body):
            # src/v/cluster/health_monitor_backend.cc, get_cluster_health_overview.
            try:
                every, down, leaderless, lacking = self.broker.cluster()
            except (OSError, wire.LoginRefused):
                every, down, leaderless, lacking = [0], [0], [], []
            found = {
                "nodes_down": down,
                "leaderless_partitions": leaderless,
                "under_replicated_partitions": lacking,
            }
            reasons = [reason for reason, which in found.items() if which]
            return {
                "is_healthy": not reasons,
                "unhealthy_reasons": reasons,
                "controller_id": every[0],
                "all_nodes": every,
                **found,
            }

        def _metrics(self, query, body):
            try:
                return Text(self.broker.metrics())
            except (OSError, wire.LoginRefused) as error:
                raise Answer(503, "the broker does not answer yet") from error

        routes = [
            ("GET", "/public_metrics", _metrics),
            ("GET", "/v1/status/ready", _ready),
            ("GET", "/v1/cluster/health_overview", _health),
        ]

    return Admin


class SchemaStore:
    """Schemas, subjects and compatibility settings in one JSON file, replaced as a whole."""

    def __init__(self, path):
        self._path, self.lock = path, threading.RLock()
        self.state = {"schemas": [], "subjects": {}, "config": {"": "BACKWARD"}}
        if path.exists():
            self.state = json.loads(path.read_text())

    def save(self):
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps(self.state))
        part.replace(self._path)

    def find(self, wanted: dict) -> "int | None":
        """The id of a schema that is the same but for white space and the order of JSON keys."""
        for number, schema in enumerate(self.state["schemas"], start=1):
            if _comparable(schema) == _comparable(wanted):
                return number
        return None

    def versions(self, subject: str, deleted: bool = False) -> list:
        entries = self.state["subjects"].get(subject, [])
        kept = [entry for entry in entries if deleted or not entry.get("deleted")]
        if not kept:
            raise Answer(404, f"Subject '{subject}' not found.", 40401)
        return kept


def _comparable(schema: dict):
    text = schema["schema"]
    if schema["schemaType"] != "PROTOBUF":
        text = json.loads(text)
    return text, schema["schemaType"], schema["references"]


def _schema_of(body: bytes) -> dict:
    request = _json(body, "schema")
    kind = request.get("schemaType", "AVRO")
    text = request.get("schema")
    if kind not in ("AVRO", "JSON", "PROTOBUF"):
        raise Answer(422, f"schemaType {kind}: expected AVRO, JSON or PROTOBUF", 42201)
    if not isinstance(text, str) or not text.strip():
        raise Answer(422, "Invalid schema: expected a string that is not empty", 42201)
    if kind != "PROTOBUF":
        try:
            json.loads(text)
        except ValueError as error:
            raise Answer(422, f"Invalid {kind} schema: {error}", 42201) from error
    return {"schema": text, "schemaType": kind, "references": request.get("references") or []}


def registry_handler(config: settings.Settings, broker_: Broker, store: SchemaStore):
    """Registers and hands out schemas; compatibility settings are kept, not enforced."""
    levels = {
        "NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL",
        "FULL_TRANSITIVE",
    }  # fmt: skip

    class Registry(_Handler):
        broker = broker_
        needs_login = config.registry_needs_login
        open_paths = ("/status/ready",)
        content_type = "application/vnd.schemaregistry.v1+json"

        def _route(self, path, query, body):
            with store.lock:
                return super()._route(path, query, body)

        def _ready(self, query, body):
            if not self.broker.ready():
                raise Answer(503, "the broker is not ready", 50003)
            return {}

        def _types(self, query, body):
            return ["JSON", "PROTOBUF", "AVRO"]

        def _subjects(self, query, body):
            deleted = query.get("deleted") == "true"
            prefix = query.get("subjectPrefix", "")
            return sorted(
                name
                for name, entries in store.state["subjects"].items()
                if name.startswith(prefix)
                and any(deleted or not entry.get("deleted") for entry in entries)
            )

        def _describe(self, subject, entry):
            schema = store.state["schemas"][entry["id"] - 1]
            answer = {"subject": subject, "version": entry["version"], "id": entry["id"]}
            return {**answer, **_shown(schema)}

        def _register(self, subject, query, body):
            schema = _schema_of(body)
            number = store.find(schema)
            entries = store.state["subjects"].setdefault(subject, [])
            for entry in entries:
                if entry["id"] == number and not entry.get("deleted"):
                    return {"id": number}
            if number is None:
                store.state["schemas"].append(schema)
                number = len(store.state["schemas"])
            version = max((entry["version"] for entry in entries), default=0) + 1
            entries.append({"version": version, "id": number})
            store.save()
            return {"id": number}

        def _lookup(self, subject, query, body):
            schema = _schema_of(body)
            number = store.find(schema)
            for entry in store.versions(subject):
                if entry["id"] == number:
                    return self._describe(subject, entry)
            raise Answer(404, "Schema not found", 40403)

        def _versions(self, subject, query, body):
            deleted = query.get("deleted") == "true"
            return [entry["version"] for entry in store.versions(subject, deleted)]

        def _pick(self, subject, version, deleted=False):
            entries = store.versions(subject, deleted)
            if version in ("latest", "-1"):
                return entries[-1]
            if not re.fullmatch(r"[1-9]\d{0,9}", version):
                raise Answer(422, f"The specified version '{version}' is not valid", 42202)
            for entry in entries:
                if entry["version"] == int(version):
                    return entry
            raise Answer(404, f"Version {version} not found.", 40402)

        def _version(self, subject, version, query, body):
            entry = self._pick(subject, version, query.get("deleted") == "true")
            return self._describe(subject, entry)

        def _raw(self, subject, version, query, body):
            entry = self._pick(subject, version)
            return json.loads(store.state["schemas"][entry["id"] - 1]["schema"])

        def _by_id(self, number, query, body):
            if not 1 <= int(number) <= len(store.state["schemas"]):
                raise Answer(404, f"Schema {number} not found", 40403)
            return _shown(store.state["schemas"][int(number) - 1])

        def _used_in(self, number, query, body):
            self._by_id(number, query, body)
            return [
                {"subject": name, "version": entry["version"]}
                for name, entries in sorted(store.state["subjects"].items())
                for entry in entries
                if entry["id"] == int(number) and not entry.get("deleted")
            ]

        def _drop(self, subject, query, body):
            # As in the real one: what is dropped softly can be dropped for good later.
            permanent = query.get("permanent") == "true"
            entries = store.versions(subject, deleted=permanent)
            if permanent:
                if any(not entry.get("deleted") for entry in entries):
                    raise Answer(404, f"Subject '{subject}' was not deleted first", 40405)
                del store.state["subjects"][subject]
            for entry in entries:
                entry["deleted"] = True
            store.save()
            return [entry["version"] for entry in entries]

        def _drop_version(self, subject, version, query, body):
            permanent = query.get("permanent") == "true"
            entry = self._pick(subject, version, deleted=permanent)
            if permanent and not entry.get("deleted"):
                raise Answer(404, f"Version {version} was not deleted first", 40407)
            if permanent:
                store.state["subjects"][subject].remove(entry)
            entry["deleted"] = True
            store.save()
            return entry["version"]

        def _get_config(self, subject="", *, query, body):
            level = store.state["config"].get(subject)
            if level is None and query.get("defaultToGlobal") == "true":
                level = store.state["config"][""]
            if level is None:
                raise Answer(404, f"Subject '{subject}' has no compatibility level", 40408)
            return {"compatibilityLevel": level}

        def _put_config(self, subject="", *, query, body):
            level = _json(body, "config").get("compatibility")
            if level not in levels:
                raise Answer(422, f"Invalid compatibility level {level}", 42203)
            store.state["config"][subject] = level
            store.save()
            return {"compatibility": level}

        def _mode(self, query, body):
            return {"mode": "READWRITE"}

        routes = [
            ("GET", "/status/ready", _ready),
            ("GET", "/schemas/types", _types),
            ("GET", r"/schemas/ids/(\d{1,9})", _by_id),
            ("GET", r"/schemas/ids/(\d{1,9})/versions", _used_in),
            ("GET", "/subjects", _subjects),
            ("POST", "/subjects/([^/]+)", _lookup),
            ("DELETE", "/subjects/([^/]+)", _drop),
            ("GET", "/subjects/([^/]+)/versions", _versions),
            ("POST", "/subjects/([^/]+)/versions", _register),
            ("GET", "/subjects/([^/]+)/versions/([^/]+)", _version),
            ("DELETE", "/subjects/([^/]+)/versions/([^/]+)", _drop_version),
            ("GET", "/subjects/([^/]+)/versions/([^/]+)/schema", _raw),
            ("GET", "/config", _get_config),
            ("GET", "/config/([^/]+)", _get_config),
            ("PUT", "/config", _put_config),
            ("PUT", "/config/([^/]+)", _put_config),
            ("GET", "/mode", _mode),
        ]

    return Registry


def _shown(schema: dict) -> dict:
    """AVRO is what clients assume where no type is said; the real one leaves it out too."""
    shown = {"schema": schema["schema"]}
    if schema["schemaType"] != "AVRO":
        shown["schemaType"] = schema["schemaType"]
    if schema["references"]:
        shown["references"] = schema["references"]
    return shown


def serve(config: settings.Settings) -> None:
    """Listens on the admin and registry addresses, each in a thread of its own."""
    broker = Broker(config)
    handlers = [(entry, admin_handler(broker), config.admin_certificates) for entry in config.admin]
    if config.registry:
        registry = registry_handler(config, broker, SchemaStore(config.data / "schemas.json"))
        handlers += [(entry, registry, config.registry_certificates) for entry in config.registry]
    for entry, handler, certificates in handlers:
        server = ThreadingHTTPServer((entry["address"], entry["port"]), handler)
        shown = certificates.get(entry.get("name", "default"))
        if shown is not None:
            # The handshake waits for the client: it is left to the thread that serves it.
            server.socket = shown.server_context().wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
