"""The admin API's few endpoints, and the start of all of them."""

import hmac
import secrets
import threading
import time

from . import metrics, settings, wire
from .http_api import Answer, Handler, Server, Text
from .registry import SchemaStore, registry_handler

_LOGIN_KEPT_SECONDS = 60


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


def admin_handler(broker_: Broker):
    """Readiness, health and metrics, all without a login, whatever `admin_api_require_auth` says."""

    class Admin(Handler):
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


def serve(config: settings.Settings) -> None:
    """Listens on the admin and registry addresses, each in a thread of its own."""
    broker = Broker(config)
    handlers = [(entry, admin_handler(broker), config.admin_certificates) for entry in config.admin]
    if config.registry:
        registry = registry_handler(
            broker, SchemaStore(config.data / "schemas.json"), config.registry_needs_login
        )
        handlers += [(entry, registry, config.registry_certificates) for entry in config.registry]
    for entry, handler, certificates in handlers:
        server = Server((entry["address"], entry["port"]), handler)
        shown = certificates.get(entry.get("name", "default"))
        if shown is not None:
            # The handshake waits for the client: it is left to the thread that serves it.
            server.socket = shown.server_context().wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=server.serve_forever, daemon=True).start()
