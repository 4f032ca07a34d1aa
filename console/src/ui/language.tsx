import { createContext, useContext, useMemo, useState, type ReactNode } from "react";
import { fullWidth } from "./punctuation";
import { en, zh, type TextKey } from "./texts";

export type Language = "zh-CN" | "en";
const KEY = "fengsui.language";

export interface Words {
  language: Language;
  setLanguage: (language: Language) => void;
  t: (key: TextKey, facts?: Record<string, string | number>) => string;
  /** The one of two texts that fits the language. */
  pick: (zhText: string, enText: string) => string;
  /** Between two sentences: Chinese full stops bring their own. */
  gap: string;
}

const Context = createContext<Words | undefined>(undefined);

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, keep] = useState<Language>(localStorage.getItem(KEY) === "en" ? "en" : "zh-CN");
  document.documentElement.lang = language;
  const words = useMemo<Words>(() => {
    const texts = language === "en" ? en : zh;
    return {
      language,
      setLanguage: (chosen) => {
        localStorage.setItem(KEY, chosen);
        keep(chosen);
      },
      t: (key, facts = {}) => texts[key].replace(/\{(\w+)\}/g, (_, name: string) => String(facts[name] ?? "")),
      pick: (zhText, enText) => (language === "en" ? enText : fullWidth(zhText)),
      gap: language === "en" ? " " : "",
    };
  }, [language]);
  return <Context.Provider value={words}>{children}</Context.Provider>;
}

export function useWords(): Words {
  const words = useContext(Context);
  if (words === undefined) throw new Error("useWords needs a LanguageProvider around it");
  return words;
}
