"""Sends what PostgreSQL asks for to an archive on S3 by barman-cloud, and makes base backups.

  agent.py run                      serves the requests of archive-wal.sh and restore-wal.sh; the container's main process
  agent.py archive                  prints as JSON what the archive holds, and which server the data is of
  agent.py state                    prints as JSON how far the archive is behind; it asks neither S3 nor PostgreSQL
  agent.py restore BACKUP FOLDER    unpacks a base backup for a server that recovers
  agent.py discard FOLDER           removes what was unpacked, and ends an unpacking that nobody waits for any more

Settings are in /etc/platform/wal-archive.json. It starts as root, and goes on as the user that owns the data. It uses
Python's standard library and the commands of barman alone.
"""

import concurrent.futures
import datetime
import json
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time

DATA = pathlib.Path("/var/lib/postgresql/data")
HOME = pathlib.Path("/var/lib/platform-wal")
REQUESTS = HOME / "requests"
FETCHED = HOME / "fetched"
HEARTBEAT = HOME / "heartbeat"
# Written by archive-wal.sh when it gave a file up, removed once a base backup that began later has ended.
GAP = HOME / "gap"
# There once the archive has answered and is this server's: the container is healthy.
READY = HOME / "ready"
STATUS = HOME / "status.json"
# Process of barman that unpacks a base backup.
RESTORING = HOME / "restoring"
SECRETS = ["/etc/platform/s3-credentials", "/etc/platform/pgpass"]
SETTINGS = json.loads(pathlib.Path("/etc/platform/wal-archive.json").read_text())

# Longer than archive-wal.sh waits for an answer makes no sense.
TRANSFER_SECONDS = 40
CHECK_SECONDS = 10
# Files of WAL to fetch before a recovery asks for them.
AHEAD = 2
# After a failed base backup.
RETRY_SECONDS = 60


def say(text):
    print(text, flush=True)


def become_owner():
    """Whatever the image of the server calls its user, the data belongs to it."""
    owner = DATA.stat()
    if os.getuid() != 0:
        return
    for secret in SECRETS:
        os.chown(secret, owner.st_uid, owner.st_gid)
    os.setgroups([])
    os.setgid(owner.st_gid)
    os.setuid(owner.st_uid)
    # boto looks for files in the home directory, and the image need not know the user.
    os.environ["HOME"] = "/tmp"


def barman(command, *args, seconds=None):
    """Runs a command of barman-cloud. Returns exit code and output; 124 where it took too long."""
    try:
        done = subprocess.run(barman_line(command, args), capture_output=True, text=True, timeout=seconds, start_new_session=True)
        return done.returncode, done.stdout, done.stderr.strip()
    except subprocess.TimeoutExpired:
        return 124, "", f"no answer within {seconds} s"


def barman_line(command, args):
    where = ["--endpoint-url", SETTINGS["endpoint"]] if SETTINGS.get("endpoint") else []
    options, rest = [a for a in args if a.startswith("-")], [a for a in args if not a.startswith("-")]
    return [f"barman-cloud-{command}", *where, *options, SETTINGS["destination"], SETTINGS["server"], *rest]


def last_line(text):
    return (text.splitlines() or ["no message"])[-1]


def read_server():
    """Identifier and timeline of the data, from its control file (PostgreSQL 16, src/include/catalog/pg_control.h)."""
    control = (DATA / "global" / "pg_control").read_bytes()
    (system_id,), (timeline,) = struct.unpack_from("<Q", control, 0), struct.unpack_from("<I", control, 48)
    history = DATA / "pg_wal" / f"{timeline:08X}.history"
    return {
        "systemId": str(system_id),
        "timeline": timeline,
        "history": history.read_text() if history.exists() else "",
    }


def list_backups():
    """The finished base backups, oldest first."""
    code, out, err = barman("backup-list", "--format=json", seconds=120)
    if code != 0:
        raise RuntimeError(last_line(err))
    return [
        {
            "id": each["backup_id"],
            "systemId": str(each.get("systemid")),
            "timeline": each["timeline"],
            "beginTime": each["begin_time_iso"],
            "endTime": each["end_time_iso"],
            "endLsn": each["end_xlog"],
            "bytes": each.get("cluster_size") or each.get("size") or 0,
        }
        for each in json.loads(out)["backups_list"]
        if each["status"] == "DONE"
    ]


