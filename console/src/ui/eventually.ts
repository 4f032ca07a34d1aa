import { vi } from "vitest";

/** Looks until what is expected is there: up to 20 s, for a busy machine is slow and not wrong. */
export const eventually = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 20_000 });
