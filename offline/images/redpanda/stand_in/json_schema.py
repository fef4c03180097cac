"""Whether one JSON Schema takes every value that another takes, by the rules of Redpanda's registry.

The rules were read in redpanda v26.2 (src/v/pandaproxy/schema_registry/json.cc, is_superset and the functions that it
calls), also where they are no logic but habit: a property that the narrower schema does not name is not looked at, nor
are formats. References between schemas are not in the stand-in.
"""

import json
import math
import re

DIALECTS = {
    f"{start}/{draft}/schema{end}"
    for start, drafts in (
        ("http://json-schema.org", ("draft-04", "draft-06", "draft-07")),
        ("https://json-schema.org/draft", ("2019-09", "2020-12")),
    )
    for draft in drafts
    for end in ("", "#")
}
_TYPES = {"string", "integer", "number", "object", "array", "boolean", "null"}
_NEWEST = "2020-12"
_ANYTHING, _NOTHING = {}, {"not": {}}


class Invalid(Exception):
    """The text is no schema that can be compared."""


def parse(text: str):
    """The schema in a text. Raises Invalid as Redpanda answers 42201."""
    try:
        schema = json.loads(text)
    except ValueError as error:
        raise Invalid(f"Malformed json schema: {error}") from error
    if not isinstance(schema, (dict, bool)):
        raise Invalid("Invalid json schema: expected an object or a boolean")
    dialect = schema.get("$schema") if isinstance(schema, dict) else None
    if dialect is not None and dialect not in DIALECTS:
        raise Invalid(f"Unsupported json schema dialect: '{dialect}'")
    _refuse_references(schema)
    return schema


def _refuse_references(value) -> None:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            raise Invalid("$ref is not in the stand-in for Redpanda")
        value = list(value.values())
    for part in value if isinstance(value, list) else ():
        _refuse_references(part)


def refusals(wide, narrow) -> list:
    """Why `wide` does not take all that `narrow` takes, a sentence each; empty where it does."""
    return _Comparison(_is_tuple_2020(wide), _is_tuple_2020(narrow)).compare(wide, narrow, "#")


def _is_tuple_2020(schema) -> bool:
    # Without a dialect it is taken for the newest.
    return isinstance(schema, dict) and _NEWEST in schema.get("$schema", _NEWEST)


def _takes_all(schema) -> bool:
    return schema is True or schema == {}


def _takes_none(schema) -> bool:
    return schema is False or (isinstance(schema, dict) and "not" in schema and _takes_all(schema["not"]))


def _object(schema) -> dict:
    if isinstance(schema, bool):
        return _ANYTHING if schema else _NOTHING
    if not isinstance(schema, dict):
        raise Invalid(f"Invalid JSON Schema, should be object or boolean: '{json.dumps(schema)}'")
    return schema


def _types(schema: dict) -> set:
    named = schema.get("type", sorted(_TYPES))
    found = set(named if isinstance(named, list) else [named])
    for name in found - _TYPES:
        raise Invalid(f"Invalid JSON Schema type: '{name}'")
    return found


