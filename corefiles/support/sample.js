'use strict';
// Labelled values: a test finds the Sample whose label it knows in the core and
// compares its value with what expected.json says about it.

class Sample {
  constructor(label, value) {
    this.label = label;
    this.value = value;
  }
}

/** A list of samples and, apart from it, the facts about each one. */
class SampleList {
  constructor() {
    this.samples = [];
    this.facts = {};
  }

  add(label, value, facts) {
    this.samples.push(new Sample(label, value));
    this.facts[label] = facts;
  }

  get count() {
    return this.samples.length;
  }
}

module.exports = { SampleList };
