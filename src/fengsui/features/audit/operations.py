"""Which act each operation of the API is: what a refusal at the door is recorded as, and what a test walks along."""

from __future__ import annotations

from fengsui.features.audit.model import Act

OPERATIONS: dict[str, Act] = {
    "signIn": Act.SIGN_IN,
    "signInByPasskey": Act.SIGN_IN,
    "signOut": Act.SIGN_OUT,
    "changePassword": Act.PASSWORD_CHANGE,
    "endSession": Act.SESSION_REVOKE,
    "beginAuthenticator": Act.SECOND_FACTOR_BEGIN,
    "confirmAuthenticator": Act.SECOND_FACTOR_CONFIRM,
    "endAuthenticator": Act.SECOND_FACTOR_END,
    "renewRecoveryCodes": Act.RECOVERY_CODES,
    "addPasskey": Act.PASSKEY_ADD,
    "removePasskey": Act.PASSKEY_REMOVE,
    "addToken": Act.TOKEN_ADD,
    "removeToken": Act.TOKEN_REMOVE,
    "addUser": Act.USER_ADD,
    "changeUser": Act.USER_CHANGE,
    "resetPassword": Act.USER_RESET_PASSWORD,
    "unlockUser": Act.USER_UNLOCK,
    "addAppointment": Act.APPROVAL_ASK,
    "endAppointment": Act.APPOINTMENT_END,
    "addUnit": Act.UNIT_ADD,
    "changeUnit": Act.UNIT_CHANGE,
    "removeUnit": Act.UNIT_REMOVE,
    "addDevice": Act.DEVICE_ADD,
    "changeDevice": Act.DEVICE_CHANGE,
    "removeDevice": Act.DEVICE_REMOVE,
    "admitDevice": Act.DEVICE_ADMIT,
    "refuseDevice": Act.DEVICE_REFUSE,
    "blockDevice": Act.DEVICE_BLOCK,
    "restartDevice": Act.DEVICE_RESTART,
    "getDeviceTrace": Act.DEVICE_TRACE,
    "askCatalogue": Act.CATALOGUE_ASK,
    "changeCamera": Act.CAMERA_CHANGE,
    "movePtz": Act.CAMERA_PTZ,
    "dragZoom": Act.CAMERA_DRAG_ZOOM,
    "askKeyFrame": Act.CAMERA_KEY_FRAME,
    "setHomePosition": Act.CAMERA_HOME,
    "setPreset": Act.PRESET_SET,
    "deletePreset": Act.PRESET_DELETE,
    "goToPreset": Act.PRESET_GO,
    "openLive": Act.LIVE_VIEW,
    "renewLive": Act.LIVE_RENEW,
    "closeLive": Act.LIVE_STOP,
    "getPicture": Act.PICTURE,
    "addMask": Act.MASK_ADD,
    "endMaskLift": Act.MASK_LIFT_END,
    "openTicket": Act.TICKET_OPEN,
    "changeTicket": Act.TICKET_CHANGE,
    "closeTicket": Act.TICKET_CLOSE,
    "reconcileTickets": Act.TICKET_RECONCILE,
    "reviewTickets": Act.TICKET_REVIEW,
    "addCentre": Act.DUTY_CENTRE_ADD,
    "removeCentre": Act.DUTY_CENTRE_REMOVE,
    "addSlot": Act.DUTY_ROSTER,
    "removeSlot": Act.DUTY_ROSTER,
    "signOn": Act.DUTY_SIGN_ON,
    "handOver": Act.DUTY_HAND_OVER,
    "acceptShift": Act.DUTY_ACCEPT,
    "signOff": Act.DUTY_SIGN_OFF,
    "openEmergency": Act.EMERGENCY_OPEN,
    "reportEmergency": Act.EMERGENCY_REPORT,
    "judgeEmergency": Act.EMERGENCY_JUDGE,
    "readAudit": Act.AUDIT_READ,
    "extractAudit": Act.AUDIT_EXTRACT,
    "openApproval": Act.APPROVAL_OPEN,
    "approveRequest": Act.APPROVAL_APPROVE,
    "refuseRequest": Act.APPROVAL_REFUSE,
    "withdrawRequest": Act.APPROVAL_WITHDRAW,
    "proposePolicy": Act.APPROVAL_ASK,
    "readRightsThen": Act.AUDIT_READ,
    "proposeMaskRemoval": Act.APPROVAL_ASK,
    "proposeMaskLift": Act.APPROVAL_ASK,
    "proposeCameraClass": Act.APPROVAL_ASK,
}
UNRECORDED: frozenset[str] = frozenset(
    (
        # Lists, states and one's own account: no picture, no change. Their refusals are recorded as `inventory.read`.
        *("followEvents", "getNode", "getNodeHistory", "getJoinValues", "listAreas", "listCameras", "listCameraNames", "getCamera"),
        *("listPresets", "getCatalogueProgress", "askDeviceStatus", "getDeviceTree", "getLiveState", "listStreams", "listDevices"),
        *("getDevice", "listWaitingDevices", "listUsers", "getUser", "listPosts", "listUnits", "listDivisions", "getAuditKey"),
        *("listMasks", "listAuditCopies", "listRefusals"),
        *("listApprovals", "getPolicy", "getPolicyPack", "previewPolicy"),
        *("whoAmI", "getAccount", "listPasskeys", "listSessions", "listTokens"),
        *("listPurposes", "listTickets", "listUnmatchedTickets", "getDuty", "listSlots", "listEmergencies"),
        # Challenges of a passkey: what follows is recorded.
        *("beginPasskey", "beginPasskeySignIn"),
    )
)


def act_of(operation: str) -> Act:
    """For a refusal at the door."""
    return OPERATIONS.get(operation, Act.LOOK_AROUND)
