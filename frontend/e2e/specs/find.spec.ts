// Finding one's way in a long conversation: links to messages, the outline, the search, printing, and where one left off.

import { AxeBuilder } from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';

import { Chat } from '../support/chat';
import { expect, test as base } from '../support/fixtures';
import { type History, store, talk } from '../support/history';

const test = base.extend<{ history: History }>({
  history: async ({ page, site, account }, use) => {
    const history = await store(site, account, 'A long talk', talk(400));
    await page.addInitScript(() => {
      window.print = () => Object.assign(window, { printed: document.querySelectorAll('[data-message-id]').length });
    });
    await use(history);
  },
});

const row = (page: Page, id: string) => page.locator(`.thread [data-message-id="${id}"]`);
const rows = (page: Page) => page.locator('.thread [data-message-id]');

async function openAtEnd(page: Page, history: History): Promise<Chat> {
  const chat = new Chat(page);
  await page.goto(history.path);
  await expect(chat.questions.last()).toHaveText('Question 200');
  return chat;
}

/** Pixels from the top of the thread to the top of an element. */
const distance = (thread: Locator, element: Locator) =>
  Promise.all([thread.boundingBox(), element.boundingBox()]).then(([view, box]) => (box?.y ?? NaN) - (view?.y ?? NaN));

test('S9: a link to a message opens the conversation there and marks it', async ({ page, history }) => {
  await page.goto(`${history.path}#${history.ids[41]}`);
  const linked = row(page, history.ids[41]);
  await expect(linked).toBeInViewport();
  await expect(linked).toBeFocused();
  await expect(linked).toHaveClass(/pointed/);
  expect(await distance(page.locator('.thread'), linked)).toBeLessThan(40);
  // Another link in the same page, to a message that is already loaded.
  await page.evaluate((id) => (location.hash = id), history.ids[200]);
  await expect(row(page, history.ids[200])).toBeInViewport();
  await page.goBack();
  await expect(linked).toBeInViewport();
});

test('S9: a link to a message that is gone says so', async ({ page, history }) => {
  await page.goto(`${history.path}#${crypto.randomUUID()}`);
  await expect(page.getByText(/^That message isn’t part of this conversation any more/)).toBeVisible();
});

