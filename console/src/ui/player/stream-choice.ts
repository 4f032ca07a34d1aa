import { useCallback, useEffect, useState, type RefObject } from "react";
import { api, body } from "../../api-client/client";

/** What the operator wants on a tile: one of the camera's streams, or the one that its size is worth. */
export const CHOICES = ["auto", "main", "sub"] as const;
export type StreamChoice = (typeof CHOICES)[number];
export type Stream = "main" | "sub";
/** Why a tile that should show the sub stream shows the main one. */
export type Lack = "none" | "fails";

/** Device pixels across a tile: a smaller one shows the sub stream. */
export const MAIN_FROM_PX = 720;
/** The sub stream does not come, and waiting does not bring it. */
const VAIN = new Set(["refused", "not_found", "no_packets", "no_description", "unplayable"]);

/** Pure. `width` in device pixels, 0 while unknown. */
export function streamFor(choice: StreamChoice, width: number, lack: Lack | undefined): Stream | undefined {
  if (choice === "main" || lack === "none" || (lack === "fails" && choice === "auto")) return "main";
  if (choice === "sub") return "sub";
  if (width === 0) return undefined;
  return width < MAIN_FROM_PX ? "sub" : "main";
}

export const nextChoice = (choice: StreamChoice): StreamChoice => CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length] ?? "auto";

interface ChosenStream {
  /** None until the tile's size, and for a small one the camera's streams, are known. */
  stream: Stream | undefined;
  lack: Lack | undefined;
  /** To be called when the node tries the stream again: whether that is in vain is asked. */
  noteRetry: () => void;
}

/** Follows the tile's size, and what the camera has: a stream that it lacks is never called, not even for a moment. Without `choice` it is the main stream. */
export function useStreamChoice(tile: RefObject<HTMLElement | null>, camera: string, choice: StreamChoice | undefined): ChosenStream {
  const [width, setWidth] = useState(0);
  /** Of this camera and choice; undefined until the camera's streams are known. */
  const [found, setFound] = useState<{ camera: string; choice: StreamChoice | undefined; lack: Lack | undefined }>();
  useEffect(() => {
    const element = tile.current;
    if (choice !== "auto" || element === null) return;
    const sizes = new ResizeObserver(() => setWidth(element.clientWidth * window.devicePixelRatio));
    sizes.observe(element);
    return () => sizes.disconnect();
  }, [tile, choice]);
  const mayBeSub = choice !== undefined && choice !== "main";
  useEffect(() => {
    if (!mayBeSub) return;
    let over = false;
    const know = (lack: Lack | undefined) => !over && setFound({ camera, choice, lack });
    void body(api.GET("/api/v1/cameras/{code}", { params: { path: { code: camera } } }))
      .then(({ streams }) => know(streams.includes("sub") ? undefined : "none"))
      .catch(() => know(undefined)); // then the node says at the opening what is wrong
    return () => {
      over = true;
    };
  }, [mayBeSub, camera, choice]);
  const known = found !== undefined && found.camera === camera && found.choice === choice ? found : undefined;
  const wanted = choice === undefined ? "main" : streamFor(choice, width, known?.lack);
  const stream = wanted === "sub" && known === undefined ? undefined : wanted;
  const asked = choice !== undefined && streamFor(choice, width, undefined) === "sub";
  const noteRetry = useCallback(() => {
    if (choice !== "auto" || stream !== "sub") return;
    void body(api.GET("/api/v1/cameras/{code}/live", { params: { path: { code: camera }, query: { stream } } }))
      .then(({ failure }) => VAIN.has(failure) && setFound({ camera, choice, lack: "fails" }))
      .catch(() => undefined); // the tile tells what the node said
  }, [camera, choice, stream]);
  return { stream, lack: asked ? known?.lack : undefined, noteRetry };
}
