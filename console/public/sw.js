// Where the node cannot be reached, the installed console says so in its own words. Nothing else is kept: what the node says goes by the network alone.
const KEPT = "fengsui-offline-1"; // another number once one of these files changes
const PAGE = "/offline.html";
const FILES = [PAGE, "/offline.css", "/offline.js", "/icon.svg"];
// The page of a panic link keeps itself there (features/panic/keep.ts): it opens without a network, holds the press and goes on trying.
const PANIC_KEPT = "fengsui-panic";
const PANIC = "/panic";
const LATE_MS = 3000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const forget = (names) => Promise.all(names.filter((name) => name !== KEPT && name !== PANIC_KEPT).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(forget).then(() => self.clients.claim()));
});

/** From the network, or as it was kept where that is away or slow. */
async function panic(request) {
  const kept = await caches.match(PANIC);
  const asked = fetch(request);
  if (kept === undefined) return asked.catch(() => caches.match(PAGE));
  return Promise.race([asked.then((page) => (page.ok ? page : kept)).catch(() => kept), new Promise((late) => setTimeout(() => late(kept), LATE_MS))]);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname } = new URL(request.url);
  if (request.mode === "navigate") event.respondWith(pathname === PANIC ? panic(request) : fetch(request).catch(() => caches.match(PAGE)));
  else if (FILES.includes(pathname)) event.respondWith(fetch(request).catch(() => caches.match(request)));
  else if (pathname.startsWith("/assets/")) event.respondWith(caches.match(request, { cacheName: PANIC_KEPT, ignoreVary: true }).then((found) => found ?? fetch(request)));
});
