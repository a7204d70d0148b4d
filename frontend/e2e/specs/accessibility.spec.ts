// axe finds no violations on any page, in any state, light or dark.

import { AxeBuilder } from '@axe-core/playwright';

import { expect, test } from '../support/fixtures';
import { SCENES } from '../support/scenes';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

for (const scene of SCENES) {
  test.describe(scene.name, () => {
    test.use({
      // Elements that are still fading have intermediate colours.
      contextOptions: { reducedMotion: 'reduce' },
      ownSite: scene.ownSite ?? false,
      settings: scene.settings ?? {},
      viewport: scene.narrow ? { width: 390, height: 844 } : { width: 1440, height: 900 },
    });

    test(`A7: axe accepts ${scene.name}`, async ({ page, stage }) => {
      await scene.arrange(stage);
      await scene.show?.(stage);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
        const found = violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => ({ id, target, failureSummary })));
        expect(found, colorScheme).toEqual([]);
      }
    });
  });
}
