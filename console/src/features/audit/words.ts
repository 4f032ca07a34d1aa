import type { Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { zh, type TextKey } from "../../ui/texts";

/** An act that the node records and the catalogue has no name for does not compile. */
const KNOWN: Record<`act.${Schemas["Act"]}`, string> = zh;

function isKnown(key: string): key is TextKey {
  return key in KNOWN;
}

/** `te` writes a key made from a word of the node, and the word itself where the catalogue does not know it. */
export function useAuditWords() {
  const { t } = useWords();
  return { t, te: (key: string) => (isKnown(key) ? t(key) : key.slice(key.indexOf(".") + 1)) };
}
