import type { Order } from "./use-edit";

/** What somebody has chosen to change, before it is sent. Undefined: that stays. */
export interface Draft {
  how?: NonNullable<Order["name"]>["how"];
  text: string;
  find: string;
  tagsAdd: string[];
  tagsRemove: string[];
  area?: string;
  cameraClass?: NonNullable<Order["camera_class"]>;
  file: Record<string, string>;
}

export const NOTHING: Draft = { text: "", find: "", tagsAdd: [], tagsRemove: [], file: {} };

/** What is sent; undefined while nothing would change, or something is missing. */
export function orderOf({ how, text, find, tagsAdd, tagsRemove, area, cameraClass, file }: Draft): Order | undefined {
  if ((how === "prefix" || how === "suffix") && text === "") return undefined;
  if (how === "replace" && find === "") return undefined;
  const order: Order = {
    ...(how === undefined ? {} : { name: { how, text: how === "device" ? "" : text, find: how === "replace" ? find : "" } }),
    ...(area === undefined ? {} : { own_area: area }),
    ...(cameraClass === undefined ? {} : { camera_class: cameraClass }),
    tags_add: tagsAdd,
    tags_remove: tagsRemove,
    file,
  };
  return how === undefined && area === undefined && cameraClass === undefined && tagsAdd.length + tagsRemove.length + Object.keys(file).length === 0 ? undefined : order;
}
