"""Every operation of the API against every post: what is not granted is refused with the rule, and is on record once (A7, A65)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.app import openapi_document
from fengsui.features.access.posts import POSTS, CameraClass, Function, Post
from fengsui.features.audit.folder import segments
from fengsui.features.audit.model import AuditRecord, record_of
from fengsui.features.audit.operations import act_of
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_live import listed

F = Function
ALONE = """signIn signInByPasskey beginPasskeySignIn listProviders beginProviderSignIn finishProviderSignIn proveProviderSignIn
    whoAmI signOut getScreenLock lockScreen unlockScreen beginPasskeyUnlock reportWork changePassword getAccount beginAuthenticator
    confirmAuthenticator endAuthenticator renewRecoveryCodes listPasskeys addPasskey beginPasskey removePasskey listSessions
    endSession listTokens addToken removeToken getPolicy getPolicyPack listRefusals takeAlarm takeCapAlarm
    takeJob getPanicPlace pressPanic"""
OWN = frozenset(ALONE.split())
"""About nobody but oneself, or open to everybody who is signed in, or before anybody is."""
NEEDS: Mapping[tuple[Function, ...], str] = {
    (F.LOOK_AROUND,): """listDevices getDevice listAreas listCameras listCameraNames listCameraPoints listCameraStates
        getCamera listPresets getCatalogueProgress
        getDeviceTree getRecordingPlan getLiveState listStreams listSteering getSteering getHomePosition listPatrols
        listMasks endMaskLift getNode getNodeHistory listSlots
        listRosterVersions listSwaps listOwnerNotices readOwnerNotices
        listFileFields listFiles getFile listFileVersions getFilePhoto exportFiles
        listCameraTags listWithdrawnCameras listCameraRows listClips listClipFiles getClipManifest
        listRecordedDays listRecordingGaps listRecordingFills listRecordingEvents listRecordedAreas listLackingCameras
        getFootageFigures listFootageShortfalls
        getRetention listFootageRemovals getFootageStorage
        listFavourites changeFavourites listCameraGroups addCameraGroup getCameraGroup changeCameraGroup removeCameraGroup""",
    (F.VIEW_LIVE,): """openLive recordNow getPicture getPresetPicture getPatrolSnapshot takeSnapshot listViews getView
        addView changeView removeView listScreens openScreen reportScreen closeScreen sendToScreen""",
    (F.CONTROL,): """movePtz dragZoom centrePtz askKeyFrame setPreset deletePreset goToPreset setHomePosition takeControl
        giveBackControl passControl getPtzPosition setPatrol removePatrol beginPatrol endPatrol""",
    (F.MANAGE_DEVICES,): """addDevice changeDevice removeDevice getDeviceTrace listWaitingDevices admitDevice refuseDevice
        blockDevice changeCamera setRecordingPlan proposeCameraArea proposeCameraClass restartDevice askCatalogue
        guardDevice resetDeviceAlarm
        askDeviceStatus getJoinValues
        checkFile addFile changeFile setFilePhoto removeFilePhoto
        beginCameraEdit listCameraEdits getCameraEdit applyCameraEdit stopCameraEdit
        listAlarmHosts addAlarmHost changeAlarmHost removeAlarmHost testAlarmHost endAlarmHostTest listWaitingAlarmHosts
        listAlarmSources addAlarmSource renewAlarmSourceSecret removeAlarmSource
        listAlarmSites addAlarmSite getAlarmSite changeAlarmSite removeAlarmSite
        getSitePlan addSitePlan changeSitePlan removeSitePlan
        listPanicLinks addPanicLink switchPanicLink renewPanicLink removePanicLink addOutput removeOutput
        listDispatchLinks addDispatchLink switchDispatchLink tryDispatchLink settleDispatchLink
        removeDispatchLink listNeighbours addNeighbour removeNeighbour
        getFileTemplate startFileImport getFileImport commitFileImport getFileImportResult
        startAlarmPointImport getAlarmPointImport commitAlarmPointImport""",
    (F.MANAGE_MASKS,): "addMask proposeMaskedView proposeMaskRemoval setSector removeSector",
    (F.TAKE_DUTY,): """signOn signOff handOver acceptShift askSwap answerSwap withdrawSwap addLogEntry getHandover
        openIncident correctIncident noteOnIncident linkIncidentAlarm unlinkIncidentAlarm linkIncidentPicture moveIncident
        handOverIncident mergeIncident unmergeIncident closeIncident reopenIncident addPatrolUnit changePatrolUnit
        addIncidentWatch endIncidentWatch
        listUnitProposals sendTask cancelTask listCrewCandidates setPatrolCrew
        startAlarmProcedure startIncidentProcedure answerProcedureStep skipProcedureStep
        linkIncidentMethod unlinkIncidentMethod
        beginPatrolByHand beginPatrolRound watchPatrolStop settlePatrolStop addPatrolSnapshot breakOffPatrolRound
        addPatrolOnFoot claimAlarm releaseAlarm handOverAlarm verifyAlarm closeAlarm""",
    (F.GO_ON_PATROL,): "getOwnPatrol setPatrolDuty callForHelp listOwnPlacePictures",
    (F.VIEW_LIVE, F.GO_ON_PATROL): "renewLive closeLive",
    (F.LOOK_AROUND, F.GO_ON_PATROL): "getMapSources",
    (
        F.TAKE_DUTY,
        F.GO_ON_PATROL,
    ): "placePatrolUnit acceptTask setOffForTask arriveForTask finishTask refuseTask addTaskPhoto",
    (F.MANAGE_DUTY,): """addCentre removeCentre setNextCentre proposeCentreRemoval addSlot removeSlot changeSlot
        copySlots reviewTickets endShift extendShift permitDuty publishRoster decideSwap addOrders listUnmatchedTickets addAlarmRule
        changeAlarmRule removeAlarmRule tryAlarmRule addProcedure changeProcedure removeProcedure reviewProcedureSkips
        reconcileTickets acceptAnswer closeUnmatched addPatrolPlan changePatrolPlan removePatrolPlan notePatrolRound
        listAlarmRuleLinks noteAlarmEscalation""",
    (F.WRITE_METHODS,): "addMethod changeMethod",
    (F.TAKE_DUTY, F.READ_DUTY_LOG, F.WRITE_METHODS): "listMethods getMethod listMethodVersions",
    (F.OPEN_TICKET,): """openTicket openUseTicket closeTicket changeTicket listTickets listPurposes openEmergency reportEmergency
        answerForNumber listFootageHolds proposeHoldRelease listSightings addSighting correctSighting
        withdrawSighting""",
    (F.JUDGE_EMERGENCY,): "judgeEmergency",
    (F.VIEW_UNMASKED,): "proposeMaskLift",
    (
        F.VIEW_RECORDED,
    ): """listFootage listDeviceRecordings fetchDeviceRecording openPlayback closePlayback keepPlaybackSnapshot openDevicePlayback
        controlDevicePlayback getDevicePlayback proposeFootageHold findChanges getChanges endChanges
        getActivity listBookmarks addBookmark changeBookmark withdrawBookmark""",
    (F.EXPORT,): "proposeClip proposeClipLink takeClip",
    (F.TAKE_DUTY, F.MANAGE_DEVICES): "listAlarmPoints listAlarmPointMarks",
    (F.CONTROL, F.MANAGE_DEVICES): "switchOutputOn switchOutputOff",
    (F.CONTROL, F.MANAGE_DEVICES, F.MANAGE_DUTY): "listOutputs",
    (F.LOOK_AROUND, F.READ_DUTY_LOG): "getDuty",
    (
        F.TAKE_DUTY,
        F.READ_DUTY_LOG,
    ): """listLog listOrders listHandovers getAlarm listAlarmSteps listIncidents getIncident getIncidentCap
        listPatrolUnits listIncidentTasks getTask getTaskPhoto listAlarmCameras listAlarmNotices
        listIncidentWatches getOwnIncidentWatch
        getAlarmQueueSummary getAlarmFigures getAlarmProcedures getIncidentProcedures getIncidentMethods listAlarmShelves
        getAlarmsSite getAlarmsSitePlan""",
    (F.TAKE_DUTY, F.READ_DUTY_LOG, F.LOOK_AROUND): "listAlarms",
    (F.TAKE_DUTY, F.READ_DUTY_LOG, F.GO_ON_PATROL): "getIncidentLists listOwnNotices acknowledgeNotice",
    (F.TAKE_DUTY, F.MANAGE_DUTY): "listSeatCandidates shelveAlarms liftAlarmShelf",
    (F.MANAGE_DUTY, F.READ_DUTY_LOG): "listAlarmRules listAlarmRuleVersions listProcedureRuns",
    (F.TAKE_DUTY, F.MANAGE_DUTY, F.READ_DUTY_LOG): """listPatrolPlans listPatrolPlanVersions listDuePatrols listPatrolRounds
        getPatrolRound listPatrolLog listPatrolFigures listProcedureVersions""",
    (F.TAKE_DUTY, F.MANAGE_DUTY, F.READ_DUTY_LOG, F.MANAGE_DEVICES): "listProcedures",
    (F.MANAGE_PEOPLE, F.MANAGE_DUTY): "listLapsing",
    (F.OPEN_TICKET, F.JUDGE_EMERGENCY, F.MANAGE_PEOPLE): "listEmergencies",
    (F.MANAGE_PEOPLE,): """listPosts listOrganisations addOrganisation changeOrganisation removeOrganisation listUsers addUser
        getUser changeUser addAppointment proposeUserChange
        endAppointment acceptAppointment proposeReset resetPassword resetFactor unlockUser restoreAfterEmergency""",
    (F.MANAGE_DEVICES, F.APPROVE): "actOnFile",
    (F.MANAGE_PEOPLE, F.MANAGE_DEVICES): "listDivisions",
    (F.LOOK_AROUND, F.APPROVE, F.READ_AUDIT): "followEvents",
    (F.APPROVE, F.READ_AUDIT): "listApprovals openApproval approveRequest refuseRequest withdrawRequest",
    (F.MANAGE_POLICY,): "previewPolicy proposePolicy",
    (F.READ_AUDIT,): """readAudit extractAudit getAuditKey readRightsThen listAuditCopies listNeighbourLogs
        takeNeighbourCheckpoints reviewNeighbour""",
}
"""One of which opens it; written down here a second time on purpose: a door that was changed by mistake is noticed."""
NEEDED = {operation: functions for functions, names in NEEDS.items() for operation in names.split()}


def opens(post: Post, operation: str) -> bool:
    """Whether some function of the post opens it."""
    return any(function in POSTS[post] for function in NEEDED[operation])


CODE, ELSEWHERE = "52010200001320000001", "5203"
NOT_TRIED = {"followEvents", "getPicture", "askDeviceStatus", "getUser"}
"""Where they are granted: endless, slow, or about somebody above this administrator."""
NOT_DONE = {"removeDevice", "restartDevice", "guardDevice", "resetDeviceAlarm"}
"""The other posts need the camera."""
CLOSED = {
    "proposeFootageHold",
    "listFootage",
    "getActivity",
    "findChanges",
    "getChanges",
    "listDeviceRecordings",
    "fetchDeviceRecording",
    "openDevicePlayback",
    "getDevicePlayback",
    "openPlayback",
    "proposeClip",
    "listBookmarks",
    "addBookmark",
    "changeBookmark",
    "withdrawBookmark",
}
"""The door is passed, and without a policy pack recorded pictures are closed all the same."""
DOOR = {"access.not_allowed", "access.office", "access.out_of_scope", "access.class_withheld", "access.appointment_not_in_force"}


@dataclass(frozen=True)
class Operation:
    """One of the document's, ready to be called."""

    id: str
    method: str
    path: str

    @property
    def addressed(self) -> bool:
        """About one camera or device."""
        return "{code}" in self.path

    @property
    def of_camera(self) -> bool:
        return self.path.startswith("/cameras/")

    @property
    def target(self) -> str:
        """What the record names."""
        filled = re.search(r"{(\w+)}", self.path)
        return "" if filled is None else CODE if filled[1] == "code" else "1"

    @property
    def filled(self) -> str:
        return re.sub(r"{\w+}", "1", self.path.replace("{code}", CODE))

    @property
    def about_nothing(self) -> str:
        """Of the camera, else about what is not there: the door is passed and nothing of this test is changed."""
        return re.sub(r"{\w+}", "999999", self.path.replace("{code}", CODE))


