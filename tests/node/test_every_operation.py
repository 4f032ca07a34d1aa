"""Schemathesis goes through the whole OpenAPI document against a running node: right and wrong requests, never a server error."""

from __future__ import annotations

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode

from fengsui.app import openapi_document
from tests.node.conftest import CHANGES, OFFICES, RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.seeds import ruled_settings, sown
from tests.node.test_audit import CODE

STREAMS = frozenset(("followEvents",))
"""Never ends by itself; its own test looks at it."""
LAST = (
    "closeTicket",
    "signOff",
    "handOver",
    "removeSlot",
    "removeCentre",
    "changeUser",
    "proposeUserChange",
    "proposeReset",
    "resetPassword",
    "resetFactor",
    "endAppointment",
    "removeDevice",
    "blockDevice",
    "changePassword",
    "lockScreen",
    "endSession",
    "signOut",
)
"""What takes away what the others need, in this order."""
REACHED = """removeCentre setNextCentre listSlots listSeatCandidates addSlot copySlots changeSlot removeSlot
    acceptShift reportEmergency
    judgeEmergency changeTicket closeTicket answerForNumber reviewTickets acceptAnswer closeUnmatched proposeMaskRemoval
    openApproval approveRequest refuseRequest withdrawRequest restoreAfterEmergency"""
SOWN = frozenset(REACHED.split())
"""About something that was put there beforehand: some request of each must get beyond "there is no such thing"."""
PEERS = frozenset((502, 503, 504))
ANSWERED_FOR = ("signalling.", "live.", "camera.", "device.", "dispatch_link.away")
"""A device or another system that did not do its part is no error of the node, where the answer says so."""


def problems_of(answer: Any) -> str:
    """Why an answer is a server error; empty when it is none."""
    if answer.status_code < 500:
        return ""
    kind = str(answer.headers.get("content-type", ""))  # a list where the caller keeps every header
    told = answer.json() if "json" in kind else {}
    if answer.status_code in PEERS and str(told.get("code", "")).startswith(ANSWERED_FOR):
        return ""
    return f"{answer.status_code} {answer.text[:300]}"


def operations(schema: Any) -> list[APIOperation[Any, Any, Any]]:
    """Every operation, those that take something away at the end."""
    found = [result.ok() for result in schema.get_all_operations()]
    order = {name: number for number, name in enumerate(LAST, 1)}
    return sorted(found, key=lambda one: order.get(one.definition.raw["operationId"], 0))


HOST, WHERE = re.compile(r"[0-9A-Za-z.:-]+"), re.compile(r"^(https?://)[^/?#]*", re.IGNORECASE)
Bearer = Callable[[str, str, bool], str]
"""The token of the office that may do it, by method and path; anew where the session was ended."""


def go_through(base: str, bearer: Bearer, known: dict[str, list[str]], examples: int) -> dict[str, Counter[int]]:
    """Asks each operation `examples` times with right and as often with wrong requests; half of them about what is there.

    Returns the answers of each operation by status. Raises AssertionError for the first that is a server error.
    """
    schema = schemathesis.openapi.from_dict(openapi_document())
    seen: dict[str, Counter[int]] = defaultdict(Counter)
    failed: list[str] = []
    for operation in operations(schema):
        name = operation.definition.raw["operationId"]
        modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE) if _takes_anything(operation) else (GenerationMode.POSITIVE,)
        for mode in modes if name not in STREAMS else ():
            try:
                # What was put there has many numbers: some request must hit one of those that are open.
                _ask(operation, name, mode, base, bearer, known, max(18, examples * 3) if name in SOWN else examples, seen)
            except Unsatisfiable:
                assert mode is GenerationMode.NEGATIVE, f"{name}: nothing right can be asked"  # no request of it can be wrong
            except AssertionError as error:
                failed.append(str(error).split("\n\n")[0])
    assert not failed, "\n".join(failed)
    return seen


def _kept_here(body: Any) -> Any:
    """The same, but what names another machine names this one: the node would send there."""
    if isinstance(body, list):
        return [_kept_here(one) for one in body]
    if not isinstance(body, dict):
        return body
    kept = {key: _kept_here(value) for key, value in body.items()}
    if isinstance(host := kept.get("host"), str) and HOST.fullmatch(host):
        kept["host"] = "127.0.0.1"
    if isinstance(url := kept.get("url"), str):
        kept["url"] = WHERE.sub(r"\g<1>127.0.0.1:9", url)
    return kept


def _takes_anything(operation: APIOperation[Any, Any, Any]) -> bool:
    return bool(list(operation.iter_parameters()) or operation.body)


