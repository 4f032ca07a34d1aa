import type { Schemas } from "../../api-client/client";
import { LARGEST, PRESETS, presetText } from "../../ui/wall-grid";
import type { Shown, WallPlan } from "../../ui/wall-state";
import { fetchView, orderOfPlan, planOfView, shownOf, type Step, type View } from "./use-views";

/** What the wall can go round: saved tours, and the pages of more cameras than it has tiles. */
export interface TourStep {
  name: string;
  gone: boolean;
  dwellS: number;
  plan: () => Promise<WallPlan>;
}

export interface Tour {
  name: string;
  steps: readonly TourStep[];
  /** Pages stand until somebody turns them, or has them go round; the next is not opened behind the wall. */
  byPages: boolean;
}

const PAGE_DWELL_S = 30;
/** More than the node takes is not sent to go round elsewhere (see its `MOST_STEPS` and `MOST_ON_TOUR`). */
const MOST_STEPS = 60;
const MOST_CAMERAS = 500;

type TourOrder = Pick<Schemas["SendOrder"], "name" | "steps" | "from_step">;

/** A tour as another workstation sent it: its walls came with it, as whoever sits here may see them. */
export function sentTour({ name, steps }: Pick<Schemas["SentWall"], "name" | "steps">): Tour {
  return { name, steps: steps.map((step) => ({ name: "", gone: false, dwellS: step.dwell_s, plan: () => Promise.resolve(planOfView(step)) })), byPages: false };
}

/** Whether the wall goes round by itself: pages that somebody turns and a tour that stands are seen as the wall that they show. */
export const goesRound = (tour: { byPages: boolean; paused: boolean } | undefined): boolean => tour !== undefined && !tour.byPages && !tour.paused;

/** A tour that runs, whole, to be gone round elsewhere from the step on that is shown; undefined where it is more than a screen takes. */
export async function orderOfTour({ name, steps, at }: { name: string; steps: readonly TourStep[]; at: number }): Promise<TourOrder | undefined> {
  if (steps.length > MOST_STEPS) return undefined;
  const plans = await Promise.all(steps.map((step) => step.plan()));
  const orders = plans.map((plan, number) => ({ ...orderOfPlan(plan), dwell_s: steps[number]?.dwellS ?? PAGE_DWELL_S }));
  const cameras = new Set(orders.flatMap(({ tiles }) => tiles.map((tile) => tile?.camera)));
  cameras.delete(undefined);
  return cameras.size > MOST_CAMERAS ? undefined : { name, steps: orders, from_step: at };
}

async function planOf(step: Step): Promise<WallPlan> {
  if (step.view === 0) return { grid: presetText(1), tiles: [shownOf(step)] };
  return planOfView(await fetchView(step.view));
}

export function tourOf(view: View): Tour {
  const steps = view.steps.map((step): TourStep => {
    const gone = (): WallPlan => ({ grid: presetText(1), tiles: [shownOf({ ...step, state: "gone" })] });
    return { name: step.name, gone: step.state !== "shown", dwellS: step.dwell_s, plan: () => planOf(step).catch(gone) };
  });
  return { name: view.name, steps, byPages: false };
}

/** A wall of these cameras alone, no larger than it must be; as many as it has tiles. */
export const wallFor = (cameras: readonly Shown[]): WallPlan => ({ grid: presetText(PRESETS.find((tiles) => tiles >= cameras.length) ?? 25), tiles: cameras.slice(0, LARGEST) });

/** `label`: which of how many a page shows. */
export function pagesOf(name: string, cameras: readonly Shown[], label: (from: number, to: number, of: number) => string): Tour {
  const steps = Array.from({ length: Math.ceil(cameras.length / LARGEST) }, (_, at): TourStep => {
    const some = cameras.slice(at * LARGEST, (at + 1) * LARGEST);
    const from = at * LARGEST;
    return { name: label(from + 1, from + some.length, cameras.length), gone: false, dwellS: PAGE_DWELL_S, plan: () => Promise.resolve({ ...wallFor(some), grid: presetText(25) }) };
  });
  return { name, steps, byPages: true };
}
