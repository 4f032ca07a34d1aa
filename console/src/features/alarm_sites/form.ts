import type { Schemas } from "../../api-client/client";

export type Entry = Schemas["AlarmSiteEntry"];
export type Site = Schemas["AlarmSiteDetails"];
export type Contact = Required<Schemas["SiteContact"]>;
export type Order = Required<Schemas["AlarmSiteOrder"]> & { contacts: Contact[] };

export const MOST_CONTACTS = 20;
export const ROLES: readonly Contact["role"][] = ["leader", "duty-room", "guard", "caretaker", "neighbour", "other"];
export const NOBODY: Contact = { role: "leader", name: "", phone: "", has_key: false };
export const EMPTY: Order = { name: "", kind: "kindergarten", area: "", address: "", longitude: null, latitude: null, contacts: [NOBODY], note: "", plan: "", hosts: [], procedure: null };

/** A place as it is changed. Pure. */
export function orderOf({ name, kind, area, address, longitude, latitude, contacts, note, plan, hosts, procedure }: Site): Order {
  return { name, kind, area, address, longitude, latitude, contacts: contacts.map((one) => ({ ...NOBODY, ...one })), note, plan, hosts, procedure };
}

const isBlank = ({ name, phone }: Contact) => name.trim() === "" && phone.trim() === "";
const isContact = ({ name, phone }: Contact) => name.trim() !== "" && /^[0-9+() ,/*#-]{3,}$/.test(phone.trim());

/** As it is sent: lines that nobody filled in are left out. Pure. */
export const sent = (order: Order): Order => ({ ...order, contacts: order.contacts.filter((one) => !isBlank(one)) });

/** Whether the node may take it. Pure. */
export const isWhole = (order: Order): boolean => order.name.trim().length > 1 && (order.longitude === null) === (order.latitude === null) && sent(order).contacts.every(isContact);

/** The person at that place, from 0, is called one earlier. Pure. */
export function earlier<T>(some: readonly T[], at: number): T[] {
  const found = [...some];
  if (at > 0) found.splice(at - 1, 0, ...found.splice(at, 1));
  return found;
}
