/** What a traced SIP message is about, in one line. Pure. */

/** The start line without what every line has, and the MANSCDP command (GB/T 28181-2022 A.2) or the request that is answered. */
export function traceLine(summary: string, text: string): { start: string; topic: string } {
  const start = summary.replace(/^SIP\/2\.0 /, "").replace(/ SIP\/2\.0$/, "");
  const command = /<CmdType>\s*(\w+)\s*<\/CmdType>/.exec(text)?.[1];
  const answered = summary.startsWith("SIP/2.0") ? /^CSeq:\s*\d+\s+(\w+)/im.exec(text)?.[1] : undefined;
  return { start, topic: command ?? answered ?? "" };
}
