// A conversation is a tree: edits and new answers become siblings, and nothing is overwritten.

import { expect, test } from '../support/fixtures';
import { MODELS, numbered } from '../support/mock';

const ECHO = 'echo';

test('M3 M4: an edited message becomes a sibling, and the arrows switch between them', async ({ page, chat }) => {
  await chat.ask('What is a river?', ECHO);
  await chat.ask('And a brook?', ECHO);
  await chat.do(chat.questions.first(), 'Edit');
  const field = chat.questions.first().getByRole('textbox', { name: 'Edit message' });
  await expect(field).toBeFocused();
  await expect(field).toHaveValue('What is a river?');
  await field.fill('What is a lake?');
  await chat.questions.first().getByRole('button', { name: 'Save & resend' }).click();
  await chat.finished();
  await expect(chat.questions).toHaveText([/^What is a lake\?/]);
  await expect(chat.lastReply).toContainText('What is a lake?');

  const versions = chat.versions(chat.questions.first());
  await expect(versions.text).toHaveText('2/2');
  await page.reload();
  await expect(versions.text).toHaveText('2/2');
  await versions.previous.press('Enter');
  await expect(versions.text).toHaveText('1/2');
  await expect(chat.questions).toHaveText([/^What is a river\?/, /^And a brook\?/]);
  await page.reload();
  await expect(chat.questions).toHaveCount(2);
  await expect(versions.text).toHaveText('1/2');
});

test('the focus stays on the arrows', async ({ chat }) => {
  await chat.ask('What is a river?', ECHO);
  await chat.do(chat.questions.first(), 'Edit');
  await chat.questions.first().getByRole('textbox', { name: 'Edit message' }).fill('What is a lake?');
  await chat.questions.first().getByRole('button', { name: 'Save & resend' }).click();
  await chat.finished();
  const versions = chat.versions(chat.questions.first());
  await versions.previous.press('Enter');
  await expect(versions.text).toHaveText('1/2');
  // Only the arrow back is enabled.
  await expect(versions.next).toBeFocused();
  await chat.page.keyboard.press('Enter');
  await expect(versions.text).toHaveText('2/2');
  await expect(versions.previous).toBeFocused();
});

test('pressing an arrow repeatedly moves on', async ({ page, chat }) => {
  await chat.ask('What is a river?');
  for (const count of [2, 3]) {
    await chat.take(chat.lastReply, 'Answer again', /^Answer again/);
    await chat.finished();
    await expect(chat.versions(chat.lastReply).text).toHaveText(`${count}/${count}`);
  }
  const versions = chat.versions(chat.lastReply);
  await versions.previous.press('Enter');
  await expect(versions.text).toHaveText('2/3');
  await expect(versions.previous).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(versions.text).toHaveText('1/3');
  await expect(versions.next).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(versions.text).toHaveText('2/3');
  await expect(versions.next).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(versions.text).toHaveText('3/3');
});

test('the focus stays in the composer when another version arrives', async ({ page, chat }) => {
  await chat.ask('What is a river?');
  await chat.take(chat.lastReply, 'Answer again', /^Answer again/);
  await chat.finished();
  const versions = chat.versions(chat.lastReply);
  let answer = () => {};
  const held = new Promise<void>((resolve) => { answer = resolve; });
  await page.route('**/show', async (route) => {
    await held;
    await route.continue();
  });
  await versions.previous.press('Enter');
  await chat.composer.focus();
  answer();
  await expect(versions.text).toHaveText('1/2');
  await expect(chat.composer).toBeFocused();
});

test('M3: saving an edit changes nothing else', async ({ page, chat, mock }) => {
  await chat.ask('What is a rivr?', ECHO);
  const { count } = await mock.state();
  await chat.do(chat.questions.first(), 'Edit');
  const field = chat.questions.first().getByRole('textbox');
  await field.fill('What is a river?');
  await chat.questions.first().getByRole('button', { name: 'Save', exact: true }).click();
  await expect(chat.questions).toHaveText([/^What is a river\?/]);
  await expect(chat.questions.first().getByRole('button', { name: 'Edit' })).toBeFocused();
  await page.reload();
  await expect(chat.questions).toHaveText([/^What is a river\?/]);
  await expect(chat.lastReply).toContainText('What is a rivr?');
  await expect(chat.versions(chat.questions.first()).text).toHaveCount(0);
  expect((await mock.state()).count).toBe(count);
});

