// Text that reads from right to left, alone and among other text, and a page that does.

import type { Locator } from '@playwright/test';

import { expect, test } from '../support/fixtures';

const directionOf = (element: Locator) => element.evaluate((one) => getComputedStyle(one).direction);

const BLOCKS: [string, string, 'ltr' | 'rtl'][] = [
  ['an Arabic paragraph', 'مرحبا بكم في المرج الهادئ', 'rtl'],
  ['a Hebrew paragraph', 'שלום לכולם, ברוכים הבאים', 'rtl'],
  ['an English word in Arabic', 'Rust هي لغة برمجة سريعة وآمنة', 'rtl'],
  ['code in Arabic', '`let first_name = second_name;` ثم نكمل العمل', 'rtl'],
  ['an address in Arabic', 'https://example.com/a/rather/long/path رابط المقال', 'rtl'],
  ['an Arabic word in English', 'The word مرحبا means hello.', 'ltr'],
  ['an Arabic word that begins English', 'مرحبا means hello, and comes first here.', 'ltr'],
  ['Chinese', '这一段是中文，里面有一个词：مرحبا。', 'ltr'],
];

test('A1: every block reads in the direction of its prose, as it arrives and afterwards', async ({ page, chat }) => {
  const text = BLOCKS.map(([, block]) => block).join('\n\n');
  await chat.ask(text, 'slowEcho');
  for (const reload of [false, true]) {
    if (reload) await page.reload();
    for (const [name, block, direction] of BLOCKS) {
      const words = block.replaceAll('`', '').split(' ').slice(-2).join(' ');
      expect(await directionOf(chat.lastReply.getByText(words).first()), name).toBe(direction);
    }
  }
  const code = chat.lastReply.locator('.md-inline-code');
  expect(await code.evaluate((one) => [getComputedStyle(one).direction, getComputedStyle(one).unicodeBidi])).toEqual(['ltr', 'isolate']);
  const link = chat.lastReply.getByRole('link', { name: 'https://example.com' });
  expect(await link.evaluate((one) => [getComputedStyle(one).direction, getComputedStyle(one).unicodeBidi])).toEqual(['ltr', 'isolate']);
});

test('A1: so does what the user wrote', async ({ chat }) => {
  for (const [name, block, direction] of [BLOCKS[0], BLOCKS[2], BLOCKS[5], BLOCKS[6]]) {
    await chat.ask(block);
    expect(await directionOf(chat.questions.last().getByRole('paragraph')), name).toBe(direction);
  }
});

test('A1: lists, quotations and tables mirror, code does not', async ({ chat }) => {
  await chat.ask('- بند أول\n- `x` بند ثان\n\n> اقتباس قصير\n\n| الاسم | العمر |\n|---|---|\n| سارة | ٣ |\n\n```js\nlet x = "مرحبا";\n```\n\nالنهاية', 'echo');
  const reply = chat.lastReply;
  expect(await directionOf(reply.getByRole('list'))).toBe('rtl');
  const [list, item] = [await reply.getByRole('list').boundingBox(), await reply.getByRole('listitem').first().boundingBox()];
  // The marks stand at the right.
  expect((list?.x ?? 0) + (list?.width ?? 0) - (item?.x ?? 0) - (item?.width ?? 0)).toBeGreaterThan(10);
  const quote = reply.getByRole('blockquote');
  expect(await quote.evaluate((one) => Number.parseFloat(getComputedStyle(one).borderRightWidth))).toBeGreaterThan(1);
  const [name, age] = [reply.getByRole('columnheader', { name: 'الاسم' }), reply.getByRole('columnheader', { name: 'العمر' })];
  expect((await name.boundingBox())?.x).toBeGreaterThan((await age.boundingBox())?.x ?? Infinity);
  expect(await directionOf(reply.getByRole('group', { name: 'Code js' }))).toBe('ltr');
});

test('A2: the composer reads in the direction of what is typed', async ({ chat }) => {
  await expect(chat.composer).toHaveAttribute('dir', 'auto');
  for (const [text, direction] of [['مرحبا بكم', 'rtl'], ['Hello', 'ltr'], ['שלום', 'rtl'], ['你好', 'ltr']]) {
    await chat.composer.fill(text);
    expect(await directionOf(chat.composer), text).toBe(direction);
  }
});

for (const width of [1440, 390]) {
  test(`A2: a page that reads from right to left mirrors at ${width} pixels`, async ({ page, chat }) => {
    await page.setViewportSize({ width, height: 900 });
    const isNarrow = width < 768;
    await chat.ask('What is a meadow?');
    await page.evaluate(() => document.documentElement.setAttribute('dir', 'rtl'));
    const box = async (element: Locator) => (await element.boundingBox()) ?? { x: NaN, y: NaN, width: NaN, height: NaN };
    const middle = async (element: Locator) => (await box(element)).x + (await box(element)).width / 2;
    const composer = await middle(chat.composer);
    expect(await middle(chat.send)).toBeLessThan(composer);
    expect(await middle(page.getByRole('button', { name: 'Add files' }))).toBeGreaterThan(composer);
    // The user's messages are at the end of the lines.
    expect(await middle(chat.questions.last().locator('.bubble'))).toBeLessThan(composer);
    if (isNarrow) await page.getByRole('banner').getByRole('button', { name: 'Toggle sidebar' }).click();
    await expect.poll(async () => (await box(chat.sidebar)).x + (await box(chat.sidebar)).width).toBe(width);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    await chat.openMenu('What is a meadow?');
    await expect(page.getByRole('menu')).toBeInViewport({ ratio: 1 });
  });
}
