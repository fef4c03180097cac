#!/usr/bin/python3 -I
"""Runs once in `docker build`: starts the broker as the container will, notes the classes that it
loads, and stores them prepared (class data sharing), which halves the start."""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, "/usr/lib/redpanda")

from stand_in import endpoints, main, settings

work = pathlib.Path("/tmp/train")
lists = [work / "format.list", work / "broker.list"]
merged = work / "all.list"
data = work / "data"
data.mkdir(parents=True)
settings.CONFIG_DIR = settings.RUN_DIR = work
listener = {"name": "internal", "address": "127.0.0.1", "port": 9092}
config_text = {
    "redpanda": {
        "data_directory": str(data),
        "kafka_api": [{**listener, "authentication_method": "sasl"}],
        "advertised_kafka_api": [listener],
    }
}
# JSON is YAML.
(work / "redpanda.yaml").write_text(main.json.dumps(config_text))
(work / ".bootstrap.yaml").write_text(
    main.json.dumps({"superusers": ["train"], "kafka_enable_authorization": True})
)
os.environ["RP_BOOTSTRAP_USER"] = "train:train"
config = settings.Settings({})
properties = main.write_properties(config)


def noting(path: pathlib.Path) -> tuple:
    return ("-Xshare:off", f"-XX:DumpLoadedClassList={path}")


environment = main.clean_environment()
subprocess.run(
    main.format_command(config, properties, config.bootstrap_user(), extra=noting(lists[0])), env=environment, check=True
)
process = subprocess.Popen(
    main.java("kafka.Kafka", [str(properties)], extra=noting(lists[1])), env=environment
)
broker = endpoints.Broker(config)
deadline = time.monotonic() + 60
while not broker.ready():
    if time.monotonic() > deadline or process.poll() is not None:
        sys.exit("the broker did not come up in a minute")
    time.sleep(0.2)
if not broker.accepts("train", "train") or broker.accepts("train", "wrong"):
    sys.exit("the broker does not tell a right login from a wrong one")
process.send_signal(signal.SIGTERM)
process.wait()

lines = dict.fromkeys(line for path in lists for line in path.read_text().splitlines())
merged.write_text("\n".join(lines) + "\n")
subprocess.run(
    main.java(
        "kafka.Kafka",
        [],
        extra=(
            "-Xshare:dump",
            f"-XX:SharedClassListFile={merged}",
            f"-XX:SharedArchiveFile={main.CLASS_ARCHIVE}",
            "-Xlog:cds=off",
        ),
    ),
    env=environment,
    check=True,
    stdout=subprocess.DEVNULL,
)
shutil.rmtree(work)
