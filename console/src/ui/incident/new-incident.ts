import { api, body, type Schemas } from "../../api-client/client";

export type Order = Schemas["IncidentOrder"];
export type Kind = Schemas["IncidentKind"];

/** What an alarm of this category mostly is about; a person corrects it. */
const KINDS: Record<string, Kind> = {
  intrusion: "intrusion",
  tamper: "intrusion",
  panic: "hold-up",
  fire: "fire",
  gas: "fire",
  medical: "medical",
  crowd: "crowding",
  technical: "technical",
  power: "technical",
  communication: "technical",
  fault: "technical",
  fire_supervisory: "technical",
};

export const kindOf = (category: string): Kind => KINDS[category] ?? "other";

/** `106.7135, 26.5783` as people copy it from a map; null: nothing is written, undefined: it is no position. Pure. */
export function positionOf(text: string): { longitude: number; latitude: number } | null | undefined {
  if (text.trim() === "") return null;
  const found = /^\s*(-?\d{1,3}(?:\.\d+)?)[\s,,]+(-?\d{1,2}(?:\.\d+)?)\s*$/.exec(text);
  const [longitude, latitude] = [Number(found?.[1] ?? NaN), Number(found?.[2] ?? NaN)];
  return Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90 ? { longitude, latitude } : undefined;
}

/** As it is written in the field. Pure. */
export function positionText(longitude: number | null | undefined, latitude: number | null | undefined): string {
  return longitude === null || longitude === undefined || latitude === null || latitude === undefined ? "" : `${longitude.toFixed(6)}, ${latitude.toFixed(6)}`;
}

/** Keys of orders: the same order sent again, after an answer that was lost, is the same incident; another order is another. */
export class OrderKeys {
  private sent = "";
  private key = "";

  of(order: Order): string {
    const now = JSON.stringify(order);
    if (now !== this.sent) {
      this.sent = now;
      this.key = [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(16)).join("-");
    }
    return this.key;
  }
}

export const openIncident = (order: Order, key: string) => body(api.POST("/api/v1/incidents", { params: { header: { "idempotency-key": key } }, body: order }));
