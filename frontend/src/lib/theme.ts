/**
 * Which of the two sets of colours the page wears: what was chosen here, else what the phone wants.
 */
import { rememberedTheme, rememberTheme } from "@/lib/storage";

export const themeChoices = ["system", "dark", "light"] as const;
export type ThemeChoice = (typeof themeChoices)[number];

const phoneWantsLight = () => window.matchMedia("(prefers-color-scheme: light)");

export function chosenTheme(): ThemeChoice {
  const remembered = rememberedTheme();
  return themeChoices.find((choice) => choice === remembered) ?? "system";
}

function wear(): void {
  const choice = chosenTheme();
  const light = choice === "system" ? phoneWantsLight().matches : choice === "light";
  const root = document.documentElement;
  root.dataset.theme = light ? "light" : "dark";
  const background = getComputedStyle(root).getPropertyValue("--background");
  for (const meta of document.querySelectorAll("meta[name=theme-color]")) {
    meta.setAttribute("content", background);
  }
}

export function chooseTheme(choice: ThemeChoice): void {
  rememberTheme(choice === "system" ? undefined : choice);
  wear();
}

/** From now on the page follows the choice and the phone. */
export function followTheme(): void {
  wear();
  phoneWantsLight().addEventListener("change", wear);
}
