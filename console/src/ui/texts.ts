import { fullWidth } from "./punctuation";
import { en } from "./texts-en";
import { zh as written } from "./texts-zh";

export { en };
export type TextKey = keyof typeof written;

/** With the punctuation that Chinese readers expect; the source, like the node's, has the keyboard's. */
export const zh = Object.fromEntries(Object.entries(written).map(([key, text]) => [key, fullWidth(text)])) as Record<TextKey, string>;
