import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, type RenderResult } from "@testing-library/react";
import { App } from "antd";
import type { ReactNode } from "react";
import { LanguageProvider } from "./language";
import { ThemeProvider } from "./theme";

/** Renders as the console does, for the component tests. */
export function renderInConsole(what: ReactNode): RenderResult {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const wrapper = ({ children }: { children: ReactNode }) => (
    <LanguageProvider>
      <ThemeProvider>
        <App>
          <QueryClientProvider client={queries}>{children}</QueryClientProvider>
        </App>
      </ThemeProvider>
    </LanguageProvider>
  );
  return render(what, { wrapper });
}

/** What jsdom lacks. */
export class QuietObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