test('S9: the link of a message can be copied', async ({ page, history, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const chat = await openAtEnd(page, history);
  await chat.take(row(page, history.ids[399]), 'More actions', 'Copy link');
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(new URL(link).pathname + new URL(link).hash).toBe(`${history.path}#${history.ids[399]}`);
});

test('S9: a conversation opens where it was left, also after a reload', async ({ page, history }) => {
  const chat = await openAtEnd(page, history);
  await chat.thread.hover();
  for (let step = 0; step < 8; step += 1) await page.mouse.wheel(0, -3000);
  await page.waitForTimeout(600);
  const seen = await chat.thread.evaluate((view) => {
    const { top } = view.getBoundingClientRect();
    const first = [...view.querySelectorAll('[data-message-id]')].find((one) => one.getBoundingClientRect().bottom > top + 1);
    return { id: first?.getAttribute('data-message-id') ?? '', top: (first?.getBoundingClientRect().top ?? 0) - top };
  });
  await chat.newConversation();
  await chat.entry('A long talk').click();
  await expect(row(page, seen.id)).toBeInViewport();
  expect(Math.abs((await distance(chat.thread, row(page, seen.id))) - seen.top)).toBeLessThan(2);
  await page.reload();
  await expect(row(page, seen.id)).toBeInViewport();
  await expect.poll(async () => Math.abs((await distance(chat.thread, row(page, seen.id))) - seen.top)).toBeLessThan(2);
});

test('S7: the outline lists every question and leads to it', async ({ page, history }) => {
  const chat = await openAtEnd(page, history);
  await page.getByRole('button', { name: 'Your questions' }).click();
  const outline = page.getByRole('dialog', { name: 'Your questions' });
  await expect(outline.getByRole('listitem')).toHaveCount(200);
  await expect(outline.locator('[aria-current]')).toBeInViewport();
  expect((await new AxeBuilder({ page }).include('.outline').analyze()).violations).toEqual([]);
  await outline.getByRole('searchbox', { name: 'Filter questions' }).fill('question 17');
  await expect(outline.getByRole('listitem')).toHaveCount(11);
  await outline.getByRole('button', { name: 'Question 17', exact: true }).click();
  await expect(outline).toBeHidden();
  await expect(row(page, history.ids[32])).toBeInViewport();
  await expect(row(page, history.ids[32])).toBeFocused();

  await page.getByRole('button', { name: 'Your questions' }).click();
  await outline.getByRole('button', { name: 'Jump to first message' }).click();
  await expect(chat.questions.first()).toHaveText('Question 1');
  await expect(chat.questions.first()).toBeInViewport();
  await page.getByRole('button', { name: 'Your questions' }).click();
  await page.keyboard.press('Escape');
  await expect(outline).toBeHidden();
  await expect(page.getByRole('button', { name: 'Your questions' })).toBeFocused();
});

const highlighted = (page: Page) =>
  page.evaluate(() => [...(CSS.highlights.get('found-current') ?? [])].map((range) => (range as Range).toString()));

test('S7: the search finds text that is not on the page', async ({ page, history }) => {
  const chat = await openAtEnd(page, history);
  await page.keyboard.press('ControlOrMeta+f');
  const bar = page.getByRole('search', { name: 'Find in conversation' });
  const field = bar.getByRole('textbox');
  await expect(field).toBeFocused();
  const position = bar.getByRole('status');
  await field.fill('ANSWER 3');
  await expect(position).toHaveText('1 of 11');
  await expect(row(page, history.ids[5])).toBeInViewport();
  await expect.poll(() => highlighted(page)).toEqual(['Answer 3']);
  await page.keyboard.press('Enter');
  await expect(position).toHaveText('2 of 11');
  await expect(row(page, history.ids[59])).toBeInViewport();
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.press('Shift+Enter');
  await expect(position).toHaveText('11 of 11');
  await expect(row(page, history.ids[77])).toBeInViewport();
  expect((await new AxeBuilder({ page }).include('.find').analyze()).violations).toEqual([]);

  // Chinese, text across markup, code, and nothing.
  for (const [query, found] of [['安静的茶馆', '安静的茶馆'], ['bold words and CODE', 'bold words and code'], ['println!', 'println!']]) {
    await field.fill(query);
    await expect(position).toHaveText(/^\d+ of \d+$/);
    await expect.poll(() => highlighted(page)).toEqual([found]);
    await expect.poll(() => page.evaluate(() => {
      const [range] = [...(CSS.highlights.get('found-current') ?? [])] as Range[];
      const { top, bottom } = range.getBoundingClientRect();
      return top > 0 && bottom < innerHeight;
    })).toBe(true);
  }
  await field.fill('no such text');
  await expect(position).toHaveText('No matches');

  // The same keys are the browser's now.
  await page.evaluate(() => addEventListener('keydown', (event) => Object.assign(window, { taken: event.defaultPrevented })));
  await page.keyboard.press('ControlOrMeta+f');
  expect(await page.evaluate(() => (window as unknown as { taken: boolean }).taken)).toBe(false);
  await field.press('Escape');
  await expect(bar).toBeHidden();
  await expect(chat.thread).toBeFocused();
  expect(await highlighted(page)).toEqual([]);
});

test('S7: the keys of the search are the browser’s where everything is on the page', async ({ page, chat }) => {
  await chat.ask('A short one');
  await page.evaluate(() => addEventListener('keydown', (event) => Object.assign(window, { taken: event.defaultPrevented })));
  await page.keyboard.press('ControlOrMeta+f');
  expect(await page.evaluate(() => (window as unknown as { taken: boolean }).taken)).toBe(false);
  await expect(page.getByRole('search', { name: 'Find in conversation' })).toHaveCount(0);
});

test('S8: printing and selecting everything put the whole conversation on the page', async ({ page, history }) => {
  const chat = await openAtEnd(page, history);
  await page.keyboard.press('ControlOrMeta+p');
  await expect.poll(() => page.evaluate(() => (window as unknown as { printed?: number }).printed)).toBe(400);
  await expect.poll(() => rows(page).count()).toBeLessThan(100);

  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  expect(await rows(page).count()).toBe(400);
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  await expect.poll(() => rows(page).count()).toBeLessThan(100);

  await chat.thread.focus();
  await page.keyboard.press('ControlOrMeta+a');
  await expect.poll(() => page.evaluate(() => getSelection()?.toString() ?? '')).toContain('Question 200');
  const selected = await page.evaluate(() => getSelection()?.toString() ?? '');
  expect(selected.match(/^Question \d+$/gm)).toHaveLength(200);
  await page.evaluate(() => getSelection()?.removeAllRanges());
  await chat.thread.hover({ position: { x: 20, y: 200 } });
  await page.mouse.wheel(0, -200);
  await expect.poll(() => rows(page).count()).toBeLessThan(100);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, locale: 'zh-CN', colorScheme: 'dark' });

  test('S7: the outline is a sheet, and everything is large enough for a thumb', async ({ page, history }) => {
    await page.goto(history.path);
    await page.getByRole('button', { name: '我的提问' }).tap();
    const outline = page.getByRole('dialog', { name: '我的提问' });
    await expect(outline.getByRole('listitem')).toHaveCount(200);
    const box = await outline.boundingBox();
    expect([box?.x, box?.width, (box?.y ?? 0) + (box?.height ?? 0)]).toEqual([0, 390, 844]);
    const small = await outline.getByRole('button').evaluateAll((all) => all.filter((one) => one.clientHeight < 44).length);
    expect(small).toBe(0);
    await outline.getByRole('button', { name: '关闭' }).tap();
    await page.getByRole('button', { name: '在会话中查找' }).tap();
    await page.getByRole('textbox', { name: '在会话中查找' }).fill('茶馆');
    await expect(page.getByRole('search').getByRole('status')).toHaveText(/^第 \d+ 处，共 \d+ 处$/);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  });
});
