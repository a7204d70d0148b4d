// Shows what a block of code makes in place of the code: a running artifact after a click, a diagram by itself.

import { run } from './artifacts.js';
import { draw, onTheme } from './diagrams.js';

/** Shows the artifact instead of its code, or the code again. */
export function togglePreview(button, block) {
  const isShown = block.dataset.mdShows === 'preview';
  swap(button, block, !isShown);
  if (block.querySelector('.md-diagram')) return;
  const old = block.querySelector('.md-artifact');
  old?.remove();
  if (isShown) return;
  const place = made('div', 'md-artifact');
  const note = made('p', 'md-artifact-note');
  note.role = 'status';
  place.append(note);
  block.append(place);
  const { preview: title, error, blocked, left } = button.dataset;
  const kind = block.querySelector('.md-code-language').textContent.toLowerCase();
  const source = block.querySelector('code').textContent;
  run(place, note, { kind, source, title, words: { error, blocked, left }, fits: true });
}

/** Shows a diagram instead of its code, as soon as it is drawn, and draws it again when the theme changes. */
export async function showDiagram(block, text) {
  const button = block.querySelector('.md-preview');
  if (!button) return;
  const drawing = await draw(text);
  if (block.querySelector('code')?.textContent !== text) return;
  if (!drawing) {
    if (block.querySelector('.md-diagram-note')) return;
    const note = made('p', 'md-diagram-note');
    note.textContent = button.dataset.refused;
    block.append(note);
    return;
  }
  const shown = block.querySelector('.md-diagram img');
  const image = shown ?? made('img', '');
  image.src = drawing.url;
  image.width = drawing.width;
  image.height = drawing.height;
  if (shown) return;
  image.alt = button.dataset.preview;
  image.onclick = () => block.querySelector('.md-expand').click();
  const place = made('div', 'md-diagram');
  // What scrolls must be focusable, and what is focusable needs a name.
  Object.assign(place, { tabIndex: 0, role: 'group', ariaLabel: button.dataset.preview });
  place.append(image);
  block.append(place);
  button.hidden = false;
  swap(button, block, true);
}

onTheme(() => {
  for (const block of document.querySelectorAll('.md-code:has(> .md-diagram)')) {
    showDiagram(block, block.querySelector('code').textContent);
  }
});

function swap(button, block, shows) {
  if (shows) block.dataset.mdShows = 'preview';
  else delete block.dataset.mdShows;
  button.textContent = shows ? button.dataset.code : button.dataset.preview;
}

function made(tag, className) {
  return Object.assign(document.createElement(tag), { className });
}
