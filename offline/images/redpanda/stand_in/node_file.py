"""redpanda.yaml as `rpk redpanda start` treats it: read, changed by the mode, and written anew."""

import os
import pathlib
import random

import yaml

from .flags import CONTAINER_MODE, Refused

# src/go/rpk/pkg/cli/redpanda/start.go, setContainerModeCfgFields.
CONTAINER_MODE_PROPERTIES = {
    "auto_create_topics_enabled": True,
    "group_topic_partitions": 3,
    "storage_min_free_bytes": 10485760,
    "topic_partitions_per_shard": 1000,
    "fetch_reads_debounce_timeout": 10,
    "group_initial_rebalance_delay": 0,
    "log_segment_size_min": 1,
    "write_caching_default": "true",
}  # fmt: skip

# What rpk takes where there is no file (DevDefault in pkg/config/redpanda_yaml.go).
_DEFAULT = {
    "redpanda": {
        "data_directory": "/var/lib/redpanda/data",
        "kafka_api": [{"name": "internal", "address": "0.0.0.0", "port": 9092}],
        "advertised_kafka_api": [{"name": "internal", "address": "127.0.0.1", "port": 9092}],
        "admin": [{"address": "0.0.0.0", "port": 9644}],
    },
    "schema_registry": {"schema_registry_api": [{"address": "0.0.0.0", "port": 8081}]},
}


def load_yaml(path: pathlib.Path, default: dict) -> dict:
    try:
        text = path.read_text()
    except FileNotFoundError:
        return default
    except PermissionError as error:
        raise Refused(f"{path} cannot be read by user {os.getuid()}: mode 0444 lets it") from error
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Refused(f"{path} is not YAML: {error}") from error
    if not isinstance(content, dict):
        raise Refused(f"{path}: expected a map at the top")
    return content


def node_config(path: pathlib.Path) -> dict:
    """redpanda.yaml, or what the image does without one."""
    return load_yaml(path, _DEFAULT)


def prepare(path: pathlib.Path, flags: dict) -> dict:
    """
    The node's configuration with what the mode adds to it. Where that differs from the file, the file is
    replaced, as rpk does it (RedpandaYaml.Write, osutil.ReplaceFile); raises Refused where that fails.
    """
    config = node_config(path)
    node = config.setdefault("redpanda", {})
    if flags.get("mode") == CONTAINER_MODE or node.get("developer_mode"):
        flags["mode"] = CONTAINER_MODE
        node.update({"developer_mode": True, **CONTAINER_MODE_PROPERTIES})
        config.setdefault("rpk", {})["overprovisioned"] = flags.get("overprovisioned") != "false"
    if not path.exists() or config != load_yaml(path, {}):
        _replace(path, yaml.safe_dump(config, sort_keys=False))
    return config


def _replace(path: pathlib.Path, text: str) -> None:
    temporary = path.with_name(f"redpanda-{random.getrandbits(63)}")
    try:
        temporary.write_text(text)
    except OSError as error:
        raise Refused(f"error writing to temporary file: {_go(error, 'open', temporary)}") from error
    try:
        if path.exists():
            original = path.stat()
            _attempt("chmod", temporary, lambda: temporary.chmod(original.st_mode & 0o7777))
            # Root's file: only root may give a file to root.
            _attempt("chown", temporary, lambda: os.chown(temporary, original.st_uid, original.st_gid))
        temporary.replace(path)
    except (Refused, OSError) as error:
        temporary.unlink(missing_ok=True)
        raise Refused(f"{error}, temp file removed from disk") from error


def _attempt(what: str, path: pathlib.Path, act) -> None:
    try:
        act()
    except OSError as error:
        raise Refused(f"unable to {what} temp config file: {_go(error, what, path)}") from error


def _go(error: OSError, what: str, path: pathlib.Path) -> str:
    """The error in Go's words."""
    return f"{what} {path}: {(error.strerror or str(error)).lower()}"
