// Networks fail, tabs are duplicated, servers crash: nothing that was written is lost.

import { Chat } from '../support/chat';
import { expect, test } from '../support/fixtures';
import { numbered } from '../support/mock';

test('a failed message comes back, and a retry sends it once', async ({ page, chat, mock, watch }) => {
  watch.expect(/ERR_FAILED/);
  const question = `Does this arrive? ${test.info().testId}`;
  await page.route('**/api/chat/stream', (route) => route.abort());
  await chat.composer.fill(question);
  await chat.composer.press('Enter');
  const error = chat.thread.getByRole('alert');
  await expect(error).toContainText('Can’t reach the server.');
  await expect(chat.composer).toHaveValue(question);
  await page.unroute('**/api/chat/stream');
  await error.getByRole('button', { name: 'Try again' }).click();
  await chat.finished();
  await expect(chat.questions).toHaveText([question]);
  await expect(chat.replies).toHaveCount(1);
  await expect(chat.composer).toHaveValue('');
  expect(await mock.requestsFor(question)).toHaveLength(1);
  await page.reload();
  await expect(chat.questions).toHaveText([question]);
});

test('a message whose response was lost is not sent twice', async ({ page, chat, mock, watch }) => {
  watch.expect(/ERR_FAILED/);
  const question = `Did this arrive? ${test.info().testId}`;
  // The server gets the message, but its response is lost.
  await page.route('**/api/chat/stream', async (route) => {
    await route.fetch();
    await route.abort();
  });
  await chat.composer.fill(question);
  await chat.composer.press('Enter');
  await expect(chat.composer).toHaveValue(question);
  await page.unroute('**/api/chat/stream');
  await chat.thread.getByRole('alert').getByRole('button', { name: 'Try again' }).click();
  await chat.finished();
  await expect(chat.questions).toHaveText([question]);
  await expect(chat.lastReply.getByRole('paragraph').first()).toHaveText(numbered(40));
  expect(await mock.requestsFor(question)).toHaveLength(1);
});

test('the draft survives a reload', async ({ page, chat }) => {
  await chat.composer.fill('Half a thou');
  await page.reload();
  await expect(chat.composer).toHaveValue('Half a thou');
});

test('a page opens despite a short connection failure', async ({ page, chat, watch }) => {
  watch.expect(/ERR_FAILED/);
  const missing = page.getByRole('heading', { name: 'Kaiwa isn’t responding' });
  let breaks = 2;
  await page.route('**/api/auth/me', (route) => (breaks-- > 0 ? route.abort() : route.continue()));
  let seen = false;
  void missing.waitFor().then(() => { seen = true; }, () => {});
  await page.reload();
  await expect(chat.composer).toBeVisible();
  expect(seen).toBe(false);
  // A long outage is shown, and the notice disappears by itself.
  breaks = 5;
  await page.reload();
  await expect(missing).toBeVisible();
  await expect(chat.composer).toBeVisible();
});

test('a reply continues when the network comes back', async ({ context, page, chat, site, watch }) => {
  watch.expect(/ERR_/);
  await chat.choose('steady');
  await chat.say('Tell me a long story.');
  await chat.arrived(30);
  // The browser knows that it is offline, and open connections break.
  await context.setOffline(true);
  site.cutWire();
  await expect(page.getByText('Connection lost. Reconnecting…')).toBeVisible();
  site.mendWire();
  await context.setOffline(false);
  await chat.finished();
  await expect(chat.lastReply.getByRole('paragraph').first()).toHaveText(numbered(300));
  await expect(page.getByText('Connection lost. Reconnecting…')).toBeHidden();
});

test('every tab and browser ends with the same complete reply', async ({ browser, context, page, chat, account, site, watch }) => {
  test.setTimeout(90_000);
  watch.expect(/ERR_/);
  const text = numbered(3000);
  await chat.choose('patient');
  await chat.say('Tell me a very long story.');
  await chat.arrived(100);

  // A second tab, and a second browser of the same user.
  const tab = new Chat(await context.newPage());
  await tab.page.goto(page.url());
  const elsewhere = await browser.newContext({ baseURL: site.origin });
  const login = await elsewhere.request.post(`${site.origin}/api/auth/login`, {
    data: { login: account.name, password: account.password },
  });
  expect(login.ok()).toBe(true);
  const second = new Chat(await elsewhere.newPage());
  await second.page.goto(page.url());
  await second.arrived(300);

  await page.reload();
  await chat.arrived(600);
  await context.setOffline(true);
  site.cutWire();
  await expect(page.getByText('Connection lost. Reconnecting…')).toBeVisible();
  site.mendWire();
  await context.setOffline(false);
  await chat.arrived(1200);
  await tab.page.reload();
  // A short interruption is not shown.
  site.cutWire();
  site.mendWire();
  await second.arrived(1800);

  for (const reader of [chat, tab, second]) {
    await expect(reader.send).toBeVisible({ timeout: 40_000 });
    await expect(reader.lastReply.getByRole('paragraph').first()).toHaveText(text);
    await expect(reader.replies).toHaveCount(1);
    await expect(reader.page.getByText('Connection lost. Reconnecting…')).toBeHidden();
  }
  await elsewhere.close();
});

