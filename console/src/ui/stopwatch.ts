const MINUTE = 60;
const HOUR = 60 * MINUTE;
const two = (number: number) => String(number).padStart(2, "0");

/** How long it is, as a stop-watch shows it: `0:07`, `12:05`, `3:02:05`. Pure. */
export function stopwatch(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const rest = `${two(Math.floor((seconds % HOUR) / MINUTE))}:${two(seconds % MINUTE)}`;
  return seconds >= HOUR ? `${Math.floor(seconds / HOUR)}:${rest}` : rest.replace(/^0/, "");
}
