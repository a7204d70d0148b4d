// The page for weak eyes: at 400 % zoom, with a visible focus, and with colours that can be told from their ground.

import type { Page } from '@playwright/test';

import { contrasts } from '../support/contrast';
import { expect, test } from '../support/fixtures';

/** What is wider than the window, apart from code and tables, which scroll in themselves. */
const wide = (page: Page) => page.evaluate(() => {
  const beyond = [...document.querySelectorAll('body *')].filter((one) => {
    const box = one.getBoundingClientRect();
    return one.checkVisibility({ visibilityProperty: true }) && box.width > 1 && box.right > innerWidth + 1 && box.left < innerWidth
      && !one.closest('.md-code, .md-table, .md-math, .sidebar, [inert], .visually-hidden, svg');
  });
  return [document.documentElement.scrollWidth - innerWidth, ...beyond.map((one) => `${one.tagName}.${one.className}`)];
});

test.describe('at 400 %', () => {
  // A window of 1280 × 1024.
  test.use({ viewport: { width: 320, height: 256 } });

  test('A7: everything is reachable without scrolling to the side', async ({ page, chat }) => {
    expect(await wide(page), 'empty').toEqual([0]);
    await chat.ask('Explain static files.', 'markdown');
    expect(await wide(page), 'a reply').toEqual([0]);
    expect(await chat.thread.evaluate((thread) => thread.clientHeight), 'room for the thread').toBeGreaterThan(60);
    await expect(chat.composer).toBeInViewport({ ratio: 0.9 });
    await chat.picker.click();
    await expect(chat.models).toBeVisible();
    await page.waitForTimeout(300);
    expect(await wide(page), 'models').toEqual([0]);
    await chat.model('echo-rate-0').scrollIntoViewIfNeeded();
    await expect(chat.model('echo-rate-0')).toBeInViewport();
    await page.keyboard.press('Escape');
    await chat.thread.hover();
    for (let step = 0; step < 4; step += 1) await page.mouse.wheel(0, -3000);
    await expect(chat.questions.first()).toBeInViewport();
    await chat.do(chat.questions.first(), 'Edit');
    await expect(page.getByRole('textbox', { name: 'Edit message' })).toBeInViewport();
    expect(await wide(page), 'editing').toEqual([0]);
    await page.keyboard.press('Escape');
    await chat.take(chat.questions.first(), 'More actions', 'Delete');
    const cancel = page.getByRole('dialog').getByRole('button', { name: 'Cancel' });
    await cancel.scrollIntoViewIfNeeded();
    await expect(cancel).toBeInViewport({ ratio: 1 });
    expect(await wide(page), 'a dialog').toEqual([0]);
    await cancel.click();
    await page.getByRole('banner').getByRole('button', { name: 'Toggle sidebar' }).click();
    await expect(chat.sidebar).toBeVisible();
    await chat.entry('Explain static files').scrollIntoViewIfNeeded();
    await expect(chat.entry('Explain static files')).toBeInViewport();
    await page.keyboard.press('Escape');
    await expect(chat.sidebar).toBeHidden();
    await page.goto('/settings');
    await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeVisible();
    expect(await wide(page), 'settings').toEqual([0]);
    await page.goto('about:blank');
    await page.context().clearCookies();
    await page.goto('/auth');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    expect(await wide(page), 'sign-in').toEqual([0]);
  });
});

/** Presses Tab through the page. Returns what has the focus and does not show it. */
async function withoutRing(page: Page): Promise<string[]> {
  const hidden: string[] = [];
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate(() => {
      const focused = document.activeElement;
      if (!focused || focused === document.body) return 'end';
      const shows = (one: Element | null) => {
        const style = one && getComputedStyle(one);
        return Boolean(style && style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2);
      };
      // The field of the composer and its frame look like one.
      const frame = focused.closest('form.composer');
      const probe = document.body.appendChild(document.createElement('i'));
      probe.style.color = 'var(--border-strong)';
      const framed = focused.id === 'composer' && frame && getComputedStyle(frame).borderTopColor === getComputedStyle(probe).color;
      probe.remove();
      const name = focused.getAttribute('aria-label') ?? (focused.id || focused.textContent?.slice(0, 40));
      return shows(focused) || shows(focused.nextElementSibling) || framed ? '' : `${focused.tagName}.${focused.className}: ${name}`;
    });
    if (found === 'end') break;
    if (found) hidden.push(found);
  }
  return hidden;
}

test('A7: whatever has the focus shows it', async ({ page, chat }) => {
  // Colours that still change are neither.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await chat.ask('Explain static files.', 'markdown');
  await page.locator('body').press('Escape');
  await chat.search.focus();
  expect(await withoutRing(page), 'the chat page').toEqual([]);
  await page.goto('/settings');
  await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeVisible();
  expect(await withoutRing(page), 'settings').toEqual([]);
  await page.goto('about:blank');
  await page.context().clearCookies();
  await page.goto('/auth');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(await withoutRing(page), 'sign-in').toEqual([]);
});

test('A7: the colours of text and code have a contrast of 4.5 in both themes', async ({ page, chat }) => {
  await expect(chat.composer).toBeVisible();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const code = ['keyword', 'string', 'number', 'comment', 'title', 'type'].map((name) => `--code-${name}`);
    expect(await contrasts(page, [...code, '--text', '--text-muted'], ['--code-bg', '--surface']), colorScheme).toEqual([]);
    expect(await contrasts(page, ['--text', '--text-muted', '--accent'], ['--surface-side', '--surface-raised', '--surface-sunken', '--bubble']), colorScheme).toEqual([]);
    expect(await contrasts(page, ['--danger', '--warning'], ['--surface', '--surface-raised']), colorScheme).toEqual([]);
    expect(await contrasts(page, ['--danger', '--text'], ['--danger-soft']), colorScheme).toEqual([]);
  }
});
