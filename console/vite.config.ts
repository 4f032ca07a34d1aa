import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // The node puts a nonce of its own in each page it sends.
  html: { cspNonce: "{{csp-nonce}}" },
  build: { outDir: "../src/fengsui/web_console", emptyOutDir: true, chunkSizeWarningLimit: 2000 },
});
