import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DevicePlayer, type DeviceOrder, type DevicePlayback } from "./device-player";

const T0 = Date.parse("2026-11-28T02:00:00Z") * 1_000;
const min = (minutes: number) => T0 + minutes * 60e6;
const told = (over: Partial<DevicePlayback> = {}): DevicePlayback => ({ session: "s", camera: "c", url: "ws://x", from: new Date(min(1) / 1_000).toISOString(), to: new Date(min(30) / 1_000).toISOString(), use_ticket: "T", at: new Date(min(1) / 1_000).toISOString(), speed: 1, paused: false, deaf: false, over: "", over_zh: "", over_en: "", ...over });

const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

function made() {
  const orders: DeviceOrder[] = [];
  const opened: number[] = [];
  const closed: string[] = [];
  let now = told();
  const desk = {
    open: ({ fromUs }: { fromUs: number }) => {
      opened.push(fromUs);
      now = told({ session: `s${opened.length}`, from: new Date(fromUs / 1_000).toISOString(), at: new Date(fromUs / 1_000).toISOString() });
      return Promise.resolve(now);
    },
    order: (_: string, order: DeviceOrder) => {
      orders.push(order);
      now = { ...now, paused: order.act === "pause", ...(order.at == null ? {} : { at: order.at }), ...(order.speed == null ? {} : { speed: order.speed }) };
      return Promise.resolve(now);
    },
    look: () => Promise.resolve(now),
    close: (session: string) => void closed.push(session),
  };
  const pictures = { hold: vi.fn(), close: vi.fn() };
  const lead = vi.fn();
  const player = new DevicePlayer([{ fromUs: min(0), toUs: min(30) }, { fromUs: min(60), toUs: min(90) }], desk, { show: () => pictures, lead, onEnd: vi.fn() });
  return { player, orders, opened, closed, pictures, lead };
}

test("it is called where the clock is, and told one order after another", async () => {
  const { player, orders, opened, closed, pictures, lead } = made();
  expect(player.hold(min(1), 1, true)).toBe("waiting");
  await settle();
  expect([opened, lead.mock.calls]).toEqual([[min(1)], [[min(1)]]]);
  expect(player.hold(min(1), 1, true)).toBe("showing");
  expect(player.hold(min(1), 1, false, true), "others are waited for: it goes on").toBe("showing");
  expect(player.hold(min(1), 1, false)).toBe("showing");
  await settle();
  expect(player.hold(min(1), 1, false)).toBe("showing");
  expect(pictures.hold).toHaveBeenLastCalledWith(true);
  player.hold(min(1), 2, true);
  await settle();
  player.hold(min(1), 2, true);
  await settle();
  expect(orders).toEqual([{ act: "pause" }, { act: "play" }, { act: "speed", speed: 2 }]);
  expect(player.hold(min(1), -1, true)).toBe("forward");
  player.close();
  expect(closed).toEqual(["s1"]);
});

test("a leap of the clock is a seek, and one out of what was opened another call", async () => {
  const { player, orders, opened, closed } = made();
  player.hold(min(5), 1, true);
  await settle();
  player.hold(min(5), 1, true);
  expect(player.hold(min(20), 1, true)).toBe("waiting");
  await settle();
  expect(orders).toEqual([{ act: "seek", at: new Date(min(20) / 1_000).toISOString() }]);
  expect(player.hold(min(20) + 40_000, 1, true), "no device goes by single pictures").toBe("showing");
  player.hold(min(2), 1, true);
  await settle();
  player.hold(min(61), 1, true);
  await settle();
  expect([opened, closed]).toEqual([[min(5), min(2), min(61)], ["s1", "s2"]]);
});

test("a clock that is put elsewhere while the device is called or sought is not put back", async () => {
  const { player, orders, opened, lead } = made();
  player.hold(min(1), 1, false);
  player.hold(min(1) + 10e6, 1, false); // the call is under way
  await settle();
  expect([opened, lead.mock.calls]).toEqual([[min(1)], []]);
  player.hold(min(1) + 10e6, 1, false);
  player.hold(min(1) + 11e6, 1, false); // a second is a step that counts, too
  await settle();
  expect(lead).not.toHaveBeenCalled();
  player.hold(min(1) + 11e6, 1, false);
  await settle();
  const at = [10e6, 11e6].map((later) => new Date((min(1) + later) / 1_000).toISOString());
  expect(orders).toEqual(at.map((one) => ({ act: "seek", at: one })));
  expect(lead.mock.calls, "nothing was put meanwhile: it says where it is").toEqual([[min(1) + 11e6]]);
  player.close();
});

test("where the device has nothing it is left, and what it has comes next", () => {
  const { player, opened } = made();
  expect([player.hold(min(40), 1, true), player.hold(min(95), 1, true), opened]).toEqual(["missing", "over", []]);
  expect(player.gapAt(min(40))).toEqual({ kind: "gap", from_us: min(30), to_us: min(60) });
  expect([player.gapAt(min(10)), player.gapAt(min(95))]).toEqual([undefined, undefined]);
  player.close();
});
