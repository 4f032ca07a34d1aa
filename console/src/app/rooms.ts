import type { RegisteredRouter } from "@tanstack/react-router";
import type { FunctionName } from "../ui/signed-in";
import type { TextKey } from "../ui/texts";

/** Every address of the console, as routes.tsx names it. */
export type PagePath = Exclude<keyof RegisteredRouter["routesByPath"], "">;
/** Those that one can go to without naming a thing. */
export type PlainPath = Exclude<PagePath, `${string}$${string}`>;

/** What the console is divided into, from what happens now to what is kept. */
export const ROOMS = ["live", "duty", "resources", "administration"] as const;
export type Room = (typeof ROOMS)[number];

/** What waits on a page, by a name that badges.ts counts. */
export type Badge = "emergencies" | "waiting" | "approvals" | "patrols" | "alarms";

export interface Viewer {
  may: (wanted: FunctionName) => boolean;
  /** There are emergency accesses that they are to know of. */
  emergencies: boolean;
}

interface PageFacts {
  /** In the navigation, the palette and the browser's tab. */
  title: TextKey;
  /** Two lines, parted by a line feed: what it is, and what one does or minds there. */
  help: TextKey;
  /** Where the guide tells of it: `file#section` of docs/guide, as guide/render.ts names sections. */
  guide: string;
}

/** A page that stands in the navigation. */
export interface RoomPage extends PageFacts {
  room: Room;
  /** For whom it is; the node decides, this only spares dead ends. */
  open: (viewer: Viewer) => boolean;
  badge?: Badge;
  testId?: string;
}

/** A page that one reaches from another, which stays marked in the navigation. */
export interface InnerPage extends PageFacts {
  under?: PlainPath;
}

const anybody = () => true;
const whoMay =
  (...wanted: FunctionName[]) =>
  ({ may }: Viewer) =>
    wanted.some(may);

