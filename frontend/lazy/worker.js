// Colours code and turns TeX into MathML, away from the page.

import hljs from './highlight/core.min.js';
import { classOf, needs, nameOf } from './languages.js';

hljs.safeMode();

/** After a panic in the formulas' module, its memory cannot be trusted. */
let isBroken = false;

onmessage = async ({ data }) => {
  let answer;
  try {
    answer = data.kind === 'code' ? await coloured(data) : await formula(data);
  } catch {
    // Not coloured, or not set: the page shows the source.
  }
  postMessage({ answer, isBroken });
};

/** The coloured parts of a code, as a flat list of start, length and class. */
async function coloured({ language, text }) {
  const name = nameOf(language);
  if (!name || !(await load(name))) return;
  const { _emitter } = hljs.highlight(text, { language: name, ignoreIllegals: true });
  const parts = [];
  let at = 0;
  const walk = (node, current) => {
    if (typeof node === 'string') {
      const last = parts.length - 3;
      if (current && last >= 0 && parts[last + 2] === current && parts[last] + parts[last + 1] === at) {
        parts[last + 1] += node.length;
      } else if (current) {
        parts.push(at, node.length, current);
      }
      at += node.length;
    } else {
      const own = node.scope ? classOf(node.scope, current) : current;
      for (const child of node.children) walk(child, own);
    }
  };
  walk(_emitter.rootNode, '');
  return at === text.length ? parts : undefined;
}

async function load(name) {
  for (const one of [...(needs[name] ?? []), name]) {
    if (hljs.getLanguage(one)) continue;
    const grammar = await import(`./highlight/languages/${one}.min.js`);
    hljs.registerLanguage(one, grammar.default);
  }
  return true;
}

let formulas;

async function formula({ text, display }) {
  formulas ??= import('./formulas/formulas.js').then(async (module) => {
    await module.default({ module_or_path: new URL('./formulas/formulas_bg.wasm', import.meta.url) });
    return module.to_mathml;
  });
  let set;
  try {
    set = await formulas;
  } catch (error) {
    formulas = undefined;
    throw error;
  }
  try {
    return set(text, display);
  } catch (error) {
    isBroken = true;
    throw error;
  }
}