class _Comparison:
    def __init__(self, wide_2020: bool, narrow_2020: bool):
        self._new_tuples = wide_2020, narrow_2020

    def _flipped(self) -> "_Comparison":
        return _Comparison(*reversed(self._new_tuples))

    def compare(self, wide, narrow, at: str) -> list:
        if _takes_all(wide) or _takes_none(narrow):
            return []
        wide, narrow = _object(wide), _object(narrow)
        allowed, given = _types(wide), _types(narrow)
        more = given - allowed
        if more and not (more == {"integer"} and "number" in allowed):
            return [f"the type at {at} has changed"]
        found = []
        if "string" in given:
            found += self._strings(wide, narrow, at)
        if given & {"integer", "number"}:
            found += self._numbers(wide, narrow, at)
        if "object" in given:
            found += self._objects(wide, narrow, at)
        if "array" in given:
            found += self._arrays(wide, narrow, at)
        return found + self._enums(wide, narrow, at) + self._combined(wide, narrow, at)

    @staticmethod
    def _bounds(wide, narrow, at, least: str, most: str, default=0) -> list:
        """A lower and an upper bound; a lower bound of `default` bounds nothing."""
        found = []
        for name, is_within in ((least, lambda w, n: w <= n), (most, lambda w, n: w >= n)):
            w, n = wide.get(name), narrow.get(name)
            if w is None or (n is None and name == least and w == default):
                continue
            if n is None or not is_within(w, n):
                found.append(f"{name} at {at} bounds more")
        return found

    def _strings(self, wide, narrow, at) -> list:
        found = self._bounds(wide, narrow, at, "minLength", "maxLength")
        if "pattern" in wide and wide["pattern"] != narrow.get("pattern"):
            found.append(f"pattern at {at} was added or has changed")
        return found

    def _numbers(self, wide, narrow, at) -> list:
        found = self._bounds(wide, narrow, at, "minimum", "maximum", None)
        w, n = wide.get("multipleOf"), narrow.get("multipleOf")
        if w is not None and (n is None or abs(math.remainder(n, w)) > 3 * math.ulp(n)):
            found.append(f"multipleOf at {at} was added or has changed")
        for name, is_within in (
            ("exclusiveMinimum", lambda w, n: w <= n),
            ("exclusiveMaximum", lambda w, n: w >= n),
        ):
            w, n = wide.get(name), narrow.get(name)
            if w is None or w is False:
                continue
            if n is not None and isinstance(w, bool) != isinstance(n, bool):
                raise Invalid(f"{name} not implemented for mixed types")
            if n is None or n is False or (w is not True and not is_within(w, n)):
                found.append(f"{name} at {at} bounds more")
        return found

    def _arrays(self, wide, narrow, at) -> list:
        found = self._bounds(wide, narrow, at, "minItems", "maxItems")
        if wide.get("uniqueItems", False) and not narrow.get("uniqueItems", False):
            found.append(f"uniqueItems at {at} was added")
        tuples = [
            schema.get("prefixItems" if is_new else "items")
            for schema, is_new in zip((wide, narrow), self._new_tuples)
        ]
        are_tuples = [isinstance(items, list) for items in tuples]
        if are_tuples[0] != are_tuples[1]:
            return [*found, f"items at {at} have changed"]
        if not are_tuples[0]:
            return found + self.compare(
                wide.get("items", True), narrow.get("items", True), f"{at}/items"
            )
        rest = [
            schema.get("items" if is_new else "additionalItems", True)
            for schema, is_new in zip((wide, narrow), self._new_tuples)
        ]
        found += self._additional(*rest, f"{at}/additionalItems")
        for index in range(max(map(len, tuples))):
            pair = [
                items[index] if index < len(items) else more for items, more in zip(tuples, rest)
            ]
            found += self.compare(*pair, f"{at}/items/{index}")
        return found

    def _additional(self, wide, narrow, at) -> list:
        if wide is True or narrow is False:
            return []
        if wide is False and narrow is True:
            return [f"{at} was removed"]
        return self.compare(wide, narrow, at)

    def _objects(self, wide, narrow, at) -> list:
        found = self._bounds(wide, narrow, at, "minProperties", "maxProperties")
        rest = wide.get("additionalProperties", True)
        found += self._additional(
            rest, narrow.get("additionalProperties", True), f"{at}/additionalProperties"
        )
        known, named = wide.get("properties", {}), narrow.get("properties", {})
        for name, schema in named.items():
            place = f"{at}/properties/{name}"
            matching = [
                part
                for pattern, part in wide.get("patternProperties", {}).items()
                if re.search(pattern, name)
            ]
            if name in known:
                found += self.compare(known[name], schema, place)
            elif matching:
                for part in matching:
                    found += self.compare(part, schema, place)
            elif _takes_none(rest):
                found.append(f"{place} is not in a schema that allows no others")
            else:
                found += self.compare(rest, schema, place)
        for name in wide.get("required", ()):
            if name in known and name in named and name not in narrow.get("required", ()):
                if "default" not in _object(known[name]):
                    found.append(f"{name} at {at}/required was added")
        return found + self._dependencies(wide, narrow, at)

    def _dependencies(self, wide, narrow, at) -> list:
        found, given = [], narrow.get("dependencies", {})
        for name, wanted in wide.get("dependencies", {}).items():
            place, has = f"{at}/dependencies/{name}", given.get(name)
            if type(has) is not type(wanted):
                found.append(f"{place} was added")
            elif isinstance(wanted, list):
                found += [] if set(wanted) <= set(has) else [f"{place} has changed"]
            else:
                found += self.compare(wanted, has, place)
        return found

    @staticmethod
    def _enums(wide, narrow, at) -> list:
        w, n = wide.get("enum"), narrow.get("enum")
        if w is None and n is None:
            return []
        if w is None or n is None or len(n) > len(w) or any(value not in w for value in n):
            return [f"the values of the enum at {at} have changed"]
        return []

    def _combined(self, wide, narrow, at) -> list:
        found = []
        if ("not" in wide) != ("not" in narrow):
            found.append(f"not at {at} was added or removed")
        elif "not" in wide and self._flipped().compare(narrow["not"], wide["not"], at):
            found.append(f"not at {at} excludes more")
        return found + ([] if self._alternatives(wide, narrow) else [f"alternatives at {at} have changed"])

    def _alternatives(self, wide, narrow) -> bool:
        kinds = []
        for schema in (wide, narrow):
            named = [kind for kind in ("oneOf", "allOf", "anyOf") if kind in schema]
            if len(named) > 1:
                raise Invalid(f"{json.dumps(schema)} has more than one combinator")
            kinds.append(named[0] if named else None)
        if kinds[0] is None or kinds[1] is None:
            return kinds[0] is None
        ours, theirs = wide[kinds[0]], narrow[kinds[1]]
        takes = [[not self.compare(one, other, "") for other in theirs] for one in ours]
        if kinds[0] not in ("anyOf", kinds[1]):
            if len(ours) == 1 and (len(theirs) == 1 or kinds[1] == "allOf"):
                return any(takes[0])
            return kinds[0] == "oneOf" and len(theirs) == 1 and any(row[0] for row in takes)
        if len(ours) > len(theirs) and kinds[0] == "allOf":
            return False
        if len(ours) < len(theirs) and kinds[1] in ("anyOf", "oneOf"):
            return False
        return _most_pairs(takes) == min(len(ours), len(theirs))


def _most_pairs(takes: list) -> int:
    """How many of the alternatives can be given one of the others each (augmenting paths)."""
    partner = {}

    def place(one: int, tried: set) -> bool:
        for other, fits in enumerate(takes[one]):
            if fits and other not in tried:
                tried.add(other)
                if other not in partner or place(partner[other], tried):
                    partner[other] = one
                    return True
        return False

    return sum(place(one, set()) for one in range(len(takes)))
