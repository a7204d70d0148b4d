// Files: added to a message, uploaded, sent, and shown.

import { expect, test } from '../support/fixtures';
import { hand, NOTES, pdf, PICTURE, PROGRAM } from '../support/files';
import { MODELS } from '../support/mock';

test('C3 C7: files are added, uploaded and sent, and a reload shows them', async ({ page, chat }) => {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Add files' }).click()]);
  await chooser.setFiles([PICTURE, NOTES]);
  const chips = page.getByRole('list', { name: 'Files' }).getByRole('listitem');
  await expect(chips).toHaveCount(2);
  await expect(chips.nth(1)).toContainText('19 B');
  await chat.composer.fill('What is this?');
  await chat.composer.press('Enter');
  await expect(chips.first().getByRole('button')).toHaveCount(0);
  for (const reload of [false, true]) {
    if (reload) await page.reload();
    const question = chat.questions.last();
    await expect(question).toContainText('What is this?');
    const picture = question.getByRole('link', { name: 'Open meadow.png' }).getByRole('img');
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(8);
    await expect(question.getByRole('link', { name: /notes\.md/ })).toBeVisible();
  }
  const [download] = await Promise.all([page.waitForEvent('download'), chat.questions.last().getByRole('link', { name: /notes\.md/ }).click()]);
  expect(download.suggestedFilename()).toBe('notes.md');
  await chat.do(chat.questions.last(), 'Edit');
  await page.getByRole('textbox', { name: 'Edit message' }).fill('What are these?');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.reload();
  await expect(chat.questions.last()).toContainText('What are these?');
  await expect(chat.questions.last().getByRole('link')).toHaveCount(2);
});

test('C3 C6: a picture is pasted or dropped anywhere, under one overlay', async ({ page, chat }) => {
  await chat.composer.fill('Half a thou');
  const chips = page.getByRole('list', { name: 'Files' }).getByRole('listitem');
  for (const [type, also, prevented, count] of [
    ['paste', {}, true, 1],
    ['paste', { 'text/plain': 'words beside it' }, false, 2],
    ['paste', { 'text/plain': 'a table', 'text/rtf': '{\\rtf}' }, false, 2],
    ['drop', {}, true, 3],
  ] as const) {
    if (type === 'drop') {
      expect(await hand(page, 'dragover')).toBe(true);
      await expect(page.getByText('Drop files to add them')).toBeVisible();
    }
    expect(await hand(page, type, also)).toBe(prevented);
    await expect(chips).toHaveCount(count);
  }
  await expect(page.getByText('Drop files to add them')).toBeHidden();
  await expect(chat.composer).toHaveValue('Half a thou');
  await chips.first().getByRole('button', { name: 'Remove meadow.png' }).click();
  await expect(chips).toHaveCount(2);
  await expect(chips.last().locator('img')).toBeVisible();
  await page.reload();
  await expect(chips).toHaveCount(2);
  await page.goto('/settings');
  expect(await hand(page, 'drop')).toBe(true);
  await expect(page.getByRole('alert').getByText('Open a conversation to add files.')).toBeVisible();
});

test('C2: a queued message keeps its files, also when a reloaded page takes it back', async ({ page, chat }) => {
  await chat.choose('endless');
  await chat.say('Tell me a long story');
  await page.locator('input[type=file]').setInputFiles([NOTES]);
  await expect(page.getByRole('list', { name: 'Files' })).toContainText('19 B');
  await chat.composer.focus();
  await chat.composer.press('Enter');
  await expect(chat.queue).toContainText('notes.md');
  await page.reload();
  await expect(chat.queue).toContainText('notes.md');
  await chat.queue.getByRole('button', { name: 'Back to the composer' }).click();
  await expect(page.getByRole('button', { name: 'Remove notes.md' })).toBeVisible();
  await expect(chat.queue).toHaveCount(0);
  await chat.stop.click();
  await chat.composer.press('Enter');
  await expect(chat.questions.last().getByRole('link', { name: /notes\.md/ })).toBeVisible();
});

