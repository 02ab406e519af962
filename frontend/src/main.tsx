import "./index.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "@/App";
import { rememberedLanguage } from "@/lib/storage";
import { speak, wantedLanguage } from "@/lib/texts";
import { followTheme } from "@/lib/theme";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

followTheme();
const language = wantedLanguage(rememberedLanguage(), navigator.languages);
await speak(language);
document.documentElement.lang = language;
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
