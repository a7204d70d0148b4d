// Decorates finished text: colours code, sets formulas, and answers the buttons of code blocks. A worker does the work.

import { colour, extensionOf } from './code.js';
import { save } from './panel.js';
import { showDiagram, togglePreview } from './previews.js';
import { showPicture } from './pictures.js';
import { copySource, set } from './formulas.js';
import { ask } from './worker-client.js';

/** The largest code that is coloured, in characters and lines. */
const MAX_CODE = 100_000;
const MAX_LINES = 2_000;

export function decorate(node) {
  for (const block of found(node, '.md-code:not([data-md-done])')) decorateCode(block);
  for (const formula of found(node, '.md-math:not([data-md-done])')) decorateFormula(formula);
  for (const button of found(node, '.md-image-show:not([data-md-done])')) {
    button.dataset.mdDone = '';
    button.disabled = false;
  }
  for (const long of found(node, '.md-typed.md-long')) measured.observe(long.firstElementChild);
}

function found(node, selector) {
  return [...(node.matches(selector) ? [node] : []), ...node.querySelectorAll(selector)];
}

function decorateCode(block) {
  block.dataset.mdDone = '';
  const language = block.querySelector('.md-code-language').textContent;
  const code = block.querySelector('code');
  const text = code.textContent;
  if (!language || text.length > MAX_CODE || text.split('\n').length > MAX_LINES) return;
  // In the panel, the code of a diagram was asked for.
  if (/^mermaid$/i.test(language) && !block.closest('.artifact-code')) showDiagram(block, text);
  const isSame = () => code.textContent === text;
  answered({ kind: 'code', language, text }, code, (parts) => parts.length && isSame() && colour(code, parts, isSame));
}

function decorateFormula(formula) {
  formula.dataset.mdDone = '';
  const text = formula.dataset.mdTex;
  const display = formula.matches('.md-math-block, .md-math-display');
  answered({ kind: 'formula', text, display }, formula, (mathml) => {
    // It was set or replaced in the meantime.
    if (formula.dataset.mdTex === text && !formula.firstElementChild) set(formula, mathml);
  });
}

/** Answers that were used last, so that a text that is shown again is complete at once. */
const known = new Map();
const MAX_KNOWN = 500;

/** Calls `use` with the answer, if there is one: at once if it is known, and as soon as nothing in `node` is selected. */
async function answered(question, node, use) {
  const key = JSON.stringify(question);
  const answer = known.get(key) ?? (await ask(question));
  if (!answer) return;
  known.delete(key);
  known.set(key, answer);
  if (known.size > MAX_KNOWN) known.delete(known.keys().next().value);
  // Replacing what is selected would end the selection.
  while (isSelected(node)) {
    await new Promise((resolve) => document.addEventListener('selectionchange', resolve, { once: true }));
  }
  use(answer);
}

function isSelected(node) {
  const selection = getSelection();
  return selection && !selection.isCollapsed && selection.containsNode(node, true);
}

/** A folded text offers to show all only if there is more. */
const measured = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const root = target.parentElement;
    // It was taken off the page before it was measured.
    if (!root) continue;
    const isCut = target.scrollHeight > target.clientHeight + 4;
    if (!('mdExpanded' in root.dataset)) root.toggleAttribute('data-md-cut', isCut);
  }
});

const ACTIONS = {
  'md-wrap': (button, block) => {
    const wraps = block.toggleAttribute('data-md-wrapped');
    button.setAttribute('aria-pressed', String(wraps));
  },
  'md-download': (_, block) => saveCode(block),
  'md-preview': (button, block) => togglePreview(button, block),
  'md-unfold': (button, block) => {
    const expanded = block.toggleAttribute('data-md-expanded');
    button.setAttribute('aria-expanded', String(expanded));
    const label = button.textContent;
    button.textContent = button.dataset.mdLess;
    button.dataset.mdLess = label;
    // What was unfolded is folded from its start.
    if (!expanded) block.scrollIntoView({ block: 'nearest' });
  },
};

document.addEventListener('click', (event) => {
  const button = event.target.closest?.('.md button');
  if (button?.className === 'md-image-show') showPicture(button);
  const block = button?.closest('.md-code, .md-long');
  if (block) ACTIONS[button.className]?.(button, block);
});

document.addEventListener('copy', copySource);

// Now the buttons have an effect, also in a text that is still being written.
document.documentElement.dataset.mdAnswers = '';

function saveCode(block) {
  const language = block.querySelector('.md-code-language').textContent;
  save(`code.${extensionOf(language)}`, block.querySelector('code').textContent);
}
