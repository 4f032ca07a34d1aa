import { expect, test } from "vitest";
import { tagged } from "./use-still";

test("what the node says of a still goes into the file where it says, and the rest stays as it was", async () => {
  const file = new Blob([new Uint8Array([0xff, 0xd8, 1, 2, 3])], { type: "image/jpeg" });
  const kept = tagged(file, btoa("\xff\xe1\x00"), 2);
  expect([...new Uint8Array(await kept.arrayBuffer())]).toEqual([0xff, 0xd8, 0xff, 0xe1, 0, 1, 2, 3]);
  expect(kept.type).toBe("image/jpeg");
});
