// What browsers do with a page: drop and paste files, print it, and sign it out elsewhere.

import { expect, test } from '../support/fixtures';

test('dropping or pasting files never leaves the page and says why nothing happened', async ({ page, chat }) => {
  await chat.composer.fill('Half a thou');
  const refused = page.getByRole('alert').getByText('Files and images can’t be sent yet.');
  const hand = (type: 'drop' | 'dragover' | 'paste', text?: string) =>
    page.evaluate(([type, text]) => {
      const data = new DataTransfer();
      data.items.add(new File(['x'], 'cat.png', { type: 'image/png' }));
      if (text) data.items.add(text, 'text/plain');
      const init = { bubbles: true, cancelable: true };
      const event = type === 'paste'
        ? new ClipboardEvent(type, { ...init, clipboardData: data })
        : new DragEvent(type as string, { ...init, dataTransfer: data });
      (document.activeElement ?? document.body).dispatchEvent(event);
      return event.defaultPrevented;
    }, [type, text] as const);
  expect(await hand('paste', 'words with a picture of them')).toBe(false);
  await expect(refused).toBeHidden();
  for (const type of ['drop', 'paste'] as const) {
    if (type === 'drop') expect(await hand('dragover')).toBe(true);
    expect(await hand(type)).toBe(true);
    await expect(refused).toBeVisible();
    await page.getByRole('button', { name: 'Dismiss' }).click();
  }
  await expect(chat.composer).toHaveValue('Half a thou');
});

test('printing shows the whole conversation, light and alone', async ({ page, chat }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await chat.ask('Explain static files.', 'markdown');
  await page.emulateMedia({ colorScheme: 'dark', media: 'print' });
  await expect(chat.questions.first()).toBeVisible();
  for (const hidden of [chat.sidebar, chat.composer, chat.picker, page.getByRole('button', { name: 'Copy' }).first()]) {
    await expect(hidden).toBeHidden();
  }
  const shown = await page.evaluate(() => ({
    text: getComputedStyle(document.querySelector('.message .md')!).color,
    thread: document.querySelector('.messages')!.getBoundingClientRect().height,
    page: document.documentElement.scrollHeight,
  }));
  expect(shown.text).toBe('rgb(26, 31, 29)');
  expect(shown.page).toBeGreaterThan(shown.thread);
  expect(shown.thread).toBeGreaterThan(2000);
  const pages = (await page.pdf({ format: 'A4' })).toString('latin1').match(/\/Type \/Page\b/g)?.length ?? 0;
  expect(pages).toBeGreaterThan(1);
});

test('a sign-out elsewhere says why', async ({ page, chat, context, site, watch }) => {
  watch.expect(/status of 401/);
  await chat.ask('First.');
  const response = await context.request.post(`${site.origin}/api/auth/logout`, { headers: { 'Sec-Fetch-Site': 'same-origin' } });
  expect(response.ok()).toBe(true);
  await expect(page.getByText('You were signed out')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
});
