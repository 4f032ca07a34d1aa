/** Components add style elements at run time, some without a word about it. Each gets the nonce that the node put into this page:
 *  what our own scripts make is let in by the content policy, markup from anywhere else is not. Imported before any component. */
export const STYLE_NONCE = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";

const make = document.createElement.bind(document);
document.createElement = ((name: string, options?: ElementCreationOptions) => {
  const made = make(name, options);
  if (made instanceof HTMLStyleElement) made.nonce = STYLE_NONCE;
  return made;
}) as typeof document.createElement;
