// Code blocks: colours, folding, wrapping and files; and code in what a person types.

import { readFile } from 'node:fs/promises';

import { expect, test } from '../support/fixtures';

const RUST = 'fn main() {\n    // a comment\n    let x: u32 = 42;\n    println!("text {x}");\n}\n';
const PYTHON = 'def f(a):\n    """Doc."""\n    return a + 1\n';

test('code is coloured when it is complete', async ({ page, chat }) => {
  await chat.ask(`Two:\n\n\`\`\`rust\n${RUST}\`\`\`\n\n1. and\n\n   \`\`\`py\n   def f(a):\n       return 1\n   \`\`\`\n\n\`\`\`nonsense\nx = 1\n\`\`\``, 'slowEcho');
  const reply = chat.lastReply;
  const code = reply.getByRole('group', { name: 'Code rust' });
  await expect(code.locator('.t-keyword').first()).toHaveText('fn');
  await expect(code.locator('.t-comment')).toHaveText('// a comment');
  await expect(code.locator('.t-number')).toHaveText('42');
  await expect(code).toHaveText(RUST);
  const colours = await code.locator('span').evaluateAll((parts) => new Set(parts.map((part) => getComputedStyle(part).color)).size);
  expect(colours).toBeGreaterThan(3);
  await expect(reply.getByRole('group', { name: 'Code py' }).locator('.t-keyword')).toHaveText(['def', 'return']);
  // A language that is not known stays as it is.
  await expect(reply.getByRole('group', { name: 'Code nonsense' }).locator('span')).toHaveCount(0);
  await page.reload();
  await expect(code.locator('.t-keyword').first()).toHaveText('fn');
});

test('S10: a selection in code is kept until it ends', async ({ page, chat }) => {
  await chat.choose('slowEcho');
  const lines = Array.from({ length: 100 }, (_, at) => `let a${at} = ${at};`).join('\n');
  await chat.say(`Code:\n\n\`\`\`js\n${lines}\n\`\`\`\n\nAfter it.`);
  const code = chat.lastReply.locator('code');
  await expect(code).toContainText('let a2 = 2');
  await code.evaluate((element) => {
    const text = element.firstChild;
    if (text) getSelection()?.setBaseAndExtent(text, 0, text, 6);
  });
  await chat.finished();
  await expect(chat.lastReply.getByText('After it.')).toBeVisible();
  expect(await page.evaluate(() => getSelection()?.getRangeAt(0).cloneContents().textContent)).toBe('let a0');
  await page.evaluate(() => getSelection()?.removeAllRanges());
  await expect(code.locator('.t-keyword')).toHaveCount(100);
});

test('M2: code is saved with the extension of its language', async ({ page, chat }) => {
  await chat.ask(`Files:\n\n\`\`\`python\n${PYTHON}\`\`\`\n\n\`\`\`TypeScript\nlet a;\n\`\`\`\n\n\`\`\`\nplain\n\`\`\`\n\n\`\`\`../../evil\nx\n\`\`\``, 'echo');
  const buttons = chat.lastReply.getByRole('button', { name: 'Download' });
  const expected = [['code.py', PYTHON], ['code.ts', 'let a;\n'], ['code.txt', 'plain\n'], ['code.txt', 'x\n']];
  await expect(buttons).toHaveCount(expected.length);
  for (const [at, [name, content]] of expected.entries()) {
    const [download] = await Promise.all([page.waitForEvent('download'), buttons.nth(at).click()]);
    expect(download.suggestedFilename()).toBe(name);
    expect(await readFile(await download.path(), 'utf8')).toBe(content);
  }
});

