import { useInfiniteQuery } from "@tanstack/react-query";
import { api, body, type Schemas } from "../../api-client/client";

export type Clip = Schemas["ClipShape"];
const LOOK_MS = 2_000;

/** One's own clips; asked anew while they are looked at, for a second person approves them and the node counts what was taken. */
export function useClips(open: boolean) {
  return useInfiniteQuery({
    queryKey: ["approvals", "clips"],
    enabled: open,
    retry: false,
    refetchInterval: LOOK_MS,
    initialPageParam: 0,
    queryFn: ({ pageParam }) => body(api.GET("/api/v1/clips", { params: { query: { cursor: pageParam } } })),
    getNextPageParam: (last) => last.next ?? undefined,
  });
}

/** Every file of a clip and every try, the last first. */
export function useClipFiles(clip: string, open: boolean) {
  return useInfiniteQuery({
    queryKey: ["clip files", clip],
    enabled: open,
    retry: false,
    initialPageParam: 0,
    queryFn: ({ pageParam }) => body(api.GET("/api/v1/clips/{clip}/files", { params: { path: { clip }, query: { cursor: pageParam } } })),
    getNextPageParam: (last) => last.next ?? undefined,
  });
}

/** Gives the file to the browser, which writes it as it comes, however long it is. `from`: of which part. */
export async function takeClip(clip: string, from: string | null = null): Promise<void> {
  const address = await body(api.POST("/api/v1/clips/{clip}/download", { params: { path: { clip } }, body: { from } }));
  give(address.url, address.file);
}

/** What the file is, to lie beside it. */
export async function takeManifest(clip: string, taken: Schemas["TakenShape"]): Promise<void> {
  const manifest = await body(api.GET("/api/v1/clips/{clip}/manifest", { params: { path: { clip }, query: { from: taken.from, sha256: taken.sha256 } } }));
  const url = URL.createObjectURL(new Blob([JSON.stringify(manifest, null, 2)], { type: "application/json" }));
  give(url, `${taken.file}.json`);
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function give(url: string, name: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.rel = "noopener noreferrer";
  link.click();
}
