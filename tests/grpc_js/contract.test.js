'use strict';
// The contract as another gRPC stack sees it: bad input, retries, refusals, facts.

const assert = require('node:assert');
const {after, before, test} = require('node:test');
const {Server, explainStatus, status} = require('./server.js');

let server;
before(async () => {
  server = await Server.start();
  await server.call('catalog', 'PutLocations', {
    request_id: 'setup-locations',
    locations: [{
      location_id: 'cluj-1', title: 'Cluj', kind: 'STORE',
      point: {latitude: 46.77, longitude: 23.59}, capabilities: ['SHIP', 'PICKUP', 'RETURN', 'TILL'],
    }],
  });
  await server.call(
      'catalog', 'PutItems',
      {request_id: 'setup-items', items: [{sku: 'mug', title: 'Mug', online: true}]});
  await server.call('stock', 'AdjustStock', {
    request_id: 'setup-stock',
    adjustments: [{sku: 'mug', location_id: 'cluj-1', kind: 'RECEIVED', delta: 100}],
  });
});
after(async () => {
  assert.strictEqual(await server.stop(), 0);
});

let number = 0;
const line = (changes) => ({sku: 'mug', quantity: 1, location_id: 'cluj-1', ...changes});
const hold = (changes) =>
    ({request_id: `r${++number}`, owner_id: `o${number}`, lines: [line()], ...changes});
const order = (changes, groupChanges, lineChanges) => ({
  request_id: `r${++number}`,
  channel_id: 'web',
  groups: [{
    method: 'SHIP',
    destination: {country_code: 'RO', point: {latitude: 46.8, longitude: 23.6}},
    lines: [{sku: 'mug', quantity: 1, ...lineChanges}],
    ...groupChanges,
  }],
  ...changes,
});
const long = 'x'.repeat(65);

// [service, method, request, field that the error must name]
const malformed = [
  ['stock', 'Reserve', hold({request_id: ''}), 'request_id'],
  ['stock', 'Reserve', hold({request_id: long}), 'request_id'],
  ['stock', 'Reserve', hold({owner_id: ''}), 'owner_id'],
  ['stock', 'Reserve', hold({owner_id: 'a\u0007b'}), 'owner_id'],
  ['stock', 'Reserve', hold({lines: []}), 'lines'],
  ['stock', 'Reserve', hold({lines: Array.from({length: 2001}, () => line())}), 'lines'],
  ['stock', 'Reserve', hold({lines: [line({quantity: 0})]}), 'lines[0].quantity'],
  ['stock', 'Reserve', hold({lines: [line(), line({quantity: -1})]}), 'lines[1].quantity'],
  ['stock', 'Reserve', hold({lines: [line({quantity: 2147483647})]}), 'lines[0].quantity'],
  ['stock', 'Reserve', hold({lines: [line({sku: ''})]}), 'lines[0].sku'],
  ['stock', 'Reserve', hold({lines: [line({sku: long})]}), 'lines[0].sku'],
  ['stock', 'Reserve', hold({lines: [{sku: 'mug', quantity: 1}]}), 'lines[0].source'],
  ['stock', 'Reserve', hold({lines: [line({line_id: 'a'}), line({line_id: 'a'})]}),
   'lines[1].line_id'],
  ['stock', 'Reserve', hold({ttl: {seconds: 0, nanos: 1}}), 'ttl'],
  ['stock', 'Reserve', hold({ttl: {seconds: 31 * 86400}}), 'ttl'],
  ['stock', 'ExtendReservation', {request_id: 'e1', reservation_id: 'r1'}, 'ttl'],
  ['stock', 'GetReservation', {}, 'reservation_id'],
  ['stock', 'ListReservations', {state: 99}, 'state'],
  ['stock', 'ListReservations', {page_size: -1}, 'page_size'],
  ['stock', 'AdjustStock', {request_id: 'a1'}, 'adjustments'],
  ['stock', 'SetPool', {request_id: 'p1', pool_id: 'web'}, 'location_ids'],
  ['stock', 'GetAvailability', {keys: []}, 'keys'],
  ['stock', 'GetAvailability', {keys: [{sku: 'mug'}]}, 'keys[0].place'],
  ['stock', 'ListMovements', {sku: 'mug'}, 'location_id'],
  ['orders', 'PlaceOrder', order({request_id: ''}), 'request_id'],
  ['orders', 'PlaceOrder', order({channel_id: ''}), 'channel_id'],
  ['orders', 'PlaceOrder', order({groups: []}), 'groups'],
  ['orders', 'PlaceOrder', order({}, {method: 'METHOD_UNSPECIFIED'}), 'groups[0].method'],
  ['orders', 'PlaceOrder', order({}, {lines: []}), 'groups[0].lines'],
  ['orders', 'PlaceOrder', order({}, {}, {quantity: 0}), 'groups[0].lines[0].quantity'],
  ['orders', 'GetOrder', {}, 'order_id'],
  ['orders', 'RecordSales', {request_id: 's1'}, 'sales'],
  ['routing', 'FindNearest', {point: {latitude: 91, longitude: 0}}, 'point.latitude'],
  ['routing', 'PlanOrder', {groups: []}, 'groups'],
  ['catalog', 'PutItems', {request_id: 'i1', items: []}, 'items'],
  ['catalog', 'PauseLocation', {request_id: 'l1', location_id: ''}, 'location_id'],
  ['log', 'Read', {partition: 'stock/0', from_position: -1}, 'from_position'],
];

