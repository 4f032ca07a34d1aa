import { createContext, useContext } from "react";
import type { Problem, Schemas, User } from "../api-client/client";

/** What a sign-in brought to light: sessions elsewhere that it ended, ways in that are new. */
export interface SignInNotice {
  about: "cut" | "newFactor";
  what: string;
}

export interface SignedInUser {
  user: User;
  signOut: (why?: Problem) => void;
  lock: () => void;
  notices: SignInNotice[];
  putAway: (about: SignInNotice["about"]) => void;
}

export const SignedIn = createContext<SignedInUser | undefined>(undefined);

export type FunctionName = Schemas["User"]["functions"][number];

/** Whether the signed-in person may do something somewhere; the node decides, this only spares dead ends. */
export function useMay(): (wanted: FunctionName) => boolean {
  const functions = useContext(SignedIn)?.user.functions ?? [];
  return (wanted) => functions.includes(wanted);
}
