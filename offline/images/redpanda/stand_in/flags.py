"""The flags of `rpk redpanda start` (src/go/rpk/pkg/cli/redpanda/start.go) that the stand-in takes."""

import re

CONTAINER_MODE = "dev-container"

_LOG_LEVELS = {"trace", "debug", "info", "warn", "error"}
_VALUE_FLAGS = {
    "mode", "smp", "memory", "reserve-memory", "default-log-level", "reactor-backend",
}  # fmt: skip
_SWITCH_FLAGS = {"overprovisioned", "check", "unsafe-bypass-fsync", "lock-memory"}


class Refused(Exception):
    """Settings that the stand-in does not take; the text says which and what it takes."""


def parse_flags(arguments: list) -> dict:
    """`--name value`, `--name=value` and `--switch` of `rpk redpanda start`, by name."""
    flags, rest = {}, list(arguments)
    while rest:
        word = rest.pop(0)
        name, has_value, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or name not in _VALUE_FLAGS | _SWITCH_FLAGS:
            known = ", ".join(sorted(f"--{flag}" for flag in _VALUE_FLAGS | _SWITCH_FLAGS))
            raise Refused(f"unknown argument {word!r}: the stand-in takes {known}")
        if not has_value:
            if name in _SWITCH_FLAGS:
                value = "true"
            elif rest:
                value = rest.pop(0)
            else:
                raise Refused(f"--{name} needs a value")
        flags[name] = value
    if flags.get("mode", CONTAINER_MODE) != CONTAINER_MODE:
        raise Refused(f'unrecognized mode "{flags["mode"]}"; use --mode help for more info')
    _check_flag(flags, "default-log-level", _LOG_LEVELS)
    for name in _SWITCH_FLAGS:
        _check_flag(flags, name, {"true", "false"})
    for name in ("memory", "reserve-memory"):
        if not re.fullmatch(r"\d+[KMGT]?", flags.get(name, "0")):
            raise Refused(f"--{name} {flags[name]}: expected a size such as 1G or 512M")
    return flags


def _check_flag(flags: dict, name: str, allowed: set) -> None:
    if name in flags and flags[name] not in allowed:
        raise Refused(f"--{name} {flags[name]}: expected one of {', '.join(sorted(allowed))}")


def bypasses_fsync(flags: dict) -> bool:
    """The mode bypasses fsync, unless the flag itself says otherwise (setContainerModeFlags)."""
    said = flags.get("unsafe-bypass-fsync")
    return flags.get("mode") == CONTAINER_MODE if said is None else said == "true"
