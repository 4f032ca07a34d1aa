/** Every key of the console, in one table: handlers of the frame take their keys from it, the map of keys (`?`) is made from it,
 *  and a test compares it with the handlers of the pages. */
import { useEffect, useRef } from "react";
import type { TextKey } from "./texts";
import { isWriting } from "./writing";

/** Where a key holds. */
export const PLACES_OF_KEYS = ["everywhere", "wall", "tile", "steering", "tree", "situation", "alarms", "incidents", "patrol", "playback", "file", "grid", "list", "ptz", "mask", "dates"] as const;
export type KeyPlace = (typeof PLACES_OF_KEYS)[number];

export interface Shortcut {
  place: KeyPlace;
  /** Ways to type it, each a combination: `KeyboardEvent.key` values; `Mod` is Ctrl, or ⌘ on a Mac. */
  keys: readonly (readonly string[])[];
  does: TextKey;
  /** The file whose handler hears it. */
  heard: string;
}

const WALL = "features/wall/use-wall-keys.ts";
const WALL_PAGE = "features/wall/WallPage.tsx";
const GRID = "features/wall/GridEditor.tsx";
const ZOOM = "ui/player/use-digital-zoom.ts";
const STEERING = "ui/steer/joystick.ts";
const TREE = "ui/tree/use-tree-keys.ts";
const ROW = "ui/tree/row-acts.ts";
const SEARCH = "ui/tree/SearchBox.tsx";
const LIST_ROWS = "ui/list/use-rows.ts";
const SITUATION = "features/situation/SituationPage.tsx";
const ROWS = "features/situation/CameraRows.tsx";
const DRAWING = "features/situation/use-drawing.ts";
const FOLLOW = "features/situation/use-follow.ts";
const ALARMS = "features/alarms/use-alarm-keys.ts";
const ALARM_INCIDENT = "features/alarms/AlarmIncident.tsx";
const WORDS = "ui/WordChoice.tsx";
const INCIDENTS = "features/incidents/use-incident-keys.ts";
const PATROL = "ui/round/use-round.ts";
const PLAYBACK = "features/playback/use-playback-keys.ts";
const REGION = "features/playback/RegionSheet.tsx";
const MASK = "features/camera/MaskDrawing.tsx";
const CAMERAS = "features/camera_list/ListTable.tsx";
const FRAME = "ui/shortcuts.ts";
const ARROWS = [["ArrowLeft"], ["ArrowRight"], ["ArrowUp"], ["ArrowDown"]] as const;
const LIST = [["ArrowUp"], ["ArrowDown"], ["Home"], ["End"], ["PageUp"], ["PageDown"]] as const;