def operations() -> list[Operation]:
    """All of the document."""
    return [
        Operation(one["operationId"], method.upper(), path.removeprefix("/api/v1"))
        for path, methods in openapi_document()["paths"].items()
        for method, one in methods.items()
    ]


def test_every_operation_has_its_function_written_down() -> None:
    assert {one.id for one in operations()} == NEEDED.keys() | OWN
    assert not NEEDED.keys() & OWN


class Witness:
    """Reads the audit log's file on, from where it stands."""

    def __init__(self, node: RunningNode) -> None:
        self._folder = node.node.audit.files.folder
        self._read: dict[Path, int] = {}
        self.refused("")

    def _lines(self) -> Iterator[AuditRecord]:
        for segment in segments(self._folder):
            with segment.path.open("rb") as stream:
                stream.seek(self._read.get(segment.path, 0))
                octets = stream.read()
            octets = octets[: octets.rfind(b"\n") + 1]  # what is being written in this moment is read the next time
            self._read[segment.path] = self._read.get(segment.path, 0) + len(octets)
            yield from (record_of(line) for line in octets.splitlines(keepends=True))

    def refused(self, person: str) -> list[tuple[str, str, str]]:
        """(act, object, detail) of this person's refusals since the last look."""
        return [(one.act, one.object, one.detail) for one in self._lines() if (one.person, one.result) == (person, "refused")]


