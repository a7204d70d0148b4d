// Everything can be done from the keyboard, and input methods receive their keys.

import type { CDPSession, Locator, Page } from '@playwright/test';

import { expect, test } from '../support/fixtures';
import { MODELS } from '../support/mock';

test('Shift+Enter inserts a line break, Enter sends', async ({ chat }) => {
  await chat.composer.pressSequentially('one');
  await chat.composer.press('Shift+Enter');
  await chat.composer.pressSequentially('two');
  await expect(chat.composer).toHaveValue('one\ntwo');
  await chat.composer.press('Enter');
  await expect(chat.questions).toHaveText(['one\ntwo'], { useInnerText: true });
});

test('the setting makes Enter a line break and Ctrl+Enter send', async ({ page, chat }) => {
  await chat.account('Settings');
  await page.getByRole('radio', { name: 'Ctrl/⌘ + Enter' }).check();
  await page.reload();
  await expect(page.getByRole('radio', { name: 'Ctrl/⌘ + Enter' })).toBeChecked();
  await page.goBack();
  await chat.composer.pressSequentially('one');
  await chat.composer.press('Enter');
  await chat.composer.pressSequentially('two');
  await expect(chat.composer).toHaveValue('one\ntwo');
  await expect(chat.questions).toHaveCount(0);
  await chat.composer.press('Control+Enter');
  await expect(chat.questions).toHaveCount(1);
  await expect(chat.composer).toHaveValue('');
});

test.describe('an input method', () => {
  /** Presses Enter as Chromium does while an input method handles the key. */
  async function enterFor(session: CDPSession, key: string): Promise<void> {
    const event = { key, code: 'Enter', windowsVirtualKeyCode: 229, nativeVirtualKeyCode: 229 };
    await session.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...event });
    await session.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  }

  test('K2: receives Enter while composing', async ({ page, chat, context }) => {
    const session = await context.newCDPSession(page);
    await session.send('Input.imeSetComposition', { text: 'nihao', selectionStart: 5, selectionEnd: 5 });
    await expect(chat.composer).toHaveValue('nihao');
    await enterFor(session, 'Process');
    await enterFor(session, 'Enter');
    await session.send('Input.imeSetComposition', { text: '你好', selectionStart: 2, selectionEnd: 2 });
    await session.send('Input.insertText', { text: '你好' });
    await expect(chat.composer).toHaveValue('你好');
    await expect(chat.questions).toHaveCount(0);
    await chat.composer.press('Enter');
    await expect(chat.questions).toHaveText(['你好']);
  });

  test('K2: receives the Enter that Safari sends after a composition', async ({ page, chat, context }) => {
    const session = await context.newCDPSession(page);
    await chat.composer.fill('你好');
    await enterFor(session, 'Enter');
    await expect(chat.composer).toHaveValue('你好');
    await expect(chat.questions).toHaveCount(0);
    await chat.composer.press('Enter');
    await expect(chat.questions).toHaveText(['你好']);
  });

  test('K2: receives Enter in the rename field', async ({ page, chat, context }) => {
    await chat.ask('What is a meadow?');
    await chat.act('What is a meadow?', 'Rename');
    const field = chat.sidebar.getByRole('textbox', { name: 'Rename' });
    await expect(field).toBeFocused();
    await field.fill('草地');
    const session = await context.newCDPSession(page);
    await enterFor(session, 'Enter');
    await expect(field).toBeVisible();
    await field.press('Enter');
    await expect(chat.entry('草地')).toBeVisible();
  });
});

test('Escape stops only a running reply', async ({ chat }) => {
  await chat.choose('endless');
  await chat.say('Tell me everything.');
  await chat.arrived(5);
  await expect(chat.composer).toBeFocused();
  await chat.composer.press('Escape');
  await expect(chat.lastReply.getByText('You stopped this answer.')).toBeVisible();
  await chat.composer.fill('typed');
  await chat.composer.press('Escape');
  await expect(chat.composer).toHaveValue('typed');
});