test('Arrow Up in an empty composer edits the last message, and Escape cancels', async ({ chat }) => {
  await chat.ask('What is a river?');
  await chat.composer.press('ArrowUp');
  const field = chat.questions.first().getByRole('textbox');
  await expect(field).toBeFocused();
  await field.fill('Something else');
  await field.press('Escape');
  await expect(field).toHaveCount(0);
  await expect(chat.questions).toHaveText([/^What is a river\?/]);
  await chat.composer.press('ArrowUp');
  await field.fill('What is a lake?');
  await field.press('Control+Enter');
  await chat.finished();
  await expect(chat.questions).toHaveText([/^What is a lake\?/]);
});

test('M1 M4: another answer becomes a sibling, from the same model or another one', async ({ page, chat, mock }) => {
  const question = `Why is the sky blue? ${test.info().testId}`;
  await chat.ask(question);
  await chat.take(chat.lastReply, 'Answer again', /^Answer again/);
  await chat.finished();
  // The pressed button was removed with the first answer.
  await expect(chat.composer).toBeFocused();
  const versions = chat.versions(chat.lastReply);
  await expect(versions.text).toHaveText('2/2');
  await expect(chat.questions).toHaveCount(1);

  await chat.take(chat.lastReply, 'Answer again', MODELS.cutShort);
  await chat.finished();
  await expect(versions.text).toHaveText('3/3');
  await expect(chat.lastReply.getByRole('paragraph').first()).toHaveText(numbered(30));
  const asked = await mock.requestsFor(question);
  expect(asked.map((request) => request.model)).toEqual([MODELS.quick, MODELS.quick, MODELS.cutShort]);
  // The model does not get an incomplete answer as if it were complete.
  expect(asked.every((request) => request.messages.every((message) => message.role !== 'assistant'))).toBe(true);

  await versions.previous.click();
  await expect(versions.text).toHaveText('2/3');
  await expect(chat.lastReply.getByRole('paragraph').first()).toHaveText(numbered(40));
  await page.reload();
  await expect(versions.text).toHaveText('2/3');
});

test('a stopped answer can be continued', async ({ page, chat }) => {
  await chat.choose('endless');
  await chat.say('Tell me everything.');
  await chat.arrived(20);
  await chat.stop.click();
  await chat.finished();
  const before = await chat.tokens();
  await chat.lastReply.getByRole('button', { name: 'Continue' }).click();
  await expect(chat.stop).toBeVisible();
  await expect(chat.composer).toBeFocused();
  await expect.poll(async () => (await chat.tokens()).length).toBeGreaterThan(before.length + 40);
  await chat.stop.click();
  await chat.finished();
  const after = await chat.tokens();
  expect(after.startsWith(before)).toBe(true);
  await expect(chat.replies).toHaveCount(1);
  await page.reload();
  await expect(chat.lastReply.getByRole('paragraph').first()).toHaveText(after);
});

for (const [model, words] of [
  ['cutShort', 'This answer reached its length limit.'],
  ['torn', 'connection dropped in the middle of the answer.'],
] as const) {
  test(`an answer that was cut short can be continued (${model})`, async ({ chat }) => {
    await chat.ask('Tell me a story.', model);
    await expect(chat.lastReply).toContainText(words);
    const before = await chat.tokens();
    const asked = chat.page.waitForResponse('**/api/chat/stream');
    await chat.lastReply.getByRole('button', { name: 'Continue' }).click();
    await asked;
    await chat.finished();
    // The scripted model starts over each time, and repeated text is not written twice.
    expect(await chat.tokens()).toBe(before);
    await expect(chat.replies).toHaveCount(1);
  });
}

test('a complete answer cannot be continued', async ({ chat }) => {
  await chat.ask('What is a meadow?');
  await expect(chat.lastReply.getByRole('button', { name: 'Continue' })).toHaveCount(0);
});

test('M1: a branch becomes a new conversation', async ({ page, chat }) => {
  await chat.ask('What is a river?');
  await chat.ask('And a brook?');
  const address = page.url();
  await chat.take(chat.replies.first(), 'More actions', 'Branch in new chat');
  await expect(page).not.toHaveURL(address);
  await expect(chat.entry('What is a river? (2)')).toBeVisible();
  await expect(chat.questions).toHaveText([/^What is a river\?/]);
  await expect(chat.replies).toHaveCount(1);
  await chat.ask('And a lake?');
  await expect(chat.questions).toHaveCount(2);
  await page.goto(address);
  await expect(chat.questions).toHaveText([/^What is a river\?/, /^And a brook\?/]);
});

