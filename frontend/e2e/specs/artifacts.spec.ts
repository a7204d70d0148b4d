// HTML and SVG that a model wrote: previews in the message and beside the conversation.

import { readFile } from 'node:fs/promises';

import type { FrameLocator, Locator, Page } from '@playwright/test';

import { expect, test } from '../support/fixtures';

const fence = (code: string, language = 'html') => `\`\`\`${language}\n${code}\n\`\`\``;

/** A document with a counter. */
const counter = (label: string) => `<!doctype html>
<html lang="en"><head><title>Counter</title></head>
<body><button onclick="this.textContent = ++n">${label}</button><script>let n = 0;</script></body></html>`;

const frameIn = (place: Locator | Page): FrameLocator => place.frameLocator('iframe');
const panelOf = (page: Page) => page.getByRole('dialog', { name: 'Counter' });

test('a page runs in the message only after a click', async ({ page, chat }) => {
  await chat.ask(`Here:\n\n${fence(counter('Go'))}\n\nAfter.`, 'slowEcho');
  const reply = chat.lastReply;
  await expect(page.locator('iframe')).toHaveCount(0);
  await reply.getByRole('button', { name: 'Preview' }).click();
  const go = frameIn(reply).getByRole('button');
  await expect(go).toHaveText('Go');
  await go.click();
  await expect(go).toHaveText('1');
  await expect(reply.getByRole('group', { name: 'Code html' })).toBeHidden();
  await reply.getByRole('button', { name: 'Code', exact: true }).click();
  await expect(page.locator('iframe')).toHaveCount(0);
  await expect(reply.getByRole('group', { name: 'Code html' })).toBeVisible();
  // It does not run by itself when it is read again.
  await page.reload();
  await expect(reply.getByRole('button', { name: 'Preview' })).toBeVisible();
  await expect(page.locator('iframe')).toHaveCount(0);
});

test('there is no preview while the code is being written', async ({ chat }) => {
  await chat.choose('slowEcho');
  await chat.say(`Soon:\n\n${fence(`<p>${'word '.repeat(80)}</p>`)}\n\nDone.`);
  await expect(chat.lastReply.getByRole('group', { name: 'Code html' })).toContainText('word word');
  await expect(chat.lastReply.getByRole('button', { name: 'Preview' })).toBeHidden();
  await chat.finished();
  await expect(chat.lastReply.getByRole('button', { name: 'Preview' })).toBeVisible();
});

for (const [kind, code, language, seen] of [
  ['a fragment', '<p>Hello <b>there</b></p>', 'html', 'Hello there'],
  ['a document in capitals', '<!DOCTYPE HTML><HTML><BODY><P>LOUD</P></BODY></HTML>', 'HTML', 'LOUD'],
  ['a document after a comment', '<!-- x --><!doctype html><p>after</p>', 'html', 'after'],
  ['a drawing', '<svg viewBox="0 0 100 50" xmlns="http://www.w3.org/2000/svg"><text y="20">drawn</text></svg>', 'svg', 'drawn'],
  ['a drawing with a declaration', '<?xml version="1.0"?>\n<svg viewBox="0 0 9 9"><text y="8">猫</text></svg>', 'svg', '猫'],
] as const) {
  test(`${kind} is shown`, async ({ chat }) => {
    await chat.ask(`Here:\n\n${fence(code, language)}`, 'echo');
    await chat.lastReply.getByRole('button', { name: 'Preview' }).click();
    await expect(frameIn(chat.lastReply).locator('body')).toContainText(seen);
  });
}

test('a preview is as high as its content, within limits', async ({ chat }) => {
  const block = (height: number) => fence(`<!doctype html><body style="margin:0"><div style="height:${height}px">x</div>`);
  await chat.ask(`Three:\n\n${block(20)}\n\n${block(300)}\n\n${block(5000)}`, 'echo');
  const previews = chat.lastReply.getByRole('button', { name: 'Preview' });
  for (const height of [128, 300, 576]) {
    await previews.first().click();
    await expect.poll(() => chat.lastReply.locator('iframe').last().evaluate((frame) => frame.clientHeight)).toBe(height);
  }
});

