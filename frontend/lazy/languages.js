// Which grammar a label means, which class a scope gets, and which extension a file.

import grammars from './highlight/grammars.js';

/** Labels that are not the name of their grammar. */
const ALIASES = {
  'c++': 'cpp', 'c#': 'csharp', 'f#': 'fsharp', 'objective-c': 'objectivec', asm: 'x86asm', bat: 'dos', batch: 'dos', cc: 'cpp',
  clj: 'clojure', cmd: 'dos', conf: 'nginx', console: 'shell', cs: 'csharp', docker: 'dockerfile', dotenv: 'ini', env: 'ini',
  erl: 'erlang', ex: 'elixir', exs: 'elixir', fish: 'bash', fs: 'fsharp', golang: 'go', gql: 'graphql', h: 'c', hpp: 'cpp',
  hs: 'haskell', htm: 'xml', html: 'xml', java8: 'java', jl: 'julia', js: 'javascript', json5: 'json', jsonc: 'json',
  jsonl: 'json', jsx: 'javascript', ksh: 'bash', kt: 'kotlin', kts: 'kotlin', make: 'makefile', matlab: 'matlab', md: 'markdown',
  mdx: 'markdown', mjs: 'javascript', ml: 'ocaml', mysql: 'sql', node: 'javascript', objc: 'objectivec', patch: 'diff',
  pgsql: 'pgsql', pl: 'perl', postgres: 'pgsql', postgresql: 'pgsql', proto: 'protobuf', ps1: 'powershell', pwsh: 'powershell',
  py: 'python', python3: 'python', pycon: 'python-repl', rb: 'ruby', rs: 'rust', sass: 'scss', sh: 'bash', sol: 'solidity',
  sqlite: 'sql', svelte: 'xml', svg: 'xml', terminal: 'shell', tex: 'latex', toml: 'ini', ts: 'typescript', tsx: 'typescript',
  vb: 'vbnet', vue: 'xml', xhtml: 'xml', yml: 'yaml', zsh: 'bash',
};

/** What a grammar contains. */
export const needs = {
  xml: ['css', 'javascript'], markdown: ['css', 'javascript', 'xml'], php: ['css', 'javascript', 'xml'],
  'php-template': ['css', 'javascript', 'xml', 'php'], shell: ['bash'], dockerfile: ['bash'], 'python-repl': ['python'],
  erb: ['css', 'javascript', 'xml', 'ruby'], handlebars: ['css', 'javascript', 'xml'], 'julia-repl': ['julia'],
};

/** The grammar for a label; nothing if there is none. */
export function nameOf(label) {
  // Some write `{r}` or `.py`.
  const name = label.toLowerCase().replaceAll(/[{}.]/g, '');
  const grammar = ALIASES[name] ?? name;
  return grammars.includes(grammar) ? grammar : undefined;
}

const CLASSES = {
  keyword: 'keyword', 'selector-tag': 'keyword', operator: '', 'meta keyword': 'keyword', deletion: 'keyword', 'template-tag': 'keyword',
  string: 'string', regexp: 'string', char: 'string', addition: 'string', link: 'string', code: 'string', formula: 'string',
  number: 'number', literal: 'number', symbol: 'number', bullet: 'number', 'selector-attr': 'number', 'selector-pseudo': 'number',
  comment: 'comment', quote: 'comment', meta: 'comment', doctag: 'comment', prompt: 'comment',
  title: 'title', section: 'title', function: 'title', name: 'title', tag: '', 'selector-id': 'title', 'selector-class': 'title',
  type: 'type', built_in: 'type', attr: 'type', attribute: 'type', variable: 'type', class: 'type', 'template-variable': 'type', property: 'type',
  subst: '', params: '', punctuation: '',
};

/** The class of a scope within text of another class. */
export function classOf(scope, outer) {
  const [head] = scope.split('.');
  return CLASSES[scope] ?? CLASSES[head] ?? outer;
}
