// Thoughts, tools, failures: everything that a reply can be besides a text that ends well.

import { expect, test } from '../support/fixtures';
import { numbered } from '../support/mock';

test('thoughts are open while they come and fold away when the answer begins', async ({ page, chat }) => {
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

test('thoughts that the reader has opened stay open when the answer begins', async ({ chat }) => {
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

test('a tool call is one line with its arguments behind it', async ({ chat }) => {
  await chat.ask('What is the weather in Tokyo?', 'tools');
  const call = chat.lastReply.getByText('Called get_weather');
  const input = chat.lastReply.getByText('{"city":"東京"}');
  await expect(input).toBeHidden();
  await call.click();
  await expect(input).toBeVisible();
  await expect(chat.lastReply.getByText('Called get_time')).toBeVisible();
});

const FAILURES = [
  ['refused', 'refused the key. The administrator has to check it.'],
  ['busy', 'is limiting requests at the moment. Try again in 1 min 30 s.'],
  ['broken', 'is not available at the moment.'],
  ['page', 'is not available at the moment.'],
  ['torn', 'broke off in the middle of the answer.'],
] as const;

for (const [model, words] of FAILURES) {
  test(`a provider’s failure stands where the reply would (${model}), and trying again answers`, async ({ chat, mock }) => {
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
    // The provider is not shown the question twice.
    const answered = (await mock.requestsFor(question)).at(-1);
    expect(answered?.messages.filter((message) => message.role === 'user')).toHaveLength(1);
  });
}

test('a failure is still there after a reload', async ({ page, chat }) => {
  await chat.ask('Will this fail?', 'refused');
  await page.reload();
  await expect(chat.lastReply.getByRole('alert')).toContainText('refused the key');
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

test('the next message can be written while a reply is being written', async ({ chat }) => {
  await chat.choose('steady');
  await chat.say('First.');
  await chat.arrived(5);
  await chat.composer.fill('Second.');
  await chat.composer.press('Enter');
  await expect(chat.composer).toHaveValue('Second.');
  await chat.finished();
  await chat.composer.press('Enter');
  await expect(chat.questions).toHaveText(['First.', 'Second.']);
});
