/** As the node takes names of sources and links. */
export const NAME = /^[a-z][a-z0-9-]{1,15}$/;
export const PRIORITIES = [1, 2, 3, 4] as const;
