// The composer: long pastes, commands and models by name, quotations, drafts.

import type { Page } from '@playwright/test';

import { NOTES } from '../support/files';
import { expect, test } from '../support/fixtures';
import { MODELS } from '../support/mock';

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

const LINES = Array.from({ length: 20_000 }, (_, line) => `line ${line} of a long text`).join('\n');

async function paste(page: Page, text: string, keys: string): Promise<void> {
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await page.keyboard.press(keys);
}

const undo = 'ControlOrMeta+z';

test('C4 C5: a long text that is pasted becomes a file, and stays text with Shift', async ({ page, chat }) => {
  await chat.composer.fill('See ');
  await paste(page, LINES, 'ControlOrMeta+v');
  const chips = page.getByRole('list', { name: 'Files' }).getByRole('listitem');
  await expect(chips).toHaveCount(1);
  await expect(chips).toContainText('Pasted text.txt');
  await expect(chat.composer).toHaveValue('See ');
  await expect(page.locator('form').getByText('Ctrl+Shift+V pastes it as text')).toBeVisible();
  const long = LINES.slice(0, 5_000);
  await paste(page, long, 'ControlOrMeta+Shift+v');
  await expect(chat.composer).toHaveValue(`See ${long}`);
  await page.keyboard.type(' end');
  await expect(chat.composer).toHaveValue(/ end$/);
  await expect(chips).toHaveCount(1);
  const limit = 'x'.repeat(2_500);
  await chat.composer.fill('');
  await paste(page, limit, 'ControlOrMeta+v');
  await expect(chat.composer).toHaveValue(limit);
  await page.keyboard.press('ControlOrMeta+a');
  await paste(page, `${limit}长`, 'ControlOrMeta+v');
  await expect(chips).toHaveCount(2);
  await expect(chat.composer).toHaveValue(limit);
  await expect(chips.last()).toContainText('2.5 kB');
});

test('C4: what a long paste became goes to the model as text', async ({ page, chat }) => {
  await chat.choose('echo');
  await chat.composer.focus();
  await paste(page, `The word is kumquat.\n${'filler '.repeat(400)}`, 'ControlOrMeta+v');
  await chat.composer.fill('Which word?');
  await chat.composer.press('Enter');
  await expect(chat.questions.last().getByRole('link', { name: /Pasted text\.txt/ })).toBeVisible();
  await chat.finished();
  await expect(chat.lastReply).toContainText('kumquat');
});

test('C8 K2: commands and models are offered while they are typed', async ({ page, chat }) => {
  const list = page.getByRole('listbox', { name: 'Suggestions' });
  const option = (name: string) => list.getByRole('option').filter({ hasText: name });
  await chat.composer.pressSequentially('/');
  await expect(list.getByRole('option')).toHaveText([/New chat/, /Temporary chat/, /Settings/]);
  await expect(option('New chat')).toHaveAttribute('aria-selected', 'true');
  await chat.composer.press('ArrowUp');
  await expect(option('Settings')).toHaveAttribute('aria-selected', 'true');
  await expect(chat.composer).toHaveAttribute('aria-activedescendant', await option('Settings').getAttribute('id') ?? '');
  await chat.composer.press('Escape');
  await expect(list).toBeHidden();
  await expect(chat.composer).toHaveValue('/');
  for (const text of ['//', '/usr/bin', 'and/or', 'me@example.org', 'x /new', '/new chat']) {
    await chat.composer.fill('');
    await chat.composer.pressSequentially(text);
    await expect(list, text).toBeHidden();
  }
  await chat.composer.fill('');
  await chat.composer.pressSequentially('Dear @kb-8');
  await expect(option(MODELS.lecture)).toBeVisible();
  await page.evaluate(() => {
    const init = { key: 'Enter', keyCode: 229, bubbles: true, cancelable: true };
    document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', init));
  });
  await expect(list).toBeVisible();
  await chat.composer.press('Tab');
  await expect(chat.picker).toHaveText(MODELS.lecture);
  await expect(chat.composer).toHaveValue('Dear ');
  await expect(chat.composer).toBeFocused();
  await chat.composer.press(undo);
  await expect(chat.composer).toHaveValue('Dear @kb-8');
  await chat.composer.fill('');
  await chat.composer.pressSequentially('、');
  await option('Temporary chat').click();
  await expect(page).toHaveURL(/\/temporary$/);
});

test('C9: a selected passage is quoted, with formulas as their source, and undo takes it back', async ({ page, chat }) => {
  await chat.ask('say: Euler wrote $e^{i\\pi}=-1$ once.\n\nThen he rested.', 'echo');
  await expect(chat.lastReply.locator('math')).toBeVisible();
  await chat.composer.fill('Why? ');
  await chat.lastReply.getByRole('paragraph').first().evaluate((first) => {
    getSelection()?.setBaseAndExtent(first, 0, first.parentElement ?? first, first.parentElement?.childNodes.length ?? 0);
  });
  await page.getByRole('button', { name: 'Quote' }).click();
  await expect(chat.composer).toHaveValue(/^Why\? \n\n> .*Euler wrote \$e\^\{i\\pi\}=-1\$ once\.\n>\n> Then he rested\.\n\n$/);
  await expect(chat.composer).toBeFocused();
  await chat.composer.press(undo);
  await expect(chat.composer).toHaveValue('Why? ');
  // A selection that leaves the message is not quoted.
  await page.evaluate(() => getSelection()?.selectAllChildren(document.body));
  await expect(page.getByRole('button', { name: 'Quote' })).toBeHidden();
});

