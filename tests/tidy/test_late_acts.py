"""No act of the API does harm by coming late (docs/safety.md, "Acts that come late")."""

import json
import pathlib

ROOT = pathlib.Path(__file__).parents[2]
API = json.loads((ROOT / "backend/routes/openapi.json").read_text())

# They only make safer, or do nothing.
WHENEVER = {"/api/stop", "/api/admission"}
# An id under which it happens once, or what was seen.
NAMES = ("request_id", "stop", "act_id", "machine_id")


def body_of(operation):
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    return API["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]


ACTS = {path: body_of(operations["post"]) for path, operations in API["paths"].items()
        if "post" in operations and path not in WHENEVER}


def test_every_act_is_looked_at():
    methods = {method for operations in API["paths"].values() for method in operations}
    assert methods == {"get", "post"}, "look at the acts of the new method as well"
    assert "/api/dispense" in ACTS and "/api/resume" in ACTS


def test_every_act_happens_once_or_names_what_was_seen():
    for path, body in ACTS.items():
        assert any(name in body["properties"] for name in NAMES), path


def test_every_act_may_name_the_moment_up_to_which_it_holds():
    both = {"server_id": ["expires_ms"], "expires_ms": ["server_id"]}
    for path, body in ACTS.items():
        assert body["properties"]["server_id"], path
        assert body["properties"]["expires_ms"], path
        assert body["dependentRequired"] == both, path
