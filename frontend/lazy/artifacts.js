// Runs HTML and SVG that a model wrote, in a frame that can neither load nor send anything.

import { openFrame } from './frames.js';

/** The document for a source. What is not a whole document gets a plain page around it. */
function documentOf(kind, source) {
  if (kind === 'svg') {
    return `<!doctype html><meta charset="utf-8"><style>html, body { height: 100%; margin: 0 } body { display: grid; place-items: center }
      svg { max-width: 100%; max-height: 100vh }</style>${source}`;
  }
  if (/^\s*(<!--.*?-->\s*)*<(!doctype|html)\b/is.test(source)) return source;
  return `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>body { margin: 1rem; font-family: system-ui, sans-serif }</style>${source}`;
}

/**
 * Runs a source in `place`, instead of what ran there, and writes its last error into `note`. With `fits`, the frame is as
 * high as its content, within the limits of its style.
 */
export function run(place, note, { kind, source, title, words, fits }) {
  place.querySelector('iframe')?.remove();
  note.hidden = true;
  const say = (text) => {
    note.textContent = text;
    note.hidden = false;
  };
  const { frame } = openFrame(place, {
    path: '/frame',
    title,
    content: documentOf(kind, source),
    report({ kind: what, detail }) {
      if (what === 'height' && fits) frame.style.setProperty('--md-height', `${Math.min(Number(detail) || 0, 10_000)}px`);
      if (what === 'error') say(`${words.error} ${detail}`);
      if (what === 'blocked') say(`${words.blocked} ${hostOf(detail)}`);
      if (what === 'left') say(words.left);
    },
  });
}

function hostOf(address) {
  try {
    return new URL(address).host || address;
  } catch {
    return address;
  }
}
