// The settings of a conversation: system prompt, temperature, thinking and context size.

import { CATALOG } from '../support/catalog';
import { expect, test } from '../support/fixtures';
import { MODELS, type SeenRequest } from '../support/mock';

test.use({ ownSite: true, settings: CATALOG });

const prompt = (request: SeenRequest) => request.messages.filter(({ role }) => role === 'system').map(({ content }) => content);

test('the settings of a new conversation go with its first message', async ({ page, chat, mock }) => {
  const question = `Hello ${test.info().testId}`;
  let panel = await chat.openSettings();
  await expect(panel.getByRole('textbox', { name: 'System prompt' })).toBeFocused();
  await panel.getByRole('textbox', { name: 'System prompt' }).fill('Be brief.');
  await panel.getByRole('spinbutton', { name: 'Temperature' }).fill('0.3');
  await panel.getByRole('spinbutton', { name: 'Temperature' }).press('Enter');
  await expect(panel.getByRole('slider', { name: 'Temperature' })).toHaveValue('30');
  await panel.getByRole('combobox', { name: 'Context size' }).selectOption('4k tokens');
  await panel.getByRole('radio', { name: 'A lot' }).check();
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
  await expect(chat.questions, 'Enter in the panel sends nothing').toHaveCount(0);
  await expect(chat.settingsButton).toHaveAccessibleName('Chat settings (changed)');
  await expect(chat.settingsButton).toBeFocused();

  await chat.account('Settings');
  await page.goBack();
  await page.reload();
  panel = await chat.openSettings();
  const field = panel.getByRole('textbox', { name: 'System prompt' });
  await expect(field, 'they stay until the message is sent').toHaveValue('Be brief.');
  await field.fill('Be very brief.');
  await panel.getByRole('slider', { name: 'Temperature' }).fill('50');
  await page.keyboard.press('Escape');
  await chat.say(question);
  await chat.finished();
  const [asked] = await mock.requestsFor(question);
  expect(prompt(asked)).toEqual(['Be very brief.']);
  expect(asked).toMatchObject({ temperature: 0.5 });
  await expect(page.getByText(/ \/ 4k$/)).toBeVisible();

  await page.reload();
  await expect(chat.settingsButton).toHaveAccessibleName('Chat settings (changed)');
  panel = await chat.openSettings();
  await expect(panel.getByRole('textbox', { name: 'System prompt' })).toHaveValue('Be very brief.');
  await expect(panel.getByRole('spinbutton', { name: 'Temperature' })).toHaveValue('0.5');
  await expect(panel.getByRole('radio', { name: 'A lot' })).toBeChecked();
  await expect(panel.getByRole('combobox', { name: 'Context size' })).toHaveValue('4000');
  await page.keyboard.press('Escape');
  await chat.newConversation();
  await expect(chat.settingsButton, 'the next one begins afresh').toHaveAccessibleName('Chat settings');
});

test('the meter follows the context size at once', async ({ page, chat }) => {
  const meter = page.getByRole('button', { name: /^Context: / });
  const size = page.getByRole('combobox', { name: 'Context size' });
  await chat.openSettings();
  await size.selectOption('4k tokens');
  await page.keyboard.press('Escape');
  await chat.ask('Hello.');
  await expect(meter).toHaveText(/ \/ 4k$/);
  await chat.openSettings();
  for (const [option, shown] of [['8k tokens', / \/ 8k$/], ['16k tokens', / \/ 16k$/], ['2k tokens', / \/ 2k$/], ['4k tokens', / \/ 4k$/]] as const) {
    await size.selectOption(option);
    await expect(meter).toHaveText(shown);
  }
  // Without a limit it is what the next request will say.
  await size.selectOption({ index: 0 });
  await expect(meter).not.toHaveText(/ \/ 4k$/);
  const [, window] = (await meter.innerText()).split(' / ');
  await page.keyboard.press('Escape');
  await page.reload();
  await expect(meter).toHaveText(new RegExp(` / ${window}$`));
  await chat.ask('And now?');
  await expect(meter).toHaveText(new RegExp(` / ${window}$`));
});

test('the settings of a stored conversation are saved before the next message is sent', async ({ page, chat, mock }) => {
  await chat.ask('Hello.');
  const question = `And now? ${test.info().testId}`;
  const panel = await chat.openSettings();
  await panel.getByRole('textbox', { name: 'System prompt' }).fill('Rhyme.');
  await chat.say(question);
  await chat.finished();
  expect(prompt((await mock.requestsFor(question))[0])).toEqual(['Rhyme.']);

  const other = await page.context().newPage();
  await other.goto(page.url());
  await expect(other.getByRole('button', { name: 'Chat settings (changed)' })).toBeVisible();
  await chat.openSettings();
  await panel.getByRole('button', { name: 'Reset' }).click();
  await page.keyboard.press('Escape');
  await expect(chat.settingsButton).toHaveAccessibleName('Chat settings');
  await expect(other.getByRole('button', { name: 'Chat settings', exact: true }), 'other pages follow').toBeVisible();
  await other.close();
  const last = `And after that? ${test.info().testId}`;
  await chat.say(last);
  await chat.finished();
  expect(prompt((await mock.requestsFor(last))[0])).toEqual([]);
});

