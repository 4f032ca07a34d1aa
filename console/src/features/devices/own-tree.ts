import type { Schemas } from "../../api-client/client";

export type TreeNode = Schemas["TreeNode"];

export interface Branch {
  /** Where it stands in the tree: a camera may hang in several organisations. */
  key: string;
  title: string;
  node: TreeNode;
  children: Branch[];
  /** Codes of the cameras in and below it. */
  cameras: Set<string>;
}

/** Kinds of what shows pictures, or would: a duplicate is refused because another device's camera has its code. */
export const CHANNELS = ["camera", "duplicate"];

const GROUPS = ["business_group", "virtual_organisation"];

/**
 * A device's own groups, organisations and channels as a tree. Source: GB/T 28181-2022 annex J; dirty trees of the field:
 * unknown parents, parents in a ring, organisations below their group in either edition's way, cameras right below a group.
 * Nothing is left out: what hangs nowhere stands at the top.
 */
export function ownTree(device: string, listed: readonly TreeNode[]): Branch[] {
  const nodes = listed.filter((one) => one.code !== device || CHANNELS.includes(one.kind));
  const known = new Map(nodes.map((one) => [one.code, one]));
  const children = new Map<string, TreeNode[]>();
  const hang = (node: TreeNode, parent: string) => void (children.get(parent)?.push(node) ?? children.set(parent, [node]));
  for (const node of nodes) {
    const parents = parentsOf(node, known);
    for (const parent of parents.length === 0 ? [""] : parents) hang(node, parent);
  }
  const placed = new Set<string>();
  const grow = (node: TreeNode, above: string): Branch => {
    const key = `${above}/${node.code}`;
    const first = !placed.has(node.code);
    placed.add(node.code);
    const below = first ? (children.get(node.code) ?? []).filter((one) => one.kind === "camera" || !placed.has(one.code)).map((one) => grow(one, key)) : [];
    const cameras = new Set(below.flatMap((one) => [...one.cameras]));
    if (node.kind === "camera") cameras.add(node.code);
    return { key, title: node.name, node, children: inOrder(below), cameras };
  };
  const top = (children.get("") ?? []).map((node) => grow(node, ""));
  // What is left hangs in a ring: cut where its lowest code stands.
  for (const node of nodes) if (!placed.has(node.code)) top.push(grow(node, ""));
  return inOrder(top);
}

/** Every known parent of a camera; of anything else the first. */
function parentsOf(node: TreeNode, known: Map<string, TreeNode>): string[] {
  const reported = node.parents.filter((code) => code !== node.code && known.has(code));
  if (node.kind === "business_group") return reported.filter((code) => !GROUPS.includes(known.get(code)?.kind ?? "")).slice(0, 1);
  if (node.kind === "virtual_organisation") {
    const above = reported.filter((code) => GROUPS.includes(known.get(code)?.kind ?? ""));
    const nested = above.filter((code) => known.get(code)?.kind === "virtual_organisation");
    return [...nested, ...above, ...(known.has(node.business_group) ? [node.business_group] : []), ...reported].slice(0, 1);
  }
  if (node.kind === "area") return prefixes(node.code.slice(0, -2)).filter((code) => known.has(code)).slice(0, 1);
  if (reported.length > 0) return node.kind === "camera" ? [...new Set(reported)] : reported.slice(0, 1);
  return prefixes(node.area).filter((code) => known.get(code)?.kind === "area").slice(0, 1);
}

const prefixes = (area: string) => [8, 6, 4, 2].filter((length) => length <= area.length).map((length) => area.slice(0, length));

function inOrder(branches: Branch[]): Branch[] {
  const rank = (one: Branch) => (CHANNELS.includes(one.node.kind) ? 1 : 0);
  return branches.sort((one, other) => rank(one) - rank(other) || (one.node.code < other.node.code ? -1 : 1));
}
