import { expect, test } from "vitest";
import { ownTree, type Branch, type TreeNode } from "./own-tree";

const DEVICE = "52010200001180000001";
const CAMERA = "52010200001320000001";
const OTHER = "52010200001320000002";
const [GROUP, ONE, TWO] = ["52010200002150000001", "52010200002160000001", "52010200002160000002"] as const;
const KINDS: Record<string, string> = { "132": "camera", "118": "device", "215": "business_group", "216": "virtual_organisation" };
const node = (code: string, facts: Partial<TreeNode> = {}): TreeNode => ({ code, name: code, kind: KINDS[code.slice(10, 13)] ?? "area", area: "", parents: [], business_group: "", status: "", held_by: "", ...facts });
type Shape = { [code: string]: Shape };
const shape = (branches: Branch[]): Shape => Object.fromEntries(branches.map((one) => [one.node.code, shape(one.children)]));

test("a group holds its organisations and they hold the cameras, whichever edition wrote it", () => {
  const camera = node(CAMERA, { parents: [DEVICE, TWO] });
  const wanted = { [GROUP]: { [ONE]: { [TWO]: { [CAMERA]: {} } } } };
  const of2022 = [node(GROUP), node(ONE, { business_group: GROUP }), node(TWO, { parents: [ONE], business_group: GROUP }), camera];
  expect(shape(ownTree(DEVICE, of2022))).toEqual(wanted);
  const of2016 = [node(GROUP, { parents: [DEVICE] }), node(ONE, { parents: [GROUP] }), node(TWO, { parents: [GROUP, ONE] }), camera, node(DEVICE)];
  expect(shape(ownTree(DEVICE, of2016))).toEqual(wanted);
});

test("a camera in two organisations stands in both and is counted once", () => {
  const [group] = ownTree(DEVICE, [node(GROUP), node(ONE, { business_group: GROUP }), node(TWO, { business_group: GROUP }), node(CAMERA, { parents: [ONE, TWO, ONE] })]);
  expect(shape(group === undefined ? [] : [group])).toEqual({ [GROUP]: { [ONE]: { [CAMERA]: {} }, [TWO]: { [CAMERA]: {} } } });
  expect(group?.cameras).toEqual(new Set([CAMERA]));
  expect(new Set(group?.children.flatMap((one) => one.children).map((one) => one.key)).size).toBe(2);
});

test("a dirty tree loses nothing: rings are cut, what hangs nowhere stands at the top", () => {
  const ring = [node(ONE, { parents: [TWO] }), node(TWO, { parents: [ONE] }), node(CAMERA, { parents: [TWO] })];
  expect(shape(ownTree(DEVICE, ring))).toEqual({ [ONE]: { [TWO]: { [CAMERA]: {} } } });
  const lost = [node(CAMERA, { parents: [CAMERA] }), node(OTHER, { parents: ["5201020000", "null"] })];
  expect(shape(ownTree(DEVICE, lost))).toEqual({ [CAMERA]: {}, [OTHER]: {} });
  expect(shape(ownTree(CAMERA, [node(CAMERA)]))).toEqual({ [CAMERA]: {} });
});

test("areas hang below each other by their codes, cameras in the smallest one that is listed", () => {
  const listed = [node("520102"), node("52"), node(CAMERA, { area: "520102" }), node(OTHER, { area: "520103" })];
  expect(shape(ownTree(DEVICE, listed))).toEqual({ "52": { "520102": { [CAMERA]: {} }, [OTHER]: {} } });
});

test("a refused duplicate stands where it hangs, after the groups, and is no camera of them", () => {
  const refused = node(CAMERA, { kind: "duplicate", held_by: "52010200001180000002", parents: [DEVICE, ONE] });
  const [group] = ownTree(DEVICE, [refused, node(GROUP), node(ONE, { business_group: GROUP }), node(OTHER, { parents: [ONE] })]);
  expect(shape(group === undefined ? [] : [group])).toEqual({ [GROUP]: { [ONE]: { [CAMERA]: {}, [OTHER]: {} } } });
  expect(group?.cameras).toEqual(new Set([OTHER]));
});
