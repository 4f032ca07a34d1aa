import { useQuery } from "@tanstack/react-query";
import { api, body } from "../api-client/client";

/** The tags of the cameras that one may see, as choices: the most used first, each with how many cameras have it. */
export function useTagOptions(): { value: string; label: string }[] {
  const tags = useQuery({ queryKey: ["cameras", "tags"], queryFn: () => body(api.GET("/api/v1/camera-tags")) });
  return (tags.data?.items ?? []).map(({ tag, cameras }) => ({ value: tag, label: `${tag} · ${cameras}` }));
}
