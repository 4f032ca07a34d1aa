import { mediaSource, type Protocol } from "./player";

/** A codec (RFC 6381) that a player could not bring to the screen. */
export interface Undecoded {
  codec: string;
  /** The browser itself says that it does not take it; else its decoder failed, which a damaged stream can bring about too. */
  sure: boolean;
}

const isH265 = (codec: string) => /^(hvc1|hev1)\./.test(codec);

/** What one tile's browser was seen not to decode, whatever it says of itself. Pure. */
export class Decoding {
  private readonly failed = new Set<string>();
  private readonly suspected = new Set<string>();
  /** The newest that failed, to be told. */
  newest: string | undefined;

  constructor(private readonly says: ("h264" | "h265")[]) {}

  /** What the node is asked for: it transcodes what is not among it. */
  get order(): { codecs: ("h264" | "h265")[]; undecodable: string[] } {
    const failed = [...this.failed];
    return { codecs: failed.some(isH265) ? ["h264"] : this.says, undecodable: failed.slice(-8) };
  }

  /** True when the next opening asks for another than this one. H.264 is decoded nearly everywhere: one failure may be the stream's. */
  fails({ codec, sure }: Undecoded): boolean {
    if (codec === "" || this.failed.has(codec)) return false;
    if (!sure && !isH265(codec) && !this.suspected.has(codec)) {
      this.suspected.add(codec);
      return false;
    }
    this.failed.add(codec);
    this.newest = codec;
    return true;
  }
}

/** Whether this browser takes the very stream that the node tells of; where nothing can be asked, or nothing is known, it is tried. */
export function takes(protocol: Protocol, codec: string): boolean {
  const source = mediaSource();
  return protocol === "webrtc" || codec === "" || source === undefined || source.isTypeSupported(`video/mp4; codecs="${codec}"`);
}
