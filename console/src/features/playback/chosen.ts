/** As many as are played together. */
export const MOST = 9;

export interface Chosen {
  code: string;
  name: string;
}

/** What was chosen outlasts the way to the tickets and back. */
const KEPT = "fengsui.playback";
export const keep = (cameras: readonly Chosen[]) => sessionStorage.setItem(KEPT, JSON.stringify(cameras));
const kept = (): Chosen[] => JSON.parse(sessionStorage.getItem(KEPT) ?? "[]") as Chosen[];

/** What is chosen, with what another page wants played. */
export function chosenWith(cameras: readonly Chosen[] = []): Chosen[] {
  const others = cameras.length === 1 ? kept().filter((one) => one.code !== cameras[0]?.code) : [];
  if (cameras.length > 0) keep([...others, ...cameras].slice(-MOST));
  return kept();
}
