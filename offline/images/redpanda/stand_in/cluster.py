"""
How several brokers become one cluster, from the same redpanda.yaml as Redpanda's: the seed servers tell each other whether
a cluster is there already (src/v/cluster/cluster_discovery.cc, discover_founding_brokers). If so, a broker without data
joins it; if not, the first of the list founds it, where Redpanda's found it together.
"""

import base64
import http.client
import json
import pathlib
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from . import wire
from .flags import Refused

_ASK_AGAIN_SECONDS = 0.3
# Redpanda's health manager looks every three minutes (health_manager_tick_interval).
_TOPICS_AGAIN_SECONDS = 10
_INTERNAL_TOPICS = ("__consumer_offsets", "__transaction_state")
_DUPLICATE_VOTER = 126
CONTROLLER = "STAND_IN_CONTROLLER"
PEER = "STAND_IN_PEER"


class Cluster:
    """The seed servers of a node; none for a broker that is alone. The position in their list is the node's id."""

    def __init__(self, node: dict):
        self.seeds = [_address(entry.get("host", entry)) for entry in node.get("seed_servers") or []]
        server = node.get("rpc_server") or {}
        self.bind, self.port = server.get("address", "127.0.0.1"), int(server.get("port", 33145))
        told = node.get("advertised_rpc_api") or server
        self.own = (told.get("address", "127.0.0.1"), int(told.get("port", 33145)))
        self.tls = _tls(node.get("rpc_server_tls"))
        if self.seeds and self.own not in self.seeds:
            raise Refused("seed_servers: the stand-in's brokers must all be seed servers")
        if self.seeds and node.get("empty_seed_starts_cluster", True):
            raise Refused("empty_seed_starts_cluster: must be false with seed servers in the stand-in")
        self.id = self.seeds.index(self.own) if self.seeds else 0

    @property
    def majority(self) -> int:
        return len(self.seeds) // 2 + 1 if self.seeds else 1

    @property
    def protocol(self) -> str:
        return "PLAINTEXT" if self.tls is None else "SSL"

    @property
    def user(self) -> str:
        """Who another broker is: without TLS nobody is asked, as by Redpanda."""
        return "ANONYMOUS" if self.tls is None else "__stand_in"

    @property
    def voters(self) -> str:
        return ",".join(f"{host}:{port}" for host, port in self.seeds or [("127.0.0.1", self.port)])

    @property
    def peers(self) -> str:
        """What java/stand_in/Peers.java reads."""
        return ",".join(f"{index}={host}:{port}" for index, (host, port) in enumerate(self.seeds))

    def contexts(self) -> tuple:
        """TLS of a server and of a client, each with the same certificate; None without TLS."""
        if self.tls is None:
            return None, None
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        client = ssl.create_default_context()
        for context in (server, client):
            context.load_cert_chain(self.tls["cert_file"], self.tls["key_file"])
            context.load_verify_locations(self.tls["truststore_file"])
        server.verify_mode = ssl.CERT_REQUIRED
        return server, client


def _address(entry: dict) -> tuple:
    return entry["address"], int(entry.get("port", 33145))


def _tls(value) -> "dict | None":
    entry = value[0] if isinstance(value, list) and value else value or {}
    if not entry.get("enabled"):
        return None
    if not entry.get("require_client_auth"):
        raise Refused("rpc_server_tls: the stand-in asks every broker for a certificate")
    return entry


def meta(data: pathlib.Path) -> dict:
    """Ids of the cluster and of this node's folder; empty before the first start."""
    path = data / "kafka" / "meta.properties"
    lines = path.read_text().splitlines() if path.exists() else []
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def discover(cluster: Cluster, data: pathlib.Path) -> "str | None":
    """Tells the others of this node, and returns the id of the cluster to join, or None for the founder."""
    server_context, client_context = cluster.contexts()

    class Info(BaseHTTPRequestHandler):
        timeout = 5

        def log_message(self, *_):
            pass

        def do_GET(self):
            body = json.dumps({"cluster_id": meta(data).get("cluster.id")}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer((cluster.bind, cluster.port + 3), Info)
    if server_context is not None:
        server.socket = server_context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    others = [seed for seed in cluster.seeds if seed != cluster.own]
    while meta(data).get("cluster.id") is None:
        answers = [_ask(seed, client_context) for seed in others]
        known = [answer["cluster_id"] for answer in answers if answer and answer["cluster_id"]]
        if known:
            return known[0]
        if None not in answers and cluster.id == 0:
            return None
        time.sleep(_ASK_AGAIN_SECONDS)
    return meta(data)["cluster.id"]


def _ask(seed: tuple, context: "ssl.SSLContext | None") -> "dict | None":
    host, port = seed[0], seed[1] + 3
    connection = (
        http.client.HTTPConnection(host, port, timeout=2)
        if context is None
        else http.client.HTTPSConnection(host, port, timeout=2, context=context)
    )
    try:
        connection.request("GET", "/")
        return json.loads(connection.getresponse().read())
    except (OSError, ValueError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def keep(config) -> None:
    """Makes this node a voter of the cluster, and then keeps the copies of the broker's own topics, in a thread."""
    threading.Thread(target=_keep, args=(config,), daemon=True).start()


def _keep(config) -> None:
    while not _attempt(lambda: _join(config)):
        time.sleep(_ASK_AGAIN_SECONDS)
    while True:
        time.sleep(_TOPICS_AGAIN_SECONDS)
        _attempt(lambda: _raise_internal_topics(config))


def _attempt(act) -> bool:
    try:
        return act()
    except (OSError, wire.LoginRefused):
        return False


def _join(config) -> bool:
    ids, cluster = meta(config.data), config.cluster_nodes
    with config.connection() as connection:
        directory = base64.urlsafe_b64decode(ids["directory.id"] + "==")
        listener = (CONTROLLER, *cluster.own)
        error = connection.add_voter(ids["cluster.id"], cluster.id, directory, listener)
    return error in (0, _DUPLICATE_VOTER)


def _raise_internal_topics(config) -> bool:
    """As Redpanda's health manager, once there are three brokers (src/v/cluster/health_manager.cc)."""
    with config.connection() as connection:
        brokers, topics = connection.topics()
        if len(brokers) < 3 or config.cluster_nodes.id != min(brokers):
            return True
        for topic in _INTERNAL_TOPICS:
            if any(len(partition.replicas) < 3 for partition in topics.get(topic, [])):
                connection.set_topic(topic, "replication.factor", "3")
    return True