test('Ctrl+Shift+O starts a conversation from anywhere', async ({ page, chat }) => {
  await chat.ask('What is a meadow?');
  await chat.thread.focus();
  await page.keyboard.press('Control+Shift+O');
  await expect(chat.greeting).toBeVisible();
  await expect(chat.composer).toBeFocused();
  await chat.account('Settings');
  await page.keyboard.press('Control+Shift+O');
  await expect(chat.greeting).toBeVisible();
  await expect(chat.composer).toBeFocused();
});

test('Ctrl+Shift+S toggles the sidebar, and Ctrl+K focuses its search', async ({ page, chat }) => {
  await page.keyboard.press('Control+Shift+S');
  await expect(chat.sidebar).toBeHidden();
  await page.reload();
  await expect(chat.composer).toBeFocused();
  await expect(chat.sidebar).toBeHidden();
  await page.keyboard.press('Control+K');
  await expect(chat.search).toBeFocused();
  await page.keyboard.press('Shift+Escape');
  await expect(chat.composer).toBeFocused();
});

/** Presses Tab until `target` has the focus, up to a maximum. */
async function tabTo(page: Page, target: Locator, most: number): Promise<void> {
  for (let n = 0; n < most; n += 1) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  await expect(target).toBeFocused();
}

test('Tab goes from the composer to its buttons, and from the thread to the composer', async ({ page, chat }) => {
  await chat.ask('What is a meadow?');
  await chat.composer.fill('And a field?');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Add files' })).toBeFocused();
  await tabTo(page, page.getByRole('button', { name: `Model: ${MODELS.quick}` }), 1);
  await tabTo(page, chat.send, 4);
  await chat.thread.focus();
  await page.keyboard.press('Tab');
  await expect(chat.questions.last().getByRole('button', { name: 'Copy' })).toBeFocused();
  await tabTo(page, chat.lastReply.getByRole('button', { name: 'Copy' }), 4);
  await tabTo(page, chat.composer, 6);
});

test('the first Tab offers to skip to the content', async ({ page, chat: _opened }) => {
  await page.goto('/settings');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to content' });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
});

test('menus and dialogs take the focus and return it', async ({ page, chat }) => {
  await chat.ask('What is a meadow?');
  const actions = chat.sidebar.getByRole('button', { name: 'Actions for “What is a meadow?”' });
  await actions.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Rename' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('menu')).toBeHidden();
  await expect(actions).toBeFocused();

  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('menuitem', { name: 'Delete' })).toBeFocused();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(actions).toBeFocused();
  await expect(chat.entry('What is a meadow?')).toBeVisible();
});

