// Finds a codec's function, and gives what calls it; nothing when there is
// none. The newest style comes first, for makers leave the older ones beside it.
(function () {
  var exported = typeof module === "object" && module && module.exports || {};
  var f, call;
  if (typeof (f = typeof decodeUplink === "function" ? decodeUplink : exported.decodeUplink) === "function") {
    // ChirpStack v4, The Things Stack v3
    call = function (bytes, fPort, recvTime) {
      return f({ bytes: bytes, fPort: fPort, recvTime: new Date(recvTime), variables: {} });
    };
  } else if (typeof (f = typeof Decode === "function" ? Decode : exported.Decode) === "function") {
    call = function (bytes, fPort) { return f(fPort, bytes, {}); }; // ChirpStack v3
  } else if (typeof (f = typeof Decoder === "function" ? Decoder : exported.Decoder) === "function") {
    call = function (bytes, fPort) { return f(bytes, fPort); }; // The Things Network v2
  } else {
    return;
  }
  return function (bytes, fPort, recvTime) {
    var out = call(bytes, fPort, recvTime);
    if (out === null || typeof out !== "object") throw new Error("it returned no object");
    var errors = out.errors;
    if (typeof errors === "string" && errors !== "" || Array.isArray(errors) && errors.length > 0) {
      throw new Error(Array.isArray(errors) ? errors.map(String).join("; ") : errors);
    }
    if (typeof out.data === "object" && out.data !== null) {
      // Only the wrapping is taken off; a device may have a field of that name.
      var only = Object.keys(out).every(function (k) { return k === "data" || k === "errors" || k === "warnings"; });
      if (only) out = out.data;
    }
    return JSON.stringify(out);
  };
})()
