// All texts of a page.

import type { Page } from '@playwright/test';

/** Every visible or announced text on the page: text, names, placeholders, tooltips. */
export async function wordsOn(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const words = [document.title];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node instanceof Element ? node : node.parentElement;
      if (!element?.checkVisibility() || element.closest('script, style, noscript')) continue;
      if (node instanceof Element) {
        for (const name of ['aria-label', 'placeholder', 'title']) words.push(node.getAttribute(name) ?? '');
      } else {
        words.push(node.textContent ?? '');
      }
    }
    return words.map((word) => word.trim()).filter((word) => /\p{Letter}/u.test(word));
  });
}
