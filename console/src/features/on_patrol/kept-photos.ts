/** Photos that the node does not have yet, in the phone's own database: over a reload, and without a network. */
export interface KeptPhoto {
  key: string;
  user: number;
  task: number;
  octets: Blob;
  pressedAt: string;
}

const NAME = "fengsui-photos";
const EDGE = 1_920;
const QUALITY = 0.85;

const asked = <T>(request: IDBRequest<T>) =>
  new Promise<T>((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("no database"));
  });

async function within<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("photos", { keyPath: "key" });
  const database = await asked(opening);
  try {
    const transaction = database.transaction("photos", mode);
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error("not kept"));
    });
    const [found] = await Promise.all([asked(act(transaction.objectStore("photos"))), done]);
    return found;
  } finally {
    database.close();
  }
}

/** Those of this account, the oldest first. */
export async function keptPhotos(user: number): Promise<KeptPhoto[]> {
  const all = (await within("readonly", (store) => store.getAll())) as KeptPhoto[];
  return all.filter((one) => one.user === user).sort((one, other) => one.pressedAt.localeCompare(other.pressedAt));
}

export const keepPhoto = (one: KeptPhoto) => within("readwrite", (store) => store.put(one));
export const dropPhoto = (key: string) => within("readwrite", (store) => store.delete(key));

/** No larger than the node keeps it; what the phone cannot read goes as it is, and the node says why not. */
export async function smaller(chosen: Blob): Promise<Blob> {
  try {
    const picture = await createImageBitmap(chosen);
    const scale = Math.min(1, EDGE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    return await new Promise((resolve) => canvas.toBlob((made) => resolve(made ?? chosen), "image/jpeg", QUALITY));
  } catch {
    return chosen;
  }
}
