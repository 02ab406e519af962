import "./index.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App, preloadView } from "@/App";
import { PartBoundary } from "@/components/status/part-boundary";
import { PlainStop } from "@/components/status/plain-stop";
import { watchPresses } from "@/lib/page-idle";
import { rememberedLanguage } from "@/lib/storage";
import {
  currentLanguage,
  isOwnLanguage,
  speak,
  wantedLanguage,
  watchLanguage,
} from "@/lib/texts/speech";
import { followTheme } from "@/lib/theme";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

function nameLanguage(): void {
  const language = currentLanguage();
  document.documentElement.lang = language;
  // Whoever reads one of our languages needs no translation; for all others it is left possible.
  document.documentElement.translate = !isOwnLanguage(language, navigator.languages);
}

/** Nothing else waits for this at the top: the view that it fetches is made of this very script. */
async function draw(into: HTMLElement): Promise<void> {
  await Promise.all([
    speak(wantedLanguage(rememberedLanguage(), navigator.languages)),
    preloadView(window.location.pathname),
  ]);
  nameLanguage();
  // What was there before the script: a page with STOP that needs none.
  const plain = [...into.children].map((child) => child.cloneNode(true));
  createRoot(into, {
    onUncaughtError: (error) => {
      reportError(error);
      into.replaceChildren(...plain);
    },
  }).render(
    <StrictMode>
      <PartBoundary rescue={<PlainStop />}>
        <App />
      </PartBoundary>
    </StrictMode>,
  );
}

followTheme();
watchPresses(document);
watchLanguage(nameLanguage);
void draw(root);
