import { PHONE } from "../ui/use-phone";

/** On a phone, or installed: where the node cannot be reached, a page of our own says so. A plain http address other than this machine has no such thing. */
export function keepOfflinePage(): void {
  if (!("serviceWorker" in navigator) || !window.matchMedia(`${PHONE}, (display-mode: standalone)`).matches) return;
  void navigator.serviceWorker.register("/sw.js").catch(() => undefined); // the browser's own page stands there then
}
