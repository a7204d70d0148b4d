// The contrast between colours of the style sheet.

import type { Page } from '@playwright/test';

/** The pairs of these custom properties whose contrast is below 4.5. */
export async function contrasts(page: Page, texts: string[], grounds: string[]): Promise<string[]> {
  return page.evaluate(([texts, grounds]) => {
    const probe = document.body.appendChild(document.createElement('i'));
    const luminance = (name: string) => {
      probe.style.color = `var(${name})`;
      const [red, green, blue] = (getComputedStyle(probe).color.match(/[\d.]+/g) ?? []).map((part) => {
        const share = Number(part) / 255;
        return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const low = texts.flatMap((text) => grounds.map((ground) => {
      const [dark, light] = [luminance(text), luminance(ground)].sort((a, b) => a - b);
      return { name: `${text} on ${ground}`, ratio: (light + 0.05) / (dark + 0.05) };
    })).filter(({ ratio }) => !(ratio >= 4.5));
    probe.remove();
    return low.map(({ name, ratio }) => `${name}: ${ratio.toFixed(2)}`);
  }, [texts, grounds]);
}
