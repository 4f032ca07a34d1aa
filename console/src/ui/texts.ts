import { zh } from "./texts-zh";

export { en } from "./texts-en";
export { zh };
export type TextKey = keyof typeof zh;
