// Reasoning, tools, failures: everything in a reply but text.

import { expect, test } from '../support/fixtures';
import { numbered } from '../support/mock';

test('reasoning is open while it arrives and collapses when the answer begins', async ({ page, chat }) => {
  await chat.choose('thinker');
  await chat.say('Think about it.');
  const fold = chat.lastReply.getByRole('button', { name: /^Th(inking|ought)/ });
  await expect(fold).toHaveAccessibleName(/^Thinking…/);
  await expect(fold).toHaveAttribute('aria-expanded', 'true');
  await expect(chat.lastReply.getByText('r0 r1 r2')).toBeVisible();
  await chat.finished();
  await expect(fold).toHaveAccessibleName(/^Thought for \d+ s$/);
  await expect(fold).toHaveAttribute('aria-expanded', 'false');
  await expect(chat.lastReply.getByRole('paragraph').first()).toHaveText(numbered(60));
  await page.reload();
  await expect(fold).toHaveAccessibleName(/^Thought for \d+ s$/);
  await fold.click();
  await expect(chat.lastReply.getByText(numbered(60).replaceAll('t', 'r'))).toBeVisible();
});

test('reasoning that the user has opened stays open', async ({ chat }) => {
  await chat.choose('thinker');
  await chat.say('Think about it.');
  const fold = chat.lastReply.getByRole('button', { name: /^Th(inking|ought)/ });
  await fold.click();
  await expect(fold).toHaveAttribute('aria-expanded', 'false');
  await fold.click();
  await expect(fold).toHaveAttribute('aria-expanded', 'true');
  await chat.finished();
  await expect(fold).toHaveAttribute('aria-expanded', 'true');
});

test('a tool call is one line that expands to arguments and result', async ({ page, chat }) => {
  await chat.ask('What is the weather in Tokyo?', 'tools');
  const call = chat.lastReply.getByRole('button', { name: /^get_weather/ });
  await expect(call).toHaveAttribute('aria-expanded', 'false');
  await expect(call).toContainText('Not run');
  await call.press('Enter');
  await expect(call).toHaveAttribute('aria-expanded', 'true');
  await expect(chat.lastReply.getByText('"city": "東京"')).toBeVisible();
  await expect(chat.lastReply.getByRole('button', { name: /^get_time/ })).toBeVisible();
  await page.reload();
  await expect(call).toContainText('Not run');
});

test('M9: sources are listed at the end with titles and hosts', async ({ page, chat }) => {
  await chat.ask('What is a river?', 'sourced');
  const sources = chat.lastReply.getByRole('region', { name: 'Sources' });
  await expect(sources.getByRole('listitem')).toHaveCount(2);
  for (const link of await sources.getByRole('link').all()) {
    await expect(link).toHaveAttribute('rel', 'noopener noreferrer nofollow');
    await expect(link).toHaveAttribute('target', '_blank');
    await expect(link).toHaveAttribute('href', /^https?:/);
  }
  const before = await sources.innerText();
  await page.reload();
  await expect.poll(() => sources.innerText()).toBe(before);
});

test('the details of a reply open by hover, focus and press', async ({ page, chat }) => {
  await chat.ask('What is a meadow?', 'thrifty');
  const about = chat.lastReply.getByRole('button', { name: /^Details of this answer/ });
  const panel = page.getByRole('group', { name: /^Details of this answer/ });
  await expect(panel).toHaveCount(0);
  await about.hover();
  await expect(panel).toContainText('Input tokens');
  await expect(panel).toContainText('2 from cache');
  await expect(panel).toContainText(/Output tokens\s*\d+ · \d+ reasoning/);
  await page.mouse.move(0, 0);
  await expect(panel).toHaveCount(0);
  await about.focus();
  await expect(panel).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(panel).toHaveCount(0);
  await about.click();
  await page.mouse.move(0, 0);
  await expect(panel).toBeVisible();
});

test('the composer shows the context use of the chosen model', async ({ page, chat }) => {
  const meter = page.getByRole('button', { name: /^Context: / });
  await expect(meter).toHaveCount(0);
  await chat.ask('What is a meadow?');
  await expect(meter).toHaveText(/^~?\d+ \/ \d+k$/);
  await page.reload();
  await expect(meter).toHaveText(/^~?\d+ \/ \d+k$/);
});

test('a busy provider is retried, and the user sees it', async ({ chat }) => {
  await chat.choose('hesitant');
  await chat.say('Are you there?');
  await expect(chat.lastReply.getByText(/^The provider is busy; retrying in [1-4] s$/)).toBeVisible();
  await chat.finished();
  await expect(chat.lastReply.getByRole('paragraph').first()).toHaveText(numbered(40));
  await expect(chat.lastReply.getByText(/busy/)).toHaveCount(0);
});