test('C7: a file that is refused says why, and the message waits', async ({ page, chat, watch }) => {
  watch.expect(/status of 4\d\d .*files/);
  const input = page.locator('input[type=file]');
  await input.setInputFiles([PROGRAM]);
  const chips = page.getByRole('list', { name: 'Files' }).getByRole('listitem');
  await expect(chips).toContainText('Kaiwa can’t read this kind of file.');
  await chat.composer.fill('Run it');
  await expect(chat.send).toBeDisabled();
  await expect(page.getByText('A file was not uploaded. Try it again or remove it.').first()).toBeVisible();
  await page.getByRole('button', { name: 'Remove setup.exe' }).click();
  await expect(chat.send).toBeEnabled();
});

test('C2 C7: an upload without a connection is tried again, and a message that is not sent keeps its files', async ({ page, chat, watch }) => {
  watch.expect(/ERR_FAILED/);
  await page.route('**/api/files/*', (route) => route.abort());
  await page.locator('input[type=file]').setInputFiles([NOTES]);
  const again = page.getByRole('button', { name: 'Upload notes.md again' });
  await expect(again).toBeVisible();
  await page.unroute('**/api/files/*');
  await again.click();
  await expect(chat.send).toBeEnabled();
  await page.route('**/api/chat/stream', (route) => route.abort());
  await chat.composer.fill('Read this');
  await chat.composer.press('Enter');
  await expect(chat.thread.getByRole('alert')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Remove notes.md' })).toBeVisible();
  await expect(chat.composer).toHaveValue('Read this');
  await page.unroute('**/api/chat/stream');
  await chat.composer.press('Enter');
  await expect(chat.questions.last().getByRole('link', { name: /notes\.md/ })).toBeVisible();
});

test.describe('with a model that cannot see', () => {
  test.use({ ownSite: true, settings: { LLM_MODEL: 'gpt-3.5-turbo', DEFAULT_MODEL: 'gpt-3.5-turbo' }, locale: 'zh-CN' });

  test('C11: it says so before anything is sent', async ({ page, chat }) => {
    await page.locator('input[type=file]').setInputFiles([PICTURE]);
    await chat.composer.fill('这是什么？');
    await expect(page.getByText(/看不了图片/)).toBeVisible();
    await expect(chat.send).toBeDisabled();
    await page.getByRole('button', { name: '移除 meadow.png' }).click();
    await expect(chat.send).toBeEnabled();
  });
});

test.describe('with models that read different files', () => {
  test.use({
    ownSite: true,
    settings: {
      PRESET_MODELS: JSON.stringify({ reader: { name: 'Reader', url: 'http://127.0.0.1:9/v1', model: 'gpt-5.4', protocol: 'responses' } }),
      MODEL_ABILITIES: JSON.stringify({ [`llm/${MODELS.echo}`]: { vision: false } }),
    },
  });

  test('C11: what a model gets of a document is said before it is sent', async ({ page, chat }) => {
    const input = page.locator('input[type=file]');
    const choose = async (name: string) => {
      await chat.picker.click();
      await chat.model(name).click();
    };
    const note = page.locator('.composer-note');
    await chat.composer.fill('What is it about?');
    await input.setInputFiles([NOTES]);
    await expect(chat.send).toBeEnabled();
    await expect(note).toBeEmpty();
    await input.setInputFiles([pdf('paper.pdf', 'A page that remembers the milk')]);
    await expect(note).toHaveText(`${MODELS.quick} gets the text of paper.pdf, but not its images or layout.`);
    await expect(chat.send).toBeEnabled();
    await choose('Reader');
    await expect(note).toBeEmpty();
    await page.getByRole('button', { name: 'Remove paper.pdf' }).click();
    await input.setInputFiles([pdf('scan.pdf')]);
    await expect(chat.send).toBeEnabled();
    await expect(note).toBeEmpty();
    await choose(MODELS.quick);
    await expect(note).toContainText(`${MODELS.quick} can’t read scan.pdf: it has no text`);
    await expect(chat.send).toBeDisabled();
    // Also after a reload, and with several models.
    await page.reload();
    await expect(note).toContainText('can’t read scan.pdf');
    await page.getByRole('button', { name: 'Remove scan.pdf' }).click();
    await expect(note).toBeEmpty();
    await expect(chat.send).toBeEnabled();
  });

  test('C2 C11: a queued message whose file the model cannot read stays queued and says why', async ({ page, chat }) => {
    await chat.choose('endless');
    await chat.say('First.');
    await page.locator('input[type=file]').setInputFiles([PICTURE]);
    await expect(page.getByRole('button', { name: 'Send after this answer' })).toBeEnabled();
    await chat.composer.fill('What is this?');
    await chat.composer.press('Enter');
    await expect(chat.queue).toHaveText(['What is this?']);
    // The provider has another model under the name by now.
    await page.route('**/api/models', async (route) => {
      const response = await route.fetch();
      const offer = await response.json();
      for (const model of offer.models) if (model.name === MODELS.endless) model.vision = false;
      await route.fulfill({ response, json: offer });
    });
    await page.reload();
    await expect(chat.queue).toContainText(`${MODELS.endless} can’t see pictures.`);
    await page.unroute('**/api/models');
    await page.reload();
    await expect(chat.queue).toHaveText(['What is this?']);
  });
});

test('C6: a drag that is given up adds nothing, and dragging text or a link does nothing', async ({ page, chat }) => {
  const overlay = page.getByText('Drop files to add them');
  const chips = page.getByRole('list', { name: 'Files' }).getByRole('listitem');
  // Escape ends a drag: the browser sends nothing more.
  for (let move = 0; move < 5; move += 1) expect(await hand(page, 'dragover')).toBe(true);
  await expect(overlay).toHaveCount(1);
  await expect(overlay).toBeHidden();
  await expect(chips).toHaveCount(0);
  for (const type of ['text/plain', 'text/uri-list', 'text/html']) {
    const taken = await page.evaluate((type) => {
      const data = new DataTransfer();
      data.items.add('https://example.com/', type);
      return ['dragover', 'drop'].map((name) => {
        const event = new DragEvent(name, { bubbles: true, cancelable: true, dataTransfer: data });
        document.body.dispatchEvent(event);
        return event.defaultPrevented;
      });
    }, type);
    expect(taken, type).toEqual([false, false]);
    await expect(overlay).toBeHidden();
  }
  await expect(chips).toHaveCount(0);
  await expect(chat.composer).toHaveValue('');
});

test('C7: an upload shows its progress, holds the message back, and can be cancelled', async ({ page, chat, watch }) => {
  watch.expect(/ERR_ABORTED/);
  let answer = () => {};
  const held = new Promise<void>((resolve) => { answer = resolve; });
  await page.route('**/api/files/*', async (route) => {
    await held;
    await route.continue().catch(() => {});
  });
  await page.locator('input[type=file]').setInputFiles([NOTES, PICTURE]);
  const chips = page.getByRole('list', { name: 'Files' }).getByRole('listitem');
  await expect(chips.first()).toContainText(/Uploading \d+%|Processing…|Waiting/);
  await chat.composer.fill('What is this?');
  await expect(chat.send).toBeDisabled();
  await expect(page.getByText('You can send this when the upload is finished.').first()).toBeVisible();
  await chat.composer.press('Enter');
  await expect(chat.questions).toHaveCount(0);
  await page.getByRole('button', { name: 'Remove meadow.png' }).click();
  await expect(chips).toHaveCount(1);
  answer();
  await expect(chips).toContainText('19 B');
  await expect(chat.send).toBeEnabled();
});

test('C7: a file that is too large is refused before it is uploaded', async ({ page, chat }) => {
  const asked: string[] = [];
  page.on('request', (request) => { if (request.method() === 'PUT') asked.push(request.url()); });
  await page.evaluate(() => {
    const file = new File(['x'], 'film.mp4', { type: 'video/mp4' });
    Object.defineProperty(file, 'size', { value: 5e12 });
    const data = new DataTransfer();
    data.items.add(file);
    Object.defineProperty(data, 'files', { value: { length: 1, 0: file, item: () => file } });
    document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }));
  });
  await expect(page.getByText(/^Too large: a file can have up to /).first()).toBeVisible();
  expect(asked).toEqual([]);
  await expect(chat.composer).toBeVisible();
});
