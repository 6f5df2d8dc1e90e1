'use strict';
// Prints as JSON what memlab makes of a .heapsnapshot file: the nodes of each name, and their sizes.
//
//   node memlab_reader.js FILE    # NODE_PATH holds @memlab/core

const { analysis, config, utils } = require('@memlab/core');

function classes(heap) {
  const found = new Map();
  heap.nodes.forEach((node) => {
    if (node.type !== 'object') return;
    const row = found.get(node.name) || { name: node.name, count: 0, shallow: 0, largestRetained: 0 };
    row.count++;
    row.shallow += node.self_size;
    row.largestRetained = Math.max(row.largestRetained, node.retainedSize);
    found.set(node.name, row);
  });
  return [...found.values()];
}

async function main(file) {
  config.muteConsole = true;
  const heap = await utils.getSnapshotFromFile(file, { buildNodeIdIndex: true });
  analysis.preparePathFinder(heap); // dominators and retained sizes
  const answer = { nodeCount: heap.nodes.length, edgeCount: heap.edges.length, classes: classes(heap) };
  console.log(JSON.stringify(answer));
}

main(process.argv[2]);