test('a failure to save is shown, and nothing is lost', async ({ page, chat, site, watch }) => {
  watch.expect(/ERR_|Failed to (load|fetch)/);
  await chat.ask('Hello.');
  const panel = await chat.openSettings();
  await page.route('**/api/conversations/*', (route) => (route.request().method() === 'PATCH' ? route.abort() : route.continue()));
  const field = panel.getByRole('textbox', { name: 'System prompt' });
  await field.fill('Keep this.');
  await expect(panel.getByText(/^Not saved\./)).toBeVisible();
  await page.keyboard.press('Escape');
  await chat.composer.fill('Is it lost?');
  await chat.composer.press('Enter');
  await expect(chat.page.getByRole('alert').first()).toBeVisible();
  await expect(chat.composer, 'without its settings the message is not sent').toHaveValue('Is it lost?');
  await page.unroute('**/api/conversations/*');
  await chat.openSettings();
  await expect(field).toHaveValue('Keep this.');
  await panel.getByRole('button', { name: 'Try again' }).click();
  await expect(panel.getByText(/^Not saved\./)).toBeHidden();
  await expect(panel.getByText('Saving…')).toBeHidden();
  const id = page.url().split('/').at(-1);
  const stored = await (await page.request.get(`${site.origin}/api/conversations/${id}`)).json();
  expect(stored.system_prompt).toBe('Keep this.');
});

test('a temporary conversation takes its settings along', async ({ page, chat, mock }) => {
  await page.goto('/temporary');
  const panel = await chat.openSettings();
  await panel.getByRole('textbox', { name: 'System prompt' }).fill('Whisper.');
  await page.keyboard.press('Escape');
  for (const turn of ['one', 'two']) {
    const question = `${turn} ${test.info().testId}`;
    await chat.say(question);
    await chat.finished();
    expect(prompt((await mock.requestsFor(question))[0])).toEqual(['Whisper.']);
  }
});

test('C11 what the model does not take is disabled, with the reason', async ({ page, chat }) => {
  await chat.choose('echo');
  const panel = await chat.openSettings();
  await expect(panel.getByRole('slider', { name: 'Temperature' })).toBeDisabled();
  await expect(panel.getByRole('spinbutton', { name: 'Temperature' })).toBeDisabled();
  await expect(panel.getByText(`${MODELS.echo} does not take a temperature.`)).toBeVisible();
  await expect(panel.getByRole('radio', { name: 'A lot' })).toBeDisabled();
  await expect(panel.getByText(`${MODELS.echo} does not think before it answers.`)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: /^Thinking:/ })).toHaveCount(0);
  await chat.choose('quick');
  await chat.openSettings();
  await expect(panel.getByRole('slider', { name: 'Temperature' })).toBeEnabled();
  await expect(panel.getByRole('radio', { name: 'A lot' })).toBeEnabled();
});

test('the effort of a model that reasons is one press away, and the same in the panel', async ({ page, chat }) => {
  const chip = page.getByRole('button', { name: /^Thinking:/ });
  await expect(chip).toHaveAccessibleName('Thinking: Default');
  await chip.click();
  await page.getByRole('menuitemradio', { name: 'A little' }).click();
  await expect(chip).toHaveAccessibleName('Thinking: A little');
  const panel = await chat.openSettings();
  await expect(panel.getByRole('radio', { name: 'A little' })).toBeChecked();
  await panel.getByRole('radio', { name: 'Default' }).check();
  await page.keyboard.press('Escape');
  await expect(chip).toHaveAccessibleName('Thinking: Default');
});

test('K2 an input method receives Escape in the panel', async ({ page, chat, context }) => {
  const panel = await chat.openSettings();
  const session = await context.newCDPSession(page);
  await session.send('Input.imeSetComposition', { text: 'jian', selectionStart: 4, selectionEnd: 4 });
  const event = { key: 'Escape', code: 'Escape', windowsVirtualKeyCode: 229, nativeVirtualKeyCode: 229 };
  await session.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...event });
  await expect(panel).toBeVisible();
  await session.send('Input.insertText', { text: '简短' });
  await expect(panel.getByRole('textbox', { name: 'System prompt' })).toHaveValue('简短');
});

test('an impossible temperature is corrected, and an empty field is the default', async ({ chat }) => {
  const panel = await chat.openSettings();
  const field = panel.getByRole('spinbutton', { name: 'Temperature' });
  for (const [typed, shown] of [['9', '2'], ['9', '2'], ['-1', '0'], ['0.25', '0.25'], ['', '']]) {
    await field.fill(typed);
    await field.press('Enter');
    await expect(field).toHaveValue(shown);
  }
  await expect(panel.getByRole('button', { name: 'Reset' })).toBeHidden();
});
