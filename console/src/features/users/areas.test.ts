import { expect, test } from "vitest";
import { areaTree, type Division } from "./areas";

const division = (code: string, name: string): Division => ({ code, name, parent: code.slice(0, -2), level: "county" });

test("divisions become a tree, and the area of a city's administrator begins at the city", () => {
  const list = [division("5201", "贵阳市"), division("520102", "南明区"), division("520103", "云岩区")];
  const [city] = areaTree(list, undefined);
  expect(city?.value).toBe("5201");
  expect(city?.children.map((one) => one.value)).toEqual(["520102", "520103"]);
  expect(areaTree(list, "全域")[0]?.children[0]?.value).toBe("5201");
});
