// The screenshot in the README: `UPDATE_SCREENSHOT=1 cargo xtask test` updates it.

import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

import { register } from '../support/account';
import { Chat } from '../support/chat';
import { expect, test as base } from '../support/fixtures';

const PICTURE = fileURLToPath(new URL('../../../docs/screenshot.png', import.meta.url));

const QUESTION = 'Plan a quiet weekend in Kyoto with a table, and keep the budget in a few lines of Rust.';
const ANSWER = `Two slow days, one part of the city at a time. The buses are full by ten, so the mornings are early.

| | Saturday, east | Sunday, north |
|:--|:--|:--|
| **Morning** | Nanzen-ji and the old aqueduct | The garden of Shisen-dō |
| **Afternoon** | Along the Philosopher’s Path | Tea in Ichijō-ji |
| **Evening** | Tofu in Okazaki, before six | A walk by the Kamo river |

The budget for two, in yen:

\`\`\`rust
let (nights, people) = (2, 2);
let lodging = nights * 14_000;
let meals = nights * people * 5_500;
println!("{} yen", lodging + meals + people * 1_100);
\`\`\`

That comes to **52 200 yen**. If it rains, trade the path for the *Kyoto Railway Museum*.`;

/** Earlier questions, and the titles that the provider returns for all conversations. */
const TITLES: Record<string, string> = {
  'How do tides work?': 'How the moon makes tides',
  '把周五的会议改到周一，写封邮件': '会议改期邮件',
  'Compare SQLite and PostgreSQL for a small team': 'SQLite or PostgreSQL',
  'What should I read after Middlemarch?': 'Novels after Middlemarch',
  [QUESTION]: 'A quiet weekend in Kyoto',
};

async function answerTo(request: IncomingMessage): Promise<string> {
  const { messages } = JSON.parse(Buffer.concat(await request.toArray()).toString()) as { messages: { content: string }[] };
  const [title] = Object.entries(TITLES).filter(([question]) => messages.at(-1)?.content.startsWith(`User: ${question}`));
  return title?.[1] ?? ANSWER;
}

const test = base.extend({
  ownSite: true,
  settings: async ({}, use) => {
    const provider = createServer(async (request, response) => {
      const delta = { content: await answerTo(request) };
      response.setHeader('Content-Type', 'text/event-stream');
      response.end(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`);
    }).listen(0, '127.0.0.1');
    await once(provider, 'listening');
    const { port } = provider.address() as AddressInfo;
    await use({ LLM_API_URL: `http://127.0.0.1:${port}/v1`, LLM_MODEL: 'your-model', DEFAULT_MODEL: 'your-model' });
    provider.closeAllConnections();
    provider.close();
  },
});

test.skip(!process.env.UPDATE_SCREENSHOT, 'the picture is taken with UPDATE_SCREENSHOT=1');
test.use({ contextOptions: { reducedMotion: 'reduce' } });

test('the README shows the chat page', async ({ page, context, site }) => {
  await register(context.request, site.origin, { name: 'Mei', password: 'a quiet place to think' });
  await page.goto('/');
  const chat = new Chat(page);
  for (const [question, title] of Object.entries(TITLES)) {
    await chat.newConversation();
    await chat.say(question);
    await expect(chat.entry(title)).toBeVisible();
  }
  await page.mouse.move(0, 0);
  const picture = await page.screenshot({ path: PICTURE, animations: 'disabled' });
  expect(picture.length).toBeLessThan(300_000);
});
