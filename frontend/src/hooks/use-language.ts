import { useSyncExternalStore } from "react";
import { currentLanguage, type Language, watchLanguage } from "@/lib/texts/speech";

/**
 * The language that the page speaks. Who uses it is drawn anew when that changes, and with it all
 * that stands below, but what `drawnAlone` made: that uses it by itself.
 */
export const useLanguage = (): Language => useSyncExternalStore(watchLanguage, currentLanguage);
