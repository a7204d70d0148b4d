// Draws Mermaid diagrams in a sandboxed frame, and shows them as images.

import { openFrame } from './frames.js';

/** The longest source that is drawn, in characters. */
const MAX_SOURCE = 50_000;
/** How long the library may take to load, and a diagram to be drawn, in milliseconds. */
const PATIENCE = 20_000;

/** The open requests, by their number. */
const open = new Map();
/** Drawings by source and theme: a text that is shown again is complete at once. */
const drawn = new Map();
const MAX_DRAWN = 100;
let port;
let count = 0;

/** The drawing of a source: its address and its size; nothing if it cannot be drawn. */
export function draw(source) {
  const colours = coloursOfPage();
  const key = JSON.stringify([source, colours]);
  if (!drawn.has(key)) {
    if (drawn.size >= MAX_DRAWN) drawn.delete(drawn.keys().next().value);
    drawn.set(key, ask(source, colours));
  }
  return drawn.get(key);
}

async function ask(source, colours) {
  if (source.length > MAX_SOURCE) return undefined;
  const number = ++count;
  port ??= start();
  const answer = await new Promise((resolve) => {
    open.set(number, resolve);
    setTimeout(resolve, PATIENCE);
    port.postMessage({ number, text: source, colours });
  });
  open.delete(number);
  if (answer?.kind !== 'drawn') return undefined;
  const url = URL.createObjectURL(new Blob([answer.svg], { type: 'image/svg+xml' }));
  return { url, svg: answer.svg, width: Math.ceil(answer.width), height: Math.ceil(answer.height) };
}

function start() {
  const place = document.createElement('div');
  place.className = 'md-stage';
  place.inert = true;
  document.body.append(place);
  const end = () => {
    place.remove();
    port = undefined;
    for (const resolve of open.values()) resolve();
    // What failed may be drawn the next time.
    drawn.clear();
  };
  return openFrame(place, {
    path: '/frame/diagram',
    title: '',
    content: new URL('./mermaid/mermaid.esm.min.mjs', import.meta.url).href,
    report(data) {
      if (data.kind === 'failed' || data.kind === 'left') end();
      open.get(data.number)?.(data);
    },
  }).port;
}

/** The page's colours that a diagram uses. */
function coloursOfPage() {
  const probe = document.createElement('span');
  document.body.append(probe);
  const colour = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const names = { background: 'code-bg', text: 'text', line: 'text-muted', fill: 'accent-soft', border: 'accent', quiet: 'surface-sunken', soft: 'bubble' };
  const colours = Object.fromEntries(Object.entries(names).map(([name, token]) => [name, colour(token)]));
  probe.remove();
  return colours;
}

/** Calls `redraw` when the theme changes. */
export function onTheme(redraw) {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ['data-theme'] });
}
