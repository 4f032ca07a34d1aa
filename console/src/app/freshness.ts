/** What is on screen of cameras is brought up to date by the news themselves: what they say is written into what was read before. Pure. */

export type Statuses = ReadonlyMap<string, string>;

interface Coded {
  code: string;
  status: string;
}

const isCoded = (one: unknown): one is Coded => typeof one === "object" && one !== null && typeof (one as Partial<Coded>).code === "string" && typeof (one as Partial<Coded>).status === "string";

/** A camera, or a group of them. */
function renewed<T>(one: T, statuses: Statuses): T {
  const cameras = (one as { cameras?: unknown } | undefined)?.cameras;
  if (Array.isArray(cameras)) {
    const now = cameras.map((camera: unknown) => renewed(camera, statuses));
    return now.every((camera, at) => camera === cameras[at]) ? one : { ...one, cameras: now };
  }
  const status = isCoded(one) ? statuses.get(one.code) : undefined;
  return status === undefined || (one as Coded).status === status ? one : { ...one, status };
}

/** One camera, or a page of them, with these statuses; the very same object where nothing of it is new. */
export function withStatuses<T>(read: T, statuses: Statuses): T {
  const items = (read as { items?: unknown } | undefined)?.items;
  if (!Array.isArray(items)) return renewed(read, statuses);
  const now = items.map((one: unknown) => renewed(one, statuses));
  return now.every((one, at) => one === items[at]) ? read : { ...read, items: now };
}
