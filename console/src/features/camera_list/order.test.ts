import { expect, test } from "vitest";
import { NOTHING, orderOf } from "./order";

test("nothing chosen is nothing to send", () => {
  expect(orderOf(NOTHING)).toBeUndefined();
  expect(orderOf({ ...NOTHING, how: "prefix" })).toBeUndefined();
  expect(orderOf({ ...NOTHING, how: "replace", text: "a" })).toBeUndefined();
});

test("what stays is not said", () => {
  expect(orderOf({ ...NOTHING, tagsAdd: ["学校"] })).toEqual({ tags_add: ["学校"], tags_remove: [], file: {} });
  expect(orderOf({ ...NOTHING, area: "" })).toEqual({ own_area: "", tags_add: [], tags_remove: [], file: {} });
  expect(orderOf({ ...NOTHING, cameraClass: "" })).toEqual({ camera_class: "", tags_add: [], tags_remove: [], file: {} });
});

test("a name is changed in one way", () => {
  expect(orderOf({ ...NOTHING, how: "replace", find: "路口", text: "" })?.name).toEqual({ how: "replace", find: "路口", text: "" });
  expect(orderOf({ ...NOTHING, how: "device", find: "x", text: "y" })?.name).toEqual({ how: "device", find: "", text: "" });
});

test("an emptied field of the file is sent empty", () => {
  expect(orderOf({ ...NOTHING, file: { maintainer: "" } })?.file).toEqual({ maintainer: "" });
});
