'use strict';
// Strings of every representation V8 has.
// Proves: reading and escaping of string contents, long ropes without recursion,
// strings on large-object pages, strings whose bytes are outside the heap, and
// the counting of equal strings.

const { finish } = require('../support/ending');
const { collectGarbage } = require('../support/natives');
const { SampleList } = require('../support/sample');

const TWO_BYTE = 'Grüße, 世界, мир! ';
// Node makes an external string of a Buffer that holds a million characters.
const EXTERNAL_LENGTH = 1200000;

const list = new SampleList();

class Message {
  constructor(i) {
    this.text = fresh(`message number ${i} of this program`);
  }
}

class Duplicate {
  constructor() {
    this.text = fresh('the same words again and again');
  }
}

/** A sequential string with this content that nothing has internalized. */
function fresh(text) {
  const encoding = /^[\0-\xff]*$/.test(text) ? 'latin1' : 'utf16le';
  return Buffer.from(text, encoding).toString(encoding);
}

function facts(representation, text) {
  const known = { representation, length: text.length };
  if (text.length <= 256) return { ...known, text };
  return { ...known, prefix: text.slice(0, 64), suffix: text.slice(-64) };
}

/**
 * Adds what make() returns. The facts come from a second string, because to
 * look at a rope is to flatten it.
 */
function add(label, representation, make) {
  list.add(label, make(), facts(representation, make()));
}

function rope(piece, links) {
  let whole = fresh(piece);
  for (let i = 0; i < links; i++) whole += piece;
  return whole;
}

function external(piece, encoding) {
  const bytesEach = encoding === 'utf16le' ? 2 : 1;
  return Buffer.alloc(EXTERNAL_LENGTH * bytesEach, piece, encoding).toString(encoding);
}

function flattened(text) {
  text.charCodeAt(text.length - 1);
  /x/.test(text);
  return text;
}

/**
 * Strings that became thin: each was old when its content was internalized, and
 * only a young one is replaced by its internalized twin.
 */
function thinStrings(texts) {
  const strings = texts.map(fresh);
  collectGarbage();
  collectGarbage();
  const table = {};
  for (const text of texts) table[text] = true;
  return strings.filter((string) => table[string]);
}

add('empty', 'internalized', () => '');
add('one character', 'internalized', () => 'x');
add('array index', 'internalized', () => '4294967294');
add('internalized one-byte', 'internalized', () => 'an internalized name');
add('internalized two-byte', 'internalized', () => 'ein 国際化 Name');
add('one-byte', 'sequential', () => fresh('a sequential string'));
add('latin1', 'sequential', () => fresh('naïve café, ÿ'));
add('two-byte', 'sequential', () => fresh(TWO_BYTE));
add('surrogate pair', 'sequential', () => fresh('smile 😀 smile'));
add('lone surrogate', 'sequential', () => fresh('broken \ud83d pair'));
add('control characters', 'sequential', () => fresh('nul \0 tab \t line \n bell \x07 delete \x7f'));
add('terminal escape', 'sequential', () => fresh('\x1b[31mred\x1b[0m \x9b1m'));
add('markup', 'sequential', () => fresh('<script>alert("&amp;")</script> \\ \' "'));
add('cons one-byte', 'cons', () => rope('first part and second part; ', 1));
add('cons two-byte', 'cons', () => rope(TWO_BYTE, 1));
add('cons mixed', 'cons', () => fresh('one byte each, then ') + fresh(TWO_BYTE));
add('cons deep', 'cons', () => rope('link in a long chain; ', 20000));
add('cons flattened', 'flattened', () => flattened(rope('this rope was flattened; ', 3)));
add('sliced one-byte', 'sliced', () => fresh('0123456789'.repeat(10)).slice(13, 63));
add('sliced two-byte', 'sliced', () => fresh(TWO_BYTE.repeat(5)).slice(3, 40));
add('sliced from external', 'sliced', () => external('external ', 'latin1').slice(100, 164));
add('long one-byte', 'sequential', () => fresh('long '.repeat(100000)));
add('long two-byte', 'sequential', () => fresh(TWO_BYTE.repeat(10000)));
add('external one-byte', 'external', () => external('external ', 'latin1'));
add('external two-byte', 'external', () => external('außen 外 ', 'utf16le'));

const [thinOneByte, thinTwoByte] = thinStrings(['a name that became thin', 'ein dünner 国際化 Name']);
list.add('thin one-byte', thinOneByte, facts('thin', thinOneByte));
list.add('thin two-byte', thinTwoByte, facts('thin', thinTwoByte));

globalThis.strings = {
  list,
  messages: Array.from({ length: 2000 }, (_, i) => new Message(i)),
  duplicates: Array.from({ length: 1000 }, () => new Duplicate()),
};

finish({
  isolates: [{
    role: 'main',
    classes: { Sample: list.count, SampleList: 1, Message: 2000, Duplicate: 1000 },
    duplicates: { 'the same words again and again': 1000 },
    samples: list.facts,
  }],
});
