'use strict';
// A module with a variable that nothing else refers to.

class HeldByModuleVariable {}

let moduleVariable = new HeldByModuleVariable();

module.exports = {
  take() {
    const taken = moduleVariable;
    moduleVariable = null;
    return taken;
  },
};
