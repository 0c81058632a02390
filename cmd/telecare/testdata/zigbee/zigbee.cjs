// Makes of Zigbee frames what Zigbee2MQTT publishes of them, with the parser and
// the converters that it has itself. A line in is a frame as it came over the
// air, {"name","model","manufacturer","cluster","zcl"}; the line out is
// {"name","state"}, without a state when it publishes nothing.
const readline = require("node:readline");
const { Zcl } = require("zigbee-herdsman");
const { attributeKeyValue } = require("zigbee-herdsman/dist/controller/helpers/zclFrameConverter");
const { findByDevice, setLogger } = require("zigbee-herdsman-converters");

const quiet = () => {};
setLogger({ debug: quiet, info: quiet, warning: quiet, error: console.error });

const devices = new Map();

// device makes what a converter wants of one: an endpoint that answers nothing,
// and the clusters of its maker.
async function device(frame) {
  if (devices.has(frame.name)) return devices.get(frame.name);
  const endpoint = { ID: 1, getDevice: () => zh, commandResponse: async () => {}, defaultResponse: async () => {} };
  const zh = {
    type: "EndDevice", ieeeAddr: "0x" + String(devices.size + 1).padStart(16, "0"), modelID: frame.model, manufacturerName: frame.manufacturer,
    endpoints: [endpoint], getEndpoint: () => endpoint, customClusters: {}, meta: {},
    addCustomCluster(name, cluster) { this.customClusters[name] = cluster; },
  };
  endpoint.deviceIeeeAddress = zh.ieeeAddr;
  const definition = await findByDevice(zh);
  if (!definition) throw new Error("no definition for " + frame.model);
  const made = { zh, endpoint, definition, state: {} };
  await definition.onEvent?.({ type: "start", data: { device: zh, options: {}, state: made.state } });
  devices.set(frame.name, made);
  return made;
}

async function publish(frame) {
  const { zh, endpoint, definition, state } = await device(frame);
  const bytes = Buffer.from(frame.zcl, "hex");
  const zcl = Zcl.Frame.fromBuffer(frame.cluster, Zcl.Header.fromBuffer(bytes), bytes, zh.customClusters);
  let type, data;
  if (zcl.header.isGlobal) {
    if (zcl.command.name !== "report") throw new Error(zcl.command.name + " is no report");
    [type, data] = ["attributeReport", attributeKeyValue(zcl, zh.manufacturerID, zh.customClusters)];
  } else {
    [type, data] = ["command" + zcl.command.name[0].toUpperCase() + zcl.command.name.slice(1), zcl.payload];
  }
  const message = {
    data, type, cluster: zcl.cluster.name, device: zh, endpoint, linkquality: 120, groupID: 0,
    meta: { zclTransactionSequenceNumber: zcl.header.transactionSequenceNumber, frameControl: zcl.header.frameControl },
  };
  let said;
  for (const converter of definition.fromZigbee) {
    if (converter.cluster !== message.cluster || ![].concat(converter.type).includes(type)) continue;
    const part = await converter.convert(definition, message, quiet, {}, { device: zh, state, logger: console });
    if (part) said = { ...said, ...part };
  }
  if (said === undefined || Object.keys(said).length === 0) return {};
  // It publishes all that it knows of the device with every change, but for
  // what is momentary.
  Object.assign(state, said);
  const whole = { ...state, linkquality: message.linkquality };
  for (const name of Object.keys(state)) if (name === "action" || name.startsWith("action_")) delete state[name];
  return { state: whole };
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const frame = JSON.parse(line);
    console.log(JSON.stringify({ name: frame.name, ...(await publish(frame)) }));
  }
})().catch((err) => {
  console.error(err);
  process.exit(1);
});
