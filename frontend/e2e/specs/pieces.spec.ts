// Parts of the program that are loaded on demand.

import type { Page } from '@playwright/test';

import { Chat } from '../support/chat';
import { expect, test } from '../support/fixtures';

const PIECE = '**/split_panels.wasm';
const SCRIPT = '**/kaiwa.js';
const FAILED = 'This couldn’t be loaded. Check your connection.';

/** Counts how often the piece is asked for. */
function fetches(page: Page): () => number {
  let count = 0;
  page.on('request', (request) => (count += request.url().endsWith('/split_panels.wasm') ? 1 : 0));
  return () => count;
}

const DRAWING = '```svg\n<svg xmlns="http://www.w3.org/2000/svg"><title>Dot</title></svg>\n```';

/** The panels in the piece: how to open each, and which element proves that it has loaded. */
const PANELS: Record<string, { open: (chat: Chat) => Promise<void>; shown: (page: Page) => ReturnType<Page['locator']> }> = {
  'the model picker': {
    open: (chat) => chat.picker.click(),
    shown: (page) => page.getByRole('combobox', { name: 'Search models' }),
  },
  'the settings of a conversation': {
    open: (chat) => chat.settingsButton.click(),
    shown: (page) => page.getByRole('textbox', { name: 'System prompt' }),
  },
  'the settings': {
    open: (chat) => chat.account('Settings'),
    shown: (page) => page.getByRole('group', { name: 'Theme' }),
  },
  'the outline': {
    open: async (chat) => {
      await chat.say('Hello');
      await chat.page.getByRole('button', { name: 'Your questions' }).click();
    },
    shown: (page) => page.getByRole('dialog', { name: 'Your questions' }),
  },
  'the search': {
    open: async (chat) => {
      await chat.say('Hello');
      await chat.page.getByRole('button', { name: 'Find in conversation' }).click();
    },
    shown: (page) => page.getByRole('textbox', { name: 'Find in conversation' }),
  },
  'an artifact': {
    open: async (chat) => {
      await chat.composer.fill(DRAWING);
      await chat.composer.press('Enter');
      await chat.questions.getByRole('button', { name: 'Preview' }).click();
      await chat.questions.getByRole('button', { name: 'Expand' }).click();
    },
    shown: (page) => page.getByRole('dialog', { name: 'Dot' }),
  },
};

test('the first visit does not load what opens on a click, and opening it does so once', async ({ page, account: _, watch: _watch }) => {
  const count = fetches(page);
  const chat = new Chat(page);
  await page.goto('/');
  await expect(chat.composer).toBeFocused();
  await chat.say('Hello');
  await chat.finished();
  expect(count()).toBe(0);
  await chat.picker.click();
  await expect(chat.modelSearch).toBeFocused();
  await expect(chat.picker).toHaveAttribute('aria-expanded', 'true');
  await page.keyboard.press('Escape');
  await expect(chat.picker).toBeFocused();
  await chat.openSettings();
  await page.keyboard.press('Escape');
  await chat.account('Settings');
  await expect(page.getByRole('group', { name: 'Theme' })).toBeVisible();
  expect(count()).toBe(1);
});

for (const [way, prepare] of Object.entries({
  'a pointer over a button': (chat: Chat) => chat.picker.hover(),
  'the focus on a button': (chat: Chat) => chat.settingsButton.focus(),
  'the menu of the account': (chat: Chat) => chat.openAccountMenu(),
})) {
  test(`${way} loads what it may open`, async ({ page, chat }) => {
    const loaded = page.waitForResponse(PIECE);
    await prepare(chat);
    expect((await loaded).status()).toBe(200);
    await expect(page.getByRole('dialog')).toHaveCount(0);
  });
}

for (const [name, { open, shown }] of Object.entries(PANELS)) {
  test(`${name} that cannot be loaded says so and can be tried again`, async ({ page, chat, watch }) => {
    watch.expect(/net::ERR_FAILED|Failed to fetch/);
    const count = fetches(page);
    await page.route(PIECE, (route) => route.abort());
    await open(chat);
    const note = page.getByRole('alert').filter({ hasText: FAILED });
    await expect(note).toBeVisible();
    const again = page.getByRole('button', { name: 'Try again' });
    const before = count();
    await again.click();
    await expect.poll(count).toBeGreaterThan(before);
    await expect(again, 'it failed again').toBeVisible();
    await page.unroute(PIECE);
    await again.click();
    await expect(shown(page)).toBeVisible();
    await expect(note).toBeHidden();
  });
}

test('the focus goes to “Try again” and then into the panel', async ({ page, chat, watch }) => {
  watch.expect(/net::ERR_FAILED|Failed to fetch/);
  await page.route(PIECE, (route) => route.abort());
  await chat.picker.focus();
  await chat.picker.press('Enter');
  await expect(page.getByRole('button', { name: 'Try again' })).toBeFocused();
  await expect(chat.picker).toHaveAttribute('aria-expanded', 'true');
  await page.unroute(PIECE);
  await page.keyboard.press('Enter');
  await expect(chat.modelSearch).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(chat.picker).toBeFocused();
  await expect(chat.picker).toHaveAttribute('aria-expanded', 'false');
});

test('a note over the page can be closed', async ({ page, chat, watch }) => {
  watch.expect(/net::ERR_FAILED|Failed to fetch/);
  await page.route(PIECE, (route) => route.abort());
  await chat.say('Hello');
  for (const name of ['Your questions', 'Find in conversation']) {
    await page.getByRole('button', { name }).click();
    await expect(page.getByRole('button', { name: 'Try again' })).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('button', { name: 'Try again' })).toBeHidden();
  }
});

test('a panel that takes long says that it is loading', async ({ page, chat }) => {
  let isAnswered = false;
  await page.route(PIECE, async (route) => {
    await expect.poll(() => isAnswered).toBe(true);
    await route.continue();
  });
  await chat.picker.click();
  await expect(page.getByRole('status').filter({ hasText: 'Loading…' })).toBeVisible();
  isAnswered = true;
  await expect(chat.modelSearch).toBeFocused();
});

test.describe('after a new version was installed', () => {
  const gone = async (page: Page) => {
    await page.route(PIECE, (route) => route.fulfill({ status: 404 }));
    await page.route(SCRIPT, (route) => (route.request().method() === 'HEAD' ? route.fulfill({ status: 404 }) : route.continue()));
  };

  test('a page of the old one offers a reload', async ({ page, chat, watch }) => {
    watch.expect(/status of 404|HTTP status code is not ok/);
    await gone(page);
    await chat.composer.fill('A draft');
    await chat.picker.click();
    await expect(page.getByRole('alert').filter({ hasText: 'Kaiwa has been updated.' })).toBeVisible();
    await page.unroute(PIECE);
    await page.getByRole('button', { name: 'Reload' }).click();
    await expect(chat.composer).toHaveValue('A draft');
    await expect(page.getByRole('alert').filter({ hasText: 'Kaiwa has been updated.' })).toBeHidden();
    await chat.picker.click();
    await expect(chat.modelSearch).toBeFocused();
  });

  test.describe('in Chinese', () => {
    test.use({ locale: 'zh-CN' });

    test('it says so on the settings page', async ({ page, account: _, watch }) => {
      watch.expect(/status of 404|HTTP status code is not ok/);
      await gone(page);
      await page.goto('/settings');
      await expect(page.getByText('Kaiwa 已更新')).toBeVisible();
      await page.unroute(PIECE);
      await page.getByRole('button', { name: '刷新' }).click();
      await expect(page.getByRole('group', { name: '主题', exact: true })).toBeVisible();
    });
  });
});
