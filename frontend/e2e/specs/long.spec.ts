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

test.describe('copying', () => {
  test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

  /** Scrolls with the wheel until a message is in the view. */
  async function wheelTo(page: Page, chat: Chat, row: Locator, step: number): Promise<void> {
    await chat.thread.hover({ position: { x: 20, y: 300 } });
    await expect(async () => {
      await page.mouse.wheel(0, step);
      await expect(row).toBeInViewport({ timeout: 100 });
    }).toPass({ intervals: [0] });
  }

  for (const [way, from, to] of [['upwards', 198, 120], ['downwards', 121, 198]] as const) {
    for (const begin of ['a press', 'a word'] as const) {
      test(`S6 M2: a selection that begins with ${begin} and ends ${way}, many rows away, is copied as a whole`, async ({ page, open }) => {
        const chat = new Chat(page);
        const { ids } = await open(200);
        const row = (at: number) => page.locator(`[data-message-id="${ids[at]}"]`);
        const text = (at: number) => row(at).getByText(/^(Question|Answer) \d+$/).first();
        const step = to < from ? -1200 : 1200;
        if (way === 'downwards') await wheelTo(page, chat, text(from), -1200);
        await text(from).click({ clickCount: begin === 'a word' ? 2 : 1, position: { x: 4, y: 8 } });
        await wheelTo(page, chat, text(to), step);
        await text(to).click({ modifiers: ['Shift'], position: { x: 60, y: 8 } });
        // The rows between come with the selection.
        await expect(row(Math.min(from, to) + 5)).toHaveCount(1);
        await page.keyboard.press('ControlOrMeta+c');
        const copied = await page.evaluate(() => navigator.clipboard.readText());
        const [first, last] = [Math.min(from, to), Math.max(from, to)];
        for (let at = first + 1; at < last; at += 1) {
          const expected = at % 2 === 0 ? `Question ${at / 2 + 1}` : `Answer ${(at - 1) / 2 + 1}`;
          expect(copied, `message ${at}`).toMatch(new RegExp(`^${expected}$`, 'm'));
        }
      });
    }
  }
});

test('S8: a print from the menu of the browser says that earlier messages are missing, and the next one has them', async ({ page, open }) => {
  const chat = new Chat(page);
  await open(160);
  await expect(chat.questions.last()).toHaveText('Question 80');
  const note = page.getByText('Earlier messages of this conversation are missing here.');
  await expect(note).toBeHidden();
  await page.emulateMedia({ media: 'print' });
  await expect(note).toBeVisible();
  await expect(chat.questions.filter({ hasText: /^Question 1$/ })).toHaveCount(0);
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  await expect(note).toBeHidden();
  await expect(chat.questions).toHaveCount(80);
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  await page.emulateMedia({ media: 'screen' });
  await expect(note).toBeHidden();
  await expect.poll(() => rows(chat).count()).toBeLessThan(90);
});
