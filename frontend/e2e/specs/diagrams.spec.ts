// Diagrams in Mermaid are drawn in a sandboxed frame, and shown as images.

import type { Locator } from '@playwright/test';

import { expect, test } from '../support/fixtures';

const fence = (code: string) => `\`\`\`mermaid\n${code}\n\`\`\``;
const FLOW = 'flowchart TD\n  A[Start] -->|yes| B{Choice 选择}\n  B --> C[End]';

const imageIn = (place: Locator) => place.getByRole('img', { name: 'Diagram' });

/** The image has been read by the browser, and has a size. */
async function isDrawn(image: Locator): Promise<void> {
  await expect.poll(() => image.evaluate((one: HTMLImageElement) => one.complete && one.naturalWidth > 20 && one.naturalHeight > 20)).toBe(true);
}

const KINDS: Record<string, string> = {
  flowchart: FLOW,
  sequence: 'sequenceDiagram\n  Alice->>Bob: Hello\n  Bob-->>Alice: 你好',
  class: 'classDiagram\n  Animal <|-- Cat\n  Animal : +int age',
  state: 'stateDiagram-v2\n  [*] --> Still\n  Still --> [*]',
  entities: 'erDiagram\n  CUSTOMER ||--o{ ORDER : places',
  gantt: 'gantt\n  title Plan\n  dateFormat YYYY-MM-DD\n  section A\n  Task :a1, 2026-01-01, 30d',
  pie: 'pie title Pets\n  "Dogs" : 386\n  "Cats" : 85',
  mindmap: 'mindmap\n  root((Idea))\n    One\n    Two',
  timeline: 'timeline\n  title History\n  2002 : LinkedIn\n  2004 : Facebook',
  git: 'gitGraph\n  commit\n  branch develop\n  commit\n  checkout main\n  merge develop',
  chart: 'xychart-beta\n  title "Sales"\n  x-axis [jan, feb]\n  y-axis "Yuan" 0 --> 100\n  bar [50, 60]',
  quadrants: 'quadrantChart\n  title Reach\n  x-axis Low --> High\n  y-axis Low --> High\n  Campaign A: [0.3, 0.6]',
};

test('every kind of diagram is drawn', async ({ chat }) => {
  test.slow();
  await chat.ask(`All:\n\n${Object.values(KINDS).map(fence).join('\n\n')}`, 'echo');
  const images = imageIn(chat.lastReply);
  await expect(images).toHaveCount(Object.keys(KINDS).length, { timeout: 30_000 });
  for (const image of await images.all()) await isDrawn(image);
});

test('a diagram is its source until it is complete, then an image, and its source on demand', async ({ page, chat }) => {
  await chat.choose('slowEcho');
  await chat.say(`Look:\n\n${fence(FLOW)}\n\n${'After it. '.repeat(40)}`);
  const reply = chat.lastReply;
  await expect(reply.getByRole('group', { name: 'Code mermaid' })).toContainText('flowchart');
  await isDrawn(imageIn(reply));
  // It did not wait for the end of the reply.
  await chat.finished();
  await expect(reply.getByRole('group', { name: 'Code mermaid' })).toBeHidden();
  await reply.getByRole('button', { name: 'Code', exact: true }).click();
  await expect(reply.getByRole('group', { name: 'Code mermaid' })).toHaveText(`${FLOW}\n`);
  await reply.getByRole('button', { name: 'Diagram', exact: true }).click();
  await expect(imageIn(reply)).toBeVisible();
  await page.reload();
  await isDrawn(imageIn(reply));
});

test('nothing of a diagram is parsed in the page', async ({ chat, watch }) => {
  watch.expect(/olicy|frame\/diagram/);
  const attacks = [
    'flowchart TD\n  A["<img src=x onerror=alert(1)>"] --> B["<script>alert(1)</script>"]',
    'flowchart TD\n  A --> B\n  click A href "javascript:alert(1)"\n  click B call alert(1)',
    '%%{init: {"securityLevel": "loose", "htmlLabels": true, "themeCSS": "@import url(https://evil.example/a.css)"}}%%\nflowchart TD\n  A["<b onclick=alert(1)>x</b>"]',
    'sequenceDiagram\n  participant A\n  link A: X @ javascript:alert(1)\n  A->>A: <iframe src="https://evil.example">',
  ];
  await chat.ask(`Attacks:\n\n${attacks.map(fence).join('\n\n')}`, 'echo');
  await expect(imageIn(chat.lastReply).first()).toBeVisible();
  const text = chat.lastReply.locator('.md');
  await expect(text.locator('svg, script, iframe, style, foreignObject, a')).toHaveCount(0);
  const addresses = await imageIn(text).evaluateAll((images) => images.map((image) => (image as HTMLImageElement).src));
  expect(addresses.filter((address) => !address.startsWith('blob:'))).toEqual([]);
});

test('a diagram that cannot be drawn shows its source, with a note', async ({ chat }) => {
  const broken = ['flowchart TD\n  A[Start --> B', 'no such diagram\n  x', 'pie\n  "a" : x'];
  await chat.ask(`Broken:\n\n${broken.map(fence).join('\n\n')}\n\n${fence(FLOW)}`, 'echo');
  const reply = chat.lastReply;
  await isDrawn(imageIn(reply));
  await expect(reply.getByText('This diagram can’t be drawn, so its code is shown.')).toHaveCount(3);
  await expect(reply.getByRole('group', { name: 'Code mermaid' }).filter({ visible: true })).toHaveCount(3);
});

test('a diagram follows the theme, and is enlarged in the panel', async ({ page, chat }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await chat.ask(`Look:\n\n${fence(FLOW)}`, 'echo');
  const image = imageIn(chat.lastReply);
  await isDrawn(image);
  const light = await image.getAttribute('src');
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect(image).not.toHaveAttribute('src', light ?? '');
  await isDrawn(image);
  await image.click();
  const panel = page.getByRole('dialog', { name: 'Diagram' });
  const zoom = panel.getByRole('button', { name: 'Diagram' });
  const width = () => imageIn(panel).evaluate((one) => one.clientWidth);
  await expect(zoom).toHaveAttribute('aria-pressed', 'false');
  const fitting = await width();
  await zoom.click();
  expect(await width()).toBeGreaterThan(fitting * 1.5);
  await panel.getByRole('button', { name: 'Code', exact: true }).click();
  await expect(panel.getByRole('group', { name: 'Code mermaid' })).toContainText('flowchart TD');
});

test('the library is loaded with the first diagram, and not before', async ({ page, chat }) => {
  const loaded: string[] = [];
  page.on('request', (request) => loaded.push(request.url()));
  await chat.ask('Code:\n\n```js\nlet a = 1;\n```', 'echo');
  await expect(chat.lastReply.locator('.t-keyword')).toHaveText('let');
  expect(loaded.filter((address) => /mermaid|\/frame(\/|$)/.test(address))).toEqual([]);
  await chat.ask(`Look:\n\n${fence(FLOW)}`, 'echo');
  await isDrawn(imageIn(chat.lastReply));
  expect(loaded.filter((address) => /\/frame\/diagram$|mermaid\.esm\.min\.mjs$/.test(address))).toHaveLength(2);
});