export const SHORTCUTS = {
  palette: { place: "everywhere", keys: [["Mod", "k"], ["/"]], does: "keys.palette", heard: FRAME },
  keys: { place: "everywhere", keys: [["?"]], does: "keys.map", heard: FRAME },
  notice: { place: "everywhere", keys: [["!"]], does: "keys.notice", heard: FRAME },
  search: { place: "wall", keys: [["/"]], does: "keys.search", heard: WALL_PAGE },
  views: { place: "wall", keys: [["v"]], does: "keys.views", heard: WALL_PAGE },
  grids: { place: "wall", keys: [["1"], ["4"], ["6"], ["8"], ["9"], ["2"], ["5"]], does: "keys.grids", heard: WALL },
  tiles: { place: "wall", keys: ARROWS, does: "keys.tiles", heard: WALL },
  carry: { place: "wall", keys: [["Shift", "Arrow"]], does: "keys.carry", heard: WALL },
  close: { place: "wall", keys: [["Delete"]], does: "keys.close", heard: WALL },
  tourPause: { place: "wall", keys: [[" "]], does: "keys.tourPause", heard: WALL },
  tourStep: { place: "wall", keys: [["PageUp"], ["PageDown"]], does: "keys.tourStep", heard: WALL },
  full: { place: "tile", keys: [["f"]], does: "keys.full", heard: "ui/player/full-screen.tsx" },
  snapshot: { place: "tile", keys: [["p"]], does: "player.snapshot", heard: "ui/player/SnapshotButton.tsx" },
  replay: { place: "tile", keys: [["r"]], does: "keys.replay", heard: "ui/replay/use-replay.tsx" },
  replayEnd: { place: "tile", keys: [["Escape"]], does: "keys.replayEnd", heard: "ui/replay/use-replay.tsx" },
  stream: { place: "tile", keys: [["s"]], does: "keys.stream", heard: "ui/player/StreamMenu.tsx" },
  zoom: { place: "tile", keys: [["+"], ["-"], ["0"]], does: "keys.zoom", heard: ZOOM },
  pan: { place: "tile", keys: [["Alt", "Arrow"]], does: "keys.pan", heard: ZOOM },
  dragEnd: { place: "tile", keys: [["Escape"]], does: "keys.dragEnd", heard: "ui/player/DragZoom.tsx" },
  steer: { place: "tile", keys: [["j"]], does: "keys.steer", heard: "ui/steer/tile.tsx" },
  steerTurn: { place: "steering", keys: ARROWS, does: "keys.steerTurn", heard: STEERING },
  steerZoom: { place: "steering", keys: [["+"], ["-"]], does: "keys.steerZoom", heard: STEERING },
  steerFast: { place: "steering", keys: [["Shift"]], does: "keys.steerFast", heard: "ui/steer/use-steering-keys.ts" },
  steerPreset: { place: "steering", keys: [["1"], ["2"], ["3"], ["4"], ["5"], ["6"], ["7"], ["8"], ["9"]], does: "keys.steerPreset", heard: "ui/steer/use-steering-keys.ts" },
  steerEnd: { place: "steering", keys: [["Escape"]], does: "keys.steerEnd", heard: "ui/steer/use-steering-keys.ts" },
  intoTree: { place: "tree", keys: [["ArrowDown"]], does: "keys.intoTree", heard: SEARCH },
  tagBack: { place: "tree", keys: [["Backspace"]], does: "keys.tagBack", heard: SEARCH },
  tree: { place: "tree", keys: LIST, does: "keys.tree", heard: LIST_ROWS },
  unfold: { place: "tree", keys: [["ArrowRight"], ["ArrowLeft"]], does: "keys.unfold", heard: TREE },
  play: { place: "tree", keys: [["Enter"], [" "]], does: "keys.play", heard: TREE },
  playAll: { place: "tree", keys: [["Mod", "Enter"]], does: "keys.playAll", heard: ROW },
  favourite: { place: "tree", keys: [["*"]], does: "keys.favourite", heard: ROW },
  intoGroup: { place: "tree", keys: [["g"]], does: "keys.intoGroup", heard: ROW },
  newGroup: { place: "tree", keys: [["n"]], does: "tree.newGroup", heard: ROW },
  editGroup: { place: "tree", keys: [["F2"]], does: "keys.editGroup", heard: ROW },
  moveInGroup: { place: "tree", keys: [["Alt", "ArrowUp"], ["Alt", "ArrowDown"]], does: "keys.moveInGroup", heard: ROW },
  ungroup: { place: "tree", keys: [["Delete"]], does: "keys.ungroup", heard: ROW },
  treeMenu: { place: "tree", keys: [["ContextMenu"], ["Shift", "F10"]], does: "keys.treeMenu", heard: TREE },
  leaveTree: { place: "tree", keys: [["Escape"]], does: "keys.leaveTree", heard: TREE },
  mapSearch: { place: "situation", keys: [["/"]], does: "keys.search", heard: SITUATION },
  mapRows: { place: "situation", keys: LIST, does: "keys.mapRows", heard: LIST_ROWS },
  mapChoose: { place: "situation", keys: [["Enter"], [" "]], does: "keys.mapChoose", heard: ROWS },
  mapClose: { place: "situation", keys: [["Escape"]], does: "keys.mapClose", heard: SITUATION },
  drawDone: { place: "situation", keys: [["Enter"]], does: "keys.drawDone", heard: DRAWING },
  drawBack: { place: "situation", keys: [["Backspace"]], does: "keys.drawBack", heard: DRAWING },
  drawLeave: { place: "situation", keys: [["Escape"]], does: "keys.drawLeave", heard: DRAWING },
  follow: { place: "situation", keys: [["1"], ["2"], ["3"], ["4"]], does: "keys.follow", heard: FOLLOW },
  followBack: { place: "situation", keys: [["Backspace"]], does: "keys.followBack", heard: FOLLOW },
  alarmStep: { place: "alarms", keys: [["j"], ["k"], ["ArrowDown"], ["ArrowUp"]], does: "keys.alarmStep", heard: ALARMS },
  alarmPicture: { place: "alarms", keys: [[","], ["."]], does: "keys.alarmPicture", heard: ALARMS },
  alarmTake: { place: "alarms", keys: [["Enter"]], does: "alarms.take", heard: ALARMS },
  alarmReal: { place: "alarms", keys: [["1"]], does: "alarms.result.real", heard: ALARMS },
  alarmFalse: { place: "alarms", keys: [["2"]], does: "alarms.result.false", heard: ALARMS },
  alarmUnclear: { place: "alarms", keys: [["3"]], does: "alarms.result.unclear", heard: ALARMS },
  alarmClose: { place: "alarms", keys: [["c"]], does: "alarms.close", heard: ALARMS },
  alarmHandOver: { place: "alarms", keys: [["h"]], does: "alarms.handOver", heard: ALARMS },
  alarmWord: { place: "alarms", keys: [["1"], ["Enter"]], does: "keys.alarmWord", heard: WORDS },
  alarmIncident: { place: "alarms", keys: [["i"]], does: "incident.fromAlarm", heard: ALARM_INCIDENT },
  alarmAdd: { place: "alarms", keys: [["a"]], does: "incident.add", heard: ALARM_INCIDENT },
  incidentStep: { place: "incidents", keys: [["j"], ["k"], ["ArrowDown"], ["ArrowUp"]], does: "keys.incidentStep", heard: INCIDENTS },
  incidentNext: { place: "incidents", keys: [["Enter"]], does: "keys.incidentNext", heard: INCIDENTS },
  incidentReal: { place: "incidents", keys: [["1"]], does: "incident.act.confirm", heard: INCIDENTS },
  incidentFalse: { place: "incidents", keys: [["2"]], does: "incident.act.refute", heard: INCIDENTS },
  incidentControl: { place: "incidents", keys: [["3"]], does: "incident.act.control", heard: INCIDENTS },
  incidentSend: { place: "incidents", keys: [["d"]], does: "incident.act.send", heard: INCIDENTS },
  incidentNote: { place: "incidents", keys: [["n"]], does: "incident.note", heard: INCIDENTS },
  incidentHandOver: { place: "incidents", keys: [["h"]], does: "incident.act.hand-over", heard: INCIDENTS },
  incidentMerge: { place: "incidents", keys: [["m"]], does: "incident.act.merge", heard: INCIDENTS },
  incidentClose: { place: "incidents", keys: [["c"]], does: "incident.act.close", heard: INCIDENTS },
  incidentOpen: { place: "incidents", keys: [["i"]], does: "incident.open", heard: INCIDENTS },
  noteWrite: { place: "incidents", keys: [["Mod", "Enter"]], does: "keys.noteWrite", heard: "features/incidents/NoteField.tsx" },
  noteLeave: { place: "incidents", keys: [["Escape"]], does: "keys.noteLeave", heard: "features/incidents/NoteField.tsx" },
  sendPick: { place: "incidents", keys: [["ArrowUp"], ["ArrowDown"], ["Enter"]], does: "keys.sendPick", heard: "features/incidents/SendUnit.tsx" },
  incidentWord: { place: "incidents", keys: [["1"], ["Enter"]], does: "keys.alarmWord", heard: WORDS },
  patrolConfirm: { place: "patrol", keys: [["Enter"]], does: "patrol.confirm", heard: PATROL },
  patrolFinding: { place: "patrol", keys: [["f"]], does: "patrol.finding", heard: PATROL },
  patrolNot: { place: "patrol", keys: [["n"]], does: "patrol.notPossible", heard: PATROL },
  patrolStops: { place: "patrol", keys: [...ARROWS, ["PageUp"], ["PageDown"]], does: "keys.patrolStops", heard: PATROL },
  playbackPlay: { place: "playback", keys: [[" "]], does: "keys.playbackPlay", heard: PLAYBACK },
  playbackPicture: { place: "playback", keys: [[","], ["."]], does: "keys.playbackPicture", heard: PLAYBACK },
  playbackSeconds: { place: "playback", keys: [["ArrowLeft"], ["ArrowRight"]], does: "keys.playbackSeconds", heard: PLAYBACK },
  playbackSpeed: { place: "playback", keys: [["-"], ["+"]], does: "keys.playbackSpeed", heard: PLAYBACK },
  playbackBack: { place: "playback", keys: [["r"]], does: "playback.backwards", heard: PLAYBACK },
  playbackNext: { place: "playback", keys: [["n"]], does: "keys.playbackNext", heard: PLAYBACK },
  playbackActivity: { place: "playback", keys: [["a"]], does: "keys.nextActivity", heard: PLAYBACK },
  playbackChanges: { place: "playback", keys: [["d"]], does: "finding.title", heard: PLAYBACK },
  regionMove: { place: "playback", keys: [["Arrow"], ["Shift", "Arrow"]], does: "keys.regionMove", heard: REGION },
  regionDone: { place: "playback", keys: [["Enter"]], does: "finding.search", heard: REGION },
  regionLeave: { place: "playback", keys: [["Escape"]], does: "keys.regionLeave", heard: REGION },
  playbackLoop: { place: "playback", keys: [["l"]], does: "playback.loop", heard: PLAYBACK },
  bookmark: { place: "playback", keys: [["b"]], does: "keys.bookmark", heard: PLAYBACK },
  bookmarkNext: { place: "playback", keys: [["m"]], does: "keys.bookmarkNext", heard: PLAYBACK },
  clipMarks: { place: "playback", keys: [["i"], ["o"]], does: "keys.clipMarks", heard: PLAYBACK },
  clipOpen: { place: "playback", keys: [["e"]], does: "clip.open", heard: PLAYBACK },
  playbackMap: { place: "playback", keys: [["g"]], does: "playback.map", heard: PLAYBACK },
  playbackSnapshot: { place: "playback", keys: [["p"]], does: "clip.snapshot", heard: PLAYBACK },
  fileSave: { place: "file", keys: [["Mod", "s"]], does: "keys.fileSave", heard: "features/device_files/EditFile.tsx" },
  gridCell: { place: "grid", keys: ARROWS, does: "keys.gridCell", heard: GRID },
  gridSpan: { place: "grid", keys: [["Shift", "Arrow"]], does: "keys.gridSpan", heard: GRID },
  gridMerge: { place: "grid", keys: [["Enter"]], does: "keys.gridMerge", heard: GRID },
  gridPart: { place: "grid", keys: [["Delete"], ["Backspace"]], does: "keys.gridPart", heard: GRID },
  listSearch: { place: "list", keys: [["/"]], does: "keys.search", heard: "features/camera_list/CameraListPage.tsx" },
  intoList: { place: "list", keys: [["ArrowDown"]], does: "keys.intoList", heard: "features/camera_list/Filters.tsx" },
  listMove: { place: "list", keys: LIST, does: "keys.listMove", heard: CAMERAS },
  listChoose: { place: "list", keys: [[" "]], does: "keys.listChoose", heard: CAMERAS },
  listRange: { place: "list", keys: [["Shift", "Arrow"]], does: "keys.listRange", heard: CAMERAS },
  listAll: { place: "list", keys: [["Mod", "a"]], does: "keys.listAll", heard: CAMERAS },
  listOpen: { place: "list", keys: [["Enter"]], does: "keys.listOpen", heard: CAMERAS },
  listNone: { place: "list", keys: [["Escape"]], does: "keys.listNone", heard: CAMERAS },
  days: { place: "list", keys: ARROWS, does: "keys.days", heard: "ui/days/use-roving.ts" },
  turn: { place: "ptz", keys: [[" "], ["Enter"]], does: "keys.turn", heard: "features/camera/PtzPad.tsx" },
  corner: { place: "mask", keys: [[" "]], does: "keys.corner", heard: MASK },
  cross: { place: "mask", keys: [["Arrow"], ["Shift", "Arrow"]], does: "keys.cross", heard: MASK },
  cornerBack: { place: "mask", keys: [["Backspace"]], does: "keys.cornerBack", heard: MASK },
  maskDone: { place: "mask", keys: [["Enter"]], does: "keys.maskDone", heard: MASK },
  maskLeave: { place: "mask", keys: [["Escape"]], does: "keys.maskLeave", heard: MASK },
  day: { place: "dates", keys: [["ArrowUp"], ["ArrowDown"]], does: "keys.day", heard: "ui/DateField.tsx" },
} as const satisfies Record<string, Shortcut>;

