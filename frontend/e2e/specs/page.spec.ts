// Printing, and being signed out elsewhere.

import { Chat } from '../support/chat';
import { expect, test } from '../support/fixtures';
import { UNKNOWN_ADDRESS } from '../support/scenes/stage';

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
  // Letter, and A4 with margins.
  for (const width of [816, 718]) {
    await page.setViewportSize({ width, height: 900 });
    const beyond = await page.evaluate(() =>
      [...document.querySelectorAll('.message *')].filter((element) => element.getBoundingClientRect().right > innerWidth).length);
    expect(beyond, `at ${width}`).toBe(0);
  }
});

test('a conversation is printed on as many pages as it needs', async ({ page, chat }) => {
  const pages = async () => (await page.pdf({ format: 'A4' })).toString('latin1').match(/\/Type \/Page\b/g)?.length ?? 0;
  await chat.ask('Hello.');
  expect(await pages()).toBe(1);
  // Also while the view is scrolled, and with more than a window holds.
  for (const length of [3, 12]) {
    while ((await chat.replies.count()) < length) await chat.ask('Explain static files.', 'markdown');
    const height = await page.evaluate(() => document.querySelector('.messages')!.scrollHeight);
    const printed = await pages();
    // A4 at 96 dots per inch is 1123 high and holds at least half of that in text.
    expect(printed).toBeGreaterThan(height / 1123 - 1);
    expect(printed).toBeLessThan(height / 560 + 2);
  }
});

test.describe('under an address that the server does not know', () => {
  test.use({ ownSite: true, extraHTTPHeaders: UNKNOWN_ADDRESS });

  test('the first account needs the set-up code from the log', async ({ page, site, watch }) => {
    watch.expect(/status of 4(22|03) .*register$/);
    await page.goto('/');
    await page.getByLabel('Username').fill('mei');
    await page.locator('#password').fill('a quiet place to think');
    const code = page.getByLabel('Set-up code');
    await expect(page.getByText('You find the code in its log')).toBeVisible();
    await code.fill('ABCD-EFGH-JKLM');
    await code.press('Enter');
    await expect(page.getByText('This code is wrong, or it has been used.')).toBeVisible();
    await expect(code).toBeFocused();
    const [, real] = /setup_code="?([A-Z0-9-]+)/.exec(site.log) ?? [];
    await code.fill(real.toLowerCase());
    await code.press('Enter');
    await expect(new Chat(page).greeting).toBeVisible();
  });
});

