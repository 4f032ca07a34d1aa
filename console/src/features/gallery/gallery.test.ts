import { expect, test } from "vitest";

const parts = import.meta.glob<string>(["../../ui/**/*.tsx", "!../../ui/**/*.test.tsx", "!../../ui/testing.tsx"], { query: "?raw", import: "default", eager: true });
const gallery = Object.values(import.meta.glob<string>(["./*.tsx"], { query: "?raw", import: "default", eager: true })).join("\n");

/** Parts that stand in the gallery within another, or cannot stand there, and why. */
const ELSEWHERE: Record<string, string> = {
  AddToIncident: "puts an alarm into an incident",
  AreaLine: "in the tree",
  AskTicket: "opens a use ticket",
  CameraLine: "in the tree",
  CameraName: "the name alone",
  CameraPick: "in the form of a patrol or of a rule",
  CameraTree: "the cameras of the node, whole: on the wall",
  Credit: "on a map",
  DayPicture: "within DayLegend",
  DragZoom: "on a picture that plays",
  DuePatrols: "what is due on duty",
  FieldInput: "a field of a device file, in its form",
  Finding: "of a round of a video patrol",
  FolderLine: "in the tree",
  FoundAreaLine: "in the tree",
  FullScreenButton: "on a picture that plays",
  GroundFields: "in the form of a use ticket",
  GroupDialog: "changes a group",
  HandOver: "gives something of the desk to another",
  HolderLine: "who steers a camera",
  IntoGroup: "changes a group",
  LanguageProvider: "draws nothing",
  Lacking: "on recorded footage",
  Lapsing: "people whose papers lapse",
  ProcedurePanel: "at an alarm or an incident",
  RunCard: "within ProcedurePanel",
  LiftRequest: "asks for a camera's masks to be lifted",
  LiveSnapshot: "on a picture that plays",
  LiveTile: "a camera's picture",
  MoreAreasLine: "in the tree",
  NewsProvider: "draws nothing",
  OpenIncident: "opens an incident",
  PictureTime: "on recorded footage",
  PresetStrip: "on a camera that can be turned",
  RecordButton: "on a picture that plays",
  Refusal: "within Refused",
  RemoveGroup: "changes a group",
  Replay: "on a camera that is recorded",
  RoundDialogs: "of a round of a video patrol",
  SearchBox: "in the tree",
  SnapshotButton: "on a picture that plays",
  Steer: "on a camera that can be turned",
  SteeringMark: "on a camera that can be turned",
  StopActs: "of a round of a video patrol",
  StreamMenu: "on a picture that plays",
  ThemeProvider: "draws nothing",
  TileFigures: "on a picture that plays",
  Trace: "a device's messages; each reading is on record",
  TreeDialogs: "changes a group",
  TreeFoot: "in the tree",
  TreeLine: "in the tree",
  TreeMenu: "on a row of the tree",
  Ways: "within Refused",
  WordChoice: "in a dialog, of a closed list",
};

test("the gallery shows each shared part, or it is said why not", () => {
  const names = Object.values(parts).flatMap((source) => [...source.matchAll(/^export function ([A-Z]\w+)/gm)].map((found) => found[1] ?? ""));
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name) => !gallery.includes(`<${name}`) && !(name in ELSEWHERE))).toEqual([]);
  expect(Object.keys(ELSEWHERE).filter((name) => gallery.includes(`<${name} `) || !names.includes(name))).toEqual([]);
});
