import { createContext } from "react";

/** Who looks at the pictures of this page: what the mark on each of them names. */
export interface Viewer {
  name: string;
  /** Unit or post; empty where none is known. */
  unit: string;
}

export const ViewerContext = createContext<Viewer>({ name: "", unit: "" });
