'use strict';
// Prints as JSON what the parser of Visual Studio Code makes of a .heapsnapshot file: objects by class.
//
//   node v8_heap_parser_reader.js FILE    # NODE_PATH holds @vscode/v8-heap-parser

const fs = require('fs');
const parser = require('@vscode/v8-heap-parser');

parser.init_panic_hook();
const graph = parser.decode_bytes(fs.readFileSync(process.argv[2]));
const everyGroup = graph.get_class_groups(0, 0xffffffff, false);
const classes = everyGroup.map((group) => ({
  name: group.name(),
  count: group.children_len,
  shallow: Number(group.self_size),
  retained: Number(group.retained_size),
}));
const nodeCount = classes.reduce((sum, row) => sum + row.count, 0);
console.log(JSON.stringify({ nodeCount, classes }));
