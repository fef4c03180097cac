"""The few requests of the Kafka protocol that the stand-in makes to its own broker."""

import base64
import hashlib
import hmac
import secrets
import socket
import ssl
import struct
import typing

_LIST_OFFSETS, _METADATA, _OFFSET_FETCH, _LIST_GROUPS = 2, 3, 9, 16
_SASL_HANDSHAKE, _API_VERSIONS, _SASL_AUTHENTICATE = 17, 18, 36
_INCREMENTAL_ALTER_CONFIGS, _ADD_RAFT_VOTER = 44, 80
_TOPIC, _SET = 2, 0
_LATEST = -1
_SCRAM_DIGESTS = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-512": "sha512"}
_LARGEST_ANSWER = 16 * 1024 * 1024


class LoginRefused(Exception):
    """The broker answered and does not accept these credentials."""


def _string(value: str) -> bytes:
    raw = value.encode()
    return struct.pack(">h", len(raw)) + raw


def _bytes(value: bytes) -> bytes:
    return struct.pack(">i", len(value)) + value


def _compact(raw: bytes) -> bytes:
    """Text in a flexible version of a request; shorter than 127 bytes."""
    return bytes([len(raw) + 1]) + raw


class Partition(typing.NamedTuple):
    number: int
    leader: int
    replicas: list
    in_sync: list


class _Reader:
    """Reads the fields of an answer in their order."""

    def __init__(self, raw: bytes):
        self._raw, self._at = raw, 0

    def number(self, form: str) -> int:
        """One number in the form of the module `struct`."""
        (value,) = struct.unpack_from(f">{form}", self._raw, self._at)
        self._at += struct.calcsize(f">{form}")
        return value

    def string(self) -> str:
        """Empty where there is none."""
        size = max(self.number("h"), 0)
        self._at += size
        return self._raw[self._at - size : self._at].decode()

    def list(self, read) -> list:
        return [read() for _ in range(self.number("i"))]


