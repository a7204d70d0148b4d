// The main path of a user: from an empty server to signing out and returning.

import { newAccount } from '../support/account';
import { Chat } from '../support/chat';
import { expect, test } from '../support/fixtures';
import { numbered } from '../support/mock';

test.use({ ownSite: true });

test('a new user signs up, chats, leaves during a reply, returns and signs out', async ({ page, mock, watch }) => {
  test.setTimeout(60_000);
  const chat = new Chat(page);
  const { name, password } = newAccount();

  await test.step('the first account is explained and made', async () => {
    await page.goto('/');
    await expect(page.getByRole('heading', { name: 'Welcome to Kaiwa' })).toBeVisible();
    await expect(page.getByText('It will be this server’s administrator.')).toBeVisible();
    await page.getByLabel('Username').fill(name);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Create account' }).click();
  });

  await test.step('an empty state invites to write', async () => {
    await expect(chat.greeting).toBeVisible();
    await expect(chat.composer).toBeFocused();
    await expect(chat.sidebar.getByText('Your conversations will appear here.')).toBeVisible();
    await expect(chat.send).toBeDisabled();
  });

  await test.step('Enter sends, and the reply arrives whole and in order', async () => {
    await chat.choose('steady');
    await chat.say('How are rivers made?');
    await expect(chat.composer).toHaveValue('');
    await chat.arrived(10);
    await chat.finished();
    await expect(chat.lastReply.getByRole('paragraph').first()).toHaveText(numbered(300));
    await expect(page).toHaveURL(/\/c\/[0-9a-f-]{36}$/);
  });

  await test.step('a title appears in the sidebar', async () => {
    await expect(chat.entry('How are rivers made?')).toBeVisible();
    await expect(page).toHaveTitle('How are rivers made? · Kaiwa');
  });

  await test.step('a reload in mid-reply goes on where the reply is', async () => {
    await chat.say('And lakes?');
    await chat.arrived(40);
    await page.reload();
    await expect(chat.stop).toBeVisible();
    await expect(chat.questions).toHaveText(['How are rivers made?', 'And lakes?']);
    await chat.finished();
    await expect(chat.lastReply.getByRole('paragraph').first()).toHaveText(numbered(300));
    await expect(chat.replies).toHaveCount(2);
  });

  await test.step('stopping keeps what has come and reaches the provider', async () => {
    const { aborted } = await mock.state();
    await chat.choose('endless');
    await chat.say('Tell me everything.');
    await chat.arrived(20);
    await chat.stop.click();
    await expect(chat.lastReply.getByText('You stopped this answer.')).toBeVisible();
    await chat.finished();
    const kept = await chat.tokens();
    expect(kept).toBe(numbered(kept.split(' ').length));
    await expect.poll(async () => (await mock.state()).aborted).toBe(aborted + 1);
    await page.reload();
    await expect(chat.lastReply.getByText('You stopped this answer.')).toBeVisible();
    await expect(chat.lastReply.getByRole('paragraph').first()).toHaveText(kept);
  });

  await test.step('a second conversation begins empty', async () => {
    await chat.newConversation();
    await chat.ask('What is a meadow?');
    await expect(chat.questions).toHaveCount(1);
    await expect(chat.entry('What is a meadow?')).toBeVisible();
    await expect(chat.entry('How are rivers made?')).toBeVisible();
  });

  await test.step('a conversation is renamed', async () => {
    await chat.act('What is a meadow?', 'Rename');
    const field = chat.sidebar.getByRole('textbox', { name: 'Rename' });
    await expect(field).toBeFocused();
    await field.fill('Grass and flowers');
    await field.press('Enter');
    await expect(chat.entry('Grass and flowers')).toBeVisible();
    await page.reload();
    await expect(chat.entry('Grass and flowers')).toBeVisible();
  });

  await test.step('a conversation is found by its title', async () => {
    await chat.search.fill('river');
    await expect(chat.entry('Grass and flowers')).toBeHidden();
    await expect(chat.entry('How are rivers made?')).toBeVisible();
    await chat.search.fill('nothing of the kind');
    await expect(chat.sidebar.getByText('No matching conversations.')).toBeVisible();
    await chat.search.press('Escape');
    await expect(chat.entry('Grass and flowers')).toBeVisible();
  });

  await test.step('deleting asks first', async () => {
    await chat.act('Grass and flowers', 'Delete');
    const dialog = page.getByRole('dialog', { name: 'Delete this conversation?' });
    await expect(dialog).toContainText('Grass and flowers');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect(dialog).toBeHidden();
    await expect(chat.entry('Grass and flowers')).toBeVisible();
    await chat.act('Grass and flowers', 'Delete');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expect(chat.entry('Grass and flowers')).toBeHidden();
    await expect(chat.greeting).toBeVisible();
    await page.reload();
    await expect(chat.entry('How are rivers made?')).toBeVisible();
    await expect(chat.entry('Grass and flowers')).toBeHidden();
  });

  const changed = 'another quiet place to think';
  await test.step('the password is changed', async () => {
    await chat.account('Settings');
    await page.getByLabel('Current password').fill('not my password');
    await page.getByLabel('New password').fill(changed);
    watch.expect(/status of 4\d\d .*\/api\/auth\/password$/);
    await page.getByRole('button', { name: 'Change password' }).click();
    await expect(page.getByText('This is not your current password.')).toBeVisible();
    await page.getByLabel('Current password').fill(password);
    await page.getByRole('button', { name: 'Change password' }).click();
    await expect(page.getByRole('alert').getByText('Password changed.')).toBeVisible();
  });

  await test.step('signing out closes the door', async () => {
    await chat.account('Sign out');
    await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
    await page.goto('/settings');
    await expect(page).toHaveURL(/\/auth\?next=\/settings$/);
  });

  await test.step('signing in with the new password leads on, and the history is there', async () => {
    await page.getByLabel('Username or e-mail').fill(name);
    await page.getByLabel('Password', { exact: true }).fill(password);
    watch.expect(/status of 401 .*\/api\/auth\/login$/);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByText('The username or password is wrong.')).toBeVisible();
    await page.getByLabel('Password', { exact: true }).fill(changed);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('heading', { name: 'Settings', exact: true })).toBeVisible();
    await chat.entry('How are rivers made?').click();
    await expect(chat.questions).toHaveText(['How are rivers made?', 'And lakes?', 'Tell me everything.']);
    await expect(chat.replies.first().getByRole('paragraph').first()).toHaveText(numbered(300));
  });
});