def _ask(
    operation: APIOperation[Any, Any, Any],
    name: str,
    mode: GenerationMode,
    base: str,
    bearer: Bearer,
    known: dict[str, list[str]],
    examples: int,
    seen: dict[str, Counter[int]],
) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate),
    )
    @given(case=operation.as_strategy(generation_mode=mode), about_known=st.booleans(), pick=st.integers(0, 99))
    def one(case: Case, about_known: bool, pick: int) -> None:
        if about_known:
            room = operation.path.removeprefix("/api/v1/").partition("/")[0]
            for parameter in list(case.path_parameters or {}):
                values = known.get(f"{room}.{parameter}") or known.get(parameter, [])
                if values:
                    case.path_parameters[parameter] = values[pick % len(values)]
        if isinstance(case.body, dict):
            case.body = _kept_here(case.body)
        path = operation.path.removeprefix("/api/v1")
        answer = case.call(base_url=base, headers={"Authorization": bearer(case.method, path, False)}, timeout=30)
        if answer.status_code == 401 and (name in LAST or not path.startswith("/session")):  # some act has ended the session
            answer = case.call(base_url=base, headers={"Authorization": bearer(case.method, path, True)}, timeout=30)
        problem = problems_of(answer)
        assert not problem, f"{name}: {case.as_curl_command()} → {problem}"
        seen[name][answer.status_code] += 1

    one()


def bearer_of(node: RunningNode) -> Bearer:
    """By the offices of the tests' own client."""
    tokens = dict(node.tokens)
    base = str(node.client.base_url)

    def bearer(method: str, path: str, again: bool) -> str:
        name = next((name for name, paths in OFFICES if re.match(paths, path)), "duty")
        if name == "duty" and method.upper() != "GET" and re.match(CHANGES, path):
            name = "system"
        if again:
            answer = httpx.post(f"{base}session", json={"name": name, "password": "first-password"})
            if answer.status_code == 201:  # not while too many wrong words close the account
                tokens[name] = str(answer.json()["token"])
        return f"Bearer {tokens[name]}"

    return bearer


def by_class(seen: dict[str, Counter[int]]) -> Counter[str]:
    """All answers by the class of their status."""
    total: Counter[str] = Counter()
    for answers in seen.values():
        for status, count in answers.items():
            total[f"{status // 100}xx"] += count
    return total


async def schemathesis_against(node: RunningNode, examples: int) -> dict[str, Counter[int]]:
    """Each operation as the office that may do it, with cameras that answer and something in every room."""
    base = str(node.client.base_url).removesuffix("/api/v1/")
    async with powered(simulated_camera(node.registrar), simulated_camera(node.registrar, 2, transport="TCP")):
        await until(lambda: node.node.devices.by_state()["online"] == 2, what="the cameras are online")
        await until(lambda: _has_camera(node), what="the catalogue is read")
        token = (
            await node.client.post(
                "/account/tokens", json={"name": "t", "functions": ["look-around"], "days": 1, "proof": "first-password"}
            )
        ).json()
        known = {
            **await sown(node, CODE),
            "code": [CODE, CODE[:-1] + "2"],
            "token": [str(token["token"]["id"])],
            "number": ["1", "255", "0"],
            "unit": ["1"],
        }
        return await asyncio.to_thread(go_through, base, bearer_of(node), known, examples)


async def _has_camera(node: RunningNode) -> bool:
    return (await node.client.get(f"/cameras/{CODE}")).status_code == 200


@pytest.mark.timeout(1_200)
async def test_no_operation_ends_in_a_server_error(tmp_path: Path) -> None:
    async with running_node(tmp_path / "node", ruled_settings(tmp_path)) as node:
        seen = await schemathesis_against(node, examples=2)
        total = by_class(seen)
        assert total["2xx"] > 50 and total["4xx"] > 200, total
        unreached = {name: dict(seen[name]) for name in SOWN if not set(seen[name]) - {401, 404, 422}}
        assert not unreached, f"what was put there is never reached: {unreached}"
        assert (await node.client.get("/node")).status_code in (200, 401, 403), "the node is there still"


def _event_questions() -> Iterator[dict[str, str]]:
    yield {}
    for since in ("0", "-1", "1", "99999999999999999999", "x", "", "\x00", "1.5"):
        yield {"since": since}


async def test_events_that_never_end_begin_without_a_server_error(node: RunningNode) -> None:
    for question in _event_questions():
        async with node.client.stream("GET", "/events", params=question, headers={"accept": "text/event-stream"}) as answer:
            assert answer.status_code < 500, (question, answer.status_code)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_values_that_no_database_holds_are_the_askers_fault(
    tmp_path: Path, request: pytest.FixtureRequest, database: str
) -> None:
    url = request.getfixturevalue("postgresql") if database == "postgresql" else ""
    async with running_node(tmp_path, settings_for(url)) as node:
        for method, path, body in (
            ("PATCH", f"/users/{10**30}", {"disabled": True}),
            ("DELETE", f"/account/tokens/{2**40}", None),
            ("POST", f"/account/passkeys/{-(10**40)}/end", {"proof": "first-password"}),
            ("GET", "/cameras?q=%00", None),
            ("GET", "/devices?q=%00&cursor=%00", None),
            ("GET", "/camera-names?area=%00", None),
        ):
            answer = await node.client.request(method, path, json=body)
            assert answer.status_code < 500, (path, answer.text)
        ready = await node.client.get(httpx.URL(str(node.client.base_url)).copy_with(path="/readyz"))
        assert ready.json() == {"status": "ready"}, "the database was not at fault"
