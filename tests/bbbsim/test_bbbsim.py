# bbbsim answers each call as a BBB server does, errors first.
#
# Copyright (c) 2026 the b3scale authors
# SPDX-License-Identifier: ISC

import hashlib
import re
import urllib.parse

import pytest

from simclient import failed, quote, until

XML = "text/xml;charset=utf-8"
FORM = "application/x-www-form-urlencoded"
NO_MEETING = "A meeting with that ID does not exist"
ENDED = "You can not join a meeting that has already been forcibly ended"
BAD_CHECKSUM = failed("checksumError", "Checksums do not match")

CALLS = ["create", "join", "isMeetingRunning", "end", "getMeetingInfo",
         "getMeetings", "getSessions", "sendChatMessage"]


def assert_page(reply, status):
    assert reply.status == status
    assert reply.headers["Content-Type"] == "text/html;charset=utf-8"
    assert "<p>An error has occurred</p>" in reply.text


def assert_failed(reply, key, message):
    assert (reply.status, reply.text) == (200, failed(key, message))
    assert reply.headers["Content-Type"] == XML


def redirect_error(reply):
    """Where a failed join leads to, and the error in it, decoded."""
    assert reply.status == 302
    target, errors = re.fullmatch(r"(.*[?&])errors=(.*)",
                                  reply.headers["Location"]).groups()
    return target, urllib.parse.unquote(errors)


def error_json(key, message):
    return '[{"message":"%s","key":"%s"}]' % (message, key)


# Checksums


@pytest.mark.parametrize("call", CALLS)
def test_without_checksum(bbb, call):
    reply = bbb.raw("GET", f"/bigbluebutton/api/{call}?meetingID=abc123")
    if call == "join":
        assert redirect_error(reply)[1] == error_json(
            "checksumError", "You must provide the checksum")
    else:
        assert_failed(reply, "checksumError", "You must provide the checksum")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("checksum", ["0" * 40, "0" * 64, "x", "0" * 63])
def test_wrong_checksum(bbb, call, checksum):
    reply = bbb.raw("GET", f"/bigbluebutton/api/{call}?checksum={checksum}")
    if call == "join":
        assert redirect_error(reply)[1] == error_json(
            "checksumError", "Checksums do not match")
    else:
        assert (reply.status, reply.text) == (200, BAD_CHECKSUM)


def test_empty_checksum_is_none(bbb):
    reply = bbb.raw("GET", "/bigbluebutton/api/getMeetings?checksum=")
    assert_failed(reply, "checksumError", "You must provide the checksum")


def test_checksum_of_another_call(bbb):
    checksum = bbb.sign("getMeetings")
    reply = bbb.raw("GET", f"/bigbluebutton/api/getSessions?checksum={checksum}")
    assert reply.text == BAD_CHECKSUM


def test_checksum_before_every_other_rule(bbb):
    reply = bbb.raw("POST", "/bigbluebutton/api/create?checksum=" + "0" * 64,
                    b"{}", {"Content-Type": "application/json"})
    assert reply.text == BAD_CHECKSUM


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
def test_every_algorithm(bbb, algorithm):
    target = bbb.target("isMeetingRunning", "meetingID=a%20b", algorithm)
    assert bbb.raw("GET", target).field("running") == "false"
    assert bbb.raw("GET", target.replace("%20", "+")).text == BAD_CHECKSUM


@pytest.mark.parametrize("algorithm", ["md5", "sha224"])
def test_no_other_algorithm(bbb, algorithm):
    target = bbb.target("getMeetings", "", algorithm)
    assert bbb.raw("GET", target).text == BAD_CHECKSUM


