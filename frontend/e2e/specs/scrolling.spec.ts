// Scrolling: the view follows the end until the user scrolls away, and then nothing moves it.

import type { Locator } from '@playwright/test';

import { Chat } from '../support/chat';
import { expect, test } from '../support/fixtures';
import { store, talk } from '../support/history';

/** Pixels between the view and the end of the thread. */
function below(thread: Locator): Promise<number> {
  return thread.evaluate(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight);
}

const jump = (chat: Chat) => chat.page.getByRole('button', { name: 'Jump to latest' });

/** Starts a reply and waits until it is longer than the window. */
async function lecture(chat: Chat): Promise<void> {
  await chat.choose('lecture');
  await chat.say('Explain static files.');
  await expect.poll(() => chat.lastReply.evaluate((reply) => reply.clientHeight)).toBeGreaterThan(1300);
}

test('S2: the view follows a reply to its end', async ({ chat }) => {
  await lecture(chat);
  await chat.finished();
  await expect.poll(() => below(chat.thread)).toBeLessThan(2);
  await expect(jump(chat)).toBeHidden();
});

test('S1: a sent message moves to the top with space for the reply below', async ({ chat }) => {
  await chat.ask('Explain static files.', 'markdown');
  await chat.ask('What is a meadow?');
  const top = await chat.thread.evaluate((thread) => thread.getBoundingClientRect().top);
  await expect
    .poll(async () => ((await chat.questions.last().boundingBox())?.y ?? 0) - top)
    .toBeLessThan(120);
});

test('S3: nothing moves for a user who has scrolled up', async ({ page, chat }) => {
  await lecture(chat);
  await chat.thread.hover();
  await page.mouse.wheel(0, -500);
  await expect(jump(chat)).toBeVisible();
  await expect(jump(chat)).toHaveClass(/active/);
  const places = await chat.lastReply.evaluate(async (reply) => {
    const mark = reply.querySelector('h4, p') ?? reply;
    const seen = { tops: new Set<number>(), growth: -reply.clientHeight };
    while (reply.hasAttribute('aria-busy')) {
      seen.tops.add(mark.getBoundingClientRect().top);
      await new Promise(requestAnimationFrame);
    }
    seen.tops.add(mark.getBoundingClientRect().top);
    return { tops: [...seen.tops], growth: seen.growth + reply.clientHeight };
  });
  expect(places.growth).toBeGreaterThan(1000);
  expect(places.tops).toHaveLength(1);

  await jump(chat).click();
  await expect.poll(() => below(chat.thread)).toBeLessThan(2);
  await expect(jump(chat)).toBeHidden();
});

test('S2: only a gesture stops following, and reaching the end resumes it', async ({ page, chat }) => {
  await lecture(chat);
  // The page moves the view, as a browser does when content shrinks.
  await chat.thread.evaluate((thread) => thread.scrollBy(0, -400));
  await expect.poll(() => below(chat.thread)).toBeLessThan(2);
  await chat.thread.hover();
  await page.mouse.wheel(0, -300);
  await expect.poll(() => below(chat.thread)).toBeGreaterThan(200);
  await page.mouse.wheel(0, 100_000);
  await expect.poll(() => below(chat.thread)).toBeLessThan(2);
  await expect(chat.stop).toBeVisible();
  await chat.finished();
  await expect.poll(() => below(chat.thread)).toBeLessThan(2);
});

test('S2: scrolling by keyboard stops following', async ({ page, chat }) => {
  await lecture(chat);
  await chat.thread.focus();
  await page.keyboard.press('Home');
  await expect.poll(() => chat.thread.evaluate((thread) => thread.scrollTop)).toBe(0);
  await chat.finished();
  expect(await chat.thread.evaluate((thread) => thread.scrollTop)).toBe(0);
  await expect(jump(chat)).toBeVisible();
});

test('S5: a long conversation opens at its end and loads earlier messages in place', async ({ page, site, account }) => {
  const chat = new Chat(page);
  const { path } = await store(site, account, 'Sixty questions', talk(120));
  await page.goto(path);
  await expect(chat.questions.last()).toHaveText('Question 60');
  await expect(chat.lastReply).toBeInViewport();
  await expect.poll(() => below(chat.thread)).toBeLessThan(2);

  // To the first of the fifty messages that were loaded.
  const height = await chat.thread.evaluate((thread) => thread.scrollHeight);
  await chat.thread.hover();
  await page.mouse.wheel(0, -100_000);
  await expect.poll(() => chat.thread.evaluate((thread) => thread.scrollHeight)).toBeGreaterThan(height * 1.5);
  // The message at the top of the window is still there, and the new ones are above it.
  await expect(chat.questions.filter({ hasText: 'Question 36' })).toBeInViewport();
  expect(await chat.thread.evaluate((thread) => thread.scrollTop)).toBeGreaterThan(500);
});

test('S1: a sent message stays at the end of the view, if that is preferred', async ({ page, chat }) => {
  await chat.account('Settings');
  await page.getByRole('radio', { name: 'Stay at the end' }).check();
  await page.goBack();
  await chat.ask('Explain static files.', 'markdown');
  await chat.ask('What is a meadow?');
  const view = await chat.thread.boundingBox();
  const question = await chat.questions.last().boundingBox();
  expect((question?.y ?? 0) - (view?.y ?? 0)).toBeGreaterThan((view?.height ?? 0) / 2);
  await expect.poll(() => below(chat.thread)).toBeLessThan(2);
  // It follows a reply to its end.
  await lecture(chat);
  await expect.poll(() => below(chat.thread)).toBeLessThan(80);
  await chat.finished();
  await expect.poll(() => below(chat.thread)).toBeLessThan(2);
});

test('S4: a tail that shrinks while it is read does not move the view back', async ({ page, chat }) => {
  await chat.choose('slowEcho');
  const table = '| Column | Another |\n|---|---|\n| one | two |\n| three | four |';
  const parts = ['Words before it.', table, '```rust\nfn main() {}\n```', '> A quotation\n> of two lines', '---', '- one\n- two'];
  await chat.say(Array.from({ length: 4 }, () => parts).flat().join('\n\n'));
  const back = await chat.thread.evaluate(async (thread) => {
    let [top, most] = [0, 0];
    const reply = () => [...thread.querySelectorAll('article')].at(-1);
    while (reply()?.hasAttribute('aria-busy')) {
      most = Math.max(most, top - thread.scrollTop);
      top = thread.scrollTop;
      await new Promise(requestAnimationFrame);
    }
    return most;
  });
  // Less than a line.
  expect(back).toBeLessThan(24);
  await page.mouse.move(0, 0);
});