async def refusal(client: httpx.AsyncClient, one: Operation) -> dict[str, Any]:
    """The refusal's document, looked at."""
    answer = await client.request(one.method, one.filled, json={} if one.method in ("POST", "PUT", "PATCH") else None)
    problem: dict[str, Any] = answer.json()
    assert answer.status_code == 403, (one, answer.status_code, problem)
    assert answer.headers["content-type"] == "application/problem+json"
    for text in ("code", "zh", "en", "remedy_zh", "remedy_en", "rule", "contact"):
        assert problem[text] and "{" not in problem[text], (one, text, problem)
    return problem


async def all_refused(client: httpx.AsyncClient, witness: Witness, person: str, wanted: list[Operation], codes: set[str]) -> None:
    """Each is refused by one of the codes, and leaves exactly one record of itself."""
    expected = []
    for one in wanted:
        problem = await refusal(client, one)
        assert problem["code"] in codes, (person, one, problem)
        expected.append((act_of(one.id).value, one.target, problem["code"]))
    assert witness.refused(person) == expected


async def let_through(client: httpx.AsyncClient, post: Post, granted: list[Operation]) -> None:
    """What the post gives passes the door: what comes back is an answer, or a fault of the empty order."""
    for one in granted:
        if one.id in NOT_TRIED | NOT_DONE:
            continue
        path = one.filled if one.method == "GET" else one.about_nothing
        answer = await client.request(one.method, path, json={} if one.method in ("POST", "PUT", "PATCH") else None)
        assert answer.status_code < 500, (post, one, answer.text)
        if answer.status_code == 403:
            passed = one.method != "GET" or one.id in CLOSED
            assert passed and answer.json()["code"] not in DOOR, (post, one, answer.text)


