import type { Camera, Schemas } from "../../api-client/client";

type Change = Schemas["CameraChange"];
export type Draft = Pick<Change, "own_name" | "own_area" | "longitude" | "latitude" | "tags" | "audio_basis">;

/** What is on record now, null or empty where nothing is. */
export function recorded(camera: Camera): Required<Draft> {
  const { own_name, own_area, own_place, tags, audio_basis } = camera;
  return { own_name, own_area, longitude: own_place ? camera.longitude : null, latitude: own_place ? camera.latitude : null, tags, audio_basis };
}

/** What saving sends: only what differs, a place as a whole; undefined while nothing differs or a place is half given. */
export function changeOf(camera: Camera, draft: Draft): Draft | undefined {
  const before = recorded(camera);
  const after = { ...before, ...draft };
  if ((after.longitude === null) !== (after.latitude === null)) return undefined;
  const change: Draft = {};
  if (after.own_name?.trim() !== before.own_name) change.own_name = after.own_name?.trim() ?? "";
  if (after.own_area !== before.own_area) change.own_area = after.own_area ?? "";
  if (after.audio_basis?.trim() !== before.audio_basis) change.audio_basis = after.audio_basis?.trim() ?? "";
  if (JSON.stringify(after.tags) !== JSON.stringify(before.tags)) change.tags = after.tags ?? [];
  if (after.longitude !== before.longitude || after.latitude !== before.latitude) {
    change.longitude = after.longitude;
    change.latitude = after.latitude;
  }
  return Object.keys(change).length === 0 ? undefined : change;
}
