// The picture in the README: `UPDATE_SCREENSHOT=1 cargo xtask test` takes it anew.

import { fileURLToPath } from 'node:url';

import { expect, test } from '../support/fixtures';

const PICTURE = fileURLToPath(new URL('../../../docs/screenshot.png', import.meta.url));

test.skip(!process.env.UPDATE_SCREENSHOT, 'the picture is taken with UPDATE_SCREENSHOT=1');
test.use({ ownSite: true, settings: { LLM_API_URL: '', LLM_MODEL: '', DEFAULT_MODEL: '' } });

test('the README shows the chat page', async ({ page, chat }) => {
  test.setTimeout(120_000);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  for (const question of ['A weekend in Kyoto', '写一封简短的感谢信', 'How do I connect Ollama?']) {
    await chat.say(question);
    await chat.finished();
    await chat.newConversation();
  }
  await chat.say('Show me a table of planets');
  await chat.finished();
  await chat.say('Show me a small program in Rust');
  await chat.finished();
  await expect(chat.entry('Show me a table of planets')).toBeVisible();
  await page.mouse.move(0, 0);
  const picture = await page.screenshot({ path: PICTURE, animations: 'disabled' });
  expect(picture.length).toBeLessThan(300_000);
});
