// The scripted provider. A model's name is its script; the grammar is in crates/mock-llm/GRAMMAR.md.

import { Daemon } from './daemon';
import { required } from './environment';

/** All models of the tests. */
export const MODELS = {
  /** Forty numbered tokens, at once. */
  quick: 'mock-tokens-40-rate-0',
  /** Three seconds of numbered tokens: time to interfere. */
  steady: 'mock-tokens-300-rate-100',
  /** Continues until it is stopped. */
  endless: 'mock-tokens-100000-rate-60',
  /** The same, slowly: many can be open at a time. */
  calm: 'mock-tokens-100000-rate-10',
  /** Never begins. */
  silent: 'mock-hang',
  /** Every element of Markdown, at once. */
  markdown: 'markdown-kb-6-rate-0',
  /** About 1500 tokens of Markdown in four seconds. */
  lecture: 'markdown-kb-8-rate-400',
  /** 48 KiB of Markdown, at the speed of fast models. */
  marathon: 'markdown-kb-48-rate-300',
  /** Echoes the message at once. */
  echo: 'echo-rate-0',
  /** Echoes the message, a few characters at a time. */
  slowEcho: 'echo-rate-100',
  /** Two seconds of reasoning, then an answer. */
  thinker: 'reasoning-tokens-60-rate-40',
  /** Calls two tools. */
  tools: 'tools-rate-0',
  /** Refuses the key. */
  refused: 'mock-error-401',
  /** Too many requests, retry after 90 seconds. */
  busy: 'mock-error-429-after-90',
  /** Returns a server error. */
  broken: 'mock-error-500',
  /** A proxy's error page instead of an answer. */
  page: 'mock-html-502',
  /** Markdown that stops in the middle, with the connection open. */
  paused: 'markdown-kb-6-rate-0-stall-420',
  /** Reasoning that stops in the middle, with the connection open. */
  pondering: 'reasoning-tokens-60-rate-0-stall-40',
  /** The connection is reset after ten tokens. */
  torn: 'mock-cut-10-rate-0',
  /** Too many requests, try again in three seconds; then forty numbered tokens. */
  hesitant: 'mock-tokens-40-rate-0-first-1-error-429-after-3',
  /** Too many requests, try again in ten seconds, each time. */
  unwilling: 'mock-error-429-after-10',
  /** Reaches the maximum length. */
  cutShort: 'mock-tokens-30-rate-0-length',
  /** Ends without a word. */
  wordless: 'mock-tokens-0-rate-0',
  /** Uses its whole length for reasoning. */
  thoughtful: 'mock-tokens-0-rate-0-thinking-5-length',
  /** Searches, and cites two pages. */
  sourced: 'citations-rate-0',
  /** Reasons, and reports cached prompt tokens. */
  thrifty: 'mock-tokens-30-rate-0-thinking-5-cached-2',
  /** A hundred numbered tokens a second, for ten seconds. */
  lasting: 'mock-tokens-1000-rate-100',
  /** A hundred numbered tokens a second, for half a minute. */
  patient: 'mock-tokens-3000-rate-100',
} as const;

/** The text of a reply of `count` numbered tokens. */
export function numbered(count: number): string {
  return Array.from({ length: count }, (_, n) => `t${n}`).join(' ');
}

/** A chat request as the provider received it. */
export interface SeenRequest {
  model: string;
  messages: { role: string; content: string }[];
  temperature?: number;
}

interface State {
  count: number;
  requests: SeenRequest[];
  open: number;
  aborted: number;
}

/** A running mock provider. */
export class MockLlm {
  private constructor(
    private readonly daemon: Daemon,
    /** The value of `LLM_API_URL`. */
    readonly url: string,
  ) {}

  static async start(): Promise<MockLlm> {
    const daemon = Daemon.start({
      program: required('MOCK_LLM_BIN'),
      args: ['--port', '0'],
      env: {},
      cwd: '/',
    });
    const [, url] = await daemon.hasSaid(/LLM_API_URL=(\S+)/);
    return new MockLlm(daemon, url);
  }

  /** The requests so far. */
  async state(): Promise<State> {
    const response = await fetch(new URL('/state', this.url));
    return (await response.json()) as State;
  }

  /** The requests whose last message is `text`, without those for titles. */
  async requestsFor(text: string): Promise<SeenRequest[]> {
    const { requests } = await this.state();
    return requests.filter((request) => request.messages.at(-1)?.content === text);
  }

  async stop(): Promise<void> {
    await this.daemon.stop();
  }
}
