/** Which rows of a list are chosen: some by name, or all that match but some. Pure. */
export type Selection = { all: false; codes: ReadonlySet<string> } | { all: true; but: ReadonlySet<string> };

export const NONE: Selection = { all: false, codes: new Set() };
export const ALL: Selection = { all: true, but: new Set() };

export const isChosen = (selection: Selection, code: string): boolean => (selection.all ? !selection.but.has(code) : selection.codes.has(code));

/** How many, of `total` that match. */
export const countOf = (selection: Selection, total: number): number => (selection.all ? Math.max(0, total - selection.but.size) : selection.codes.size);

/** These rows are chosen too, or are not any more. */
export function withRows(selection: Selection, codes: Iterable<string>, chosen: boolean): Selection {
  const changed = new Set(selection.all ? selection.but : selection.codes);
  const adds = chosen !== selection.all;
  for (const code of codes) {
    if (adds) changed.add(code);
    else changed.delete(code);
  }
  return selection.all ? { all: true, but: changed } : { all: false, codes: changed };
}

export const toggled = (selection: Selection, code: string): Selection => withRows(selection, [code], !isChosen(selection, code));
