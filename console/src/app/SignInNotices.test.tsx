// @vitest-environment jsdom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { User } from "../api-client/client";
import { SignedIn, type SignInNotice } from "../ui/signed-in";
import { renderInConsole } from "../ui/testing";
import { SignInNotices } from "./SignInNotices";

afterEach(cleanup);

test("what one should know of one's sign-in stands in the page's own room until it is put away", () => {
  const putAway = vi.fn();
  const notices: SignInNotice[] = [
    { about: "cut", what: "10.1.0.7" },
    { about: "newFactor", what: "动态口令 2026-11-20" },
  ];
  const user = {} as User;
  const { baseElement } = renderInConsole(
    <SignedIn.Provider value={{ user, signOut: () => undefined, lock: () => undefined, notices, putAway }}>
      <SignInNotices />
    </SignedIn.Provider>,
  );
  expect(screen.getByTestId("notice-cut").textContent).toContain("10.1.0.7");
  expect(screen.getByTestId("notice-newFactor").textContent).toContain("动态口令 2026-11-20");
  expect(baseElement.querySelector(".ant-notification"), "nothing floats above the pictures").toBeNull();
  fireEvent.click(screen.getByTestId("notice-cut").querySelector("button") as HTMLButtonElement);
  expect(putAway).toHaveBeenCalledExactlyOnceWith("cut");
});
