// Measures repainting a streaming reply, at its beginning and when it is long.

import { MODELS } from '../support/mock';
import { expect, test } from '../support/fixtures';
import { median, percentile, repaints } from './trace';

const KILOBYTES = 48;

test('a long reply is repainted as cheaply as a short one', async ({ page, browser, chat }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await chat.choose('marathon');
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline', 'loading'] });
  await chat.say('Tell me everything.');
  await expect(chat.lastReply.getByRole('paragraph').first()).toBeVisible();
  await expect(chat.send).toBeVisible({ timeout: 90_000 });
  const all = repaints(await browser.stopTracing());

  // The reply grows at a constant rate, so the elapsed time gives its length.
  const [begin, end] = [all[0].at, all[all.length - 1].at];
  const sizeOf = (at: number) => (KILOBYTES * (at - begin)) / (end - begin);
  const between = (from: number, to: number) => all.filter(({ at }) => sizeOf(at) >= from && sizeOf(at) < to);
  const short = between(1, 3).map(({ cost }) => cost);
  const long = between(KILOBYTES - 2, KILOBYTES + 1).map(({ cost }) => cost);
  const everything = all.map(({ cost }) => cost);
  expect(short.length).toBeGreaterThan(20);
  expect(long.length).toBeGreaterThan(20);

  const figures = (costs: number[]) =>
    [median(costs), percentile(costs, 95), Math.max(...costs)].map((cost) => cost.toFixed(1)).join(' / ');
  const rows = [
    [`repaint of a reply of 2 KB, p50 / p95 / max (${MODELS.marathon})`, `${figures(short)} ms`, '16 ms'],
    [`repaint of a reply of ${KILOBYTES} KB, p50 / p95 / max`, `${figures(long)} ms`, '16 ms'],
    [`all ${all.length} repaints, p50 / p95 / max`, `${figures(everything)} ms`, '16 ms'],
    [`cost at ${KILOBYTES} KB to cost at 2 KB, p50`, `${(median(long) / median(short)).toFixed(2)}`, '1.5'],
    [`cost at ${KILOBYTES} KB to cost at 2 KB, p95`, `${(percentile(long, 95) / percentile(short, 95)).toFixed(2)}`, '1.5'],
  ];
  console.log(rows.map((row) => `| ${row.join(' | ')} |`).join('\n'));
});
