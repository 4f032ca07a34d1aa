// @vitest-environment jsdom
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { StrictMode } from "react";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dropDrafts, giveBackDrafts, keepDrafts, useKept } from "./kept";

const LI = 1;
const WANG = 2;

function Form({ name = "report" }: { name?: string }) {
  const [text, setText] = useKept(name, "");
  return <input data-testid="text" value={text} onChange={(event) => setText(event.target.value)} />;
}

const page = (what = <Form />) => render(<StrictMode>{what}</StrictMode>);
const text = () => (screen.getByTestId("text") as HTMLInputElement).value;
const type = (value: string) => fireEvent.change(screen.getByTestId("text"), { target: { value } });

/** As a lock does: the page goes, then whoever proved who they are gets one. */
function over(user: number, what = <Form />) {
  keepDrafts(LI);
  cleanup();
  giveBackDrafts(user);
  page(what);
}

beforeEach(dropDrafts);
afterEach(cleanup);

test("the same person has back what they typed, and can type on", () => {
  page();
  type("落水者已救起");
  over(LI);
  expect(text()).toBe("落水者已救起");
  type("落水者已救起,撤离");
  over(LI);
  expect(text()).toBe("落水者已救起,撤离");
});

test("nobody else sees it, nor does its owner once somebody else was there", () => {
  page();
  type("机密");
  over(WANG);
  expect(text()).toBe("");
  cleanup();
  giveBackDrafts(LI);
  page();
  expect(text()).toBe("");
});

test("what was closed before the lock, or left by hand, is not given back", () => {
  page();
  type("放弃的话");
  act(() => cleanup());
  over(LI);
  expect(text()).toBe("");
  type("离开前的话");
  keepDrafts(LI);
  cleanup();
  dropDrafts();
  giveBackDrafts(LI);
  page();
  expect(text()).toBe("");
});

test("it is given back once, to the form of its own name", () => {
  page();
  type("第一张");
  over(LI, <Form name="another" />);
  expect(text()).toBe("");
  cleanup();
  page();
  expect(text()).toBe("第一张");
  cleanup();
  page();
  expect(text()).toBe("");
});

test("nothing of it is written to the browser's storage", () => {
  page();
  type("只在内存");
  over(LI);
  expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toContain("只在内存");
});
