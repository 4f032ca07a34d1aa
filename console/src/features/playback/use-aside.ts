import { useEffect, useState } from "react";
import { AsidePeeks, type SmallPictures } from "../../ui/footage/aside-peeks";
import type { Period } from "../../ui/footage/pieces";
import type { Found } from "./use-scene-search";

/** Small pictures of what a search found, beside what is played and under its ticket; closed with the list. Undefined while none are wanted. */
export function useAside(found: Found | undefined, period: Period): SmallPictures | undefined {
  const [aside, setAside] = useState<AsidePeeks>();
  const [camera, stream, ticket] = [found?.camera, found?.stream, found?.use_ticket];
  useEffect(() => {
    if (camera === undefined || stream === undefined || ticket === undefined) return;
    const made = new AsidePeeks({ camera, stream, ticket }, period);
    setAside(made);
    return () => {
      made.close();
      setAside(undefined);
    };
  }, [camera, stream, ticket, period]);
  return aside;
}
