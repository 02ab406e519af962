import type { Plugin } from "vite";

export interface Catalogue {
  folder: string;
  languages: ReadonlyMap<string, object>;
}

export function isCatalogue(path: string): boolean;
export function readCatalogues(root?: string): Catalogue[];
export function compileMessages(messages: object): Record<string, unknown>;
export function problemsOf(catalogue: Catalogue, wanted: Iterable<string>): Iterable<string>;
export function typesOf(catalogues: readonly Catalogue[]): string;
export function textCatalogues(): Plugin;
