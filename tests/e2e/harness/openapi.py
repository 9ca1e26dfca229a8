"""The description that the REST API gives of itself, and what fits it.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import re

from .http import get

JSON = "application/json"
SCOPES = ["b3scale:admin", "b3scale", "b3scale:node"]
TYPES = {"string": str, "integer": int, "boolean": bool, "object": dict,
         "array": list, "number": (int, float)}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


class Operation:
    """method, path (below /api/v1), scopes (those that it takes)."""

    def __init__(self, method, path, said):
        self.method = method.upper()
        self.path = path.removeprefix("/v1")
        self.said = said
        self.open = said.get("security") == []
        self.scopes = said["x-scopes"] or SCOPES
        self.any = not said["x-scopes"]
        self.query = [p["name"] for p in said["parameters"]
                      if p["in"] == "query"]

    def __repr__(self):
        return f"{self.method} {self.path}"

    def input(self):
        """The schema of what may be sent, or None."""
        body = self.said.get("requestBody")
        return None if body is None else body["content"][JSON]["schema"]

    def output(self, status):
        said = self.said["responses"]
        return said.get(str(status), said["default"])


class Document:
    def __init__(self, url):
        self.doc = get(f"{url}/api/v1/openapi.json").json()
        self.operations = [
            Operation(method, path, said)
            for path, item in self.doc["paths"].items()
            for method, said in item.items()]

    def resolve(self, schema):
        # Of several that have to be met the first one is the record's.
        if "allOf" in schema:
            return self.resolve(schema["allOf"][0])
        if "$ref" not in schema:
            return schema
        found = self.doc
        for word in schema["$ref"].removeprefix("#/").split("/"):
            found = found[word]
        return found

    def faults(self, schema, value, where=""):
        """What of the value is not as the schema has it."""
        schema = self.resolve(schema)
        if "anyOf" in schema:
            tried = [list(self.faults(s, value, where))
                     for s in schema["anyOf"]]
            yield from min(tried, key=len)
            return
        if "type" not in schema or (
                value is None and schema.get("nullable")):
            return
        kind = schema["type"]
        if not isinstance(value, TYPES[kind]) or (
                kind != "boolean" and isinstance(value, bool)):
            yield f"{where} is no {kind}: {value!r}"
            return
        if value not in schema.get("enum", [value]):
            yield f"{where} is none of {schema['enum']}: {value!r}"
        if schema.get("format") == "date-time" and \
                not TIME.fullmatch(value):
            yield f"{where} is no time: {value!r}"
        if kind == "array":
            for i, item in enumerate(value):
                yield from self.faults(schema.get("items", {}), item,
                                       f"{where}[{i}]")
        elif kind == "object" and "properties" in schema:
            yield from self.members(schema, value, where)
        elif "additionalProperties" in schema:
            for name, item in value.items():
                yield from self.faults(schema["additionalProperties"], item,
                                       f"{where}.{name}")

    def members(self, schema, value, where):
        known = schema["properties"]
        for name in schema.get("required", []):
            if name not in value:
                yield f"{where}.{name} is missing"
        for name, item in value.items():
            if name in known:
                yield from self.faults(known[name], item,
                                       f"{where}.{name}")
            else:
                yield f"{where}.{name} is not known"

    def answer_faults(self, op, answer):
        """The same of an answer: its type, its headers and its body."""
        if answer.headers["Content-Type"] != JSON:
            yield f"Content-Type: {answer.headers['Content-Type']}"
            return
        said = op.output(answer.status)
        for name in said.get("headers", {}):
            if name not in answer.headers:
                yield f"{name} is missing"
        if answer.body:
            yield from self.faults(said["content"][JSON]["schema"],
                                   answer.json())
