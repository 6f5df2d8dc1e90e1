// Prints as JSON what Chrome DevTools makes of a .heapsnapshot file: the frontend's own heap snapshot
// worker loads it and computes distances, shallow and retained sizes, classes and statistics.
//
//   node devtools_reader.mjs FILE            # NODE_PATH holds chrome-devtools-frontend and esbuild
//   node devtools_reader.mjs FILE --kinds    # nodes and edges by kind too
//   node devtools_reader.mjs FILE --nodes    # every node too
//
// Rows go by the key that DevTools groups objects by: "script,line,column,name", or ",name".

import fs from 'node:fs';
import { createRequire } from 'node:module';

const CHUNK = 1 << 22;
const WORKER = 'chrome-devtools-frontend/front_end/entrypoints/heap_snapshot_worker/heap_snapshot_worker.ts';

// The npm package holds TypeScript; a build of it would generate the list of languages.
const generatedLocales = {
  name: 'locales',
  setup(build) {
    build.onResolve({ filter: /\/locales\.js$/ }, () => ({ path: 'locales', namespace: 'generated' }));
    build.onLoad({ filter: /.*/, namespace: 'generated' }, () => ({
      contents: `export const LOCALES = ['en-US'], BUNDLED_LOCALES = ['en-US'], DEFAULT_LOCALE = 'en-US';
                 export const REMOTE_FETCH_PATTERN = '', LOCAL_FETCH_PATTERN = '';`,
    }));
  },
};

/** The module of DevTools that reads snapshots. */
async function devtoolsWorker() {
  const require = createRequire(import.meta.url);
  const built = await require('esbuild').build({
    entryPoints: [require.resolve(WORKER)],
    bundle: true,
    format: 'esm',
    logLevel: 'error',
    platform: 'node',
    plugins: [generatedLocales],
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(built.outputFiles[0].contents).toString('base64')}`);
}

async function loadSnapshot(worker, file) {
  const ignored = { sendEvent() {} };
  const loader = new worker.HeapSnapshotLoader.HeapSnapshotLoader(ignored);
  for await (const chunk of fs.createReadStream(file, { encoding: 'utf8', highWaterMark: CHUNK })) {
    loader.write(chunk);
    // Parsing goes on between chunks; otherwise the whole file would wait in memory.
    await new Promise(setImmediate);
  }
  loader.close();
  await loader.parsingComplete;
  // What DevTools gives to a second thread is done on this one.
  const channel = new MessageChannel();
  new worker.HeapSnapshot.SecondaryInitManager(channel.port2);
  const snapshot = await loader.buildSnapshot(channel.port1);
  channel.port1.close();
  return snapshot;
}

/** Adds to the number that an object holds under a key. */
function add(counts, key, amount = 1) {
  counts[key] = (counts[key] ?? 0) + amount;
}

/** The kind of a node: its type, and its name if that is one of V8's own or a class. */
function nodeKind(node) {
  const name = node.rawName().replace(/ for .*/, '');
  const isCommon = node.type() === 'object' || node.type() === 'native' || /^(\(.*\)$|system \/ )/.test(name);
  return isCommon && node.type() !== 'regexp' ? `${node.type()} ${name.slice(0, 80)}` : node.type();
}

/** The kind of an edge: its type, and its name where V8 chose one for all nodes of a kind. */
function edgeKind(edge, source) {
  const type = edge.type();
  if ((type !== 'internal' && type !== 'weak') || source.startsWith('synthetic')) return type;
  const name = String(edge.name()).replace(/ \/ part of key .*/, ' / part of key').replace(/\d+/g, '#');
  return `${type} ${name.slice(0, 40)}`;
}

function census(snapshot) {
  const nodesByType = {}, edgesByType = {};
  for (let at = snapshot.nodeTypeOffset; at < snapshot.nodes.length; at += snapshot.nodeFieldCount) {
    add(nodesByType, snapshot.nodeTypes[snapshot.nodes.getValue(at)]);
  }
  const edges = snapshot.containmentEdges;
  for (let at = snapshot.edgeTypeOffset; at < edges.length; at += snapshot.edgeFieldsCount) {
    add(edgesByType, snapshot.edgeTypes[edges.getValue(at)]);
  }
  return { nodeCount: snapshot.nodeCount, edgeCount: edges.length / snapshot.edgeFieldsCount, nodesByType, edgesByType };
}

/** Nodes and edges by kind, for whoever looks for the reason of a difference. */
function kinds(snapshot) {
  const nodeKinds = {}, edgeKinds = {};
  const node = snapshot.createNode(0);
  for (let at = 0; at < snapshot.nodes.length; at += snapshot.nodeFieldCount) {
    node.nodeIndex = at;
    const kind = nodeKind(node);
    add(nodeKinds, kind);
    for (let edges = node.edges(); edges.hasNext(); edges.next()) {
      add(edgeKinds, `${kind}: ${edgeKind(edges.item(), kind)}`);
    }
  }
  return { nodeKinds, edgeKinds };
}

function rows(snapshot) {
  const aggregates = snapshot.getAggregatesByClassKey(false, 'allObjects');
  return Object.entries(aggregates).map(([key, row]) => ({
    key,
    name: row.name,
    count: row.count,
    shallow: row.self,
    retained: row.maxRet,
    distance: row.distance,
    distanceSum: row.idxs.reduce((sum, at) => sum + snapshot.nodeDistances[at / snapshot.nodeFieldCount], 0),
  }));
}

function allNodes(snapshot) {
  const found = [];
  const node = snapshot.createNode(0);
  for (let at = 0; at < snapshot.nodes.length; at += snapshot.nodeFieldCount) {
    node.nodeIndex = at;
    found.push({
      ordinal: node.ordinal(),
      id: node.id(),
      type: node.type(),
      name: node.rawName(),
      className: node.className(),
      shallow: node.selfSize(),
      retained: node.retainedSize(),
      distance: node.distance(),
      dominator: node.dominatorIndex() / snapshot.nodeFieldCount,
    });
  }
  return found;
}

function userRoots(snapshot) {
  const names = [];
  for (let edges = snapshot.rootNode().edges(); edges.hasNext(); edges.next()) {
    const node = edges.item().node();
    if (snapshot.isUserRoot(node)) names.push(node.rawName());
  }
  return names;
}

const [file, ...flags] = process.argv.slice(2);
const snapshot = await loadSnapshot(await devtoolsWorker(), file);
const answer = {
  ...census(snapshot),
  userRoots: userRoots(snapshot),
  statistics: snapshot.getStatistics(),
  classes: rows(snapshot),
};
if (flags.includes('--kinds')) Object.assign(answer, kinds(snapshot));
if (flags.includes('--nodes')) answer.nodes = allNodes(snapshot);
console.log(JSON.stringify(answer));
