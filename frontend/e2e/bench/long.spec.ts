// Measures long conversations with the processor slowed down four times: opening, switching, scrolling and typing.

import type { CDPSession, Page } from '@playwright/test';

import { Chat } from '../support/chat';
import { expect, test } from '../support/fixtures';
import { store, talk } from '../support/history';
import { median, percentile } from './trace';

const MESSAGES = 10_000;

async function slowDown(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  return session;
}

/** Milliseconds from a click on a link of the sidebar to the frame in which the conversation is shown. */
function timeToShow(page: Page, title: string, last: string): Promise<number> {
  return page.evaluate(
    ([title, last]) =>
      new Promise<number>((resolve) => {
        const link = [...document.querySelectorAll<HTMLElement>('.sidebar a')].find((one) => one.textContent?.trim() === title);
        const start = performance.now();
        link?.click();
        const look = () => {
          const shown = [...document.querySelectorAll('.thread .bubble')].some((one) => one.textContent?.trim() === last);
          if (shown) requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
          else requestAnimationFrame(look);
        };
        look();
      }),
    [title, last],
  );
}

/** Milliseconds that the main thread takes for a key, from the event to the end of the frame. */
async function typing(page: Page, chat: Chat): Promise<number[]> {
  await chat.composer.focus();
  await page.evaluate(() => {
    const costs: number[] = [];
    Object.assign(window, { costs });
    document.querySelector('#composer')?.addEventListener('keydown', () => {
      const start = performance.now();
      requestAnimationFrame(() => setTimeout(() => costs.push(performance.now() - start)));
    });
  });
  await page.keyboard.type('The quick brown fox jumps over the lazy dog, twice.', { delay: 60 });
  return page.evaluate(() => (window as unknown as { costs: number[] }).costs);
}

const row = (what: string, value: string, limit: string) => console.log(`| ${what} | ${value} | ${limit} |`);
const figures = (values: number[]) => [median(values), percentile(values, 95)].map((value) => value.toFixed(1)).join(' / ');

test('ten thousand messages open, scroll and take typing like ten', async ({ page, site, account }) => {
  const chat = new Chat(page);
  await store(site, account, 'Long one', talk(MESSAGES));
  await store(site, account, 'Long two', talk(MESSAGES - 2));
  await page.goto('/');
  await expect(chat.composer).toBeFocused();
  await slowDown(page);
  const empty = await typing(page, chat);

  const opens = [await timeToShow(page, 'Long one', `Question ${MESSAGES / 2}`)];
  await timeToShow(page, 'Long two', `Question ${MESSAGES / 2 - 1}`);
  const switches: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    switches.push(await timeToShow(page, 'Long one', `Question ${MESSAGES / 2}`));
    switches.push(await timeToShow(page, 'Long two', `Question ${MESSAGES / 2 - 1}`));
  }
  const long = await typing(page, chat);
  row(`opening a conversation of ${MESSAGES} messages`, `${opens[0].toFixed(0)} ms`, '1 000 ms');
  row('switching between two of them, p50 / p95', `${figures(switches)} ms`, '150 ms');
  row('a key in an empty conversation, p50 / p95', `${figures(empty)} ms`, '–');
  row('a key in a long one, p50 / p95', `${figures(long)} ms`, 'the same');

  // Load everything, then scroll through some of it.
  await chat.thread.focus();
  const start = Date.now();
  await page.keyboard.press('Home');
  await expect(chat.questions.first()).toHaveText('Question 1', { timeout: 60_000 });
  row('jumping to the first message, which loads all', `${Date.now() - start} ms`, '–');
  await chat.thread.hover();
  await page.evaluate(() => {
    const frames: number[] = [];
    let before = performance.now();
    const tick = (now: number) => {
      frames.push(now - before);
      before = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    Object.assign(window, { frames, nodes: 0 });
  });
  let nodes = 0;
  for (let step = 0; step < 100; step += 1) {
    await page.mouse.wheel(0, 400);
    await page.waitForTimeout(33);
    if (step % 10 === 0) nodes = Math.max(nodes, await page.evaluate(() => document.querySelectorAll('*').length));
  }
  const frames = (await page.evaluate(() => (window as unknown as { frames: number[] }).frames)).slice(1);
  row('a frame while scrolling, p50 / p95', `${figures(frames)} ms`, '16.7 ms');
  row('nodes in the page, at most', `${nodes}`, '6 000');
});
