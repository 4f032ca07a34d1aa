// @vitest-environment jsdom
import { cleanup, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import type { Conductor } from "../../ui/footage/conductor";
import { Peeks } from "../../ui/footage/peeks";
import { eventually } from "../../ui/eventually";
import { renderInConsole } from "../../ui/testing";
import { PointerPicture } from "./PointerPicture";
import { SmallPicture } from "./SmallPicture";

afterEach(cleanup);

test("over another part than the one that is open, nobody says that there is no footage", async () => {
  HTMLCanvasElement.prototype.getContext = () => null;
  const peeks = new Peeks({ fromUs: 0, toUs: 100e6 }, () => true);
  const conductor = { players: new Map([["c", { peeks }]]) } as unknown as Conductor;
  renderInConsole(
    <>
      <SmallPicture peeks={peeks} atUs={200e6} region={undefined} />
      <PointerPicture pointed={{ code: "c", name: "人民广场", atUs: 300e6, x: 0, top: 0 }} conductor={conductor} />
    </>,
  );
  for (const id of ["small-picture", "pointer-picture"]) {
    const shown = screen.getByTestId(id);
    await eventually(() => expect(shown.dataset["state"]).toBe("closed"));
    expect(shown.textContent).toContain("此路没有可看的画面");
  }
});