async def appoint(node: RunningNode, user: int, **facts: object) -> None:
    """In place of every appointment of before."""
    for old in (await node.get(f"/users/{user}"))["appointments"]:  # type: ignore[attr-defined]
        assert (await node.client.delete(f"/users/{user}/appointments/{old['id']}")).status_code == 200
    await node.give(user, **facts)


WHOLE_LOG = frozenset(("readAudit", "extractAudit", "readRightsThen"))
"""For the audit office of the whole node: a record says no area."""


@pytest.mark.timeout(1_200)
async def test_every_post_opens_what_it_gives_and_nothing_else(tmp_path: Path) -> None:
    every = [one for one in operations() if one.id not in OWN]
    async with running_node(tmp_path, settings_for()) as node:
        camera = simulated_camera(node.registrar)
        assert camera.identity.code == CODE
        async with powered(camera):
            await until(lambda: listed(node, CODE), what="the catalogue is read")
            witness = Witness(node)
            for post in Post:
                name = f"the-{post}"
                user, password = await node.appoint(name, {"post": post, "area": "5201"})
                client = await node.sign_in(name, password)
                granted = [one for one in every if opens(post, one.id)]
                withheld = [one for one in every if not opens(post, one.id)]
                await all_refused(client, witness, name, withheld, {"access.not_allowed", "access.office"})
                whole = [one for one in granted if one.id in WHOLE_LOG]
                await let_through(client, post, [one for one in granted if one.id not in WHOLE_LOG])
                witness.refused(name)  # an act may be refused for what it asks, not for who asks
                addressed = [one for one in granted if one.addressed and one.id not in CLOSED]  # where: test_two_cities.py
                await appoint(node, user["id"], post=post, area=ELSEWHERE)
                await all_refused(client, witness, name, [*addressed, *whole], {"access.out_of_scope"})
                for one in granted:
                    if one.id in (
                        "listCameras",
                        "listCameraNames",
                        "listCameraRows",
                        "listCameraTags",
                        "listDevices",
                        "listWaitingDevices",
                    ):
                        assert (await client.get(one.filled)).json()["items"] == [], (post, one)
                others = [one.value for one in CameraClass if one is not CameraClass.GOVERNMENT]
                await appoint(node, user["id"], post=post, area="", classes=others)
                await all_refused(client, witness, name, [one for one in addressed if one.of_camera], {"access.class_withheld"})
                await appoint(node, user["id"], post=post, area="")
                await let_through(client, post, whole)
                witness.refused(name)
                await appoint(node, user["id"], post=post, area="", valid_from="2999-01-01T00:00:00Z")
                await all_refused(client, witness, name, granted, {"access.appointment_not_in_force"})
                await client.aclose()