test('M2: long lines scroll, or wrap on demand', async ({ chat }) => {
  await chat.ask(`Long:\n\n\`\`\`js\nconst text = '${'word '.repeat(60)}';\n\`\`\``, 'echo');
  const code = chat.lastReply.getByRole('group', { name: 'Code js' });
  const overflows = () => code.evaluate((element) => element.scrollWidth > element.clientWidth);
  expect(await overflows()).toBe(true);
  const wrap = chat.lastReply.getByRole('button', { name: 'Wrap' });
  await wrap.click();
  await expect(wrap).toHaveAttribute('aria-pressed', 'true');
  expect(await overflows()).toBe(false);
  await wrap.click();
  expect(await overflows()).toBe(true);
});

const LINES = Array.from({ length: 60 }, (_, at) => `line ${at + 1}`);

test('code of more than 40 lines is folded', async ({ chat }) => {
  const fence = (lines: string[]) => `\`\`\`text\n${lines.join('\n')}\n\`\`\``;
  await chat.ask(`Both:\n\n${fence(LINES)}\n\n${fence(LINES.slice(0, 40))}`, 'echo');
  const reply = chat.lastReply;
  const all = reply.getByRole('button', { name: 'Show all' });
  await expect(all).toHaveCount(1);
  const code = reply.getByRole('group', { name: 'Code text' }).first();
  const height = () => code.evaluate((element) => element.clientHeight);
  const folded = await height();
  await all.click();
  await expect(reply.getByRole('button', { name: 'Show less' })).toHaveAttribute('aria-expanded', 'true');
  expect(await height()).toBeGreaterThan(folded * 1.4);
  await reply.getByRole('button', { name: 'Show less' }).click();
  expect(await height()).toBe(folded);
});

test('S4: long code shows its end while it grows, and never shrinks', async ({ page, chat }) => {
  await chat.choose('slowEcho');
  await page.evaluate(() => {
    const heights: number[] = [];
    Object.assign(window, { heights });
    const look = () => {
      const code = document.querySelector('.message[data-author=assistant] .md-code');
      if (code) heights.push(Math.round(code.getBoundingClientRect().height));
      requestAnimationFrame(look);
    };
    look();
  });
  await chat.say(`Growing:\n\n\`\`\`text\n${LINES.join('\n')}\n\`\`\`\n\nDone.`);
  const code = chat.lastReply.getByRole('group', { name: 'Code text' });
  await expect(code).toContainText('line 50');
  // The last line is at the bottom of what is shown.
  expect(await code.evaluate((element) => element.scrollHeight - element.clientHeight + element.scrollTop)).toBeGreaterThan(100);
  await chat.finished();
  await expect(chat.lastReply.getByText('Done.')).toBeVisible();
  const heights = await page.evaluate(() => (window as unknown as { heights: number[] }).heights);
  // The button appears once; nothing shrinks.
  for (const [at, height] of heights.entries()) expect(height).toBeGreaterThanOrEqual((heights[at - 1] ?? 0) - 2);
});

test('what a person types is verbatim, except for code', async ({ chat }) => {
  await chat.ask(`Why?\nDoes \`x_1\` fail? *I* mean:\n1. this\n\n\`\`\`rust\n${RUST}\`\`\`\nThanks`);
  const question = chat.questions.last();
  await expect(question.locator('.md-inline-code')).toHaveText('x_1');
  await expect(question.getByRole('group', { name: 'Code rust' })).toHaveText(RUST);
  await expect(question.locator('.t-keyword').first()).toHaveText('fn');
  expect(await question.getByRole('paragraph').first().innerText()).toBe('Why?\nDoes x_1 fail? *I* mean:\n1. this');
  await expect(question.getByRole('paragraph').last()).toHaveText('Thanks');
});

