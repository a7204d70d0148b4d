// Every page and state of the client, for screenshots and axe.

import { expect, type Page } from '@playwright/test';

import { type Account, register } from './account';
import { CATALOG } from './catalog';
import type { Chat } from './chat';
import { MODELS } from './mock';
import type { Site } from './site';
import type { Watch } from './watch';

/** The fixtures of a scene. */
export interface Stage {
  page: Page;
  chat: Chat;
  account: Account;
  site: Site;
  watch: Watch;
}

/** One state of one page. */
export interface Scene {
  name: string;
  /** The scene needs its own server. */
  ownSite?: boolean;
  /** Variables of that server. */
  settings?: Record<string, string>;
  /** The scene exists only in narrow windows. */
  narrow?: boolean;
  /** Brings the page into this state. */
  arrange(stage: Stage): Promise<void>;
  /** Reopens what closes when the window is resized. */
  show?(stage: Stage): Promise<void>;
}

/** Headers of a proxy that makes the server believe it was reached under a name that it does not know. */
export const UNKNOWN_ADDRESS = { 'X-Forwarded-Host': 'chat.example.com' };

const QUESTION = 'How does a web server send a file?';

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

async function signOut({ page }: Stage): Promise<void> {
  // The page that is open would still send requests, without its cookie.
  await page.goto('about:blank');
  await page.context().clearCookies();
  await page.goto('/auth');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
}

async function fillHistory({ chat }: Stage): Promise<void> {
  for (const question of ['Name three quiet trees', '东京有哪些安静的咖啡馆？', 'Why is the sky blue in the morning and red in the evening?']) {
    await chat.ask(question);
    await chat.newConversation();
  }
}

