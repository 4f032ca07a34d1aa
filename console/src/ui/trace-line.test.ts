import { expect, test } from "vitest";
import { traceLine } from "./trace-line";

test("a request tells its command, an answer what it answers", () => {
  const message = "MESSAGE sip:1@2 SIP/2.0\nCSeq: 1 MESSAGE\n\n<Query>\n<CmdType>Catalog</CmdType></Query>";
  expect(traceLine("MESSAGE sip:1@2 SIP/2.0", message)).toEqual({ start: "MESSAGE sip:1@2", topic: "Catalog" });
  expect(traceLine("SIP/2.0 200 OK", "SIP/2.0 200 OK\nCSeq: 2 INVITE\n\n")).toEqual({ start: "200 OK", topic: "INVITE" });
  expect(traceLine("BYE sip:1@2 SIP/2.0", "BYE sip:1@2 SIP/2.0\nCSeq: 3 BYE\n\n")).toEqual({ start: "BYE sip:1@2", topic: "" });
});
