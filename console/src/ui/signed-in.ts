import { createContext, useContext } from "react";
import type { Problem, Schemas, User } from "../api-client/client";

export interface SignedInUser {
  user: User;
  signOut: (why?: Problem) => void;
  lock: () => void;
}

export const SignedIn = createContext<SignedInUser | undefined>(undefined);

export type FunctionName = Schemas["User"]["functions"][number];

/** Whether the signed-in person may do something somewhere; the node decides, this only spares dead ends. */
export function useMay(): (wanted: FunctionName) => boolean {
  const functions = useContext(SignedIn)?.user.functions ?? [];
  return (wanted) => functions.includes(wanted);
}
