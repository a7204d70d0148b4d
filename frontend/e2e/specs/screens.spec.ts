// Screenshots of every page and state for visual review: `SCREENS=1 cargo xtask test`, then test-results/screens.

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
      test.use({ locale, contextOptions: { reducedMotion: 'reduce' }, ownSite: scene.ownSite ?? false, settings: scene.settings ?? {} });

      test(`${scene.name} is pictured`, async ({ page, stage }) => {
        test.setTimeout(60_000);
        await scene.arrange(stage);
        for (const size of SIZES.filter(({ width }) => !scene.narrow || width < 768)) {
          for (const colorScheme of ['light', 'dark'] as const) {
            await page.emulateMedia({ colorScheme });
            await page.setViewportSize(size);
            if (scene.show) {
              // Menus that were open at the previous size are closed.
              await page.reload();
              await expect(stage.chat.composer).toBeVisible();
              await scene.show(stage);
            }
            const name = `${scene.name}-${size.width}-${colorScheme}-${locale.slice(0, 2)}.png`;
            const picture = await page.screenshot({ path: `test-results/screens/${name}`, animations: 'disabled' });
            expect(picture.length).toBeGreaterThan(5_000);
          }
        }
      });
    });
  }
}