test('C1: a draft is saved when the page is hidden', async ({ page, chat }) => {
  await chat.composer.fill('Half a thought');
  const stored = await page.evaluate(() => {
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    return JSON.stringify({ ...localStorage });
  });
  expect(stored).toContain('Half a thought');
});

test('C10: the button that stops looks the same under the pointer', async ({ page, chat }) => {
  await chat.choose('silent');
  await chat.say('Wait.');
  const look = () => chat.stop.evaluate((button) => {
    const icon = button.querySelector('svg');
    if (!icon) return null;
    const { backgroundColor, color, opacity } = getComputedStyle(button);
    return { backgroundColor, color, opacity, fill: getComputedStyle(icon).fill, drawing: icon.innerHTML };
  });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.mouse.move(0, 0);
    const before = await look();
    expect(before?.fill).toBe(before?.color);
    expect(before?.color).not.toBe(before?.backgroundColor);
    await chat.stop.hover();
    expect(await chat.stop.evaluate((button) => button.matches(':hover'))).toBe(true);
    // A transition would have begun by now.
    await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)));
    expect(await look()).toEqual(before);
  }
  await chat.stop.click();
});

const drafts = (page: Page) =>
  page.evaluate(() => Object.entries(localStorage).filter(([key]) => key.startsWith('kaiwa.draft.')).map(([key, value]) => [key, String(value)] as const));

test('C1 C2: every conversation has its draft, with its files, and signing out removes them', async ({ page, chat }) => {
  await chat.ask('What is a meadow?');
  await chat.composer.fill('About the meadow');
  await page.locator('input[type=file]').setInputFiles([NOTES]);
  await expect(page.getByRole('list', { name: 'Files' })).toContainText('19 B');
  await chat.newConversation();
  await expect(chat.composer).toHaveValue('');
  await chat.composer.fill('Something new');
  // Not before a pause, and without leaving the page.
  await expect.poll(async () => (await drafts(page)).length).toBe(2);
  await page.reload();
  await expect(chat.composer).toHaveValue('Something new');
  await expect(page.getByRole('list', { name: 'Files' })).toHaveCount(0);
  await chat.entry('What is a meadow?').click();
  await expect(chat.composer).toHaveValue('About the meadow');
  await expect(page.getByRole('button', { name: 'Remove notes.md' })).toBeVisible();
  await chat.account('Sign out');
  await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
  expect(await drafts(page)).toEqual([]);
});

test('C1: fifty drafts are kept, the newest ones', async ({ page, chat }) => {
  await chat.composer.fill('First');
  await expect.poll(async () => (await drafts(page)).length).toBe(1);
  const [[key]] = await drafts(page);
  await page.evaluate((key) => {
    for (let at = 0; at < 60; at += 1) {
      const draft = { content: [{ type: 'text', text: `Old ${at}` }], files: [], saved_at: 1000 + at };
      localStorage.setItem(key.replace(/new$/, crypto.randomUUID()), JSON.stringify(draft));
    }
  }, key);
  await chat.composer.fill('Second');
  await expect.poll(async () => (await drafts(page)).length).toBe(50);
  const texts = (await drafts(page)).map(([, value]) => value).join();
  expect(texts).toContain('Second');
  for (const [at, kept] of [[59, true], [11, true], [10, false], [0, false]] as const) expect(texts.includes(`"Old ${at}"`), `Old ${at}`).toBe(kept);
});

test('C1: a tab in which nothing was typed does not overwrite a draft', async ({ page, chat, context }) => {
  await chat.ask('What is a meadow?');
  const idle = await context.newPage();
  await idle.goto(page.url());
  await expect(idle.getByRole('textbox', { name: 'Message' })).toBeVisible();
  await chat.composer.fill('Typed here');
  await expect.poll(async () => (await drafts(page)).length).toBe(1);
  // The other tab goes into the background, and away.
  await idle.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
  await idle.goto('about:blank');
  await page.reload();
  await expect(chat.composer).toHaveValue('Typed here');
  // Two conversations in two tabs.
  await idle.goto(new URL('/', page.url()).href);
  await idle.getByRole('textbox', { name: 'Message' }).fill('Typed there');
  await expect.poll(async () => (await drafts(page)).length).toBe(2);
  await page.reload();
  await expect(chat.composer).toHaveValue('Typed here');
});

test('C1: full storage keeps nobody from typing and sending', async ({ page, chat }) => {
  await page.evaluate(() => {
    Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };
  });
  await chat.composer.fill('');
  await chat.composer.pressSequentially('How are rivers made?');
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
  await expect(chat.composer).toHaveValue('How are rivers made?');
  await chat.composer.press('Enter');
  await chat.finished();
  await expect(chat.questions).toHaveText(['How are rivers made?']);
});

test('C9: the composer grows to two fifths of the window, then it scrolls', async ({ page, chat }) => {
  const height = () => chat.composer.evaluate((field) => field.getBoundingClientRect().height);
  const one = await height();
  await chat.composer.fill('1\n2\n3\n4');
  expect(await height()).toBeGreaterThan(one * 1.5);
  await chat.composer.fill(Array.from({ length: 100 }, (_, at) => `${at}`).join('\n'));
  expect(await height()).toBeCloseTo(0.4 * (page.viewportSize()?.height ?? 0), -1);
  expect(await chat.composer.evaluate((field) => field.scrollHeight > field.clientHeight)).toBe(true);
  await chat.composer.fill('');
  expect(await height()).toBe(one);
});
