// Several providers with well-known models, for tests of the model picker. Only `llm` answers.

import { MODELS } from './mock';

const maker = (name: string, model: string) => ({ name, url: 'http://127.0.0.1:9/v1', model });

/** The settings of a server that offers them. */
export const CATALOG: Record<string, string> = {
  LLM_MODEL: [MODELS.quick, MODELS.echo, 'gpt-4o-mini', 'gpt-5.4'].join(','),
  PRESET_MODELS: JSON.stringify({
    claude: maker('Anthropic', 'claude-opus-5,claude-sonnet-4-5-20250929,claude-haiku-4-5'),
    ds: maker('DeepSeek', 'deepseek-v4-pro,deepseek-v4-flash,deepseek-v3.2'),
    own: maker('我们的模型', 'qwen3:8b'),
  }),
  MODEL_ABILITIES: JSON.stringify({
    [`llm/${MODELS.quick}`]: { context_tokens: 32_000, reasoning: true },
    [`llm/${MODELS.echo}`]: { context_tokens: 8_000, reasoning: false, temperature: false, prices: { input: 0, output: 0 } },
    'llm/gpt-4o-mini': { prices: { input: 0.15, output: 0.6 } },
    'llm/gpt-5.4': { prices: { input: 2.5, output: 15 } },
    'claude/claude-opus-5': { prices: { input: 5, output: 25 } },
    'ds/deepseek-v4-pro': { prices: { input: 0.435, output: 0.87 } },
  }),
};

/** Settings of a server with as many models as OpenRouter. */
export function manyModels(count: number): Record<string, string> {
  const ids = Array.from({ length: count }, (_, at) => `maker-${at % 40}/model-${at}`);
  return { LLM_MODEL: [MODELS.quick, ...ids].join(',') };
}
