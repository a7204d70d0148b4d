// Changes in one tab appear in the others without polling.

import { Chat } from '../support/chat';
import { expect, test } from '../support/fixtures';
import { numbered } from '../support/mock';

/** A second tab on the same page. */
async function secondTab(chat: Chat): Promise<Chat> {
  const other = new Chat(await chat.page.context().newPage());
  await other.page.goto(chat.page.url());
  await expect(other.composer).toBeVisible();
  return other;
}

test('creating, renaming and deleting a conversation updates every tab', async ({ chat }) => {
  const other = await secondTab(chat);
  await chat.ask('How are rivers made?');
  await expect(other.entry('How are rivers made?')).toBeVisible();
  await chat.act('How are rivers made?', 'Rename');
  await chat.sidebar.getByRole('textbox', { name: 'Rename' }).fill('Rivers');
  await chat.page.keyboard.press('Enter');
  await other.entry('Rivers').click();
  await expect(other.questions).toHaveText([/^How are rivers made\?/]);
  await chat.act('Rivers', 'Delete');
  await chat.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(other.entry('Rivers')).toHaveCount(0);
  await expect(other.greeting).toBeVisible();
});

test('a reply that begins in one tab streams in the other', async ({ chat }) => {
  await chat.ask('First.');
  const other = await secondTab(chat);
  await expect(other.questions).toHaveCount(1);
  await chat.choose('steady');
  await chat.say('Tell me a long story.');
  await expect(other.questions).toHaveText([/^First\./, /^Tell me a long story\./]);
  await expect(other.stop).toBeVisible();
  await other.arrived(30);
  await Promise.all([chat.finished(), other.finished()]);
  for (const tab of [chat, other]) {
    await expect(tab.lastReply.getByRole('paragraph').first()).toHaveText(numbered(300));
    await expect(tab.replies).toHaveCount(2);
  }
  await other.say('And another.');
  await expect(chat.questions).toHaveCount(3);
});

test('edits, branch switches and deletions update the other tab', async ({ chat }) => {
  await chat.ask('First.');
  const other = await secondTab(chat);
  await chat.do(chat.questions.first(), 'Edit');
  await chat.questions.first().getByRole('textbox').fill('Changed.');
  await chat.questions.first().getByRole('button', { name: 'Save', exact: true }).click();
  await expect(other.questions).toHaveText([/^Changed\./]);
  await chat.take(chat.lastReply, 'Answer again', /^Answer again/);
  await expect(other.versions(other.lastReply).text).toHaveText('2/2');
  await chat.finished();
  await chat.versions(chat.lastReply).previous.click();
  await expect(other.versions(other.lastReply).text).toHaveText('1/2');
  await chat.take(chat.lastReply, 'More actions', 'Delete');
  await chat.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(other.versions(other.lastReply).text).toHaveCount(0);
  await expect(other.replies).toHaveCount(1);
});

test('an idle tab sends no requests', async ({ page, chat }) => {
  await chat.ask('First.');
  await expect(chat.entry('First')).toBeVisible();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.waitForTimeout(3000);
  expect(asked).toEqual([]);
});

test('what another device does before the feed opens is not missed', async ({ chat, page, context, browser, site }) => {
  await chat.ask('First.');
  const elsewhere = await browser.newContext({ baseURL: site.origin, storageState: await context.storageState() });
  const other = new Chat(await elsewhere.newPage());
  await other.page.goto(page.url());
  await expect(other.replies).toHaveCount(1);
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  await page.route('**/api/events', async (route) => {
    await opened;
    await route.continue();
  });
  await page.reload();
  await expect(chat.replies).toHaveCount(1);
  await other.ask('And another.');
  open();
  await expect(chat.questions).toHaveText([/^First\./, /^And another\./]);
  await elsewhere.close();
});

test('a title that comes before the stream of the reply stays', async ({ chat, page }) => {
  await page.route('**/api/chat/stream', async (route) => {
    const response = await route.fetch();
    await expect(chat.entry('First')).toBeVisible();
    await route.fulfill({ response });
  });
  await chat.ask('First.');
  await expect(chat.entry('First')).toBeVisible();
});

test('changes during an outage are loaded afterwards', async ({ chat, site, watch, context }) => {
  watch.expect(/ERR_/);
  await chat.ask('First.');
  site.cutWire();
  await expect(chat.page.getByText('Connection lost. Reconnecting…')).toBeVisible();
  const [conversation] = (await (await context.request.get(`${site.direct}/api/conversations`)).json()).items;
  await context.request.patch(`${site.direct}/api/conversations/${conversation.id}`, {
    headers: { 'Sec-Fetch-Site': 'same-origin' },
    data: { title: 'Renamed meanwhile' },
  });
  site.mendWire();
  await expect(chat.entry('Renamed meanwhile')).toBeVisible();
  await expect(chat.page.getByText('Connection lost. Reconnecting…')).toBeHidden();
});