test('a sign-out elsewhere says why', async ({ page, chat, context, site, watch }) => {
  watch.expect(/status of 401/);
  await chat.ask('First.');
  const response = await context.request.post(`${site.origin}/api/auth/logout`, { headers: { 'Sec-Fetch-Site': 'same-origin' } });
  expect(response.ok()).toBe(true);
  await expect(page.getByText('You were signed out')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
});

test('a first visit logs no error', async ({ page }) => {
  const errors: string[] = [];
  page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(errors).toEqual([]);
});

test('N10: unknown addresses and missing conversations have a title and a way back', async ({ page, chat, watch }) => {
  watch.expect(/status of 404/);
  for (const path of ['/nowhere', '/c/not-an-id', '/c/0198a0b0-0000-7000-8000-000000000000', '/settings/nothing']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Nothing here');
    await expect(page).toHaveTitle('Nothing here · Kaiwa');
  }
  await page.getByRole('link', { name: 'Start a new chat' }).click();
  await expect(chat.greeting).toBeVisible();
  await expect(page).toHaveTitle('Kaiwa');
});

for (const locale of ['en-US', 'zh-CN']) {
  test.describe(`before the program has loaded (${locale})`, () => {
    test.use({ locale });

    test('the first words stand where they stay', async ({ page, context, account }) => {
      expect(account).toBeTruthy();
      const signedIn = await context.cookies();
      let release = () => {};
      // The worst case: a visitor who was here before, one who was not, and one who signed out.
      for (const [path, seen, cookies] of [['/', true, signedIn], ['/', false, []], ['/auth', true, []]] as const) {
        await context.clearCookies();
        await context.addCookies([...cookies]);
        const held = new Promise<void>((resolve) => (release = resolve));
        await page.route('**/*.wasm', async (route) => {
          await held;
          await route.continue();
        });
        await page.goto('/robots.txt');
        await page.evaluate((seen) => (seen ? localStorage.setItem('kaiwa.seen', '1') : localStorage.removeItem('kaiwa.seen')), seen);
        await page.goto(path, { waitUntil: 'commit' });
        const early = page.locator('#outline h1:visible');
        await expect(early).toBeVisible();
        const words = (await early.innerText()).trim();
        const before = await early.locator('span:visible').boundingBox();
        release();
        const heading = page.getByRole('heading', { level: 1 });
        await expect(heading).toHaveText(words);
        await expect(early).toHaveCount(0);
        const after = await heading.evaluate((element) => {
          const range = document.createRange();
          range.selectNodeContents(element);
          return range.getBoundingClientRect().toJSON() as { x: number; y: number };
        });
        expect(Math.abs(after.x - before!.x), `${path} ${words}`).toBeLessThan(2);
        expect(Math.abs(after.y - before!.y), `${path} ${words}`).toBeLessThan(2);
        await page.unroute('**/*.wasm');
      }
    });
  });
}
test('N10: back and forward, another tab and a copied address lead to the same place', async ({ page, chat, context }) => {
  await chat.ask('What is a meadow?');
  const meadow = page.url();
  await chat.newConversation();
  await chat.ask('What is a river?');
  const river = page.url();
  await chat.account('Settings');
  await expect(page).toHaveURL(/\/settings$/);
  await page.goBack();
  await expect(chat.questions).toHaveText(['What is a river?']);
  expect(page.url()).toBe(river);
  await page.goBack();
  await expect(chat.questions).toHaveText(['What is a meadow?']);
  await expect(page).toHaveTitle('What is a meadow? · Kaiwa');
  await page.goForward();
  await expect(chat.questions).toHaveText(['What is a river?']);
  for (const open of [
    () => chat.entry('What is a meadow?').click({ modifiers: ['ControlOrMeta'] }),
    () => chat.entry('What is a meadow?').click({ button: 'middle' }),
  ]) {
    const [tab] = await Promise.all([context.waitForEvent('page'), open()]);
    await expect(new Chat(tab).questions).toHaveText(['What is a meadow?']);
    expect(tab.url()).toBe(meadow);
    await expect(chat.questions, 'this tab stays').toHaveText(['What is a river?']);
    await tab.close();
  }
  const copied = await context.newPage();
  await copied.goto(meadow);
  await expect(new Chat(copied).questions).toHaveText(['What is a meadow?']);
});

test.describe('with an on-screen keyboard', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  const composerEnd = (chat: Chat) => chat.page.evaluate(() => document.querySelector('form.composer')?.getBoundingClientRect().bottom ?? NaN);

  test('N8: the page is as high as what the keyboard leaves, and the end of the thread stays in view', async ({ page, chat }) => {
    await expect(page.locator('meta[name=viewport]')).toHaveAttribute('content', /interactive-widget=resizes-content/);
    await chat.ask('Explain static files.', 'markdown');
    await chat.composer.tap();
    await page.setViewportSize({ width: 390, height: 480 });
    await expect.poll(() => composerEnd(chat)).toBeLessThanOrEqual(480);
    await expect(chat.composer).toBeInViewport({ ratio: 1 });
    await expect.poll(() => chat.thread.evaluate((thread) => thread.scrollHeight - thread.scrollTop - thread.clientHeight)).toBeLessThan(2);
    // Only the thread scrolls, never the page.
    expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBeLessThanOrEqual(0);
    await page.setViewportSize({ width: 390, height: 844 });
    await expect.poll(() => composerEnd(chat)).toBeGreaterThan(700);
  });

  test('N8: where the keyboard covers the page, it makes room once, after the animation', async ({ page, chat }) => {
    await page.addInitScript(() => {
      const view = Object.assign(new EventTarget(), { height: 844, width: 390, scale: 1 });
      Object.defineProperty(window, 'visualViewport', { value: view });
    });
    await page.reload();
    await expect(chat.composer).toBeVisible();
    const heights = await page.evaluate(async () => {
      const view = visualViewport as unknown as EventTarget & { height: number };
      const app = document.querySelector('#app');
      const seen: number[] = [];
      for (let height = 824; height >= 504; height -= 40) {
        view.height = height;
        view.dispatchEvent(new Event('resize'));
        await new Promise(requestAnimationFrame);
        seen.push(app?.clientHeight ?? 0);
      }
      return seen;
    });
    expect(new Set(heights)).toEqual(new Set([844]));
    await expect.poll(() => page.evaluate(() => document.querySelector('#app')?.clientHeight)).toBe(504);
    expect(await composerEnd(chat)).toBeLessThanOrEqual(504);
    // A page that was zoomed by two fingers is not covered.
    await page.evaluate(() => {
      Object.assign(visualViewport ?? {}, { height: 400, scale: 2 });
      visualViewport?.dispatchEvent(new Event('resize'));
    });
    await expect.poll(() => page.evaluate(() => document.querySelector('#app')?.clientHeight)).toBe(844);
  });
});
