// Long conversations, written into the database of a deployment on SQLite: asking ten thousand times would take minutes.

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';

import type { Account } from './account';
import type { Site } from './site';

const INSERT = `
import json, sqlite3, sys, time, uuid
file, username, conversation, title = sys.argv[1:5]
messages = json.load(sys.stdin)
raw = lambda id: uuid.UUID(id).bytes
now = int(time.time() * 1000) - len(messages) * 1000
with sqlite3.connect(file, timeout=20) as db:
    (owner,) = db.execute('SELECT id FROM users WHERE username = ?', (username,)).fetchone()
    chat = raw(conversation)
    leaf = raw(messages[-1]['id'])
    db.execute(
        'INSERT INTO conversations (id, owner_id, title, title_folded, title_is_own, active_leaf_id, created_at, updated_at)'
        ' VALUES (?, ?, ?, ?, 1, ?, ?, ?)', (chat, owner, title, title.lower(), leaf, now, now))
    parent = None
    for at, message in enumerate(messages):
        parts = json.dumps([{'type': 'text', 'text': message['text']}])
        author = 'assistant' if at % 2 else 'user'
        db.execute(
            'INSERT INTO messages (id, conversation_id, owner_id, parent_id, author, status, parts, depth, created_at)'
            ' VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
            (raw(message['id']), chat, owner, parent, author, 'complete', parts, at, now + at * 1000))
        parent = raw(message['id'])
`;

/** A stored conversation. */
export interface History {
  /** Its address. */
  path: string;
  /** The ids of its messages. */
  ids: string[];
}

/** Stores a conversation in which the user and the assistant take turns. */
export async function store(site: Site, account: Account, title: string, texts: string[]): Promise<History> {
  const conversation = randomUUID();
  const messages = texts.map((text) => ({ id: randomUUID(), text }));
  const child = spawn('python3', ['-c', INSERT, site.databaseFile, account.name, conversation, title], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  child.stdin.end(JSON.stringify(messages));
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`the conversation could not be stored: ${code}`);
  return { path: `/c/${conversation}`, ids: messages.map(({ id }) => id) };
}

const PROSE = [
  'A plain paragraph that runs over more than one line in a window of usual width, so that rows differ in height and no estimate is exact.',
  '- one\n- two\n- three\n\nAnd a sentence after the list, with **bold** words and `code`.',
  '```rust\nfn main() {\n    println!("row");\n}\n```',
  '好的，这一段是中文，用来检验行高的估计和搜索。安静的茶馆里，雨声很轻。',
  '| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |',
  '## Heading\n\nText under a heading.\n\n> A quotation of some length that a model might write.',
];

/** The texts of a conversation of `count` messages: numbered questions, and answers of many heights. */
export function talk(count: number): string[] {
  return Array.from({ length: count }, (_, at) => {
    const turn = Math.floor(at / 2) + 1;
    if (at % 2 === 0) return `Question ${turn}`;
    const body = Array.from({ length: 1 + ((turn * 7) % 4) }, (_, part) => PROSE[(turn + part) % PROSE.length]);
    return [`Answer ${turn}`, ...body].join('\n\n');
  });
}
