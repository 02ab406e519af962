/**
 * What the phone remembers. A browser may refuse to store anything (private windows, full disk):
 * then it is remembered until the page is closed, and `remembersForGood` says so.
 */
import * as v from "valibot";
import { parseJson } from "@/lib/wire";

const orderSchema = v.object({
  requestId: v.string(),
  tap: v.string(),
  amountMl: v.number(),
  userToken: v.string(),
  pressedAt: v.number(),
  /** Until when the server may take it, by its own clock. */
  deadline: v.optional(v.object({ server_id: v.string(), expires_ms: v.number() })),
});

/** A wish to pour, as made on this phone. */
export type Order = v.InferOutput<typeof orderSchema>;

const ORDER_KEY = "pourtocol.order";
const GUEST_KEY = "pourtocol.guest";
const TAP_KEY = "pourtocol.tap";
const LEADER_KEY = "pourtocol.leader";
const THEME_KEY = "pourtocol.theme";
const LANGUAGE_KEY = "pourtocol.language";

/** What could not be stored. A reload of ours hands it on in the entry of the browser's history. */
const HANDED_ON = "remembered";
const handedOnSchema = v.record(v.string(), v.string());

function handedOn(): Map<string, string> {
  const state = (history.state as Record<string, unknown> | null)?.[HANDED_ON];
  const kept = v.safeParse(handedOnSchema, state);
  return new Map(kept.success ? Object.entries(kept.output) : []);
}

let unstored: Map<string, string> | undefined;

function read(key: string): string | undefined {
  unstored ??= handedOn();
  const held = unstored.get(key);
  if (held !== undefined) return held;
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

function write(key: string, value: string | undefined): void {
  unstored ??= handedOn();
  unstored.delete(key);
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    if (value !== undefined) unstored.set(key, value);
  }
}

/** Whether what is chosen here is still known when the page is opened again. */
export function remembersForGood(): boolean {
  const probe = "pourtocol.probe";
  try {
    localStorage.setItem(probe, "");
    localStorage.removeItem(probe);
    return true;
  } catch {
    return false;
  }
}

/** Loads the page anew; what could not be stored is known to the page that comes back. */
export function reloadRemembering(): void {
  if (unstored?.size) {
    history.replaceState({ ...history.state, [HANDED_ON]: Object.fromEntries(unstored) }, "");
  }
  window.location.reload();
}

export const rememberedOrder = (): Order | undefined => {
  const text = read(ORDER_KEY);
  return text === undefined ? undefined : parseJson(orderSchema, text);
};
export const rememberOrder = (order: Order): void => write(ORDER_KEY, JSON.stringify(order));

/** Forgets `order`, but not a newer one that another tab of this phone has made since. */
export const forgetOrder = (order: Order): void => {
  if (rememberedOrder()?.requestId === order.requestId) write(ORDER_KEY, undefined);
};

export const rememberedGuest = (): string | undefined => read(GUEST_KEY);
export const rememberGuest = (name: string | undefined): void => write(GUEST_KEY, name);

/** Tells when another tab of this phone remembers another guest: a badge opens a tab of its own. */
export function watchGuest(listener: (guest: string | undefined) => void): () => void {
  const hear = ({ key }: StorageEvent) => {
    // Without a key everything has been cleared.
    if (key === GUEST_KEY || key === null) listener(rememberedGuest());
  };
  window.addEventListener("storage", hear);
  return () => window.removeEventListener("storage", hear);
}

export const rememberedTap = (): string | undefined => read(TAP_KEY);
export const rememberTap = (tap: string): void => write(TAP_KEY, tap);

/** The window that holds the live stream for all windows of this browser, if there is one. */
export const rememberedLeader = (): string | undefined => read(LEADER_KEY);
export const rememberLeader = (id: string): void => write(LEADER_KEY, id);
export const forgetLeader = (id: string): void => {
  if (rememberedLeader() === id) write(LEADER_KEY, undefined);
};

export const rememberedTheme = (): string | undefined => read(THEME_KEY);
export const rememberTheme = (theme: string | undefined): void => write(THEME_KEY, theme);

export const rememberedLanguage = (): string | undefined => read(LANGUAGE_KEY);
export const rememberLanguage = (language: string): void => write(LANGUAGE_KEY, language);
