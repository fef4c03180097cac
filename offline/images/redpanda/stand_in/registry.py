"""The schema registry: schemas, subjects and their levels of compatibility (redpanda v26.2,
src/v/pandaproxy/schema_registry/handlers.cc)."""

import json
import re
import threading

from . import json_schema
from .http_api import Answer, Handler, read_json


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
    request = read_json(body, "schema")
    kind = request.get("schemaType", "AVRO")
    text = request.get("schema")
    if kind not in ("AVRO", "JSON", "PROTOBUF"):
        raise Answer(422, f"schemaType {kind}: expected AVRO, JSON or PROTOBUF", 42201)
    if not isinstance(text, str) or not text.strip():
        raise Answer(422, "Invalid schema: expected a string that is not empty", 42201)
    if kind == "JSON":
        try:
            json_schema.parse(text)
        except json_schema.Invalid as error:
            raise Answer(422, str(error), 42201) from error
    if kind == "AVRO":
        try:
            json.loads(text)
        except ValueError as error:
            raise Answer(422, f"Invalid {kind} schema: {error}", 42201) from error
    return {"schema": text, "schemaType": kind, "references": request.get("references") or []}


_DIRECTIONS = ("BACKWARD", "FORWARD", "FULL")
_LEVELS = {"NONE", *_DIRECTIONS, *(f"{direction}_TRANSITIVE" for direction in _DIRECTIONS)}


def _between(new: dict, old: dict, level: str) -> list:
    """Why a schema is not compatible with an older one, for a level other than NONE."""
    if new["schemaType"] != old["schemaType"]:
        return ["Incompatible because of different schema type"]
    if new["schemaType"] != "JSON":
        return []  # Avro and Protobuf are not compared in the stand-in.
    newer, older = json_schema.parse(new["schema"]), json_schema.parse(old["schema"])
    found = []
    if level.startswith(("BACKWARD", "FULL")):
        found += [f"new readers, old events: {why}" for why in json_schema.refusals(newer, older)]
    if level.startswith(("FORWARD", "FULL")):
        found += [f"old readers, new events: {why}" for why in json_schema.refusals(older, newer)]
    return found


def registry_handler(broker_, store: SchemaStore, needs_login_: bool):
    """Registers and hands out schemas, and compares JSON Schemas as the level of their subject says."""

    class Registry(Handler):
        broker = broker_
        needs_login = needs_login_
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
            kept = [entry for entry in entries if not entry.get("deleted")]
            if kept:
                refused = self._refusals(subject, schema, kept[-1]["version"])
                if refused:
                    details = ", ".join(refused)
                    raise Answer(
                        409,
                        "Schema being registered is incompatible with an earlier schema for"
                        f' subject "{subject}", details: [{details}]',
                    )
            if number is None:
                store.state["schemas"].append(schema)
                number = len(store.state["schemas"])
            version = max((entry["version"] for entry in entries), default=0) + 1
            entries.append({"version": version, "id": number})
            store.save()
            return {"id": number}

        def _level(self, subject):
            config = store.state["config"]
            return config.get(subject, config[""])

        def _refusals(self, subject, schema, since):
            """As sharded_store.cc, do_is_compatible: from the version on, or all where it is transitive."""
            level = self._level(subject)
            if level == "NONE":
                return []
            for entry in reversed(store.versions(subject)):
                if level.endswith("_TRANSITIVE") or entry["version"] >= since:
                    old = store.state["schemas"][entry["id"] - 1]
                    try:
                        found = _between(schema, old, level)
                    except json_schema.Invalid as error:
                        raise Answer(422, str(error), 42201) from error
                    if found:
                        return [*found, f"{{oldSchemaVersion: {entry['version']}}}"]
            return []

        def _compatible(self, subject, version, query, body):
            is_verbose = query.get("verbose") == "true"
            entry = self._pick(subject, version)
            try:
                refused = self._refusals(subject, _schema_of(body), entry["version"])
            except Answer as answer:
                if not is_verbose or answer.status != 422:
                    raise
                refused = [str(answer)]
            answer = {"is_compatible": not refused}
            return {**answer, "messages": refused} if is_verbose else answer

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
            level = read_json(body, "config").get("compatibility")
            if level not in _LEVELS:
                raise Answer(422, f"Invalid compatibility level {level}", 42203)
            store.state["config"][subject] = level
            store.save()
            return {"compatibility": level}

        def _drop_config(self, subject, query, body):
            # handlers.cc, delete_config_subject: 40401 also where only the level is missing.
            if subject not in store.state["config"]:
                raise Answer(404, f"Subject '{subject}' not found.", 40401)
            level = store.state["config"].pop(subject)
            store.save()
            return {"compatibilityLevel": level}

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
            ("DELETE", "/config/([^/]+)", _drop_config),
            ("POST", "/compatibility/subjects/([^/]+)/versions/([^/]+)", _compatible),
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
