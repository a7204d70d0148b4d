// Saved prompts: kept in the settings, inserted while a message is written.

import type { Page } from '@playwright/test';

import { Chat } from '../support/chat';
import { expect, test } from '../support/fixtures';
import { savePrompts } from '../support/prompts';

const undo = 'ControlOrMeta+z';

/** The text that is selected in the composer. */
function selected(chat: Chat): Promise<string> {
  return chat.composer.evaluate((field: HTMLTextAreaElement) => field.value.slice(field.selectionStart, field.selectionEnd));
}

function section(page: Page) {
  const region = page.getByRole('region', { name: 'Prompts' });
  return { region, rows: region.getByRole('listitem'), add: region.getByRole('button', { name: 'Add prompt' }) };
}

test('prompts are added, edited and deleted, and other tabs follow', async ({ page, chat: _ready, watch }) => {
  const other = new Chat(await page.context().newPage());
  await other.page.goto('/settings');
  await page.goto('/settings');
  const { region, rows, add } = section(page);
  await expect(region).toContainText('Type / while you write a message');
  await expect(rows).toHaveCount(0);

  await add.click();
  await expect(region.getByLabel('Name')).toBeFocused();
  await page.keyboard.type('Review');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Review {{code}}.');
  await region.getByRole('button', { name: 'Save' }).click();
  await expect(rows).toHaveText([/Review.*Review \{\{code}}\./]);
  await expect(add).toBeFocused();
  await expect(section(other.page).rows).toHaveCount(1);

  watch.expect(/status of (409|422) .*prompts/);
  await add.click();
  await region.getByRole('button', { name: 'Save' }).click();
  await expect(region.getByText('This is required.')).toHaveCount(2);
  await region.getByLabel('Name').fill('REVIEW');
  await region.getByLabel('Text').fill('Another text');
  await region.getByLabel('Name').press('Enter');
  await expect(region.getByText('That name is taken. Choose another.')).toBeVisible();
  await expect(region.getByLabel('Name')).toBeFocused();
  await expect(region.getByLabel('Text')).toHaveValue('Another text');
  await region.getByRole('button', { name: 'Cancel' }).click();
  await expect(add).toBeFocused();

  await region.getByRole('button', { name: 'Edit “Review”' }).click();
  await expect(region.getByLabel('Text')).toHaveValue('Review {{code}}.');
  await region.getByLabel('Name').fill('审查');
  await region.getByRole('button', { name: 'Save' }).click();
  await expect(rows).toHaveText([/审查.*Review \{\{code}}\./]);
  await expect(region.getByRole('button', { name: 'Edit “审查”' })).toBeFocused();
  await expect(section(other.page).rows).toHaveText([/审查/]);

  await region.getByRole('button', { name: 'Delete “审查”' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await expect(rows).toHaveCount(1);
  await region.getByRole('button', { name: 'Delete “审查”' }).click();
  await expect(page.getByRole('dialog')).toContainText('“审查” will be deleted.');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(rows).toHaveCount(0);
  await expect(add).toBeFocused();
  await expect(section(other.page).rows).toHaveCount(0);
});

test('a list that is renewed from another tab keeps what is typed in the form', async ({ page, chat: _ready }) => {
  await savePrompts(page.request, { one: 'The first.' });
  await page.goto('/settings');
  const { region, rows } = section(page);
  await region.getByRole('button', { name: 'Edit “one”' }).click();
  await region.getByLabel('Text').fill('Half a thought');
  await savePrompts(page.request, { two: 'The second.' });
  await expect(rows).toHaveCount(2);
  await expect(region.getByLabel('Text')).toHaveValue('Half a thought');
});

test('C8 C9: a prompt is inserted by its name, and undo takes it back', async ({ page, chat }) => {
  await savePrompts(page.request, { 'Daily report': 'Write a report.\n\nBe brief.', Translate: 'Translate this.', 日报: '写日报' });
  const list = page.getByRole('listbox', { name: 'Suggestions' });
  const options = list.getByRole('option');
  await chat.composer.pressSequentially('/');
  await expect(options).toHaveText([/New chat/, /Temporary chat/, /Settings/, /Daily report.*Write a report/, /Translate/, /日报/]);
  await chat.composer.pressSequentially('REPORT');
  await expect(options).toHaveText([/Daily report/]);
  await chat.composer.press('Enter');
  await expect(chat.composer).toHaveValue('Write a report.\n\nBe brief.');
  await expect(list).toBeHidden();
  await chat.composer.press(undo);
  await expect(chat.composer).toHaveValue('/REPORT');

  await chat.composer.fill('');
  await chat.composer.pressSequentially('Please. ');
  await chat.composer.pressSequentially('/t');
  await expect(options).toHaveText([/Translate/, /Daily report/]);
  await chat.composer.press('Tab');
  await expect(chat.composer).toHaveValue('Please. Translate this.');
  await chat.composer.pressSequentially(' Soon.');
  await expect(chat.composer).toHaveValue('Please. Translate this. Soon.');

  for (const text of ['//', '/t/', 'and/t', 'see //t', '/nothing']) {
    await chat.composer.fill('');
    await chat.composer.pressSequentially(text);
    await expect(list, text).toBeHidden();
  }
  await chat.composer.fill('');
  await chat.composer.pressSequentially('、日');
  await options.filter({ hasText: '日报' }).click();
  await expect(chat.composer).toHaveValue('写日报');
  await expect(chat.composer).toBeFocused();
});

test('Tab goes through the placeholders of a prompt, and then leaves the field', async ({ page, chat }) => {
  await savePrompts(page.request, { translate: '😀 Translate {{text}} into {{目标语言}}, for {{ reader }}.', plain: 'No {placeholder} {{}} here.' });
  await chat.composer.pressSequentially('/tr');
  await page.getByRole('option', { name: 'translate' }).waitFor();
  await chat.composer.press('Enter');
  expect(await selected(chat)).toBe('{{text}}');
  await page.keyboard.type('this');
  await page.keyboard.press('Tab');
  expect(await selected(chat)).toBe('{{目标语言}}');
  // Tab skips a placeholder that was left as it is.
  await page.keyboard.press('Tab');
  expect(await selected(chat)).toBe('{{ reader }}');
  await page.keyboard.type('me');
  await expect(chat.composer).toHaveValue('😀 Translate this into {{目标语言}}, for me.');
  await page.keyboard.press('Tab');
  await expect(chat.composer).not.toBeFocused();

  await chat.composer.fill('');
  await chat.composer.pressSequentially('/plain');
  await page.getByRole('option', { name: 'plain' }).waitFor();
  await chat.composer.press('Enter');
  await expect(chat.composer).toHaveValue('No {placeholder} {{}} here.');
  expect(await selected(chat)).toBe('');
  await page.keyboard.press('Tab');
  await expect(chat.composer).not.toBeFocused();

  // Braces that the user types are not a placeholder.
  await chat.composer.fill('Explain {{ this }} template');
  await chat.composer.press('ControlOrMeta+Home');
  await page.keyboard.press('Tab');
  await expect(chat.composer).not.toBeFocused();
});

test('a message is saved as a prompt', async ({ page, chat }) => {
  await chat.ask('Explain static files.\n\nUse a table.', 'quick');
  await chat.take(chat.questions.last(), 'More actions', 'Save as prompt');
  await expect(page).toHaveURL(/\/settings$/);
  const { region, rows } = section(page);
  await expect(region.getByLabel('Name')).toBeFocused();
  await expect(region.getByLabel('Text')).toHaveValue('Explain static files.\n\nUse a table.');
  await page.keyboard.type('Static files');
  await page.keyboard.press('Enter');
  await expect(rows).toHaveText([/Static files/]);
  await page.goBack();
  await expect(chat.questions).toHaveCount(1);
});
