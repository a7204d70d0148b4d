// Saved prompts that are created through the API.

import type { APIRequestContext } from '@playwright/test';

/** Saves prompts for the account that the browser is signed in with, by their names. */
export async function savePrompts(request: APIRequestContext, prompts: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(prompts)) {
    const response = await request.post('/api/prompts', { data: { name, text }, headers: { 'Sec-Fetch-Site': 'same-origin' } });
    if (!response.ok()) throw new Error(`${name}: ${await response.text()}`);
  }
}
