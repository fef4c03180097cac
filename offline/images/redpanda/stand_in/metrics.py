"""
Those of Redpanda's public metrics that the platform uses, from what the broker and the disk say: names, labels and types
of v26.2 (src/v/cluster/partition_probe.cc, src/v/kafka/server/group_probe.h, src/v/storage/probe.cc,
src/v/cluster/controller_probe.cc).
"""

import os

from . import settings, wire


def text(connection: wire.Connection, config: settings.Settings) -> str:
    """All series in the text format of Prometheus: of partitions, those that this broker leads."""
    disk = os.statvfs(config.data)
    nodes = config.cluster_nodes
    up, topics = connection.topics()
    led = {
        name: [part for part in parts if part.leader == nodes.id] for name, parts in topics.items()
    }
    written = connection.end_offsets(
        {name: [part.number for part in parts] for name, parts in led.items() if parts}
    )
    committed = connection.committed_offsets()
    families = {
        # Those that are down count as well (src/v/cluster/controller_probe.cc).
        "redpanda_cluster_brokers": [({}, max(len(nodes.seeds), len(up)))],
        "redpanda_kafka_under_replicated_replicas": [
            (
                {"redpanda_namespace": "kafka", **_place((name, part.number))},
                len(part.replicas) - len(part.in_sync),
            )
            for name, parts in led.items()
            for part in parts
        ],
        "redpanda_kafka_max_offset": [
            ({"redpanda_namespace": "kafka", **_place(place)}, offset)
            for place, offset in written.items()
        ],
        "redpanda_kafka_consumer_group_committed_offset": [
            ({"redpanda_group": group, **_place(place), "shard": "0"}, offset)
            for group, offsets in committed.items()
            for place, offset in offsets.items()
        ],
        "redpanda_storage_disk_total_bytes": [({}, disk.f_blocks * disk.f_frsize)],
        "redpanda_storage_disk_free_bytes": [({}, disk.f_bavail * disk.f_frsize)],
    }
    lines = []
    for name, samples in families.items():
        lines += [f"# TYPE {name} gauge"] if samples else []
        lines += [f"{name}{{{_labels(labels)}}} {value:.6f}" for labels, value in samples]
    return "".join(f"{line}\n" for line in lines)


def _place(place: tuple) -> dict:
    topic, partition = place
    return {"redpanda_partition": str(partition), "redpanda_topic": topic}


def _labels(labels: dict) -> str:
    """Groups are named by whoever reads: the format escapes these three."""
    escaped = {
        name: value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        for name, value in labels.items()
    }
    return ",".join(f'{name}="{value}"' for name, value in escaped.items())
