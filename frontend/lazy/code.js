// Puts colours into a code, and names its file.

/** How many parts are made at once; the page answers between them. */
const AT_ONCE = 1_000;

/** Replaces the text of a code by coloured parts, a flat list of start, length and class, if it is still the same. */
export async function colour(code, parts, isSame) {
  const text = code.textContent;
  const coloured = document.createDocumentFragment();
  let end = 0;
  for (let at = 0; at < parts.length; at += 3) {
    const [start, length, kind] = parts.slice(at, at + 3);
    if (start > end) coloured.append(text.slice(end, start));
    end = start + length;
    const part = document.createElement('span');
    part.className = `t-${kind}`;
    part.textContent = text.slice(start, end);
    coloured.append(part);
    if (at % (3 * AT_ONCE) === 3 * (AT_ONCE - 1)) await new Promise((resolve) => setTimeout(resolve));
  }
  coloured.append(text.slice(end));
  if (isSame()) code.replaceChildren(coloured);
}

const EXTENSIONS = {
  'c++': 'cpp', 'c#': 'cs', 'f#': 'fs', 'objective-c': 'm', bash: 'sh', batch: 'bat', clojure: 'clj', console: 'sh', csharp: 'cs',
  dos: 'bat', elixir: 'ex', erlang: 'erl', fortran: 'f90', fsharp: 'fs', golang: 'go', haskell: 'hs', javascript: 'js', julia: 'jl',
  kotlin: 'kt', latex: 'tex', markdown: 'md', matlab: 'm', mermaid: 'mmd', objectivec: 'm', ocaml: 'ml', perl: 'pl', pgsql: 'sql',
  plaintext: 'txt', postgresql: 'sql', powershell: 'ps1', protobuf: 'proto', python: 'py', python3: 'py', ruby: 'rb', rust: 'rs',
  shell: 'sh', solidity: 'sol', text: 'txt', typescript: 'ts', vbnet: 'vb', yaml: 'yaml', zsh: 'sh',
};

/** The extension of a file with code under this label. */
export function extensionOf(label) {
  const name = label.toLowerCase();
  return Object.hasOwn(EXTENSIONS, name) ? EXTENSIONS[name] : /^[a-z0-9]{1,8}$/.test(name) ? name : 'txt';
}
