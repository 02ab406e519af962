"""Whether an answer is what the server's own OpenAPI document promises."""

import re

import jsonschema


class Contract:
    def __init__(self, document):
        self.document = document
        self._paths = [(re.compile("^" + re.sub(r"\{[^}]+\}", "[^/]+", path) + "$"), path)
                       for path in document["paths"]]
        self.checked = set()  # (method, path, status) of every answer that was held against it

    def check(self, method, path, answer):
        """Fails unless the status is documented for this operation and the body fits its schema."""
        template = self._template_of(path.partition("?")[0])
        operation = self.document["paths"].get(template, {}).get(method.lower())
        if operation is None:
            self.check_refusal(f"{method} {path}", answer)
            return
        where = f"{method} {template}"
        promised = operation["responses"].get(str(answer.status))
        assert promised is not None, f"{where} does not document {answer!r}"
        promised = self._resolve(promised)
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        self.checked.add((method, template, answer.status))
        if "content" not in promised:
            assert answer.body == b"", f"{where} promises no body, and sends {answer!r}"
            return
        assert kind in promised["content"], f"{where} {answer.status} does not document {kind}"
        schema = promised["content"][kind].get("schema")
        if kind == "application/json" and schema is not None:
            self.check_value(schema, answer.json, where)

    def check_refusal(self, where, answer):
        """Of a request that the document does not have: what is refused as JSON is a Refusal."""
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        if answer.status >= 400 and kind == "application/json" and answer.body:
            self.check_value({"$ref": "#/components/schemas/Refusal"}, answer.json, where)

    def check_event(self, event):
        """Fails unless an event of the live stream fits the schema of its name."""
        name = {"snapshot": "Snapshot", "tap": "TapEvent", "log": "LogEvent",
                "heartbeat": "Heartbeat"}[event.name]
        self.check_value({"$ref": f"#/components/schemas/{name}"}, event.data, event.name)

    def check_value(self, schema, value, where):
        # Local references ("#/components/…") resolve against the schema itself, so it carries them.
        whole = {**schema, "components": self.document["components"]}
        errors = list(jsonschema.Draft202012Validator(whole).iter_errors(value))
        assert not errors, f"{where}: " + "; ".join(
            f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in errors[:5])

    def operations(self):
        return {(method.upper(), path) for path, item in self.document["paths"].items()
                for method in item if method in {"get", "post", "put", "delete", "patch", "head"}}

    def _template_of(self, path):
        if path in self.document["paths"]:
            return path
        return next((template for pattern, template in self._paths if pattern.match(path)), None)

    def _resolve(self, value):
        while "$ref" in value:
            target = self.document
            for part in value["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            value = target
        return value