type FrameKey = { [name in keyof typeof SHORTCUTS]: (typeof SHORTCUTS)[name]["heard"] extends typeof FRAME ? name : never }[keyof typeof SHORTCUTS];

/** Whether these keys are what was pressed. A combination with Mod holds in a field too, a mere letter does not. */
export function isPressed(keys: readonly string[], event: KeyboardEvent): boolean {
  const mod = keys.includes("Mod");
  if (event.altKey || mod !== (event.ctrlKey || event.metaKey)) return false;
  if (!mod && isWriting(event.target)) return false;
  return event.key.toLowerCase() === keys.at(-1)?.toLowerCase();
}

/** Hears the frame's keys, after every page has had its own say. */
export function useFrameKeys(acts: Record<FrameKey, () => void>): void {
  const now = useRef(acts);
  useEffect(() => {
    now.current = acts;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.repeat) return;
      const found = (Object.keys(now.current) as FrameKey[]).find((name) => SHORTCUTS[name].keys.some((keys) => isPressed(keys, event)));
      if (found === undefined) return;
      event.preventDefault();
      now.current[found]();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

const NAMES: Record<string, string> = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Arrow: "← ↑ ↓ →", Escape: "Esc", " ": "Space", PageUp: "PgUp", PageDown: "PgDn", ContextMenu: "Menu" };

/** A key as it is written on the keyboard. */
export function keyName(key: string): string {
  if (key === "Mod") return /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";
  return NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key);
}
