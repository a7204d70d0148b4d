// What models make: decorated text, pages, diagrams and pictures.

import { expect } from '@playwright/test';

import type { Scene, Stage } from './stage';

/** A reply with everything that is decorated. */
const RICH = [
  '## 公式 and code\n\nThe roots of $ax^2+bx+c=0$ are',
  '$$\nx = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}\n$$',
  '\\begin{align}\nx + y &= 3 \\\\\nx - y &= 1\n\\end{align}',
  '```rust\nuse std::io;\n\n/// Adds two numbers.\n#[must_use]\npub fn add<T: Add>(a: i32, b: i32) -> i32 {\n    // 注释\n    println!("{a} + {b} = {}", 1_000.5);\n    a + b\n}\n```',
  '```ts\nexport class Box<T> extends Base { readonly a = `x${1}`; match = /re+/g; veryLong(name: string): Promise<void> { return this.call(name, null, true) } }\n```',
  '> [!WARNING]\n> 删除之后**无法**恢复，*请先备份*。',
  '> [!TIP]\n> Press <kbd>Ctrl</kbd>+<kbd>C</kbd> to copy H<sub>2</sub>O.',
  '<details open>\n<summary>Details</summary>\n\n| 名称 | Price |\n|:--|--:|\n| 甲 | $5 |\n\n</details>',
  `\`\`\`python\n${Array.from({ length: 45 }, (_, at) => `value_${at} = "text" + str(${at})`).join('\n')}\n\`\`\``,
].join('\n\n');

/** A page that a model wrote. */
const PAGE = `\`\`\`html
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Pomodoro 番茄钟</title>
<style>body { font: 16px system-ui; display: grid; place-items: center; min-height: 90vh; margin: 0; color: #18332f }
main { text-align: center } .time { font-size: 4rem; font-weight: 600; letter-spacing: .02em }
button { padding: .6rem 1.4rem; border: 0; border-radius: 99px; background: #0f766e; color: #fff; font: inherit }</style></head>
<body><main><h1>Focus</h1><p class="time">25:00</p><button>Start</button></main></body></html>
\`\`\``;

const DIAGRAM = `\`\`\`mermaid
flowchart LR
  A[Browser 浏览器] -->|message| B(Server)
  B --> C{Model knows?}
  C -->|yes| D[Answer]
  C -->|no| E[(Database)]
  E --> D
\`\`\`

\`\`\`mermaid
sequenceDiagram
  participant U as 用户
  participant S as Server
  U->>S: PUT /api/files/{id}
  S-->>U: 201
  Note right of S: hashed on the way
\`\`\``;

/** Asks for an artifact, and runs it in the message. */
async function previewed({ chat }: Stage): Promise<void> {
  await chat.ask(`A timer. 下面是一个番茄钟：\n\n${PAGE}\n\nPress *Start* to begin.`, 'echo');
}

async function preview({ chat }: Stage): Promise<void> {
  await chat.lastReply.getByRole('button', { name: /^(Preview|预览)$/ }).click();
  await expect(chat.lastReply.frameLocator('iframe').getByRole('heading')).toBeVisible();
}

export const SCENES: Scene[] = [
  {
    name: 'reply-rich',
    async arrange({ chat }) {
      await chat.ask(RICH, 'echo');
      await expect(chat.lastReply.locator('math')).toHaveCount(3);
      await expect(chat.lastReply.locator('.t-keyword').first()).toBeAttached();
    },
    async show({ chat }) {
      await expect(chat.lastReply.locator('math')).toHaveCount(3);
      await chat.thread.evaluate((thread) => thread.dispatchEvent(new WheelEvent('wheel', { deltaY: -100 })));
      await chat.lastReply.evaluate((reply) => reply.scrollIntoView({ block: 'start', behavior: 'instant' }));
    },
  },
  { name: 'artifact', arrange: previewed, show: preview },
  {
    name: 'artifact-panel',
    arrange: previewed,
    async show(stage) {
      await preview(stage);
      await stage.chat.lastReply.getByRole('button', { name: /^(Expand|放大)$/ }).click();
      await expect(stage.page.getByRole('dialog').frameLocator('iframe').getByRole('heading')).toBeVisible();
    },
  },
  {
    name: 'diagram',
    async arrange({ chat }) {
      await chat.ask(`How it works:\n\n${DIAGRAM}`, 'echo');
      await expect(chat.lastReply.getByRole('img', { name: /^(Diagram|图表)$/ })).toHaveCount(2);
    },
    async show({ chat }) {
      await expect(chat.lastReply.getByRole('img', { name: /^(Diagram|图表)$/ })).toHaveCount(2);
    },
  },
  {
    name: 'remote-image',
    async arrange({ chat }) {
      await chat.ask('A quiet street:\n\n![A street in Kyoto 京都的小巷](https://pictures.example/kyoto.jpg)\n\nand ![](https://pictures.example/b.png) within a text.', 'echo');
    },
  },
];
