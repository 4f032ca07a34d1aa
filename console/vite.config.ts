import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  build: { outDir: "../src/fengsui/web_console", emptyOutDir: true, chunkSizeWarningLimit: 2000 },
});