class Agent:
    def __init__(self):
        self.status = {"error": None, "backup": None, "backupError": None}
        self.stopped = threading.Event()
        self.lock = threading.Lock()
        self.fetchers = concurrent.futures.ThreadPoolExecutor(AHEAD)
        # Downloads that no recovery has asked for yet, by name.
        self.ahead = {}

    def note(self, **changes):
        with self.lock:
            self.status.update(changes)
            new = STATUS.with_suffix(".new")
            new.write_text(json.dumps(self.status))
            new.rename(STATUS)

    def run(self):
        for folder in (REQUESTS, FETCHED):
            folder.mkdir(exist_ok=True)
            for left in folder.glob("*"):
                left.unlink()
        READY.unlink(missing_ok=True)
        RESTORING.unlink(missing_ok=True)
        shutil.copyfile("/etc/platform/restore-wal.sh", HOME / "restore-wal.sh")
        self.note()
        signal.signal(signal.SIGTERM, lambda *_: self.stopped.set())
        # A recovery is served also while the archive is not this server's.
        threading.Thread(target=self.serve_fetches, daemon=True).start()
        threading.Thread(target=self.beat, daemon=True).start()
        if self.wait_for_archive():
            threading.Thread(target=self.make_backups, daemon=True).start()
            self.serve(REQUESTS, self.archive)
        # archive-wal.sh then need not wait to know.
        HEARTBEAT.unlink(missing_ok=True)
        READY.unlink(missing_ok=True)
        # Not waiting for transfers that run: whoever asked for them asks again.
        os._exit(0)

    def beat(self):
        while not self.stopped.is_set():
            HEARTBEAT.touch()
            self.stopped.wait(1)

    def wait_for_archive(self):
        """Returns once the archive answers and nobody else's backups are in it; false where the container stops first."""
        while not self.stopped.is_set():
            try:
                system_id = read_server()["systemId"]
                code, out, err = barman("backup-list", "--test", seconds=TRANSFER_SECONDS)
                if code != 0:
                    raise RuntimeError(f"the archive does not answer: {last_line(err or out)}")
                backups = list_backups()
                others = {each["systemId"] for each in backups} - {system_id}
                if others:
                    raise RuntimeError(
                        f"the archive holds backups of another server ({', '.join(sorted(others))}; this one is {system_id}). "
                        "Bring its data back with npm run recover, or name another destination"
                    )
                self.note(error=None, backup=backups[-1] if backups else None)
                READY.touch()
                say("the archive answers")
                return True
            except (RuntimeError, OSError) as error:
                if self.status["error"] != str(error):
                    say(f"not ready: {error}")
                self.note(error=str(error))
                self.stopped.wait(2)
        return False

    def serve(self, folder, act):
        while not self.stopped.is_set():
            wanted = sorted(folder.glob("*.wanted"))
            for request in wanted:
                name = request.name.removesuffix(".wanted")
                answer = act(name)
                # Removed first: whoever asks again after the answer is not to be overlooked.
                request.unlink(missing_ok=True)
                (folder / f"{name}.{answer}").touch()
            if not wanted:
                self.stopped.wait(0.05)

    def archive(self, name):
        code, out, err = barman("wal-archive", "--gzip", str(DATA / "pg_wal" / name), seconds=TRANSFER_SECONDS)
        if code == 0:
            if self.status["error"] is not None:
                say("the archive answers again")
                self.note(error=None)
            return "done"
        say(f"{name} was not archived: {last_line(err or out)}")
        self.note(error=last_line(err or out))
        return "failed"

    def serve_fetches(self):
        self.serve(FETCHED, self.fetch)

    def fetch(self, name):
        """Most of the time goes into the start of barman, so the files that a recovery asks for next are fetched meanwhile."""
        begun = self.ahead.pop(name, None)
        for following in next_segments(name, AHEAD):
            if following not in self.ahead:
                self.ahead[following] = self.fetchers.submit(self.download, following)
        # Of an earlier recovery, perhaps: a file that was not there then may be there now.
        return "done" if begun and begun.result() == "done" else self.download(name)

    def download(self, name):
        code, out, err = barman("wal-restore", name, str(FETCHED / name), seconds=TRANSFER_SECONDS)
        # 1: the archive answered, and has no such file (barman 3.17.0, clients/cloud_walrestore.py).
        if code not in (0, 1):
            say(f"{name} could not be fetched: {last_line(err or out)}")
        return {0: "done", 1: "none"}.get(code, "failed")

    def make_backups(self):
        while not self.stopped.is_set():
            try:
                wait = self.back_up() if self.is_due() else CHECK_SECONDS
            except (RuntimeError, OSError) as error:
                self.note(backupError=str(error))
                say(f"no base backup: {error}")
                wait = RETRY_SECONDS
            self.stopped.wait(wait)

    def is_due(self):
        backup = self.status["backup"]
        if backup is None or GAP.exists() or backup["timeline"] != read_server()["timeline"]:
            return True
        return time.time() - seconds_of(backup["endTime"]) >= SETTINGS["everyHours"] * 3600

    def back_up(self):
        began = time.time()
        say("making a base backup")
        conninfo = f"--dbname=host={SETTINGS['host']} port={SETTINGS['port']} user={SETTINGS['user']} dbname={SETTINGS['database']}"
        code, out, err = barman("backup", "--gzip", "--immediate-checkpoint", conninfo)
        if code != 0:
            raise RuntimeError(last_line(err or out))
        self.note(backup=list_backups()[-1], backupError=None)
        if GAP.exists() and GAP.stat().st_mtime < began:
            GAP.unlink()
        say(f"made base backup {self.status['backup']['id']} in {time.time() - began:.0f} s")
        window = f"--retention-policy=RECOVERY WINDOW OF {SETTINGS['keepDays']} DAYS"
        code, out, err = barman("backup-delete", window, "--minimum-redundancy=1")
        if code != 0:
            raise RuntimeError(f"older backups are still there: {last_line(err or out)}")
        return CHECK_SECONDS


