// Pictures of every page and state, for people to look at: `SCREENS=1 cargo xtask test`, then test-results/screens.

import { expect, test } from '../support/fixtures';
import { SCENES } from '../support/scenes';

const SIZES = [
  { width: 1440, height: 900 },
  { width: 820, height: 1180 },
  { width: 390, height: 844 },
];

test.skip(!process.env.SCREENS, 'pictures are taken with SCREENS=1');

for (const scene of SCENES) {
  for (const locale of ['en-US', 'zh-CN']) {
    test.describe(locale, () => {
      test.use({ locale, ownSite: scene.ownSite ?? false });

      test(`${scene.name} is pictured`, async ({ page, stage }) => {
        test.setTimeout(90_000);
        await page.emulateMedia({ reducedMotion: 'reduce' });
        await scene.arrange(stage);
        for (const size of SIZES.filter(({ width }) => !scene.narrow || width < 768)) {
          for (const colorScheme of ['light', 'dark'] as const) {
            await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
            // What was opened at the size before goes first.
            if (scene.show) await page.keyboard.press('Escape');
            await page.setViewportSize(size);
            await scene.show?.(stage);
            const name = `${scene.name}-${size.width}-${colorScheme}-${locale.slice(0, 2)}.png`;
            const picture = await page.screenshot({ path: `test-results/screens/${name}`, animations: 'disabled' });
            expect(picture.length).toBeGreaterThan(5_000);
          }
        }
      });
    });
  }
}