test('malformed requests name the field and leave the log where it was', async (t) => {
  const before = await server.heads();
  for (const [service, method, request, field] of malformed) {
    await t.test(`${service}.${method} ${field}`, async () => {
      const {error} = await server.call(service, method, request);
      assert.ok(error, 'was accepted');
      assert.strictEqual(error.code, status.INVALID_ARGUMENT, error.message);
      assert.strictEqual(error.reason, 'INVALID_FIELD');
      assert.ok(
          error.fields.some((f) => f === field || f.startsWith(field)),
          `names ${error.fields} instead of ${field}`);
    });
  }
  assert.deepStrictEqual(await server.heads(), before);
});

// [service, method, request, code, reason]
const refused = [
  ['stock', 'Reserve', hold({lines: [line({sku: 'nothing'})]}), 'NOT_FOUND', 'ITEM_NOT_FOUND'],
  ['stock', 'Reserve', hold({lines: [line({location_id: 'nowhere'})]}), 'NOT_FOUND',
   'LOCATION_NOT_FOUND'],
  ['stock', 'Reserve', hold({lines: [{sku: 'mug', quantity: 1, pool_id: 'none'}]}), 'NOT_FOUND',
   'POOL_NOT_FOUND'],
  ['stock', 'Reserve', hold({lines: [line({quantity: 1000000})]}), 'FAILED_PRECONDITION',
   'INSUFFICIENT_STOCK'],
  ['stock', 'ConfirmReservation', {request_id: 'c1', reservation_id: 'r999999'}, 'NOT_FOUND',
   'RESERVATION_NOT_FOUND'],
  ['stock', 'GetAvailability', {keys: [{sku: 'nothing', location_id: 'cluj-1'}]}, 'NOT_FOUND',
   'ITEM_NOT_FOUND'],
  ['stock', 'ListReservations', {page_token: 'rubbish'}, 'INVALID_ARGUMENT', 'PAGE_TOKEN_INVALID'],
  ['orders', 'GetOrder', {order_id: 'o-none'}, 'NOT_FOUND', 'ORDER_NOT_FOUND'],
  ['orders', 'PlaceOrder', order({}, {}, {sku: 'nothing'}), 'NOT_FOUND', 'ITEM_NOT_FOUND'],
  ['orders', 'AcceptTask', {request_id: 't1', task_id: 'none'}, 'NOT_FOUND', 'TASK_NOT_FOUND'],
  ['catalog', 'GetItem', {sku: 'nothing'}, 'NOT_FOUND', 'ITEM_NOT_FOUND'],
];

test('refusals are typed', async (t) => {
  for (const [service, method, request, code, reason] of refused) {
    await t.test(`${service}.${method} ${reason}`, async () => {
      const {error} = await server.call(service, method, request);
      assert.ok(error, 'was accepted');
      assert.strictEqual(error.reason, reason, error.message);
      assert.strictEqual(error.code, status[code]);
    });
  }
});

