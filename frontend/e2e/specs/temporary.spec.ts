// A conversation that leaves no trace.

import { expect, test } from '../support/fixtures';
import { numbered } from '../support/mock';

test('a temporary conversation is marked, continues, and leaves no trace', async ({ page, chat, mock, context }) => {
  const last = `And then? ${test.info().testId}`;
  await chat.choose('quick');
  await page.keyboard.press("Control+Shift+'");
  await expect(page.getByRole('main').getByRole('heading', { name: 'Temporary chat' })).toBeVisible();
  await expect(page.getByText('This chat isn’t saved or listed.').filter({ visible: true }).first()).toBeVisible();
  await expect(chat.composer).toBeFocused();
  await chat.ask('This is nobody’s business.');
  await expect(chat.lastReply.getByRole('paragraph').first()).toHaveText(numbered(40));
  await expect(page.getByText('This chat isn’t saved or listed.').filter({ visible: true }).first()).toBeVisible();
  await chat.ask(last);

  // Only the page has the messages.
  const [asked] = await mock.requestsFor(last);
  const said = asked.messages.filter((message) => message.role !== 'system').map((message) => message.content);
  expect(said).toEqual(['This is nobody’s business.', numbered(40), last]);
  const list = await context.request.get('/api/conversations');
  expect((await list.json()).items).toEqual([]);
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('business');
  await expect(chat.sidebar.getByRole('link', { name: /business/ })).toHaveCount(0);

  await chat.composer.fill('Half a thou');
  await page.reload();
  await expect(page.getByRole('main').getByRole('heading', { name: 'Temporary chat' })).toBeVisible();
  await expect(chat.questions).toHaveCount(0);
  await expect(chat.composer).toHaveValue('');
});

test('temporary messages can be edited and resent, without stored actions', async ({ chat }) => {
  await chat.sidebar.getByRole('button', { name: 'Temporary chat' }).click();
  await chat.ask('What is a river?', 'echo');
  for (const name of ['More actions', 'Previous version']) {
    await expect(chat.thread.getByRole('button', { name })).toHaveCount(0);
  }
  await chat.do(chat.questions.first(), 'Edit');
  await expect(chat.questions.first().getByRole('button', { name: 'Save', exact: true })).toHaveCount(0);
  await chat.questions.first().getByRole('textbox').fill('What is a lake?');
  await chat.questions.first().getByRole('button', { name: 'Save & resend' }).click();
  await chat.finished();
  await expect(chat.questions).toHaveText([/^What is a lake\?/]);
  await expect(chat.lastReply).toContainText('What is a lake?');
  await chat.take(chat.lastReply, 'Answer again', /^Answer again/);
  await chat.finished();
  await expect(chat.questions).toHaveCount(1);
  await expect(chat.replies).toHaveCount(1);
});

test('a temporary conversation survives a visit to another page', async ({ page, chat }) => {
  await chat.ask('Something ordinary.');
  await chat.sidebar.getByRole('button', { name: 'Temporary chat' }).click();
  await chat.ask('What is a river?');
  await chat.entry('Something ordinary').click();
  await expect(chat.questions).toHaveText([/^Something ordinary/]);
  await page.goBack();
  await expect(chat.questions).toHaveText([/^What is a river\?/]);
  await chat.sidebar.getByRole('button', { name: 'Temporary chat' }).click();
  await expect(chat.questions).toHaveCount(0);
});