# Checksums computed elsewhere: the secret is the one bbbsim has by itself.
@pytest.mark.parametrize("call, query, checksum", [
    ("getMeetings", "",
     "f460391025e4d7f020115f641e8d9d18d727111fc4482161c531dd88834285e6"),
    ("getMeetings", "", "9d5cb9a77c1f10f598edc1a7f3259caffc05fa49"),
    ("isMeetingRunning", "meetingID=a+b",
     "8a1b566331c8d33b0293428dc7e4a500681e1a334c5e003c19f74ad5b51979fe"),
    ("isMeetingRunning", "meetingID=%C3%BCbung-%F0%9F%98%80",
     "2877c7ca0ff6ea6355702dbb227f2e865b133ae4e6a18cf727ca4ef517fc55a6"
     "d71432b25fe041e82e8572d4effbb5a0"),
    ("isMeetingRunning", "meetingID=%c3%bcbung-%f0%9f%98%80",
     "867983bdc4dc2c49f5a2a45060cfed9a99ade9e5"),
    ("create", "name=Test&meetingID=abc123&dialNumber=&webVoice",
     "9ce81153d69a18dd04793868b007119e842f789ff05a44a8431184bce29d118a"
     "fdb8aea194dad5685c5a14cc704ee1bd626c74cc4fcfda168fcea7aa61de32e0"),
])
def test_checksum_vectors(bbb, call, query, checksum):
    target = f"/bigbluebutton/api/{call}?{query}&checksum={checksum}"
    assert bbb.raw("GET", target).field("returncode") == "SUCCESS"


@pytest.mark.parametrize("signed, target", [
    ("meetingID=abc123", "?checksum={}&meetingID=abc123"),
    ("&meetingID=abc123", "?&meetingID=abc123&checksum={}"),
    ("meetingID=abc123&", "?meetingID=abc123&&checksum={}"),
])
def test_place_of_the_checksum(bbb, signed, target):
    checksum = bbb.sign("isMeetingRunning", signed)
    reply = bbb.raw("GET", "/bigbluebutton/api/isMeetingRunning" +
                    target.format(checksum))
    assert reply.field("running") == "false"


def test_checksum_in_the_middle_and_twice(bbb):
    checksum = bbb.sign("isMeetingRunning", "meetingID=abc123&x=1")
    reply = bbb.raw("GET", "/bigbluebutton/api/isMeetingRunning?meetingID="
                    f"abc123&checksum={checksum}&x=1&checksum={checksum}")
    assert reply.field("running") == "false"


def test_checksum_in_upper_case(bbb):
    target = "/bigbluebutton/api/getMeetings?checksum="
    assert bbb.raw("GET", target + bbb.sign("getMeetings").upper()
                   ).field("returncode") == "SUCCESS"


def test_old_checksums(old):
    upper = old.sign("getMeetings").upper()
    long = old.sign("getMeetings", "", "sha512")
    for checksum in upper, long:
        reply = old.raw("GET",
                        f"/bigbluebutton/api/getMeetings?checksum={checksum}")
        assert reply.text == BAD_CHECKSUM
    assert old.call("getMeetings").field("returncode") == "SUCCESS"


def test_body_is_not_signed(bbb):
    reply = bbb.call("create", "", "POST", b"name=Seminar&meetingID=abc123",
                     Content_Type=FORM)
    assert reply.field("meetingID") == "abc123"
    assert bbb.call("create", "meetingID=def456", "POST",
                    b"name=Seminar&meetingID=abc123", Content_Type=FORM
                    ).field("meetingID") == "def456"


# Validation: one error of those that apply, in BBB's order


CREATE = "You must provide a meeting name"


