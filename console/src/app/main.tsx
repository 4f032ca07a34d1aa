import "./style-nonce";
import "../features/sign-in/provider-answer"; // before any router reads the address
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "../ui/tokens.css";
import "../ui/parts.css";
import "../ui/narrow.css";
import "./frame.css";
import "./phone.css";
import { LanguageProvider } from "../ui/language";
import { ThemeProvider } from "../ui/theme";
import { Console } from "./Console";
import { keepOfflinePage } from "./offline";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <LanguageProvider>
      <ThemeProvider>
        <Console />
      </ThemeProvider>
    </LanguageProvider>
  </StrictMode>,
);
keepOfflinePage();
