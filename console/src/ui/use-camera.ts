import { useQuery } from "@tanstack/react-query";
import { api, body, type Schemas } from "../api-client/client";

/** A camera as the tree has it. `asked`: the node has answered; where there is none then, it is gone or beyond the reader's right. */
export function useAskedCamera(code: string): { known: Schemas["CameraName"] | undefined; asked: boolean } {
  const found = useQuery({ queryKey: ["cameras", "names", "", code, "one"], enabled: code !== "", staleTime: 60_000, queryFn: ({ signal }) => body(api.GET("/api/v1/camera-names", { params: { query: { q: code, offset: 0, limit: 1 } }, signal })) });
  return { known: found.data?.items.find((one) => one.code === code), asked: !found.isPending };
}

/** A camera as the tree has it; undefined while that is not known, or beyond the reader's right. */
export function useCamera(code: string): Schemas["CameraName"] | undefined {
  return useAskedCamera(code).known;
}

/** A camera's name, where the reader may see it in the tree; else its code. */
export function useCameraName(code: string): string {
  return useCamera(code)?.name ?? code;
}
