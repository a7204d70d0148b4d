// Formulas: source while they stream, MathML when they are complete, TeX when they are copied.

import { expect, test } from '../support/fixtures';

const FORMULAS = [
  'The area is \\( A = \\pi r^2 \\) and $a_1$, for $30-$45:',
  '$$\nx = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}\n$$',
  '\\begin{align}\nx + y &= 3 \\\\\nx - y &= 1\n\\end{align}',
  '```math\n\\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}\n```',
  '设 $x>0$，则 $\\sqrt{x}>0$。',
].join('\n\n');

test('a formula is set when it is complete', async ({ page, chat }) => {
  await chat.ask(FORMULAS, 'slowEcho');
  const reply = chat.lastReply;
  await expect(reply.locator('math')).toHaveCount(7);
  await expect(reply.locator('math[display=block]')).toHaveCount(3);
  await expect(reply.locator('mfrac, msqrt')).toHaveCount(3);
  await expect(reply.getByRole('paragraph').first()).toContainText('for $30-$45:');
  await page.reload();
  await expect(reply.locator('math')).toHaveCount(7);
});

test('a formula shows its source while it streams', async ({ page, chat }) => {
  await page.evaluate(() => {
    const seen: string[] = [];
    Object.assign(window, { seen });
    new MutationObserver(() => {
      const formula = document.querySelector('.md-math-block');
      if (formula && !formula.querySelector('math')) seen.push(formula.textContent ?? '');
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  await chat.ask('Now:\n\n$$\na^2 + b^2 = c^2 + d^2 + e^2 + f^2\n$$\n\nand after it, a few more words.', 'slowEcho');
  await expect(chat.lastReply.locator('math')).toHaveCount(1);
  const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen);
  expect(seen.length).toBeGreaterThan(0);
  for (const text of seen) expect(text).toMatch(/^\$\$\na.*\$\$$/s);
});

test('a formula that cannot be parsed shows its source unchanged', async ({ chat }) => {
  await chat.ask('See $\\unknowncommand{x}$, $\\frac{1}{2}$ and $\\char"\\label{\\begin{align}中$.', 'echo');
  const reply = chat.lastReply;
  // The second one is set although the others fail, and even if one breaks the module.
  await expect(reply.locator('math')).toHaveCount(1);
  await expect(reply.getByText('$\\unknowncommand{x}$')).toBeVisible();
});

test('copying a selection gives the source of its formulas', async ({ page, chat, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await chat.ask('One $a_1$ two.\n\n$$\nb^2\n$$\n\nThree.', 'echo');
  const reply = chat.lastReply;
  await expect(reply.locator('math')).toHaveCount(2);
  await reply.locator('.md').evaluate((text) => getSelection()?.selectAllChildren(text));
  await page.keyboard.press('ControlOrMeta+c');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied.replaceAll(/\n+/g, '\n')).toBe('One $a_1$ two.\n$$\nb^2\n$$\nThree.');
  // Part of a formula copies all of it.
  await reply.locator('math').first().evaluate((math) => {
    const part = document.createTreeWalker(math, NodeFilter.SHOW_TEXT).nextNode();
    if (part) getSelection()?.setBaseAndExtent(part, 0, part, 1);
  });
  await page.keyboard.press('ControlOrMeta+c');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('$a_1$');
});
