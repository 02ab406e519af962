/** A browser that translates the page, as far as the page can tell. */
import type { Page } from "@playwright/test";

/**
 * From now on every text on the page, also what comes later, is taken out of its place and put
 * into two elements of the browser's own, in another language: capital letters.
 */
export async function translate(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const translated = new WeakSet<Node>();
    const take = (text: Text) => {
      const { parentElement } = text;
      if (
        !parentElement ||
        translated.has(text) ||
        parentElement.closest("svg, script, style, [translate=no]")
      ) {
        return;
      }
      translated.add(text);
      const outer = document.createElement("font");
      const inner = document.createElement("font");
      outer.append(inner);
      text.replaceWith(outer);
      // As translators do: what React has made is gone from the page, another text stands there.
      const other = document.createTextNode(text.data.toUpperCase());
      translated.add(other);
      inner.append(other);
    };
    const takeAll = (root: Node) => {
      const texts: Text[] = [];
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      for (let text = walker.nextNode(); text; text = walker.nextNode()) texts.push(text as Text);
      for (const text of texts) take(text);
    };
    new MutationObserver((changes) => {
      for (const { target, addedNodes } of changes) {
        if (target instanceof Text) take(target);
        for (const node of addedNodes) takeAll(node instanceof Text ? target : node);
      }
    }).observe(document, { childList: true, characterData: true, subtree: true });
  });
}
