import type { ReactNode } from "react";
import { useWords } from "../../ui/language";
import type { TextKey } from "../../ui/texts";

/** One section of the gallery. */
export function Part({ title, children }: { title: TextKey; children: ReactNode }) {
  const { t } = useWords();
  return (
    <section className="card">
      <h3>{t(title)}</h3>
      {children}
    </section>
  );
}
