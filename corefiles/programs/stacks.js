'use strict';
// JavaScript calls C++ and C++ calls JavaScript, several times over.
// Proves: the stack in the core is the one that the program itself saw.

const { start } = require('../support/stack_scenario');

start();
