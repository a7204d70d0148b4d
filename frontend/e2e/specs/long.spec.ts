// Long conversations: only the rows in and near the view are on the page, and nobody notices.

import type { Locator, Page } from '@playwright/test';

import type { Account } from '../support/account';
import { Chat } from '../support/chat';
import { expect, test as base } from '../support/fixtures';
import { type History, store, talk } from '../support/history';
import type { Site } from '../support/site';

const test = base.extend<{ open: (count: number, hash?: (history: History) => string) => Promise<History> }>({
  open: async ({ page, site, account }, use) => {
    await use((count, hash) => open(page, site, account, count, hash));
  },
});

async function open(page: Page, site: Site, account: Account, count: number, hash?: (history: History) => string): Promise<History> {
  const history = await store(site, account, `Talk of ${count}`, talk(count));
  await page.goto(`${history.path}${hash?.(history) ?? ''}`);
  return history;
}

const nodes = (page: Page) => page.evaluate(() => document.querySelectorAll('*').length);
const rows = (chat: Chat) => chat.thread.locator('[data-message-id]');
const below = (thread: Locator) =>
  thread.evaluate(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight);

/** The first row in the view, and its distance from the top of it. */
function firstSeen(thread: Locator): Promise<{ id: string | null; top: number }> {
  return thread.evaluate((view) => {
    const { top } = view.getBoundingClientRect();
    const seen = [...view.querySelectorAll('[data-message-id]')].find((row) => row.getBoundingClientRect().bottom > top + 1);
    return { id: seen?.getAttribute('data-message-id') ?? null, top: (seen?.getBoundingClientRect().top ?? 0) - top };
  });
}

test('S6: of a long conversation only the rows near the view are on the page, and scrolling finds them all', async ({ page, open }) => {
  const chat = new Chat(page);
  await open(160);
  await expect(chat.questions.last()).toHaveText('Question 80');
  await expect.poll(() => below(chat.thread)).toBeLessThan(2);
  // Upwards in steps; the view is never blank, and what was at its top stays the same distance from it.
  await chat.thread.hover();
  const seen = new Set<string>();
  for (let step = 0; step < 400 && !seen.has('Question 1'); step += 1) {
    const state = await chat.thread.evaluate(async (view) => {
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      const { top, bottom } = view.getBoundingClientRect();
      const shown = [...view.querySelectorAll('[data-message-id]')].filter((row) => {
        const box = row.getBoundingClientRect();
        return box.bottom > top && box.top < bottom;
      });
      const covered = shown.reduce((sum, row) => {
        const box = row.getBoundingClientRect();
        return sum + Math.min(box.bottom, bottom) - Math.max(box.top, top);
      }, 0);
      return { texts: shown.map((row) => row.querySelector('.bubble')?.textContent ?? ''), covered, height: bottom - top };
    });
    expect(state.covered, 'no blank').toBeGreaterThan(state.height - 80);
    state.texts.filter(Boolean).forEach((text) => seen.add(text));
    expect(await rows(chat).count()).toBeLessThan(90);
    await page.mouse.wheel(0, -700);
  }
  expect([...seen]).toHaveLength(80);
});

test('S6: what is at the top of the view stays there while rows are measured and the width changes', async ({ page, open }) => {
  const chat = new Chat(page);
  await open(200);
  await expect.poll(() => below(chat.thread)).toBeLessThan(2);
  await chat.thread.hover();
  await page.mouse.wheel(0, -2500);
  await expect(page.getByRole('button', { name: 'Jump to latest' })).toBeVisible();
  // Until the view stands still and the rows around it are there.
  let before = await firstSeen(chat.thread);
  await expect.poll(async () => {
    const [last, now] = [before, await firstSeen(chat.thread)];
    before = now;
    return last.id === now.id && Math.abs(last.top - now.top) < 0.01;
  }, { intervals: [300] }).toBe(true);
  await page.setViewportSize({ width: 700, height: 900 });
  await expect.poll(async () => (await firstSeen(chat.thread)).id).toBe(before.id);
  await page.setViewportSize({ width: 1440, height: 900 });
  const after = await firstSeen(chat.thread);
  expect(after.id).toBe(before.id);
  expect(Math.abs(after.top - before.top)).toBeLessThan(60);
});

test('S6: a row with the focus, the selection or something open stays on the page', async ({ page, open }) => {
  const chat = new Chat(page);
  const { ids } = await open(200);
  const row = (at: number) => page.locator(`[data-message-id="${ids[at]}"]`);
  await chat.do(row(198), 'Edit');
  const editor = page.getByRole('textbox', { name: 'Edit message' });
  await editor.fill('Half a thought');
  await row(197).getByRole('paragraph').first().selectText();
  await chat.thread.hover({ position: { x: 20, y: 20 } });
  for (let step = 0; step < 12; step += 1) await page.mouse.wheel(0, -1500);
  await expect(row(190)).toHaveCount(0);
  await expect(editor).toHaveValue('Half a thought');
  expect(await page.evaluate(() => getSelection()?.toString())).toBe('Answer 99');
});

test('S6: ten thousand messages keep the page small', async ({ page, open }) => {
  test.slow();
  const chat = new Chat(page);
  await open(10_000);
  await expect(chat.questions.last()).toHaveText('Question 5000');
  await chat.thread.focus();
  await page.keyboard.press('Home');
  await expect(chat.questions.first()).toHaveText('Question 1', { timeout: 60_000 });
  await expect(chat.questions.first()).toBeInViewport();
  expect(await nodes(page)).toBeLessThan(6000);
  await page.keyboard.press('End');
  await expect(chat.questions.last()).toBeInViewport();
  await expect.poll(() => below(chat.thread)).toBeLessThan(2);
  expect(await nodes(page)).toBeLessThan(6000);
});
