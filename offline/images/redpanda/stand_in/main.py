"""`rpk` of the stand-in: `rpk redpanda start`, `rpk cluster health` and nothing else."""

import base64
import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import uuid

from . import cluster, flags, node_file, settings

KAFKA = pathlib.Path("/opt/kafka")
CLASS_ARCHIVE = KAFKA / "classes.jsa"
_STOP_SECONDS = 8
BANNER = "stand-in for Redpanda: Apache Kafka 3.9.1 in KRaft mode, not Redpanda"


def java(
    main_class: str,
    arguments: list,
    log_level: str = "WARN",
    extra: tuple = (),
    properties: "dict | None" = None,
) -> list:
    """The command of one of Kafka's main classes, set up for a fast start and a small heap."""
    # Ours first: it holds two of Kafka's classes, changed to answer as Redpanda does (java/stand_in).
    jars = [str(KAFKA / "stand-in.jar"), *sorted(str(jar) for jar in (KAFKA / "libs").iterdir())]
    return [
        "/usr/bin/java",
        "-Xmx256m",
        "-Xss512k",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:-UsePerfData",
        "-XX:+ExitOnOutOfMemoryError",
        *(extra or (f"-XX:SharedArchiveFile={CLASS_ARCHIVE}", "-Xshare:auto", "-Xlog:cds=off")),
        "-Djava.awt.headless=true",
        # Java keeps a name's address for 30 s, and its absence for 10 s: a broker that comes back may have another one.
        "-Dsun.net.inetaddr.ttl=1",
        "-Dsun.net.inetaddr.negative.ttl=0",
        f"-Dlog4j.configuration=file:{KAFKA}/log4j.properties",
        f"-Dstand.in.level={log_level}",
        *(f"-D{name}={value}" for name, value in (properties or {}).items()),
        "-cp",
        ":".join(jars),
        main_class,
        *arguments,
    ]


def clean_environment() -> dict:
    """Of the container's environment the broker needs nothing, least of all the password."""
    return {"PATH": os.environ.get("PATH", ""), "MALLOC_ARENA_MAX": "2", "LANG": "C.UTF-8"}


def write_properties(config: settings.Settings) -> pathlib.Path:
    path = settings.RUN_DIR / "server.properties"
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(config.server_properties())
    return path


def format_command(
    config: settings.Settings,
    properties: pathlib.Path,
    user: "tuple | None",
    joins: "str | None" = None,
    **options,
) -> list:
    """Of the tool that prepares a broker's folder: for a new cluster, or for one with the id `joins`."""
    made = joins or base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
    # The tool takes an id that begins with a dash for a flag.
    arguments = ["format", f"--cluster-id={made}", "--config", str(properties)]
    arguments.append("--no-initial-controllers" if joins else "--standalone")
    if joins:
        pass  # The cluster has its users already.
    elif user:
        arguments += ["--add-scram", settings.scram_argument(user)]
    elif any(listener.sasl for listener in config.listeners):
        say("warning: RP_BOOTSTRAP_USER is not set: nobody will be able to log in")
    return java("kafka.tools.StorageTool", arguments, **options)


def say(text: str) -> None:
    print(text, flush=True)


class Stop:
    """Ends the container on SIGTERM or SIGINT, whatever stage its start has reached."""

    def __init__(self):
        self.asked, self.broker = False, None
        # At once: process 1 has no default action for a signal and would sit it out.
        signal.signal(signal.SIGTERM, self._ask)
        signal.signal(signal.SIGINT, self._ask)
        signal.signal(signal.SIGALRM, lambda *_: self.broker.kill())

    def _ask(self, *_):
        self.asked = True
        if not self.broker:
            sys.exit(0)
        self.broker.terminate()
        # A broker that is stopped while it starts may wait for itself for minutes.
        signal.alarm(_STOP_SECONDS)


def start(arguments: list) -> int:
    """Runs the broker and the two HTTP endpoints until the broker ends or a signal comes."""
    stop = Stop()
    say(BANNER)
    config = settings.Settings(flags.parse_flags(arguments))
    say(
        "fsync is bypassed, as --mode dev-container and --unsafe-bypass-fsync have it"
        if config.bypasses_fsync
        else "fsync is not bypassed"
    )
    properties = write_properties(config)
    user = config.bootstrap_user()
    for warning in config.warnings:
        say(f"warning: {warning}")
    joins = cluster.discover(config.cluster_nodes, config.data) if config.cluster_nodes.seeds else None
    if config.first_start:
        result = subprocess.run(
            format_command(config, properties, user, joins),
            env=clean_environment(),
            capture_output=True,
            text=True,
        )
        if result.returncode:
            raise settings.Refused(f"formatting {config.data}: {result.stdout}{result.stderr}")
        config.note_formatted()
    os.environ.pop("RP_BOOTSTRAP_USER", None)
    stop.broker = subprocess.Popen(
        java(
            "kafka.Kafka", [str(properties)], config.log_level, properties=config.java_properties()
        ),
        env=clean_environment(),
    )
    # Imported while the broker starts: it costs a tenth of a second.
    from . import endpoints

    endpoints.serve(config)
    if config.cluster_nodes.seeds:
        cluster.keep(config)
    code = wait_for(stop.broker.pid)
    if stop.asked:
        return 0
    say(f"the broker ended by itself with code {code}")
    return 1


def wait_for(pid: int) -> int:
    """Reaps every child, as process 1 must, until the broker is among them."""
    while True:
        ended, status = os.wait()
        if ended == pid:
            return os.waitstatus_to_exitcode(status)


def cluster_health() -> int:
    """Prints the health in the words of the real `rpk cluster health`; asks on the loopback."""
    node = node_file.node_config(settings.CONFIG_DIR / "redpanda.yaml")["redpanda"]
    entry = settings.endpoints(node, "admin")[0]
    host = "127.0.0.1" if entry["address"] == "0.0.0.0" else entry["address"]
    shown = settings.certificates(node, "admin_api_tls").get(entry.get("name", "default"))
    connection = (
        http.client.HTTPConnection(host, entry["port"], timeout=5)
        if shown is None
        else http.client.HTTPSConnection(
            host, entry["port"], timeout=5, context=shown.client_context()
        )
    )
    connection.request("GET", "/v1/cluster/health_overview")
    answer = connection.getresponse()
    health = json.loads(answer.read())
    say("CLUSTER HEALTH OVERVIEW")
    say("=======================")
    say(f"Healthy:                          {str(health['is_healthy']).lower()}")
    say(f"Unhealthy reasons:                {health['unhealthy_reasons']}")
    say(f"Controller ID:                    {health['controller_id']}")
    say(f"All nodes:                        {health['all_nodes']}")
    say(f"Nodes down:                       {health['nodes_down']}")
    return 0


def main(arguments: list) -> int:
    try:
        if arguments[:2] == ["redpanda", "start"]:
            return start(arguments[2:])
        if arguments[:2] == ["cluster", "health"]:
            return cluster_health()
        if arguments in (["version"], ["--version"]):
            say(BANNER)
            return 0
        raise settings.Refused(
            f"rpk {' '.join(arguments)} is not in the stand-in;"
            " it has redpanda start, cluster health and version"
        )
    except (settings.Refused, OSError) as error:
        print(f"rpk (stand-in): {error}", file=sys.stderr, flush=True)
        return 1
