"""Runs the stand-in's schema registry alone, without its broker: `stand-in.py FOLDER USER PASSWORD`. Prints its port."""

import pathlib
import sys
import tempfile

folder, user, password = sys.argv[1:]
sys.path.insert(0, folder)

from stand_in.http_api import Server  # noqa: E402
from stand_in.registry import SchemaStore, registry_handler  # noqa: E402


class Broker:
    def ready(self) -> bool:
        return True

    def accepts(self, name: str, secret: str) -> bool:
        return (name, secret) == (user, password)


with tempfile.TemporaryDirectory() as data:
    store = SchemaStore(pathlib.Path(data) / "schemas.json")
    server = Server(("127.0.0.1", 0), registry_handler(Broker(), store, True))
    print(server.server_address[1], flush=True)
    server.serve_forever()
