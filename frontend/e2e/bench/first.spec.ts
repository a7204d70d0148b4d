// Measures the first visit on "Fast 4G" (9 Mbit/s, 165 ms) with the processor slowed down four times: when the largest text is
// painted and when the page takes input.

import type { Browser } from '@playwright/test';

import { Chat } from '../support/chat';
import { expect, test } from '../support/fixtures';
import { median } from './trace';

const ROUNDS = 5;
const FAST_4G = { offline: false, latency: 165, downloadThroughput: (9_000_000 * 0.9) / 8, uploadThroughput: (1_500_000 * 0.9) / 8 };

interface Visit {
  painted: number;
  interactive: number;
  bytes: number;
}

/** Opens `url` with an empty cache, signed in by the cookies of `state` if it is given. */
async function visit(browser: Browser, url: string, state: string | undefined, field: string): Promise<Visit> {
  const context = await browser.newContext({ storageState: state ? (JSON.parse(state) as never) : undefined, locale: 'en-US' });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', FAST_4G);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  let bytes = 0;
  session.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
  await page.goto(url, { waitUntil: 'commit' });
  await expect(page.locator(field)).toBeFocused({ timeout: 30_000 });
  const interactive = await page.evaluate(() => performance.now());
  await page.waitForTimeout(1000);
  const painted = await page.evaluate(
    () =>
      new Promise<number>((resolve) =>
        new PerformanceObserver((list) => resolve(list.getEntries().at(-1)!.startTime)).observe({ type: 'largest-contentful-paint', buffered: true }),
      ),
  );
  await context.close();
  return { painted, interactive, bytes };
}

test('the first visit', async ({ browser, page, site, account }) => {
  test.setTimeout(300_000);
  expect(account).toBeTruthy();
  await page.goto(site.origin);
  await expect(new Chat(page).composer).toBeFocused();
  const signedIn = JSON.stringify(await page.context().storageState());
  for (const [name, path, state, field] of [
    ['sign-in page', '/', undefined, '#username'],
    ['start page', '/', signedIn, '#composer'],
  ] as const) {
    const visits: Visit[] = [];
    for (let round = 0; round < ROUNDS; round += 1) visits.push(await visit(browser, site.origin + path, state, field));
    const figure = (of: (visit: Visit) => number) => Math.round(median(visits.map(of)));
    console.log(`| ${name}: largest text painted | ${figure((visit) => visit.painted)} ms | 1 500 ms |`);
    console.log(`| ${name}: takes input | ${figure((visit) => visit.interactive)} ms | 2 500 ms |`);
    console.log(`| ${name}: received | ${figure((visit) => visit.bytes / 1024)} KB | 480 KB |`);
  }
});
