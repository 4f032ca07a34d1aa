"""Screens that others send walls to: whose rights decide what is shown, and who is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from fengsui.features.views import screens as screens_module
from tests.node.conftest import OWN_PASSWORD, RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_events import feed_of, line_of
from tests.node.test_live import listed
from tests.node.test_matrix import Witness
from tests.node.test_views import OPERATOR, acts_of

CONSOLE = {"x-fengsui-console": "1"}


def token_of(client: httpx.AsyncClient) -> str:
    return client.headers["Authorization"].removeprefix("Bearer ")


async def opened(client: httpx.AsyncClient, number: int = 3) -> str:
    """A screen of theirs."""
    answer = await client.post("/screens", json={"number": number, "name": "大屏"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def wall_of(*codes: str) -> dict[str, Any]:
    return {"grid": "AB/CD", "tiles": [{"camera": code} for code in codes]}


async def unit_in(node: RunningNode, area: str) -> int:
    answer = await node.client.post("/organisations", json={"name": f"{area}分局", "area": area})
    return int(answer.json()["id"])


async def test_a_wall_is_sent_and_shown_by_the_rights_of_the_screen(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        here, there = simulated_camera(node.registrar, 1), simulated_camera(node.registrar, 2)
        codes = [here.identity.code, there.identity.code]
        unit = await unit_in(node, "520102")
        screen = await node.client_of("screen", {"post": "inspector", "area": "520102"}, unit=unit)
        driver = await node.client_of("driver", {"post": "operator", "area": "52"})
        async with powered(here, there), feed_of(node, token_of(screen)) as news:
            for code in codes:
                await until(lambda code=code: listed(node, code), what="the camera is listed")  # type: ignore[misc]
            await node.put(there.identity.code, "5203")
            number = await opened(screen)
            lines = (await driver.get("/screens")).json()["items"]
            assert [(one["number"], one["person"], one["there"], one["own"]) for one in lines] == [(3, "screen", True, False)]
            sent = await driver.post(f"/screens/{number}/wall", json=wall_of(*codes))
            assert (sent.status_code, sent.json()) == (200, {"refused": 1}), sent.text
            order = await line_of(news, "screen.ordered")
            assert (order["screen"], order["by"], order["grid"]) == (number, "driver", "AB/CD")
            assert [(tile["camera"], tile["state"]) for tile in order["tiles"]] == [(codes[0], "shown"), ("", "refused")]
            assert (await driver.get("/screens")).json()["items"][0]["driven_by"] == "driver"
            by_hand = await screen.put(f"/screens/{number}", json={"pictures": 1, "shown": order["number"]})
            assert by_hand.json()["driven_by"] == "", "changed by hand"
        assert "screen.send" in await acts_of(node, "driver")
        assert [one for one in await acts_of(node, "screen") if one.startswith("screen")] == ["screen.open"]


async def test_a_tour_is_sent_with_all_its_steps_by_the_rights_of_the_screen(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        here, there = simulated_camera(node.registrar, 1), simulated_camera(node.registrar, 2)
        codes = [here.identity.code, there.identity.code]
        unit = await unit_in(node, "520102")
        screen = await node.client_of("screen", {"post": "inspector", "area": "520102"}, unit=unit)
        driver = await node.client_of("driver", {"post": "operator", "area": "52"})
        async with powered(here, there), feed_of(node, token_of(screen)) as news:
            for code in codes:
                await until(lambda code=code: listed(node, code), what="the camera is listed")  # type: ignore[misc]
            await node.put(codes[1], "5203")
            number = await opened(screen)
            steps = [{**wall_of(*some), "dwell_s": 5} for some in (codes[:1], codes)]
            tour = {**wall_of(*codes), "name": "夜巡", "steps": steps, "from_step": 1}
            sent = await driver.post(f"/screens/{number}/wall", json=tour)
            assert (sent.status_code, sent.json()) == (200, {"refused": 1}), sent.text
            order = await line_of(news, "screen.ordered")
            missed = (await screen.put(f"/screens/{number}", json={"pictures": 0, "driven": True})).json()["missed"]
            for told in (order, missed):
                assert (told["name"], told["from_step"]) == ("夜巡", 1)
                assert [(step["dwell_s"], step["grid"]) for step in told["steps"]] == [(5, "AB/CD")] * 2
                shown = [[tile["camera"] for tile in step["tiles"]] for step in told["steps"]]
                assert shown == [codes[:1], [codes[0], ""]], "beyond the right of who sits there"
            for wrong in ({**tour, "from_step": 2}, {**tour, "steps": [{**steps[0], "grid": "AB/C"}]}):
                assert (await driver.post(f"/screens/{number}/wall", json=wrong)).json()["code"] == "views.unusable"
            assert (await driver.post(f"/screens/{number}/wall", json=wall_of(*codes))).status_code == 200
            assert (await line_of(news, "screen.ordered"))["steps"] == [], "a wall ends the tour"
            assert (await driver.get("/screens")).json()["items"][0]["pictures"] == 2


async def test_a_window_that_is_loaded_anew_goes_on_with_what_was_sent_to_it(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        camera = simulated_camera(node.registrar, 1)
        code = camera.identity.code
        screen = await node.client_of("screen", OPERATOR, unit=await unit_in(node, "520102"))
        driver = await node.client_of("driver", OPERATOR)
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            first = await opened(screen)
            tour = {**wall_of(code), "name": "夜巡", "steps": [{**wall_of(code), "dwell_s": 5}], "from_step": 0}
            assert (await driver.post(f"/screens/{first}/wall", json=tour)).status_code == 200

            async def reported(number: str, **what: Any) -> dict[str, Any]:
                answer = await screen.put(f"/screens/{number}", json={"pictures": 0, **what})
                assert answer.status_code == 200, answer.text
                told: dict[str, Any] = answer.json()
                return told

            second = await opened(screen)
            told = await reported(second)
            assert (told["driven_by"], told["missed"]["name"]) == ("driver", "夜巡")
            assert (await reported(second, shown=told["missed"]["number"]))["driven_by"] == "", "changed by hand"
            told = await reported(await opened(screen))
            assert (told["driven_by"], told["missed"]) == ("", None), "what was sent is not shown any more"


async def test_a_window_that_could_not_be_reached_hears_what_was_sent_meanwhile(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        here, there = simulated_camera(node.registrar, 1), simulated_camera(node.registrar, 2)
        codes = [here.identity.code, there.identity.code]
        unit = await unit_in(node, "520102")
        screen = await node.client_of("screen", {"post": "inspector", "area": "520102"}, unit=unit)
        driver = await node.client_of("driver", {"post": "operator", "area": "52"})
        async with powered(here, there):
            for code in codes:
                await until(lambda code=code: listed(node, code), what="the camera is listed")  # type: ignore[misc]
            number = await opened(screen)

            async def reported(shown: int) -> dict[str, Any] | None:
                answer = await screen.put(f"/screens/{number}", json={"pictures": 0, "driven": True, "shown": shown})
                assert answer.status_code == 200, answer.text
                missed: dict[str, Any] | None = answer.json()["missed"]
                return missed

            assert await reported(0) is None
            for wall in (wall_of(codes[1]), wall_of(*codes)):
                assert (await driver.post(f"/screens/{number}/wall", json=wall)).status_code == 200
            missed = await reported(0)
            assert missed is not None and (missed["by"], missed["grid"]) == ("driver", "AB/CD"), "the newest alone"
            assert [tile["camera"] for tile in missed["tiles"]] == codes
            await node.put(codes[1], "5203")
            again = await reported(missed["number"] - 1)
            assert again is not None and [tile["state"] for tile in again["tiles"]] == ["shown", "refused"], "by the rights of now"
            assert await reported(missed["number"]) is None, "what was shown is not shown again"


async def test_who_may_not_drive_is_refused_and_nobody_sends_what_they_may_not_see(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        unit = await unit_in(node, "520102")
        screen = await node.client_of("screen", OPERATOR, unit=unit)
        far = await node.client_of("far", {"post": "operator", "area": "5203"})
        looker = await node.client_of("looker", {"post": "inspector", "area": "5201"})
        driver = await node.client_of("driver", OPERATOR)
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            await node.put(code, "5203")
            number = await opened(screen)
            witness = Witness(node)
            for client in (far, looker):
                assert (await client.get("/screens")).json()["items"] == []
                answer = await client.post(f"/screens/{number}/wall", json=wall_of())
                assert (answer.status_code, answer.json()["code"]) == (404, "views.unknown_screen")
            assert witness.refused("far") == [("screen.send", number, "views.unknown_screen")]
            beyond = await driver.post(f"/screens/{number}/wall", json=wall_of(code))
            assert beyond.json()["code"] == "access.out_of_scope"
            uneven = await driver.post(f"/screens/{number}/wall", json={"grid": "AB/C", "tiles": []})
            assert uneven.json()["code"] == "views.unusable"


async def test_a_screen_that_is_locked_signed_out_silent_or_replaced_takes_nothing(tmp_path: Path, monkeypatch: Any) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        unit = await unit_in(node, "520102")
        screen = await node.client_of("screen", OPERATOR, unit=unit)
        driver = await node.client_of("driver", OPERATOR)
        number = await opened(screen)

        async def sent() -> tuple[int, str]:
            answer = await driver.post(f"/screens/{number}/wall", json=wall_of())
            return answer.status_code, answer.json().get("code", "")

        assert (await sent())[0] == 200
        assert (await screen.post("/session/lock", json={"why": "hand"}, headers=CONSOLE)).status_code == 204
        assert await sent() == (409, "views.screen_away")
        assert not (await driver.get("/screens")).json()["items"][0]["there"]
        unlocked = await screen.post("/session/unlock", json={"password": OWN_PASSWORD}, headers=CONSOLE)
        assert unlocked.status_code == 204, unlocked.text
        number = await opened(screen)
        assert (await sent())[0] == 200
        assert (await screen.delete("/session")).status_code == 204
        assert await sent() == (409, "views.screen_away")
        second = await opened(driver)
        assert (await opened(driver)) != second
        assert (await driver.put(f"/screens/{second}", json={"pictures": 0})).json()["code"] == "views.screen_replaced"
        silent = await opened(driver, 5)
        monkeypatch.setattr(screens_module, "HEARD_S", -1.0)
        answer = await driver.post(f"/screens/{silent}/wall", json=wall_of())
        assert answer.json()["code"] == "views.screen_away"
