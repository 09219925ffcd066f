'use strict';
// A quartermasterd of the test's own, and clients of its services by proto files alone.

const {spawn} = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');
const protobuf = require('protobufjs');

const root = path.resolve(__dirname, '../..');
const protoDir = path.join(root, 'proto');
// Where Debian's golang-github-grpc-ecosystem-grpc-gateway-dev has google/api and google/rpc.
const googleapis =
    '/usr/share/gocode/src/github.com/grpc-ecosystem/grpc-gateway/third_party/googleapis';

const definition = loader.loadSync(
    ['catalog', 'stock', 'orders', 'routing', 'log'].map(
        (name) => `quartermaster/${name}/v1/${name}.proto`),
    {
      includeDirs: [protoDir, googleapis],
      keepCase: true,
      longs: Number,
      enums: String,
      defaults: true,
      oneofs: true,
    });
const api = grpc.loadPackageDefinition(definition);

// The messages that errors carry as details.
const details = new protobuf.Root();
details.resolvePath = (origin, target) => {
  const found = [protoDir, googleapis].map((dir) => path.join(dir, target)).find(fs.existsSync);
  return found ?? protobuf.util.path.resolve(origin, target);
};
details.loadSync([
  'google/rpc/status.proto', 'google/rpc/error_details.proto', 'google/rpc/error_info.proto',
  'quartermaster/common/v1/common.proto',
], {keepCase: true});

const services = {
  catalog: api.quartermaster.catalog.v1.CatalogService,
  stock: api.quartermaster.stock.v1.StockService,
  orders: api.quartermaster.orders.v1.OrderService,
  routing: api.quartermaster.routing.v1.RoutingService,
  log: api.quartermaster.log.v1.LogReader,
};

class Server {
  // Starts the program that QM_SERVER names and waits until it serves.
  static async start() {
    const server = new Server();
    server.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'qm-js-'));
    const socket = path.join(server.dir, 's');
    server.process = spawn(
        process.env.QM_SERVER,
        ['--data-dir', path.join(server.dir, 'data'), '--listen', '127.0.0.1:0', '--socket', socket,
         '--metrics', '127.0.0.1:0', '--log-level', 'warning'],
        {stdio: 'inherit'});
    server.clients = {};
    for (const [name, Client] of Object.entries(services)) {
      server.clients[name] = new Client(`unix:${socket}`, grpc.credentials.createInsecure());
    }
    await server.call('log', 'GetStatus', {}, {wait: true});
    return server;
  }

  // Resolves to {response} or {error}; error.reason and error.fields come from the details.
  call(service, method, request, {deadlineMs = 10000, wait = false} = {}) {
    const metadata = new grpc.Metadata();
    if (wait) metadata.setOptions({waitForReady: true});
    const options = {deadline: Date.now() + (wait ? 30000 : deadlineMs)};
    return new Promise((resolve) => {
      this.clients[service][method](request, metadata, options, (error, response) => {
        resolve(error ? {error: explain(error)} : {response});
      });
    });
  }

  async heads() {
    const {response} = await this.call('log', 'GetStatus', {});
    return Object.fromEntries(response.partitions.map((p) => [p.partition, p.head]));
  }

  async stop() {
    for (const client of Object.values(this.clients)) client.close();
    const exited = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGTERM');
    const code = await exited;
    fs.rmSync(this.dir, {recursive: true, force: true});
    return code;
  }
}

function decode(type, bytes) {
  const message = details.lookupType(type);
  return message.toObject(message.decode(bytes), {longs: Number, enums: String, defaults: true});
}

// Our details travel in the trailer that gRPC keeps for google.rpc.Status.
function explain(error) {
  const [bytes] = error.metadata ? error.metadata.get('grpc-status-details-bin') : [];
  const explained = {code: error.code, message: error.details, reason: undefined, fields: []};
  if (bytes === undefined) return explained;
  return Object.assign(explained, explainStatus(decode('google.rpc.Status', bytes)));
}

function explainStatus(status) {
  const explained = {code: status.code, reason: undefined, fields: []};
  for (const detail of status.details) {
    const type = detail.type_url.split('/').pop();
    if (type === 'google.rpc.ErrorInfo') {
      explained.reason = decode(type, detail.value).reason;
    } else if (type === 'google.rpc.BadRequest') {
      explained.fields = decode(type, detail.value).field_violations.map((v) => v.field);
    } else if (type === 'quartermaster.common.v1.InsufficientStock') {
      explained.short = decode(type, detail.value).lines;
    }
  }
  return explained;
}

module.exports = {Server, explainStatus, status: grpc.status};