def next_segments(name, count):
    """Names of the files of WAL after one; none after a history of a timeline. A log has 256 files of 16 MiB."""
    if not re.fullmatch("[0-9A-F]{24}", name):
        return []
    timeline, position = name[:8], int(name[8:16], 16) * 256 + int(name[16:], 16)
    return [f"{timeline}{each // 256:08X}{each % 256:08X}" for each in range(position + 1, position + 1 + count)]


def seconds_of(iso):
    """Seconds since 1970 of a time with zone, as barman writes it."""
    return datetime.datetime.fromisoformat(iso).timestamp()


def show_archive():
    try:
        server = read_server()
    except (OSError, struct.error):
        server = None
    print(json.dumps({"server": server, "backups": list_backups()}))


def show_state():
    ready = [each.stat().st_mtime for each in (DATA / "pg_wal" / "archive_status").glob("*.ready")]
    try:
        status = json.loads(STATUS.read_text())
    except OSError:
        status = {}
    waiting = {"waitingFiles": len(ready), "waitingSeconds": int(time.time() - min(ready)) if ready else 0}
    gap = GAP.read_text().strip() if GAP.exists() else None
    print(json.dumps({**status, **waiting, "gap": gap, "answered": READY.exists()}))


def restore(backup, folder):
    """Leaves a folder `data` for a server that recovers, and a pg_hba.conf that lets the socket of its container in."""
    discard(folder)
    target = pathlib.Path(folder)
    target.mkdir(mode=0o700)
    data = target / "data"
    data.mkdir(mode=0o700)
    with subprocess.Popen(
        barman_line("restore", [backup, str(data)]),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as unpacking:
        RESTORING.write_text(str(unpacking.pid))
        out, _ = unpacking.communicate()
    RESTORING.unlink(missing_ok=True)
    if unpacking.returncode != 0:
        raise RuntimeError(last_line(out.strip()))
    (data / "recovery.signal").touch()
    (target / "pg_hba.conf").write_text("local all all trust\n")


def discard(folder):
    """A command that is stopped ends docker exec, and docker exec does not end what it started."""
    try:
        group = int(RESTORING.read_text())
        while b"barman-cloud-restore" in pathlib.Path(f"/proc/{group}/cmdline").read_bytes():
            os.killpg(group, signal.SIGKILL)
            time.sleep(0.1)
    except (OSError, ValueError):
        pass
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    become_owner()
    command, *arguments = sys.argv[1:]
    try:
        {
            "run": lambda: Agent().run(),
            "archive": show_archive,
            "state": show_state,
            "restore": restore,
            "discard": discard,
        }[command](*arguments)
    except RuntimeError as error:
        sys.exit(f"The archive: {error}")
