// Language and theme: complete, stored, and applied before the first paint.

import type { Locator, Page } from '@playwright/test';

import type { Chat } from '../support/chat';
import { contrasts } from '../support/contrast';
import { expect, test } from '../support/fixtures';
import { MODELS } from '../support/mock';
import { wordsOn } from '../support/words';

// Names are the same in both languages.
const NAMES = [/^Kaiwa$/, / · Kaiwa$/, /^English$/, /^简体中文$/, /^reader-/, /^r$/i, /^(mock|markdown|echo|reasoning|tools)\b/];
const KEYS = [/^Enter$/, /^Ctrl\/⌘ \+ Enter$/];
const SAID = [/^What is a meadow\?$/, /^t0 t1/, /^~?[\d.]+k? \/ [\d.]+k$/];

/** Texts that are the same in both languages and are not names. */
function left(english: string[], chinese: string[]): string[] {
  const fixed = [...NAMES, ...KEYS, ...SAID];
  return chinese.filter((word) => english.includes(word) && !fixed.some((pattern) => pattern.test(word)));
}

/** Waits for content that the page loads from the server. */
async function complete({ page, sidebar }: Chat): Promise<void> {
  await expect(sidebar.getByRole('link').or(sidebar.getByRole('paragraph')).nth(1)).toBeVisible();
  const picker = page.getByRole('button', { name: /^(Model: |模型：)/ });
  if (await picker.isVisible()) await expect(picker).toHaveText(MODELS.quick);
}

/** Opens the page in both languages and compares the texts. */
async function compare(page: Page, arrange: () => Promise<void>): Promise<void> {
  const read = async (language: string) => {
    await page.evaluate((language) => {
      const stored = JSON.parse(localStorage.getItem('kaiwa.preferences') ?? '{}');
      localStorage.setItem('kaiwa.preferences', JSON.stringify({ ...stored, language }));
    }, language);
    await page.reload();
    await expect(page.locator('html')).toHaveAttribute('lang', language);
    await arrange();
    return wordsOn(page);
  };
  const english = await read('en');
  const chinese = await read('zh-CN');
  expect(english.length).toBeGreaterThan(5);
  expect(chinese.length).toBe(english.length);
  expect(left(english, chinese)).toEqual([]);
}

test.describe('language', () => {
  test('switching to Chinese and back changes every text', async ({ page, chat }) => {
    await complete(chat);
    const english = await wordsOn(page);
    await chat.account('简体中文');
    await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
    await expect(page.getByRole('heading', { name: '今天想聊点什么？' })).toBeVisible();
    expect(left(english, await wordsOn(page))).toEqual([]);
    await page.reload();
    await expect(page.getByRole('heading', { name: '今天想聊点什么？' })).toBeVisible();
    await complete(chat);
    await chat.account('English');
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    await expect(chat.greeting).toBeVisible();
    expect(await wordsOn(page)).toEqual(english);
  });

  test('every page exists in both languages', async ({ page, chat }) => {
    await chat.ask('What is a meadow?');
    await compare(page, async () => {
      await expect(page.getByRole('article')).toHaveCount(2);
      await complete(chat);
    });
    await page.goto('/settings');
    await compare(page, async () => {
      await expect(page.getByText(/^0\.\d+\.\d+$/)).toBeVisible();
      await complete(chat);
    });
    await page.goto('/no/such/page');
    await compare(page, async () => {
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await complete(chat);
    });
    await page.context().clearCookies();
    await page.goto('/auth');
    await compare(page, () => expect(page.getByRole('heading', { level: 1 })).toBeVisible());
  });

  test('a browser that prefers Chinese gets Chinese', async ({ browser, site }) => {
    const context = await browser.newContext({ locale: 'zh-CN', baseURL: site.origin });
    const page = await context.newPage();
    await page.goto('/');
    await expect(page.getByRole('button', { name: /登录|注册/ }).first()).toBeVisible();
    await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
    await context.close();
  });
});

