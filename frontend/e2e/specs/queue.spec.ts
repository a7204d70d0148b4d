// Messages that are sent while a reply is being written are queued.

import { Chat } from '../support/chat';
import { expect, test } from '../support/fixtures';
import { numbered } from '../support/mock';

test('a queued message is sent when the reply has ended', async ({ page, chat, mock }) => {
  const second = `Second. ${test.info().testId}`;
  await chat.choose('steady');
  await chat.say('First.');
  await chat.arrived(5);
  await chat.composer.fill(second);
  // Both buttons are reachable: stop and send.
  await expect(chat.stop).toBeEnabled();
  await expect(page.getByRole('button', { name: 'Send after this answer' })).toBeEnabled();
  await chat.composer.press('Enter');
  await expect(chat.composer).toHaveValue('');
  await expect(chat.queue).toHaveText([second]);
  await expect(chat.questions).toHaveText([/^First\./]);
  await chat.choose('quick');

  await expect(chat.questions).toHaveText([/^First\./, second]);
  await expect(chat.queue).toHaveCount(0);
  await chat.finished();
  await expect(chat.replies.first().getByRole('paragraph').first()).toHaveText(numbered(300));
  expect(await mock.requestsFor(second)).toHaveLength(1);
});

test('queued messages can be edited, removed and sent now', async ({ chat }) => {
  await chat.choose('endless');
  await chat.say('First.');
  await chat.arrived(5);
  for (const text of ['One', 'Two', 'Three']) {
    await chat.composer.fill(text);
    await chat.composer.press('Enter');
  }
  await expect(chat.queue).toHaveText(['One', 'Two', 'Three']);
  await chat.queue.nth(1).getByRole('button', { name: 'Remove' }).click();
  await expect(chat.queue).toHaveText(['One', 'Three']);
  await chat.queue.nth(1).getByRole('button', { name: 'Back to the composer' }).click();
  await expect(chat.queue).toHaveText(['One']);
  await expect(chat.composer).toHaveValue('Three');
  await expect(chat.composer).toBeFocused();

  await chat.choose('quick');
  await chat.queue.first().getByRole('button', { name: 'Send now' }).click();
  await expect(chat.questions).toHaveText([/^First\./, 'One']);
  await expect(chat.replies.first().getByText('You stopped this answer.')).toBeVisible();
  await expect(chat.queue).toHaveCount(0);
  await expect(chat.composer).toHaveValue('Three');
});

test('the queue survives a reload and a stop, and other tabs show it', async ({ page, chat, context }) => {
  await chat.choose('endless');
  await chat.say('First.');
  await chat.arrived(5);
  await chat.composer.fill('Second.');
  await chat.composer.press('Enter');
  await expect(chat.queue).toHaveText(['Second.']);
  const other = new Chat(await context.newPage());
  await other.page.goto(page.url());
  await expect(other.queue).toHaveText(['Second.']);
  await page.reload();
  await expect(chat.queue).toHaveText(['Second.']);
  await other.stop.click();
  await chat.finished();
  await expect(chat.queue).toHaveText(['Second.']);
  await chat.choose('quick');
  await chat.queue.getByRole('button', { name: 'Send now' }).click();
  for (const tab of [chat, other]) {
    await expect(tab.questions).toHaveText([/^First\./, 'Second.']);
    await expect(tab.queue).toHaveCount(0);
  }
});

test('a message that could not be queued returns to the composer', async ({ page, chat, watch }) => {
  watch.expect(/ERR_FAILED/);
  await chat.choose('endless');
  await chat.say('First.');
  await chat.arrived(5);
  await page.route('**/api/chat/stream', (route) => route.abort());
  await chat.composer.fill('Second.');
  await chat.composer.press('Enter');
  await expect(chat.thread.getByRole('alert')).toContainText('Can’t reach the server.');
  await expect(chat.composer).toHaveValue('Second.');
  await expect(chat.queue).toHaveCount(0);
  await expect(chat.stop).toBeVisible();
});