test('a note under a preview names its errors and blocked requests', async ({ chat, watch }) => {
  watch.expect(/example\.com|missing|late|policy/);
  const cases = [
    ['<script>missing()</script>', 'Error: Uncaught ReferenceError: missing is not defined'],
    ['<script>console.error("it is", new Error("late"))</script>', 'Error: it is late'],
    ['<script src="https://cdn.example.com/vue.js"></script>', 'Previews have no network. Blocked: cdn.example.com'],
    ['<a href="https://example.com/x">out</a><script>document.querySelector("a").click()</script>', 'Previews have no network. Blocked: example.com'],
    ['<script>location = "https://example.com/?" + 1</script>', 'The preview tried to open another page and was closed.'],
  ];
  await chat.ask(`Wrong:\n\n${cases.map(([code]) => fence(code)).join('\n\n')}`, 'echo');
  for (const [, message] of cases) {
    await chat.lastReply.getByRole('button', { name: 'Preview' }).first().click();
    await expect(chat.lastReply.getByText(message)).toBeVisible();
  }
});

test('the panel shows an artifact beside the conversation, with its versions', async ({ page, chat }) => {
  await chat.ask(`First:\n\n${fence(counter('One'))}\n\n${fence('<title>Other</title>x')}`, 'echo');
  await chat.ask(`Second:\n\n${fence(counter('Two'))}`, 'echo');
  const first = chat.replies.first();
  await first.getByRole('button', { name: 'Preview' }).first().click();
  await first.getByRole('button', { name: 'Expand' }).click();
  const panel = panelOf(page);
  await expect(panel.getByRole('button', { name: 'Close preview' })).toBeFocused();
  await expect(frameIn(panel).getByRole('button')).toHaveText('One');
  await expect(panel.getByText('1/2')).toBeVisible();
  // The conversation stays usable.
  await panel.getByRole('button', { name: 'Next version' }).click();
  await expect(frameIn(panel).getByRole('button')).toHaveText('Two');
  await chat.ask(`Third:\n\n${fence(counter('Three'))}`, 'echo');
  // A viewer of the latest version moves to the new one.
  await expect(panel.getByText('3/3')).toBeVisible();
  await expect(frameIn(panel).getByRole('button')).toHaveText('Three');
  await panel.getByRole('button', { name: 'Previous version' }).click();
  await expect(panel.getByText('2/3')).toBeVisible();

  await panel.getByRole('button', { name: 'Code', exact: true }).click();
  await expect(panel.getByRole('group', { name: 'Code html' })).toContainText('Two');
  const [download] = await Promise.all([page.waitForEvent('download'), panel.getByRole('button', { name: 'Download' }).click()]);
  expect(download.suggestedFilename()).toBe('Counter.html');
  expect(await readFile(await download.path(), 'utf8')).toBe(`${counter('Two')}\n`);
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
  await expect(first.getByRole('button', { name: 'Expand' })).toBeFocused();
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test('the panel covers the page until it is closed or left with Back', async ({ page, chat }) => {
    await chat.ask(`Here:\n\n${fence(counter('Go'))}`, 'echo');
    const address = page.url();
    await chat.lastReply.getByRole('button', { name: 'Preview' }).click();
    const expand = chat.lastReply.getByRole('button', { name: 'Expand' });
    const panel = panelOf(page);
    for (const leave of [() => page.goBack(), () => panel.getByRole('button', { name: 'Close preview' }).click(), () => page.keyboard.press('Escape')]) {
      await expand.click();
      await expect(frameIn(panel).getByRole('button')).toHaveText('Go');
      expect(await panel.boundingBox()).toEqual({ x: 0, y: 0, width: 390, height: 844 });
      await leave();
      await expect(panel).toBeHidden();
      expect(page.url()).toBe(address);
      await expect(expand).toBeFocused();
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
  });
});