@pytest.mark.parametrize("query, key, message", [
    ("name=Seminar", "validationError", "Invalid meeting ID"),
    ("name=Seminar&meetingID=", "sizeError",
     "Meeting ID must be between 2 and 256 characters"),
    ("name=Seminar&meetingID=a", "sizeError",
     "Meeting ID must be between 2 and 256 characters"),
    ("name=Seminar&meetingID=" + "a" * 257, "sizeError",
     "Meeting ID must be between 2 and 256 characters"),
    ("name=Seminar&meetingID=" + "%F0%9F%98%80" * 128 + "a", "sizeError",
     "Meeting ID must be between 2 and 256 characters"),
    ("name=Seminar&meetingID=a%2Cb", "validationError",
     "Meeting ID cannot contain &apos;,&apos;"),
    ("name=Seminar&meetingID=a%07b", "validationError", "Invalid meeting ID"),
    ("name=Seminar&meetingID=+ab", "validationError", "Invalid meeting ID"),
    ("meetingID=abc123", "nullError", CREATE),
    ("meetingID=abc123&name=", "emptyError", CREATE),
    ("meetingID=abc123&name=%20%09", "emptyError", CREATE),
    ("meetingID=abc123&name=x", "sizeError",
     "Meeting name must be between 2 and 256 characters"),
    ("meetingID=&name=", "emptyError", CREATE),
    ("meetingID=a,b&name=x", "sizeError",
     "Meeting name must be between 2 and 256 characters"),
    ("meetingID=a%2Cb", "validationError",
     "Meeting ID cannot contain &apos;,&apos;"),
    ("name=Seminar&meetingID=abc123&attendeePW=x", "invalidPassword",
     "Invalid password"),
    ("name=Seminar&meetingID=a&moderatorPW=" + "x" * 65, "invalidPassword",
     "Invalid password"),
    ("name=Seminar&meetingID=abc123&voiceBridge=7a", "validationError",
     "Voice bridge must be an integral value"),
    ("name=Seminar&meetingID=abc123&voiceBridge=9223372036854775808",
     "validationError", "Voice bridge must be an integral value"),
    ("name=Seminar&meetingID=abc123&record=yes", "validationError",
     "Record must be a boolean value (true or false)"),
    ("name=Seminar&meetingID=abc123&isBreakoutRoom=2", "validationError",
     "You must provide a boolean value (true or false) for the breakout "
     "room"),
    ("name=Seminar&meetingID=abc123&isBreakout=true",
     "parentMeetingIDMissing",
     "No parent meeting ID was provided for the breakout room"),
    ("name=Seminar&meetingID=abc123&isBreakout=true&parentMeetingID=nix",
     "parentMeetingDoesNotExist",
     "No parent meeting exists for the breakout room"),
    ("presentationUploadExternalUrl=nix", "validationError",
     "Param &apos;presentationUploadExternalUrl&apos; is not a valid URL"),
])
def test_create_refused(bbb, query, key, message):
    assert_failed(bbb.call("create", query), key, message)
    assert bbb.listed() == []


def test_external_upload_turns_validation_off(bbb):
    url = quote("https://files.example.org/")
    bbb.create("a", f"presentationUploadExternalUrl={url}")
    assert_page(bbb.call("create", f"presentationUploadExternalUrl={url}"),
                500)


@pytest.mark.parametrize("call", ["end", "getMeetingInfo"])
@pytest.mark.parametrize("query", ["", "meetingID=", "meetingID=nix",
                                   "meetingID=a%2Cb"])
def test_no_such_meeting(bbb, call, query):
    assert_failed(bbb.call(call, query), "notFound", NO_MEETING)


def test_end_checks_the_length_of_a_password(bbb):
    bbb.create()
    assert_failed(bbb.call("end", "meetingID=abc123&password=x"),
                  "invalidPassword", "Invalid password")


@pytest.mark.parametrize("query, key, message", [
    ("meetingID=", "sizeError",
     "Meeting ID must be between 2 and 256 characters"),
    ("meetingID=a%2Cb", "validationError",
     "Meeting ID cannot contain &apos;,&apos;"),
])
def test_is_meeting_running_refused(bbb, query, key, message):
    assert_failed(bbb.call("isMeetingRunning", query), key, message)


def test_is_meeting_running_without_id_stumbles(bbb):
    assert_page(bbb.call("isMeetingRunning"), 500)


@pytest.mark.parametrize("query, key, message", [
    ("meetingID=abc123", "nullError", "You must provide the param message"),
    ("meetingID=abc123&message=", "sizeError",
     "Param message must be between 1 and 500 characters"),
    ("meetingID=abc123&message=" + "x" * 501, "sizeError",
     "Param message must be between 1 and 500 characters"),
    ("meetingID=abc123&message=hi&userName=" + "x" * 256, "sizeError",
     "Param userName must not exceed 255 characters"),
    ("meetingID=abc123&message=hi", "meetingNotFound", "Meeting not found"),
    ("meetingID=nix&message=hi", "meetingNotFound", "Meeting not found"),
])
def test_chat_refused(bbb, query, key, message):
    bbb.create()
    assert_failed(bbb.call("sendChatMessage", query), key, message)


