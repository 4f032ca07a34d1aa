import { createContext } from "react";
import type { User } from "../api-client/client";

export interface SignedInUser {
  user: User;
  signOut: () => void;
}

export const SignedIn = createContext<SignedInUser | undefined>(undefined);