class Connection:
    """One connection to a broker. Raises OSError when it does not answer in `timeout` seconds."""

    def __init__(
        self, host: str, port: int, timeout: float = 2.0, context: "ssl.SSLContext | None" = None
    ):
        self._socket = socket.create_connection((host, port), timeout=timeout)
        if context is not None:
            # What it raises is an OSError, too.
            self._socket = context.wrap_socket(self._socket)
        self._number = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def _receive(self, size: int) -> bytes:
        parts = []
        while size:
            part = self._socket.recv(size)
            if not part:
                raise ConnectionError("the broker closed the connection")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _ask(self, key: int, version: int, body: bytes, flexible: bool = False) -> bytes:
        self._number += 1
        header = struct.pack(">hhi", key, version, self._number) + _string("stand-in")
        # A flexible version has tags after both headers; there are none.
        tags = b"\0" if flexible else b""
        self._socket.sendall(_bytes(header + tags + body))
        (size,) = struct.unpack(">i", self._receive(4))
        if not 4 <= size <= _LARGEST_ANSWER:
            raise ConnectionError(f"not a Kafka answer: {size} bytes announced")
        return self._receive(size)[4 + len(tags) :]

    def api_versions(self) -> None:
        """Asks what every listener answers before a login; raises OSError on any error."""
        (error,) = struct.unpack_from(">h", self._ask(_API_VERSIONS, 0, b""))
        if error:
            raise ConnectionError(f"ApiVersions was answered with error {error}")

    def brokers(self) -> int:
        """The number of brokers that are up and take requests."""
        answer = self._ask(_METADATA, 0, struct.pack(">i", 1) + _string("__stand_in_probe"))
        return struct.unpack_from(">i", answer)[0]

    def topics(self) -> tuple:
        """Ids of the brokers that are up, and the partitions of each topic."""
        answer = _Reader(self._ask(_METADATA, 1, struct.pack(">i", -1)))

        def broker() -> int:
            number = answer.number("i")
            answer.string(), answer.number("i"), answer.string()
            return number

        brokers = answer.list(broker)
        answer.number("i")

        def partition() -> Partition:
            answer.number("h")
            number, leader = answer.number("i"), answer.number("i")
            replicas = answer.list(lambda: answer.number("i"))
            return Partition(number, leader, replicas, answer.list(lambda: answer.number("i")))

        def topic() -> tuple:
            answer.number("h")
            name, _ = answer.string(), answer.number("b")
            return name, answer.list(partition)

        return brokers, dict(answer.list(topic))

    def set_topic(self, topic: str, setting: str, value: str) -> int:
        """Changes one setting of a topic; returns Kafka's error code."""
        entry = _string(setting) + struct.pack(">b", _SET) + _string(value)
        body = struct.pack(">ib", 1, _TOPIC) + _string(topic) + struct.pack(">i", 1) + entry
        answer = _Reader(self._ask(_INCREMENTAL_ALTER_CONFIGS, 0, body + b"\0"))
        answer.number("i")
        return answer.list(lambda: answer.number("h"))[0]

    def add_voter(self, cluster: str, voter: int, directory: bytes, listener: tuple) -> int:
        """Adds a node to those that elect the controller; returns Kafka's error code."""
        name, host, port = listener
        body = _compact(cluster.encode()) + struct.pack(">ii", 5_000, voter) + directory
        body += b"\x02" + _compact(name.encode()) + _compact(host.encode())
        body += struct.pack(">H", port) + b"\0\0"
        self._socket.settimeout(10)
        return _Reader(self._ask(_ADD_RAFT_VOTER, 0, body, flexible=True)[4:]).number("h")

    def end_offsets(self, partitions: dict) -> dict:
        """The offset after the last record, by topic and partition."""
        body = struct.pack(">ii", -1, len(partitions))
        for topic, numbers in partitions.items():
            body += _string(topic) + struct.pack(">i", len(numbers))
            body += b"".join(struct.pack(">iq", number, _LATEST) for number in numbers)
        answer = _Reader(self._ask(_LIST_OFFSETS, 1, body))

        def partition() -> tuple:
            number, error, _, offset = (answer.number(form) for form in "ihqq")
            return number, None if error else offset

        return self._by_partition(answer, partition)

    def committed_offsets(self) -> dict:
        """The offset that each consumer group has committed, by group, and by topic and partition."""
        answer = _Reader(self._ask(_LIST_GROUPS, 0, b""))
        answer.number("h")
        groups = answer.list(lambda: (answer.string(), answer.string()))
        return {group: self._committed(group) for group, _ in groups}

    def _committed(self, group: str) -> dict:
        answer = _Reader(self._ask(_OFFSET_FETCH, 2, _string(group) + struct.pack(">i", -1)))

        def partition() -> tuple:
            number, offset = answer.number("i"), answer.number("q")
            answer.string()
            return number, None if answer.number("h") or offset < 0 else offset

        return self._by_partition(answer, partition)

    @staticmethod
    def _by_partition(answer: _Reader, partition) -> dict:
        topics = answer.list(lambda: (answer.string(), answer.list(partition)))
        return {
            (topic, number): offset
            for topic, found in topics
            for number, offset in found
            if offset is not None
        }

    def _handshake(self, mechanism: str) -> None:
        (error,) = struct.unpack_from(">h", self._ask(_SASL_HANDSHAKE, 1, _string(mechanism)))
        if error:
            raise LoginRefused(f"the broker does not offer {mechanism}")

    def _authenticate(self, message: bytes) -> bytes:
        answer = self._ask(_SASL_AUTHENTICATE, 0, _bytes(message))
        (error,) = struct.unpack_from(">h", answer)
        (length,) = struct.unpack_from(">h", answer, 2)
        if error:
            raise LoginRefused("the broker refused the credentials")
        at = 4 + max(length, 0)
        (size,) = struct.unpack_from(">i", answer, at)
        return answer[at + 4 : at + 4 + size]

    def login_plain(self, user: str, password: str) -> None:
        self._handshake("PLAIN")
        self._authenticate(b"\0" + user.encode() + b"\0" + password.encode())

    def login_scram(self, user: str, password: str, mechanism: str) -> None:
        """RFC 5802 without channel binding; raises LoginRefused, also when the server lies."""
        digest = _SCRAM_DIGESTS[mechanism]
        self._handshake(mechanism)
        name = user.replace("=", "=3D").replace(",", "=2C")
        nonce = secrets.token_urlsafe(24)
        first = f"n={name},r={nonce}"
        server_first = self._authenticate(f"n,,{first}".encode()).decode()
        fields = dict(part.split("=", 1) for part in server_first.split(","))
        if not fields["r"].startswith(nonce):
            raise LoginRefused("the broker answered with another nonce")
        salted = hashlib.pbkdf2_hmac(
            digest, password.encode(), base64.b64decode(fields["s"]), int(fields["i"])
        )
        client_key = hmac.digest(salted, b"Client Key", digest)
        final = f"c=biws,r={fields['r']}"
        signed = f"{first},{server_first},{final}".encode()
        signature = hmac.digest(hashlib.new(digest, client_key).digest(), signed, digest)
        proof = base64.b64encode(bytes(a ^ b for a, b in zip(client_key, signature))).decode()
        server_final = self._authenticate(f"{final},p={proof}".encode()).decode()
        server_key = hmac.digest(salted, b"Server Key", digest)
        expected = base64.b64encode(hmac.digest(server_key, signed, digest)).decode()
        if not hmac.compare_digest(server_final.split(",")[0], f"v={expected}"):
            raise LoginRefused("the broker does not know the password either")
