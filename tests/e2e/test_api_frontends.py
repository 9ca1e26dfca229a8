"""Frontends by the REST API: the records of the Go program, field by field.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import concurrent.futures
import re
import secrets
import uuid

import pytest

from harness import Cluster

MEMBERS = ["id", "active", "bbb", "settings", "account_ref", "created_at",
           "updated_at", "hosts", "bare_path"]
SETTINGS = {
    "required_tags": None, "default_presentation": None,
    "attendees_limit": None, "create_default_params": {},
    "create_override_params": {}, "join_default_params": {},
    "join_override_params": {}, "recordings": None,
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?Z$")


@pytest.fixture(scope="module", name="cluster")
def cluster_(postgres):
    made = Cluster(postgres, servers=1)
    yield made
    made.close()


@pytest.fixture(name="api")
def api_(cluster):
    return cluster.api


def name():
    return f"fe-{secrets.token_hex(4)}"


def add(api, **more):
    answer = api.post("/frontends", {
        "bbb": {"key": name(), "secret": "s3cret"}, **more})
    assert answer.status == 200, answer
    return answer.json()


def invalid(answer, status=400, **fields):
    assert answer.status == status, answer
    assert answer.json() == {
        "error": "validation_error", "fields": {
            k.replace("__", "."): [v] for k, v in fields.items()},
        "message": "validation failed with input"}


def test_a_new_one(api):
    key = name()
    answer = api.post("/frontends", {"bbb": {"key": f" {key} ",
                                             "secret": "\ts "}})
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.text.endswith("}\n")
    got = answer.json()
    assert list(got) == MEMBERS
    assert got["bbb"] == {"key": key, "secret": "s"}
    assert got["active"] is True and got["account_ref"] is None
    assert got["settings"] == SETTINGS
    assert list(got["settings"]) == list(SETTINGS)
    assert got["hosts"] == [] and got["bare_path"] is False
    uuid.UUID(got["id"])
    assert TIME.match(got["created_at"]) and TIME.match(got["updated_at"])
    assert api.get(f"/frontends/{got['id']}").json() == got


def test_it_is_what_the_go_client_sends(cluster, api):
    """Members that are not writable are skipped unread."""
    got = api.post("/frontends", {
        "id": "", "active": True, "bbb": {"key": name(), "secret": "s"},
        "settings": {**SETTINGS, "required_tags": ["a"]},
        "account_ref": None, "created_at": "0001-01-01T00:00:00Z",
        "updated_at": 7})
    assert got.status == 200
    again = api.patch(f"/frontends/{got.json()['id']}",
                      {**got.json(), "active": False})
    assert again.status == 200
    assert again.json()["active"] is False
    assert again.json()["settings"]["required_tags"] == ["a"]


def test_not_active_from_the_beginning(api):
    assert add(api, active=False)["active"] is False


def test_names_have_no_case(api):
    key = name()
    got = api.post("/frontends", {"BBB": {"Key": key, "SECRET": "x"},
                                  "Settings": {"Required_Tags": ["t"]}})
    assert got.json()["bbb"] == {"key": key, "secret": "x"}
    assert got.json()["settings"]["required_tags"] == ["t"]


@pytest.mark.parametrize("body", [{}, None, {"bbb": None}, {"bbb": {}},
                                  {"bbb": {"key": " ", "secret": ""}}])
def test_key_and_secret_are_required(api, body):
    invalid(api.post("/frontends", body),
            bbb__key="this field is required",
            bbb__secret="this field is required")


def test_a_key_is_one_frontend(api):
    key = add(api)["bbb"]["key"]
    invalid(api.post("/frontends", {"bbb": {"key": key, "secret": "x"}}),
            409, bbb__key="is another frontend's")


@pytest.mark.parametrize("body,message", [
    ('{"bbb":{"key":7}}', "Unmarshal type error: expected=string,"
     " got=number, field=bbb.key, offset=15"),
    ('{"bbb":[]}', "Unmarshal type error: expected=object, got=array,"
     " field=bbb, offset=9"),
    ("[]", "Unmarshal type error: expected=object, got=array, field=,"
     " offset=2"),
    ('{"bbb":', "unexpected EOF"),
    ("{x}", "Syntax error: offset=2, error=string or '}' expected"
     " near 'x'"),
])
def test_what_is_no_record(api, body, message):
    answer = api.call("POST", "/frontends", raw=body)
    assert (answer.status, answer.json()) == (400, {"message": message})


@pytest.mark.parametrize("field,value,text", [
    ("required_tags", "a", "must be a list of strings"),
    ("required_tags", [1], "must be a list of strings"),
    ("create_default_params", [], "must be an object of strings"),
    ("join_override_params", {"a": 1}, "must be an object of strings"),
    ("create_override_params", {"a b": "x"},
     "names consist of letters, digits, '-', '_' and '.'"),
    ("meetings_limit", -1, "must be a whole number from 0 to 1000000000"),
    ("callbacks_private", "yes", "must be true or false"),
])
def test_settings_are_checked(api, field, value, text):
    answer = api.post("/frontends", {
        "bbb": {"key": name(), "secret": "s"}, "settings": {field: value}})
    invalid(answer, **{f"settings__{field}": text})


@pytest.mark.parametrize("more,field", [
    ({"bbb": {"key": "a/b", "secret": "s"}}, "bbb.key"),
    ({"bbb": {"key": "x" * 256, "secret": "s"}}, "bbb.key"),
    ({"account_ref": "x" * 256}, "account_ref"),
    ({"hosts": ["a b"]}, "hosts"),
])
def test_what_the_database_refuses_names_its_field(api, more, field):
    answer = api.post("/frontends", {
        "bbb": {"key": name(), "secret": "s"}, **more})
    assert answer.status == 400
    assert list(answer.json()["fields"]) == [field]


@pytest.mark.parametrize("headers,status", [
    ({"Content-Type": "text/plain"}, 415), ({"Content-Type": None}, 415),
    ({"Content-Type": "application/json; charset=utf-8"}, 400)])
def test_the_content_type_counts(api, headers, status):
    answer = api.call("POST", "/frontends", {"bbb": {}}, headers=headers)
    assert answer.status == status
    if status == 415:
        assert answer.json() == {"message": "Unsupported Media Type"}


def test_a_body_has_a_limit(api):
    answer = api.post("/frontends", {"x": "y" * (1024 * 1024)})
    assert answer.status == 413
    assert answer.json() == {"message": "Content Too Large"}


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("which", [
    "no-uuid", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_one(api, method, which):
    answer = api.call(method, f"/frontends/{which}",
                      {} if method == "PATCH" else None)
    assert (answer.status, answer.json()) == (404, {"message": "Not Found"})


MERGES = [
    ({"required_tags": ["c"]}, {"required_tags": ["c"]}),
    ({"required_tags": None}, {"required_tags": None}),
    ({"create_default_params": {"b": "3"}},
     {"create_default_params": {"a": "1", "b": "3"}}),
    ({"create_default_params": {"a": ""}},
     {"create_default_params": {"b": "2"}}),
    ({"create_default_params": None}, {"create_default_params": {}}),
    ({"default_presentation": {"force": False}},
     {"default_presentation": {"url": "https://x/a.pdf", "force": False}}),
    ({"default_presentation": None}, {"default_presentation": None}),
    ({"attendees_limit": {"limit": 0}}, {"attendees_limit": {"limit": 0}}),
    ({"unknown": {"a": 1}}, {}),
    ({}, {}),
    (None, {}),
]


@pytest.mark.parametrize("patch,changed", MERGES)
def test_settings_are_merged(api, patch, changed):
    begin = {
        "required_tags": ["a", "b"],
        "default_presentation": {"url": "https://x/a.pdf", "force": True},
        "attendees_limit": {"limit": 10},
        "create_default_params": {"a": "1", "b": "2"},
    }
    one = add(api, settings=begin)
    answer = api.patch(f"/frontends/{one['id']}", {"settings": patch})
    assert answer.status == 200, answer
    assert answer.json()["settings"] == {**SETTINGS, **begin, **changed}


@pytest.mark.parametrize("patch,changed", [
    ({"active": False}, {"active": False}),
    ({"active": None}, {}),
    ({"account_ref": "b"}, {"account_ref": "b"}),
    ({"account_ref": None}, {"account_ref": None}),
    ({"bbb": {"secret": "new"}}, {"secret": "new"}),
    ({"hosts": ["x.example"]}, {"hosts": ["x.example"]}),
    ({}, {}),
])
def test_members_are_merged(api, patch, changed):
    one = add(api, account_ref="a")
    answer = api.patch(f"/frontends/{one['id']}", patch)
    assert answer.status == 200, answer
    want = dict(one)
    if "secret" in changed:
        want["bbb"] = {**one["bbb"], "secret": "new"}
    else:
        want.update(changed)
    got = answer.json()
    want["updated_at"] = got["updated_at"]
    assert got == want
    api.delete(f"/frontends/{one['id']}")


def test_null_is_no_bbb(api):
    one = add(api)
    invalid(api.patch(f"/frontends/{one['id']}", {"bbb": None}),
            bbb="this field is required")
    invalid(api.patch(f"/frontends/{one['id']}", {"bbb": {"key": " "}}),
            bbb__key="this field is required")


def test_parallel_changes_lose_nothing(api):
    one = add(api)
    path = f"/frontends/{one['id']}"

    def change(n):
        return api.patch(path, {"settings": {
            "create_default_params": {f"p{n}": str(n)}}}).status

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        assert set(pool.map(change, range(24))) == {200}
    got = api.get(path).json()["settings"]["create_default_params"]
    assert got == {f"p{n}": str(n) for n in range(24)}


def test_the_end_of_one(api):
    one = add(api)
    answer = api.delete(f"/frontends/{one['id']}")
    assert answer.status == 200
    assert answer.json() == {**one, "active": False}
    assert api.get(f"/frontends/{one['id']}").status == 404


def test_lists_are_filtered_and_paged(api):
    mark = secrets.token_hex(4)
    for n in range(5):
        api.post("/frontends", {"bbb": {"key": f"{mark}-{n}", "secret": "s"},
                                "account_ref": f"{mark}-{n % 2}"})

    def keys(**query):
        answer = api.get("/frontends", **query)
        assert answer.status == 200
        return ([f["bbb"]["key"][-1] for f in answer.json()],
                answer.headers["X-Total-Count"])

    assert keys(key__like=mark) == (list("01234"), "5")
    assert keys(key__like=f"{mark}-_") == (list("01234"), "5")
    assert keys(key=f"{mark}-3") == (["3"], "1")
    assert keys(account_ref=f"{mark}-1") == (list("13"), "2")
    assert keys(key__like=mark, limit=2) == (list("01"), "5")
    assert keys(key__like=mark, limit=2, offset=4) == (["4"], "5")
    assert keys(key__like=mark, limit=2, offset=9) == ([], "5")
    assert keys(key="nothing") == ([], "0")
    assert api.get("/frontends", key="nothing").text == "[]\n"


@pytest.mark.parametrize("query", [{"limit": "x"}, {"limit": -1},
                                   {"offset": "1.5"}])
def test_a_bad_page(api, query):
    field = next(iter(query))
    invalid(api.get("/frontends", **query),
            **{field: "must be a whole number, not below 0"})


@pytest.mark.parametrize("raw", ["key=%00", "key__like=%ff"])
def test_a_bad_filter(api, raw):
    answer = api.call("GET", f"/frontends?{raw}")
    assert answer.status == 400


SCOPES = {
    "list": ("GET", "/frontends", "b3scale:admin, b3scale"),
    "add": ("POST", "/frontends", "b3scale:admin"),
    "show": ("GET", "/frontends/{}", "b3scale:admin, b3scale"),
    "change": ("PATCH", "/frontends/{}", "b3scale:admin, b3scale"),
    "remove": ("DELETE", "/frontends/{}", "b3scale:admin"),
    "rotate": ("POST", "/frontends/{}/rotate-secret",
               "b3scale:admin, b3scale"),
    "settings": ("GET", "/frontends/{}/settings", "b3scale:admin, b3scale"),
    "audit": ("GET", "/audit", "b3scale:admin"),
    "reservations": ("GET", "/reservations", "b3scale:admin"),
}


@pytest.mark.parametrize("which", SCOPES)
@pytest.mark.parametrize("scope", ["b3scale", "b3scale:node", "other", ""])
def test_scopes(api, which, scope):
    method, path, allowed = SCOPES[which]
    answer = api.as_(scope).call(method, path.format(uuid.uuid4()))
    if scope in allowed.split(", "):
        assert answer.status in (200, 400, 404)
        return
    assert answer.status == 403
    assert answer.json() == {"message": f"{allowed} scope required"}


def test_an_account_sees_its_own(api):
    mine = add(api, account_ref="mine-" + secrets.token_hex(2))
    other = add(api, account_ref="other")
    none = add(api)
    user = api.as_("b3scale", mine["account_ref"])
    assert user.get("/frontends").json() == [mine]
    assert user.get("/frontends", account_ref="other").json() == []
    assert user.get(f"/frontends/{mine['id']}").json() == mine
    for one in (other, none):
        path = f"/frontends/{one['id']}"
        assert user.get(path).status == 404
        assert user.patch(path, {"active": False}).status == 404
        assert user.post(path + "/rotate-secret").status == 404
        assert user.get(path + "/settings").status == 404
        assert user.put(path + "/settings/size_hint",
                        {"value": 1}).status == 404
        assert user.delete(path + "/settings/size_hint").status == 404
    assert api.get(f"/frontends/{other['id']}").json() == other


def test_an_account_cannot_give_itself_away(api):
    mine = add(api, account_ref="me-" + secrets.token_hex(2))
    user = api.as_("b3scale", mine["account_ref"])
    answer = user.patch(f"/frontends/{mine['id']}", {
        "account_ref": "other", "hosts": ["x.example"], "bare_path": True,
        "active": False})
    assert answer.status == 200
    got = answer.json()
    assert got["active"] is False
    assert got["account_ref"] == mine["account_ref"]
    assert got["hosts"] == [] and got["bare_path"] is False


def test_changes_are_traced(api):
    one = add(api, account_ref="a")
    api.patch(f"/frontends/{one['id']}", {"bbb": {"secret": "hidden"}})
    api.delete(f"/frontends/{one['id']}")
    answer = api.get("/audit", resource="frontend", resource_id=one["id"])
    assert answer.headers["X-Total-Count"] == "3"
    got = answer.json()
    assert list(got[0]) == ["id", "at", "actor", "role", "address", "action",
                            "resource", "resource_id", "name", "changes"]
    assert [t["action"] for t in got] == ["delete", "change", "create"]
    assert {t["actor"] for t in got} == {"admin"}
    assert {t["role"] for t in got} == {"admin"}
    assert {t["address"] for t in got} == {"127.0.0.1"}
    assert got[1]["changes"] == {"bbb": {"secret": "***"}}
    assert got[2]["changes"]["bbb"]["secret"] == "***"
    assert got[0]["name"] == one["bbb"]["key"]
    assert TIME.match(got[0]["at"])
    since = got[1]["at"]
    assert [t["action"] for t in api.get(
        "/audit", resource_id=one["id"], since=since).json()] == [
            "delete", "change"]
    assert [t["action"] for t in api.get(
        "/audit", resource_id=one["id"], until=since).json()] == ["create"]
    invalid(api.get("/audit", since="yesterday"),
            since="is no time as in RFC 3339")


def test_a_refused_change_leaves_no_trace(api):
    key = add(api)["bbb"]["key"]
    before = api.get("/audit", limit=0).headers["X-Total-Count"]
    api.post("/frontends", {"bbb": {"key": key, "secret": "s"}})
    api.get("/frontends")
    assert api.get("/audit", limit=0).headers["X-Total-Count"] == before
