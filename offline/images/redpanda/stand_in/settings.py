"""Redpanda's settings, as the real image takes them, turned into those of Apache Kafka."""

import base64
import hashlib
import json
import os
import pathlib
import re
import secrets
import ssl

import yaml

from . import node_file, wire
from .cluster import CONTROLLER, PEER, Cluster
from .flags import Refused, bypasses_fsync

CONFIG_DIR = pathlib.Path("/etc/redpanda")
RUN_DIR = pathlib.Path("/run/redpanda")
INTERNAL_USER = "__stand_in"
SCRAM = ("SCRAM-SHA-256", "SCRAM-SHA-512")

# Those of a single node are met by being one; any other key is named in a warning.
_KNOWN_NODE_KEYS = {
    "data_directory", "empty_seed_starts_cluster", "seed_servers", "rpc_server",
    "rpc_server_tls", "advertised_rpc_api", "kafka_api", "kafka_api_tls", "advertised_kafka_api", "admin",
    "admin_api_tls", "developer_mode", *node_file.CONTAINER_MODE_PROPERTIES,
}  # fmt: skip
# A file beside the data where the nodes that elect the controller may change.
_DYNAMIC = "dynamic-quorum"
# Cluster properties that the stand-in applies, each with Redpanda's own default (src/v/config/configuration.cc).
_CLUSTER_DEFAULTS = {
    "superusers": [],
    "kafka_enable_authorization": False,
    "auto_create_topics_enabled": False,
    "default_topic_partitions": 1,
    "default_topic_replications": 1,
    "kafka_batch_max_bytes": 1048576,
    "group_initial_rebalance_delay": 3000,
    "group_topic_partitions": 16,
    "storage_min_free_bytes": 5 * 1024**3,
    "write_caching_default": "false",
}


def endpoints(section: dict, key: str) -> list:
    """The endpoints under `key`: the real one takes a list as well as a single map."""
    value = section.get(key) or []
    entries = [value] if isinstance(value, dict) else value
    for entry in entries:
        if not isinstance(entry.get("address"), str) or not isinstance(entry.get("port"), int):
            raise Refused(f"{key}: each entry needs an address and a numeric port")
    return entries


class Certificates:
    """What an endpoint shows its clients, of an entry of a `*_tls` list."""

    def __init__(self, key: str, entry: dict):
        if entry.get("require_client_auth"):
            raise Refused(f"{key}: the stand-in asks no client for a certificate")
        try:
            self.chain = pathlib.Path(entry["cert_file"]).read_text()
            self.key = pathlib.Path(entry["key_file"]).read_text()
            self.authorities = entry["truststore_file"]
            self._files = entry["cert_file"], entry["key_file"]
            self.server_context()
        except KeyError as error:
            raise Refused(f"{key}: {error} is missing") from error
        except OSError as error:
            # Of ssl as well, whose error is an OSError.
            raise Refused(f"{key}: {error}") from error

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self._files)
        return context

    def client_context(self) -> ssl.SSLContext:
        """For this machine's own probes, which know the server by an address."""
        context = ssl.create_default_context(cafile=self.authorities)
        context.check_hostname = False
        return context


def certificates(section: dict, key: str) -> dict:
    """The certificates by name of the endpoint; as in the real one, an endpoint without is in clear."""
    value = section.get(key) or []
    entries = [value] if isinstance(value, dict) else value
    return {
        entry.get("name", "default"): Certificates(key, entry)
        for entry in entries
        if entry.get("enabled")
    }


class Listener:
    """One Kafka listener for clients."""

    def __init__(self, entry: dict, advertised: list, shown: dict):
        name = entry.get("name", "default")
        self.certificates = shown.get(name)
        self.name = re.sub(r"\W", "_", name).upper()
        self.address, self.port = entry["address"], entry["port"]
        method = entry.get("authentication_method", "none") or "none"
        if method not in ("none", "sasl"):
            raise Refused(
                f"kafka_api {name}: authentication_method {method} is not in the stand-in;"
                " it has none and sasl"
            )
        self.sasl = method == "sasl"
        told = [other for other in advertised if other.get("name", "default") == name]
        self.advertised = told[0] if told else entry
        if self.advertised["address"] == "0.0.0.0":
            raise Refused(f"kafka_api {name}: 0.0.0.0 cannot be advertised; see advertised_kafka_api")

    @property
    def protocol(self) -> str:
        clear = "PLAINTEXT" if self.certificates is None else "SSL"
        return f"SASL_{clear}" if self.sasl else clear

    @property
    def probe_address(self) -> str:
        return "127.0.0.1" if self.address == "0.0.0.0" else self.address


