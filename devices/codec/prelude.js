// What codecs expect beside the language. They are properties, not variables,
// so that a codec may declare them anew.
(function (world) {
  function nothing() {}
  world.global = world;
  world.console = { log: nothing, info: nothing, warn: nothing, error: nothing, debug: nothing, trace: nothing };
  world.module = { exports: {} };
  world.exports = world.module.exports;
  world.require = function (name) {
    if (name === "buffer") return { Buffer: world.Buffer };
    throw new Error("require(" + name + ") is not there");
  };
  BigInt.prototype.toJSON = function () { return Number(this); };
})(globalThis);