test.describe('theme', () => {
  const background = (page: Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

  test('N9: the theme is stored and applied before the first paint', async ({ page, chat }) => {
    await page.addInitScript(() => {
      const seen: (string | null)[] = [];
      const painted: number[] = [];
      Object.assign(window, { seen, painted });
      new MutationObserver(() => {
        const theme = document.documentElement?.getAttribute('data-theme') ?? null;
        if (theme !== (seen.at(-1) ?? null)) {
          seen.push(theme);
          painted.push(performance.getEntriesByType('paint').length);
        }
      }).observe(document, { attributes: true, childList: true, subtree: true });
    });
    for (const [item, theme] of [['Dark', 'dark'], ['Light', 'light']] as const) {
      await chat.account(item);
      await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
      await page.reload();
      await expect(chat.composer).toBeFocused();
      // One theme from the start, set before anything was painted.
      const history = await page.evaluate(() => {
        const { seen, painted } = window as unknown as { seen: string[]; painted: number[] };
        return { seen, painted };
      });
      expect(history).toEqual({ seen: [theme], painted: [0] });
    }
  });

  test('N9: the accent colour is stored and applied before the first paint, and can be read', async ({ page, chat }) => {
    const accent = () => page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--accent'));
    const before = await accent();
    await chat.account('Settings');
    const seen = new Set([before]);
    for (const name of ['Blue', 'Violet', 'Pink', 'Orange']) {
      await page.getByRole('radio', { name }).check();
      await expect(page.locator('html')).toHaveAttribute('data-accent', name.toLowerCase());
      seen.add(await accent());
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const low = await contrasts(page, ['--accent', '--accent-hover'], ['--surface', '--surface-side', '--surface-raised', '--surface-sunken', '--accent-soft']);
        expect([...low, ...(await contrasts(page, ['--on-accent'], ['--accent', '--accent-hover']))], `${name}, ${colorScheme}`).toEqual([]);
      }
    }
    expect(seen.size).toBe(5);
    await page.addInitScript(() => {
      new MutationObserver((_, observer) => {
        if (!document.body) return;
        Object.assign(window, { atBody: [document.documentElement.dataset.accent, performance.getEntriesByType('paint').length] });
        observer.disconnect();
      }).observe(document, { childList: true, subtree: true });
    });
    await page.reload();
    await expect(page.getByRole('radio', { name: 'Orange' })).toBeChecked();
    expect(await page.evaluate(() => (window as unknown as { atBody: unknown }).atBody)).toEqual(['orange', 0]);
    await page.getByRole('radio', { name: 'Teal' }).check();
    expect(await accent()).toBe(before);
  });

  test('N9 A8: with the system’s colours, what is chosen and what has the focus stand out', async ({ page, chat }) => {
    await chat.ask('What is a meadow?');
    await chat.newConversation();
    await chat.ask('What is a river?');
    await page.emulateMedia({ forcedColors: 'active' });
    const outline = (element: Locator) => element.evaluate((one) => {
      const { outlineStyle, outlineWidth } = getComputedStyle(one);
      return outlineStyle === 'none' ? 0 : Number.parseFloat(outlineWidth);
    });
    expect(await outline(chat.entry('What is a river?'))).toBeGreaterThan(1);
    expect(await outline(chat.entry('What is a meadow?'))).toBe(0);
    await chat.picker.click();
    expect(await outline(chat.models.getByRole('row', { selected: true }))).toBeGreaterThan(1);
    expect(await outline(chat.models.getByRole('row', { selected: false }).first())).toBe(0);
    await page.keyboard.press('Escape');
    await chat.composer.fill('/');
    await chat.composer.press('End');
    await chat.account('Settings');
    const option = (name: string) => page.getByRole('radio', { name, exact: true }).locator('+ span');
    expect(await outline(option('System'))).toBe(2);
    expect(await outline(option('Dark'))).toBe(0);
    await page.getByRole('radio', { name: 'System', exact: true }).focus();
    await page.keyboard.press('ArrowRight');
    expect(await outline(option('Light'))).toBe(4);
    // Icons and the border of the composer are drawn in the system's colours.
    await page.goBack();
    const drawn = await page.evaluate(() => [...document.querySelectorAll('button .icon')].filter((icon) => icon.checkVisibility()).every((icon) => {
      const button = icon.closest('button');
      return button && getComputedStyle(icon).stroke !== getComputedStyle(button).backgroundColor;
    }));
    expect(drawn).toBe(true);
    expect(await page.locator('form.composer').evaluate((one) => Number.parseFloat(getComputedStyle(one).borderTopWidth))).toBeGreaterThan(0);
  });

  test('N9: the chosen theme overrides the system', async ({ page, chat }) => {
    const light = await background(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await background(page);
    expect(dark).not.toBe(light);
    await chat.account('Light');
    expect(await background(page)).toBe(light);
    await page.emulateMedia({ colorScheme: 'light' });
    await chat.account('Dark');
    expect(await background(page)).toBe(dark);
    await chat.account('System');
    expect(await background(page)).toBe(light);
    await expect(page.locator('html')).not.toHaveAttribute('data-theme');
  });
});