@pytest.mark.parametrize("query, key, message", [
    ("meetingID=nix&fullName=Ada&role=VIEWER", "meetingForciblyEnded", ENDED),
    ("fullName=Ada&role=VIEWER", "meetingForciblyEnded", ENDED),
    ("meetingID=nix&fullName=&role=VIEWER", "missingParamFullName",
     "You must provide your name"),
    ("meetingID=abc123&fullName=&role=VIEWER", "missingParamFullName",
     "You must provide your name"),
    ("meetingID=abc123&fullName=Ada&guest=2", "validationError",
     "Guest must be a boolean value (true or false)"),
    ("meetingID=abc123&fullName=Ada&auth=no", "validationError",
     "Auth must be a boolean value (true or false)"),
    ("meetingID=abc123&fullName=Ada&createTime=x", "validationError",
     "Value must be an integral number"),
    ("meetingID=abc123&fullName=Ada&password=x", "invalidPassword",
     "Invalid password"),
])
def test_join_refused_by_redirect(bbb, query, key, message):
    bbb.create()
    for more in "", "&redirect=false":
        target, error = redirect_error(bbb.call("join", query + more))
        assert (target, error) == (bbb.origin + "?", error_json(key, message))


def test_join_errors_are_encoded(bbb):
    reply = bbb.join(meeting_id="nix")
    assert reply.headers["Location"] == (
        bbb.origin + "?errors=[%7B%22message%22:%22You%20can%20not%20join%20a"
        "%20meeting%20that%20has%20already%20been%20forcibly%20ended%22,"
        "%22key%22:%22meetingForciblyEnded%22%7D]")


@pytest.mark.parametrize("extra, target", [
    ("logoutURL=" + quote("https://a.example.org/x"),
     "https://a.example.org/x?"),
    ("logoutURL=" + quote("https://a.example.org/x?y=1"),
     "https://a.example.org/x?y=1&"),
    ("logoutURL=a&errorRedirectUrl=" + quote("https://b.example.org"),
     "https://b.example.org?"),
])
def test_join_errors_go_where_asked(bbb, extra, target):
    assert redirect_error(bbb.join(extra, "nix"))[0] == target


def test_join_without_name_stumbles(bbb):
    bbb.create()
    assert_page(bbb.call("join", "meetingID=abc123&role=VIEWER"), 500)


@pytest.mark.parametrize("extra, message", [
    ("", "You must either send the valid role of the user, or the password, "
         "sould the meeting has one."),
    ("role=GUEST&password=", "You must either send the valid role of the "
     "user, or the password, sould the meeting has one."),
    ("password=nonsense", "You must enter a valid password"),
])
def test_join_without_role(bbb, extra, message):
    bbb.create()
    assert_failed(bbb.join(extra), "Params required", message)


@pytest.mark.parametrize("extra, setup, key, message", [
    ("role=VIEWER&createTime=1", "", "mismatchCreateTimeParam",
     "The createTime parameter submitted mismatches with the current "
     "meeting."),
    ("role=VIEWER&createTime=", "", "mismatchCreateTimeParam",
     "The createTime parameter submitted mismatches with the current "
     "meeting."),
    ("role=VIEWER&userID=u2", "maxParticipants=1", "maxParticipantsReached",
     "The number of participants allowed for this meeting has been "
     "reached."),
    ("role=VIEWER", "guestPolicy=ALWAYS_DENY", "guestDeniedAccess",
     "You have been denied access to this meeting based on the meeting&apos;s "
     "guest policy"),
])
def test_join_refused_as_asked(bbb, extra, setup, key, message):
    bbb.create(extra=setup)
    bbb.join("role=MODERATOR&userID=u1")
    assert_failed(bbb.join(extra + "&redirect=false"), key, message)
    assert redirect_error(bbb.join(extra))[1] == error_json(
        key, message.replace("&apos;", "'"))


