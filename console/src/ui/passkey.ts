/** Passkeys through the browser. JSON in and out, as the node's API speaks it. */
type Json = Record<string, unknown>;

/** Browsers keep passkeys for secure addresses only. */
export function passkeysPossible(): boolean {
  return window.isSecureContext && "PublicKeyCredential" in window && "parseCreationOptionsFromJSON" in PublicKeyCredential;
}

/** A new key; undefined when the person cancelled. */
export async function createPasskey(options: Json): Promise<Json | undefined> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as unknown as PublicKeyCredentialCreationOptionsJSON);
  return asked(navigator.credentials.create({ publicKey }));
}

/** Proof of a key that was made before; undefined when the person cancelled. */
export async function provePasskey(options: Json): Promise<Json | undefined> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as unknown as PublicKeyCredentialRequestOptionsJSON);
  return asked(navigator.credentials.get({ publicKey }));
}

async function asked(answer: Promise<Credential | null>): Promise<Json | undefined> {
  try {
    const credential = await answer;
    return credential === null ? undefined : ((credential as PublicKeyCredential).toJSON() as unknown as Json);
  } catch (error) {
    if (error instanceof DOMException && ["NotAllowedError", "AbortError", "InvalidStateError"].includes(error.name)) return undefined;
    throw error;
  }
}