test('a silent connection is replaced', async ({ page, chat, site, watch }) => {
  watch.expect(/ERR_/);
  await page.clock.install();
  await page.reload();
  // Long enough to be still running when the page, whose clock is mocked, has shown its beginning.
  await chat.choose('lasting');
  await chat.say('Tell me a long story.');
  await chat.arrived(30);
  // Nothing breaks, but no more data arrives, as when a laptop changes networks.
  site.silenceWire();
  let again = false;
  page.on('request', (request) => { again ||= /\/api\/generations\/[^/]+\/events$/.test(request.url()); });
  // Once more, in case the last bytes arrived after the time had passed.
  await expect(async () => {
    await page.clock.fastForward(45_000);
    await page.clock.resume();
    await expect.poll(() => again, { timeout: 1_000 }).toBe(true);
  }).toPass();
  await chat.finished();
  await expect(chat.lastReply.getByRole('paragraph').first()).toHaveText(numbered(1000));
});

test('a stop is shown immediately, and the final text is the stored one', async ({ page, chat }) => {
  await chat.choose('endless');
  await chat.say('Tell me everything.');
  await chat.arrived(20);
  let answer = () => {};
  const held = new Promise<void>((resolve) => { answer = resolve; });
  await page.route('**/stop', async (route) => {
    await held;
    await route.continue();
  });
  await chat.stop.click();
  await expect(chat.lastReply.getByText('You stopped this answer.')).toBeVisible();
  const still = await chat.tokens();
  await page.waitForTimeout(500);
  expect(await chat.tokens()).toBe(still);
  answer();
  await chat.finished();
  const kept = await chat.tokens();
  expect(kept.startsWith(still)).toBe(true);
  await page.reload();
  await expect(chat.lastReply.getByRole('paragraph').first()).toHaveText(kept);
});

test('a second tab shows the same reply while it is being written', async ({ context, page, chat }) => {
  await chat.choose('steady');
  await chat.say('Tell me a long story.');
  await chat.arrived(30);
  const other = new Chat(await context.newPage());
  await other.page.goto(page.url());
  await expect(other.stop).toBeVisible();
  await Promise.all([chat.finished(), other.finished()]);
  for (const tab of [chat, other]) {
    await expect(tab.lastReply.getByRole('paragraph').first()).toHaveText(numbered(300));
    await expect(tab.replies).toHaveCount(1);
  }
});

test('a reply continues while the user looks at another conversation', async ({ chat }) => {
  await chat.choose('steady');
  await chat.say('Tell me a long story.');
  await chat.arrived(30);
  await chat.newConversation();
  await chat.ask('Something else.');
  await chat.entry('Tell me a long story').click();
  await expect(chat.questions).toHaveText(['Tell me a long story.']);
  await chat.finished();
  await expect(chat.lastReply.getByRole('paragraph').first()).toHaveText(numbered(300));
});

test.describe('a server of its own', () => {
  test.use({ ownSite: true });

  test('a reply interrupted by a crash is kept and marked', async ({ page, chat, site, watch }) => {
    watch.expect(/ERR_|status of 50[234]/);
    await chat.choose('steady');
    await chat.say('Tell me a long story.');
    await chat.arrived(120);
    await site.crash();
    await site.startServer();
    await expect(chat.lastReply.getByText('This answer was interrupted. What arrived has been kept.')).toBeVisible();
    await chat.finished();
    await page.reload();
    await expect(chat.questions).toHaveText(['Tell me a long story.']);
    const kept = await chat.tokens();
    // At most half a second is lost.
    expect(kept.split(' ').length).toBeGreaterThan(50);
    expect(kept).toBe(numbered(kept.split(' ').length));
    await chat.ask('Go on.');
    await expect(chat.lastReply.getByRole('paragraph').first()).toHaveText(numbered(40));
  });

  test('a page without a server says so and recovers', async ({ page, chat, site, watch }) => {
    watch.expect(/ERR_|status of 50[234]/);
    await expect(chat.composer).toBeVisible();
    await site.crash();
    await chat.composer.fill('Is anybody there?');
    await chat.composer.press('Enter');
    await expect(chat.thread.getByRole('alert')).toBeVisible();
    await expect(chat.composer).toHaveValue('Is anybody there?');
    await site.startServer();
    await chat.thread.getByRole('button', { name: 'Try again' }).click();
    await chat.finished();
    await expect(chat.questions).toHaveText(['Is anybody there?']);
    await expect(chat.replies).toHaveCount(1);
  });
});