class Settings:
    """What one start needs: the node's settings of today, the cluster's of the first start."""

    def __init__(self, flags: dict):
        config = node_file.prepare(CONFIG_DIR / "redpanda.yaml", flags)
        node = config["redpanda"]
        registry = config.get("schema_registry")
        self.warnings = []
        self.cluster_nodes = Cluster(node)
        unused = [key for key in node if key not in _KNOWN_NODE_KEYS]
        unused += [key for key in config if key in ("pandaproxy", "schema_registry_client")]
        if unused:
            self.warnings.append(f"redpanda.yaml: not applied here: {', '.join(sorted(unused))}")

        self.bypasses_fsync = bypasses_fsync(flags)
        self.log_level = flags.get("default-log-level", "warn").upper()
        self.data = pathlib.Path(node.get("data_directory", "/var/lib/redpanda/data"))
        self.rpc_port = self.cluster_nodes.port
        advertised = endpoints(node, "advertised_kafka_api")
        shown = certificates(node, "kafka_api_tls")
        self.listeners = [
            Listener(entry, advertised, shown) for entry in endpoints(node, "kafka_api")
        ]
        if not self.listeners:
            raise Refused("redpanda.yaml: kafka_api names no listener")
        self.admin = endpoints(node, "admin")
        self.admin_certificates = certificates(node, "admin_api_tls")
        self.registry = endpoints(registry or {}, "schema_registry_api")
        self.registry_certificates = certificates(registry or {}, "schema_registry_api_tls")
        self.broker_port = self.rpc_port + 1
        # Made anew at each start; it opens the loopback listeners only.
        self.internal_password = secrets.token_urlsafe(32)
        self._check_data_directory()
        self.first_start = not (self.data / "kafka" / "meta.properties").exists()
        # Of stand-ins before clusters: Kafka 3.9 cannot let such a controller have others beside it.
        self.is_static = not self.first_start and not (self.data / _DYNAMIC).exists()
        if self.is_static and self.cluster_nodes.seeds:
            raise Refused(f"{self.data} was made by an older stand-in, which cannot become a cluster")
        self.cluster = self._cluster_settings(node)

    def _check_data_directory(self) -> None:
        if (self.data / "redpanda").exists():
            raise Refused(
                f"{self.data} holds data of the real Redpanda; the stand-in cannot read it."
                " Use another volume, or remove this one."
            )
        if not os.access(self.data, os.W_OK):
            raise Refused(f"{self.data} cannot be written by user {os.getuid()}")

    def _cluster_settings(self, node: dict) -> dict:
        """
        Read at the first start only: from .bootstrap.yaml, and where there is none, from redpanda.yaml,
        into which the mode has written its own (src/v/cluster/config_manager.cc, preload).
        """
        kept = self.data / "cluster-settings.json"
        if not self.first_start and kept.exists():
            return {**_CLUSTER_DEFAULTS, **json.loads(kept.read_text())}
        bootstrap = CONFIG_DIR / ".bootstrap.yaml"
        cluster = node
        if bootstrap.exists():
            cluster = node_file.load_yaml(bootstrap, {})
            unused = sorted(set(cluster) - set(_CLUSTER_DEFAULTS))
            if unused:
                self.warnings.append(f".bootstrap.yaml: not applied here: {', '.join(unused)}")
        if cluster.get("enable_sasl"):
            raise Refused(
                "enable_sasl is not in the stand-in; set kafka_enable_authorization and each"
                " listener's authentication_method"
            )
        cluster = {key: cluster[key] for key in cluster if key in _CLUSTER_DEFAULTS}
        kept.write_text(json.dumps(cluster, indent=2))
        return {**_CLUSTER_DEFAULTS, **cluster}

    def connection(self) -> wire.Connection:
        """To this node's own broker, as a superuser."""
        connection = wire.Connection("127.0.0.1", self.broker_port)
        try:
            connection.login_plain(INTERNAL_USER, self.internal_password)
        except BaseException:
            connection.__exit__()
            raise
        return connection

    def note_formatted(self) -> None:
        (self.data / _DYNAMIC).touch()

    @property
    def registry_needs_login(self) -> bool:
        return any(entry.get("authentication_method") == "http_basic" for entry in self.registry)

    def bootstrap_user(self) -> "tuple | None":
        """Name, password and mechanism from RP_BOOTSTRAP_USER; None where it is not set."""
        value = os.environ.get("RP_BOOTSTRAP_USER", "")
        if not value:
            return None
        # As security_frontend.cc: a password with a colon makes it malformed, and there is no user then.
        name, password, mechanism = (*value.split(":"), SCRAM[0], "")[:3]
        if len(value.split(":")) not in (2, 3) or not name or not password:
            self.warnings.append(
                "Invalid value of RP_BOOTSTRAP_USER (expected username:password[:mechanism])"
            )
            return None
        if mechanism not in SCRAM:
            raise Refused(f"Invalid SCRAM mechanism: {mechanism}")
        return name, password, mechanism

    def java_properties(self) -> dict:
        """What the classes of java/stand_in read."""
        return {
            "stand.in.data": self.data,
            "stand.in.peers": self.cluster_nodes.peers,
            "stand.in.storage_min_free_bytes": self.cluster["storage_min_free_bytes"],
            "stand.in.write_caching_default": self.cluster["write_caching_default"],
        }

    def server_properties(self) -> str:
        """Kafka's server.properties: client listeners as asked, two more on the loopback only."""
        listeners, advertised, protocols = [], [], []
        for listener in self.listeners:
            listeners.append(f"{listener.name}://{listener.address}:{listener.port}")
            told = listener.advertised
            advertised.append(f"{listener.name}://{told['address']}:{told['port']}")
            protocols.append(f"{listener.name}:{listener.protocol}")
        listeners.append(f"STAND_IN_BROKER://127.0.0.1:{self.broker_port}")
        advertised.append(listeners[-1])
        protocols.append("STAND_IN_BROKER:SASL_PLAINTEXT")
        nodes, cluster = self.cluster_nodes, self.cluster
        if nodes.seeds:
            host, _ = nodes.own
            for name, port in ((PEER, self.rpc_port + 2), (CONTROLLER, self.rpc_port)):
                listeners.append(f"{name}://{nodes.bind}:{port}")
                advertised.append(f"{name}://{host}:{port}")
                protocols.append(f"{name}:{nodes.protocol}")
        else:
            listeners.append(f"{CONTROLLER}://127.0.0.1:{self.rpc_port}")
            protocols.append(f"{CONTROLLER}:SASL_PLAINTEXT")
        copies = 3 if len(nodes.seeds) >= 3 else 1
        properties = {
            "process.roles": "broker,controller",
            "node.id": nodes.id,
            **(
                {"controller.quorum.voters": f"0@127.0.0.1:{self.rpc_port}"}
                if self.is_static
                else {"controller.quorum.bootstrap.servers": nodes.voters}
            ),
            "controller.listener.names": CONTROLLER,
            "inter.broker.listener.name": PEER if nodes.seeds else "STAND_IN_BROKER",
            "listeners": ",".join(listeners),
            "advertised.listeners": ",".join(advertised),
            "listener.security.protocol.map": ",".join(protocols),
            "sasl.mechanism.controller.protocol": "PLAIN",
            "sasl.mechanism.inter.broker.protocol": "PLAIN",
            "log.dirs": self.data / "kafka",
            "auto.create.topics.enable": str(bool(cluster["auto_create_topics_enabled"])).lower(),
            "num.partitions": cluster["default_topic_partitions"],
            "message.max.bytes": cluster["kafka_batch_max_bytes"],
            "default.replication.factor": cluster["default_topic_replications"],
            # Redpanda acknowledges what a majority of the copies has (acks=all).
            "min.insync.replicas": nodes.majority,
            # A broker that is alone is never taken for lost (java/stand_in/SingleBroker.java).
            "broker.session.timeout.ms": 3000 if nodes.seeds else 2**31 - 1,
            "offsets.topic.replication.factor": copies,
            "offsets.topic.num.partitions": cluster["group_topic_partitions"],
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": nodes.majority,
            "transaction.state.log.num.partitions": 3,
            "group.initial.rebalance.delay.ms": cluster["group_initial_rebalance_delay"],
            # One small node: fewer threads, and not the cleaner's 128 MB.
            "num.network.threads": 2,
            "num.io.threads": 4,
            "background.threads": 2,
            "log.cleaner.dedupe.buffer.size": 8 * 1024 * 1024,
            "broker.heartbeat.interval.ms": 500,
            "metadata.max.idle.interval.ms": 5000,
        }
        if cluster["kafka_enable_authorization"]:
            names = [*(cluster["superusers"] or []), INTERNAL_USER]
            if nodes.seeds and nodes.user not in names:
                names.append(nodes.user)
            properties["authorizer.class.name"] = "stand_in.RedpandaAuthorizer"
            properties["super.users"] = ";".join(f"User:{name}" for name in names)
            properties["allow.everyone.if.no.acl.found"] = "false"
        security = "org.apache.kafka.common.security"
        scram = {name: f"{security}.scram.ScramLoginModule required;" for name in SCRAM}
        for listener in self.listeners:
            if listener.sasl:
                self._offer(properties, listener.name, scram)
            if listener.certificates is not None:
                self._encrypt(properties, listener)
        plain = (
            f"{security}.plain.PlainLoginModule required"
            f' username="{INTERNAL_USER}" password="{self.internal_password}"'
            f' user_{INTERNAL_USER}="{self.internal_password}";'
        )
        # SCRAM here too: the registry asks this listener whether a login is right.
        self._offer(properties, "STAND_IN_BROKER", {"PLAIN": plain, **scram})
        if nodes.tls is not None:
            self._encrypt_peers(properties)
        elif not nodes.seeds:
            self._offer(properties, CONTROLLER, {"PLAIN": plain})
        return "".join(f"{key}={value}\n" for key, value in properties.items())

    def _encrypt_peers(self, properties: dict) -> None:
        """Each broker shows the others its certificate, and is asked for it."""
        files = [self.cluster_nodes.tls[key] for key in ("cert_file", "key_file", "truststore_file")]
        chain, key, authorities = (
            pathlib.Path(file).read_text().replace("\n", "\\n") for file in files
        )
        for name in (PEER, CONTROLLER):
            prefix = f"listener.name.{name.lower()}.ssl"
            properties[f"{prefix}.keystore.type"] = "PEM"
            properties[f"{prefix}.keystore.certificate.chain"] = chain
            properties[f"{prefix}.keystore.key"] = key
            properties[f"{prefix}.truststore.type"] = "PEM"
            properties[f"{prefix}.truststore.certificates"] = authorities
            properties[f"{prefix}.client.auth"] = "required"
            properties[f"{prefix}.principal.mapping.rules"] = f"RULE:^.*$/{self.cluster_nodes.user}/"

    @staticmethod
    def _encrypt(properties: dict, listener: Listener) -> None:
        prefix = f"listener.name.{listener.name.lower()}.ssl"
        # Java's properties write a line's end so.
        chain, key = (
            text.replace("\n", "\\n")
            for text in (listener.certificates.chain, listener.certificates.key)
        )
        properties[f"{prefix}.keystore.type"] = "PEM"
        properties[f"{prefix}.keystore.certificate.chain"] = chain
        properties[f"{prefix}.keystore.key"] = key
        properties[f"{prefix}.client.auth"] = "none"

    @staticmethod
    def _offer(properties: dict, listener: str, modules: dict) -> None:
        prefix = f"listener.name.{listener.lower()}"
        properties[f"{prefix}.sasl.enabled.mechanisms"] = ",".join(modules)
        for mechanism, module in modules.items():
            properties[f"{prefix}.{mechanism.lower()}.sasl.jaas.config"] = module


def scram_argument(user: tuple) -> str:
    """The `--add-scram` value of Kafka's storage tool; the password itself is not in it."""
    name, password, mechanism = user
    digest = mechanism.removeprefix("SCRAM-").replace("-", "").lower()
    salt, iterations = secrets.token_bytes(24), 4096
    salted = hashlib.pbkdf2_hmac(digest, password.encode(), salt, iterations)
    encoded = [base64.b64encode(value).decode() for value in (salt, salted)]
    return (
        f'{mechanism}=[name="{name}",salt="{encoded[0]}",'
        f'saltedpassword="{encoded[1]}",iterations={iterations}]'
    )
