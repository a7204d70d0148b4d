// Everything that can be pressed is large enough for a finger.

import type { Page } from '@playwright/test';

import { NOTES, PICTURE, PROGRAM } from '../support/files';
import { expect, test } from '../support/fixtures';
import { savePrompts } from '../support/prompts';

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

/** Targets smaller than 44 px, except links and footnote numbers in prose. */
function tooSmall(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const targets = document.querySelectorAll(
      'button, a[href], summary, select, input:not([type=radio], [type=checkbox][disabled]), .choice span, textarea, [role^=menuitem], [role=option], [role=row]',
    );
    return [...targets]
      .filter((target) => target.checkVisibility({ visibilityProperty: true }) && !target.closest('.skip-link') && !target.matches(':is(p, .md) a, .md-footnote-reference'))
      .map((target) => ({ name: target.getAttribute('aria-label') ?? target.textContent, box: target.getBoundingClientRect() }))
      .filter(({ box }) => box.height < 43.5 || box.width < 43.5)
      .map(({ name, box }) => `${name}: ${Math.round(box.width)} × ${Math.round(box.height)}`);
  });
}

/** Everything in a reply that can be pressed. */
const REPLY = `Look:

\`\`\`js
${Array.from({ length: 50 }, (_, line) => `const value${line} = ${line};`).join('\n')}
\`\`\`

\`\`\`html
<title>Page</title><p>Hello</p>
\`\`\`

<details><summary>More</summary>

Hidden.

</details>

![A picture](https://example.com/a.png)

One more.[^1]

[^1]: A note.
`;

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

test('A7: every target in a reply, and of what helps to read and write, is as large', async ({ page, chat, watch }) => {
  watch.expect(/status of 415 .*files/);
  await chat.ask(`say: ${REPLY}`, 'echo');
  await expect(chat.lastReply.getByRole('button', { name: 'Preview' })).toBeVisible();
  expect(await tooSmall(page), 'a reply').toEqual([]);
  await chat.lastReply.getByRole('button', { name: 'Preview' }).click();
  await expect(chat.lastReply.locator('iframe')).toBeVisible();
  expect(await tooSmall(page), 'a preview').toEqual([]);
  await chat.lastReply.getByRole('button', { name: 'Expand' }).click();
  await expect(page.getByRole('button', { name: 'Close preview' })).toBeVisible();
  expect(await tooSmall(page), 'an artifact').toEqual([]);
  await page.getByRole('button', { name: 'Close preview' }).click();
  await chat.ask('What is a river?', 'sourced');
  await chat.ask('What time is it in Tokyo?', 'tools');
  await chat.ask('Think about it.', 'thinker');
  await chat.ask(`A long question:\n${'line\n'.repeat(30)}`, 'quick');
  await page.locator('input[type=file]').setInputFiles([PICTURE, PROGRAM, NOTES]);
  await expect(page.getByRole('list', { name: 'Files' }).last().getByRole('listitem')).toHaveCount(3);
  expect(await tooSmall(page), 'sources, tools, thoughts and files').toEqual([]);
  await chat.composer.pressSequentially('/');
  await expect(page.getByRole('option').first()).toBeVisible();
  expect(await tooSmall(page), 'suggestions').toEqual([]);
  await chat.composer.press('Escape');
  await page.getByRole('button', { name: 'Your questions' }).click();
  expect(await tooSmall(page), 'outline').toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Find in conversation' }).click();
  expect(await tooSmall(page), 'search').toEqual([]);
  await page.keyboard.press('Escape');
  await chat.picker.click();
  await expect(chat.models).toBeVisible();
  expect(await tooSmall(page), 'models').toEqual([]);
  await page.keyboard.press('Escape');
  await chat.openSettings();
  expect(await tooSmall(page), 'settings of the conversation').toEqual([]);
});

test('A7: so is every target in panels, dialogs and lists', async ({ page, chat, watch }) => {
  watch.expect(/status of 4\d\d .*files/);
  await page.locator('input[type=file]').setInputFiles([NOTES, PROGRAM]);
  await expect(page.getByRole('list', { name: 'Files' })).toContainText('Kaiwa can’t read this kind of file.');
  expect(await tooSmall(page), 'files').toEqual([]);
  await page.getByRole('button', { name: 'Remove setup.exe' }).tap();
  await chat.composer.fill('/');
  await chat.composer.press('End');
  await expect(page.getByRole('listbox', { name: 'Suggestions' })).toBeVisible();
  expect(await tooSmall(page), 'commands').toEqual([]);
  await chat.composer.fill('What is a meadow?');
  await chat.send.tap();
  await chat.finished();
  await chat.ask('What is a river?', 'thinker');
  await chat.lastReply.getByRole('button', { name: /^Thought/ }).tap();
  expect(await tooSmall(page), 'reasoning').toEqual([]);
  await chat.ask('What is a lake?', 'sourced');
  await chat.lastReply.getByRole('button', { name: /^Details of this answer/ }).tap();
  expect(await tooSmall(page), 'details').toEqual([]);
  await page.keyboard.press('Escape');
  await chat.picker.tap();
  await expect(chat.models).toBeVisible();
  expect(await tooSmall(page), 'models').toEqual([]);
  await page.keyboard.press('Escape');
  await expect(chat.models).toBeHidden();
  await chat.openSettings();
  expect(await tooSmall(page), 'settings of the conversation').toEqual([]);
  await page.keyboard.press('Escape');
  await chat.take(chat.questions.last(), 'More actions', 'Delete');
  await expect(page.getByRole('dialog')).toBeVisible();
  expect(await tooSmall(page), 'a dialog').toEqual([]);
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).tap();
  await page.getByRole('banner').getByRole('button', { name: 'Toggle sidebar' }).tap();
  await chat.openMenu('What is a meadow?');
  expect(await tooSmall(page), 'the menu of a conversation').toEqual([]);
  await page.getByRole('menuitem', { name: 'Rename' }).tap();
  await expect(chat.sidebar.getByRole('textbox', { name: 'Rename' })).toBeVisible();
  expect(await tooSmall(page), 'renaming').toEqual([]);
  await page.keyboard.press('Escape');
  await chat.openAccountMenu();
  expect(await tooSmall(page), 'the account').toEqual([]);
  await page.goto('/nowhere');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(await tooSmall(page), 'nothing here').toEqual([]);
});
