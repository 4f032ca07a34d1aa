import { expect, test } from "vitest";
import type { Camera } from "../../api-client/client";
import { changeOf, recorded } from "./own-record";

const camera = { own_name: "南门", reported_name: "IPC-1", own_area: "", own_place: false, longitude: 106.7, latitude: 26.5, tags: ["校园"], audio_basis: "" } as Camera;

test("what the device reports is not on our record", () => {
  expect(recorded(camera)).toMatchObject({ own_name: "南门", own_area: "", longitude: null, latitude: null });
  expect(recorded({ ...camera, own_place: true })).toMatchObject({ longitude: 106.7, latitude: 26.5 });
});

test("only what differs is sent, and nothing when it is as it was", () => {
  expect(changeOf(camera, {})).toBeUndefined();
  expect(changeOf(camera, { own_name: " 南门 ", tags: ["校园"] })).toBeUndefined();
  expect(changeOf(camera, { own_name: "", tags: [] })).toEqual({ own_name: "", tags: [] });
  expect(changeOf(camera, { own_area: "520103", audio_basis: "接警大厅" })).toEqual({ own_area: "520103", audio_basis: "接警大厅" });
});

test("a place is sent and taken back as a whole, never half", () => {
  expect(changeOf(camera, { longitude: 106.8, own_name: "北门" })).toBeUndefined();
  expect(changeOf(camera, { longitude: 106.8, latitude: 26.6 })).toEqual({ longitude: 106.8, latitude: 26.6 });
  const placed = { ...camera, own_place: true };
  expect(changeOf(placed, { longitude: null })).toBeUndefined();
  expect(changeOf(placed, { longitude: null, latitude: null })).toEqual({ longitude: null, latitude: null });
  expect(changeOf(placed, { latitude: 26.6 })).toEqual({ longitude: 106.7, latitude: 26.6 });
});
