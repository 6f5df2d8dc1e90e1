'use strict';
// Binary data: typed arrays of every type, ArrayBuffers in the heap and outside.
// Proves: lengths, contents and the bytes that a heap keeps alive outside itself.

const { MessageChannel } = require('worker_threads');
const { finish } = require('../support/ending');
const { SampleList } = require('../support/sample');

// The bytes of a typed array that is no longer than this stand in the heap.
const IN_HEAP_BYTES = 64;
const MEGABYTE = 1 << 20;

const TYPES = [
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array,
  Uint32Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array,
  ...(typeof Float16Array === 'function' ? [Float16Array] : []),
];

class Frame extends Uint8Array {}
class Block extends ArrayBuffer {}

const list = new SampleList();
let outsideBytes = 0;

function times(count, make) {
  return Array.from({ length: count }, (_, i) => make(i));
}

/** Counts the bytes of a buffer whose contents are outside the heap. */
function outside(buffer) {
  outsideBytes += buffer.byteLength;
  return buffer;
}

function fill(array, offset = 0) {
  const isBig = /^Big/.test(array.constructor.name);
  for (let i = 0; i < array.length; i++) {
    array[i] = isBig ? BigInt(i % 100 + offset) : i % 100 + offset;
  }
  return array;
}

function facts(array, length, place) {
  return {
    type: array.constructor.name,
    length,
    bytes: length * array.BYTES_PER_ELEMENT,
    place,
    first: [1, 2, 3, 4],
  };
}

for (const Type of TYPES) {
  const few = IN_HEAP_BYTES / Type.BYTES_PER_ELEMENT;
  const small = fill(new Type(few), 1);
  list.add(`small ${Type.name}`, small, facts(small, few, 'heap'));
  const large = outside(fill(new Type(1000), 1));
  list.add(`large ${Type.name}`, large, facts(large, 1000, 'outside'));
}

const shared = outside(new SharedArrayBuffer(8192));
fill(new Uint8Array(shared), 1);
list.add('shared', shared, { type: 'SharedArrayBuffer', bytes: 8192 });
const window = new Int16Array(outside(new ArrayBuffer(4096)), 1024, 100);
list.add('window', fill(window, 1), { type: 'Int16Array', length: 100, byte_offset: 1024, bytes: 200 });
list.add('data view', new DataView(window.buffer, 16, 32), { type: 'DataView', byte_offset: 16, bytes: 32 });
list.add('empty', new ArrayBuffer(0), { type: 'ArrayBuffer', bytes: 0 });
list.add('detached', detached(), { type: 'Uint8Array', length: 0, detached: true });
const resizable = new ArrayBuffer(100, { maxByteLength: 65536 });
if (resizable.resizable) {
  outsideBytes += 100;
  list.add('resizable', resizable, { type: 'ArrayBuffer', bytes: 100, max_bytes: 65536 });
  list.add('length tracking', new Uint8Array(resizable, 20), { type: 'Uint8Array', byte_offset: 20, length: 80 });
}

function detached() {
  const array = new Uint8Array(5000);
  const { port1 } = new MessageChannel();
  port1.postMessage(null, [array.buffer]);
  port1.close();
  return array;
}

globalThis.buffers = {
  list,
  frames: times(30, (i) => outside(new Frame(1000).fill(i + 1))),
  tinyFrames: times(70, (i) => new Frame(32).fill(i + 1)),
  blocks: times(25, () => outside(new Block(4096))),
  views: times(40, () => new DataView(outside(new ArrayBuffer(2000)))),
  large: times(5, (i) => fill(new Uint8Array(outside(new ArrayBuffer(MEGABYTE))), i)),
  pooled: times(200, (i) => Buffer.from(`pooled buffer number ${i}`)),
  own: times(20, (i) => outside(Buffer.alloc(10000, i + 1))),
  slow: times(10, (i) => outside(Buffer.allocUnsafeSlow(300).fill(i + 1))),
};

finish({
  isolates: [{
    role: 'main',
    classes: {
      Sample: list.count,
      SampleList: 1,
      Frame: 100,
      Block: 25,
    },
    at_least: {
      Buffer: 230,
      DataView: 41,
      SharedArrayBuffer: 1,
      ArrayBuffer: 71,
      ...Object.fromEntries(TYPES.map((Type) => [Type.name, 2])),
    },
    aliases: { Block: 'ArrayBuffer' },
    external_bytes_at_least: outsideBytes,
    samples: list.facts,
  }],
});
