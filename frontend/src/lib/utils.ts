import { type ClassValue, clsx } from "clsx";

/**
 * Joins class names. It does not settle contradictions: where a component's look is to differ, the
 * component has a variant for it, and nobody hands it a class that says otherwise. (shadcn's own
 * `cn` adds tailwind-merge for that, a tenth of the script a phone may load before it shows
 * anything.)
 */
export const cn = (...inputs: ClassValue[]): string => clsx(inputs);