# Content types, methods, paths


@pytest.mark.parametrize("call, kind", [
    ("create", "application/json"), ("create", None), ("create", "text/plain"),
    ("isMeetingRunning", "application/xml"), ("end", "text/xml"),
    ("getMeetings", "application/json"), ("insertDocument", FORM),
])
def test_unsupported_content_type(bbb, call, kind):
    headers = {} if kind is None else {"Content-Type": kind}
    reply = bbb.raw("POST", bbb.target(call, "meetingID=abc123&name=Seminar"),
                    b"x=1", headers)
    assert_failed(reply, "unsupportedContentType",
                  "POST request Content-Type is missing or unsupported")


def test_content_type_is_compared_loosely(bbb):
    reply = bbb.call("create", "meetingID=abc123&name=Seminar", "POST",
                     b"<modules/>", Content_Type="Application/XML; charset=x")
    assert reply.field("returncode") == "SUCCESS"
    assert bbb.call("getMeetings", "", "POST",
                    Content_Type="application/json").field("meetings") != ""


def test_old_servers_take_any_content_type(old):
    reply = old.call("getMeetings", "", "POST", b"{}",
                     Content_Type="application/json")
    assert reply.field("returncode") == "SUCCESS"


@pytest.mark.parametrize("method, call", [
    ("POST", "join"), ("GET", "insertDocument"), ("POST", "sendChatMessage"),
    ("PUT", "create"), ("DELETE", "end"), ("POST", "publishRecordings"),
    ("POST", "")])
def test_wrong_method(bbb, method, call):
    assert_page(bbb.call(call, "meetingID=abc123", method, b"",
                         Content_Type=FORM), 405)


@pytest.mark.parametrize("path", [
    "/", "/bigbluebutton/api/getmeetings", "/bigbluebutton/api/getMeetings/",
    "/bigbluebutton/api/enter", "/bigbluebutton/api/hooks/list",
    "/bigbluebutton/apix", "/playback"])
def test_not_found(bbb, path):
    assert_page(bbb.raw("GET", path), 404)


def test_slashes_collapse(bbb):
    target = bbb.target("getMeetings").replace("/api/", "//api///")
    assert bbb.raw("GET", target).field("messageKey") == "noMeetings"


def test_failures_as_json(bbb):
    target = "/bigbluebutton/api/getMeetings?checksum=" + "0" * 40
    wanted = ('{\n    "response": {\n        "returncode": "FAILED",\n'
              '        "messageKey": "checksumError",\n'
              '        "message": "Checksums do not match"\n    }\n}')
    reply = bbb.raw("GET", target, headers={"Accept": "application/json"})
    assert (reply.text, reply.headers["Content-Type"]) == (
        wanted, "application/json;charset=utf-8")
    browser = bbb.raw("GET", target, headers={
        "Accept": "application/json", "User-Agent": "Mozilla/5.0 Gecko/1"})
    assert browser.text == BAD_CHECKSUM
    other = bbb.raw("GET", target, headers={"Accept": "text/xml, */*"})
    assert other.text == BAD_CHECKSUM


def test_id_not_unique_has_two_blanks_in_json(bbb):
    bbb.create(extra="attendeePW=aaaa&moderatorPW=mmmm")
    query = "name=Seminar&meetingID=abc123&attendeePW=bbbb&moderatorPW=mmmm"
    assert_failed(bbb.call("create", query), "idNotUnique",
                  "A meeting already exists with that meeting ID. Please use "
                  "a different meeting ID.")
    reply = bbb.call("create", query, Accept="application/json")
    assert reply.json()["response"]["message"] == (
        "A meeting already exists with that meeting ID.  Please use a "
        "different meeting ID.")


# The index