test('after a deletion the focus goes to the conversation below, or above', async ({ page, chat }) => {
  for (const title of ['One', 'Two', 'Three']) {
    await chat.newConversation();
    await chat.ask(title);
  }
  for (const [deleted, focused] of [['Two', 'One'], ['One', 'Three']]) {
    await chat.act(deleted, 'Delete');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expect(chat.entry(deleted)).toHaveCount(0);
    await expect(chat.entry(focused)).toBeFocused();
  }
  // The conversation that is shown is gone.
  await chat.act('Three', 'Delete');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(chat.greeting).toBeVisible();
  await expect(chat.composer).toBeFocused();
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test('N7: the drawer holds the focus until Escape closes it', async ({ page, chat }) => {
    await expect(chat.sidebar).toBeHidden();
    const open = page.getByRole('banner').getByRole('button', { name: 'Toggle sidebar' });
    await open.focus();
    await page.keyboard.press('Enter');
    await expect(chat.sidebar).toBeVisible();
    await expect(chat.sidebar.getByRole('button', { name: 'Toggle sidebar' })).toBeFocused();
    // Tab reaches only the drawer and the browser's own controls, never the page behind it.
    for (let presses = 0; presses < 15; presses += 1) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.closest('main, header') ?? null)).toBeNull();
    }
    await chat.search.focus();
    await page.keyboard.press('Escape');
    await expect(chat.sidebar).toBeHidden();
    await expect(open).toBeFocused();
  });

  test('N7: a press outside closes the drawer, and opening a conversation shows it', async ({ page, chat }) => {
    await chat.ask('What is a meadow?');
    const open = page.getByRole('banner').getByRole('button', { name: 'Toggle sidebar' });
    await open.click();
    await expect(chat.sidebar).toBeVisible();
    await page.mouse.click(380, 400);
    await expect(chat.sidebar).toBeHidden();
    await open.click();
    await chat.sidebar.getByRole('button', { name: 'New chat' }).click();
    await expect(chat.greeting).toBeVisible();
    await expect(chat.sidebar).toBeHidden();
    await open.click();
    await chat.entry('What is a meadow?').click();
    await expect(chat.sidebar).toBeHidden();
    await expect(chat.questions).toHaveText(['What is a meadow?']);
  });

  test('N7: Back closes the drawer and then leaves the page', async ({ page, chat }) => {
    await chat.ask('What is a meadow?');
    await chat.newConversation();
    const open = page.getByRole('banner').getByRole('button', { name: 'Toggle sidebar' });
    await open.click();
    await expect(chat.sidebar).toBeVisible();
    await page.goBack();
    await expect(chat.sidebar).toBeHidden();
    await expect(chat.greeting).toBeVisible();
    // However it was closed, no empty step is left in the history.
    for (const close of [() => page.keyboard.press('Escape'), () => page.mouse.click(380, 400)]) {
      await open.click();
      await expect(chat.sidebar).toBeVisible();
      await close();
      await expect(chat.sidebar).toBeHidden();
    }
    await open.click();
    await chat.entry('What is a meadow?').click();
    await expect(chat.questions).toHaveCount(1);
    await page.goBack();
    await expect(chat.greeting).toBeVisible();
    await page.goBack();
    await expect(chat.questions).toHaveCount(1);
  });

  test('N7: a swipe closes the drawer, and the page behind it is inert', async ({ page, chat }) => {
    const open = page.getByRole('banner').getByRole('button', { name: 'Toggle sidebar' });
    const swipe = (dx: number, dy: number) => chat.sidebar.evaluate((target, [dx, dy]) => {
      const send = (name: string, clientX: number, clientY: number) => {
        const touch = new Touch({ identifier: 1, target, clientX, clientY });
        target.dispatchEvent(new TouchEvent(name, { bubbles: true, cancelable: true, changedTouches: [touch], touches: name === 'touchend' ? [] : [touch] }));
      };
      send('touchstart', 250, 400);
      send('touchmove', 250 + dx / 2, 400 + dy / 2);
      send('touchend', 250 + dx, 400 + dy);
    }, [dx, dy]);
    await open.click();
    await expect(chat.sidebar).toBeVisible();
    expect(await page.locator('.page').evaluate((one: HTMLElement) => one.inert)).toBe(true);
    // Scrolling, a small movement, and the other way.
    for (const [dx, dy] of [[-60, 200], [-20, 0], [120, 0]]) await swipe(dx, dy);
    await expect(chat.sidebar).toBeVisible();
    await swipe(-120, 10);
    await expect(chat.sidebar).toBeHidden();
    await expect(open).toBeFocused();
  });

  test('A7: nothing is wider than the window', async ({ page, chat }) => {
    await chat.ask('Explain static files.', 'markdown');
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(await overflow()).toBeLessThanOrEqual(0);
    const wider = await chat.thread.evaluate((thread) => thread.scrollWidth - thread.clientWidth);
    expect(wider).toBeLessThanOrEqual(0);
    await page.goto('/settings');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    expect(await overflow()).toBeLessThanOrEqual(0);
  });
});