export const SCENES: Scene[] = [
  {
    name: 'sign-up-first',
    ownSite: true,
    async arrange({ page, site }) {
      await page.goto(site.origin);
      await expect(page.getByRole('heading', { name: /Welcome to Kaiwa|欢迎使用 Kaiwa/ })).toBeVisible();
    },
  },
  { name: 'sign-in', arrange: signOut },
  {
    name: 'sign-in-failed',
    async arrange(stage) {
      const { page, account, watch } = stage;
      await signOut(stage);
      watch.expect(/status of 401 .*login$/);
      await page.locator('#username').fill(account.name);
      await page.locator('#password').fill('not the password');
      await page.keyboard.press('Enter');
      await expect(page.getByText(/^(The username or password is wrong|用户名或密码)/)).toBeVisible();
    },
  },
  {
    name: 'sign-up-refused',
    async arrange(stage) {
      const { page, watch } = stage;
      await signOut(stage);
      watch.expect(/status of 422 .*register$/);
      await page.getByRole('button', { name: /^(Create account|注册)$/ }).click();
      await page.locator('#username').fill('a');
      await page.locator('#password').fill('short');
      await page.keyboard.press('Enter');
      await expect(page.locator('#password')).toHaveAttribute('aria-invalid', 'true');
    },
  },
  {
    name: 'sign-up-code',
    ownSite: true,
    async arrange({ page, site, watch }) {
      watch.expect(/status of 403 .*register$/);
      await page.setExtraHTTPHeaders(UNKNOWN_ADDRESS);
      await page.goto(site.origin);
      await page.locator('#username').fill('mei');
      await page.locator('#password').fill('a quiet place to think');
      await page.locator('#setup_code').fill('ABCD');
      await page.keyboard.press('Enter');
      await expect(page.locator('#setup_code')).toHaveAttribute('aria-invalid', 'true');
    },
  },
  {
    name: 'signed-out-elsewhere',
    async arrange({ page, site, watch }) {
      watch.expect(/status of 401/);
      await page.context().request.post(`${site.origin}/api/auth/logout`, { headers: { 'Sec-Fetch-Site': 'same-origin' } });
      await expect(page.getByText(/^(You were signed out|你已退出登录)/)).toBeVisible();
    },
  },
  {
    name: 'misconfigured',
    ownSite: true,
    settings: {
      LLM_MODEL: MODELS.quick,
      DEFAULT_MODEL: 'gpt-9',
      PRESET_MODELS: JSON.stringify({ local: { name: 'Ollama', url: 'http://127.0.0.1:9/v1' }, other: { name: 'vLLM', url: 'http://127.0.0.1:7/v1' } }),
    },
    async arrange({ page, account, site }) {
      await register(page.context().request, site.origin, account);
      await expect(async () => {
        await page.goto(site.origin);
        await expect(page.getByText('Ollama')).toBeVisible({ timeout: 1_000 });
        await expect(page.getByText('gpt-9')).toBeVisible({ timeout: 1_000 });
      }).toPass();
    },
  },
  {
    name: 'print',
    async arrange({ page, chat }) {
      await chat.ask(QUESTION, 'markdown');
      await page.emulateMedia({ media: 'print' });
      await expect(chat.composer).toBeHidden();
    },
  },
  {
    name: 'empty',
    async arrange({ chat }) {
      await expect(chat.greeting).toBeVisible();
    },
  },
  {
    name: 'history',
    async arrange(stage) {
      await fillHistory(stage);
      await stage.chat.composer.fill('A message of several lines,\nwritten but not sent,\nto see how the composer grows.');
    },
  },
  {
    name: 'model-picker',
    ownSite: true,
    settings: CATALOG,
    async arrange({ page, account, site, chat }) {
      await register(page.context().request, site.origin, account);
      await page.goto(site.origin);
      await chat.picker.click();
      for (const name of ['Claude Opus 5', 'DeepSeek V4 Pro']) await chat.model(name).getByRole('button').click();
      await chat.model(MODELS.echo).click();
      await page.reload();
    },
    async show({ chat }) {
      await chat.picker.click();
      await expect(chat.models).toBeVisible();
    },
  },
  {
    name: 'chat-settings',
    ownSite: true,
    settings: CATALOG,
    async arrange({ page, account, site, chat }) {
      await register(page.context().request, site.origin, account);
      await page.goto(site.origin);
      await chat.ask(QUESTION);
      const panel = await chat.openSettings();
      await panel.getByRole('textbox').first().fill('You are a patient teacher.\n请用简体中文回答，先给结论，再解释。');
      await panel.getByRole('slider').fill('30');
      await page.keyboard.press('Escape');
    },
    async show({ chat }) {
      await chat.openSettings();
    },
  },
  {
    name: 'reply',
    async arrange({ chat }) {
      await chat.ask(QUESTION, 'markdown');
      await chat.ask('谢谢！再简单说说缓存。');
      await chat.ask(QUESTION, 'markdown');
    },
  },
  {
    name: 'reply-top',
    async arrange({ chat }) {
      await chat.ask(QUESTION, 'markdown');
    },
    async show({ chat }) {
      await chat.thread.evaluate((thread) => thread.dispatchEvent(new WheelEvent('wheel', { deltaY: -100 })));
      await chat.thread.evaluate((thread) => thread.scrollTo({ top: 0, behavior: 'instant' }));
    },
  },
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
  {
    name: 'reply-under-way',
    async arrange({ chat }) {
      await chat.choose('paused');
      await chat.say(QUESTION);
      await expect(chat.lastReply.getByRole('table')).toBeVisible();
    },
  },
  {
    name: 'waiting',
    async arrange({ chat }) {
      await chat.choose('silent');
      await chat.say(QUESTION);
      await expect(chat.stop).toBeVisible();
    },
  },
  {
    name: 'thinking',
    async arrange({ chat }) {
      await chat.choose('pondering');
      await chat.say(QUESTION);
      await expect(chat.lastReply.getByText('r39')).toBeVisible();
    },
  },
  {
    name: 'thoughts-and-tools',
    async arrange({ chat }) {
      await chat.ask('What time is it in Tokyo?', 'tools');
      await chat.lastReply.getByRole('button', { name: /^get_weather/ }).click();
      await chat.ask('Think about it.', 'thinker');
      await chat.lastReply.getByRole('button').first().click();
    },
  },
  {
    name: 'tools',
    async arrange({ chat }) {
      await chat.ask('What time is it in Tokyo?', 'tools');
      await chat.lastReply.getByRole('button', { name: /^get_weather/ }).click();
    },
  },
  {
    name: 'sources',
    async arrange({ chat }) {
      await chat.ask('What is a river?', 'sourced');
    },
  },
  {
    name: 'versions',
    async arrange({ chat }) {
      await chat.ask('What is a river?', 'markdown');
      await chat.ask('And a brook?');
      await chat.take(chat.lastReply, /^(Answer again|重新回答)$/, /^(Answer again|重新回答)/);
      await chat.finished();
      await chat.lastReply.hover();
    },
  },
  {
    name: 'details',
    async arrange({ chat }) {
      await chat.ask(QUESTION, 'thrifty');
    },
    async show({ page, chat }) {
      await chat.lastReply.getByRole('button', { name: /^(Details|这条回答的详情)/ }).click();
      await expect(page.getByRole('group', { name: /^(Details|这条回答的详情)/ })).toBeVisible();
    },
  },
  {
    name: 'meter',
    async arrange({ chat }) {
      await chat.ask(QUESTION, 'thrifty');
    },
    async show({ page }) {
      await page.locator('.meter').focus();
      await expect(page.locator('.hint')).toBeVisible();
    },
  },
  {
    name: 'message-menu',
    async arrange({ chat }) {
      await chat.ask(QUESTION);
    },
    async show({ page, chat }) {
      await chat.do(chat.lastReply, /^(More actions|更多操作)$/);
      await expect(page.getByRole('menu')).toBeVisible();
    },
  },
  {
    name: 'answer-again',
    async arrange({ chat }) {
      await chat.ask(QUESTION);
    },
    async show({ page, chat }) {
      await chat.do(chat.lastReply, /^(Answer again|重新回答)$/);
      await expect(page.getByRole('menu')).toBeVisible();
    },
  },
  {
    name: 'editing',
    async arrange({ chat }) {
      await chat.ask(QUESTION);
    },
    async show({ page, chat }) {
      await chat.do(chat.questions.first(), /^(Edit|编辑)$/);
      await expect(page.getByRole('textbox', { name: /^(Edit message|编辑消息)$/ })).toBeFocused();
    },
  },
  {
    name: 'delete-message',
    async arrange({ chat }) {
      await chat.ask(QUESTION);
    },
    async show({ page, chat }) {
      await chat.take(chat.questions.first(), /^(More actions|更多操作)$/, /Delete|删除/);
      await expect(page.getByRole('dialog')).toBeVisible();
    },
  },
  {
    name: 'queue',
    async arrange({ chat }) {
      await chat.choose('paused');
      await chat.say(QUESTION);
      await expect(chat.lastReply.getByRole('table')).toBeVisible();
      for (const text of ['And how does it compress one?', '缓存又是怎么回事？请详细讲讲浏览器和代理服务器分别怎么做，以及它们如何判断内容是否过期。']) {
        await chat.composer.fill(text);
        await chat.composer.press('Enter');
      }
      await expect(chat.queue).toHaveCount(2);
      await chat.composer.fill('One more thing');
    },
  },
  {
    name: 'columns',
    async arrange({ chat }) {
      await chat.choose('markdown');
      await chat.compareWith('quick', 'thinker');
      await chat.say(QUESTION);
      await expect(chat.replies).toHaveCount(3);
      await chat.finished();
    },
  },
  {
    name: 'columns-under-way',
    async arrange({ chat }) {
      await chat.choose('paused');
      await chat.compareWith('pondering', 'busy');
      await chat.say(QUESTION);
      await expect(chat.replies).toHaveCount(3);
      await expect(chat.thread.getByRole('table')).toBeVisible();
      await expect(chat.thread.getByRole('alert')).toBeVisible();
    },
  },
  {
    name: 'compare',
    async arrange({ chat }) {
      await chat.choose('markdown');
    },
    async show({ page, chat }) {
      await chat.compareWith('quick', 'echo');
      await chat.picker.click();
      await page.getByRole('button', { name: /^(Compare with…|同时问其他模型…)/ }).click();
    },
  },
  {
    name: 'temporary-empty',
    async arrange({ page, chat }) {
      await page.goto('/temporary');
      await expect(chat.composer).toBeVisible();
    },
  },
  {
    name: 'temporary',
    async arrange({ page, chat }) {
      await page.goto('/temporary');
      await chat.ask(QUESTION, 'markdown');
    },
  },
  {
    name: 'retrying',
    async arrange({ chat }) {
      await chat.choose('unwilling');
      await chat.say(QUESTION);
      await expect(chat.lastReply.getByText(/busy|繁忙/)).toBeVisible();
    },
  },
  {
    name: 'cut-short',
    async arrange({ chat }) {
      await chat.ask(QUESTION, 'cutShort');
    },
  },
  {
    name: 'stopped',
    async arrange({ chat }) {
      await chat.choose('endless');
      await chat.say(QUESTION);
      await chat.arrived(30);
      await chat.stop.click();
      await chat.finished();
    },
  },
  {
    name: 'failed',
    async arrange({ chat }) {
      await chat.ask(QUESTION, 'busy');
      await expect(chat.lastReply.getByRole('alert')).toBeVisible();
    },
  },
  {
    name: 'torn',
    async arrange({ chat }) {
      await chat.ask(QUESTION, 'torn');
    },
  },
  {
    name: 'reconnecting',
    async arrange({ page, chat, site, watch }) {
      watch.expect(/ERR_|status of 50/);
      await chat.choose('endless');
      await chat.say(QUESTION);
      await chat.arrived(30);
      await page.context().setOffline(true);
      site.cutWire();
      await expect(page.getByText(/^(Connection lost|连接已断开)/)).toBeVisible();
    },
  },
  {
    name: 'demo',
    ownSite: true,
    settings: { LLM_API_URL: '', LLM_MODEL: '', DEFAULT_MODEL: '' },
    async arrange({ page, chat, account, site }) {
      await register(page.context().request, site.origin, account);
      await page.goto('/');
      await expect(chat.greeting).toBeVisible();
    },
  },
  {
    name: 'not-sent',
    async arrange({ page, chat, watch }) {
      watch.expect(/ERR_FAILED/);
      await chat.ask(QUESTION);
      await page.route('**/api/chat/stream', (route) => route.abort());
      await chat.composer.fill('This does not arrive.');
      await chat.composer.press('Enter');
      await expect(chat.thread.getByRole('alert')).toBeVisible();
    },
  },
  {
    name: 'conversation-menu',
    async arrange({ chat }) {
      await chat.ask('What is a meadow?');
    },
    async show(stage) {
      await openDrawer(stage);
      await stage.chat.openMenu('What is a meadow?');
    },
  },
  {
    name: 'rename',
    async arrange({ chat }) {
      await chat.ask('What is a meadow?');
    },
    async show(stage) {
      await openDrawer(stage);
      await stage.chat.act('What is a meadow?', /Rename|重命名/);
    },
  },
  {
    name: 'delete',
    async arrange({ chat }) {
      await chat.ask('What is a meadow?');
    },
    async show(stage) {
      await openDrawer(stage);
      await stage.chat.act('What is a meadow?', /Delete|删除/);
      await expect(stage.page.getByRole('dialog')).toBeVisible();
    },
  },
  {
    name: 'account-menu',
    arrange: fillHistory,
    async show(stage) {
      await openDrawer(stage);
      await stage.chat.openAccountMenu();
      await expect(stage.page.getByRole('menu')).toBeVisible();
    },
  },
  { name: 'drawer', narrow: true, arrange: fillHistory, show: openDrawer },
  {
    name: 'settings',
    async arrange({ page }) {
      await page.goto('/settings');
      await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeVisible();
    },
  },
  {
    name: 'not-found',
    async arrange({ page, watch }) {
      watch.expect(/status of 404/);
      await page.goto('/c/0198a0b0-0000-7000-8000-000000000000');
      await expect(page.getByRole('main').getByRole('heading')).toBeVisible();
    },
  },
  {
    name: 'unreachable',
    async arrange({ page, watch }) {
      watch.expect(/ERR_FAILED/);
      await page.route('**/api/**', (route) => route.abort());
      await page.goto('/');
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
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

/** In a narrow window the sidebar is a drawer, and the page behind it is inert. */
async function openDrawer({ page, chat }: Stage): Promise<void> {
  const isClosed = (page.viewportSize()?.width ?? 0) < 768 && (await page.getByRole('banner').count()) > 0;
  if (isClosed) await page.getByRole('banner').getByRole('button').first().click();
  await expect(chat.sidebar).toBeInViewport();
}
