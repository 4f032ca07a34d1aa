import { createContext, useContext, useMemo, useState, type ReactNode } from "react";

export type Theme = "dark" | "light";
const KEY = "fengsui.theme";

interface ChosenTheme {
  theme: Theme;
  setTheme: (theme: Theme) => void;
}

const Context = createContext<ChosenTheme | undefined>(undefined);

/** Dark for the monitoring room, light for the office; pictures stand on black in both. */
export function ThemeProvider({ children }: { children: ReactNode }) {
  const [theme, keep] = useState<Theme>(localStorage.getItem(KEY) === "light" ? "light" : "dark");
  document.documentElement.dataset["theme"] = theme;
  const chosen = useMemo<ChosenTheme>(
    () => ({
      theme,
      setTheme: (wanted) => {
        localStorage.setItem(KEY, wanted);
        document.documentElement.dataset["theme"] = wanted;
        keep(wanted);
      },
    }),
    [theme],
  );
  return <Context.Provider value={chosen}>{children}</Context.Provider>;
}

export function useTheme(): ChosenTheme {
  const chosen = useContext(Context);
  if (chosen === undefined) throw new Error("useTheme needs a ThemeProvider around it");
  return chosen;
}
