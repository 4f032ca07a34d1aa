import { Fragment, useEffect, useRef } from "react";
import { useWords } from "../ui/language";
import { keyName, PLACES_OF_KEYS, SHORTCUTS, type Shortcut } from "../ui/shortcuts";

/** Every key of the console, from the table that the handlers are held to. */
export function KeyMap({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const all: Shortcut[] = Object.values(SHORTCUTS);
  return (
    <dialog ref={dialog} className="key-map" aria-labelledby="key-map-title" data-testid="key-map" onClose={onClose} onClick={(event) => event.target === dialog.current && onClose()}>
      <div className="key-sheet">
        <div className="key-head">
          <h2 id="key-map-title">{t("keys.title")}</h2>
          <button autoFocus title={t("help.close")} aria-label={t("help.close")} onClick={onClose}>
            ✕
          </button>
        </div>
        <p className="quiet">{t("keys.help")}</p>
        <div className="key-places">
          {PLACES_OF_KEYS.map((place) => (
            <section key={place}>
              <h3>{t(`keys.at.${place}`)}</h3>
              <dl>
                {all
                  .filter((one) => one.place === place)
                  .map(({ keys, does }) => (
                    <Fragment key={does}>
                      <dt>
                        {keys.map((combination) => (
                          <span key={combination.join()} className="combination">
                            {combination.map((key) => (
                              <kbd key={key}>{keyName(key)}</kbd>
                            ))}
                          </span>
                        ))}
                      </dt>
                      <dd>{t(does)}</dd>
                    </Fragment>
                  ))}
              </dl>
            </section>
          ))}
        </div>
      </div>
    </dialog>
  );
}