@pytest.mark.parametrize("path", [
    "/bigbluebutton/api", "/bigbluebutton/api/", "/bigbluebutton/",
    "/bigbluebutton/api?checksum=wrong"])
def test_index(bbb, path):
    reply = bbb.raw("GET", path)
    assert reply.text == (
        "<response>\n<returncode>SUCCESS</returncode>\n"
        "<version>2.0</version>\n<apiVersion>2.0</apiVersion>\n"
        "<bbbVersion></bbbVersion>\n"
        "<html5PluginSdkVersion>0.0.95</html5PluginSdkVersion>\n"
        f"<graphqlWebsocketUrl>{bbb.origin}/graphql</graphqlWebsocketUrl>\n"
        f"<graphqlApiUrl>{bbb.origin}/api/rest</graphqlApiUrl>\n</response>")
    assert reply.headers["Cache-Control"] == "no-cache"
    head = bbb.raw("HEAD", path)
    assert (head.status, head.bytes) == (200, b"")


def test_index_of_old_servers(old):
    old.settings(bbb_version="2.4.9")
    assert old.raw("GET", "/bigbluebutton/api").text == (
        "<response>\n<returncode>SUCCESS</returncode>\n"
        "<version>2.0</version>\n<apiVersion>2.0</apiVersion>\n"
        "<bbbVersion>2.4.9</bbbVersion>\n</response>")


def test_index_as_json(bbb):
    bbb.settings(bbb_version="3.0.18")
    reply = bbb.raw("GET", "/bigbluebutton/api",
                    headers={"Content-Type": "application/json"})
    assert list(reply.json()["response"].items()) == [
        ("returncode", "SUCCESS"), ("version", "2.0"), ("apiVersion", "2.0"),
        ("bbbVersion", "3.0.18"),
        ("graphqlWebsocketUrl", bbb.origin + "/graphql"),
        ("graphqlApiUrl", bbb.origin + "/api/rest"),
        ("html5PluginSdkVersion", "0.0.95")]


# create


def test_create(bbb):
    reply = bbb.create(extra="attendeePW=vw7Qk2Lp&moderatorPW=md9Rt4Xz"
                       "&voiceBridge=04711&duration=90")
    created = reply.field("createTime")
    sha1 = hashlib.sha1(b"abc123").hexdigest()
    date = reply.field("createDate")
    assert re.fullmatch(r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d UTC"
                        r" \d{4}", date)
    assert reply.text == f"""<response>
<returncode>SUCCESS</returncode>
<meetingID>abc123</meetingID>
<internalMeetingID>{sha1}-{created}</internalMeetingID>
<parentMeetingID>bbb-none</parentMeetingID>
<attendeePW>vw7Qk2Lp</attendeePW>
<moderatorPW>md9Rt4Xz</moderatorPW>
<createTime>{created}</createTime>
<voiceBridge>04711</voiceBridge>
<dialNumber>613-555-1234</dialNumber>
<createDate>{date}</createDate>
<hasUserJoined>false</hasUserJoined>
<duration>90</duration>
<hasBeenForciblyEnded>false</hasBeenForciblyEnded>
<messageKey></messageKey>
<message></message>
</response>"""
    assert (reply.headers["Content-Type"], reply.headers["Cache-Control"]) \
        == (XML, "no-cache")


def test_create_draws_what_is_not_given(bbb):
    reply = bbb.create()
    assert re.fullmatch("[A-Za-z0-9]{8}", reply.field("attendeePW"))
    assert re.fullmatch("[A-Za-z0-9]{8}", reply.field("moderatorPW"))
    assert re.fullmatch("[0-9]{5}", reply.field("voiceBridge"))


@pytest.mark.parametrize("passwords", ["", "attendeePW=&moderatorPW=",
                                       "attendeePW=aaaa&moderatorPW=mmmm"])
