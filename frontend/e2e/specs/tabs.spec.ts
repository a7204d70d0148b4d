// Any number of tabs over plain HTTP/1.1, where a browser has six connections to a server.

import type { Request } from '@playwright/test';

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
  test.setTimeout(60_000);
  const more = (count: number) => Promise.all(Array.from({ length: count }, () => tab(chat)));
  const writing = [chat, ...(await more(3))];
  await Promise.all(writing.map(async (one, at) => {
    await one.choose('calm');
    await one.say(`Story ${at}`);
  }));
  const tabs = [...writing];
  // The browser has no connections left over: pages that are opened now need those of the replies.
  while (tabs.length < 12) tabs.push(...(await more(4)));
  const length = async (one: Chat) => (await one.tokens()).length;
  const lengths = await Promise.all(writing.map(length));
  await Promise.all(writing.map((one, at) =>
    expect.poll(() => length(one), { message: `reply ${at} grows` }).toBeGreaterThan(lengths[at] + 20)));
  // A change in one tab appears in all, and the last tab can send.
  const shown = (all: Chat[], title: string) => Promise.all(all.map((one) => expect(one.entry(title)).toBeVisible()));
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
  await shown(tabs, 'Something short');
  // The first tab was the first to read the feed. Nothing is lost when it closes.
  await chat.page.close();
  await renamed('Something short', 'Renamed at once');
  await shown(tabs.slice(1), 'Renamed at once');
  await renamed('Renamed at once', 'Renamed again');
  await shown(tabs.slice(1), 'Renamed again');
  await Promise.all(writing.slice(1).map(async (one) => {
    await one.stop.click();
    await one.finished();
  }));
});

test('tabs share one feed and few streams of replies', async ({ chat }) => {
  const open = new Set<Request>();
  let most = 0;
  const context = chat.page.context();
  context.on('request', (request) => {
    if (!/\/api\/(events|chat\/stream|generations\/[^/]+\/events)$/.test(request.url())) return;
    open.add(request);
    most = Math.max(most, open.size);
  });
  for (const event of ['requestfinished', 'requestfailed'] as const) context.on(event, (request) => open.delete(request));
  await chat.page.reload();
  await expect.poll(() => open.size).toBe(1);
  const tabs = [chat, await tab(chat), await tab(chat), await tab(chat), await tab(chat)];
  expect(open.size).toBe(1);
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
