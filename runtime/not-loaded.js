/** Stands in for packages that compiled files do not contain: see compile.js. */
"use strict";

module.exports = {};
