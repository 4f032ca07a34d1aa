/** What an identity provider gave the browser for the node, on the page `/sign-in/{provider}` to which it sends people back. */
export interface ProviderAnswer {
  provider: string;
  state: string;
  code: string;
  error: string;
  iss: string;
}

const PATH = /^\/sign-in\/([a-z][a-z0-9-]{0,15})$/;
const BACK = "fengsui.back";

/** The answer in an address; undefined for any other page. */
export function answerIn(path: string, search: string): ProviderAnswer | undefined {
  const provider = PATH.exec(path)?.[1];
  if (provider === undefined) return undefined;
  const told = new URLSearchParams(search);
  const of = (name: string) => told.get(name) ?? "";
  return { provider, state: of("state"), code: of("code"), error: of("error"), iss: of("iss") };
}

/** A page of this console, whatever was kept: never another site's. */
export function ownPage(kept: string | null): string {
  return kept !== null && /^\/(?![/\\])/.test(kept) && !PATH.test(kept.split("?")[0] ?? "") ? kept : "/";
}

let answer = answerIn(location.pathname, location.search);
// The code is nobody's to read or to go back to: the address is the page's from which the person set out, before anything else runs.
if (answer !== undefined) history.replaceState(null, "", ownPage(sessionStorage.getItem(BACK)));

/** The provider's answer, once. */
export function takeAnswer(): ProviderAnswer | undefined {
  const taken = answer;
  answer = undefined;
  return taken;
}

/** To the provider's page; the page of now is where the person will be again. */
export function leaveFor(url: string): void {
  sessionStorage.setItem(BACK, location.pathname + location.search);
  location.assign(url);
}
