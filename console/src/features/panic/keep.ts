/** As sw.js has them. */
const KEPT = "fengsui-panic";
const PAGE = "/panic";

/** On the phone itself the page of now, and the files that it names: it opens without a network too. */
export async function keepPage(): Promise<void> {
  if (!("serviceWorker" in navigator)) return; // an address without HTTPS has no such thing
  try {
    await navigator.serviceWorker.register("/sw.js");
    const page = await fetch(PAGE, { cache: "no-store" });
    if (!page.ok) return;
    const files = [...(await page.clone().text()).matchAll(/\/assets\/[\w.-]+/g)].map(([file]) => file);
    const cache = await caches.open(KEPT);
    await cache.addAll(files);
    await cache.put(PAGE, page);
    for (const { url } of await cache.keys()) {
      const { pathname } = new URL(url);
      if (pathname !== PAGE && !files.includes(pathname)) await cache.delete(url);
    }
  } catch {
    // It works as long as there is a network.
  }
}
