// Any number of tabs over plain HTTP/1.1, where a browser has six connections to a server.

import { Chat } from '../support/chat';
import { expect, test } from '../support/fixtures';

/** Another tab of the browser. */
async function tab(chat: Chat): Promise<Chat> {
  const other = new Chat(await chat.page.context().newPage());
  await other.page.goto('/');
  await expect(other.composer).toBeVisible();
  return other;
}

test('twelve tabs are live, four of them with running replies', async ({ chat, context, site }) => {
  test.setTimeout(90_000);
  const tabs = [chat];
  const writing: Chat[] = [];
  while (tabs.length < 12) {
    const last = tabs[tabs.length - 1];
    if (writing.length < 4) {
      await last.choose('endless');
      await last.say(`Story ${writing.length}`);
      writing.push(last);
    }
    tabs.push(await tab(chat));
  }
  const length = async (one: Chat) => (await one.tokens()).length;
  const lengths = await Promise.all(writing.map(length));
  for (const [at, one] of writing.entries()) {
    await expect.poll(() => length(one), { message: `reply ${at} grows` }).toBeGreaterThan(lengths[at] + 100);
  }
  // A change in one tab appears in all, and the last tab can send.
  const renamed = async (from: string, to: string) => {
    const [found] = (await (await context.request.get(`${site.direct}/api/conversations`)).json()).items.filter(
      (conversation: { title: string }) => conversation.title === from,
    );
    await context.request.patch(`${site.direct}/api/conversations/${found.id}`, {
      headers: { 'Sec-Fetch-Site': 'same-origin' },
      data: { title: to },
    });
  };
  await tabs[11].ask('Something short.');
  for (const one of tabs) await expect(one.entry('Something short')).toBeVisible();
  // The first tab was the first to read the feed. Nothing is lost when it closes.
  await chat.page.close();
  await renamed('Something short', 'Renamed at once');
  for (const one of tabs.slice(1)) await expect(one.entry('Renamed at once')).toBeVisible();
  await renamed('Renamed at once', 'Renamed again');
  for (const one of tabs.slice(1)) await expect(one.entry('Renamed again')).toBeVisible();
  for (const one of writing.slice(1)) {
    await one.stop.click();
    await one.finished();
  }
});

test('tabs share one feed and few streams of replies', async ({ chat }) => {
  let open = 0;
  let most = 0;
  const count = (by: number) => {
    open += by;
    most = Math.max(most, open);
  };
  const isStream = (url: string) => /\/api\/(events|chat\/stream|generations\/[^/]+\/events)$/.test(url);
  // The feed of the first tab began before.
  count(1);
  chat.page.context().on('request', (request) => { if (isStream(request.url())) count(1); });
  for (const event of ['requestfinished', 'requestfailed'] as const) {
    chat.page.context().on(event, (request) => { if (isStream(request.url())) count(-1); });
  }
  const tabs = [chat, await tab(chat), await tab(chat), await tab(chat), await tab(chat)];
  expect(open).toBe(1);
  for (const one of tabs) {
    await one.choose('endless');
    await one.say('Begin.');
  }
  for (const one of tabs) {
    const now = (await one.tokens()).length;
    await expect.poll(async () => (await one.tokens()).length).toBeGreaterThan(now + 100);
  }
  expect(most).toBeLessThan(6);
});
