'use strict';
// WebAssembly: modules, instances, memories, tables, globals, functions, and where V8 has them,
// exceptions and garbage-collected types.
// Proves: the sizes of the objects behind them.

const { finish } = require('../support/ending');

const I32 = 0x7f;
const FUNCTION = 0x60;
const FUNCREF = 0x70;
const STRUCT = 0x5f;
const ARRAY = 0x5e;
const REF_NULL = 0x63;
const TABLE_SIZE = 50;

class Plant {
  constructor(instance, exported) {
    this.instance = instance;
    this.exported = exported;
  }
}

/** Unsigned number in LEB128. */
function number(value) {
  return value < 0x80 ? [value] : [value & 0x7f | 0x80, ...number(value >>> 7)];
}

function vector(items) {
  return [...number(items.length), ...items.reduce((all, item) => all.concat(item), [])];
}

function text(string) {
  return vector([...Buffer.from(string)].map((byte) => [byte]));
}

function section(id, items) {
  const body = vector(items);
  return [id, ...number(body.length), ...body];
}

function body(code) {
  const whole = [0, ...code, 0x0b];  // no locals
  return [...number(whole.length), ...whole];
}

function module(...sections) {
  return new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0].concat(...sections));
}

/** Imports a function and a global; has a table of functions, a memory, data and a start. */
function factory() {
  return module(
    section(1, [[FUNCTION, ...vector([[I32], [I32]]), ...vector([[I32]])], [FUNCTION, 0, 0]]),
    section(2, [[...text('env'), ...text('imported'), 0, 0], [...text('env'), ...text('base'), 3, I32, 0]]),
    section(3, [[0], [0], [1]]),
    section(4, [[FUNCREF, 1, ...number(TABLE_SIZE), ...number(TABLE_SIZE * 4)]]),
    section(5, [[1, 1, 4]]),
    section(6, [[I32, 1, 0x41, 7, 0x0b]]),
    section(7, [
      [...text('add'), 0, 1], [...text('call'), 0, 2], [...text('table'), 1, 0],
      [...text('memory'), 2, 0], [...text('counter'), 3, 1], [...text('again'), 0, 0],
    ]),
    [8, 1, 3],
    section(9, [[0, 0x41, 0, 0x0b, ...vector([[0], [1], [2]])]]),
    section(10, [
      body([0x20, 0, 0x20, 1, 0x6a]),
      body([0x20, 0, 0x20, 1, 0x20, 0, 0x11, 0, 0]),
      body([0x01]),
    ]),
    section(11, [[0, 0x41, 0, 0x0b, ...text('wasm')]]));
}

/** A struct type with a supertype, an array type, and functions that make them. */
function collected() {
  return module(
    section(1, [
      [0x50, 0, STRUCT, ...vector([[I32, 1]])],
      [0x50, 1, 0, STRUCT, ...vector([[I32, 1], [I32, 1], [REF_NULL, 0, 1]])],
      [ARRAY, I32, 1],
      [FUNCTION, 0, ...vector([[REF_NULL, 1]])],
      [FUNCTION, ...vector([[I32]]), ...vector([[REF_NULL, 2]])],
    ]),
    section(3, [[3], [4]]),
    section(7, [[...text('point'), 0, 0], [...text('row'), 0, 1]]),
    section(10, [
      body([0x41, 1, 0x41, 2, 0x41, 3, 0xfb, 0, 0, 0xfb, 0, 1]),
      body([0x41, 9, 0x20, 0, 0xfb, 6, 2]),
    ]));
}

function plant() {
  const base = new WebAssembly.Global({ value: 'i32', mutable: false }, 40);
  const made = new WebAssembly.Module(factory());
  return Array.from({ length: 4 }, (_, i) => {
    const instance = new WebAssembly.Instance(made, { env: { imported: (a, b) => a - b + i, base } });
    const { add, call, table, memory } = instance.exports;
    for (let n = 0; n < 20000; n++) add(n, i);
    call(1, 0);
    table.grow(i * 30);
    table.set(10 + i, add);
    memory.grow(i % 2);
    return new Plant(instance, [add, call, table, memory]);
  });
}

function withExceptions() {
  if (!WebAssembly.Tag) return undefined;
  const tag = new WebAssembly.Tag({ parameters: ['i32'] });
  return [tag, new WebAssembly.Exception(tag, [5])];
}

function withCollectedTypes() {
  const bytes = collected();
  if (!WebAssembly.validate(bytes)) return undefined;
  const { point, row } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  return [Array.from({ length: 10 }, () => point()), Array.from({ length: 10 }, (_, i) => row(i * 7))];
}

const plants = plant();
globalThis.wasm = {
  plants,
  exceptions: withExceptions(),
  collected: withCollectedTypes(),
  big: new WebAssembly.Global({ value: 'i64', mutable: true }),
  loose: new WebAssembly.Table({ element: 'anyfunc', initial: 5 }),
  memory: new WebAssembly.Memory({ initial: 1, maximum: 3, shared: true }),
  error: new WebAssembly.CompileError('made by hand'),
};

finish({ isolates: [{ role: 'main', classes: { Plant: plants.length } }] });
