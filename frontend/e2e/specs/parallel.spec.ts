// Several models answer the same message, and the user continues from one of the answers.

import { expect, test } from '../support/fixtures';
import { MODELS, numbered } from '../support/mock';

test('three models answer in parallel, and the conversation continues from the chosen one', async ({ page, chat, mock }) => {
  const question = `Who is right? ${test.info().testId}`;
  await chat.choose('quick');
  await chat.compareWith('cutShort', 'echo');
  await chat.say(question);
  await expect(chat.replies).toHaveCount(3);
  await chat.finished();
  const answer = (name: string) => page.getByRole('article', { name: `Assistant, ${name}` });
  await expect(answer(MODELS.quick).getByRole('paragraph').first()).toHaveText(numbered(40));
  await expect(answer(MODELS.cutShort).getByRole('paragraph').first()).toHaveText(numbered(30));
  await expect(answer(MODELS.echo).getByRole('paragraph').first()).toHaveText(question);
  // Nobody is preselected, and a message waits for the choice.
  await expect(page.getByRole('button', { name: 'Selected' })).toHaveCount(0);
  await expect(page.getByText('Choose one to continue')).toBeVisible();
  await chat.composer.fill('Not yet');
  await chat.composer.press('Enter');
  await expect(page.getByText('Choose an answer to continue with first.')).toBeVisible();
  await expect(chat.composer).toHaveValue('Not yet');
  await chat.composer.fill('');

  const columns = page.getByRole('group', { name: 'Answers side by side' });
  const tops = await chat.replies.evaluateAll((replies) => replies.map((reply) => reply.getBoundingClientRect().top));
  expect(new Set(tops).size, 'they stand beside one another').toBe(1);
  await columns.getByRole('button', { name: 'Continue with this answer' }).last().click();
  await expect(page.getByRole('button', { name: 'Selected' })).toHaveCount(1);
  await page.reload();
  await expect(chat.replies).toHaveCount(3);
  await expect(columns.getByRole('button').filter({ hasText: 'Selected' })).toHaveAttribute('aria-pressed', 'true');

  const next = `So be it. ${test.info().testId}`;
  await chat.say(next);
  await chat.finished();
  await expect(chat.replies).toHaveCount(2);
  await expect(chat.versions(chat.replies.first()).text).toHaveText(/\/3$/);
  const [asked] = await mock.requestsFor(next);
  const said = asked.messages.filter((message) => message.role !== 'system').map((message) => message.content);
  expect(said).toEqual([question, question, next]);
});

test('at most three more models answer in parallel, and a stop stops all', async ({ page, chat, mock }) => {
  const { aborted } = await mock.state();
  await page.setViewportSize({ width: 1840, height: 900 });
  await chat.choose('endless');
  await chat.compareWith('silent', 'paused', 'pondering');
  await chat.picker.click();
  await page.getByRole('button', { name: 'Compare with…' }).click();
  const refused = chat.model(MODELS.echo);
  await expect(refused).toHaveAttribute('aria-disabled', 'true');
  await refused.click({ force: true });
  await expect(refused).toHaveAttribute('aria-selected', 'false');
  await page.keyboard.press('Escape');
  await chat.say('Begin.');
  await expect(chat.replies).toHaveCount(4);
  await expect(chat.replies.filter({ hasText: 't20' })).toHaveCount(1);
  await chat.stop.click();
  await chat.finished();
  await expect(chat.thread.getByText('You stopped this answer.')).toHaveCount(4);
  await expect.poll(async () => (await mock.state()).aborted).toBe(aborted + 4);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test('parallel answers stand behind tabs without moving the page', async ({ page, chat }) => {
    await chat.choose('quick');
    await chat.compareWith('cutShort');
    await chat.say('Who is right?');
    await chat.finished();
    const tabs = page.getByRole('group', { name: 'Answers side by side' }).first().getByRole('button');
    await expect(tabs).toHaveCount(2);
    const answer = (name: string) => page.getByRole('article', { name: `Assistant, ${name}` });
    await expect(answer(MODELS.quick)).toBeVisible();
    await expect(answer(MODELS.cutShort)).toBeHidden();
    await tabs.last().tap();
    await expect(answer(MODELS.cutShort)).toBeVisible();
    await expect(answer(MODELS.quick)).toBeHidden();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    expect(await chat.thread.evaluate((thread) => thread.scrollWidth - thread.clientWidth)).toBe(0);
  });
});

test('columns are at least 22 rem wide, each scrolls on its own, and the view does not follow several', async ({ page, chat }) => {
  await chat.choose('lecture');
  await chat.compareWith('marathon');
  await chat.say('Explain static files.');
  await expect(chat.replies).toHaveCount(2);
  const question = chat.questions.last();
  await expect.poll(() => chat.replies.first().evaluate((reply) => reply.clientHeight)).toBeGreaterThan(1500);
  await expect(question).toBeInViewport();
  const bodies = page.getByRole('group', { name: /^markdown/ });
  const widths = await bodies.evaluateAll((all) => all.map((body) => body.clientWidth));
  widths.forEach((width) => expect(width).toBeGreaterThanOrEqual(22 * 16));
  await bodies.first().hover();
  await page.mouse.wheel(0, 400);
  await expect.poll(() => bodies.first().evaluate((body) => body.scrollTop)).toBeGreaterThan(300);
  expect(await bodies.last().evaluate((body) => body.scrollTop)).toBe(0);
  await expect(question).toBeInViewport();
  await page.setViewportSize({ width: 960, height: 900 });
  await expect(bodies, 'two columns would be narrower than 22 rem').toHaveCount(1);
  await chat.stop.click();
  await chat.finished();
});
