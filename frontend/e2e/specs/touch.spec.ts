// Everything that can be pressed is large enough for a finger.

import type { Page } from '@playwright/test';

import { expect, test } from '../support/fixtures';
import { savePrompts } from '../support/prompts';

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

/** What is smaller than 44 px, apart from what is inside prose. */
function tooSmall(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const targets = document.querySelectorAll('button, a[href], input:not([type=radio]), .choice span, textarea, [role^=menuitem]');
    return [...targets]
      .filter((target) => target.checkVisibility({ visibilityProperty: true }) && !target.closest('p, .skip-link, .md'))
      .map((target) => ({ name: target.getAttribute('aria-label') ?? target.textContent, box: target.getBoundingClientRect() }))
      .filter(({ box }) => box.height < 43.5 || box.width < 43.5)
      .map(({ name, box }) => `${name}: ${Math.round(box.width)} × ${Math.round(box.height)}`);
  });
}

test('A7: every target is at least 44 pixels high and wide', async ({ page, chat }) => {
  expect(await tooSmall(page), 'start page').toEqual([]);
  await chat.ask('Explain static files.', 'markdown');
  await chat.take(chat.lastReply, 'Answer again', /^Answer again/);
  await chat.finished();
  expect(await tooSmall(page), 'replies').toEqual([]);
  await chat.do(chat.lastReply, 'More actions');
  expect(await tooSmall(page), 'menu').toEqual([]);
  await page.keyboard.press('Escape');
  await chat.do(chat.questions.first(), 'Edit');
  expect(await tooSmall(page), 'editing').toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByRole('banner').getByRole('button', { name: 'Toggle sidebar' }).click();
  await chat.search.fill('no such thing');
  expect(await tooSmall(page), 'drawer').toEqual([]);
  await page.goto('/settings');
  await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeVisible();
  expect(await tooSmall(page), 'settings').toEqual([]);
  await savePrompts(page.request, { Review: 'Review {{code}}.' });
  await page.getByRole('button', { name: 'Edit “Review”' }).click();
  await page.getByRole('button', { name: 'Save' }).waitFor();
  expect(await tooSmall(page), 'prompts').toEqual([]);
  await page.goto('about:blank');
  await page.context().clearCookies();
  await page.goto('/auth');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(await tooSmall(page), 'sign-in').toEqual([]);
});
