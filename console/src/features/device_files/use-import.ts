import { useQuery } from "@tanstack/react-query";
import { api, body, type Schemas } from "../../api-client/client";

export type FileImport = Schemas["ImportShape"];
export type FaultyRow = Schemas["RowShape"];

export const FAULTY_SHOWN = 200;
const MOVING: FileImport["phase"][] = ["reading", "checking", "writing"];
const EVERY_MS = 400;

/** One import, asked again while it moves. */
export function useImport(number: number | undefined) {
  return useQuery({
    queryKey: ["file-import", number],
    enabled: number !== undefined,
    retry: false,
    refetchInterval: ({ state }) => (state.data !== undefined && MOVING.includes(state.data.phase) ? EVERY_MS : false),
    queryFn: () => body(api.GET("/api/v1/device-file-imports/{number}", { params: { path: { number: number ?? 0 }, query: { limit: FAULTY_SHOWN } } })),
  });
}

/** Sends the table as it is. */
export const sendTable = (table: File) =>
  body(
    api.POST("/api/v1/device-file-imports", {
      params: { query: { name: table.name.slice(0, 128) } },
      body: table as unknown as string,
      bodySerializer: (sent: unknown) => sent as Blob,
      headers: { "content-type": "application/octet-stream" },
    }),
  );