for (const [locale, all, less] of [['en-US', 'Show all', 'Show less'], ['zh-CN', '展开全部', '收起']]) {
  test.describe(locale, () => {
    test.use({ locale });
    test('a long question is folded after twelve lines', async ({ page, chat }) => {
      await chat.ask(Array.from({ length: 12 }, (_, at) => `Row ${at + 1}`).join('\n'));
      const question = chat.questions.last();
      await expect(question.getByRole('button', { name: all })).toHaveCount(0);
      await chat.ask(LINES.join('\n'));
      await expect(question.getByRole('button', { name: all })).toBeVisible();
      const body = question.locator('.md-typed-body');
      const rows = () => body.evaluate((element) => element.clientHeight / Number.parseFloat(getComputedStyle(element).lineHeight));
      expect(await rows()).toBeCloseTo(12, 0);
      await question.getByRole('button', { name: all }).click();
      await expect(question.getByRole('button', { name: less })).toHaveAttribute('aria-expanded', 'true');
      expect(await rows()).toBeGreaterThan(59);
      await page.reload();
      await expect(question.getByRole('button', { name: all })).toBeVisible();
    });
  });
}

const WHOLE = LINES.join('\n');

for (const [what, text, name, attribute] of [
  ['wraps code', `\`\`\`js\n${'word '.repeat(60)}\n\`\`\``, 'Wrap', 'aria-pressed'],
  ['unfolds code', `\`\`\`\n${WHOLE}\n\`\`\``, 'Show all', 'aria-expanded'],
  ['unfolds code in a list', `1. One\n\n   \`\`\`\n   ${LINES.join('\n   ')}\n   \`\`\``, 'Show all', 'aria-expanded'],
  ['unfolds a long question', WHOLE, 'Show all', 'aria-expanded'],
  ['saves code', `\`\`\`py\n${PYTHON}\`\`\``, 'Download', 'download'],
  ['previews a page', '```html\n<p>Hi</p>\n```', 'Preview', 'preview'],
]) {
  test(`a button that ${what} appears when it has an effect`, async ({ page, chat }) => {
    let isLoaded = false;
    await page.route('**/lazy-*/decorate.js', async (route) => {
      await expect.poll(() => isLoaded).toBe(true);
      await route.continue();
    });
    await chat.composer.fill(text);
    await chat.composer.press('Enter');
    const question = chat.questions.last();
    await expect(question.locator('.md > *').first()).toBeVisible();
    // A text with long code is long itself: its own button comes last.
    const button = question.getByRole('button', { name, exact: true }).first();
    await expect(button).toBeHidden();
    if (what !== 'unfolds a long question') await expect(question.getByRole('button', { name: 'Copy' }).first(), 'it needs nothing').toBeVisible();
    isLoaded = true;
    await expect(button).toBeVisible();
    if (attribute === 'download') {
      const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
      expect(download.suggestedFilename()).toBe('code.py');
    } else if (attribute === 'preview') {
      await button.click();
      await expect(question.locator('iframe')).toBeVisible();
    } else {
      const acted = question.locator(`button[${attribute}="true"]`);
      await button.click();
      await expect(acted).toBeVisible();
    }
  });
}

test('S10: a selection over several blocks is kept while later ones arrive', async ({ page, chat }) => {
  await chat.choose('slowEcho');
  const rest = Array.from({ length: 12 }, (_, at) => `Paragraph ${at} comes later.\n\n- an item\n- another\n\n| a | b |\n|---|---|\n| ${at} | x |`).join('\n\n');
  await chat.say(`The first paragraph.\n\n- an early item\n\nThe third block.\n\n${rest}`);
  await expect(chat.lastReply).toContainText('Paragraph 0 comes');
  await chat.lastReply.evaluate((reply) => {
    const [from, to] = [reply.querySelector('p')?.firstChild, [...reply.querySelectorAll('p')].find((one) => one.textContent === 'The third block.')?.firstChild];
    if (from && to) getSelection()?.setBaseAndExtent(from, 4, to, 9);
  });
  const selected = () => page.evaluate(() => getSelection()?.toString().replaceAll(/\s+/g, ' '));
  const before = await selected();
  expect(before).toBe('first paragraph. an early item The third');
  await expect(chat.lastReply).toContainText('Paragraph 9 comes');
  expect(await selected()).toBe(before);
  await chat.finished();
  expect(await selected()).toBe(before);
});
