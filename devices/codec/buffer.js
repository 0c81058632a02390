// A stand-in for Node's Buffer: reading, slicing and texts.
(function (world) {
  function texts(bytes, encoding) {
    var s = "", i;
    switch (String(encoding || "utf8").toLowerCase()) {
      case "hex":
        for (i = 0; i < bytes.length; i++) s += (bytes[i] < 16 ? "0" : "") + bytes[i].toString(16);
        return s;
      case "base64":
        for (i = 0; i < bytes.length; i += 3) {
          var n = bytes[i] << 16 | (bytes[i + 1] || 0) << 8 | (bytes[i + 2] || 0);
          s += letters[n >> 18] + letters[n >> 12 & 63] +
            (i + 1 < bytes.length ? letters[n >> 6 & 63] : "=") + (i + 2 < bytes.length ? letters[n & 63] : "=");
        }
        return s;
      case "ascii":
        for (i = 0; i < bytes.length; i++) s += String.fromCharCode(bytes[i] & 127);
        return s;
      case "latin1": case "binary":
        for (i = 0; i < bytes.length; i++) s += String.fromCharCode(bytes[i]);
        return s;
    }
    for (i = 0; i < bytes.length; i++) s += "%" + (bytes[i] < 16 ? "0" : "") + bytes[i].toString(16);
    try {
      return decodeURIComponent(s);
    } catch (e) {
      return texts(bytes, "latin1");
    }
  }
  var letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  function bytesOf(text, encoding) {
    var out = [], i;
    switch (String(encoding || "utf8").toLowerCase()) {
      case "hex":
        for (i = 0; i + 1 < text.length; i += 2) {
          var b = parseInt(text.substr(i, 2), 16);
          if (isNaN(b)) break;
          out.push(b);
        }
        return out;
      case "base64":
        for (var n = 0, bits = 0, j = 0; j < text.length; j++) {
          var v = letters.indexOf(text[j]);
          if (v < 0) continue;
          n = (n << 6 | v) & 0xffffff;
          bits += 6;
          if (bits >= 8) out.push(n >> (bits -= 8) & 255);
        }
        return out;
      case "ascii": case "latin1": case "binary":
        for (i = 0; i < text.length; i++) out.push(text.charCodeAt(i) & 255);
        return out;
    }
    var escaped = encodeURIComponent(text);
    for (i = 0; i < escaped.length; i++) {
      if (escaped[i] === "%") out.push(parseInt(escaped.substr(++i, 2), 16)), i++;
      else out.push(escaped.charCodeAt(i));
    }
    return out;
  }
  class Buffer extends Uint8Array {
    static from(what, encoding) {
      if (typeof what === "string") what = bytesOf(what, encoding);
      else if (what instanceof ArrayBuffer) what = new Uint8Array(what);
      var b = new Buffer(what.length);
      for (var i = 0; i < what.length; i++) b[i] = what[i];
      return b;
    }
    static alloc(size, fill) {
      var b = new Buffer(size);
      return typeof fill === "number" ? b.fill(fill) : b;
    }
    static allocUnsafe(size) { return new Buffer(size); }
    static isBuffer(what) { return what instanceof Buffer; }
    static byteLength(text, encoding) { return bytesOf(text, encoding).length; }
    static concat(list) {
      var all = [];
      list.forEach(function (part) { for (var i = 0; i < part.length; i++) all.push(part[i]); });
      return Buffer.from(all);
    }
    toString(encoding, from, to) { return texts(Array.prototype.slice.call(this, from || 0, to), encoding); }
    toJSON() { return { type: "Buffer", data: Array.prototype.slice.call(this) }; }
    slice(from, to) { return this.subarray(from, to); }
    equals(other) { return texts(this, "hex") === texts(other, "hex"); }
    readUInt8(at) { return this.readUIntBE(at, 1); }
    readInt8(at) { return this.readIntBE(at, 1); }
    readUIntBE(at, size) {
      at = at || 0;
      if (at < 0 || at + size > this.length) throw new RangeError("Attempt to access memory outside buffer bounds");
      for (var n = 0, i = 0; i < size; i++) n = n * 256 + this[at + i];
      return n;
    }
    readUIntLE(at, size) {
      at = at || 0;
      if (at < 0 || at + size > this.length) throw new RangeError("Attempt to access memory outside buffer bounds");
      for (var n = 0, i = size - 1; i >= 0; i--) n = n * 256 + this[at + i];
      return n;
    }
    readIntBE(at, size) { return signed(this.readUIntBE(at, size), size); }
    readIntLE(at, size) { return signed(this.readUIntLE(at, size), size); }
    writeUInt8(v, at) { this[at || 0] = v; return (at || 0) + 1; }
    writeInt8(v, at) { this[at || 0] = v; return (at || 0) + 1; }
  }
  function signed(n, size) {
    var top = Math.pow(2, 8 * size - 1);
    return n >= top ? n - 2 * top : n;
  }
  [["16", 2], ["32", 4]].forEach(function (w) {
    ["BE", "LE"].forEach(function (order) {
      Buffer.prototype["readUInt" + w[0] + order] = function (at) { return this["readUInt" + order](at, w[1]); };
      Buffer.prototype["readInt" + w[0] + order] = function (at) { return this["readInt" + order](at, w[1]); };
      Buffer.prototype["writeUInt" + w[0] + order] = Buffer.prototype["writeInt" + w[0] + order] = function (v, at) {
        var view = new DataView(this.buffer, this.byteOffset, this.length);
        view["setUint" + w[0]](at || 0, v, order === "LE");
        return (at || 0) + w[1];
      };
    });
  });
  [["Float", "getFloat32"], ["Double", "getFloat64"]].forEach(function (w) {
    ["BE", "LE"].forEach(function (order) {
      Buffer.prototype["read" + w[0] + order] = function (at) {
        return new DataView(this.buffer, this.byteOffset, this.length)[w[1]](at || 0, order === "LE");
      };
    });
  });
  Object.getOwnPropertyNames(Buffer.prototype).forEach(function (name) {
    if (name.indexOf("UInt") > 0) Buffer.prototype[name.replace("UInt", "Uint")] = Buffer.prototype[name];
  });
  world.Buffer = Buffer;
})(globalThis);