def test_create_is_idempotent(bbb, passwords):
    first = bbb.create(extra="attendeePW=aaaa&moderatorPW=mmmm&duration=7")
    again = bbb.create(extra=passwords + "&duration=9&meta_x=1")
    assert again.text == first.text.replace(
        "<messageKey></messageKey>\n<message></message>",
        "<messageKey>duplicateWarning</messageKey>\n<message>This conference "
        "was already in existence and may currently be in progress."
        "</message>")
    assert bbb.call("getMeetingInfo", "meetingID=abc123"
                    ).xml().find("metadata/x") is None


@pytest.mark.parametrize("passwords", [
    "attendeePW=aaaa", "moderatorPW=mmmm", "attendeePW=mmmm&moderatorPW=aaaa"])
def test_create_with_other_passwords(bbb, passwords):
    bbb.create(extra="attendeePW=aaaa&moderatorPW=mmmm")
    reply = bbb.call("create", "name=Seminar&meetingID=abc123&" + passwords)
    assert reply.field("messageKey") == "idNotUnique"


def test_old_servers_want_passwords_on_a_repeat(old):
    old.create(extra="attendeePW=aaaa&moderatorPW=mmmm")
    reply = old.call("create", "name=Seminar&meetingID=abc123")
    assert reply.field("messageKey") == "idNotUnique"


@pytest.mark.parametrize("taken", ["voiceBridge=70001", "webVoice=70001"])
def test_voice_bridge_in_use(bbb, taken):
    bbb.create(extra=taken)
    reply = bbb.call("create", "name=Other&meetingID=o2&voiceBridge=70001")
    assert reply.text == (
        "<response>\n<returncode>FAILED</returncode>\n<errors>\n<error>\n"
        "<key>nonUniqueVoiceBridge</key>\n<message>The selected voice bridge "
        "is already in use.</message>\n</error>\n</errors>\n</response>")
    bbb.control("DELETE", "meetings/abc123")
    bbb.create("o2", "voiceBridge=70001")


def test_create_squeezes_white_space(bbb):
    bbb.create(extra="meta_a=+x++y%0A+%0Az%26%3C%3E%22%27")
    bbb.call("create", "name=A+++B&meetingID=m2")
    reply = bbb.call("getMeetings")
    assert "<a> x y\nz&amp;&lt;&gt;&quot;&apos;</a>\n" in reply.text
    assert "<meetingName>A B</meetingName>\n" in reply.text


def test_metadata_names(bbb):
    bbb.create(extra="meta_endCallbackUrl=U&meta_1x=1&meta__y=2&meta_a_b=3"
               "&meta_Gl-Listed=&meta_=4&metax=5")
    info = bbb.call("getMeetingInfo", "meetingID=abc123").xml()
    assert [(e.tag, e.text) for e in info.find("metadata")] == [
        ("endcallbackurl", "U"), ("gl-listed", None)]


def test_first_of_equal_parameters_counts(bbb):
    assert bbb.create("abc123&meetingID=zzz").field("meetingID") == "abc123"


BODY = b"""<?xml version="1.0" encoding="UTF-8"?>
<modules>
  <module name="presentation">
    <document url="https://files.example.org/lecture%201.pdf" filename="L 1.pdf" current="true"/>
    <document url="https://files.example.org/notes.pdf" downloadable="true" removable="false"/>
    <document name="hello.txt">SGVsbG8s
      IHdvcmxkIQo=</document>
    <document>nameless</document>
  </module>
  <module name="clientSettingsOverride"><![CDATA[{"public":{}}]]></module>
</modules>
"""


def post_create(bbb, body, kind="application/xml"):
    return bbb.call("create", "name=Seminar&meetingID=abc123", "POST", body,
                    Content_Type=kind)


@pytest.mark.parametrize("kind", ["application/xml", "text/xml"])
def test_create_with_documents(bbb, kind):
    assert post_create(bbb, BODY, kind).field("returncode") == "SUCCESS"
    assert bbb.control("GET", "meetings")[0]["documents"] == [
        {"name": "L 1.pdf",
         "url": "https://files.example.org/lecture%201.pdf", "length": 0,
         "sha256": "", "current": True, "downloadable": False,
         "removable": True},
        {"name": "notes.pdf", "url": "https://files.example.org/notes.pdf",
         "length": 0, "sha256": "", "current": False, "downloadable": True,
         "removable": False},
        {"name": "hello.txt", "url": None, "length": 14,
         "sha256": hashlib.sha256(b"Hello, world!\n").hexdigest(),
         "current": False, "downloadable": False, "removable": True}]
    seen = bbb.requests("create")[0]
    assert (seen["body_length"], seen["body_sha256"]) == (
        len(BODY), hashlib.sha256(BODY).hexdigest())


