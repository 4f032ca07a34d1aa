import { afterEach, expect, test, vi } from "vitest";
import { decodableCodecs, problemOf } from "./player";

afterEach(() => vi.unstubAllGlobals());

/** A browser that decodes H.265 in MediaSource, by WebRTC, or not. */
function browser(inMediaSource: boolean, byWebRtc: boolean): void {
  const codecs = [{ mimeType: "video/H264" }, ...(byWebRtc ? [{ mimeType: "video/H265" }] : [])];
  vi.stubGlobal("window", {
    MediaSource: { isTypeSupported: (type: string) => inMediaSource && type.includes("hvc1") },
    RTCRtpReceiver: { getCapabilities: () => ({ codecs }) },
  });
}
test("what is decoded is asked for by the way of transport", () => {
  browser(true, false);
  expect([decodableCodecs("ws"), decodableCodecs("hls"), decodableCodecs("webrtc")]).toEqual([["h264", "h265"], ["h264", "h265"], ["h264"]]);
  browser(false, true);
  expect([decodableCodecs("ws"), decodableCodecs("webrtc")]).toEqual([["h264"], ["h264", "h265"]]);
  vi.stubGlobal("window", {});
  expect(decodableCodecs("webrtc")).toEqual(["h264"]);
});

test("the media port's document is read as one", () => {
  const problem = { status: 403, code: "media.ticket_expired", zh: "媒体票据已过期", en: "Expired", remedy_zh: "", remedy_en: "" };
  expect(problemOf(JSON.stringify(problem))).toEqual(problem);
});
test.each(["", "null", "[]", "no JSON", '{"codec":"avc1.64001f","sound":"","mime":"video/mp4"}', '{"code":1,"zh":"","en":""}'])("%s is none", (text) => {
  expect(problemOf(text)).toBeUndefined();
});
