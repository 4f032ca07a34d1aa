import type { Schemas } from "../api-client/client";

export type SiteKind = Schemas["AlarmSiteEntry"]["kind"];

/** Classes of protected places, children first. */
export const SITE_KINDS: readonly SiteKind[] = ["kindergarten", "school", "hospital", "bank", "dangerous-goods", "government", "station", "crowded", "heritage", "residence", "shop", "other"];

/** What a text says of a class; undefined where it names none. Pure. */
export const siteKindOf = (said: string): SiteKind | undefined => SITE_KINDS.find((one) => one === said);

/** Whether there are children. Pure. */
export const hasChildren = (kind: SiteKind): boolean => kind === "kindergarten" || kind === "school";
