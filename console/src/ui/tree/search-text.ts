/** What is typed into the tree's search, taken apart. Pure. */
export interface Typed {
  /** Words for the node. */
  q: string;
  /** Of `#tag`: one of them is enough. */
  tags: string[];
}

const isTag = (word: string) => /^[#＃]./u.test(word);

export function typed(text: string): Typed {
  const words = text.split(/\s+/u).filter((word) => word !== "");
  return { q: words.filter((word) => !/^[#＃]/u.test(word)).join(" "), tags: words.filter(isTag).map((word) => word.slice(1)) };
}

/** A tag is settled by the blank after it: it becomes a chip and leaves the field. `all`: by Enter, also without. */
export function settled(text: string, all = false): { text: string; tags: string[] } {
  const tags: string[] = [];
  const rest = text.replace(all ? /(?<=^|\s)[#＃]\S+\s*/gu : /(?<=^|\s)[#＃]\S+\s/gu, (word) => {
    tags.push(word.trim().slice(1));
    return "";
  });
  return tags.length === 0 ? { text, tags } : { text: rest, tags };
}
