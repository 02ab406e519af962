import "./index.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "@/App";
import { PartBoundary } from "@/components/status/part-boundary";
import { PlainStop } from "@/components/status/plain-stop";
import { watchPresses } from "@/lib/page-idle";
import { rememberedLanguage } from "@/lib/storage";
import { isOwnLanguage, speak, wantedLanguage } from "@/lib/texts";
import { followTheme } from "@/lib/theme";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

followTheme();
watchPresses(document);
const language = wantedLanguage(rememberedLanguage(), navigator.languages);
await speak(language);
document.documentElement.lang = language;
// Whoever reads one of our languages needs no translation; for all others it is left possible.
document.documentElement.translate = !isOwnLanguage(language, navigator.languages);

// What was there before the script: a page with STOP that needs none.
const plain = [...root.children].map((child) => child.cloneNode(true));
createRoot(root, {
  onUncaughtError: (error) => {
    reportError(error);
    root.replaceChildren(...plain);
  },
}).render(
  <StrictMode>
    <PartBoundary rescue={<PlainStop />}>
      <App />
    </PartBoundary>
  </StrictMode>,
);
