import { EVERYTHING, type Filter, type Sorting } from "./filter";

/** How somebody last looked at the list: from a camera one comes back to where one was. In the memory of this page alone. */
export interface Look {
  filter: Filter;
  sorting: Sorting;
  /** The row that was active. */
  at: number;
}

const FIRST: Look = { filter: EVERYTHING, sorting: { by: "code", down: false }, at: 0 };
let last: { user: number; look: Look } | undefined;

/** Of nobody else. */
export const lastLook = (user: number): Look => (last?.user === user ? last.look : FIRST);

export function keepLook(user: number, change: Partial<Look>): void {
  last = { user, look: { ...lastLook(user), ...change } };
}