test('a shortage names the line, what was asked and what there is', async () => {
  const {error} = await server.call('stock', 'Reserve', hold({lines: [line({quantity: 5000})]}));
  assert.strictEqual(error.short.length, 1);
  assert.strictEqual(error.short[0].sku, 'mug');
  assert.strictEqual(error.short[0].asked, 5000);
  assert.ok(error.short[0].available <= 100);
});

test('a repeated request has its first answer, another content is refused', async () => {
  const request = hold();
  const first = await server.call('stock', 'Reserve', request);
  const again = await server.call('stock', 'Reserve', request);
  assert.deepStrictEqual(again.response, first.response);
  const {error} = await server.call('stock', 'Reserve', {...request, owner_id: 'somebody-else'});
  assert.strictEqual(error.code, status.ALREADY_EXISTS);
  assert.strictEqual(error.reason, 'REQUEST_ID_REUSED');
});

test('a deadline in the past has no effect', async () => {
  const before = await server.heads();
  const {error} = await server.call('stock', 'Reserve', hold(), {deadlineMs: -1000});
  assert.strictEqual(error.code, status.DEADLINE_EXCEEDED);
  assert.deepStrictEqual(await server.heads(), before);
});

test('one bad fact does not stop the others', async () => {
  const {response} = await server.call('stock', 'AdjustStock', {
    request_id: `f${++number}`,
    adjustments: [
      {sku: 'mug', location_id: 'cluj-1', kind: 'RECEIVED', delta: 1, effect_key: 'k1'},
      {sku: 'mug', location_id: 'cluj-1', kind: 'RECEIVED', delta: 0},
      {sku: 'mug', location_id: 'cluj-1', kind: 'RECEIVED', delta: 1, effect_key: 'k1'},
      {sku: 'mug', location_id: 'cluj-1', kind: 'RECEIVED', delta: 2, effect_key: 'k1'},
    ],
  });
  const results = response.results;
  assert.strictEqual(results[0].status.code, status.OK);
  const bad = explainStatus(results[1].status);
  assert.strictEqual(bad.reason, 'INVALID_FIELD');
  assert.deepStrictEqual(bad.fields, ['adjustments[1].delta']);
  assert.strictEqual(results[2].duplicate, true);
  assert.strictEqual(explainStatus(results[3].status).reason, 'EFFECT_KEY_REUSED');
});

test('400 holds at once on 100 units: exactly 100 are accepted', async () => {
  await server.call('stock', 'AdjustStock', {
    request_id: `f${++number}`,
    adjustments: [{sku: 'last', location_id: 'cluj-1', kind: 'RECEIVED', delta: 100}],
  });
  const answers = await Promise.all(Array.from(
      {length: 400},
      () => server.call('stock', 'Reserve', hold({lines: [line({sku: 'last'})]}))));
  assert.strictEqual(answers.filter((a) => a.response).length, 100);
  assert.ok(answers.every((a) => a.response || a.error.reason === 'INSUFFICIENT_STOCK'));
  const {response} = await server.call(
      'stock', 'GetAvailability', {keys: [{sku: 'last', location_id: 'cluj-1'}]});
  assert.strictEqual(response.availabilities[0].available, 0);
  assert.strictEqual(response.availabilities[0].reserved, 100);
});

test('ship from store, end to end', async () => {
  const placed = await server.call('orders', 'PlaceOrder', order());
  assert.ok(placed.response, JSON.stringify(placed.error));
  assert.strictEqual(placed.response.outcome, 'PLACED');
  const {response} = await server.call(
      'orders', 'ListTasks', {order_id: placed.response.order.order_id});
  assert.strictEqual(response.tasks.length, 1);
  const task_id = response.tasks[0].task_id;
  for (const [method, extra] of [['AcceptTask', {}], ['RecordPick', {}], ['PackTask', {}]]) {
    const step = await server.call(
        'orders', method, {request_id: `r${++number}`, task_id, ...extra});
    assert.ok(step.response, JSON.stringify(step.error));
  }
  const shipped = await server.call(
      'orders', 'RecordShipments',
      {request_id: `r${++number}`, shipments: [{task_id, carrier: 'dhl', tracking_number: '1'}]});
  assert.strictEqual(shipped.response.results[0].task.state, 'SHIPPED');
  const after = await server.call(
      'orders', 'GetOrder', {order_id: placed.response.order.order_id});
  assert.strictEqual(after.response.state, 'COMPLETED');
});