/** The one directory of pages, in the order of the navigation: a route without an entry does not compile. */
export const PAGES: { [path in PagePath]: path extends PlainPath ? RoomPage | InnerPage : InnerPage } = {
  "/": { room: "live", title: "page.wall", help: "help.wall", guide: "wall#grids", open: whoMay("view-live"), testId: "nav-wall" },
  "/screen/$number": { under: "/", title: "page.screen", help: "help.screen", guide: "wall#spot-monitor-more-screens" },
  "/spot": { under: "/", title: "page.spot", help: "help.spot", guide: "wall#spot-monitor-more-screens" },
  "/situation": { room: "live", title: "nav.situation", help: "help.situation", guide: "situation#situation-map-and-lists", open: whoMay("look-around"), testId: "nav-situation" },
  "/playback": { room: "live", title: "nav.playback", help: "help.playback", guide: "playback#playing-recorded-footage", open: whoMay("view-recorded"), testId: "nav-playback" },
  "/cameras/$code": { under: "/", title: "page.camera", help: "help.camera", guide: "console#a-cameras-page" },

  "/alarms": { room: "duty", title: "nav.alarms", help: "help.alarms", guide: "alarms#the-queue", open: whoMay("take-duty", "read-duty-log"), badge: "alarms", testId: "nav-alarms" },
  "/incidents": { room: "duty", title: "nav.incidents", help: "help.incidents", guide: "incidents#the-list", open: whoMay("take-duty", "read-duty-log"), testId: "nav-incidents" },
  "/incidents/$id/watch": { under: "/incidents", title: "page.watch", help: "help.watch", guide: "incidents#a-commanders-link" },
  "/patrol-units": { room: "duty", title: "nav.patrolUnits", help: "help.patrolUnits", guide: "incidents#units", open: whoMay("take-duty", "read-duty-log"), testId: "nav-patrol-units" },
  "/patrol": { room: "duty", title: "nav.onPatrol", help: "help.onPatrol", guide: "patrol#the-phone-page", open: whoMay("go-on-patrol"), testId: "nav-on-patrol" },
  "/board": { room: "duty", title: "nav.board", help: "help.board", guide: "board#what-the-board-shows", open: whoMay("take-duty", "read-duty-log"), testId: "nav-board" },
  "/alarm-rules": { room: "duty", title: "nav.rules", help: "help.rules", guide: "alarm-rules#write-a-rule", open: whoMay("manage-duty", "read-duty-log"), testId: "nav-rules" },
  "/procedures": { room: "duty", title: "nav.procedures", help: "help.procedures", guide: "procedures#write-a-procedure", open: whoMay("take-duty", "manage-duty", "read-duty-log"), testId: "nav-procedures" },
  "/methods": { under: "/procedures", title: "nav.methods", help: "help.methods", guide: "procedures#the-library-of-methods" },
  "/duty": { room: "duty", title: "page.seats", help: "help.seats", guide: "console#duty", open: whoMay("take-duty", "manage-duty", "open-ticket"), testId: "nav-duty" },
  "/duty/roster": { room: "duty", title: "page.roster", help: "help.roster", guide: "duty#rosters-and-their-versions", open: whoMay("take-duty", "manage-duty"), testId: "nav-roster" },
  "/duty/log": { room: "duty", title: "nav.log", help: "help.log", guide: "duty#the-shift-log", open: whoMay("take-duty", "read-duty-log"), testId: "nav-log" },
  "/patrols": { room: "duty", title: "nav.patrols", help: "help.patrols", guide: "video-patrols#what-is-due", open: whoMay("take-duty", "manage-duty", "read-duty-log"), badge: "patrols", testId: "nav-patrols" },
  "/patrols/rounds/$round": { under: "/patrols", title: "page.patrolRound", help: "help.patrolRound", guide: "video-patrols#going-round" },
  "/patrols/log": { under: "/patrols", title: "patrol.log.title", help: "help.patrolLog", guide: "video-patrols#one-log-and-figures" },
  "/tickets": { room: "duty", title: "nav.tickets", help: "help.tickets", guide: "console#use-tickets-and-case-numbers", open: whoMay("open-ticket"), testId: "nav-tickets" },
  "/case-numbers": { room: "duty", title: "nav.numbers", help: "help.numbers", guide: "console#use-tickets-and-case-numbers", open: whoMay("manage-duty"), testId: "nav-numbers" },
  "/emergencies": {
    room: "duty",
    title: "nav.emergencies",
    help: "help.emergencies",
    guide: "console#emergency-access",
    open: (viewer) => whoMay("open-ticket", "judge-emergency")(viewer) || viewer.emergencies,
    badge: "emergencies",
    testId: "nav-emergencies",
  },

  "/cameras": { room: "resources", title: "nav.cameras", help: "help.cameras", guide: "cameras#the-list", open: whoMay("look-around"), testId: "nav-cameras" },
  "/completeness": { room: "resources", title: "nav.completeness", help: "help.completeness", guide: "playback#completeness", open: whoMay("look-around"), testId: "nav-completeness" },
  "/devices": { room: "resources", title: "nav.devices", help: "help.devices", guide: "first-camera#the-first-camera", open: whoMay("look-around"), testId: "nav-devices" },
  "/devices/$code": { under: "/devices", title: "page.device", help: "help.device", guide: "first-camera#four-steps" },
  "/files": { room: "resources", title: "nav.files", help: "help.files", guide: "device-files#the-list", open: whoMay("look-around"), testId: "nav-files" },
  "/files/$code": { under: "/files", title: "page.file", help: "help.file", guide: "device-files#writing-a-file" },
  "/file-import": { under: "/files", title: "page.import", help: "help.import", guide: "device-files#importing-a-table" },
  "/waiting": { room: "resources", title: "nav.waiting", help: "help.waiting", guide: "console#the-waiting-list", open: whoMay("manage-devices"), badge: "waiting", testId: "nav-waiting" },
  "/alarm-points": { room: "resources", title: "nav.alarmPoints", help: "help.alarmPoints", guide: "alarm-hosts#enter-a-host", open: whoMay("manage-devices"), testId: "nav-alarm-points" },
  "/alarm-sites": { room: "resources", title: "nav.sites", help: "help.sites", guide: "alarm-sites#entering-a-place", open: whoMay("manage-devices"), testId: "nav-sites" },
  "/links": { room: "resources", title: "nav.links", help: "help.links", guide: "dispatch-systems#entering-a-link", open: whoMay("manage-devices"), testId: "nav-links" },

  "/users": { room: "administration", title: "nav.users", help: "help.users", guide: "console#the-first-sign-in", open: whoMay("manage-people"), testId: "nav-users" },
  "/approvals": { room: "administration", title: "nav.approvals", help: "help.approvals", guide: "console#approvals", open: whoMay("approve", "read-audit"), badge: "approvals", testId: "nav-approvals" },
  "/audit": { room: "administration", title: "nav.audit", help: "help.audit", guide: "console#the-auditors-reader", open: whoMay("read-audit"), testId: "nav-audit" },
  "/node": { room: "administration", title: "nav.node", help: "help.node", guide: "console#this-node", open: whoMay("look-around"), testId: "nav-node" },
  "/policy": { room: "administration", title: "nav.policy", help: "help.policy", guide: "console#policy", open: anybody, testId: "nav-policy" },
  "/gallery": { room: "administration", title: "page.gallery", help: "help.gallery", guide: "console#the-frame", open: whoMay("manage-node"), testId: "nav-gallery" },

  "/account": { title: "account.title", help: "help.account", guide: "console#the-first-sign-in" },
};

/** A page of the navigation with its address. */
export interface Place extends RoomPage {
  path: PlainPath;
}

export const PLACES: Place[] = Object.entries(PAGES).flatMap(([path, page]) => ("room" in page ? [{ ...page, path: path as PlainPath }] : []));

/** The pages of the navigation for this viewer. */
export function placesFor(viewer: Viewer): Place[] {
  return PLACES.filter((place) => place.open(viewer));
}

/** The address in the navigation to which a page belongs. */
export function placeOf(path: PagePath): PlainPath | undefined {
  const page = PAGES[path];
  return "room" in page ? (path as PlainPath) : page.under;
}