def test_last_module_of_a_name_counts(bbb):
    body = (b'<m><module name="presentation"><document name="a">QQ==</document>'
            b'</module><module name="presentation"><document name="b">Qg=='
            b'</document></module></m>')
    post_create(bbb, body)
    documents = bbb.control("GET", "meetings")[0]["documents"]
    assert [d["name"] for d in documents] == ["b"]


@pytest.mark.parametrize("body", [b"no XML", b"<modules>", b"<a></b>"])
def test_ill_formed_body(bbb, body):
    assert_page(post_create(bbb, body), 500)
    assert bbb.listed() == []
    bbb.create()
    assert post_create(bbb, body).field("messageKey") == "duplicateWarning"


# isMeetingRunning, end


RUNNING = "<response>\n<returncode>SUCCESS</returncode>\n<running>%s" \
    "</running>\n</response>"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_is_meeting_running(bbb, method):
    def ask():
        return bbb.call("isMeetingRunning", "meetingID=abc123", method).text

    assert ask() == RUNNING % "false"
    internal = bbb.create().field("internalMeetingID")
    assert ask() == RUNNING % "false"
    bbb.join("role=VIEWER&userID=u1")
    assert ask() == RUNNING % "true"
    assert bbb.call("isMeetingRunning", "meetingID=" + internal
                    ).text == RUNNING % "true"
    bbb.control("DELETE", "meetings/abc123/users/u1")
    assert ask() == RUNNING % "false"


def test_ids_are_looked_up_whole(bbb):
    internal = bbb.create().field("internalMeetingID")
    bbb.join()
    for piece in internal[:8], internal[:40], internal[:-1], "ABC123":
        assert_failed(bbb.call("getMeetingInfo", "meetingID=" + piece),
                      "notFound", NO_MEETING)


def test_end(bbb):
    bbb.settings(end_delay_ms=60000)
    first = bbb.create()
    bbb.join()
    for _ in range(2):
        assert bbb.call("end", "meetingID=abc123&password=whatever").text == (
            "<response>\n<returncode>SUCCESS</returncode>\n<messageKey>"
            "sentEndMeetingRequest</messageKey>\n<message>A request to end the"
            " meeting was sent. Please wait a few seconds, and then use the "
            "getMeetingInfo or isMeetingRunning API calls to verify that it "
            "was ended.</message>\n</response>")
    assert bbb.listed() == ["abc123"]
    assert redirect_error(bbb.join())[1] == error_json(
        "meetingForciblyEnded", ENDED)
    assert bbb.create().field("createTime") == first.field("createTime")


def test_end_takes_effect(bbb):
    bbb.settings(end_delay_ms=1)
    first = bbb.create()
    bbb.join()
    bbb.call("end", "meetingID=abc123")
    assert until(lambda: bbb.listed() == [])
    assert_failed(bbb.call("end", "meetingID=abc123"), "notFound", NO_MEETING)
    again = bbb.create()
    assert again.field("messageKey") == ""
    assert again.field("internalMeetingID") != first.field("internalMeetingID")


def test_old_servers_want_the_moderators_password_to_end(old):
    old.create(extra="attendeePW=aaaa&moderatorPW=mmmm")
    assert_failed(old.call("end", "meetingID=abc123"), "emptyError",
                  "You must provide the moderator password")
    assert_failed(old.call("end", "meetingID=abc123&password=aaaa"),
                  "invalidPassword",
                  "The supplied moderator password is incorrect")
    assert old.call("end", "meetingID=abc123&password=mmmm"
                    ).field("returncode") == "SUCCESS"
