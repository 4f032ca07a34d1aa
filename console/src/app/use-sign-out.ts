import { useContext } from "react";
import { api } from "../api-client/client";
import { SignedIn } from "../ui/signed-in";

/** Ends the session here and at the node; here also when the node cannot be told. */
export function useSignOut(): () => Promise<void> {
  const signOut = useContext(SignedIn)?.signOut;
  return () => api.DELETE("/api/v1/session").catch(() => undefined).then(() => signOut?.());
}