test('the wait counts down', async ({ page, chat }) => {
  await chat.ask('Will this fail?', 'busy');
  const error = chat.lastReply.getByRole('alert');
  await expect(error).toContainText(/Try again in 1 min \d\d? s\./);
  await page.clock.install();
  await page.reload();
  await page.clock.fastForward(120_000);
  await expect(error).toContainText('is limiting requests right now.');
  await expect(error).not.toContainText('Try again in');
});

const FAILURES = [
  ['refused', 'rejected the API key. Ask the administrator to check it.'],
  ['busy', /is limiting requests right now\. Try again in 1 min \d\d? s\./],
  ['broken', 'is unavailable right now.'],
  ['page', 'is unavailable right now.'],
  ['torn', 'connection dropped in the middle of the answer.'],
] as const;

for (const [model, words] of FAILURES) {
  test(`a provider’s failure is shown in place of the reply, and a retry answers (${model})`, async ({ chat, mock }) => {
    const question = `Will this fail? (${model} ${test.info().testId})`;
    await chat.ask(question, model);
    const error = chat.lastReply.getByRole('alert');
    await expect(error).toContainText(words);
    if (model === 'torn') await expect(chat.lastReply.getByRole('paragraph').first()).toHaveText(numbered(10));
    await expect(chat.questions).toHaveText([question]);
    await expect(chat.composer).toHaveValue('');

    await chat.choose('quick');
    await error.getByRole('button', { name: 'Try again' }).click();
    await expect(chat.lastReply.getByRole('paragraph').first()).toHaveText(numbered(40));
    await expect(chat.questions).toHaveText([question]);
    await expect(chat.replies).toHaveCount(1);
    // The provider does not get the question twice.
    const answered = (await mock.requestsFor(question)).at(-1);
    expect(answered?.messages.filter((message) => message.role === 'user')).toHaveLength(1);
  });
}

test('a failure is still there after a reload', async ({ page, chat }) => {
  await chat.ask('Will this fail?', 'refused');
  await page.reload();
  await expect(chat.lastReply.getByRole('alert')).toContainText('rejected the API key');
});

test('a reply that has not begun can be stopped', async ({ chat, mock }) => {
  const { aborted } = await mock.state();
  await chat.choose('silent');
  await chat.say('Are you there?');
  await expect.poll(async () => (await mock.state()).open).toBeGreaterThan(0);
  await chat.stop.click();
  await expect(chat.lastReply.getByText('You stopped this answer.')).toBeVisible();
  await expect.poll(async () => (await mock.state()).aborted).toBe(aborted + 1);
});

test('reasoning stays collapsed if the user prefers that', async ({ page, chat }) => {
  await chat.account('Settings');
  await page.getByRole('radio', { name: 'Collapsed' }).check();
  await page.goBack();
  await chat.choose('pondering');
  await chat.say('Think about it.');
  const fold = chat.lastReply.getByRole('button', { name: /^Th(inking|ought)/ });
  await expect(fold).toHaveAttribute('aria-expanded', 'false');
  await fold.click();
  await expect(chat.lastReply.getByText('r39')).toBeVisible();
  await expect(chat.lastReply.getByRole('button', { name: 'Copy thoughts' })).toBeVisible();
});

test('an idle page requests no animation frames', async ({ page, chat }) => {
  await chat.ask('What is a meadow?');
  const frames = () =>
    page.evaluate(async () => {
      const ask = window.requestAnimationFrame;
      let asked = 0;
      window.requestAnimationFrame = (callback) => {
        asked += 1;
        return ask.call(window, callback);
      };
      await new Promise((resolve) => setTimeout(resolve, 300));
      window.requestAnimationFrame = ask;
      return asked;
    });
  await expect.poll(frames).toBe(0);
});

for (const [model, why] of [
  ['wordless', 'The model ended its answer without writing anything.'],
  ['thoughtful', 'The model’s thinking used up the whole length of the answer.'],
] as const) {
  test(`a reply without words says so and why (${model}), and can be tried again`, async ({ page, chat }) => {
    await chat.choose(model);
    await chat.say('Say something.');
    await expect(chat.lastReply.getByText(why)).toBeVisible();
    await page.reload();
    await expect(chat.lastReply.getByText(why)).toBeVisible();
    await chat.choose('quick');
    await chat.lastReply.getByRole('button', { name: 'Try again' }).click();
    await chat.finished();
    await expect(chat.lastReply.getByRole('paragraph').first()).toHaveText(numbered(40));
  });
}
