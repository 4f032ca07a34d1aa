import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { CameraNews } from "./camera-news";

const KEY = ["cameras", "names", "520103"];
const page = (status: string) => ({ items: [{ code: "1", status }, { code: "2", status: "online" }] });

function told() {
  const queries = new QueryClient();
  let answer: (read: unknown) => void = () => undefined;
  let nowMs = 0;
  const news = new CameraNews(queries, () => (nowMs += 1));
  const ask = () => queries.fetchQuery({ queryKey: KEY, queryFn: () => new Promise((resolve) => (answer = resolve)) });
  const hear = (status: string) => {
    news.hear("1", status);
    news.write();
  };
  const state = () => queries.getQueryData<ReturnType<typeof page>>(KEY)?.items[0]?.status;
  return { news, ask, hear, state, answer: (read: unknown) => answer(read) };
}

test("an answer that was asked for before a piece of news does not undo it", async () => {
  const { ask, hear, state, answer } = told();
  const asked = ask();
  hear("offline");
  answer(page("online"));
  await asked;
  expect(state()).toBe("offline");
});

test("the newest of several pieces of news stands", async () => {
  const { ask, hear, state, answer } = told();
  const asked = ask();
  hear("offline");
  hear("online");
  answer(page("offline"));
  await asked;
  expect(state()).toBe("online");
});

test("what was asked for after the news is believed", async () => {
  const { ask, hear, state, answer } = told();
  hear("offline");
  const asked = ask();
  answer(page("online"));
  await asked;
  expect(state()).toBe("online");
});

test("news change what stands already, and nothing after the end", async () => {
  const { news, ask, hear, state, answer } = told();
  const asked = ask();
  answer(page("online"));
  await asked;
  hear("fault");
  expect(state()).toBe("fault");
  news.stop();
  const again = ask();
  hear("offline");
  answer(page("online"));
  await again;
  expect(state()).toBe("online");
});
