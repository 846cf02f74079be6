"""Audiences: made and filled asynchronously, with LINE's reasons when refused."""

from __future__ import annotations

import pytest

from bot.simulator.client import Simulator
from tests.simulator.conftest import Api, text

BASE = "/v2/bot/audienceGroup"
DAY = 24 * 3600


def users(count: int, first: int = 0) -> list[dict[str, str]]:
    return [{"id": f"U{number:032x}"} for number in range(first, first + count)]


def reason(answer: object) -> str:
    return str(answer.json["details"][0]["message"])  # type: ignore[attr-defined]  # an Answer, kept short


def test_an_audience_is_worked_on_before_it_is_ready_and_ends_after_180_days(line: Simulator, api: Api) -> None:
    made = api("POST", f"{BASE}/upload", {"description": "対象世帯", "audiences": users(3)})
    path = f"{BASE}/{made.json['audienceGroupId']}"

    assert made.status == 202
    assert api("GET", path).json["audienceGroup"]["status"] == "IN_PROGRESS"
    line.advance(5)
    ready = api("GET", path).json
    assert (ready["audienceGroup"]["status"], ready["audienceGroup"]["audienceCount"]) == ("READY", 3)
    assert ready["jobs"][0]["jobStatus"] == "FINISHED"
    line.advance(180 * DAY)
    assert api("GET", path).json["audienceGroup"]["status"] == "EXPIRED"
    late = api("PUT", f"{BASE}/upload", {"audienceGroupId": made.json["audienceGroupId"], "audiences": users(1)})
    assert reason(late) == "AUDIENCE_GROUP_CAN_NOT_UPLOAD_STATUS_EXPIRED"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"description": "a", "audiences": users(10_001)}, "UPLOAD_AUDIENCE_GROUP_TOO_MANY_AUDIENCE_IDS"),
        ({"description": "a", "audiences": [{"id": "x"}]}, "UPLOAD_AUDIENCE_GROUP_INVALID_AUDIENCE_ID_FORMAT"),
        ({"description": " "}, "AUDIENCE_GROUP_NAME_EMPTY"),
        ({"description": "あ" * 121}, "AUDIENCE_GROUP_NAME_SIZE_OVER"),
        ({"description": "a\nb"}, "AUDIENCE_GROUP_NAME_WRONG"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_audience_is_refused_with_lines_reason(api: Api, body: dict[str, object], why: str) -> None:
    answer = api("POST", f"{BASE}/upload", body)

    assert (answer.status, reason(answer)) == (400, why)


def test_ten_thousand_ids_pass_in_one_request(api: Api) -> None:
    assert api("POST", f"{BASE}/upload", {"description": "a", "audiences": users(10_000)}).status == 202


def test_at_most_ten_jobs_at_a_time_for_one_audience(line: Simulator, api: Api) -> None:
    made = api("POST", f"{BASE}/upload", {"description": "a", "audiences": users(1)}).json["audienceGroupId"]
    added = [
        api("PUT", f"{BASE}/upload", {"audienceGroupId": made, "audiences": users(1, number)}).status
        for number in range(1, 11)
    ]

    assert added == [202] * 9 + [429]
    line.advance(5)
    assert api("PUT", f"{BASE}/upload", {"audienceGroupId": made, "audiences": users(1, 99)}).status == 202


def test_a_file_makes_and_fills_an_audience(line: Simulator, api: Api) -> None:
    def multipart(**fields: str) -> tuple[bytes, dict[str, str]]:
        parts = "".join(
            f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        return f"{parts}--cut--\r\n".encode(), {"Content-Type": "multipart/form-data; boundary=cut"}

    lines = "\n".join(one["id"] for one in users(2))
    body, headers = multipart(description="対象", file=lines)
    made = api("POST", f"{BASE}/upload/byFile", body, headers)
    more, headers = multipart(audienceGroupId=str(made.json["audienceGroupId"]), file=users(1, 7)[0]["id"])

    assert made.status == 202
    assert api("PUT", f"{BASE}/upload/byFile", more, headers).status == 202
    found = api("GET", f"{BASE}/{made.json['audienceGroupId']}").json
    assert found["audienceGroup"]["audienceCount"] == 3


def test_audiences_are_listed_renamed_and_deleted(api: Api) -> None:
    made = api("POST", f"{BASE}/upload", {"description": "甲"}).json["audienceGroupId"]
    api("POST", f"{BASE}/upload", {"description": "乙"})

    assert api("PUT", f"{BASE}/{made}/updateDescription", {"description": "丙"}).json == {}
    listed = api("GET", f"{BASE}/list?page=1&size=1").json
    assert [one["description"] for one in listed["audienceGroups"]] == ["乙"]
    assert (listed["hasNextPage"], listed["totalCount"]) == (True, 2)
    assert api("GET", f"{BASE}/list?description=丙".replace("丙", "%E4%B8%99")).json["totalCount"] == 1
    assert api("DELETE", f"{BASE}/{made}").status == 202
    assert reason(api("GET", f"{BASE}/{made}")) == "AUDIENCE_GROUP_NOT_FOUND"


def test_those_who_got_a_message_become_an_audience_once(line: Simulator, api: Api) -> None:
    hanako = line.resident("花子")
    sent = api.push(hanako.id, text("a")).headers["x-line-request-id"]

    made = api("POST", f"{BASE}/click", {"description": "a", "requestId": sent})
    assert (made.status, made.json["type"]) == (202, "CLICK")
    again = api("POST", f"{BASE}/click", {"description": "b", "requestId": sent})
    assert reason(again) == "AUDIENCE_GROUP_REQUESTID_DUPLICATE"
    assert reason(api("POST", f"{BASE}/imp", {"description": "a", "requestId": "x"})) == "REQUEST_NOT_FOUND"