test('M5: the dialog counts all deleted messages, including hidden branches', async ({ page, chat }) => {
  await chat.ask('What is a river?');
  await chat.ask('And a brook?');
  await chat.take(chat.lastReply, 'Answer again', /^Answer again/);
  await chat.finished();
  await chat.take(chat.questions.last(), 'More actions', 'Delete');
  const dialog = page.getByRole('dialog', { name: 'Delete this message?' });
  await expect(dialog).toContainText('This message and the 2 below it will be deleted permanently.');
  await expect(dialog).toContainText('One of them is on a branch that is not shown.');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(chat.questions).toHaveCount(2);
  await chat.take(chat.questions.last(), 'More actions', 'Delete');
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(chat.questions).toHaveText([/^What is a river\?/]);
  await expect(chat.replies).toHaveCount(1);
  await page.reload();
  await expect(chat.questions).toHaveText([/^What is a river\?/]);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test('M1: the actions of every message are visible and reachable', async ({ chat }) => {
    await chat.ask('What is a river?');
    await chat.ask('And a brook?');
    for (const name of ['Copy', 'Edit', 'More actions']) {
      await expect(chat.questions.first().getByRole('button', { name, exact: true })).toHaveCSS('opacity', '1');
    }
    await chat.replies.first().getByRole('button', { name: /^Details of this answer/ }).tap();
    await expect(chat.page.getByRole('group', { name: /^Details of this answer/ })).toBeInViewport();
  });

  test('a model with a long name leaves room for the buttons', async ({ chat }) => {
    await chat.ask('What is a river?', 'thrifty');
    for (const control of [chat.picker, chat.send, chat.lastReply.getByRole('button', { name: /^Details of this answer/ })]) {
      await expect(control).toBeInViewport({ ratio: 1 });
    }
  });
});

test('M4: a fork remembers which version was shown, and a note tells when later messages are on another one', async ({ page, chat }) => {
  const note = chat.thread.getByText(/later messages? (is|are) on another version\.$/);
  await chat.ask('What is a river?', ECHO);
  await chat.ask('And a brook?', ECHO);
  await chat.take(chat.lastReply, 'Answer again', /^Answer again/);
  await chat.finished();
  const deep = () => chat.versions(chat.lastReply);
  await deep().previous.click();
  await expect(deep().text).toHaveText('1/2');
  await expect(note).toHaveCount(0);
  // A new version of the first question, which the rest of the conversation is not below.
  await chat.do(chat.questions.first(), 'Edit');
  await chat.questions.first().getByRole('textbox').fill('What is a lake?');
  await chat.questions.first().getByRole('button', { name: 'Save & resend' }).click();
  await chat.finished();
  await expect(note).toHaveText('2 later messages are on another version.');
  await expect(note).toBeVisible();
  const first = chat.versions(chat.questions.first());
  await first.previous.click();
  await expect(chat.questions).toHaveText([/^What is a river\?/, /^And a brook\?/]);
  await expect(deep().text, 'the version that was left').toHaveText('1/2');
  await expect(note).toHaveCount(0);
  await first.next.click();
  await expect(chat.questions).toHaveText([/^What is a lake\?/]);
  await expect(note).toHaveText('2 later messages are on another version.');
  // Another answer to a question that is not the last.
  await first.previous.click();
  await expect(chat.questions).toHaveCount(2);
  await chat.take(chat.replies.first(), 'Answer again', /^Answer again/);
  await chat.finished();
  await expect(note).toHaveText('2 later messages are on another version.');
  await page.reload();
  await expect(chat.questions).toHaveCount(1);
});

test('M1: a reply is read aloud without its markup, in its language, until it is stopped', async ({ page, chat }) => {
  await page.addInitScript(() => {
    const said: string[] = [];
    const voice = {
      speaking: false,
      pending: false,
      speak(words: SpeechSynthesisUtterance) {
        voice.speaking = true;
        said.push(`${words.lang}: ${words.text}`);
      },
      cancel() { voice.speaking = false; },
    };
    Object.assign(window, { said });
    Object.defineProperty(window, 'speechSynthesis', { value: voice });
  });
  await page.reload();
  await chat.ask('## 一条**河**\n\n- 流向大海的水', 'echo');
  await chat.take(chat.lastReply, 'More actions', 'Read aloud');
  expect(await page.evaluate(() => (window as unknown as { said: string[] }).said)).toEqual(['zh: 一条河', 'zh: 流向大海的水']);
  await chat.take(chat.lastReply, 'More actions', 'Stop reading');
  expect(await page.evaluate(() => speechSynthesis.speaking)).toBe(false);
  await chat.do(chat.lastReply, 'More actions');
  await expect(page.getByRole('menuitem', { name: 'Read aloud' })).toBeVisible();
  await page.keyboard.press('Escape');
  await chat.do(chat.questions.last(), 'More actions');
  await expect(page.getByRole('menuitem', { name: 'Branch in new chat' })).toBeVisible();
  await expect(page.getByRole('menuitem', { name: 'Read aloud' })).toHaveCount(0);
});
