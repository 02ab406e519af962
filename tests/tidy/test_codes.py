"""Every code of the API is one of an enumeration of openapi.json. Those that are enumerations of
the program are held against it by backend/routes/tests/document_test.cpp.
"""

import json
import pathlib
import re

ROOT = pathlib.Path(__file__).parents[2]
SCHEMAS = json.loads((ROOT / "backend/routes/openapi.json").read_text())["components"]["schemas"]

# Texts for people, and what people or machines call themselves.
FREE = {
    ("LastPour", "reason"), ("LastPour", "user_token"), ("Receipt", "reason"),
    ("Receipt", "user_token"), ("RunningPour", "user_token"), ("HistoryStep", "detail"),
    ("Tap", "drink"), ("Tap.blocked_by", "reason"), ("Status", "public_url"),
    ("DispenseAnswer", "message"), ("StopAnswer", "message"), ("ResumeAnswer", "message"),
    ("Refusal", "reason"), ("StopRefusal", "reason"), ("ResumeRefusal", "reason"),
    ("TapStop", "reason"), ("LogRow", "timestamp"), ("LogRow", "user_token"),
    ("LogRow", "reason"), ("LogRow", "tap"), ("LogRow", "request_id"), ("LogHead", "head"),
    ("Why.interlocks", "value"), ("Why.interlocks", "action"),
    ("CalibrationRequest", "faults"),  # several, with commas between
}
FREE_SCHEMAS = {"RequestId", "TapName", "ServerId", "UserToken", "MachineId"}


def is_text(schema):
    kind = schema.get("type", ())
    return kind == "string" or (isinstance(kind, list) and "string" in kind)


def fields(schema, place):
    """(where, field, its schema) of every field of a schema, and of what lies in it."""
    for name, field in schema.get("properties", {}).items():
        yield place, name, field
        yield from fields(field, f"{place}.{name}")
    for part in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from fields(part, place)


def all_fields():
    for name, schema in SCHEMAS.items():
        yield from fields(schema, name)


def test_no_field_is_a_text_of_which_nobody_says_what_it_may_be():
    texts = {(place, name) for place, name, field in all_fields()
             for part in (field, *field.get("anyOf", ())) if is_text(part)}
    assert texts == FREE


def test_no_schema_is_a_text_but_an_enumeration_or_a_name():
    texts = {name for name, schema in SCHEMAS.items() if is_text(schema) and "enum" not in schema}
    assert texts == FREE_SCHEMAS


def test_every_code_that_is_written_where_it_is_sent_is_in_the_document():
    # `{404, "not_found", "…"}`, `refusal(503, "overloaded", …)`: a status, a code, a sentence.
    said = re.compile(r'\b[45]\d\d,\s*"([a-z_]+)"')
    sources = [path for room in ("http", "backend/routes")
               for path in (ROOT / room).glob("*.[ch]pp")]
    written = {code for path in sources for code in said.findall(path.read_text())}
    assert written == set(SCHEMAS["RequestRefusalCode"]["enum"])
